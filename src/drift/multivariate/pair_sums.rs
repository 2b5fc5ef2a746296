//! Statistics that are weighted sums over pairs of rows, for many relabellings
//! at once as matrix products.

use ndarray::{Array2, ArrayView2, Axis, s};

use super::kernel::{Pairwise, upper_triangle};
use super::rows::Pooled;
use crate::drift::resampling::Relabelled;
use crate::error::{Error, Result};
use crate::math;

/// Most pooled rows whose pairs are all kept: 10,000 take 800 MB.
pub(super) const MOST_ROWS: usize = 10_000;
/// Rows of the matrix that are multiplied at a time.
const STRIP: usize = 128;
/// Relabellings that are multiplied at a time.
const COLUMNS: usize = 128;
/// Below this share of marked rows, adding up their pairs is less work than
/// multiplying by all.
const FEW: usize = 4;

/// What makes a statistic of the sums over pairs i != j: both rows marked, both
/// not (in both directions), and one of each (in one).
#[derive(Debug, Clone, Copy)]
pub(super) struct Means {
    /// What the sums of either sample are divided by.
    pub(super) marked: f64,
    pub(super) unmarked: f64,
    pub(super) between: f64,
    /// Of alike rows minus twice unlike ones: 1, or -1 for distances.
    pub(super) sign: f64,
}

impl Means {
    /// Divisions, so that constants cancel exactly.
    pub(super) fn of(self, marked: f64, unmarked: f64, between: f64) -> f64 {
        let alike = marked / self.marked + unmarked / self.unmarked;
        self.sign * (alike - 2.0 * (between / self.between))
    }

    /// How large the parts are that cancel.
    fn size(self, marked: f64, unmarked: f64, between: f64) -> f64 {
        let alike = (marked / self.marked).abs() + (unmarked / self.unmarked).abs();
        alike + 2.0 * (between / self.between).abs()
    }
}

/// A function of all pairs of pooled rows.
#[derive(Debug)]
pub(super) struct PairSums {
    pooled: Pooled,
    /// Pairs i < j; 0 elsewhere.
    upper: Array2<f64>,
    /// What each row has with all others.
    rows: Vec<f64>,
    total: f64,
    means: Means,
    /// Sums of the rows as they are.
    sums: [f64; 3],
    /// The statistic to show, of the means and the rows' unit.
    show: fn(f64, f64) -> f64,
}

impl PairSums {
    pub(super) fn new(
        pooled: Pooled,
        way: Pairwise,
        means: Means,
        show: fn(f64, f64) -> f64,
    ) -> Result<Self> {
        let n = pooled.marks.len();
        if n > MOST_ROWS {
            let got = format!("{n} rows in both samples");
            let allowed = format!(
                "at most {MOST_ROWS} rows in all, whose pairs need n * n * 8 bytes \
                 (\"mmd\" takes more with method=\"block\")"
            );
            return Err(Error::invalid_value("current", got, allowed));
        }
        let upper = upper_triangle(way, pooled.values.view());
        let mut rows: Vec<f64> = upper.outer_iter().map(|row| row.sum()).collect();
        for (row, column) in rows.iter_mut().zip(upper.sum_axis(Axis(0))) {
            *row += column;
        }
        let total: f64 = rows.iter().sum();
        let sums = sums_of(&upper, &pooled.marks);
        if !sums.iter().all(|sum| sum.is_finite()) {
            let got = "values whose kernel overflows";
            return Err(Error::invalid_value(
                "current",
                got,
                "values up to about 1e100",
            ));
        }
        Ok(Self {
            pooled,
            upper,
            rows,
            total,
            means,
            sums,
            show,
        })
    }

    /// The means of the rows as they are; 0 when no more than rounding is left.
    pub(super) fn value(&self) -> f64 {
        let [marked, unmarked, between] = self.sums;
        let value = self.means.of(marked, unmarked, between);
        let size = self.means.size(marked, unmarked, between);
        if value.abs() <= 4.0 * f64::EPSILON * size {
            0.0
        } else {
            value
        }
    }

    /// The mean over pairs of one row of each sample.
    pub(super) fn mean_between(&self) -> f64 {
        let (marked, unmarked) = self.pooled.counts();
        self.sums[2] / (marked as f64 * unmarked as f64)
    }

    /// The statistic from the sum over pairs of marked rows, and over all pairs
    /// of which the first is marked.
    fn of_sums(&self, marked: f64, with_all: f64) -> f64 {
        let between = with_all - marked;
        let unmarked = self.total - with_all - between;
        self.means.of(marked, unmarked, between)
    }

    fn added_up(&self, marks: &[bool]) -> f64 {
        let chosen: Vec<usize> = (0..marks.len()).filter(|&i| marks[i]).collect();
        let mut sum = 0.0;
        for (k, &i) in chosen.iter().enumerate() {
            if let Some(row) = self.upper.row(i).to_slice() {
                sum += chosen[k + 1..].iter().map(|&j| row[j]).sum::<f64>();
            }
        }
        2.0 * sum
    }

    /// The sum over pairs of marked rows, of each column of `marks`, shape
    /// (n + m, relabellings): of z' K z the half above the diagonal.
    fn multiplied(&self, marks: ArrayView2<'_, f64>) -> Vec<f64> {
        let n = marks.nrows();
        let mut sums = vec![0.0; marks.ncols()];
        for start in (0..n).step_by(STRIP) {
            let end = (start + STRIP).min(n);
            let strip = self.upper.slice(s![start..end, start..]);
            let product = strip.dot(&marks.slice(s![start.., ..]));
            let own = marks.slice(s![start..end, ..]);
            for (product, own) in product.outer_iter().zip(own.outer_iter()) {
                for ((sum, value), mark) in sums.iter_mut().zip(product).zip(own) {
                    *sum += value * mark;
                }
            }
        }
        for sum in &mut sums {
            *sum *= 2.0;
        }
        sums
    }
}

/// Compensated sums of the pairs both marked, both not (in both directions),
/// and one of each (in one).
fn sums_of(upper: &Array2<f64>, marks: &[bool]) -> [f64; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let (mut alike, mut unlike) = (Vec::new(), Vec::new());
    for (i, row) in upper.outer_iter().enumerate() {
        alike.clear();
        unlike.clear();
        for (j, &value) in row.iter().enumerate().skip(i + 1) {
            if marks[j] == marks[i] {
                alike.push(value);
            } else {
                unlike.push(value);
            }
        }
        parts[if marks[i] { 0 } else { 1 }].push(2.0 * math::sum(&alike));
        parts[2].push(math::sum(&unlike));
    }
    parts.map(|part| math::sum(&part))
}

impl Relabelled for PairSums {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        self.pooled.sizes
    }

    fn marks_baseline(&self) -> bool {
        self.pooled.marks_baseline
    }

    fn positions(&self) -> &[usize] {
        &self.pooled.positions
    }

    fn statistic(&self) -> f64 {
        (self.show)(self.value(), self.pooled.unit)
    }

    fn observed(&self) -> f64 {
        self.value()
    }

    fn tolerance(&self) -> f64 {
        let [marked, unmarked, between] = self.sums;
        // Plain sums over rows of rows.
        1e3 * f64::EPSILON * self.means.size(marked, unmarked, between)
    }

    fn batch(&self) -> usize {
        COLUMNS
    }

    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> Result<()> {
        let n = self.pooled.marks.len();
        let few = self.pooled.counts().0 * FEW < n;
        let marked = if few {
            marks
                .chunks_exact(n)
                .map(|marks| self.added_up(marks))
                .collect()
        } else {
            let columns = Array2::from_shape_fn((n, statistics.len()), |(i, k)| {
                f64::from(u8::from(marks[k * n + i]))
            });
            self.multiplied(columns.view())
        };
        let all = marks.chunks_exact(n);
        for ((statistic, marks), marked) in statistics.iter_mut().zip(all).zip(marked) {
            let with_all = marks.iter().zip(&self.rows);
            let with_all = with_all
                .map(|(&mark, row)| if mark { *row } else { 0.0 })
                .sum();
            *statistic = self.of_sums(marked, with_all);
        }
        Ok(())
    }
}
