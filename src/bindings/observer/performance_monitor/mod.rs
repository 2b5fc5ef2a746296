//! `PerformanceMonitor` in Python.

pub(crate) mod stats;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bindings::arguments::{self, argument, number, string, text, whole, wrong_type};
use crate::bindings::event::metadata::json_like;
use crate::bindings::event::model::PyModelId;
use crate::bindings::observer::{NativeObserver, detached};
use crate::event::{ModelId, Value};
use crate::observer::{Answer, Learned, PerformanceConfig, PerformanceMonitor};
use stats::{PerformanceStats, metrics};

/// Joins predictions with the labels that come later, and tells how well models do.
///
/// Register it in a hub. It hears ``inference_completed`` events that carry an ``id`` and a
/// prediction (``hub.inference_completed(model, latency_ms=..., id=..., prediction=...)``),
/// and ``ground_truth`` events with the same id (``hub.ground_truth(id, y)``). Every
/// ``every`` pairs of a model it emits the metrics of the last ``window`` pairs, one event
/// each: ``accuracy``, ``precision``, ``recall`` and ``f1`` of classes, ``mae`` and ``rmse``
/// of numbers, with ``samples_seen``, ``n`` (pairs in the window), ``coverage`` (the share
/// of predictions that have their label by now) and ``pending`` in the metadata.
///
/// A label that names a model joins a prediction of that model and version; one that names
/// none joins those of every model that has predicted its id by then, or of the first that
/// does. Labels may come first. What came too late, twice, or never is counted: see
/// ``counts``.
///
/// :param prediction: the metadata key of the prediction; dots descend.
/// :param task: ``"classification"`` or ``"regression"``; None: as the first pair of a model
///     has it, regression with a float on either side, else classification.
/// :param positive: the class that precision, recall and F1 are of; None: their means over
///     the classes of the window (macro; 0 where there is nothing to divide by).
/// :param window: the last so many pairs of a model count, 1 to 10,000,000.
/// :param every: metrics are emitted after every so many pairs of a model.
/// :param ttl_s: how long a prediction waits for its label, and a label for its
///     prediction, in seconds of event time, above 0 and at most 1e9; by default 30 days.
/// :param max_pending: predictions that wait at most, of each model; the oldest leave first. As
///     many labels, and ids that are remembered.
/// :param min_labels: pairs in the window before metrics are emitted, 1 to ``window``; None:
///     30, or ``window`` where that is less.
/// :param max_models: the most models kept apart; newcomers beyond that share
///     ``__overflow__``. None: as many as the hub says, 1000 without one.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> monitor = dl.PerformanceMonitor()
/// >>> handle = hub.register(monitor)
/// >>> for id, prediction in [("a", "cat"), ("b", "cat"), ("c", "dog")]:
/// ...     report = hub.inference_completed("pets:1", latency_ms=2, id=id, prediction=prediction)
/// >>> report = hub.ground_truth("b", "dog")
/// >>> report = hub.ground_truth("a", "cat")
/// >>> monitor.metrics("pets:1")["accuracy"], round(monitor.coverage("pets:1"), 2)
/// (0.5, 0.67)
#[pyclass(name = "PerformanceMonitor", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyPerformanceMonitor {
    pub(crate) core: Arc<PerformanceMonitor>,
}

argument!(window: usize = size);
argument!(max_pending: usize = size);
argument!(ttl_s: f64 = number);

fn size(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(whole(argument, value, 1..=u32::MAX)? as usize)
}

fn every(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    Ok(u64::from(whole("every", value, 1..=u32::MAX)?))
}

fn task(value: &Bound<'_, PyAny>) -> PyResult<Option<Learned>> {
    if value.is_none() {
        return Ok(None);
    }
    let allowed = "\"classification\", \"regression\", or None to tell it by the values";
    let name = string("task", value, allowed)?.to_string_lossy();
    Ok(Some(Learned::from_name(&name)?))
}

fn positive(value: &Bound<'_, PyAny>) -> PyResult<Option<Answer>> {
    if value.is_none() {
        return Ok(None);
    }
    let allowed = "a class, as it is predicted: a str, an int, a bool or a float, or None";
    let refused = || wrong_type("positive", value, allowed);
    match json_like("positive", value).map_err(|_| refused())? {
        Value::Str(text) => Ok(Some(Answer::Text(text.as_str().into()))),
        other => {
            let number = other.as_f64().and_then(Answer::number);
            number.map(Some).ok_or_else(refused)
        }
    }
}

/// A model, or none.
fn model(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<ModelId>> {
    value.map(arguments::model).transpose()
}

#[pymethods]
impl PyPerformanceMonitor {
    #[new]
    #[pyo3(signature = (
        *,
        prediction: "str" = "prediction",
        task: "str | None" = None,
        positive: "str | int | float | bool | None" = None,
        window: "int" = 1_000,
        every: "int" = 100,
        ttl_s: "float" = 2_592_000.0,
        max_pending: "int" = 100_000,
        min_labels: "int | None" = None,
        max_models: "int | None" = None,
        name: "str | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        #[pyo3(from_py_with = prediction_key)] prediction: &str,
        #[pyo3(from_py_with = self::task)] task: Option<Learned>,
        #[pyo3(from_py_with = self::positive)] positive: Option<Answer>,
        #[pyo3(from_py_with = self::window)] window: usize,
        #[pyo3(from_py_with = self::every)] every: u64,
        #[pyo3(from_py_with = self::ttl_s)] ttl_s: f64,
        #[pyo3(from_py_with = self::max_pending)] max_pending: usize,
        min_labels: Option<&Bound<'_, PyAny>>,
        max_models: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let defaults = PerformanceConfig::default();
        let min_labels = min_labels
            .map(|least| size("min_labels", least))
            .transpose()?;
        let config = PerformanceConfig {
            prediction: prediction.into(),
            task,
            positive,
            window,
            every,
            ttl_s,
            max_pending,
            min_labels: min_labels.unwrap_or(defaults.min_labels.min(window)),
            max_models: max_models.map(arguments::max_models).transpose()?,
            name: match name {
                Some(name) => text("name", name)?,
                None => defaults.name,
            },
        };
        let core = Arc::new(PerformanceMonitor::new(config)?);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self { core }))
    }

    /// The metrics of the pairs in a model's window, by name; empty before the first.
    ///
    /// :param model: None is the predictions that named none, ``"__overflow__"`` those that
    ///     found no room for a model of their own.
    /// :raises InvalidValueError: a model that was not heard of.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ) -> "dict[str, float]")]
    fn metrics<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let model = self::model(model)?;
        let stats = detached(py, || self.core.stats(model.as_ref()))?;
        metrics(py, &stats.metrics)
    }

    /// The share of a model's predictions that have their label by now, without those that
    /// were predicted again; None before the first. Labels of young predictions may be to come.
    ///
    /// :param model: as in ``metrics``.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn coverage(&self, py: Python<'_>, model: Option<&Bound<'_, PyAny>>) -> PyResult<Option<f64>> {
        let model = self::model(model)?;
        Ok(detached(py, || self.core.stats(model.as_ref()))?.coverage)
    }

    /// All that is known of a model.
    ///
    /// :param model: as in ``metrics``.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn stats(
        &self,
        py: Python<'_>,
        model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PerformanceStats> {
        let model = self::model(model)?;
        Ok(detached(py, || self.core.stats(model.as_ref()))?.into())
    }

    /// What became of the predictions and labels of all models together: of ``predictions``
    /// they are ``matched``, ``pending``, ``expired`` (older than ``ttl_s``), ``evicted``
    /// (the oldest of more than ``max_pending``) or ``replaced`` (the id was predicted again,
    /// and the newest counts); of ``labels`` they are ``matched``, ``late`` (their prediction had gone),
    /// ``duplicates`` (the id had one, and the first counts), ``waiting`` (for their
    /// prediction) or ``unmatched`` (none came). A label that joined the predictions of two
    /// models is counted for each.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        stats::counts(py, &detached(py, || self.core.counts()))
    }

    /// Events with an id whose prediction or label is neither text nor a finite number.
    #[getter]
    fn n_without_value(&self) -> u64 {
        self.core.n_without_value()
    }

    /// Events that found no room for a model of their own.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.n_overflow()
    }

    /// The models with figures of their own, in the order in which they came; None among
    /// them stands for predictions that named no model.
    #[pyo3(signature = () -> "list[ModelId | None]")]
    fn models(&self) -> Vec<Option<PyModelId>> {
        let models = self.core.models().into_iter();
        models.map(|model| model.map(PyModelId)).collect()
    }

    /// Start afresh: all is forgotten.
    fn reset(&self, py: Python<'_>) {
        detached(py, || self.core.reset());
    }

    fn __repr__(&self) -> String {
        let config = self.core.config();
        format!(
            "PerformanceMonitor(window={}, every={}, models={})",
            config.window,
            config.every,
            self.core.models().len()
        )
    }
}

fn prediction_key<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    string("prediction", value, "a str")?.to_str()
}
