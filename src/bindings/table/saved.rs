//! Plans as bytes and as files.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::plan::PyTablePlan;
use crate::bindings::arguments::{argument, count};
use crate::bindings::gate::outside;
use crate::table::Plan;

#[pymethods]
impl PyTablePlan {
    /// The plan as bytes; see `driftline.Plan.to_bytes`.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = outside(py, || self.core.to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The plan of such bytes, with at most so many numbers.
    #[staticmethod]
    #[pyo3(signature = (data: "bytes | bytearray", max_values: "int"))]
    fn from_bytes(
        py: Python<'_>,
        data: PyBackedBytes,
        #[pyo3(from_py_with = self::max_values)] max_values: u64,
    ) -> PyResult<Self> {
        let core = outside(py, || Plan::from_bytes(&data, max_values))?;
        Self::of(py, Arc::new(core))
    }

    /// Writes the plan to a file; see `driftline.Plan.save`.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(outside(py, || self.core.save(&path))?)
    }

    /// Reads the plan of a file, with at most so many numbers.
    #[staticmethod]
    #[pyo3(signature = (path: "str | os.PathLike[str]", max_values: "int"))]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        #[pyo3(from_py_with = self::max_values)] max_values: u64,
    ) -> PyResult<Self> {
        let core = outside(py, || Plan::load(&path, max_values))?;
        Self::of(py, Arc::new(core))
    }

    /// How many bytes `to_bytes` makes.
    #[getter]
    fn n_bytes(&self, py: Python<'_>) -> u64 {
        outside(py, || self.core.n_bytes())
    }

    /// Each column and how many of them it takes.
    #[getter]
    fn column_bytes(&self, py: Python<'_>) -> Vec<(&str, u64)> {
        outside(py, || self.core.column_bytes().collect())
    }
}

argument!(max_values: u64 = count);
