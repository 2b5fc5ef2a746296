//! A geometric moving average of the deviations from the mean.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};

/// Parameters of [`GeometricMovingAverage`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeometricMovingAverageParameters {
    /// Values before the first look.
    pub min_instances: usize,
    /// The limit of the average, above 0.
    pub threshold: f64,
    /// The weight of the past, from 0 to below 1.
    pub alpha: f64,
    /// Which changes count.
    pub mode: Mode,
}

impl Default for GeometricMovingAverageParameters {
    fn default() -> Self {
        Self {
            min_instances: 30,
            threshold: 1.0,
            alpha: 0.99,
            mode: Mode::Both,
        }
    }
}

impl Parameters for GeometricMovingAverageParameters {
    fn validate(&self) -> Result<()> {
        if !(self.threshold > 0.0 && self.threshold.is_finite()) {
            let allowed = "a finite number above 0";
            return Err(Error::invalid_value("threshold", self.threshold, allowed));
        }
        if !(self.alpha >= 0.0 && self.alpha < 1.0) {
            let allowed = "a number from 0 to below 1";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        Ok(())
    }
}

/// A geometric moving average of the deviations from the mean so far.
///
/// With the running mean m_t: g_t = alpha g_(t-1) + (1 - alpha) (x_t - m_t); drift up when
/// g_t > threshold, down when -g_t > threshold.
///
/// # Cost
/// O(1); 32 bytes.
/// # Source
/// Roberts, Control chart tests based on geometric moving averages, Technometrics 1, 1959, as
/// in MOA's GeometricMovingAverageDM; `up` is that of frouros 0.9.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeometricMovingAverage {
    pub(in crate::stream) n: u64,
    pub(in crate::stream) mean: f64,
    pub(in crate::stream) average: f64,
    /// The last value at which the average had the other sign.
    pub(in crate::stream) since: u64,
}

impl Definition for GeometricMovingAverage {
    const NAME: &'static str = "geometric_moving_average";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "threshold",
        range: (1e-3, 1e4),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = GeometricMovingAverageParameters;

    fn new(_: &GeometricMovingAverageParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &GeometricMovingAverageParameters, x: f64) -> Signal {
        let before = self.n;
        self.n = before.saturating_add(1);
        self.mean += (x - self.mean) / self.n as f64;
        let rising = self.average > 0.0;
        // In this form, to round as frouros does.
        self.average = parameters.alpha * self.average + (1.0 - parameters.alpha) * (x - self.mean);
        let turned = rising != (self.average > 0.0);
        self.since = if turned { before } else { self.since };
        if self.n < parameters.min_instances as u64 {
            return Signal::Quiet;
        }
        let drift = (self.average > parameters.threshold && parameters.mode != Mode::Down)
            || (-self.average > parameters.threshold && parameters.mode != Mode::Up);
        if drift { Signal::Drift } else { Signal::Quiet }
    }

    fn recent(&self, _: &GeometricMovingAverageParameters) -> usize {
        self.n.saturating_sub(self.since) as usize
    }

    fn direction(&self, _: &GeometricMovingAverageParameters) -> Option<Direction> {
        Some(if self.average > 0.0 {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    fn statistic(&self, parameters: &GeometricMovingAverageParameters) -> Option<f64> {
        if self.n == 0 || self.n < parameters.min_instances as u64 {
            return None;
        }
        Some(match parameters.mode {
            Mode::Up => self.average,
            Mode::Down => -self.average,
            Mode::Both => self.average.abs(),
        })
    }

    fn limit(&self, parameters: &GeometricMovingAverageParameters) -> Option<f64> {
        Some(parameters.threshold)
    }

    fn reading(&self, _: &GeometricMovingAverageParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.mean)
    }
}
