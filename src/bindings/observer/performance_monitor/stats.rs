//! `PerformanceStats` in Python.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict};

use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::timestamp::to_datetime;
use crate::event::Kind;
use crate::labels::LabelCounts;
use crate::observer;

/// What is known of one model at one moment, from ``PerformanceMonitor.stats``.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct PerformanceStats {
    inner: observer::PerformanceStats,
}

impl From<observer::PerformanceStats> for PerformanceStats {
    fn from(inner: observer::PerformanceStats) -> Self {
        Self { inner }
    }
}

/// Counts by name.
pub(crate) fn counts<'py>(py: Python<'py>, counts: &LabelCounts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, count) in [
        ("predictions", counts.predictions),
        ("labels", counts.labels),
        ("matched", counts.matched),
        ("late", counts.late),
        ("duplicates", counts.duplicates),
        ("unmatched", counts.unmatched),
        ("waiting", counts.waiting),
        ("pending", counts.pending),
        ("expired", counts.expired),
        ("evicted", counts.evicted),
        ("replaced", counts.replaced),
    ] {
        dict.set_item(name, count)?;
    }
    Ok(dict)
}

/// Metrics by name.
pub(super) fn metrics<'py>(
    py: Python<'py>,
    metrics: &[(Kind, f64)],
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (kind, value) in metrics {
        dict.set_item(kind.as_str(), value)?;
    }
    Ok(dict)
}

#[pymethods]
impl PerformanceStats {
    /// The model; None for predictions that named none.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.inner.model.clone().map(PyModelId)
    }

    /// ``"classification"`` or ``"regression"``; None before the first pair.
    #[getter]
    fn task(&self) -> Option<&'static str> {
        self.inner.task.map(|task| task.name())
    }

    /// What became of its predictions and labels; see ``PerformanceMonitor.counts``.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counts(py, &self.inner.counts)
    }

    /// The share of predictions that have their label by now.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        self.inner.coverage
    }

    /// Pairs in the window.
    #[getter]
    fn n(&self) -> usize {
        self.inner.n
    }

    /// Pairs of a text and a number, and texts where numbers are predicted.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.inner.refused
    }

    /// The metrics of the window, by name.
    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        metrics(py, &self.inner.metrics)
    }

    /// Event time (UTC) of the last prediction or label.
    #[getter]
    fn last_seen<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.inner.last_seen)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let model = match &self.inner.model {
            Some(model) => quoted(py, &model.to_string())?,
            None => "None".to_owned(),
        };
        let coverage = match self.inner.coverage {
            Some(coverage) => format!("{coverage:.3}"),
            None => "None".to_owned(),
        };
        let metrics = self.inner.metrics.iter();
        let metrics = metrics.map(|(kind, value)| format!(", {kind}={value:.4}"));
        let metrics: String = metrics.collect();
        let n = self.inner.n;
        Ok(format!(
            "PerformanceStats({model}, n={n}, coverage={coverage}{metrics})"
        ))
    }
}
