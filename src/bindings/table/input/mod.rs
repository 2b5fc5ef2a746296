//! Any table of Python's as columns of Arrow arrays.
//!
//! | where | what |
//! |---|---|
//! | `accepted.rs` | which container an object is, by what it can do; the errors |
//! | `names.rs` | what the columns are called, each once |
//! | `columns.rs` | tables whose columns are Python objects, converted one at a time |
//! | `strided.rs` | neighbouring columns, copied together |
//! | `pandas.rs` | frames and series of pandas |
//! | `arrow.rs` | Arrow arrays, tables and streams, by the PyCapsule interface |
//! | `capsule.rs` | what another library says about memory |
//! | `iterated.rs` | an iterator of tables as batches |
//! | `gathered.rs` | a stream that is small enough, as a table at hand |
//! | `array.rs`, `text.rs`, `times.rs` | one-dimensional NumPy arrays |
//! | `objects.rs`, `cell.rs` | Python objects, one for each row |
//! | `unified.rs` | batches of several types, in one |
//! | `listing.rs` | what was read, for the tests |
//!
//! Nothing is imported to recognise a container: it is known by its methods. Columns of
//! polars, pyarrow and DuckDB are not copied; a NumPy column is copied once, when it is
//! asked for. A cell is missing when it is None, NaN, NaT, NA, masked, or null.

mod accepted;
mod array;
mod arrow;
mod capsule;
pub(crate) mod cell;
mod columns;
mod gathered;
mod iterated;
pub(super) mod listing;
mod names;
mod objects;
mod pandas;
mod strided;
mod text;
pub(crate) mod times;
mod unified;

use pyo3::prelude::*;

use crate::bindings::gate::below;
use crate::error::{Error, Foreign};
use crate::table::{Batches, Table};

/// A table, at hand or in batches.
pub(crate) enum Input {
    /// Columns can be asked for in any order.
    Whole(Box<dyn Table>),
    /// One batch after the other.
    Stream(Box<dyn Batches>),
}

/// The columns of any container of a table. `names` are those of the columns of a
/// two-dimensional array or tensor, by default `column_0` and so on; other containers
/// have names.
///
/// A stream (an iterator of tables, a reader of record batches, a DuckDB relation, a
/// file) is a table at hand when it ends within [`gathered::AT_HAND`] bytes.
///
/// # Errors
/// `InvalidTypeError` for what is no table, and `InvalidValueError` for a table without
/// columns, with two of one name or of different lengths; both name `argument`. What the
/// object's own methods raise is chained as the cause, and passes unchanged when it is
/// not an `Exception` (`KeyboardInterrupt`, ...). A column that cannot be used is no error.
pub(crate) fn read(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    below(obj.py(), || accepted::read(argument, obj, names))
}

/// Work in the interpreter, in which the thread is already that asks for a column or a
/// batch. The code of others below may leave it.
fn inside<R>(work: impl FnOnce(Python<'_>) -> R) -> R {
    Python::attach(|py| below(py, || work(py)))
}

/// What Python raised, for the core to hand back.
fn foreign(error: PyErr) -> Error {
    Error::Foreign(Foreign::new(error))
}
