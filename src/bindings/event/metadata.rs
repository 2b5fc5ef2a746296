//! Metadata between Python and the core.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::bindings::arguments::{described, wrong_type};
use crate::error::Error;
use crate::event::{MAX_DEPTH, Metadata, Value};

const ALLOWED: &str = "a mapping from str to JSON-like values: None, bool, int (-2**63 to 2**64-1), \
                       float, str, lists, tuples and mappings of them, at most 32 deep";

/// The `metadata` argument.
pub(crate) fn metadata(value: &Bound<'_, PyAny>) -> PyResult<Metadata> {
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return Err(wrong_type("metadata", value, ALLOWED));
    };
    object(mapping, 1)
}

/// A text, a number or a bool, for a key of the metadata.
pub(crate) fn json_like(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    const ALLOWED: &str = "a str, a bool, an int (-2**63 to 2**64-1) or a float";
    match json(value, MAX_DEPTH - 1) {
        Ok(Value::Null | Value::Array(_) | Value::Object(_)) | Err(_) => {
            Err(wrong_type(argument, value, ALLOWED))
        }
        value => value,
    }
}

fn object(mapping: &Bound<'_, PyMapping>, depth: usize) -> PyResult<Metadata> {
    let mut map = Metadata::new();
    for item in mapping.items()?.iter() {
        let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let Ok(name) = key.cast::<PyString>() else {
            return Err(refused(format!("the key {}", described(&key)), true));
        };
        map.insert(utf8(name)?.to_owned(), json(&value, depth)?);
    }
    Ok(map)
}

fn utf8<'a>(string: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    string
        .to_str()
        .map_err(|_| refused(format!("{} (not UTF-8)", described(string)), false))
}

fn refused(got: String, by_type: bool) -> PyErr {
    if by_type {
        Error::invalid_type("metadata", got, ALLOWED).into()
    } else {
        Error::invalid_value("metadata", got, ALLOWED).into()
    }
}

fn json(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(value) = value.cast::<PyString>() {
        return Ok(Value::from(utf8(value)?));
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Value::Bool(value.is_true()));
    }
    if let Ok(value) = value.cast::<PyFloat>() {
        return Ok(Value::Float(value.value()));
    }
    if value.is_instance_of::<PyInt>() {
        return integer(value);
    }
    if depth >= MAX_DEPTH {
        return Err(refused("values that nest deeper than 32".to_owned(), false));
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        return object(mapping, depth + 1).map(Value::Object);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?;
        return items
            .map(|item| json(&item?, depth + 1))
            .collect::<PyResult<_>>()
            .map(Value::Array);
    }
    scalar(value)
}

fn integer(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(value) = value.extract::<i64>() {
        return Ok(Value::Int(value));
    }
    value
        .extract::<u64>()
        .map(Value::UInt)
        .map_err(|_| refused(described(value), false))
}

/// Scalars of NumPy and the like: numbers that are not Python's own.
fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let is_scalar = value
        .getattr("ndim")
        .and_then(|ndim| ndim.extract::<usize>());
    if is_scalar.is_ok_and(|ndim| ndim == 0)
        && let Ok(item) = value.call_method0("item")
        && (item.is_instance_of::<PyBool>()
            || item.is_instance_of::<PyInt>()
            || item.is_instance_of::<PyFloat>())
    {
        return json(&item, MAX_DEPTH);
    }
    Err(refused(described(value), true))
}

/// A dict of the metadata's own: changing it changes nothing else.
pub(crate) fn to_dict<'py>(py: Python<'py>, map: &Metadata) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in map {
        dict.set_item(key, to_object(py, value)?)?;
    }
    Ok(dict)
}

fn to_object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::UInt(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, *value).into_any(),
        Value::Str(value) => PyString::new(py, value).into_any(),
        Value::Array(values) => {
            let items = values.iter().map(|value| to_object(py, value));
            PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Object(map) => to_dict(py, map)?.into_any(),
    })
}
