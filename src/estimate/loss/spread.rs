//! How far losses lie from what was predicted of them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const BINS: usize = 20;
/// A bin has at least so many rows.
const LEAST_ROWS: usize = 50;

/// Losses that were predicted without themselves, by what was predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Residuals {
    /// The greatest prediction of each bin but the last.
    ends: Vec<f64>,
    bins: Vec<Bin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bin {
    rows: f64,
    /// The mean square of loss less prediction.
    variance: f64,
}

/// The mean loss of some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    pub(super) value: f64,
    pub(super) variance: f64,
}

impl Residuals {
    /// Of pairs of prediction and loss; there is one at least.
    pub(super) fn new(mut pairs: Vec<(f64, f64)>) -> Self {
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let bins = (pairs.len() / LEAST_ROWS).clamp(1, BINS);
        let at = |bin: usize| pairs.get(bin * pairs.len() / bins).map(|pair| pair.0);
        let mut ends: Vec<f64> = (1..bins).filter_map(at).collect();
        ends.dedup();
        if ends.last() == pairs.last().map(|pair| &pair.0) {
            ends.pop();
        }
        let mut sums = vec![(0.0, 0.0); ends.len() + 1];
        for (predicted, loss) in pairs {
            let residual = loss - predicted;
            if let Some((rows, squares)) = sums.get_mut(place(&ends, predicted)) {
                *rows += 1.0;
                *squares += residual * residual;
            }
        }
        let bin = |(rows, squares): (f64, f64)| Bin {
            rows,
            variance: squares / f64::max(rows, 1.0),
        };
        Self {
            bins: sums.into_iter().map(bin).collect(),
            ends,
        }
    }

    /// What is to be expected of rows with these predictions. The variance is that of
    /// their own losses, and that of what was learnt: `learnt`, or that of the mean residuals
    /// of the bins, whichever is more.
    pub(super) fn mean(&self, predicted: impl Iterator<Item = f64>, learnt: f64) -> Option<Mean> {
        let mut rows = vec![0.0; self.bins.len()];
        let (mut sum, mut number) = (0.0, 0.0);
        for predicted in predicted {
            let place = place(&self.ends, predicted);
            let Some(rows) = rows.get_mut(place) else {
                continue;
            };
            sum += predicted.max(0.0);
            number += 1.0;
            *rows += 1.0;
        }
        if number == 0.0 {
            return None;
        }
        let bins = || self.bins.iter().zip(&rows);
        let own: f64 = bins().map(|(bin, rows)| bin.variance * rows).sum();
        let of_bin = |(bin, rows): (&Bin, &f64)| bin.variance * rows * rows / bin.rows.max(1.0);
        let of_means: f64 = bins().map(of_bin).sum();
        let squared = number * number;
        Some(Mean {
            value: sum / number,
            variance: own / squared + learnt.max(of_means / squared),
        })
    }

    pub(super) fn validate(&self) -> Result<()> {
        let is_good =
            |bin: &Bin| bin.rows >= 0.0 && bin.variance.is_finite() && bin.variance >= 0.0;
        let ascend = self.ends.is_sorted() && self.ends.iter().all(|end| end.is_finite());
        if ascend && self.bins.len() == self.ends.len() + 1 && self.bins.iter().all(is_good) {
            return Ok(());
        }
        Err(Error::invalid_value(
            "residuals",
            "others",
            "ascending bins with finite variances",
        ))
    }
}

fn place(ends: &[f64], predicted: f64) -> usize {
    ends.partition_point(|end| *end < predicted)
}
