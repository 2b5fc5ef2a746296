//! Tables of Python's, compared.

mod input;
mod plan;
mod saved;

pub(crate) use input::listing::_table_columns;
pub(crate) use plan::{PyTablePlan, PyTableSettings};
