//! What a stretch of the joint order adds to each statistic.

use super::Needs;
use super::ties::cubed;
use crate::math;

/// A running sum and what rounding took from it.
///
/// Source: Neumaier, 1974, with the branch-free TwoSum of Knuth.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    high: f64,
    low: f64,
}

impl Total {
    pub(super) fn add(&mut self, x: f64) {
        let (high, error) = math::two_sum(self.high, x);
        self.high = high;
        self.low += error;
    }

    fn join(&mut self, other: Self) {
        self.add(other.high);
        self.low += other.low;
    }

    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }
}

/// The sizes, as the sums need them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Sizes divided by their greatest common divisor.
    pub(super) n: i128,
    pub(super) m: i128,
    pub(super) pooled: usize,
    /// The least common multiple, which D = F - G = 1 would be.
    pub(super) largest: i128,
}

impl Sizes {
    pub(super) fn new(n: usize, m: usize) -> Self {
        let common = math::gcd(n as u64, m as u64) as i128;
        let (least_n, least_m) = (n as i128 / common, m as i128 / common);
        Self {
            n: least_n,
            m: least_m,
            pooled: n + m,
            largest: least_n * m as i128,
        }
    }

    /// D where `i` and `j` values have been seen.
    pub(super) fn difference(&self, at: At) -> i128 {
        at.i as i128 * self.m - at.j as i128 * self.n
    }
}

/// A place in the joint order: values seen of the baseline and of the current
/// sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct At {
    pub(super) i: usize,
    pub(super) j: usize,
}

impl At {
    pub(super) fn pooled(self) -> usize {
        self.i + self.j
    }

    /// `k` values further, `i` of them the baseline's.
    pub(super) fn and(self, i: u32, k: u32) -> Self {
        Self {
            i: self.i + i as usize,
            j: self.j + (k - i) as usize,
        }
    }
}

/// What a stretch of the joint order adds to each statistic.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Extremes of D.
    pub(super) above: i128,
    pub(super) below: i128,
    /// Sum of |D| dz.
    pub(super) wasserstein: Total,
    /// Sum of D^2 dz.
    pub(super) energy: Total,
    /// Sum of l D^2, l the number of pooled values that are equal.
    pub(super) cramer_von_mises: Total,
    /// Sum of l (D before + D after)^2 / (4 b c + l (b + c)), b values below
    /// and c above.
    pub(super) anderson_darling: Total,
    /// Twice the sum of the current sample's mid-ranks.
    pub(super) rank_sum: u128,
    /// Sum of l^3 - l.
    pub(super) ties: u128,
}

impl Sums {
    /// Adds the stretch that follows.
    pub(super) fn join(&mut self, next: &Self) {
        self.above = self.above.max(next.above);
        self.below = self.below.min(next.below);
        self.wasserstein.join(next.wasserstein);
        self.energy.join(next.energy);
        self.cramer_von_mises.join(next.cramer_von_mises);
        self.anderson_darling.join(next.anderson_darling);
        self.rank_sum += next.rank_sum;
        self.ties += next.ties;
    }

    /// One group of equal values between two places, `gap` below the next.
    pub(super) fn group(&mut self, needs: Needs, sizes: &Sizes, before: At, after: At, gap: f64) {
        let (start, end) = (sizes.difference(before), sizes.difference(after));
        let (d, l) = (end as f64, after.pooled() - before.pooled());
        if needs.contains(Needs::EXTREMES) {
            self.above = self.above.max(end);
            self.below = self.below.min(end);
        }
        if needs.contains(Needs::WASSERSTEIN) {
            self.wasserstein.add(d.abs() * gap);
        }
        if needs.contains(Needs::ENERGY) {
            self.energy.add(d * d * gap);
        }
        if needs.contains(Needs::CRAMER_VON_MISES) {
            self.cramer_von_mises.add(l as f64 * (d * d));
        }
        if needs.contains(Needs::ANDERSON_DARLING) {
            let both = (start + end) as f64;
            let (b, c) = (
                before.pooled() as f64,
                (sizes.pooled - after.pooled()) as f64,
            );
            let l = l as f64;
            // 0 when all values are one: the samples do not differ.
            let weight = 4.0 * (b * c) + l * (b + c);
            self.anderson_darling
                .add(l * (both * both) / weight.max(1.0));
        }
        if needs.contains(Needs::RANK_SUM) {
            self.ranks(before, after);
        }
    }

    pub(super) fn ranks(&mut self, before: At, after: At) {
        let twice_rank = (before.pooled() + after.pooled() + 1) as u128;
        self.rank_sum += (after.j - before.j) as u128 * twice_rank;
        self.ties += cubed(after.pooled() - before.pooled());
    }
}
