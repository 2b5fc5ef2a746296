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
    // Symmetric in the samples, to the last bit.
    let share = n as f64 * m as f64 / (total as f64 * (total - 1).max(1) as f64);
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
/// tails for up to 1,000 values, below 1e-14 of ln C(n + m, n) beyond.
pub(super) fn exact_tails(groups: &[Scored], limit: u128) -> Option<(f64, f64)> {
    let (n, m) = groups.iter().fold((0, 0), |(n, m), group| {
        (n + group.baseline, m + group.current)
    });
    let low = groups.iter().map(|group| group.score).min()?;
    let high = groups.iter().map(|group| group.score).max()?;
    let unit = groups
        .iter()
        .fold(0, |unit, group| math::gcd(unit, (group.score - low) as u64))
        .max(1);
    // The smaller sample's sum, from the end that it is nearer to.
    // Of equal sizes it is the lower one: the order of the samples changes nothing.
    let deviation = moments(groups).deviation;
    let own = n < m || n == m && deviation <= 0;
    let picks = n.min(m);
    let chosen = |group: &Scored| if own { group.baseline } else { group.current };
    let near_low = if own { deviation <= 0 } else { deviation >= 0 };
    let steps = |score: i128| {
        let above = if near_low { score - low } else { high - score };
        (above as u64 / unit) as usize
    };
    let goal = groups.iter().try_fold(0usize, |sum, group| {
        sum.checked_add(steps(group.score).checked_mul(chosen(group))?)
    })?;
    // Values beyond the goal are in no subset.
    let additions = groups.iter().map(|group| {
        let size = (group.baseline + group.current) as u128;
        size * (goal + 1).saturating_sub(steps(group.score)) as u128
    });
    let cells = (picks as u128 + 1) * (goal as u128 + 1);
    if additions.sum::<u128>().saturating_mul(picks as u128) + cells > limit {
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
        if step > goal {
            continue;
        }
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
    let row = ways.last()?;
    let inside: f64 = row.iter().sum();
    let below: f64 = row.iter().take(goal).sum();
    let (near, far) = if n + m <= 1000 {
        let mut all = 1.0;
        for i in 0..picks {
            all = all * (n + m - i) as f64 / (i + 1) as f64;
        }
        ((inside / all).min(1.0).ln(), (-below / all).ln_1p())
    } else if inside.is_finite() {
        // C(n + m, n) may be beyond the largest number.
        let all = math::ln_binomial((n + m) as u64, picks as u64);
        let far = (-(below.ln() - all).exp().min(1.0)).ln_1p();
        ((inside.ln() - all).min(0.0), far)
    } else {
        return None;
    };
    // Towards low scores of the picked sample is towards high ones of the other.
    Some(if near_low == own {
        (near, far)
    } else {
        (far, near)
    })
}

/// Groups are joined up to this share of what is beyond them, on either side.
const FINEST: usize = 128;
/// Closer to the mean, in standard deviations, the normal law is as good.
const NEAR: f64 = 0.3;
/// With more values than this in both samples the normal law is.
const FEW: usize = 200;
/// With no more than this in one, the exact law is tried for any number in the
/// other, otherwise for up to `MANY`.
const VERY_FEW: usize = 30;
const MANY: usize = 100_000;

/// Whether the normal law may be far off.
pub(super) fn small(n: usize, m: usize) -> bool {
    let few = n.min(m);
    few <= VERY_FEW || few <= FEW && n + m <= MANY
}

/// ln P(S >= s), or ln P(S <= s) unless `upper`, by a double saddle point; nothing
/// near the mean and below it. Never less than one arrangement of all.
///
/// # Source
/// Robinson, Saddlepoint approximations for permutation tests and confidence
/// intervals, 1982; Skovgaard, Saddlepoint expansions for conditional
/// distributions, 1987 (r and q, with the continuity correction of lattices);
/// Barndorff-Nielsen, 1991 (r + ln(q / r) / r).
pub(super) fn saddle_point_tail(groups: &[Scored], upper: bool) -> Option<f64> {
    let moments = moments(groups);
    let (n, m) = groups.iter().fold((0, 0), |(n, m), group| {
        (n + group.baseline, m + group.current)
    });
    let own = n < m || n == m && moments.deviation <= 0;
    let (few, total) = (n.min(m) as f64, (n + m) as f64);
    let sigma = moments.variance.sqrt();
    // Of the smaller sample, mirrored so that large sums are extreme.
    let sign = if upper { 1.0 } else { -1.0 };
    let mirror = if upper == own { 1.0 } else { -1.0 };
    let low = groups.iter().map(|group| group.score).min()?;
    let unit = groups
        .iter()
        .fold(0, |unit, group| math::gcd(unit, (group.score - low) as u64));
    let step = unit as f64 / sigma;
    let goal = sign * moments.deviation as f64 / total / sigma - 0.5 * step;
    if !(goal.is_finite() && goal > NEAR) {
        return None;
    }
    let joined = joined(groups, sigma, mirror);
    let share = few / total;
    let odds = (1.0 - share) / share;
    // K(u, v) - u s - v n, its gradient and curvature: convex.
    let at = |u: f64, v: f64| {
        let mut sums = [0.0; 6];
        for &(score, size) in &joined {
            let w = u * score + v;
            let (p, ln) = if w > 0.0 {
                let e = (-w).exp();
                (1.0 / (1.0 + odds * e), w + (share + (1.0 - share) * e).ln())
            } else {
                let e = w.exp();
                (e / (e + odds), (share * w.exp_m1()).ln_1p())
            };
            let spread = size * p * (1.0 - p);
            let terms = [
                size * ln,
                size * p * score,
                size * p,
                spread * score * score,
                spread * score,
                spread,
            ];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
        let [k, ku, kv, kuu, kuv, kvv] = sums;
        (k - u * goal - v * few, ku - goal, kv - few, kuu, kuv, kvv)
    };
    let (mut u, mut v) = (0.0, 0.0);
    let mut here = at(u, v);
    for _ in 0..60 {
        let (f, gu, gv, kuu, kuv, kvv) = here;
        let determinant = kuu * kvv - kuv * kuv;
        let du = -(gu * kvv - gv * kuv) / determinant;
        let dv = -(gv * kuu - gu * kuv) / determinant;
        let slope = gu * du + gv * dv;
        if !slope.is_finite() {
            return None;
        }
        if slope > -1e-18 * (1.0 + f.abs()) {
            break;
        }
        let mut size = 1.0;
        loop {
            let next = at(u + size * du, v + size * dv);
            if next.0 <= f + 1e-4 * size * slope {
                (u, v, here) = (u + size * du, v + size * dv, next);
                break;
            }
            size *= 0.5;
            if size < 1e-3 {
                break;
            }
        }
        if size < 1e-3 || -slope < 1e-12 {
            break;
        }
    }
    let (f, _, _, kuu, kuv, kvv) = here;
    let r = (-2.0 * f).sqrt();
    let lattice = 2.0 * (0.5 * u * step).sinh() / step;
    let q = lattice * ((kuu * kvv - kuv * kuv) / (total * share * (1.0 - share))).sqrt();
    let ln = math::normal_log_sf(r + (q / r).ln() / r);
    let least = -math::ln_binomial((n + m) as u64, n.min(m) as u64);
    ln.is_finite().then(|| ln.max(least))
}

/// Scores and sizes, the scores centred and in standard deviations of the sum;
/// adjacent groups are one where the scores are far from their extremes, which
/// are at either end and in the middle.
fn joined(groups: &[Scored], sigma: f64, mirror: f64) -> Vec<(f64, f64)> {
    let (mut total, mut all) = (0usize, 0i128);
    for group in groups {
        let size = group.baseline + group.current;
        total += size;
        all += group.score * size as i128;
    }
    let mut joined: Vec<(f64, f64)> = Vec::new();
    let mut before = 0;
    for group in groups {
        let size = group.baseline + group.current;
        let score = (total as i128 * group.score - all) as f64 / total as f64 / sigma * mirror;
        let after = before + size;
        let nearest = before.min(
            (total - after).min(
                (2 * before)
                    .abs_diff(total)
                    .min((2 * after).abs_diff(total)),
            ),
        );
        match joined.last_mut() {
            Some((mean, count)) if *count + size as f64 <= (nearest / FINEST) as f64 => {
                *count += size as f64;
                *mean += (score - *mean) * (size as f64 / *count);
            }
            _ => joined.push((score, size as f64)),
        }
        before = after;
    }
    joined
}
