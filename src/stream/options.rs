//! What can be said to every detector.

use serde::{Deserialize, Serialize};

use crate::drift::{NanPolicy, Parameters};
use crate::error::{Error, Result};

/// What a detector begins anew with after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// Nothing.
    #[default]
    Reset,
    /// The last values, as far as the method takes them for the new regime; at most
    /// [`MOST_RECENT`].
    KeepRecent,
}

/// The most values that are kept over a change.
pub const MOST_RECENT: usize = 1_000;

/// What can be said to every detector, besides its own parameters.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// What to do after a change.
    pub on_drift: OnDrift,
    /// What to do about values that are not finite.
    pub nan_policy: NanPolicy,
    /// (location, scale): each value is taken as (x - location) / scale.
    pub standardise: Option<(f64, f64)>,
}

impl Options {
    #[inline]
    pub(super) fn standardised(&self, x: f64) -> f64 {
        match self.standardise {
            Some((location, scale)) => (x - location) / scale,
            None => x,
        }
    }
}

impl Parameters for Options {
    fn validate(&self) -> Result<()> {
        match self.standardise {
            Some((location, scale))
                if !(location.is_finite() && scale.is_finite() && scale > 0.0) =>
            {
                Err(Error::invalid_value(
                    "standardise",
                    format!("({location}, {scale})"),
                    "None or a pair (location, scale) of finite numbers, scale above 0",
                ))
            }
            _ => Ok(()),
        }
    }
}
