//! Rank tests by permutation: the labels of the pooled sample exchanged.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::math::ln_binomial;

/// All arrangements are looked at up to so many, if that deals out no more than
/// [`MAX_PLACES`] places.
const MAX_ALL: f64 = 20_000.0;
/// Otherwise so many at random, beside the one observed.
const DRAWS: usize = 9_999;
/// No more draws when so many were as extreme: p is known to 5 % of itself
/// (Besag, Clifford, Sequential Monte Carlo p-values, 1991).
const ENOUGH: usize = 400;
/// Fewer draws when labels for so many places would be dealt out, ...
const MAX_PLACES: usize = 40_000_000;
/// ... but not fewer than these.
const MIN_DRAWS: usize = 999;

/// Which places of the sorted pooled sample belong to the baseline.
#[derive(Debug)]
pub(super) struct Labels(Vec<bool>);

impl Labels {
    /// How often baseline and current have each distinct value, given how often
    /// both together have it.
    pub(super) fn groups(&self, sizes: &[usize]) -> impl Iterator<Item = (usize, usize)> {
        let mut rest = self.0.as_slice();
        sizes.iter().map(move |&size| {
            let (group, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            rest = after;
            let baseline = group.iter().filter(|&&own| own).count();
            (baseline, size - baseline)
        })
    }

    fn first(n: usize, m: usize) -> Self {
        Self((0..n + m).map(|i| i >= m).collect())
    }

    fn share_of_all(&mut self, mut extreme: impl FnMut(&Self) -> bool) -> f64 {
        let (mut hits, mut count) = (0u64, 0u64);
        loop {
            hits += u64::from(extreme(self));
            count += 1;
            if !self.advance() {
                return hits as f64 / count as f64;
            }
        }
    }

    /// The next arrangement in lexicographic order: Knuth, TAOCP 4A, 7.2.1.2,
    /// algorithm L.
    fn advance(&mut self) -> bool {
        let labels = &mut self.0;
        let Some(pivot) = labels.windows(2).rposition(|pair| pair == [false, true]) else {
            return false;
        };
        let Some(last) = labels.iter().rposition(|&own| own) else {
            return false;
        };
        labels.swap(pivot, last);
        if let Some(tail) = labels.get_mut(pivot + 1..) {
            tail.reverse();
        }
        true
    }
}

/// The share of arrangements of `n` and `m` labels that are as extreme as the
/// one observed: of all if there are few, otherwise (1 + hits) / (1 + draws) at
/// random from a fixed seed, so that the same samples get the same answer
/// (Phipson, Smyth, Permutation p-values should never be zero, 2010), or the
/// share of hits once there are enough.
pub(super) fn share_as_extreme(
    n: usize,
    m: usize,
    mut extreme: impl FnMut(&Labels) -> bool,
) -> f64 {
    let mut labels = Labels::first(n, m);
    if few(n, m) {
        return labels.share_of_all(extreme);
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let draws = (MAX_PLACES / (n + m)).clamp(MIN_DRAWS, DRAWS);
    let (mut hits, mut drawn) = (0usize, 0usize);
    for _ in 0..draws {
        // Fisher, Yates, Statistical tables, 1938, example 12.
        for last in (1..n + m).rev() {
            labels.0.swap(last, below(&mut random, last + 1));
        }
        hits += usize::from(extreme(&labels));
        drawn += 1;
        if hits == ENOUGH {
            return hits as f64 / drawn as f64;
        }
    }
    (1 + hits) as f64 / (1 + draws) as f64
}

/// The same for statistics of `picks` out of `total` places, in O(`picks`) for
/// each draw.
pub(super) fn share_of_choices(
    picks: usize,
    total: usize,
    mut extreme: impl FnMut(&[usize]) -> bool,
) -> f64 {
    if few(picks, total - picks) {
        let mut chosen = Vec::with_capacity(picks);
        return Labels::first(picks, total - picks).share_of_all(|labels| {
            chosen.clear();
            chosen.extend((0..total).filter(|&i| labels.0.get(i) == Some(&true)));
            extreme(&chosen)
        });
    }
    let mut places: Vec<usize> = (0..total).collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let (mut hits, mut drawn) = (0usize, 0usize);
    for _ in 0..DRAWS {
        // A choice at random from any order: no need to start afresh.
        for i in 0..picks {
            places.swap(i, i + below(&mut random, total - i));
        }
        hits += usize::from(extreme(places.get(..picks).unwrap_or_default()));
        drawn += 1;
        if hits == ENOUGH {
            return hits as f64 / drawn as f64;
        }
    }
    (1 + hits) as f64 / (1 + DRAWS) as f64
}

fn few(n: usize, m: usize) -> bool {
    let all = ln_binomial((n + m) as u64, n as u64);
    all <= MAX_ALL.min((MAX_PLACES / (n + m).max(1)) as f64).ln()
}

/// Uniform on 0 to `end` - 1 but for 2^-64 `end`.
fn below(random: &mut Xoshiro256PlusPlus, end: usize) -> usize {
    ((u128::from(random.next_u64()) * end as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::few;

    #[test]
    fn all_arrangements_are_bounded_by_their_places() {
        assert!(few(1, 6_000) && few(3, 45));
        assert!(!few(1, 16_096) && !few(50, 50));
    }
}
