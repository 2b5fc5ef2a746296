//! Regression trees over binned features, grown where they gain most.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::bins::{BINS, Binned, LEAST_ROWS, MISSING};
use crate::error::{Error, Result};

const LEAVES: usize = 31;
/// Added to the rows of a leaf, so that small ones say less.
const RIDGE: f64 = 1.0;
/// What no feature is.
const LEAF: u32 = u32::MAX;

/// A tree: the root first, children after their parents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Node {
    /// What is asked for, or that nothing is.
    feature: u32,
    /// Up to this value to the left.
    threshold: f64,
    /// Where a missing value goes.
    missing_left: bool,
    /// The left child; the right one follows it.
    left: u32,
    value: f64,
}

/// Sum and number of rows of each bin of each feature; missing values last.
type Histogram = Vec<[f64; 2]>;

const SLOTS: usize = BINS + 1;

struct Growing<'a> {
    features: &'a [Binned],
    residuals: &'a [f64],
    nodes: Vec<Node>,
}

/// A node that may be split.
struct Leaf {
    node: usize,
    /// Its part of the rows.
    rows: Range<usize>,
    histogram: Histogram,
    split: Option<Split>,
}

struct Split {
    gain: f64,
    feature: usize,
    /// The last bin to the left.
    bin: usize,
    missing_left: bool,
}

impl Tree {
    /// Grows on these rows; adds what it says of each of them to `fitted`.
    pub(super) fn grow(
        features: &[Binned],
        residuals: &[f64],
        rows: &mut [u32],
        shrinkage: f64,
        fitted: &mut [f64],
    ) -> Self {
        let mut growing = Growing {
            features,
            residuals,
            nodes: vec![Node::leaf(0.0)],
        };
        let mut leaves = vec![growing.leaf(0, 0..rows.len(), growing.histogram(rows))];
        while leaves.len() < LEAVES {
            // The first of the greatest gain.
            let gain = |leaf: &Leaf| leaf.split.as_ref().map_or(0.0, |split| split.gain);
            let mut best = None;
            let mut most = 0.0;
            for (place, leaf) in leaves.iter().enumerate() {
                if gain(leaf) > most {
                    (best, most) = (Some(place), gain(leaf));
                }
            }
            let Some(best) = best else { break };
            let leaf = leaves.swap_remove(best);
            leaves.extend(growing.split(leaf, rows));
        }
        for leaf in leaves {
            let rows = rows.get(leaf.rows).unwrap_or_default();
            let own = rows.iter().filter_map(|&row| residuals.get(row as usize));
            let value = shrinkage * own.sum::<f64>() / (rows.len() as f64 + RIDGE);
            for &row in rows {
                if let Some(fitted) = fitted.get_mut(row as usize) {
                    *fitted += value;
                }
            }
            if let Some(node) = growing.nodes.get_mut(leaf.node) {
                node.value = value;
            }
        }
        Self {
            nodes: growing.nodes,
        }
    }

    /// What it says of a row; `feature` gives its features.
    pub(super) fn predict(&self, feature: impl Fn(usize) -> f64) -> f64 {
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.value;
            }
            let value = feature(node.feature as usize);
            let is_left = if value.is_nan() {
                node.missing_left
            } else {
                value <= node.threshold
            };
            at = node.left as usize + usize::from(!is_left);
        }
        0.0
    }

    pub(super) fn validate(&self, features: usize) -> Result<()> {
        let is_good = |(place, node): (usize, &Node)| {
            node.value.is_finite()
                && (node.feature == LEAF
                    || (node.feature as usize) < features
                        && node.threshold.is_finite()
                        && node.left as usize > place
                        && (node.left as usize + 1) < self.nodes.len())
        };
        if !self.nodes.is_empty() && self.nodes.iter().enumerate().all(is_good) {
            return Ok(());
        }
        Err(Error::invalid_value(
            "trees",
            "others",
            "trees whose children follow their parents",
        ))
    }
}

impl Node {
    fn leaf(value: f64) -> Self {
        Self {
            feature: LEAF,
            threshold: 0.0,
            missing_left: false,
            left: 0,
            value,
        }
    }
}

impl Growing<'_> {
    fn histogram(&self, rows: &[u32]) -> Histogram {
        let mut histogram = vec![[0.0; 2]; SLOTS * self.features.len()];
        for (bins, feature) in histogram.chunks_exact_mut(SLOTS).zip(self.features) {
            for &row in rows {
                let row = row as usize;
                let (Some(&code), Some(residual)) =
                    (feature.codes.get(row), self.residuals.get(row))
                else {
                    continue;
                };
                let slot = if code == MISSING { BINS } else { code as usize };
                if let Some([sum, number]) = bins.get_mut(slot) {
                    *sum += residual;
                    *number += 1.0;
                }
            }
        }
        histogram
    }

    fn leaf(&self, node: usize, rows: Range<usize>, histogram: Histogram) -> Leaf {
        Leaf {
            split: self.best(&histogram),
            node,
            rows,
            histogram,
        }
    }

    /// The two leaves that one becomes; none of a leaf that cannot be split.
    fn split(&mut self, leaf: Leaf, all: &mut [u32]) -> Vec<Leaf> {
        let (Some(split), Some(rows)) = (leaf.split, all.get_mut(leaf.rows.clone())) else {
            return Vec::new();
        };
        let left = self.nodes.len();
        let feature = self.features.get(split.feature);
        let threshold = feature
            .and_then(|feature| feature.ends.get(split.bin))
            .copied();
        if let Some(node) = self.nodes.get_mut(leaf.node) {
            *node = Node {
                feature: split.feature as u32,
                // Beyond the last bin only what is missing goes.
                threshold: threshold.unwrap_or(f64::MAX),
                missing_left: split.missing_left,
                left: left as u32,
                value: 0.0,
            };
        }
        self.nodes.extend([Node::leaf(0.0); 2]);
        let codes = feature.map_or(&[][..], |feature| &feature.codes);
        let is_left = |row: &u32| match codes.get(*row as usize) {
            Some(&MISSING) | None => split.missing_left,
            Some(&code) => code as usize <= split.bin,
        };
        // The order of rows stays, so that sums do.
        let (mut ours, others): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| is_left(row));
        let middle = ours.len();
        let is_less = middle <= others.len();
        let less = self.histogram(if is_less { &ours } else { &others });
        ours.extend(others);
        rows.copy_from_slice(&ours);
        let mut more = leaf.histogram;
        for (more, less) in more.iter_mut().zip(&less) {
            more[0] -= less[0];
            more[1] -= less[1];
        }
        let (own, other) = if is_less { (less, more) } else { (more, less) };
        let middle = leaf.rows.start + middle;
        vec![
            self.leaf(left, leaf.rows.start..middle, own),
            self.leaf(left + 1, middle..leaf.rows.end, other),
        ]
    }

    fn best(&self, histogram: &Histogram) -> Option<Split> {
        let least_rows = LEAST_ROWS as f64;
        let mut best: Option<Split> = None;
        for (index, (bins, feature)) in histogram.chunks_exact(SLOTS).zip(self.features).enumerate()
        {
            let total = bins
                .iter()
                .fold([0.0; 2], |sum, bin| [sum[0] + bin[0], sum[1] + bin[1]]);
            let missing = bins.last().copied().unwrap_or_default();
            let score = |[sum, rows]: [f64; 2]| sum * sum / (rows + RIDGE);
            let before = score(total);
            let mut left = [0.0; 2];
            for bin in 0..=feature.ends.len() {
                let own = bins.get(bin).copied().unwrap_or_default();
                left = [left[0] + own[0], left[1] + own[1]];
                for missing_left in [false, true] {
                    if missing[1] == 0.0 && missing_left {
                        continue;
                    }
                    let part = if missing_left {
                        [left[0] + missing[0], left[1] + missing[1]]
                    } else {
                        left
                    };
                    let rest = [total[0] - part[0], total[1] - part[1]];
                    if part[1] < least_rows || rest[1] < least_rows {
                        continue;
                    }
                    let gain = score(part) + score(rest) - before;
                    let least = best.as_ref().map_or(before.abs() * 1e-12, |best| best.gain);
                    if gain > least {
                        best = Some(Split {
                            gain,
                            feature: index,
                            bin,
                            missing_left,
                        });
                    }
                }
            }
        }
        best
    }
}
