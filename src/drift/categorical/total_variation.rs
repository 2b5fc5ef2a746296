//! Total variation: the share of rows that would have to change category.
//!
//! The one distance that reads as a share of the data. Grows by chance too, by
//! about sqrt((bins - 1) (1/n + 1/m) / 2 pi); blind to what moves inside a bin.

use super::counts::Counts;
use super::definition::{distance, parameters};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Total variation distance.
    ///
    /// Half the sum of |b - c| over the shares b and c: the share of rows that
    /// would have to change category, 0 to 1. Exact. Symmetric on labels and
    /// given edges. The effect size is itself, the share moved.
    ///
    /// Bins as those of [`PSI`](crate::drift::PSI); empty ones need no care.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// O(n log n) in `fit`, O(m) to O(m log bins) per call.
    /// # Errors
    /// As [`PSI`](crate::drift::PSI).
    /// # Source
    /// Levin, Peres & Wilmer, Markov Chains and Mixing Times, 2009, proposition
    /// 4.2. Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, TotalVariation};
    /// let outcome = TotalVariation::default().judge_counts(&Counts::new(&[1, 1], &[1, 3])?)?;
    /// assert_eq!(outcome.statistic, 0.25);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct TotalVariation {}
    bins = 10;
    check(self) { Ok(()) }
}

impl CategoricalDefinition for TotalVariation {
    const NAME: &'static str = "total_variation";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "share_moved";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        Ok(distance(counts.share_moved()))
    }
}
