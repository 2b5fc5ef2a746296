//! Binomial coefficients and the hypergeometric distribution, in logarithms.

use std::f64::consts::PI;

use super::saddle_point::{deviance_from, stirling_error};

/// ln of the binomial coefficient C(n, k); -infinity when `k > n`.
///
/// Relative error below 1e-14 at any size.
///
/// # Cost
/// O(1).
/// # Source
/// NIST DLMF 5.11.1 for the three factorials, with the entropy between them.
/// # Example
/// ```
/// assert!((driftline::math::ln_binomial(5, 2) - 10f64.ln()).abs() < 1e-15);
/// ```
pub fn ln_binomial(n: u64, k: u64) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    let k = k.min(n - k);
    if k == 0 {
        return 0.0;
    }
    let (size, first, second) = (n as f64, k as f64, (n - k) as f64);
    let entropy = first * (size / first).ln() - second * (-first / size).ln_1p();
    entropy + stirling_error(size)
        - stirling_error(first)
        - stirling_error(second)
        - 0.5 * (2.0 * PI * first * (second / size)).ln()
}

/// ln P(X = k), for X the marked ones among `draws` without replacement from
/// `size` of which `marked` are marked; -infinity where that is impossible.
///
/// Relative error of the probability below 1e-12 down to 1e-300, at any size.
///
/// # Cost
/// O(1).
/// # Source
/// A ratio of three binomial probabilities, each by its saddle point: Loader,
/// Fast and accurate computation of binomial probabilities, 2000.
/// # Example
/// ```
/// let log = driftline::math::hypergeometric_log_pmf(1, 4, 2, 2);
/// assert!((log - (2f64 / 3.0).ln()).abs() < 1e-15);
/// ```
pub fn hypergeometric_log_pmf(k: u64, size: u64, marked: u64, draws: u64) -> f64 {
    let possible = marked <= size && draws <= size && k <= marked.min(draws);
    if !possible || draws - k > size - marked {
        return f64::NEG_INFINITY;
    }
    if draws == 0 || draws == size || marked == 0 || marked == size {
        return 0.0;
    }
    let share = draws as f64 / size as f64;
    let rest = (size - draws) as f64 / size as f64;
    binomial_log_pmf(k, marked, share, rest)
        + binomial_log_pmf(draws - k, size - marked, share, rest)
        - binomial_log_pmf(draws, size, share, rest)
}

/// ln of C(n, k) p^k q^(n - k), q = 1 - p.
fn binomial_log_pmf(k: u64, n: u64, p: f64, q: f64) -> f64 {
    let (size, hits, misses) = (n as f64, k as f64, (n - k) as f64);
    if k == 0 {
        return size * if p < 0.5 { (-p).ln_1p() } else { q.ln() };
    }
    if k == n {
        return size * if q < 0.5 { (-q).ln_1p() } else { p.ln() };
    }
    stirling_error(size)
        - stirling_error(hits)
        - stirling_error(misses)
        - deviance_from(hits, size * p)
        - deviance_from(misses, size * q)
        - 0.5 * (2.0 * PI * hits * (misses / size)).ln()
}
