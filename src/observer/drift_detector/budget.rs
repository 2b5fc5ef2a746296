//! How often a false alarm is acceptable.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

const ACCEPTED: &str =
    "a number of samples of 1 or more, or a time such as \"30d\", \"12h\", \"90min\" or \"45s\"";

/// How far apart false alarms are to be, at least, on average.
///
/// # Example
/// ```
/// use driftline::observer::Budget;
/// let budget: Budget = "30d".parse().unwrap();
/// assert_eq!(budget, Budget::seconds(2_592_000.0).unwrap());
/// assert!(Budget::samples(0.0).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget(Amount);

/// A budget in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// Samples between false alarms.
    Samples(f64),
    /// Seconds of event time between false alarms.
    Seconds(f64),
}

impl Budget {
    /// The budget in samples, where it is one of samples.
    pub fn samples_between(self) -> Option<f64> {
        match self.0 {
            Amount::Samples(samples) => Some(samples),
            Amount::Seconds(_) => None,
        }
    }

    /// The budget in seconds, where it is one of time.
    pub fn seconds_between(self) -> Option<f64> {
        match self.0 {
            Amount::Samples(_) => None,
            Amount::Seconds(seconds) => Some(seconds),
        }
    }

    /// One false alarm in that many samples, 1 or more.
    ///
    /// # Errors
    /// `InvalidValue` for less than 1, NaN and infinity.
    pub fn samples(samples: f64) -> Result<Self> {
        if !(samples >= 1.0 && samples.is_finite()) {
            return Err(refused(samples.to_string()));
        }
        Ok(Self(Amount::Samples(samples)))
    }

    /// One false alarm in that many seconds of event time.
    ///
    /// # Errors
    /// `InvalidValue` for 0 and less, NaN and infinity.
    pub fn seconds(seconds: f64) -> Result<Self> {
        if !(seconds > 0.0 && seconds.is_finite()) {
            return Err(refused(format!("{seconds} seconds")));
        }
        Ok(Self(Amount::Seconds(seconds)))
    }

    pub(super) fn amount(self) -> Amount {
        self.0
    }
}

impl FromStr for Budget {
    type Err = Error;

    /// From a number and its unit: `s`, `min`, `h` or `d`.
    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let split = trimmed.find(|c: char| c.is_ascii_alphabetic());
        let (number, unit) = trimmed.split_at(split.unwrap_or(trimmed.len()));
        let seconds = match unit {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(refused(format!("{text:?}"))),
        };
        let number: f64 = number
            .trim()
            .parse()
            .map_err(|_| refused(format!("{text:?}")))?;
        Self::seconds(number * seconds).map_err(|_| refused(format!("{text:?}")))
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Amount::Samples(samples) => write!(f, "{samples} samples"),
            Amount::Seconds(seconds) => write!(f, "{seconds} s"),
        }
    }
}

fn refused(got: String) -> Error {
    Error::invalid_value("false_alarm_every", got, ACCEPTED)
}
