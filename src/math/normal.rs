//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

/// P(Z > x) for a standard normal Z.
///
/// Relative error below 1e-14 in both tails, down to 1e-307; 0 beyond 38.5,
/// where [`normal_log_sf`] goes on. NaN for NaN.
///
/// # Cost
/// Two exponentials.
/// # Source
/// NIST DLMF 7.2.2 with `erfc` of the FreeBSD mathematical library. Expected
/// values: tests/data/classical_laws.json.
/// # Example
/// ```
/// assert!((driftline::math::normal_sf(1.959963984540054) - 0.025).abs() < 1e-16);
/// ```
pub fn normal_sf(x: f64) -> f64 {
    // What 1/sqrt(2) is beyond its f64.
    const REST: f64 = -4.833_646_656_726_457e-17;
    let q = x * FRAC_1_SQRT_2;
    let tail = libm::erfc(q);
    if q.abs() < 0.5 || q.is_infinite() {
        return 0.5 * tail;
    }
    // The rounding of x / sqrt(2) is magnified x^2 times: one Newton step.
    let lost = x.mul_add(FRAC_1_SQRT_2, -q) + x * REST;
    0.5 * (tail - lost * FRAC_2_SQRT_PI * (-q * q).exp())
}

/// ln P(Z > x) for a standard normal Z: finite for every finite `x` up to
/// 1e154.
///
/// Relative error below 1e-14 (absolute, where it is near 0: 1e-300).
///
/// # Cost
/// Two exponentials and a logarithm.
/// # Source
/// NIST DLMF 7.12.1 for x > 30. Expected values:
/// tests/data/classical_laws.json.
/// # Example
/// ```
/// assert!((driftline::math::normal_log_sf(100.0) + 5005.5242086942).abs() < 1e-9);
/// ```
pub fn normal_log_sf(x: f64) -> f64 {
    if x < -1.0 {
        return (-normal_sf(-x)).ln_1p();
    }
    if x.is_nan() || x < 30.0 {
        return normal_sf(x).ln();
    }
    let w = 1.0 / (x * x);
    // 1 - w (1 - 3 w (1 - 5 w (...))): nine terms leave less than 1e-18.
    let mut series = 1.0;
    for k in (0..9).rev() {
        series = 1.0 - f64::from(2 * k + 1) * w * series;
    }
    -0.5 * x * x - x.ln() - 0.5 * (2.0 * PI).ln() + series.ln()
}

/// The x with P(Z <= x) = `p` for a standard normal Z; infinite at 0 and 1.
///
/// Relative error below 1e-15 down to p = 1e-300. NaN outside 0 to 1. The upper
/// quantile of a small probability is the negative of the lower one.
///
/// # Cost
/// Two polynomials of degree 7; a logarithm beyond the central 85 %.
/// # Source
/// Wichura, Algorithm AS 241: the percentage points of the normal
/// distribution, 1988 (PPND16).
/// # Example
/// ```
/// let upper = -driftline::math::normal_quantile(0.025);
/// assert!((upper - 1.959963984540054).abs() < 1e-15);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&CENTRE_NUMERATOR, r) / polynomial(&CENTRE_DENOMINATOR, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let x = if r <= 5.0 {
        polynomial(&MIDDLE_NUMERATOR, r - 1.6) / polynomial(&MIDDLE_DENOMINATOR, r - 1.6)
    } else {
        polynomial(&TAIL_NUMERATOR, r - 5.0) / polynomial(&TAIL_DENOMINATOR, r - 5.0)
    };
    x.copysign(q)
}

/// Horner's rule, the highest power first.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |value, c| value * x + c)
}

const CENTRE_NUMERATOR: [f64; 8] = [
    2509.0809287301227,
    33430.57558358813,
    67265.7709270087,
    45921.95393154987,
    13731.69376550946,
    1971.5909503065513,
    133.14166789178438,
    3.3871328727963665,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    5226.495278852854,
    28729.085735721943,
    39307.89580009271,
    21213.794301586597,
    5394.196021424751,
    687.1870074920579,
    42.31333070160091,
    1.0,
];
const MIDDLE_NUMERATOR: [f64; 8] = [
    0.0007745450142783414,
    0.022723844989269184,
    0.2417807251774506,
    1.2704582524523684,
    3.6478483247632045,
    5.769497221460691,
    4.630337846156546,
    1.4234371107496835,
];
const MIDDLE_DENOMINATOR: [f64; 8] = [
    1.0507500716444169e-09,
    0.0005475938084995345,
    0.015198666563616457,
    0.14810397642748008,
    0.6897673349851,
    1.6763848301838038,
    2.053191626637759,
    1.0,
];
const TAIL_NUMERATOR: [f64; 8] = [
    2.0103343992922881e-07,
    2.7115555687434876e-05,
    0.0012426609473880784,
    0.026532189526576124,
    0.29656057182850487,
    1.7848265399172913,
    5.463784911164114,
    6.657904643501103,
];
const TAIL_DENOMINATOR: [f64; 8] = [
    2.0442631033899397e-15,
    1.421511758316446e-07,
    1.8463183175100548e-05,
    0.0007868691311456133,
    0.014875361290850615,
    0.1369298809227358,
    0.599832206555888,
    1.0,
];
