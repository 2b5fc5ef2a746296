//! Streams in which nothing changes.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::error::{Error, Result};
use crate::math::normal_quantile;

/// Independent values of a known distribution, in which nothing changes.
///
/// # Example
/// ```
/// use driftline::stream::Null;
/// assert_eq!(Null::Bernoulli { p: 0.5 }.moments(), (0.5, 0.5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Null {
    /// Standard normal values.
    Normal,
    /// 1 with probability `p`, above 0 and below 1, else 0.
    Bernoulli {
        /// The probability of a 1.
        p: f64,
    },
    /// exp(`sigma` Z) for a standard normal Z; `sigma` above 0, at most 5.
    LogNormal {
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Null {
    /// Its name: `"normal"`, `"bernoulli"` or `"log_normal"`.
    pub fn name(self) -> &'static str {
        match self {
            Null::Normal => "normal",
            Null::Bernoulli { .. } => "bernoulli",
            Null::LogNormal { .. } => "log_normal",
        }
    }

    /// Mean and standard deviation.
    pub fn moments(self) -> (f64, f64) {
        match self {
            Null::Normal => (0.0, 1.0),
            Null::Bernoulli { p } => (p, (p * (1.0 - p)).sqrt()),
            Null::LogNormal { sigma } => {
                let variance = sigma * sigma;
                let mean = (variance / 2.0).exp();
                (mean, mean * variance.exp_m1().sqrt())
            }
        }
    }

    pub(super) fn validate(self) -> Result<()> {
        match self {
            Null::Bernoulli { p } if !(p > 0.0 && p < 1.0) => {
                let allowed = "a number above 0 and below 1";
                Err(Error::invalid_value("p", p, allowed))
            }
            Null::LogNormal { sigma } if !(sigma > 0.0 && sigma <= 5.0) => {
                let allowed = "a number above 0, at most 5";
                Err(Error::invalid_value("log_sigma", sigma, allowed))
            }
            _ => Ok(()),
        }
    }
}

/// A source of values.
pub(super) trait Stream {
    /// Overwrites `values` with the next ones.
    fn fill(&mut self, values: &mut [f64]);
}

/// Random numbers: the same seed, the same numbers on every machine.
#[derive(Debug, Clone)]
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number above 0 and below 1.
    pub(super) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        ((self.0.next_u64() >> 11) as f64 + 0.5) * STEP
    }

    /// A whole number below `n`: the high half of a product, whose bias of n / 2^64 does not
    /// matter here.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }
}

/// Values of a [`Null`], moved and stretched.
pub(super) struct Known {
    null: Null,
    location: f64,
    scale: f64,
    random: Random,
}

impl Known {
    /// Values of `null`; with `moments`, moved to that mean and standard deviation.
    pub(super) fn new(null: Null, moments: Option<(f64, f64)>, seed: u64) -> Self {
        let (mean, deviation) = null.moments();
        let (target, sigma) = moments.unwrap_or((mean, deviation));
        let scale = sigma / deviation;
        Self {
            null,
            location: if moments.is_some() {
                target - scale * mean
            } else {
                0.0
            },
            scale: if moments.is_some() { scale } else { 1.0 },
            random: Random::new(seed),
        }
    }
}

impl Stream for Known {
    fn fill(&mut self, values: &mut [f64]) {
        let random = &mut self.random;
        match self.null {
            Null::Normal => values.fill_with(|| normal_quantile(random.uniform())),
            Null::Bernoulli { p } => values.fill_with(|| f64::from(random.uniform() < p)),
            Null::LogNormal { sigma } => {
                values.fill_with(|| (sigma * normal_quantile(random.uniform())).exp());
            }
        }
        if (self.location, self.scale) != (0.0, 1.0) {
            for value in values {
                *value = self.location + self.scale * *value;
            }
        }
    }
}
