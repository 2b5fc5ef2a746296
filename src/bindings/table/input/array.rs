//! One-dimensional NumPy arrays as Arrow arrays, copied once.

use std::sync::Arc;

use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use numpy::{
    Element, PyArray1, PyArrayDescrMethods, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods,
    dtype,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::{objects, text, times};
use crate::bindings::arguments::array::{describe, is_masked};
use crate::table::ColumnData;

/// The values of an array of shape (n,), of any dtype, layout and byte order. Masked
/// entries and NaT are null; NaN stays, and is missing all the same. float16 and
/// longdouble become float64.
///
/// # Errors
/// What NumPy raises, or a cell of an array of objects.
pub(super) fn column(array: &Bound<'_, PyUntypedArray>) -> PyResult<ColumnData> {
    let py = array.py();
    if array.ndim() != 1 {
        let shape = array.shape().iter().skip(1).map(ToString::to_string);
        let shape: Vec<_> = shape.collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let reason = format!("cells of shape ({}{comma})", shape.join(", "));
        return Ok(ColumnData::Unusable(reason));
    }
    let (array, mask) = if is_masked(array)? {
        let module = py.import(intern!(py, "numpy.ma"))?;
        let mask = module.call_method1(intern!(py, "getmaskarray"), (array,))?;
        let data = module.call_method1(intern!(py, "getdata"), (array,))?;
        let mask = mask.cast_into::<PyUntypedArray>()?;
        // The mask of records has a field for each of theirs.
        if mask.dtype().kind() == b'b' {
            (data.cast_into()?, Some(values::<bool>(&mask)?))
        } else {
            (data.cast_into()?, None)
        }
    } else {
        (array.clone(), None)
    };
    let nulls = mask
        .as_deref()
        .map(|mask| NullBuffer::from_iter(mask.iter().map(|masked| !masked)));
    let described = array.dtype();
    let array_of = match (described.kind(), described.itemsize()) {
        (b'b', _) => {
            let values = values::<bool>(&array)?;
            let values = BooleanBuffer::from_iter(values);
            Arc::new(BooleanArray::new(values, nulls)) as ArrayRef
        }
        (b'i', 1) => primitive::<Int8Type>(&array, nulls)?,
        (b'i', 2) => primitive::<Int16Type>(&array, nulls)?,
        (b'i', 4) => primitive::<Int32Type>(&array, nulls)?,
        (b'i', 8) => primitive::<Int64Type>(&array, nulls)?,
        (b'u', 1) => primitive::<UInt8Type>(&array, nulls)?,
        (b'u', 2) => primitive::<UInt16Type>(&array, nulls)?,
        (b'u', 4) => primitive::<UInt32Type>(&array, nulls)?,
        (b'u', 8) => primitive::<UInt64Type>(&array, nulls)?,
        (b'f', 4) => primitive::<Float32Type>(&array, nulls)?,
        (b'f', _) => primitive::<Float64Type>(&array, nulls)?,
        (b'M', _) => return times::instants(&array, mask.as_deref(), None),
        (b'm', _) => return times::durations(&array, mask.as_deref()),
        (b'U', _) => return text::characters(&array, nulls),
        (b'S', _) => return text::bytes(&array, nulls),
        (b'O' | b'T', _) => {
            let cells = array.call_method0(intern!(py, "tolist"))?;
            return objects::column(cells.cast::<PyList>()?, mask.as_deref());
        }
        (b'V', _) if is_short_float(&array)? => primitive::<Float64Type>(&array, nulls)?,
        _ => {
            let reason = format!("cells of dtype {described}");
            return Ok(ColumnData::Unusable(reason));
        }
    };
    Ok(ColumnData::Arrays(vec![array_of]))
}

/// The machine-learning floats of package ml_dtypes (bfloat16, float8_...), which NumPy
/// takes for void.
fn is_short_float(array: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    let name = array.dtype().getattr(intern!(array.py(), "name"))?;
    let name = name.str()?.to_string_lossy().into_owned();
    Ok(name == "bfloat16" || name.starts_with("float8") || name.starts_with("float4"))
}

fn primitive<T>(array: &Bound<'_, PyUntypedArray>, nulls: Option<NullBuffer>) -> PyResult<ArrayRef>
where
    T: ArrowPrimitiveType,
    T::Native: Element,
{
    let values = values::<T::Native>(array)?;
    Ok(Arc::new(PrimitiveArray::<T>::new(values.into(), nulls)))
}

/// The values as this type, in order.
pub(super) fn values<T: Element + Clone>(array: &Bound<'_, PyUntypedArray>) -> PyResult<Vec<T>> {
    if let Some(values) = as_they_are(array)? {
        return Ok(values);
    }
    let copied = array.call_method(
        intern!(array.py(), "astype"),
        (dtype::<T>(array.py()),),
        Some(&own(array.py())?),
    )?;
    let copied = copied.cast_into::<PyUntypedArray>()?;
    as_they_are(&copied)?.ok_or_else(|| {
        let message = format!("{} cannot be copied", describe(&copied));
        pyo3::exceptions::PyTypeError::new_err(message)
    })
}

/// The values of an aligned array of this very type, whatever its strides; else `None`.
fn as_they_are<T: Element + Clone>(array: &Bound<'_, PyUntypedArray>) -> PyResult<Option<Vec<T>>> {
    let Ok(array) = array.cast::<PyArray1<T>>() else {
        return Ok(None);
    };
    if !array.is_aligned() {
        return Ok(None);
    }
    if let Ok(values) = array.to_vec() {
        return Ok(Some(values));
    }
    let size = size_of::<T>() as isize;
    let strides = array.strides();
    if strides.iter().any(|stride| stride % size != 0) {
        return Ok(None);
    }
    let Ok(array) = array.try_readonly() else {
        return Ok(None);
    };
    Ok(Some(array.as_array().iter().cloned().collect()))
}

/// The keywords of `astype` for a fresh array: exact type, aligned, contiguous.
pub(super) fn own(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let keywords = PyDict::new(py);
    keywords.set_item(intern!(py, "order"), "C")?;
    keywords.set_item(intern!(py, "subok"), false)?;
    keywords.set_item(intern!(py, "copy"), true)?;
    Ok(keywords)
}
