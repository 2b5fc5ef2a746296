//! Kolmogorov-Smirnov windowing.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::drift::resampling::Stream;
use crate::drift::{KS, Parameters};
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::windows::incremental_ks;
use crate::stream::windows::ring::{self, Ring};

/// A distance that counts is larger.
const LEAST_DISTANCE: f64 = 0.1;

/// Parameters of [`KSWIN`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct KSWINParameters {
    /// Significance of each look, above 0 and below 1.
    pub alpha: f64,
    /// Values in the window, 2 to 1,000,000.
    pub window_size: usize,
    /// How many of them are the last ones, at most half.
    pub stat_size: usize,
    /// Of the draws; `None` is 0.
    pub seed: Option<usize>,
    /// Values that come before the first.
    pub window: Option<Vec<f64>>,
    /// The least distance that counts, in units of 1 / `stat_size`; `None` inside when there
    /// is none.
    #[serde(skip)]
    critical: OnceLock<Option<u64>>,
}

impl Default for KSWINParameters {
    fn default() -> Self {
        Self {
            alpha: 0.005,
            window_size: 100,
            stat_size: 30,
            seed: None,
            window: None,
            critical: OnceLock::new(),
        }
    }
}

impl KSWINParameters {
    fn critical(&self) -> Option<u64> {
        *self.critical.get_or_init(|| {
            let size = self.stat_size;
            let rare = incremental_ks::critical(size, size, self.alpha).ok()?;
            (rare..=size as u64).find(|&h| self.distance(h) > LEAST_DISTANCE)
        })
    }

    fn distance(&self, h: u64) -> f64 {
        h as f64 / self.stat_size as f64
    }
}

impl Parameters for KSWINParameters {
    fn validate(&self) -> Result<()> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            let allowed = "a number above 0 and below 1";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        ring::validate("window_size", self.window_size, 2)?;
        if self.stat_size == 0 || self.stat_size > self.window_size / 2 {
            let allowed = format!(
                "a whole number from 1 to {}, half of window_size",
                self.window_size / 2
            );
            return Err(Error::invalid_value("stat_size", self.stat_size, allowed));
        }
        if let Some(window) = &self.window {
            ring::validate_values("window", window)?;
        }
        if self.critical().is_none() {
            incremental_ks::critical(self.stat_size, self.stat_size, self.alpha)?;
        }
        Ok(())
    }
}

/// Kolmogorov-Smirnov windowing: the last `stat_size` values of a window against as many drawn
/// from those before them, without replacement, at every value.
///
/// Drift when the exact two-sided p-value is at most `alpha` and the distance D above 0.1.
/// The law of D for equal sizes depends on the integer D `stat_size` alone, so that the two
/// conditions are one comparison of integers. The draws of look k come from xoshiro256++ that
/// is started from `seed` and k.
///
/// # Cost
/// O(r log r) a value for r = `stat_size`; 8 bytes a value of the window and 17 one of r.
/// # Source
/// Raab, Heusinger & Schleif, Reactive soft prototype computing for concept drift streams,
/// Neurocomputing 416, 2020, section 4; p-value and threshold as in river 0.26.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct KSWIN {
    window: Ring,
    /// Looks since the detector was made.
    looks: u64,
    /// The distance at the last look, in units of 1 / `stat_size`.
    distance: Option<u64>,
    /// The last `stat_size` values in ascending order; empty until they are wanted.
    #[serde(skip)]
    recent: Vec<f64>,
    /// Of the drawn values: how many have so many recent ones below them, and how many of
    /// these equal the next one.
    #[serde(skip)]
    below: Vec<[u32; 2]>,
    /// Which of the older values are drawn; all unmarked between looks.
    #[serde(skip)]
    marks: Vec<bool>,
    #[serde(skip)]
    drawn: Vec<usize>,
}

impl KSWIN {
    /// Puts the value that has just come into its place among the recent ones.
    fn follow(&mut self, parameters: &KSWINParameters, x: f64) {
        let size = parameters.stat_size;
        let older = parameters.window_size - size;
        if self.recent.len() == size
            && let Some(gone) = self.window.at(older - 1)
        {
            let from = self.recent.partition_point(|&r| r < gone).min(size - 1);
            let to = self.recent.partition_point(|&r| r < x);
            if from < to {
                self.recent.copy_within(from + 1..to, from);
                self.recent[to - 1] = x;
            } else {
                self.recent.copy_within(to..from, to + 1);
                self.recent[to] = x;
            }
            return;
        }
        self.recent.clear();
        let values = (older..older + size).filter_map(|age| self.window.at(age));
        self.recent.extend(values);
        self.recent.resize(size, x);
        self.recent.sort_unstable_by(f64::total_cmp);
        self.below.resize(size + 1, [0; 2]);
        self.marks.resize(older, false);
        self.drawn.reserve_exact(size);
    }

    /// The distance between the recent values and as many older ones, times their number.
    fn draw_and_compare(&mut self, parameters: &KSWINParameters) -> u64 {
        let size = parameters.stat_size;
        let older = parameters.window_size - size;
        let mut draws = Stream::new(parameters.seed.unwrap_or(0) as u64, self.looks as usize);
        self.looks = self.looks.wrapping_add(1);
        self.below.fill([0; 2]);
        self.drawn.clear();
        // Floyd's choice of `size` of `older`, each as likely as any other.
        for last in older - size..older {
            let choice = draws.below(last + 1);
            let choice = if self.marks[choice] { last } else { choice };
            self.marks[choice] = true;
            self.drawn.push(choice);
        }
        for &age in &self.drawn {
            self.marks[age] = false;
            let Some(x) = self.window.at(age) else {
                continue;
            };
            let place = self.recent.partition_point(|&r| r < x);
            let same = self.recent.get(place) == Some(&x);
            self.below[place][0] += 1;
            self.below[place][1] += u32::from(same);
        }
        // The drawn ones' distribution function is highest over the recent ones' just below
        // one of these, and lowest at one. Inside a group of equal ones neither is beyond its
        // value at the group's first and last.
        let (mut drawn, mut same) = (0_i64, 0_i64);
        let (mut highest, mut lowest) = (0_i64, 0_i64);
        let mut before = f64::NAN;
        for (place, (&r, below)) in self.recent.iter().zip(&self.below).enumerate() {
            drawn += i64::from(below[0]);
            same = if r == before {
                same
            } else {
                i64::from(below[1])
            };
            before = r;
            highest = highest.max(drawn - same - place as i64);
            lowest = lowest.min(drawn - place as i64 - 1);
        }
        highest.max(-lowest).unsigned_abs()
    }
}

impl Definition for KSWIN {
    const NAME: &'static str = "kswin";
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "alpha",
        range: (0.5, 1e-12),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["p_value"];
    type Parameters = KSWINParameters;

    fn new(parameters: &KSWINParameters) -> Self {
        let mut window = Ring::default();
        for &x in parameters.window.iter().flatten() {
            window.push(x, parameters.window_size);
        }
        Self {
            window,
            looks: 0,
            distance: None,
            recent: Vec::new(),
            below: Vec::new(),
            marks: Vec::new(),
            drawn: Vec::new(),
        }
    }

    fn step(&mut self, parameters: &KSWINParameters, x: f64) -> Signal {
        self.window.push(x, parameters.window_size);
        if self.window.len() < parameters.window_size {
            return Signal::Quiet;
        }
        self.follow(parameters, x);
        let distance = self.draw_and_compare(parameters);
        self.distance = Some(distance);
        match parameters.critical() {
            Some(critical) if distance >= critical => Signal::Drift,
            _ => Signal::Quiet,
        }
    }

    fn restart(&mut self, _: &KSWINParameters) {
        self.window.clear();
        self.recent.clear();
        self.distance = None;
    }

    fn recent(&self, parameters: &KSWINParameters) -> usize {
        parameters.stat_size
    }

    fn direction(&self, parameters: &KSWINParameters) -> Option<Direction> {
        self.distance?;
        let border = parameters.window_size - parameters.stat_size;
        Some(self.window.direction(border))
    }

    fn cost(parameters: &KSWINParameters) -> f64 {
        parameters.stat_size as f64
    }

    fn statistic(&self, parameters: &KSWINParameters) -> Option<f64> {
        self.distance.map(|h| parameters.distance(h))
    }

    fn limit(&self, parameters: &KSWINParameters) -> Option<f64> {
        parameters.critical().map(|h| parameters.distance(h))
    }

    fn reading(&self, parameters: &KSWINParameters, name: &str) -> Option<f64> {
        let (n, h) = (parameters.stat_size as u64, self.distance?);
        let p_value = KS::default().p_value(n, n, h, parameters.distance(h));
        (name == "p_value").then_some(p_value.ok()?.value())
    }

    fn restored(&mut self, parameters: &KSWINParameters) -> Result<()> {
        let size = parameters.stat_size as u64;
        if self.distance.is_some_and(|distance| distance > size) {
            return Err(crate::stream::state::damaged("a distance above 1"));
        }
        self.window.restored(parameters.window_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::Univariate;

    #[test]
    fn the_distance_is_that_of_ks_on_what_was_drawn() {
        // Multiples of the golden ratio, modulo 1, with a growing number of ties.
        let values = |levels: f64| {
            let spread = (0..400).map(move |i| f64::from(i) * 0.618_033_988_749_894_9 % 1.0);
            spread.map(move |x| (x * levels).floor() / levels)
        };
        for (levels, window_size, stat_size) in [
            (1e9, 100, 30),
            (9.0, 100, 30),
            (2.0, 50, 25),
            (4.0, 300, 7),
            (3.0, 2, 1),
        ] {
            let parameters = KSWINParameters {
                alpha: 0.999,
                window_size,
                stat_size,
                ..KSWINParameters::default()
            };
            let mut method = KSWIN::new(&parameters);
            let mut chosen = vec![0_u32; window_size - stat_size];
            for x in values(levels) {
                method.step(&parameters, x);
                let Some(h) = method.distance else {
                    continue;
                };
                method.drawn.sort_unstable();
                method.drawn.dedup();
                assert_eq!(method.drawn.len(), stat_size);
                let drawn = method.drawn.iter().map(|&age| {
                    chosen[age] += 1;
                    method.window.at(age)
                });
                let drawn: Option<Vec<f64>> = drawn.collect();
                let all: Vec<f64> = method.window.iter().collect();
                let recent = &all[window_size - stat_size..];
                let expected = KS::default()
                    .compare(drawn.unwrap_or_default().as_slice().into(), recent.into())
                    .map(|result| result.statistic);
                assert_eq!(expected.ok(), Some(parameters.distance(h)));
            }
            // Two a place on average in the widest window.
            assert!(window_size > 100 || chosen.iter().all(|&count| count > 0));
        }
    }
}
