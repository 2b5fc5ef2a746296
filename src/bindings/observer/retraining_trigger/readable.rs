//! What can be read of a trigger.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::PyRetrainingTrigger;
use crate::bindings::event::model::PyModelId;
use crate::bindings::observer::drift_detector::PyDriftDetector;
use crate::observer::HeldBack;

#[pymethods]
impl PyRetrainingTrigger {
    /// What became of the runs: how many were ``triggered``, ``scheduled`` (``schedule``
    /// returned), ``completed`` (their ``training_completed`` came), ``failed``
    /// (``schedule`` raised at every attempt) and ``timed_out``. Always ``triggered`` is
    /// ``completed``, ``failed``, ``timed_out`` and those in flight together.
    #[getter]
    fn runs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let runs = self.core.runs();
        let dict = PyDict::new(py);
        dict.set_item("triggered", runs.triggered)?;
        dict.set_item("scheduled", runs.scheduled)?;
        dict.set_item("completed", runs.completed)?;
        dict.set_item("failed", runs.failed)?;
        dict.set_item("timed_out", runs.timed_out)?;
        Ok(dict)
    }

    /// How many runs were asked for and not started, by reason: ``unconfirmed``,
    /// ``no_model``, ``in_flight``, ``cooldown``, ``rate_limited``, ``overflow``. Reasons
    /// that did not occur are left out.
    #[getter]
    fn held_back<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (reason, count) in HeldBack::ALL.into_iter().zip(self.core.held_back()) {
            if count > 0 {
                dict.set_item(reason.as_str(), count)?;
            }
        }
        Ok(dict)
    }

    /// The names of the models whose training has not ended, in order.
    #[getter]
    fn in_flight<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.core.in_flight().iter().map(|name| &**name))
    }

    /// Events that said nothing because a value or p-value was missing.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.core.n_missing()
    }

    /// How often a detector got a new baseline.
    #[getter]
    fn n_rebased(&self) -> u64 {
        self.core.rebased().0
    }

    /// How often a detector was to get a new baseline and kept the old one: its window
    /// was not full, or ``baseline`` raised, or what it returned was refused.
    #[getter]
    fn n_not_rebased(&self) -> u64 {
        self.core.rebased().1
    }

    /// The scheduler as it was given.
    #[getter]
    fn schedule(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let given = self.given.lock();
        given.schedule.as_ref().map(|object| object.clone_ref(py))
    }

    /// The strategy as it was given.
    #[getter]
    fn strategy(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let given = self.given.lock();
        given.strategy.as_ref().map(|object| object.clone_ref(py))
    }

    /// The function that knows baselines, as it was given.
    #[getter]
    fn baseline(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let given = self.given.lock();
        given.baseline.as_ref().map(|object| object.clone_ref(py))
    }

    /// The detectors that get new baselines.
    #[getter]
    fn detectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let detectors: Vec<Py<PyDriftDetector>> = {
            let given = self.given.lock();
            let detectors = given.detectors.iter();
            detectors.map(|detector| detector.clone_ref(py)).collect()
        };
        PyTuple::new(py, detectors)
    }

    /// The f1 below which to retrain.
    #[getter]
    fn min_f1(&self) -> Option<f64> {
        self.core.config().min_f1
    }

    /// The p-value below which to retrain.
    #[getter]
    fn max_p(&self) -> Option<f64> {
        self.core.config().max_p
    }

    /// The kinds of events that ``max_p`` and the strategy look at.
    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let kinds = self.core.config().kinds.iter();
        PyTuple::new(py, kinds.map(|kind| kind.as_str()))
    }

    /// The effect that matters.
    #[getter]
    fn min_effect(&self) -> Option<f64> {
        self.core.config().min_effect
    }

    /// How many of how many looks must say so.
    #[getter]
    fn confirm(&self) -> Option<(u32, u32)> {
        self.core.config().confirm
    }

    /// Seconds between two runs of a model name.
    #[getter]
    fn cooldown_s(&self) -> f64 {
        self.core.config().cooldown_s
    }

    /// The most runs of all models, within how many seconds.
    #[getter]
    fn rate_limit(&self) -> Option<(u32, f64)> {
        self.core.config().rate_limit
    }

    /// Seconds after which a run is given up.
    #[getter]
    fn run_timeout_s(&self) -> f64 {
        self.core.config().run_timeout_s
    }

    /// Calls of ``schedule`` after the first.
    #[getter]
    fn retries(&self) -> u32 {
        self.core.config().retries
    }

    /// The kind of event with which detectors get a new baseline.
    #[getter]
    fn rebase_on(&self) -> Option<&str> {
        let kind = self.core.config().rebase_on.as_ref();
        kind.map(|kind| kind.as_str())
    }

    /// The model of events that name none.
    #[getter]
    fn default_model(&self) -> Option<PyModelId> {
        self.core.config().default_model.clone().map(PyModelId)
    }
}
