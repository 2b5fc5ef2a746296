//! Rows in an order that follows from their content, in blocks.

use std::ops::Range;

use super::CodedRows;
use crate::table::rows::scramble;

/// The rows of both sides, column after column: in each block those of the
/// baseline, then those of the current side.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Shape (d, n + m).
    codes: Vec<u8>,
    rows: usize,
    blocks: Vec<Block>,
}

/// Where the rows of a block are.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) baseline: Range<usize>,
    pub(super) current: Range<usize>,
}

impl Block {
    pub(super) fn start(&self) -> usize {
        self.baseline.start
    }

    pub(super) fn rows(&self) -> Range<usize> {
        self.baseline.start..self.current.end
    }
}

const BLOCKS: usize = 5;

impl Blocks {
    pub(super) fn new(baseline: &CodedRows, current: &CodedRows, seed: u64) -> Self {
        let columns = baseline.columns;
        let of_baseline = shuffled(baseline, scramble(seed));
        // Another order than the baseline's, also of equal rows: paired rows
        // would not be independent.
        let of_current = shuffled(current, scramble(seed ^ 1 << 63));
        let rows = of_baseline.len() + of_current.len();
        let mut order = Vec::with_capacity(rows);
        let mut blocks = Vec::with_capacity(BLOCKS);
        for k in 0..BLOCKS {
            let start = order.len();
            order.extend_from_slice(part(&of_baseline, k));
            let middle = order.len();
            order.extend_from_slice(part(&of_current, k));
            blocks.push(Block {
                baseline: start..middle,
                current: middle..order.len(),
            });
        }
        let mut codes = vec![0; rows * columns];
        // A few rows at a time, so that what is written stays in the cache.
        const ROWS: usize = 64;
        for (chunk, some) in order.chunks(ROWS).enumerate() {
            for (j, column) in codes.chunks_exact_mut(rows).enumerate() {
                let column = column.iter_mut().skip(chunk * ROWS);
                for (code, row) in column.zip(some) {
                    *code = row.get(j).copied().unwrap_or_default();
                }
            }
        }
        Self {
            codes,
            rows,
            blocks,
        }
    }

    pub(super) fn all(&self) -> &[Block] {
        &self.blocks
    }

    /// The codes of the columns, each of all rows.
    pub(super) fn columns(&self) -> std::slice::ChunksExact<'_, u8> {
        self.codes.chunks_exact(self.rows)
    }

    /// Some rows of a column.
    pub(super) fn column(&self, column: usize, rows: Range<usize>) -> &[u8] {
        let start = column * self.rows;
        let range = start + rows.start..start + rows.end;
        self.codes.get(range).unwrap_or_default()
    }
}

/// The k-th of equal parts.
fn part<T>(rows: &[T], k: usize) -> &[T] {
    let at = |k: usize| k * rows.len() / BLOCKS;
    rows.get(at(k)..at(k + 1)).unwrap_or_default()
}

/// The rows in random order: by a hash of their content and of how many equal
/// ones came before, so that the order in which they came does not matter and
/// copies of a row are spread as randomly as others.
fn shuffled(rows: &CodedRows, seed: u64) -> Vec<&[u8]> {
    let rows = rows.codes.chunks_exact(rows.columns.max(1));
    let mut order: Vec<(u64, &[u8])> = rows.map(|row| (hash(row), row)).collect();
    order.sort_unstable();
    let mut previous = None;
    let mut copy = 0u64;
    for (key, row) in &mut order {
        copy = if previous == Some(*row) { copy + 1 } else { 0 };
        previous = Some(*row);
        *key = scramble(scramble(*key ^ seed).wrapping_add(copy));
    }
    order.sort_unstable();
    order.into_iter().map(|(_, row)| row).collect()
}

fn hash(row: &[u8]) -> u64 {
    let (words, rest) = row.as_chunks::<8>();
    let mut last = [0; 8];
    for (byte, &code) in last.iter_mut().zip(rest) {
        *byte = code;
    }
    let words = words.iter().chain([&last]);
    words.fold(row.len() as u64, |hash, word| {
        scramble(hash ^ u64::from_le_bytes(*word))
    })
}
