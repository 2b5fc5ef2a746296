//! `StreamStatus`: what a stream detector has seen and found of one series.

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::timestamp::to_datetime;
use crate::observer::StreamStatus as Status;
use crate::stream::Direction;

/// What a ``StreamDetector`` had seen and found of one series when asked; made by its
/// ``status(model, feature)``.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct StreamStatus(pub(crate) Status);

#[pymethods]
impl StreamStatus {
    /// The model, or None for events without one, or where models are not kept apart.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.0.model.clone().map(PyModelId)
    }

    /// The feature, or None for events without one.
    #[getter]
    fn feature(&self) -> Option<&str> {
        self.0.feature.as_deref()
    }

    /// Values since the last change, or since the start.
    #[getter]
    fn n(&self) -> u64 {
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

    /// Values that the detector does not take, such as 0.3 where it takes 0 and 1; with a
    /// bank, the rows of its model that were refused as a whole.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.0.n_refused
    }

    /// Whether there was a change, and not yet ``resolve_after`` values without another.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.0.drift_detected
    }

    /// Whether the last value was in the detector's warning zone.
    #[getter]
    fn warning_detected(&self) -> bool {
        self.0.warning_detected
    }

    /// Changes told so far.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.0.n_detections
    }

    /// Changes within the cooldown.
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

    /// The detector's statistic at its last look; None before the first. Of an object of
    /// your own: what it had at the last change.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.0.reading.statistic
    }

    /// What the statistic is compared with.
    #[getter]
    fn limit(&self) -> Option<f64> {
        self.0.reading.limit
    }

    /// Which way the last change went: "up" or "down"; None before the first.
    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.0.reading.direction.map(Direction::as_str)
    }

    /// What the detector takes for the present mean, or None where it has no such thing.
    #[getter]
    fn estimation(&self) -> Option<f64> {
        self.0.reading.estimation
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let model = match &self.0.model {
            Some(model) => quoted(py, &model.to_string())?,
            None => "None".to_owned(),
        };
        let feature = match &self.0.feature {
            Some(feature) => quoted(py, feature)?,
            None => "None".to_owned(),
        };
        Ok(format!(
            "StreamStatus(model={model}, feature={feature}, n_samples={}, n_detections={}, \
             drift_detected={})",
            self.0.n_samples,
            self.0.n_detections,
            if self.0.drift_detected {
                "True"
            } else {
                "False"
            },
        ))
    }
}
