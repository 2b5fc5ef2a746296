//! Events as metrics that a scraper reads.
//!
//! # Names
//! | metric | type | what |
//! |---|---|---|
//! | `driftline_events_total{kind,model,severity}` | counter | events seen |
//! | `driftline_inference_latency_seconds{model}` | histogram | values of `inference_completed`, which are in milliseconds |
//! | `driftline_metric{kind,model,feature}` | gauge | last value of each kind that is a metric: `accuracy`, `f1`, `drift_score` ..., and custom kinds |
//! | `driftline_values{kind,model,feature}` | histogram | values of custom kinds that are defined as histograms |
//! | `driftline_drift_statistic{model,feature,test}`, `driftline_drift_p_value{...}` | gauge | last look told of by `drift_detected`, `drift_resolved`, `drift_score` |
//! | `driftline_observer_calls_total{observer}`, `..._failures_total`, `..._dropped_total{observer,reason}`, `driftline_queue_depth{observer}` | counter, gauge | how the observers of the hub fare; those of one name are summed |
//! | `driftline_cascade_drops_total` | counter | derived events dropped because their chain was too long |
//! | `driftline_refused_values_total` | counter | values that no metric took |
//! | `driftline_series_overflow_total{label}` | counter | events counted under `__overflow__` |
//!
//! A kind's own definition ([`Kind::define`](crate::event::Kind::define)) says
//! what is done with its values: a gauge (the default) keeps the last one, a
//! counter is only counted, which `driftline_events_total` does, a histogram goes
//! to `driftline_values`. Latencies and observations are no gauges: the last one
//! of thousands says nothing. Values keep their kind's unit.
//!
//! The label `model` is the model as text, `name:version`. A label that is empty
//! stands for none, as Prometheus has it: `model=""` is events without a model.
//!
//! # What is never let in
//! NaN, infinite values, latencies that are negative or above 1e12 ms, and what
//! would make a sum infinite are refused and counted; the event itself is counted
//! all the same.
//!
//! # Bounds
//! At most `max_models` models, features and custom kinds each, and ten times
//! that many series of gauges, drift and custom kinds; further ones share the
//! label `__overflow__`, counted. A series that was idle for a day of event time
//! makes room when there is none.

mod config;
mod families;
mod histogram;
mod hubs;
mod labels;
mod state;

pub use config::MetricsConfig;

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use self::hubs::Hubs;
use self::state::State;
use super::timeline::Times;
use super::{BatchObserver, Derived, HubView, Observer, ObserverError, Values};
use crate::error::Result;
use crate::event::Event;
use crate::export::{Family, Format};

/// Counts events and keeps values for a scraper. See the [module](self) for the
/// names.
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind};
/// use driftline::export::Format;
/// use driftline::observer::{MetricsCollector, MetricsConfig};
/// let collector = MetricsCollector::new(MetricsConfig::default())?;
/// collector.take(&Event::new(Kind::Accuracy, Some(0.91)));
/// let text = Format::Text.encode_text(&collector.families()).unwrap_or_default();
/// assert!(text.contains("driftline_metric{kind=\"accuracy\",model=\"\",feature=\"\"} 0.91\n"));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct MetricsCollector {
    config: MetricsConfig,
    state: Mutex<State>,
    hubs: Hubs,
}

impl MetricsCollector {
    /// An empty collector.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`MetricsConfig`]).
    pub fn new(config: MetricsConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            state: Mutex::new(State::new(&config)),
            hubs: Hubs::default(),
            config,
        })
    }

    /// Takes one event.
    pub fn take(&self, event: &Event) {
        let times = Times::At(event.timestamp);
        let mut state = self.state.lock();
        state.take(event, event.value.as_slice(), 1, times);
    }

    /// Every metric as of now, in a fixed order. Where the host has a lock of its
    /// own (an interpreter), it must not be held.
    pub fn families(&self) -> Vec<Family> {
        let mut families = families::of_state(&self.state.lock());
        let (fares, loops) = self.hubs.look();
        families.extend(families::of_hubs(&fares, loops));
        families.iter_mut().for_each(Family::order);
        families
    }

    /// Every metric as of now in the format that an `Accept` header prefers, with
    /// its `Content-Type`.
    pub fn negotiate(&self, accept: &str) -> (&'static str, Vec<u8>) {
        let format = Format::negotiate(accept);
        (format.content_type(), format.encode(&self.families()))
    }

    /// What it was made with.
    pub fn config(&self) -> &MetricsConfig {
        &self.config
    }

    /// Values that no metric took.
    pub fn n_refused(&self) -> u64 {
        self.state.lock().refused
    }
}

impl Observer for MetricsCollector {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn on_event(&self, event: &Event, _: &mut Derived) -> std::result::Result<(), ObserverError> {
        self.take(event);
        Ok(())
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        Some(self)
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        let max_models = self.hubs.join(hub);
        if self.config.max_models.is_none()
            && let Some(max) = max_models
        {
            self.state.lock().set_max_models(max);
        }
    }
}

impl BatchObserver for MetricsCollector {
    fn on_values(&self, values: Values<'_>, _: &mut Derived) -> usize {
        let times = match values.timestamps {
            Some(times) => Times::Each(times),
            None => Times::At(values.template.timestamp),
        };
        let n = values.values.len();
        let mut state = self.state.lock();
        state.take(values.template, values.values, n as u64, times);
        n
    }
}
