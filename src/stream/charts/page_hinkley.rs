//! The Page-Hinkley test.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::LARGEST;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};

/// Which changes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Increases.
    Up,
    /// Decreases.
    Down,
    /// Either.
    #[default]
    Both,
}

impl Mode {
    /// How far out a deviation is, in the direction that counts.
    #[inline]
    pub(in crate::stream) fn distance(self, deviation: f64) -> f64 {
        match self {
            Mode::Up => deviation,
            Mode::Down => -deviation,
            Mode::Both => deviation.abs(),
        }
    }
}

/// Parameters of [`PageHinkley`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageHinkleyParameters {
    /// Values before the first look.
    pub min_instances: usize,
    /// What each deviation is lessened by: changes of the mean below it do not count. 0 or
    /// more.
    pub delta: f64,
    /// The limit of the statistic, above 0.
    pub threshold: f64,
    /// What the sums are multiplied by at each value, above 0, at most 1.
    pub alpha: f64,
    /// Which changes count.
    pub mode: Mode,
}

impl Default for PageHinkleyParameters {
    fn default() -> Self {
        Self {
            min_instances: 30,
            delta: 0.005,
            threshold: 50.0,
            alpha: 1.0 - 0.0001,
            mode: Mode::Both,
        }
    }
}

impl Parameters for PageHinkleyParameters {
    fn validate(&self) -> Result<()> {
        if !(0.0..=LARGEST).contains(&self.delta) {
            let allowed = "a number from 0 to 1e150";
            return Err(Error::invalid_value("delta", self.delta, allowed));
        }
        if !(self.threshold > 0.0 && self.threshold.is_finite()) {
            let allowed = "a finite number above 0";
            return Err(Error::invalid_value("threshold", self.threshold, allowed));
        }
        if !(self.alpha > 0.0 && self.alpha <= 1.0) {
            let allowed = "a number above 0, at most 1";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        Ok(())
    }
}

/// The Page-Hinkley test: how far the sum of the deviations from the mean so far has come from
/// its lowest (highest) point.
///
/// With the running mean m_t: S_t = alpha S_(t-1) + (x_t - m_t - delta), up when
/// S_t - min S > threshold; down likewise, with + delta and max S - S_t.
///
/// # Source
/// Page, Continuous inspection schemes, Biometrika 41, 1954; the arithmetic is that of
/// river 0.26.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageHinkley {
    pub(in crate::stream) n: u64,
    pub(in crate::stream) mean: f64,
    pub(in crate::stream) rising: f64,
    pub(in crate::stream) falling: f64,
    pub(in crate::stream) lowest: f64,
    pub(in crate::stream) highest: f64,
    /// The values at which `lowest` and `highest` were reached.
    pub(in crate::stream) lowest_at: u64,
    pub(in crate::stream) highest_at: u64,
}

impl PageHinkley {
    /// The statistics of an increase and of a decrease.
    #[inline]
    fn statistics(&self) -> (f64, f64) {
        (self.rising - self.lowest, self.highest - self.falling)
    }

    fn went_up(&self, mode: Mode) -> bool {
        let (up, down) = self.statistics();
        mode == Mode::Up || (mode == Mode::Both && up >= down)
    }
}

impl Definition for PageHinkley {
    const NAME: &'static str = "page_hinkley";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "threshold",
        range: (0.1, 1e5),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = PageHinkleyParameters;

    fn new(_: &PageHinkleyParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &PageHinkleyParameters, x: f64) -> Signal {
        self.n += 1;
        self.mean += (x - self.mean) / self.n as f64;
        let deviation = x - self.mean;
        self.rising = parameters.alpha * self.rising + deviation - parameters.delta;
        self.falling = parameters.alpha * self.falling + deviation + parameters.delta;
        if self.rising < self.lowest || self.n == 1 {
            self.lowest = self.rising;
            self.lowest_at = self.n;
        }
        if self.falling > self.highest || self.n == 1 {
            self.highest = self.falling;
            self.highest_at = self.n;
        }
        if self.n < parameters.min_instances as u64 {
            return Signal::Quiet;
        }
        let (up, down) = self.statistics();
        let drift = (up > parameters.threshold && parameters.mode != Mode::Down)
            || (down > parameters.threshold && parameters.mode != Mode::Up);
        if drift { Signal::Drift } else { Signal::Quiet }
    }

    fn recent(&self, parameters: &PageHinkleyParameters) -> usize {
        let since = if self.went_up(parameters.mode) {
            self.lowest_at
        } else {
            self.highest_at
        };
        (self.n - since.min(self.n)) as usize
    }

    fn direction(&self, parameters: &PageHinkleyParameters) -> Option<Direction> {
        if self.n == 0 {
            return None;
        }
        if self.went_up(parameters.mode) {
            Some(Direction::Up)
        } else {
            Some(Direction::Down)
        }
    }

    fn statistic(&self, parameters: &PageHinkleyParameters) -> Option<f64> {
        if self.n < parameters.min_instances as u64 {
            return None;
        }
        let (up, down) = self.statistics();
        Some(match parameters.mode {
            Mode::Up => up,
            Mode::Down => down,
            Mode::Both => up.max(down),
        })
    }

    fn limit(&self, parameters: &PageHinkleyParameters) -> Option<f64> {
        Some(parameters.threshold)
    }

    fn reading(&self, _: &PageHinkleyParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.mean)
    }
}
