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
//! open incident it does nothing. Incidents of kinds for which nobody tells that they
//! are over (`accuracy`, `inference_failed`) are resolved when nothing was heard of them
//! for `resolve_after_s`.
//!
//! One that opens again within `cooldown_s` of being resolved is the same incident, and
//! not told again: when that it was resolved still waits to be sent, it is taken back.
//! When it was sent, the incident flaps: receivers are reminded if it is still open
//! after the cooldown, and told that it is over once it was quiet for that long.
//!
//! # Messages
//! One message holds all incidents of a kind and model to which the same happens within
//! `group_wait_s` of the system's clock. Each sink has a queue of its own, a worker of
//! its own and so a pace of its own; within a sink messages keep their order. Attempt k
//! after the first waits 0.5 * 2^k seconds times 0.5 to 1.5, or as long as the receiver
//! asks.
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

use self::lane::Lane;
use super::timeline::{Tick, Timeline, Times};
use super::{BatchObserver, Derived, Filter, Observer, ObserverError, Values};
use crate::alert::{self, Action, Alert, Book, Change, Notice, Rules, Sink};
use crate::delivery::{Account, Desk, Filled, Handler, Outbox, Start};
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
    nonce: u64,
    n_messages: AtomicU64,
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
        let rules = Rules {
            cooldown_s: config.cooldown_s,
            resolve_after_s: config.resolve_after_s,
            max_incidents: config.max_incidents,
        };
        let core = Arc::new_cyclic(|core| Core {
            desk: ArcSwap::new(desk(&sinks, core, &config, nonce)),
            state: Mutex::new(State {
                timeline: Timeline::new(),
                book: Book::new(rules, nonce),
            }),
            config,
            sinks,
            start: Box::new(start),
            nonce,
            n_messages: AtomicU64::new(0),
        });
        Ok(Self { core })
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
        self.core.desk(|desk| desk.total())
    }

    /// How each sink fares.
    pub fn stats(&self) -> Vec<SinkStats> {
        let account = |index| self.core.desk(|desk| desk.account(index));
        let sinks = self.core.sinks.iter().enumerate();
        let stats = sinks.map(|(index, sink)| SinkStats {
            name: sink.name(),
            account: account(index),
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
        self.core.desk(|desk| desk.finish());
    }
}

impl std::fmt::Debug for AlertDispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("AlertDispatcher");
        debug.field("config", &self.core.config).finish()
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
    /// Works with the desk, made anew where it is that of a parent process.
    fn desk<R>(self: &Arc<Self>, work: impl FnOnce(&Arc<Desk<Alert>>) -> R) -> R {
        let current = self.desk.load_full();
        if !current.is_stale() {
            return work(&current);
        }
        let core = Arc::downgrade(self);
        let seed = self.nonce ^ u64::from(std::process::id());
        let new = desk(&self.sinks, &core, &self.config, seed);
        let before = self.desk.compare_and_swap(&current, Arc::clone(&new));
        if Arc::ptr_eq(&before, &current) {
            // Its lock may be held by a thread that is not here any more.
            std::mem::forget(current);
        }
        work(&self.desk.load_full())
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
        let filled = {
            let mut state = self.state.lock();
            let at = state.timeline.at(Times::At(event.timestamp), 0);
            let mut notices = state.book.tick(at);
            match state.book.take(event, at) {
                Change::None => {}
                Change::Tell(notice) => notices.push(*notice),
                Change::Resumed { id } => {
                    let is_taken_back = self.take_back(&id);
                    notices.extend(state.book.resume(&id, is_taken_back, at));
                }
            }
            self.offer(notices)
        };
        self.see_off(filled);
    }

    /// What time alone brings about.
    fn tick(self: &Arc<Self>, tick: &Tick) -> Option<Filled<Alert>> {
        let mut state = self.state.lock();
        let at = state.timeline.tick(tick)?;
        let notices = state.book.tick(at);
        self.offer(notices)
    }

    /// Whether incidents could change by time alone.
    fn waits(&self) -> bool {
        let _section = crate::fork::section();
        self.state.lock().book.waits()
    }

    /// Puts notices into the outboxes, with others of the same kind where there are.
    fn offer(self: &Arc<Self>, notices: Vec<Notice>) -> Option<Filled<Alert>> {
        if notices.is_empty() {
            return None;
        }
        let due = Instant::now() + Duration::from_secs_f64(self.config.group_wait_s);
        let put = |outbox: &mut Outbox<Alert>| {
            for notice in &notices {
                let merged = outbox.merge(1, suits(notice), |alert| {
                    alert.incidents.push(notice.incident.clone());
                });
                if merged.is_none() {
                    outbox.push(self.message(notice), 1, due);
                }
            }
        };
        Some(self.desk(|desk| desk.fill(|_, outbox| put(outbox))))
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

    /// Takes back that an incident was resolved; whether no sink was told.
    fn take_back(self: &Arc<Self>, id: &str) -> bool {
        let mut everywhere = true;
        let part = |alert: &mut Alert| {
            let before = alert.incidents.len();
            if alert.action == Action::Resolve {
                alert.incidents.retain(|incident| &*incident.id != id);
            }
            (before - alert.incidents.len()) as u64
        };
        let filled =
            self.desk(|desk| desk.fill(|_, outbox| everywhere &= outbox.withdraw(part) > 0));
        drop(filled); // nothing was put in
        everywhere
    }

    fn see_off(&self, filled: Option<Filled<Alert>>) {
        if let Some(filled) = filled {
            filled.see_off(&self.start);
        }
    }
}

/// Whether a notice belongs into a message; `Some(false)`: an earlier message is none
/// for it either, as this one has news of the same incident.
fn suits(notice: &Notice) -> impl Fn(&Alert) -> Option<bool> {
    move |alert| {
        let id = &notice.incident.id;
        if alert.incidents.iter().any(|incident| incident.id == *id) {
            return Some(false);
        }
        let is_same = alert.action == notice.action
            && alert.kind == notice.kind
            && alert.model == notice.model;
        is_same.then_some(true)
    }
}

/// Whether events of this kind say that something is over.
#[inline]
fn is_over(kind: &Kind) -> bool {
    match kind {
        Kind::DriftResolved | Kind::DataRecovered | Kind::SloRecovered => true,
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
        let filled = self.core.tick(tick);
        self.core.see_off(filled);
        Ok(())
    }

    fn shutdown(&self) -> std::result::Result<(), ObserverError> {
        self.core.desk(|desk| desk.abandon());
        Ok(())
    }

    fn backlog(&self) -> u64 {
        self.core.desk(|desk| desk.total().queued)
    }

    fn settle(&self, until: Instant) -> bool {
        self.core.desk(|desk| desk.drain(until))
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
