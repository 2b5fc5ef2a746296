//! Two samples of rows, cleaned and pooled in an order of their own.

use std::cmp::Ordering;

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::drift::NanPolicy;
use crate::drift::resampling::mix;
use crate::error::{Error, Result};

/// A sample of rows without missing values, in lexicographic order.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// Shape (n, d), n and d at least 1, finite, without -0.
    pub(super) values: Array2<f64>,
    /// Where each row was among those that were kept.
    positions: Vec<usize>,
    pub(super) missing: usize,
}

impl Rows {
    /// Checks a sample of shape `(n, d)`; `argument` names it in errors.
    pub(super) fn new(
        argument: &'static str,
        view: ArrayView2<'_, f64>,
        nan_policy: NanPolicy,
    ) -> Result<Self> {
        let (n, d) = view.dim();
        if d == 0 {
            let got = format!("shape ({n}, 0)");
            return Err(Error::invalid_value(
                argument,
                got,
                "rows of at least one column",
            ));
        }
        let complete = |row: &ArrayView1<'_, f64>| !row.iter().any(|x| x.is_nan());
        let kept: Vec<_> = view.outer_iter().filter(complete).collect();
        let missing = n - kept.len();
        if missing > 0 && nan_policy == NanPolicy::Raise {
            let got = format!("NaN in {missing} of {n} rows");
            let allowed = "no NaN with nan_policy=\"raise\"";
            return Err(Error::invalid_value(argument, got, allowed));
        }
        if kept.is_empty() {
            let got = if n == 0 {
                "no rows".to_owned()
            } else {
                format!("{n} rows, all with NaN")
            };
            return Err(Error::empty_sample(argument, got));
        }
        let infinite = |row: ArrayView1<'_, f64>| row.iter().position(|x| x.is_infinite());
        for (i, row) in view.outer_iter().enumerate() {
            if let Some(j) = infinite(row) {
                let got = format!("{} in row {i}, column {j}", row[j]);
                let allowed = "finite values (a row with NaN is missing)";
                return Err(Error::invalid_value(argument, got, allowed));
            }
        }
        let mut positions: Vec<usize> = (0..kept.len()).collect();
        positions.sort_by(|&a, &b| compare(kept[a], kept[b]));
        let mut values = Array2::zeros((kept.len(), d));
        for (mut row, &position) in values.outer_iter_mut().zip(&positions) {
            // + 0.0: the two zeros are one value.
            row.zip_mut_with(&kept[position], |new, &x| *new = x + 0.0);
        }
        Ok(Self {
            values,
            positions,
            missing,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.values.nrows()
    }

    /// Needs at least `least` rows.
    pub(super) fn at_least(&self, argument: &'static str, least: usize) -> Result<()> {
        if self.len() >= least {
            return Ok(());
        }
        let got = format!(
            "{} row{}",
            self.len(),
            if self.len() == 1 { "" } else { "s" }
        );
        let allowed = format!("at least {least} rows without NaN");
        Err(Error::invalid_value(argument, got, allowed))
    }
}

/// Lexicographic order; the two zeros are equal.
fn compare(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> Ordering {
    let columns = a.iter().zip(b);
    let mut orders = columns.map(|(x, y)| (x + 0.0).total_cmp(&(y + 0.0)));
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Both samples in one lexicographic order. Which of them is marked depends on
/// what is in them, not on which is called the baseline; so nothing that is
/// computed from here depends on the order of the samples or of their rows.
#[derive(Debug, Clone)]
pub(super) struct Pooled {
    /// Shape (n + m, d), divided by `unit`: within -1 to 1.
    pub(super) values: Array2<f64>,
    /// A power of two, which no rounding comes from.
    pub(super) unit: f64,
    /// Rows of the smaller sample (at a tie the one that is first in
    /// lexicographic order).
    pub(super) marks: Vec<bool>,
    pub(super) marks_baseline: bool,
    /// Rows of the baseline and of the current sample.
    pub(super) sizes: (usize, usize),
    /// Where each row was in the baseline followed by the current sample.
    pub(super) positions: Vec<usize>,
}

impl Pooled {
    pub(super) fn new(baseline: &Rows, current: &Rows) -> Result<Self> {
        let (d, width) = (baseline.values.ncols(), current.values.ncols());
        if d != width {
            let got = format!(
                "rows of {width} column{}",
                if width == 1 { "" } else { "s" }
            );
            let allowed = format!("rows of {d} columns, as the baseline has");
            return Err(Error::invalid_value("current", got, allowed));
        }
        let (n, m) = (baseline.len(), current.len());
        let marks_baseline = n < m || (n == m && in_order(baseline, current));
        let at = |i: usize| {
            if i < n {
                baseline.values.row(i)
            } else {
                current.values.row(i - n)
            }
        };
        let marked = |i: usize| (i < n) == marks_baseline;
        let mut order: Vec<usize> = (0..n + m).collect();
        order.sort_by(|&a, &b| compare(at(a), at(b)).then(marked(b).cmp(&marked(a))));
        let largest = [baseline, current]
            .iter()
            .flat_map(|rows| rows.values.iter())
            .fold(0.0f64, |largest, x| largest.max(x.abs()));
        let unit = power_of_two_above(largest);
        let mut values = Array2::zeros((n + m, d));
        for (mut row, &i) in values.outer_iter_mut().zip(&order) {
            row.zip_mut_with(&at(i), |new, &x| *new = x / unit);
        }
        let position = |&i: &usize| match i.checked_sub(n) {
            None => baseline.positions[i],
            Some(i) => n + current.positions[i],
        };
        Ok(Self {
            values,
            unit,
            marks: order.iter().map(|&i| marked(i)).collect(),
            marks_baseline,
            sizes: (n, m),
            positions: order.iter().map(position).collect(),
        })
    }

    /// Rows that are marked, and that are not.
    pub(super) fn counts(&self) -> (usize, usize) {
        let (n, m) = self.sizes;
        if self.marks_baseline { (n, m) } else { (m, n) }
    }
}

/// A seed that depends on the pooled data too, not on which row is whose. Rows
/// are sorted: with one seed for all, their assignment to folds or blocks would
/// be nearly the same question for every sample of one distribution, and its
/// answer too.
pub(super) fn seed_of(values: ArrayView2<'_, f64>, seed: u64) -> u64 {
    let words = values.iter().map(|x| x.to_bits());
    words.fold(mix(seed), |hash, word| mix(hash.rotate_left(5) ^ word))
}

/// Whether the rows of `a` are before those of `b`, or equal to them.
fn in_order(a: &Rows, b: &Rows) -> bool {
    let rows = a.values.outer_iter().zip(b.values.outer_iter());
    let mut orders = rows.map(|(x, y)| compare(x, y));
    orders.find(|order| order.is_ne()) != Some(Ordering::Greater)
}

/// The power of two that brings `x` between 1/2 and 1; 1 for 0.
fn power_of_two_above(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let exponent = x.log2().floor() as i32 + 1;
    // 2^1024 is not a number: the largest values come to nearly 2.
    2f64.powi(exponent.clamp(-1022, 1023))
}
