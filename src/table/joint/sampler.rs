//! Which rows of a side are looked at.

use std::collections::BTreeMap;

use crate::table::rows::scramble;

/// Draws rows by their content: the same ones whatever the order in which they
/// come and however they are batched.
///
/// A row's lot is a hash of the seed, its content and how many equal rows came
/// before; the rows with the smallest lots are drawn. Copies of a row have lots
/// of their own: without, a row that makes up half of a table would be half of
/// the sample or, more likely, not in it at all. [`RowCounts`] numbers the
/// copies as long as it counts all rows; where it no longer does, only first
/// copies can be drawn, and both sides should be drawn so.
///
/// Different seeds for the two sides make samples that are independent of each
/// other also where the sides share rows.
///
/// [`RowCounts`]: crate::table::RowCounts
/// # Cost
/// O(1) for a row that is not drawn; twice the rows drawn are kept.
/// # Source
/// Bottom-k samples: Cohen & Kaplan, Summarizing data using bottom-k sketches,
/// PODC 2007.
/// # Example
/// ```
/// use driftline::table::joint::Sampler;
/// use driftline::table::{RowCounts, label_cell};
/// let draw = |rows: &[&'static str]| {
///     let (mut counts, mut sampler) = (RowCounts::default(), Sampler::new(3, 0));
///     for &row in rows {
///         let hash = label_cell(row);
///         sampler.offer(hash, counts.add(hash), || row);
///     }
///     sampler.rows(counts.is_exact()).into_iter().copied().collect::<Vec<_>>()
/// };
/// assert_eq!(draw(&["a", "b", "c", "a", "d"]), draw(&["d", "a", "c", "b", "a"]));
/// assert_eq!(draw(&["a", "a", "a", "a"]), ["a", "a", "a"]);
/// ```
#[derive(Debug, Clone)]
pub struct Sampler<R> {
    size: usize,
    seed: u64,
    first: BTreeMap<(u64, u64), R>,
    further: BTreeMap<(u64, u64), R>,
}

impl<R> Sampler<R> {
    /// Will draw `size` rows, or all when there are no more.
    pub fn new(size: usize, seed: u64) -> Self {
        Self {
            size,
            seed: scramble(seed),
            first: BTreeMap::new(),
            further: BTreeMap::new(),
        }
    }

    /// Offers a row: the hash of its content, how many equal rows came before
    /// (`None`: not known), and how to make what is kept of it.
    #[inline]
    pub fn offer(&mut self, hash: u64, copy: Option<u64>, row: impl FnOnce() -> R) {
        let copy = copy.unwrap_or(0);
        let lot = scramble(scramble(hash ^ self.seed).wrapping_add(copy));
        let drawn = if copy == 0 {
            &mut self.first
        } else {
            &mut self.further
        };
        let key = (lot, hash);
        if drawn.len() >= self.size && drawn.last_key_value().is_none_or(|(last, _)| key >= *last) {
            return;
        }
        drawn.entry(key).or_insert_with(row);
        if drawn.len() > self.size {
            drawn.pop_last();
        }
    }

    /// The rows drawn, in random order: of all rows, `with_copies`, or of the
    /// first copies alone.
    pub fn rows(&self, with_copies: bool) -> Vec<&R> {
        let further = self.further.iter().filter(|_| with_copies);
        let mut rows: Vec<_> = self.first.iter().chain(further).collect();
        rows.sort_unstable_by_key(|(key, _)| **key);
        rows.truncate(self.size);
        rows.into_iter().map(|(_, row)| row).collect()
    }
}
