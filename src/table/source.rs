//! Where the columns of a table come from.

use arrow_array::ArrayRef;

use crate::error::Result;

/// What one column is, in whole or of one batch.
#[derive(Debug, Clone)]
pub enum ColumnData {
    /// Its values, in one array or several that follow one another.
    Arrays(Vec<ArrayRef>),
    /// Values that nothing can be said of, and why: `"cells of type list"`.
    Unusable(String),
}

/// A table at hand. Only the thread that compares asks it; a source that belongs to an
/// interpreter enters it for each call.
pub trait Table: Send {
    /// The names of the columns, each once.
    fn names(&self) -> &[String];

    /// How many rows each column has.
    fn n_rows(&self) -> usize;

    /// One column; may be asked for in any order, and more than once.
    ///
    /// # Errors
    /// What reading it raised.
    fn column(&mut self, index: usize) -> Result<ColumnData>;
}

/// A table that comes in batches, and may be larger than memory.
pub trait Batches: Send {
    /// The names of the columns, each once.
    fn names(&self) -> &[String];

    /// The next batch, a column for each name; `None` at the end.
    ///
    /// # Errors
    /// What reading it raised.
    fn next(&mut self) -> Result<Option<Vec<ColumnData>>>;
}
