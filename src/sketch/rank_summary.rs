//! Values by rank, in bounded memory.

use std::borrow::Cow;

use super::compactors::Compactors;
use super::counted::Counted;
use crate::error::{Error, Result};
use crate::math::sort_values;

/// Different values that are kept exactly, unless something else is said.
const MAX_DISTINCT: usize = 1 << 20;

/// The values of a stream in ascending order, with how often each occurs: exact
/// up to a number of different values, beyond that within a known error of rank.
///
/// # While exact
/// Up to `max_distinct` different values (1,048,576 by default) everything is
/// kept: [`rank_error`](Self::rank_error) is 0, and neither the order of the
/// values nor how they come in batches changes anything.
///
/// # Beyond
/// Values stand for 2, 4, 8 ... of their neighbours. For every x, the number of
/// values up to x that [`iter`](Self::iter) tells is off by at most
/// [`rank_error`](Self::rank_error), which is known, not estimated: at most
/// `4 n log2(64 n / max_distinct) / max_distinct` for one stream of n values (with
/// the default less than 0.01 % of n up to 10^12 values), twice that when merged. The lowest value and
/// the highest are exact. Nothing is random: the same values in the same order
/// have the same answer, in whatever batches they come; in another order the
/// answer may differ within the error.
///
/// # Missing values
/// NaN is left out and not counted; -0.0 counts as 0.0; infinities are values.
///
/// # Memory
/// 16 bytes for each different value, and 8 for each not yet in order: 21 MB with
/// the default, up to 10^12 values; twice that while merging.
///
/// # Cost
/// O(log n) a value, for putting batches in order.
///
/// # Source
/// Munro, Paterson, "Selection and sorting with limited storage", Theoretical
/// Computer Science 12, 1980; Manku, Rajagopalan, Lindsay, "Approximate medians
/// and other quantiles in one pass and with limited memory", SIGMOD 1998 (COLLAPSE
/// with alternating offsets).
///
/// # Example
/// ```
/// use driftline::sketch::RankSummary;
/// let mut summary = RankSummary::new();
/// summary.extend(&[3.0, 1.0]);
/// summary.extend(&[1.0, f64::NAN]);
/// assert_eq!(summary.iter().collect::<Vec<_>>(), [(1.0, 2), (3.0, 1)]);
/// assert_eq!((summary.n(), summary.distinct(), summary.rank_error()), (3, 2, 0));
/// ```
#[derive(Debug, Clone)]
pub struct RankSummary {
    max_distinct: usize,
    n: u64,
    /// Values in the order of their coming.
    pending: Vec<f64>,
    /// What else there was, unless `compacted` has it.
    exact: Counted,
    compacted: Option<Box<Compactors>>,
}

impl Default for RankSummary {
    fn default() -> Self {
        Self {
            max_distinct: MAX_DISTINCT,
            n: 0,
            pending: Vec::new(),
            exact: Counted::default(),
            compacted: None,
        }
    }
}

impl RankSummary {
    /// An empty summary, exact up to 1,048,576 different values.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty summary, exact up to `max_distinct` different values: from 1,024
    /// to 268,435,456, rounded down to a multiple of 16.
    ///
    /// # Errors
    /// `InvalidValue` outside these.
    pub fn with_budget(max_distinct: usize) -> Result<Self> {
        if !(1 << 10..=1 << 28).contains(&max_distinct) {
            let allowed = "a whole number from 1024 to 268435456";
            return Err(Error::invalid_value("max_distinct", max_distinct, allowed));
        }
        Ok(Self {
            max_distinct: max_distinct / 16 * 16,
            ..Self::default()
        })
    }

    /// Values of a level that is compacted.
    fn size(&self) -> usize {
        self.max_distinct / 8
    }

    /// Values that are put in order at a time: the more there are to merge them
    /// with, the more.
    fn batch(&self) -> usize {
        self.exact.len().clamp(self.size(), 4 * self.size())
    }

    /// Adds values.
    pub fn extend(&mut self, values: &[f64]) {
        let mut rest = values;
        while !rest.is_empty() {
            let room = self.batch().saturating_sub(self.pending.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            let before = self.pending.len();
            let present = now.iter().filter(|x| !x.is_nan());
            self.pending.extend(present.map(|x| x + 0.0)); // -0.0 becomes 0.0
            self.count((self.pending.len() - before) as u64);
            // Not where a batch happens to end.
            if self.pending.len() >= self.batch() {
                self.settle();
            }
            rest = later;
        }
    }

    /// Adds values each of which occurs so many times.
    pub fn extend_counted(&mut self, pairs: impl IntoIterator<Item = (f64, u64)>) {
        let mut pairs = pairs.into_iter().filter(|(x, n)| !x.is_nan() && *n > 0);
        loop {
            let now: Vec<_> = pairs.by_ref().take(self.batch()).collect();
            if now.is_empty() {
                return;
            }
            let now = now.into_iter().map(|(x, n)| (x + 0.0, n));
            let counted = Counted::of_pairs(now.collect());
            for (_, count) in counted.iter() {
                self.count(count);
            }
            self.add(counted);
        }
    }

    /// Adds what the other has seen.
    ///
    /// # Errors
    /// `InvalidValue` for a summary of another `max_distinct`; then nothing has
    /// changed.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.max_distinct != other.max_distinct {
            let kind = |most| format!("a summary of at most {most} different values");
            let (got, allowed) = (kind(other.max_distinct), kind(self.max_distinct));
            return Err(Error::invalid_value("other", got, allowed));
        }
        match &other.compacted {
            None => self.add(other.exact.clone()),
            Some(compactors) => self.compactors().merge(compactors),
        }
        self.count(other.n - other.pending.len() as u64);
        self.extend(&other.pending);
        Ok(())
    }

    fn count(&mut self, more: u64) {
        self.n = self.n.saturating_add(more);
    }

    /// Puts what is pending in order.
    fn settle(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        sort_values(&mut pending);
        match &mut self.compacted {
            None => self.add(Counted::of_sorted(&pending)),
            Some(compactors) => compactors.add_sorted(&pending),
        }
        pending.clear();
        self.pending = pending;
    }

    fn add(&mut self, more: Counted) {
        match &mut self.compacted {
            None => {
                self.exact.add(more);
                if self.exact.len() > self.max_distinct {
                    self.compactors();
                }
            }
            Some(compactors) => compactors.add(&more),
        }
    }

    /// No longer exact from here on.
    fn compactors(&mut self) -> &mut Compactors {
        let size = self.size();
        self.compacted.get_or_insert_with(|| {
            let exact = std::mem::take(&mut self.exact);
            Box::new(Compactors::of_counted(&exact, size))
        })
    }

    /// Everything, in order.
    fn counted(&self) -> Cow<'_, Counted> {
        if self.compacted.is_none() && self.pending.is_empty() {
            return Cow::Borrowed(&self.exact);
        }
        let mut pending = self.pending.clone();
        sort_values(&mut pending);
        Cow::Owned(match &self.compacted {
            Some(compactors) => compactors.counted(pending),
            None => {
                let mut all = self.exact.clone();
                all.add(Counted::of_sorted(&pending));
                all
            }
        })
    }

    /// Values seen, NaN left out.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Whether every different value is kept with its count.
    pub fn is_exact(&self) -> bool {
        self.compacted.is_none() && self.counted().len() <= self.max_distinct
    }

    /// The most by which the number of values up to any x, as [`Self::iter`] has
    /// it, can be off; 0 while exact.
    pub fn rank_error(&self) -> u64 {
        let compacted = self.compacted.as_ref();
        compacted.map_or(0, |compactors| compactors.rank_error())
    }

    /// How many different values there were: counted while exact, beyond that
    /// estimated, with a standard error of 0.8 %.
    ///
    /// # Cost
    /// As [`Self::iter`].
    pub fn distinct(&self) -> u64 {
        let Some(compactors) = &self.compacted else {
            return self.counted().len() as u64;
        };
        let least = self.max_distinct as u64 + 1; // or it would be exact
        compactors
            .distinct(&self.pending)
            .clamp(least, self.n.max(least))
    }

    /// Different values in ascending order, each with how often it occurs; the
    /// counts add up to [`Self::n`].
    ///
    /// # Cost
    /// Puts what has come since the last batch in order, and so copies what is
    /// kept: O(max_distinct) time and memory before the first value.
    /// [`Self::into_counts`] does not copy.
    pub fn iter(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let counted = self.counted();
        (0..counted.len()).filter_map(move |k| counted.get(k))
    }

    /// What [`Self::iter`] tells: the different values, and their counts.
    pub fn into_counts(mut self) -> (Vec<f64>, Vec<u64>) {
        if self.compacted.is_none() {
            let mut pending = std::mem::take(&mut self.pending);
            sort_values(&mut pending);
            self.exact.add(Counted::of_sorted(&pending));
            return self.exact.into_parts();
        }
        self.counted().into_owned().into_parts()
    }
}
