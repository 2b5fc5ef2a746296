//! A column of a table as codes.

use std::sync::Arc;

use arrow_schema::DataType;

use super::{CellKind, ColumnBins, MISSING};
use crate::error::{Error, Result};
use crate::table::ColumnData;
use crate::table::column::{Column, label};

/// A column as codes, and its cells.
#[derive(Debug)]
pub struct Encoded {
    /// One for each row.
    pub codes: Vec<u8>,
    /// The cells themselves.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Debug)]
pub enum Cells {
    /// NaN is missing.
    Numbers(Vec<f64>),
    /// Places in `labels`; those beyond are missing.
    Labels {
        /// One for each row.
        codes: Vec<u32>,
        /// Each once.
        labels: Vec<Box<str>>,
    },
    /// Seconds since 1970; NaN is missing.
    Times {
        /// One for each row.
        seconds: Vec<f64>,
        /// The zone of the clock on the wall.
        zone: Option<Arc<str>>,
    },
    /// So many missing ones.
    Missing(usize),
}

impl ColumnBins {
    /// The codes of a column of a table, and its cells.
    ///
    /// # Cost
    /// O(rows); hashing for labels.
    /// # Errors
    /// `InvalidValue` for cells of another kind than the baseline's.
    pub fn encode(&self, argument: &'static str, data: ColumnData) -> Result<Encoded> {
        let zone = zone(&data);
        let column = Column::read(data);
        let missing = |rows: usize| Encoded {
            codes: vec![MISSING; rows],
            cells: Cells::Missing(rows),
        };
        if !self.is_usable() {
            return Ok(missing(column.len()));
        }
        let kind = self.kind();
        match (column, kind) {
            (Column::Missing(rows), _) => Ok(missing(rows)),
            (Column::Numbers(values), CellKind::Number | CellKind::Any) => Ok(Encoded {
                codes: values.iter().map(|&value| self.number(value)).collect(),
                cells: Cells::Numbers(values),
            }),
            (Column::Labels(labels), CellKind::Label | CellKind::Any) => {
                let own: Vec<u8> = labels
                    .labels
                    .iter()
                    .map(|label| self.label(label))
                    .collect();
                let code = |code: &u32| own.get(*code as usize).copied().unwrap_or(MISSING);
                Ok(Encoded {
                    codes: labels.codes.iter().map(code).collect(),
                    cells: Cells::Labels {
                        codes: labels.codes,
                        labels: labels.labels,
                    },
                })
            }
            (Column::Times(times), CellKind::Time | CellKind::Any) => Ok(Encoded {
                codes: times
                    .seconds
                    .iter()
                    .map(|&seconds| self.number(seconds))
                    .collect(),
                cells: Cells::Times {
                    seconds: times.seconds,
                    zone,
                },
            }),
            (column, _) => {
                let got = match &column {
                    Column::Numbers(values) => {
                        let first = values.iter().find(|value| !value.is_nan());
                        format!(
                            "numbers such as {}",
                            label(first.copied().unwrap_or(f64::NAN))
                        )
                    }
                    Column::Labels(labels) => {
                        let first = labels.labels.first();
                        format!("labels such as \"{}\"", first.map_or("", |label| &**label))
                    }
                    Column::Times(_) => "times".to_owned(),
                    Column::Unusable(reason) => reason.clone(),
                    Column::Missing(_) => "missing values".to_owned(),
                };
                Err(Error::invalid_value(
                    argument,
                    format!("column \"{}\" with {got}", self.name()),
                    format!("{}, as in the baseline", kind.name()),
                ))
            }
        }
    }
}

/// The time zone of a column of timestamps.
fn zone(data: &ColumnData) -> Option<Arc<str>> {
    let ColumnData::Arrays(arrays) = data else {
        return None;
    };
    arrays.iter().find_map(|array| match array.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    })
}
