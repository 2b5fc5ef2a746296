//! Pearson's chi-square test: have the shares of the categories moved.
//!
//! Sees any change of the shares, and for that needs more rows than a test that
//! looks for one kind; on ordered categories or binned numbers a rank test
//! ([`MannWhitney`](crate::drift), [`KS`](crate::drift::KS)) sees a shift
//! earlier. Blind to what moves inside a bin.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::definition::{check_draws, parameters};
use super::null::{self, Draws, Measure};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::{Outcome, PValue};
use crate::error::Result;
use crate::math;

/// How a test of counts finds its p-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountMethod {
    /// The law for large counts when every expected count is at least 5,
    /// otherwise as `Permutation`.
    #[default]
    Auto,
    /// The law for large counts.
    Asymptotic,
    /// All tables with the same totals, or a seeded sample of them.
    Permutation,
}

/// Expected counts from which the law for large counts is used (Cochran, Some
/// methods for strengthening the common chi-square tests, 1954).
const LEAST_EXPECTED: f64 = 5.0;

impl CountMethod {
    /// Whether the law for large counts answers.
    pub(super) fn is_asymptotic(self, counts: &Counts<'_>) -> bool {
        match self {
            Self::Asymptotic => true,
            Self::Permutation => false,
            Self::Auto => {
                null::least_expected(counts) >= LEAST_EXPECTED && !null::borders_matter(counts)
            }
        }
    }
}

parameters! {
    /// Pearson's chi-square test of two rows of counts.
    ///
    /// X^2 = sum of (observed - expected)^2 / expected, the expected counts from
    /// both samples together: that of `scipy.stats.chi2_contingency`, with
    /// Yates' `correction` for two categories. The effect size is Cramér's V
    /// (without the correction). Symmetric on labels and given edges.
    ///
    /// `method="asymptotic"`: the chi-square law with k - 1 degrees of freedom.
    /// `"permutation"`: the probability of a statistic at least as large among
    /// all tables with the same totals: exact for two categories and wherever
    /// there are at most 50,000 tables, otherwise from `n_permutations` tables
    /// drawn with `seed`. A p-value below 1 / (draws + 1), when no draw is as
    /// extreme, is not counted but an extrapolation, by the tail of a gamma law
    /// with the draws' first three moments: good for its order of magnitude, no
    /// guarantee of the level. `"auto"`: that, when an expected count is below 5.
    /// Where draws would take longer than about 0.3 s (a thousand categories) there
    /// are fewer of them, and from some 10,000 categories on a normal law for
    /// sparse tables answers.
    ///
    /// Numbers are binned as for [`PSI`](crate::drift::PSI). The borders are
    /// those of the baseline and as random as it is: with bins at quantiles of
    /// fewer than 200 values each and a current sample of more than half the
    /// baseline's size, the tables are drawn from that law (`"auto"` and
    /// `"permutation"`). A category that the baseline does not have is one of
    /// its own. One category in all: the statistic is 0, p is 1.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// O(n log n) in `fit`, O(m) to O(m log bins) per call; draws take about 1 ms
    /// per category.
    /// # Errors
    /// As [`PSI`](crate::drift::PSI); `InvalidValue` for `n_permutations` outside
    /// 99 to 10,000,000.
    /// # Source
    /// Pearson, On the criterion that a given system of deviations ..., 1900;
    /// Yates, Contingency tables involving small numbers and the chi-square
    /// test, 1934; Patefield, Algorithm AS 159, 1981. Expected values:
    /// tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, ChiSquare, Counts};
    /// let outcome = ChiSquare::default().judge_counts(&Counts::new(&[10, 20], &[20, 10])?)?;
    /// assert_eq!(outcome.statistic, 5.4);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct ChiSquare {
        /// Yates' correction for two categories.
        correction: bool = true,
        /// How the p-value is found.
        method: CountMethod = CountMethod::Auto,
        /// Tables to draw, 99 to 10,000,000.
        n_permutations: usize = 9_999,
        /// Of the draws.
        seed: u64 = 0,
    }
    bins = 10;
    check(self) { check_draws(self.n_permutations) }
}

/// X^2 without correction.
pub(super) fn chi_square(counts: &Counts<'_>) -> f64 {
    counts.sum(|cell| Measure::Pearson.term(counts, cell))
}

/// Cramér's V of two rows: sqrt(X^2 / N), 0 to 1.
pub(super) fn cramers_v(chi_square: f64, counts: &Counts<'_>) -> f64 {
    let all = (counts.n_baseline() + counts.n_current()) as f64;
    (chi_square / all).sqrt().min(1.0)
}

/// What Yates' correction leaves of |observed - expected|: 1 for more than two
/// categories.
pub(super) fn yates(counts: &Counts<'_>) -> f64 {
    let mut cells = counts.cells();
    let (Some(cell), Some(_), None) = (cells.next(), cells.next(), cells.next()) else {
        return 1.0;
    };
    // Times N, as are the differences.
    let half = (counts.n_baseline() + counts.n_current()) as f64 / 2.0;
    let difference = counts.difference(cell).abs();
    if difference <= half {
        0.0
    } else {
        (difference - half) / difference
    }
}

/// What a test answers about a single category.
pub(super) const NO_CHOICE: Outcome = Outcome {
    statistic: 0.0,
    distance: 0.0,
    p_value: Some(PValue::ONE),
    effect_size: 0.0,
    df: None,
};

impl ChiSquare {
    fn corrected(&self, chi_square: f64, counts: &Counts<'_>) -> f64 {
        let left = if self.correction { yates(counts) } else { 1.0 };
        chi_square * left * left
    }
}

impl CategoricalDefinition for ChiSquare {
    const NAME: &'static str = "chi_square";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cramers_v";
    const UNSEEN: Unseen = Unseen::Apart;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let categories = counts.cells().count();
        if categories < 2 {
            return Ok(NO_CHOICE);
        }
        let plain = chi_square(counts);
        let statistic = self.corrected(plain, counts);
        let df = (categories - 1) as f64;
        let p_value = if self.method.is_asymptotic(counts) {
            PValue::from_ln(math::chi_square_log_sf(statistic, df))
        } else {
            let draws = Draws {
                number: self.n_permutations,
                seed: self.seed,
            };
            null::p_value(counts, Measure::Pearson, draws)
        };
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(p_value),
            effect_size: cramers_v(plain, counts),
            df: Some(df),
        })
    }

    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        Ok(self.corrected(chi_square(counts), counts))
    }
}
