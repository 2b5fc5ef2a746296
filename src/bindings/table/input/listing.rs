//! What was read, as plain Python values: for the tests.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::{Input, read};
use crate::table::ColumnData;

/// Name, Arrow type or reason, rows, nulls, and values of a column.
type Listed<'py> = (String, String, usize, usize, Bound<'py, PyList>);

/// What a table is read as: for each column (name, Arrow type, rows, nulls, values), or
/// (name, reason, 0, 0, []) where it cannot be used. Times are nanoseconds. Without
/// `values`, no value is listed.
#[pyfunction]
#[pyo3(signature = (
    table: "typing.Any",
    names: "list[str] | None" = None,
    values: "bool" = true,
) -> "list[tuple[str, str, int, int, list[typing.Any]]]")]
pub(crate) fn _table_columns<'py>(
    py: Python<'py>,
    table: &Bound<'py, PyAny>,
    names: Option<Vec<String>>,
    values: bool,
) -> PyResult<Vec<Listed<'py>>> {
    let (names, columns) = match read("table", table, names.as_deref())? {
        Input::Whole(mut table) => {
            let n = table.names().len();
            let columns = (0..n).map(|index| table.column(index));
            let columns = columns.collect::<crate::error::Result<Vec<_>>>()?;
            (table.names().to_vec(), columns)
        }
        Input::Stream(mut stream) => {
            let names = stream.names().to_vec();
            let mut columns = vec![ColumnData::Arrays(Vec::new()); names.len()];
            while let Some(batch) = stream.next()? {
                for (column, more) in columns.iter_mut().zip(batch) {
                    match (&mut *column, more) {
                        (ColumnData::Arrays(arrays), ColumnData::Arrays(more)) => {
                            arrays.extend(more);
                        }
                        (_, more) => *column = more,
                    }
                }
            }
            (names, columns)
        }
    };
    let columns = names.into_iter().zip(columns);
    columns
        .map(|(name, column)| listed(py, name, column, values))
        .collect()
}

fn listed(py: Python<'_>, name: String, column: ColumnData, list: bool) -> PyResult<Listed<'_>> {
    let values = PyList::empty(py);
    let arrays = match column {
        ColumnData::Unusable(reason) => return Ok((name, reason, 0, 0, values)),
        ColumnData::Arrays(arrays) => arrays,
    };
    let mut types: Vec<_> = arrays.iter().map(|it| it.data_type().to_string()).collect();
    types.dedup();
    let (mut rows, mut nulls) = (0, 0);
    for array in &arrays {
        rows += array.len();
        nulls += array.logical_null_count();
        for row in 0..if list { array.len() } else { 0 } {
            values.append(value(py, array, row)?)?;
        }
    }
    Ok((name, types.join(" | "), rows, nulls, values))
}

/// One cell of a primitive array as this type of Rust's.
macro_rules! cell {
    ($py:ident, $array:ident, $row:ident, $kind:ty) => {
        $array
            .as_primitive::<$kind>()
            .value($row)
            .into_pyobject($py)?
            .into_any()
    };
}

/// A count of units as nanoseconds.
fn nanoseconds<'py, T: ArrowPrimitiveType>(
    py: Python<'py>,
    array: &ArrayRef,
    row: usize,
    unit: i128,
) -> PyResult<Bound<'py, PyAny>>
where
    T::Native: Into<i64>,
{
    let count: i64 = array.as_primitive::<T>().value(row).into();
    Ok((i128::from(count) * unit).into_pyobject(py)?.into_any())
}

fn value<'py>(py: Python<'py>, array: &ArrayRef, row: usize) -> PyResult<Bound<'py, PyAny>> {
    const S: i128 = 1_000_000_000;
    const MS: i128 = 1_000_000;
    const US: i128 = 1_000;
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(py.None().into_bound(py));
    }
    Ok(match array.data_type() {
        DataType::Boolean => array
            .as_boolean()
            .value(row)
            .into_pyobject(py)?
            .to_owned()
            .into_any(),
        DataType::Int8 => cell!(py, array, row, Int8Type),
        DataType::Int16 => cell!(py, array, row, Int16Type),
        DataType::Int32 => cell!(py, array, row, Int32Type),
        DataType::Int64 => cell!(py, array, row, Int64Type),
        DataType::UInt8 => cell!(py, array, row, UInt8Type),
        DataType::UInt16 => cell!(py, array, row, UInt16Type),
        DataType::UInt32 => cell!(py, array, row, UInt32Type),
        DataType::UInt64 => cell!(py, array, row, UInt64Type),
        DataType::Float16 => {
            let value = array.as_primitive::<Float16Type>().value(row);
            f64::from(value).into_pyobject(py)?.into_any()
        }
        DataType::Float32 => cell!(py, array, row, Float32Type),
        DataType::Float64 => cell!(py, array, row, Float64Type),
        DataType::Decimal128(_, scale) => {
            let value = array.as_primitive::<Decimal128Type>().value(row) as f64;
            (value / 10_f64.powi((*scale).into()))
                .into_pyobject(py)?
                .into_any()
        }
        DataType::Utf8 => PyString::new(py, array.as_string::<i32>().value(row)).into_any(),
        DataType::LargeUtf8 => PyString::new(py, array.as_string::<i64>().value(row)).into_any(),
        DataType::Utf8View => PyString::new(py, array.as_string_view().value(row)).into_any(),
        DataType::Dictionary(_, _) => {
            let cell = array.slice(row, 1);
            let dictionary = cell.as_any_dictionary();
            let key = dictionary.normalized_keys().first().copied();
            value(py, dictionary.values(), key.unwrap_or(0))?
        }
        DataType::Date32 => nanoseconds::<Date32Type>(py, array, row, 86_400 * S)?,
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => nanoseconds::<TimestampSecondType>(py, array, row, S)?,
            TimeUnit::Millisecond => nanoseconds::<TimestampMillisecondType>(py, array, row, MS)?,
            TimeUnit::Microsecond => nanoseconds::<TimestampMicrosecondType>(py, array, row, US)?,
            TimeUnit::Nanosecond => nanoseconds::<TimestampNanosecondType>(py, array, row, 1)?,
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => nanoseconds::<DurationSecondType>(py, array, row, S)?,
            TimeUnit::Millisecond => nanoseconds::<DurationMillisecondType>(py, array, row, MS)?,
            TimeUnit::Microsecond => nanoseconds::<DurationMicrosecondType>(py, array, row, US)?,
            TimeUnit::Nanosecond => nanoseconds::<DurationNanosecondType>(py, array, row, 1)?,
        },
        DataType::Time32(TimeUnit::Second) => nanoseconds::<Time32SecondType>(py, array, row, S)?,
        DataType::Time32(_) => nanoseconds::<Time32MillisecondType>(py, array, row, MS)?,
        DataType::Time64(TimeUnit::Microsecond) => {
            nanoseconds::<Time64MicrosecondType>(py, array, row, US)?
        }
        DataType::Time64(_) => nanoseconds::<Time64NanosecondType>(py, array, row, 1)?,
        other => PyString::new(py, &other.to_string()).into_any(),
    })
}
