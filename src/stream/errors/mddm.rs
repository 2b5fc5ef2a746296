//! The McDiarmid drift detection method.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::bits::Bits;
use crate::stream::errors::fhddm::{LONGEST, check_probability, check_window};
use crate::stream::state::damaged;

/// How much more a value weighs than the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MDDMWeighting {
    /// By `difference`: MDDM-A.
    Arithmetic,
    /// By the factor `ratio`: MDDM-G.
    Geometric,
    /// By the factor exp(`lambda_val`): MDDM-E.
    Euler,
}

/// Parameters of [`MDDM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MDDMParameters {
    /// Values in the window, 1 to 1,000,000.
    pub sliding_window_size: usize,
    /// Significance of the bound, above 0 and below 1.
    pub confidence_level: f64,
    /// How the weights grow.
    pub weighting: MDDMWeighting,
    /// From one weight to the next, where the first is 1: 0 or more.
    pub difference: f64,
    /// One weight by the one before, 1 or more.
    pub ratio: f64,
    /// Its logarithm, for Euler's weighting: 0 or more.
    pub lambda_val: f64,
}

impl Default for MDDMParameters {
    fn default() -> Self {
        Self {
            sliding_window_size: 100,
            confidence_level: 0.000001,
            weighting: MDDMWeighting::Arithmetic,
            difference: 0.01,
            ratio: 1.01,
            lambda_val: 0.01,
        }
    }
}

/// The largest `difference`, `ratio` and `lambda_val`: the newest value is all that counts.
const STEEPEST: f64 = 1e6;

impl Parameters for MDDMParameters {
    fn validate(&self) -> Result<()> {
        check_window("sliding_window_size", self.sliding_window_size, LONGEST)?;
        check_probability("confidence_level", self.confidence_level)?;
        for (name, value, least) in [
            ("difference", self.difference, 0.0),
            ("ratio", self.ratio, 1.0),
            ("lambda_val", self.lambda_val, 0.0),
        ] {
            if !(least..=STEEPEST).contains(&value) {
                let allowed = format!("a number from {least} to {STEEPEST}");
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        Ok(())
    }
}

impl MDDMParameters {
    /// The logarithm of the factor from one weight to the next; 0 for arithmetic ones.
    fn growth(&self) -> f64 {
        match self.weighting {
            MDDMWeighting::Arithmetic => 0.0,
            MDDMWeighting::Geometric => self.ratio.ln(),
            MDDMWeighting::Euler => self.lambda_val,
        }
    }
}

/// What follows from the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Scheme {
    /// The sum of the weights, the newest one being 1 unless they are arithmetic.
    total: f64,
    /// By which a weight shrinks when a value comes; 1 for arithmetic weights.
    shrink: f64,
    /// The weight of the oldest value in a full window, before it shrinks.
    oldest: f64,
    /// McDiarmid's bound.
    bound: f64,
}

impl Scheme {
    fn new(parameters: &MDDMParameters) -> Self {
        let n = parameters.sliding_window_size as f64;
        let growth = parameters.growth();
        let (total, squares) = match parameters.weighting {
            MDDMWeighting::Arithmetic => {
                let d = parameters.difference;
                let (first, second) = (n * (n - 1.0) / 2.0, n * (n - 1.0) * (2.0 * n - 1.0) / 6.0);
                (n + d * first, n + 2.0 * d * first + d * d * second)
            }
            // 1 + r^-1 + ... + r^-(n-1), and of the squares.
            _ => (geometric(growth, n), geometric(2.0 * growth, n)),
        };
        // Equation 6 of the paper, with weights that sum to 1.
        let share = squares / (total * total);
        Self {
            total,
            shrink: (-growth).exp(),
            oldest: (-growth * (n - 1.0)).exp(),
            bound: (0.5 * share * (1.0 / parameters.confidence_level).ln()).sqrt(),
        }
    }
}

/// The sum of exp(-growth i) for i from 0 to n - 1.
fn geometric(growth: f64, n: f64) -> f64 {
    if growth == 0.0 {
        return n;
    }
    (-growth * n).exp_m1() / (-growth).exp_m1()
}

/// McDiarmid's drift detection method: the weighted share of correct values in a window, in
/// which newer ones weigh more, against its greatest.
///
/// With u the weighted share of zeros among the last n = `sliding_window_size` values and
/// u_max its greatest: drift when u_max - u > sqrt(sum of v_i^2 / 2 ln(1 /
/// `confidence_level`)), where the v_i are the weights divided by their sum. The weights are
/// 1 + i `difference`, `ratio`^i or exp(i `lambda_val`), i = 0 for the oldest value.
///
/// The first are sums of whole numbers, and exact; the others shrink with every value, so that
/// rounding errors fade away.
///
/// # Cost
/// O(1); one bit for each value of the window and 150 bytes.
/// # Source
/// Pesaranghader, Viktor, Paquet, McDiarmid drift detection methods for evolving data streams,
/// IJCNN 2018, section III. The authors' implementation (Tornado) takes 1 for correct.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MDDM {
    /// Set for a correct value.
    window: Bits,
    /// Of the correct values: the sum of their places in the window, from 0.
    places: u64,
    /// Of the correct values: the sum of their weights, unless these are arithmetic.
    weight: f64,
    /// The greatest weighted share of correct values.
    greatest: f64,
    #[serde(skip)]
    scheme: Scheme,
}

impl MDDM {
    /// The weighted share of correct values, where what is not there yet is not correct.
    #[inline]
    fn share(&self, parameters: &MDDMParameters) -> f64 {
        let weight = match parameters.weighting {
            MDDMWeighting::Arithmetic => {
                self.window.ones() as f64 + parameters.difference * self.places as f64
            }
            _ => self.weight,
        };
        weight / self.scheme.total
    }
}

impl Definition for MDDM {
    const NAME: &'static str = "mddm";
    const INPUT: Input = Input::Binary;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "confidence_level",
        range: (0.5, 1e-80),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = MDDMParameters;

    fn new(parameters: &MDDMParameters) -> Self {
        Self {
            window: Bits::new(parameters.sliding_window_size),
            places: 0,
            weight: 0.0,
            greatest: 0.0,
            scheme: Scheme::new(parameters),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &MDDMParameters, x: f64) -> Signal {
        let correct = x == 0.0;
        let ones = self.window.ones();
        let gone = self.window.push(correct) == Some(true);
        let newest = parameters.sliding_window_size - 1;
        // The value at place 0 goes, the others move down by one.
        self.places -= (ones - usize::from(gone)) as u64;
        self.places += if correct { newest as u64 } else { 0 };
        let left = self.weight - if gone { self.scheme.oldest } else { 0.0 };
        self.weight = left.max(0.0) * self.scheme.shrink + f64::from(u8::from(correct));
        if !self.window.is_full() {
            return Signal::Quiet;
        }
        let share = self.share(parameters);
        self.greatest = self.greatest.max(share);
        if self.greatest - share > self.scheme.bound {
            Signal::Drift
        } else {
            Signal::Quiet
        }
    }

    fn restart(&mut self, _: &MDDMParameters) {
        self.window.clear();
        (self.places, self.weight, self.greatest) = (0, 0.0, 0.0);
    }

    fn recent(&self, parameters: &MDDMParameters) -> usize {
        parameters.sliding_window_size
    }

    fn direction(&self, _: &MDDMParameters) -> Option<Direction> {
        Some(Direction::Up)
    }

    fn statistic(&self, parameters: &MDDMParameters) -> Option<f64> {
        let full = self.window.is_full();
        full.then(|| self.greatest - self.share(parameters))
    }

    fn limit(&self, _: &MDDMParameters) -> Option<f64> {
        Some(self.scheme.bound)
    }

    fn reading(&self, parameters: &MDDMParameters, name: &str) -> Option<f64> {
        if name != "estimation" || self.window.len() == 0 {
            return (name == "estimation").then_some(0.0);
        }
        let held = self.window.len() as f64;
        let present = match parameters.weighting {
            MDDMWeighting::Arithmetic => {
                let middle = parameters.sliding_window_size as f64 - 0.5 * (held + 1.0);
                held * (1.0 + parameters.difference * middle)
            }
            _ => geometric(parameters.growth(), held),
        };
        let correct = self.share(parameters) * self.scheme.total;
        Some((1.0 - correct / present).clamp(0.0, 1.0))
    }

    fn restored(&mut self, parameters: &MDDMParameters) -> Result<()> {
        self.window.restored(parameters.sliding_window_size)?;
        self.scheme = Scheme::new(parameters);
        let first = parameters.sliding_window_size - self.window.len();
        let correct = (0..self.window.len()).filter(|&i| self.window.get(i));
        let places: u64 = correct.map(|i| (first + i) as u64).sum();
        let fits = places == self.places
            && (0.0..=2.0 * self.scheme.total).contains(&self.weight)
            && (0.0..=2.0).contains(&self.greatest);
        if fits {
            Ok(())
        } else {
            Err(damaged("weights that do not fit the window"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: f64 = 1e-12;

    /// The weighted share of correct values of the last ones, weight by weight.
    fn share(parameters: &MDDMParameters, errors: &[f64]) -> f64 {
        let (mut correct, mut total) = (0.0, 0.0);
        for (i, x) in errors.iter().enumerate() {
            let weight = match parameters.weighting {
                MDDMWeighting::Arithmetic => 1.0 + i as f64 * parameters.difference,
                MDDMWeighting::Geometric => parameters.ratio.powi(i as i32 + 1),
                MDDMWeighting::Euler => (i as f64 * parameters.lambda_val).exp(),
            };
            total += weight;
            correct += weight * (1.0 - x);
        }
        correct / total
    }

    #[test]
    fn the_running_share_is_that_of_the_window() {
        for (weighting, size, steep) in [
            (MDDMWeighting::Arithmetic, 100, 0.01),
            (MDDMWeighting::Geometric, 100, 0.01),
            (MDDMWeighting::Euler, 100, 0.01),
            (MDDMWeighting::Arithmetic, 1, 3.0),
            (MDDMWeighting::Geometric, 33, 0.5),
            (MDDMWeighting::Euler, 33, 0.0),
        ] {
            let parameters = MDDMParameters {
                sliding_window_size: size,
                confidence_level: 1e-300,
                weighting,
                difference: steep,
                ratio: 1.0 + steep,
                lambda_val: steep,
            };
            let mut method = MDDM::new(&parameters);
            // The digits of the golden ratio's multiples, half of them errors.
            let errors = (0..5_000_u32).map(|i| f64::from(i) * 0.618_033_988_749_894_9 % 1.0);
            let errors: Vec<f64> = errors.map(|x| (x * 16.0).floor() % 2.0).collect();
            for end in 1..=errors.len() {
                method.step(&parameters, errors[end - 1]);
                if end >= size {
                    let expected = share(&parameters, &errors[end - size..end]);
                    assert!((method.share(&parameters) - expected).abs() < TOLERANCE);
                    let estimation = method.reading(&parameters, "estimation").unwrap();
                    assert!((estimation - (1.0 - expected)).abs() < TOLERANCE);
                }
            }
            assert!(method.restored(&parameters).is_ok());
        }
    }

    #[test]
    fn an_unfilled_window_weighs_what_it_has() {
        for weighting in [
            MDDMWeighting::Arithmetic,
            MDDMWeighting::Geometric,
            MDDMWeighting::Euler,
        ] {
            let parameters = MDDMParameters {
                weighting,
                ..MDDMParameters::default()
            };
            let mut method = MDDM::new(&parameters);
            for (x, least, most) in [(1.0, 1.0, 1.0), (0.0, 0.49, 0.5), (1.0, 0.66, 0.68)] {
                method.step(&parameters, x);
                let estimation = method.reading(&parameters, "estimation").unwrap();
                assert!((least..=most).contains(&estimation), "{estimation}");
                assert_eq!(method.statistic(&parameters), None);
            }
        }
    }

    #[test]
    fn bounds_are_those_of_the_paper() {
        // By NumPy, from the weights.
        for (weighting, bound) in [
            (MDDMWeighting::Arithmetic, 0.267_680_527_796_417),
            (MDDMWeighting::Geometric, 0.273_284_599_043_030),
            (MDDMWeighting::Euler, 0.273_385_588_970_034),
        ] {
            let parameters = MDDMParameters {
                weighting,
                ..MDDMParameters::default()
            };
            let limit = MDDM::new(&parameters).limit(&parameters).unwrap();
            assert!((limit - bound).abs() < TOLERANCE, "{limit}");
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let default = MDDMParameters::default;
        for (name, parameters) in [
            (
                "difference",
                MDDMParameters {
                    difference: -0.1,
                    ..default()
                },
            ),
            (
                "ratio",
                MDDMParameters {
                    ratio: 0.9,
                    ..default()
                },
            ),
            (
                "lambda_val",
                MDDMParameters {
                    lambda_val: f64::NAN,
                    ..default()
                },
            ),
        ] {
            let error = parameters.validate().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
