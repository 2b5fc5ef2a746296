//! Hellinger distance between shares.
//!
//! Sees rare categories better than total variation does. Grows by chance too:
//! its square by about (bins - 1) (1/n + 1/m) / 8; blind to what moves inside a
//! bin.

use super::counts::{Cell, Counts};
use super::definition::{distance, parameters};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Hellinger distance.
    ///
    /// The root of half the sum of (sqrt(b) - sqrt(c))^2 over the shares b and
    /// c: 0 to 1, and 1 when no category is common to both. Symmetric on labels
    /// and given edges. The effect size is itself.
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
    /// Le Cam & Yang, Asymptotics in Statistics, 2000, section 3.1. Expected
    /// values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, Hellinger};
    /// let outcome = Hellinger::default().judge_counts(&Counts::new(&[1, 0], &[0, 9])?)?;
    /// assert_eq!(outcome.statistic, 1.0);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct Hellinger {}
    bins = 10;
    check(self) { Ok(()) }
}

/// The square of the distance, without the cancellation of 1 - sum sqrt(b c).
pub(super) fn squared(counts: &Counts<'_>) -> f64 {
    if counts.sum(|cell| (cell.0.min(cell.1)) as f64) == 0.0 {
        return 1.0; // nothing in common
    }
    let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
    let term = |cell: Cell| {
        // (b - c) / (sqrt(b) + sqrt(c)), with shares times n m.
        let roots = (cell.0 as f64 * m).sqrt() + (cell.1 as f64 * n).sqrt();
        let root = counts.difference(cell) / roots;
        root * root
    };
    (counts.sum(term) / (2.0 * counts.product())).min(1.0)
}

impl CategoricalDefinition for Hellinger {
    const NAME: &'static str = "hellinger";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "hellinger";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        Ok(distance(squared(counts).sqrt()))
    }
}
