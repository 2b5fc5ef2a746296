//! `LogSink` in Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::{NativeSink, options};
use crate::alert::sink::LogSink;

/// Writes every alert to the logger ``driftline.alerts`` of :mod:`logging` as one
/// line, at the level of its severity (critical ones as errors), and at INFO when
/// something is over.
///
/// :param name: in counters; ``"log"`` by default.
///
/// >>> import driftline as dl
/// >>> dl.LogSink()
/// LogSink()
#[pyclass(name = "LogSink", frozen, extends = NativeSink, module = "driftline")]
pub(crate) struct PyLogSink;

#[pymethods]
impl PyLogSink {
    #[new]
    #[pyo3(signature = (*, name: "str | None" = None))]
    fn new(name: Option<&Bound<'_, PyAny>>) -> PyResult<PyClassInitializer<Self>> {
        let sink = Arc::new(LogSink::new(options::name(name)?));
        Ok(PyClassInitializer::from(NativeSink { sink }).add_subclass(Self))
    }

    fn __repr__(&self) -> &'static str {
        "LogSink()"
    }
}
