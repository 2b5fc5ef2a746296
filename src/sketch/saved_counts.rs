//! Counts of labels, written down.

use serde::{Deserialize, Serialize};

use super::category_counts::{CategoryCounts, MAX_KEPT_BYTES, N_BUCKETS, is_below};
use super::hash::hash_text;

/// What [`CategoryCounts`] of the default budget consist of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedCounts {
    /// In ascending order.
    labels: Vec<(Box<str>, u64)>,
    level: u32,
    buckets: Vec<u64>,
}

impl CategoryCounts {
    /// To be written down.
    pub(crate) fn saved(&self) -> SavedCounts {
        SavedCounts {
            labels: self.iter().map(|(label, n)| (label.into(), n)).collect(),
            level: self.level,
            buckets: self.buckets.clone(),
        }
    }
}

impl SavedCounts {
    /// What was written.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(crate) fn read(self) -> Result<CategoryCounts, &'static str> {
        let mut counts = CategoryCounts::new();
        let mut pairs = self.labels.iter().zip(self.labels.iter().skip(1));
        if !pairs.all(|(one, next)| one.0 < next.0) {
            return Err("labels out of order");
        }
        let as_kept = |(label, count): &(Box<str>, u64)| {
            *count > 0
                && label.len() <= MAX_KEPT_BYTES
                && (self.level == 0 || is_below(hash_text(label), self.level))
        };
        let buckets = if self.level == 0 { 0 } else { N_BUCKETS };
        if self.labels.len() > counts.max_labels
            || self.level > u64::BITS
            || self.buckets.len() != buckets
            || !self.labels.iter().all(as_kept)
        {
            return Err("labels that would not have been kept");
        }
        let all = self.labels.iter().map(|(_, count)| count);
        let mut all = all.chain(&self.buckets);
        let n = all.try_fold(0_u64, |sum, &count| sum.checked_add(count));
        counts.n = n.ok_or("more labels than can be counted")?;
        counts.level = self.level;
        counts.buckets = self.buckets;
        counts.labels = self.labels.into_iter().collect();
        Ok(counts)
    }
}
