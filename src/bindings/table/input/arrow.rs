//! Arrow data of other libraries, by the PyCapsule interface; nothing is copied.
//!
//! Source: "The Arrow PyCapsule Interface" and "The Arrow C stream interface" of the
//! Arrow format. What a library exports is trusted as far as memory goes, as by every
//! reader of that interface; text that is not UTF-8 and codes without a category, which
//! files can bring in, are looked for.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ByteViewType, StringViewType};
use arrow_array::{
    Array, ArrayRef, GenericByteViewArray, GenericStringArray, NullArray, OffsetSizeTrait,
    StructArray, new_empty_array,
};
use arrow_data::ByteView;
use arrow_schema::{ArrowError, DataType};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;

use super::capsule::{self, ArrayStream};
use super::gathered::{Batch, Reader};
use super::{inside, names};
use crate::bindings::gate::outside;
use crate::error::{Error, Result};
use crate::table::ColumnData;

/// A stream of record batches.
pub(super) struct Stream {
    argument: &'static str,
    names: Vec<String>,
    stream: ArrayStream,
    /// How many batches have been read.
    n: usize,
}

impl Stream {
    /// The stream of an object with `__arrow_c_stream__`; `None` when it is one of single
    /// values and not of rows. Its names are not looked at.
    ///
    /// # Errors
    /// What the object raises, `TypeError` and `ValueError` for what is no stream.
    pub(super) fn open(argument: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let stream = stream_of(obj)?;
        let DataType::Struct(fields) = stream.data_type() else {
            return Ok(None);
        };
        let names = fields.iter().map(|field| field.name().clone()).collect();
        Ok(Some(Self {
            argument,
            names,
            stream,
            n: 0,
        }))
    }

    /// With a name for each column.
    ///
    /// # Errors
    /// As [`names::checked`].
    pub(super) fn checked(mut self) -> PyResult<Self> {
        self.names = names::checked(self.argument, self.names)?;
        Ok(self)
    }
}

impl Reader for Stream {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self) -> Result<Option<Batch>> {
        let refused = |n: usize, why: &str| {
            let got = format!("an Arrow stream that fails after {n} batches ({why})");
            Error::invalid_value(self.argument, got, "a stream that can be read to its end")
        };
        let stream = &mut self.stream;
        let array = inside(|py| outside(py, || stream.next()));
        let Some(array) = array.map_err(|error| refused(self.n, &error.to_string()))? else {
            if self.n > 0 {
                return Ok(None);
            }
            self.n = 1; // columns without rows have types, too
            let empty = new_empty_array(self.stream.data_type());
            return Ok(empty.as_struct_opt().map(batch));
        };
        self.n += 1;
        match array.as_struct_opt() {
            Some(rows) if rows.null_count() == 0 => Ok(Some(batch(rows))),
            Some(_) => Err(refused(self.n, "rows that are null as a whole")),
            None => Err(refused(self.n, "a batch that is none")),
        }
    }
}

fn batch(rows: &StructArray) -> Batch {
    Batch {
        columns: rows
            .columns()
            .iter()
            .map(|it| checked(it.clone()))
            .collect(),
        n_rows: rows.len(),
        held: None,
    }
}

/// The record batch of an object with `__arrow_c_array__`: names and columns; `None`
/// when it is an array of single values.
///
/// # Errors
/// What the object raises, `TypeError` and `ValueError` for what is no array.
pub(super) fn record_batch(obj: &Bound<'_, PyAny>) -> PyResult<Option<(Vec<String>, Batch)>> {
    let array = array_of(obj)?;
    let Some(rows) = array.as_struct_opt() else {
        return Ok(None);
    };
    if rows.null_count() > 0 {
        return Err(PyValueError::new_err("rows are null as a whole"));
    }
    let names = rows.fields().iter().map(|field| field.name().clone());
    Ok(Some((names.collect(), batch(rows))))
}

/// A column with `__arrow_c_stream__` or `__arrow_c_array__`.
///
/// # Errors
/// What the object raises, `TypeError` and `ValueError` for what is no Arrow data.
pub(super) fn column(obj: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    if !has_stream(obj)? {
        return Ok(checked(array_of(obj)?));
    }
    let mut stream = stream_of(obj)?;
    let mut arrays = Vec::new();
    while let Some(array) = outside(obj.py(), || stream.next()).map_err(arrow_error)? {
        match checked(array) {
            ColumnData::Arrays(array) => arrays.extend(array),
            unusable @ ColumnData::Unusable(_) => return Ok(unusable),
        }
    }
    if arrays.is_empty() {
        return Ok(checked(new_empty_array(stream.data_type())));
    }
    Ok(ColumnData::Arrays(arrays))
}

pub(super) fn has_stream(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    obj.hasattr(intern!(obj.py(), "__arrow_c_stream__"))
}

pub(super) fn has_array(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    obj.hasattr(intern!(obj.py(), "__arrow_c_array__"))
}

/// The stream of an object. Whatever the other library does, it may come back to the
/// interpreter.
fn stream_of(obj: &Bound<'_, PyAny>) -> PyResult<ArrayStream> {
    let mut stream = ArrayStream::of(obj)?;
    outside(obj.py(), || stream.read_schema()).map_err(arrow_error)?;
    Ok(stream)
}

fn array_of(obj: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    capsule::array_of(obj)?.map_err(arrow_error)
}

fn arrow_error(error: ArrowError) -> PyErr {
    match error {
        ArrowError::SchemaError(message) => PyTypeError::new_err(message),
        error => PyValueError::new_err(error.to_string()),
    }
}

/// An array whose text and codes can be relied on.
fn checked(array: ArrayRef) -> ColumnData {
    if is_nothing(array.data_type()) {
        return ColumnData::Arrays(vec![Arc::new(NullArray::new(array.len()))]);
    }
    if is_sound(&array) {
        ColumnData::Arrays(vec![array])
    } else {
        let reason = "text that is not UTF-8, or codes without a category";
        ColumnData::Unusable(reason.to_owned())
    }
}

/// A struct without fields holds nothing: the form in which nulls have been imported.
fn is_nothing(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Struct(fields) if fields.is_empty())
}

fn is_sound(array: &ArrayRef) -> bool {
    match array.data_type() {
        DataType::Utf8 => is_text(array.as_string::<i32>()),
        DataType::LargeUtf8 => is_text(array.as_string::<i64>()),
        DataType::Utf8View => are_views(array.as_byte_view::<StringViewType>()),
        DataType::Dictionary(_, _) => {
            array.to_data().validate_values().is_ok()
                && is_sound(array.as_any_dictionary().values())
        }
        _ => true,
    }
}

/// Whether each cell is UTF-8. Of the values only what the cells span is looked at: the
/// batches of a table share them.
fn is_text<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> bool {
    let (offsets, values) = (array.value_offsets(), array.value_data());
    let at = |offset: &O| offset.as_usize();
    let (Some(first), Some(last)) = (offsets.first().map(at), offsets.last().map(at)) else {
        return false;
    };
    let Some(text) = values.get(first..last) else {
        return false;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let ordered = offsets.is_sorted();
    ordered
        && (text.is_ascii()
            || offsets
                .iter()
                .all(|it| text.is_char_boundary(at(it) - first)))
}

fn are_views<T: ByteViewType + ?Sized>(array: &GenericByteViewArray<T>) -> bool {
    let buffers = array.data_buffers();
    array.views().iter().enumerate().all(|(row, &view)| {
        let length = view as u32;
        if array.is_null(row) {
            return true;
        }
        if length <= 12 {
            let inline = view.to_le_bytes();
            let text = inline.get(4..4 + length as usize);
            return text.is_some_and(|text| std::str::from_utf8(text).is_ok());
        }
        let view = ByteView::from(view);
        let start = view.offset as usize;
        let text = buffers
            .get(view.buffer_index as usize)
            .and_then(|buffer| buffer.get(start..start + length as usize));
        text.is_some_and(|text| std::str::from_utf8(text).is_ok())
    })
}
