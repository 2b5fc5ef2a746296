//! What can be read of a monitor.

use std::cmp::Reverse;

use super::state::Latencies;
use super::{LatencyMonitor, LatencyStats};
use crate::error::{Error, Result};
use crate::event::ModelId;

/// Lines that a tick logs at most.
const LINES: usize = 20;

impl LatencyMonitor {
    /// The models with figures of their own, in the order in which they came.
    pub fn models(&self) -> Vec<Option<ModelId>> {
        let state = self.state.lock();
        state
            .series
            .iter()
            .map(|(model, _)| model.clone())
            .collect()
    }

    /// The figures of a model; `None` is inferences that named none, the model
    /// `__overflow__` those that found no room.
    ///
    /// # Errors
    /// `InvalidValue` for a model that was not heard of.
    pub fn stats(&self, model: Option<&ModelId>) -> Result<LatencyStats> {
        self.read(model, |latencies| {
            LatencyStats::new(model.cloned(), latencies, &self.config, &self.objective)
        })
    }

    /// The value in ms that a share `q` of a model's latencies does not exceed,
    /// over its life; `None` before the first. `q` is from 0 to 1.
    ///
    /// # Errors
    /// `InvalidValue` for a `q` out of range and a model that was not heard of.
    pub fn quantile(&self, q: f64, model: Option<&ModelId>) -> Result<Option<f64>> {
        if !(0.0..=1.0).contains(&q) {
            return Err(Error::invalid_value("q", q, "a number from 0 to 1"));
        }
        self.read(model, |latencies| latencies.panes.life().quantile(q))
    }

    /// Whether a model's objective is breached.
    ///
    /// # Errors
    /// `InvalidValue` for a model that was not heard of.
    pub fn breached(&self, model: Option<&ModelId>) -> Result<bool> {
        self.read(model, |latencies| latencies.breached)
    }

    fn read<T>(&self, model: Option<&ModelId>, read: impl Fn(&Latencies) -> T) -> Result<T> {
        let key = model.cloned();
        let state = self.state.lock();
        let own = state.series.get(&key);
        let shared = state.series.overflow().filter(|_| key == self.overflow);
        if let Some(latencies) = own.or(shared) {
            return Ok(read(latencies));
        }
        let known = state
            .series
            .iter()
            .map(|(model, _)| name_of(model.as_ref()));
        let mut allowed: Vec<_> = known.take(5).collect();
        if state.series.len() > allowed.len() {
            allowed.push(format!("... ({} in all)", state.series.len()));
        }
        let allowed = match allowed.is_empty() {
            true => "a model that was heard of (none was yet)".to_owned(),
            false => format!("one that was heard of: {}", allowed.join(", ")),
        };
        Err(Error::invalid_value("model", name_of(model), allowed))
    }

    /// Inferences that found no room for a model of their own, refused ones
    /// included.
    pub fn n_overflow(&self) -> u64 {
        let state = self.state.lock();
        state.series.overflow().map_or(0, |shared| {
            shared.panes.n() + shared.n_failed + shared.n_refused
        })
    }

    /// Latencies refused since the start, of all models.
    pub fn n_refused(&self) -> u64 {
        let state = self.state.lock();
        let own = state.series.iter().map(|(_, latencies)| latencies);
        own.chain(state.series.overflow())
            .map(|latencies| latencies.n_refused)
            .sum()
    }

    /// One line per model, those that are busiest in the window first, at most 20
    /// and one that counts the others.
    pub fn summary(&self) -> Vec<String> {
        let (stats, others) = self.busiest();
        let mut lines: Vec<_> = stats.iter().map(|stats| stats.line(&self.config)).collect();
        if others > 0 {
            lines.push(format!("and {others} more"));
        }
        lines
    }

    fn busiest(&self) -> (Vec<LatencyStats>, usize) {
        let state = self.state.lock();
        let own = state.series.iter();
        let shared = state
            .series
            .overflow()
            .map(|shared| (&self.overflow, shared));
        let mut all: Vec<_> = own.chain(shared).collect();
        all.sort_by_key(|(_, latencies)| {
            let total = latencies.window.total();
            Reverse(total.answered + total.failed)
        });
        let others = all.len().saturating_sub(LINES);
        let shown = all.into_iter().take(LINES);
        let shown: Vec<_> = shown
            .map(|(model, latencies)| (model.clone(), latencies.clone()))
            .collect();
        drop(state); // making figures takes longer than copying what they are made of
        let stats = shown.into_iter().map(|(model, latencies)| {
            LatencyStats::new(model, &latencies, &self.config, &self.objective)
        });
        (stats.collect(), others)
    }
}

/// A model in an error message.
fn name_of(model: Option<&ModelId>) -> String {
    model.map_or("None (no model)".to_owned(), |model| {
        let name = model.to_string();
        format!("{name:?}")
    })
}
