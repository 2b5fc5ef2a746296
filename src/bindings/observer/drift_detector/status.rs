//! `DriftStatus`: what a detector has seen and found of one series.

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::timestamp::to_datetime;
use crate::observer::Status;

/// What a ``DriftDetector`` had seen and found of one model when asked; made by
/// its ``status(model)``.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct DriftStatus(pub(crate) Status);

#[pymethods]
impl DriftStatus {
    /// The model, or None for events without one.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.0.model.clone().map(PyModelId)
    }

    /// Values in the window.
    #[getter]
    fn n(&self) -> usize {
        self.0.n
    }

    /// Values taken since the start, missing ones left out.
    #[getter]
    fn n_samples(&self) -> u64 {
        self.0.n_samples
    }

    /// Missing values since the start.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.0.n_missing
    }

    /// Whether too many of the last ``window_size`` arrivals are missing, or none
    /// came for ``no_data_after_s``.
    #[getter]
    fn data_missing(&self) -> bool {
        self.0.data_missing
    }

    /// Statistic of the last look; None before the first.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.0.statistic
    }

    /// p-value of the last look; None before the first and for tests without.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.0.p_value
    }

    /// The statistic from which on there is drift; None when p-values decide.
    #[getter]
    fn threshold(&self) -> Option<f64> {
        self.0.limit.threshold()
    }

    /// The p-value below which a look finds drift; None with a threshold. With a
    /// budget of time, what the last look could spend.
    #[getter]
    fn alpha(&self) -> Option<f64> {
        self.0.limit.alpha()
    }

    /// Whether the last look found drift.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.0.drift_detected
    }

    /// Alerts so far: beginnings of drift and reminders.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.0.n_detections
    }

    /// Looks that found drift within the cooldown.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.0.n_suppressed
    }

    /// When the last alert was raised; None before the first.
    #[getter]
    fn last_alert<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.0.last_alert;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    /// Lag-1 autocorrelation of the baseline in its order; None for a constant.
    #[getter]
    fn baseline_autocorrelation(&self) -> Option<f64> {
        self.0.baseline_autocorrelation
    }

    /// Values of the baseline, missing ones left out.
    #[getter]
    fn n_baseline(&self) -> usize {
        self.0.n_baseline
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let model = match &self.0.model {
            Some(model) => quoted(py, &model.to_string())?,
            None => "None".to_owned(),
        };
        let statistic = match self.0.statistic {
            Some(statistic) => format!("{statistic:.4e}").parse().map_or_else(
                |_| statistic.to_string(),
                |rounded: f64| rounded.to_string(),
            ),
            None => "None".to_owned(),
        };
        let flag = |is: bool| if is { "True" } else { "False" };
        Ok(format!(
            "DriftStatus(model={model}, n={}, statistic={statistic}, drift_detected={}, \
             data_missing={})",
            self.0.n,
            flag(self.0.drift_detected),
            flag(self.0.data_missing),
        ))
    }
}
