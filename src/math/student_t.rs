//! Student's t distribution.

use std::f64::consts::PI;

use super::gamma::gamma_ratio_half;
use super::normal::normal_quantile;
use super::quadrature::integrate;

/// P(T > t) for Student's t with `df` > 0 degrees of freedom, not necessarily
/// an integer; an infinite `df` is the normal distribution.
///
/// Relative error below 1e-12 for `df >= 1` in both tails, down to 1e-300.
/// NaN when `t` is NaN or `df` is not positive.
///
/// # Cost
/// About 160 exponentials (3 us), for any arguments.
/// # Source
/// The substitution 1 + t^2/df = exp(w^2/df) of Temme, The uniform asymptotic
/// expansion of a class of integrals related to cumulative distribution
/// functions, 1982: the tail becomes a Gaussian integral times the slowly
/// varying sqrt(u / (1 - exp(-u))), u = w^2/df, which Gauss-Legendre
/// quadrature integrates to rounding error. Expected values:
/// tests/data/math.json.
/// # Example
/// ```
/// let p = driftline::math::student_t_sf(1.0, 1.0);
/// assert!((p - 0.25).abs() < 1e-15);
/// ```
pub fn student_t_sf(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - student_t_sf(-t, df);
    }
    let (log, integral) = upper_tail(t, df);
    if t == 0.0 {
        return 0.5;
    }
    log.exp() * integral
}

/// ln P(T > t): see [`student_t_sf`]; finite where the probability itself is
/// below 1e-308.
///
/// Relative error below 1e-12, absolute where it is near 0.
///
/// # Cost
/// See [`student_t_sf`].
/// # Source
/// See [`student_t_sf`].
/// # Example
/// ```
/// // With one degree of freedom, about 1 / (pi t).
/// let log = driftline::math::student_t_log_sf(1e50, 1.0);
/// assert!((log + (std::f64::consts::PI * 1e50).ln()).abs() < 1e-12);
/// ```
pub fn student_t_log_sf(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return (-student_t_sf(-t, df)).ln_1p();
    }
    let (log, integral) = upper_tail(t, df);
    if t == 0.0 {
        return -std::f64::consts::LN_2;
    }
    log + integral.ln()
}

/// The t with P(T <= t) = `p` for Student's t with `df` > 0 degrees of
/// freedom; infinite at 0 and 1.
///
/// Relative error below 1e-12 (absolute 1e-15 near p = 0.5). NaN outside 0 to
/// 1 or when `df` is not positive. The upper quantile of a small probability is
/// the negative of the lower one.
///
/// # Cost
/// About ten evaluations of [`student_t_log_sf`] (30 us).
/// # Source
/// Newton steps on ln P(T > t) as a function of ln t (which both the Cauchy
/// and the normal tail make concave), kept inside a bracket.
/// # Example
/// ```
/// let upper = -driftline::math::student_t_quantile(0.25, 1.0);
/// assert!((upper - 1.0).abs() < 1e-13);
/// ```
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    if p.is_nan() || df.is_nan() || df <= 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let tail = p.min(1.0 - p);
    let sign = p - 0.5;
    if sign == 0.0 {
        return 0.0;
    }
    if tail == 0.0 {
        return f64::INFINITY.copysign(sign);
    }
    let goal = tail.ln();
    // The normal quantile is below t's.
    let mut t = -normal_quantile(tail);
    if df.is_infinite() {
        return t.copysign(sign);
    }
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..200 {
        let log = student_t_log_sf(t, df);
        let missing = log - goal;
        if missing > 0.0 {
            low = t;
        } else {
            high = t;
        }
        // d ln sf / dt = -density / sf
        let slope = log_density(t, df).exp() / log.exp();
        let relative = missing / (slope * t);
        let step = if tail > 0.1 {
            1.0 + relative
        } else {
            relative.exp()
        };
        let mut next = t * step;
        if !(next > low && next < high) {
            next = if high.is_finite() {
                0.5 * (low + high)
            } else {
                2.0 * t
            };
        }
        let settled = (next - t).abs() <= 1e-15 * t;
        t = next;
        if settled {
            break;
        }
    }
    t.copysign(sign)
}

/// ln of the density at t > 0.
fn log_density(t: f64, df: f64) -> f64 {
    let ratio = t / df.sqrt();
    let gamma = gamma_ratio_half(df / 2.0) / (df * PI).sqrt();
    gamma.ln() - 0.5 * (df + 1.0) * log_square(ratio)
}

/// ln(1 + ratio^2): beyond 1e100 the 1 is lost, and the square might overflow.
fn log_square(ratio: f64) -> f64 {
    if ratio < 1e100 {
        (ratio * ratio).ln_1p()
    } else {
        2.0 * ratio.ln()
    }
}

/// P(T > t) for t >= 0, as the logarithm of a factor and the rest.
fn upper_tail(t: f64, df: f64) -> (f64, f64) {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    if t.is_infinite() {
        return (f64::NEG_INFINITY, 1.0);
    }
    let (w, constant) = if df.is_infinite() {
        (t, (2.0 * PI).sqrt().recip())
    } else {
        let gamma = gamma_ratio_half(df / 2.0) / (df * PI).sqrt();
        ((df * log_square(t / df.sqrt())).sqrt(), gamma)
    };
    // Where exp(-w y - y^2/2) has fallen below 1e-18.
    let length = 84.0 / (w + (w * w + 84.0).sqrt());
    let integral = integrate(length, |y| {
        let u = (w + y) * (w + y) / df;
        let slow = if u > 0.0 {
            (u / -(-u).exp_m1()).sqrt()
        } else {
            1.0
        };
        slow * (-y * (w + 0.5 * y)).exp()
    });
    (-0.5 * w * w, constant * integral)
}
