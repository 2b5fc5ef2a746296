//! One conversion for all two-dimensional input: rows of numbers.
//!
//! [`matrix`] accepts nested lists, NumPy arrays of any real type, layout or
//! byte order, masked arrays, and frames of pandas, polars and pyarrow whose
//! columns are all numeric; it always copies, and refuses everything else by
//! name. Like [`vector`](super::array::vector), it imports none of them.

use ndarray::Array2;
use numpy::{PyArray2, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};

use super::array::{asarray, filled, is_masked, is_real, is_scalar, own_copy};
use super::conversion::{chained, refused};
use crate::bindings::gate::below;

const ACCEPTED: &str = "a two-dimensional sequence, array or frame of real numbers, shape (n, d): \
                        a row for each observation, NaN for what is missing \
                        (one column: array.reshape(-1, 1))";

/// Copies any two-dimensional numeric input into an array of shape `(n, d)`;
/// masked and null entries become NaN.
///
/// # Errors
/// `InvalidTypeError` or `InvalidValueError` that names `argument` and the
/// shape; what the object's own conversion methods raised is chained as the
/// cause, and passes unchanged when it is not an `Exception`.
pub(crate) fn matrix(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Array2<f64>> {
    if let Some(values) = native(obj) {
        return Ok(values);
    }
    if is_scalar(obj) {
        return Err(refused(argument, obj, ACCEPTED));
    }
    below(obj.py(), || converted(argument, obj))
}

fn converted(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Array2<f64>> {
    let chain = |error| chained(argument, obj, ACCEPTED, error);
    let unwrapped = unwrap(argument, obj)?;
    let array = asarray(&unwrapped).map_err(chain)?;
    if array.ndim() != 2 || !is_real(&array.dtype()) {
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
    let copied = own_copy(&array).map_err(chain)?;
    native(&copied).ok_or_else(|| refused(argument, obj, ACCEPTED))
}

/// The values of an aligned, C-contiguous, native float64 `ndarray`; `None` for
/// anything else, subclasses included (a mask must not be lost).
fn native(obj: &Bound<'_, PyAny>) -> Option<Array2<f64>> {
    if !PyArray2::<f64>::is_exact_type_of(obj) {
        return None;
    }
    let array = obj.cast::<PyArray2<f64>>().ok()?;
    if !array.is_c_contiguous() {
        return None;
    }
    let shape = array.dims();
    // A misaligned array is an `Err` here.
    let values = array.to_vec().ok()?;
    Array2::from_shape_vec((shape[0], shape[1]), values).ok()
}

/// Peels a masked array or a frame down to what NumPy understands.
fn unwrap<'py>(argument: &str, obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let chain = |error| chained(argument, obj, ACCEPTED, error);
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        let masked = is_masked(obj).map_err(chain)?;
        return if masked && array.ndim() == 2 && is_real(&array.dtype()) {
            filled(obj).map_err(chain)
        } else {
            Ok(obj.clone())
        };
    }
    match frame(obj).map_err(chain)? {
        Some(unwrapped) => Ok(unwrapped),
        None => Err(refused(argument, obj, ACCEPTED)),
    }
}

/// A frame through its own `to_numpy`, nulls as NaN; anything else as it is;
/// `None` when a column is not numeric.
fn frame<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = obj.py();
    let to_numpy = intern!(py, "to_numpy");
    let float = PyFloat::type_object(py);
    let (Some(dtypes), true) = (
        obj.getattr_opt(intern!(py, "dtypes"))?,
        obj.hasattr(to_numpy)?,
    ) else {
        return Ok(Some(obj.clone()));
    };
    if obj.hasattr(intern!(py, "iloc"))? {
        // pandas: a numeric text would be read as a number.
        for dtype in dtypes.try_iter()? {
            let kind = dtype?.getattr_opt(intern!(py, "kind"))?;
            let kind = kind.and_then(|kind| kind.extract::<String>().ok());
            if !kind.is_some_and(|kind| ["b", "i", "u", "f"].contains(&kind.as_str())) {
                return Ok(None);
            }
        }
        let arguments = PyDict::new(py);
        arguments.set_item("dtype", float)?;
        arguments.set_item("na_value", f64::NAN)?;
        return obj.call_method(to_numpy, (), Some(&arguments)).map(Some);
    }
    // polars: a cast, since nullable booleans would become objects.
    for dtype in dtypes.try_iter()? {
        let dtype = dtype?;
        let numeric = dtype.call_method0(intern!(py, "is_numeric"))?.is_truthy()?
            || dtype.str()?.to_str()? == "Boolean";
        if !numeric {
            return Ok(None);
        }
    }
    let cast = obj.call_method1(intern!(py, "cast"), (float,))?;
    cast.call_method0(to_numpy).map(Some)
}
