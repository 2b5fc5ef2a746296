//! Labels and the labels predicted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Metric;
use super::difference::{newcombe, plain};
use super::in_order;

/// Labels that are counted one by one.
const MOST_LABELS: usize = 4096;

/// Counts of pairs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Labels {
    rows: u64,
    right: u64,
    #[serde(with = "in_order")]
    labels: HashMap<String, Label>,
    /// There are more labels than are counted one by one.
    too_many: bool,
}

/// Rows of a label.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Label {
    targets: u64,
    predictions: u64,
    /// Both.
    right: u64,
}

/// Means over labels.
struct Means {
    recall_of_targets: f64,
    precision: f64,
    recall: f64,
    f1: f64,
}

impl Labels {
    /// Pairs, where they can be what was counted.
    pub(super) fn checked(&self) -> Option<u64> {
        let sum = |of: fn(&Label) -> u64| {
            let mut counts = self.labels.values().map(of);
            counts.try_fold(0_u64, u64::checked_add)
        };
        let sums = (
            sum(|label| label.targets)?,
            sum(|label| label.predictions)?,
            sum(|label| label.right)?,
        );
        let each = |label: &Label| label.right <= label.targets.min(label.predictions);
        let known = if self.too_many {
            self.labels.is_empty() && self.right <= self.rows
        } else {
            sums == (self.rows, self.rows, self.right) && self.labels.values().all(each)
        };
        (known && self.labels.len() <= MOST_LABELS).then_some(self.rows)
    }

    /// Adds pairs; says how many are complete.
    pub(super) fn add(&mut self, targets: &[Option<&str>], predictions: &[Option<&str>]) -> u64 {
        let before = self.rows;
        for pair in targets.iter().zip(predictions) {
            let (&Some(target), &Some(prediction)) = pair else {
                continue;
            };
            self.rows += 1;
            if target == prediction {
                self.right += 1;
                self.count(target, [1, 1, 1]);
            } else {
                self.count(target, [1, 0, 0]);
                self.count(prediction, [0, 1, 0]);
            }
        }
        self.rows - before
    }

    fn count(&mut self, label: &str, [targets, predictions, right]: [u64; 3]) {
        if self.too_many {
            return;
        }
        if !self.labels.contains_key(label) {
            if self.labels.len() >= MOST_LABELS {
                self.too_many = true;
                self.labels.clear();
                return;
            }
            self.labels.insert(label.to_owned(), Label::default());
        }
        if let Some(own) = self.labels.get_mut(label) {
            own.targets += targets;
            own.predictions += predictions;
            own.right += right;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.right += other.right;
        if other.too_many {
            self.too_many = true;
            self.labels.clear();
        }
        for (label, counts) in &other.labels {
            self.count(label, [counts.targets, counts.predictions, counts.right]);
        }
    }

    fn means(&self) -> Option<Means> {
        if self.too_many || self.rows == 0 {
            return None;
        }
        // In an order that the rows do not change.
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_unstable_by_key(|(name, _)| *name);
        let ratio = |right: u64, all: u64| {
            if all == 0 {
                0.0
            } else {
                right as f64 / all as f64
            }
        };
        let mut means = Means {
            recall_of_targets: 0.0,
            precision: 0.0,
            recall: 0.0,
            f1: 0.0,
        };
        let mut with_targets = 0.0;
        for (_, label) in &labels {
            let recall = ratio(label.right, label.targets);
            means.recall += recall;
            means.precision += ratio(label.right, label.predictions);
            means.f1 += ratio(2 * label.right, label.targets + label.predictions);
            with_targets += f64::from(u8::from(label.targets > 0));
        }
        let all = labels.len() as f64;
        means.recall_of_targets = means.recall / with_targets;
        means.precision /= all;
        means.recall /= all;
        means.f1 /= all;
        Some(means)
    }
}

pub(super) fn compare(baseline: &Labels, current: &Labels, level: f64) -> Vec<Metric> {
    let (b, c) = (baseline.means(), current.means());
    let mean = |name, of: fn(&Means) -> f64| plain(name, b.as_ref().map(of), c.as_ref().map(of));
    let share = |side: &Labels| (side.right, side.rows);
    vec![
        newcombe("accuracy", share(baseline), share(current), level),
        mean("balanced_accuracy", |means| means.recall_of_targets),
        mean("precision_macro", |means| means.precision),
        mean("recall_macro", |means| means.recall),
        mean("f1_macro", |means| means.f1),
    ]
}
