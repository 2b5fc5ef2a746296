//! Tables for a monitor, whole or in batches.

use std::sync::Arc;

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::bindings::event::timestamp::timestamps;
use crate::bindings::table::Interpreter;
use crate::bindings::table::input::{Input, read};
use crate::error::Result;
use crate::event::Timestamp;
use crate::monitor::{Alarm, Monitor};
use crate::table::{ColumnData, Table};

/// A batch as a table.
struct Batch {
    names: Vec<String>,
    columns: Vec<ColumnData>,
}

impl Table for Batch {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn n_rows(&self) -> usize {
        let rows = self.columns.iter().filter_map(|column| match column {
            ColumnData::Arrays(arrays) => Some(arrays.iter().map(|array| array.len()).sum()),
            ColumnData::Unusable(_) => None,
        });
        rows.max().unwrap_or(0)
    }

    fn column(&mut self, index: usize) -> Result<ColumnData> {
        let column = self.columns.get(index).cloned();
        Ok(column.unwrap_or_else(|| ColumnData::Arrays(Vec::new())))
    }
}

/// Names for the columns of an array: those of the monitor, or of the plan.
fn names(monitor: &Monitor, table: &Bound<'_, PyAny>) -> Vec<String> {
    let own = monitor
        .columns()
        .iter()
        .map(|column| column.name().to_string());
    let own: Vec<String> = own.collect();
    let width = table.cast::<PyUntypedArray>().ok();
    let width = width.and_then(|array| array.shape().get(1).copied());
    let all: Vec<String> = monitor.plan().columns().map(str::to_owned).collect();
    if width == Some(all.len()) { all } else { own }
}

pub(super) fn with_history(
    monitor: Monitor,
    history: &Bound<'_, PyAny>,
    host: &Interpreter<'_, '_>,
) -> PyResult<Monitor> {
    let names = names(&monitor, history);
    match read("history", history, Some(&names))? {
        Input::Whole(mut table) => host.outcome(monitor.with_history(table.as_mut(), host)),
        Input::Stream(_) => {
            let got = "a stream of batches larger than memory";
            let error = crate::error::Error::invalid_type("history", got, "a table at hand");
            Err(error.into())
        }
    }
}

/// Gives the rows of a table to a monitor, and its alarms to `tell`, batch by batch; how many
/// rows there were.
pub(super) fn observe(
    monitor: &Monitor,
    table: &Bound<'_, PyAny>,
    times: Option<&Bound<'_, PyAny>>,
    ids: Option<&[Arc<str>]>,
    mut tell: impl FnMut(&[Alarm]) -> PyResult<()>,
) -> PyResult<usize> {
    let host = &Interpreter::new(table.py(), None);
    let names = names(monitor, table);
    match read("table", table, Some(&names))? {
        Input::Whole(mut table) => {
            let rows = table.n_rows();
            let times = times.map(|times| timestamps(times, rows)).transpose()?;
            let found = monitor.observe_table(table.as_mut(), times.as_deref(), ids, host);
            tell(&host.outcome(found)?)?;
            Ok(rows)
        }
        Input::Stream(mut batches) => {
            let names = batches.names().to_vec();
            let times = times
                .map(|times| timestamps(times, times.len()?))
                .transpose()?;
            let mut taken = 0;
            while let Some(columns) = batches.next()? {
                let mut batch = Batch {
                    names: names.clone(),
                    columns,
                };
                let rows = batch.n_rows();
                let own = times.as_ref().map(|times: &Vec<Timestamp>| {
                    times.get(taken..taken + rows).unwrap_or_default()
                });
                let own_ids = ids.map(|ids| ids.get(taken..taken + rows).unwrap_or_default());
                let found = monitor.observe_table(&mut batch, own, own_ids, host);
                tell(&host.outcome(found)?)?;
                taken += rows;
            }
            Ok(taken)
        }
    }
}
