//! Betting against the absence of a change: the wealth that the three anytime-valid detectors
//! share.
//!
//! A bet multiplies its stake at each value by a factor whose expectation, given everything
//! before, is at most 1 while nothing has changed. Several bets of different boldness run side
//! by side (a lane each); what is paid into them, and when, makes the guarantee.

use serde::{Deserialize, Serialize};

/// Lanes on each side.
pub(in crate::stream) const LANES: usize = 12;

/// The boldest bet: the share of a stake that is at risk.
const BOLDEST: f64 = 0.95;

/// The most timid one, at least and at most.
const TIMID: (f64, f64) = (1e-4, 0.25);

/// A bounded mean below which it counts as this, so that odds stay finite.
const LEAST_MEAN: f64 = 1e-9;

/// Values over which half of what is left for later bets is staked, in `Plan::Ever`.
const PATIENCE: f64 = 1_000.0;

/// Capital beyond it is no state that a stream leads to.
pub(in crate::stream) const MOST_CAPITAL: f64 = 1e150;

/// What is paid into the bets before each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::stream) enum Plan {
    /// Out of a capital of 1: half at the first value, the rest little by little, so that a
    /// late change too finds a stake that has lost nothing. The wealth (cash and bets) is a
    /// nonnegative supermartingale that starts at 1.
    Ever,
    /// 1 at each value: wealth less time is a supermartingale.
    ShiryaevRoberts,
    /// What a lane lacks to 1: at most the wealth of Shiryaev and Roberts.
    Cusum,
}

/// What is left of a capital of 1 before the bet on value `n` (from 1) has been paid.
fn left(n: u64) -> f64 {
    0.5 * (PATIENCE / (PATIENCE + n as f64)).sqrt()
}

/// What is paid in before value `n` (from 1), over all lanes. `cash` is what is left.
#[inline]
pub(in crate::stream) fn stake(plan: Plan, n: u64, cash: &mut f64) -> f64 {
    match plan {
        Plan::Ever => {
            let rest = left(n);
            let stake = (*cash - rest).max(0.0);
            *cash = rest;
            stake
        }
        Plan::ShiryaevRoberts | Plan::Cusum => 1.0,
    }
}

/// The capital of a lane before the bet: with what is paid in.
#[inline]
pub(in crate::stream) fn paid(plan: Plan, capital: f64, stake: f64) -> f64 {
    match plan {
        Plan::Ever | Plan::ShiryaevRoberts => capital + stake,
        Plan::Cusum => capital.max(stake),
    }
}

/// The factors of the lanes that bet on a mean above `mean`, for values from 0 to 1:
/// 1 + share (y / mean - 1), which is linear in y, nonnegative, and of expectation at most 1
/// while the mean is at most `mean`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::stream) struct Odds {
    rest: [f64; LANES],
    slope: [f64; LANES],
    /// Whether a mean can be above.
    pub(in crate::stream) open: bool,
}

impl Odds {
    /// Shares in geometric steps from the one that grows best at a change that takes `horizon`
    /// values to find (values of the largest variance) to nearly everything.
    pub(in crate::stream) fn new(mean: f64, horizon: f64) -> Self {
        let mut odds = Self {
            open: mean < 1.0,
            ..Self::default()
        };
        if !odds.open {
            return odds;
        }
        let mean = mean.max(LEAST_MEAN);
        let horizon = horizon.max(10.0);
        // Share s decays by s^2 V / (2 mean^2) a value, V <= mean (1 - mean): the slowest lane
        // is one for which this is ln(horizon) / horizon.
        let timid = (2.0 * horizon.ln() / horizon * mean / (1.0 - mean)).sqrt();
        let timid = timid.clamp(TIMID.0, TIMID.1);
        let step = (timid / BOLDEST).ln() / (LANES - 1) as f64;
        let lanes = odds.rest.iter_mut().zip(&mut odds.slope);
        for (lane, (rest, slope)) in lanes.enumerate() {
            let share = BOLDEST * (step * lane as f64).exp();
            *rest = 1.0 - share;
            *slope = share / mean;
        }
        odds
    }
}

/// The capital of the lanes of one side.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(in crate::stream) struct Lanes([f64; LANES]);

impl Lanes {
    /// Pays `stake` into each lane, bets on `y` and returns what all of them hold.
    #[inline]
    pub(in crate::stream) fn bet(&mut self, plan: Plan, stake: f64, odds: &Odds, y: f64) -> f64 {
        let mut sum = 0.0;
        let lanes = self.0.iter_mut().zip(odds.rest.iter().zip(&odds.slope));
        for (capital, (rest, slope)) in lanes {
            *capital = paid(plan, *capital, stake) * (rest + slope * y);
            sum += *capital;
        }
        sum
    }

    /// Whether a stream can have led to it.
    pub(in crate::stream) fn sound(&self) -> bool {
        self.0.iter().all(|x| (0.0..=MOST_CAPITAL).contains(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_capital_is_staked() {
        let (mut cash, mut staked) = (1.0, 0.0);
        for n in 1..=10_000 {
            staked += stake(Plan::Ever, n, &mut cash);
            assert!(cash > 0.0 && (cash + staked - 1.0).abs() < 1e-12);
        }
        assert!(staked > 0.8);
    }

    #[test]
    fn a_bet_is_fair_at_the_mean_itself() {
        for mean in [0.001, 0.1, 0.5, 0.99] {
            let odds = Odds::new(mean, 10_000.0);
            // A coin with this mean: the expectation of every factor is 1.
            for (rest, slope) in odds.rest.iter().zip(&odds.slope) {
                let fair = mean * (rest + slope) + (1.0 - mean) * rest;
                assert!((fair - 1.0).abs() < 1e-12, "{mean}: {fair}");
                assert!(*rest > 0.0);
            }
        }
        assert!(!Odds::new(1.0, 10_000.0).open);
    }
}
