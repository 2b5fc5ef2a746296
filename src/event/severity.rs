//! How grave an event is.

use crate::error::{Error, Result};

/// How grave an event is; the numbers are those of Python's `logging`.
///
/// # Example
/// ```
/// use driftline::event::Severity;
/// assert!(Severity::Warning > Severity::Info);
/// assert_eq!(Severity::parse("warn").unwrap(), Severity::Warning);
/// assert_eq!(Severity::from_level(40).unwrap(), Severity::Error);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// 5
    Trace = 5,
    /// 10
    Debug = 10,
    /// 20
    Info = 20,
    /// 30
    Warning = 30,
    /// 40
    Error = 40,
    /// 50
    Critical = 50,
}

const ACCEPTED: &str = "one of \"trace\" (5), \"debug\" (10), \"info\" (20), \
                        \"warning\" (30), \"error\" (40), \"critical\" (50)";

impl Severity {
    /// All of them, rising.
    pub const ALL: [Self; 6] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warning,
        Self::Error,
        Self::Critical,
    ];

    /// The name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// The level at which it is logged: `CRITICAL` as an error, for the `log` facade
    /// has no higher level.
    pub(crate) fn log_level(self) -> log::Level {
        match self {
            Self::Trace => log::Level::Trace,
            Self::Debug => log::Level::Debug,
            Self::Info => log::Level::Info,
            Self::Warning => log::Level::Warn,
            Self::Error | Self::Critical => log::Level::Error,
        }
    }

    /// From a name in any case; `warn` and `fatal` are understood.
    ///
    /// # Errors
    /// `InvalidValue` for any other name.
    pub fn parse(name: &str) -> Result<Self> {
        let lower = name.trim().to_ascii_lowercase();
        match lower.as_str() {
            "warn" => return Ok(Self::Warning),
            "fatal" => return Ok(Self::Critical),
            _ => {}
        }
        let mut all = Self::ALL.into_iter();
        all.find(|severity| severity.as_str() == lower)
            .ok_or_else(|| {
                Error::invalid_value("severity", super::metadata::shortened(name), ACCEPTED)
            })
    }

    /// From a number of Python's `logging` (TRACE is 5).
    ///
    /// # Errors
    /// `InvalidValue` for a number that is not a severity.
    pub fn from_level(level: i64) -> Result<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|severity| i64::from(*severity as u8) == level)
            .ok_or_else(|| Error::invalid_value("severity", level, ACCEPTED))
    }
}
