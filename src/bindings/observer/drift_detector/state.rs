//! What can be read of a detector.

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use super::PyDriftDetector;
use super::status::DriftStatus;
use crate::bindings::arguments;
use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp::to_datetime;
use crate::observer::Limit;

#[pymethods]
impl PyDriftDetector {
    /// Configuration name of the test.
    #[getter]
    fn test(&self) -> std::borrow::Cow<'static, str> {
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
        self.core.status().limit.threshold()
    }

    /// The p-value below which a look finds drift; None with a threshold. With a
    /// budget of time, what the last look could spend.
    #[getter]
    fn alpha(&self) -> Option<f64> {
        self.core.status().limit.alpha()
    }

    /// Whether each model has a window and a state of its own. If so, the counts
    /// below are sums over all, ``drift_detected`` and ``data_missing`` tell
    /// whether any is in that state, ``statistic`` and ``p_value`` are None.
    #[getter]
    fn per_model(&self) -> bool {
        self.core.config().per_model
    }

    /// The most models kept apart; None without ``per_model``.
    #[getter]
    fn max_models(&self) -> Option<usize> {
        self.core.max_models()
    }

    /// Seconds without an event after which a series is silent, or None.
    #[getter]
    fn no_data_after_s(&self) -> Option<f64> {
        self.core.config().no_data_after_s
    }

    /// Values of models for which there was no room: counted, not judged.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.n_overflow()
    }

    /// Values of models that no baseline is for: counted, not judged.
    #[getter]
    fn n_unknown_model(&self) -> u64 {
        self.core.n_unknown_model()
    }

    /// The models that have a series, as they came; None is that of events
    /// without a model. Empty without ``per_model``.
    ///
    /// >>> import driftline as dl
    /// >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, per_model=True)
    /// >>> detector.update_many([0.6, 0.6, 0.6], model="fraud:1").tolist()
    /// [2]
    /// >>> detector.update(0.5, model="churn:7")
    /// False
    /// >>> detector.models()
    /// [ModelId('fraud', '1'), ModelId('churn', '7')]
    #[pyo3(signature = () -> "list[ModelId | None]")]
    fn models(&self) -> Vec<Option<PyModelId>> {
        let models = self.core.models().into_iter();
        models.map(|model| model.map(PyModelId)).collect()
    }

    /// What was seen and found of one model, at the time of asking.
    ///
    /// :param model: as it was named in the events: ``"fraud"`` is the series of
    ///     events that name no version. None is that of events without a model;
    ///     without ``per_model``, the only one. A model that is named in a
    ///     baseline has a status before it is heard of.
    /// :raises InvalidValueError: a model that has no series; any model, without
    ///     ``per_model``.
    ///
    /// >>> import driftline as dl
    /// >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05, per_model=True)
    /// >>> detector.update_many([0.6, 0.6, 0.6], model="fraud:1").tolist()
    /// [2]
    /// >>> detector.status("fraud:1")
    /// DriftStatus(model='fraud:1', n=3, statistic=0.1, drift_detected=True, data_missing=False)
    #[pyo3(signature = (model: "str | ModelId | None" = None))]
    fn status(&self, model: Option<&Bound<'_, PyAny>>) -> PyResult<DriftStatus> {
        let model = model.map(arguments::model).transpose()?;
        let status = match model {
            None if !self.core.config().per_model => self.core.status(),
            model => self.core.status_of(&model)?,
        };
        Ok(DriftStatus(status))
    }

    /// Values in the window.
    #[getter]
    fn n(&self) -> usize {
        self.core.status().n
    }

    /// Values taken since the start, missing ones left out.
    #[getter]
    fn n_samples(&self) -> u64 {
        self.core.status().n_samples
    }

    /// Missing values since the start.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.core.status().n_missing
    }

    /// Whether too many of the last ``window_size`` arrivals are missing, or none
    /// came for ``no_data_after_s``.
    #[getter]
    fn data_missing(&self) -> bool {
        self.core.status().data_missing
    }

    /// Statistic of the last look; None before the first.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.core.status().statistic
    }

    /// p-value of the last look; None before the first and for tests without.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.core.status().p_value
    }

    /// Whether the last look found drift.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.core.status().drift_detected
    }

    /// Alerts so far, emitted in a hub or returned without one: beginnings of
    /// drift and reminders.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.core.status().n_detections
    }

    /// Looks that found drift within the cooldown.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.core.status().n_suppressed
    }

    /// When the last alert was raised; None before the first.
    #[getter]
    fn last_alert<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.core.status().last_alert;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    /// Lag-1 autocorrelation of the baseline in its order; None for a constant.
    #[getter]
    fn baseline_autocorrelation(&self) -> Option<f64> {
        self.core.status().baseline_autocorrelation
    }

    fn __repr__(&self) -> String {
        let status = self.core.status();
        let limit = match status.limit {
            Limit::Threshold(threshold) => format!("threshold={threshold}"),
            Limit::Alpha(alpha) => format!("alpha={alpha}"),
        };
        let per_model = match self.core.config().per_model {
            true => "per_model=True, ",
            false => "",
        };
        format!(
            "DriftDetector(test='{}', window_size={}, {limit}, {per_model}n={}, drift_detected={})",
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
