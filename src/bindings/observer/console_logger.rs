//! `ConsoleLogger` in Python.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::bindings::observer::NativeObserver;
use crate::observer;

/// Writes every event that it hears to the logger ``driftline.events`` of
/// :mod:`logging`, at the level of its severity (critical ones as errors; trace
/// is level 5). Levels that are changed later take effect. As ever with
/// :mod:`logging`, events below warning are shown only where that is asked for:
/// ``logging.basicConfig(level=logging.INFO)``.
///
/// >>> import logging, sys
/// >>> import driftline as dl
/// >>> logger = logging.getLogger("driftline.events")
/// >>> handler = logging.StreamHandler(sys.stdout)
/// >>> logger.addHandler(handler)
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(dl.ConsoleLogger(), min_severity="warning")
/// >>> report = hub.inference_failed("fraud:1.2.0", message="timed out")
/// inference_failed model=fraud:1.2.0 {"message":"timed out"}
/// >>> logger.removeHandler(handler)
#[pyclass(frozen, extends = NativeObserver, module = "driftline")]
pub(crate) struct ConsoleLogger;

#[pymethods]
impl ConsoleLogger {
    #[new]
    fn new() -> PyClassInitializer<Self> {
        let observer = Arc::new(observer::ConsoleLogger);
        PyClassInitializer::from(NativeObserver { observer }).add_subclass(Self)
    }

    fn __repr__(&self) -> &'static str {
        "ConsoleLogger()"
    }
}
