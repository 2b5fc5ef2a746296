//! Where a process stands while it is in control: given, or estimated.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stream::LARGEST;

/// Deviations of so many roundings of the mean are none.
const ROUNDINGS: f64 = 8.0;

/// Mean and standard deviation of a process in control.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct InControl {
    pub(in crate::stream) target: f64,
    pub(in crate::stream) sigma: f64,
}

/// Phase I of a control chart: the first values, from which what was not given is
/// estimated, by the mean and the sample standard deviation (denominator n - 1).
///
/// While all values are equal (but for rounding) there is nothing to tell their spread by,
/// and it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct PhaseOne {
    n: u64,
    mean: f64,
    /// Sum of the squared deviations from the mean.
    squares: f64,
}

impl PhaseOne {
    /// What is known before the first value.
    pub(in crate::stream) fn given(target: Option<f64>, sigma: Option<f64>) -> Option<InControl> {
        Some(InControl {
            target: target?,
            sigma: sigma?,
        })
    }

    /// Takes a value of the `least` or more that the estimates stand on.
    pub(in crate::stream) fn take(
        &mut self,
        x: f64,
        least: usize,
        target: Option<f64>,
        sigma: Option<f64>,
    ) -> Option<InControl> {
        self.n = self.n.saturating_add(1);
        let before = x - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (x - self.mean);
        if self.n < least.max(2) as u64 {
            return None;
        }
        let target = target.unwrap_or(self.mean);
        if let Some(sigma) = sigma {
            return Some(InControl { target, sigma });
        }
        let estimate = (self.squares / (self.n - 1) as f64).sqrt();
        let told = estimate > ROUNDINGS * f64::EPSILON * self.mean.abs();
        told.then_some(InControl {
            target,
            sigma: estimate,
        })
    }
}

/// Checks the parameters that control charts have in common.
///
/// # Errors
/// `InvalidValue` that names the parameter.
pub(in crate::stream) fn validate(
    min_instances: usize,
    target: Option<f64>,
    sigma: Option<f64>,
    widths: [(&'static str, f64); 2],
) -> Result<()> {
    if !(2..=1_000_000).contains(&min_instances) {
        let allowed = "a whole number from 2 to 1000000";
        return Err(Error::invalid_value(
            "min_instances",
            min_instances,
            allowed,
        ));
    }
    validate_target(target)?;
    if let Some(sigma) = sigma
        && !(sigma > 0.0 && sigma <= LARGEST)
    {
        let allowed = "None or a number above 0, at most 1e150";
        return Err(Error::invalid_value("sigma", sigma, allowed));
    }
    for (name, width) in widths {
        if !(width > 0.0 && width <= 1e6) {
            let allowed = "a number above 0, at most 1e6";
            return Err(Error::invalid_value(name, width, allowed));
        }
    }
    Ok(())
}

/// Checks a known mean.
///
/// # Errors
/// `InvalidValue` beyond what values can be.
pub(in crate::stream) fn validate_target(target: Option<f64>) -> Result<()> {
    match target {
        Some(target) if target.is_nan() || target.abs() > LARGEST => {
            let allowed = "None or a number of magnitude 1e150 at most";
            Err(Error::invalid_value("target", target, allowed))
        }
        _ => Ok(()),
    }
}
