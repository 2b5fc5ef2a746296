//! The log-likelihood ratio test of shares.
//!
//! Asks what [`ChiSquare`](crate::drift::ChiSquare) asks, and weighs categories
//! that become rare more; its law for large counts needs larger ones.

use super::chi_square::{CountMethod, NO_CHOICE, chi_square, cramers_v, yates};
use super::counts::{Cell, Counts, excess};
use super::definition::{check_draws, parameters};
use super::null::{self, Draws, Measure};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::{Outcome, PValue};
use crate::error::Result;
use crate::math;

parameters! {
    /// G-test (log-likelihood ratio) of two rows of counts.
    ///
    /// G = 2 sum of observed ln(observed / expected), the expected counts from
    /// both samples together: that of `scipy.stats.chi2_contingency(...,
    /// lambda_="log-likelihood")`, with Yates' `correction` for two categories.
    /// The effect size is Cramér's V. Symmetric on labels and given edges.
    ///
    /// `method="asymptotic"`: the chi-square law with k - 1 degrees of freedom,
    /// as SciPy, which rejects too often up to expected counts of about 50.
    /// `"auto"`: the same after Williams' correction where every expected count
    /// is at least 5 (for two categories Yates' stands for it when asked for),
    /// otherwise as `"permutation"`; that, the bins and what is unseen are as
    /// for [`ChiSquare`](crate::drift::ChiSquare): a drawn p-value below
    /// 1 / (draws + 1) is an extrapolation by a fitted tail.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// As [`ChiSquare`](crate::drift::ChiSquare).
    /// # Errors
    /// As [`ChiSquare`](crate::drift::ChiSquare).
    /// # Source
    /// Wilks, The likelihood test of independence in contingency tables, 1935;
    /// Williams, Improved likelihood ratio tests for complete contingency
    /// tables, 1976, equation 3. Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, GTest};
    /// let outcome = GTest::default().judge_counts(&Counts::new(&[5, 5, 0], &[5, 5, 0])?)?;
    /// assert_eq!((outcome.statistic, outcome.df), (0.0, Some(1.0)));
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct GTest {
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

/// G when differences from the expected counts shrink to the part `left`.
fn g(counts: &Counts<'_>, left: f64) -> f64 {
    let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
    let all = n + m;
    counts.sum(|cell: Cell| {
        let total = (cell.0 + cell.1) as f64;
        let difference = left * counts.difference(cell);
        let ours = n * total / all * excess(difference / (n * total));
        let theirs = m * total / all * excess(-difference / (m * total));
        2.0 * (ours + theirs)
    })
}

/// Williams' factor, by which G is too large on average.
fn williams(counts: &Counts<'_>, df: f64) -> f64 {
    let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
    let all = n + m;
    let columns = counts.sum(|(b, c)| all / (b + c) as f64);
    1.0 + (all / n + all / m - 1.0) * (columns - 1.0) / (6.0 * all * df)
}

impl CategoricalDefinition for GTest {
    const NAME: &'static str = "g_test";
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
        let statistic = CategoricalDefinition::distance(self, counts)?;
        let df = (categories - 1) as f64;
        let p_value = if self.method.is_asymptotic(counts) {
            let plain =
                self.method == CountMethod::Asymptotic || (self.correction && categories == 2);
            let factor = if plain { 1.0 } else { williams(counts, df) };
            PValue::from_ln(math::chi_square_log_sf(statistic / factor, df))
        } else {
            let draws = Draws {
                number: self.n_permutations,
                seed: self.seed,
            };
            null::p_value(counts, Measure::Likelihood, draws)
        };
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(p_value),
            effect_size: cramers_v(chi_square(counts), counts),
            df: Some(df),
        })
    }

    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        Ok(g(counts, if self.correction { yates(counts) } else { 1.0 }))
    }
}
