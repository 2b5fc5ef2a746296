//! Population stability index: how far have the shares of the bins moved.
//!
//! Grows by chance too: without drift its expectation is about
//! (bins - 1) (1/n + 1/m), so that 0.1 means nothing with 100 values. Blind to
//! what moves inside a bin. It has no p-value; [`KS`](crate::drift::KS) and
//! [`GTest`](crate::drift::GTest) have.

use super::counts::{Cell, Counts};
use super::definition::{distance, parameters};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Population stability index.
    ///
    /// PSI = sum over bins of (c - b) ln(c / b), b and c the shares of the
    /// baseline and the current sample in each bin. Unitless, >= 0, no p-value;
    /// above 0.1 counts as some, above 0.25 as much. Edges come from the
    /// baseline, so swapping the samples changes the value; on labels it does
    /// not. The effect size is the PSI.
    ///
    /// `bins` quantile or uniform bins; the outer ones are open, so infinite and
    /// unseen values have their place; a value on an edge belongs to the bin
    /// above. A value that two or more quantiles fall on (a spike of at least
    /// 1/`bins` of the baseline; a constant baseline) gets a bin of its own,
    /// which may make up to two more bins than asked for, or fewer. `edges` are
    /// inner borders (k of them make k + 1 bins); with them `bins` and `binning`
    /// are not used. Labels that the baseline does not have are one category.
    ///
    /// A bin that is empty in one sample counts as half a value there (Haldane,
    /// Anscombe, 1956), so that the index stays finite, grows only with ln(n),
    /// and agrees with the plain formula wherever that is defined; one empty in
    /// both counts nothing.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// O(n log n) in `fit`, O(m) to O(m log bins) per call.
    /// # Errors
    /// `EmptySample` when nothing is left; `InvalidValue` for `bins` outside 2 to
    /// 100,000, or `edges` that are empty, not finite or not increasing.
    /// # Source
    /// Lewis, An Introduction to Credit Scoring, 1994; Yurdakul, Statistical
    /// properties of population stability index, 2018 (its distribution);
    /// quantiles: Hyndman, Fan, 1996, definition 7 (NumPy's `linear`). Expected
    /// values: tests/data/drift.json, tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{PSI, Univariate};
    /// let psi = PSI { edges: Some(vec![0.0]), ..PSI::default() };
    /// let (baseline, current) = ([-1.0, 1.0], [-1.0, 1.0, 1.0, 1.0]);
    /// let result = psi.compare(baseline.as_slice().into(), current.as_slice().into())?;
    /// assert!((result.statistic - 0.25 * 3f64.ln()).abs() < 1e-15);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    #[allow(clippy::upper_case_acronyms)] // the name in the literature
    pub struct PSI {}
    bins = 10;
    check(self) { Ok(()) }
}

/// Twice a count, an empty one counting as half a value.
pub(super) fn twice(count: u64) -> u64 {
    if count == 0 { 1 } else { 2 * count }
}

impl CategoricalDefinition for PSI {
    const NAME: &'static str = "psi";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "psi";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let (n, m) = (
            u128::from(counts.n_baseline()),
            u128::from(counts.n_current()),
        );
        let halves = 2.0 * counts.product();
        // b and c times 2 n m, as integers: nothing cancels.
        let term = |(b, c): Cell| {
            let (b, c) = (u128::from(twice(b)) * m, u128::from(twice(c)) * n);
            let (low, high) = (b.min(c) as f64, b.max(c) as f64);
            let difference = b.abs_diff(c) as f64;
            // ln(1 + x) of a large x is as good as of 1 + x.
            let ln = if high > 2.0 * low {
                (high / low).ln()
            } else {
                (difference / low).ln_1p()
            };
            difference / halves * ln
        };
        Ok(distance(counts.sum(term)))
    }
}
