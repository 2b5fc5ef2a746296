//! Places in sorted samples.

use super::sums::At;

/// The first position from `from` on where `below` fails: by doubling steps
/// first, since the answer is near and distant memory is slow.
pub(super) fn gallop(sorted: &[f64], from: usize, below: impl Fn(f64) -> bool) -> usize {
    let (mut low, mut step) = (from, 1);
    while sorted.get(low + step - 1).is_some_and(|&x| below(x)) {
        low += step;
        step *= 2;
    }
    let high = sorted.len().min(low + step - 1);
    low + sorted[low..high].partition_point(|&x| below(x))
}

/// The start of the group that the pooled value of rank `rank` (from 0) is in;
/// the ends of both samples for a rank beyond the last.
///
/// # Cost
/// O(log n), four searches.
pub(super) fn split(baseline: &[f64], current: &[f64], rank: usize) -> At {
    let (n, m) = (baseline.len(), current.len());
    if rank >= n + m {
        return At { i: n, j: m };
    }
    // The number of baseline values among the first `rank`.
    let (mut low, mut high) = (rank.saturating_sub(m), rank.min(n));
    while low < high {
        let i = low + (high - low) / 2;
        if baseline[i] < current[rank - i - 1] {
            low = i + 1;
        } else {
            high = i;
        }
    }
    let value = match (baseline.get(low), current.get(rank - low)) {
        (Some(&x), Some(&y)) => x.min(y),
        (Some(&x), None) => x,
        (None, Some(&y)) => y,
        (None, None) => return At { i: n, j: m },
    };
    At {
        i: baseline[..low].partition_point(|&x| x < value),
        j: current[..rank - low].partition_point(|&y| y < value),
    }
}

/// Queries that are answered side by side.
const BATCH: usize = 16;

/// For each value of the smaller sample, how many of the larger are below it,
/// and how many are not above; told in ascending order, once for each group of
/// equal values with its end in the smaller sample.
///
/// # Cost
/// O(small log large): a batch of searches advances in lockstep, so that they
/// wait for memory together.
pub(super) fn rank_groups(large: &[f64], small: &[f64], mut tell: impl FnMut(usize, usize, usize)) {
    let mut ends = small.chunk_by(|a, b| a == b).scan(0, |end, group| {
        *end += group.len();
        Some((group[0], *end))
    });
    loop {
        let (mut values, mut end) = ([f64::INFINITY; BATCH], [0; BATCH]);
        let mut count = 0;
        for ((value, end), (v, e)) in values.iter_mut().zip(&mut end).zip(ends.by_ref()) {
            (*value, *end) = (v, e);
            count += 1;
            if count == BATCH {
                break;
            }
        }
        let first = lower_bounds(large, &values);
        for ((&left, &value), &end) in first.iter().zip(&values).zip(&end).take(count) {
            tell(left, gallop(large, left, |x| x <= value), end);
        }
        if count < BATCH {
            break;
        }
    }
}

/// How many values are below each query.
fn lower_bounds(sorted: &[f64], queries: &[f64; BATCH]) -> [usize; BATCH] {
    let mut low = [0; BATCH];
    let mut len = sorted.len();
    while len > 1 {
        let half = len / 2;
        for (low, &query) in low.iter_mut().zip(queries) {
            *low += if sorted[*low + half - 1] < query {
                half
            } else {
                0
            };
        }
        len -= half;
    }
    for (low, &query) in low.iter_mut().zip(queries) {
        *low += usize::from(sorted.get(*low).is_some_and(|&x| x < query));
    }
    low
}
