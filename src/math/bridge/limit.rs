//! The limit laws of continuous data.

use std::f64::consts::PI;

/// Below exp(-45), nothing changes a sum that starts with 1.
pub(super) const NEGLIGIBLE: f64 = 45.0;
/// Twice as many change nothing beyond rounding.
const NODES: u32 = 64;

/// ln P(W^2 >= x) for the limit of the Cramer-von Mises statistic, the integral
/// of B(t)^2 for a Brownian bridge B; 0 for `x <= 0`.
///
/// Relative error of the probability below 1e-12 as far as its logarithm
/// allows (a `f64` of size 1e5 has 11 digits behind the point). SciPy's series
/// of the distribution function has lost all digits of the tail at 1e-16.
///
/// # Cost
/// 64 square roots and exponentials for each of 1 to 26 terms; a single one
/// where the probability is below 1e-12.
/// # Source
/// Smirnov, 1937, in the form of Anderson, Darling, Asymptotic theory of
/// certain "goodness of fit" criteria, 1952, equation 4.32 (an alternating sum
/// of integrals between the zeros of the Fredholm determinant, here
/// D(u) = sin(sqrt u) / sqrt u). Both ends of each have an inverse square root:
/// the midpoint rule in the angle of Chebyshev's substitution integrates these
/// exactly. Expected values: tests/data/limit_laws.json.
/// # Example
/// ```
/// // The 5 % point of Anderson, Darling, 1952, table 1.
/// let p = driftline::math::cramer_von_mises_log_sf(0.46136).exp();
/// assert!((p - 0.05).abs() < 1e-5);
/// ```
pub fn cramer_von_mises_log_sf(x: f64) -> f64 {
    // Zeros of D at v = 1, 2, ...
    let law = Law {
        slope: |v, s| PI * PI * s * (2.0 * v + s),
        factor: |v: f64| 2.0 / v * (PI * v).sqrt(),
        first: PI * PI,
    };
    law.log_sf(x)
}

/// ln P(A^2 >= x) for the limit of the Anderson-Darling statistic, the integral
/// of B(t)^2 / (t (1 - t)) for a Brownian bridge B; 0 for `x <= 0`.
///
/// Relative error of the probability below 1e-12 as far as its logarithm
/// allows.
///
/// # Cost
/// As [`cramer_von_mises_log_sf`].
/// # Source
/// Anderson, Darling, A test of goodness of fit, 1954, equation 4 (the
/// characteristic function), inverted as in [`cramer_von_mises_log_sf`], with
/// D(u) = sin(pi v) / (pi v (v + 1)), u = v (v + 1). Expected values:
/// tests/data/limit_laws.json.
/// # Example
/// ```
/// // The 5 % point of Anderson, Darling, 1954: 2.492.
/// let p = driftline::math::anderson_darling_log_sf(2.492).exp();
/// assert!((p - 0.05).abs() < 1e-4);
/// ```
pub fn anderson_darling_log_sf(x: f64) -> f64 {
    let law = Law {
        slope: |v, s| s * (2.0 * v + s + 1.0),
        factor: |v: f64| (2.0 * v + 1.0) / (v * (v + 1.0)) * (PI * v * (v + 1.0)).sqrt(),
        first: 2.0,
    };
    law.log_sf(x)
}

/// A law whose determinant has its zeros at the integers v = 1, 2, ...
struct Law<S, F> {
    /// u(v + s) - u(v).
    slope: S,
    /// u'(v) / u(v) / sqrt(D(v) / sin(pi v)).
    factor: F,
    /// u(1).
    first: f64,
}

impl<S: Fn(f64, f64) -> f64, F: Fn(f64) -> f64> Law<S, F> {
    fn log_sf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        if x <= 0.0 {
            return 0.0;
        }
        if x.is_infinite() {
            return f64::NEG_INFINITY;
        }
        let mut total = 0.0;
        let mut sign = 1.0;
        for k in 0..40u32 {
            // The factor exp(-x u(1) / 2) is taken out of every term.
            let v = f64::from(2 * k + 1);
            let offset = 0.5 * x * (self.slope)(1.0, v - 1.0);
            if offset > NEGLIGIBLE {
                return (total / PI).ln().min(0.5 * x * self.first) - 0.5 * x * self.first;
            }
            total += sign * self.term(x, v, offset);
            sign = -sign;
        }
        // The probability of less is below exp(-45).
        0.0
    }

    /// The integral of exp(-x (u - u(1)) / 2) / (u sqrt|D|) from u(v) to u(v + 1).
    fn term(&self, x: f64, v: f64, offset: f64) -> f64 {
        let exponent = |s: f64| 0.5 * x * (self.slope)(v, s);
        // s = sin(angle / 2)^2, as far as the integrand is not negligible.
        let mut angle = PI;
        if exponent(1.0) > NEGLIGIBLE {
            let mut s = NEGLIGIBLE / exponent(1.0);
            // u is convex in v: the chord is too short.
            while exponent(s) < NEGLIGIBLE && s < 1.0 {
                s *= 1.25;
            }
            angle = 2.0 * s.min(1.0).sqrt().asin();
        }
        let step = angle / f64::from(NODES);
        let mut total = 0.0;
        for i in 0..NODES {
            let half = 0.5 * (f64::from(i) + 0.5) * step;
            let (sine, cosine) = half.sin_cos();
            let (s, rest) = (sine * sine, cosine * cosine);
            let wave = (PI * s.min(rest)).sin();
            total += (-exponent(s)).exp() * (self.factor)(v + s) * sine * cosine / wave.sqrt();
        }
        total * step * (-offset).exp()
    }
}
