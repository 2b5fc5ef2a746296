//! The noncentral t distribution.

use std::f64::consts::PI;

use super::normal::normal_sf;
use super::quadrature::integrate;
use super::saddle_point::{deviance_from, stirling_error};

/// P(T <= t) for a noncentral t with `df` >= 1 degrees of freedom (whole, or
/// above 20) and noncentrality `noncentrality`.
///
/// Absolute error below 1e-12, relative error below 1e-10 for probabilities
/// above 1e-10. NaN for arguments out of range.
///
/// # Cost
/// At most 480 exponentials (10 us).
/// # Source
/// Johnson, Kotz, Balakrishnan, Continuous univariate distributions 2, 1995,
/// equation 31.13: T = (Z + noncentrality) / S with S^2 = chi-square / df; the
/// integral over S by quadrature, in pieces around where the normal law
/// rises. Expected values: tests/data/classical_laws.json.
/// # Example
/// ```
/// let p = driftline::math::noncentral_t_cdf(0.0, 5.0, 0.0);
/// assert!((p - 0.5).abs() < 1e-14);
/// ```
pub fn noncentral_t_cdf(t: f64, df: f64, noncentrality: f64) -> f64 {
    let valid = df >= 1.0 && noncentrality.is_finite();
    if !valid || t.is_nan() {
        return f64::NAN;
    }
    if t == 0.0 {
        return normal_sf(noncentrality);
    }
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    if df.is_infinite() {
        return normal_sf(noncentrality - t);
    }
    let a = 0.5 * df;
    let front = 0.5 * (2.0 * a / PI).ln() - stirling_error(a);
    let density = |s: f64| (front - s.ln() - deviance_from(a, a * s * s)).exp();
    // Where the density of S has fallen below 1e-20.
    let (low, high) = ((1.0 - 7.0 / a.sqrt()).max(0.0), 1.0 + 7.0 / a.sqrt());
    // Where Phi(t s - noncentrality) goes from 0 to 1.
    let (rise, width) = (noncentrality / t, 9.0 / t.abs());
    let (from, to) = (rise - width, rise + width);
    let mut edges = [low, from.clamp(low, high), to.clamp(low, high), high];
    edges.sort_unstable_by(f64::total_cmp);
    let mut total = 0.0;
    for pair in edges.windows(2) {
        if let &[start, end] = pair
            && end > start
        {
            total += integrate(end - start, |s| {
                let s = start + s;
                density(s) * normal_sf(noncentrality - t * s)
            });
        }
    }
    total.min(1.0)
}
