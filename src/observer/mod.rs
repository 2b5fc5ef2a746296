//! Observers: whoever wants to be told of events.
//!
//! A native observer implements [`Observer`]; one that can take many values in
//! one call also implements [`BatchObserver`]. What an observer wants to tell
//! in turn it hands to [`Derived`]: the hub emits it after the current event.

mod alert_dispatcher;
mod console_logger;
mod drift_detector;
mod drift_monitor;
mod filter;
mod hub_view;
mod latency_monitor;
mod metrics_collector;
mod performance_monitor;
mod retraining_trigger;
mod series;
mod stream_bank;
mod stream_detector;
mod table_monitor;
mod timeline;

pub use alert_dispatcher::{AlertConfig, AlertDispatcher, SinkStats};
pub use console_logger::ConsoleLogger;
pub use drift_detector::{
    About, Alarm, Budget, Calibration, Change, Config, Decide, DriftDetector, Limit, Look,
    MAX_WINDOW, ModelSeries, Status,
};
pub use drift_monitor::{DriftEntry, DriftMonitor, DriftState};
pub use filter::Filter;
pub use hub_view::{DropReason, HubView, ObserverStats};
pub use latency_monitor::{BurnRate, LatencyConfig, LatencyMonitor, LatencyStats, MAX_LATENCY_MS};
pub use metrics_collector::{MetricsCollector, MetricsConfig};
pub use performance_monitor::{
    Answer, Learned, PerformanceConfig, PerformanceMonitor, PerformanceStats,
};
pub use retraining_trigger::{
    Baseline, HeldBack, Job, Judge, RetrainingTrigger, RunCounts, Scheduler, Strategy, Task,
    TriggerConfig, WebhookScheduler,
};
pub use series::{MAX_MODELS, MOST_MODELS, OVERFLOW, Series, check_max_models};
pub use stream_bank::{StreamBank, StreamBankAlarm, StreamBankConfig, StreamBankSeries};
pub use stream_detector::{
    ForeignDetector, Reading, StreamAlarm, StreamChange, StreamConfig, StreamDetector,
    StreamSeries, StreamSource, StreamStatus,
};
pub use table_monitor::TableMonitor;
pub use timeline::Tick;

use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::event::{Event, Kind, Timestamp};

/// What a failing native observer returns.
pub type ObserverError = Box<dyn std::error::Error + Send + Sync>;

/// A native observer. It may be called by several threads at once.
pub trait Observer: Send + Sync {
    /// The name in reports and logs, unless the registration gives one.
    fn name(&self) -> Arc<str>;

    /// What it listens to; the registration can only narrow it.
    fn filter(&self) -> Filter {
        Filter::default()
    }

    /// Takes one event.
    ///
    /// # Errors
    /// Whatever went wrong: the hub counts it, logs it and lists it in the
    /// report; the other observers and the emitter are not affected.
    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError>;

    /// The same observer as one that takes many values in a call.
    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        None
    }

    /// Whether [`Observer::on_tick`] does anything.
    fn ticks(&self) -> bool {
        false
    }

    /// Does what time alone brings about: every `tick_s` of the registration,
    /// and on `Hub::tick`. Events that it derives have no cause: they name
    /// their own model, feature and time.
    ///
    /// # Errors
    /// As [`Observer::on_event`].
    fn on_tick(&self, _tick: &Tick, _derived: &mut Derived) -> Result<(), ObserverError> {
        Ok(())
    }

    /// The hub is shut down: the last call, after everything was delivered.
    ///
    /// # Errors
    /// As [`Observer::on_event`].
    fn shutdown(&self) -> Result<(), ObserverError> {
        Ok(())
    }

    /// How much it has accepted and not finished, such as messages that are to be
    /// sent: what a shutdown leaves.
    fn backlog(&self) -> u64 {
        0
    }

    /// Waits until nothing of that is left, at most until `until`, and hastens it
    /// where it waits for company; whether nothing is left.
    fn settle(&self, _until: Instant) -> bool {
        true
    }

    /// It was registered in a hub, which may be gone later.
    fn joined(&self, _hub: &Weak<dyn HubView>) {}
}

/// An observer that can take many values in one call.
pub trait BatchObserver {
    /// Takes values from the front of `values` and returns how many it took:
    /// all of them, or fewer (at least one) when it stopped right after a value
    /// that made it derive events, so that these are delivered before it goes on.
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize;
}

/// A run of values that differ in value and, perhaps, time.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// Everything but the value and, with `timestamps`, the time.
    pub template: &'a Event,
    /// The values, in order.
    pub values: &'a [f64],
    /// One time per value; without them all have the template's.
    pub timestamps: Option<&'a [Timestamp]>,
}

impl<'a> Values<'a> {
    /// The time of the value at `index`.
    pub fn timestamp(&self, index: usize) -> Timestamp {
        let own = self.timestamps.and_then(|all| all.get(index));
        own.copied().unwrap_or(self.template.timestamp)
    }

    /// The value at `index` as an event of its own.
    pub fn event(&self, index: usize) -> Event {
        let mut event = self.template.clone();
        event.value = self.values.get(index).copied();
        event.timestamp = self.timestamp(index);
        event
    }

    /// The part from `start`, at most `len` values long.
    pub fn part(&self, start: usize, len: usize) -> Values<'a> {
        let start = start.min(self.values.len());
        let end = start.saturating_add(len).min(self.values.len());
        Values {
            template: self.template,
            values: &self.values[start..end],
            timestamps: self.timestamps.and_then(|all| all.get(start..end)),
        }
    }
}

/// Collects the events that an observer derives from the one it was given.
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind};
/// use driftline::observer::Derived;
/// let cause = Event::new(Kind::Accuracy, Some(0.4));
/// let mut derived = Derived::default();
/// derived.emit(Derived::event(&cause, Kind::RetrainingTriggered, None));
/// assert_eq!(derived.events()[0].timestamp, cause.timestamp);
/// ```
#[derive(Debug, Default)]
pub struct Derived {
    events: Vec<Event>,
    failure: Option<ObserverError>,
}

impl Derived {
    /// An event with the time, model and feature of its cause.
    pub fn event(cause: &Event, kind: Kind, value: Option<f64>) -> Event {
        let mut event = Event::at(kind, value, cause.timestamp);
        event.model = cause.model.clone();
        event.feature = cause.feature.clone();
        event
    }

    /// Hands an event to the hub, to be delivered after the current one. The
    /// hub sets its `source` to the observer's name unless it has one.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Tells of a failure from within [`BatchObserver::on_values`], which returns none; the
    /// first of a call counts. The values were taken all the same.
    pub fn fail(&mut self, error: ObserverError) {
        self.failure.get_or_insert(error);
    }

    /// Takes out the failure that was told of.
    pub fn take_failure(&mut self) -> Option<ObserverError> {
        self.failure.take()
    }

    /// What was handed over so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes out what was handed over.
    pub fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}
