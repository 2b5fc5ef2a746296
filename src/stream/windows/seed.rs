//! Blocks that grow while they are alike.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::state::damaged;

/// Beyond it the two oldest blocks become one, however they differ.
const MOST_BLOCKS: usize = 1_000;

/// Parameters of [`SEED`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct SEEDParameters {
    /// Significance of each look, above 0 and below 1.
    pub delta: f64,
    /// Values in a new block, and from look to look.
    pub block_size: usize,
    /// Neighbours of a smaller difference become one block, 0 or more.
    pub epsilon_prime: f64,
    /// By how much of `epsilon_prime` that difference grows from block to block.
    pub alpha: f64,
    /// Blocks from one round of merging to the next.
    pub compress_term: usize,
}

impl Default for SEEDParameters {
    fn default() -> Self {
        Self {
            delta: 0.05,
            block_size: 32,
            epsilon_prime: 0.01,
            alpha: 0.8,
            compress_term: 75,
        }
    }
}

impl Parameters for SEEDParameters {
    fn validate(&self) -> Result<()> {
        if !(self.delta > 0.0 && self.delta < 1.0) {
            let allowed = "a number above 0 and below 1";
            return Err(Error::invalid_value("delta", self.delta, allowed));
        }
        for (name, value) in [
            ("block_size", self.block_size),
            ("compress_term", self.compress_term),
        ] {
            if !(1..=1_000_000).contains(&value) {
                let allowed = "a whole number from 1 to 1000000";
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        for (name, value) in [("epsilon_prime", self.epsilon_prime), ("alpha", self.alpha)] {
            if !(value >= 0.0 && value.is_finite()) {
                let allowed = "a finite number of 0 or more";
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        Ok(())
    }
}

/// Values next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    n: u64,
    mean: f64,
    /// Sum of the squared deviations from the mean.
    squares: f64,
}

impl Block {
    fn add(&mut self, x: f64) {
        self.n += 1;
        let before = x - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (x - self.mean);
    }

    /// Both together.
    fn join(self, other: Self) -> Self {
        if self.n == 0 {
            return other;
        }
        let n = self.n + other.n;
        let apart = other.mean - self.mean;
        let share = other.n as f64 / n as f64;
        let squares = self.squares + other.squares + apart * apart * self.n as f64 * share;
        Self {
            n,
            mean: self.mean + apart * share,
            squares: squares.min(f64::MAX),
        }
    }
}

/// SEED: a window in blocks, of which neighbours that are alike become one, so that there are
/// fewer borders to look at; it loses what lies before a border whose sides differ.
///
/// Every `block_size` values each border is looked at, the newest first: its sides differ when
/// the distance of their means is above
/// sqrt(2 / m * variance * ln(2 ln(n) / delta)) + 2 / (3 m) * ln(2 ln(n) / delta),
/// 1 / m = 1 / n0 + 1 / n1. Every `compress_term` blocks, from the newest on, the k-th pair of
/// neighbours becomes one when their means differ by less than k `epsilon_prime` `alpha`.
///
/// # Cost
/// O(blocks) every `block_size` values; 24 bytes a block, at most 1,000 of them.
/// # Source
/// Huang, Koh, Dobbie & Pears, Detecting volatility shift in data streams, ICDM 2014, section
/// III, as in MOA's SEEDChangeDetector, but for the variance: there each value is compared
/// with a mean that holds it already, divided by one value too few, which on values far from 0
/// adds their square; here it is the variance of the window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct SEED {
    /// The oldest first.
    blocks: Vec<Block>,
    n: u64,
    /// Blocks begun since the last round of merging.
    begun: u64,
    /// Difference (older mean minus newer one) and bound at the border of the last look that
    /// came nearest to its bound.
    cut: Option<(f64, f64)>,
}

impl SEED {
    fn merge(&mut self, parameters: &SEEDParameters) {
        let mut least = 0.0;
        let mut newer = self.blocks.len().saturating_sub(1);
        while newer > 0 {
            least += parameters.epsilon_prime * parameters.alpha;
            let (one, other) = (self.blocks[newer - 1], self.blocks[newer]);
            if (one.mean - other.mean).abs() < least {
                self.blocks[newer - 1] = one.join(other);
                self.blocks.remove(newer);
            }
            newer -= 1;
        }
    }

    fn insert(&mut self, parameters: &SEEDParameters, x: f64) {
        let size = parameters.block_size as u64;
        let full = self.blocks.last().is_none_or(|block| block.n >= size);
        if full {
            if self.begun > parameters.compress_term as u64 {
                self.begun = 0;
                self.merge(parameters);
            }
            if self.blocks.len() >= MOST_BLOCKS {
                self.blocks[1] = self.blocks[0].join(self.blocks[1]);
                self.blocks.remove(0);
            }
            // The first one is not begun after another.
            self.begun += u64::from(!self.blocks.is_empty());
            self.blocks.push(Block::default());
        }
        if let Some(newest) = self.blocks.last_mut() {
            newest.add(x);
        }
        self.n = self.n.wrapping_add(1);
    }

    /// Looks at the borders; drops what lies before one whose sides differ.
    fn look(&mut self, parameters: &SEEDParameters) -> bool {
        let none = Block::default();
        let all = self.blocks.iter().fold(none, |sum, &block| sum.join(block));
        let width = all.n as f64;
        let logarithm = (2.0 * width.ln() / parameters.delta).ln();
        let spread = 2.0 * (all.squares / width) * logarithm;
        let mut newer = none;
        let mut nearest: Option<(f64, f64)> = None;
        let mut border = None;
        for (place, &block) in self.blocks.iter().enumerate().skip(1).rev() {
            newer = block.join(newer);
            let (n0, n1) = ((all.n - newer.n) as f64, newer.n as f64);
            let after = newer.mean;
            // Of the whole, what is not newer.
            let before = all.mean + (all.mean - after) * (n1 / n0);
            let recip = 1.0 / n0 + 1.0 / n1;
            let bound = (spread * recip).sqrt() + 2.0 / 3.0 * logarithm * recip;
            let apart = before - after;
            // The means of a constant differ by rounding.
            let rounding = width * f64::EPSILON * before.abs().max(after.abs());
            if nearest.is_none_or(|(d, b)| apart.abs() * b > d.abs() * bound) {
                nearest = Some((apart, bound));
            }
            if apart.abs() > bound && apart.abs() > rounding {
                nearest = Some((apart, bound));
                border = Some(place);
                break;
            }
        }
        self.cut = nearest.filter(|(apart, bound)| apart.is_finite() && bound.is_finite());
        if let Some(border) = border {
            self.blocks.drain(..border);
        }
        border.is_some()
    }
}

impl Definition for SEED {
    const NAME: &'static str = "seed";
    const DEPENDS_ON_SCALE: bool = true;
    const KEEPS: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "delta",
        range: (0.5, 1e-12),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation", "width", "n_blocks"];
    type Parameters = SEEDParameters;

    fn new(_: &SEEDParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &SEEDParameters, x: f64) -> Signal {
        self.insert(parameters, x);
        let looks = self.n.is_multiple_of(parameters.block_size as u64);
        if looks && self.blocks.len() >= 2 && self.look(parameters) {
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn recent(&self, _: &SEEDParameters) -> usize {
        self.blocks.iter().map(|block| block.n as usize).sum()
    }

    fn direction(&self, _: &SEEDParameters) -> Option<Direction> {
        self.cut.map(|(apart, _)| {
            if apart > 0.0 {
                Direction::Down
            } else {
                Direction::Up
            }
        })
    }

    fn statistic(&self, _: &SEEDParameters) -> Option<f64> {
        self.cut.map(|(apart, _)| apart.abs())
    }

    fn limit(&self, _: &SEEDParameters) -> Option<f64> {
        self.cut.map(|(_, bound)| bound)
    }

    fn reading(&self, _: &SEEDParameters, name: &str) -> Option<f64> {
        let none = Block::default();
        let all = || self.blocks.iter().fold(none, |sum, &block| sum.join(block));
        match name {
            "estimation" => Some(all().mean),
            "width" => Some(all().n as f64),
            "n_blocks" => Some(self.blocks.len() as f64),
            _ => None,
        }
    }

    fn restored(&mut self, _: &SEEDParameters) -> Result<()> {
        let few = self.blocks.len() <= MOST_BLOCKS;
        let sound = |block: &Block| (1..1 << 40).contains(&block.n) && block.squares >= 0.0;
        if few && self.begun < 1 << 40 && self.blocks.iter().all(sound) {
            Ok(())
        } else {
            Err(damaged("blocks that no stream fills"))
        }
    }
}
