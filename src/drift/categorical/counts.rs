//! What every categorical test judges: how often each category occurs.

use crate::error::{Error, Result};
use crate::math;

/// Counts are exact as `f64` up to here, and products of two in an `i128`.
const MOST_ROWS: u64 = 1 << 53;

/// Two rows of counts over the same categories.
///
/// A category that occurs in neither sample is as good as absent.
///
/// # Example
/// ```
/// use driftline::drift::{Categorical, ChiSquare, Counts};
/// let counts = Counts::new(&[10, 20, 30], &[30, 20, 10])?;
/// let outcome = ChiSquare::default().judge_counts(&counts)?;
/// assert_eq!((outcome.statistic, outcome.df), (20.0, Some(2.0)));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counts<'a> {
    baseline: &'a [u64],
    current: &'a [u64],
    n: u64,
    m: u64,
    cut: Cut,
}

/// The counts of two samples over the same categories, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountTable {
    /// Those of the baseline, shape (k,).
    pub baseline: Vec<u64>,
    /// Those of the current sample, shape (k,).
    pub current: Vec<u64>,
}

impl FromIterator<Cell> for CountTable {
    fn from_iter<I: IntoIterator<Item = Cell>>(cells: I) -> Self {
        let (baseline, current) = cells.into_iter().unzip();
        Self { baseline, current }
    }
}

/// Where the categories come from, which the law of a statistic depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// From elsewhere, or from both samples alike.
    Given,
    /// They are bins between quantiles of the baseline.
    AtQuantiles,
}

/// A category that occurs: its counts in the baseline and in the current sample.
pub(super) type Cell = (u64, u64);

impl<'a> Counts<'a> {
    /// A table of two rows.
    ///
    /// # Shapes
    /// `baseline`, `current`: (k,), k >= 1.
    /// # Errors
    /// `InvalidValue` for rows of different lengths or more than 2^53 values,
    /// `EmptySample` for a row without any.
    pub fn new(baseline: &'a [u64], current: &'a [u64]) -> Result<Self> {
        if baseline.len() != current.len() {
            let got = format!("{} and {} counts", baseline.len(), current.len());
            let allowed = "as many counts in current as in baseline";
            return Err(Error::invalid_value("current", got, allowed));
        }
        Ok(Self {
            baseline,
            current,
            n: total("baseline", baseline)?,
            m: total("current", current)?,
            cut: Cut::Given,
        })
    }

    pub(super) fn cut(self, cut: Cut) -> Self {
        Self { cut, ..self }
    }

    /// How the categories came about.
    pub(super) fn origin(&self) -> Cut {
        self.cut
    }

    /// How many values the baseline has.
    pub fn n_baseline(&self) -> u64 {
        self.n
    }

    /// How many values the current sample has.
    pub fn n_current(&self) -> u64 {
        self.m
    }

    /// The categories that occur.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> + Clone {
        let pairs = self
            .baseline
            .iter()
            .copied()
            .zip(self.current.iter().copied());
        pairs.filter(|(b, c)| b + c > 0)
    }

    /// `b m - c n`, from which the difference of two shares is `/ (n m)`: exact
    /// up to the rounding to `f64`.
    pub(super) fn difference(&self, (b, c): Cell) -> f64 {
        (i128::from(b) * i128::from(self.m) - i128::from(c) * i128::from(self.n)) as f64
    }

    /// `b m + c n`.
    pub(super) fn together(&self, (b, c): Cell) -> f64 {
        (u128::from(b) * u128::from(self.m) + u128::from(c) * u128::from(self.n)) as f64
    }

    /// `n m`.
    pub(super) fn product(&self) -> f64 {
        (u128::from(self.n) * u128::from(self.m)) as f64
    }

    /// The sum of a term over the categories that occur, whatever their order.
    pub(super) fn sum(&self, term: impl Fn(Cell) -> f64) -> f64 {
        let mut terms: Vec<f64> = self.cells().map(term).collect();
        terms.sort_unstable_by(f64::total_cmp);
        math::sum(&terms)
    }

    /// Total variation: the share of rows that would have to change category.
    pub(super) fn share_moved(&self) -> f64 {
        let moved = self.cells().map(|(b, c)| {
            (i128::from(b) * i128::from(self.m) - i128::from(c) * i128::from(self.n)).unsigned_abs()
        });
        moved.sum::<u128>() as f64 / (2.0 * self.product())
    }
}

fn total(argument: &'static str, counts: &[u64]) -> Result<u64> {
    let total = counts
        .iter()
        .try_fold(0u64, |total, &count| total.checked_add(count))
        .filter(|&total| total <= MOST_ROWS);
    match total {
        Some(0) => Err(Error::empty_sample(argument, "counts that are all 0")),
        Some(total) => Ok(total),
        None => {
            let got = "more than 2^53 values";
            Err(Error::invalid_value(argument, got, "up to 2^53 values"))
        }
    }
}

/// `(1 + x) ln(1 + x) - x` for `x >= -1`: what an excess of `x` over the expected
/// share weighs, without the cancellation of its parts.
pub(super) fn excess(x: f64) -> f64 {
    if x <= -1.0 {
        return 1.0;
    }
    if x.abs() >= 0.05 {
        return (1.0 + x) * x.ln_1p() - x;
    }
    // x^2 / 2 - x^3 / 6 + x^4 / 12 - ..., the terms of k (k - 1).
    let tail = (2..=14).rev().fold(0.0, |tail, k| {
        let k = f64::from(k);
        1.0 / (k * (k - 1.0)) - x * tail
    });
    x * x * tail
}
