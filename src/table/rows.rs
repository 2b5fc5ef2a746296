//! Rows that equal an earlier one, by hashes of whole rows.
//!
//! A block of rows is hashed column after column ([`RowHashes`]), and the hashes
//! of any number of blocks are counted ([`RowCounts`]). Neither the order of the
//! columns nor that of the rows or blocks matters.
//!
//! Two rows that differ have the same 64-bit hash with a chance of 2^-64; among
//! n rows that are all different any two agree with a chance below n^2 / 2^65
//! (3e-8 for a million). The hash is no defence against who wants a collision.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::error::{Error, Result};

/// The hash of a cell that is missing, of whatever type.
pub const MISSING_CELL: u64 = 0x7ff8_0000_0000_0001;

/// Different rows that are all counted; beyond, a share of them is.
const MOST_ROWS: usize = 1 << 20;

/// The hash of a number: NaN is missing, -0 is 0. Whole numbers of any type go
/// by their value as `f64`, and so do those beyond 2^53, which it rounds.
///
/// # Example
/// ```
/// use driftline::table::{MISSING_CELL, number_cell};
/// assert_eq!(number_cell(-0.0), number_cell(0.0));
/// assert_eq!(number_cell(f64::NAN), MISSING_CELL);
/// ```
#[inline]
pub fn number_cell(value: f64) -> u64 {
    if value.is_nan() {
        MISSING_CELL
    } else {
        (value + 0.0).to_bits()
    }
}

/// The hash of a label. Hash the categories of a column once, not each cell.
///
/// # Cost
/// A multiplication for 8 bytes.
/// # Example
/// ```
/// use driftline::table::label_cell;
/// assert_ne!(label_cell("a"), label_cell("a\0"));
/// ```
pub fn label_cell(label: &str) -> u64 {
    let (words, rest) = label.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (byte, &given) in last.iter_mut().zip(rest) {
        *byte = given;
    }
    let start = scramble(label.len() as u64 ^ 0x6a09_e667_f3bc_c909);
    let words = words.iter().chain([&last]);
    words.fold(start, |hash, word| {
        scramble(hash.rotate_left(23) ^ u64::from_le_bytes(*word))
    })
}

/// SplitMix64's finaliser: every bit of the input changes half of the output's.
/// (Steele, Lea & Flood, Fast splittable pseudorandom number generators, 2014.)
#[inline]
pub(super) fn scramble(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hashes of the rows of a block, while its columns come by.
///
/// # Example
/// ```
/// use driftline::table::{RowCounts, RowHashes, label_cell, number_cell};
/// let mut block = RowHashes::new(3);
/// block.mix("delay", [5.0, 5.0, 5.0].map(number_cell))?;
/// block.mix("carrier", ["UA", "AA", "UA"].map(label_cell))?;
/// let mut counts = RowCounts::default();
/// for &hash in block.hashes() {
///     counts.add(hash);
/// }
/// assert_eq!(counts.duplicates().rows, 1);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowHashes(Vec<u64>);

impl RowHashes {
    /// A block of so many rows, none of its columns mixed in.
    pub fn new(rows: usize) -> Self {
        Self(vec![0; rows])
    }

    /// Mixes in the column of this name; columns come in any order.
    ///
    /// # Shapes
    /// `cells`: one hash for each row.
    /// # Cost
    /// O(rows).
    /// # Errors
    /// `InvalidValue` for another number of cells.
    pub fn mix(&mut self, column: &str, cells: impl IntoIterator<Item = u64>) -> Result<()> {
        let key = label_cell(column);
        let factor = u128::from(scramble(key) | 1);
        let mut cells = cells.into_iter();
        let mut seen = 0;
        // A sum is the same in any order of the columns; each has a factor of
        // its own, so that changes in two do not cancel. (Multilinear hashing
        // with folded products: Lemire & Kaser, Strongly universal string
        // hashing is fast, Computer Journal 57, 2014.) `zip` asks for a row
        // before it asks for a cell, so that a cell too many is still there.
        for (hash, cell) in self.0.iter_mut().zip(cells.by_ref()) {
            let product = u128::from(cell ^ key) * factor;
            *hash = hash.wrapping_add((product >> 64) as u64 ^ product as u64);
            seen += 1;
        }
        let seen = seen + cells.count();
        if seen == self.0.len() {
            return Ok(());
        }
        let got = format!("{seen} cells in column {column:?}");
        let allowed = format!("{} cells, one for each row", self.0.len());
        Err(Error::invalid_value("cells", got, allowed))
    }

    /// Adds columns that were mixed elsewhere into the same rows.
    pub fn merge(&mut self, other: &Self) {
        for (hash, more) in self.0.iter_mut().zip(&other.0) {
            *hash = hash.wrapping_add(*more);
        }
    }

    /// How many rows equal an earlier one, however many there are.
    ///
    /// # Cost
    /// O(rows log rows), without further memory.
    pub fn duplicates(self) -> u64 {
        let mut hashes = self.0;
        hashes.sort_unstable();
        let pairs = hashes.iter().zip(hashes.iter().skip(1));
        pairs.map(|(one, next)| u64::from(one == next)).sum()
    }

    /// The hashes of the rows, in their order, shape (rows,).
    pub fn hashes(&self) -> &[u64] {
        &self.0
    }
}

/// Keys that are hashes already.
#[derive(Debug, Clone, Copy, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = scramble(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

type Build = BuildHasherDefault<Hashed>;

/// How many rows equal an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicates {
    /// Rows that equal an earlier one: all rows less the different ones.
    pub rows: u64,
    /// Whether all rows were counted; otherwise it is an estimate.
    pub exact: bool,
}

/// Counts rows by their hashes, in bounded memory.
///
/// Exact up to 2^20 (1,048,576) different rows. Beyond, only rows whose hash is
/// below a threshold are counted, which halves as often as needed, and the
/// result is an estimate: good where duplicates are many different rows, poor
/// where most are copies of one row. Whatever the order of the rows and however
/// they are split and merged, the result is the same.
///
/// # Cost
/// About 20 bytes for each different row, up to 40 MB; one look into a hash
/// table for each row.
/// # Source
/// The threshold: Wegman's adaptive sampling, in Flajolet, On adaptive sampling,
/// Computing 43, 1990.
#[derive(Debug, Clone, Default)]
pub struct RowCounts {
    seen: HashSet<u64, Build>,
    /// Further copies of what occurs more than once.
    copies: HashMap<u64, u64, Build>,
    halvings: u32,
}

impl RowCounts {
    /// Room for so many rows from the start.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            seen: HashSet::with_capacity_and_hasher(rows.min(MOST_ROWS), Build::default()),
            ..Self::default()
        }
    }

    /// Counts a row; says how many of its copies came before, where that is
    /// known: `None` once there are too many rows to count this one.
    pub fn add(&mut self, hash: u64) -> Option<u64> {
        self.count(scramble(hash))
    }

    fn count(&mut self, hash: u64) -> Option<u64> {
        if !self.is_counted(hash) {
            return None;
        }
        if !self.seen.insert(hash) {
            let copies = self.copies.entry(hash).or_default();
            *copies += 1;
            return Some(*copies);
        }
        self.make_room();
        self.is_counted(hash).then_some(0)
    }

    /// Adds the rows of another count.
    pub fn merge(&mut self, other: &Self) {
        if other.halvings > self.halvings {
            self.halvings = other.halvings;
            self.forget();
        }
        for &hash in &other.seen {
            self.count(hash);
        }
        for (&hash, &copies) in &other.copies {
            if self.is_counted(hash) {
                *self.copies.entry(hash).or_default() += copies;
            }
        }
    }

    /// How many rows equal an earlier one.
    pub fn duplicates(&self) -> Duplicates {
        let counted: u64 = self.copies.values().sum();
        Duplicates {
            rows: counted.saturating_mul(1 << self.halvings.min(63)),
            exact: self.is_exact(),
        }
    }

    /// Whether every row was counted.
    pub fn is_exact(&self) -> bool {
        self.halvings == 0
    }

    /// The threshold is on other bits than the hash tables look at.
    fn is_counted(&self, hash: u64) -> bool {
        (hash << 8).leading_zeros() >= self.halvings
    }

    fn make_room(&mut self) {
        while self.seen.len() > MOST_ROWS {
            self.halvings += 1;
            self.forget();
        }
    }

    fn forget(&mut self) {
        let mut seen = std::mem::take(&mut self.seen);
        let mut copies = std::mem::take(&mut self.copies);
        seen.retain(|&hash| self.is_counted(hash));
        copies.retain(|&hash, _| self.is_counted(hash));
        (self.seen, self.copies) = (seen, copies);
    }
}
