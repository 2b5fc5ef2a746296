//! Arguments of detectors, and arguments that are detectors.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::{Map, Value};

use crate::bindings::arguments::array::describe;
use crate::bindings::drift::foreign::not_a_test;
use crate::bindings::drift::parameter::any_to_json;
use crate::bindings::stream::detector::PyDetector;
use crate::drift::NanPolicy;
use crate::error::Error;
use crate::stream::{self as core, Detector, OnDrift, Options};

/// What a detector is that the user has made.
const METHODS: &str = "an object with update(x) and drift_detected";

/// Keyword arguments as what the core takes.
pub(crate) fn parameters_and_options(
    params: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Map<String, Value>, Options)> {
    let mut parameters = Map::new();
    let mut said = Options::default();
    for (key, value) in params.into_iter().flatten() {
        let key = key.cast::<PyString>()?.to_string_lossy().into_owned();
        match key.as_str() {
            "on_drift" => said.on_drift = options(on_drift(&value)?, "omit", None).on_drift,
            "nan_policy" => {
                said.nan_policy = options("reset", nan_policy(&value)?, None).nan_policy;
            }
            "standardise" => said.standardise = standardise(&value)?,
            _ => {
                let value = any_to_json(&key, &value)?;
                parameters.insert(key, value);
            }
        }
    }
    Ok((parameters, said))
}

/// A detector given by name or as an instance of one of the classes here, copied; `None` for
/// anything else.
pub(crate) fn native(obj: &Bound<'_, PyAny>) -> PyResult<Option<Box<dyn Detector>>> {
    if let Ok(detector) = obj.cast::<PyDetector>() {
        return Ok(Some(detector.get().copied(obj.py())));
    }
    if let Ok(name) = obj.cast::<PyString>() {
        let name = name.to_string_lossy();
        return Ok(Some(core::get(&name, &Map::new(), Options::default())?));
    }
    Ok(None)
}

/// The error about an argument that is no detector.
pub(crate) fn not_a_detector(obj: &Bound<'_, PyAny>) -> PyErr {
    let allowed = format!(
        "a detector such as stream.ADWIN(), {METHODS}, or one of {}",
        core::available().join(", ")
    );
    Error::invalid_type("detector", not_a_test(obj), allowed).into()
}

pub(super) fn on_drift<'a>(obj: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    word("on_drift", obj, ["reset", "keep_recent"])
}

pub(super) fn nan_policy<'a>(obj: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    word("nan_policy", obj, ["omit", "raise"])
}

/// One of two words.
fn word<'a>(
    argument: &'static str,
    obj: &'a Bound<'_, PyAny>,
    words: [&str; 2],
) -> PyResult<&'a str> {
    let allowed = format!("\"{}\" or \"{}\"", words[0], words[1]);
    match obj.cast::<PyString>().map(|text| text.to_str()) {
        Ok(Ok(word)) if words.contains(&word) => Ok(word),
        Ok(_) => Err(Error::invalid_value(argument, describe(obj), allowed).into()),
        Err(_) => Err(Error::invalid_type(argument, describe(obj), allowed).into()),
    }
}

pub(super) fn standardise(obj: &Bound<'_, PyAny>) -> PyResult<Option<(f64, f64)>> {
    if obj.is_none() {
        return Ok(None);
    }
    let allowed = "None or a pair of numbers (location, scale), scale above 0";
    let pair = obj.extract::<Vec<f64>>();
    match pair.as_deref() {
        Ok(&[location, scale]) => Ok(Some((location, scale))),
        _ => Err(Error::invalid_type("standardise", describe(obj), allowed).into()),
    }
}

/// The options, of words that were read.
pub(super) fn options(
    on_drift: &str,
    nan_policy: &str,
    standardise: Option<(f64, f64)>,
) -> Options {
    Options {
        on_drift: match on_drift {
            "keep_recent" => OnDrift::KeepRecent,
            _ => OnDrift::Reset,
        },
        nan_policy: match nan_policy {
            "raise" => NanPolicy::Raise,
            _ => NanPolicy::Omit,
        },
        standardise,
    }
}
