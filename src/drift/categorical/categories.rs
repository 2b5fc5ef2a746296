//! Labels: which categories a sample has, and how often.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::error::{Error, Result};

/// A sample of labels, counted: each label once, in ascending order (of their
/// Unicode scalar values), so that the order of the rows never matters.
///
/// # Example
/// ```
/// use driftline::drift::Categories;
/// let rows = [Some("red"), None, Some("blue"), Some("red")];
/// let sample = Categories::from_rows(rows);
/// assert_eq!(sample.iter().collect::<Vec<_>>(), [("blue", 1), ("red", 2)]);
/// assert_eq!((sample.len(), sample.missing()), (3, 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Categories {
    labels: Vec<(Box<str>, u64)>,
    len: u64,
    missing: u64,
}

impl Categories {
    /// From one label for each row; `None` is missing.
    ///
    /// # Cost
    /// O(n + k log k) for k different labels.
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut counts: HashMap<&str, u64, FixedState> = HashMap::default();
        let mut missing = 0;
        for row in rows {
            match row {
                Some(label) => *counts.entry(label).or_default() += 1,
                None => missing += 1,
            }
        }
        let counts = counts.into_iter();
        Self::from_counts(counts.map(|(label, count)| (label.into(), count)), missing)
    }

    /// From how often each label occurs; a label may come several times, one
    /// with count 0 is as good as absent.
    ///
    /// # Cost
    /// O(k log k).
    pub fn from_counts(counts: impl IntoIterator<Item = (Box<str>, u64)>, missing: u64) -> Self {
        let mut labels: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        labels.sort_unstable();
        labels.dedup_by(|(label, count), (kept, total)| {
            let same = label == kept;
            if same {
                *total = total.saturating_add(*count);
            }
            same
        });
        let len = labels
            .iter()
            .fold(0u64, |len, (_, count)| len.saturating_add(*count));
        Self {
            labels,
            len,
            missing,
        }
    }

    /// From codes into a dictionary of labels, as pandas and Arrow keep
    /// categories; a negative code is missing.
    ///
    /// # Errors
    /// `InvalidValue` for a code beyond the dictionary.
    /// # Cost
    /// O(n + k log k).
    pub fn from_codes(
        codes: impl IntoIterator<Item = i64>,
        dictionary: impl IntoIterator<Item = Box<str>>,
    ) -> Result<Self> {
        let mut counts: Vec<_> = dictionary.into_iter().map(|label| (label, 0)).collect();
        let mut missing = 0;
        for code in codes {
            let Ok(place) = usize::try_from(code) else {
                missing += 1;
                continue;
            };
            let Some((_, count)) = counts.get_mut(place) else {
                let allowed = format!("codes below {}, or negative for missing", counts.len());
                return Err(Error::invalid_value("codes", code, allowed));
            };
            *count += 1;
        }
        Ok(Self::from_counts(counts, missing))
    }

    /// The labels that occur, in ascending order, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.labels.iter().map(|(label, count)| (&**label, *count))
    }

    /// How many rows have a label.
    #[allow(clippy::len_without_is_empty)] // is_empty would be about missing rows too
    pub fn len(&self) -> u64 {
        self.len
    }

    /// How many rows have none.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Both samples over the labels of both, in ascending order.
    pub(in crate::drift) fn aligned(&self, current: &Self) -> (Vec<u64>, Vec<u64>) {
        let (mut ours, mut theirs) = (self.iter().peekable(), current.iter().peekable());
        let (mut baseline, mut counts) = (Vec::new(), Vec::new());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return (baseline, counts),
            };
            let next = |from: &mut dyn Iterator<Item = (&str, u64)>, wanted: bool| {
                let count = if wanted { from.next() } else { None };
                count.map_or(0, |(_, count)| count)
            };
            baseline.push(next(&mut ours, order.is_le()));
            counts.push(next(&mut theirs, order.is_ge()));
        }
    }
}
