//! What is known of one model.

use std::sync::Arc;

use super::answer::Answer;
use super::config::{Learned, PerformanceConfig};
use super::pairs::Pairs;
use crate::event::{Event, Kind, Metadata, ModelId, Timestamp, Value};
use crate::labels::{LabelCounts, LabelStore};

/// A value and what it looks like.
pub(super) type Truth = (Answer, Learned);

/// What is known of one model.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) store: LabelStore<Truth, Truth>,
    pairs: Pairs,
    task: Option<Learned>,
    refused: u64,
    /// Pairs that counted.
    seen: u64,
    pub(super) last_seen: Timestamp,
}

/// What is known of one model at one moment.
#[derive(Debug, Clone)]
pub struct PerformanceStats {
    /// The model; `None` for predictions that named none.
    pub model: Option<ModelId>,
    /// What it predicts; `None` before the first pair, unless it was said.
    pub task: Option<Learned>,
    /// What became of predictions and labels.
    pub counts: LabelCounts,
    /// The share of predictions that have their label by now.
    pub coverage: Option<f64>,
    /// Pairs in the window.
    pub n: usize,
    /// Pairs that are no pairs of one kind, and count nowhere.
    pub refused: u64,
    /// By name; empty before the first pair.
    pub metrics: Vec<(Kind, f64)>,
    /// The time of the last prediction or label.
    pub last_seen: Timestamp,
}

impl Watched {
    pub(super) fn new(config: &PerformanceConfig, empty: &LabelStore<Truth, Truth>) -> Self {
        Self {
            store: empty.clone(),
            pairs: Pairs::default(),
            task: config.task,
            refused: 0,
            seen: 0,
            last_seen: Timestamp::from_nanos(i64::MIN),
        }
    }

    /// Takes a pair; whether the metrics are to be told.
    pub(super) fn pair(
        &mut self,
        prediction: Truth,
        truth: Truth,
        config: &PerformanceConfig,
    ) -> bool {
        let looks = match (prediction.1, truth.1) {
            (Learned::Classes, Learned::Classes) => Learned::Classes,
            _ => Learned::Numbers,
        };
        let is_number = |truth: &Truth| matches!(truth.0, Answer::Number(_));
        let numbers = (is_number(&prediction), is_number(&truth));
        let task = self.task.unwrap_or(looks);
        let fits = match task {
            Learned::Classes => numbers.0 == numbers.1,
            Learned::Numbers => numbers == (true, true),
        };
        if !fits {
            self.refused += 1;
            return false;
        }
        self.task = Some(task);
        self.seen += 1;
        self.pairs.push(prediction.0, truth.0, config.window);
        self.seen.is_multiple_of(config.every) && self.pairs.len() >= config.min_labels
    }

    pub(super) fn metrics(&self, config: &PerformanceConfig) -> Vec<(Kind, f64)> {
        let task = self.task.unwrap_or(Learned::Classes);
        self.pairs.metrics(task, config.positive.as_ref())
    }

    /// The events of the metrics.
    pub(super) fn told(
        &self,
        model: &Option<ModelId>,
        at: Timestamp,
        config: &PerformanceConfig,
    ) -> Vec<Event> {
        let counts = self.store.counts();
        let mut metadata = Metadata::from([
            ("samples_seen".to_owned(), Value::from(self.seen)),
            ("n".to_owned(), Value::from(self.pairs.len() as u64)),
            ("pending".to_owned(), Value::from(counts.pending)),
        ]);
        if let Some(coverage) = counts.coverage() {
            metadata.insert("coverage".to_owned(), Value::from(coverage));
        }
        let metadata = Arc::new(metadata);
        let events = self.metrics(config).into_iter().map(|(kind, value)| {
            let mut event = Event::at(kind, Some(value), at);
            event.model.clone_from(model);
            event.metadata = Some(Arc::clone(&metadata));
            event
        });
        events.collect()
    }

    pub(super) fn stats(
        &self,
        model: Option<ModelId>,
        config: &PerformanceConfig,
    ) -> PerformanceStats {
        let counts = self.store.counts();
        PerformanceStats {
            model,
            task: self.task,
            counts,
            coverage: counts.coverage(),
            n: self.pairs.len(),
            refused: self.refused,
            metrics: self.metrics(config),
            last_seen: self.last_seen,
        }
    }
}
