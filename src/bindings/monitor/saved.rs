//! Monitors as bytes and as files.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyTuple};

use super::{PyMonitor, options};
use crate::bindings::arguments::{argument, count};
use crate::bindings::observer::detached;
use crate::bindings::table::PyTablePlan;

use crate::monitor::Monitor;

argument!(max_values: u64 = count);

impl PyMonitor {
    fn restored<'py>(
        py: Python<'py>,
        monitor: Monitor,
        hub: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let hub = hub.map(options::hub).transpose()?;
        let plan = PyTablePlan::of(py, monitor.plan().clone())?;

        Self::with(py, monitor, Py::new(py, plan)?, hub)
    }
}

#[pymethods]
impl PyMonitor {
    /// The monitor as bytes, its plan included: what it was asked, the window, looks and
    /// alarms. The hub is not among them, nor the last look.
    ///
    /// :raises InvalidTypeError: a plan with a test of your own.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = detached(py, || self.monitor().to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The monitor of such bytes, which goes on where it was.
    ///
    /// :param hub: where alarms go.
    /// :param max_values: see ``Plan.from_bytes``.
    /// :raises InvalidValueError: bytes that are no monitor, damaged, or of a later version.
    ///
    /// >>> import driftline as dl
    /// >>> monitor = dl.fit({"age": [31, 45, 27, 38] * 250}).monitor(window=100)
    /// >>> monitor.observe([44.0])
    /// >>> dl.Monitor.from_bytes(monitor.to_bytes()).n
    /// 1
    #[staticmethod]
    #[pyo3(signature = (
        data: "bytes | bytearray",
        *,
        hub: "Hub | None" = None,
        max_values: "int" = 1 << 28
    ) -> "Monitor")]
    fn from_bytes<'py>(
        py: Python<'py>,
        data: PyBackedBytes,
        hub: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = self::max_values)] max_values: u64,
    ) -> PyResult<Bound<'py, Self>> {
        let monitor = detached(py, || Monitor::from_bytes(&data, max_values))?;
        Self::restored(py, monitor, hub)
    }

    /// Write the monitor to a file, which is there wholly or not at all; see
    /// ``driftline.load_monitor``.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(detached(py, || self.monitor().save(&path))?)
    }

    #[staticmethod]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]",
        *,
        hub: "Hub | None" = None,
        max_values: "int" = 1 << 28
    ) -> "Monitor")]
    fn _load<'py>(
        py: Python<'py>,
        path: PathBuf,
        hub: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = self::max_values)] max_values: u64,
    ) -> PyResult<Bound<'py, Self>> {
        let monitor = detached(py, || Monitor::load(&path, max_values))?;
        Self::restored(py, monitor, hub)
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let made = slf.get_type().getattr("from_bytes")?;
        let arguments = PyTuple::new(py, [slf.get().to_bytes(py)?])?;
        PyTuple::new(py, [made, arguments.into_any()])
    }
}
