//! Parameters of a class's signature: real defaults there, our errors here.
//!
//! pyo3 wants a default to have the argument's type, and its own conversion
//! raises a plain `TypeError`; so each type of the list names what it looks
//! like as an argument and how it is taken from any object.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};
use serde_json::Value;

use crate::bindings::arguments::array::{describe, vector};
use crate::error::Error;

/// A type that carries the name of an argument.
pub(crate) trait Name {
    const NAME: &'static str;
}

/// A type of parameter in the list of tests.
pub(crate) trait Parameter: Sized {
    /// What a function takes for it.
    type Argument<'a>;

    /// The argument from any object; errors name `argument`.
    fn take<'a>(argument: &str, obj: &'a Bound<'_, PyAny>) -> PyResult<Self::Argument<'a>>;

    /// The argument as the configuration takes it.
    fn to_json(argument: &str, value: Self::Argument<'_>) -> PyResult<Value>;
}

/// [`Parameter::take`] as pyo3's `from_py_with` can name it.
pub(crate) fn take<'a, N: Name, P: Parameter>(
    obj: &'a Bound<'_, PyAny>,
) -> PyResult<P::Argument<'a>> {
    P::take(N::NAME, obj)
}

fn refused(argument: &str, obj: &Bound<'_, PyAny>, allowed: &'static str) -> PyErr {
    Error::invalid_type(argument.to_owned(), describe(obj), allowed).into()
}

impl Parameter for String {
    type Argument<'a> = &'a str;

    fn take<'a>(argument: &str, obj: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
        let text = obj
            .cast::<PyString>()
            .ok()
            .and_then(|text| text.to_str().ok());
        text.ok_or_else(|| refused(argument, obj, "a string"))
    }

    fn to_json(_argument: &str, value: &str) -> PyResult<Value> {
        Ok(Value::from(value))
    }
}

impl Parameter for Option<String> {
    type Argument<'a> = Option<&'a str>;

    fn take<'a>(argument: &str, obj: &'a Bound<'_, PyAny>) -> PyResult<Option<&'a str>> {
        if obj.is_none() {
            return Ok(None);
        }
        let text = obj
            .cast::<PyString>()
            .ok()
            .and_then(|text| text.to_str().ok());
        text.map(Some)
            .ok_or_else(|| refused(argument, obj, "a string or None"))
    }

    fn to_json(_argument: &str, value: Option<&str>) -> PyResult<Value> {
        Ok(value.map_or(Value::Null, Value::from))
    }
}

/// A type of whole numbers from 0 on as a parameter.
macro_rules! whole {
    ($type:ty) => {
        impl Parameter for $type {
            type Argument<'a> = $type;

            fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<$type> {
                let allowed = "a non-negative integer";
                if obj.is_instance_of::<PyBool>() {
                    return Err(refused(argument, obj, allowed));
                }
                obj.extract().map_err(|_| match obj.extract::<i128>() {
                    Ok(integer) => {
                        Error::invalid_value(argument.to_owned(), integer, allowed).into()
                    }
                    Err(_) => refused(argument, obj, allowed),
                })
            }

            fn to_json(_argument: &str, value: $type) -> PyResult<Value> {
                Ok(Value::from(value))
            }
        }
    };
}

whole!(usize);
whole!(u64);

impl Parameter for bool {
    type Argument<'a> = bool;

    fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<bool> {
        let flag = obj.cast::<PyBool>().map(|flag| flag.is_true());
        flag.map_err(|_| refused(argument, obj, "True or False"))
    }

    fn to_json(_argument: &str, value: bool) -> PyResult<Value> {
        Ok(Value::from(value))
    }
}

impl Parameter for Option<f64> {
    type Argument<'a> = Option<f64>;

    fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
        if obj.is_none() {
            return Ok(None);
        }
        if obj.is_instance_of::<PyBool>() {
            return Err(refused(argument, obj, "a number or None"));
        }
        let number = obj.extract().map(Some);
        number.map_err(|_| refused(argument, obj, "a number or None"))
    }

    fn to_json(argument: &str, value: Option<f64>) -> PyResult<Value> {
        value.map_or(Ok(Value::Null), |x| finite(argument, x))
    }
}

impl Parameter for f64 {
    type Argument<'a> = f64;

    fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<f64> {
        let allowed = "a number";
        if obj.is_instance_of::<PyBool>() || obj.is_instance_of::<PyString>() {
            return Err(refused(argument, obj, allowed));
        }
        obj.extract().map_err(|_| refused(argument, obj, allowed))
    }

    fn to_json(argument: &str, value: f64) -> PyResult<Value> {
        finite(argument, value)
    }
}

impl Parameter for Option<usize> {
    type Argument<'a> = Option<usize>;

    fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        if obj.is_none() {
            return Ok(None);
        }
        <usize as Parameter>::take(argument, obj).map(Some)
    }

    fn to_json(_argument: &str, value: Option<usize>) -> PyResult<Value> {
        Ok(value.map_or(Value::Null, Value::from))
    }
}

impl Parameter for Option<Vec<f64>> {
    type Argument<'a> = Option<Vec<f64>>;

    fn take(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Option<Vec<f64>>> {
        if obj.is_none() {
            return Ok(None);
        }
        vector(argument, obj).map(|values| Some(values.to_vec()))
    }

    fn to_json(argument: &str, value: Option<Vec<f64>>) -> PyResult<Value> {
        let Some(values) = value else {
            return Ok(Value::Null);
        };
        let numbers: PyResult<Vec<Value>> =
            values.into_iter().map(|x| finite(argument, x)).collect();
        numbers.map(Value::Array)
    }
}

/// Any object as a parameter, for `get(name, **params)`.
pub(crate) fn any_to_json(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(text) = obj.cast::<PyString>() {
        return Ok(Value::String(text.to_string_lossy().into_owned()));
    }
    if obj.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = obj.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if let Ok(integer) = obj.extract::<i64>() {
        return Ok(Value::from(integer));
    }
    if let Ok(integer) = obj.extract::<u64>() {
        return Ok(Value::from(integer)); // a seed
    }
    if let Ok(number) = obj.extract::<f64>() {
        return finite(argument, number);
    }
    match <Option<Vec<f64>> as Parameter>::take(argument, obj) {
        Ok(values) => Option::<Vec<f64>>::to_json(argument, values),
        Err(error) if error.is_instance_of::<PyException>(obj.py()) => {
            let allowed = "None, a bool, a number, a string or a sequence of numbers";
            Err(refused(argument, obj, allowed))
        }
        Err(error) => Err(error),
    }
}

fn finite(argument: &str, x: f64) -> PyResult<Value> {
    let number = serde_json::Number::from_f64(x).map(Value::Number);
    number.ok_or_else(|| Error::invalid_value(argument.to_owned(), x, "a finite number").into())
}
