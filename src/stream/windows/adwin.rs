//! Adaptive windowing.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::state::damaged;

/// Levels of buckets: those of a window of 2^40 values.
const MOST_LEVELS: usize = 40;

/// Parameters of [`ADWIN`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ADWINParameters {
    /// Significance of each look, above 0 and below 1.
    pub delta: f64,
    /// Values from look to look.
    pub clock: usize,
    /// Buckets of each size before two are merged.
    pub max_buckets: usize,
    /// Values on either side of a cut, at least.
    pub min_window_length: usize,
    /// Values before the first look.
    pub grace_period: usize,
}

impl Default for ADWINParameters {
    fn default() -> Self {
        Self {
            delta: 0.002,
            clock: 32,
            max_buckets: 5,
            min_window_length: 5,
            grace_period: 10,
        }
    }
}

impl ADWINParameters {
    /// Places of a level with the default number of buckets.
    const USUAL_STRIDE: usize = 6;
}

impl Parameters for ADWINParameters {
    fn validate(&self) -> Result<()> {
        if !(self.delta >= 1e-300 && self.delta < 1.0) {
            let allowed = "a number from 1e-300, below 1";
            return Err(Error::invalid_value("delta", self.delta, allowed));
        }
        for (name, value, most) in [
            ("clock", self.clock, usize::MAX),
            ("max_buckets", self.max_buckets, 1_000),
            ("min_window_length", self.min_window_length, usize::MAX),
        ] {
            if value == 0 || value > most {
                let allowed = if most == usize::MAX {
                    "a whole number of 1 or more".to_owned()
                } else {
                    format!("a whole number from 1 to {most}")
                };
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        Ok(())
    }
}

/// Adaptive windowing: a window that grows while its mean is the same everywhere, and loses
/// its old end when two parts of it differ.
///
/// The window is kept in buckets of 2^i values. Every `clock` values each border between
/// buckets is a cut: the parts before and after it differ when the distance of their means is
/// above
/// sqrt(2 / m * variance * ln(2 ln(width) / delta)) + 2 / (3 m) * ln(2 ln(width) / delta),
/// where 1 / m = 1 / (n0 - l + 1) + 1 / (n1 - l + 1), l = `min_window_length`.
///
/// # Cost
/// O(log width) per look, some 100 numbers of memory.
/// # Source
/// Bifet & Gavaldà, Learning from time-changing data with adaptive windowing, SDM 2007,
/// section 3; the arithmetic is that of river 0.26.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ADWIN {
    /// Buckets at each level, of 2^level values each.
    lengths: Vec<usize>,
    /// Sums and squared deviations, `max_buckets + 1` places a level, the oldest first.
    totals: Vec<f64>,
    variances: Vec<f64>,
    width: f64,
    total: f64,
    variance: f64,
    /// Values since the last look.
    tick: u64,
    /// Difference and bound at the cut that was found last, old mean minus new one.
    cut: Option<(f64, f64)>,
    /// The first value, and whether any other differed: the means of a constant differ by
    /// rounding alone.
    first: Option<f64>,
    varies: bool,
}

/// The part of the bound that does not depend on the cut.
struct Bound {
    least: f64,
    /// 2 variance / width * ln(...).
    spread: f64,
    /// 2 / 3 * ln(...).
    range: f64,
}

impl Bound {
    fn at(&self, n0: f64, n1: f64) -> f64 {
        let m_recip = 1.0 / (n0 - self.least + 1.0) + 1.0 / (n1 - self.least + 1.0);
        (self.spread * m_recip).sqrt() + self.range * m_recip
    }

    /// Whether the means of two parts, of sums u0 and u1, may differ by more than [`Bound::at`]:
    /// without a division or a root, and never wrongly false.
    ///
    /// With m for 1 / m, |u0 / n0 - u1 / n1| > sqrt(spread m) + range m only if the square of
    /// the left side is above spread m + range^2 m^2; both sides times (n0 n1 a b)^2, where
    /// m = (a + b) / (a b).
    #[inline]
    fn may_exceed(&self, n0: f64, n1: f64, u0: f64, u1: f64) -> bool {
        let (a, b) = (n0 - self.least + 1.0, n1 - self.least + 1.0);
        let (left, right) = (u0 * n1, u1 * n0);
        let rounding = 4.0 * f64::EPSILON * (left.abs() + right.abs());
        let difference = ((left - right).abs() + rounding) * (a * b);
        let both = n0 * n1;
        let spread = self.spread * (a * b) + self.range * self.range * (a + b);
        let limit = both * both * (a + b) * spread;
        let cannot = difference * difference < limit * (1.0 - 1e-9);
        !cannot // also so when something overflows
    }
}

/// Moves the places of a level up by two.
#[inline]
fn drop_two(places: &mut [f64]) {
    // Those of the default number of buckets in two vector moves instead of a call.
    match <&mut [f64; ADWINParameters::USUAL_STRIDE]>::try_from(&mut *places) {
        Ok(places) => places.copy_within(2.., 0),
        Err(_) => places.copy_within(2.., 0),
    }
}

impl ADWIN {
    fn insert(&mut self, parameters: &ADWINParameters, x: f64) {
        let stride = parameters.max_buckets + 1;
        if self.lengths.is_empty() {
            self.grow(stride);
        }
        let place = self.lengths[0];
        self.totals[place] = x;
        self.variances[place] = 0.0;
        self.lengths[0] += 1;
        self.width += 1.0;
        if self.width > 1.0 {
            let difference = x - self.total / (self.width - 1.0);
            self.variance += (self.width - 1.0) * difference * difference / self.width;
        }
        self.total += x;
        if self.lengths[0] == stride {
            self.compress(stride);
        }
    }

    fn grow(&mut self, stride: usize) {
        self.lengths.push(0);
        self.totals.resize(self.lengths.len() * stride, 0.0);
        self.variances.resize(self.lengths.len() * stride, 0.0);
    }

    /// Merges the two oldest buckets of each level that is full.
    fn compress(&mut self, stride: usize) {
        let mut level = 0;
        while self.lengths[level] == stride {
            if level + 1 == self.lengths.len() {
                self.grow(stride);
            }
            let first = level * stride;
            let size = (1_u64 << level) as f64;
            let (t0, t1) = (self.totals[first], self.totals[first + 1]);
            let (v0, v1) = (self.variances[first], self.variances[first + 1]);
            // The size is a power of two: as exact as a division.
            let share = 1.0 / size;
            let apart = t0 * share - t1 * share;
            let place = first + stride + self.lengths[level + 1];
            self.totals[place] = t0 + t1;
            self.variances[place] = v0 + v1 + size * 0.5 * apart * apart;
            self.lengths[level + 1] += 1;
            drop_two(&mut self.totals[first..first + stride]);
            drop_two(&mut self.variances[first..first + stride]);
            self.lengths[level] -= 2;
            level += 1;
        }
    }

    /// Leaves out the oldest bucket.
    fn shorten(&mut self, stride: usize) {
        let Some(last) = self.lengths.len().checked_sub(1) else {
            return;
        };
        let first = last * stride;
        let size = (1_u64 << last) as f64;
        let (u, v) = (self.totals[first], self.variances[first]);
        let mean = u / size;
        self.width -= size;
        self.total -= u;
        let apart = mean - self.total / self.width;
        self.variance -= v + size * self.width * apart * apart / (size + self.width);
        self.totals.copy_within(first + 1..first + stride, first);
        self.variances.copy_within(first + 1..first + stride, first);
        self.lengths[last] -= 1;
        while self.lengths.last() == Some(&0) {
            self.lengths.pop();
        }
        self.totals.truncate(self.lengths.len() * stride);
        self.variances.truncate(self.lengths.len() * stride);
    }

    fn bound(&self, parameters: &ADWINParameters) -> Bound {
        let logarithm = (2.0 * self.width.ln() / parameters.delta).ln();
        Bound {
            least: parameters.min_window_length as f64,
            // Rounding may leave less than nothing.
            spread: 2.0 * (self.variance.max(0.0) / self.width) * logarithm,
            range: 2.0 / 3.0 * logarithm,
        }
    }

    /// Calls `visit` with the lengths and the sums of both parts of each cut, the oldest first,
    /// until it answers true; whether it did.
    fn cuts(
        &self,
        parameters: &ADWINParameters,
        mut visit: impl FnMut(f64, f64, f64, f64) -> bool,
    ) -> bool {
        let stride = parameters.max_buckets + 1;
        let least = parameters.min_window_length as f64;
        let (mut n0, mut n1) = (0.0, self.width);
        let (mut u0, mut u1) = (0.0, self.total);
        for (level, &length) in self.lengths.iter().enumerate().rev() {
            let size = (1_u64 << level) as f64;
            for &total in &self.totals[level * stride..level * stride + length] {
                n0 += size;
                n1 -= size;
                u0 += total;
                u1 -= total;
                if n1 < least || n1 <= 0.0 {
                    return false;
                }
                if n0 >= least && visit(n0, n1, u0, u1) {
                    return true;
                }
            }
        }
        false
    }

    fn look(&mut self, parameters: &ADWINParameters) -> bool {
        let mut found = None;
        loop {
            let bound = self.bound(parameters);
            let mut cut = None;
            self.cuts(parameters, |n0, n1, u0, u1| {
                if !bound.may_exceed(n0, n1, u0, u1) {
                    return false;
                }
                let (before, after) = (u0 / n0, u1 / n1);
                let difference = before - after;
                let limit = bound.at(n0, n1);
                let differ = difference.abs() > limit;
                if differ {
                    cut = Some((difference, limit));
                }
                differ
            });
            if cut.is_none() {
                break;
            }
            found = found.or(cut);
            self.shorten(parameters.max_buckets + 1);
        }
        if found.is_some() {
            self.cut = found;
        }
        found.is_some()
    }

    /// The cut that comes nearest to its bound: (difference, bound).
    fn nearest(&self, parameters: &ADWINParameters) -> Option<(f64, f64)> {
        if self.width <= parameters.grace_period as f64 || self.width < 2.0 {
            return None;
        }
        let bound = self.bound(parameters);
        let mut nearest: Option<(f64, f64)> = None;
        self.cuts(parameters, |n0, n1, u0, u1| {
            let (difference, limit) = (u0 / n0 - u1 / n1, bound.at(n0, n1));
            if nearest.is_none_or(|(d, l)| difference.abs() * l > d.abs() * limit) {
                nearest = Some((difference, limit));
            }
            false
        });
        nearest
    }
}

impl Definition for ADWIN {
    const NAME: &'static str = "adwin";
    const DEPENDS_ON_SCALE: bool = true;
    const KEEPS: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "delta",
        range: (0.999, 1e-12),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation", "width", "variance", "total"];
    type Parameters = ADWINParameters;

    fn new(_: &ADWINParameters) -> Self {
        Self::default()
    }

    #[inline]
    fn step(&mut self, parameters: &ADWINParameters, x: f64) -> Signal {
        self.cut = None;
        self.varies |= *self.first.get_or_insert(x) != x;
        self.insert(parameters, x);
        self.tick += 1;
        if self.tick < parameters.clock as u64 {
            return Signal::Quiet;
        }
        self.tick = 0;
        if self.varies && self.width > parameters.grace_period as f64 && self.look(parameters) {
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn recent(&self, _: &ADWINParameters) -> usize {
        self.width as usize
    }

    fn direction(&self, _: &ADWINParameters) -> Option<Direction> {
        self.cut.map(|(difference, _)| {
            if difference > 0.0 {
                Direction::Down
            } else {
                Direction::Up
            }
        })
    }

    fn statistic(&self, parameters: &ADWINParameters) -> Option<f64> {
        let cut = self.cut.or_else(|| self.nearest(parameters));
        cut.map(|(difference, _)| difference.abs())
    }

    fn limit(&self, parameters: &ADWINParameters) -> Option<f64> {
        let cut = self.cut.or_else(|| self.nearest(parameters));
        cut.map(|(_, limit)| limit)
    }

    fn reading(&self, _: &ADWINParameters, name: &str) -> Option<f64> {
        match name {
            "estimation" if self.width == 0.0 => Some(0.0),
            "estimation" => Some(self.total / self.width),
            "width" => Some(self.width),
            "variance" => Some(self.variance),
            "total" => Some(self.total),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &ADWINParameters) -> Result<()> {
        let stride = parameters.max_buckets + 1;
        let room = self.lengths.len() * stride;
        let held = self.lengths.iter().enumerate();
        let held: f64 = held
            .map(|(level, &length)| length as f64 * 2_f64.powi(level as i32))
            .sum();
        let sound = self.tick < parameters.clock as u64
            && self.lengths.len() <= MOST_LEVELS
            && self.totals.len() == room
            && self.variances.len() == room
            && self.lengths.iter().all(|&length| length < stride)
            && held == self.width;
        if sound {
            Ok(())
        } else {
            Err(damaged("buckets that do not fit the window"))
        }
    }
}
