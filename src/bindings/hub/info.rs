//! What `Hub.observers()` tells.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::bindings::event::severity::{SeverityMember, severity_member};
use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::Python3;
use crate::hub::{self, Hub};

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
    info: hub::ObserverInfo,
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

    /// How it is called.
    #[getter]
    fn mode(&self) -> &'static str {
        "inline"
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

    /// Deliveries that were dropped; an inline observer drops none.
    #[getter]
    fn dropped(&self) -> u64 {
        0
    }

    /// Events that wait for it; none wait for an inline observer.
    #[getter]
    fn queue_depth(&self) -> u64 {
        0
    }

    /// Mean time of a call in seconds, measured on one emission in 64 of a
    /// thread (its first included); None when none was measured.
    #[getter]
    fn time_per_call_s(&self) -> Option<f64> {
        self.info.time_per_call_s
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = crate::bindings::event::model::quoted(py, self.name())?;
        Ok(format!(
            "ObserverInfo(name={name}, slot={}, calls={}, failures={}{})",
            self.info.handle.slot(),
            self.info.calls,
            self.info.failures,
            if self.info.suspended {
                ", suspended=True"
            } else {
                ""
            }
        ))
    }
}
