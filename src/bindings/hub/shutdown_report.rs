//! `ShutdownReport` in Python.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy};

use crate::hub;

/// What came of :meth:`Hub.shutdown`.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(lambda event: None, name="writer", mode="queued")
/// >>> report = hub.emit("f1", 0.8)
/// >>> hub.shutdown()
/// ShutdownReport(delivered=1, left=0, by_observer={})
#[pyclass(frozen, module = "driftline")]
pub(crate) struct ShutdownReport {
    delivered: u64,
    left: u64,
    by_observer: Py<PyMappingProxy>,
}

impl ShutdownReport {
    pub(crate) fn new(py: Python<'_>, report: hub::ShutdownReport) -> PyResult<Self> {
        let by_observer = PyDict::new(py);
        for (name, left) in &report.by_observer {
            by_observer.set_item(&**name, left)?;
        }
        Ok(Self {
            delivered: report.delivered,
            left: report.left,
            by_observer: PyMappingProxy::new(py, by_observer.as_mapping()).unbind(),
        })
    }
}

#[pymethods]
impl ShutdownReport {
    /// Calls of observers in the hub's life, inline and queued ones.
    #[getter]
    fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Events that were accepted and not delivered: dropped, and counted, or
    /// still in an observer's hands.
    #[getter]
    fn left(&self) -> u64 {
        self.left
    }

    /// How many are left, by name of the observer; 0 for one that has none left
    /// but whose ``shutdown()`` did not return in time.
    #[getter]
    fn by_observer<'py>(&self, py: Python<'py>) -> Bound<'py, PyMappingProxy> {
        self.by_observer.bind(py).clone()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let by_observer = self.by_observer.bind(py).as_any();
        let copy = py.get_type::<PyDict>().call1((by_observer,))?.repr()?;
        Ok(format!(
            "ShutdownReport(delivered={}, left={}, by_observer={copy})",
            self.delivered, self.left
        ))
    }
}
