//! A conformal test martingale.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::detector::LARGEST;
use crate::stream::evidence::bag::Bag;
use crate::stream::evidence::wager::{MOST_CAPITAL, Plan, paid, stake};
use crate::stream::state::damaged;

/// The largest bag.
const MOST_KEPT: usize = 100_000;

/// What is asked for when nothing is.
const FALSE_ALARM_EVERY: f64 = 10_000.0;

/// Slopes of the bets that are linear in p.
const SLOPES: [f64; 4] = [0.95, 0.5, 0.25, 0.1];

/// Bets on small p-values (as many on large ones), and on both ends or the middle.
const SIDE: usize = 6;
const SHAPE: usize = 3;

/// Parameters of [`ConformalMartingale`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalMartingaleParameters {
    /// Probability of ever alarming while nothing has changed, from 1e-100, below 1.
    pub alpha: Option<f64>,
    /// Values from one false alarm to the next, on average, at least; from 2 to 1e12.
    pub false_alarm_every: Option<f64>,
    /// Values that a new one is ranked among, 2 to 100,000.
    pub window: usize,
    /// Values before the stream; `None` begins with nothing.
    pub baseline: Option<Vec<f64>>,
    /// Which changes count; both ways: of spread too.
    pub mode: Mode,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for ConformalMartingaleParameters {
    fn default() -> Self {
        Self {
            alpha: None,
            false_alarm_every: None,
            window: 1_000,
            baseline: None,
            mode: Mode::Both,
            seed: 0,
        }
    }
}

impl ConformalMartingaleParameters {
    fn plan(&self) -> Plan {
        if self.alpha.is_some() {
            Plan::Ever
        } else {
            Plan::ShiryaevRoberts
        }
    }

    /// Wealth at which there is drift.
    fn limit(&self) -> f64 {
        match self.alpha {
            Some(alpha) => 1.0 / alpha,
            None => self.false_alarm_every.unwrap_or(FALSE_ALARM_EVERY),
        }
    }
}

impl Parameters for ConformalMartingaleParameters {
    fn validate(&self) -> Result<()> {
        if let Some(alpha) = self.alpha
            && !(1e-100..1.0).contains(&alpha)
        {
            let allowed = "None or a number from 1e-100, below 1";
            return Err(Error::invalid_value("alpha", alpha, allowed));
        }
        if let Some(every) = self.false_alarm_every {
            if !(2.0..=1e12).contains(&every) {
                let allowed = "None or a number from 2 to 1e12";
                return Err(Error::invalid_value("false_alarm_every", every, allowed));
            }
            if self.alpha.is_some() {
                let allowed = "None where alpha is given: one of the two";
                return Err(Error::invalid_value("false_alarm_every", every, allowed));
            }
        }
        if !(2..=MOST_KEPT).contains(&self.window) {
            let allowed = format!("a whole number from 2 to {MOST_KEPT}");
            return Err(Error::invalid_value("window", self.window, allowed));
        }
        if let Some(baseline) = &self.baseline {
            if baseline.is_empty() {
                let allowed = "None or one number or more";
                return Err(Error::invalid_value("baseline", "no numbers", allowed));
            }
            if let Some(x) = baseline.iter().find(|x| x.is_nan() || x.abs() > LARGEST) {
                let allowed = format!("None or numbers of at most {LARGEST:e} in magnitude");
                return Err(Error::invalid_value("baseline", x, allowed));
            }
        }
        Ok(())
    }
}

/// Ranks of new values among earlier ones, with bets against their being uniform: a change of
/// any distribution, whatever its scale.
///
/// The bag holds up to `window` earlier values. The p-value of x_t is
/// (#{bag > x_t} + theta (#{bag = x_t} + 1)) / (#bag + 1), theta uniform; then x_t is put into
/// the bag, and when that is too full one of its values, each as likely, leaves: x_t perhaps.
/// Bets on p near 0 (larger values): 1/2 p^(-1/2), 1/4 p^(-3/4), and 1 + s (1 - 2 p) for s =
/// 0.95, 0.5, 0.25, 0.1; the same with 1 - p; and, where `mode` is both, on either end or the
/// middle (spread): the mean of the first bet on either side, and 1 ± 0.95 P(2 p - 1) with
/// Legendre's P(u) = (3 u^2 - 1) / 2. All integrate to 1. With `alpha` they are fed from a
/// capital of 1, half at once and the rest little by little, and there is drift when the wealth
/// comes to 1 / alpha; with `false_alarm_every` = A they are fed 1 at each value
/// (Shiryaev-Roberts), and there is drift when their sum comes to A; in both cases unless the
/// value is equal to all that are in the bag.
///
/// # Guarantee
/// Let the values be independent and identically distributed (or exchangeable for ever, which is
/// a mixture of that), among them the baseline. Which values have left the bag has not depended
/// on them, so that those in it and x_t are so too, and given the unordered bag with x_t in it,
/// x_t is any of them with the same probability: p_t is uniform, whatever that bag is. What
/// stays in the bag does not depend on which of them x_t was, so that p_t is independent of the
/// bag after it and of all later values, hence of all later p-values: the p-values are
/// independent and uniform, exactly, for any size of the bag. So the wealth with `alpha` is a
/// nonnegative martingale that starts at 1, and Ville's inequality bounds the probability of
/// ever alarming by alpha; with A, wealth less time is a martingale, and optional stopping gives
/// an average run length of A at least. Leaving out alarms can only make them later. Values that
/// depend on each other in time are not covered.
///
/// A fixed bag that is never renewed would not do: its p-values are uniform one by one, but not
/// independent, and bets against them win in the long run for no other reason.
///
/// # Cost
/// O(log window) comparisons and moving window / 3 numbers at most on average (8 bytes each),
/// 15 factors; 8 bytes a value in the bag.
/// # Source
/// Vovk, Petej, Nouretdinov, Ahlberg, Carlsson & Gammerman, Retrain or not retrain: conformal
/// test martingales for change-point detection, COPA 2021 (p-values, Ville and Shiryaev-Roberts
/// procedures); Vovk, Gammerman & Shafer, Algorithmic learning in a random world, 2022, part
/// III (independence of smoothed p-values, power bets).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformalMartingale {
    bag: Bag,
    /// State of the random numbers: SplitMix64.
    random: u64,
    n: u64,
    cash: f64,
    up: [f64; SIDE],
    down: [f64; SIDE],
    shape: [f64; SHAPE],
    /// What the three held at the last value.
    held: [f64; 3],
    p_value: Option<f64>,
}

/// The next random number (Steele, Lea & Flood, Fast splittable pseudorandom number
/// generators, 2014).
#[inline]
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = *state;
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number below `n`: the high half of a product, whose bias of n / 2^64 does not matter.
#[inline]
fn below(state: &mut u64, n: usize) -> usize {
    ((u128::from(next(state)) * n as u128) >> 64) as usize
}

/// Between 0 and 1, never either.
#[inline]
fn uniform(state: &mut u64) -> f64 {
    ((next(state) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// Bets on a small `p`.
#[inline]
fn bets(p: f64) -> [f64; SIDE] {
    let root = p.sqrt();
    let [a, b, c, d] = SLOPES.map(|slope| 1.0 + slope * (1.0 - 2.0 * p));
    [0.5 / root, 0.25 / (root * root.sqrt()), a, b, c, d]
}

/// Pays and bets; what all of them hold.
#[inline]
fn play<const N: usize>(capital: &mut [f64; N], odds: [f64; N], plan: Plan, stake: f64) -> f64 {
    let mut sum = 0.0;
    for (capital, odds) in capital.iter_mut().zip(odds) {
        *capital = (paid(plan, *capital, stake) * odds).min(MOST_CAPITAL);
        sum += *capital;
    }
    sum
}

impl ConformalMartingale {
    /// With nothing but the random numbers.
    fn begin(parameters: &ConformalMartingaleParameters, mut random: u64) -> Self {
        let mut bag = Bag::default();
        let window = parameters.window;
        if let Some(baseline) = &parameters.baseline {
            // Of more values than there is room for, a random choice (Vitter's reservoir).
            let mut kept = Vec::with_capacity(window.min(baseline.len()));
            for (seen, &x) in baseline.iter().enumerate() {
                if kept.len() < window {
                    kept.push(x);
                } else if let Some(place) = kept.get_mut(below(&mut random, seen + 1)) {
                    *place = x;
                }
            }
            bag = Bag::of(kept);
        }
        Self {
            bag,
            random,
            cash: match parameters.plan() {
                Plan::Ever => 1.0,
                _ => 0.0,
            },
            ..Self::default()
        }
    }

    fn wealth(&self) -> f64 {
        self.cash + self.held.iter().sum::<f64>()
    }
}

impl Definition for ConformalMartingale {
    const NAME: &'static str = "conformal_martingale";
    const TUNING: Option<Tuning> = None;
    const READINGS: &'static [&'static str] = &["log_e_value", "p_value"];
    type Parameters = ConformalMartingaleParameters;

    fn new(parameters: &ConformalMartingaleParameters) -> Self {
        // Seeds next to each other start far apart.
        let mut seed = parameters.seed;
        Self::begin(parameters, next(&mut seed))
    }

    #[inline]
    fn step(&mut self, parameters: &ConformalMartingaleParameters, x: f64) -> Signal {
        let place = self.bag.place(x);
        let held = self.bag.len();
        let larger = (held - place.below - place.equal) as f64;
        let ties = place.equal as f64 + 1.0;
        let p = (larger + uniform(&mut self.random) * ties) / (held as f64 + 1.0);
        // Rounding may make it 1.
        let p = p.min(1.0 - f64::EPSILON);
        self.p_value = Some(p);
        if held < parameters.window {
            self.bag.insert(place, x);
        } else {
            let leaves = below(&mut self.random, held + 1);
            self.bag.replace(place, x, leaves);
        }
        self.n += 1;
        let plan = parameters.plan();
        let stake = stake(plan, self.n, &mut self.cash);
        let (up, down) = (bets(p), bets(1.0 - p));
        self.held = match parameters.mode {
            Mode::Up => [play(&mut self.up, up, plan, stake / SIDE as f64), 0.0, 0.0],
            Mode::Down => [
                0.0,
                play(&mut self.down, down, plan, stake / SIDE as f64),
                0.0,
            ],
            Mode::Both => {
                let stake = stake / (2 * SIDE + SHAPE) as f64;
                let u = 2.0 * p - 1.0;
                let legendre = 0.95 * (1.5 * u * u - 0.5);
                let shape = [0.5 * (up[0] + down[0]), 1.0 + legendre, 1.0 - legendre];
                [
                    play(&mut self.up, up, plan, stake),
                    play(&mut self.down, down, plan, stake),
                    play(&mut self.shape, shape, plan, stake),
                ]
            }
        };
        let (wealth, limit) = (self.wealth(), parameters.limit());
        if wealth < limit {
            return Signal::Quiet;
        }
        if place.equal == held {
            // A constant: the p-value is chance alone.
            return Signal::Quiet;
        }
        Signal::Drift
    }

    fn restart(&mut self, parameters: &ConformalMartingaleParameters) {
        *self = Self::begin(parameters, self.random);
    }

    fn recent(&self, _: &ConformalMartingaleParameters) -> usize {
        0 // to bet again on the values that have won would void the guarantee
    }

    fn direction(&self, _: &ConformalMartingaleParameters) -> Option<Direction> {
        let [up, down, _] = self.held;
        (self.n > 0).then_some(if up >= down {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    fn statistic(&self, _: &ConformalMartingaleParameters) -> Option<f64> {
        let wealth = self.wealth();
        (self.n > 0 && wealth > 0.0).then(|| wealth.ln())
    }

    fn limit(&self, parameters: &ConformalMartingaleParameters) -> Option<f64> {
        Some(parameters.limit().ln())
    }

    fn reading(&self, parameters: &ConformalMartingaleParameters, name: &str) -> Option<f64> {
        match name {
            "log_e_value" => {
                let log = self.statistic(parameters).unwrap_or(0.0);
                Some(match parameters.plan() {
                    Plan::Ever => log,
                    // The expectation of the sum is the number of values.
                    _ => log - (self.n.max(1) as f64).ln(),
                })
            }
            "p_value" => self.p_value,
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &ConformalMartingaleParameters) -> Result<()> {
        let capital = |x: &f64| (0.0..=MOST_CAPITAL).contains(x);
        let sound = self.bag.sound(parameters.window)
            && self.up.iter().all(capital)
            && self.down.iter().all(capital)
            && self.shape.iter().all(capital)
            && self.held.iter().all(|x| (0.0..=1e160).contains(x))
            && (0.0..=1.0).contains(&self.cash)
            && self.p_value.is_none_or(|p| (0.0..=1.0).contains(&p))
            && self.n < u64::MAX / 2;
        if sound {
            Ok(())
        } else {
            Err(damaged("ranks or bets that no stream leads to"))
        }
    }
}
