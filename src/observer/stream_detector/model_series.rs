//! A stream detector that is used without a hub.

use std::sync::Arc;

use super::StreamDetector;
use super::alarm::StreamAlarm;
use super::config::{Accepted, StreamSource};
use super::foreign::{Waiting, number};
use super::watch::Origin;
use crate::error::{Error, Result};
use crate::event::{Event, Kind, ModelId, Timestamp};
use crate::observer::timeline::Times;

/// Values of one series for a stream detector that is used without a hub.
#[derive(Debug, Clone)]
pub struct StreamSeries<'a> {
    pub(super) observer: &'a StreamDetector,
    pub(super) model: Option<ModelId>,
    pub(super) feature: Option<Arc<str>>,
}

impl StreamSeries<'_> {
    /// As [`StreamDetector::update`].
    ///
    /// # Errors
    /// Those of [`StreamDetector::update`].
    pub fn update(&self, value: f64, at: Timestamp) -> Result<Option<StreamAlarm>> {
        self.check(&[value])?;
        Ok(self.take(&[value], Times::At(at))?.pop())
    }

    /// As [`StreamDetector::update_many`].
    ///
    /// # Errors
    /// Those of [`StreamDetector::update_many`].
    pub fn update_many(&self, values: &[f64], at: Timestamp) -> Result<Vec<usize>> {
        self.alerts(values, Times::At(at))
    }

    /// As [`StreamDetector::update_many`], with a time for each value; values beyond the
    /// times given have the last one.
    ///
    /// # Errors
    /// Those of [`StreamDetector::update_many`].
    pub fn update_many_at(&self, values: &[f64], at: &[Timestamp]) -> Result<Vec<usize>> {
        self.alerts(values, Times::Each(at))
    }

    /// As [`StreamDetector::update_many`], at the time of a clock that is believed
    /// whatever the system clock says; `None` is the system clock.
    ///
    /// # Errors
    /// Those of [`StreamDetector::update_many`].
    pub fn update_many_by(&self, values: &[f64], clock: Option<Timestamp>) -> Result<Vec<usize>> {
        self.alerts(values, clock.map_or(Times::Now, Times::Clock))
    }

    /// Whether the detector takes all of these.
    ///
    /// # Errors
    /// `InvalidValue` with the first that it does not take, and its position where there
    /// is more than one.
    pub fn check(&self, values: &[f64]) -> Result<()> {
        let StreamSource::Native(detector) = &self.observer.config.detector else {
            return Ok(());
        };
        let Some(accepted) = Accepted::of(&**detector) else {
            return Ok(());
        };
        let place = accepted.leading(values);
        let Some(&value) = values.get(place) else {
            return Ok(());
        };
        let (argument, got) = match values.len() {
            1 => ("value", value.to_string()),
            _ => ("values", format!("{value} at position {place}")),
        };
        let allowed = accepted.allowed(value, detector.name());
        Err(Error::invalid_value(argument, got, allowed))
    }

    fn alerts(&self, values: &[f64], times: Times<'_>) -> Result<Vec<usize>> {
        self.check(values)?;
        let alarms = self.take(values, times)?;
        let alerts = alarms.iter().filter(|alarm| alarm.is_alert());
        Ok(alerts.map(|alarm| alarm.index).collect())
    }

    fn take(&self, values: &[f64], times: Times<'_>) -> Result<Vec<StreamAlarm>> {
        let observer = self.observer;
        let mut alarms = Vec::new();
        if observer.is_foreign {
            self.take_foreign(values, times, &mut alarms)?;
            return Ok(alarms);
        }
        let config = &observer.config;
        let origin = Origin::new(config, self.model.as_ref(), self.feature.as_ref());
        let mut watch = observer.watch.lock();
        watch.take(config, origin, values, times, false, &mut alarms);
        Ok(alarms)
    }

    fn take_foreign(
        &self,
        values: &[f64],
        times: Times<'_>,
        alarms: &mut Vec<StreamAlarm>,
    ) -> Result<()> {
        let call = number();
        for (index, &value) in values.iter().enumerate() {
            let (at, is_clock) = match times {
                Times::At(at) => (at, false),
                Times::Each(all) => match all.get(index).or(all.last()) {
                    Some(&at) => (at, false),
                    None => (Timestamp::now(), true),
                },
                Times::Clock(at) => (at, true),
                Times::Now => (Timestamp::now(), true),
            };
            let mut cause = Event::at(Kind::Observation, Some(value), at);
            cause.model.clone_from(&self.model);
            cause.feature.clone_from(&self.feature);
            let call = Some(call);
            let answered = self.observer.take_foreign(Waiting {
                cause,
                value,
                is_clock,
                call,
            });
            let (own, others): (Vec<_>, Vec<_>) = answered
                .alarms
                .into_iter()
                .partition(|(_, waiting)| waiting.call == call);
            alarms.extend(
                own.into_iter()
                    .map(|(alarm, _)| StreamAlarm { index, ..alarm }),
            );
            self.observer.leave_untold(others);
            if let Some(error) = answered.error {
                return Err(error);
            }
        }
        Ok(())
    }
}
