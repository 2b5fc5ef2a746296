//! Estimates of performance.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::input::{Input, read};
use super::plan::{Interpreter, PyTablePlan};
use crate::bindings::arguments::{number, whole};
use crate::bindings::gate::outside;
use crate::error::Error;
use crate::estimate::Chunks;
use crate::table::{ColumnData, Table};

#[pymethods]
impl PyTablePlan {
    /// Estimates how well the predictions of a table do: the report as JSON; see
    /// `driftline.Plan.estimate`.
    #[pyo3(signature = (
        current: "typing.Any",
        *,
        metrics: "list[str] | None" = None,
        chunk_size: "int | None" = None,
        labels: "typing.Any" = None,
        level: "float" = 0.95
    ))]
    fn estimate(
        &self,
        py: Python<'_>,
        current: &Bound<'_, PyAny>,
        metrics: Option<Vec<String>>,
        #[pyo3(from_py_with = self::chunk_size)] chunk_size: Option<usize>,
        labels: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = self::level)] level: f64,
    ) -> PyResult<String> {
        let chunks = Chunks {
            size: chunk_size,
            level,
            threads: None,
        };
        chunks.validate()?;
        let host = Interpreter::new(py, None);
        let mut table = at_hand("current", current, self.settings.get().names.as_deref())?;
        let labels = labels.filter(|labels| !labels.is_none());
        let labels = labels.map(column_of_labels).transpose()?;
        let report = self
            .core
            .estimate(table.as_mut(), labels, metrics.as_deref(), &chunks, &host);
        let report = host.outcome(report)?;
        let text = outside(py, || serde_json::to_string(&report));
        text.map_err(|error| Error::invalid_value("report", error, "a report").into())
    }
}

fn at_hand(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Box<dyn Table>> {
    match read(argument, obj, names)? {
        Input::Whole(table) => Ok(table),
        Input::Stream(_) => {
            let got = "a stream of batches larger than memory";
            let allowed = "a table at hand, to estimate performance";
            Err(Error::invalid_type(argument, got, allowed).into())
        }
    }
}

/// Labels are a table of one column.
fn column_of_labels(labels: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let mapping = PyDict::new(labels.py());
    mapping.set_item("labels", labels)?;
    let mut table = at_hand("labels", mapping.as_any(), None)?;
    Ok(table.column(0)?)
}

fn chunk_size(value: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    if value.is_none() {
        return Ok(None);
    }
    Ok(Some(whole("chunk_size", value, 1..=u32::MAX)? as usize))
}

fn level(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number("level", value)
}
