//! The exact two-sample Kolmogorov-Smirnov distribution, by lattice paths.

use super::binomial::{central_ratio, log_central_ratio};
use super::hypergeometric::ln_binomial;
use super::kolmogorov::{kolmogorov_log_sf, kstwo_log_sf};
use super::smirnov::smirnov_log_sf;
use super::wide::{Share, Wide};

/// Which deviations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Those of one sign.
    One,
    /// Those of either sign.
    Both,
}

/// Below this, a `f64` may have lost digits on the way.
const UNDERFLOW: f64 = 1e-290;
/// From z = 3 on, less than exp(-54) of the paths that touch one border touch
/// the other one too.
const ONE_BORDER: f64 = 3.0;
/// Exponent of what is left out; 41 would do for the limit.
const LEFT_OUT: f64 = 60.0;
/// From so many times as large, a sample is a known distribution, nearly.
const MANY_TIMES: u64 = 50;
/// With fewer values the whole lattice is small, and the limit is far.
const FEW: i128 = 100;

/// P(D >= h / lcm(n, m)) for two samples of `n` and `m` values without ties
/// from one continuous distribution; 1 for `h = 0`.
///
/// Relative error below 1e-11 down to 1e-290: every term is positive, nothing
/// overflows. Where SciPy's `method="exact"` overflows and falls back to an
/// approximation (one-sided, unequal sizes, from about 500 values on), this
/// stays exact.
///
/// # Cost
/// O(1 + sqrt(n) / h) for `n = m`. Otherwise O((n + m) sqrt(nm / (n + m)) w)
/// lattice points at about 1 ns, at most n m of them: the width w is 2 z for
/// both sides and z below 3, else z + min(4, 15 / z), with
/// z = D sqrt(nm / (n + m)).
/// # Source
/// Equal sizes: Gnedenko, Korolyuk, 1951, in the nested form of SciPy's
/// `_compute_prob_outside_square`. Otherwise the recursion of Hodges, The
/// significance probability of the Smirnov two-sample test, 1958, section 2,
/// on shares of paths instead of their numbers. Paths that first fall by a and
/// then rise to b are exp(-2 a^2 - 4 a b) of those that rise to b (reflection
/// principle): one side needs no lattice beyond that. Expected values (rational
/// arithmetic): tests/data/math.json, tests/data/limit_laws.json.
/// # Example
/// ```
/// use driftline::math::{Sides, smirnov_two_sample_sf};
/// // Disjoint samples of 2 and 3 values: 2 of the 10 orders are this extreme.
/// let p = smirnov_two_sample_sf(2, 3, 6, Sides::Both);
/// assert!((p - 0.2).abs() < 1e-15);
/// ```
pub fn smirnov_two_sample_sf(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    if h == 0 {
        1.0
    } else if n == m {
        match sides {
            Sides::One => central_ratio(n, h),
            Sides::Both => 2.0 * central_ratio(n, h) * (1.0 - inner(n, h)),
        }
        .min(1.0)
    } else if h >= n / gcd(n, m) * m {
        disjoint(n, m, h, sides).exp()
    } else {
        unequal_sizes::<f64>(n, m, h, sides).min(1.0)
    }
}

/// How many lattice points [`smirnov_two_sample_sf`] visits, about; 0 where it
/// needs none.
pub fn smirnov_two_sample_cost(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    let (a, b) = (n as f64, m as f64);
    if n == m || h == 0 || h >= n / gcd(n, m) * m {
        return 0.0;
    }
    let z = h as f64 * gcd(n, m) as f64 / (a * b * (a + b)).sqrt();
    let width = if sides == Sides::Both && z < ONE_BORDER {
        2.0 * z
    } else {
        (z * z + 0.5 * LEFT_OUT).sqrt()
    };
    (a * b).min((a + b) * width * (a * b / (a + b)).sqrt())
}

/// ln P(D >= 1): one order of all for each side.
fn disjoint(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    if h > n / gcd(n, m) * m {
        return f64::NEG_INFINITY;
    }
    let orders = if sides == Sides::Both { 2f64 } else { 1.0 };
    orders.ln() - ln_binomial(n + m, n)
}

/// The natural logarithm of [`smirnov_two_sample_sf`], finite wherever the
/// probability is not 0, however small.
///
/// # Cost
/// That of the probability; some three times that below 1e-290.
/// # Example
/// ```
/// use driftline::math::{Sides, smirnov_two_sample_log_sf};
/// // One order of the C(4000, 2000).
/// let ln = smirnov_two_sample_log_sf(2000, 2000, 2000, Sides::One);
/// assert!((ln + 2768.2158).abs() < 1e-4);
/// ```
pub fn smirnov_two_sample_log_sf(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    let p = smirnov_two_sample_sf(n, m, h, sides);
    if p > UNDERFLOW {
        return p.ln();
    }
    if n != m {
        return if h >= n / gcd(n, m) * m {
            disjoint(n, m, h, sides)
        } else {
            unequal_sizes::<Wide>(n, m, h, sides).ln()
        };
    }
    match sides {
        Sides::One => log_central_ratio(n, h),
        Sides::Both => log_central_ratio(n, h) + (2.0 * (1.0 - inner(n, h))).ln(),
    }
}

/// 1 minus this, of the paths that touch one border, count for two-sided tests.
fn inner(n: u64, h: u64) -> f64 {
    // Beyond 8 sqrt(n), ratios to the middle are below 1e-27.
    let last = (n / h).min((8.0 * (n as f64).sqrt() / h as f64) as u64 + 2);
    let ratio = |k: u64| {
        if (k + 1) * h > n {
            0.0
        } else {
            (log_central_ratio(n, (k + 1) * h) - log_central_ratio(n, k * h)).exp()
        }
    };
    (1..=last).rev().fold(0.0, |p, k| ratio(k) * (1.0 - p))
}

/// Walks the anti-diagonals s = x + y of the lattice. `share[x]` is the share
/// of the paths from (0, 0) to (x, s - x) that have touched the border, where
/// it is 1; each comes from (x - 1, y) with probability x / s, otherwise from
/// (x, y - 1).
fn unequal_sizes<S: Share>(n: u64, m: u64, h: u64, sides: Sides) -> S {
    // The wider direction is x; both laws are symmetric in the sizes.
    let (m, n) = if m < n { (n, m) } else { (m, n) };
    let g = gcd(m, n);
    let (mg, ng) = ((m / g) as i128, (n / g) as i128);
    let (m, n, h) = (m as i128, n as i128, h as i128);
    let per_step = g as f64 / ((m * n) as f64 * (m + n) as f64).sqrt();
    let z = h as f64 * per_step;
    let small = n < FEW;
    let both = sides == Sides::Both && (small || z < ONE_BORDER);
    let factor = if sides == Sides::Both && !both {
        2.0
    } else {
        1.0
    };
    // How far down the lattice reaches, and what is known there.
    let (depth, floor) = if both {
        (Some(h), S::ONE)
    } else if small {
        (None, S::ZERO)
    } else {
        let fall = (z * z + 0.5 * LEFT_OUT).sqrt() - z;
        (Some((fall / per_step) as i128 + 1), S::ZERO)
    };
    // One slot on either side of 0..=m, so that neighbours always exist.
    let mut old = vec![S::ONE; m as usize + 3];
    let mut new = old.clone();
    old[0] = floor;
    old[1] = S::ZERO;
    for s in 1..=m + n {
        // Inside: -depth < x ng - (s - x) mg < h, that is of x (ng + mg) - s mg.
        let lowest = depth.map_or(0, |depth| (s * mg - depth).div_euclid(mg + ng) + 1);
        let highest = (s * mg + h - 1).div_euclid(mg + ng);
        let low = lowest.max(s - n).max(0) as usize;
        let high = highest.min(s).min(m);
        if high < low as i128 {
            // Every path has touched the border.
            return S::ONE;
        }
        let high = high as usize;
        let (total, per) = (s as f64, 1.0 / s as f64);
        let row = new[low + 1..=high + 1]
            .iter_mut()
            .zip(old[low..=high + 1].windows(2));
        for (x, (cell, from)) in (low..).zip(row) {
            let x = x as f64;
            *cell = from[0].mix(x * per, from[1], (total - x) * per);
        }
        // Beyond the range lies a border, or nothing that has any weight.
        new[low] = floor;
        new[high + 2] = S::ONE;
        std::mem::swap(&mut old, &mut new);
    }
    old[m as usize + 1].mix(factor, S::ZERO, 1.0)
}

/// ln P(D >= h / lcm(n, m)) by Kolmogorov's and Smirnov's limit laws, corrected
/// for the lattice; for a sample 50 times as large as the other, by the law of the
/// smaller one against a known distribution.
///
/// # Cost
/// O(1), or that of [`kstwo_log_sf`].
/// # Source
/// Hodges, The significance probability of the Smirnov two-sample test, 1958,
/// equation 5.3, as a shift of z for one side and both; less half a step where
/// the sizes have a common divisor, so that equal sizes need none.
pub fn smirnov_two_sample_limit_log_sf(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    if h == 0 {
        return 0.0;
    }
    let g = gcd(n, m) as f64;
    let (a, b) = (n as f64, m as f64);
    if n.max(m) / n.min(m).max(1) >= MANY_TIMES {
        return against_many(n, m, h, sides);
    }
    let z = lighter(
        n,
        m,
        (h as f64 + overshoot(n, m)) * g / (a * b * (a + b)).sqrt(),
    );
    match sides {
        Sides::One => -2.0 * z * z,
        Sides::Both => kolmogorov_log_sf(z),
    }
}

/// The one-sample law of the `few` values, at the distance whose power (1 - d)^few
/// is the probability that only the last of them decides: the product of
/// (c + i) / (many + i) over i = 1 .. few, with c of the many beyond all few.
/// Exact where D is so large that one place alone can reach it, and right to the
/// first order of few / many elsewhere.
fn against_many(n: u64, m: u64, h: u64, sides: Sides) -> f64 {
    let (few, many) = (n.min(m), n.max(m));
    let lcm = u128::from(many) * u128::from(few / gcd(n, m));
    let Some(left) = lcm.checked_sub(u128::from(h)) else {
        return f64::NEG_INFINITY;
    };
    let mut rest = left as f64 / lcm as f64 * many as f64;
    if rest * (few as f64) < many as f64 {
        // Only the last one can decide, and its place is an integer; rounded
        // down but for the rounding above.
        rest = (rest * (1.0 + 4.0 * f64::EPSILON)).floor();
    }
    // ln of a product is ln Gamma but for its cancellation; a midpoint rule of
    // many steps where `few` is large.
    let steps = few.min(256);
    let width = few as f64 / steps as f64;
    let mean: f64 = (0..steps)
        .map(|i| {
            let at = (i as f64 + 0.5) * width + 0.5;
            ((rest + at) / (many as f64 + at)).ln()
        })
        .sum::<f64>()
        / steps as f64;
    let distance = -mean.exp_m1();
    match sides {
        Sides::One => smirnov_log_sf(few, distance),
        Sides::Both => kstwo_log_sf(few, distance),
    }
}

/// How far, in steps of 1 / lcm(n, m), a lattice path overshoots a border on
/// average: (a + 2b) / 6 - 1/2, with a >= b the sizes over their greatest common
/// divisor (Hodges, 1958, equation 5.3; the half makes it 0 for equal sizes).
pub(super) fn overshoot(n: u64, m: u64) -> f64 {
    let g = gcd(n, m);
    let (large, small) = ((n.max(m) / g) as f64, (n.min(m) / g) as f64);
    (large + 2.0 * small) / 6.0 - 0.5
}

/// z such that 2 z^2 grows by (4/9) (1 - nm / N^2) z^4 N / nm: the first order of
/// the entropy of the most likely path beyond the Gaussian one, so that the tail
/// is as light as that of finite samples.
pub(super) fn lighter(n: u64, m: u64, z: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let total = n + m;
    let bend = 4.0 / 9.0 * (1.0 - n * m / (total * total)) * total / (n * m);
    z * (1.0 + 0.5 * bend * z * z).sqrt()
}

pub(crate) fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
