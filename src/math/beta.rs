//! The incomplete beta function and the F distribution.

use std::f64::consts::PI;

use super::chi_square::log_complement;
use super::gamma::ln_gamma;
use super::normal::normal_quantile;
use super::saddle_point::{deviance, deviance_from, exp_excess, stirling_error};
use super::tail::log_concave_tail;

/// The regularised incomplete beta function I_x(a, b) for a, b > 0 and x
/// between 0 and 1.
///
/// Relative error below 1e-12 for a and b from 0.5 to 5e6, down to 1e-300.
/// NaN for arguments out of range.
///
/// # Cost
/// About 160 exponentials, or a series of a few hundred terms.
/// # Source
/// NIST DLMF 8.17.2, 8.17.8 (series for small a); else quadrature in
/// ln(t / (1 - t)), where the integrand is log-concave. Expected values:
/// tests/data/classical_laws.json.
/// # Example
/// ```
/// assert!((driftline::math::beta_cdf(0.5, 3.0, 3.0) - 0.5).abs() < 1e-14);
/// ```
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    let shapes = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !shapes || !(0.0..=1.0).contains(&x) {
        return f64::NAN;
    }
    beta_log_tails(x, 1.0 - x, a, b).0.exp()
}

/// P(F > f) for Fisher's F with `df1` and `df2` > 0 degrees of freedom, not
/// necessarily integers.
///
/// Relative error below 1e-12 for degrees of freedom from 1 to 1e7, down to
/// 1e-300. 1 for `f <= 0`; NaN when `f` is NaN or a number of degrees of
/// freedom is not positive and finite.
///
/// # Cost
/// See [`beta_cdf`].
/// # Source
/// NIST DLMF 8.17; see [`beta_cdf`].
/// # Example
/// ```
/// assert!((driftline::math::f_sf(1.0, 5.0, 5.0) - 0.5).abs() < 1e-14);
/// ```
pub fn f_sf(f: f64, df1: f64, df2: f64) -> f64 {
    f_log_sf(f, df1, df2).exp()
}

/// ln P(F > f): see [`f_sf`]; finite where the probability itself is below
/// 1e-308.
///
/// # Cost
/// See [`beta_cdf`].
/// # Source
/// See [`f_sf`].
/// # Example
/// ```
/// // With two degrees of freedom, (1 + 2 f / df2)^(-df2 / 2).
/// let log = driftline::math::f_log_sf(9e9, 2.0, 200.0);
/// assert!((log + 100.0 * (9e7f64).ln_1p()).abs() < 1e-9);
/// ```
pub fn f_log_sf(f: f64, df1: f64, df2: f64) -> f64 {
    let freedom = df1 > 0.0 && df2 > 0.0 && df1.is_finite() && df2.is_finite();
    if !freedom || f.is_nan() {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 0.0;
    }
    if f.is_infinite() {
        return f64::NEG_INFINITY;
    }
    // x = df2 / (df2 + df1 f), without overflow.
    let ratio = f * (df1 / df2);
    let (x, y) = if ratio > 1.0 {
        let inverse = ratio.recip();
        (inverse / (1.0 + inverse), 1.0 / (1.0 + inverse))
    } else {
        (1.0 / (1.0 + ratio), ratio / (1.0 + ratio))
    };
    beta_log_tails(x, y, 0.5 * df2, 0.5 * df1).0
}

/// The f with P(F <= f) = `p` for Fisher's F with `df1` and `df2` > 0 degrees of freedom, not
/// necessarily integers; 0 at 0 and infinite at 1.
///
/// Relative error below 1e-12 for degrees of freedom from 1 to 1e7. NaN outside 0 to 1 or when
/// a number of degrees of freedom is not positive and finite. The upper quantile of a small
/// probability is one by the lower one with the degrees of freedom exchanged.
///
/// # Cost
/// About five evaluations of [`f_log_sf`] (20 us).
/// # Source
/// Newton steps on ln P(F > f) as a function of ln f, which is concave, so that they come from
/// one side after the first; that one from Abramowitz and Stegun 26.6.16.
/// # Example
/// ```
/// let upper = driftline::math::f_quantile(0.05, 10.0, 2.0).recip();
/// assert!((driftline::math::f_sf(upper, 2.0, 10.0) - 0.05).abs() < 1e-14);
/// ```
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    let freedom = df1 > 0.0 && df2 > 0.0 && df1.is_finite() && df2.is_finite();
    if !freedom || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { 0.0 } else { f64::INFINITY };
    }
    if p > 0.5 {
        return f_upper_quantile(1.0 - p, df1, df2);
    }
    f_upper_quantile(p, df2, df1).recip()
}

/// The f with P(F > f) = `tail`, at most 0.5.
fn f_upper_quantile(tail: f64, df1: f64, df2: f64) -> f64 {
    let goal = tail.ln();
    let front = 0.5 * df1 * (df1 / df2).ln() - ln_gamma(0.5 * df1) - ln_gamma(0.5 * df2)
        + ln_gamma(0.5 * (df1 + df2));
    let x = -normal_quantile(tail);
    let (first, second) = ((df1 - 1.0).recip(), (df2 - 1.0).recip());
    let (h, lambda) = (2.0 / (first + second), (x * x - 3.0) / 6.0);
    let w = x * (h + lambda).sqrt() / h - (first - second) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
    let mut log = if df1 > 1.0 && df2 > 1.0 && w.is_finite() {
        2.0 * w
    } else {
        0.0
    };
    for _ in 0..200 {
        let f = log.exp();
        let missing = f_log_sf(f, df1, df2) - goal;
        // d ln sf / d ln f = -f density / sf
        let density = front + 0.5 * df1 * log - 0.5 * (df1 + df2) * (f * df1 / df2).ln_1p();
        let step = missing / (density - missing - goal).exp();
        // Far from the middle the slope may be next to nothing.
        let step = step.clamp(-10.0, 10.0);
        if step.is_nan() {
            break;
        }
        log += step;
        // The next step would be of the order of its square.
        if step.abs() <= 1e-9 {
            break;
        }
    }
    log.exp()
}

/// ln I_x(a, b) and ln(1 - I_x(a, b)), with y = 1 - x given for its accuracy.
pub(super) fn beta_log_tails(x: f64, y: f64, a: f64, b: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (f64::NEG_INFINITY, 0.0);
    }
    if y <= 0.0 {
        return (0.0, f64::NEG_INFINITY);
    }
    // How far below the mean of the distribution x lies.
    let below = a * y - b * x;
    if below >= 0.0 {
        let lower = log_lower_tail(x, y, a, b, below);
        (lower, log_complement(lower))
    } else {
        let upper = log_lower_tail(y, x, b, a, -below);
        (log_complement(upper), upper)
    }
}

/// ln I_x(a, b) for x below the mean, `below` = a y - b x >= 0.
fn log_lower_tail(x: f64, y: f64, a: f64, b: f64, below: f64) -> f64 {
    let n = a + b;
    // ln of x^a y^b / B(a, b), by Loader's saddle point; both deviances are
    // from the same difference, n x - a = -below.
    let (first, second) = if x * n < 0.5 * a {
        (deviance_from(a, n * x), deviance_from(b, n * y))
    } else {
        (deviance(a, -below), deviance(b, below))
    };
    let front = 0.5 * (a / (2.0 * PI) * (b / n)).ln() + stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - first
        - second;
    let sum = if a < 8.0 {
        // NIST DLMF 8.17.8: 1 + (a + b) x / (a + 1) + ...
        let (mut term, mut total, mut k) = (1.0, 1.0, 0.0);
        while term > 1e-17 * total {
            term *= x * (n + k) / (a + 1.0 + k);
            total += term;
            k += 1.0;
        }
        total / a
    } else if x <= 0.5 {
        // ln(t / (1 - t)) falls by s: ln(1 + x (e^-s - 1)) less its slope.
        log_concave_tail(below, n * x * y, |s| {
            -below * s - n * (x * exp_excess(-s) - deviance(1.0, x * (-s).exp_m1()))
        })
    } else {
        log_concave_tail(below, n * x * y, |s| {
            -below * s - n * (y * exp_excess(s) - deviance(1.0, y * s.exp_m1()))
        })
    };
    (front + sum.ln()).min(0.0)
}
