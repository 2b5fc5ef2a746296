//! Native observers as Python objects.

pub(crate) mod alert_dispatcher;
pub(crate) mod clock;
pub(crate) mod console_logger;
pub(crate) mod drift_detector;
pub(crate) mod drift_monitor;
pub(crate) mod latency_monitor;
pub(crate) mod metrics_collector;

use std::sync::Arc;

use pyo3::prelude::*;

use crate::bindings::gate::outside;
use crate::fork;
use crate::observer::Observer;

/// Runs native work that holds an observer's lock without the interpreter's, and
/// keeps a fork from happening in the middle of it.
pub(crate) fn detached<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> R {
    outside(py, || {
        let _section = fork::section();
        work()
    })
}

/// An observer that runs without any Python call; register it like a callable.
///
/// The base of ``ConsoleLogger``, ``DriftDetector``, ``LatencyMonitor`` and the other native
/// observers; not made by itself.
#[pyclass(frozen, subclass, module = "driftline")]
pub(crate) struct NativeObserver {
    /// What the hub calls.
    pub(crate) observer: Arc<dyn Observer>,
}

#[pymethods]
impl NativeObserver {
    /// The name in reports and logs, unless the registration gives one.
    #[getter]
    fn name(&self) -> String {
        self.observer.name().to_string()
    }
}
