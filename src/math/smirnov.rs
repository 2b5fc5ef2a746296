//! The one-sided one-sample Kolmogorov-Smirnov distribution.

use std::f64::consts::PI;

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
    let log = stirling_error(n)
        - stirling_error(v)
        - stirling_error(left)
        - deviance(v, beyond)
        - deviance(left, -beyond);
    (n / (2.0 * PI * v * left)).sqrt() * log.exp() * n / expected
}

/// v ln(v / (v + d)) + d: Loader's bd0, from the difference d itself.
pub(super) fn deviance(v: f64, d: f64) -> f64 {
    let r = d / v;
    if r.abs() > 0.1 {
        return d - v * r.ln_1p();
    }
    // r - ln(1 + r), by the series of artanh around s = r / (2 + r):
    // r = 2s / (1 - s), so r - 2 artanh(s) = r s - 2 (s^3/3 + s^5/5 + ...).
    let s = r / (2.0 + r);
    let square = s * s;
    let mut power = s * square;
    let mut series = 0.0;
    let mut odd = 3.0;
    while power.abs() > 1e-18 * square {
        series += power / odd;
        power *= square;
        odd += 2.0;
    }
    v * (r * s - 2.0 * series)
}

/// ln Gamma(v + 1) - (v + 1/2) ln v + v - ln(2 pi) / 2 (NIST DLMF 5.11.1).
pub(super) fn stirling_error(v: f64) -> f64 {
    let mut v = v;
    let mut shift = 0.0;
    while v < 16.0 {
        // e(v) = e(v + 1) + (v + 1/2) ln(1 + 1/v) - 1
        shift += (v + 0.5) * v.recip().ln_1p() - 1.0;
        v += 1.0;
    }
    let w = 1.0 / (v * v);
    shift
        + (1.0 / 12.0
            - w * (1.0 / 360.0
                - w * (1.0 / 1260.0
                    - w * (1.0 / 1680.0 - w * (1.0 / 1188.0 - w * 691.0 / 360_360.0)))))
            / v
}
