//! Random draws that do not depend on who makes them, or when.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The random numbers of one draw: a stream of its own for each seed and
/// number, so that draws can be made in any order on any number of threads.
#[derive(Debug, Clone)]
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    pub(crate) fn new(seed: u64, number: usize) -> Self {
        // Seeds next to each other start far apart, numbers next to each other
        // at different states of the generator that expands them.
        let start = mix(seed).wrapping_add(number as u64);
        Self(Xoshiro256PlusPlus::seed_from_u64(start))
    }

    /// A whole number below `n`: the high half of a product, whose bias of
    /// n / 2^64 does not matter here.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Brings `values` into random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }

    /// Marks `k` of `marks`, which are all unmarked, each choice as likely as
    /// any other (Floyd: Bentley & Floyd, Programming pearls: a sample of
    /// brilliance, 1987).
    pub(crate) fn mark(&mut self, k: usize, marks: &mut [bool]) {
        let n = marks.len();
        for last in n.saturating_sub(k)..n {
            let chosen = self.below(last + 1);
            let at = if marks.get(chosen) == Some(&true) {
                last
            } else {
                chosen
            };
            if let Some(mark) = marks.get_mut(at) {
                *mark = true;
            }
        }
    }
}

/// SplitMix64's finaliser: every bit of the input changes half of the output's.
/// (Steele, Lea & Flood, Fast splittable pseudorandom number generators, 2014.)
pub(crate) fn mix(seed: u64) -> u64 {
    let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_as_likely() {
        // 3 of 5: ten choices, each 1,000 times in 10,000; sd about 30.
        let mut seen = std::collections::BTreeMap::new();
        for number in 0..10_000 {
            let mut marks = [false; 5];
            Stream::new(1, number).mark(3, &mut marks);
            assert_eq!(marks.iter().filter(|mark| **mark).count(), 3);
            *seen.entry(marks).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 10);
        assert!(
            seen.values().all(|count| (850..1150).contains(count)),
            "{seen:?}"
        );
    }
}
