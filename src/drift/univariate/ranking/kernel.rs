//! The sums over a block of distinct pooled values, eight lanes at a time.
//!
//! Everything follows from D = m' i - n' j, with i and j the numbers of values
//! up to here in each sample and n', m' the sizes in lowest terms: D is an
//! integer, 0 at both ends, proportional to F - G. A block holds the D of each
//! value relative to its start, which is exact in `f64` for any sample that
//! fits in memory; adding the start rounds at most once, and not at all while
//! lcm(n, m) is below 2^53.

use super::Needs;
use super::sums::{At, Sizes, Sums};

/// Pooled values in a block: four lanes of blocks stay in the L1 cache.
pub(super) const BLOCK: usize = 256;
/// Independent sums, so that additions need not wait for each other.
const LANES: usize = 8;
/// Room for the groups of a block and what fills the lanes.
const GROUPS: usize = BLOCK + LANES + 1;

/// 0, 1, 2 ...
static RAMP: [f64; BLOCK] = {
    let (mut ramp, mut s) = ([0.0; BLOCK], 0);
    while s < BLOCK {
        ramp[s] = s as f64;
        s += 1;
    }
    ramp
};

/// Merged values, relative to the place where the block starts. Slot 0 is the
/// last value before it, whose group may still be open.
pub(super) struct Block {
    /// The values.
    pub(super) z: [f64; BLOCK + 1],
    /// Baseline values up to and with this one, since the start.
    pub(super) i: [u32; BLOCK + 1],
}

impl Block {
    pub(super) const EMPTY: Self = Self {
        z: [0.0; BLOCK + 1],
        i: [0; BLOCK + 1],
    };

    /// The slots to write to, but slot 0.
    pub(super) fn slots(&mut self) -> (&mut [f64; BLOCK], &mut [u32; BLOCK]) {
        let Self { z, i } = self;
        let [_, z @ ..] = z;
        let [_, i @ ..] = i;
        (z, i)
    }

    /// Whether the values of slots 0 to `len` all differ.
    pub(super) fn is_distinct(&self, len: usize) -> bool {
        // To the end: leaving early would keep the comparison from being done
        // several at a time.
        let pairs = self.z[..len].iter().zip(&self.z[1..=len]);
        pairs.fold(0, |same, (a, b)| same | u64::from(a >= b)) == 0
    }
}

/// Where a block's sums are made.
pub(super) struct Kernel {
    pub(super) needs: Needs,
    pub(super) sizes: Sizes,
    /// The last value of each group, and what has been seen with it.
    z: [f64; GROUPS],
    i: [u32; GROUPS],
    k: [u32; GROUPS],
    /// D before the first group and after each, relative to the block's start.
    relative: [f64; GROUPS],
    d: [f64; GROUPS],
    /// `k` for sums.
    seen: [f64; GROUPS],
}

impl Kernel {
    #[inline(always)] // see Merge::room
    pub(super) fn new(needs: Needs, sizes: Sizes) -> Self {
        Self {
            needs,
            sizes,
            z: [0.0; GROUPS],
            i: [0; GROUPS],
            k: [0; GROUPS],
            relative: [0.0; GROUPS],
            d: [0.0; GROUPS],
            seen: [0.0; GROUPS],
        }
    }

    /// Adds the first `len` slots, a multiple of eight, of a block whose values
    /// all differ and whose slot 0 is a single value between `before` and
    /// `start`.
    pub(super) fn add_distinct(
        &mut self,
        sums: &mut Sums,
        block: &Block,
        len: usize,
        before: At,
        start: At,
    ) {
        let (n, total) = self.factors();
        let difference = self.sizes.difference(start);
        self.relative[0] = (self.sizes.difference(before) - difference) as f64;
        let after = self.relative[1..=len].iter_mut().zip(&block.i);
        for (s, (relative, &i)) in (0i32..).zip(after) {
            *relative = f64::from(i as i32) * total - f64::from(s) * n;
        }
        self.add_differences(sums, len, difference, &block.z);
        let d = &self.d[..=len];
        if self.needs.contains(Needs::CRAMER_VON_MISES) {
            sums.cramer_von_mises.add(sum([&d[1..]], |[d]| d * d));
        }
        if self.needs.contains(Needs::ANDERSON_DARLING) {
            let (b, top) = (before.pooled() as f64, (self.sizes.pooled - 1) as f64);
            sums.anderson_darling
                .add(sum_of_ratios([d, &d[1..], &RAMP], |[d, next, s]| {
                    let b = b + s;
                    ((d + next) * (d + next), 4.0 * (b * (top - b)) + top)
                }));
        }
        if self.needs.contains(Needs::RANK_SUM) {
            sums.ranks(before, start);
            // Of the slots after the first, by parts: sum of s (j[s] - j[s - 1]).
            let last = len - 1;
            let i: u32 = block.i[..last].iter().sum();
            let j = (last - block.i[last] as usize) as u64;
            let j_sum = (last * (last - 1) / 2) as u64 - u64::from(i);
            let relative = last as u64 * j - j_sum;
            sums.rank_sum += 2 * (u128::from(j) * start.pooled() as u128 + u128::from(relative));
        }
    }

    /// Adds all groups but the last of the first `len` values, of any sizes.
    /// Gives the place where the last group starts, unless it is that of slot 0.
    pub(super) fn add_tied(
        &mut self,
        sums: &mut Sums,
        block: &Block,
        len: usize,
        before: At,
        start: At,
    ) -> Option<At> {
        // The last value of each group, without a branch.
        let (mut last, mut g) = (block.z[0], 0);
        (self.z[0], self.i[0], self.k[0]) = (last, 0, 0);
        let values = block.z[1..=len].iter().zip(&block.i[1..=len]);
        for (s, (&value, &count)) in (1..).zip(values) {
            g += usize::from(value > last);
            (self.z[g], self.i[g], self.k[g]) = (value, count, s);
            last = value;
        }
        if g == 0 {
            return None;
        }
        // Empty groups fill the lanes.
        let filled = (g - 1).next_multiple_of(LANES);
        let (i, k) = (self.i[g - 1], self.k[g - 1]);
        let open = start.and(i, k);
        self.i[g..=filled].fill(i);
        self.k[g..=filled].fill(k);
        self.z[g..=filled + 1].fill(last);

        let first = start.and(self.i[0], self.k[0]);
        sums.group(
            self.needs,
            &self.sizes,
            before,
            first,
            self.z[1] - self.z[0],
        );
        let (n, total) = self.factors();
        let counts = self.i[..=filled].iter().zip(&self.k[..=filled]);
        for (relative, (&i, &k)) in self.relative.iter_mut().zip(counts) {
            *relative = f64::from(i as i32) * total - f64::from(k as i32) * n;
        }
        let z = self.z;
        self.add_differences(sums, filled, self.sizes.difference(start), &z[1..]);
        let (d, k) = (&self.d[..=filled], &self.k[..=filled]);
        if self.needs.any_of(Needs::LENGTHS) {
            for (float, &k) in self.seen.iter_mut().zip(k) {
                *float = f64::from(k as i32);
            }
        }
        let (k, next_k) = (&self.seen[..filled], &self.seen[1..=filled]);
        if self.needs.contains(Needs::CRAMER_VON_MISES) {
            let term = |[d, k, next]: [f64; 3]| (next - k) * (d * d);
            sums.cramer_von_mises.add(sum([&d[1..], k, next_k], term));
        }
        if self.needs.contains(Needs::ANDERSON_DARLING) {
            let (seen, pooled) = (start.pooled() as f64, self.sizes.pooled as f64);
            let terms = |[d, next_d, k, next_k]: [f64; 4]| {
                let (b, l) = (seen + k, next_k - k);
                let c = pooled - b - l;
                let weight = 4.0 * (b * c) + l * (b + c);
                let both = d + next_d;
                // An empty group may have nothing around it.
                (l * (both * both), if weight > 1.0 { weight } else { 1.0 })
            };
            sums.anderson_darling
                .add(sum_of_ratios([d, &d[1..], k, next_k], terms));
        }
        if self.needs.contains(Needs::RANK_SUM) {
            for (float, &i) in self.d.iter_mut().zip(&self.i[..=filled]) {
                *float = f64::from(i as i32);
            }
            let (i, next_i) = (&self.d[..filled], &self.d[1..=filled]);
            // At most 256 times 256^3: exact in any order.
            let ranks = sum([k, next_k, i, next_i], |[k, next_k, i, next_i]| {
                (next_k - k - (next_i - i)) * (k + next_k + 1.0)
            });
            let ties = sum([k, next_k], |[k, next]| {
                let l = next - k;
                l * (l * l - 1.0)
            });
            let from_current = (open.j - first.j) as u128;
            sums.rank_sum += ranks as u128 + 2 * from_current * start.pooled() as u128;
            sums.ties += ties as u128;
        }
        Some(open)
    }

    /// What D gains from a value of either sample, in two parts.
    fn factors(&self) -> (f64, f64) {
        let Sizes { n, m, .. } = self.sizes;
        (n as f64, (n + m) as f64)
    }

    /// Adds what depends on D and the gaps alone, for `len` groups; leaves D.
    fn add_differences(&mut self, sums: &mut Sums, len: usize, start: i128, z: &[f64]) {
        let relative = &self.relative[..=len];
        if self.needs.contains(Needs::EXTREMES) && len > 0 {
            let (above, below) = extremes(&relative[1..]);
            sums.above = sums.above.max(start + above as i128);
            sums.below = sums.below.min(start + below as i128);
        }
        if !self.needs.any_of(Needs::DISTANCES) {
            return;
        }
        let start = start as f64;
        for (d, &relative) in self.d.iter_mut().zip(relative) {
            *d = start + relative;
        }
        let (after, z, next) = (&self.d[1..=len], &z[..len], &z[1..=len]);
        if self.needs.contains(Needs::WASSERSTEIN) {
            let term = |[d, z, next]: [f64; 3]| d.abs() * (next - z);
            sums.wasserstein.add(sum([after, z, next], term));
        }
        if self.needs.contains(Needs::ENERGY) {
            let term = |[d, z, next]: [f64; 3]| d * d * (next - z);
            sums.energy.add(sum([after, z, next], term));
        }
    }
}

fn extremes(values: &[f64]) -> (f64, f64) {
    let (mut high, mut low) = ([f64::NEG_INFINITY; LANES], [f64::INFINITY; LANES]);
    for block in values.as_chunks::<LANES>().0 {
        for ((high, low), &x) in high.iter_mut().zip(&mut low).zip(block) {
            *high = if x > *high { x } else { *high };
            *low = if x < *low { x } else { *low };
        }
    }
    (
        high.into_iter().fold(f64::NEG_INFINITY, f64::max),
        low.into_iter().fold(f64::INFINITY, f64::min),
    )
}

/// The sum of a term of several slices, of eight at a time.
#[inline]
fn sum<const K: usize>(slices: [&[f64]; K], term: impl Fn([f64; K]) -> f64) -> f64 {
    let slices = slices.map(|slice| slice.as_chunks::<LANES>().0);
    let len = slices.iter().map(|slice| slice.len()).min().unwrap_or(0);
    let slices = slices.map(|slice| &slice[..len]);
    let mut lanes = [0.0; LANES];
    for block in 0..len {
        let block = slices.map(|slice| &slice[block]);
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += term(block.map(|values| values[lane]));
        }
    }
    pairwise(lanes)
}

/// The sum of a quotient.
#[inline]
fn sum_of_ratios<const K: usize>(
    slices: [&[f64]; K],
    terms: impl Fn([f64; K]) -> (f64, f64),
) -> f64 {
    const HALF: usize = LANES / 2;
    let slices = slices.map(|slice| slice.as_chunks::<LANES>().0);
    let len = slices.iter().map(|slice| slice.len()).min().unwrap_or(0);
    let slices = slices.map(|slice| &slice[..len]);
    let mut lanes = [0.0; HALF];
    for block in 0..len {
        let block = slices.map(|slice| &slice[block]);
        for (lane, total) in lanes.iter_mut().enumerate() {
            // Two on one denominator: a division costs more than the rest.
            let (a, p) = terms(block.map(|values| values[lane]));
            let (b, q) = terms(block.map(|values| values[lane + HALF]));
            *total += (a * q + b * p) / (p * q);
        }
    }
    let [a, b, c, d] = lanes;
    (a + b) + (c + d)
}

fn pairwise([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
