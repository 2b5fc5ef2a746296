//! Ways to tell from an event that a model should be retrained.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::observer::ObserverError;

/// Tells from single events whether a model should be retrained. It is called in
/// the emitter's thread, by several threads at once.
pub trait Judge: Send + Sync {
    /// The name in reasons and messages.
    fn name(&self) -> Arc<str>;

    /// Whether this event speaks for a retraining.
    ///
    /// # Errors
    /// Whatever went wrong: it counts as a failure of the trigger and never starts a
    /// retraining.
    fn says(&self, event: &Event) -> std::result::Result<bool, ObserverError>;
}

/// How it is told from the events of the trigger's `kinds` that a model should be
/// retrained. Values and p-values that are missing (none, NaN) say nothing; they are
/// counted.
///
/// # Example
/// ```
/// use driftline::observer::Strategy;
/// assert!(Strategy::Ewma { smoothing: 0.3, threshold: 0.1 }.validate().is_ok());
/// assert!(Strategy::PValue(1.5).validate().is_err());
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Strategy {
    /// The event's value is at or above this.
    FixedThreshold(f64),
    /// The event's p-value is below this, above 0 and at most 1.
    PValue(f64),
    /// The exponentially weighted moving average of the values of one model,
    /// feature and source is at or above a threshold. It begins with the first
    /// value; infinite ones are left out and counted. Source: Roberts, "Control
    /// Chart Tests Based on Geometric Moving Averages", Technometrics 1 (1959).
    Ewma {
        /// The weight of a new value, above 0 and at most 1.
        smoothing: f64,
        /// From which average on.
        threshold: f64,
    },
    /// Whatever somebody else says.
    Custom(Arc<dyn Judge>),
}

impl Strategy {
    /// The name in reasons and messages.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::FixedThreshold(_) => "fixed_threshold".into(),
            Self::PValue(_) => "p_value".into(),
            Self::Ewma { .. } => "ewma".into(),
            Self::Custom(judge) => judge.name(),
        }
    }

    /// # Errors
    /// `InvalidValue` for a parameter out of range.
    pub fn validate(&self) -> Result<()> {
        let finite = |threshold: f64| match threshold.is_finite() {
            true => Ok(()),
            false => Err(Error::invalid_value(
                "threshold",
                threshold,
                "a finite number",
            )),
        };
        match *self {
            Self::FixedThreshold(threshold) => finite(threshold),
            Self::PValue(alpha) => check_p("alpha", alpha),
            Self::Ewma {
                smoothing,
                threshold,
            } => {
                if !(smoothing > 0.0 && smoothing <= 1.0) {
                    let allowed = "a number above 0 and at most 1";
                    return Err(Error::invalid_value("smoothing", smoothing, allowed));
                }
                finite(threshold)
            }
            Self::Custom(_) => Ok(()),
        }
    }
}

/// # Errors
/// `InvalidValue` for what no p-value can be below, or every one is.
pub(super) fn check_p(argument: &'static str, p: f64) -> Result<()> {
    if p > 0.0 && p <= 1.0 {
        return Ok(());
    }
    Err(Error::invalid_value(
        argument,
        p,
        "a number above 0 and at most 1",
    ))
}

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FixedThreshold(threshold) => write!(f, "FixedThreshold({threshold})"),
            Self::PValue(alpha) => write!(f, "PValue({alpha})"),
            Self::Ewma {
                smoothing,
                threshold,
            } => write!(f, "Ewma({smoothing}, {threshold})"),
            Self::Custom(judge) => write!(f, "Custom({})", judge.name()),
        }
    }
}
