//! Hoeffding's drift detection method, by weighted averages.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::fhddm::check_probability;
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`HDDMW`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HDDMWParameters {
    /// Significance at which there is drift, above 0 and below 1.
    pub drift_confidence: f64,
    /// Significance at which the warning zone begins, above 0 and below 1.
    pub warning_confidence: f64,
    /// The weight of the newest value, above 0, at most 1.
    pub lambda_val: f64,
    /// Whether a fall of the mean counts as well.
    pub two_sided_test: bool,
}

impl Default for HDDMWParameters {
    fn default() -> Self {
        Self {
            drift_confidence: 0.001,
            warning_confidence: 0.005,
            lambda_val: 0.05,
            two_sided_test: false,
        }
    }
}

/// # Errors
/// `InvalidValue` for anything but a weight above 0, at most 1.
pub(in crate::stream) fn check_weight(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value <= 1.0 {
        return Ok(());
    }
    let allowed = "a number above 0, at most 1";
    Err(Error::invalid_value(name, value, allowed))
}

impl Parameters for HDDMWParameters {
    fn validate(&self) -> Result<()> {
        check_probability("drift_confidence", self.drift_confidence)?;
        check_probability("warning_confidence", self.warning_confidence)?;
        check_weight("lambda_val", self.lambda_val)
    }
}

/// An exponentially weighted mean of `n` values, and the sum of its squared weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weighted {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Weighted {
    const NONE: Self = Self {
        n: 0,
        mean: 0.0,
        squares: 1.0,
    };

    #[inline]
    fn take(&mut self, lambda: f64, x: f64) {
        let rest = 1.0 - lambda;
        self.mean = if self.n == 0 {
            x
        } else {
            lambda * x + rest * self.mean
        };
        self.squares = lambda * lambda + rest * rest * self.squares;
        self.n += 1;
    }

    fn sound(&self) -> bool {
        // Weights that add up to a little more than 1 take the mean there.
        let share = |x: f64| (0.0..=1.0 + 1e-9).contains(&x);
        self.n <= MOST_VALUES && share(self.mean) && share(self.squares)
    }
}

/// The values up to a cut and those since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    /// The mean and its bound, where they were least (for a fall: greatest).
    edge: Option<f64>,
    before: Weighted,
    since: Weighted,
}

/// A comparison of the two.
struct Cut {
    difference: f64,
    drift: f64,
    warning: f64,
}

impl Side {
    const NONE: Self = Self {
        edge: None,
        before: Weighted::NONE,
        since: Weighted::NONE,
    };

    /// Moves the cut here, or counts `x` among the values since.
    #[inline]
    fn take(&mut self, here: Option<f64>, total: Weighted, lambda: f64, x: f64) {
        if here.is_some() {
            self.edge = here;
            self.before = total;
            self.since = Weighted::NONE;
        } else {
            self.since.take(lambda, x);
        }
    }

    #[inline]
    fn cut(&self, sign: f64, logarithms: &Logarithms) -> Option<Cut> {
        if self.before.n == 0 || self.since.n == 0 {
            return None;
        }
        let squares = self.before.squares + self.since.squares;
        Some(Cut {
            difference: sign * (self.since.mean - self.before.mean),
            drift: (squares * logarithms.drift / 2.0).sqrt(),
            warning: (squares * logarithms.warning / 2.0).sqrt(),
        })
    }

    #[inline]
    fn signal(&self, sign: f64, logarithms: &Logarithms) -> Signal {
        match self.cut(sign, logarithms) {
            Some(cut) if cut.difference > cut.drift => Signal::Drift,
            Some(cut) if cut.difference > cut.warning => Signal::Warning,
            _ => Signal::Quiet,
        }
    }

    fn sound(&self) -> bool {
        self.edge.is_none_or(f64::is_finite) && self.before.sound() && self.since.sound()
    }
}

/// ln(1 / confidence).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Logarithms {
    drift: f64,
    warning: f64,
}

impl Logarithms {
    fn of(parameters: &HDDMWParameters) -> Self {
        Self {
            drift: (1.0 / parameters.drift_confidence).ln(),
            warning: (1.0 / parameters.warning_confidence).ln(),
        }
    }
}

/// Hoeffding's drift detection method by weighted averages (the W-test): the exponentially
/// weighted mean since a cut against that before it.
///
/// The cut is where the weighted mean of all values and its bound,
/// z + sqrt(v ln(1 / `drift_confidence`) / 2) with v the sum of the squared weights, was least.
/// With the means a before and b since, and v of both: drift when
/// b - a > sqrt((v_a + v_b) ln(1 / `drift_confidence`) / 2) (McDiarmid's bound), a warning
/// likewise. With `two_sided_test` falls are looked for from the highest point in the same
/// way.
///
/// Where river 0.26 sets drift and warning at once (a fall is a change while a rise warns), a
/// signal is a drift. frouros 0.9 takes lambda for the significance of the cut, and looks for
/// falls at the cut of the rises: not here.
///
/// # Cost
/// O(1); 200 bytes.
/// # Source
/// Frías-Blanco and others, Online and non-parametric drift detection methods based on
/// Hoeffding's bounds, IEEE Transactions on Knowledge and Data Engineering 27, 2015,
/// section 4.2; the arithmetic is that of river 0.26.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HDDMW {
    total: Weighted,
    rise: Side,
    fall: Side,
    #[serde(skip)]
    logarithms: Logarithms,
}

impl HDDMW {
    /// Whether the fall is nearer to its limit than the rise.
    fn falls(&self) -> bool {
        let logarithms = &self.logarithms;
        match (
            self.rise.cut(1.0, logarithms),
            self.fall.cut(-1.0, logarithms),
        ) {
            (Some(up), Some(down)) => down.difference * up.drift > up.difference * down.drift,
            (None, down) => down.is_some(),
            _ => false,
        }
    }

    fn nearest(&self) -> Option<Cut> {
        if self.falls() {
            self.fall.cut(-1.0, &self.logarithms)
        } else {
            self.rise.cut(1.0, &self.logarithms)
        }
    }
}

impl Definition for HDDMW {
    const NAME: &'static str = "hddm_w";
    const INPUT: Input = Input::Unit;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "drift_confidence",
        range: (0.5, 1e-30),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = HDDMWParameters;

    fn new(parameters: &HDDMWParameters) -> Self {
        Self {
            total: Weighted::NONE,
            rise: Side::NONE,
            fall: Side::NONE,
            logarithms: Logarithms::of(parameters),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &HDDMWParameters, x: f64) -> Signal {
        let lambda = parameters.lambda_val;
        self.total.take(lambda, x);
        let total = self.total;
        let bound = (total.squares * self.logarithms.drift / 2.0).sqrt();
        let upper = total.mean + bound;
        let here = self.rise.edge.is_none_or(|edge| upper < edge);
        self.rise.take(here.then_some(upper), total, lambda, x);
        let rise = self.rise.signal(1.0, &self.logarithms);
        if !parameters.two_sided_test {
            return rise;
        }
        let lower = total.mean - bound;
        let here = self.fall.edge.is_none_or(|edge| lower > edge);
        self.fall.take(here.then_some(lower), total, lambda, x);
        let fall = self.fall.signal(-1.0, &self.logarithms);
        match (rise, fall) {
            (Signal::Drift, _) | (_, Signal::Drift) => Signal::Drift,
            (Signal::Warning, _) | (_, Signal::Warning) => Signal::Warning,
            _ => Signal::Quiet,
        }
    }

    fn recent(&self, _: &HDDMWParameters) -> usize {
        let side = if self.falls() { &self.fall } else { &self.rise };
        side.since.n as usize
    }

    fn direction(&self, _: &HDDMWParameters) -> Option<Direction> {
        Some(if self.falls() {
            Direction::Down
        } else {
            Direction::Up
        })
    }

    fn statistic(&self, _: &HDDMWParameters) -> Option<f64> {
        self.nearest().map(|cut| cut.difference)
    }

    fn limit(&self, _: &HDDMWParameters) -> Option<f64> {
        self.nearest().map(|cut| cut.drift)
    }

    fn warning_limit(&self, _: &HDDMWParameters) -> Option<f64> {
        self.nearest().map(|cut| cut.warning)
    }

    fn reading(&self, _: &HDDMWParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.total.mean)
    }

    fn restored(&mut self, parameters: &HDDMWParameters) -> Result<()> {
        if !(self.total.sound() && self.rise.sound() && self.fall.sound()) {
            return Err(damaged("means that are none"));
        }
        self.logarithms = Logarithms::of(parameters);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(parameters: &HDDMWParameters, values: &[f64]) -> Vec<(usize, Option<Direction>)> {
        let mut method = HDDMW::new(parameters);
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
        let mut values = vec![0.0; 200];
        values.extend([1.0; 100]);
        // By hand: the sum of squared weights before is 1/39, that of j values since falls by
        // 0.95^2 each from 1; the bound is below 1 when v_a + v_b < 2 / ln(1000) = 0.28953,
        // which 0.0256 + 1/39 + (1 - 1/39) * 0.9025^j is from j = 14 on.
        let parameters = HDDMWParameters::default();
        assert_eq!(found(&parameters, &values), [(213, Some(Direction::Up))]);
        let flipped: Vec<f64> = values.iter().map(|x| 1.0 - x).collect();
        assert!(found(&parameters, &flipped).is_empty());
        let both = HDDMWParameters {
            two_sided_test: true,
            ..parameters
        };
        assert_eq!(found(&both, &flipped), [(213, Some(Direction::Down))]);
    }

    #[test]
    fn constants_are_no_change() {
        for x in [0.0, 0.1, 1.0 / 3.0, 1.0] {
            let two_sided_test = true;
            let parameters = HDDMWParameters {
                two_sided_test,
                ..Default::default()
            };
            assert!(found(&parameters, &[x; 2_000]).is_empty(), "{x}");
        }
    }
}
