//! The largest change of any one share.
//!
//! Says which is the worst category, and nothing of the others: a drift spread
//! over many categories is small here; [`TotalVariation`](crate::drift::TotalVariation)
//! adds them up.

use super::counts::Counts;
use super::definition::{distance, parameters};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Chebyshev (L-infinity) distance.
    ///
    /// The largest |b - c| over the shares b and c: 0 to 1. Exact. Symmetric on
    /// labels and given edges. The effect size is itself.
    ///
    /// Bins as those of [`PSI`](crate::drift::PSI); empty ones need no care.
    /// Each label that the baseline does not have is a category of its own.
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
    /// Breck et al., Data validation for machine learning, 2019, section 3.2.
    /// Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, LInfinity};
    /// let outcome = LInfinity::default().judge_counts(&Counts::new(&[2, 1, 1], &[0, 2, 2])?)?;
    /// assert_eq!(outcome.statistic, 0.5);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct LInfinity {}
    bins = 10;
    check(self) { Ok(()) }
}

impl CategoricalDefinition for LInfinity {
    const NAME: &'static str = "l_infinity";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "l_infinity";
    const UNSEEN: Unseen = Unseen::Apart;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let differences = counts.cells().map(|cell| counts.difference(cell).abs());
        Ok(distance(differences.fold(0.0, f64::max) / counts.product()))
    }
}
