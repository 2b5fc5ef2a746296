//! What the columns are called.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::error::{Error, one_line};

/// How many names a message shows.
const SHOWN: usize = 5;

/// The name of a column with this label: text as it is, the levels of a tuple (of a
/// MultiIndex) joined by dots, anything else as its `str`.
///
/// # Errors
/// What the label's `__str__` raises.
pub(super) fn name_of(label: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = label.cast::<PyString>() {
        return Ok(text.to_string_lossy().into_owned());
    }
    if let Ok(levels) = label.cast::<PyTuple>() {
        let levels: PyResult<Vec<_>> = levels.iter().map(|level| name_of(&level)).collect();
        return Ok(levels?.join("."));
    }
    Ok(label.str()?.to_string_lossy().into_owned())
}

/// The names of `n` columns of an array: those that were given, or `column_0` and so on.
///
/// # Errors
/// When there are not as many names as columns.
pub(super) fn names_of_array(
    argument: &'static str,
    n: usize,
    given: Option<&[String]>,
) -> PyResult<Vec<String>> {
    let Some(names) = given else {
        return Ok((0..n).map(|column| format!("column_{column}")).collect());
    };
    if names.len() == n {
        return Ok(names.to_vec());
    }
    let got = format!("an array of {n} columns and {} names", names.len());
    Err(Error::invalid_value(argument, got, "a name for each column").into())
}

/// Names each of which is there once, of one column or more.
///
/// # Errors
/// `InvalidValueError` that says which are there twice.
pub(super) fn checked(argument: &'static str, names: Vec<String>) -> PyResult<Vec<String>> {
    if names.is_empty() {
        let allowed = "a table with a column or more";
        return Err(Error::invalid_value(argument, "a table without columns", allowed).into());
    }
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    let twice: Vec<_> = names
        .iter()
        .filter(|name| !seen.insert(*name) && twice.insert(*name))
        .collect();
    if twice.is_empty() {
        return Ok(names);
    }
    let got = format!("several columns of the name {}", listed(twice.into_iter()));
    Err(Error::invalid_value(argument, got, "columns with a name of their own each").into())
}

/// Names as a message shows them, the first few.
pub(super) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let n = names.len();
    let mut text: Vec<_> = names.take(SHOWN).map(|name| shown(name)).collect();
    if n > SHOWN {
        text.push(format!("{} more", n - SHOWN));
    }
    text.join(", ")
}

/// What an exception says, cut, in one line.
pub(super) fn said(error: &PyErr) -> String {
    const LONGEST: usize = 200;
    let text = one_line(&error.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A name in a message, cut, with what could forge a line escaped.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", &name[..end]),
        None => format!("{name:?}"),
    }
}
