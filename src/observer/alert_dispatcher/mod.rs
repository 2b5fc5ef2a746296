//! Alerts that arrive once: incidents, grouping, queues, retries.
//!
//! [`AlertDispatcher`] hears every event that is grave enough and tells its sinks of
//! incidents: one per kind, model and feature, which opens, is reminded of, and is
//! resolved.
//!
//! # Incidents
//! The first event opens one. A further one within `cooldown_s` of event time is only
//! counted, unless it is graver than what was told; a later one is told as a reminder.
//! An event whose kind ends in `_resolved` or `_recovered` resolves the incident of the
//! same model and feature whose kind is the rest of its name, alone or with `_detected`,
//! `_breached`, `_missing`, `_failed` or `_degraded`, whatever its severity; without an
//! open incident it does nothing. Where several observers (the events' `source`) say
//! that something is wrong, it is over when all of them have said so. `training_completed`
//! resolves what was told of trainings of the model. Incidents of kinds for which nobody tells that they
//! are over (`accuracy`, `inference_failed`) are resolved when nothing was heard of them
//! for `resolve_after_s`.
//!
//! One that opens again within `cooldown_s` of being resolved is the same incident, and
//! not told again: when that it was resolved still waits to be sent, it is taken back.
//! When it was sent, receivers believe that it is over: if it is still open after the
//! cooldown, they are told of another incident, and that this one is over once it was
//! quiet for that long.
//!
//! # Messages
//! One message holds all incidents of a kind and model to which the same happens within
//! `group_wait_s` of the system's clock. Each sink has a queue of its own, a worker of
//! its own and so a pace of its own; within a sink messages keep their order. The first
//! retry waits half a second times 0.5 to 1.5, each further one twice as long, or as
//! long as the receiver asks.
//!
//! # Cost
//! An event that opens nothing costs two comparisons. Memory: `max_incidents` incidents
//! (what finds no room shares one per kind, `__overflow__`) and `queue_size` alerts per
//! sink.

mod config;
mod lane;

pub use config::AlertConfig;

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use self::lane::{LOOK, Lane};
use super::timeline::{Tick, Timeline, Times};
use super::{BatchObserver, Derived, Filter, Observer, ObserverError, Values};
use crate::alert::{self, Action, Alert, Book, Incident, Notice, Rules, Sink};
use crate::delivery::{Account, Desk, Filled, Handler, Outbox, Start, Weight};
use crate::error::{Error, Result};
use crate::event::{Event, Kind};

/// Tells sinks of incidents. See the [module](self).
///
/// # Example
/// ```
/// use std::sync::{Arc, Mutex};
/// use driftline::alert::{Action, Alert, Sink};
/// use driftline::delivery::{Outcome, start_thread};
/// use driftline::event::{Event, Kind};
/// use driftline::observer::{AlertConfig, AlertDispatcher, Derived, Observer};
/// use std::time::{Duration, Instant};
///
/// #[derive(Default)]
/// struct Inbox(Mutex<Vec<Action>>);
/// impl Sink for Inbox {
///     fn name(&self) -> Arc<str> {
///         "inbox".into()
///     }
///     fn deliver(&self, alert: &Alert) -> Outcome {
///         self.0.lock().unwrap().push(alert.action);
///         Outcome::Delivered
///     }
/// }
///
/// let inbox = Arc::new(Inbox::default());
/// let sinks: Vec<Arc<dyn Sink>> = vec![inbox.clone()];
/// let alerts = AlertDispatcher::new(sinks, AlertConfig::default(), start_thread)?;
/// for kind in [Kind::DriftDetected, Kind::DriftDetected, Kind::DriftResolved] {
///     alerts.on_event(&Event::new(kind, Some(0.3)), &mut Derived::default()).unwrap();
/// }
/// assert!(alerts.settle(Instant::now() + Duration::from_secs(5)));
/// assert_eq!(*inbox.0.lock().unwrap(), [Action::Open, Action::Resolve]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub struct AlertDispatcher {
    core: Arc<Core>,
}

/// What workers need of a dispatcher.
struct Core {
    config: AlertConfig,
    sinks: Vec<Arc<dyn Sink>>,
    start: Box<Start<Alert>>,
    state: Mutex<State>,
    /// Replaced in a forked child.
    desk: ArcSwap<Desk<Alert>>,
    n_messages: AtomicU64,
    /// Makes the ids of messages its own.
    nonce: u64,
}

struct State {
    timeline: Timeline,
    book: Book,
}

/// How one sink fares.
#[derive(Debug, Clone, PartialEq)]
pub struct SinkStats {
    /// Its name.
    pub name: Arc<str>,
    /// How many alerts went which way.
    pub account: Account,
}

impl AlertDispatcher {
    /// Tells `sinks`, of which there is at least one; `start` starts their workers.
    ///
    /// # Errors
    /// `InvalidValue` for an argument out of range.
    pub fn new(
        sinks: Vec<Arc<dyn Sink>>,
        config: AlertConfig,
        start: impl Fn(crate::delivery::Courier<Alert>) -> std::result::Result<(), String>
        + Send
        + Sync
        + 'static,
    ) -> Result<Self> {
        config.validate()?;
        if sinks.is_empty() {
            return Err(Error::invalid_value("sinks", "none", "at least one sink"));
        }
        let nonce = nonce();
        let rules = rules(&config);
        let core = Arc::new_cyclic(|core| Core {
            desk: ArcSwap::new(desk(&sinks, core, &config, nonce)),
            state: Mutex::new(State {
                timeline: Timeline::new(),
                book: Book::new(rules, nonce),
            }),
            config,
            sinks,
            start: Box::new(start),
            n_messages: AtomicU64::new(0),
            nonce,
        });
        Ok(Self { core })
    }

    /// Whether its workers have nothing to do, as far as can be told at once.
    pub fn is_idle(&self) -> bool {
        self.core.desk.load().is_idle()
    }

    /// What it was made with.
    pub fn config(&self) -> &AlertConfig {
        &self.core.config
    }

    /// Its sinks.
    pub fn sinks(&self) -> &[Arc<dyn Sink>] {
        &self.core.sinks
    }

    /// How many alerts went which way, over all sinks. Each incident of a message
    /// counts, for each sink.
    pub fn account(&self) -> Account {
        self.core.desk().total()
    }

    /// How each sink fares.
    pub fn stats(&self) -> Vec<SinkStats> {
        let accounts = self.core.desk().accounts();
        let stats = self.core.sinks.iter().zip(accounts);
        let stats = stats.map(|(sink, account)| SinkStats {
            name: sink.name(),
            account,
        });
        stats.collect()
    }

    /// The open incidents, in the order in which they began.
    pub fn incidents(&self) -> Vec<Notice> {
        self.core.state.lock().book.open_incidents()
    }

    /// Incidents that have opened so far, those that are resolved, and events for which
    /// there was no room.
    pub fn counts(&self) -> [u64; 3] {
        let state = self.core.state.lock();
        let book = &state.book;
        [book.n_opened(), book.n_resolved(), book.n_overflow()]
    }
}

impl Drop for AlertDispatcher {
    fn drop(&mut self) {
        // What waits is still delivered.
        self.core.desk().finish();
    }
}

impl std::fmt::Debug for AlertDispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("AlertDispatcher");
        debug.field("config", &self.core.config).finish()
    }
}

/// When what is told.
fn rules(config: &AlertConfig) -> Rules {
    Rules {
        cooldown_s: config.cooldown_s,
        resolve_after_s: config.resolve_after_s,
        max_incidents: config.max_incidents,
    }
}

/// The outboxes, one per sink.
fn desk(
    sinks: &[Arc<dyn Sink>],
    core: &Weak<Core>,
    config: &AlertConfig,
    seed: u64,
) -> Arc<Desk<Alert>> {
    let handler = |sink: &Arc<dyn Sink>| {
        Arc::new(Lane::new(Arc::clone(sink), Weak::clone(core))) as Arc<dyn Handler<Alert>>
    };
    let handlers = sinks.iter().map(handler).collect();
    Desk::new(handlers, config.queue_size as u64, config.retries, seed)
}

/// A number that no other dispatcher has.
fn nonce() -> u64 {
    let mut hasher = foldhash::quality::RandomState::default().build_hasher();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    hasher.write_u128(since.map_or(0, |since| since.as_nanos()));
    hasher.write_u32(std::process::id());
    hasher.finish()
}

impl Core {
    /// The desk of this process. In a forked child it is made anew, and so is the book:
    /// the incidents so far are the parent's to tell of.
    fn desk(self: &Arc<Self>) -> Arc<Desk<Alert>> {
        let current = self.desk.load_full();
        if !current.is_stale() {
            return current;
        }
        let mut state = self.state.lock();
        if self.desk.load().is_stale() {
            let nonce = nonce();
            let core = Arc::downgrade(self);
            self.desk
                .store(desk(&self.sinks, &core, &self.config, nonce));
            state.book = Book::new(rules(&self.config), nonce);
            // Its lock may be held by a thread that is not here any more.
            std::mem::forget(current);
        }
        drop(state);
        self.desk.load_full()
    }

    /// Whether an event may change anything.
    #[inline]
    fn concerns(&self, event: &Event) -> bool {
        event.severity >= self.config.min_severity || is_over(&event.kind)
    }

    fn take(self: &Arc<Self>, event: &Event) {
        let is_over = is_over(&event.kind);
        let is_meant = |kinds: &Vec<Kind>| kinds.contains(&event.kind);
        if !is_over && !self.config.kinds.as_ref().is_none_or(is_meant) {
            return;
        }
        let desk = self.desk();
        let (filled, waits) = {
            let mut state = self.state.lock();
            let at = state.timeline.at(Times::At(event.timestamp), 0);
            let mut notices = state.book.tick(at);
            if let Some(resumption) = state.book.take(event, at, &mut notices) {
                let is_taken_back = take_back(&desk, &resumption.id);
                let book = &mut state.book;
                book.resume(&resumption, is_taken_back, at, &mut notices);
            }
            (self.offer(&desk, &notices), state.book.waits())
        };
        match filled {
            Some(filled) => filled.see_off(&self.start),
            // Time goes on, though no worker has anything to do.
            None if waits => desk.nudge(LOOK),
            None => {}
        }
    }

    /// What time alone brings about.
    fn tick(self: &Arc<Self>, tick: &Tick) {
        let desk = self.desk();
        let filled = {
            let mut state = self.state.lock();
            let Some(at) = state.timeline.tick(tick) else {
                return;
            };
            let notices = state.book.tick(at);
            self.offer(&desk, &notices)
        };
        if let Some(filled) = filled {
            filled.see_off(&self.start);
        }
    }

    /// Whether incidents could change by time alone.
    fn waits(&self) -> bool {
        self.state.lock().book.waits()
    }

    /// Puts notices into the outboxes, with others of the same kind where there are.
    fn offer(&self, desk: &Arc<Desk<Alert>>, notices: &[Notice]) -> Option<Filled<Alert>> {
        if notices.is_empty() {
            return None;
        }
        let due = Instant::now() + Duration::from_secs_f64(self.config.group_wait_s);
        let put = |outbox: &mut Outbox<Alert>| {
            for notice in notices {
                // Receivers must not wait for ever to hear that something is over.
                let weight = match notice.action {
                    Action::Resolve => Weight::Favoured(1),
                    Action::Open | Action::Remind => Weight::Usual(1),
                };
                let merged = outbox.merge(weight, suits(notice), |alert| {
                    alert.incidents.push(notice.incident.clone());
                });
                if merged.is_none() {
                    outbox.push(self.message(notice), weight, due);
                }
            }
        };
        Some(desk.fill(|_, outbox| put(outbox)))
    }

    fn message(&self, notice: &Notice) -> Alert {
        let number = self.n_messages.fetch_add(1, Relaxed);
        let process = std::process::id();
        Alert {
            action: notice.action,
            kind: notice.kind.clone(),
            model: notice.model.clone(),
            incidents: vec![notice.incident.clone()],
            delivery_id: format!("{:016x}-{process:x}-{number:x}", self.nonce).into(),
        }
    }
}

/// Takes back that an incident was resolved, unless a sink was told; whether it did.
fn take_back(desk: &Desk<Alert>, id: &Arc<str>) -> bool {
    let is_it = |incident: &Incident| Arc::ptr_eq(&incident.id, id);
    let finds =
        |alert: &Alert| alert.action == Action::Resolve && alert.incidents.iter().any(is_it);
    desk.withdraw(finds, |alert| {
        let before = alert.incidents.len();
        alert.incidents.retain(|incident| !is_it(incident));
        (before - alert.incidents.len()) as u64
    })
}

/// Whether a notice belongs into a message; `Some(false)`: an earlier message is none
/// for it either, as this one has news of the same incident.
fn suits(notice: &Notice) -> impl Fn(&Alert) -> Option<bool> {
    move |alert| {
        if alert.kind != notice.kind || alert.model != notice.model {
            return None;
        }
        let id = &notice.incident.id;
        let mut incidents = alert.incidents.iter();
        if incidents.any(|incident| Arc::ptr_eq(&incident.id, id)) {
            return Some(false);
        }
        (alert.action == notice.action).then_some(true)
    }
}

/// Whether events of this kind say that something is over.
#[inline]
fn is_over(kind: &Kind) -> bool {
    match kind {
        Kind::DriftResolved
        | Kind::DataRecovered
        | Kind::SloRecovered
        | Kind::TrainingCompleted => true,
        Kind::Custom(_) => alert::resolves(kind),
        _ => false,
    }
}

impl Observer for AlertDispatcher {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.core.config.name)
    }

    fn filter(&self) -> Filter {
        Filter {
            models: self.core.config.models.clone(),
            features: self.core.config.features.clone(),
            ..Filter::default()
        }
    }

    fn on_event(&self, event: &Event, _: &mut Derived) -> std::result::Result<(), ObserverError> {
        if self.core.concerns(event) {
            self.core.take(event);
        }
        Ok(())
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        Some(self)
    }

    fn ticks(&self) -> bool {
        true
    }

    fn on_tick(&self, tick: &Tick, _: &mut Derived) -> std::result::Result<(), ObserverError> {
        self.core.tick(tick);
        Ok(())
    }

    fn shutdown(&self) -> std::result::Result<(), ObserverError> {
        self.core.desk().abandon();
        Ok(())
    }

    fn backlog(&self) -> u64 {
        self.core.desk().total().queued
    }

    fn settle(&self, until: Instant) -> bool {
        self.core.desk().drain(until)
    }
}

impl BatchObserver for AlertDispatcher {
    fn on_values(&self, values: Values<'_>, _: &mut Derived) -> usize {
        if self.core.concerns(values.template) {
            for index in 0..values.values.len() {
                self.core.take(&values.event(index));
            }
        }
        values.values.len()
    }
}
