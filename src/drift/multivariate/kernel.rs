//! Kernels and distances between all pairs of rows.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::rows::Pooled;

/// Rows whose pairs the median heuristic looks at.
const MEDIAN_ROWS: usize = 1000;

/// How alike two rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// exp(-|x - y|^2 / (2 h^2)), |.| Euclidean: sees every difference.
    #[default]
    Rbf,
    /// exp(-|x - y|_1 / h), the sum of absolute differences: sees every
    /// difference, and is less moved by outliers.
    Laplacian,
    /// (1 + x . y / d)^degree: sees differences of moments up to the degree.
    Polynomial,
    /// x . y: sees differences of means only.
    Linear,
}

/// A function of two rows with all its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pairwise {
    Rbf { bandwidth: f64 },
    Laplacian { bandwidth: f64 },
    Polynomial { scale: f64, degree: i32 },
    Linear { scale: f64 },
    Euclidean,
}

impl Pairwise {
    /// The kernel on rows divided by `pooled.unit`.
    pub(super) fn kernel(
        kernel: Kernel,
        bandwidth: Option<f64>,
        degree: usize,
        pooled: &Pooled,
    ) -> Self {
        let unit = pooled.unit;
        let width = |way| match bandwidth {
            Some(bandwidth) => bandwidth / unit,
            None => typical(way, pooled.values.view()),
        };
        let d = pooled.values.ncols() as f64;
        match kernel {
            Kernel::Rbf => Self::Rbf {
                bandwidth: width(Self::Euclidean),
            },
            Kernel::Laplacian => Self::Laplacian {
                bandwidth: width(Self::Laplacian { bandwidth: 0.0 }),
            },
            Kernel::Polynomial => Self::Polynomial {
                scale: unit / d * unit,
                degree: i32::try_from(degree).unwrap_or(i32::MAX),
            },
            Kernel::Linear => Self::Linear { scale: unit * unit },
        }
    }

    /// Writes what `accumulate` left for each pair as the function's value.
    fn finish(self, values: &mut [f64]) {
        match self {
            Self::Rbf { bandwidth } => {
                // Not infinite for a tiny bandwidth: equal rows have 0 of it.
                let factor = (0.5 / bandwidth / bandwidth).min(f64::MAX);
                for x in values {
                    *x = (-*x * factor).exp();
                }
            }
            Self::Laplacian { bandwidth } => {
                let factor = (1.0 / bandwidth).min(f64::MAX);
                for x in values {
                    *x = (-*x * factor).exp();
                }
            }
            Self::Polynomial { scale, degree } => {
                for x in values {
                    *x = (1.0 + *x * scale).powi(degree);
                }
            }
            Self::Linear { scale } => {
                for x in values {
                    *x *= scale;
                }
            }
            Self::Euclidean => {
                for x in values {
                    *x = x.sqrt();
                }
            }
        }
    }

    /// Adds one column's part for the pairs of row value `x` with `others`.
    fn accumulate(self, x: f64, others: &[f64], sums: &mut [f64]) {
        match self {
            Self::Rbf { .. } | Self::Euclidean => {
                for (sum, y) in sums.iter_mut().zip(others) {
                    *sum += (x - y) * (x - y);
                }
            }
            Self::Laplacian { .. } => {
                for (sum, y) in sums.iter_mut().zip(others) {
                    *sum += (x - y).abs();
                }
            }
            Self::Polynomial { .. } | Self::Linear { .. } => {
                for (sum, y) in sums.iter_mut().zip(others) {
                    *sum += x * y;
                }
            }
        }
    }
}

/// Calls `row(i, values)` for each row i with the function's values for the
/// pairs (i, i + 1), (i, i + 2), ... of the rows of `rows`, shape (n, d).
pub(super) fn for_each_row(
    way: Pairwise,
    rows: ArrayView2<'_, f64>,
    mut row: impl FnMut(usize, &mut [f64]),
) {
    each_row_of_sums(way, rows, |i, values| {
        way.finish(values);
        row(i, values);
    });
}

fn each_row_of_sums(
    way: Pairwise,
    rows: ArrayView2<'_, f64>,
    mut row: impl FnMut(usize, &mut [f64]),
) {
    // Columns in a row each, so that the inner loop runs over pairs.
    let columns: Array2<f64> = rows.t().as_standard_layout().into_owned();
    let mut buffer = vec![0.0; rows.nrows()];
    for i in 0..rows.nrows() {
        let (values, _) = buffer.split_at_mut(rows.nrows() - i - 1);
        values.fill(0.0);
        for column in columns.outer_iter() {
            if let Some([x, others @ ..]) = column.to_slice().and_then(|column| column.get(i..)) {
                way.accumulate(*x, others, values);
            }
        }
        row(i, values);
    }
}

/// The values of all pairs i < j in a square matrix; 0 elsewhere.
pub(super) fn upper_triangle(way: Pairwise, rows: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = rows.nrows();
    let mut matrix = Array2::zeros((n, n));
    let mut target = matrix.outer_iter_mut();
    for_each_row(way, rows, |i, values| {
        let row = target.next().and_then(|row| row.into_slice());
        if let Some(row) = row.and_then(|row| row.get_mut(i + 1..)) {
            row.copy_from_slice(values);
        }
    });
    matrix
}

/// The median heuristic: the median distance of the pairs of pooled rows
/// (Gretton et al. 2012, section 8); of at most 1,000 rows, evenly spaced in
/// lexicographic order. When it is 0, since most pairs are equal, their mean;
/// when all are equal, 1.
fn typical(way: Pairwise, rows: ArrayView2<'_, f64>) -> f64 {
    let n = rows.nrows();
    let few = n.min(MEDIAN_ROWS);
    let chosen: Vec<usize> = (0..few).map(|k| (2 * k + 1) * n / (2 * few)).collect();
    let rows = rows.select(Axis(0), &chosen);
    let mut distances = Vec::with_capacity(few * few.saturating_sub(1) / 2);
    each_row_of_sums(way, rows.view(), |_, values| {
        distances.extend_from_slice(values);
    });
    if distances.is_empty() {
        return 1.0;
    }
    // Of squared distances the same pair is in the middle.
    let root = |x: f64| match way {
        Pairwise::Euclidean => x.sqrt(),
        _ => x,
    };
    let count = distances.len();
    let (below, &mut upper, _) = distances.select_nth_unstable_by(count / 2, f64::total_cmp);
    let lower = if count % 2 == 0 {
        below.iter().copied().fold(0.0, f64::max)
    } else {
        upper
    };
    let median = 0.5 * (root(lower) + root(upper));
    if median > 0.0 {
        return median;
    }
    let mean = distances.iter().map(|x| root(*x)).sum::<f64>() / count as f64;
    if mean > 0.0 { mean } else { 1.0 }
}
