//! Latencies of models: averages, quantiles, and an objective that is kept or
//! not.
//!
//! [`LatencyMonitor`] hears `inference_completed`, whose value is the latency in
//! milliseconds, and `inference_failed`. Each model has figures of its own
//! ([`LatencyStats`]); inferences without a model share one set.
//!
//! # The objective
//! With `slo_ms`, a share of at least `quantile` of the inferences within the
//! last `window_s` of event time is to take no longer than that. It is judged at
//! every event, by exact counts: breached when more than `1 - quantile` of them
//! are slow, and the window holds `min_samples`. Entering is told once
//! (`slo_breached`), leaving too (`slo_recovered`): when the share has fallen to
//! `recover_at` times what began it, one half by default, so that a share that
//! wavers about the limit does not flap. A failed inference counts as a slow one
//! unless `failures_count` is off: whoever waited for it did not get an answer in
//! time. With burn rates ([`BurnRate`]) these decide in place of the one window.
//!
//! # Time
//! Windows run on the events' timestamps, each model's own: never backwards
//! (what comes late counts as of now), at most an hour ahead of the system clock.
//! The window is counted in 60 parts: nothing older than `window_s` counts, what
//! is in its oldest sixtieth may not count any more. Its quantile is made of six
//! parts, the same way. A tick lets the windows go on without events. When
//! traffic stops the slow ones leave the window and the breach ends, with `n` = 0:
//! whether a silent model is well is not for latencies to say.
//!
//! # Bounds
//! At most `max_models` models are kept apart; newcomers beyond that share
//! `__overflow__`. A model takes about 2.5 kB, another 3 kB for each pair of burn
//! windows, and 0.5 kB for each two doublings that its latencies span, in each of
//! seven sketches of at most 17 kB (with an error of 0.01; 155 kB with 0.001): 16 kB in all where they
//! span a factor of 90. Quantiles keep their error for latencies from 28 ns to 32
//! years; what is beyond, NaN, infinite or negative is refused and counted.
//!
//! # Cost
//! O(1) per inference. In bulk 4 ns each; figures of a model take O(buckets).
//!
//! # Source
//! Quantiles: see [`DdSketch`](crate::sketch::DdSketch). Objectives and burn
//! rates: Beyer et al., "The Site Reliability Workbook", 2018, chapters 2 and 5.

mod breach;
mod config;
mod figures;
mod panes;
mod ring;
mod state;
mod stats;
mod text;

pub use config::{BurnRate, LatencyConfig, MAX_LATENCY_MS};
pub use stats::LatencyStats;

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use self::breach::Change;
use self::config::Objective;
use self::state::{Latencies, Run};
use super::series::{MAX_MODELS, OVERFLOW, Series};
use super::timeline::{Tick, Timeline, Times};
use super::{BatchObserver, Derived, Filter, HubView, Observer, ObserverError, Values};
use crate::error::Result;
use crate::event::{Event, Kind, ModelId, Timestamp};
use crate::sketch::DdSketch;

/// The log target; `driftline.latency` in Python.
const TARGET: &str = "driftline::latency";

/// Keeps an eye on how long inferences take. See the [module](self) for how.
///
/// # Example
/// ```
/// use driftline::event::Timestamp;
/// use driftline::observer::{LatencyConfig, LatencyMonitor};
/// let config = LatencyConfig { slo_ms: Some(50.0), min_samples: Some(4), ..Default::default() };
/// let monitor = LatencyMonitor::new(config)?;
/// let breaches = monitor.update_many(&[20.0, 30.0, 25.0, 80.0], None, Timestamp::now());
/// assert_eq!(breaches, [3]);
/// assert!(monitor.stats(None)?.breached);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct LatencyMonitor {
    config: LatencyConfig,
    objective: Objective,
    empty: DdSketch,
    overflow: Option<ModelId>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The time of whatever model: which series are idle is told by it.
    timeline: Timeline,
    series: Series<Option<ModelId>, Latencies>,
}

impl State {
    fn new(max_models: usize) -> Self {
        Self {
            timeline: Timeline::new(),
            series: Series::new(max_models),
        }
    }
}

impl LatencyMonitor {
    /// With the options given.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`LatencyConfig`]).
    pub fn new(config: LatencyConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            objective: Objective::new(&config),
            empty: config.sketch()?,
            overflow: Some(ModelId::new(OVERFLOW, None, None)?),
            state: Mutex::new(State::new(config.max_models.unwrap_or(MAX_MODELS))),
            config,
        })
    }

    /// Takes the latency in ms of an inference without a hub. Answers whether it
    /// began a breach.
    pub fn update(&self, latency_ms: f64, model: Option<&ModelId>, at: Timestamp) -> bool {
        !self.update_many(&[latency_ms], model, at).is_empty()
    }

    /// Takes latencies without a hub, all of one model and time. Answers the
    /// indices of those that began a breach. The same as
    /// [`LatencyMonitor::update`] for each.
    pub fn update_many(
        &self,
        latencies_ms: &[f64],
        model: Option<&ModelId>,
        at: Timestamp,
    ) -> Vec<usize> {
        self.breaches(Run::Answered(latencies_ms), model, Times::At(at))
    }

    /// As [`LatencyMonitor::update_many`], with a time for each value; values
    /// beyond the times given have the last one.
    pub fn update_many_at(
        &self,
        latencies_ms: &[f64],
        model: Option<&ModelId>,
        at: &[Timestamp],
    ) -> Vec<usize> {
        self.breaches(Run::Answered(latencies_ms), model, Times::Each(at))
    }

    /// As [`LatencyMonitor::update_many`], at the time of a clock that is
    /// believed whatever the system clock says; `None` is the system clock.
    pub fn update_many_by(
        &self,
        latencies_ms: &[f64],
        model: Option<&ModelId>,
        clock: Option<Timestamp>,
    ) -> Vec<usize> {
        let times = clock.map_or(Times::Now, Times::Clock);
        self.breaches(Run::Answered(latencies_ms), model, times)
    }

    /// Counts a failed inference without a hub. Answers whether it began a breach.
    pub fn failed(&self, model: Option<&ModelId>, at: Timestamp) -> bool {
        !self
            .breaches(Run::Failed(1), model, Times::At(at))
            .is_empty()
    }

    /// As [`LatencyMonitor::failed`], at the time of a clock (see
    /// [`LatencyMonitor::update_many_by`]).
    pub fn failed_by(&self, model: Option<&ModelId>, clock: Option<Timestamp>) -> bool {
        let times = clock.map_or(Times::Now, Times::Clock);
        !self.breaches(Run::Failed(1), model, times).is_empty()
    }

    fn breaches(&self, run: Run<'_>, model: Option<&ModelId>, times: Times<'_>) -> Vec<usize> {
        let mut changes = Vec::new();
        self.take(&model.cloned(), run, times, false, &mut changes);
        let began = changes.iter().filter(|change| change.began);
        began.map(|change| change.index).collect()
    }

    /// Answers how many were taken, and whether their model has a state of its own.
    #[inline]
    fn take(
        &self,
        model: &Option<ModelId>,
        run: Run<'_>,
        times: Times<'_>,
        stop_at_first: bool,
        changes: &mut Vec<Change>,
    ) -> (usize, bool) {
        if run.len() == 0 {
            return (0, true);
        }
        let mut state = self.state.lock();
        let State { timeline, series } = &mut *state;
        let new = || Latencies::new(&self.config, &self.objective, &self.empty);
        let (latencies, is_own) = series.own_or_shared(model, timeline.at(times, 0), new);
        let taken = latencies.take(
            &self.config,
            &self.objective,
            run,
            times,
            stop_at_first,
            changes,
        );
        (taken, is_own)
    }

    /// Emits the events of changes that an event brought about.
    #[cold]
    #[inline(never)]
    fn tell(&self, cause: &Event, is_own: bool, changes: &[Change], derived: &mut Derived) {
        let model = if is_own { &cause.model } else { &self.overflow };
        for change in changes {
            let mut event = change.event(&self.config, cause.timestamp);
            event.model.clone_from(model);
            derived.emit(event);
        }
    }

    /// Starts afresh: every model is forgotten.
    pub fn reset(&self) {
        let mut state = self.state.lock();
        let fresh = State::new(state.series.max());
        let old = std::mem::replace(&mut *state, fresh);
        drop(state);
        drop(old); // may be large
    }

    /// What it was made with.
    pub fn config(&self) -> &LatencyConfig {
        &self.config
    }

    /// Lets time go on without events. Answers the models whose breach ended or
    /// began, with the events that tell of it.
    pub fn tick(&self, tick: &Tick) -> Vec<Event> {
        let mut changes = Vec::new();
        let mut state = self.state.lock();
        for (model, latencies) in state.series.iter_mut() {
            let change = latencies.tick(&self.config, &self.objective, tick);
            changes.extend(change.map(|change| (model.clone(), change)));
        }
        if let Some(shared) = state.series.overflow_mut() {
            let change = shared.tick(&self.config, &self.objective, tick);
            changes.extend(change.map(|change| (self.overflow.clone(), change)));
        }
        drop(state);
        let events = changes.into_iter().map(|(model, (at, change))| {
            let mut event = change.event(&self.config, at);
            event.model = model;
            event
        });
        events.collect()
    }
}

impl Observer for LatencyMonitor {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: Some(vec![Kind::InferenceCompleted, Kind::InferenceFailed]),
            ..Filter::default()
        }
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        let mut changes = Vec::new();
        let latency = [event.value.unwrap_or(f64::NAN)];
        let run = match event.kind {
            Kind::InferenceFailed => Run::Failed(1),
            _ => Run::Answered(&latency),
        };
        let times = Times::At(event.timestamp);
        let (_, is_own) = self.take(&event.model, run, times, false, &mut changes);
        if !changes.is_empty() {
            self.tell(event, is_own, &changes, derived);
        }
        Ok(())
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        Some(self)
    }

    fn ticks(&self) -> bool {
        true
    }

    fn on_tick(&self, tick: &Tick, derived: &mut Derived) -> Result<(), ObserverError> {
        for event in self.tick(tick) {
            derived.emit(event);
        }
        if log::log_enabled!(target: TARGET, log::Level::Info) {
            for line in self.summary() {
                log::info!(target: TARGET, "{line}");
            }
        }
        Ok(())
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if self.config.max_models.is_none()
            && let Some(hub) = hub.upgrade()
        {
            let most = hub.max_models();
            self.state.lock().series.set_max(most);
        }
    }
}

impl BatchObserver for LatencyMonitor {
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize {
        let times = match values.timestamps {
            Some(times) => Times::Each(times),
            None => Times::At(values.template.timestamp),
        };
        let run = match values.template.kind {
            Kind::InferenceFailed => Run::Failed(values.values.len()),
            _ => Run::Answered(values.values),
        };
        let mut changes = Vec::new();
        let (taken, is_own) = self.take(&values.template.model, run, times, true, &mut changes);
        if !changes.is_empty() {
            let cause = values.event(taken.saturating_sub(1));
            self.tell(&cause, is_own, &changes, derived);
        }
        taken
    }
}
