//! Effects of the counts of two samples in categories.

use std::f64::consts::PI;

use super::{EffectSize, Effects, Level};
use crate::error::{Error, Result};

/// The effect sizes of two samples counted in the same categories, with
/// intervals of confidence `level`.
///
/// `share_moved`: total variation, half the sum of |p - q| over the
/// categories' shares. Chance alone moves some rows: the upper end adds z
/// standard errors, at most sqrt(1/n + 1/m) / 2 each; the lower end takes them
/// off, and the largest bias that chance can have, the sum over the categories
/// of sqrt(2 v / pi) / 2 with v = p (1 - p) / n + q (1 - q) / m.
///
/// # Shapes
/// `baseline`, `current`: (k,), k >= 1, the counts of the same categories in
/// the same order; each with one value or more.
/// # Cost
/// O(k).
/// # Errors
/// `InvalidValue` for different lengths or a `level` outside 0 to 1;
/// `EmptySample` for counts that are all 0.
/// # Source
/// Levin, Peres, Wilmer, Markov Chains and Mixing Times, 2009, proposition 4.2
/// (total variation); the bias by Jensen's inequality, the standard error by
/// the Gaussian Poincare inequality.
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
    Ok(Effects(vec![total_variation(
        (baseline, n),
        (current, m),
        level,
    )]))
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
