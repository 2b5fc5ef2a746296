//! From the limit laws to finite samples without ties.

use std::f64::consts::PI;

use super::Weighting;
use super::limit::{anderson_darling_log_sf, cramer_von_mises_log_sf};

/// The formula of the deviation has poles at 1, 2 and 3 values.
const FEWEST: f64 = 4.0;

/// How much lighter the tail of finite samples is: ln P falls by
/// `bend` L^2 more than the limit law's L.
///
/// First order of the entropy of an arrangement beyond the Gaussian one, at the
/// most likely path: y = a sin(pi t) for Cramer-von Mises, a t (1 - t) for
/// Anderson-Darling, with the share of one sample p = n / N, q = 1 - p:
/// N (1/p^3 + 1/q^3) / 12 times the integral of y'^4, less what the cubic term
/// gains by moving the path.
pub(super) fn bend(weighting: Weighting, n: f64, m: f64) -> f64 {
    let total = n + m;
    match weighting {
        Weighting::CramerVonMises => (1.0 - n * m / (total * total)) * total / (6.0 * n * m),
        Weighting::AndersonDarling => 0.6 / total,
    }
}

/// What this adds to a deviation from the mean, such that neither the mean nor the
/// variance changes at first order.
pub(super) fn bend_of(deviation: f64, variance: f64, third: f64, bend: f64) -> f64 {
    bend * (deviation * deviation - third / variance * deviation - variance)
}

/// ln P(T >= `statistic`) for two samples of `n` and `m` values without ties:
/// the limit law, moved and scaled to the exact mean and variance of T, with the
/// lighter tail of finite samples.
///
/// Measured against the exact law: tests/core/limit_laws.rs.
///
/// # Cost
/// That of [`cramer_von_mises_log_sf`].
/// # Source
/// Anderson, On the distribution of the two-sample Cramer-von Mises criterion,
/// 1962, section 4 (moments). The tail: see the comment in the code.
pub fn cramer_von_mises_two_sample_log_sf(n: u64, m: u64, statistic: f64) -> f64 {
    let deviation = cramer_von_mises_standard(n, m, statistic);
    // Sums of (j pi)^-4 and (j pi)^-6.
    let (variance, third) = (1.0 / 45.0, 8.0 / 945.0);
    let bend = bend(Weighting::CramerVonMises, n as f64, m as f64) * 0.5 * PI * PI;
    cramer_von_mises_log_sf(1.0 / 6.0 + deviation + bend_of(deviation, variance, third, bend))
}

/// ln P(T >= `statistic`) as SciPy's `method="asymptotic"`: the limit law at T
/// moved and scaled to the exact mean and variance, nothing else.
///
/// # Cost
/// That of [`cramer_von_mises_log_sf`].
/// # Source
/// Anderson, 1962, section 4; SciPy's `cramervonmises_2samp`, whose series of
/// the limit law stops at 1e-7.
pub fn cramer_von_mises_asymptotic_log_sf(n: u64, m: u64, statistic: f64) -> f64 {
    cramer_von_mises_log_sf(1.0 / 6.0 + cramer_von_mises_standard(n, m, statistic))
}

/// T - E T in the unit of the limit.
fn cramer_von_mises_standard(n: u64, m: u64, statistic: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let (total, product) = (n + m, n * m);
    let mean = (1.0 + 1.0 / total) / 6.0;
    // Anderson, 1962, equation 4.3
    let variance = (total + 1.0) * (4.0 * product * total - 3.0 * (n * n + m * m) - 2.0 * product)
        / (45.0 * total * total * 4.0 * product);
    if variance <= 0.0 {
        return 0.0;
    }
    (statistic - mean) / (45.0 * variance).sqrt()
}

/// The standard deviation of the two-sample Anderson-Darling statistic without
/// ties, exactly; that of the limit for less than 4 values, where the formula
/// has poles.
///
/// # Cost
/// O(1) from 100 values on.
/// # Source
/// Scholz, Stephens, K-sample Anderson-Darling tests, 1987, equation 4, with
/// k = 2. Its double sum is H2(N) - (H(N) + H(N - 1)) / N, by the convolution of
/// harmonic numbers.
/// # Example
/// ```
/// // The limit: 2 (pi^2 / 3 - 3).
/// let sigma = driftline::math::anderson_darling_sigma(1_000_000, 1_000_000);
/// assert!((sigma * sigma - 0.579_736).abs() < 1e-4);
/// ```
pub fn anderson_darling_sigma(n: u64, m: u64) -> f64 {
    let total = (n + m) as f64;
    if total < FEWEST {
        return (2.0 * (PI * PI / 3.0 - 3.0)).sqrt();
    }
    let sizes = 1.0 / n as f64 + 1.0 / m as f64;
    let (h, squares) = harmonic(n + m - 1);
    let g = squares + 1.0 / (total * total) - (2.0 * h + 1.0 / total) / total;
    let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * sizes;
    let b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * sizes - 8.0 * h
        + 4.0 * g
        - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * 4.0
        + (4.0 * h - 4.0 * g + 6.0) * 2.0
        + (2.0 * h - 6.0) * sizes
        + 4.0 * h;
    let d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
    let poles = (total - 1.0) * (total - 2.0) * (total - 3.0);
    ((((a * total + b) * total + c) * total + d) / poles).sqrt()
}

/// The sums of 1/i and 1/i^2 up to `last`.
fn harmonic(last: u64) -> (f64, f64) {
    if last < 100 {
        return (1..=last).rev().fold((0.0, 0.0), |(h, squares), i| {
            let i = i as f64;
            (h + 1.0 / i, squares + 1.0 / (i * i))
        });
    }
    // NIST DLMF 5.11.2 and 5.15.8
    const EULER: f64 = 0.577_215_664_901_532_9;
    let w = last as f64;
    let v = 1.0 / (w * w);
    (
        EULER + w.ln() + 0.5 / w - v * (1.0 / 12.0 - v * (1.0 / 120.0 - v / 252.0)),
        PI * PI / 6.0 - 1.0 / w + 0.5 * v - v / w * (1.0 / 6.0 - v * (1.0 / 30.0 - v / 42.0)),
    )
}

/// ln P(A^2 >= `statistic`) for two samples of `n` and `m` values without ties:
/// the limit law, scaled to the exact variance of A^2, with the lighter tail of
/// finite samples. `deviation` is the standard deviation of A^2:
/// [`anderson_darling_sigma`] for large samples; that of the mid-rank version
/// ([`QuadraticForm::variance`](super::QuadraticForm::variance)) is better for
/// small ones.
///
/// Measured against the exact law: tests/core/limit_laws.rs.
///
/// # Cost
/// That of [`anderson_darling_log_sf`].
/// # Source
/// Scholz, Stephens, 1987, equations 3 and 4 (mean and variance). The tail: as
/// in [`cramer_von_mises_two_sample_log_sf`].
pub fn anderson_darling_two_sample_log_sf(n: u64, m: u64, statistic: f64, deviation: f64) -> f64 {
    // Sums of (j (j + 1))^-2 and ^-3.
    let variance = 2.0 * (PI * PI / 3.0 - 3.0);
    let third = 8.0 * (10.0 - PI * PI);
    let deviation = (statistic - 1.0) / deviation * variance.sqrt();
    let bend = bend(Weighting::AndersonDarling, n as f64, m as f64);
    anderson_darling_log_sf(1.0 + deviation + bend_of(deviation, variance, third, bend))
}
