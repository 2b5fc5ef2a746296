//! The exact law over all arrangements, by meeting in the middle.

use super::form::{QuadraticForm, Weighting};

/// Partial sums of a statistic, ascending, each with its number of arrangements.
type Sums = Vec<(u64, f64)>;

/// Counts of the smaller sample and of both, up to a group.
type Place = (u64, u64);

/// How partial sums are made integers: without loss for Cramer-von Mises, in
/// units of 2^-48 for Anderson-Darling.
struct Keys<'a> {
    form: &'a QuadraticForm,
    divisor: u64,
    /// Keys this close are the same value.
    tolerance: u64,
}

const UNIT: f64 = (1u64 << 48) as f64;

impl Keys<'_> {
    fn of(&self, before: Place, after: Place) -> u64 {
        match self.form.weighting {
            Weighting::CramerVonMises => {
                // In the bounds of `log_sf` these are far below 2^63.
                let (up, down) = (self.form.total * after.0, self.form.n * after.1);
                let excess = up.abs_diff(down) / self.divisor;
                (after.1 - before.1) * excess * excess
            }
            Weighting::AndersonDarling => {
                (self.form.contribution(before, after) * UNIT).round() as u64
            }
        }
    }
}

pub(super) fn log_sf(form: &QuadraticForm, budget: usize) -> Option<f64> {
    let (n, total) = (form.n, form.total);
    if n == 1 {
        return Some(single(form));
    }
    // Keeps the keys of Cramer-von Mises below 2^63 and the estimate cheap.
    if n.saturating_mul(total) > 1 << 20 || total > 1 << 14 {
        return None;
    }
    let divisor = super::super::lattice::gcd(n, total).max(1);
    let largest = (n as f64 * (total - n) as f64 / divisor as f64).powi(2) * total as f64;
    if form.weighting == Weighting::CramerVonMises && largest > 4e18 {
        return None;
    }
    let range = match form.weighting {
        Weighting::CramerVonMises => largest / 3.0,
        Weighting::AndersonDarling => f64::INFINITY,
    };
    let middle = split(form, range, budget as f64)?;
    let keys = Keys {
        form,
        divisor,
        tolerance: match form.weighting {
            Weighting::CramerVonMises => 0,
            Weighting::AndersonDarling => 2 * form.groups.len() as u64 + 2,
        },
    };
    let mut observed = 0;
    let mut passed = (0, 0);
    for &(own, both) in &form.groups {
        let before = passed;
        passed = (passed.0 + own, passed.1 + both);
        observed += keys.of(before, passed);
    }
    let observed = observed.saturating_sub(keys.tolerance);
    let rank: u64 = form.groups[..middle].iter().map(|g| g.1).sum();
    let lower = lists(
        form.groups[..middle].iter().map(|g| g.1),
        n,
        total,
        |from, to| keys.of(from, to),
    );
    // From above, counts run backwards.
    let upper = lists(
        form.groups[middle..].iter().rev().map(|g| g.1),
        n,
        total,
        |from, to| keys.of((n - to.0, total - to.1), (n - from.0, total - from.1)),
    );
    let (mut extreme, mut all) = (0.0, 0.0);
    for (count, low) in lower.iter().enumerate() {
        let Some(high) = (n as usize).checked_sub(count).and_then(|k| upper.get(k)) else {
            continue;
        };
        debug_assert!(count as u64 <= rank);
        let (more, both) = pairs(low, high, observed);
        extreme += more;
        all += both;
    }
    Some((extreme / all).ln().min(0.0))
}

/// The law of a single value: where it may lie.
fn single(form: &QuadraticForm) -> f64 {
    // What the groups above add, the value lying below them.
    let mut above = 0.0;
    let (mut rank, mut seen) = (form.total, Vec::with_capacity(form.groups.len()));
    for &(_, both) in form.groups.iter().rev() {
        seen.push((rank - both, rank, above));
        above += form.contribution((1, rank - both), (1, rank));
        rank -= both;
    }
    let mut below = 0.0;
    let (mut values, mut observed) = (Vec::with_capacity(seen.len()), 0.0);
    for ((start, end, above), &(own, _)) in seen.into_iter().rev().zip(&form.groups) {
        let value = below + form.contribution((0, start), (1, end)) + above;
        below += form.contribution((0, start), (0, end));
        values.push((value, (end - start) as f64));
        if own > 0 {
            observed = value;
        }
    }
    let least = observed - 1e-12 * (1.0 + observed);
    let extreme: f64 = values.iter().filter(|x| x.0 >= least).map(|x| x.1).sum();
    (extreme / form.total as f64).ln()
}

/// Where to split the groups, from upper bounds on the lengths of the lists.
fn split(form: &QuadraticForm, range: f64, budget: f64) -> Option<usize> {
    let sizes: Vec<u64> = form.groups.iter().map(|g| g.1).collect();
    let grow = |sizes: &mut dyn Iterator<Item = u64>| {
        let mut lengths = vec![1.0f64];
        let (mut rank, mut work) = (0, 0.0);
        let mut works = vec![0.0];
        for size in sizes {
            rank += size;
            let top = rank.min(form.n) as usize;
            let next: Vec<f64> = (0..=top)
                .map(|to| {
                    let from = to.saturating_sub(size as usize)..=to;
                    let sum: f64 = from.filter_map(|k| lengths.get(k)).sum();
                    sum.min(range)
                })
                .collect();
            lengths = next;
            work += lengths.iter().sum::<f64>();
            works.push(work);
            if work > budget {
                break;
            }
        }
        works
    };
    let lower = grow(&mut sizes.iter().copied());
    let upper = grow(&mut sizes.iter().rev().copied());
    let cost = |at: usize| Some(lower.get(at)? + upper.get(sizes.len() - at)?);
    let best = (0..=sizes.len())
        .filter_map(|at| Some((cost(at)?, at)))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 <= budget).then_some(best.1)
}

/// The partial sums over groups of these sizes, one list for each count of the
/// smaller sample among them.
fn lists(
    sizes: impl Iterator<Item = u64>,
    n: u64,
    total: u64,
    key: impl Fn(Place, Place) -> u64,
) -> Vec<Sums> {
    let mut lists: Vec<Sums> = vec![vec![(0, 1.0)]];
    let mut rank = 0;
    for size in sizes {
        let next_rank = rank + size;
        // So many of the others there are.
        let least = (next_rank + n).saturating_sub(total);
        lists = (0..=next_rank.min(n))
            .map(|to| {
                if to < least {
                    return Vec::new();
                }
                let mut merged = Vec::new();
                let mut ways = 1.0;
                // k of this group; C(size, k) from one to the next.
                for k in 0..=size.min(to) {
                    if k > 0 {
                        ways *= (size - k + 1) as f64 / k as f64;
                    }
                    let from = to - k;
                    if let Some(list) = lists.get(from as usize).filter(|list| !list.is_empty()) {
                        let shift = key((from, rank), (to, next_rank));
                        merged = merge(&merged, list, shift, ways);
                    }
                }
                merged
            })
            .collect();
        rank = next_rank;
    }
    lists
}

/// Adds a shifted and weighted list to another; equal sums become one.
fn merge(list: &[(u64, f64)], other: &[(u64, f64)], shift: u64, ways: f64) -> Sums {
    let mut out: Sums = Vec::with_capacity(list.len() + other.len());
    let (mut i, mut j) = (0, 0);
    // No branch depends on the keys: which comes next cannot be predicted.
    while let (Some(a), Some(b)) = (list.get(i), other.get(j)) {
        let key = b.0 + shift;
        let (first, second) = (a.0 <= key, key <= a.0);
        let weight = f64::from(first) * a.1 + f64::from(second) * b.1 * ways;
        out.push((a.0.min(key), weight));
        i += usize::from(first);
        j += usize::from(second);
    }
    out.extend_from_slice(list.get(i..).unwrap_or_default());
    let rest = other.get(j..).unwrap_or_default();
    out.extend(rest.iter().map(|x| (x.0 + shift, x.1 * ways)));
    out
}

/// How many pairs reach the observed sum, and how many there are.
fn pairs(low: &[(u64, f64)], high: &[(u64, f64)], observed: u64) -> (f64, f64) {
    let whole: f64 = high.iter().map(|x| x.1).sum();
    let (mut extreme, mut all, mut reaching) = (0.0, 0.0, 0.0);
    let mut left = high.len();
    for &(key, weight) in low {
        while let Some(&(other, more)) = left.checked_sub(1).and_then(|i| high.get(i)) {
            if key + other < observed {
                break;
            }
            reaching += more;
            left -= 1;
        }
        extreme += weight * reaching;
        all += weight * whole;
    }
    (extreme, all)
}
