//! Streams like a history.

use super::null::{Random, Stream};
use super::tail::Tail;
use crate::error::{Error, Result};
use crate::math::block_bootstrap::optimal_block_length;
use crate::math::mean;
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
    ranks: Ranks,
}

/// The values in their order, the smallest first.
#[derive(Debug, Clone)]
struct Ranks {
    /// Where the value of each rank is.
    places: Vec<usize>,
    /// The rank of the value at each place.
    ranks: Vec<usize>,
}

impl Ranks {
    fn new(values: &[f64]) -> Self {
        // Equal values in an order that has nothing to do with that of their places.
        let scattered = |place: usize| (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = |place: usize| values.get(place).copied().unwrap_or_default();
        let mut places: Vec<usize> = (0..values.len()).collect();
        places.sort_unstable_by(|&a, &b| {
            let by_value = at(a).total_cmp(&at(b));
            by_value.then_with(|| scattered(a).cmp(&scattered(b)))
        });
        let mut ranks = vec![0; values.len()];
        for (rank, &place) in places.iter().enumerate() {
            if let Some(of) = ranks.get_mut(place) {
                *of = rank;
            }
        }
        Self { places, ranks }
    }

    fn of(&self, place: usize) -> usize {
        self.ranks.get(place).copied().unwrap_or_default()
    }

    /// Where a value is whose rank is near that of the value at `place`: as often any of them.
    fn near(&self, place: usize, random: &mut Random) -> usize {
        let n = self.places.len();
        let reach = ((n as f64).sqrt() / 2.0).ceil() as usize;
        // Beyond either end it is as far on this side of it.
        let moved = self.of(place) + random.below(2 * reach + 1);
        let rank = match moved.checked_sub(reach) {
            None => reach - moved - 1,
            Some(rank) if rank >= n => 2 * n - 1 - rank,
            Some(rank) => rank,
        };
        self.places.get(rank).copied().unwrap_or(place)
    }
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
        let n = values.len();
        let ranks = Ranks::new(&values);
        if input == Input::Real {
            let places = ranks.places.iter();
            let up = places
                .clone()
                .filter_map(|&place| values.get(place))
                .copied();
            let whole = values.iter().all(|x| x.fract() == 0.0);
            let most = ((n as f64 * SHARE) as usize).min(MOST);
            upper = Tail::fitted(up.clone().rev(), n, most, 1.0, whole);
            lower = Tail::fitted(up, n, most, -1.0, whole);
        }
        Self {
            values,
            block,
            input,
            moments: (centre, variance.max(0.0).sqrt()),
            lower,
            upper,
            ranks,
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

/// Blocks of a history. Each goes on from a value near the last one of the block before;
/// values in the tails are drawn anew, about as far out as they are: runs of large values stay
/// what they are.
///
/// # Source
/// Carlstein, Do, Hall, Hesterberg & Künsch, Matched-block bootstrap for dependent data,
/// Bernoulli 4, 1998.
pub(super) struct Resampled<'a> {
    history: &'a History,
    random: Random,
    /// Where the block goes on, and how many values of it are left.
    next: usize,
    left: usize,
}

impl Resampled<'_> {
    /// Where the next block begins.
    fn start(&mut self) -> usize {
        let history = self.history;
        let n = history.values.len();
        match self.next.checked_sub(1) {
            // Blocks of one value: they do not depend on each other.
            Some(last) if history.block > 1 => {
                let near = history.ranks.near(last, &mut self.random) + 1;
                if near < n { near } else { self.random.below(n) }
            }
            _ => self.random.below(n),
        }
    }
}

impl Stream for Resampled<'_> {
    fn fill(&mut self, values: &mut [f64]) {
        let history = self.history;
        for value in values {
            if self.left == 0 || self.next >= history.values.len() {
                self.next = self.start();
                self.left = history.block;
            }
            let place = self.next;
            self.next += 1;
            self.left -= 1;
            let x = history.values.get(place).copied().unwrap_or_default();
            let rank = history.ranks.of(place);
            *value = match (&history.upper, &history.lower) {
                (Some(tail), _) if tail.holds(x) => {
                    tail.draw(history.values.len() - 1 - rank, &mut self.random)
                }
                (_, Some(tail)) if tail.holds(x) => tail.draw(rank, &mut self.random),
                _ => x,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::normal_quantile;

    /// x_t = 0.8 x_(t-1) + a normal value.
    fn autoregressive(n: usize) -> Vec<f64> {
        let (mut random, mut x) = (Random::new(7), 0.0);
        let mut next = || {
            x = 0.8 * x + 0.6 * normal_quantile(random.uniform());
            x
        };
        (0..n).map(|_| next()).collect()
    }

    fn correlation(values: &[f64], lag: usize) -> f64 {
        let centre = mean(values);
        let product = |lag: usize| -> f64 {
            let later = values.iter().skip(lag);
            later
                .zip(values)
                .map(|(a, b)| (a - centre) * (b - centre))
                .sum()
        };
        product(lag) / product(0)
    }

    #[test]
    fn blocks_go_on_where_the_one_before_ended() {
        let history = History::new(autoregressive(5_000), Some(4), Input::Real).unwrap();
        let mut values = vec![0.0; 200_000];
        history.stream(1).fill(&mut values);
        // A fourth of all pairs are joints: without a match they would have no correlation.
        for (lag, expected) in [(1, 0.8), (2, 0.64), (6, 0.262)] {
            let found = correlation(&values, lag);
            assert!((found - expected).abs() < 0.04, "{lag}: {found}");
        }
        // Each value is as frequent as before, the outermost ones as well.
        for z in [-2.5, -1.0, 0.0, 1.0, 2.5] {
            let below = |values: &[f64]| {
                values.iter().filter(|&&x| x < z).count() as f64 / values.len() as f64
            };
            let (share, expected) = (below(&values), below(history.values()));
            assert!((share - expected).abs() < 0.01, "{z}: {share} {expected}");
        }
    }

    #[test]
    fn runs_of_large_values_stay_runs() {
        let history = History::new(autoregressive(5_000), Some(50), Input::Real).unwrap();
        let mut values = vec![0.0; 200_000];
        history.stream(1).fill(&mut values);
        // The correlation of two normal values of which the first is among the upper tenth.
        let after = |values: &[f64]| {
            let pairs = values.windows(2).filter(|pair| pair[0] > 1.2816);
            let (n, sum) = pairs.fold((0.0, 0.0), |(n, sum), pair| (n + 1.0, sum + pair[1]));
            sum / n
        };
        // E(x | z > 1.2816) = 1.755.
        assert!((after(&values) - 0.8 * 1.755).abs() < 0.08);
    }

    #[test]
    fn blocks_of_one_value_do_not_depend_on_each_other() {
        let history = History::new(autoregressive(5_000), Some(1), Input::Real).unwrap();
        let mut values = vec![0.0; 100_000];
        history.stream(1).fill(&mut values);
        assert!(correlation(&values, 1).abs() < 0.02);
    }
}
