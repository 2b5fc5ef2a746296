//! Tables of Python's, compared.

pub(crate) mod input;
mod plan;
mod saved;

pub(crate) use input::listing::_table_columns;
pub(crate) use plan::{Interpreter, PyTablePlan, PyTableSettings, written};
