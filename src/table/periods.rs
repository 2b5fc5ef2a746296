//! Periods of time.

use jiff::civil::{Date, Weekday};

use crate::error::{Error, Result};

const DAY: i64 = 86_400;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// A calendar year.
    Year,
}

/// Periods that a current table is cut into.
#[derive(Debug, Clone)]
pub struct Periods {
    /// The column of times.
    pub by: String,
    /// How long each is.
    pub every: Every,
}

impl Every {
    /// The names that [`Every::from_name`] takes.
    pub const NAMES: [&'static str; 6] = ["hour", "day", "week", "month", "quarter", "year"];

    /// The period of this name.
    ///
    /// # Errors
    /// `InvalidValue` for any other name.
    /// # Example
    /// ```
    /// use driftline::table::Every;
    /// assert_eq!(Every::from_name("month")?, Every::Month);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self> {
        Ok(match name {
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => {
                let allowed = "\"hour\", \"day\", \"week\", \"month\", \"quarter\" or \"year\"";
                return Err(Error::invalid_value(
                    "every",
                    format!("\"{name}\""),
                    allowed,
                ));
            }
        })
    }

    /// Its name.
    pub fn as_name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The number of the period in which a time (seconds since 1970) lies, in the order of
    /// time; `None` for NaN and times beyond the calendar.
    pub(super) fn period(self, seconds: f64) -> Option<i64> {
        if !seconds.is_finite() {
            return None;
        }
        let seconds = seconds.floor() as i64;
        let days = seconds.div_euclid(DAY);
        let date = date(days)?;
        let months = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
        Some(match self {
            Self::Hour => seconds.div_euclid(3_600),
            Self::Day => days,
            // 1970 began on a Thursday.
            Self::Week => (days + 3).div_euclid(7),
            Self::Month => months,
            Self::Quarter => months.div_euclid(3),
            Self::Year => months.div_euclid(12),
        })
    }

    /// The period as people write it: `2013-07`, `2013-W27`, `2013-Q3`.
    pub(super) fn name(self, period: i64) -> String {
        let day = |days: i64| date(days).map_or_else(String::new, |date| date.to_string());
        match self {
            Self::Hour => {
                format!(
                    "{}T{:02}",
                    day(period.div_euclid(24)),
                    period.rem_euclid(24)
                )
            }
            Self::Day => day(period),
            Self::Week => date(period * 7 - 3).map_or_else(String::new, |monday| {
                debug_assert_eq!(monday.weekday(), Weekday::Monday);
                let week = monday.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }),
            Self::Month => format!(
                "{:04}-{:02}",
                period.div_euclid(12),
                period.rem_euclid(12) + 1
            ),
            Self::Quarter => format!("{:04}-Q{}", period.div_euclid(4), period.rem_euclid(4) + 1),
            Self::Year => format!("{period:04}"),
        }
    }
}

/// The date so many days after 1970 began.
fn date(days: i64) -> Option<Date> {
    let timestamp = jiff::Timestamp::from_second(days.checked_mul(DAY)?).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_datetime(timestamp).date())
}
