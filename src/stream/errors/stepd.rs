//! The statistical test of equal proportions.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::Result;
use crate::math::normal_quantile;
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::bits::Bits;
use crate::stream::errors::compat::FrourosCompat;
use crate::stream::errors::fhddm::{LONGEST, check_probability, check_window};
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`STEPD`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct STEPDParameters {
    /// The last values, which are compared with all before them: 1 to 1,000,000.
    pub window_size: usize,
    /// Significance at which there is drift, above 0 and below 1.
    pub alpha_drift: f64,
    /// Significance at which the warning zone begins, above 0 and below 1.
    pub alpha_warning: f64,
    /// `Frouros`: its statistic, with the alarms that are none.
    pub compat: Option<FrourosCompat>,
}

impl Default for STEPDParameters {
    fn default() -> Self {
        Self {
            window_size: 30,
            alpha_drift: 0.003,
            alpha_warning: 0.05,
            compat: None,
        }
    }
}

impl Parameters for STEPDParameters {
    fn validate(&self) -> Result<()> {
        check_window("window_size", self.window_size, LONGEST)?;
        check_probability("alpha_drift", self.alpha_drift)?;
        check_probability("alpha_warning", self.alpha_warning)
    }
}

/// The statistical test of equal proportions: the share of errors among the last values
/// against that of all before them.
///
/// With r of n errors before and s of w in the last w = `window_size`, p = (r + s) / (n + w)
/// and v = 1 / n + 1 / w: T = (s / w - r / n - v / 2) / sqrt(p (1 - p) v). Drift when
/// T > z(1 - `alpha_drift`), a warning likewise; the first look when n = w.
///
/// Where others go wrong: MOA and frouros 0.9 take |s / w - r / n|, so that a fall alarms as
/// well, and the magnitude of T after the correction for continuity, so that equal shares of
/// nearly no errors alarm (one error in 1,000 and none in the last 30: T = -2.7), and a stream
/// without errors (T is infinite); [`FrourosCompat::Frouros`] keeps this. Here the first error since the start is no change:
/// nothing is known of errors before it.
///
/// # Cost
/// O(1); one bit for each value of the window and 100 bytes.
/// # Source
/// Nishida, Yamauchi, Detecting concept drift using statistical testing, Discovery Science
/// 2007, section 3; the p-value is one-sided, as there and in frouros.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct STEPD {
    /// Set for an error.
    window: Bits,
    n_before: u64,
    errors_before: u64,
    #[serde(skip)]
    limits: (f64, f64),
}

fn limits(parameters: &STEPDParameters) -> (f64, f64) {
    (
        -normal_quantile(parameters.alpha_drift),
        -normal_quantile(parameters.alpha_warning),
    )
}

impl STEPD {
    /// T; `None` before the first look.
    #[inline]
    fn test(&self, parameters: &STEPDParameters) -> Option<f64> {
        if self.n_before < parameters.window_size as u64 {
            return None;
        }
        let (n, w) = (self.n_before as f64, parameters.window_size as f64);
        let (r, s) = (self.errors_before as f64, self.window.ones() as f64);
        let p = (r + s) / (n + w);
        let v = 1.0 / n + 1.0 / w;
        let spread = (p * (1.0 - p) * v).sqrt();
        if spread == 0.0 {
            let infinite = parameters.compat.is_some();
            return Some(if infinite { f64::MAX } else { 0.0 });
        }
        let rise = s / w - r / n;
        Some(match parameters.compat {
            None => (rise - 0.5 * v) / spread,
            Some(FrourosCompat::Frouros) => ((rise.abs() - 0.5 * v) / spread).abs(),
        })
    }
}

impl Definition for STEPD {
    const NAME: &'static str = "stepd";
    const INPUT: Input = Input::Binary;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "alpha_drift",
        range: (0.5, 1e-30),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = STEPDParameters;

    fn new(parameters: &STEPDParameters) -> Self {
        Self {
            window: Bits::new(parameters.window_size),
            n_before: 0,
            errors_before: 0,
            limits: limits(parameters),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &STEPDParameters, x: f64) -> Signal {
        if let Some(gone) = self.window.push(x == 1.0) {
            self.n_before += 1;
            self.errors_before += u64::from(gone);
        }
        let lone =
            self.errors_before + self.window.ones() as u64 <= 1 && parameters.compat.is_none();
        match self.test(parameters) {
            Some(statistic) if !lone && statistic > self.limits.0 => Signal::Drift,
            Some(statistic) if !lone && statistic > self.limits.1 => Signal::Warning,
            _ => Signal::Quiet,
        }
    }

    fn restart(&mut self, _: &STEPDParameters) {
        self.window.clear();
        (self.n_before, self.errors_before) = (0, 0);
    }

    fn recent(&self, parameters: &STEPDParameters) -> usize {
        parameters.window_size
    }

    fn direction(&self, parameters: &STEPDParameters) -> Option<Direction> {
        let (r, s) = (self.errors_before as f64, self.window.ones() as f64);
        let fell = s * (self.n_before as f64) < r * parameters.window_size as f64;
        Some(if fell { Direction::Down } else { Direction::Up })
    }

    fn statistic(&self, parameters: &STEPDParameters) -> Option<f64> {
        self.test(parameters)
    }

    fn limit(&self, _: &STEPDParameters) -> Option<f64> {
        Some(self.limits.0)
    }

    fn warning_limit(&self, _: &STEPDParameters) -> Option<f64> {
        Some(self.limits.1)
    }

    fn reading(&self, _: &STEPDParameters, name: &str) -> Option<f64> {
        let held = self.window.len().max(1) as f64;
        (name == "estimation").then(|| self.window.ones() as f64 / held)
    }

    fn restored(&mut self, parameters: &STEPDParameters) -> Result<()> {
        self.window.restored(parameters.window_size)?;
        let sound = self.n_before <= MOST_VALUES
            && self.errors_before <= self.n_before
            && (self.n_before == 0 || self.window.is_full());
        if !sound {
            return Err(damaged("more errors than values"));
        }
        self.limits = limits(parameters);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(values: &[f64]) -> Vec<Signal> {
        let parameters = STEPDParameters::default();
        let mut method = STEPD::new(&parameters);
        let step = |&x: &f64| method.step(&parameters, x);
        values.iter().map(step).collect()
    }

    #[test]
    fn a_fall_and_a_lone_error_are_no_change() {
        let mut values = vec![1.0; 200];
        values.extend([0.0; 2_000]);
        values[2_000] = 1.0;
        let mut free = vec![0.0; 2_000];
        free[1_500] = 1.0;
        let mut early = vec![0.0; 2_000];
        early[3] = 1.0;
        let second = 1_900;
        for (values, name) in [(&free, "free"), (&early, "early")] {
            assert!(
                signals(values).iter().all(|&s| s == Signal::Quiet),
                "{name}"
            );
        }
        assert!(
            signals(&values[..1_000])
                .iter()
                .all(|&s| s == Signal::Quiet)
        );
        early[second] = 1.0;
        // By hand: T = (1 / 30 - 1 / 1871 - 0.5 v) / sqrt(2 / 1901 * 1899 / 1901 * v) with
        // v = 1 / 1871 + 1 / 30: 2.662, below 2.748 and above 1.645.
        assert_eq!(signals(&early)[second], Signal::Warning);
    }

    #[test]
    fn a_rise_is_found() {
        let values: Vec<f64> = (0..200)
            .map(|i| f64::from(u8::from(i % 5 == 0 || i > 150)))
            .collect();
        let told = signals(&values);
        assert!(told[..150].iter().all(|&signal| signal == Signal::Quiet));
        assert!(told[150..].contains(&Signal::Drift));
    }
}
