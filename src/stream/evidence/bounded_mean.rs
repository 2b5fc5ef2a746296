//! Watching the mean of bounded values by bets: what the betting confidence sequence and the
//! e-detector share.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::definition::Direction;
use crate::stream::evidence::wager::{Lanes, Odds, Plan, stake};
use crate::stream::state::damaged;

/// The most values that a source's mean is estimated from.
pub(in crate::stream) const MOST_WARM: usize = 100_000;

/// The part of its own stake that a bet about the source may lose: c of Waudby-Smith & Ramdas.
const CAUTION: f64 = 0.75;

/// Bisections of a mean: to the last bit of a number from 0 to 1.
const BISECTIONS: usize = 54;

/// What is watched.
#[derive(Debug, Clone, Copy)]
pub(in crate::stream) struct Task {
    pub(in crate::stream) low: f64,
    pub(in crate::stream) high: f64,
    pub(in crate::stream) target: Option<f64>,
    pub(in crate::stream) warm_start: usize,
    pub(in crate::stream) tolerance: f64,
    pub(in crate::stream) mode: Mode,
    pub(in crate::stream) plan: Plan,
    /// Wealth at which there is drift.
    pub(in crate::stream) limit: f64,
    /// Probability with which the source's interval may miss its mean.
    pub(in crate::stream) source_alpha: f64,
    /// Values that a change may take to be found, for the choice of bets.
    pub(in crate::stream) horizon: f64,
}

impl Task {
    /// Checks what both methods take.
    pub(in crate::stream) fn validate(&self) -> Result<()> {
        let finite = |name: &'static str, x: f64| {
            if x.is_finite() {
                return Ok(());
            }
            Err(Error::invalid_value(name, x, "a finite number"))
        };
        finite("low", self.low)?;
        finite("high", self.high)?;
        let width = self.high - self.low;
        if !(width > 0.0 && width.is_finite()) {
            let allowed = format!("a number above low={}", self.low);
            return Err(Error::invalid_value("high", self.high, allowed));
        }
        if let Some(target) = self.target
            && !(self.low..=self.high).contains(&target)
        {
            let allowed = format!("None or a number from {} to {}", self.low, self.high);
            return Err(Error::invalid_value("target", target, allowed));
        }
        if !(self.tolerance >= 0.0 && self.tolerance <= width) {
            let allowed = format!("a number from 0 to high - low = {width}");
            return Err(Error::invalid_value("tolerance", self.tolerance, allowed));
        }
        if self.warm_start == 0 || self.warm_start > MOST_WARM {
            let allowed = format!("a whole number from 1 to {MOST_WARM}");
            return Err(Error::invalid_value("warm_start", self.warm_start, allowed));
        }
        Ok(())
    }

    /// A value as a share of the range; what is outside counts as the nearest end.
    #[inline]
    fn scaled(&self, x: f64) -> f64 {
        ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The other way round.
    pub(in crate::stream) fn unscaled(&self, y: f64) -> f64 {
        (self.low + y * (self.high - self.low)).clamp(self.low, self.high)
    }
}

/// Bets that the mean is above, and below, what it was. All values and means in it are shares
/// of the range.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct BoundedMean {
    /// The first values, until the source is known.
    warm: Vec<f64>,
    /// Where the source's mean is: both ends are the target when that was given.
    source: Option<(f64, f64)>,
    /// Values since then, and their sum.
    pub(in crate::stream) n: u64,
    sum: f64,
    cash: f64,
    up: Lanes,
    down: Lanes,
    /// What both sides held at the last value.
    held: (f64, f64),
    /// Values that were outside of the range; a restart leaves it as it is.
    #[serde(default)]
    n_clipped: u64,
    /// The means that are not yet a change, with the odds against them; follows from `source`.
    #[serde(skip)]
    above: (f64, Odds),
    #[serde(skip)]
    below: (f64, Odds),
}

impl BoundedMean {
    pub(in crate::stream) fn new(task: &Task) -> Self {
        let mut new = Self {
            cash: if task.plan == Plan::Ever { 1.0 } else { 0.0 },
            source: task.target.map(|target| {
                let target = task.scaled(target);
                (target, target)
            }),
            ..Self::default()
        };
        new.prepare(task);
        new
    }

    /// Begins anew.
    pub(in crate::stream) fn restart(&mut self, task: &Task) {
        *self = Self {
            n_clipped: self.n_clipped,
            ..Self::new(task)
        };
    }

    /// A value as a share of the range; what is outside counts as the nearest end, and is
    /// counted.
    #[inline]
    pub(in crate::stream) fn share(&mut self, task: &Task, x: f64) -> f64 {
        let outside = x < task.low || x > task.high;
        self.n_clipped = self.n_clipped.saturating_add(u64::from(outside));
        task.scaled(x)
    }

    /// How many were outside.
    pub(in crate::stream) fn n_clipped(&self) -> u64 {
        self.n_clipped
    }

    /// Works out the odds.
    fn prepare(&mut self, task: &Task) {
        let Some((least, most)) = self.source else {
            return;
        };
        let tolerance = task.tolerance / (task.high - task.low);
        let most = (most + tolerance).min(1.0);
        let least = (least - tolerance).max(0.0);
        self.above = (most, Odds::new(most, task.horizon));
        // A mean below m is a mean of 1 - y above 1 - m.
        self.below = (least, Odds::new(1.0 - least, task.horizon));
        self.above.1.open &= task.mode != Mode::Down;
        self.below.1.open &= task.mode != Mode::Up;
    }

    /// Takes a share of the range; whether there is drift.
    #[inline]
    pub(in crate::stream) fn step(&mut self, task: &Task, y: f64) -> bool {
        if self.source.is_none() {
            self.learn(task, y);
            return false;
        }
        self.n += 1;
        self.sum += y;
        let (above, below) = (&self.above, &self.below);
        let sides = f64::from(u8::from(above.1.open) + u8::from(below.1.open));
        if sides == 0.0 {
            return false;
        }
        let stake = stake(task.plan, self.n, &mut self.cash) / (sides * LANES_F64);
        let up = if above.1.open {
            self.up.bet(task.plan, stake, &above.1, y)
        } else {
            0.0
        };
        let down = if below.1.open {
            self.down.bet(task.plan, stake, &below.1, 1.0 - y)
        } else {
            0.0
        };
        self.held = (up, down);
        let wealth = self.cash + up + down;
        if wealth < task.limit {
            return false;
        }
        // A value that speaks against a change gives no alarm, however long it lasts: a
        // constant at the target itself.
        if up >= down { y > above.0 } else { y < below.0 }
    }

    #[cold]
    fn learn(&mut self, task: &Task, y: f64) {
        self.warm.push(y);
        if self.warm.len() < task.warm_start {
            return;
        }
        let sides = if task.mode == Mode::Both { 2.0 } else { 1.0 };
        let alpha = task.source_alpha / sides;
        let most = highest_mean(self.warm.iter().copied(), alpha);
        let least = 1.0 - highest_mean(self.warm.iter().map(|y| 1.0 - y), alpha);
        self.source = Some((least.max(0.0), most));
        self.warm = Vec::new();
        self.prepare(task);
    }

    /// The source's interval, or the target twice.
    pub(in crate::stream) fn source(&self) -> Option<(f64, f64)> {
        self.source
    }

    /// The mean since the source is known; before, that of the source so far.
    pub(in crate::stream) fn mean(&self) -> Option<f64> {
        if self.n > 0 {
            Some(self.sum / self.n as f64)
        } else if self.warm.is_empty() {
            None
        } else {
            Some(self.warm.iter().sum::<f64>() / self.warm.len() as f64)
        }
    }

    /// The logarithm of the wealth, once it has been bet.
    pub(in crate::stream) fn log_wealth(&self) -> Option<f64> {
        let wealth = self.cash + self.held.0 + self.held.1;
        (self.n > 0 && wealth > 0.0).then(|| wealth.ln())
    }

    pub(in crate::stream) fn direction(&self) -> Option<Direction> {
        (self.n > 0).then_some(if self.held.0 >= self.held.1 {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    pub(in crate::stream) fn restored(&mut self, task: &Task) -> Result<()> {
        let share = |y: &f64| (0.0..=1.0).contains(y);
        let target = task.target.map(|target| task.scaled(target));
        let source = match (self.source, target) {
            (Some((a, b)), Some(target)) => a == target && b == target,
            (Some((a, b)), None) => share(&a) && share(&b) && a <= b,
            (None, target) => target.is_none() && self.n == 0,
        };
        let warm = match self.source {
            Some(_) => self.warm.is_empty(),
            None => self.warm.len() < task.warm_start && self.warm.iter().all(share),
        };
        let held = [self.held.0, self.held.1];
        let capital = self.up.sound()
            && self.down.sound()
            && held.iter().all(|held| held.is_finite() && *held >= 0.0)
            && share(&self.cash);
        let sums = self.sum >= 0.0 && self.sum <= self.n as f64;
        if !(source && warm && capital && sums && self.n < u64::MAX / 2) {
            return Err(damaged("bets that no stream leads to"));
        }
        self.prepare(task);
        Ok(())
    }
}

const LANES_F64: f64 = crate::stream::evidence::wager::LANES as f64;

/// The largest mean that values from 0 to 1 do not speak against: below the true one with
/// probability `alpha` at most, for values of one conditional mean.
///
/// The capital of a bet against m, product of 1 - min(l_i, c / (1 - m)) (y_i - m) with
/// l_i = sqrt(2 ln(1 / alpha) / (n s_(i-1)^2)), rises with m: the bound is where it comes to
/// 1 / alpha.
///
/// # Source
/// Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86,
/// 2024: the hedged capital of section 4 with the bets for a fixed n, one side of it.
fn highest_mean(values: impl ExactSizeIterator<Item = f64> + Clone, alpha: f64) -> f64 {
    let n = values.len() as f64;
    let goal = -alpha.ln();
    let log_capital = |m: f64| {
        let (mut sum, mut squares, mut seen) = (0.5, 0.25, 1.0);
        let (mut product, mut log) = (1.0, 0.0);
        for y in values.clone() {
            let bet = (2.0 * goal * seen / (n * squares)).sqrt();
            let bet = if bet * (1.0 - m) > CAUTION {
                CAUTION / (1.0 - m)
            } else {
                bet
            };
            product *= 1.0 + bet * (m - y);
            if !(1e-100..1e100).contains(&product) {
                log += f64::ln(product);
                product = 1.0;
            }
            sum += y;
            seen += 1.0;
            let deviation = y - sum / seen;
            squares += deviation * deviation;
        }
        log + f64::ln(product)
    };
    let (mut inside, mut outside) = (0.0, 1.0);
    if log_capital(1.0) < goal {
        return 1.0;
    }
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (inside + outside);
        if log_capital(middle) < goal {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_a_constant_and_of_few_values() {
        let ones = highest_mean([1.0; 50].into_iter(), 0.05);
        assert_eq!(ones, 1.0);
        let one = highest_mean([0.3; 1].into_iter(), 0.05);
        assert_eq!(one, 1.0);
        let none = highest_mean([0.0; 100].into_iter(), 0.05);
        // Better than nothing, not better than the rule of three allows.
        assert!(none > 0.0299 && none < 0.08, "{none}");
    }
}
