//! The last pairs of a model, and what they come to.

use std::collections::{BTreeMap, VecDeque};

use super::answer::Answer;
use super::config::Learned;
use crate::event::Kind;
use crate::math;

/// The last predictions, each with what was true.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    last: VecDeque<(Answer, Answer)>,
}

/// Rows of a class.
#[derive(Default)]
struct Class {
    predicted: f64,
    is: f64,
    right: f64,
}

impl Class {
    /// Precision, recall and F1; 0 where there is nothing to divide by.
    fn figures(&self) -> [f64; 3] {
        let share = |of: f64| if of > 0.0 { self.right / of } else { 0.0 };
        let both = self.predicted + self.is;
        let f1 = if both > 0.0 {
            2.0 * self.right / both
        } else {
            0.0
        };
        [share(self.predicted), share(self.is), f1]
    }
}

impl Pairs {
    pub(super) fn len(&self) -> usize {
        self.last.len()
    }

    pub(super) fn push(&mut self, prediction: Answer, truth: Answer, most: usize) {
        if self.last.len() >= most {
            self.last.pop_front();
        }
        self.last.push_back((prediction, truth));
    }

    /// The metrics, none without pairs.
    ///
    /// # Cost
    /// O(n log k) for n pairs and k classes.
    pub(super) fn metrics(&self, task: Learned, positive: Option<&Answer>) -> Vec<(Kind, f64)> {
        if self.last.is_empty() {
            return Vec::new();
        }
        match task {
            Learned::Classes => self.of_classes(positive),
            Learned::Numbers => self.of_numbers(),
        }
    }

    fn of_classes(&self, positive: Option<&Answer>) -> Vec<(Kind, f64)> {
        let mut classes: BTreeMap<&Answer, Class> = BTreeMap::new();
        let mut right = 0.0;
        for (prediction, truth) in &self.last {
            classes.entry(prediction).or_default().predicted += 1.0;
            let class = classes.entry(truth).or_default();
            class.is += 1.0;
            if prediction == truth {
                class.right += 1.0;
                right += 1.0;
            }
        }
        let figures = match positive {
            Some(positive) => classes.get(positive).map_or([0.0; 3], Class::figures),
            None => {
                let all = classes.values().map(Class::figures);
                let sum = all.fold([0.0; 3], |sum, own| [0, 1, 2].map(|k| sum[k] + own[k]));
                sum.map(|sum| sum / classes.len() as f64)
            }
        };
        let kinds = [Kind::Precision, Kind::Recall, Kind::F1];
        let accuracy = (Kind::Accuracy, right / self.last.len() as f64);
        std::iter::once(accuracy)
            .chain(kinds.into_iter().zip(figures))
            .collect()
    }

    fn of_numbers(&self) -> Vec<(Kind, f64)> {
        let errors = self.last.iter().filter_map(|pair| match pair {
            (Answer::Number(prediction), Answer::Number(truth)) => Some(prediction - truth),
            _ => None,
        });
        let errors: Vec<f64> = errors.collect();
        let n = errors.len() as f64;
        let mean = |values: Vec<f64>| math::sum(&values) / n;
        let mae = mean(errors.iter().map(|error| error.abs()).collect());
        let rmse = mean(errors.iter().map(|error| error * error).collect()).sqrt();
        let custom = |name: &str, value| (Kind::Custom(name.into()), value);
        vec![custom("mae", mae), custom("rmse", rmse)]
    }
}
