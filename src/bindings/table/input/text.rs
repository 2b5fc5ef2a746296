//! NumPy arrays of text of a fixed width.

use std::sync::Arc;

use arrow_array::LargeStringArray;
use arrow_array::builder::LargeStringBuilder;
use arrow_buffer::NullBuffer;
use numpy::{Element, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;

use super::array::{own, values};
use crate::table::ColumnData;

/// An array of dtype `U`: code points, ended by zeros. What is no character becomes
/// U+FFFD.
///
/// # Errors
/// What NumPy raises.
pub(super) fn characters(
    array: &Bound<'_, PyUntypedArray>,
    nulls: Option<NullBuffer>,
) -> PyResult<ColumnData> {
    let mut text = LargeStringBuilder::new();
    let mut cell = String::new();
    let (points, width) = units::<u32>(array, "uint32")?;
    for row in 0..array.len() {
        cell.clear();
        let points = points.get(row * width..(row + 1) * width);
        let points = trimmed(points.unwrap_or_default());
        cell.extend(
            points
                .iter()
                .map(|&point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
        text.append_value(&cell);
    }
    Ok(finished(text.finish(), nulls))
}

/// An array of dtype `S`, which is text when it is UTF-8.
///
/// # Errors
/// What NumPy raises.
pub(super) fn bytes(
    array: &Bound<'_, PyUntypedArray>,
    nulls: Option<NullBuffer>,
) -> PyResult<ColumnData> {
    let mut text = LargeStringBuilder::new();
    let (bytes, width) = units::<u8>(array, "uint8")?;
    for row in 0..array.len() {
        let bytes = bytes.get(row * width..(row + 1) * width);
        let Ok(cell) = std::str::from_utf8(trimmed(bytes.unwrap_or_default())) else {
            return Ok(ColumnData::Unusable("bytes that are not UTF-8".to_owned()));
        };
        text.append_value(cell);
    }
    Ok(finished(text.finish(), nulls))
}

/// All units of all rows, and how many there are in a row.
fn units<T: Element + Copy>(
    array: &Bound<'_, PyUntypedArray>,
    unit: &str,
) -> PyResult<(Vec<T>, usize)> {
    let py = array.py();
    let width = array.dtype().itemsize() / size_of::<T>();
    if width == 0 || array.is_empty() {
        return Ok((Vec::new(), width));
    }
    let native = array
        .dtype()
        .call_method1(intern!(py, "newbyteorder"), ("=",))?;
    let copied = array.call_method(intern!(py, "astype"), (native,), Some(&own(py)?))?;
    let copied = copied.call_method1(intern!(py, "view"), (unit,))?;
    Ok((values(&copied.cast_into()?)?, width))
}

/// Without the zeros at the end.
fn trimmed<T: Copy + Default + PartialEq>(units: &[T]) -> &[T] {
    let end = units.iter().rposition(|unit| *unit != T::default());
    units
        .get(..end.map_or(0, |end| end + 1))
        .unwrap_or_default()
}

/// The text with these cells missing.
pub(super) fn finished(text: LargeStringArray, nulls: Option<NullBuffer>) -> ColumnData {
    let (offsets, values, _) = text.into_parts();
    match LargeStringArray::try_new(offsets, values, nulls) {
        Ok(text) => ColumnData::Arrays(vec![Arc::new(text)]),
        Err(error) => ColumnData::Unusable(error.to_string()),
    }
}
