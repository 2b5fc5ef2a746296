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

impl ColumnData {
    /// How many rows; unknown where nothing can be said.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Arrays(arrays) => Some(arrays.iter().map(|array| array.len()).sum()),
            Self::Unusable(_) => None,
        }
    }
}

/// A table at hand. Only the thread that compares asks it, and never
/// [aside](super::Host::aside).
pub trait Table {
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
pub trait Batches {
    /// The names of the columns, each once.
    fn names(&self) -> &[String];

    /// The next batch, a column for each name; `None` at the end.
    ///
    /// # Errors
    /// What reading it raised.
    fn next(&mut self) -> Result<Option<Vec<ColumnData>>>;
}

/// Where the comparison runs: what the calling thread owes others.
pub trait Host {
    /// Runs `work` on the calling thread where it keeps nobody from going on: outside of
    /// the interpreter, for instance.
    fn aside(&self, work: &mut (dyn FnMut() + Send));

    /// Told now and then how many of how many steps are done.
    ///
    /// # Errors
    /// `Interrupted` to stop.
    fn progress(&self, done: usize, total: usize) -> Result<()>;
}

/// A calling thread that owes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

impl Host for Alone {
    fn aside(&self, work: &mut (dyn FnMut() + Send)) {
        work();
    }

    fn progress(&self, _done: usize, _total: usize) -> Result<()> {
        Ok(())
    }
}
