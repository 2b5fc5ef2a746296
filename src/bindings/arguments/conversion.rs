//! What is said when an object cannot be converted.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;

use super::array::{describe, is_real};
use crate::error::Error;

/// A refusal of `obj` by name: of its shape where its numbers are real,
/// otherwise of its type.
pub(super) fn refused(argument: &str, obj: &Bound<'_, PyAny>, accepted: &'static str) -> PyErr {
    let got = describe(obj);
    match obj.cast::<PyUntypedArray>() {
        Ok(array) if is_real(&array.dtype()) => {
            Error::invalid_value(argument.to_owned(), got, accepted)
        }
        _ => Error::invalid_type(argument.to_owned(), got, accepted),
    }
    .into()
}

/// The error of an object's own method as one of ours, with itself as the cause;
/// what is not an `Exception` (`KeyboardInterrupt`, ...) passes unchanged.
pub(super) fn chained(
    argument: &str,
    obj: &Bound<'_, PyAny>,
    accepted: &'static str,
    cause: PyErr,
) -> PyErr {
    let py = obj.py();
    if !cause.is_instance_of::<PyException>(py) {
        return cause;
    }
    let got = format!("{} that cannot be converted ({cause})", describe(obj));
    let error: PyErr = if cause.is_instance_of::<PyTypeError>(py) {
        Error::invalid_type(argument.to_owned(), got, accepted).into()
    } else {
        Error::invalid_value(argument.to_owned(), got, accepted).into()
    };
    error.set_cause(py, Some(cause));
    error
}
