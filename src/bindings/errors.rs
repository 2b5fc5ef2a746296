//! Core errors as Python exceptions.

use pyo3::exceptions::PyOSError;
use pyo3::import_exception;
use pyo3::prelude::*;

use crate::bindings::config::config_error;
use crate::error::Error;

import_exception!(driftline.exceptions, InvalidTypeError);
import_exception!(driftline.exceptions, InvalidValueError);
import_exception!(driftline.exceptions, EmptySampleError);
import_exception!(driftline.exceptions, HubClosed);
import_exception!(driftline.exceptions, ObserverNotFound);
import_exception!(driftline.exceptions, EmitLoopError);
import_exception!(driftline.exceptions, RetryLater);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::InvalidValue { .. } => InvalidValueError::new_err(message),
            Error::InvalidType { .. } => InvalidTypeError::new_err(message),
            Error::EmptySample { .. } => EmptySampleError::new_err(message),
            Error::ObserverNotFound(_) => ObserverNotFound::new_err(message),
            Error::Config(mistakes) => Python::attach(|py| {
                let error = config_error(py, &mistakes);
                error.map_or_else(|error| error, PyErr::from_value)
            }),
            Error::Foreign(error) => match error.get::<PyErr>() {
                Some(error) => Python::attach(|py| error.clone_ref(py)),
                None => pyo3::exceptions::PyRuntimeError::new_err(message),
            },
            Error::File {
                path,
                message,
                os_error,
            } => match os_error {
                // Python tells missing files from forbidden ones by the number.
                Some(number) => PyOSError::new_err((number, strerror(number, message), path)),
                None => PyOSError::new_err(format!("{path}: {message}")),
            },
            Error::HubClosed(_) => HubClosed::new_err(message),
            // Only met where nobody kept the exception that interrupted.
            Error::Interrupted => pyo3::exceptions::PyKeyboardInterrupt::new_err(message),
            Error::EmitLoop { .. } => EmitLoopError::new_err(message),
        }
    }
}

/// Rust's text of an error of the system, without its number.
fn strerror(number: i32, message: String) -> String {
    let end = format!(" (os error {number})");
    message
        .strip_suffix(&end)
        .map_or(message.clone(), str::to_owned)
}

/// Imports the classes, which is not possible any more when the interpreter ends.
pub(crate) fn load(py: Python<'_>) -> PyResult<()> {
    py.import("driftline.exceptions")?;
    InvalidTypeError::type_object_raw(py);
    InvalidValueError::type_object_raw(py);
    EmptySampleError::type_object_raw(py);
    HubClosed::type_object_raw(py);
    ObserverNotFound::type_object_raw(py);
    EmitLoopError::type_object_raw(py);
    RetryLater::type_object_raw(py);
    Ok(())
}
