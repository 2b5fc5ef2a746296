//! What `Hub.observers()` tells.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bindings::event::severity::{SeverityMember, severity_member};
use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::Python3;
use crate::hub::{self, Hub, Mode};
use crate::observer::DropReason;

/// What is known of a registered observer, at the time of asking.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(lambda event: None, name="silent", kinds="f1")
/// >>> hub.emit("f1", 0.8).success
/// 1
/// >>> hub.observers()[0].calls
/// 1
#[pyclass(frozen, module = "driftline")]
pub(crate) struct ObserverInfo {
    pub(crate) info: hub::ObserverInfo,
    handle: Py<ObserverHandle>,
}

impl ObserverInfo {
    pub(crate) fn new(
        py: Python<'_>,
        info: hub::ObserverInfo,
        hub: &Arc<Hub<Python3>>,
    ) -> PyResult<Self> {
        let handle = Py::new(py, ObserverHandle::new(info.handle, hub))?;
        Ok(Self { info, handle })
    }
}

#[pymethods]
impl ObserverInfo {
    /// The observer itself: the callable, the object or the native observer; None once
    /// it was unregistered. This is the way to those of ``from_config`` and ``bootstrap``.
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.bootstrap()
    /// >>> observers = {info.name: info.observer for info in hub.observers()}
    /// >>> observers["drift_monitor"]
    /// DriftMonitor(threshold=None, entries=0, drifting=0)
    #[getter]
    fn observer<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.handle.get().observer(py)
    }

    /// Its handle.
    #[getter]
    fn handle<'py>(&self, py: Python<'py>) -> Bound<'py, ObserverHandle> {
        self.handle.bind(py).clone()
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.info.name
    }

    /// The kinds that it hears; None is all.
    #[getter]
    fn kinds(&self) -> Option<Vec<String>> {
        let kinds = self.info.filter.kinds.as_ref()?;
        Some(kinds.iter().map(ToString::to_string).collect())
    }

    /// The models that it hears; None is all.
    #[getter]
    fn models(&self) -> Option<Vec<String>> {
        let models = self.info.filter.models.as_ref()?;
        Some(models.iter().map(ToString::to_string).collect())
    }

    /// The features that it hears; None is all.
    #[getter]
    fn features(&self) -> Option<Vec<String>> {
        let features = self.info.filter.features.as_ref()?;
        Some(features.iter().map(ToString::to_string).collect())
    }

    /// The lowest severity that it hears; None is all.
    #[getter]
    fn min_severity<'py>(&self, py: Python<'py>) -> PyResult<Option<SeverityMember<'py>>> {
        self.info
            .filter
            .min_severity
            .map(|severity| severity_member(py, severity))
            .transpose()
    }

    /// Higher is called earlier.
    #[getter]
    fn priority(&self) -> i32 {
        self.info.priority
    }

    /// Whether it is unregistered before its first call.
    #[getter]
    fn once(&self) -> bool {
        self.info.once
    }

    /// ``"inline"``: called in the emitter's thread; ``"queued"``: by a worker of
    /// its own, or on an event loop.
    #[getter]
    fn mode(&self) -> &'static str {
        self.info.mode.as_str()
    }

    /// Whether it was suspended after ``max_consecutive_failures``.
    #[getter]
    fn suspended(&self) -> bool {
        self.info.suspended
    }

    /// Calls made, failed ones included.
    #[getter]
    fn calls(&self) -> u64 {
        self.info.calls
    }

    /// Calls that failed.
    #[getter]
    fn failures(&self) -> u64 {
        self.info.failures
    }

    /// Events that its queue dropped; an inline observer drops none.
    #[getter]
    fn dropped(&self) -> u64 {
        self.info.dropped.iter().sum()
    }

    /// The same by reason: ``drop_oldest`` and ``drop_newest`` (the queue was
    /// full), ``block_timeout``, ``would_block`` (the emitter would have waited for
    /// itself), ``unregistered``, ``shutdown``, ``loop_closed``, ``no_worker``,
    /// ``interrupted`` (Ctrl-C while the emitter waited). Reasons that did not occur are left out.
    #[getter]
    fn dropped_by_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        by_reason(py, self.info.dropped)
    }

    /// Events accepted and not delivered yet, the one in the observer's hands
    /// included; an inline observer has none.
    #[getter]
    fn queue_depth(&self) -> u64 {
        self.info.queue_depth
    }

    /// Mean time of a call in seconds; None when none was measured. Every call of a
    /// queued observer is, and of an inline one those of one emission in 64 of a
    /// thread (its first included). The time that a coroutine function waits counts.
    #[getter]
    fn time_per_call_s(&self) -> Option<f64> {
        self.info.time_per_call_s
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = crate::bindings::event::model::quoted(py, self.name())?;
        Ok(format!(
            "ObserverInfo(name={name}, slot={}, calls={}, failures={}{}{})",
            self.info.handle.slot(),
            self.info.calls,
            self.info.failures,
            match self.info.mode {
                Mode::Inline => String::new(),
                Mode::Queued => format!(
                    ", mode='queued', queue_depth={}, dropped={}",
                    self.info.queue_depth,
                    self.dropped()
                ),
            },
            if self.info.suspended {
                ", suspended=True"
            } else {
                ""
            }
        ))
    }
}

/// Counts of dropped events, by the names of the reasons that occurred.
pub(crate) fn by_reason(
    py: Python<'_>,
    counts: [u64; DropReason::ALL.len()],
) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    for (reason, count) in DropReason::ALL.into_iter().zip(counts) {
        if count > 0 {
            dict.set_item(reason.as_str(), count)?;
        }
    }
    Ok(dict)
}
