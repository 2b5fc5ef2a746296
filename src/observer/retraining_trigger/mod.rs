//! Asks for retraining when a model has become worse, once.
//!
//! [`RetrainingTrigger`] hears how models fare and calls a [`Scheduler`], off the
//! emitter's thread, when one should be retrained:
//! - an `f1` below `min_f1`: at once;
//! - a p-value below `max_p` (small p means drift) in events of its `kinds`
//!   (`drift_score`, `drift_detected`), or a `drift_detected` without p-value, which
//!   whoever found it has judged already; or, in place of these,
//! - a [`Strategy`].
//!
//! Values and p-values that are missing (none, NaN, no probability) say nothing and
//! are counted (`n_missing`).
//!
//! # What holds back
//! With `min_effect`, what is too small does not matter however sure it is. With
//! `confirm = (k, n)`, k of the last n looks at the same model, feature and source
//! must say so; a `drift_resolved` is a look that says no; f1 needs no confirmation.
//! One run is in flight for each model name until its `training_completed`, of any
//! version; a training that was started elsewhere (`training_started`) counts as
//! one. A run that has not completed after `run_timeout_s` is given up. `cooldown_s`
//! is the time between two runs of a name, from start to start, `rate_limit` the most
//! runs of all models within some time. All that runs on event time. Whatever was
//! held back is counted by its reason ([`HeldBack`]). Events that name no model start
//! nothing without a `default_model`.
//!
//! # What is told
//! `retraining_triggered` once for each run, with the reason; `retraining_failed`
//! when the scheduler did not take it, however often it was tried, or when it was
//! given up: then the model is free again, once its cooldown is over.
//!
//! # New baselines
//! With `rebase_on = "training_completed"`, detectors get a new baseline with that
//! event: the last full window of each, before the event has been delivered; or what
//! a [`Baseline`] knows, which is asked on a worker (after `Hub::flush` it has been).
//! A detector takes the new baseline and empties its window in one step: what it
//! judges is either all old or all new. Drift that was open ends with it, which is
//! told (`drift_resolved`, with `rebased` in the metadata), so that incidents
//! resolve. A detector without a full window keeps its baseline; that is logged and
//! counted.
//!
//! # Limits
//! At most `max_models` (the hub's; 1000 without one) names are in flight or cooling
//! down, and 16 times as many series of looks are kept; beyond that newcomers start
//! nothing (`overflow`). Register it inline: in a queue it hears everything later,
//! and rebases later.

mod act;
mod config;
mod counts;
mod look;
mod scheduler;
mod state;
mod strategy;
mod webhook;
mod work;

pub use config::TriggerConfig;
pub use counts::{HeldBack, RunCounts};
pub use scheduler::{Baseline, Scheduler};
pub use strategy::{Judge, Strategy};
pub use webhook::WebhookScheduler;
pub use work::{Job, Task};

use std::sync::{Arc, Weak};
use std::time::Instant;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use self::act::new_desk;
use self::state::State;
use self::work::Shared;
use super::timeline::Times;
use super::{Derived, Filter, HubView, Observer, ObserverError, Tick};
use crate::delivery::{Account, Desk, Start, start_thread};
use crate::error::{Error, Result};
use crate::event::{Event, Kind};

/// Where what goes wrong is logged.
const TARGET: &str = "driftline::retraining";

/// Asks for retraining, once. See the [module](self) for when.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use std::time::{Duration, Instant};
/// use driftline::delivery::Outcome;
/// use driftline::event::{Event, Kind, ModelId};
/// use driftline::observer::{Observer, RetrainingTrigger, Scheduler, TriggerConfig};
///
/// struct Start;
/// impl Scheduler for Start {
///     fn name(&self) -> Arc<str> { "start".into() }
///     fn schedule(&self, model: &ModelId, _: &Event, _: &str) -> Outcome {
///         println!("retraining {model}");
///         Outcome::Delivered
///     }
/// }
///
/// let trigger = RetrainingTrigger::new(Arc::new(Start), TriggerConfig::default())?;
/// let mut f1 = Event::new(Kind::F1, Some(0.6));
/// f1.model = Some(ModelId::parse("fraud:1")?);
/// assert_eq!(trigger.update(&f1).unwrap().len(), 1); // retraining_triggered
/// assert!(trigger.update(&f1).unwrap().is_empty()); // in flight
/// assert!(trigger.settle(Instant::now() + Duration::from_secs(5)));
/// assert_eq!(trigger.runs().scheduled, 1);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub struct RetrainingTrigger {
    shared: Arc<Shared>,
    scheduler: Arc<dyn Scheduler>,
    start: Arc<Start<Job>>,
    desk: ArcSwap<Desk<Job>>,
}

impl std::fmt::Debug for RetrainingTrigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetrainingTrigger")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl RetrainingTrigger {
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`TriggerConfig`]).
    pub fn new(scheduler: Arc<dyn Scheduler>, config: TriggerConfig) -> Result<Self> {
        Self::with_start(scheduler, config, Arc::new(start_thread))
    }

    /// [`RetrainingTrigger::new`] where threads are started in another way.
    ///
    /// # Errors
    /// The same.
    pub fn with_start(
        scheduler: Arc<dyn Scheduler>,
        config: TriggerConfig,
        start: Arc<Start<Job>>,
    ) -> Result<Self> {
        config.validate()?;
        let shared = Arc::new(Shared {
            config,
            state: Mutex::new(State::new()),
            hubs: Mutex::new(Vec::new()),
        });
        Ok(Self {
            desk: ArcSwap::new(new_desk(&shared, &scheduler)),
            shared,
            scheduler,
            start,
        })
    }

    /// Whether its workers have nothing to do, as far as can be told at once.
    pub fn is_idle(&self) -> bool {
        self.desk.load().is_idle()
    }

    /// What it was made with.
    pub fn config(&self) -> &TriggerConfig {
        &self.shared.config
    }

    /// Takes an event without a hub. Answers what it brought about, which a hub
    /// would emit: a `retraining_triggered` for a run that it started, among others.
    ///
    /// # Errors
    /// Those of a [`Judge`].
    pub fn update(&self, event: &Event) -> std::result::Result<Vec<Event>, ObserverError> {
        let mut derived = Derived::default();
        self.on_event(event, &mut derived)?;
        Ok(derived.take())
    }

    /// What became of the runs.
    pub fn runs(&self) -> RunCounts {
        self.shared.state.lock().runs
    }

    /// How many runs were asked for and not started, by reason, in the order of
    /// [`HeldBack::ALL`].
    pub fn held_back(&self) -> [u64; HeldBack::ALL.len()] {
        self.shared.state.lock().held
    }

    /// The names of the models whose training has not ended, in order.
    pub fn in_flight(&self) -> Vec<Arc<str>> {
        self.shared.state.lock().in_flight()
    }

    /// Events that said nothing because a value or p-value was missing.
    pub fn n_missing(&self) -> u64 {
        self.shared.state.lock().n_missing
    }

    /// How often a detector got a new baseline, and how often one was to be had and
    /// was not.
    pub fn rebased(&self) -> (u64, u64) {
        let state = self.shared.state.lock();
        (state.n_rebased, state.n_not_rebased)
    }

    /// How many attempts and jobs went which way.
    pub fn account(&self) -> Account {
        let desk = self.desk.load();
        match desk.is_stale() {
            true => Account::default(),
            false => desk.total(),
        }
    }

    /// Gives a detector the baseline that a foreign [`Baseline`] has found for it,
    /// and tells the hubs what ends with it.
    ///
    /// # Errors
    /// Those of [`DriftDetector::renew`](super::DriftDetector::renew), and
    /// `InvalidValue` for a place where no detector is.
    pub fn rebase(&self, detector: usize, sample: &[f64], event: &Event) -> Result<()> {
        let Some(detector) = self.config().detectors.get(detector) else {
            let allowed = "the place of a detector of the trigger";
            return Err(Error::invalid_value("detector", detector, allowed));
        };
        self.shared.renew_here(detector, sample, event)
    }

    /// Tells, without a hub, that time has passed. Answers what was given up.
    pub fn tick(&self, tick: &Tick) -> Vec<Event> {
        let shared = &self.shared;
        let given_up = {
            let mut state = shared.state.lock();
            let now = state.timeline.tick(tick);
            now.map(|now| state.expire(&shared.config, now))
        };
        self.told(given_up.unwrap_or_default())
    }
}

impl Observer for RetrainingTrigger {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config().name)
    }

    fn filter(&self) -> Filter {
        self.config().filter()
    }

    fn on_event(
        &self,
        event: &Event,
        derived: &mut Derived,
    ) -> std::result::Result<(), ObserverError> {
        let config = self.config();
        // A strategy of somebody else's is asked before any lock is taken.
        let heard = config.hear(event)?;
        let model = event.model.as_ref().or(config.default_model.as_ref());
        let (given_up, fired, warnings) = {
            let mut state = self.shared.state.lock();
            let now = state.timeline.at(Times::At(event.timestamp), 0);
            let given_up = state.expire(config, now);
            match (&event.kind, model) {
                (Kind::TrainingStarted, Some(model)) => state.started(config, model, now),
                (Kind::TrainingCompleted, Some(model)) => state.completed(model),
                _ => {}
            }
            let fired = state.take(config, event, heard, now);
            (given_up, fired, std::mem::take(&mut state.warnings))
        };
        for warning in warnings {
            log::warn!(target: TARGET, "{}: {warning}", config.name);
        }
        for event in self.told(given_up) {
            derived.emit(event);
        }
        if config.rebase_on.as_ref() == Some(&event.kind) {
            self.rebase_all(event, derived);
        }
        if let Some(fired) = fired {
            self.fire(&fired, event, derived);
        }
        Ok(())
    }

    fn ticks(&self) -> bool {
        true
    }

    fn on_tick(
        &self,
        tick: &Tick,
        derived: &mut Derived,
    ) -> std::result::Result<(), ObserverError> {
        for event in self.tick(tick) {
            derived.emit(event);
        }
        Ok(())
    }

    fn shutdown(&self) -> std::result::Result<(), ObserverError> {
        let desk = self.desk.load();
        if !desk.is_stale() {
            desk.abandon();
        }
        self.shared.state.lock().shut_down();
        Ok(())
    }

    fn backlog(&self) -> u64 {
        self.account().queued
    }

    fn settle(&self, until: Instant) -> bool {
        let desk = self.desk.load_full();
        desk.is_stale() || desk.drain(until)
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        let Some(view) = hub.upgrade() else {
            return;
        };
        self.shared.state.lock().set_max_models(view.max_models());
        let mut hubs = self.shared.hubs.lock();
        hubs.retain(|other| other.strong_count() > 0 && !other.ptr_eq(hub));
        hubs.push(hub.clone());
    }
}

impl Drop for RetrainingTrigger {
    fn drop(&mut self) {
        let desk = self.desk.load_full();
        match desk.is_stale() {
            true => std::mem::forget(desk),
            false => desk.finish(),
        }
    }
}
