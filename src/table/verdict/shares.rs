//! How far the shares of categories moved: total variation, less what chance moves.
//!
//! Drawing rows moves some of them even where nothing has changed, and the more the more
//! categories there are: of 10,000 rows a side that are all different, all. How many rows
//! chance moves on average, given how often each category occurs in both samples together,
//! is known exactly: each count of the baseline is hypergeometric when rows may be exchanged
//! between the samples. That average is taken off the lower end (a rare category as well as
//! a frequent one), and the upper end asks how much may have moved for total variation to
//! stay as small as it is.

use super::look::score;
use crate::math::{hypergeometric_log_pmf, normal_sf, sum};

/// Of each category the smaller sample should have so many rows (Cochran, Some methods for
/// strengthening the common chi-square tests, 1954); rarer ones are judged as one.
const FEWEST: u128 = 5;

/// E|Z| of a standard normal Z.
const MEAN_SIZE: f64 = 0.797_884_560_802_865_4;

/// What sums of shares leave of nothing.
const ROUNDING: f64 = 1e-12;

/// Counts of categories, those too rare to tell apart as one, the last.
///
/// Rare is a category of which the smaller sample should have fewer than five rows, had
/// nothing changed: its count in both samples together, times the smaller sample's share of
/// all rows, is below 5. As that does not look at how the count is split, pooling takes
/// neither side; where nothing has changed it makes nothing look changed. A single rare
/// category stays as it is, one that does not occur is left out.
///
/// # Shapes
/// `baseline`, `current`: (k,), counts of the same categories; what one of them has more is
/// left out.
/// # Cost
/// O(k).
/// # Example
/// ```
/// use driftline::table::verdict::pooled;
/// let (baseline, current) = pooled(&[50, 1, 40, 2], &[45, 3, 55, 0]);
/// assert_eq!((baseline, current), (vec![50, 40, 3], vec![45, 55, 3]));
/// ```
pub fn pooled(baseline: &[u64], current: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let rare = rare(baseline, current);
    let occurring = baseline.iter().zip(current).filter(|(b, c)| **b + **c > 0);
    let pairs = occurring.map(|(&b, &c)| (b, c));
    if pairs.clone().filter(|&pair| rare(pair)).count() < 2 {
        return pairs.unzip();
    }
    let (few, mut kept): (Vec<_>, Vec<_>) = pairs.partition(|&pair| rare(pair));
    kept.push(
        few.iter()
            .fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1)),
    );
    kept.into_iter().unzip()
}

fn rare(baseline: &[u64], current: &[u64]) -> impl Fn((u64, u64)) -> bool + Copy {
    let (n, m) = (total(baseline), total(current));
    move |(b, c)| (u128::from(b) + u128::from(c)) * n.min(m) < FEWEST * (n + m)
}

fn total(counts: &[u64]) -> u128 {
    counts.iter().map(|&count| u128::from(count)).sum()
}

/// What there is to know of the shares.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    rows: (f64, f64),
    /// The largest share of each side, rare categories pooled.
    most: (f64, f64),
    seen: Seen,
    /// Without pooling, where more than `min_effect` of the rows are pooled.
    apart: Option<Seen>,
    pooled: f64,
}

/// Total variation, and what chance makes it on average.
#[derive(Debug, Clone, Copy)]
struct Seen {
    moved: f64,
    by_chance: f64,
}

impl Shares {
    /// `None` for a side without rows.
    pub(super) fn new(baseline: &[u64], current: &[u64], min_effect: f64) -> Option<Self> {
        let (n, m) = (total(baseline), total(current));
        if n == 0 || m == 0 {
            return None;
        }
        let rare = rare(baseline, current);
        let few = baseline.iter().zip(current).map(|(&b, &c)| (b, c));
        let few = few.filter(|&(b, c)| b + c > 0 && rare((b, c)));
        let (number, rows) = few.fold((0, 0), |(number, rows), (b, c)| {
            (number + 1, rows + u128::from(b) + u128::from(c))
        });
        let share = if number < 2 {
            0.0
        } else {
            rows as f64 / (n + m) as f64
        };
        let together = pooled(baseline, current);
        let largest = |counts: &[u64]| counts.iter().copied().max().unwrap_or(0) as f64;
        Some(Self {
            rows: (n as f64, m as f64),
            most: (
                largest(&together.0) / n as f64,
                largest(&together.1) / m as f64,
            ),
            seen: Seen::new(&together.0, &together.1),
            apart: (share > min_effect).then(|| Seen::new(baseline, current)),
            pooled: share,
        })
    }

    /// The share of rows, of both sides, in categories that are pooled.
    pub(super) fn pooled(&self) -> f64 {
        self.pooled
    }

    /// Total variation as observed.
    pub(super) fn moved(&self) -> f64 {
        self.apart
            .map_or(self.seen.moved, |apart| self.seen.moved.max(apart.excess()))
    }

    /// How far total variation strays from its mean, in standard errors times their size:
    /// as a function of the rows it changes by 1/n or 1/m at most, or less where one
    /// category has most of them (the Gaussian Poincare inequality: no choice of signs of
    /// the shares varies more). The largest shares are Wilson's centres, so that none is
    /// certain.
    fn reach(&self, z: f64) -> f64 {
        let square = z * z;
        let variance = |share: f64, rows: f64| {
            let likely = (share * rows + square / 2.0) / (rows + square);
            let one = if likely > 0.5 {
                likely * (1.0 - likely)
            } else {
                0.25
            };
            one / rows
        };
        z * (variance(self.most.0, self.rows.0) + variance(self.most.1, self.rows.1)).sqrt()
    }

    /// The same without pooling.
    fn reach_apart(&self, z: f64) -> f64 {
        z * (1.0 / self.rows.0 + 1.0 / self.rows.1).sqrt() / 2.0
    }

    /// Two looks share what they may miss.
    fn own(&self, z: f64) -> f64 {
        if self.apart.is_some() {
            score(normal_sf(z))
        } else {
            z
        }
    }

    /// Where E|b/n - c/m| <= |p - q| + its mean for p = q, in each category: given b + c, the
    /// left side is convex in the share of the baseline (a Bernstein polynomial), and at the
    /// ends of that share equals |p - q|.
    pub(super) fn low(&self, z: f64) -> f64 {
        let z = self.own(z);
        let together = self.seen.excess() - self.reach(z);
        let apart = self
            .apart
            .map_or(0.0, |apart| apart.excess() - self.reach_apart(z));
        together.max(apart).max(0.0)
    }

    /// Of the rows in categories that are pooled all may have moved from one to another.
    fn high(&self, z: f64) -> f64 {
        let z = self.own(z);
        let together = self.seen.largest_behind(self.seen.moved + self.reach(z));
        (together + self.pooled).min(1.0)
    }

    pub(super) fn ends(&self, z: f64) -> (f64, f64) {
        (self.low(z), self.high(z))
    }

    /// Whether `high` is below: without the search that it needs.
    pub(super) fn is_below(&self, limit: f64, z: f64) -> bool {
        let z = self.own(z);
        let left = limit - self.pooled;
        left > 0.0 && self.seen.moved + self.reach(z) < self.seen.mean(left)
    }

    /// What moved, without what chance adds.
    pub(super) fn estimate(&self) -> f64 {
        let apart = self.apart.map_or(0.0, Seen::excess);
        self.seen.largest_behind(self.seen.moved).max(apart)
    }

    pub(super) fn with_rows(&self, rows: f64) -> Self {
        let now = 1.0 / self.rows.0 + 1.0 / self.rows.1;
        let by_chance = self.seen.by_chance * (2.0 / rows / now).sqrt();
        let mut seen = Seen {
            by_chance,
            ..self.seen
        };
        seen.moved = seen.mean(self.seen.largest_behind(self.seen.moved));
        Self {
            rows: (rows, rows),
            seen,
            // More rows make fewer categories rare.
            pooled: self.pooled * (2.0 / now / rows).min(1.0),
            ..self.clone()
        }
    }
}

impl Seen {
    fn new(baseline: &[u64], current: &[u64]) -> Self {
        let (n, m) = (total(baseline), total(current));
        let pairs = baseline.iter().zip(current).map(|(&b, &c)| (b, c));
        let crossed = pairs
            .clone()
            .map(|(b, c)| (u128::from(b) * m).abs_diff(u128::from(c) * n));
        let product = n as f64 * m as f64;
        let mut totals: Vec<u64> = pairs.map(|(b, c)| b + c).collect();
        totals.sort_unstable();
        let alike = totals.chunk_by(|a, b| a == b);
        let strays: Vec<f64> = alike
            .map(|totals| {
                let count = totals.first().copied().unwrap_or(0);
                totals.len() as f64 * stray(count, n as u64, m as u64)
            })
            .collect();
        let all = (n + m) as f64;
        Self {
            moved: (crossed.sum::<u128>() as f64 / (2.0 * product)).min(1.0),
            by_chance: (sum(&strays) * all / (2.0 * product)).min(1.0),
        }
    }

    fn excess(self) -> f64 {
        let excess = self.moved - self.by_chance;
        if excess > ROUNDING { excess } else { 0.0 }
    }

    /// The standard deviations of all categories together, halved.
    fn spread(self) -> f64 {
        self.by_chance / MEAN_SIZE
    }

    /// The mean of total variation when `truth` moved, at least: each category by as many of
    /// its standard deviations, which is how to move most for the least mean.
    fn mean(self, truth: f64) -> f64 {
        let spread = self.spread();
        if spread > 0.0 {
            spread * folded(truth / spread)
        } else {
            truth
        }
    }

    /// The largest truth whose mean is at most `mean`.
    fn largest_behind(self, mean: f64) -> f64 {
        let spread = self.spread();
        if spread <= 0.0 {
            return mean;
        }
        let target = mean / spread;
        if target <= MEAN_SIZE {
            return 0.0;
        }
        // folded(r) is between r and r + MEAN_SIZE.
        let (mut low, mut high) = (target - MEAN_SIZE, target);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if folded(middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        spread * (low + high) / 2.0
    }
}

/// E|Z + r|, Z standard normal.
fn folded(r: f64) -> f64 {
    MEAN_SIZE * (-0.5 * r * r).exp() + r * (1.0 - 2.0 * normal_sf(r))
}

/// E|X - E X|, for X the rows that the baseline has of `count` in both samples, when every
/// choice of its `n` rows among all n + m is as likely: Diaconis, Zabell, Closed form
/// summation for classical distributions, 1991.
fn stray(count: u64, n: u64, m: u64) -> f64 {
    let all = n + m;
    if count == 0 || count >= all {
        return 0.0;
    }
    let above = (u128::from(count) * u128::from(n) / u128::from(all)) as u64 + 1;
    let ln = hypergeometric_log_pmf(above, all, count, n);
    // all - count - n + above is m - count + above, which is negative only where ln is -inf.
    let other = (i128::from(m) - i128::from(count) + i128::from(above)).max(0) as f64;
    2.0 * above as f64 * (other / all as f64) * ln.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sum of at most 30 probabilities.
    const RTOL: f64 = 1e-12;

    #[test]
    fn the_closed_form_is_the_sum_of_its_definition() {
        for (n, m) in [
            (10, 10),
            (3, 17),
            (17, 3),
            (1, 1),
            (1, 29),
            (29, 1),
            (12, 18),
        ] {
            let all = n + m;
            for count in 0..=all {
                let mean = count as f64 * n as f64 / all as f64;
                let terms = (0..=count.min(n)).map(|k| {
                    hypergeometric_log_pmf(k, all, count, n).exp() * (k as f64 - mean).abs()
                });
                let expected: f64 = terms.sum();
                let got = stray(count, n, m);
                assert!(
                    (got - expected).abs() <= RTOL * (1.0 + expected),
                    "{count} {n} {m}: {got} instead of {expected}"
                );
            }
        }
    }

    #[test]
    fn the_folded_mean_is_inverted() {
        let seen = Seen {
            moved: 0.2,
            by_chance: 0.1,
        };
        for truth in [0.01, 0.1, 0.5, 0.9] {
            let back = seen.largest_behind(seen.mean(truth));
            assert!((back - truth).abs() <= RTOL, "{back} instead of {truth}");
        }
        assert_eq!(seen.largest_behind(0.1), 0.0);
    }
}
