//! Quantiles within a relative error.

use super::mapping::Mapping;
use crate::error::{Error, Result};

/// Buckets are made so many at a time.
const CHUNK: u32 = 64;

/// Values whose buckets are found together.
const BLOCK: usize = 64;

/// Sums that grow side by side.
const LANES: usize = 4;

/// Quantiles of values from 0 on, each within a relative error.
///
/// A value is counted in a bucket whose ends differ by a factor of
/// `(1 + e) / (1 - e)`, so whatever stands for the bucket is off by a share of
/// at most `e`, the relative error (and 1e-9 of that, for rounding). Values
/// below 2.2e-308 count as 0. Inserting takes O(1) and usually allocates
/// nothing; a quantile takes O(buckets).
///
/// # Where the promise ends
/// At most `max_buckets` buckets are kept. When the values span more, the lowest
/// ones collapse into one bucket: quantiles that fall into it, the lowest
/// [`n_collapsed`](Self::n_collapsed) values, come out too high; all others are
/// as promised. With an error of 0.01, 35 buckets span a factor of two and 2048
/// a factor of 4e17. The few that are very large decide what is lowest: bound
/// what you insert where that matters.
///
/// # Merging
/// Buckets add up: what is merged in any order and grouping has the same
/// buckets as one sketch that saw everything (and the same sum but for
/// rounding).
///
/// # Source
/// Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
/// relative-error guarantees", PVLDB 12(12), 2019, algorithms 1 to 4.
///
/// # Example
/// ```
/// use driftline::sketch::DdSketch;
/// let mut sketch = DdSketch::new(0.01, 2048)?;
/// for value in 1..=1000 {
///     sketch.insert(f64::from(value));
/// }
/// let p99 = sketch.quantile(0.99).unwrap_or(0.0);
/// assert!((p99 / 990.0 - 1.0).abs() <= 0.01);
/// assert!(!sketch.insert(-1.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DdSketch {
    mapping: Mapping,
    relative_error: f64,
    max_buckets: u32,
    /// The bucket number of the first count; a multiple of [`CHUNK`].
    first: u32,
    /// Values per bucket, whole chunks.
    counts: Vec<u64>,
    /// Values that count as 0.
    n_zero: u64,
    n: u64,
    sum: f64,
    min: f64,
    max: f64,
    collapsed: bool,
}

impl DdSketch {
    /// An empty sketch. `relative_error` is from 0.0001 to 0.5; `max_buckets`
    /// from 64 to 1,048,576, of 8 bytes each, rounded up to a multiple of 64.
    ///
    /// # Errors
    /// `InvalidValue` outside these.
    pub fn new(relative_error: f64, max_buckets: usize) -> Result<Self> {
        if !(0.0001..=0.5).contains(&relative_error) {
            let allowed = "a number from 0.0001 to 0.5";
            return Err(Error::invalid_value(
                "relative_error",
                relative_error,
                allowed,
            ));
        }
        if !(64..=1 << 20).contains(&max_buckets) {
            let allowed = "a whole number from 64 to 1048576";
            return Err(Error::invalid_value("max_buckets", max_buckets, allowed));
        }
        Ok(Self::valid(
            relative_error,
            max_buckets as u32, // in range
        ))
    }

    fn valid(relative_error: f64, max_buckets: u32) -> Self {
        Self {
            mapping: Mapping::new(relative_error),
            relative_error,
            max_buckets: max_buckets.next_multiple_of(CHUNK),
            first: 0,
            counts: Vec::new(),
            n_zero: 0,
            n: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            collapsed: false,
        }
    }

    /// An empty sketch whose buckets span a factor of 2 to the `octaves`.
    ///
    /// # Errors
    /// As [`DdSketch::new`], also when that takes too many buckets.
    pub fn spanning(relative_error: f64, octaves: u32) -> Result<Self> {
        let needed = Mapping::new(relative_error).per_octave() * f64::from(octaves);
        // One for the part of a bucket at either end, one chunk for its place.
        Self::new(relative_error, needed.ceil() as usize + 2 + CHUNK as usize)
    }

    /// Counts a value. Answers whether it was: NaN, infinite and negative ones
    /// are refused and change nothing.
    #[inline]
    pub fn insert(&mut self, value: f64) -> bool {
        if !(0.0..=f64::MAX).contains(&value) {
            return false;
        }
        let value = value.abs(); // -0.0 is 0
        self.n += 1;
        self.sum += value;
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
        if value < f64::MIN_POSITIVE {
            self.n_zero += 1;
        } else {
            let index = self.mapping.index(value);
            match self.counts.get_mut(index.wrapping_sub(self.first) as usize) {
                Some(count) => *count += 1,
                None => self.add(index, 1),
            }
        }
        true
    }

    /// Counts values. Answers how many were; the others are refused as by
    /// [`DdSketch::insert`], whose counts these are. The sum may differ by its
    /// rounding.
    pub fn insert_many(&mut self, values: &[f64]) -> usize {
        let mut taken = 0;
        for block in values.chunks(BLOCK) {
            taken += match block.try_into() {
                Ok(block) if is_plain(block) => self.insert_plain(block),
                _ => block.iter().filter(|&&value| self.insert(value)).count(),
            };
        }
        taken
    }

    /// Counts values that have a bucket.
    fn insert_plain(&mut self, block: &[f64; BLOCK]) -> usize {
        let mut sums = [0.0; LANES];
        let mut lows = [f64::INFINITY; LANES];
        let mut highs = [f64::NEG_INFINITY; LANES];
        for four in block.as_chunks::<LANES>().0 {
            for (lane, &value) in four.iter().enumerate() {
                sums[lane] += value;
                lows[lane] = if value < lows[lane] {
                    value
                } else {
                    lows[lane]
                };
                highs[lane] = if value > highs[lane] {
                    value
                } else {
                    highs[lane]
                };
            }
        }
        self.n += BLOCK as u64;
        self.sum += sums.iter().sum::<f64>();
        self.min = lows.into_iter().fold(self.min, f64::min);
        self.max = highs.into_iter().fold(self.max, f64::max);
        let mapping = self.mapping;
        let mut indices = [0; BLOCK];
        for (index, &value) in indices.iter_mut().zip(block) {
            *index = mapping.index(value);
        }
        for index in indices {
            match self.counts.get_mut(index.wrapping_sub(self.first) as usize) {
                Some(count) => *count += 1,
                None => self.add(index, 1),
            }
        }
        BLOCK
    }

    /// Counts into a bucket that need not be there yet.
    #[cold]
    #[inline(never)]
    fn add(&mut self, index: u32, count: u64) {
        let place = index.wrapping_sub(self.first) as usize;
        if place >= self.counts.len() {
            self.make_room(index);
        }
        let place = index.saturating_sub(self.first) as usize;
        if let Some(kept) = self.counts.get_mut(place) {
            *kept = kept.saturating_add(count);
        }
    }

    /// Makes the bucket, unless it is beyond the lowest that can be kept.
    fn make_room(&mut self, index: u32) {
        let chunk = index - index % CHUNK;
        if self.counts.is_empty() {
            self.first = chunk;
        }
        let end = (self.first + self.counts.len() as u32).max(chunk + CHUNK);
        // Where the kept buckets begin follows from the highest alone, so that
        // it does not depend on the order of the values.
        let lowest = end.saturating_sub(self.max_buckets);
        let first = self.first.min(chunk).max(lowest);
        self.collapsed |= chunk < lowest;
        if first > self.first {
            let gone = ((first - self.first) as usize).min(self.counts.len());
            let folded: u64 = self.counts.drain(..gone).sum();
            self.collapsed |= folded > 0;
            self.counts.resize((end - first) as usize, 0);
            if let Some(lowest) = self.counts.first_mut() {
                *lowest = lowest.saturating_add(folded);
            }
        } else {
            let more = (self.first - first) as usize;
            self.counts.splice(..0, std::iter::repeat_n(0, more));
            self.counts.resize((end - first) as usize, 0);
        }
        self.first = first;
    }

    /// Adds what the other sketch has seen.
    ///
    /// # Errors
    /// `InvalidValue` for a sketch of another relative error or bound; then
    /// nothing has changed.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.mapping != other.mapping || self.max_buckets != other.max_buckets {
            let shape = |sketch: &Self| {
                let (error, most) = (sketch.relative_error, sketch.max_buckets);
                format!("a sketch of relative error {error} and at most {most} buckets")
            };
            return Err(Error::invalid_value("other", shape(other), shape(self)));
        }
        self.absorb(other);
        Ok(())
    }

    /// [`Self::merge`] for a sketch that is known to be of the same shape.
    fn absorb(&mut self, other: &Self) {
        for (index, count) in other.buckets() {
            self.add(index, count);
        }
        self.collapsed |= other.collapsed;
        self.n_zero = self.n_zero.saturating_add(other.n_zero);
        self.n = self.n.saturating_add(other.n);
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Forgets all values, and keeps the memory of the buckets for others.
    pub fn clear(&mut self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.clear();
        *self = Self::valid(self.relative_error, self.max_buckets);
        self.counts = counts;
    }

    /// An estimate of the lowest value that a share of at least `q` of all values
    /// does not exceed: the one at place `ceil(q n)` in ascending order, from 1
    /// (NumPy's `method="inverted_cdf"`). `None` without values, and for a `q`
    /// that is not from 0 to 1. The lowest and the highest are exact.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.n == 0 || !(0.0..=1.0).contains(&q) {
            return None;
        }
        // Of `0.07 * 100`, which is a little above 7, the 7 is meant.
        let rank = (q * self.n as f64 * (1.0 - 2.0 * f64::EPSILON)).ceil();
        let place = (rank as u64).saturating_sub(1);
        if place == 0 {
            return Some(self.min);
        }
        if place >= self.n - 1 {
            return Some(self.max);
        }
        let mut below = self.n_zero;
        if place < below {
            return Some(0.0_f64.max(self.min));
        }
        for (index, count) in self.buckets() {
            below = below.saturating_add(count);
            if place < below {
                return Some(self.mapping.value(index).clamp(self.min, self.max));
            }
        }
        Some(self.max)
    }

    /// The buckets that hold values, in ascending order: number and count. For
    /// comparing sketches; what a number stands for depends on the error.
    pub fn buckets(&self) -> impl Iterator<Item = (u32, u64)> {
        let filled = (self.first..).zip(self.counts.iter().copied());
        filled.filter(|&(_, count)| count > 0)
    }

    /// Values seen.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Their sum; one beyond the range of floats is the largest float.
    pub fn sum(&self) -> f64 {
        self.sum.min(f64::MAX)
    }

    /// Their mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| (self.sum() / self.n as f64).clamp(self.min, self.max))
    }

    /// The lowest; `None` without values.
    pub fn min(&self) -> Option<f64> {
        (self.n > 0).then_some(self.min)
    }

    /// The highest; `None` without values.
    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }

    /// Of the lowest values (those that count as 0 left out), how many were
    /// counted into one bucket for want of room.
    pub fn n_collapsed(&self) -> u64 {
        let lowest = self.counts.first().copied();
        lowest.filter(|_| self.collapsed).unwrap_or(0)
    }

    /// The relative error that it was made with.
    pub fn relative_error(&self) -> f64 {
        self.relative_error
    }

    /// The most buckets, of 8 bytes each.
    pub fn max_buckets(&self) -> usize {
        self.max_buckets as usize
    }
}

/// Whether every value has a bucket: none is 0, none is refused.
fn is_plain(block: &[f64; BLOCK]) -> bool {
    let is_other = |&value: &f64| u64::from(!(f64::MIN_POSITIVE..=f64::MAX).contains(&value));
    block.iter().map(is_other).sum::<u64>() == 0
}
