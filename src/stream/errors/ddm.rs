//! The drift detection method.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::compat::Compat;
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`DDM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DDMParameters {
    /// Values before the first look.
    pub warm_start: usize,
    /// Standard deviations above the lowest point at which the warning zone begins, above 0.
    pub warning_threshold: f64,
    /// Standard deviations above the lowest point at which there is drift, above 0.
    pub drift_threshold: f64,
    /// `River`: the first error after an error-free start is a change.
    pub compat: Option<Compat>,
}

impl Default for DDMParameters {
    fn default() -> Self {
        Self {
            warm_start: 30,
            warning_threshold: 2.0,
            drift_threshold: 3.0,
            compat: None,
        }
    }
}

/// # Errors
/// `InvalidValue` for anything but a finite number above 0.
pub(in crate::stream) fn check_positive(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::invalid_value(name, value, "a finite number above 0"))
}

impl Parameters for DDMParameters {
    fn validate(&self) -> Result<()> {
        check_positive("warning_threshold", self.warning_threshold)?;
        check_positive("drift_threshold", self.drift_threshold)
    }
}

/// The drift detection method: the share of errors against its lowest point.
///
/// With p the share of errors among n values, s = sqrt(p (1 - p) / n), and p_min, s_min those
/// at the lowest p + s: drift when p + s > p_min + `drift_threshold` * s_min, a warning
/// likewise.
///
/// While no error has come, p and s are 0 and say nothing about the spread: there is no lowest
/// point yet. river 0.26 takes one, so that the first error after an error-free start is a
/// change; [`Compat::River`] keeps this.
///
/// # Cost
/// O(1), with one square root; 56 bytes.
/// # Source
/// Gama, Medas, Castillo, Rodrigues, Learning with drift detection, SBIA 2004, section 3; the
/// arithmetic is that of river 0.26.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DDM {
    pub(in crate::stream) n: u64,
    pub(in crate::stream) p: f64,
    /// p and s at the lowest point.
    pub(in crate::stream) lowest: Option<(f64, f64)>,
    /// At which value the present warning zone was entered.
    pub(in crate::stream) entered: Option<u64>,
}

impl DDM {
    /// p and s.
    #[inline]
    fn level(&self) -> (f64, f64) {
        let s = (self.p * (1.0 - self.p) / self.n as f64).sqrt();
        (self.p, s)
    }
}

impl Definition for DDM {
    const NAME: &'static str = "ddm";
    const INPUT: Input = Input::Binary;
    const ALARMS_EARLY: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "drift_threshold",
        range: (0.5, 30.0),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = DDMParameters;

    fn new(_: &DDMParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &DDMParameters, x: f64) -> Signal {
        self.n += 1;
        self.p += 1.0 / self.n as f64 * (x - self.p);
        if self.n <= parameters.warm_start as u64 {
            return Signal::Quiet;
        }
        if self.p == 0.0 && parameters.compat.is_none() {
            return Signal::Quiet;
        }
        let (p, s) = self.level();
        let (p_min, s_min) = match self.lowest {
            Some((p_min, s_min)) if p + s > p_min + s_min => (p_min, s_min),
            _ => *self.lowest.insert((p, s)),
        };
        if p + s > p_min + parameters.warning_threshold * s_min {
            self.entered = self.entered.or(Some(self.n));
        } else {
            self.entered = None;
        }
        if p + s > p_min + parameters.drift_threshold * s_min {
            return Signal::Drift;
        }
        if self.entered.is_some() {
            return Signal::Warning;
        }
        Signal::Quiet
    }

    fn recent(&self, _: &DDMParameters) -> usize {
        let entered = self.entered.unwrap_or(self.n);
        (self.n.saturating_sub(entered) + 1) as usize
    }

    fn direction(&self, _: &DDMParameters) -> Option<Direction> {
        Some(Direction::Up)
    }

    fn statistic(&self, _: &DDMParameters) -> Option<f64> {
        self.lowest?;
        let (p, s) = self.level();
        Some(p + s)
    }

    fn limit(&self, parameters: &DDMParameters) -> Option<f64> {
        let (p_min, s_min) = self.lowest?;
        Some(p_min + parameters.drift_threshold * s_min)
    }

    fn warning_limit(&self, parameters: &DDMParameters) -> Option<f64> {
        let (p_min, s_min) = self.lowest?;
        Some(p_min + parameters.warning_threshold * s_min)
    }

    fn reading(&self, _: &DDMParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.p)
    }

    fn restored(&mut self, _: &DDMParameters) -> Result<()> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let sound = self.n <= MOST_VALUES
            && share(self.p)
            && self.lowest.is_none_or(|(p, s)| share(p) && share(s))
            && (self.n > 0 || self.lowest.is_none())
            && self.entered.is_none_or(|entered| entered <= self.n);
        if sound {
            Ok(())
        } else {
            Err(damaged("shares that are none"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(parameters: &DDMParameters, values: impl IntoIterator<Item = f64>) -> Vec<Signal> {
        let mut method = DDM::new(parameters);
        let step = |x| method.step(parameters, x);
        values.into_iter().map(step).collect()
    }

    fn rare(at: &[usize], length: usize) -> Vec<f64> {
        let value = |i| f64::from(u8::from(at.contains(&i)));
        (0..length).map(value).collect()
    }

    #[test]
    fn the_first_error_after_an_error_free_start_is_no_change() {
        let values = rare(&[100], 200);
        let right = signals(&DDMParameters::default(), values.clone());
        assert!(right.iter().all(|&signal| signal == Signal::Quiet));
        let river = DDMParameters {
            compat: Some(Compat::River),
            ..Default::default()
        };
        let river = signals(&river, values);
        assert_eq!(
            river[..=100].iter().position(|&s| s == Signal::Drift),
            Some(100)
        );
    }

    #[test]
    fn errors_that_begin_after_an_error_free_start_are_a_change() {
        let values = (0..1_000).map(|i| f64::from(u8::from(i >= 900)));
        let found = signals(&DDMParameters::default(), values);
        // By hand: 1, 2, 3 errors of 901, 902, 903: p + s = 0.002219, 0.003785, 0.005237;
        // limits 0.001110 + 2 * 0.001109 and + 3 * 0.001109 = 0.003328 and 0.004437.
        assert_eq!(found.iter().position(|&s| s == Signal::Warning), Some(901));
        assert_eq!(found.iter().position(|&s| s == Signal::Drift), Some(902));
    }

    #[test]
    fn errors_alone_are_no_change() {
        let values = std::iter::repeat_n(1.0, 500).chain(rare(&[], 500));
        let found = signals(&DDMParameters::default(), values);
        assert!(found.iter().all(|&signal| signal == Signal::Quiet));
    }
}
