//! The early drift detection method.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::compat::Compat;
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`EDDM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EDDMParameters {
    /// Errors before the first look.
    pub warm_start: usize,
    /// The ratio below which the warning zone begins, from `beta` to 1.
    pub alpha: f64,
    /// The ratio below which there is drift, above 0 and below 1.
    pub beta: f64,
    /// `River`: a warning outlasts a new greatest distance.
    pub compat: Option<Compat>,
}

impl Default for EDDMParameters {
    fn default() -> Self {
        Self {
            warm_start: 30,
            alpha: 0.95,
            beta: 0.9,
            compat: None,
        }
    }
}

impl Parameters for EDDMParameters {
    fn validate(&self) -> Result<()> {
        if !(self.beta > 0.0 && self.beta < 1.0) {
            let allowed = "a number above 0 and below 1";
            return Err(Error::invalid_value("beta", self.beta, allowed));
        }
        if !(self.alpha >= self.beta && self.alpha <= 1.0) {
            let allowed = format!("a number from beta ({}) to 1", self.beta);
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        Ok(())
    }
}

/// The early drift detection method: the distance between errors against its greatest.
///
/// With m and s the mean and the standard deviation of the distances (in values) from one
/// error to the next, and M the greatest m + 2 s so far: drift when (m + 2 s) / M < `beta`, a
/// warning likewise below `alpha`. Looked at with each error, after `warm_start` errors; what
/// was found holds until the next one. The first distance is that from the start.
///
/// river 0.26 sets drift and warning at once when a warning came before the change (here a
/// signal is one of them), and keeps a warning while m + 2 s reaches a new height;
/// [`Compat::River`] keeps the latter.
///
/// # Cost
/// O(1); 80 bytes.
/// # Source
/// Baena-García and others, Early drift detection method, IWKDDS 2006; the arithmetic is that
/// of river 0.26.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EDDM {
    n: u64,
    n_errors: u64,
    last_error: u64,
    mean: f64,
    squares: f64,
    /// The greatest m + 2 s.
    greatest: Option<f64>,
    ratio: Option<f64>,
    /// At which value the present warning zone was entered.
    entered: Option<u64>,
}

impl EDDM {
    /// m + 2 s with one more distance.
    fn reach(&mut self, distance: f64) -> f64 {
        let count = self.n_errors as f64;
        let before = self.mean;
        self.mean += 1.0 / count * (distance - self.mean);
        self.squares += (distance - before) * (distance - self.mean);
        if self.n_errors > 1 {
            // Rounding may leave less than nothing.
            self.mean + 2.0 * (self.squares.max(0.0) / (count - 1.0)).sqrt()
        } else {
            self.mean
        }
    }

    fn at_error(&mut self, parameters: &EDDMParameters) -> Signal {
        self.n_errors += 1;
        let reach = self.reach((self.n - self.last_error) as f64);
        self.last_error = self.n;
        if self.n <= parameters.warm_start as u64 {
            return Signal::Quiet;
        }
        let before = self.greatest.filter(|&greatest| reach <= greatest);
        let greatest = *self.greatest.insert(before.unwrap_or(reach));
        if self.n_errors <= parameters.warm_start as u64 {
            return Signal::Quiet;
        }
        let ratio = reach / greatest;
        self.ratio = Some(ratio);
        if ratio < parameters.alpha {
            self.entered = self.entered.or(Some(self.n));
        } else if before.is_some() || parameters.compat.is_none() {
            self.entered = None;
        }
        if ratio < parameters.beta {
            return Signal::Drift;
        }
        self.zone()
    }

    fn zone(&self) -> Signal {
        if self.entered.is_some() {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }
}

impl Definition for EDDM {
    const NAME: &'static str = "eddm";
    const INPUT: Input = Input::Binary;
    const ALARMS_EARLY: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "beta",
        range: (0.95, 0.01),
        logarithmic: false,
    });
    type Parameters = EDDMParameters;

    fn new(_: &EDDMParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &EDDMParameters, x: f64) -> Signal {
        self.n += 1;
        if x == 1.0 {
            self.at_error(parameters)
        } else {
            self.zone()
        }
    }

    fn recent(&self, _: &EDDMParameters) -> usize {
        let entered = self.entered.unwrap_or(self.n);
        (self.n.saturating_sub(entered) + 1) as usize
    }

    fn direction(&self, _: &EDDMParameters) -> Option<Direction> {
        Some(Direction::Up)
    }

    fn statistic(&self, _: &EDDMParameters) -> Option<f64> {
        self.ratio
    }

    fn limit(&self, parameters: &EDDMParameters) -> Option<f64> {
        Some(parameters.beta)
    }

    fn warning_limit(&self, parameters: &EDDMParameters) -> Option<f64> {
        Some(parameters.alpha)
    }

    fn restored(&mut self, _: &EDDMParameters) -> Result<()> {
        let positive = |x: Option<f64>| x.is_none_or(|x| x > 0.0);
        let sound = self.n <= MOST_VALUES
            && self.last_error <= self.n
            && self.n_errors <= self.n
            && self.mean >= 0.0
            && positive(self.greatest)
            && self.entered.is_none_or(|entered| entered <= self.n);
        if sound {
            Ok(())
        } else {
            Err(damaged("distances that are none"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors at the given distances from each other, and what each brought about.
    fn at_errors(parameters: &EDDMParameters, distances: &[usize]) -> Vec<Signal> {
        let mut method = EDDM::new(parameters);
        let mut told = Vec::new();
        for &distance in distances {
            for _ in 1..distance {
                method.step(parameters, 0.0);
            }
            told.push(method.step(parameters, 1.0));
        }
        told
    }

    #[test]
    fn a_new_greatest_distance_ends_a_warning() {
        let distances = [10, 10, 10, 9, 9, 100];
        let parameters = EDDMParameters {
            warm_start: 2,
            alpha: 1.0,
            beta: 0.1,
            compat: None,
        };
        // By hand, m + 2 s: 10, 10, 10, 9.75 + 2 * 0.5 (a new height), 9.6 + 2 * 0.5477 =
        // 10.695 below it, and a new height again.
        let right = at_errors(&parameters, &distances);
        assert_eq!(right[3..], [Signal::Quiet, Signal::Warning, Signal::Quiet]);
        let river = EDDMParameters {
            compat: Some(Compat::River),
            ..parameters
        };
        let river = at_errors(&river, &distances);
        assert_eq!(
            river[3..],
            [Signal::Quiet, Signal::Warning, Signal::Warning]
        );
    }

    #[test]
    fn errors_after_an_error_free_start_are_found() {
        let mut distances = vec![2; 200];
        distances[0] = 5_000;
        let found = at_errors(&EDDMParameters::default(), &distances);
        assert!(found[..30].iter().all(|&signal| signal == Signal::Quiet));
        assert_eq!(found[30], Signal::Drift);
    }

    #[test]
    fn errors_alone_are_no_change() {
        let found = at_errors(&EDDMParameters::default(), &[1; 1_000]);
        assert!(found.iter().all(|&signal| signal == Signal::Quiet));
    }
}
