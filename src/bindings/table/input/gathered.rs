//! Streams that are small enough, as tables at hand.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use pyo3::prelude::*;

use super::Input;
use super::unified::unified;
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
pub(super) trait Reader {
    /// The names of the columns, each once.
    fn names(&self) -> &[String];

    /// The next batch, with a column for each name; `None` at the end.
    fn read(&mut self) -> Result<Option<Batch>>;
}

/// Reads to the end, or until there are more bytes than `most`.
///
/// # Errors
/// What reading raises, and signals.
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
    while let Some(batch) = reader.read()? {
        py.check_signals()?;
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
                first: Some(table.unified()),
                reader,
                held: Vec::new(),
            })));
        }
    }
    Ok(Input::Whole(Box::new(table.unified())))
}

/// All rows of a stream.
struct AtHand {
    names: Vec<String>,
    columns: Vec<ColumnData>,
    n_rows: usize,
    held: Vec<Py<PyAny>>,
}

impl AtHand {
    /// With each column in one type.
    fn unified(mut self) -> Self {
        for column in &mut self.columns {
            if let ColumnData::Arrays(arrays) = column {
                match unified(std::mem::take(arrays)) {
                    Ok(unified) => *arrays = unified,
                    Err(reason) => *column = ColumnData::Unusable(reason),
                }
            }
        }
        self
    }

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
    first: Option<AtHand>,
    reader: Box<dyn Reader>,
    /// What owns the values that were handed out last.
    held: Vec<Py<PyAny>>,
}

impl Batches for Resumed {
    fn names(&self) -> &[String] {
        self.reader.names()
    }

    fn next(&mut self) -> Result<Option<Vec<ColumnData>>> {
        self.held.clear();
        if let Some(first) = self.first.take() {
            self.held = first.held;
            return Ok(Some(first.columns));
        }
        let batch = self.reader.read()?;
        Ok(batch.map(|batch| {
            self.held.extend(batch.held);
            batch.columns
        }))
    }
}

/// Appends more of a column.
fn extend(column: &mut ColumnData, more: ColumnData) {
    match (&mut *column, more) {
        (ColumnData::Unusable(_), _) => {}
        (ColumnData::Arrays(arrays), ColumnData::Arrays(more)) => arrays.extend(more),
        (_, unusable) => *column = unusable,
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
