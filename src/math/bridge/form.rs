//! Cramer-von Mises and Anderson-Darling given how the values are tied.

use super::super::hypergeometric::ln_binomial;
use super::moments::{Chain, Hypergeometric};
use super::string::BeadedString;
use super::{finite, permutation};

/// Which statistic of two samples of n and m values, N = n + m.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighting {
    /// T = n m / N^2 times the sum over the pooled sample of (F - G)^2, both
    /// taken at the value itself.
    CramerVonMises,
    /// A^2 of Scholz, Stephens, K-sample Anderson-Darling tests, 1987, equation
    /// 7: mid-ranks, weighted by the inverse variance.
    AndersonDarling,
}

/// Groups are joined up to this share of a large sample.
const FINEST: u64 = 512;

/// A quadratic form in the counts of one sample among tied groups of both, and
/// its law when every arrangement of the samples over the groups is as likely.
///
/// That is what a permutation test approaches. With ties the law differs from
/// that of continuous data, the more the coarser the groups are: on two equal
/// groups it is a single chi-square.
///
/// # Cost
/// Of making it, O(groups); groups of adjacent values are joined while they hold
/// less than 1/512 of more than 1,024 values, so that all that follows is
/// bounded (not for a single value, whose exact law takes O(groups)).
/// # Example
/// ```
/// use driftline::math::{QuadraticForm, Weighting};
/// // Zeros and ones: 5 and 5 against 2 and 8.
/// let groups = [(5, 2), (5, 8)];
/// let form = QuadraticForm::new(Weighting::CramerVonMises, 10, 10, groups);
/// // (n m / N^2) 7 (1/2 - 1/5)^2
/// assert!((form.statistic() - 0.1575).abs() < 1e-15);
/// // Fisher's exact test, as the groups are two.
/// let p = form.exact_log_sf(1_000).map(f64::exp).unwrap_or(f64::NAN);
/// assert!((p - 0.349_845_201_238_4).abs() < 1e-9);
/// ```
#[derive(Debug, Clone)]
pub struct QuadraticForm {
    pub(super) weighting: Weighting,
    /// Values of each group, of the smaller sample and of both.
    pub(super) groups: Vec<(u64, u64)>,
    pub(super) n: u64,
    pub(super) total: u64,
    coarse: bool,
}

/// Mean and variance of a statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    mean: f64,
    variance: f64,
}

impl QuadraticForm {
    /// From the sizes `n` and `m` and the groups of equal values in ascending
    /// order, each with its counts in either sample. Symmetric in the samples.
    pub fn new(
        weighting: Weighting,
        n: u64,
        m: u64,
        groups: impl IntoIterator<Item = (u64, u64)>,
    ) -> Self {
        let total = n + m;
        // A single value has its exact law at any size.
        let finest = if total > 2 * FINEST && n.min(m) > 1 {
            total / FINEST
        } else {
            0
        };
        Self::joined(weighting, n, m, groups, finest)
    }

    /// The same without joining groups: for [`Self::bounded_log_sf`].
    pub fn whole(
        weighting: Weighting,
        n: u64,
        m: u64,
        groups: impl IntoIterator<Item = (u64, u64)>,
    ) -> Self {
        Self::joined(weighting, n, m, groups, 0)
    }

    fn joined(
        weighting: Weighting,
        n: u64,
        m: u64,
        groups: impl IntoIterator<Item = (u64, u64)>,
        finest: u64,
    ) -> Self {
        let total = n + m;
        let mut form = Self {
            weighting,
            groups: Vec::new(),
            n: n.min(m),
            total,
            coarse: false,
        };
        for (a, b) in groups {
            let (own, both) = (if n <= m { a } else { b }, a + b);
            match form.groups.last_mut() {
                Some(last) if last.1 + both <= finest => {
                    *last = (last.0 + own, last.1 + both);
                    form.coarse = true;
                }
                _ => form.groups.push((own, both)),
            }
        }
        form
    }

    /// The statistic of the two samples.
    pub fn statistic(&self) -> f64 {
        let mut passed = (0, 0);
        let mut sum = 0.0;
        for &(own, both) in &self.groups {
            let before = passed;
            passed = (passed.0 + own, passed.1 + both);
            sum += self.contribution(before, passed);
        }
        sum
    }

    /// What a group adds to the statistic: counts of the smaller sample and of
    /// both below and up to it.
    pub(super) fn contribution(&self, before: (u64, u64), after: (u64, u64)) -> f64 {
        let (n, total) = (self.n as f64, self.total as f64);
        let (own, both) = (n, total - n);
        let size = (after.1 - before.1) as f64;
        // N M - n R in integers: no rounding where it is 0.
        let excess = |(count, rank): (u64, u64)| {
            (i128::from(self.total) * i128::from(count) - i128::from(self.n) * i128::from(rank))
                as f64
        };
        match self.weighting {
            Weighting::CramerVonMises => {
                let s = excess(after);
                size * s * s / (total * total * own * both)
            }
            Weighting::AndersonDarling => {
                let s = 0.5 * (excess(before) + excess(after));
                let middle = 0.5 * (before.1 + after.1) as f64;
                let spread = middle * (total - middle) - 0.25 * total * size;
                if spread <= 0.0 {
                    return 0.0;
                }
                (total - 1.0) / total * (size / total) * s * s / (spread * own * both) * total
            }
        }
    }

    /// Weights of the squared bridge in the middle and at the end of each group,
    /// in terms of shares.
    fn string(&self) -> BeadedString {
        let total = self.total as f64;
        let mut rank = 0.0;
        let mut shares = Vec::with_capacity(self.groups.len());
        let mut middles = Vec::with_capacity(self.groups.len());
        let mut ends = Vec::with_capacity(self.groups.len());
        for &(_, both) in &self.groups {
            let share = both as f64 / total;
            let middle = (rank + 0.5 * both as f64) / total;
            rank += both as f64;
            let (weight, end) = match self.weighting {
                Weighting::CramerVonMises => (0.0, share),
                Weighting::AndersonDarling => {
                    let spread = middle * (1.0 - middle) - 0.25 * share;
                    (if spread > 0.0 { share / spread } else { 0.0 }, 0.0)
                }
            };
            shares.push(share);
            middles.push(weight);
            ends.push(end);
        }
        BeadedString::new(shares, middles, ends)
    }

    /// Moments of the limit: traces of the covariance times the weights.
    fn limit_moments(&self, string: &BeadedString) -> Spread {
        let (mut mean, mut diagonal, mut cross) = (0.0, 0.0, 0.0);
        let (mut end, mut before) = (0.0, 0.0);
        for (i, &share) in string.share.iter().enumerate() {
            let middle = end + 0.5 * share;
            end += share;
            let (weight, place, variance) = match self.weighting {
                Weighting::CramerVonMises => (string.end[i], end, end * (1.0 - end)),
                Weighting::AndersonDarling => {
                    let variance = middle * (1.0 - middle) - 0.25 * share;
                    (string.middle[i], middle, variance)
                }
            };
            let variance = variance.max(0.0);
            mean += weight * variance;
            diagonal += (weight * variance) * (weight * variance);
            let rest = 1.0 - place;
            cross += weight * rest * rest * before;
            before += weight * place * place;
        }
        Spread {
            mean,
            variance: 2.0 * (diagonal + 2.0 * cross),
        }
    }

    /// Moments over all arrangements: the counts of one sample up to each group
    /// are a hypergeometric bridge.
    fn moments(&self) -> Spread {
        let (n, total) = (self.n as f64, self.total as f64);
        let m = total - n;
        let scale = match self.weighting {
            Weighting::CramerVonMises => 1.0 / (n * m),
            Weighting::AndersonDarling => (total - 1.0) * total * total / (n * m),
        };
        let mut sums = Chain::default();
        let mut rank = 0.0;
        for (i, &(_, both)) in self.groups.iter().enumerate() {
            let size = both as f64;
            let previous = rank;
            rank += size;
            // The weights of S_i^2 and of S_(i-1) S_i.
            let (square, product) = match self.weighting {
                Weighting::CramerVonMises => (size, 0.0),
                Weighting::AndersonDarling => {
                    let weight = |size: f64, middle: f64| {
                        let spread = middle * (total - middle) - 0.25 * total * size;
                        if spread > 0.0 {
                            size / total / spread
                        } else {
                            0.0
                        }
                    };
                    let own = weight(size, 0.5 * (previous + rank));
                    let next = self.groups.get(i + 1).map_or(0.0, |&(_, next)| {
                        weight(next as f64, rank + 0.5 * next as f64)
                    });
                    (0.25 * (own + next), 0.5 * own)
                }
            };
            let here = Hypergeometric::new(rank, n, total);
            sums.add(square, product, previous, rank, total, &here);
        }
        Spread {
            mean: scale * sums.mean,
            variance: scale * scale * (sums.square - sums.mean * sums.mean),
        }
    }

    /// Mean of the statistic over all arrangements.
    pub fn mean(&self) -> f64 {
        self.moments().mean
    }

    /// Variance of the statistic over all arrangements.
    pub fn variance(&self) -> f64 {
        self.moments().variance
    }

    /// ln P(statistic >= `statistic`) by the limit law for these ties, moved and
    /// scaled to the exact mean and variance of the finite samples.
    ///
    /// # Cost
    /// O(groups) for each of some 200 evaluations of a determinant in the tail,
    /// at most 10,000 for probabilities close to 1.
    /// # Source
    /// Smirnov's formula, as in
    /// [`cramer_von_mises_log_sf`](super::cramer_von_mises_log_sf); the
    /// eigenvalues are those of a string with beads, since the covariance of a
    /// Brownian bridge is the inverse of a tridiagonal matrix. Standardising by
    /// the exact moments: Anderson, On the distribution of the two-sample
    /// Cramer-von Mises criterion, 1962, section 4.
    pub fn asymptotic_log_sf(&self, statistic: f64) -> f64 {
        self.bent_log_sf(statistic, |_, _| 0.0)
    }

    /// The same with the lighter tail of finite samples, as in
    /// [`cramer_von_mises_two_sample_log_sf`](super::cramer_von_mises_two_sample_log_sf).
    ///
    /// # Cost
    /// That of [`Self::asymptotic_log_sf`].
    pub fn limit_log_sf(&self, statistic: f64) -> f64 {
        let n = self.n as f64;
        let bend = finite::bend(self.weighting, n, self.total as f64 - n);
        self.bent_log_sf(statistic, |string, spread| {
            let zeros = string.first_eigenvalues();
            let third = 8.0 * zeros.iter().map(|u| u.powi(-3)).sum::<f64>();
            let first = zeros.first().copied().unwrap_or(0.0);
            finite::bend_of(spread.0, spread.1, third, 0.5 * first * bend)
        })
    }

    /// By the limit law, at a standardised deviation to which `more` is added; it
    /// takes that deviation and the variance.
    fn bent_log_sf(
        &self,
        statistic: f64,
        more: impl FnOnce(&BeadedString, (f64, f64)) -> f64,
    ) -> f64 {
        let string = self.string();
        let limit = self.limit_moments(&string);
        let exact = self.moments();
        if !(limit.variance > 0.0 && exact.variance > 0.0) {
            return 0.0;
        }
        let scale = (limit.variance / exact.variance).sqrt();
        let deviation = (statistic - exact.mean) * scale;
        let more = more(&string, (deviation, limit.variance));
        string.log_sf(limit.mean + deviation + more)
    }

    /// ln P(statistic >= the one of these samples) over all arrangements of
    /// these groups, exactly; `None` when more than about `budget` partial sums
    /// would be needed.
    ///
    /// # Cost
    /// Both halves of the groups are enumerated and then matched, with equal
    /// partial sums joined: O(2^(N/2)) without ties, far less with ties or when
    /// one sample is small.
    /// # Source
    /// Xiao, Gordon, Yakovlev, A C++ program for the Cramer-von Mises
    /// two-sample test, 2006 (the recursion over the lattice of counts), split
    /// in the middle as in Horowitz, Sahni, Computing partitions, 1974.
    pub fn exact_log_sf(&self, budget: usize) -> Option<f64> {
        if self.coarse {
            return None;
        }
        permutation::log_sf(self, budget)
    }

    /// The largest statistic of any arrangement over these groups, which has all of
    /// the smaller sample at one end, and ln P of reaching it: one arrangement of
    /// all for each end that does, times the choices within a tied group.
    pub fn extreme(&self) -> (f64, f64) {
        let fill = |reverse: bool| {
            let mut form = self.clone();
            let (mut left, mut ways) = (self.n, 0.0);
            let mut put = |group: &mut (u64, u64)| {
                group.0 = left.min(group.1);
                ways += ln_binomial(group.1, group.0);
                left -= group.0;
            };
            if reverse {
                form.groups.iter_mut().rev().for_each(&mut put);
            } else {
                form.groups.iter_mut().for_each(&mut put);
            }
            (form.statistic(), ways)
        };
        let (low, high) = (fill(false), fill(true));
        let largest = low.0.max(high.0);
        let least = largest * (1.0 - 1e-12);
        let all = ln_binomial(self.total, self.n);
        let p: f64 = [low, high]
            .iter()
            .filter(|end| end.0 >= least)
            .map(|end| (end.1 - all).exp())
            .sum();
        if p > 0.0 && p < 1e-290 || p == 0.0 {
            let top = if low.0 >= high.0 { low.1 } else { high.1 };
            let ends = if low.0.min(high.0) >= least {
                2f64
            } else {
                1.0
            };
            return (largest, (ends.ln() + top - all).min(0.0));
        }
        (largest, p.ln().min(0.0))
    }

    /// ln P of a limit law, brought to the exact probability at the largest
    /// statistic there is. Near it, with all of a few values within a share d of
    /// one end, the statistic lacks a share of d of its range, with probability
    /// d^n: between, the logarithm moves as ln(1 - x) does.
    pub fn bounded_log_sf(&self, statistic: f64, limit: impl Fn(f64) -> f64) -> f64 {
        let (largest, end) = self.extreme();
        if statistic >= largest * (1.0 - 1e-12) {
            return end;
        }
        let mean = match self.weighting {
            Weighting::CramerVonMises => 1.0 / 6.0,
            Weighting::AndersonDarling => 1.0,
        };
        let x = ((statistic - mean) / (largest - mean)).clamp(0.0, 1.0);
        let share = match self.weighting {
            Weighting::CramerVonMises => {
                let least = (end / self.n as f64).exp();
                let share = (-x * (1.0 - least)).ln_1p() / least.ln();
                // Fitted to exact laws: tests/core/limit_laws.rs.
                share.powf((1.4 + 0.08 * self.n as f64).min(2.3))
            }
            Weighting::AndersonDarling => x.powf(4.5),
        };
        let share = if share.is_finite() { share } else { x };
        (limit(statistic) + (end - limit(largest)) * share).clamp(end, 0.0)
    }
}
