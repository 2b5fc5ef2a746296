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
use super::kernel::{BLOCK, Block, Kernel};
use super::search::{gallop, split};
use super::sums::{At, Sizes, Sums};

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
#[derive(Clone, Copy)]
struct Stretch {
    /// Where the group of the last value starts.
    before: At,
    /// What has been merged.
    at: At,
    end: At,
    sums: Sums,
}

/// Room for a set of stretches.
struct Room {
    blocks: [Block; TOGETHER],
    kernel: Kernel,
    /// The ends of the samples, and values that are never taken.
    ends: [([f64; BLOCK], [f64; BLOCK]); TOGETHER],
}

impl Merge<'_> {
    /// The sums over both samples, on so many threads.
    pub(super) fn sums(&self, threads: usize) -> Sums {
        let sets = self.sets();
        let threads = threads.min(sets);
        let mut sums = Sums::default();
        if threads <= 1 {
            let mut room = self.room();
            (0..sets).for_each(|set| sums.join(&self.set(set, &mut room)));
            return sums;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut done, mut room) = (Vec::new(), self.room());
            loop {
                let set = next.fetch_add(1, Ordering::Relaxed);
                if set >= sets {
                    return done;
                }
                done.push((set, self.set(set, &mut room)));
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

    #[inline(always)] // it is large, and small samples would notice a copy
    fn room(&self) -> Room {
        Room {
            blocks: [const { Block::EMPTY }; TOGETHER],
            kernel: Kernel::new(self.needs, self.sizes),
            ends: [([0.0; BLOCK], [0.0; BLOCK]); TOGETHER],
        }
    }

    /// The sums over one set of stretches.
    fn set(&self, set: usize, room: &mut Room) -> Sums {
        let count = (self.sets() * TOGETHER) as u128;
        let border = |index: usize| {
            let share = self.sizes.pooled as u128 * (set * TOGETHER + index) as u128 / count;
            split(self.baseline, self.current, share as usize)
        };
        let borders: [At; TOGETHER + 1] = array::from_fn(border);
        let mut stretches: [Stretch; TOGETHER] = array::from_fn(|lane| {
            let block = &mut room.blocks[lane];
            self.stretch(borders[lane], borders[lane + 1], block)
        });
        loop {
            // In eights, which the kernel likes.
            let least = stretches.iter().map(Stretch::left).min().unwrap_or(0);
            let len = least.min(BLOCK) / 8 * 8;
            if len == 0 {
                break;
            }
            let ([a, b, c, d], [e, f, g, h]) = (&mut room.blocks, &mut room.ends);
            let [p, q, r, s] = stretches.map(|stretch| stretch.at);
            let lanes = [
                self.lane(a, e, p, len),
                self.lane(b, f, q, len),
                self.lane(c, g, r, len),
                self.lane(d, h, s, len),
            ];
            merge(lanes, len);
            for (stretch, block) in stretches.iter_mut().zip(&mut room.blocks) {
                self.add(stretch, block, &mut room.kernel, len);
            }
        }
        let mut sums = Sums::default();
        for (stretch, block) in stretches.iter_mut().zip(&mut room.blocks) {
            if stretch.before == stretch.end {
                continue;
            }
            while stretch.left() > 0 {
                let len = stretch.left().min(BLOCK);
                merge([self.lane(block, &mut room.ends[0], stretch.at, len)], len);
                self.add(stretch, block, &mut room.kernel, len);
            }
            self.finish(stretch, block.z[0]);
            sums.join(&stretch.sums);
        }
        sums
    }

    /// A stretch with its first value taken.
    fn stretch(&self, start: At, end: At, block: &mut Block) -> Stretch {
        let mut at = start;
        if start != end {
            let from_baseline;
            (block.z[0], from_baseline) = self.next(start);
            at.i += usize::from(from_baseline);
            at.j += usize::from(!from_baseline);
        }
        Stretch {
            before: start,
            at,
            end,
            sums: Sums::default(),
        }
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

    /// Where the next `len` values come from and go to.
    fn lane<'b>(
        &'b self,
        block: &'b mut Block,
        ends: &'b mut ([f64; BLOCK], [f64; BLOCK]),
        at: At,
        len: usize,
    ) -> Lane<'b> {
        let (baseline, current) = ends;
        // What is not there is never taken: NaN is below nothing, and all else is
        // at most infinity.
        Lane {
            baseline: window(self.baseline, at.i, len, baseline, f64::NAN),
            current: window(self.current, at.j, len, current, f64::INFINITY),
            into: block.slots(),
        }
    }

    /// Adds the groups that ended in the block of `len` values.
    fn add(&self, stretch: &mut Stretch, block: &mut Block, kernel: &mut Kernel, len: usize) {
        let Stretch {
            before,
            at: start,
            sums,
            ..
        } = stretch;
        let end = start.and(block.i[len], len as u32);
        let is_single = start.pooled() == before.pooled() + 1;
        if len.is_multiple_of(8) && is_single && block.is_distinct(len) {
            kernel.add_distinct(sums, block, len, *before, *start);
            *before = start.and(block.i[len - 1], len as u32 - 1);
            *start = end;
        } else if let Some(open) = kernel.add_tied(sums, block, len, *before, *start) {
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

    /// Adds the last group of a stretch.
    fn finish(&self, stretch: &mut Stretch, value: f64) {
        // Nothing follows the last value of all, where D is 0.
        let (next, _) = self.next(stretch.end);
        let gap = if next.is_nan() { 0.0 } else { next - value };
        let Stretch { before, end, .. } = *stretch;
        let (needs, sizes) = (self.needs, &self.sizes);
        stretch.sums.group(needs, sizes, before, end, gap);
    }
}

impl Stretch {
    fn left(&self) -> usize {
        self.end.pooled() - self.at.pooled()
    }
}

/// The next values of both samples, and where the merged ones go.
struct Lane<'a> {
    baseline: &'a [f64],
    current: &'a [f64],
    into: (&'a mut [f64; BLOCK], &'a mut [u32; BLOCK]),
}

/// Merges `len` values of each lane, as often ties the baseline's first.
fn merge<const LANES: usize>(mut lanes: [Lane<'_>; LANES], len: usize) {
    let mut taken = [0; LANES];
    for s in 0..len {
        for (lane, i) in lanes.iter_mut().zip(&mut taken) {
            let (x, y) = (lane.baseline[*i], lane.current[s - *i]);
            // The value and the index do not share a condition: of a common one
            // the compiler makes a branch.
            lane.into.0[s] = if x < y { x } else { y };
            *i += usize::from(x <= y);
            lane.into.1[s] = *i as u32;
        }
    }
}

/// `len` values from `from` on; filled up where the sample ends.
fn window<'a>(
    sample: &'a [f64],
    from: usize,
    len: usize,
    end: &'a mut [f64; BLOCK],
    filler: f64,
) -> &'a [f64] {
    if let Some(window) = sample.get(from..from + len) {
        return window;
    }
    let rest = sample.get(from..).unwrap_or_default();
    let (values, beyond) = end.split_at_mut(rest.len());
    values.copy_from_slice(rest);
    beyond.fill(filler);
    &end[..len]
}
