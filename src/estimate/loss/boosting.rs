//! Gradient-boosted trees for the mean of a loss.

use serde::{Deserialize, Serialize};

use super::bins::Binned;
use super::tree::Tree;
use crate::error::{Error, Result};

const SHRINKAGE: f64 = 0.1;
const MOST_TREES: usize = 200;
/// Trees without a gain on rows that were held out, before it ends.
const PATIENCE: usize = 10;

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
    /// Fits to the rows of which `is_own` holds; the others say when to end.
    pub(super) fn fit(
        features: &[Vec<f64>],
        binned: &[Binned],
        losses: &[f64],
        is_own: impl Fn(usize) -> bool,
    ) -> Self {
        let (own, others): (Vec<u32>, Vec<u32>) =
            (0..losses.len() as u32).partition(|&row| is_own(row as usize));
        let loss = |row: u32| losses.get(row as usize).copied().unwrap_or_default();
        let mean = own.iter().map(|&row| loss(row)).sum::<f64>() / own.len().max(1) as f64;
        let mut fitted = vec![mean; losses.len()];
        let mut residuals = vec![0.0; losses.len()];
        let error = |fitted: &[f64]| -> f64 {
            let fitted = |row: u32| fitted.get(row as usize).copied().unwrap_or_default();
            others
                .iter()
                .map(|&row| (loss(row) - fitted(row)).powi(2))
                .sum()
        };
        let (mut least, mut kept) = (error(&fitted), 0);
        let mut trees = Vec::new();
        let mut rows = own.clone();
        while trees.len() < MOST_TREES && trees.len() < kept + PATIENCE {
            let pairs = losses.iter().zip(&fitted);
            residuals
                .iter_mut()
                .zip(pairs)
                .for_each(|(own, (loss, fitted))| *own = loss - fitted);
            rows.copy_from_slice(&own);
            let tree = Tree::grow(binned, &residuals, &mut rows, SHRINKAGE, &mut fitted);
            for &row in &others {
                let row = row as usize;
                if let Some(fitted) = fitted.get_mut(row) {
                    *fitted += tree.predict(|feature| value(features, feature, row));
                }
            }
            trees.push(tree);
            let error = error(&fitted);
            if error < least {
                (least, kept) = (error, trees.len());
            }
        }
        trees.truncate(kept);
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
