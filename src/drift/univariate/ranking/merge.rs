//! The merge of two sorted samples: branch-free, four stretches in turn.
//!
//! Whether the next value comes from one sample or the other is a coin toss, so
//! a branch on it is wrong half of the time, and without one each step waits for
//! the loads of the last. Four stretches of the joint order, merged in turns of
//! a block each, keep the processor busy meanwhile. Where a stretch starts
//! depends on the samples alone, never on the number of threads, and so do the
//! sums and the order in which they are added.

use std::array;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Needs;
use super::kernel::{At, BLOCK, Block, Sizes, Sums};
use super::search::{gallop, split};

/// Stretches that are merged in turns.
const TOGETHER: usize = 4;
/// Pooled values for which one more set of stretches is worth its searches.
const SET: usize = 1 << 17;

/// Two sorted samples and what is asked of them.
#[derive(Clone, Copy)]
pub(super) struct Merge<'a> {
    pub(super) baseline: &'a [f64],
    pub(super) current: &'a [f64],
    pub(super) needs: Needs,
    pub(super) sizes: Sizes,
}

/// A stretch of the joint order, from the start of one group to that of another.
struct Stretch {
    /// Where the group of the last value starts.
    before: At,
    /// What has been merged.
    at: At,
    end: At,
    block: Block,
    sums: Sums,
}

impl Merge<'_> {
    /// The sums over both samples, on so many threads.
    pub(super) fn sums(&self, threads: usize) -> Sums {
        let sets = self.sets();
        let threads = threads.min(sets);
        let mut sums = Sums::default();
        if threads <= 1 {
            (0..sets).for_each(|set| sums.join(&self.set(set)));
            return sums;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let set = next.fetch_add(1, Ordering::Relaxed);
                if set >= sets {
                    return done;
                }
                done.push((set, self.set(set)));
            }
        };
        let mut all = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                match other.join() {
                    Ok(done) => all.extend(done),
                    Err(panic) => resume_unwind(panic),
                }
            }
            all
        });
        all.sort_unstable_by_key(|&(set, _)| set);
        all.iter().for_each(|(_, set)| sums.join(set));
        sums
    }

    /// How many sets of stretches there are.
    fn sets(&self) -> usize {
        self.sizes.pooled.div_ceil(SET)
    }

    /// The sums over one set of stretches.
    fn set(&self, set: usize) -> Sums {
        let count = (self.sets() * TOGETHER) as u128;
        let border = |index: usize| {
            let share = self.sizes.pooled as u128 * (set * TOGETHER + index) as u128 / count;
            split(self.baseline, self.current, share as usize)
        };
        let borders: [At; TOGETHER + 1] = array::from_fn(border);
        let mut stretches: [Stretch; TOGETHER] =
            array::from_fn(|index| self.stretch(borders[index], borders[index + 1]));
        while self.fill_together(&mut stretches) {
            for stretch in &mut stretches {
                self.add(stretch, BLOCK);
            }
        }
        let mut sums = Sums::default();
        for stretch in &mut stretches {
            self.finish(stretch);
            sums.join(&stretch.sums);
        }
        sums
    }

    /// A stretch with its first value taken.
    fn stretch(&self, start: At, end: At) -> Stretch {
        let mut stretch = Stretch {
            before: start,
            at: start,
            end,
            block: Block::EMPTY,
            sums: Sums::default(),
        };
        if start != end {
            let (value, from_baseline) = self.next(start);
            stretch.block.z[0] = value;
            stretch.at.i += usize::from(from_baseline);
            stretch.at.j += usize::from(!from_baseline);
        }
        stretch
    }

    /// The next value, and whether it is the baseline's; NaN after the last.
    fn next(&self, at: At) -> (f64, bool) {
        match (self.baseline.get(at.i), self.current.get(at.j)) {
            (Some(&x), Some(&y)) => (if x < y { x } else { y }, x <= y),
            (Some(&x), None) => (x, true),
            (None, Some(&y)) => (y, false),
            (None, None) => (f64::NAN, false),
        }
    }

    /// Merges one block of each stretch, if all have that much left.
    fn fill_together(&self, stretches: &mut [Stretch; TOGETHER]) -> bool {
        let mut windows = [(&[][..], &[][..]); TOGETHER];
        for (stretch, window) in stretches.iter().zip(&mut windows) {
            let At { i, j } = stretch.at;
            if stretch.left() < BLOCK {
                return false;
            }
            let baseline = self.baseline.get(i..i + BLOCK);
            let current = self.current.get(j..j + BLOCK);
            let (Some(baseline), Some(current)) = (baseline, current) else {
                return false;
            };
            *window = (baseline, current);
        }
        let [a, b, c, d] = stretches;
        let mut slots = [
            a.block.slots(),
            b.block.slots(),
            c.block.slots(),
            d.block.slots(),
        ];
        let mut taken = [0; TOGETHER];
        for s in 0..BLOCK {
            for lane in 0..TOGETHER {
                let i = taken[lane];
                let (baseline, current) = windows[lane];
                let (x, y) = (baseline[i], current[s - i]);
                // The value and the index do not share a condition: with a
                // common one the compiler makes a branch of it.
                let (z, count) = &mut slots[lane];
                z[s] = if x < y { x } else { y };
                taken[lane] = i + usize::from(x <= y);
                count[s] = taken[lane] as u32;
            }
        }
        true
    }

    /// Merges up to `len` values, with an eye on the ends of the samples.
    fn fill(&self, stretch: &mut Stretch, len: usize) {
        let mut at = stretch.at;
        let (z, count) = stretch.block.slots();
        for (z, count) in z.iter_mut().zip(count).take(len) {
            let (value, from_baseline) = self.next(at);
            at.i += usize::from(from_baseline);
            at.j += usize::from(!from_baseline);
            *z = value;
            *count = (at.i - stretch.at.i) as u32;
        }
    }

    /// Adds the groups that ended in the block of `len` values.
    fn add(&self, stretch: &mut Stretch, len: usize) {
        let Stretch {
            before,
            at: start,
            block,
            sums,
            ..
        } = stretch;
        let i = block.i[len] as usize;
        let end = At {
            i: start.i + i,
            j: start.j + len - i,
        };
        let (needs, sizes) = (self.needs, &self.sizes);
        if len == BLOCK && start.pooled() == before.pooled() + 1 && block.is_distinct(len) {
            block.add_distinct(sums, needs, sizes, *before, *start);
            let last = (block.i[len] - block.i[len - 1]) as usize;
            *before = At {
                i: end.i - last,
                j: end.j - (1 - last),
            };
            *start = end;
        } else if let Some(open) = block.add_tied(len, sums, needs, sizes, *before, *start) {
            *before = open;
            *start = end;
        } else {
            // All are one value: there may be many more.
            let value = block.z[0];
            start.i = gallop(self.baseline, end.i, |x| x <= value);
            start.j = gallop(self.current, end.j, |y| y <= value);
        }
        block.z[0] = block.z[len];
    }

    /// Adds what is left of a stretch.
    fn finish(&self, stretch: &mut Stretch) {
        if stretch.before == stretch.end {
            return;
        }
        loop {
            let len = stretch.left().min(BLOCK);
            if len == 0 {
                break;
            }
            self.fill(stretch, len);
            self.add(stretch, len);
        }
        // Nothing follows the last value of all, where D is 0.
        let value = stretch.block.z[0];
        let (next, _) = self.next(stretch.end);
        let gap = if next.is_nan() { 0.0 } else { next - value };
        let (needs, sizes) = (self.needs, &self.sizes);
        stretch
            .sums
            .group(needs, sizes, stretch.before, stretch.end, gap);
    }
}

impl Stretch {
    fn left(&self) -> usize {
        self.end.pooled() - self.at.pooled()
    }
}
