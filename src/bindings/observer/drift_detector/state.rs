//! What can be read of a detector.

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use super::PyDriftDetector;
use crate::bindings::event::timestamp::to_datetime;
use crate::observer::Limit;

#[pymethods]
impl PyDriftDetector {
    /// Configuration name of the test.
    #[getter]
    fn test(&self) -> &'static str {
        self.core.config().test.name()
    }

    /// Values that the window holds when full.
    #[getter]
    fn window_size(&self) -> usize {
        self.core.config().window_size
    }

    /// Values between looks.
    #[getter]
    fn check_every(&self) -> usize {
        self.core.check_every()
    }

    /// The statistic from which on there is drift; None when p-values decide.
    #[getter]
    fn threshold(&self) -> Option<f64> {
        match self.status().limit {
            Limit::Threshold(threshold) => Some(threshold),
            Limit::Alpha(_) => None,
        }
    }

    /// The p-value below which a look finds drift; None with a threshold. With a
    /// budget of time, what the last look could spend.
    #[getter]
    fn alpha(&self) -> Option<f64> {
        match self.status().limit {
            Limit::Threshold(_) => None,
            Limit::Alpha(alpha) => Some(alpha),
        }
    }

    /// Values in the window.
    #[getter]
    fn n(&self) -> usize {
        self.status().n
    }

    /// Values taken since the start, missing ones left out.
    #[getter]
    fn n_samples(&self) -> u64 {
        self.status().n_samples
    }

    /// Missing values since the start.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.status().n_missing
    }

    /// Whether too many of the last ``window_size`` arrivals are missing.
    #[getter]
    fn data_missing(&self) -> bool {
        self.status().data_missing
    }

    /// Statistic of the last look; None before the first.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.status().statistic
    }

    /// p-value of the last look; None before the first and for tests without.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.status().p_value
    }

    /// Whether the last look found drift.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.status().drift_detected
    }

    /// Alerts so far, emitted in a hub or returned without one: beginnings of
    /// drift and reminders.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.status().n_detections
    }

    /// Looks that found drift within the cooldown.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.status().n_suppressed
    }

    /// When the last alert was raised; None before the first.
    #[getter]
    fn last_alert<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.status().last_alert;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    /// Lag-1 autocorrelation of the baseline in its order; None for a constant.
    #[getter]
    fn baseline_autocorrelation(&self) -> Option<f64> {
        self.status().baseline_autocorrelation
    }

    fn __repr__(&self) -> String {
        let status = self.status();
        let limit = match status.limit {
            Limit::Threshold(threshold) => format!("threshold={threshold}"),
            Limit::Alpha(alpha) => format!("alpha={alpha}"),
        };
        format!(
            "DriftDetector(test='{}', window_size={}, {limit}, n={}, drift_detected={})",
            self.test(),
            self.window_size(),
            status.n,
            if status.drift_detected {
                "True"
            } else {
                "False"
            },
        )
    }
}
