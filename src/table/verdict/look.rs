//! One look at a column: an interval at any level, and the levels at which it lies wholly
//! on one side of `min_effect`.

use super::evidence::Interval;
use super::rates::Difference;
use super::shares::Shares;
use crate::drift::share_moved;
use crate::error::Result;
use crate::math::{normal_quantile, normal_sf};

/// Beyond this many standard errors a chance is below 1e-307.
const FARTHEST: f64 = 38.0;
/// Halvings of [0, 38]: to the last digits of a f64.
const HALVINGS: usize = 56;

/// One look at a column.
#[derive(Debug, Clone)]
pub(super) enum Look {
    /// The distance of numbers; rows of both sides.
    Numbers(f64, f64, f64),
    /// Shares of categories.
    Shares(Shares),
    /// Rates whose difference counts in either direction.
    EitherWay(Difference),
    /// Rates of which only an increase counts.
    Upwards(Difference),
}

impl Look {
    /// Both ends of the interval that misses the truth with a chance of `alpha`, 0 to 1.
    fn ends(&self, alpha: f64) -> Result<(f64, f64)> {
        let least = if matches!(self, Self::Numbers(..) | Self::Shares(_)) {
            0.0
        } else {
            -1.0
        };
        let level = 1.0 - alpha;
        if !(level > 0.0 && level < 1.0) {
            // Either nobody asks how sure it is, or nothing is ever as sure.
            let value = self.value();
            return Ok(if level < 1.0 {
                (value, value)
            } else {
                (least, 1.0)
            });
        }
        match self {
            Self::Numbers(distance, n, m) => {
                let low = share_moved(*distance, *n as usize, *m as usize, level)?.low;
                let high = distance + score(alpha) * deviation(*n, *m);
                Ok((low, high.min(1.0)))
            }
            Self::Shares(shares) => Ok(shares.ends(score(alpha))),
            Self::EitherWay(rates) | Self::Upwards(rates) => Ok(rates.ends(score(alpha))),
        }
    }

    fn value(&self) -> f64 {
        match self {
            Self::Numbers(distance, _, _) => *distance,
            Self::Shares(shares) => shares.moved(),
            Self::EitherWay(rates) | Self::Upwards(rates) => rates.value(),
        }
    }

    /// The interval of `alpha`, with the estimate.
    pub(super) fn interval(&self, alpha: f64) -> Result<Interval> {
        let (low, high) = self.ends(alpha)?;
        Ok(Interval {
            // What chance explains is no estimate of what moved.
            value: self.value().min(high).max(low),
            low,
            high,
            level: (1.0 - alpha).max(0.0),
        })
    }

    /// The p-value of "at most `min_effect` moved": the smallest alpha whose interval lies
    /// wholly above.
    pub(super) fn p_more(&self, min_effect: f64) -> f64 {
        match self {
            Self::Numbers(distance, n, m) => outside(distance - min_effect, *n, *m),
            Self::Shares(shares) => farthest(|z| shares.low(z) > min_effect),
            Self::Upwards(rates) => farthest(|z| rates.ends(z).0 > min_effect),
            Self::EitherWay(rates) => farthest(|z| {
                let (low, high) = rates.ends(z);
                low > min_effect || high < -min_effect
            }),
        }
    }

    /// The p-value of "at least `min_effect` moved": the smallest alpha whose interval lies
    /// wholly below.
    pub(super) fn p_less(&self, min_effect: f64) -> f64 {
        match self {
            Self::Numbers(distance, n, m) => {
                let z = (min_effect - distance) / deviation(*n, *m);
                (2.0 * normal_sf(z)).min(1.0)
            }
            Self::Shares(shares) => farthest(|z| shares.is_below(min_effect, z)),
            Self::Upwards(rates) => farthest(|z| rates.ends(z).1 < min_effect),
            Self::EitherWay(rates) => farthest(|z| {
                let (low, high) = rates.ends(z);
                low > -min_effect && high < min_effect
            }),
        }
    }

    /// What moved, as far as can be said: the share that decides on which side of
    /// `min_effect` more rows would put the interval.
    pub(super) fn estimate(&self) -> f64 {
        match self {
            Self::Shares(shares) => shares.estimate(),
            Self::EitherWay(rates) => rates.value().abs(),
            _ => self.value(),
        }
    }

    /// The same look with so many rows on each side, had they the shares that are estimated.
    pub(super) fn with_rows(&self, rows: f64) -> Self {
        match self {
            Self::Numbers(distance, _, _) => Self::Numbers(*distance, rows, rows),
            Self::Shares(shares) => Self::Shares(shares.with_rows(rows)),
            Self::EitherWay(rates) => Self::EitherWay(rates.with_rows(rows)),
            Self::Upwards(rates) => Self::Upwards(rates.with_rows(rows)),
        }
    }
}

/// Standard errors to each side, for an interval that misses with a chance of `alpha`.
pub(super) fn score(alpha: f64) -> f64 {
    -normal_quantile(alpha / 2.0)
}

/// The largest standard deviation of the difference of two distribution functions at one
/// value. The distance of the samples is at least that at the value where the truth is
/// largest, so only that one's chance can hide how large it is; that the samples' largest
/// difference exceeds the truth may happen at any value.
fn deviation(n: f64, m: f64) -> f64 {
    (1.0 / n + 1.0 / m).sqrt() / 2.0
}

/// Massart's bound on the chance that distances of samples stray by `by` from the truth.
fn outside(by: f64, n: f64, m: f64) -> f64 {
    if by <= 0.0 {
        return 1.0;
    }
    (2.0 * (-2.0 * by * by / (1.0 / n + 1.0 / m)).exp()).min(1.0)
}

/// The chance beyond the largest z for which `holds`, on both sides; 1 where it does not
/// even hold at 0. Intervals grow with z, so what holds for one holds for all smaller ones.
fn farthest(holds: impl Fn(f64) -> bool) -> f64 {
    if !holds(0.0) {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, FARTHEST);
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (2.0 * normal_sf(low)).min(1.0)
}
