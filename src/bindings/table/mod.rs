//! Tables of Python's, compared.

mod input;

pub(crate) use input::listing::_table_columns;
