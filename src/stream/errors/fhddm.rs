//! The fast Hoeffding drift detection method.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::bits::Bits;
use crate::stream::errors::compat::Compat;
use crate::stream::state::damaged;

/// The longest window.
pub(in crate::stream) const LONGEST: usize = 1_000_000;

/// Parameters of [`FHDDM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FHDDMParameters {
    /// Values in the window, 1 to 1,000,000.
    pub sliding_window_size: usize,
    /// Significance of the bound, above 0 and below 1.
    pub confidence_level: f64,
    /// Values in a second, shorter window, 1 to `sliding_window_size`.
    pub short_window_size: Option<usize>,
    /// `River`: fewer ones are a change, more are none.
    pub compat: Option<Compat>,
}

impl Default for FHDDMParameters {
    fn default() -> Self {
        Self {
            sliding_window_size: 100,
            confidence_level: 0.000001,
            short_window_size: None,
            compat: None,
        }
    }
}

/// # Errors
/// `InvalidValue` for anything but a number above 0 and below 1.
pub(in crate::stream) fn check_probability(name: &'static str, value: f64) -> Result<()> {
    if (1e-300..1.0).contains(&value) {
        return Ok(());
    }
    let allowed = "a number from 1e-300, below 1";
    Err(Error::invalid_value(name, value, allowed))
}

/// # Errors
/// `InvalidValue` for a window that is not of 1 to `most` values.
pub(in crate::stream) fn check_window(name: &'static str, value: usize, most: usize) -> Result<()> {
    if value >= 1 && value <= most {
        return Ok(());
    }
    let allowed = format!("a whole number from 1 to {most}");
    Err(Error::invalid_value(name, value, allowed))
}

impl Parameters for FHDDMParameters {
    fn validate(&self) -> Result<()> {
        check_window("sliding_window_size", self.sliding_window_size, LONGEST)?;
        check_probability("confidence_level", self.confidence_level)?;
        self.short_window_size.map_or(Ok(()), |size| {
            check_window("short_window_size", size, self.sliding_window_size)
        })
    }
}

impl FHDDMParameters {
    /// How far the share in a window of `size` values may fall: Hoeffding's bound.
    fn bound(&self, size: usize) -> f64 {
        ((1.0 / self.confidence_level).ln() / (2 * size) as f64).sqrt()
    }
}

/// A window's share of correct values, the greatest so far, and the bound.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    now: f64,
    greatest: f64,
    #[serde(skip)]
    bound: f64,
}

impl Share {
    #[inline]
    fn take(&mut self, count: usize, size: usize) -> bool {
        self.now = count as f64 / size as f64;
        if self.greatest < self.now {
            self.greatest = self.now;
        }
        self.fall() > self.bound
    }

    fn fall(&self) -> f64 {
        self.greatest - self.now
    }
}

/// The fast Hoeffding drift detection method: the share of correct values in a window against
/// its greatest.
///
/// With u the share of zeros among the last n = `sliding_window_size` values and u_max its
/// greatest: drift when u_max - u > sqrt(ln(1 / `confidence_level`) / (2 n)). A second window
/// of `short_window_size` values (stacking FHDDM) is looked at in the same way, once the first
/// is full.
///
/// river 0.26 documents 1 as an error and takes it for a correct value, so that it alarms when
/// errors get fewer and is blind when they get more; [`Compat::River`] keeps this.
///
/// # Cost
/// O(1); one bit for each value of the window and 150 bytes.
/// # Source
/// Pesaranghader, Viktor, Fast Hoeffding drift detection method for evolving data streams,
/// ECML-PKDD 2016; Pesaranghader, Viktor, Paquet, Reservoir of diverse adaptive learners and
/// stacking fast Hoeffding drift detection methods for evolving data streams, Machine Learning
/// 107, 2018.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FHDDM {
    /// Set for a correct value.
    window: Bits,
    long: Share,
    short: Share,
    /// How many of the shorter window are correct.
    short_count: usize,
    /// Whether the shorter window was the one that changed.
    by_short: bool,
}

impl FHDDM {
    /// The window that comes nearest to its bound.
    fn nearest(&self, parameters: &FHDDMParameters) -> Option<&Share> {
        if !self.window.is_full() {
            return None;
        }
        let nearer = self.short.fall() * self.long.bound > self.long.fall() * self.short.bound;
        let short = parameters.short_window_size.is_some() && nearer;
        Some(if short { &self.short } else { &self.long })
    }
}

impl Definition for FHDDM {
    const NAME: &'static str = "fhddm";
    const INPUT: Input = Input::Binary;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "confidence_level",
        range: (0.5, 1e-80),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = FHDDMParameters;

    fn new(parameters: &FHDDMParameters) -> Self {
        let share = |size| Share {
            bound: parameters.bound(size),
            ..Share::default()
        };
        Self {
            window: Bits::new(parameters.sliding_window_size),
            long: share(parameters.sliding_window_size),
            short: parameters.short_window_size.map(share).unwrap_or_default(),
            short_count: 0,
            by_short: false,
        }
    }

    #[inline]
    fn step(&mut self, parameters: &FHDDMParameters, x: f64) -> Signal {
        let correct = (x == 1.0) == parameters.compat.is_some();
        let gone = self.window.push(correct);
        if let Some(size) = parameters.short_window_size {
            let left = match self.window.len().checked_sub(1 + size) {
                Some(index) => self.window.get(index),
                None => gone == Some(true),
            };
            self.short_count = self.short_count + usize::from(correct) - usize::from(left);
        }
        if !self.window.is_full() {
            return Signal::Quiet;
        }
        let size = parameters.sliding_window_size;
        let long = self.long.take(self.window.ones(), size);
        self.by_short = parameters
            .short_window_size
            .is_some_and(|size| self.short.take(self.short_count, size));
        if long || self.by_short {
            Signal::Drift
        } else {
            Signal::Quiet
        }
    }

    fn restart(&mut self, _: &FHDDMParameters) {
        self.window.clear();
        for share in [&mut self.long, &mut self.short] {
            (share.now, share.greatest) = (0.0, 0.0);
        }
        (self.short_count, self.by_short) = (0, false);
    }

    fn recent(&self, parameters: &FHDDMParameters) -> usize {
        let short = parameters.short_window_size.filter(|_| self.by_short);
        short.unwrap_or(parameters.sliding_window_size)
    }

    fn direction(&self, parameters: &FHDDMParameters) -> Option<Direction> {
        Some(if parameters.compat.is_some() {
            Direction::Down
        } else {
            Direction::Up
        })
    }

    fn statistic(&self, parameters: &FHDDMParameters) -> Option<f64> {
        self.nearest(parameters).map(Share::fall)
    }

    fn limit(&self, parameters: &FHDDMParameters) -> Option<f64> {
        let nearest = self.nearest(parameters).unwrap_or(&self.long);
        Some(nearest.bound)
    }

    fn reading(&self, parameters: &FHDDMParameters, name: &str) -> Option<f64> {
        let held = self.window.len();
        if name != "estimation" || held == 0 {
            return (name == "estimation").then_some(0.0);
        }
        let ones = if parameters.compat.is_some() {
            self.window.ones()
        } else {
            held - self.window.ones()
        };
        Some(ones as f64 / held as f64)
    }

    fn restored(&mut self, parameters: &FHDDMParameters) -> Result<()> {
        self.window.restored(parameters.sliding_window_size)?;
        self.long.bound = parameters.bound(parameters.sliding_window_size);
        let held = self.window.len();
        let short = parameters.short_window_size.map_or(0, |size| {
            self.short.bound = parameters.bound(size);
            (held - held.min(size)..held)
                .filter(|&i| self.window.get(i))
                .count()
        });
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let sound = |s: &Share| share(s.now) && share(s.greatest) && s.now <= s.greatest;
        if sound(&self.long) && sound(&self.short) && short == self.short_count {
            Ok(())
        } else {
            Err(damaged("shares that do not fit the window"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drifts(parameters: &FHDDMParameters, ones: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut method = FHDDM::new(parameters);
        let mut found = Vec::new();
        for i in 0..400 {
            if method.step(parameters, f64::from(u8::from(ones(i)))) == Signal::Drift {
                found.push(i);
                method.restart(parameters);
            }
        }
        found
    }

    #[test]
    fn more_errors_are_a_change_and_fewer_are_none() {
        let parameters = FHDDMParameters::default();
        // The bound is sqrt(ln(1e6) / 200) = 0.2628: 27 errors of the last 100.
        assert_eq!(drifts(&parameters, |i| i >= 200), [226]);
        assert!(drifts(&parameters, |i| i < 200).is_empty());
        let river = FHDDMParameters {
            compat: Some(Compat::River),
            ..parameters
        };
        assert!(drifts(&river, |i| i >= 200).is_empty());
        assert_eq!(drifts(&river, |i| i < 200), [226]);
    }

    #[test]
    fn the_short_window_sees_a_short_burst() {
        let burst = |i: usize| (200..220).contains(&i);
        assert!(drifts(&FHDDMParameters::default(), burst).is_empty());
        for size in [20, 25, 100] {
            let parameters = FHDDMParameters {
                short_window_size: Some(size),
                confidence_level: 0.001,
                ..Default::default()
            };
            // sqrt(ln(1000) / 40) = 0.4156, / 50: 0.3717, / 200: 0.1858.
            let expected = [(20, 208), (25, 209), (100, 218)];
            let expected = expected
                .iter()
                .find(|(length, _)| *length == size)
                .unwrap()
                .1;
            assert_eq!(drifts(&parameters, burst), [expected], "{size}");
        }
    }
}
