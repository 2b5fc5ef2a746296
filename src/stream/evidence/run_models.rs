//! What a run of values without a change is taken to be, for Bayesian online changepoint
//! detection: conjugate models with their predictive densities.
//!
//! Each function multiplies the weight of every run by the density of `x` given its values (up
//! to a factor that all runs share), takes `x` into the run and returns the sum of the weights.

use serde::{Deserialize, Serialize};

use crate::math::{gamma_ratio_half, ln_gamma};
use crate::stream::evidence::bocpd::BOCPDModel;

/// Squared deviations beyond it would not stay finite when added up.
const MOST_SQUARES: f64 = 1e305;

/// Counts up to which a ratio of gamma functions is a product, of factors below the other.
const FEW: f64 = 12.0;
const MANY: f64 = 1e12;

/// The prior, in the parameters of the model.
#[derive(Debug, Clone, Copy)]
pub(in crate::stream) struct Prior {
    pub(in crate::stream) mean: f64,
    pub(in crate::stream) kappa: f64,
    pub(in crate::stream) alpha: f64,
    pub(in crate::stream) beta: f64,
}

/// A run: its weight, its length, and what its model remembers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct Run {
    pub(in crate::stream) weight: f64,
    pub(in crate::stream) n: u64,
    /// Gaussian: posterior mean; otherwise the sum of the values.
    center: f64,
    /// Gaussian: posterior scale.
    beta: f64,
    /// Gaussian: Gamma(alpha + 1/2) / Gamma(alpha) of the posterior alpha.
    ratio: f64,
    /// The logarithm of what the weight is still to be multiplied by.
    #[serde(skip)]
    log: f64,
}

/// A run without values.
pub(in crate::stream) fn start(model: BOCPDModel, prior: &Prior) -> Run {
    match model {
        BOCPDModel::Gaussian => Run {
            center: prior.mean,
            beta: prior.beta,
            ratio: gamma_ratio_half(prior.alpha),
            ..Run::default()
        },
        BOCPDModel::Bernoulli | BOCPDModel::Poisson => Run::default(),
    }
}

/// ln(1 + u) for u >= 0: what rounding takes from 1 + u is put back.
#[inline]
fn log_one_plus(u: f64) -> f64 {
    let s = 1.0 + u;
    s.ln() + (u - (s - 1.0)) / s
}

/// Multiplies the weights by the exponentials, the largest of which is 1; their sum.
#[inline]
fn scaled(runs: &mut [Run], largest: f64) -> f64 {
    let mut total = 0.0;
    for run in runs {
        run.weight *= (run.log - largest).exp();
        total += run.weight;
    }
    total
}

/// Normal values. With posterior (m, k, a, b): Student's t with 2 a degrees of freedom around m
/// of squared scale b (k + 1) / (a k), that is
/// Gamma(a + 1/2) / Gamma(a) sqrt(k / (2 pi b (k + 1))) (1 + q / b)^-(a + 1/2),
/// q = k (x - m)^2 / (2 (k + 1)), which is what b grows by (Murphy 2007, equations 85 to 89 and
/// 110). The ratio of gamma functions follows from the last: R(a + 1/2) = a / R(a).
#[inline]
pub(in crate::stream) fn gaussian(runs: &mut [Run], prior: &Prior, x: f64) -> f64 {
    let mut largest = f64::NEG_INFINITY;
    for run in runs.iter_mut() {
        let n = run.n as f64;
        let (kappa, alpha) = (prior.kappa + n, prior.alpha + 0.5 * n);
        let d = x - run.center;
        let shrink = kappa / (kappa + 1.0);
        let q = 0.5 * shrink * d * d;
        let u = (q / run.beta).min(MOST_SQUARES);
        run.log = -(alpha + 0.5) * log_one_plus(u);
        largest = largest.max(run.log);
        run.weight *= run.ratio * (shrink / run.beta).sqrt();
        run.beta = (run.beta + q).min(MOST_SQUARES);
        run.center += d / (kappa + 1.0);
        run.ratio = alpha / run.ratio;
        run.n += 1;
    }
    scaled(runs, largest)
}

/// 0 and 1: (alpha + successes) / (alpha + beta + n).
#[inline]
pub(in crate::stream) fn bernoulli(runs: &mut [Run], prior: &Prior, x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    let mut total = 0.0;
    for run in runs {
        let n = run.n as f64;
        let (ones, zeros) = (prior.alpha + run.center, prior.beta + (n - run.center));
        run.weight *= (x * ones + (1.0 - x) * zeros) / (ones + zeros);
        total += run.weight;
        run.center += x;
        run.n += 1;
    }
    total
}

/// Counts. With posterior (a, b): the negative binomial
/// Gamma(a + x) / (Gamma(a) x!) (b / (b + 1))^a (b + 1)^-x; x! is the same for all runs.
#[inline]
pub(in crate::stream) fn poisson(runs: &mut [Run], prior: &Prior, x: f64) -> f64 {
    let x = x.max(0.0).floor();
    let mut largest = f64::NEG_INFINITY;
    for run in runs.iter_mut() {
        let a = prior.alpha + run.center;
        let b = prior.beta + run.n as f64;
        run.log = -a * log_one_plus(1.0 / b);
        if x <= FEW && a < MANY {
            let mut i = 0.0;
            while i < x {
                run.weight *= (a + i) / (b + 1.0);
                i += 1.0;
            }
        } else {
            run.log += log_gamma_ratio(a, x) - x * (b + 1.0).ln();
        }
        largest = largest.max(run.log);
        run.center += x;
        run.n += 1;
    }
    scaled(runs, largest)
}

/// ln(Gamma(a + x) / Gamma(a)).
fn log_gamma_ratio(a: f64, x: f64) -> f64 {
    if a < 20.0 {
        return ln_gamma(a + x) - ln_gamma(a);
    }
    // Stirling's series, term by term, so that what is large does not cancel.
    let series = |z: f64| {
        let v = 1.0 / (z * z);
        (1.0 / 12.0 - v * (1.0 / 360.0 - v * (1.0 / 1260.0 - v / 1680.0))) / z
    };
    (a - 0.5) * log_one_plus(x / a) + x * ((a + x).ln() - 1.0) + (series(a + x) - series(a))
}

/// The sum of the values of a run.
pub(in crate::stream) fn sum(model: BOCPDModel, prior: &Prior, run: &Run) -> f64 {
    match model {
        BOCPDModel::Gaussian => {
            (prior.kappa + run.n as f64) * run.center - prior.kappa * prior.mean
        }
        BOCPDModel::Bernoulli | BOCPDModel::Poisson => run.center,
    }
}

/// The mean of the next value of a run.
pub(in crate::stream) fn mean(model: BOCPDModel, prior: &Prior, run: &Run) -> f64 {
    let n = run.n as f64;
    match model {
        BOCPDModel::Gaussian => run.center,
        BOCPDModel::Bernoulli => (prior.alpha + run.center) / (prior.alpha + prior.beta + n),
        BOCPDModel::Poisson => (prior.alpha + run.center) / (prior.beta + n),
    }
}

/// Whether values can have led to a run.
pub(in crate::stream) fn sound(model: BOCPDModel, prior: &Prior, run: &Run) -> bool {
    let n = run.n as f64;
    let weight = run.weight > 0.0 && run.weight <= 1.0;
    let memory = match model {
        BOCPDModel::Gaussian => {
            let ratio = run.ratio / gamma_ratio_half(prior.alpha + 0.5 * n);
            run.center.abs() <= 1e151
                && (0.5 * prior.beta..=MOST_SQUARES).contains(&run.beta)
                && (ratio - 1.0).abs() < 1e-6
        }
        BOCPDModel::Bernoulli => (0.0..=n).contains(&run.center),
        BOCPDModel::Poisson => (0.0..=1e170).contains(&run.center),
    };
    weight && memory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_of_gamma_functions() {
        // mpmath.loggamma(a + x) - mpmath.loggamma(a), 30 digits.
        for (a, x, expected) in [
            (0.5, 20.0, 40.259_136_031_606_1),
            (20.0, 15.0, 49.240_943_354_998_19),
            (25.0, 1.0, 3.218_875_824_868_201),
            (1e6, 1000.0, 13_816.009_891_630_641),
        ] {
            let found = log_gamma_ratio(a, x);
            assert!(
                (found - expected).abs() < 1e-14 * expected,
                "{a} {x}: {found}"
            );
        }
    }

    #[test]
    fn the_ratio_of_a_run_stays_true() {
        let prior = Prior {
            mean: 0.0,
            kappa: 1.0,
            alpha: 0.7,
            beta: 1.0,
        };
        let mut runs = [start(BOCPDModel::Gaussian, &prior)];
        for i in 0..100_000 {
            gaussian(&mut runs, &prior, f64::from(i % 7));
            runs[0].weight = 1.0;
        }
        let exact = gamma_ratio_half(0.7 + 50_000.0);
        assert!((runs[0].ratio / exact - 1.0).abs() < 1e-12);
    }
}
