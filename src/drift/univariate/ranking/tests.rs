//! Blocks in the middle of samples too large for a test, against the same groups
//! one by one in integers.

use super::Needs;
use super::kernel::{BLOCK, Block, Kernel};
use super::sums::{At, Sizes, Sums};

const ALL: Needs = Needs(63);

/// A block that starts at `start`, with gaps between values where `steps` says.
fn block(from_baseline: impl Fn(usize) -> bool, new_value: impl Fn(usize) -> bool) -> Block {
    let mut block = Block::EMPTY;
    let (z, count) = block.slots();
    let (mut value, mut i) = (0.0, 0);
    for s in 0..BLOCK {
        value += if new_value(s) { 0.5 + s as f64 } else { 0.0 };
        i += u32::from(from_baseline(s));
        (z[s], count[s]) = (value, i);
    }
    block
}

/// The groups of slots 0 to the last but one, one by one.
fn one_by_one(block: &Block, sizes: &Sizes, before: At, start: At) -> Sums {
    let mut sums = Sums::default();
    let (mut open, mut last) = (before, start);
    for s in 1..=BLOCK {
        let gap = block.z[s] - block.z[s - 1];
        if gap > 0.0 {
            sums.group(ALL, sizes, open, last, gap);
            open = last;
        }
        let i = block.i[s] as usize;
        last = At {
            i: start.i + i,
            j: start.j + s - i,
        };
    }
    sums
}

fn assert_same(got: &Sums, expected: &Sums) {
    assert_eq!((got.above, got.below), (expected.above, expected.below));
    assert_eq!((got.rank_sum, got.ties), (expected.rank_sum, expected.ties));
    for (got, expected) in [
        (got.wasserstein, expected.wasserstein),
        (got.energy, expected.energy),
        (got.cramer_von_mises, expected.cramer_von_mises),
        (got.anderson_darling, expected.anderson_darling),
    ] {
        let (got, expected) = (got.value(), expected.value());
        assert!(
            (got - expected).abs() <= 1e-15 * expected,
            "{got} {expected}"
        );
    }
}

/// n m up to 9e24, where D is no longer an integer that `f64` holds.
#[test]
fn blocks_of_huge_samples() {
    for (n, m) in [
        (1_000, 900),
        (100_000_000, 99_999_999),
        (3_000_000_000_001, 3_000_000_000_000),
    ] {
        let sizes = Sizes::new(n, m);
        for (i, j) in [(n / 3, m / 3), (n / 2, m / 9), (n / 9, m / 2)] {
            let start = At { i, j };
            let before = At { i: i - 1, j };
            let distinct = block(|s| s * s % 7 < 3, |_| true);
            let mut sums = Sums::default();
            let mut kernel = Kernel::new(ALL, sizes);
            kernel.add_distinct(&mut sums, &distinct, BLOCK, before, start);
            assert_same(&sums, &one_by_one(&distinct, &sizes, before, start));

            // As for the open group, it may be of any size.
            let before = At {
                i: i - i / 2,
                j: j - j / 3,
            };
            let tied = block(|s| s * s % 7 < 3, |s| s % 5 > 2);
            let mut sums = Sums::default();
            let open = kernel.add_tied(&mut sums, &tied, BLOCK, before, start);
            assert!(open.is_some());
            assert_same(&sums, &one_by_one(&tied, &sizes, before, start));
        }
    }
}
