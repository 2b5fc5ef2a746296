//! What people naturally pass, as the core's types: each argument is validated
//! here, once, and refused by name.

pub(crate) mod array;
pub(crate) mod cache;
mod conversion;
pub(crate) mod copied;
pub(crate) mod event_fields;
pub(crate) mod labels;
pub(crate) mod matrix;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::{PyException, PyOverflowError, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};

use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp::timestamp;
use crate::bindings::hub::local::Local;
use crate::error::Error;
use crate::event::{Kind, ModelFilter, ModelId, Severity};
use crate::observer::MOST_MODELS;

/// An argument that stays at the core's default unless it is given.
pub(crate) type Given<T> = Option<T>;

/// Reads an argument by name: what `from_py_with` needs, which keeps the default
/// visible in the signature.
macro_rules! argument {
    ($name:ident: $type:ty = $read:expr) => {
        pub(crate) fn $name(value: &Bound<'_, PyAny>) -> PyResult<$type> {
            $read(stringify!($name), value)
        }
    };
}

pub(crate) use argument;

/// The error for an argument of a type that is not accepted.
pub(crate) fn wrong_type(
    argument: &'static str,
    got: &Bound<'_, PyAny>,
    allowed: &'static str,
) -> PyErr {
    Error::invalid_type(argument, described(got), allowed).into()
}

/// A value for an error message: its repr, cut, and its type.
pub(crate) fn described(value: &Bound<'_, PyAny>) -> String {
    const LONGEST: usize = 60;
    if value.is_none() {
        return "None".to_owned();
    }
    let kind = value.get_type();
    let name = kind
        .name()
        .map_or_else(|_| "object".to_owned(), |name| name.to_string());
    let Ok(text) = value.repr().map(|repr| repr.to_string_lossy().into_owned()) else {
        return format!("an object of type {name}");
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}... (type {name})", &text[..end]),
        None => format!("{text} (type {name})"),
    }
}

/// A string argument; `allowed` says what is expected of it.
pub(crate) fn string<'a, 'py>(
    argument: &'static str,
    value: &'a Bound<'py, PyAny>,
    allowed: &'static str,
) -> PyResult<&'a Bound<'py, PyString>> {
    value
        .cast::<PyString>()
        .map_err(|_| wrong_type(argument, value, allowed))
}

/// Text that is not empty.
pub(crate) fn text(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Arc<str>> {
    Local::with(|local| {
        if let Some(text) = local.texts.get(value) {
            return Ok(text);
        }
        let string = string(argument, value, "a str that is not empty")?;
        let read = |text: &str| -> PyResult<Arc<str>> {
            if text.is_empty() {
                return Err(Error::invalid_value(argument, "''", "a str that is not empty").into());
            }
            Ok(text.into())
        };
        let text = local.texts.read(string, read);
        text.map_err(|error| unreadable(argument, string, error))
    })
}

/// Strings with lone surrogates have no UTF-8; say so in our own words.
fn unreadable(argument: &'static str, string: &Bound<'_, PyString>, error: PyErr) -> PyErr {
    if error.is_instance_of::<pyo3::exceptions::PyUnicodeError>(string.py()) {
        Error::invalid_value(argument, described(string), "text without lone surrogates").into()
    } else {
        error
    }
}

/// A kind.
pub(crate) fn kind(value: &Bound<'_, PyAny>) -> PyResult<Kind> {
    Local::with(|local| match local.kinds.get(value) {
        Some(kind) => Ok(kind),
        None => new_kind(local, value, "a str such as \"accuracy\""),
    })
}

/// A kind that is not in the thread's cache.
#[cold]
#[inline(never)]
pub(crate) fn new_kind(
    local: &Local,
    value: &Bound<'_, PyAny>,
    allowed: &'static str,
) -> PyResult<Kind> {
    let string = string("kind", value, allowed)?;
    let kind = local.kinds.read(string, |text| Ok(Kind::parse(text)?));
    kind.map_err(|error| unreadable("kind", string, error))
}

/// A number; integers, booleans and whatever has `__float__` are numbers.
#[inline]
pub(crate) fn number(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(float) = value.cast_exact::<PyFloat>() {
        return Ok(float.value());
    }
    other_number(argument, value)
}

#[inline(never)]
fn other_number(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    value
        .extract::<f64>()
        .map_err(|error| not_a_number(argument, value, error))
}

/// A number that is not negative; NaN is none.
pub(crate) fn not_negative(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let number = number(argument, value)?;
    if number >= 0.0 {
        return Ok(number);
    }
    Err(Error::invalid_value(argument, described(value), "a number from 0").into())
}

/// A number of seconds, read by [`not_negative`], as a time; too many are as good
/// as for ever.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cold]
fn not_a_number(argument: &'static str, value: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    let py = value.py();
    if !error.is_instance_of::<PyException>(py) {
        return error; // a keyboard interrupt within __float__
    }
    let refused = if error.is_instance_of::<PyOverflowError>(py) {
        Error::invalid_value(
            argument,
            described(value),
            "a number within the range of a float",
        )
        .into()
    } else {
        wrong_type(
            argument,
            value,
            "a number (float, int, bool, or an object with __float__)",
        )
    };
    refused.set_cause(py, Some(error));
    refused
}

/// A whole number from `least`.
pub(crate) fn whole(
    argument: &'static str,
    value: &Bound<'_, PyAny>,
    range: RangeInclusive<u32>,
) -> PyResult<u32> {
    let allowed = || format!("a whole number from {} to {}", range.start(), range.end());
    if value.is_instance_of::<PyBool>() || !value.hasattr("__index__")? {
        return Err(Error::invalid_type(argument, described(value), allowed()).into());
    }
    match value.extract::<u32>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(Error::invalid_value(argument, described(value), allowed()).into()),
    }
}

/// A whole number from 0, of 64 bits.
pub(crate) fn count(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let allowed = "a whole number from 0 to 18446744073709551615";
    if value.is_instance_of::<PyBool>() || !value.hasattr("__index__")? {
        return Err(wrong_type(argument, value, allowed));
    }
    let number = value.extract();
    number.map_err(|_| Error::invalid_value(argument, described(value), allowed).into())
}

/// An integer of 32 bits.
pub(crate) fn integer(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<i32> {
    let allowed = "a whole number from -2147483648 to 2147483647";
    if value.is_instance_of::<PyBool>() || !value.hasattr("__index__")? {
        return Err(wrong_type(argument, value, allowed));
    }
    value
        .extract()
        .map_err(|_| Error::invalid_value(argument, described(value), allowed).into())
}

/// True or False.
pub(crate) fn flag(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value
        .extract()
        .map_err(|_| wrong_type(argument, value, "True or False"))
}

const MODEL: &str = "a str such as \"fraud\" or \"fraud:1.2.0\", a ModelId, \
                     or a mapping with name, version and deployed_at";

/// A model.
pub(crate) fn model(value: &Bound<'_, PyAny>) -> PyResult<ModelId> {
    model_as("model", value)
}

/// A model, given as the argument of another name.
pub(crate) fn model_as(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<ModelId> {
    if let Ok(string) = value.cast::<PyString>() {
        return Local::with(|local| match local.models.get(value) {
            Some(model) => Ok(model),
            None => {
                let model = local.models.read(string, |text| {
                    Ok(ModelId::parse(text).map_err(|error| error.named(argument))?)
                });
                model.map_err(|error| unreadable(argument, string, error))
            }
        });
    }
    if let Ok(model) = value.cast::<PyModelId>() {
        return Ok(model.get().0.clone());
    }
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return Err(wrong_type(argument, value, MODEL));
    };
    let fields = PyDict::new(value.py());
    fields.update(mapping)?;
    let take = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
        let found = fields.get_item(key)?;
        if found.is_some() {
            fields.del_item(key)?;
        }
        Ok(found.filter(|found| !found.is_none()))
    };
    let (name, version, deployed_at) = (take("name")?, take("version")?, take("deployed_at")?);
    let Some(name) = name.filter(|_| fields.is_empty()) else {
        return Err(wrong_type(argument, value, MODEL));
    };
    let name = text(argument, &name)?;
    let version = version
        .map(|version| text("version", &version))
        .transpose()?;
    let deployed_at = deployed_at
        .map(|time| timestamp("deployed_at", &time))
        .transpose()?;
    Ok(ModelId::new(&name, version.as_deref(), deployed_at)?)
}

/// A severity: a name, a number of `logging`, or a `Severity`.
pub(crate) fn severity(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Severity> {
    const ALLOWED: &str = "a Severity, its name (\"trace\", \"debug\", \"info\", \"warning\", \
                           \"error\", \"critical\") or its number (5, 10, 20, 30, 40, 50)";
    let severity = if let Ok(string) = value.cast::<PyString>() {
        Severity::parse(&string.to_string_lossy())
    } else if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        Severity::from_level(value.extract().unwrap_or(-1))
    } else {
        return Err(wrong_type(argument, value, ALLOWED));
    };
    severity.map_err(|_| Error::invalid_value(argument, described(value), ALLOWED).into())
}

/// A prediction id: text, or an integer.
pub(crate) fn id(value: &Bound<'_, PyAny>) -> PyResult<Arc<str>> {
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        return Ok(value.str()?.to_str()?.into());
    }
    let string = string("id", value, "a str that is not empty, or an int")?;
    let text = string
        .to_str()
        .map_err(|error| unreadable("id", string, error))?;
    if text.is_empty() {
        return Err(Error::invalid_value("id", "''", "a str that is not empty, or an int").into());
    }
    Ok(text.into()) // ids are all different: not cached
}

/// One string, or several: what filters take. `None` is everything.
fn one_or_more<'py>(
    argument: &'static str,
    value: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    let Some(value) = value else { return Ok(None) };
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyModelId>() {
        return Ok(Some(vec![value.clone()]));
    }
    let allowed = "a str, several in a list, tuple or set, or None";
    let items = value
        .try_iter()
        .map_err(|_| wrong_type(argument, value, allowed))?;
    let items = items.collect::<PyResult<Vec<_>>>()?;
    if items.is_empty() {
        let got = format!("{} (empty: it would hear nothing)", described(value));
        return Err(Error::invalid_value(argument, got, allowed).into());
    }
    Ok(Some(items))
}

/// Kinds to listen to. A typing slip warns.
pub(crate) fn kinds(
    py: Python<'_>,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Vec<Kind>>> {
    let Some(items) = one_or_more("kinds", value)? else {
        return Ok(None);
    };
    let mut kinds = Vec::with_capacity(items.len());
    for item in &items {
        let name = string("kinds", item, "a str such as \"accuracy\", or several")?;
        let text = name
            .to_str()
            .map_err(|error| unreadable("kinds", name, error))?;
        let kind = Kind::parse(text).map_err(|error| error.named("kinds"))?;
        if kind.definition().is_none()
            && let Some(meant) = Kind::did_you_mean(kind.as_str())
        {
            let text = format!(
                "kinds: {:?} is not a standard kind; did you mean {meant:?}?",
                kind.as_str()
            );
            let text = std::ffi::CString::new(text).unwrap_or_default();
            PyErr::warn(py, &py.get_type::<PyUserWarning>(), &text, 1)?;
        }
        kinds.push(kind);
    }
    Ok(Some(kinds))
}

/// The most models to keep apart.
pub(crate) fn max_models(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(whole("max_models", value, 1..=MOST_MODELS as u32)? as usize)
}

/// Models to listen to.
pub(crate) fn models(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<ModelFilter>>> {
    let items = one_or_more("models", value)?;
    items
        .map(|items| {
            items
                .iter()
                .map(|item| model_as("models", item).map(ModelFilter::from))
                .collect()
        })
        .transpose()
}

/// Features to listen to.
pub(crate) fn features(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<Arc<str>>>> {
    let items = one_or_more("features", value)?;
    items
        .map(|items| items.iter().map(|item| text("features", item)).collect())
        .transpose()
}
