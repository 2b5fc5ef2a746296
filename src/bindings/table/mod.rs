//! Tables of Python's, compared.

mod error_model;
mod estimate;
mod input;
mod plan;
mod roles;

pub(crate) use input::listing::_table_columns;
pub(crate) use plan::{PyTablePlan, PyTableSettings};
