//! Cramér's V: how strongly the category depends on the sample.
//!
//! An effect size with the p-value of the chi-square test. Without its bias
//! correction it grows by chance: V^2 by about (k - 1) / (n + m).

use super::chi_square::{ChiSquare, CountMethod, NO_CHOICE, chi_square, cramers_v};
use super::counts::Counts;
use super::definition::{check_draws, parameters};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::Outcome;
use crate::error::Result;

parameters! {
    /// Cramér's V between the sample and the category.
    ///
    /// sqrt(X^2 / (n + m)), 0 to 1: that of `scipy.stats.contingency.association`
    /// (X^2 without Yates' correction). With `bias_correction` what chance adds
    /// on average is taken off (Bergsma), down to 0 at the lowest. The p-value is
    /// that of [`ChiSquare`](crate::drift::ChiSquare), and so are `method`,
    /// `n_permutations`, `seed`, the bins and what is unseen: when it is drawn,
    /// below 1 / (draws + 1) it is an extrapolation by a fitted tail. The effect
    /// size is itself.
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
    /// Cramér, Mathematical Methods of Statistics, 1946, section 21.9; Bergsma,
    /// A bias-correction for Cramér's V and Tschuprow's T, 2013, equation 7.
    /// Expected values: tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, CramersV};
    /// let outcome = CramersV::default().judge_counts(&Counts::new(&[4, 0], &[0, 4])?)?;
    /// assert_eq!(outcome.statistic, 1.0);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct CramersV {
        /// Whether what chance adds on average is taken off.
        bias_correction: bool = false,
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

/// Bergsma's V, equation 7, for two rows.
fn corrected(chi_square: f64, categories: f64, all: f64) -> f64 {
    let chance = (categories - 1.0) / (all - 1.0);
    let squared = (chi_square / all - chance).max(0.0);
    let rows = 2.0 - 1.0 / (all - 1.0);
    let columns = categories - (categories - 1.0) * chance;
    let least = (rows - 1.0).min(columns - 1.0);
    if least > 0.0 {
        (squared / least).sqrt().min(1.0)
    } else {
        0.0
    }
}

impl CategoricalDefinition for CramersV {
    const NAME: &'static str = "cramers_v";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cramers_v";
    const UNSEEN: Unseen = Unseen::Apart;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        if counts.cells().nth(1).is_none() {
            return Ok(NO_CHOICE);
        }
        let test = ChiSquare {
            method: self.method,
            n_permutations: self.n_permutations,
            seed: self.seed,
            ..ChiSquare::default()
        };
        let statistic = CategoricalDefinition::distance(self, counts)?;
        Ok(Outcome {
            statistic,
            distance: statistic,
            effect_size: statistic,
            ..test.judge(counts)?
        })
    }

    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        let chi_square = chi_square(counts);
        if !self.bias_correction {
            return Ok(cramers_v(chi_square, counts));
        }
        let all = (counts.n_baseline() + counts.n_current()) as f64;
        Ok(corrected(chi_square, counts.cells().count() as f64, all))
    }
}
