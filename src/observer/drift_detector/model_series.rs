//! A detector that is used without a hub, model by model.

use super::DriftDetector;
use super::alarm::Alarm;
use super::origin::Origin;
use crate::error::Result;
use crate::event::{ModelId, Timestamp};
use crate::observer::timeline::Times;

/// Values of one model for a detector that is used without a hub.
#[derive(Debug, Clone)]
pub struct ModelSeries<'a> {
    pub(super) detector: &'a DriftDetector,
    pub(super) model: Option<ModelId>,
}

impl ModelSeries<'_> {
    /// As [`DriftDetector::update`].
    ///
    /// # Errors
    /// Those of [`DriftDetector::update`].
    pub fn update(&self, value: f64, at: Timestamp) -> Result<Option<Alarm>> {
        Ok(self.take(&[value], Times::At(at))?.pop())
    }

    /// As [`DriftDetector::update_many`].
    ///
    /// # Errors
    /// Those of [`DriftDetector::update_many`].
    pub fn update_many(&self, values: &[f64], at: Timestamp) -> Result<Vec<usize>> {
        self.alerts(values, Times::At(at))
    }

    /// As [`DriftDetector::update_many`], with a time for each value; values
    /// beyond the times given have the last one.
    ///
    /// # Errors
    /// Those of [`DriftDetector::update_many`].
    pub fn update_many_at(&self, values: &[f64], at: &[Timestamp]) -> Result<Vec<usize>> {
        self.alerts(values, Times::Each(at))
    }

    /// As [`DriftDetector::update_many`], at the time of a clock that is believed
    /// whatever the system clock says; `None` is the system clock.
    ///
    /// # Errors
    /// Those of [`DriftDetector::update_many`].
    pub fn update_many_by(&self, values: &[f64], clock: Option<Timestamp>) -> Result<Vec<usize>> {
        self.alerts(values, clock.map_or(Times::Now, Times::Clock))
    }

    fn alerts(&self, values: &[f64], times: Times<'_>) -> Result<Vec<usize>> {
        let alarms = self.take(values, times)?;
        let alerts = alarms.iter().filter(|alarm| alarm.is_alert());
        Ok(alerts.map(|alarm| alarm.index).collect())
    }

    fn take(&self, values: &[f64], times: Times<'_>) -> Result<Vec<Alarm>> {
        let origin = Origin {
            model: &self.model,
            feature: self.detector.config.feature.as_ref(),
        };
        let mut alarms = Vec::new();
        self.detector.take_all(origin, values, times, &mut alarms)?;
        Ok(alarms)
    }
}
