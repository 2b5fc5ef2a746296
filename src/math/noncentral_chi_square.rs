//! The noncentral chi-square distribution.

use super::chi_square::{gamma_log_tails, log_gamma_front};

/// P(X <= x) for a noncentral chi-square X with `df` > 0 degrees of freedom and
/// noncentrality `noncentrality` >= 0.
///
/// Relative error below 1e-11 for probabilities above 1e-250, noncentrality
/// up to 1e7. 0 for `x <= 0`; NaN for arguments out of range.
///
/// # Cost
/// O(1 + sqrt(noncentrality)): a logarithm and an exponential for each term.
/// # Source
/// NIST DLMF 8.2 and the Poisson mixture of central laws (Johnson, Kotz,
/// Balakrishnan, Continuous univariate distributions 2, 1995, equation 29.2),
/// summed downwards, where the recurrence DLMF 8.8.5 only adds. Expected
/// values: tests/data/classical_laws.json.
/// # Example
/// ```
/// let p = driftline::math::noncentral_chi_square_cdf(2.0, 2.0, 0.0);
/// assert!((p - (1.0 - (-1f64).exp())).abs() < 1e-15);
/// ```
pub fn noncentral_chi_square_cdf(x: f64, df: f64, noncentrality: f64) -> f64 {
    let valid = df > 0.0 && df.is_finite() && noncentrality >= 0.0 && noncentrality.is_finite();
    if !valid || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    let (a, y, mean) = (0.5 * df, 0.5 * x, 0.5 * noncentrality);
    if mean == 0.0 {
        return gamma_log_tails(a, y).0.exp();
    }
    // In the lower tail the largest term is where j (a + j) = mean y, else at
    // the mean; the terms outside are below 1e-20 of it.
    let peak = (0.5 * ((a * a + 4.0 * mean * y).sqrt() - a)).min(mean);
    let width = 10.0 * mean.sqrt() + 50.0;
    let first = (peak - width).max(0.0).floor();
    let mut j = (peak + width).ceil();
    // From where the central law begins: above, it is below 1e-280.
    while j > first && log_gamma_front(a + j, y) < -650.0 {
        j = (0.98 * j - 1.0).floor().max(first);
    }
    let mut lower = gamma_log_tails(a + j, y).0.exp();
    let mut total = 0.0;
    loop {
        // j^-1 Poisson front: e^-mean mean^j / j!
        let weight = if j > 0.0 {
            (log_gamma_front(j, mean) - j.ln()).exp()
        } else {
            (-mean).exp()
        };
        total += weight * lower;
        if j <= first {
            return total.min(1.0);
        }
        j -= 1.0;
        // P(a, y) = P(a + 1, y) + y^a e^-y / Gamma(a + 1)
        lower += (log_gamma_front(a + j, y) - (a + j).ln()).exp();
    }
}
