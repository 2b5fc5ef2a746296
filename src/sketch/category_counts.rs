//! Labels and how often each occurs, in bounded memory.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::hash::hash_text;
use crate::error::{Error, Result};

/// Labels that are kept, unless something else is said.
const MAX_LABELS: usize = 1 << 16;

/// Longer labels are shortened.
const MAX_BYTES: usize = 256;

/// No label is kept as more: the beginning, `…#` and 16 digits.
pub(super) const MAX_KEPT_BYTES: usize = MAX_BYTES + 20;

/// Buckets for the labels that are not kept.
pub(super) const N_BUCKETS: usize = 1 << 12;

/// How often each label of a stream occurs: exact up to a number of different
/// labels, beyond that for a sample of the labels, the others in buckets.
///
/// # While exact
/// Up to `max_labels` different labels (65,536 by default) each has its count.
///
/// # Beyond
/// The summary has [overflowed](Self::overflowed). Labels whose hash lies below a
/// threshold are kept with their exact counts, between half of `max_labels` and
/// all (but for chance); how often a label occurs has no say in it, so that a
/// frequent one may be among those that are not. Of these the rows are counted, in all
/// ([`rest`](Self::rest)) and in 4,096 buckets by hash. Which labels are kept
/// follows from the set of all labels alone: the order of the rows and of merging
/// changes nothing, and two summaries can be compared label by label and bucket
/// by bucket ([`common`](Self::common)). A distance of counts in buckets is never
/// larger than that of the labels.
///
/// # Long labels
/// A label of more than 256 bytes is kept as its beginning and 16 hexadecimal
/// digits of its hash; two that begin alike are told apart by that hash.
///
/// # Memory
/// At most 65,537 labels of at most 280 bytes, and 2 MB: 20 MB with the default.
///
/// # Cost
/// O(1) a label; allocates for a new one.
///
/// # Source
/// Flajolet, "On adaptive sampling", Computing 43, 1990 (Wegman's algorithm), also
/// for the number of different labels.
///
/// # Example
/// ```
/// use driftline::sketch::CategoryCounts;
/// let mut counts = CategoryCounts::new();
/// counts.add("red", 2);
/// counts.add("blue", 1);
/// counts.add("red", 1);
/// assert_eq!(counts.iter().collect::<Vec<_>>(), [("blue", 1), ("red", 3)]);
/// assert_eq!((counts.n(), counts.distinct(), counts.overflowed()), (4, 2, false));
/// ```
#[derive(Debug, Clone)]
pub struct CategoryCounts {
    pub(super) max_labels: usize,
    pub(super) n: u64,
    pub(super) labels: HashMap<Box<str>, u64, FixedState>,
    /// Labels are kept whose hash begins with so many zeros.
    pub(super) level: u32,
    /// Rows of the other labels, by the end of their hash; empty at level 0.
    pub(super) buckets: Vec<u64>,
}

/// Two summaries, label by label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonCounts<'a> {
    /// Labels that both would keep, in ascending order (of their Unicode scalar
    /// values), and how often the one and the other has each.
    pub labels: Vec<(&'a str, u64, u64)>,
    /// Rows of all other labels, in buckets by hash; empty when neither has
    /// overflowed.
    pub buckets: Vec<(u64, u64)>,
}

impl Default for CategoryCounts {
    fn default() -> Self {
        Self {
            max_labels: MAX_LABELS,
            n: 0,
            labels: HashMap::default(),
            level: 0,
            buckets: Vec::new(),
        }
    }
}

impl CategoryCounts {
    /// An empty summary, exact up to 65,536 labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty summary, exact up to `max_labels` labels, from 1 to 16,777,216.
    ///
    /// # Errors
    /// `InvalidValue` outside these.
    pub fn with_budget(max_labels: usize) -> Result<Self> {
        if !(1..=1 << 24).contains(&max_labels) {
            let allowed = "a whole number from 1 to 16777216";
            return Err(Error::invalid_value("max_labels", max_labels, allowed));
        }
        Ok(Self {
            max_labels,
            ..Self::default()
        })
    }

    /// Counts a label so many times.
    pub fn add(&mut self, label: &str, count: u64) {
        if count == 0 {
            return;
        }
        self.n = self.n.saturating_add(count);
        self.add_kept_as(&shortened(label), count);
    }

    fn add_kept_as(&mut self, label: &str, count: u64) {
        if let Some(known) = self.labels.get_mut(label) {
            *known = known.saturating_add(count);
            return;
        }
        let hash = if self.level == 0 { 0 } else { hash_text(label) };
        if is_below(hash, self.level) {
            self.labels.insert(label.into(), count);
            self.shrink();
        } else {
            add_to_bucket(&mut self.buckets, hash, count);
        }
    }

    /// Raises the level until the labels fit.
    fn shrink(&mut self) {
        while self.labels.len() > self.max_labels && self.level < u64::BITS {
            self.raise_to(self.level + 1);
        }
    }

    fn raise_to(&mut self, level: u32) {
        if level <= self.level {
            return;
        }
        self.level = level;
        self.buckets.resize(N_BUCKETS, 0);
        let buckets = &mut self.buckets;
        self.labels.retain(|label, count| {
            let hash = hash_text(label);
            let stays = is_below(hash, level);
            if !stays {
                add_to_bucket(buckets, hash, *count);
            }
            stays
        });
    }

    /// Adds what the other has counted.
    ///
    /// # Errors
    /// `InvalidValue` for a summary of another `max_labels`; then nothing has
    /// changed.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.max_labels != other.max_labels {
            let kind = |most| format!("a summary of at most {most} labels");
            let (got, allowed) = (kind(other.max_labels), kind(self.max_labels));
            return Err(Error::invalid_value("other", got, allowed));
        }
        self.raise_to(other.level);
        for (label, &count) in &other.labels {
            self.add_kept_as(label, count);
        }
        for (mine, others) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*others);
        }
        self.n = self.n.saturating_add(other.n);
        Ok(())
    }

    /// Rows counted.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Whether there were more labels than are kept.
    pub fn overflowed(&self) -> bool {
        self.level > 0
    }

    /// How many different labels there were: counted until it overflows, then
    /// estimated, with a standard error of at most `1.2 / sqrt(max_labels)` (0.5 %
    /// with the default).
    pub fn distinct(&self) -> u64 {
        let estimate = self.labels.len() as f64 * 2_f64.powi(self.level as i32);
        let least = match self.level {
            0 => self.labels.len(),
            _ => self.max_labels + 1,
        };
        (estimate as u64).clamp(least as u64, self.n.max(least as u64))
    }

    /// How often a label occurs; `None` for one that is not kept (never, after
    /// it overflowed, 0).
    pub fn get(&self, label: &str) -> Option<u64> {
        let label = shortened(label);
        match self.labels.get(&*label) {
            Some(&count) => Some(count),
            None => is_below(hash_text(&label), self.level).then_some(0),
        }
    }

    /// The labels that are kept, in ascending order (of their Unicode scalar
    /// values), each with how often it occurs.
    ///
    /// # Cost
    /// Puts them in order before the first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_unstable();
        labels.into_iter().map(|(label, &count)| (&**label, count))
    }

    /// Rows of the labels that are not kept.
    pub fn rest(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, &n| sum.saturating_add(n))
    }

    /// [`Self::rest`] in buckets by hash; empty until it overflows.
    pub fn buckets(&self) -> &[u64] {
        &self.buckets
    }

    /// Both summaries with the labels that both would keep; the others in buckets.
    ///
    /// # Example
    /// ```
    /// use driftline::sketch::CategoryCounts;
    /// let (mut baseline, mut current) = (CategoryCounts::new(), CategoryCounts::new());
    /// baseline.add("red", 2);
    /// current.add("red", 1);
    /// current.add("blue", 1);
    /// let common = baseline.common(&current);
    /// assert_eq!(common.labels, [("blue", 0, 1), ("red", 2, 1)]);
    /// assert!(common.buckets.is_empty());
    /// ```
    pub fn common<'a>(&'a self, other: &'a Self) -> CommonCounts<'a> {
        let level = self.level.max(other.level);
        let mut both: HashMap<&str, (u64, u64), FixedState> = HashMap::default();
        let mut buckets = vec![(0_u64, 0_u64); if level == 0 { 0 } else { N_BUCKETS }];
        for (is_other, side) in [(false, self), (true, other)] {
            let add = |pair: &mut (u64, u64), count: u64| {
                let to = if is_other { &mut pair.1 } else { &mut pair.0 };
                *to = to.saturating_add(count);
            };
            for (pair, &count) in buckets.iter_mut().zip(&side.buckets) {
                add(pair, count);
            }
            for (label, &count) in &side.labels {
                let hash = if level == 0 { 0 } else { hash_text(label) };
                if is_below(hash, level) {
                    add(both.entry(label).or_default(), count);
                } else if let Some(pair) = buckets.get_mut(bucket_of(hash)) {
                    add(pair, count);
                }
            }
        }
        let both = both.into_iter();
        let mut labels: Vec<_> = both
            .map(|(label, (one, other))| (label, one, other))
            .collect();
        labels.sort_unstable();
        CommonCounts { labels, buckets }
    }
}

/// Whether a hash begins with so many zeros.
pub(super) fn is_below(hash: u64, level: u32) -> bool {
    hash.leading_zeros() >= level
}

fn bucket_of(hash: u64) -> usize {
    hash as usize % N_BUCKETS
}

fn add_to_bucket(buckets: &mut [u64], hash: u64, count: u64) {
    if let Some(bucket) = buckets.get_mut(bucket_of(hash)) {
        *bucket = bucket.saturating_add(count);
    }
}

/// What a label is kept as; that of a long one is longer than any short one.
fn shortened(label: &str) -> Cow<'_, str> {
    if label.len() <= MAX_BYTES {
        return Cow::Borrowed(label);
    }
    let mut ends = (0..=MAX_BYTES).rev();
    let end = ends.find(|&end| label.is_char_boundary(end)).unwrap_or(0);
    let beginning = &label[..end];
    Cow::Owned(format!("{beginning}…#{:016x}", hash_text(label)))
}
