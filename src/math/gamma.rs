//! The gamma function's logarithm, and ratios of gamma functions.

/// Gamma(a + 1/2) / Gamma(a), for `a > 0`; 0 at 0.
///
/// Relative error below 1e-14. A ratio needs no logarithm of either gamma
/// function, whose difference would cancel for large `a`.
///
/// # Cost
/// O(1): at most 20 steps of recurrence.
/// # Source
/// NIST Digital Library of Mathematical Functions, 5.11.13 (asymptotic ratio,
/// here expanded around a - 1/4, where odd powers vanish: Frame, 1949) and
/// 5.5.1 (recurrence).
/// # Example
/// ```
/// let root_pi_half = driftline::math::gamma_ratio_half(1.0);
/// assert!((root_pi_half - std::f64::consts::PI.sqrt() / 2.0).abs() < 1e-15);
/// ```
pub fn gamma_ratio_half(a: f64) -> f64 {
    if a <= 0.0 {
        return 0.0;
    }
    let mut a = a;
    let mut factor = 1.0;
    while a < 20.0 {
        // R(a) = R(a + 1) a / (a + 1/2)
        factor *= a / (a + 0.5);
        a += 1.0;
    }
    let w = a - 0.25;
    let v = 1.0 / (w * w);
    // R(a) = sqrt(w) exp(c1 v + c2 v^2 + ...): exact rational coefficients.
    let log =
        v * (1.0 / 64.0 + v * (-5.0 / 2048.0 + v * (61.0 / 49152.0 + v * (-1385.0 / 1_048_576.0))));
    factor * w.sqrt() * log.exp()
}

/// ln Gamma(x) for `x > 0`, relative error below 1e-14 (near its zeros at 1 and
/// 2 too); infinite at 0, NaN below.
///
/// The difference of two of these cancels for large arguments: see
/// [`ln_binomial`](super::ln_binomial) and [`gamma_ratio_half`] instead.
///
/// # Cost
/// One logarithm and a polynomial.
/// # Source
/// `lgamma` of the FreeBSD mathematical library (Sun Microsystems, 1993).
/// # Example
/// ```
/// assert!((driftline::math::ln_gamma(5.0) - 24f64.ln()).abs() < 1e-15);
/// ```
pub fn ln_gamma(x: f64) -> f64 {
    if x < 0.0 { f64::NAN } else { libm::lgamma(x) }
}
