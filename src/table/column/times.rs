//! Dates and timestamps: when, at which hour, on which weekday.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAY: i64 = 86_400;

/// The hour, and the weekday, of a missing time.
pub(crate) const MISSING: u8 = u8::MAX;

/// The times of a column.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// Since 1970 (UTC, or local where there is no zone); NaN is missing.
    pub(crate) seconds: Vec<f64>,
    /// 0 to 23, in the column's own zone.
    pub(crate) hours: Vec<u8>,
    /// 0 (Monday) to 6, in the column's own zone.
    pub(crate) weekdays: Vec<u8>,
}

impl Times {
    /// All arrays are of one type.
    ///
    /// # Errors
    /// Why not: an unknown time zone.
    pub(super) fn read(arrays: &[ArrayRef], rows: usize) -> Result<Self, String> {
        let mut times = Self {
            seconds: Vec::with_capacity(rows),
            hours: Vec::with_capacity(rows),
            weekdays: Vec::with_capacity(rows),
        };
        for array in arrays {
            match array.data_type() {
                DataType::Date32 => {
                    times.take::<Date32Type>(array, None, |day| i64::from(day) * DAY * 1_000_000)
                }
                DataType::Date64 => {
                    times.take::<Date64Type>(array, None, |ms| ms.saturating_mul(1_000))
                }
                DataType::Timestamp(unit, zone) => {
                    let zone = zone.as_deref().map(zone_of).transpose()?.flatten();
                    let zone = zone.as_ref();
                    match unit {
                        TimeUnit::Second => times.take::<TimestampSecondType>(array, zone, |s| {
                            s.saturating_mul(1_000_000)
                        }),
                        TimeUnit::Millisecond => {
                            times.take::<TimestampMillisecondType>(array, zone, |ms| {
                                ms.saturating_mul(1_000)
                            })
                        }
                        TimeUnit::Microsecond => {
                            times.take::<TimestampMicrosecondType>(array, zone, |us| us)
                        }
                        TimeUnit::Nanosecond => {
                            times.take::<TimestampNanosecondType>(array, zone, |ns| {
                                ns.div_euclid(1_000)
                            })
                        }
                    }
                }
                other => return Err(format!("cells of type {other}")),
            }
        }
        Ok(times)
    }

    /// Whole microseconds, whatever the unit, so that every container gives the same.
    fn take<T: ArrowPrimitiveType>(
        &mut self,
        array: &ArrayRef,
        zone: Option<&TimeZone>,
        micros: impl Fn(T::Native) -> i64,
    ) {
        for value in array.as_primitive::<T>().iter() {
            let Some(value) = value else {
                self.seconds.push(f64::NAN);
                self.hours.push(MISSING);
                self.weekdays.push(MISSING);
                continue;
            };
            let micros = micros(value);
            self.seconds.push(micros as f64 / 1e6);
            let local = micros.div_euclid(1_000_000) + offset(zone, micros);
            self.hours.push((local.rem_euclid(DAY) / 3600) as u8);
            // 1970 began on a Thursday.
            self.weekdays
                .push((local.div_euclid(DAY) + 3).rem_euclid(7) as u8);
        }
    }
}

/// Seconds east of Greenwich.
fn offset(zone: Option<&TimeZone>, micros: i64) -> i64 {
    let Some(zone) = zone else { return 0 };
    let timestamp = Timestamp::from_microsecond(micros);
    timestamp.map_or(0, |timestamp| {
        i64::from(zone.to_offset(timestamp).seconds())
    })
}

/// The zone of this name; `None` for UTC.
fn zone_of(name: &str) -> Result<Option<TimeZone>, String> {
    if ["UTC", "Etc/UTC", "Z", "+00:00", "GMT"].contains(&name) {
        return Ok(None);
    }
    let fixed = || {
        let (hours, minutes) = name.get(1..)?.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let sign = match name.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let offset = jiff::tz::Offset::from_seconds(sign * seconds).ok()?;
        Some(TimeZone::fixed(offset))
    };
    if let Some(zone) = fixed() {
        return Ok(Some(zone));
    }
    let zone = TimeZone::get(name).map_err(|_| format!("times in the unknown zone \"{name}\""))?;
    Ok(Some(zone))
}
