//! Binomial coefficients relative to the one in the middle.

use std::f64::consts::{LN_2, PI};

use super::saddle_point::{deviance, stirling_error};

/// Up to so many factors are multiplied.
const FACTORS: u64 = 64;

/// C(2n, n - i) / C(2n, n), for `i <= n`; relative error below 1e-12 as far as
/// its logarithm allows.
pub(super) fn central_ratio(n: u64, i: u64) -> f64 {
    if i > n {
        0.0
    } else if i <= FACTORS {
        (0..i).fold(1.0, |p, j| p * (n - j) as f64 / (n + j + 1) as f64)
    } else {
        log_central_ratio(n, i).exp()
    }
}

/// Its natural logarithm, by the saddle point of Loader, Fast and accurate
/// computation of binomial probabilities, 2000; minus infinity for `i > n`.
pub(super) fn log_central_ratio(n: u64, i: u64) -> f64 {
    if i > n {
        return f64::NEG_INFINITY;
    }
    if i <= FACTORS {
        let p = central_ratio(n, i);
        if p > 1e-290 {
            return p.ln();
        }
    }
    let (size, shift) = (n as f64, i as f64);
    if i == n {
        return 2.0 * stirling_error(size) - stirling_error(2.0 * size) - 2.0 * size * LN_2
            + 0.5 * (PI * size).ln();
    }
    let (low, high) = (size - shift, size + shift);
    2.0 * stirling_error(size)
        - stirling_error(low)
        - stirling_error(high)
        - deviance(low, shift)
        - deviance(high, -shift)
        - 0.5 * (low / size).ln()
        - 0.5 * (high / size).ln()
}
