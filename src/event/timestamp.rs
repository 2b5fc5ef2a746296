//! When an event happened.

use std::fmt;
#[cfg(not(target_os = "linux"))]
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const ACCEPTED: &str = "a time between 1677-09-22 and 2262-04-11";

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, from 1677 to 2262.
///
/// # Example
/// ```
/// use driftline::event::Timestamp;
/// let time: Timestamp = "2013-07-01T05:00:00.000000001Z".parse().unwrap();
/// assert_eq!(time.as_nanos(), 1_372_654_800_000_000_001);
/// assert_eq!(time.to_string(), "2013-07-01T05:00:00.000000001Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The system clock's now.
    #[cfg(target_os = "linux")]
    #[inline]
    pub fn now() -> Self {
        // The same clock as that of `SystemTime`, without its comparison with
        // the epoch: 4 % of an emission in a profile.
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        Self(
            now.tv_sec
                .saturating_mul(NANOS_PER_SECOND)
                .saturating_add(now.tv_nsec),
        )
    }

    /// The system clock's now.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        let nanos = match SystemTime::now().duration_since(UNIX_EPOCH) {
            // Seconds and nanoseconds apart: `as_nanos` is slower.
            Ok(since) => (since.as_secs() as i64)
                .saturating_mul(NANOS_PER_SECOND)
                .saturating_add(i64::from(since.subsec_nanos())),
            Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
        };
        Self(nanos)
    }

    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// From whole seconds since the epoch and nanoseconds within the second.
    ///
    /// # Errors
    /// `InvalidValue` outside 1677 to 2262.
    pub fn from_parts(seconds: i64, nanos: u32) -> Result<Self> {
        let total = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
        i64::try_from(total).map(Self).map_err(|_| {
            Error::invalid_value("timestamp", format!("{seconds} s after 1970"), ACCEPTED)
        })
    }

    /// Seconds from `earlier` to here; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (i128::from(self.0) - i128::from(earlier.0)) as f64 / NANOS_PER_SECOND as f64
    }

    /// Whole seconds since the epoch and nanoseconds within the second.
    pub const fn parts(self) -> (i64, u32) {
        (
            self.0.div_euclid(NANOS_PER_SECOND),
            self.0.rem_euclid(NANOS_PER_SECOND) as u32,
        )
    }

    /// Date and time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        let time = jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or_default();
        jiff::tz::Offset::UTC.to_datetime(time)
    }

    /// This time shifted by `seconds`, held within what can be represented.
    pub fn saturating_add_seconds(self, seconds: f64) -> Self {
        let nanos = seconds * NANOS_PER_SECOND as f64; // `as` saturates
        Self(self.0.saturating_add(nanos as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_nanosecond(i128::from(self.0)).map_err(|_| fmt::Error)?;
        write!(f, "{time:.9}")
    }
}

impl std::str::FromStr for Timestamp {
    type Err = Error;

    /// From RFC 3339 text with an offset, such as `2013-07-01T05:00:00Z`.
    fn from_str(text: &str) -> Result<Self> {
        let refused = |why: String| {
            Error::invalid_value(
                "timestamp",
                format!("{} ({why})", super::metadata::shortened(text)),
                "a time with its offset as in \"2013-07-01T05:00:00Z\", from 1677 to 2262",
            )
        };
        let time: jiff::Timestamp = text
            .parse()
            .map_err(|e: jiff::Error| refused(e.to_string()))?;
        i64::try_from(time.as_nanosecond())
            .map(Self)
            .map_err(|_| refused("out of range".to_owned()))
    }
}
