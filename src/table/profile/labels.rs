//! Labels, counted in bounded memory.

use crate::sketch::{CategoryCounts, CommonCounts};
use crate::table::column::Labels;

/// How often each label occurs.
#[derive(Debug, Clone, Default)]
pub(crate) struct LabelCounts(pub(super) CategoryCounts);

impl LabelCounts {
    /// Adds the labels of rows.
    pub(crate) fn extend(&mut self, labels: &Labels) {
        let mut counts = vec![0; labels.labels.len()];
        for &code in &labels.codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        for (label, count) in labels.labels.iter().zip(counts) {
            self.0.add(label, count);
        }
    }

    pub(crate) fn from_counts(counts: impl IntoIterator<Item = (String, u64)>) -> Self {
        let mut all = Self::default();
        for (label, count) in counts {
            all.0.add(&label, count);
        }
        all
    }

    /// Rows that have a label.
    pub(crate) fn len(&self) -> u64 {
        self.0.n()
    }

    /// The labels that are kept by name, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter()
    }

    /// Different labels; an estimate when there are too many to keep.
    pub(crate) fn distinct(&self) -> u64 {
        self.0.distinct()
    }

    /// Whether there are too many to keep each by name.
    pub(crate) fn overflowed(&self) -> bool {
        self.0.overflowed()
    }

    /// Both sides, label by label; those not kept by name in buckets.
    pub(crate) fn common<'a>(&'a self, other: &'a Self) -> CommonCounts<'a> {
        self.0.common(&other.0)
    }
}
