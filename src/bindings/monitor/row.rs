//! One row of Python's as cells.

use std::borrow::Cow;

use numpy::PyUntypedArray;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyMapping, PyString, PyTuple};

use crate::bindings::arguments::array::{borrowed, describe, is_scalar, vector};
use crate::bindings::gate::below;
use crate::bindings::table::input::cell::{Cell as Read, MICROSECONDS_A_DAY, cell};
use crate::bindings::table::input::times::zone_name;
use crate::error::Error;
use crate::event::Timestamp;
use crate::monitor::{Cell, DueLook, Monitor};
use crate::table::bins::{CellKind, ColumnBins};

const ACCEPTED: &str = "a one-dimensional array or a sequence with a cell for each column, or a \
                        mapping from names of columns to cells (a table goes into observe_many)";

/// What rows are read by.
pub(super) struct RowReader {
    names: Vec<Py<PyString>>,
    kinds: Vec<CellKind>,
}

/// A cell that may have text of its own.
enum Owned<'a> {
    Missing,
    Number(f64),
    Label(Cow<'a, str>),
    Time(f64, Option<String>),
}

impl RowReader {
    pub(super) fn new(py: Python<'_>, columns: &[ColumnBins]) -> Self {
        let name = |column: &ColumnBins| PyString::intern(py, column.name()).unbind();
        Self {
            names: columns.iter().map(name).collect(),
            kinds: columns.iter().map(ColumnBins::kind).collect(),
        }
    }

    /// Takes a row.
    pub(super) fn take(
        &self,
        monitor: &Monitor,
        row: &Bound<'_, PyAny>,
        id: Option<&str>,
        at: Option<Timestamp>,
    ) -> PyResult<Option<DueLook>> {
        if let Some(row) = borrowed(row) {
            let row = row.as_slice().unwrap_or_default();
            return Ok(monitor.take_numbers(row, id, at)?);
        }
        if let Ok(row) = row.cast_exact::<PyDict>() {
            return self.take_dict(monitor, row, id, at);
        }
        self.take_other(monitor, row, id, at)
    }

    fn take_dict(
        &self,
        monitor: &Monitor,
        row: &Bound<'_, PyDict>,
        id: Option<&str>,
        at: Option<Timestamp>,
    ) -> PyResult<Option<DueLook>> {
        let py = row.py();
        let mut found = false;
        let mut numbers = Vec::with_capacity(self.names.len());
        let mut objects = Vec::new();
        for (place, name) in self.names.iter().enumerate() {
            let value = row.get_item(name.bind(py))?;
            found |= value.is_some();
            match value {
                None => numbers.push(f64::NAN),
                Some(value) => match value.cast_exact::<PyFloat>() {
                    Ok(number) => numbers.push(number.value()),
                    Err(_) => {
                        numbers.push(f64::NAN);
                        objects.push((place, value));
                    }
                },
            }
        }
        if !found {
            return Err(self.without_columns(row.as_any()));
        }
        if objects.is_empty() && self.kinds.iter().all(|kind| *kind == CellKind::Number) {
            return Ok(monitor.take_numbers(&numbers, id, at)?);
        }
        let mut cells: Vec<Owned<'_>> = numbers.into_iter().map(Owned::Number).collect();
        for (place, value) in &objects {
            let read = self.cell(*place, value)?;
            if let Some(cell) = cells.get_mut(*place) {
                *cell = read;
            }
        }
        Ok(taken(monitor, &cells, id, at)?)
    }

    fn take_other(
        &self,
        monitor: &Monitor,
        row: &Bound<'_, PyAny>,
        id: Option<&str>,
        at: Option<Timestamp>,
    ) -> PyResult<Option<DueLook>> {
        let py = row.py();
        if is_scalar(row) || row.is_none() {
            return Err(refused(row));
        }
        let is_listed = row.is_instance_of::<PyList>() || row.is_instance_of::<PyTuple>();
        if !is_listed {
            for method in [intern!(py, "model_dump"), intern!(py, "to_dict")] {
                if let Some(method) = row.getattr_opt(method)? {
                    let dumped = below(py, || method.call0())?;
                    return match dumped.cast::<PyDict>() {
                        Ok(dumped) => self.take_dict(monitor, dumped, id, at),
                        Err(_) => Err(refused(row)),
                    };
                }
            }
            if let Ok(mapping) = row.cast::<PyMapping>() {
                let dict = PyDict::new(py);
                dict.update(mapping)?;
                return self.take_dict(monitor, &dict, id, at);
            }
            if row.cast::<PyUntypedArray>().is_ok()
                && self.kinds.iter().all(|kind| *kind == CellKind::Number)
            {
                let row = vector("row", row)?;
                return Ok(monitor.take_numbers(row.as_slice().unwrap_or_default(), id, at)?);
            }
        }
        let listed = match row.cast::<PyList>() {
            Ok(list) => list.clone(),
            Err(_) => {
                let items = row.try_iter().map_err(|_| refused(row))?;
                let list = PyList::empty(py);
                for item in items {
                    list.append(item?)?;
                }
                list
            }
        };
        let items: Vec<Bound<'_, PyAny>> = listed.iter().collect();
        let cells = items.iter().enumerate();
        let cells = cells.map(|(place, value)| match value.cast_exact::<PyFloat>() {
            Ok(number) => Ok(Owned::Number(number.value())),
            Err(_) => self.cell(place, value),
        });
        let cells: Vec<Owned<'_>> = cells.collect::<PyResult<_>>()?;
        Ok(taken(monitor, &cells, id, at)?)
    }

    fn cell<'a>(&self, place: usize, value: &'a Bound<'_, PyAny>) -> PyResult<Owned<'a>> {
        let kind = self.kinds.get(place).copied().unwrap_or(CellKind::Any);
        let py = value.py();
        let refused = |got: String| {
            let name = self.names.get(place);
            let name = name.map_or_else(String::new, |name| name.bind(py).to_string());
            let got = format!("{got} in column \"{name}\"");
            let allowed = "a number, text, a flag, a date, a time, or None";
            PyErr::from(Error::invalid_type("row", got, allowed))
        };
        Ok(match cell(value)? {
            Read::Missing => Owned::Missing,
            // Flags are labels, as in tables; beside numbers they are numbers.
            Read::Bool(flag) if kind == CellKind::Number => {
                Owned::Number(f64::from(u8::from(flag)))
            }
            Read::Bool(flag) => Owned::Label(Cow::Borrowed(if flag { "true" } else { "false" })),
            Read::Int(value) => Owned::Number(value as f64),
            Read::Float(value, _) => Owned::Number(value),
            Read::Text(text) => Owned::Label(text),
            Read::Instant(micros, zone) => {
                let zone = zone.map(|zone| zone_name(&zone)).transpose()?;
                Owned::Time(micros as f64 / 1e6, zone)
            }
            Read::Date(days) => Owned::Time(
                (i64::from(days) * (MICROSECONDS_A_DAY / 1_000_000)) as f64,
                None,
            ),
            Read::Length(micros) | Read::Clock(micros) => Owned::Number(micros as f64 / 1e6),
            Read::Foreign(name) => return Err(refused(format!("an object of type {name}"))),
            Read::Unusable(reason) => return Err(refused(reason)),
        })
    }

    fn without_columns(&self, row: &Bound<'_, PyAny>) -> PyErr {
        let py = row.py();
        let names = self.names.iter().take(20);
        let names: Vec<String> = names.map(|name| format!("\"{}\"", name.bind(py))).collect();
        let allowed = format!("a mapping with at least one of {}", names.join(", "));
        Error::invalid_value("row", describe(row), allowed).into()
    }
}

fn taken(
    monitor: &Monitor,
    cells: &[Owned<'_>],
    id: Option<&str>,
    at: Option<Timestamp>,
) -> crate::error::Result<Option<DueLook>> {
    let cells: Vec<Cell<'_>> = cells
        .iter()
        .map(|cell| match cell {
            Owned::Missing => Cell::Missing,
            Owned::Number(value) if value.is_nan() => Cell::Missing,
            Owned::Number(value) => Cell::Number(*value),
            Owned::Label(label) => Cell::Label(label),
            Owned::Time(seconds, zone) => Cell::Time(*seconds, zone.as_deref()),
        })
        .collect();
    monitor.take_cells(&cells, id, at)
}

fn refused(row: &Bound<'_, PyAny>) -> PyErr {
    Error::invalid_type("row", describe(row), ACCEPTED).into()
}
