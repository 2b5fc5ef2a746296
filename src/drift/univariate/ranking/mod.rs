//! The joint ranking of two sorted samples, which all rank tests stand on.
//!
//! One pass over both gives any set of their statistics: [`Needs`] says which,
//! and what is not asked for costs nothing. D, the difference of the two
//! empirical distributions times n m, is an integer; everything is a sum of
//! functions of it over the distinct pooled values, so ties need no mid-ranks
//! in floating point and nothing cancels.
//!
//! `merge.rs` brings the samples in joint order in blocks, `kernel.rs` sums over
//! a block (`sums.rs`), `search.rs` finds places (and ranks a small sample in a
//! large one without a merge), `ties.rs` tells groups of equal values, `far.rs`
//! does what overflows.

mod far;
mod kernel;
mod merge;
mod search;
mod sorted;
mod sums;
#[cfg(test)]
mod tests;
mod ties;

use std::ops::BitOr;

pub use sorted::Sorted;
pub use ties::{TieGroup, TieGroups};

use crate::math::{self, SampleMoments};
use merge::Merge;
use search::rank_groups;
use sums::{At, Sizes, Sums};
use ties::{cubed, tie_correction};

/// From this ratio of sizes on, searching beats merging.
const SEARCH_RATIO: usize = 24;

/// Which statistics a [`Ranking`] is to have.
///
/// # Example
/// ```
/// use driftline::drift::Needs;
/// const NEEDS: Needs = Needs::EXTREMES.and(Needs::RANK_SUM);
/// assert!(NEEDS.contains(Needs::RANK_SUM));
/// assert!(!NEEDS.contains(Needs::ENERGY));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs(u8);

impl Needs {
    /// None at all: [`Ranking::tie_groups`] needs nothing.
    pub const NONE: Self = Self(0);
    /// [`Ranking::above`] and [`Ranking::below`].
    pub const EXTREMES: Self = Self(1);
    /// [`Ranking::wasserstein`].
    pub const WASSERSTEIN: Self = Self(2);
    /// [`Ranking::energy`].
    pub const ENERGY: Self = Self(4);
    /// [`Ranking::cramer_von_mises`].
    pub const CRAMER_VON_MISES: Self = Self(8);
    /// [`Ranking::anderson_darling`].
    pub const ANDERSON_DARLING: Self = Self(16);
    /// [`Ranking::rank_sum`] and [`Ranking::ties`].
    pub const RANK_SUM: Self = Self(32);
    /// All of them.
    pub const ALL: Self = Self(63);

    /// Those that are sums of D.
    const DISTANCES: Self = Self(2 + 4 + 8 + 16);

    /// Those that read the sizes of groups.
    const LENGTHS: Self = Self(8 + 16 + 32);

    const fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Needs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

/// Two sorted samples in joint order, and the statistics asked for.
///
/// F and G are the empirical distributions of `baseline` and `current`, n and m
/// their sizes. Swapping the samples changes nothing but signs, to the last
/// bit; so does the order of equal values, and 0.0 equals -0.0. A statistic
/// that was not asked for is 0.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1, ascending and without NaN (a
/// caller's duty: otherwise the statistics mean nothing). With an empty sample
/// all statistics are 0.
/// # Cost
/// O(n + m), without allocation on one thread; O(m log n) for extremes and the rank sum alone
/// when one sample is 24 times the other.
/// # Source
/// Statistics as in the tests that use them; the partition of the merge: Odeh,
/// Green, Mwassi, Shmueli, Birk, Merge path, 2012.
/// # Example
/// ```
/// use driftline::drift::{Needs, Ranking};
/// let ranking = Ranking::new(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0], Needs::ALL);
/// assert_eq!((ranking.above, ranking.below), (8, 0)); // F - G is at most 8/16
/// assert_eq!(ranking.wasserstein, 2.0);
/// assert_eq!(ranking.rank_sum, 2 * (7 + 8) + 7 + 11); // mid-ranks 3.5, 5.5, 7, 8
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Ranking<'a> {
    baseline: &'a [f64],
    current: &'a [f64],
    /// The baseline, if it is kept.
    kept: Option<&'a Sorted>,
    /// The largest n m (F - G), at least 0.
    pub above: i128,
    /// The smallest n m (F - G), at most 0.
    pub below: i128,
    /// The integral of |F - G|, in the unit of the data; relative error below
    /// 1e-15. Infinite where F and G differ at or next to an infinite value, or
    /// when it is beyond the range of `f64`.
    pub wasserstein: f64,
    /// The integral of (F - G)^2, in the unit of the data; as `wasserstein`.
    pub energy: f64,
    /// The sum of (F - G)^2 over all pooled values, F and G as they are at the
    /// value; relative error below 1e-15.
    pub cramer_von_mises: f64,
    /// Scholz and Stephens' A^2_akN, equation 7, for two samples: mid-ranks, as
    /// it is before it is standardised; relative error below 1e-15. 0 when all
    /// values are one.
    pub anderson_darling: f64,
    /// Twice the sum of the mid-ranks of `current` in the pooled sample, ranks
    /// from 1.
    pub rank_sum: u128,
    /// The sum of t^3 - t over groups of t equal pooled values.
    pub ties: f64,
}

impl<'a> Ranking<'a> {
    /// Ranks two sorted samples jointly.
    pub fn new(baseline: &'a [f64], current: &'a [f64], needs: Needs) -> Self {
        Self::empty(baseline, current).ranked(needs, 1)
    }

    /// The same with a baseline that is kept: what is known of it is not
    /// computed again.
    pub fn against(baseline: &'a Sorted, current: &'a [f64], needs: Needs) -> Self {
        Self::with_threads(baseline, current, needs, 1)
    }

    /// The same on several threads (at least one): the answer is the same to the
    /// last bit on any number of them. It pays from some 100,000 values on.
    pub fn with_threads(
        baseline: &'a Sorted,
        current: &'a [f64],
        needs: Needs,
        threads: usize,
    ) -> Self {
        let mut ranking = Self::empty(baseline.values(), current);
        ranking.kept = Some(baseline);
        ranking.ranked(needs, threads)
    }

    fn empty(baseline: &'a [f64], current: &'a [f64]) -> Self {
        Self {
            baseline,
            current,
            kept: None,
            above: 0,
            below: 0,
            wasserstein: 0.0,
            energy: 0.0,
            cramer_von_mises: 0.0,
            anderson_darling: 0.0,
            rank_sum: 0,
            ties: 0.0,
        }
    }

    fn ranked(mut self, needs: Needs, threads: usize) -> Self {
        let (n, m) = (self.n(), self.m());
        if n == 0 || m == 0 || needs == Needs::NONE {
            return self;
        }
        let sizes = Sizes::new(n, m);
        let searchable = Needs::EXTREMES.and(Needs::RANK_SUM).contains(needs);
        let sums = if searchable && n.min(m).saturating_mul(SEARCH_RATIO) < n.max(m) {
            self.searched(needs, &sizes)
        } else {
            let merge = Merge {
                baseline: self.baseline,
                current: self.current,
                needs,
                sizes,
            };
            merge.sums(threads)
        };
        self.take(&sums, needs, &sizes);
        self
    }

    /// Ranks the values of the smaller sample in the larger one.
    fn searched(&self, needs: Needs, sizes: &Sizes) -> Sums {
        let current_is_small = self.m() < self.n();
        let (large, small) = if current_is_small {
            (self.baseline, self.current)
        } else {
            (self.current, self.baseline)
        };
        let place = |in_large, in_small| match current_is_small {
            true => At {
                i: in_large,
                j: in_small,
            },
            false => At {
                i: in_small,
                j: in_large,
            },
        };
        let mut sums = Sums::default();
        let (mut used, mut rank_sum, mut more_ties) = (0, 0, 0);
        rank_groups(large, small, |left, right, end| {
            // D is extreme just below and at the values of one sample.
            for at in [place(left, used), place(right, end)] {
                let d = sizes.difference(at);
                sums.above = sums.above.max(d);
                sums.below = sums.below.min(d);
            }
            let (count, ties) = (end - used, right - left);
            rank_sum += count as u128 * (2 * (left + used) + count + ties + 1) as u128;
            more_ties += cubed(count + ties) - cubed(ties);
            used = end;
        });
        if needs.contains(Needs::RANK_SUM) {
            let pooled = sizes.pooled as u128;
            sums.rank_sum = match current_is_small {
                true => rank_sum,
                false => pooled * (pooled + 1) - rank_sum,
            };
            let ties = match self.kept {
                Some(baseline) if current_is_small => baseline.ties(),
                _ => tie_correction(large),
            };
            sums.ties = ties + more_ties;
        }
        sums
    }

    /// Scales the sums.
    fn take(&mut self, sums: &Sums, needs: Needs, sizes: &Sizes) {
        let common = self.n() as i128 / sizes.n;
        self.above = sums.above * common;
        self.below = sums.below * common;
        let (largest, product) = (sizes.largest as f64, (sizes.n * sizes.m) as f64);
        let pooled = sizes.pooled as f64;
        self.wasserstein = sums.wasserstein.value() / largest;
        self.energy = sums.energy.value() / largest / largest;
        self.cramer_von_mises = sums.cramer_von_mises.value() / largest / largest;
        self.anderson_darling = sums.anderson_darling.value() / product * ((pooled - 1.0) / pooled);
        self.rank_sum = sums.rank_sum;
        self.ties = sums.ties as f64;
        if !(self.wasserstein.is_finite() && self.energy.is_finite()) {
            let (wasserstein, energy) = far::distances(self.tie_groups(), sizes);
            if needs.contains(Needs::WASSERSTEIN) {
                self.wasserstein = wasserstein;
            }
            if needs.contains(Needs::ENERGY) {
                self.energy = energy;
            }
        }
    }

    /// Size of the baseline.
    pub fn n(&self) -> usize {
        self.baseline.len()
    }

    /// Size of the current sample.
    pub fn m(&self) -> usize {
        self.current.len()
    }

    /// The baseline, ascending.
    pub fn baseline(&self) -> &'a [f64] {
        self.baseline
    }

    /// The current sample, ascending.
    pub fn current(&self) -> &'a [f64] {
        self.current
    }

    /// Mean and variance of the baseline, whose values must be finite.
    ///
    /// # Cost
    /// O(n), once for a baseline that is kept.
    pub fn baseline_moments(&self) -> SampleMoments {
        match self.kept {
            Some(baseline) => baseline.moments(),
            None => math::moments(self.baseline),
        }
    }

    /// The distinct pooled values in ascending order, with their counts.
    ///
    /// # Cost
    /// O(n + m) for all of them.
    pub fn tie_groups(&self) -> TieGroups<'a> {
        TieGroups {
            baseline: self.baseline,
            current: self.current,
        }
    }
}
