//! Effects of the counts of two samples in categories.

use std::f64::consts::PI;

use super::{EffectSize, Effects, Level};
use crate::error::{Error, Result};
use crate::math::{self, noncentral_chi_square_cdf};

/// The effect sizes of two samples counted in the same categories, with
/// intervals of confidence `level`.
///
/// `share_moved`: total variation, half the sum of |p - q| over the
/// categories' shares. Chance alone moves some rows: the upper end adds z
/// standard errors, at most sqrt(1/n + 1/m) / 2 each; the lower end takes them
/// off, and the largest bias that chance can have, the sum over the categories
/// of sqrt(2 v / pi) / 2 with v = p (1 - p) / n + q (1 - q) / m.
///
/// `cramers_v`: sqrt(X^2 / (n + m)), 0 to 1, without Yates' correction; the
/// interval inverts the noncentral chi-square law and is widened by the
/// standard error of the delta method where that is larger (rare categories,
/// unequal sizes). Left out where only one category occurs.
///
/// # Shapes
/// `baseline`, `current`: (k,), k >= 1, the counts of the same categories in
/// the same order; each with one value or more.
/// # Cost
/// O(k), and sums of O(sqrt(X^2)) terms.
/// # Errors
/// `InvalidValue` for different lengths or a `level` outside 0 to 1;
/// `EmptySample` for counts that are all 0.
/// # Source
/// Levin, Peres, Wilmer, Markov Chains and Mixing Times, 2009, proposition 4.2
/// (total variation); the bias by Jensen's inequality, the standard error by
/// the Gaussian Poincare inequality. Smithson, Confidence Intervals, 2003,
/// chapter 4 (noncentral chi-square); Bishop, Fienberg, Holland, Discrete
/// Multivariate Analysis, 1975, section 14.6 (delta method).
/// # Example
/// ```
/// let effects = driftline::drift::effects_of_counts(&[50, 50], &[70, 30], 0.95)?;
/// let share_moved = effects.get("share_moved").unwrap();
/// assert!((share_moved.value - 0.2).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn effects_of_counts(baseline: &[u64], current: &[u64], level: f64) -> Result<Effects> {
    let level = Level::new(level)?;
    if baseline.len() != current.len() {
        let got = format!("{} categories", current.len());
        let allowed = format!("{}, as baseline has", baseline.len());
        return Err(Error::invalid_value("current", got, allowed));
    }
    let total = |argument, counts: &[u64]| {
        let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
        if total == 0 {
            return Err(Error::empty_sample(argument, "no counts"));
        }
        Ok(total)
    };
    let (n, m) = (total("baseline", baseline)?, total("current", current)?);
    let moved = total_variation((baseline, n), (current, m), level);
    let v = cramers_v((baseline, n as f64), (current, m as f64), level);
    Ok(v.into_iter().chain([moved]).collect())
}

fn cramers_v(
    (baseline, n): (&[u64], f64),
    (current, m): (&[u64], f64),
    level: Level,
) -> Option<EffectSize> {
    let all = n + m;
    let (a, b) = (n / all, m / all);
    // The measure's terms, and its slope in each share.
    let (mut terms, mut slopes) = (Vec::new(), Vec::new());
    for (&count, &other) in baseline.iter().zip(current) {
        let (p, q) = (count as f64 / n, other as f64 / m);
        let together = a * p + b * q;
        if together > 0.0 {
            let d = (p - q) / together;
            terms.push(a * b * d * d * together);
            slopes.push((p, d * (2.0 - a * d), q, d * (2.0 + b * d)));
        }
    }
    let df = terms.len().checked_sub(1).filter(|&df| df > 0)? as f64;
    let square = math::sum(&terms).min(1.0);
    let v = square.sqrt();
    let spread = variance(slopes.iter().map(|s| (s.0, s.1))) / n
        + variance(slopes.iter().map(|s| (s.2, s.3))) / m;
    let error = (a * b * spread.sqrt() / (2.0 * v) * all.sqrt()).max(1.0);
    let widened = if v > 0.0 { error } else { 1.0 };
    // A table more even than most without association says no more than those.
    let statistic = all * square;
    let even = df * (1.0 - 2.0 / (9.0 * df)).powi(3);
    let end = |p: f64, x: f64| (noncentrality(p, x, df) / all).sqrt();
    let low = end(1.0 - level.alpha() / 2.0, statistic);
    let high = end(level.alpha() / 2.0, statistic.max(even));
    let (low, high) = (v - widened * (v - low), v + widened * (high - v));
    Some(level.effect("cramers_v", v, low.max(0.0), high.min(1.0)))
}

/// Of values with weights that sum to 1.
fn variance(weighted: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let mean: f64 = weighted.clone().map(|(weight, x)| weight * x).sum();
    weighted
        .map(|(weight, x)| weight * (x - mean).powi(2))
        .sum()
}

/// The noncentrality for which a noncentral chi-square variable is below `x`
/// with probability `p`; 0 where it is with less even for 0.
fn noncentrality(p: f64, x: f64, df: f64) -> f64 {
    let below = |centre: f64| noncentral_chi_square_cdf(x, df, centre) > p;
    if !below(0.0) {
        return 0.0;
    }
    // Six standard deviations are beyond any level that a f64 tells from 1.
    let (mut low, mut high) = (0.0, x + 40.0 * (x + df + 40.0).sqrt());
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

fn total_variation(
    (baseline, n): (&[u64], u128),
    (current, m): (&[u64], u128),
    level: Level,
) -> EffectSize {
    let (size_n, size_m) = (n as f64, m as f64);
    let mut moved = 0.0;
    let mut bias = 0.0;
    for (&b, &c) in baseline.iter().zip(current) {
        // One rounding, also where the shares are nearly equal.
        let cross = (u128::from(b) * m).abs_diff(u128::from(c) * n);
        moved += cross as f64 / (size_n * size_m);
        let variance = |count: u64, size: f64| {
            let share = count as f64 / size;
            share * (1.0 - share) / size
        };
        bias += (2.0 / PI * (variance(b, size_n) + variance(c, size_m))).sqrt();
    }
    let (value, bias) = ((moved / 2.0).min(1.0), bias / 2.0);
    let reach = level.quantile(f64::INFINITY) * (1.0 / size_n + 1.0 / size_m).sqrt() / 2.0;
    let (low, high) = ((value - bias - reach).max(0.0), (value + reach).min(1.0));
    level.effect("share_moved", value, low, high)
}
