//! The sums over a block of distinct pooled values, eight lanes at a time.
//!
//! Everything follows from D = m' i - n' j, with i and j the numbers of values
//! up to here in each sample and n', m' the sizes in lowest terms: D is an
//! integer, 0 at both ends, proportional to F - G. A block holds the D of each
//! value relative to its start, which is exact in `f64` for any sample that
//! fits in memory; adding the start rounds at most once, and not at all while
//! lcm(n, m) is below 2^53.

use super::Needs;
use super::ties::cubed;
use crate::math;

/// Pooled values in a block: four lanes of blocks stay in the L1 cache.
pub(super) const BLOCK: usize = 256;
/// Independent sums, so that additions need not wait for each other.
const LANES: usize = 8;
/// Room for the groups of a block and what fills the lanes.
const GROUPS: usize = BLOCK + LANES + 1;

/// A running sum and what rounding took from it.
///
/// Source: Neumaier, 1974, with the branch-free TwoSum of Knuth.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    high: f64,
    low: f64,
}

impl Total {
    pub(super) fn add(&mut self, x: f64) {
        let (high, error) = math::two_sum(self.high, x);
        self.high = high;
        self.low += error;
    }

    fn join(&mut self, other: Self) {
        self.add(other.high);
        self.low += other.low;
    }

    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }
}

/// The sizes, as the sums need them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Sizes divided by their greatest common divisor.
    pub(super) n: i128,
    pub(super) m: i128,
    pub(super) pooled: usize,
    /// The least common multiple, which D = F - G = 1 would be.
    pub(super) largest: i128,
}

impl Sizes {
    pub(super) fn new(n: usize, m: usize) -> Self {
        let common = math::gcd(n as u64, m as u64) as i128;
        let (least_n, least_m) = (n as i128 / common, m as i128 / common);
        Self {
            n: least_n,
            m: least_m,
            pooled: n + m,
            largest: least_n * m as i128,
        }
    }

    /// D where `i` and `j` values have been seen.
    pub(super) fn difference(&self, at: At) -> i128 {
        at.i as i128 * self.m - at.j as i128 * self.n
    }
}

/// A place in the joint order: values seen of the baseline and of the current
/// sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct At {
    pub(super) i: usize,
    pub(super) j: usize,
}

impl At {
    pub(super) fn pooled(self) -> usize {
        self.i + self.j
    }
}

/// What a stretch of the joint order adds to each statistic.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Extremes of D.
    pub(super) above: i128,
    pub(super) below: i128,
    /// Sum of |D| dz.
    pub(super) wasserstein: Total,
    /// Sum of D^2 dz.
    pub(super) energy: Total,
    /// Sum of l D^2, l the number of pooled values that are equal.
    pub(super) cramer_von_mises: Total,
    /// Sum of l (D before + D after)^2 / (4 b c + l (b + c)), b values below
    /// and c above.
    pub(super) anderson_darling: Total,
    /// Twice the sum of the current sample's mid-ranks.
    pub(super) rank_sum: u128,
    /// Sum of l^3 - l.
    pub(super) ties: u128,
}

impl Sums {
    /// Adds the stretch that follows.
    pub(super) fn join(&mut self, next: &Self) {
        self.above = self.above.max(next.above);
        self.below = self.below.min(next.below);
        self.wasserstein.join(next.wasserstein);
        self.energy.join(next.energy);
        self.cramer_von_mises.join(next.cramer_von_mises);
        self.anderson_darling.join(next.anderson_darling);
        self.rank_sum += next.rank_sum;
        self.ties += next.ties;
    }

    /// One group of equal values between two places, `gap` below the next.
    pub(super) fn group(&mut self, needs: Needs, sizes: &Sizes, before: At, after: At, gap: f64) {
        let (start, end) = (sizes.difference(before), sizes.difference(after));
        let (d, l) = (end as f64, after.pooled() - before.pooled());
        if needs.contains(Needs::EXTREMES) {
            self.above = self.above.max(end);
            self.below = self.below.min(end);
        }
        if needs.contains(Needs::WASSERSTEIN) {
            self.wasserstein.add(d.abs() * gap);
        }
        if needs.contains(Needs::ENERGY) {
            self.energy.add(d * d * gap);
        }
        if needs.contains(Needs::CRAMER_VON_MISES) {
            self.cramer_von_mises.add(l as f64 * (d * d));
        }
        if needs.contains(Needs::ANDERSON_DARLING) {
            let both = (start + end) as f64;
            let (b, c) = (
                before.pooled() as f64,
                (sizes.pooled - after.pooled()) as f64,
            );
            let l = l as f64;
            // 0 when all values are one: the samples do not differ.
            let weight = 4.0 * (b * c) + l * (b + c);
            self.anderson_darling
                .add(l * (both * both) / weight.max(1.0));
        }
        if needs.contains(Needs::RANK_SUM) {
            self.ranks(before, after);
        }
    }

    fn ranks(&mut self, before: At, after: At) {
        let twice_rank = (before.pooled() + after.pooled() + 1) as u128;
        self.rank_sum += (after.j - before.j) as u128 * twice_rank;
        self.ties += cubed(after.pooled() - before.pooled());
    }
}

/// Merged values, relative to the place where the block starts. Slot 0 is the
/// last value before it, whose group may still be open.
pub(super) struct Block {
    /// The values, and what comes after the last of them.
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
        // As a sum: leaving early would keep the comparison from being done
        // several at a time.
        let pairs = self.z[..len].iter().zip(&self.z[1..=len]);
        pairs.map(|(a, b)| u32::from(a < b)).sum::<u32>() == len as u32
    }

    /// Adds slots 0 to 255 of a full block whose values all differ and whose
    /// slot 0 is a single value between `before` and `start`.
    pub(super) fn add_distinct(
        &self,
        sums: &mut Sums,
        needs: Needs,
        sizes: &Sizes,
        before: At,
        start: At,
    ) {
        let (n, total) = (sizes.n as f64, (sizes.n + sizes.m) as f64);
        // Relative D before each slot and after the last.
        let mut relative = [0.0; BLOCK + 1];
        let difference = sizes.difference(start);
        relative[0] = (sizes.difference(before) - difference) as f64;
        for (s, (relative, &i)) in relative[1..].iter_mut().zip(&self.i).enumerate() {
            *relative = f64::from(i as i32) * total - f64::from(s as i32) * n;
        }
        let d = add_differences(sums, needs, &relative, difference, &self.z);
        if needs.contains(Needs::CRAMER_VON_MISES) {
            sums.cramer_von_mises.add(sum(&d[1..=BLOCK], |_, d| d * d));
        }
        if needs.contains(Needs::ANDERSON_DARLING) {
            let (b, top) = (before.pooled() as f64, (sizes.pooled - 1) as f64);
            sums.anderson_darling.add(sum_of_ratios(&d[..=BLOCK], |s| {
                let b = b + f64::from(s as i32);
                (1.0, 4.0 * (b * (top - b)) + top)
            }));
        }
        if needs.contains(Needs::RANK_SUM) {
            sums.ranks(before, start);
            // Of slots 1 to 255, by parts: sum of s (j[s] - j[s - 1]).
            let i: u64 = self.i[..BLOCK - 1].iter().map(|&i| u64::from(i)).sum();
            let last = BLOCK - 1;
            let j = (last - self.i[last] as usize) as u64;
            let s_sum = (last * (last - 1) / 2) as u64;
            let relative = last as u64 * j - (s_sum - i);
            sums.rank_sum += 2 * (u128::from(j) * start.pooled() as u128 + u128::from(relative));
        }
    }

    /// Adds all groups but the last of the first `len` values, of any sizes.
    /// Gives the place where the last group starts, unless it is that of slot 0.
    pub(super) fn add_tied(
        &self,
        len: usize,
        sums: &mut Sums,
        needs: Needs,
        sizes: &Sizes,
        before: At,
        start: At,
    ) -> Option<At> {
        // The last value of each group, without a branch.
        let (mut z, mut i, mut k) = ([0.0; GROUPS], [0; GROUPS], [0; GROUPS]);
        let (mut last, mut g) = (self.z[0], 0);
        z[0] = last;
        for (s, (&value, &count)) in (1..).zip(self.z[1..=len].iter().zip(&self.i[1..])) {
            g += usize::from(value > last);
            (z[g], i[g], k[g]) = (value, count, s);
            last = value;
        }
        if g == 0 {
            return None;
        }
        let place = |s: usize| At {
            i: start.i + i[s] as usize,
            j: start.j + (k[s] - i[s]) as usize,
        };
        sums.group(needs, sizes, before, place(0), z[1] - z[0]);
        if needs.contains(Needs::RANK_SUM) {
            for s in 1..g {
                sums.ranks(place(s - 1), place(s));
            }
        }
        let open = place(g - 1);
        // Empty groups fill the lanes.
        let filled = (g - 1).next_multiple_of(LANES);
        for s in g..=filled {
            (z[s], i[s], k[s]) = (z[g], i[g - 1], k[g - 1]);
        }
        z[filled + 1] = z[g];
        let (n, total) = (sizes.n as f64, (sizes.n + sizes.m) as f64);
        let mut relative = [0.0; GROUPS];
        for (relative, (&i, &k)) in relative.iter_mut().zip(i.iter().zip(&k)) {
            *relative = f64::from(i as i32) * total - f64::from(k as i32) * n;
        }
        let relative = &relative[..=filled];
        let d = add_differences(sums, needs, relative, sizes.difference(start), &z[1..]);
        let d = &d[..=filled];
        let length = |s: usize| f64::from(k[s + 1] as i32 - k[s] as i32);
        if needs.contains(Needs::CRAMER_VON_MISES) {
            sums.cramer_von_mises
                .add(sum(&d[1..], |s, d| length(s) * (d * d)));
        }
        if needs.contains(Needs::ANDERSON_DARLING) {
            let (seen, pooled) = (start.pooled() as f64, sizes.pooled as f64);
            sums.anderson_darling.add(sum_of_ratios(d, |s| {
                let (l, b) = (length(s), seen + f64::from(k[s] as i32));
                let c = pooled - b - l;
                // An empty group may have nothing around it.
                (l, (4.0 * (b * c) + l * (b + c)).max(1.0))
            }));
        }
        Some(open)
    }
}

/// What depends on D and the gaps alone; gives the D.
fn add_differences(
    sums: &mut Sums,
    needs: Needs,
    relative: &[f64],
    start: i128,
    z: &[f64],
) -> [f64; GROUPS] {
    let mut d = [0.0; GROUPS];
    for (d, &relative) in d.iter_mut().zip(relative) {
        *d = start as f64 + relative;
    }
    let after = &d[1..relative.len()];
    if needs.contains(Needs::EXTREMES) && !after.is_empty() {
        let (above, below) = extremes(&relative[1..]);
        sums.above = sums.above.max(start + above as i128);
        sums.below = sums.below.min(start + below as i128);
    }
    let z = &z[..relative.len()];
    if needs.contains(Needs::WASSERSTEIN) {
        let term = |s: usize, d: f64| d.abs() * (z[s + 1] - z[s]);
        sums.wasserstein.add(sum(after, term));
    }
    if needs.contains(Needs::ENERGY) {
        let term = |s: usize, d: f64| d * d * (z[s + 1] - z[s]);
        sums.energy.add(sum(after, term));
    }
    d
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

#[inline]
fn sum(values: &[f64], term: impl Fn(usize, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    for (block, values) in values.as_chunks::<LANES>().0.iter().enumerate() {
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += term(block * LANES + lane, values[lane]);
        }
    }
    pairwise(lanes)
}

/// The sum of l (d[s] + d[s + 1])^2 / weight.
#[inline]
fn sum_of_ratios(d: &[f64], parts: impl Fn(usize) -> (f64, f64)) -> f64 {
    let mut lanes = [0.0; LANES];
    let after = &d[1..];
    for (block, after) in after.as_chunks::<LANES>().0.iter().enumerate() {
        let before = &d[block * LANES..][..LANES];
        for (lane, total) in lanes.iter_mut().enumerate() {
            let both = before[lane] + after[lane];
            let (l, weight) = parts(block * LANES + lane);
            *total += l * (both * both) / weight;
        }
    }
    pairwise(lanes)
}

fn pairwise([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
