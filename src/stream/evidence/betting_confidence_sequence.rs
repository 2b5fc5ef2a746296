//! A betting confidence sequence for bounded means.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::evidence::bounded_mean::{BoundedMean, Task};
use crate::stream::evidence::wager::Plan;
use crate::stream::state::damaged;

/// The boldest bet of the interval: c of Waudby-Smith & Ramdas.
const BOLDEST: f64 = 0.5;

/// Values from which on the interval's bet is renewed only when their number has grown by one
/// part in as many.
const RENEWED: u64 = 16;

/// Changes may take long to be found: for the choice of bets.
const HORIZON: f64 = 1e6;

/// Parameters of [`BettingConfidenceSequence`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BettingConfidenceSequenceParameters {
    /// Probability of ever alarming without a change, from 1e-100, below 1.
    pub alpha: f64,
    /// The mean before the change; `None` estimates it from the first `warm_start` values.
    pub target: Option<f64>,
    /// The lowest value there is.
    pub low: f64,
    /// The highest value there is.
    pub high: f64,
    /// Changes of the mean up to it do not count, 0 or more.
    pub tolerance: f64,
    /// Which changes count.
    pub mode: Mode,
    /// Values that the mean before the change is estimated from without `target`.
    pub warm_start: usize,
}

impl Default for BettingConfidenceSequenceParameters {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            target: None,
            low: 0.0,
            high: 1.0,
            tolerance: 0.0,
            mode: Mode::Both,
            warm_start: 300,
        }
    }
}

impl BettingConfidenceSequenceParameters {
    #[inline]
    fn task(&self) -> Task {
        Task {
            low: self.low,
            high: self.high,
            target: self.target,
            warm_start: self.warm_start,
            tolerance: self.tolerance,
            mode: self.mode,
            plan: Plan::Ever,
            limit: match self.target {
                Some(_) => 1.0 / self.alpha,
                None => 2.0 / self.alpha,
            },
            source_alpha: 0.5 * self.alpha,
            horizon: HORIZON,
        }
    }
}

impl Parameters for BettingConfidenceSequenceParameters {
    fn validate(&self) -> Result<()> {
        if !(self.alpha >= 1e-100 && self.alpha < 1.0) {
            let allowed = "a number from 1e-100, below 1";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        self.task().validate()
    }
}

/// The mean of bounded values against what it was: an alarm that comes at any time with
/// probability `alpha` at most while there is no change.
///
/// Values are taken as shares y of the range from `low` to `high`; a value outside counts as
/// the nearest end (`n_clipped` of them did), and what is said then is said of the mean of the
/// values so clipped. A capital of 1 is bet on the mean being above m+ (target plus `tolerance`) and below m-
/// (target less it). Twelve bets on either side, l from 0.005 sqrt(m / (1 - m)) to 0.95,
/// multiply what is staked in them by 1 + l (y_t / m+ - 1), or 1 + l ((1 - y_t) / (1 - m-) - 1).
/// Half of the capital is staked at the first value and the rest little by little
/// (1/2 sqrt(1000 / (1000 + t)) is left at value t), so that a late change meets bets that
/// have lost nothing: its delay grows with the logarithm of the time before, not with the time.
/// Drift when the wealth W_t, cash and bets, comes to 1 / `alpha` (2 / `alpha` with an
/// estimated source) on a value that itself lies on the side of the change.
///
/// `lower` and `upper` are the (1 - `alpha`) confidence sequence for the mean since the source:
/// (sum l_i y_i ± (ln(2 / alpha) + sum (y_i - m_(i-1))^2 (-ln(1 - l_i) - l_i))) / sum l_i, with
/// bets l_i that follow from the values before. It is narrower than the alarm's for a mean that
/// has always been what it is now, and slow to forget one that was not.
///
/// # Guarantee
/// As long as the conditional mean of each clipped value given all before it is at most m+ (and
/// at least m-, as far as `mode` looks there), whatever else their dependence is, the factors
/// have conditional expectation at most 1; what is moved from cash to bets changes nothing: W is
/// a nonnegative supermartingale that starts at 1. Ville's inequality: it ever comes to
/// 1 / alpha with probability alpha at most. With an estimated source, P(ever alarming) is at
/// most P(the source's interval misses its mean) <= alpha / 2 (for a source of one conditional
/// mean), plus P(W ever comes to 2 / alpha) <= alpha / 2. The interval covers the mean of the
/// conditional means, weighted by l_i, at all times at once with probability 1 - alpha.
///
/// # Cost
/// O(1): 24 multiplications and a root; 750 bytes, and 8 a value during a warm start.
/// # Source
/// Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86,
/// 2024: predictable plug-in empirical Bernstein (interval), capital processes (bets).
/// Podkopaev & Ramdas, Tracking the risk of a deployed model and detecting harmful distribution
/// shifts, ICLR 2022: source, tolerance, sequential test. Bets that begin later: Shin, Ramdas &
/// Rinaldo, E-detectors, 2024.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BettingConfidenceSequence {
    bets: BoundedMean,
    interval: Interval,
}

/// The confidence sequence itself: predictable plug-in, empirical Bernstein.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interval {
    n: u64,
    sum: f64,
    squares: f64,
    weights: f64,
    weighted: f64,
    penalty: f64,
    bet: f64,
    /// -ln(1 - bet) - bet.
    price: f64,
    /// The value before which the bet is worked out anew.
    renew_at: u64,
}

impl Interval {
    #[inline]
    fn step(&mut self, alpha: f64, y: f64) {
        self.n += 1;
        let n = self.n as f64;
        if self.n >= self.renew_at {
            let variance = (0.25 + self.squares) / n;
            let bet = (2.0 * (2.0 / alpha).ln() / (variance * n * n.ln_1p())).sqrt();
            self.bet = bet.min(BOLDEST);
            self.price = -(-self.bet).ln_1p() - self.bet;
            self.renew_at = self.n + 1 + self.n / RENEWED;
        }
        let before = (0.5 + self.sum) / n;
        let surprise = y - before;
        self.weights += self.bet;
        self.weighted += self.bet * y;
        self.penalty += surprise * surprise * self.price;
        self.sum += y;
        let deviation = y - (0.5 + self.sum) / (n + 1.0);
        self.squares += deviation * deviation;
    }

    fn ends(&self, alpha: f64) -> Option<(f64, f64)> {
        if self.n == 0 || self.weights <= 0.0 {
            return None;
        }
        let center = self.weighted / self.weights;
        let margin = ((2.0 / alpha).ln() + self.penalty) / self.weights;
        Some(((center - margin).max(0.0), (center + margin).min(1.0)))
    }

    fn sound(&self) -> bool {
        let all = [
            self.sum,
            self.squares,
            self.weights,
            self.weighted,
            self.penalty,
        ];
        let most = 2.0 * self.n as f64;
        self.n < u64::MAX / 4
            && self.renew_at <= 2 * self.n + 2
            && all.iter().all(|x| (0.0..=most).contains(x))
            && (0.0..=BOLDEST).contains(&self.bet)
            && (0.0..=1.0).contains(&self.price)
    }
}

impl Definition for BettingConfidenceSequence {
    const NAME: &'static str = "betting_confidence_sequence";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = None;
    const READINGS: &'static [&'static str] = &[
        "estimation",
        "lower",
        "upper",
        "log_e_value",
        "n_clipped",
        "source_lower",
        "source_upper",
    ];
    type Parameters = BettingConfidenceSequenceParameters;

    fn new(parameters: &BettingConfidenceSequenceParameters) -> Self {
        Self {
            bets: BoundedMean::new(&parameters.task()),
            interval: Interval::default(),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &BettingConfidenceSequenceParameters, x: f64) -> Signal {
        let task = parameters.task();
        let y = self.bets.share(&task, x);
        if self.bets.source().is_some() {
            self.interval.step(parameters.alpha, y);
        }
        if self.bets.step(&task, y) {
            Signal::Drift
        } else {
            Signal::Quiet
        }
    }

    fn restart(&mut self, parameters: &BettingConfidenceSequenceParameters) {
        self.bets.restart(&parameters.task());
        self.interval = Interval::default();
    }

    fn recent(&self, _: &BettingConfidenceSequenceParameters) -> usize {
        0 // to bet again on the values that have won would void the guarantee
    }

    fn direction(&self, _: &BettingConfidenceSequenceParameters) -> Option<Direction> {
        self.bets.direction()
    }

    fn statistic(&self, _: &BettingConfidenceSequenceParameters) -> Option<f64> {
        self.bets.log_wealth()
    }

    fn limit(&self, parameters: &BettingConfidenceSequenceParameters) -> Option<f64> {
        Some(parameters.task().limit.ln())
    }

    fn reading(&self, parameters: &BettingConfidenceSequenceParameters, name: &str) -> Option<f64> {
        let task = parameters.task();
        let ends = self.interval.ends(parameters.alpha);
        let source = self.bets.source();
        match name {
            "estimation" => self.bets.mean().map(|mean| task.unscaled(mean)),
            "lower" => ends.map(|(lower, _)| task.unscaled(lower)),
            "upper" => ends.map(|(_, upper)| task.unscaled(upper)),
            "log_e_value" => Some(self.bets.log_wealth().unwrap_or(0.0)),
            "n_clipped" => Some(self.bets.n_clipped() as f64),
            "source_lower" => source.map(|(least, _)| task.unscaled(least)),
            "source_upper" => source.map(|(_, most)| task.unscaled(most)),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &BettingConfidenceSequenceParameters) -> Result<()> {
        if !self.interval.sound() || self.interval.n != self.bets.n {
            return Err(damaged("an interval that no stream leads to"));
        }
        self.bets.restored(&parameters.task())
    }
}
