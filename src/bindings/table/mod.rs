//! Tables of Python's, compared.

mod input;
mod plan;

pub(crate) use input::listing::_table_columns;
pub(crate) use plan::{PyTablePlan, PyTableSettings};
