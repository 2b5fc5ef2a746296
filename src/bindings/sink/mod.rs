//! Receivers of alerts as Python objects: native sinks, and callables.

pub(crate) mod callable;

use std::sync::Arc;

use pyo3::prelude::*;

use crate::alert::Sink;

/// A sink that sends alerts without any Python call.
///
/// The base of the sinks that come with driftline; not made by itself.
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
}
