//! Bhattacharyya distance between shares.
//!
//! Infinite when the samples have no category in common, which a few values can
//! be by chance; [`Hellinger`](crate::drift::Hellinger) says the same between 0
//! and 1. Grows by chance too, by about (bins - 1) (1/n + 1/m) / 8.

use super::counts::Counts;
use super::definition::{distance, parameters};
use super::hellinger::squared;
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Bhattacharyya distance.
    ///
    /// -ln of the sum of sqrt(b c) over the shares b and c: 0 for equal shares,
    /// infinite when no category is common to both. Symmetric on labels and
    /// given edges. The effect size is itself.
    ///
    /// Bins as those of [`PSI`](crate::drift::PSI).
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
    /// Bhattacharyya, On a measure of divergence between two multinomial
    /// populations, 1946; Kailath, The divergence and Bhattacharyya distance
    /// measures in signal selection, 1967, equation 3. Expected values:
    /// tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Bhattacharyya, Categorical, Counts};
    /// let test = Bhattacharyya::default();
    /// let half = test.judge_counts(&Counts::new(&[1, 0], &[1, 3])?)?;
    /// assert!((half.statistic - 2f64.ln()).abs() < 1e-15);
    /// let none = test.judge_counts(&Counts::new(&[1, 0], &[0, 3])?)?;
    /// assert_eq!(none.statistic, f64::INFINITY);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct Bhattacharyya {}
    bins = 10;
    check(self) { Ok(()) }
}

impl CategoricalDefinition for Bhattacharyya {
    const NAME: &'static str = "bhattacharyya";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "bhattacharyya";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        if counts.cells().all(|(b, c)| b == 0 || c == 0) {
            return Ok(distance(f64::INFINITY));
        }
        let squared = squared(counts);
        if squared < 0.5 {
            return Ok(distance(-(-squared).ln_1p()));
        }
        // Nearly disjoint: the sum itself is the smaller number.
        let both = counts.sum(|(b, c)| (b as f64 * c as f64).sqrt());
        Ok(distance(-(both / counts.product().sqrt()).ln()))
    }
}
