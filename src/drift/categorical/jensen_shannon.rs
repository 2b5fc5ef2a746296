//! Jensen-Shannon distance: a symmetric, bounded comparison of shares.
//!
//! Grows by chance too: the divergence by about (bins - 1) (1/n + 1/m) / 8, and
//! is blind to what moves inside a bin.

use serde::{Deserialize, Serialize};

use super::counts::{Cell, Counts, excess};
use super::definition::{check_base, distance, parameters, per_unit};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

/// Which of the two [`JensenShannon`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The square root of the divergence, which is a metric.
    #[default]
    Distance,
    /// The divergence itself.
    Divergence,
}

parameters! {
    /// Jensen-Shannon distance, or divergence.
    ///
    /// The divergence is (D(b || a) + D(c || a)) / 2 with a the average of both
    /// shares and D that of Kullback and Leibler: 0 to ln 2 (in units of `base`
    /// 2: to 1). The distance, its root, is that of
    /// `scipy.spatial.distance.jensenshannon(b, c, base)`. Symmetric on labels
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
    /// As [`PSI`](crate::drift::PSI); `InvalidValue` for a `base` of 1 or less.
    /// # Source
    /// Lin, Divergence measures based on the Shannon entropy, 1991, equation
    /// 4.1; Endres & Schindelin, A new metric for probability distributions,
    /// 2003 (its root). Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, JensenShannon};
    /// let bits = JensenShannon { base: Some(2.0), ..JensenShannon::default() };
    /// let outcome = bits.judge_counts(&Counts::new(&[5, 0], &[0, 7])?)?;
    /// assert!((outcome.statistic - 1.0).abs() < 1e-15);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct JensenShannon {
        /// Base of the logarithm, natural without.
        base: Option<f64> = None,
        /// Distance or divergence.
        form: Form = Form::Distance,
    }
    bins = 10;
    check(self) { check_base(self.base) }
}

impl CategoricalDefinition for JensenShannon {
    const NAME: &'static str = "jensen_shannon";
    const HAS_P_VALUE: bool = false;
    const EFFECT: &'static str = "jensen_shannon";
    const UNSEEN: Unseen = Unseen::Together;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        // With d = (b - c) / (b + c): (b + c) / 4 times ((1 + d) ln(1 + d) +
        // (1 - d) ln(1 - d)), both parts of which are positive.
        let term = |cell: Cell| {
            let together = counts.together(cell);
            let d = counts.difference(cell) / together;
            together * (excess(d) + excess(-d))
        };
        let divergence = counts.sum(term) / (4.0 * counts.product()) * per_unit(self.base);
        Ok(distance(match self.form {
            Form::Distance => divergence.sqrt(),
            Form::Divergence => divergence,
        }))
    }
}
