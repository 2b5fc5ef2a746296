//! What a monitor is made with.

use std::sync::Arc;

use super::answer::Answer;
use crate::error::{Error, Result};
use crate::labels::LabelStore;
use crate::observer::check_max_models;

/// The most pairs of a window.
const MOST_PAIRS: usize = 10_000_000;

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// Which of several labels.
    Classes,
    /// A number.
    Numbers,
}

impl Learned {
    /// Of `"classification"` or `"regression"`.
    ///
    /// # Errors
    /// `InvalidValue` for any other name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "classification" => Ok(Self::Classes),
            "regression" => Ok(Self::Numbers),
            other => Err(Error::invalid_value(
                "task",
                format!("{other:?}"),
                "\"classification\", \"regression\", or None to tell it by the values",
            )),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classes => "classification",
            Self::Numbers => "regression",
        }
    }
}

/// The options of a [`PerformanceMonitor`](super::PerformanceMonitor).
#[derive(Debug, Clone)]
pub struct PerformanceConfig {
    /// The metadata key of the prediction; dots descend.
    pub prediction: Arc<str>,
    /// What is predicted; `None`: as the first pair of a model has it.
    pub task: Option<Learned>,
    /// The class that precision, recall and F1 are of; `None`: their means over the classes.
    pub positive: Option<Answer>,
    /// The last so many pairs count, 1 to 10,000,000.
    pub window: usize,
    /// Metrics are told after every so many pairs, 1 or more.
    pub every: u64,
    /// How long a prediction waits for its label in seconds of event time, above 0 and at
    /// most 1e9.
    pub ttl_s: f64,
    /// Predictions of a model that wait at most, and labels, 1 to 100,000,000.
    pub max_pending: usize,
    /// Pairs before metrics are told, 1 to `window`.
    pub min_labels: usize,
    /// The most models kept apart, 1 to 1,000,000; `None`: as many as the hub says, 1000
    /// without one.
    pub max_models: Option<usize>,
    /// The name in reports and logs.
    pub name: Arc<str>,
}

impl Default for PerformanceConfig {
    fn default() -> Self {
        Self {
            prediction: "prediction".into(),
            task: None,
            positive: None,
            window: 1_000,
            every: 100,
            ttl_s: 30.0 * 86_400.0,
            max_pending: 100_000,
            min_labels: 30,
            max_models: None,
            name: "performance_monitor".into(),
        }
    }
}

impl PerformanceConfig {
    /// # Errors
    /// `InvalidValue` that names the first option out of range.
    pub(super) fn validate(&self) -> Result<()> {
        let text = [("prediction", &self.prediction), ("name", &self.name)];
        for (argument, text) in text {
            if text.trim().is_empty() {
                let got = format!("{text:?}");
                return Err(Error::invalid_value(
                    argument,
                    got,
                    "text that is not empty",
                ));
            }
        }
        if !(1..=MOST_PAIRS).contains(&self.window) {
            let allowed = "a whole number from 1 to 10,000,000";
            return Err(Error::invalid_value("window", self.window, allowed));
        }
        if self.every == 0 {
            let allowed = "a whole number of 1 or more";
            return Err(Error::invalid_value("every", self.every, allowed));
        }
        if !(1..=self.window).contains(&self.min_labels) {
            let allowed = format!("a whole number from 1 to window, which is {}", self.window);
            return Err(Error::invalid_value("min_labels", self.min_labels, allowed));
        }
        if self.positive.is_some() && self.task == Some(Learned::Numbers) {
            let allowed = "no positive class with task \"regression\"";
            return Err(Error::invalid_value("positive", "one", allowed));
        }
        LabelStore::<(), ()>::new(self.max_pending, self.ttl_s)?;
        check_max_models(self.max_models)
    }
}
