//! Cumulative sums.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::charts::phase_one::validate_target;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};

/// Parameters of [`CUSUM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct CUSUMParameters {
    /// Values before the first look.
    pub min_instances: usize,
    /// What each deviation is lessened by (the allowance k), 0 or more.
    pub delta: f64,
    /// The limit of the sums (the decision interval h), above 0.
    pub threshold: f64,
    /// The known mean; without it, the mean of the values so far.
    pub target: Option<f64>,
    /// Which changes count.
    pub mode: Mode,
}

impl Default for CUSUMParameters {
    fn default() -> Self {
        Self {
            min_instances: 30,
            delta: 0.005,
            threshold: 50.0,
            target: None,
            mode: Mode::Both,
        }
    }
}

impl Parameters for CUSUMParameters {
    fn validate(&self) -> Result<()> {
        if !(self.delta >= 0.0 && self.delta.is_finite()) {
            let allowed = "a finite number of 0 or more";
            return Err(Error::invalid_value("delta", self.delta, allowed));
        }
        if !(self.threshold > 0.0 && self.threshold.is_finite()) {
            let allowed = "a finite number above 0";
            return Err(Error::invalid_value("threshold", self.threshold, allowed));
        }
        validate_target(self.target)
    }
}

/// Two-sided tabular CUSUM: how much the values have exceeded their mean (and `delta`) since
/// that sum was last 0.
///
/// With m_t the target, or the mean of the values so far:
/// up_t = max(0, up_(t-1) + x_t - m_t - delta), down_t = max(0, down_(t-1) - x_t + m_t - delta);
/// drift when one exceeds `threshold`.
///
/// # Cost
/// O(1); 48 bytes.
/// # Source
/// Page, Continuous inspection schemes, Biometrika 41, 1954; Montgomery, Introduction to
/// Statistical Quality Control, 7th edition, equations 9.2 and 9.3. Without a target, `up` is
/// frouros' CUSUM.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct CUSUM {
    pub(in crate::stream) n: u64,
    /// Mean of the values so far; not kept with a target.
    pub(in crate::stream) mean: f64,
    pub(in crate::stream) up: f64,
    pub(in crate::stream) down: f64,
    /// The values at which the sums were last 0.
    pub(in crate::stream) up_since: u64,
    pub(in crate::stream) down_since: u64,
}

impl CUSUM {
    fn went_up(&self, mode: Mode) -> bool {
        mode == Mode::Up || (mode == Mode::Both && self.up >= self.down)
    }
}

impl Definition for CUSUM {
    const NAME: &'static str = "cusum";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "threshold",
        range: (0.1, 1e5),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation", "upper_sum", "lower_sum"];
    type Parameters = CUSUMParameters;

    fn new(_: &CUSUMParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &CUSUMParameters, x: f64) -> Signal {
        self.n = self.n.saturating_add(1);
        let mean = match parameters.target {
            Some(target) => target,
            None => {
                self.mean += (x - self.mean) / self.n as f64;
                self.mean
            }
        };
        // In this order, to round as frouros does.
        self.up = (self.up + x - mean - parameters.delta).max(0.0);
        self.down = (self.down - x + mean - parameters.delta).max(0.0);
        self.up_since = if self.up > 0.0 { self.up_since } else { self.n };
        self.down_since = if self.down > 0.0 {
            self.down_since
        } else {
            self.n
        };
        if self.n < parameters.min_instances as u64 {
            return Signal::Quiet;
        }
        let drift = (self.up > parameters.threshold && parameters.mode != Mode::Down)
            || (self.down > parameters.threshold && parameters.mode != Mode::Up);
        if drift { Signal::Drift } else { Signal::Quiet }
    }

    fn recent(&self, parameters: &CUSUMParameters) -> usize {
        let since = if self.went_up(parameters.mode) {
            self.up_since
        } else {
            self.down_since
        };
        self.n.saturating_sub(since) as usize
    }

    fn direction(&self, parameters: &CUSUMParameters) -> Option<Direction> {
        Some(if self.went_up(parameters.mode) {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    fn statistic(&self, parameters: &CUSUMParameters) -> Option<f64> {
        if self.n == 0 || self.n < parameters.min_instances as u64 {
            return None;
        }
        Some(match parameters.mode {
            Mode::Up => self.up,
            Mode::Down => self.down,
            Mode::Both => self.up.max(self.down),
        })
    }

    fn limit(&self, parameters: &CUSUMParameters) -> Option<f64> {
        Some(parameters.threshold)
    }

    fn reading(&self, parameters: &CUSUMParameters, name: &str) -> Option<f64> {
        match name {
            "estimation" => Some(parameters.target.unwrap_or(self.mean)),
            "upper_sum" => Some(self.up),
            "lower_sum" => Some(self.down),
            _ => None,
        }
    }
}
