//! Fisher's exact test, and its extension by Freeman and Halton.
//!
//! Conservative on few rows, as its p-values come in steps. For many rows it
//! says what [`ChiSquare`](crate::drift::ChiSquare) says, for more work.

use super::chi_square::{chi_square, cramers_v};
use super::counts::{Cell, Counts};
use super::definition::{check_draws, in_direction, parameters};
use super::null::{self, Draws, Measure, ln_factorial, two_by_two};
use super::{BinningParameters, CategoricalDefinition, Unseen};
use crate::drift::{Alternative, Outcome};
use crate::error::{Error, Result};

parameters! {
    /// Fisher's exact test of two rows of counts.
    ///
    /// The probability, among all tables with the same totals, of one that is
    /// not more probable than the observed: exact for two categories (as
    /// `scipy.stats.fisher_exact`) at any size, and wherever there are at most
    /// 50,000 tables; otherwise from `n_permutations` tables drawn with `seed`
    /// (Freeman and Halton's rule; see
    /// [`ChiSquare`](crate::drift::ChiSquare) on the draws, the bins and what is
    /// unseen). A drawn p-value is not exact, and below 1 / (draws + 1) it is an
    /// extrapolation by a fitted tail.
    ///
    /// The statistic is, for two categories, the odds ratio b0 c1 / (b1 c0) of
    /// the first category in ascending order: above 1 when the baseline has more
    /// of it, infinite when b1 or c0 is 0. `alternative` "greater": it is above
    /// 1; "less": below. The distance is its logarithm, half a value added to
    /// each count where one is 0 (Haldane, Anscombe, 1956). For any other number
    /// of categories the statistic is the probability of the observed table, and
    /// the distance -ln of it. The effect size is Cramér's V. One category in
    /// all: the statistic is 1, p is 1.
    ///
    /// # Shapes
    /// `baseline`: (n,), `current`: (m,), n, m >= 1.
    /// # Missing values
    /// NaN is left out and counted.
    /// # Cost
    /// As [`ChiSquare`](crate::drift::ChiSquare) with `method="permutation"`.
    /// # Errors
    /// As [`ChiSquare`](crate::drift::ChiSquare); `InvalidValue` for a one-sided
    /// `alternative` with more than two categories.
    /// # Source
    /// Fisher, The logic of inductive inference, 1935; Freeman & Halton, Note on
    /// an exact treatment of contingency ..., 1951. Expected values:
    /// tests/data/categorical.json.
    /// # Example
    /// ```
    /// use driftline::drift::{Categorical, Counts, FisherExact};
    /// let tea = FisherExact::default().judge_counts(&Counts::new(&[3, 1], &[1, 3])?)?;
    /// assert_eq!(tea.statistic, 9.0);
    /// assert!((tea.p_value.unwrap().value() - 34.0 / 70.0).abs() < 1e-15);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub struct FisherExact {
        /// Which odds ratios count, for two categories.
        alternative: Alternative = Alternative::TwoSided,
        /// Tables to draw, 99 to 10,000,000.
        n_permutations: usize = 9_999,
        /// Of the draws.
        seed: u64 = 0,
    }
    bins = 10;
    check(self) { check_draws(self.n_permutations) }
}

/// The sample's odds ratio; no category is empty in both samples.
fn odds_ratio((b0, c0): Cell, (b1, c1): Cell) -> f64 {
    let product = |a: u64, b: u64| (u128::from(a) * u128::from(b)) as f64;
    product(b0, c1) / product(b1, c0)
}

/// ln of the odds ratio, half a value added everywhere where one is 0.
fn log_odds_ratio((b0, c0): Cell, (b1, c1): Cell) -> f64 {
    let empty = [b0, b1, c0, c1].contains(&0);
    let twice = |x: u64| u128::from(2 * x + u64::from(empty));
    let (ours, theirs) = (twice(b0) * twice(c1), twice(b1) * twice(c0));
    let (low, high) = (ours.min(theirs), ours.max(theirs));
    let ln = if high > 2 * low {
        (high as f64 / low as f64).ln()
    } else {
        ((high - low) as f64 / low as f64).ln_1p()
    };
    if ours < theirs { -ln } else { ln }
}

/// -ln of the probability of the table, given its totals.
fn surprise(counts: &Counts<'_>) -> f64 {
    let (n, m) = (counts.n_baseline(), counts.n_current());
    let parts = counts.sum(|cell| Measure::Probability.term(counts, cell));
    (parts - (ln_factorial(n) + ln_factorial(m) - ln_factorial(n + m))).max(0.0)
}

impl CategoricalDefinition for FisherExact {
    const NAME: &'static str = "fisher_exact";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cramers_v";
    const UNSEEN: Unseen = Unseen::Apart;

    fn binning(&self) -> BinningParameters<'_> {
        self.binning_parameters()
    }

    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome> {
        let distance = CategoricalDefinition::distance(self, counts)?;
        let mut cells = counts.cells();
        let pair = (cells.next(), cells.next(), cells.next());
        let statistic = match pair {
            (Some(first), Some(second), None) => odds_ratio(first, second),
            _ => (-distance).exp(),
        };
        let p_value = match (self.alternative, pair) {
            (Alternative::Less, (Some(first), Some(second), _)) => {
                two_by_two::at_most(first, second)
            }
            (Alternative::Greater, (Some(first), Some(second), _)) => {
                two_by_two::at_least(first, second)
            }
            _ => {
                let draws = Draws {
                    number: self.n_permutations,
                    seed: self.seed,
                };
                null::p_value(counts, Measure::Probability, draws)
            }
        };
        Ok(Outcome {
            statistic,
            distance,
            p_value: Some(p_value),
            effect_size: cramers_v(chi_square(counts), counts),
            df: None,
        })
    }

    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        let mut cells = counts.cells();
        match (cells.next(), cells.next(), cells.next()) {
            (Some(first), Some(second), None) => Ok(in_direction(
                self.alternative,
                log_odds_ratio(first, second),
            )),
            (_, None, _) => Ok(0.0),
            _ if self.alternative != Alternative::TwoSided => {
                let got = format!("one-sided for {} categories", counts.cells().count());
                let allowed = "\"two-sided\" for more than two categories (numbers: bins=2)";
                Err(Error::invalid_value("alternative", got, allowed))
            }
            _ => Ok(surprise(counts)),
        }
    }
}
