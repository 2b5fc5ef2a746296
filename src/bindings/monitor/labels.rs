//! Labels that arrive later, and how well the predictions did.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use super::PyMonitor;
use crate::bindings::arguments::array::is_scalar;
use crate::bindings::arguments::{self, argument, number, wrong_type};
use crate::bindings::event::timestamp::{timestamp, timestamps};
use crate::bindings::gate::below;
use crate::bindings::observer::performance_monitor::stats::counts;
use crate::bindings::table::Interpreter;
use crate::bindings::table::input::cell::{Cell as Read, cell};
use crate::error::Error;
use crate::estimate::Chunks;
use crate::event::Timestamp;
use crate::monitor::Cell;

argument!(level: f64 = number);

fn chunk_size(value: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    if value.is_none() {
        return Ok(None);
    }
    Ok(Some(
        arguments::whole("chunk_size", value, 1..=u32::MAX)? as usize
    ))
}

#[pymethods]
impl PyMonitor {
    /// Say what was true of rows that were given with an id.
    ///
    /// :param ids: one id, or several in a sequence.
    /// :param y: the label of that row (the value of the plan's target), or one for each id.
    /// :param timestamps: when they came; by default now.
    /// :returns: how many were ``matched``, ``late`` (the row had gone), ``duplicate`` (the
    ///     row has its label already) and ``unmatched`` (no such row: they wait for it).
    /// :raises InvalidValueError: a plan without a target; a label that its baseline has not.
    ///     The labels before it have been taken.
    ///
    /// >>> import driftline as dl
    /// >>> baseline = {"score": [0.1, 0.8, 0.4, 0.9] * 250, "y": [0, 1, 0, 1] * 250}
    /// >>> plan = dl.fit(baseline, target="y")
    /// >>> monitor = plan.monitor(window=100)
    /// >>> monitor.observe([0.7], id="a7")
    /// >>> monitor.ground_truth("a7", 1)
    /// {'matched': 1, 'late': 0, 'duplicate': 0, 'unmatched': 0}
    #[pyo3(signature = (
        ids: "str | int | collections.abc.Iterable[str | int]",
        y: "typing.Any",
        *,
        timestamps: "typing.Any" = None
    ) -> "dict[str, int]")]
    fn ground_truth<'py>(
        &self,
        py: Python<'py>,
        ids: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        timestamps: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let outcomes = PyDict::new(py);
        for name in ["matched", "late", "duplicate", "unmatched"] {
            outcomes.set_item(name, 0)?;
        }
        let take = |id: &Bound<'py, PyAny>, y: &Bound<'py, PyAny>, at| {
            let id = arguments::id(id)?;
            let outcome = self.truth(&id, y, at)?;
            let before = outcomes.get_item(outcome)?;
            let before: u64 = before.map_or(Ok(0), |count| count.extract())?;
            outcomes.set_item(outcome, before + 1)
        };
        if ids.is_instance_of::<PyString>() || ids.is_instance_of::<PyInt>() {
            let at = timestamps
                .map(|at| timestamp("timestamps", at))
                .transpose()?;
            take(ids, y, at)?;
            return Ok(outcomes);
        }
        let ids = listed("ids", ids)?;
        let labels = listed("y", y)?;
        if ids.len() != labels.len() {
            let got = format!("{} labels for {} ids", labels.len(), ids.len());
            return Err(Error::invalid_value("y", got, "one label for each id").into());
        }
        let times = timestamps
            .map(|times| self::timestamps(times, ids.len()))
            .transpose()?;
        for (place, (id, y)) in ids.iter().zip(&labels).enumerate() {
            let at = times.as_ref().and_then(|times| times.get(place).copied());
            take(id, y, at)?;
        }
        Ok(outcomes)
    }

    /// How well the last rows with an id did: estimated without labels, and realised where
    /// labels have come.
    ///
    /// :param metrics: see ``Plan.estimate``.
    /// :param chunk_size: rows that are judged together; None: all.
    /// :param level: how often the intervals are to hold the realised value, 0 to 1.
    /// :raises EmptySampleError: no row with an id so far.
    /// :raises InvalidValueError: a plan that was fitted without prediction and probability.
    #[pyo3(signature = (
        *,
        metrics: "collections.abc.Iterable[str] | None" = None,
        chunk_size: "int | None" = None,
        level: "float" = 0.95
    ) -> "driftline.PerformanceReport")]
    fn performance<'py>(
        &self,
        py: Python<'py>,
        metrics: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = self::chunk_size)] chunk_size: Option<usize>,
        #[pyo3(from_py_with = self::level)] level: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let metrics = metrics.map(names).transpose()?;
        let chunks = Chunks {
            size: chunk_size,
            level,
            threads: None,
        };
        chunks.validate()?;
        let host = Interpreter::new(py, None);
        let report = self
            .monitor()
            .performance(metrics.as_deref(), &chunks, &host);
        let report = host.outcome(report)?;
        let text = serde_json::to_string(&report)
            .map_err(|error| Error::invalid_value("report", error, "a report"))?;
        let compare = py.import("driftline._plan")?;
        compare.call_method1("_performance_report", (text,))
    }

    /// What became of rows with an id and of labels: ``predictions``, ``labels``, ``matched``,
    /// ``late``, ``duplicates``, ``unmatched``, ``waiting``, ``pending``, ``expired``,
    /// ``evicted`` and ``replaced``, as ``PerformanceMonitor.counts``.
    #[getter]
    fn label_counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counts(py, &self.monitor().label_counts())
    }

    /// The share of rows with an id that have their label by now; None before the first.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        self.monitor().label_counts().coverage()
    }
}

impl PyMonitor {
    fn truth(
        &self,
        id: &str,
        y: &Bound<'_, PyAny>,
        at: Option<Timestamp>,
    ) -> PyResult<&'static str> {
        let text;
        let label = match cell(y)? {
            Read::Bool(flag) => Cell::Label(if flag { "true" } else { "false" }),
            Read::Int(value) => Cell::Number(value as f64),
            Read::Float(value, _) => Cell::Number(value),
            Read::Text(label) => {
                text = Cow::into_owned(label);
                Cell::Label(&text)
            }
            _ => {
                let allowed = "a label: a number, text or a flag";
                return Err(wrong_type("y", y, allowed));
            }
        };
        Ok(self.monitor().ground_truth(id, label, at)?)
    }
}

/// The ids of many rows.
pub(super) fn ids(value: &Bound<'_, PyAny>) -> PyResult<Vec<std::sync::Arc<str>>> {
    listed("ids", value)?.iter().map(arguments::id).collect()
}

fn names(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let names = listed("metrics", value)?;
    let name = |name: &Bound<'_, PyAny>| Ok(arguments::text("metrics", name)?.as_ref().to_owned());
    names.iter().map(name).collect()
}

fn listed<'py>(
    argument: &'static str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    const ALLOWED: &str = "one, or several in a sequence";
    if is_scalar(value) || value.is_none() {
        return Err(wrong_type(argument, value, ALLOWED));
    }
    below(value.py(), || {
        // Arrays and series hand out scalars of Python's own.
        let plain = match value.getattr_opt("tolist")? {
            Some(tolist) => tolist.call0()?,
            None => value.clone(),
        };
        let items = plain
            .try_iter()
            .map_err(|_| wrong_type(argument, value, ALLOWED))?;
        items.collect()
    })
}
