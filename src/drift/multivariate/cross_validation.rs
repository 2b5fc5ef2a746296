//! A ridge classifier, fitted to all rows but a fold and judged on the fold, for
//! many relabellings at once.

use ndarray::{Array2, ArrayView2, Axis};

use super::ranked_features::ranked_features;
use super::rows::{Pooled, seed_of};
use crate::drift::resampling::{Relabelled, Stream};
use crate::error::{Error, Result};

/// Relabellings that are multiplied at a time.
const COLUMNS: usize = 64;
/// Scores are rounded to this part of 1; they are about 0 to 1.
const SCORES: f64 = 1e10;

/// The rows of a fold, and the classifier of all others as a function of their
/// marks.
#[derive(Debug)]
struct Fold {
    train: Vec<usize>,
    test: Vec<usize>,
    /// Shape (p, train): coefficients = solution . marks.
    solution: Array2<f64>,
    /// Shape (test, p).
    features: Array2<f64>,
}

/// The out-of-fold area under the curve as a function of the marks. Folds do
/// not depend on the marks, so relabelling and validating again is exact.
#[derive(Debug)]
pub(super) struct CrossValidated {
    pooled: Pooled,
    folds: Vec<Fold>,
    observed: f64,
}

impl CrossValidated {
    pub(super) fn new(pooled: Pooled, folds: usize, seed: u64) -> Result<Self> {
        let features = ranked_features(pooled.values.view())?;
        let mut order: Vec<usize> = (0..pooled.marks.len()).collect();
        Stream::new(seed_of(features.view(), seed), 0).shuffle(&mut order);
        let folds = folds.min(order.len());
        let fold = |k: usize| {
            let of = |wanted: bool| {
                let rows = order.iter().enumerate();
                let chosen = rows.filter(move |(i, _)| (i % folds == k) == wanted);
                chosen.map(|(_, &row)| row).collect::<Vec<_>>()
            };
            Fold::new(features.view(), of(false), of(true))
        };
        let mut this = Self {
            folds: (0..folds).map(fold).collect(),
            pooled,
            observed: 0.0,
        };
        let mut observed = [0.0];
        this.relabelled(&this.pooled.marks, &mut observed)?;
        [this.observed] = observed;
        Ok(this)
    }
}

impl Fold {
    fn new(features: ArrayView2<'_, f64>, train: Vec<usize>, test: Vec<usize>) -> Self {
        let mut x = features.select(Axis(0), &train);
        let mean = x.mean_axis(Axis(0)).unwrap_or_default();
        x -= &mean;
        // A constant per fold would not change an order: none is added.
        let mut gram = x.t().dot(&x);
        let p = gram.nrows();
        gram.diag_mut().mapv_inplace(|value| value + p as f64);
        let mut solution = x.reversed_axes().as_standard_layout().into_owned();
        solve(&mut gram, &mut solution);
        Self {
            features: features.select(Axis(0), &test),
            train,
            test,
            solution,
        }
    }
}

/// Of the pairs of a marked and an unmarked score: those in which the marked is
/// larger, ties as half; and all. Sorts `scores`.
pub(super) fn pairs_in_order(scores: &mut [(f64, bool)]) -> (f64, f64) {
    scores.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut unmarked, mut marked, mut doubled) = (0, 0, 0);
    for ties in scores.chunk_by(|a, b| a.0 == b.0) {
        let of_marked = ties.iter().filter(|(_, mark)| *mark).count();
        let of_unmarked = ties.len() - of_marked;
        doubled += of_marked * (2 * unmarked + of_unmarked);
        marked += of_marked;
        unmarked += of_unmarked;
    }
    (0.5 * doubled as f64, marked as f64 * unmarked as f64)
}

/// Replaces `right`, shape (p, k), by the solution of `matrix` . solution =
/// `right`; `matrix` is symmetric and positive definite. (Cholesky; Golub & Van
/// Loan, Matrix computations, 4th edition, algorithms 4.2.1 and 3.1.)
fn solve(matrix: &mut Array2<f64>, right: &mut Array2<f64>) {
    let p = matrix.nrows();
    for i in 0..p {
        for j in 0..=i {
            let (row_i, row_j) = (matrix.row(i), matrix.row(j));
            let known = match (row_i.to_slice(), row_j.to_slice()) {
                (Some(a), Some(b)) => dot(&a[..j], &b[..j]),
                _ => 0.0,
            };
            let left = matrix[[i, j]] - known;
            matrix[[i, j]] = if i == j {
                left.max(f64::MIN_POSITIVE).sqrt()
            } else {
                left / matrix[[j, j]]
            };
        }
    }
    for i in 0..p {
        let (known, mut rest) = right.view_mut().split_at(Axis(0), i);
        let mut row = rest.row_mut(0);
        for (j, other) in known.outer_iter().enumerate() {
            row.scaled_add(-matrix[[i, j]], &other);
        }
        row /= matrix[[i, i]];
    }
    for i in (0..p).rev() {
        let (mut rest, known) = right.view_mut().split_at(Axis(0), i + 1);
        let mut row = rest.row_mut(i);
        for (j, other) in known.outer_iter().enumerate() {
            row.scaled_add(-matrix[[i + 1 + j, i]], &other);
        }
        row /= matrix[[i, i]];
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    ndarray::ArrayView1::from(a).dot(&ndarray::ArrayView1::from(b))
}

impl Relabelled for CrossValidated {
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
        self.observed
    }

    fn observed(&self) -> f64 {
        self.observed
    }

    fn batch(&self) -> usize {
        COLUMNS
    }

    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> Result<()> {
        let n = self.pooled.marks.len();
        let mut counts = vec![(0.0, 0.0); statistics.len()];
        let mut scores = Vec::new();
        for fold in &self.folds {
            let labels = Array2::from_shape_fn((fold.train.len(), counts.len()), |(i, k)| {
                f64::from(u8::from(marks[k * n + fold.train[i]]))
            });
            let predicted = fold.features.dot(&fold.solution.dot(&labels));
            for ((k, column), counts) in
                predicted.columns().into_iter().enumerate().zip(&mut counts)
            {
                scores.clear();
                let own = fold.test.iter().map(|&row| marks[k * n + row]);
                // Scores that rounding alone tells apart are equal.
                let rounded = column.iter().map(|score| (score * SCORES).round());
                scores.extend(rounded.zip(own));
                let (right, all) = pairs_in_order(&mut scores);
                counts.0 += right;
                counts.1 += all;
            }
        }
        for (statistic, (right, all)) in statistics.iter_mut().zip(counts) {
            *statistic = if all > 0.0 { right / all } else { 0.5 };
        }
        Ok(())
    }
}
