//! The z-test of two proportions: has the share of one category moved.
//!
//! Looks at one category against all others; where any of several may have
//! moved, [`ChiSquare`](crate::drift::ChiSquare) looks at all.

use super::chi_square::{CountMethod, NO_CHOICE};
use super::counts::{Cell, CountTable, Counts};
use super::definition::{check_draws, in_direction, parameters};
use super::null::{self, Draws, Measure, two_by_two};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::{Alternative, Outcome, PValue};
use crate::error::Result;
use crate::math;

parameters! {
    /// z-test of two proportions, with the pooled variance.
    ///
    /// z = (p - q) / sqrt(r (1 - r) (1/n + 1/m)), p, q and r the shares of
    /// successes in the baseline, the current sample and both together: that of
    /// statsmodels' `proportions_ztest`. **Negative when the current share is
    /// higher**; `alternative="less"`: the baseline's share is less. A success
    /// is the last category in ascending order that the baseline has: 1 of 0
    /// and 1, True, "yes" of "no" and "yes"; everything else is a failure.
    /// Numbers of more than two values are halved at the baseline's median
    /// (`bins=2`). The effect size is |p - q|, the share of rows moved.
    ///
    /// `method="asymptotic"`: the normal law. `"permutation"`: exact, over all
    /// tables with the same totals. `"auto"`: exact when an expected count is
    /// below 5. One category in all: z is 0, p is 1.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// O(n log n) in `fit`, O(m) per call.
    /// # Errors
    /// As [`ChiSquare`](crate::drift::ChiSquare).
    /// # Source
    /// Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions,
    /// 2003, section 3.2. Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, TwoProportionZ};
    /// let outcome = TwoProportionZ::default().judge_counts(&Counts::new(&[60, 40], &[40, 60])?)?;
    /// assert!((outcome.statistic + 8f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct TwoProportionZ {
        /// Which differences count.
        alternative: Alternative = Alternative::TwoSided,
        /// How the p-value is found.
        method: CountMethod = CountMethod::Auto,
        /// Tables to draw where bins are at quantiles, 99 to 10,000,000.
        n_permutations: usize = 9_999,
        /// Of the draws.
        seed: u64 = 0,
    }
    bins = 2;
    check(self) { check_draws(self.n_permutations) }
}

/// Failures and successes; `None` when all values are either.
fn halves(counts: &Counts<'_>) -> Option<(Cell, Cell)> {
    let success = counts.cells().filter(|&(b, _)| b > 0).last()?;
    let (n, m) = (counts.n_baseline(), counts.n_current());
    let failure = (n - success.0, m - success.1);
    (failure != (0, 0)).then_some((failure, success))
}

/// z, for the counts of successes.
fn z(counts: &Counts<'_>, failure: Cell, success: Cell) -> f64 {
    let spread = (success.0 + success.1) as f64 * (failure.0 + failure.1) as f64;
    let all = (counts.n_baseline() + counts.n_current()) as f64;
    counts.difference(success) * (all / (spread * counts.product())).sqrt()
}

impl CategoricalDefinition for TwoProportionZ {
    const NAME: &'static str = "two_proportion_z";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "share_moved";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let Some((failure, success)) = halves(counts) else {
            return Ok(NO_CHOICE);
        };
        let (ours, theirs) = ([failure.0, success.0], [failure.1, success.1]);
        let table = Counts::new(&ours, &theirs)?.cut(counts.origin());
        let z = z(counts, failure, success);
        let p_value = if self.method.is_asymptotic(&table) {
            match self.alternative {
                Alternative::TwoSided => {
                    PValue::from_ln(math::normal_log_sf(z.abs()) + std::f64::consts::LN_2)
                }
                Alternative::Less => PValue::from_ln(math::normal_log_sf(-z)),
                Alternative::Greater => PValue::from_ln(math::normal_log_sf(z)),
            }
        } else {
            match self.alternative {
                Alternative::TwoSided => {
                    let draws = Draws {
                        number: self.n_permutations,
                        seed: self.seed,
                    };
                    null::p_value(&table, Measure::Pearson, draws)
                }
                Alternative::Less => two_by_two::at_most(success, failure),
                Alternative::Greater => two_by_two::at_least(success, failure),
            }
        };
        Ok(Outcome {
            statistic: z,
            distance: in_direction(self.alternative, z),
            p_value: Some(p_value),
            effect_size: table.share_moved(),
            df: None,
        })
    }

    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        let halves = halves(counts);
        let z = halves.map_or(0.0, |(failure, success)| z(counts, failure, success));
        Ok(in_direction(self.alternative, z))
    }

    fn judged_counts(&self, counts: &Counts<'_>) -> CountTable {
        match halves(counts) {
            Some((failure, success)) => [failure, success].into_iter().collect(),
            None => counts.cells().collect(),
        }
    }
}
