//! Streams that are small enough, as tables at hand.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3::prelude::*;

use super::Input;
use crate::bindings::gate::outside;
use crate::error::Result;
use crate::table::{Batches, ColumnData, Table};

/// How many bytes of values a stream may have to become a table at hand: 256 MiB.
pub(super) const AT_HAND: usize = 1 << 28;

/// The rows that came together.
pub(super) struct Batch {
    pub(super) columns: Vec<ColumnData>,
    pub(super) n_rows: usize,
    /// What owns the values, to be let go of in the interpreter.
    pub(super) held: Option<Py<PyAny>>,
}

/// What can be read batch by batch.
pub(super) trait Reader: Send {
    /// The names of the columns, each once.
    fn names(&self) -> &[String];

    /// The next batch, with a column for each name; `None` at the end.
    fn read(&mut self) -> Result<Option<Batch>>;
}

/// Reads to the end, or until there are more bytes than `most`.
///
/// # Errors
/// What reading raises.
pub(super) fn gather(
    py: Python<'_>,
    mut reader: Box<dyn Reader>,
    most: Option<usize>,
) -> PyResult<Input> {
    let mut table = AtHand {
        names: reader.names().to_vec(),
        columns: vec![ColumnData::Arrays(Vec::new()); reader.names().len()],
        n_rows: 0,
        held: Vec::new(),
    };
    let mut bytes = 0_usize;
    while let Some(batch) = outside(py, || reader.read())? {
        if most.is_some() {
            bytes = bytes.saturating_add(batch.columns.iter().map(size_of_column).sum());
        }
        table.n_rows += batch.n_rows;
        table.held.extend(batch.held);
        for (column, more) in table.columns.iter_mut().zip(batch.columns) {
            extend(column, more);
        }
        if most.is_some_and(|most| bytes > most) {
            return Ok(Input::Stream(Box::new(Resumed {
                types: table.columns.clone(),
                first: Some(table),
                reader,
                held: None,
            })));
        }
    }
    Ok(Input::Whole(Box::new(table)))
}

/// All rows of a stream.
struct AtHand {
    names: Vec<String>,
    columns: Vec<ColumnData>,
    n_rows: usize,
    held: Vec<Py<PyAny>>,
}

impl AtHand {
    /// One batch alone.
    fn new(names: Vec<String>, batch: Batch) -> Self {
        Self {
            names,
            columns: batch.columns,
            n_rows: batch.n_rows,
            held: batch.held.into_iter().collect(),
        }
    }
}

/// A table of one batch.
pub(super) fn at_hand(names: Vec<String>, batch: Batch) -> Input {
    Input::Whole(Box::new(AtHand::new(names, batch)))
}

impl Table for AtHand {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn column(&mut self, index: usize) -> Result<ColumnData> {
        let column = self.columns.get(index).cloned();
        Ok(column.unwrap_or_else(|| ColumnData::Arrays(Vec::new())))
    }
}

/// A stream of which the beginning has been read already.
struct Resumed {
    /// A column of each type; becomes unusable when another type comes.
    types: Vec<ColumnData>,
    first: Option<AtHand>,
    reader: Box<dyn Reader>,
    /// What owns the values that were handed out last.
    held: Option<Py<PyAny>>,
}

impl Batches for Resumed {
    fn names(&self) -> &[String] {
        self.reader.names()
    }

    fn next(&mut self) -> Result<Option<Vec<ColumnData>>> {
        if let Some(first) = self.first.take() {
            for column in &mut self.types {
                shorten(column);
            }
            return Ok(Some(first.columns));
        }
        let Some(batch) = self.reader.read()? else {
            self.held = None;
            return Ok(None);
        };
        self.held = batch.held;
        let columns = self.types.iter_mut().zip(batch.columns);
        let columns = columns.map(|(column, more)| {
            extend(column, more.clone());
            shorten(column);
            match column {
                ColumnData::Arrays(_) => more,
                unusable @ ColumnData::Unusable(_) => unusable.clone(),
            }
        });
        Ok(Some(columns.collect()))
    }
}

/// Keeps no values but an array of none, for its type.
fn shorten(column: &mut ColumnData) {
    if let ColumnData::Arrays(arrays) = column {
        let typed = arrays.iter().find(|array| has_type(array));
        *arrays = typed.map(|array| array.slice(0, 1)).into_iter().collect();
    }
}

/// Appends more of a column, which becomes unusable when that is of another kind.
fn extend(column: &mut ColumnData, more: ColumnData) {
    let reason = match (&mut *column, more) {
        (ColumnData::Unusable(_), _) => return,
        (_, ColumnData::Unusable(reason)) => reason,
        (ColumnData::Arrays(arrays), ColumnData::Arrays(more)) => {
            let before = arrays.iter().find(|array| has_type(array));
            let after = more.iter().find(|array| has_type(array));
            let (before, after) = match (before, after) {
                (Some(before), Some(after)) => (before.data_type(), after.data_type()),
                _ => return arrays.extend(more),
            };
            if before == after || kind(before) == kind(after) {
                return arrays.extend(more);
            }
            let mut types = [kind(before), kind(after)];
            types.sort();
            format!("mixed types: {} and {}", types[0], types[1])
        }
    };
    *column = ColumnData::Unusable(reason);
}

/// Whether the array says of what type the column is.
fn has_type(array: &ArrayRef) -> bool {
    !array.is_empty() && *array.data_type() != DataType::Null
}

/// Columns of one kind can follow one another.
fn kind(data_type: &DataType) -> String {
    match data_type {
        data_type if data_type.is_numeric() => "number".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "str".to_owned(),
        DataType::Dictionary(_, values) => match kind(values) {
            text if text == "str" => text,
            other => format!("category of {other}"),
        },
        DataType::Timestamp(_, None) => "datetime".to_owned(),
        DataType::Timestamp(_, Some(_)) => "datetime with a time zone".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Duration(_) => "timedelta".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        other => other.to_string(),
    }
}

fn size_of_column(column: &ColumnData) -> usize {
    let ColumnData::Arrays(arrays) = column else {
        return 0;
    };
    let size = |array: &ArrayRef| {
        // Of a part of an array, only that part counts.
        let size = array.to_data().get_slice_memory_size();
        let size = size.unwrap_or_else(|_| array.get_array_memory_size());
        match array.as_string_view_opt() {
            Some(views) => size.saturating_add(views.total_buffer_bytes_used()),
            None => size,
        }
    };
    arrays.iter().map(size).sum()
}
