//! Columns of pandas, each by the way that copies least.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray};
use numpy::{PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySlice, PyString};

use super::{array, arrow, objects, times};
use crate::table::ColumnData;

/// A frame: rows and columns by place, each column with a dtype.
pub(super) fn is_frame(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = obj.py();
    Ok(obj.hasattr(intern!(py, "iloc"))?
        && obj.hasattr(intern!(py, "dtypes"))?
        && obj.hasattr(intern!(py, "columns"))?)
}

/// A series, or one of pandas' own arrays or indexes.
pub(super) fn is_series(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = obj.py();
    let Some(dtype) = obj.getattr_opt(intern!(py, "dtype"))? else {
        return Ok(false);
    };
    Ok(obj.hasattr(intern!(py, "iloc"))? || is_extension(&dtype)?)
}

/// A dtype of pandas', which says what stands for a missing value.
fn is_extension(dtype: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = dtype.py();
    Ok(!dtype.is_instance_of::<PyArrayDescr>()
        && dtype.hasattr(intern!(py, "na_value"))?
        && dtype.hasattr(intern!(py, "kind"))?)
}

/// A column of a frame by its label, or by its place where a label may mean several.
///
/// # Errors
/// What pandas raises.
pub(super) fn series<'py>(
    frame: &Bound<'py, PyAny>,
    label: Option<&Py<PyAny>>,
    index: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let py = frame.py();
    if let Some(label) = label.map(|label| label.bind(py))
        && label.is_instance_of::<PyString>()
    {
        return frame.get_item(label);
    }
    let places = frame.getattr(intern!(py, "iloc"))?;
    places.get_item((PySlice::full(py), index))
}

/// The NumPy array of a column whose dtype is one of NumPy's; it is not copied.
///
/// # Errors
/// What pandas raises.
pub(super) fn array_of<'py>(series: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = series.py();
    let dtype = series.getattr(intern!(py, "dtype"))?;
    if !dtype.is_instance_of::<PyArrayDescr>() {
        return Ok(None);
    }
    series.call_method0(intern!(py, "to_numpy")).map(Some)
}

/// One column; its index is not looked at.
///
/// NumPy's dtypes go as they are, nullable ones with their mask, sparse ones filled in,
/// what Arrow stores as it is, categories as codes and categories, instants with a zone
/// in UTC. Periods and intervals cannot be used.
///
/// # Errors
/// What pandas raises.
pub(super) fn column(series: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let py = series.py();
    let dtype = series.getattr(intern!(py, "dtype"))?;
    if let Some(array) = array_of(series)? {
        return array::column(&array.cast_into()?);
    }
    let has = |attribute| dtype.hasattr(attribute);
    if has(intern!(py, "categories"))? {
        return categories(series);
    }
    if has(intern!(py, "pyarrow_dtype"))? || is_stored_by_arrow(&dtype)? {
        let stored = series
            .getattr(intern!(py, "array"))
            .unwrap_or_else(|_| series.clone());
        let stored = stored.call_method0(intern!(py, "__arrow_array__"))?;
        return arrow::column(&stored);
    }
    if let Some(zone) = dtype.getattr_opt(intern!(py, "tz"))? {
        return zoned(series, &zone);
    }
    if has(intern!(py, "fill_value"))? {
        let dense = py
            .import(intern!(py, "numpy"))?
            .call_method1(intern!(py, "asarray"), (series,))?;
        return array::column(&dense.cast_into()?);
    }
    if let Some(numpy_dtype) = dtype.getattr_opt(intern!(py, "numpy_dtype"))? {
        return nullable(series, &numpy_dtype);
    }
    if has(intern!(py, "freq"))? || has(intern!(py, "closed"))? {
        let class = dtype.getattr(intern!(py, "type"))?;
        let class = class.getattr(intern!(py, "__name__"))?;
        return Ok(ColumnData::Unusable(format!("cells of type {class}")));
    }
    let objects = to_numpy(series, Some("object"))?;
    array::column(&objects)
}

fn is_stored_by_arrow(dtype: &Bound<'_, PyAny>) -> PyResult<bool> {
    let storage = dtype.getattr_opt(intern!(dtype.py(), "storage"))?;
    Ok(storage.is_some_and(|storage| storage.eq("pyarrow").unwrap_or(false)))
}

fn to_numpy<'py>(
    series: &Bound<'py, PyAny>,
    dtype: Option<&str>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = series.py();
    let array = match dtype {
        None => series.call_method0(intern!(py, "to_numpy"))?,
        Some(dtype) => series.call_method1(intern!(py, "to_numpy"), (dtype,))?,
    };
    Ok(array.cast_into()?)
}

/// `Int64`, `boolean` and the like: values and a mask.
fn nullable(series: &Bound<'_, PyAny>, dtype: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let py = series.py();
    let keywords = PyDict::new(py);
    keywords.set_item(intern!(py, "dtype"), dtype)?;
    keywords.set_item(intern!(py, "na_value"), 0)?;
    let values = series.call_method(intern!(py, "to_numpy"), (), Some(&keywords))?;
    let mask = series.call_method0(intern!(py, "isna"))?;
    let masked = py
        .import(intern!(py, "numpy.ma"))?
        .call_method1(intern!(py, "MaskedArray"), (values, mask))?;
    array::column(&masked.cast_into()?)
}

/// Instants in UTC, with the name of the zone in which they are shown.
fn zoned(series: &Bound<'_, PyAny>, zone: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let py = series.py();
    let name = times::zone_name(zone)?;
    let times = match series.getattr_opt(intern!(py, "dt"))? {
        Some(accessor) => accessor,
        None => series.clone(),
    };
    let utc = times.call_method1(intern!(py, "tz_convert"), (py.None(),))?;
    let utc = utc.call_method0(intern!(py, "to_numpy"))?.cast_into()?;
    times::instants(&utc, None, Some(&name))
}

/// Codes, and what they stand for. Categories of types that are mixed or cannot be used,
/// such as the intervals of `pandas.cut`, are taken by their `str`.
fn categories(series: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let py = series.py();
    let data = match series.getattr_opt(intern!(py, "cat"))? {
        Some(accessor) => accessor,
        None => series.clone(),
    };
    let codes = data.getattr(intern!(py, "codes"))?;
    let codes = match codes.cast::<PyUntypedArray>() {
        Ok(codes) => codes.clone(),
        Err(_) => to_numpy(&codes, None)?,
    };
    let codes = array::values::<i32>(&codes)?;
    let codes = codes.into_iter().map(|code| (code >= 0).then_some(code));
    let codes: PrimitiveArray<Int32Type> = codes.collect();

    let labels = data.getattr(intern!(py, "categories"))?;
    let labels = labels.call_method0(intern!(py, "tolist"))?;
    let labels = labels.cast::<PyList>()?;
    let values = match one(objects::column(labels, None)?) {
        Some(values) => values,
        None => {
            let text: PyResult<Vec<_>> = labels.iter().map(|label| label.str()).collect();
            let text: Vec<Bound<'_, PyString>> = text?;
            one(objects::column(&PyList::new(py, text)?, None)?)
                .ok_or_else(|| PyValueError::new_err("categories without text"))?
        }
    };
    Ok(match DictionaryArray::try_new(codes, values) {
        Ok(array) => ColumnData::Arrays(vec![Arc::new(array)]),
        Err(error) => ColumnData::Unusable(error.to_string()),
    })
}

/// The one array of a column that has been read from a list, if there is one.
fn one(column: ColumnData) -> Option<ArrayRef> {
    match column {
        ColumnData::Arrays(arrays) => arrays.into_iter().next().filter(|it| it.null_count() == 0),
        ColumnData::Unusable(_) => None,
    }
}
