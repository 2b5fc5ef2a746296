//! Which of many claims hold, and the level of the intervals that say the same.

use super::options::Correction;
use crate::drift::{Adjustment, adjust, adjust_weighted, harmonic};
use crate::error::Result;

/// P-values corrected for their number; NaN (none) is not counted.
pub(super) fn corrected(
    p_values: &[f64],
    weights: &[f64],
    correction: Correction,
) -> Result<Vec<f64>> {
    match correction.adjustment() {
        None => Ok(p_values.to_vec()),
        Some(method) => adjust_weighted(p_values, weights, method),
    }
}

/// Claims on the columns of a family, such as "this one moved by more".
#[derive(Debug)]
pub(super) struct Claims {
    /// Whether each holds.
    pub(super) hold: Vec<bool>,
    /// Each column's share of alpha: the claim holds where its p-value is below.
    pub(super) alphas: Vec<f64>,
}

impl Claims {
    /// The claims that hold at `alpha`, `weights` of mean 1.
    ///
    /// The share of alpha of Benjamini-Hochberg is alpha w r / k (at most alpha), r the
    /// number of claims that hold: an interval of that level misses the truth in a share of
    /// at most alpha of the columns that were selected (Benjamini, Yekutieli, False
    /// discovery rate-adjusted multiple confidence intervals for selected parameters, 2005,
    /// theorem 1). Of Holm and Hochberg it is the one of their last step, at which the
    /// same claims hold.
    pub(super) fn new(
        p_values: &[f64],
        weights: &[f64],
        correction: Correction,
        alpha: f64,
    ) -> Result<Self> {
        let adjusted = corrected(p_values, weights, correction)?;
        let hold: Vec<bool> = adjusted.iter().map(|p| *p < alpha).collect();
        let count = adjusted.iter().filter(|p| !p.is_nan()).count();
        let number = hold.iter().filter(|holds| **holds).count().max(1) as f64;
        let counted = || p_values.iter().zip(weights).filter(|(p, _)| !p.is_nan());
        // The weights of those that count, of which the mean is 1 where all do.
        let total = counted().fold(0.0, |sum, (_, weight)| sum + weight);
        let total = if total > 0.0 { total } else { 1.0 };
        let share = |weight: f64| match correction {
            Correction::None => 1.0,
            Correction::Bonferroni => weight / total,
            Correction::Bh => (weight * number / total).min(1.0),
            Correction::By => (weight * number / total).min(1.0) / harmonic(count),
            Correction::Holm | Correction::Hochberg => {
                (weight / left(p_values, weights, &hold)).min(1.0)
            }
        };
        let alphas = weights.iter().map(|&weight| alpha * share(weight));
        Ok(Self {
            alphas: alphas.collect(),
            hold,
        })
    }
}

/// The weight that the last step shares alpha among: of the claims that do not hold, and of
/// the last that does.
fn left(p_values: &[f64], weights: &[f64], hold: &[bool]) -> f64 {
    let each = || p_values.iter().zip(weights).zip(hold);
    let rejected: f64 = each()
        .filter(|x| !x.1 && !x.0.0.is_nan())
        .map(|x| x.0.1)
        .sum();
    let last = each()
        .filter(|x| *x.1)
        .map(|((p, weight), _)| (p / weight, *weight))
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    let together = rejected + last.map_or(0.0, |last| last.1);
    if together > 0.0 { together } else { 1.0 }
}

/// How much of the whole weight has claims that hold by Holm's step-down at `alpha`.
pub(super) fn proven(p_values: &[f64], weights: &[f64], alpha: f64) -> Result<f64> {
    let equal = weights.iter().all(|weight| *weight == 1.0);
    let adjusted = if equal {
        adjust(p_values, Adjustment::Holm)?
    } else {
        adjust_weighted(p_values, weights, Adjustment::Holm)?
    };
    let held = adjusted.iter().zip(weights).filter(|(p, _)| **p < alpha);
    Ok(held.fold(0.0, |sum, (_, weight)| sum + weight) / weights.len().max(1) as f64)
}
