//! A detector of [`stream`](crate::stream) on a hub: has something changed, told value by
//! value.
//!
//! [`StreamDetector`] gives each series a copy of one detector, and the series' values to
//! it as they come. There is no baseline and no window of ours: what is normal is what the
//! detector has seen since the last change.
//!
//! # Series
//! The values of different features never mix: without a feature of its own to listen to,
//! each feature has a detector and counts of its own, and so have the events that name
//! none; with `per_model` each feature of each model. Beyond `max_models` series the
//! existing ones stay, and values of newcomers are counted (`n_overflow`) and not judged:
//! a detector that hears many series would alarm at their differences. A series that was
//! idle for a day makes room.
//!
//! # States
//! A change is told at once (`drift_detected`; the value is the detector's statistic).
//! A detector then begins anew, and what came after the change is its new normal: there
//! is no look at which drift has gone. It is over (`drift_resolved`) when `resolve_after`
//! values came without another change. Each change until then is told as well, unless it
//! comes within `cooldown_s` of event time after the last that was told; then it is
//! counted as suppressed.
//!
//! # Values
//! None, NaN, infinite ones and events without a number under `field` are missing: counted
//! and not given to the detector. So are those that it does not take (0.3 where it takes 0
//! and 1), apart from them (`n_refused`); the first of them is a failure of the observer.
//!
//! # Cost
//! In a batch one lock and one look at the series; each value costs what the detector
//! takes. Memory: a detector, and 300 bytes, for each series.

mod alarm;
mod config;
mod course;
mod foreign;
mod model_series;
mod state;
mod status;
mod watch;

pub use alarm::{Reading, StreamAlarm, StreamChange};
pub use config::{StreamConfig, StreamSource};
pub(super) use config::{check_options, check_texts};
pub(super) use course::Course;
pub use foreign::ForeignDetector;
pub use model_series::StreamSeries;
pub use status::StreamStatus;

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use self::config::Accepted;
use self::foreign::Waiting;
use self::state::Taken;
use self::watch::{Origin, Watch};
use super::timeline::Times;
use super::{BatchObserver, Derived, Filter, HubView, Observer, ObserverError, Values};
use crate::error::{Error, Result};
use crate::event::{Event, ModelId, Timestamp};
use crate::fork;

/// Tells when a series of values changes. See the [module](self) for how.
///
/// # Example
/// ```
/// use driftline::event::Timestamp;
/// use driftline::observer::{StreamConfig, StreamDetector};
/// use driftline::stream::{self, Options};
/// let adwin = stream::get("adwin", &Default::default(), Options::default())?;
/// let detector = StreamDetector::new(StreamConfig::new(adwin.into()))?;
/// let values: Vec<f64> = (0..2000).map(|i| f64::from(i % 2 + i / 1000)).collect();
/// assert_eq!(detector.update_many(&values, Timestamp::now())?, [1023]);
/// assert!(detector.status().drift_detected);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamDetector {
    config: StreamConfig,
    filter: Filter,
    watch: Mutex<Watch>,
    /// Whether the detector is code of the host's.
    is_foreign: bool,
}

impl StreamDetector {
    /// From its options.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`StreamConfig`]).
    pub fn new(config: StreamConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            filter: config.filter(),
            is_foreign: matches!(config.detector, StreamSource::Foreign(_)),
            watch: Mutex::new(Watch::new(&config)),
            config,
        })
    }

    /// Takes one value without a hub; NaN is a missing one. Answers what it brought about.
    ///
    /// # Errors
    /// `InvalidValue` for a value that the detector does not take; nothing has changed
    /// then. What a detector that is code of the host's fails with.
    pub fn update(&self, value: f64, at: Timestamp) -> Result<Option<StreamAlarm>> {
        self.of(None, None).update(value, at)
    }

    /// Takes values without a hub, all of the same time. Answers the indices of those that
    /// raised an alert. The same as [`StreamDetector::update`] for each.
    ///
    /// # Errors
    /// Those of [`StreamDetector::update`]; values that the detector does not take are
    /// found before any is taken.
    pub fn update_many(&self, values: &[f64], at: Timestamp) -> Result<Vec<usize>> {
        self.of(None, None).update_many(values, at)
    }

    /// Values of a model and a feature without a hub, or of none. Without `per_model` the
    /// model makes no difference; with a feature of its own to listen to, no feature does.
    pub fn of(&self, model: Option<ModelId>, feature: Option<Arc<str>>) -> StreamSeries<'_> {
        StreamSeries {
            observer: self,
            model,
            feature,
        }
    }

    /// Starts afresh: detectors, counts and states. With a model or a feature, only the
    /// series of that model and of that feature.
    ///
    /// # Errors
    /// `InvalidValue` for what has no series.
    pub fn reset(&self, model: Option<&ModelId>, feature: Option<&Arc<str>>) -> Result<()> {
        let mut watch = self.watch.lock();
        let (held, found) = if model.is_none() && feature.is_none() {
            (Some(watch.clear(&self.config)), true)
        } else {
            let found = watch.reset(&self.config, |key| {
                model.is_none_or(|model| key.model.as_ref() == Some(model))
                    && feature.is_none_or(|feature| key.feature.as_ref() == Some(feature))
            });
            (None, found)
        };
        drop(watch);
        drop(held);
        if let StreamSource::Foreign(prototype) = &self.config.detector {
            fork::pause(|| prototype.tidy());
        }
        match found {
            true => Ok(()),
            false => Err(self.no_series(model, feature)),
        }
    }

    /// What it was made with.
    pub fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// The failure that the first value brings about that the detector does not take.
    #[cold]
    fn refused(&self, value: f64) -> Option<Error> {
        let StreamSource::Native(detector) = &self.config.detector else {
            return None;
        };
        if std::mem::replace(&mut self.watch.lock().refusal_told, true) {
            return None;
        }
        let allowed = Accepted::of(&**detector)?.allowed(value, detector.name());
        let allowed = format!("{allowed}; others are counted in n_refused, and not told of");
        Some(Error::invalid_value("value", value, allowed))
    }

    /// Keeps, for the next event of a hub, what was found in a hub's values by somebody
    /// who cannot tell it.
    fn leave_untold(&self, alarms: Vec<(StreamAlarm, Waiting)>) {
        let of_hub = alarms.iter().filter(|(_, waiting)| waiting.call.is_none());
        let events: Vec<_> = of_hub
            .map(|(alarm, waiting)| alarm.event(&waiting.cause))
            .collect();
        if !events.is_empty() {
            self.watch.lock().untold.extend(events);
        }
    }

    fn hear_foreign(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        let answered = self.take_foreign(Waiting {
            cause: event.clone(),
            value: self.config.value_of(event),
            is_clock: false,
            call: None,
        });
        for event in std::mem::take(&mut self.watch.lock().untold) {
            derived.emit(event);
        }
        for (alarm, waiting) in &answered.alarms {
            if waiting.call.is_none() {
                derived.emit(alarm.event(&waiting.cause));
            }
        }
        answered.error.map_or(Ok(()), |error| Err(error.into()))
    }
}

impl Observer for StreamDetector {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn filter(&self) -> Filter {
        self.filter.clone()
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        if self.is_foreign {
            return self.hear_foreign(event, derived);
        }
        let value = [self.config.value_of(event)];
        let mut alarms = Vec::new();
        let origin = Origin::of(&self.config, event);
        let times = Times::At(event.timestamp);
        let Taken { refused, .. } = {
            let mut watch = self.watch.lock();
            watch.take(&self.config, origin, &value, times, true, &mut alarms)
        };
        for alarm in &alarms {
            derived.emit(alarm.event(event));
        }
        match refused.and_then(|value| self.refused(value)) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Code of the host's may fail at any value: it is given one by one.
    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        (!self.is_foreign).then_some(self)
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if let Some(hub) = hub.upgrade() {
            let most = hub.max_models();
            self.watch.lock().set_max_models(&self.config, most);
        }
    }
}

impl BatchObserver for StreamDetector {
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize {
        let times = match values.timestamps {
            Some(times) => Times::Each(times),
            None => Times::At(values.template.timestamp),
        };
        let constant; // a field is the template's, the same for every value
        let numbers = match &self.config.field {
            Some(_) => {
                constant = vec![self.config.value_of(values.template); values.values.len()];
                &constant
            }
            None => values.values,
        };
        let mut alarms = Vec::new();
        let taken = {
            let origin = Origin::of(&self.config, values.template);
            let mut watch = self.watch.lock();
            watch.take(&self.config, origin, numbers, times, true, &mut alarms)
        };
        for alarm in &alarms {
            derived.emit(alarm.event(&values.event(alarm.index)));
        }
        if let Some(error) = taken.refused.and_then(|value| self.refused(value)) {
            derived.fail(error.into());
        }
        taken.count
    }
}
