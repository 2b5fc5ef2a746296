//! Rank tests by permutation: the labels of the pooled sample exchanged.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// All arrangements are looked at up to so many.
const MAX_ALL: u64 = 20_000;
/// Otherwise so many at random, beside the one observed.
const DRAWS: u32 = 9_999;

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
/// (Phipson, Smyth, Permutation p-values should never be zero, 2010).
pub(super) fn share_as_extreme(
    n: usize,
    m: usize,
    mut extreme: impl FnMut(&Labels) -> bool,
) -> f64 {
    let mut labels = Labels((0..n + m).map(|i| i >= m).collect());
    let all = crate::math::ln_binomial((n + m) as u64, n as u64);
    if all <= (MAX_ALL as f64).ln() {
        let (mut hits, mut count) = (0u64, 0u64);
        loop {
            hits += u64::from(extreme(&labels));
            count += 1;
            if !labels.advance() {
                return hits as f64 / count as f64;
            }
        }
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut hits = 0;
    for _ in 0..DRAWS {
        // Fisher, Yates, Statistical tables, 1938, example 12.
        for last in (1..n + m).rev() {
            let left = last as u64 + 1;
            let place = ((u128::from(random.next_u64()) * u128::from(left)) >> 64) as usize;
            labels.0.swap(last, place);
        }
        hits += u32::from(extreme(&labels));
    }
    f64::from(1 + hits) / f64::from(1 + DRAWS)
}
