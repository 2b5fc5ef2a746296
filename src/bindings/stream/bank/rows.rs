//! Rows as a bank takes them.

use ndarray::{Array2, ArrayView2, Axis};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::described;
use crate::bindings::arguments::matrix::matrix;
use crate::bindings::errors::{InvalidTypeError, InvalidValueError};
use crate::drift::NanPolicy;
use crate::error::Error;
use crate::stream::{Bank, Input};

/// Values that are taken from one look for Ctrl-C to the next, for each thread; a copy of them
/// stays in the cache.
const STRETCH: usize = 1 << 17;

/// Rows that are taken together at least.
const LEAST_ROWS: usize = 16;

/// Features as an array.
pub(super) fn features(py: Python<'_>, found: Vec<usize>) -> Bound<'_, PyArray1<i64>> {
    PyArray1::from_iter(py, found.into_iter().map(|feature| feature as i64))
}

/// Detections as an array of shape (k, 2).
pub(crate) fn pairs<'py>(py: Python<'py>, found: Vec<i64>) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let shape = (found.len() / 2, 2);
    let array = Array2::from_shape_vec(shape, found)
        .map_err(|error| Error::invalid_value("rows", error, "detections in pairs"))?;
    Ok(PyArray2::from_owned_array(py, array))
}

/// A bool for each of `n` features.
pub(super) fn flags(
    argument: &'static str,
    n: usize,
    obj: &Bound<'_, PyAny>,
) -> PyResult<Vec<bool>> {
    let py = obj.py();
    let allowed = format!("{n} bools, one for each feature, True for one that is left out");
    let values = vector(argument, obj).map_err(|error| {
        let ours = error.is_instance_of::<InvalidTypeError>(py)
            || error.is_instance_of::<InvalidValueError>(py);
        if !ours {
            return error; // an interrupt
        }
        let named = PyErr::from(Error::invalid_type(
            argument,
            described(obj),
            allowed.clone(),
        ));
        named.set_cause(py, Some(error));
        named
    })?;
    if values.len() != n {
        let got = format!("{} values", values.len());
        return Err(Error::invalid_value(argument, got, allowed).into());
    }
    if let Some((place, x)) = values
        .iter()
        .enumerate()
        .find(|(_, x)| **x != 0.0 && **x != 1.0)
    {
        let got = format!("{x} at position {place}");
        return Err(Error::invalid_value(argument, got, allowed).into());
    }
    Ok(values.iter().map(|&x| x == 1.0).collect())
}

/// Rows for a bank of `n` features, copied.
pub(super) fn rows_of(obj: &Bound<'_, PyAny>, n: usize) -> PyResult<Array2<f64>> {
    let rows = matrix("rows", obj)?;
    if rows.ncols() != n {
        let got = format!("shape ({}, {})", rows.nrows(), rows.ncols());
        let allowed = format!("rows of {n} values, one for each feature");
        return Err(Error::invalid_value("rows", got, allowed).into());
    }
    Ok(rows)
}

/// What must be known of a bank to cut rows for it.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    n: usize,
    threads: usize,
    /// No row is refused whose width is right.
    unchecked: bool,
}

impl Cut {
    pub(crate) fn of(bank: &Bank) -> Self {
        let real = bank.input() == Input::Real;
        Self {
            n: bank.n_features(),
            threads: bank.threads(),
            unchecked: real && bank.options().nan_policy == NanPolicy::Omit,
        }
    }
}

/// Calls `take` with all rows, a stretch at a time and with the position of its first row;
/// before that `check` with all of them where some may be refused. What needs no check is
/// copied a stretch at a time as well.
pub(crate) fn stretches(
    obj: &Bound<'_, PyAny>,
    cut: Cut,
    check: impl FnOnce(ArrayView2<'_, f64>) -> PyResult<()>,
    mut take: impl FnMut(usize, ArrayView2<'_, f64>),
) -> PyResult<()> {
    let py = obj.py();
    let Cut {
        n,
        threads,
        unchecked,
    } = cut;
    let height = (STRETCH * threads / n).max(LEAST_ROWS);
    let array = obj.cast_exact::<PyArray2<f64>>().ok();
    if let Some(array) = array.filter(|array| unchecked && array.dims()[1] == n) {
        let mut buffer = Vec::new();
        let mut first = 0;
        loop {
            buffer.clear();
            if let Ok(array) = array.try_readonly()
                && array.dims()[1] == n
            {
                // Anew each time: others may have written to it or resized it.
                let view = array.as_array();
                for row in view.rows().into_iter().skip(first).take(height) {
                    match row.as_slice() {
                        Some(row) => buffer.extend_from_slice(row),
                        None => buffer.extend(row),
                    }
                }
            }
            let Ok(part) = ArrayView2::from_shape((buffer.len() / n, n), &buffer) else {
                return Ok(());
            };
            if part.nrows() == 0 {
                return Ok(());
            }
            take(first, part);
            first += part.nrows();
            py.check_signals()?;
        }
    }
    let rows = rows_of(obj, n)?;
    check(rows.view())?;
    for (k, part) in rows.axis_chunks_iter(Axis(0), height).enumerate() {
        take(k * height, part);
        py.check_signals()?;
    }
    Ok(())
}
