//! Two sorted samples ranked together: what every rank statistic is made of.

use std::ops::BitOr;

/// Which sums a test needs of a [`Ranking`]; the others are not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs(u8);

impl Needs {
    /// Nothing but the tie groups.
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

    /// Whether all of `other` is among them.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for Needs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

/// Values that are equal, in both samples together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TieGroup {
    /// The value.
    pub value: f64,
    /// How often the baseline has it.
    pub baseline: usize,
    /// How often the current sample has it.
    pub current: usize,
}

/// The joint ranking of two sorted samples, F the empirical distribution of the
/// baseline (n values), G that of the current sample (m values). Sums that were
/// not asked for are 0.
#[derive(Debug, Clone)]
pub struct Ranking<'a> {
    baseline: &'a [f64],
    current: &'a [f64],
    /// Largest n m (F - G), at least 0.
    pub above: i128,
    /// Smallest n m (F - G), at most 0.
    pub below: i128,
    /// Integral of |F - G|.
    pub wasserstein: f64,
    /// Integral of (F - G)^2.
    pub energy: f64,
    /// Sum over the pooled sample of (F - G)^2, both taken at the value itself.
    pub cramer_von_mises: f64,
    /// Scholz & Stephens 1987, equation 7 (mid-rank version), k = 2.
    pub anderson_darling: f64,
    /// Twice the sum of the current sample's mid-ranks (from 1) in the pooled
    /// sample.
    pub rank_sum: u128,
    /// Sum of t^3 - t over groups of t equal values of the pooled sample.
    pub ties: f64,
}

impl<'a> Ranking<'a> {
    /// Ranks two samples in ascending order, without NaN.
    pub fn new(baseline: &'a [f64], current: &'a [f64], needs: Needs) -> Self {
        let mut ranking = Self {
            baseline,
            current,
            above: 0,
            below: 0,
            wasserstein: 0.0,
            energy: 0.0,
            cramer_von_mises: 0.0,
            anderson_darling: 0.0,
            rank_sum: 0,
            ties: 0.0,
        };
        if needs != Needs::NONE {
            ranking.sum_up();
        }
        ranking
    }

    fn sum_up(&mut self) {
        let (n, m) = (self.n() as f64, self.m() as f64);
        let total = n + m;
        let (mut i, mut j) = (0usize, 0usize);
        let mut last = f64::NAN;
        let mut darling = [0.0; 2];
        for group in self.tie_groups() {
            let before = i as f64 / n - j as f64 / m;
            if (i, j) != (0, 0) && before != 0.0 {
                let width = group.value - last;
                self.wasserstein += before.abs() * width;
                self.energy += before * before * width;
            }
            let t = (group.baseline + group.current) as f64;
            let middle = (i + j) as f64 + t / 2.0;
            self.rank_sum +=
                (group.current * (2 * (i + j) + group.baseline + group.current + 1)) as u128;
            let spread = middle * (total - middle) - total * t / 4.0;
            for (sum, (count, inside, size)) in darling
                .iter_mut()
                .zip([(i, group.baseline, n), (j, group.current, m)])
            {
                let mid = count as f64 + inside as f64 / 2.0;
                if spread > 0.0 {
                    *sum += t / total * (total * mid - size * middle).powi(2) / spread;
                }
            }
            i += group.baseline;
            j += group.current;
            let difference =
                i as i128 * self.current.len() as i128 - j as i128 * self.baseline.len() as i128;
            self.above = self.above.max(difference);
            self.below = self.below.min(difference);
            let after = difference as f64 / (n * m);
            self.cramer_von_mises += t * after * after;
            self.ties += t * t * t - t;
            last = group.value;
        }
        self.anderson_darling = (total - 1.0) / total * (darling[0] / n + darling[1] / m);
    }

    /// Values of the baseline.
    pub fn n(&self) -> usize {
        self.baseline.len()
    }

    /// Values of the current sample.
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

    /// The distinct values of the pooled sample in ascending order.
    pub fn tie_groups(&self) -> TieGroups<'a> {
        TieGroups {
            baseline: self.baseline,
            current: self.current,
        }
    }
}

/// See [`Ranking::tie_groups`].
#[derive(Debug, Clone)]
pub struct TieGroups<'a> {
    baseline: &'a [f64],
    current: &'a [f64],
}

impl Iterator for TieGroups<'_> {
    type Item = TieGroup;

    fn next(&mut self) -> Option<TieGroup> {
        let value = match (self.baseline.first(), self.current.first()) {
            (Some(&x), Some(&y)) => {
                if x < y {
                    x
                } else {
                    y
                }
            }
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (None, None) => return None,
        };
        let count = |values: &mut &[f64]| {
            let count = values.iter().take_while(|&&x| x == value).count();
            *values = values.get(count..).unwrap_or_default();
            count
        };
        Some(TieGroup {
            value,
            baseline: count(&mut self.baseline),
            current: count(&mut self.current),
        })
    }
}
