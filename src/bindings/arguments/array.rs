//! One conversion for all one-dimensional input.
//!
//! [`vector`] accepts what people naturally pass (a list, a NumPy array of any
//! real type, layout or byte order, a masked array, a Series, an Arrow array),
//! always copies, and refuses everything else by name. pandas, polars and
//! pyarrow are recognised by their methods and never imported. Integers beyond
//! 2^53 and `longdouble` are rounded to the nearest `f64`.

use ndarray::Array1;
use numpy::{
    PyArray1, PyArrayDescr, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray1, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyString, PyType};

use super::conversion::{chained, refused};
use crate::bindings::gate::below;

const ACCEPTED: &str = "a one-dimensional sequence or array of real numbers, \
                        with NaN for what is missing";

/// Copies any one-dimensional numeric input of length n into an array of shape
/// `(n,)`; masked and null entries become NaN.
///
/// # Errors
/// `InvalidTypeError` or `InvalidValueError` that names `argument`; what the
/// object's own conversion methods raised is chained as the cause, and passes
/// unchanged when it is not an `Exception` (`KeyboardInterrupt`, ...).
pub(crate) fn vector(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Array1<f64>> {
    if let Some(values) = native(obj) {
        return Ok(values);
    }
    if is_scalar(obj) {
        return Err(refused(argument, obj, ACCEPTED));
    }
    below(obj.py(), || converted(argument, obj))
}

fn converted(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Array1<f64>> {
    let array = to_array(argument, obj)?;
    if array.ndim() != 1 || !is_real(&array.dtype()) {
        // An object that NumPy knows nothing of becomes a 0-d object array:
        // name the object, not the wrapping.
        let shown = if array.ndim() == 0 {
            obj
        } else {
            array.as_any()
        };
        return Err(refused(argument, shown, ACCEPTED));
    }
    if let Some(values) = native(&array) {
        return Ok(values);
    }
    let copied = own_copy(&array).map_err(|error| chained(argument, obj, ACCEPTED, error))?;
    native(&copied).ok_or_else(|| refused(argument, obj, ACCEPTED))
}

/// The values of an aligned, contiguous, native float64 `ndarray`; `None` for
/// anything else, subclasses included (a mask must not be lost).
fn native(obj: &Bound<'_, PyAny>) -> Option<Array1<f64>> {
    if !PyArray1::<f64>::is_exact_type_of(obj) {
        return None;
    }
    let array = obj.cast::<PyArray1<f64>>().ok()?;
    // Misaligned and strided arrays are an `Err` here.
    array.to_vec().ok().map(Array1::from)
}

/// A view of an aligned, contiguous, native float64 `ndarray`, for those who are
/// done with it before anything else runs: it is not a copy.
pub(crate) fn borrowed<'py>(obj: &Bound<'py, PyAny>) -> Option<PyReadonlyArray1<'py, f64>> {
    if !PyArray1::<f64>::is_exact_type_of(obj) {
        return None;
    }
    let array = obj.cast::<PyArray1<f64>>().ok()?.try_readonly().ok()?;
    array.as_slice().is_ok().then_some(array)
}

/// What no array library has to be asked about.
pub(crate) fn is_scalar(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_none()
        || obj.is_instance_of::<PyFloat>()
        || obj.is_instance_of::<PyInt>()
        || obj.is_instance_of::<PyString>()
        || obj.is_instance_of::<PyBytes>()
        || obj.is_instance_of::<PyByteArray>()
        || obj.is_instance_of::<PyDict>()
}

pub(super) fn is_real(dtype: &Bound<'_, PyArrayDescr>) -> bool {
    matches!(dtype.kind(), b'b' | b'i' | b'u' | b'f')
}

/// Any object as an untyped array of a dtype that NumPy chose.
fn to_array<'py>(argument: &str, obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let converted = unwrap(argument, obj)?;
    asarray(&converted).map_err(|error| chained(argument, obj, ACCEPTED, error))
}

/// Peels a masked array, Series or Arrow array down to what NumPy understands.
fn unwrap<'py>(argument: &str, obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = obj.py();
    let chain = |error| chained(argument, obj, ACCEPTED, error);
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        let masked = is_masked(obj).map_err(chain)?;
        return if masked && array.ndim() == 1 && is_real(&array.dtype()) {
            filled(obj).map_err(chain)
        } else {
            Ok(obj.clone())
        };
    }
    if !obj.hasattr(intern!(py, "to_numpy")).map_err(chain)? {
        return Ok(obj.clone());
    }
    match series(obj).map_err(chain)? {
        Some(array) => Ok(array),
        None => Err(refused(argument, obj, ACCEPTED)),
    }
}

/// A Series or Arrow array through its own `to_numpy`, nulls as NaN; `None`
/// when its type is not numeric.
fn series<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = obj.py();
    let to_numpy = intern!(py, "to_numpy");
    let float = PyFloat::type_object(py);
    if let Some(dtype) = obj.getattr_opt(intern!(py, "dtype"))? {
        if dtype.is_instance_of::<PyArrayDescr>() {
            return Ok(Some(obj.clone()));
        }
        if let Some(kind) = dtype.getattr_opt(intern!(py, "kind"))? {
            // A pandas extension dtype (nullable or Arrow-backed).
            if !kind
                .extract::<&str>()
                .is_ok_and(|kind| ["b", "i", "u", "f"].contains(&kind))
            {
                return Ok(None);
            }
            let arguments = PyDict::new(py);
            arguments.set_item("dtype", float)?;
            arguments.set_item("na_value", f64::NAN)?;
            return obj.call_method(to_numpy, (), Some(&arguments)).map(Some);
        }
        if dtype.hasattr(intern!(py, "is_numeric"))? {
            // polars: a cast, since nullable booleans would become objects.
            let numeric = dtype.call_method0(intern!(py, "is_numeric"))?.is_truthy()?
                || dtype.str()?.to_str()? == "Boolean";
            if !numeric {
                return Ok(None);
            }
            let cast = obj.call_method1(intern!(py, "cast"), (float,))?;
            return cast.call_method0(to_numpy).map(Some);
        }
    }
    if let Some(arrow_type) = obj.getattr_opt(intern!(py, "type"))? {
        let arguments = PyDict::new(py);
        arguments.set_item("zero_copy_only", false)?;
        // pyarrow: nullable booleans would become objects too.
        let plain = if arrow_type.str()?.to_str()? == "bool" {
            obj.call_method1(intern!(py, "cast"), ("uint8",))?
        } else {
            obj.clone()
        };
        return plain.call_method(to_numpy, (), Some(&arguments)).map(Some);
    }
    obj.call_method0(to_numpy).map(Some)
}

pub(crate) fn asarray<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        return Ok(array.clone());
    }
    static ASARRAY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let function = ASARRAY.import(obj.py(), "numpy", "asarray")?;
    Ok(function.call1((obj,))?.cast_into::<PyUntypedArray>()?)
}

pub(crate) fn is_masked(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    if PyUntypedArray::is_exact_type_of(obj) {
        return Ok(false);
    }
    static MASKED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    obj.is_instance(MASKED.import(obj.py(), "numpy.ma", "MaskedArray")?)
}

pub(super) fn filled<'py>(masked: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = masked.py();
    let floats = masked.call_method1(intern!(py, "astype"), (PyFloat::type_object(py),))?;
    floats.call_method1(intern!(py, "filled"), (f64::NAN,))
}

/// A fresh native array: exact type, aligned, contiguous.
pub(super) fn own_copy<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyAny>> {
    let py = array.py();
    let arguments = PyDict::new(py);
    arguments.set_item("dtype", PyFloat::type_object(py))?;
    arguments.set_item("order", "C")?;
    arguments.set_item("subok", false)?;
    arguments.set_item("copy", true)?;
    array.call_method(intern!(py, "astype"), (), Some(&arguments))
}

/// What was given, as a person would write it; runs no code of the object's
/// own except the `str` of its dtype.
pub(crate) fn describe(obj: &Bound<'_, PyAny>) -> String {
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        let shape: Vec<String> = array.shape().iter().map(ToString::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let dtype = array.dtype();
        return format!(
            "an array of dtype {dtype} and shape ({}{comma})",
            shape.join(", ")
        );
    }
    if obj.is_none() {
        return "None".to_owned();
    }
    let class = obj.get_type();
    let name = class
        .name()
        .map_or_else(|_| "?".to_owned(), |name| name.to_string());
    let shown = if obj.is_exact_instance_of::<PyString>() {
        obj.repr().ok().map(|text| text.to_string())
    } else if obj.is_exact_instance_of::<PyFloat>()
        || obj.is_exact_instance_of::<PyInt>()
        || obj.is_exact_instance_of::<PyBool>()
    {
        obj.str().ok().map(|text| text.to_string())
    } else {
        None
    };
    match shown {
        Some(text) if text.chars().count() <= 60 => format!("the {name} {text}"),
        Some(text) => format!(
            "the {name} {}...",
            text.chars().take(60).collect::<String>()
        ),
        None => match obj.getattr_opt("dtype") {
            Ok(Some(dtype)) => format!("a {name} of dtype {dtype}"),
            _ => format!("an object of type {name}"),
        },
    }
}
