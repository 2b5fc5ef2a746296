//! Which columns hold the scores of a classifier, and which label is positive.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyMapping, PyString};

use crate::bindings::arguments::array::describe;
use crate::bindings::arguments::{described, text};
use crate::error::Error;
use crate::table::Probability;

/// The name of a column, or a mapping from labels to names.
pub(super) fn probability(value: &Bound<'_, PyAny>) -> PyResult<Option<Probability>> {
    if value.is_none() {
        return Ok(None);
    }
    if value.is_instance_of::<PyString>() {
        let name = text("probability", value)?;
        return Ok(Some(Probability::Positive(name.as_ref().to_owned())));
    }
    let Ok(mapping) = value.cast::<PyMapping>() else {
        let allowed = "the name of the column with the probability of the positive label, or a \
                       mapping from labels to such names";
        return Err(Error::invalid_type("probability", describe(value), allowed).into());
    };
    let mut classes = Vec::new();
    for pair in mapping.items()?.iter() {
        let (key, name): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let label = label("probability", &key)?;
        if classes.iter().any(|(other, _)| *other == label) {
            let got = format!("two entries for \"{label}\"");
            return Err(Error::invalid_value("probability", got, "one for each label").into());
        }
        classes.push((label, text("probability", &name)?.as_ref().to_owned()));
    }
    Ok(Some(Probability::Classes(classes)))
}

/// One of two labels.
pub(super) fn positive(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if value.is_none() {
        return Ok(None);
    }
    label("positive", value).map(Some)
}

/// A label as columns have it: text, a flag, or a number.
fn label(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_string_lossy().into_owned());
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().to_string());
    }
    let is_number = value.is_instance_of::<PyFloat>()
        || value.hasattr("__index__")?
        || value.hasattr("__float__")?;
    match value.extract::<f64>() {
        Ok(number) if is_number && number.is_finite() => Ok((number + 0.0).to_string()),
        _ => {
            let allowed = "a label: a str, a number or a bool";
            Err(Error::invalid_type(argument, described(value), allowed).into())
        }
    }
}
