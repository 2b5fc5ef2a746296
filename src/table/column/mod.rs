//! Columns as they came, read into one of a few forms.
//!
//! | where | what |
//! |---|---|
//! | `numbers.rs` | numbers of any width, decimals, durations: `f64` |
//! | `labels.rs` | strings, bools, dictionaries: codes |
//! | `times.rs` | dates and timestamps: seconds, hours and weekdays |
//!
//! What comes out depends on the values alone and not on the container or the width
//! of the type, so that every container gives the same report.

mod labels;
mod numbers;
mod times;

pub(super) use labels::{Labels, label};
pub(super) use times::Times;

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::ColumnData;
use super::rows::{MISSING_CELL, RowHashes, label_cell, number_cell};

/// A column, row by row.
#[derive(Debug)]
pub(super) enum Column {
    /// NaN is missing.
    Numbers(Vec<f64>),
    Labels(Labels),
    Times(Times),
    /// So many rows, all of them missing.
    Missing(usize),
    /// Nothing can be said, and why.
    Unusable(String),
}

impl Column {
    pub(super) fn read(data: ColumnData) -> Self {
        let mut arrays = match data {
            ColumnData::Arrays(arrays) => arrays,
            ColumnData::Unusable(reason) => return Self::Unusable(reason),
        };
        let rows: usize = arrays.iter().map(|array| array.len()).sum();
        if arrays
            .iter()
            .all(|array| array.logical_null_count() == array.len())
        {
            // Whatever the type says: a column of nulls has none in other containers.
            return Self::Missing(rows);
        }
        // A batch without any value may have lost its type.
        let is_null = |array: &ArrayRef| array.data_type() == &DataType::Null;
        if arrays.iter().any(is_null) {
            let kept = arrays
                .iter()
                .find(|array| !is_null(array))
                .map(|array| array.data_type().clone());
            if let Some(kind) = kept {
                for array in arrays.iter_mut().filter(|array| is_null(array)) {
                    *array = arrow_array::new_null_array(&kind, array.len());
                }
            }
        }
        let Some(kind) = arrays.first().map(|array| array.data_type().clone()) else {
            return Self::Missing(0);
        };
        if let Some(other) = arrays
            .iter()
            .map(|array| array.data_type())
            .find(|other| !alike(&kind, other))
        {
            return Self::Unusable(format!("batches of types {kind} and {other}"));
        }
        match &kind {
            DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::Labels(Labels::read(&arrays, rows))
            }
            DataType::Dictionary(_, values) => match Labels::read_dictionary(&arrays, rows) {
                Some(labels) => Self::Labels(labels),
                None => Self::Unusable(format!("cells of type {values}")),
            },
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
                match Times::read(&arrays, rows) {
                    Ok(times) => Self::Times(times),
                    Err(reason) => Self::Unusable(reason),
                }
            }
            _ => match numbers::read(arrays, rows) {
                Some(values) => Self::Numbers(values),
                None => Self::Unusable(format!("cells of type {kind}")),
            },
        }
    }

    /// These rows of it.
    pub(super) fn take(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(
                rows.iter()
                    .filter_map(|&row| values.get(row).copied())
                    .collect(),
            ),
            Self::Labels(labels) => {
                let codes = rows
                    .iter()
                    .filter_map(|&row| labels.codes.get(row).copied());
                Self::Labels(labels.compact(codes.collect()))
            }
            Self::Times(times) => Self::Times(Times {
                seconds: rows
                    .iter()
                    .filter_map(|&row| times.seconds.get(row).copied())
                    .collect(),
                ..Times::default()
            }),
            Self::Missing(_) => Self::Missing(rows.len()),
            Self::Unusable(reason) => Self::Unusable(reason.clone()),
        }
    }

    /// Mixes a hash of each cell into those of the rows.
    pub(super) fn mix_into(&self, rows: &mut RowHashes, name: &str) {
        let mixed = match self {
            Self::Numbers(values) => rows.mix(name, values.iter().map(|&value| number_cell(value))),
            Self::Times(times) => rows.mix(name, times.seconds.iter().map(|&s| number_cell(s))),
            Self::Labels(labels) => {
                let cells: Vec<u64> = labels
                    .labels
                    .iter()
                    .map(|label| label_cell(label))
                    .collect();
                let cell = |code: &u32| cells.get(*code as usize).copied().unwrap_or(MISSING_CELL);
                rows.mix(name, labels.codes.iter().map(cell))
            }
            Self::Missing(n) => rows.mix(name, std::iter::repeat_n(MISSING_CELL, *n)),
            Self::Unusable(_) => Ok(()),
        };
        // A column of another length has been told of where it was read.
        debug_assert!(mixed.is_ok(), "{mixed:?}");
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Labels(labels) => labels.codes.len(),
            Self::Times(times) => times.seconds.len(),
            Self::Missing(rows) => *rows,
            Self::Unusable(_) => 0,
        }
    }
}

/// Whether chunks of these types make one column: dictionaries may differ in their keys.
fn alike(kind: &DataType, other: &DataType) -> bool {
    match (kind, other) {
        (DataType::Dictionary(_, a), DataType::Dictionary(_, b)) => a == b,
        _ => kind == other,
    }
}
