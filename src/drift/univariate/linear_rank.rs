//! Linear rank statistics: the sum of the scores that one sample's ranks get,
//! and its law when the labels are exchanged at random, ties included.

use super::Ranking;
use crate::math;

/// A tie group of the pooled sample: its score (an integer multiple of what the
/// literature has), and how many values of either sample are in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    pub(super) score: i128,
    pub(super) baseline: usize,
    pub(super) current: usize,
}

/// Scores each tie group of a ranking by `score(before, size)`, with `before`
/// values below the group and `size` in it.
pub(super) fn scored(ranking: &Ranking<'_>, score: impl Fn(usize, usize) -> i128) -> Vec<Scored> {
    let mut before = 0;
    let groups = ranking.tie_groups().map(|group| {
        let size = group.baseline + group.current;
        let score = score(before, size);
        before += size;
        Scored {
            score,
            baseline: group.baseline,
            current: group.current,
        }
    });
    groups.collect()
}

/// The sum of the baseline's scores with its mean and variance under the null
/// hypothesis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    /// Of the baseline.
    pub(super) sum: i128,
    /// N (sum - mean): exact.
    pub(super) deviation: i128,
    /// Variance of the sum.
    pub(super) variance: f64,
}

/// Sum, mean and variance: Hajek, Sidak, Theory of rank tests, 1967, II.3.1.
pub(super) fn moments(groups: &[Scored]) -> Moments {
    let (mut n, mut m, mut sum, mut all) = (0i128, 0i128, 0, 0);
    for group in groups {
        n += group.baseline as i128;
        m += group.current as i128;
        sum += group.score * group.baseline as i128;
        all += group.score * (group.baseline + group.current) as i128;
    }
    let total = n + m;
    let squares: Vec<f64> = groups
        .iter()
        .map(|group| {
            let distance = (total * group.score - all) as f64 / total as f64;
            (group.baseline + group.current) as f64 * distance * distance
        })
        .collect();
    let share = n as f64 * (m as f64 / (total as f64 * (total - 1).max(1) as f64));
    Moments {
        sum,
        deviation: total * sum - n * all,
        variance: share * math::sum(&squares),
    }
}

/// ln P(S <= s) and ln P(S >= s) for the sum of the baseline's scores, given
/// the tie groups, or nothing when that would take more than `limit` additions.
///
/// Counts the choices of a subset by its size and sum, group by group, with
/// additions of positive numbers only: relative error below 1e-12 in both
/// tails.
pub(super) fn exact_tails(groups: &[Scored], limit: u128) -> Option<(f64, f64)> {
    let (n, m) = groups.iter().fold((0, 0), |(n, m), group| {
        (n + group.baseline, m + group.current)
    });
    // Above, C(n + m, n) overflows.
    if n + m > 1000 {
        return None;
    }
    let low = groups.iter().map(|group| group.score).min()?;
    let high = groups.iter().map(|group| group.score).max()?;
    let unit = groups
        .iter()
        .fold(0, |unit, group| math::gcd(unit, (group.score - low) as u64))
        .max(1);
    // The smaller sample's sum, from the end that it is nearer to.
    let own = n <= m;
    let picks = n.min(m);
    let chosen = |group: &Scored| if own { group.baseline } else { group.current };
    let deviation = moments(groups).deviation;
    let near_low = if own { deviation <= 0 } else { deviation >= 0 };
    let steps = |score: i128| {
        let above = if near_low { score - low } else { high - score };
        (above as u64 / unit) as usize
    };
    let goal: usize = groups.iter().map(|g| steps(g.score) * chosen(g)).sum();
    if (n + m) as u128 * (picks as u128 + 1) * (goal as u128 + 1) > limit {
        return None;
    }
    let width = goal + 1;
    // ways[j][s]: subsets of j values with sum s.
    let mut ways = vec![vec![0.0; width]; picks + 1];
    if let Some(first) = ways.first_mut().and_then(|row| row.first_mut()) {
        *first = 1.0;
    }
    let mut seen = 0;
    for group in groups {
        let step = steps(group.score);
        for _ in 0..group.baseline + group.current {
            seen += 1;
            for j in (1..=picks.min(seen)).rev() {
                if let Some([fewer, more]) = ways.get_mut(j - 1..=j) {
                    for (to, from) in more.iter_mut().skip(step).zip(fewer.iter()) {
                        *to += from;
                    }
                }
            }
        }
    }
    let mut all = 1.0;
    for i in 0..picks {
        all = all * (n + m - i) as f64 / (i + 1) as f64;
    }
    let row = ways.last()?;
    let inside: f64 = row.iter().sum();
    let below: f64 = row.iter().take(goal).sum();
    let ln = |count: f64| (count / all).min(1.0).ln();
    let (near, far) = (ln(inside), (-below / all).ln_1p());
    // Towards low scores of the picked sample is towards high ones of the other.
    Some(if near_low == own {
        (near, far)
    } else {
        (far, near)
    })
}
