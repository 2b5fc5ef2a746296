//! Gradient-boosted trees for the mean of a loss.

use serde::{Deserialize, Serialize};

use super::bins::Binned;
use super::tree::Tree;
use crate::error::{Error, Result};

const SHRINKAGE: f64 = 0.1;
const TREES: usize = 100;

/// A sum of trees.
///
/// # Source
/// Friedman, Greedy function approximation: a gradient boosting machine, 2001, algorithm 2
/// (least squares), with shrinkage; binned features as LightGBM has them (Ke et al., 2017).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Boosted {
    mean: f64,
    trees: Vec<Tree>,
}

impl Boosted {
    /// Fits to the rows of which `is_own` holds.
    pub(super) fn fit(binned: &[Binned], losses: &[f64], is_own: impl Fn(usize) -> bool) -> Self {
        let all = 0..losses.len() as u32;
        let own: Vec<u32> = all.filter(|&row| is_own(row as usize)).collect();
        let sum: f64 = own.iter().filter_map(|&row| losses.get(row as usize)).sum();
        let mean = sum / own.len().max(1) as f64;
        let mut fitted = vec![mean; losses.len()];
        let mut residuals = vec![0.0; losses.len()];
        let mut rows = own.clone();
        let tree = |_| {
            let pairs = losses.iter().zip(&fitted);
            residuals
                .iter_mut()
                .zip(pairs)
                .for_each(|(own, (loss, fitted))| *own = loss - fitted);
            rows.copy_from_slice(&own);
            Tree::grow(binned, &residuals, &mut rows, SHRINKAGE, &mut fitted)
        };
        let trees = (0..TREES).map(tree).collect();
        Self { mean, trees }
    }

    pub(super) fn predict(&self, features: &[Vec<f64>], row: usize) -> f64 {
        let says = |tree: &Tree| tree.predict(|feature| value(features, feature, row));
        self.mean + self.trees.iter().map(says).sum::<f64>()
    }

    pub(super) fn validate(&self, features: usize) -> Result<()> {
        if !self.mean.is_finite() {
            return Err(Error::invalid_value("mean", self.mean, "a finite number"));
        }
        self.trees
            .iter()
            .try_for_each(|tree| tree.validate(features))
    }
}

fn value(features: &[Vec<f64>], feature: usize, row: usize) -> f64 {
    let own = features.get(feature).and_then(|values| values.get(row));
    own.copied().unwrap_or(f64::NAN)
}
