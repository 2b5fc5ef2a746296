//! Streams like a history.

use super::null::{Random, Stream};
use super::tail::Tail;
use crate::error::{Error, Result};
use crate::math::block_bootstrap::optimal_block_length;
use crate::math::{mean, sort_values};
use crate::stream::Input;

/// The shortest history, in values and in blocks.
pub(super) const LEAST: usize = 500;
const BLOCKS: usize = 20;

/// The part of the values on either side that is taken as tail, and the most values.
const SHARE: f64 = 0.1;
const MOST: usize = 2_000;

/// What can be learned from a history: how values follow each other within blocks, and how
/// large those beyond it may be.
#[derive(Debug, Clone)]
pub(super) struct History {
    values: Vec<f64>,
    block: usize,
    input: Input,
    /// Mean and standard deviation.
    pub(super) moments: (f64, f64),
    lower: Option<Tail>,
    upper: Option<Tail>,
}

impl History {
    /// `values` are finite; `block` as given by the user.
    ///
    /// # Errors
    /// `InvalidValue` for too few values, and for one value over and over.
    pub(super) fn new(values: Vec<f64>, block: Option<usize>, input: Input) -> Result<Self> {
        let best = || (2.0 * optimal_block_length(&values)).ceil() as usize;
        let block = block.unwrap_or_else(best).max(1);
        let least = LEAST.max(block.saturating_mul(BLOCKS));
        if values.len() < least {
            return Err(Error::invalid_value(
                "history",
                format!("{} values that are not missing", values.len()),
                format!(
                    "at least {least} values ({BLOCKS} blocks of {block} values, which depend \
                     on each other, and {LEAST} values)"
                ),
            ));
        }
        let history = Self::learned(values, block, input);
        if history.moments.1 > 0.0 {
            Ok(history)
        } else {
            let first = history.values.first().copied().unwrap_or_default();
            let got = format!("{first} over and over");
            let allowed = "values that vary: there is nothing to calibrate by";
            Err(Error::invalid_value("history", got, allowed))
        }
    }

    fn learned(values: Vec<f64>, block: usize, input: Input) -> Self {
        let centre = mean(&values);
        let squares: Vec<f64> = values.iter().map(|x| (x - centre).powi(2)).collect();
        let variance = mean(&squares) * (values.len() as f64 / (values.len() as f64 - 1.0));
        let (mut lower, mut upper) = (None, None);
        if input == Input::Real {
            let mut sorted = values.clone();
            sort_values(&mut sorted);
            let whole = sorted.iter().all(|x| x.fract() == 0.0);
            let most = ((sorted.len() as f64 * SHARE) as usize).min(MOST);
            upper = Tail::fitted(sorted.iter().rev().copied(), sorted.len(), most, 1.0, whole);
            lower = Tail::fitted(sorted.iter().copied(), sorted.len(), most, -1.0, whole);
        }
        Self {
            values,
            block,
            input,
            moments: (centre, variance.max(0.0).sqrt()),
            lower,
            upper,
        }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Values that depend on each other.
    pub(super) fn block(&self) -> usize {
        self.block
    }

    /// The smallest and the largest value.
    pub(super) fn range(&self) -> (f64, f64) {
        let low = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self
            .values
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    }

    /// What would have been learned from another history of the same length.
    pub(super) fn another(&self, seed: u64) -> Self {
        let mut values = vec![0.0; self.values.len()];
        self.stream(seed).fill(&mut values);
        Self::learned(values, self.block, self.input)
    }

    /// A stream in which nothing changes.
    pub(super) fn stream(&self, seed: u64) -> Resampled<'_> {
        Resampled {
            history: self,
            random: Random::new(seed),
            next: 0,
            left: 0,
        }
    }
}

/// Blocks of a history that start anywhere, with values in the tails drawn anew.
pub(super) struct Resampled<'a> {
    history: &'a History,
    random: Random,
    /// Where the block goes on, and how many values of it are left.
    next: usize,
    left: usize,
}

impl Stream for Resampled<'_> {
    fn fill(&mut self, values: &mut [f64]) {
        let history = self.history;
        let starts = history.values.len() - history.block.min(history.values.len()) + 1;
        for value in values {
            if self.left == 0 {
                self.next = self.random.below(starts);
                self.left = history.block;
            }
            let x = history.values.get(self.next).copied().unwrap_or_default();
            self.next += 1;
            self.left -= 1;
            *value = match (&history.upper, &history.lower) {
                (Some(tail), _) if tail.holds(x) => tail.draw(&mut self.random),
                (_, Some(tail)) if tail.holds(x) => tail.draw(&mut self.random),
                _ => x,
            };
        }
    }
}
