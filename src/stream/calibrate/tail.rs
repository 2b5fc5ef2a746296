//! Values beyond those seen.

use super::null::Random;
use crate::math::{normal_quantile, normal_sf};

/// Points of the integral, and halvings of the range of the growth.
const POINTS: usize = 64;
const HALVINGS: usize = 24;

/// The heaviest tail: as far out as one value in a million, it is about as heavy as Cauchy's.
const MOST_GROWTH: f64 = 3.0;

/// Fewer different values in a tail tell nothing about what lies beyond.
const LEAST: usize = 10;

/// The values beyond a threshold.
///
/// They are t + s (exp(g (Z - z)) - 1) / g, for a standard normal Z above z = the quantile
/// of the threshold t: the tail of a normal distribution for g = 0, of a log-normal one for
/// g > 0. Lighter tails are taken for normal ones. s and g follow from the first two
/// L-moments of the excesses.
///
/// # Source
/// Hoaglin, Summarizing shape numerically: the g-and-h distributions, in Exploring data
/// tables, trends, and shapes, 1985 (h = 0); Hosking, L-moments, JRSS B 52, 1990.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tail {
    /// 1 for the upper one, -1 for the lower one: all else is in terms of sign * x.
    sign: f64,
    threshold: f64,
    spread: f64,
    growth: f64,
    /// The values in it, in number and as a share of all.
    n: f64,
    share: f64,
    /// Only whole numbers.
    whole: bool,
}

impl Tail {
    /// From `n` values, those farthest out first, of which the tail has `most` at most.
    /// `None` where there is nothing beyond to tell of.
    pub(super) fn fitted(
        outermost: impl Iterator<Item = f64>,
        n: usize,
        most: usize,
        sign: f64,
        whole: bool,
    ) -> Option<Self> {
        let mut excesses: Vec<f64> = outermost.take(most + 1).map(|x| sign * x).collect();
        let mut threshold = excesses.pop()?;
        excesses.retain(|&x| x > threshold);
        let mut different = excesses.clone();
        different.dedup();
        if different.len() < LEAST {
            return None;
        }
        if whole {
            threshold += 0.5;
        }
        let share = excesses.len() as f64 / n as f64;
        // The smallest first; b0 and b1 of Hosking 1990, section 3.1.
        let (mut b0, mut b1) = (0.0, 0.0);
        let k = excesses.len() as f64;
        for (rank, x) in excesses.iter().rev().enumerate() {
            b0 += (x - threshold) / k;
            b1 += (x - threshold) / k * rank as f64 / (k - 1.0);
        }
        let ratio = (2.0 * b1 - b0) / b0;
        let shape = Shape::new(share);
        let (mut low, mut high) = (0.0, MOST_GROWTH);
        for _ in 0..HALVINGS {
            let growth = (low + high) / 2.0;
            if shape.ratio(growth) < ratio {
                low = growth;
            } else {
                high = growth;
            }
        }
        // The end of the range when the ratio lies beyond it.
        let growth = if low == 0.0 { 0.0 } else { high };
        let spread = b0 / shape.mean(growth);
        (spread > 0.0 && spread.is_finite()).then_some(Self {
            sign,
            threshold,
            spread,
            growth,
            n: k,
            share,
            whole,
        })
    }

    /// Whether a value lies in it.
    pub(super) fn holds(&self, x: f64) -> bool {
        self.sign * x > self.threshold
    }

    /// A value about as far out as the one that is the `rank`-th from the outermost, 0 on: if
    /// all ranks are drawn as often, these values have the tail's distribution.
    pub(super) fn draw(&self, rank: usize, random: &mut Random) -> f64 {
        let part = (rank as f64 + random.uniform()) / self.n;
        let z = -normal_quantile(part * self.share);
        let start = -normal_quantile(self.share);
        let x = self.threshold + self.spread * stretched(z - start, self.growth);
        self.sign * if self.whole { x.round() } else { x }
    }
}

/// (exp(g x) - 1) / g.
fn stretched(x: f64, growth: f64) -> f64 {
    if growth < 1e-6 {
        x
    } else {
        (growth * x).exp_m1() / growth
    }
}

/// The L-moments of a tail of spread 1.
struct Shape {
    share: f64,
    start: f64,
    /// Quantiles of the normal tail at the middles of `POINTS` equal parts.
    points: Vec<f64>,
}

impl Shape {
    fn new(share: f64) -> Self {
        let points = (0..POINTS).map(|i| {
            let part = (i as f64 + 0.5) / POINTS as f64;
            -normal_quantile(share * part)
        });
        Self {
            share,
            start: -normal_quantile(share),
            points: points.collect(),
        }
    }

    fn mean(&self, growth: f64) -> f64 {
        let start = self.start;
        if growth < 1e-6 {
            let density = (-start * start / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            return density / self.share - start;
        }
        // E exp(g Z) over Z > z is exp(g^2 / 2) P(Z > z - g) / P(Z > z).
        let grown = (growth * growth / 2.0 - growth * start).exp() * normal_sf(start - growth);
        (grown / self.share - 1.0) / growth
    }

    /// L2 / L1: with the upper share w of each value, L2 = E Y - 2 E (Y w).
    fn ratio(&self, growth: f64) -> f64 {
        let products = self.points.iter().enumerate().map(|(i, z)| {
            let part = (i as f64 + 0.5) / POINTS as f64;
            part * stretched(z - self.start, growth)
        });
        let product = products.sum::<f64>() / POINTS as f64;
        1.0 - 2.0 * product / self.mean(growth)
    }
}
