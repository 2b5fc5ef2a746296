//! The e-detector for bounded means.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::evidence::bounded_mean::{BoundedMean, Task};
use crate::stream::evidence::wager::Plan;

/// How the bets of an [`EDetector`] are joined over the times at which a change may have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EDetectorKind {
    /// Their sum.
    #[default]
    ShiryaevRoberts,
    /// The best of them.
    Cusum,
}

/// With which probability the interval of an estimated source may miss its mean. The limit is
/// raised so that the average run length holds nevertheless.
const SOURCE_ALPHA: f64 = 0.05;

/// Parameters of [`EDetector`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EDetectorParameters {
    /// Values from one false alarm to the next, on average, at least; from 2 to 1e12.
    pub false_alarm_every: f64,
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
    /// Over which starts the bets are joined, and how.
    pub kind: EDetectorKind,
    /// Values that the mean before the change is estimated from without `target`.
    pub warm_start: usize,
}

impl Default for EDetectorParameters {
    fn default() -> Self {
        Self {
            false_alarm_every: 10_000.0,
            target: None,
            low: 0.0,
            high: 1.0,
            tolerance: 0.0,
            mode: Mode::Both,
            kind: EDetectorKind::ShiryaevRoberts,
            warm_start: 300,
        }
    }
}

impl EDetectorParameters {
    #[inline]
    fn task(&self) -> Task {
        Task {
            low: self.low,
            high: self.high,
            target: self.target,
            warm_start: self.warm_start,
            tolerance: self.tolerance,
            mode: self.mode,
            plan: match self.kind {
                EDetectorKind::ShiryaevRoberts => Plan::ShiryaevRoberts,
                EDetectorKind::Cusum => Plan::Cusum,
            },
            limit: match self.target {
                Some(_) => self.false_alarm_every,
                None => self.false_alarm_every / (1.0 - SOURCE_ALPHA),
            },
            source_alpha: SOURCE_ALPHA,
            horizon: self.false_alarm_every,
        }
    }
}

impl Parameters for EDetectorParameters {
    fn validate(&self) -> Result<()> {
        if !(2.0..=1e12).contains(&self.false_alarm_every) {
            return Err(Error::invalid_value(
                "false_alarm_every",
                self.false_alarm_every,
                "a number from 2 to 1e12",
            ));
        }
        self.task().validate()
    }
}

/// A change of a bounded mean, with an average run length that is proved.
///
/// Values are taken as shares y of the range from `low` to `high`; a value outside counts as
/// the nearest end (`n_clipped` of them did), and what is said then is said of the mean of the
/// values so clipped. Twelve bets l on either side: L_t(l) = 1 + l (y_t / m - 1), m the target (plus the tolerance)
/// as a share of the range; for a decrease the same with 1 - y and 1 - m. The shares l go in
/// geometric steps from sqrt(2 ln(A) / A m / (1 - m)) to 0.95, A = `false_alarm_every`: slower
/// ones would take longer than A values to find anything.
/// Shiryaev-Roberts: M_t(l) = (M_(t-1)(l) + 1) L_t(l), CUSUM:
/// M_t(l) = max(M_(t-1)(l), 1) L_t(l); M_t is the mean over the bets. Drift when M_t >= A and
/// the value itself lies on the side of the change.
///
/// # Guarantee
/// As long as the conditional mean of each clipped value given all before it is at most the
/// target plus `tolerance` (and at least the target less `tolerance`, as far as `mode` looks
/// there), whatever else their dependence is, E L_t given the past is at most 1, so that
/// E M_t <= M_(t-1) + 1 (the CUSUM is never larger than the sum): M_t - t is a supermartingale.
/// By optional stopping the time T of the first alarm has E min(T, t) >= E M_min(T, t) >=
/// A P(T <= t) for every t, and so E T >= A (if there may be no alarm at all, E T is infinite).
/// With an estimated source the same holds given any source of which the interval covers the
/// mean, as it does for 95 % of them at least (sources of one conditional mean); the limit is
/// A / 0.95, so that E T >= 0.95 A / 0.95.
///
/// # Cost
/// O(1): 24 multiplications; 650 bytes, and 8 a value during a warm start.
/// # Source
/// Shin, Ramdas & Rinaldo, E-detectors: a nonparametric framework for sequential change
/// detection, New England Journal of Statistics in Data Science 2, 2024 (arXiv 2203.03532):
/// Shiryaev-Roberts and CUSUM e-detectors, their average run length, mixtures, bounded values.
/// The source's interval: Waudby-Smith & Ramdas, JRSS B 86, 2024.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EDetector {
    bets: BoundedMean,
}

impl Definition for EDetector {
    const NAME: &'static str = "e_detector";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = None;
    const READINGS: &'static [&'static str] = &[
        "estimation",
        "log_e_value",
        "n_clipped",
        "source_lower",
        "source_upper",
    ];
    type Parameters = EDetectorParameters;

    fn new(parameters: &EDetectorParameters) -> Self {
        Self {
            bets: BoundedMean::new(&parameters.task()),
        }
    }

    #[inline]
    fn step(&mut self, parameters: &EDetectorParameters, x: f64) -> Signal {
        let task = parameters.task();
        let y = self.bets.share(&task, x);
        if self.bets.step(&task, y) {
            Signal::Drift
        } else {
            Signal::Quiet
        }
    }

    fn restart(&mut self, parameters: &EDetectorParameters) {
        self.bets.restart(&parameters.task());
    }

    fn recent(&self, _: &EDetectorParameters) -> usize {
        0 // to bet again on the values that have won would void the guarantee
    }

    fn direction(&self, _: &EDetectorParameters) -> Option<Direction> {
        self.bets.direction()
    }

    fn statistic(&self, _: &EDetectorParameters) -> Option<f64> {
        self.bets.log_wealth()
    }

    fn limit(&self, parameters: &EDetectorParameters) -> Option<f64> {
        Some(parameters.task().limit.ln())
    }

    fn reading(&self, parameters: &EDetectorParameters, name: &str) -> Option<f64> {
        let task = parameters.task();
        let source = self.bets.source();
        match name {
            "estimation" => self.bets.mean().map(|mean| task.unscaled(mean)),
            // E M_t <= t.
            "log_e_value" => match self.bets.log_wealth() {
                Some(log) => Some(log - (self.bets.n as f64).ln()),
                None => Some(0.0),
            },
            "n_clipped" => Some(self.bets.n_clipped() as f64),
            "source_lower" => source.map(|(least, _)| task.unscaled(least)),
            "source_upper" => source.map(|(_, most)| task.unscaled(most)),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &EDetectorParameters) -> Result<()> {
        self.bets.restored(&parameters.task())
    }
}
