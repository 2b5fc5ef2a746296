//! Native observers as Python objects.

pub(crate) mod alert_dispatcher;
pub(crate) mod clock;
pub(crate) mod console_logger;
pub(crate) mod drift_detector;
pub(crate) mod drift_monitor;
pub(crate) mod latency_monitor;
pub(crate) mod metrics_collector;
pub(crate) mod performance_monitor;
pub(crate) mod retraining_trigger;
pub(crate) mod stream_detector;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::bindings::arguments;
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

/// How long a wait goes without looking at pending signals.
const SLICE: Duration = Duration::from_millis(50);

pub(crate) fn flush_timeout_s(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    arguments::not_negative("timeout_s", value)
}

/// Waits until nothing is left of what an observer has accepted; whether that is so.
pub(crate) fn flush(py: Python<'_>, observer: &dyn Observer, timeout_s: f64) -> PyResult<bool> {
    let begin = Instant::now();
    let until = begin.checked_add(arguments::seconds(timeout_s));
    let until = until.unwrap_or(begin + FOR_EVER);
    loop {
        let slice = until.min(Instant::now() + SLICE);
        if outside(py, || observer.settle(slice)) {
            return Ok(true);
        }
        py.check_signals()?;
        if Instant::now() >= until {
            return Ok(false);
        }
    }
}

/// As long as nobody waits.
const FOR_EVER: Duration = Duration::from_secs(1 << 32);

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
