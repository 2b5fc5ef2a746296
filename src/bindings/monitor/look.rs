//! What a look at the window said.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict};

use crate::bindings::event::timestamp::to_datetime;
use crate::monitor::Look;
use crate::table::verdict::Verdict;

/// A look of a monitor at its window.
#[pyclass(name = "Look", frozen, module = "driftline")]
pub(crate) struct PyLook(pub(crate) Arc<Look>);

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Drifted => "drifted",
        Verdict::Stable => "stable",
        Verdict::Inconclusive => "inconclusive",
    }
}

#[pymethods]
impl PyLook {
    /// The how manyth, from 1.
    #[getter]
    fn number(&self) -> u64 {
        self.0.number
    }

    /// Rows of the window; of a fading one as many as tell as much.
    #[getter]
    fn n(&self) -> u64 {
        self.0.rows
    }

    /// Rows that had come until then.
    #[getter]
    fn samples_seen(&self) -> u64 {
        self.0.n_rows
    }

    /// When, by the rows' time.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.0.at)
    }

    /// What it could spend on false alarms.
    #[getter]
    fn alpha(&self) -> f64 {
        self.0.alpha
    }

    /// ``"drifted"``, ``"stable"`` or ``"inconclusive"``.
    #[getter]
    fn verdict(&self) -> &'static str {
        name(self.0.verdict)
    }

    /// The share of columns drifted, by weight.
    #[getter]
    fn share_drifted(&self) -> f64 {
        self.0.share_drifted.value
    }

    /// For each column its verdict, the share of rows moved with its interval, and the rate of
    /// missing values.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for column in &self.0.columns {
            let own = PyDict::new(py);
            let judgement = &column.judgement;
            own.set_item("verdict", name(judgement.verdict))?;
            let reasons: Vec<&str> = judgement.reasons.iter().map(|own| own.name()).collect();
            own.set_item("reasons", reasons)?;
            own.set_item("effect_size", judgement.effect.value)?;
            own.set_item("low", judgement.effect.low)?;
            own.set_item("high", judgement.effect.high)?;
            own.set_item("level", judgement.effect.level)?;
            let (missing_b, rows_b, missing_c, rows_c) = column.missing;
            own.set_item("missing_baseline", missing_b as f64 / rows_b.max(1) as f64)?;
            own.set_item("missing", missing_c as f64 / rows_c.max(1) as f64)?;
            all.set_item(&*column.name, own)?;
        }
        Ok(all)
    }

    fn __repr__(&self) -> String {
        let columns = &self.0.columns;
        let drifted = columns.iter().filter(|column| column.is_drifted()).count();
        format!(
            "Look(number={}, n={}, verdict='{}', {drifted} of {} columns drifted)",
            self.0.number,
            self.0.rows,
            name(self.0.verdict),
            columns.len()
        )
    }
}
