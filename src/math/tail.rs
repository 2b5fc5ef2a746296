//! Integrals of log-concave tails.

use super::quadrature::integrate;

/// The integral of exp(log(s)) over s > 0, for a concave `log` with
/// `log(0)` = 0 that does not rise: its slope at 0 is -`slope`, its second
/// derivative there -`curvature` (both >= 0, not both 0).
///
/// Where the integrand has fallen below e^-40 it is cut off; quadrature over
/// the rest is accurate to rounding for the gamma and beta laws.
pub(super) fn log_concave_tail(slope: f64, curvature: f64, log: impl Fn(f64) -> f64) -> f64 {
    const NEGLIGIBLE: f64 = -40.0;
    let mut length = 90.0 / (slope + (slope * slope + 90.0 * curvature).sqrt());
    let far = |length: f64| {
        let log = log(length);
        // NaN: an overflow on the way.
        log.is_nan() || log < 2.0 * NEGLIGIBLE
    };
    while far(length) {
        length *= 0.8;
    }
    while log(length) > NEGLIGIBLE {
        length *= 1.2;
    }
    integrate(length, |s| log(s).exp())
}
