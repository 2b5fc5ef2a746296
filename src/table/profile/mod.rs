//! One side of one column: all that a comparison reads of it.
//!
//! Values are kept in ascending order, labels by how often they occur: rows cannot be
//! rebuilt from the profiles of a table.

mod labels;
mod numbers;
mod saved;
mod thinned;

pub(crate) use labels::LabelCounts;
pub(crate) use numbers::Numbers;
pub(super) use saved::{Checked, Room, SavedProfile};

use super::column::{Column, Times, label};

/// Whole numbers are categories up to so many different ones.
const MOST_CODES: u64 = 20;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers that have an order.
    Numeric,
    /// Labels, bools, and whole numbers of which there are at most 20 different ones, each
    /// twice on average.
    Categorical,
    /// Dates and timestamps.
    Datetime,
    /// Nothing but missing values.
    Missing,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Datetime => "datetime",
            Self::Missing => "missing",
        }
    }
}

/// The values of one side of a column.
#[derive(Debug)]
pub(super) struct Profile {
    /// Missing ones included.
    pub(super) rows: u64,
    pub(super) missing: u64,
    pub(super) values: Values,
}

#[derive(Debug)]
pub(super) enum Values {
    Numbers(Numbers),
    Labels(LabelCounts),
    Times(TimeCounts),
    Nothing,
    Unusable(String),
}

/// Few different ones, each of which occurs twice on average.
fn is_codes(numbers: &Numbers) -> bool {
    numbers.distinct() <= MOST_CODES.min(numbers.len() / 2)
}

/// Times as numbers and by the hours and weekdays of their clock.
#[derive(Debug)]
pub(super) struct TimeCounts {
    pub(super) seconds: Numbers,
    pub(super) hours: Vec<u64>,
    pub(super) weekdays: Vec<u64>,
}

impl Profile {
    /// Of a whole column, which is used up.
    pub(super) fn of(column: Column) -> Self {
        let rows = column.len() as u64;
        let values = match column {
            Column::Numbers(values) => Numbers::of(values).map_or(Values::Nothing, Values::Numbers),
            Column::Labels(labels) => {
                let mut counts = LabelCounts::default();
                counts.extend(&labels);
                if counts.len() == 0 {
                    Values::Nothing
                } else {
                    Values::Labels(counts)
                }
            }
            Column::Times(times) => TimeCounts::of(times).map_or(Values::Nothing, Values::Times),
            Column::Missing(_) => Values::Nothing,
            Column::Unusable(reason) => Values::Unusable(reason),
        };
        Self::new(rows, values)
    }

    /// With at most so many numbers; see [`Numbers::at_most`].
    pub(super) fn at_most(mut self, most: u64) -> Self {
        self.values = match self.values {
            Values::Numbers(numbers) => Values::Numbers(numbers.at_most(most)),
            Values::Times(times) => Values::Times(TimeCounts {
                seconds: times.seconds.at_most(most),
                ..times
            }),
            other => other,
        };
        self
    }

    pub(super) fn new(rows: u64, values: Values) -> Self {
        let there = match &values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Labels(labels) => labels.len(),
            Values::Times(times) => times.seconds.len(),
            Values::Nothing | Values::Unusable(_) => 0,
        };
        Self {
            rows,
            missing: rows.saturating_sub(there),
            values,
        }
    }

    /// What a baseline with these values is.
    pub(super) fn kind(&self) -> Kind {
        match &self.values {
            Values::Numbers(numbers) if numbers.is_whole() && is_codes(numbers) => {
                Kind::Categorical
            }
            Values::Numbers(_) => Kind::Numeric,
            Values::Labels(_) => Kind::Categorical,
            Values::Times(_) => Kind::Datetime,
            Values::Nothing | Values::Unusable(_) => Kind::Missing,
        }
    }

    /// The values as labels, if they can be.
    pub(super) fn as_labels(&self) -> Option<std::borrow::Cow<'_, LabelCounts>> {
        match &self.values {
            Values::Labels(labels) => Some(std::borrow::Cow::Borrowed(labels)),
            Values::Numbers(numbers) => {
                let counts = numbers.runs().map(|(value, count)| (label(value), count));
                Some(std::borrow::Cow::Owned(LabelCounts::from_counts(counts)))
            }
            Values::Times(_) | Values::Nothing | Values::Unusable(_) => None,
        }
    }
}

impl TimeCounts {
    /// `None` when every one is missing.
    fn of(times: Times) -> Option<Self> {
        let mut hours = vec![0; 24];
        let mut weekdays = vec![0; 7];
        count(&times.hours, &mut hours);
        count(&times.weekdays, &mut weekdays);
        Some(Self {
            seconds: Numbers::of(times.seconds)?,
            hours,
            weekdays,
        })
    }
}

/// Codes beyond the counts are missing.
pub(super) fn count(codes: &[u8], counts: &mut [u64]) {
    for &code in codes {
        if let Some(count) = counts.get_mut(usize::from(code)) {
            *count += 1;
        }
    }
}
