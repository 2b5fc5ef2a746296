//! The two-sample Kuiper distribution and its limit.

use std::f64::consts::PI;

use super::binomial::log_central_ratio;
use super::lattice::{gcd, lighter, overshoot};
use super::wide::{Share, Wide};

const UNDERFLOW: f64 = 1e-290;

/// ln P(sqrt(n m / (n + m)) V >= z) as the samples grow without limit; 0 for
/// `z <= 0`.
///
/// Relative error of the probability below 1e-12 as far as its logarithm
/// allows.
///
/// # Cost
/// O(1).
/// # Source
/// Kuiper, Tests concerning random points on a circle, 1960, equation 2.1; for
/// small z after Jacobi's transformation of the theta function. Expected
/// values: tests/data/limit_laws.json.
/// # Example
/// ```
/// // The 5 % point of Stephens, 1965, table 1: 1.747.
/// let p = driftline::math::kuiper_log_sf(1.747).exp();
/// assert!((p - 0.05).abs() < 1e-4);
/// ```
pub fn kuiper_log_sf(z: f64) -> f64 {
    if z.is_nan() {
        return f64::NAN;
    }
    if z <= 0.0 {
        return 0.0;
    }
    if z < 1.0 {
        let cdf: f64 = [1.0f64, 4.0, 9.0, 16.0]
            .iter()
            .map(|k2| k2 * (-k2 * PI * PI / (2.0 * z * z)).exp())
            .sum();
        return (-(2.0 * PI).sqrt() * PI * PI / (z * z * z) * cdf).ln_1p();
    }
    let square = z * z;
    // Relative to the first exponential.
    let term = |k2: f64| (4.0 * k2 * square - 1.0) * (-2.0 * (k2 - 1.0) * square).exp();
    let sum = term(1.0) + term(4.0) + term(9.0) + term(16.0);
    ((2.0 * sum).ln() - 2.0 * square).min(0.0)
}

/// ln P(V >= r / lcm(n, m)) for two samples of `n` and `m` values without ties
/// from one continuous distribution, V = max(F - G) + max(G - F), exactly;
/// 0 for `r` up to 1.
///
/// # Cost
/// O(1 + sqrt(n) / r) for `n = m`, otherwise O(n m): about 2 ns for each of
/// n m / 2 lattice points, some three times that below 1e-290.
/// # Source
/// Equal sizes: P = 2 sum over j of r c(j r) - (r + 1) c(j (r + 1)), where
/// c(i) = C(2n, n - i) / C(2n, n); that is the reflection principle for two
/// borders, summed over their places (as in Maag, Stephens, The V_NM two-sample
/// test, 1968). Unequal sizes: V does not change when the circle of all values
/// is turned, so that paths are counted which start in a lowest point; those
/// with k lowest points are counted k times, and sum e^k / k = -ln(1 - e), with
/// e the paths from one lowest point to the next. Expected values (enumeration):
/// tests/data/limit_laws.json.
/// # Example
/// ```
/// // Two samples of 3: all six turns of the order that separates them, of 20.
/// let p = driftline::math::kuiper_two_sample_log_sf(3, 3, 3).exp();
/// assert!((p - 0.3).abs() < 1e-15);
/// ```
pub fn kuiper_two_sample_log_sf(n: u64, m: u64, r: u64) -> f64 {
    if r <= 1 {
        return 0.0;
    }
    if n == m {
        return equal_sizes(n, r);
    }
    let p = unequal_sizes::<f64>(n, m, r);
    // Not a number where even the sums have vanished.
    if p > UNDERFLOW {
        return p.ln().min(0.0);
    }
    unequal_sizes::<Wide>(n, m, r).ln().min(0.0)
}

fn equal_sizes(n: u64, r: u64) -> f64 {
    if r > n {
        return f64::NEG_INFINITY;
    }
    let (size, range) = (n as f64, r as f64);
    let first = log_central_ratio(n, r);
    // r c(r) - (r + 1) c(r + 1), relative to c(r).
    let mut sum = (range * (2.0 * range + 2.0) - size) / (size + range + 1.0);
    let last = (8.0 * size.sqrt() / range) as u64 + 2;
    for j in 2..=last.min(n / r) {
        let ratio = |i: u64| (log_central_ratio(n, i) - first).exp();
        sum += range * ratio(j * r) - (range + 1.0) * ratio(j * (r + 1));
    }
    (first + (2.0 * sum).ln()).min(0.0)
}

/// Walks the anti-diagonals as the Kolmogorov-Smirnov law does, for random
/// steps to the right with probability m / (n + m): paths of either kind that
/// started in (0, 0) and were never below the diagonal since.
fn unequal_sizes<S: Share>(n: u64, m: u64, r: u64) -> S {
    let g = gcd(m, n);
    let (mg, ng) = ((m / g) as i128, (n / g) as i128);
    let (m, n, r) = (m as i128, n as i128, r as i128);
    let (right, up) = (m as f64 / (m + n) as f64, n as f64 / (m + n) as f64);
    // Paths within the range, and those that have left it; one slot below 0.
    let mut inside = vec![S::ZERO; m as usize + 2];
    let mut beyond = inside.clone();
    inside[1] = S::ONE;
    // Those that are back on the diagonal after each of g periods.
    let mut returns = Vec::new();
    let period = mg + ng;
    for s in 1..=m + n {
        // x (ng + mg) - s mg is the height above the diagonal.
        let low = ((s * mg + period - 1).div_euclid(period)).max(s - n) as usize;
        let high = s.min(m) as usize;
        let top = (s * mg + r - 1).div_euclid(period);
        for x in (low..=high).rev() {
            let old = inside[x].mix(right, inside[x + 1], up);
            let out = beyond[x].mix(right, beyond[x + 1], up);
            if x as i128 > top {
                inside[x + 1] = S::ZERO;
                beyond[x + 1] = out.mix(1.0, old, 1.0);
            } else {
                inside[x + 1] = old;
                beyond[x + 1] = out;
            }
        }
        // What is below the diagonal does not count.
        inside[low] = S::ZERO;
        beyond[low] = S::ZERO;
        if s % period == 0 {
            returns.push((inside[low + 1], beyond[low + 1]));
            inside[low + 1] = S::ZERO;
            beyond[low + 1] = S::ZERO;
        }
    }
    // Renewals: all returns after j periods, and those that left the range.
    let mut renewals = vec![(S::ONE, S::ZERO)];
    let combine = |renewals: &[(S, S)], j: usize, weight: &dyn Fn(usize) -> f64| {
        let (mut all, mut left) = (S::ZERO, S::ZERO);
        for i in 1..=j {
            let (stayed, strayed) = returns[i - 1];
            let (before, before_left) = renewals[j - i];
            let w = weight(i);
            let strayed_all = strayed.times(before);
            all = all
                .mix(1.0, stayed.times(before), w)
                .mix(1.0, strayed_all, w);
            left = left
                .mix(1.0, strayed_all, w)
                .mix(1.0, stayed.times(before_left), w);
        }
        (all, left)
    };
    let periods = returns.len();
    for j in 1..periods {
        let next = combine(&renewals, j, &|_| 1.0);
        renewals.push(next);
    }
    let (all, left) = combine(&renewals, periods, &|i| i as f64);
    left.over(all)
}

/// ln P(V >= r / lcm(n, m)) by the limit law, corrected for the lattice.
///
/// # Cost
/// O(1).
/// # Source
/// Kuiper, 1960, equation 2.1, whose term of the order of 1 / sqrt(n) is a shift
/// of z; for two samples by the mean overshoot of Hodges, The significance
/// probability of the Smirnov two-sample test, 1958, equation 5.3, at either
/// end, and half a step of the lattice. Measured against the exact law in
/// tests/core/limit_laws.rs.
pub fn kuiper_two_sample_limit_log_sf(n: u64, m: u64, r: u64) -> f64 {
    if r <= 1 {
        return 0.0;
    }
    let g = gcd(n, m) as f64;
    let (a, b) = (n as f64, m as f64);
    let step = g / (a * b * (a + b)).sqrt();
    let z = (r as f64 + 2.0 * overshoot(n, m) + 0.5) * step;
    kuiper_log_sf(lighter(n, m, z))
}
