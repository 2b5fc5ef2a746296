//! Hoeffding's drift detection method, by averages.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::Result;
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::fhddm::check_probability;
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`HDDMA`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HDDMAParameters {
    /// Significance at which there is drift, above 0 and below 1.
    pub drift_confidence: f64,
    /// Significance at which the warning zone begins, above 0 and below 1.
    pub warning_confidence: f64,
    /// Whether a fall of the mean counts as well.
    pub two_sided_test: bool,
}

impl Default for HDDMAParameters {
    fn default() -> Self {
        Self {
            drift_confidence: 0.001,
            warning_confidence: 0.005,
            two_sided_test: false,
        }
    }
}

impl Parameters for HDDMAParameters {
    fn validate(&self) -> Result<()> {
        check_probability("drift_confidence", self.drift_confidence)?;
        check_probability("warning_confidence", self.warning_confidence)
    }
}

/// Logarithms that the bounds are made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Logarithms {
    /// ln(1 / drift confidence): of the bound of one mean.
    one: f64,
    /// ln(2 / confidence): of the bound of a difference.
    drift: f64,
    warning: f64,
}

impl Logarithms {
    fn of(parameters: &HDDMAParameters) -> Self {
        Self {
            one: (1.0 / parameters.drift_confidence).ln(),
            drift: (2.0 / parameters.drift_confidence).ln(),
            warning: (2.0 / parameters.warning_confidence).ln(),
        }
    }
}

/// A mean of the first `n` values.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mean {
    n: u64,
    mean: f64,
}

impl Mean {
    fn sound(&self) -> bool {
        self.n <= MOST_VALUES && (0.0..=1.0).contains(&self.mean)
    }

    /// By how much it may be off: Hoeffding's bound.
    #[inline]
    fn bound(&self, logarithm: f64) -> f64 {
        (1.0 / (2.0 * self.n as f64) * logarithm).sqrt()
    }
}

/// Hoeffding's drift detection method by averages (the A-test): the mean of all values against
/// that of the first ones, up to the cut at which it was surely lowest.
///
/// With the mean z of n values and the mean x of the first k, where k is the last at which
/// x + sqrt(ln(1 / `drift_confidence`) / 2k) was least: drift when
/// z - x >= sqrt((n - k) / (n k) * ln(2 / `drift_confidence`) / 2), a warning likewise. With
/// `two_sided_test` falls are looked for from the highest point in the same way.
///
/// Where river 0.26 sets drift and warning at once (a fall is a change while a rise warns), a
/// signal is a drift.
///
/// # Cost
/// O(1), with four square roots; 100 bytes.
/// # Source
/// Frías-Blanco and others, Online and non-parametric drift detection methods based on
/// Hoeffding's bounds, IEEE Transactions on Knowledge and Data Engineering 27, 2015,
/// section 4.1; the arithmetic is that of river 0.26.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HDDMA {
    total: Mean,
    lowest: Mean,
    highest: Mean,
    #[serde(skip)]
    logarithms: Logarithms,
    /// The bounds of `lowest` from above and of `highest` from below.
    #[serde(skip)]
    edges: (f64, f64),
}

/// A comparison with a cut.
struct Cut {
    difference: f64,
    drift: f64,
    warning: f64,
}

impl Cut {
    fn signal(&self) -> Signal {
        if self.difference >= self.drift {
            Signal::Drift
        } else if self.difference >= self.warning {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }
}

impl HDDMA {
    /// What the values since the cut at `first` say; `sign` is -1 for a fall.
    #[inline]
    fn cut(&self, first: Mean, sign: f64) -> Option<Cut> {
        if first.n == self.total.n {
            return None;
        }
        let (n, k) = (self.total.n as f64, first.n as f64);
        let m = (n - k) / k * (1.0 / n);
        Some(Cut {
            difference: sign * (self.total.mean - first.mean),
            drift: (m / 2.0 * self.logarithms.drift).sqrt(),
            warning: (m / 2.0 * self.logarithms.warning).sqrt(),
        })
    }

    fn rise(&self) -> Option<Cut> {
        self.cut(self.lowest, 1.0)
    }

    fn fall(&self, parameters: &HDDMAParameters) -> Option<Cut> {
        let wanted = parameters.two_sided_test.then_some(self.highest);
        wanted.and_then(|highest| self.cut(highest, -1.0))
    }

    /// Whether the fall is nearer to its limit than the rise.
    fn falls(&self, parameters: &HDDMAParameters) -> bool {
        match (self.rise(), self.fall(parameters)) {
            (Some(up), Some(down)) => down.difference * up.drift > up.difference * down.drift,
            (None, down) => down.is_some(),
            _ => false,
        }
    }

    fn nearest(&self, parameters: &HDDMAParameters) -> Option<Cut> {
        if self.falls(parameters) {
            self.fall(parameters)
        } else {
            self.rise()
        }
    }

    fn set_edges(&mut self) {
        let logarithm = self.logarithms.one;
        if self.total.n > 0 {
            self.edges = (
                self.lowest.mean + self.lowest.bound(logarithm),
                self.highest.mean - self.highest.bound(logarithm),
            );
        }
    }
}

impl Definition for HDDMA {
    const NAME: &'static str = "hddm_a";
    const INPUT: Input = Input::Unit;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "drift_confidence",
        range: (0.5, 1e-30),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = HDDMAParameters;

    fn new(parameters: &HDDMAParameters) -> Self {
        Self {
            total: Mean::default(),
            lowest: Mean::default(),
            highest: Mean::default(),
            logarithms: Logarithms::of(parameters),
            edges: (0.0, 0.0),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &HDDMAParameters, x: f64) -> Signal {
        self.total.n += 1;
        self.total.mean += 1.0 / self.total.n as f64 * (x - self.total.mean);
        let (mean, bound) = (self.total.mean, self.total.bound(self.logarithms.one));
        if self.total.n == 1 || self.edges.0 >= mean + bound {
            self.lowest = self.total;
            self.edges.0 = mean + bound;
        }
        if self.total.n == 1 || self.edges.1 <= mean - bound {
            self.highest = self.total;
            self.edges.1 = mean - bound;
        }
        let rise = self.rise().map_or(Signal::Quiet, |cut| cut.signal());
        let fall = self
            .fall(parameters)
            .map_or(Signal::Quiet, |cut| cut.signal());
        match (rise, fall) {
            (Signal::Drift, _) | (_, Signal::Drift) => Signal::Drift,
            (Signal::Warning, _) | (_, Signal::Warning) => Signal::Warning,
            _ => Signal::Quiet,
        }
    }

    fn recent(&self, parameters: &HDDMAParameters) -> usize {
        let cut = if self.falls(parameters) {
            self.highest
        } else {
            self.lowest
        };
        self.total.n.saturating_sub(cut.n) as usize
    }

    fn direction(&self, parameters: &HDDMAParameters) -> Option<Direction> {
        Some(if self.falls(parameters) {
            Direction::Down
        } else {
            Direction::Up
        })
    }

    fn statistic(&self, parameters: &HDDMAParameters) -> Option<f64> {
        self.nearest(parameters).map(|cut| cut.difference)
    }

    fn limit(&self, parameters: &HDDMAParameters) -> Option<f64> {
        self.nearest(parameters).map(|cut| cut.drift)
    }

    fn warning_limit(&self, parameters: &HDDMAParameters) -> Option<f64> {
        self.nearest(parameters).map(|cut| cut.warning)
    }

    fn reading(&self, _: &HDDMAParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.total.mean)
    }

    fn restored(&mut self, parameters: &HDDMAParameters) -> Result<()> {
        let cut = |mean: &Mean| {
            mean.sound() && mean.n <= self.total.n && (mean.n > 0 || self.total.n == 0)
        };
        if !(self.total.sound() && cut(&self.lowest) && cut(&self.highest)) {
            return Err(damaged("means that are none"));
        }
        self.logarithms = Logarithms::of(parameters);
        self.set_edges();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(parameters: &HDDMAParameters, values: &[f64]) -> Vec<(usize, Option<Direction>)> {
        let mut method = HDDMA::new(parameters);
        let mut found = Vec::new();
        for (i, &x) in values.iter().enumerate() {
            if method.step(parameters, x) == Signal::Drift {
                found.push((i, method.direction(parameters)));
                method.restart(parameters);
            }
        }
        found
    }

    #[test]
    fn rises_are_found_and_falls_when_they_are_asked_for() {
        let mut values = vec![0.0; 100];
        values.extend([1.0; 100]);
        // By hand: j errors after 100 values without: j / (100 + j) >=
        // sqrt(j / (100 (100 + j)) * ln(2000) / 2), from j = 4 on.
        let parameters = HDDMAParameters::default();
        assert_eq!(found(&parameters, &values), [(103, Some(Direction::Up))]);
        let flipped: Vec<f64> = values.iter().map(|x| 1.0 - x).collect();
        assert!(found(&parameters, &flipped).is_empty());
        let both = HDDMAParameters {
            two_sided_test: true,
            ..parameters
        };
        assert_eq!(found(&both, &flipped), [(103, Some(Direction::Down))]);
    }

    #[test]
    fn constants_are_no_change() {
        for x in [0.0, 0.1, 1.0 / 3.0, 1.0] {
            let two_sided_test = true;
            let parameters = HDDMAParameters {
                two_sided_test,
                ..Default::default()
            };
            assert!(found(&parameters, &[x; 2_000]).is_empty(), "{x}");
        }
    }
}
