//! Tables of Python's, compared.

mod error_model;
mod estimate;
pub(crate) mod input;
mod plan;
mod roles;
mod saved;

pub(crate) use input::listing::_table_columns;
pub(crate) use plan::{Interpreter, PyTablePlan, PyTableSettings, written};
