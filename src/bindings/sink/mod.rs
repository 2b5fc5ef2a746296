//! Receivers of alerts as Python objects: native sinks, and callables.

pub(crate) mod alertmanager;
pub(crate) mod callable;
pub(crate) mod log;
pub(crate) mod options;
pub(crate) mod pager_duty;
pub(crate) mod slack;
pub(crate) mod webhook;

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::alert::Sink;

/// A sink that sends alerts without any Python call; give it to an
/// ``AlertDispatcher``.
///
/// The base of ``WebhookSink``, ``SlackSink``, ``PagerDutySink``,
/// ``AlertmanagerSink`` and ``LogSink``; not made by itself.
#[pyclass(frozen, subclass, module = "driftline")]
pub(crate) struct NativeSink {
    /// What the dispatcher calls.
    pub(crate) sink: Arc<dyn Sink>,
}

#[pymethods]
impl NativeSink {
    /// The name in counters and logs.
    #[getter]
    fn name(&self) -> String {
        self.sink.name().to_string()
    }

    #[pyo3(signature = (_protocol: "typing.SupportsIndex", /) -> "typing.NoReturn")]
    fn __reduce_ex__(slf: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        let name = slf.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "{name} cannot be pickled or copied: it holds secrets and what it has told; \
             make a new one"
        )))
    }
}
