//! Kullback-Leibler divergence: what the baseline's shares have that the
//! current ones lack.
//!
//! Not symmetric and not a distance; [`JensenShannon`](crate::drift::JensenShannon)
//! is both. Grows by chance too, by about (bins - 1) (1/n + 1/m) / 2, and is
//! blind to what moves inside a bin.

use super::counts::{Cell, Counts, excess};
use super::definition::{check_base, distance, parameters, per_unit};
use super::psi::twice;
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Kullback-Leibler divergence of the current shares from the baseline's.
    ///
    /// D(baseline || current) = sum of b ln(b / c): the information lost when
    /// the current shares stand for those of the baseline, in nats, or in units
    /// of `base` (2: bits). As `scipy.stats.entropy(b, c, base)` of the counts.
    /// A category that is empty in the current sample counts as half a value
    /// there, so that the divergence stays finite; one that the baseline does
    /// not have adds nothing of its own. >= 0; the effect size is itself.
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
    /// As [`PSI`](crate::drift::PSI); `InvalidValue` for a `base` of 1 or less.
    /// # Source
    /// Kullback & Leibler, On information and sufficiency, 1951, equation 2.6.
    /// Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, KLDivergence};
    /// let bits = KLDivergence { base: Some(2.0), ..KLDivergence::default() };
    /// let outcome = bits.judge_counts(&Counts::new(&[1, 1], &[1, 3])?)?;
    /// assert!((outcome.statistic - (1.0 - 0.5 * 3f64.log2())).abs() < 1e-15);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct KLDivergence {
        /// Base of the logarithm, natural without.
        base: Option<f64> = None,
    }
    bins = 10;
    check(self) { check_base(self.base) }
}

impl CategoricalDefinition for KLDivergence {
    const NAME: &'static str = "kl_divergence";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "kl_divergence";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let n = counts.n_baseline();
        let halves: u64 = counts.cells().map(|(_, c)| twice(c)).sum();
        // As the shares add up to 1 on both sides, so does b ln(b / c) - b + c,
        // in which nothing cancels.
        let term = |(b, c): Cell| {
            let theirs = twice(c);
            let expected = (u128::from(theirs) * u128::from(n)) as f64;
            let difference =
                i128::from(b) * i128::from(halves) - i128::from(theirs) * i128::from(n);
            theirs as f64 / halves as f64 * excess(difference as f64 / expected)
        };
        Ok(distance(counts.sum(term) * per_unit(self.base)))
    }
}
