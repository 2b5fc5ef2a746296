//! Points and lengths of time: NumPy's datetime64 and timedelta64, zones, fields.

use std::sync::Arc;

use arrow_array::types::{
    ArrowTimestampType, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
    DurationSecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{ArrayRef, ArrowPrimitiveType, Date32Array, NullArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDeltaAccess, PyString};

use super::array::{own, values};
use crate::table::ColumnData;

/// What NumPy keeps for NaT.
const NAT: i64 = i64::MIN;

/// An array of datetime64: dates for units of a day and longer, else instants; what is
/// below a nanosecond is cut off. With a zone they are in UTC, and shown there.
///
/// # Errors
/// What NumPy raises.
pub(super) fn instants(
    array: &Bound<'_, PyUntypedArray>,
    mask: Option<&[bool]>,
    zone: Option<&str>,
) -> PyResult<ColumnData> {
    let (times, unit) = match unit(array)?.as_str() {
        "generic" => return Ok(nothing(array)),
        "Y" | "M" | "W" | "D" => (in_units(array, "datetime64[D]")?, "D"),
        "h" | "m" | "s" => (in_units(array, "datetime64[s]")?, "s"),
        "ms" => (in_units(array, "datetime64[ms]")?, "ms"),
        "us" => (in_units(array, "datetime64[us]")?, "us"),
        _ => (in_units(array, "datetime64[ns]")?, "ns"),
    };
    let nulls = nulls(&times, mask);
    Ok(match unit {
        "D" => {
            let days = times.iter().map(|&day| match day {
                NAT => Some(0),
                day => i32::try_from(day).ok(),
            });
            let Some(days) = days.collect::<Option<Vec<_>>>() else {
                let reason = "dates more than five million years away";
                return Ok(ColumnData::Unusable(reason.to_owned()));
            };
            ColumnData::Arrays(vec![Arc::new(Date32Array::new(days.into(), Some(nulls)))])
        }
        "s" => timestamps::<TimestampSecondType>(times, nulls, zone),
        "ms" => timestamps::<TimestampMillisecondType>(times, nulls, zone),
        "us" => timestamps::<TimestampMicrosecondType>(times, nulls, zone),
        _ => timestamps::<TimestampNanosecondType>(times, nulls, zone),
    })
}

/// An array of timedelta64. Months and years, which have no length, cannot be used.
///
/// # Errors
/// What NumPy raises.
pub(super) fn durations(
    array: &Bound<'_, PyUntypedArray>,
    mask: Option<&[bool]>,
) -> PyResult<ColumnData> {
    let of = |unit| -> PyResult<_> {
        let lengths = in_units(array, unit)?;
        let nulls = nulls(&lengths, mask);
        Ok((lengths, nulls))
    };
    Ok(match unit(array)?.as_str() {
        "generic" => nothing(array),
        "Y" | "M" => ColumnData::Unusable(format!("cells of dtype {}", array.dtype())),
        "W" | "D" | "h" | "m" | "s" => {
            let (lengths, nulls) = of("timedelta64[s]")?;
            primitive::<DurationSecondType>(lengths, nulls)
        }
        "ms" => {
            let (lengths, nulls) = of("timedelta64[ms]")?;
            primitive::<DurationMillisecondType>(lengths, nulls)
        }
        "us" => {
            let (lengths, nulls) = of("timedelta64[us]")?;
            primitive::<DurationMicrosecondType>(lengths, nulls)
        }
        _ => {
            let (lengths, nulls) = of("timedelta64[ns]")?;
            primitive::<DurationNanosecondType>(lengths, nulls)
        }
    })
}

/// Instants as an Arrow array.
pub(super) fn timestamps<T>(times: Vec<i64>, nulls: NullBuffer, zone: Option<&str>) -> ColumnData
where
    T: ArrowTimestampType + ArrowPrimitiveType<Native = i64>,
{
    let array = PrimitiveArray::<T>::new(times.into(), Some(nulls));
    ColumnData::Arrays(vec![Arc::new(array.with_timezone_opt(zone))])
}

fn primitive<T: ArrowPrimitiveType<Native = i64>>(
    lengths: Vec<i64>,
    nulls: NullBuffer,
) -> ColumnData {
    let array: ArrayRef = Arc::new(PrimitiveArray::<T>::new(lengths.into(), Some(nulls)));
    ColumnData::Arrays(vec![array])
}

/// An array without a unit holds nothing but NaT.
fn nothing(array: &Bound<'_, PyUntypedArray>) -> ColumnData {
    ColumnData::Arrays(vec![Arc::new(NullArray::new(array.len()))])
}

fn nulls(times: &[i64], mask: Option<&[bool]>) -> NullBuffer {
    let there = times.iter().map(|&time| time != NAT);
    match mask {
        None => there.collect(),
        Some(mask) => there
            .zip(mask)
            .map(|(there, masked)| there && !masked)
            .collect(),
    }
}

/// "D", "us" and so on, whatever it is counted in.
fn unit(array: &Bound<'_, PyUntypedArray>) -> PyResult<String> {
    let py = array.py();
    let data = py
        .import(intern!(py, "numpy"))?
        .call_method1(intern!(py, "datetime_data"), (array.dtype(),))?;
    data.get_item(0)?.extract()
}

fn in_units(array: &Bound<'_, PyUntypedArray>, dtype: &str) -> PyResult<Vec<i64>> {
    let py = array.py();
    let described = array.dtype();
    let array = if described.str()?.to_str()? == dtype {
        array.clone().into_any()
    } else {
        array.call_method(intern!(py, "astype"), (dtype,), Some(&own(py)?))?
    };
    let array = array.call_method1(intern!(py, "view"), ("int64",))?;
    values(&array.cast_into()?)
}

/// What a `tzinfo` is called: the key of a zone, or an offset from UTC.
///
/// # Errors
/// What the zone raises.
pub(crate) fn zone_name(zone: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = zone.py();
    for attribute in [intern!(py, "key"), intern!(py, "zone")] {
        if let Some(name) = zone.getattr_opt(attribute)?
            && let Ok(name) = name.cast::<PyString>()
        {
            return Ok(name.to_string_lossy().into_owned());
        }
    }
    let offset = zone.call_method1(intern!(py, "utcoffset"), (py.None(),))?;
    let Ok(offset) = offset.cast::<PyDelta>() else {
        return Ok("UTC".to_owned());
    };
    let minutes = (offset.get_days() * 86_400 + offset.get_seconds()) / 60;
    if minutes == 0 {
        return Ok("UTC".to_owned());
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    Ok(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

/// The day of a date of the Gregorian calendar, from 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
pub(super) fn day_of(year: i32, month: u8, day: u8) -> i32 {
    // Years from March, so that the leap day is the last.
    let (year, month) = (year - i32::from(month <= 2), i32::from(month));
    let months = (month + 9) % 12;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * months + 2) / 5 + i32::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
