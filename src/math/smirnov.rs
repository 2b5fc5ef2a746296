//! The one-sided one-sample Kolmogorov-Smirnov distribution.

use std::f64::consts::PI;

use super::saddle_point::{deviance, stirling_error};

/// P(D+ >= x) for a sample of `n` from the hypothesised distribution: SciPy's
/// `ksone.sf`, for any `n >= 1`; 1 for `x <= 0`, 0 for `x >= 1`.
///
/// Relative error below 1e-11 down to 1e-300.
///
/// # Cost
/// O(min(n, max(200, 320 / (n x^2)))).
/// # Source
/// Birnbaum, Tingey, One-sided confidence contours for probability
/// distribution functions, 1951, equation 3.0; every term is a binomial
/// probability, evaluated by the saddle point of Loader, Fast and accurate
/// computation of binomial probabilities, 2000. For large n the sum is taken
/// at equidistant points only: by Euler-Maclaurin both differ by less than
/// rounding, since the terms vanish with their derivatives at either end.
/// # Example
/// ```
/// let p = driftline::math::smirnov_sf(2, 0.5);
/// assert!((p - 0.25).abs() < 1e-15);
/// ```
pub fn smirnov_sf(n: u64, x: f64) -> f64 {
    if x.is_nan() || n == 0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if x >= 1.0 {
        return 0.0;
    }
    let size = n as f64;
    let beyond = size * x;
    let last = size - beyond;
    // So many points leave an error of exp(-30): the terms behave as
    // exp(-n x^2 / 2u) at u = v/n near 0, and alike at the other end.
    let points = (160.0 / (beyond * x)).max(96.0).ceil();
    // Logarithm of the largest term (at u = (1 - x) / 2) over the first one.
    let first = -(-x).ln_1p();
    let vanishing = size * (first - x * (x.ln_1p() + first));
    if last < 2.0 * points || vanishing < 29.0 {
        let mut total = (size * (-x).ln_1p()).exp();
        for v in 1..=(last.floor().max(0.0) as u64) {
            total += x * term(size, beyond, v as f64);
        }
        return total.min(1.0);
    }
    let step = last / points;
    let sum: f64 = (1..points as u64)
        .map(|i| term(size, beyond, i as f64 * step))
        .sum();
    (x * step * sum).min(1.0)
}

/// ln of [`smirnov_sf`], finite below 1e-308 too; minus infinity from `x = 1` on.
///
/// # Cost
/// That of the probability, twice that below 1e-290.
/// # Example
/// ```
/// let ln = driftline::math::smirnov_log_sf(2000, 0.9999);
/// assert!((ln / 2000.0 - 0.0001f64.ln()).abs() < 1e-3);
/// ```
pub fn smirnov_log_sf(n: u64, x: f64) -> f64 {
    let p = smirnov_sf(n, x);
    if p > 1e-290 || p.is_nan() || x >= 1.0 {
        return p.ln();
    }
    // As above, relative to the largest term.
    let size = n as f64;
    let beyond = size * x;
    let last = size - beyond;
    let points = (160.0 / (beyond * x)).max(96.0).ceil();
    let step = if last < 2.0 * points {
        1.0
    } else {
        last / points
    };
    let mut logs: Vec<f64> = (1..)
        .map(|i| f64::from(i) * step)
        .take_while(|&v| v <= last)
        .map(|v| log_term(size, beyond, v) + (x * step).ln())
        .collect();
    logs.push(size * (-x).ln_1p());
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + logs.iter().map(|log| (log - top).exp()).sum::<f64>().ln()
}

/// C(n, v) p^v (1 - p)^(n - v) / p with p = (v + nx) / n, for real v > 0.
fn term(n: f64, beyond: f64, v: f64) -> f64 {
    let left = n - v;
    let expected = v + beyond;
    let missing = left - beyond;
    if missing <= 0.0 {
        // p = 1 (or beyond it by rounding): only v = n has mass.
        return if left <= 0.0 { 1.0 } else { 0.0 };
    }
    if left <= 0.0 {
        return (v * (expected / n).ln()).exp() * n / expected;
    }
    let factor = (n / (2.0 * PI * v * left)).sqrt() * n / expected;
    factor * exponent(n, beyond, v).exp()
}

/// The logarithm of a term, without the factor that varies slowly.
fn exponent(n: f64, beyond: f64, v: f64) -> f64 {
    let left = n - v;
    stirling_error(n)
        - stirling_error(v)
        - stirling_error(left)
        - deviance(v, beyond)
        - deviance(left, -beyond)
}

fn log_term(n: f64, beyond: f64, v: f64) -> f64 {
    let left = n - v;
    if left - beyond <= 0.0 || left <= 0.0 {
        return term(n, beyond, v).ln();
    }
    let factor = (n / (2.0 * PI * v * left)).sqrt() * n / (v + beyond);
    factor.ln() + exponent(n, beyond, v)
}
