//! Arrow data out of capsules: the one place that trusts what another library says about
//! memory.
//!
//! Schemas are read type by type, since libraries export types that the format lacks, or
//! their nulls in a form of their own.

use std::ffi::{CStr, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, make_array};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

/// What reading Arrow data answers.
pub(super) type ArrowResult<T> = Result<T, ArrowError>;

/// A stream of arrays of one type.
pub(super) struct ArrayStream {
    stream: FFI_ArrowArrayStream,
    data_type: DataType,
}

impl ArrayStream {
    /// The stream of an object with `__arrow_c_stream__`; its schema is still to be read.
    ///
    /// # Errors
    /// What the object raises, and what is raised for another capsule.
    pub(super) fn of(obj: &Bound<'_, PyAny>) -> PyResult<Self> {
        let capsule = obj.call_method0(intern!(obj.py(), "__arrow_c_stream__"))?;
        let capsule = capsule.cast_into::<PyCapsule>()?;
        let stream = capsule
            .pointer_checked(Some(c"arrow_array_stream"))?
            .cast::<FFI_ArrowArrayStream>();
        // SAFETY: a capsule of this name holds a valid stream, by the PyCapsule interface;
        // it is moved out, and what is left is marked as released.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) };
        Ok(Self {
            stream,
            data_type: DataType::Null,
        })
    }

    /// Reads the type of the arrays.
    ///
    /// # Errors
    /// What the stream says.
    pub(super) fn read_schema(&mut self) -> ArrowResult<()> {
        if self.stream.release().is_none() {
            return Err(failure("the stream has been released"));
        }
        let Some(get_schema) = self.stream.get_schema() else {
            return Err(failure("the stream has no schema"));
        };
        let mut schema = FFI_ArrowSchema::empty();
        // SAFETY: the stream is valid and not released, the callback is its own.
        let code = unsafe { get_schema(&raw mut self.stream, &raw mut schema) };
        self.succeeded(code)?;
        self.data_type = guarded(|| type_of(&schema))?;
        Ok(())
    }

    /// The type of the arrays.
    pub(super) fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// The next array; `None` at the end.
    ///
    /// # Errors
    /// What the stream says.
    pub(super) fn next(&mut self) -> ArrowResult<Option<ArrayRef>> {
        let Some(get_next) = self.stream.get_next() else {
            return Err(failure("the stream has no arrays"));
        };
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: the stream is valid and not released, the callback is its own.
        let code = unsafe { get_next(&raw mut self.stream, &raw mut array) };
        self.succeeded(code)?;
        if array.is_released() {
            return Ok(None);
        }
        imported(array, self.data_type.clone()).map(Some)
    }

    /// What the last call said, when it was not 0.
    fn succeeded(&mut self, code: c_int) -> ArrowResult<()> {
        if code == 0 {
            return Ok(());
        }
        let said = self.stream.get_last_error().and_then(|get_last_error| {
            // SAFETY: the stream is valid and not released, and its last call failed.
            let text = unsafe { get_last_error(&raw mut self.stream) };
            // SAFETY: text that is not null ends in a zero and stays until the next call.
            (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy())
        });
        match said {
            Some(text) => Err(failure(&text)),
            None => Err(failure(&format!("error code {code}"))),
        }
    }
}

/// The array of an object with `__arrow_c_array__`.
///
/// # Errors
/// What the object raises, and what is raised for other capsules.
pub(super) fn array_of(obj: &Bound<'_, PyAny>) -> PyResult<ArrowResult<ArrayRef>> {
    let pair = obj.call_method0(intern!(obj.py(), "__arrow_c_array__"))?;
    let pair = pair.cast_into::<PyTuple>()?;
    let schema = pair.get_item(0)?.cast_into::<PyCapsule>()?;
    let array = pair.get_item(1)?.cast_into::<PyCapsule>()?;
    let schema = schema
        .pointer_checked(Some(c"arrow_schema"))?
        .cast::<FFI_ArrowSchema>();
    let array = array
        .pointer_checked(Some(c"arrow_array"))?
        .cast::<FFI_ArrowArray>();
    // SAFETY: capsules of these names hold a valid schema and a valid array, by the
    // PyCapsule interface; `pair` keeps the schema alive, the array is moved out.
    let (schema, array) = unsafe { (schema.as_ref(), FFI_ArrowArray::from_raw(array.as_ptr())) };
    if array.is_released() {
        return Ok(Err(failure("the array has been released")));
    }
    let data_type = guarded(|| type_of(schema));
    Ok(data_type.and_then(|data_type| imported(array, data_type)))
}

fn imported(array: FFI_ArrowArray, data_type: DataType) -> ArrowResult<ArrayRef> {
    // SAFETY: a valid array of this type, by the C data interface.
    guarded(|| unsafe { from_ffi_and_data_type(array, data_type) }.map(make_array))
}

fn failure(message: &str) -> ArrowError {
    ArrowError::CDataInterface(message.to_owned())
}

/// The reader asserts what the format demands, such as an array for each field.
fn guarded<R>(read: impl FnOnce() -> ArrowResult<R>) -> ArrowResult<R> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(failure("the data does not have the form that is said")))
}

/// The type to import as. Those of polars that the format lacks: 128-bit integers as
/// decimals without a fraction or, without a sign, as bytes.
fn type_of(schema: &FFI_ArrowSchema) -> ArrowResult<DataType> {
    let data_type = match schema.format() {
        "+s" => {
            let field = |child: &FFI_ArrowSchema| {
                let name = child.name().unwrap_or_default().to_owned();
                type_of(child).map(|data_type| Field::new(name, data_type, true))
            };
            let fields: Vec<_> = schema.children().map(field).collect::<ArrowResult<_>>()?;
            DataType::Struct(fields.into())
        }
        "_pli128" => DataType::Decimal128(38, 0),
        "_plu128" => DataType::FixedSizeBinary(16),
        _ => DataType::try_from(schema)?,
    };
    Ok(with_any_nulls(data_type))
}

/// With an empty struct in the place of Null: polars exports nulls with a buffer and
/// pyarrow without, and both have the form of a struct without fields.
fn with_any_nulls(data_type: DataType) -> DataType {
    let inner = |field: FieldRef| -> FieldRef {
        let data_type = with_any_nulls(field.data_type().clone());
        Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
    };
    match data_type {
        DataType::Null => DataType::Struct(Fields::empty()),
        DataType::List(field) => DataType::List(inner(field)),
        DataType::LargeList(field) => DataType::LargeList(inner(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(inner(field), size),
        other => other,
    }
}
