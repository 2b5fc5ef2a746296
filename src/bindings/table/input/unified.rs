//! Batches that hold one column in several types, in one.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, Float64Array, LargeStringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow_schema::{DataType, TimeUnit};

use super::cell::MICROSECONDS_A_DAY;

/// Arrays of one column in one type: numbers in float64, text in 64-bit offsets,
/// instants and dates in microseconds.
///
/// # Errors
/// Why they do not go together: `"mixed types: bool and str"`.
pub(super) fn unified(mut arrays: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, String> {
    if are_alike(&arrays) {
        return Ok(arrays);
    }
    // An array without values may be of any type.
    arrays.retain(|array| !array.is_empty());
    let Some(first) = arrays.iter().find(|array| !is_null(array)) else {
        return Ok(arrays);
    };
    let first = kind(first.data_type());
    if !are_alike(arrays.iter().filter(|array| !is_null(array))) {
        for array in arrays.iter_mut().filter(|array| !is_null(array)) {
            let other = kind(array.data_type());
            if first != other {
                return Err(mixed(&first, &other));
            }
            *array = together(array).ok_or_else(|| mixed(&first, &other))?;
        }
        if !are_alike(arrays.iter().filter(|array| !is_null(array))) {
            return Err(mixed(&first, &first));
        }
    }
    let typed = arrays.iter().find(|array| !is_null(array));
    if let Some(data_type) = typed.map(|array| array.data_type().clone()) {
        for array in arrays.iter_mut().filter(|array| is_null(array)) {
            *array = new_null_array(&data_type, array.len());
        }
    }
    Ok(arrays)
}

fn are_alike<'a>(arrays: impl IntoIterator<Item = &'a ArrayRef>) -> bool {
    let mut types = arrays.into_iter().map(|array| array.data_type());
    types
        .next()
        .is_none_or(|first| types.all(|other| first == other))
}

fn is_null(array: &ArrayRef) -> bool {
    *array.data_type() == DataType::Null
}

fn mixed(first: &str, other: &str) -> String {
    if first == other {
        return format!("mixed types of {first}");
    }
    let (first, other) = (first.min(other), first.max(other));
    format!("mixed types: {first} and {other}")
}

/// What goes together.
fn kind(data_type: &DataType) -> String {
    let name = match data_type {
        data_type if data_type.is_integer() || data_type.is_floating() => "number",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "str",
        DataType::Dictionary(_, values) if kind(values) == "str" => "str",
        DataType::Timestamp(_, None) | DataType::Date32 => "datetime",
        DataType::Timestamp(_, Some(zone)) => return format!("datetime in zone {zone}"),
        DataType::Boolean => "bool",
        other => return other.to_string(),
    };
    name.to_owned()
}

/// In the type that all of its kind can have; `None` where there is none.
fn together(array: &ArrayRef) -> Option<ArrayRef> {
    Some(match array.data_type() {
        DataType::Int8 => number::<Int8Type>(array, f64::from),
        DataType::Int16 => number::<Int16Type>(array, f64::from),
        DataType::Int32 => number::<Int32Type>(array, f64::from),
        DataType::Int64 => number::<Int64Type>(array, |value| value as f64),
        DataType::UInt8 => number::<UInt8Type>(array, f64::from),
        DataType::UInt16 => number::<UInt16Type>(array, f64::from),
        DataType::UInt32 => number::<UInt32Type>(array, f64::from),
        DataType::UInt64 => number::<UInt64Type>(array, |value| value as f64),
        DataType::Float16 => number::<Float16Type>(array, f64::from),
        DataType::Float32 => number::<Float32Type>(array, f64::from),
        DataType::Float64 => Arc::clone(array),
        DataType::Utf8 => Arc::new(LargeStringArray::from_iter(array.as_string::<i32>())),
        DataType::Utf8View => Arc::new(LargeStringArray::from_iter(array.as_string_view())),
        DataType::LargeUtf8 => Arc::clone(array),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = together(dictionary.values())?;
            let values = values.as_string_opt::<i64>()?;
            // Without a category, there are no keys to be had.
            let keys = match values.len() {
                0 => vec![0; dictionary.len()],
                _ => dictionary.normalized_keys(),
            };
            let cells = keys.into_iter().enumerate().map(|(row, key)| {
                let is_null = dictionary.is_null(row) || values.is_null(key);
                (!is_null).then(|| values.value(key))
            });
            Arc::new(LargeStringArray::from_iter(cells))
        }
        DataType::Date32 => {
            let midnights: TimestampMicrosecondArray = array
                .as_primitive::<Date32Type>()
                .unary(|day| i64::from(day) * MICROSECONDS_A_DAY);
            Arc::new(midnights)
        }
        DataType::Timestamp(unit, zone) => {
            let times = match unit {
                TimeUnit::Second => {
                    instants::<TimestampSecondType>(array, |time| time.saturating_mul(1_000_000))
                }
                TimeUnit::Millisecond => {
                    instants::<TimestampMillisecondType>(array, |time| time.saturating_mul(1_000))
                }
                TimeUnit::Microsecond => instants::<TimestampMicrosecondType>(array, |time| time),
                TimeUnit::Nanosecond => {
                    instants::<TimestampNanosecondType>(array, |time| time.div_euclid(1_000))
                }
            };
            Arc::new(times.with_timezone_opt(zone.clone()))
        }
        _ => Arc::clone(array),
    })
}

fn number<T: ArrowPrimitiveType>(array: &ArrayRef, value: impl Fn(T::Native) -> f64) -> ArrayRef {
    let numbers: Float64Array = array.as_primitive::<T>().unary::<_, Float64Type>(value);
    Arc::new(numbers)
}

fn instants<T: ArrowPrimitiveType<Native = i64>>(
    array: &ArrayRef,
    time: impl Fn(i64) -> i64,
) -> TimestampMicrosecondArray {
    array.as_primitive::<T>().unary(time)
}
