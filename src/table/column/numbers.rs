//! Numbers of any width as `f64`, NaN where they are missing.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, DecimalType,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};

/// All arrays are of one type; `None` when that is none of numbers. Integers beyond
/// 2^53 are rounded, decimals too; durations and times of the day are seconds.
pub(super) fn read(mut arrays: Vec<ArrayRef>, rows: usize) -> Option<Vec<f64>> {
    let first = arrays.first()?;
    if first.data_type() == &DataType::Float64 {
        if arrays.len() == 1 {
            return arrays.pop().map(own);
        }
        return Some(gather::<Float64Type>(&arrays, rows, |x| x));
    }
    let arrays = &arrays;
    Some(match first.data_type() {
        DataType::Int8 => gather::<Int8Type>(arrays, rows, f64::from),
        DataType::Int16 => gather::<Int16Type>(arrays, rows, f64::from),
        DataType::Int32 => gather::<Int32Type>(arrays, rows, f64::from),
        DataType::Int64 => gather::<Int64Type>(arrays, rows, |x| x as f64),
        DataType::UInt8 => gather::<UInt8Type>(arrays, rows, f64::from),
        DataType::UInt16 => gather::<UInt16Type>(arrays, rows, f64::from),
        DataType::UInt32 => gather::<UInt32Type>(arrays, rows, f64::from),
        DataType::UInt64 => gather::<UInt64Type>(arrays, rows, |x| x as f64),
        DataType::Float16 => gather::<Float16Type>(arrays, rows, f64::from),
        DataType::Float32 => gather::<Float32Type>(arrays, rows, f64::from),
        DataType::Decimal32(_, scale) => decimals::<Decimal32Type>(arrays, rows, *scale),
        DataType::Decimal64(_, scale) => decimals::<Decimal64Type>(arrays, rows, *scale),
        DataType::Decimal128(_, scale) => decimals::<Decimal128Type>(arrays, rows, *scale),
        DataType::Decimal256(_, scale) => {
            decimals::<arrow_array::types::Decimal256Type>(arrays, rows, *scale)
        }
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => gather::<DurationSecondType>(arrays, rows, |x| x as f64),
            TimeUnit::Millisecond => {
                gather::<DurationMillisecondType>(arrays, rows, |x| x as f64 / 1e3)
            }
            TimeUnit::Microsecond => {
                gather::<DurationMicrosecondType>(arrays, rows, |x| x as f64 / 1e6)
            }
            TimeUnit::Nanosecond => {
                gather::<DurationNanosecondType>(arrays, rows, |x| x as f64 / 1e9)
            }
        },
        DataType::Time32(TimeUnit::Second) => gather::<Time32SecondType>(arrays, rows, f64::from),
        DataType::Time32(_) => {
            gather::<Time32MillisecondType>(arrays, rows, |x| f64::from(x) / 1e3)
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            gather::<Time64MicrosecondType>(arrays, rows, |x| x as f64 / 1e6)
        }
        DataType::Time64(_) => gather::<Time64NanosecondType>(arrays, rows, |x| x as f64 / 1e9),
        _ => return None,
    })
}

/// The values of an array, without a copy when nobody else holds them.
fn own(array: ArrayRef) -> Vec<f64> {
    let primitive = array.as_primitive::<Float64Type>().clone();
    drop(array);
    let (_, values, nulls) = primitive.into_parts();
    let mut values = match values.into_inner().into_vec::<f64>() {
        Ok(values) => values,
        Err(shared) => shared.typed_data::<f64>().to_vec(),
    };
    if let Some(nulls) = nulls {
        for (value, valid) in values.iter_mut().zip(nulls.iter()) {
            if !valid {
                *value = f64::NAN;
            }
        }
    }
    values
}

fn gather<T: ArrowPrimitiveType>(
    arrays: &[ArrayRef],
    rows: usize,
    number: impl Fn(T::Native) -> f64,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(rows);
    for array in arrays {
        let array: &PrimitiveArray<T> = array.as_primitive();
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => values.extend(array.values().iter().map(|&value| number(value))),
            Some(nulls) => {
                let pairs = array.values().iter().zip(nulls.iter());
                values.extend(
                    pairs.map(|(&value, valid)| if valid { number(value) } else { f64::NAN }),
                );
            }
        }
    }
    values
}

/// Rounded once: by way of the decimal text.
fn decimals<T: DecimalType>(arrays: &[ArrayRef], rows: usize, scale: i8) -> Vec<f64> {
    gather::<T>(arrays, rows, |value| {
        T::format_decimal(value, T::MAX_PRECISION, scale)
            .parse()
            .unwrap_or(f64::NAN)
    })
}
