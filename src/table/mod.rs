//! Tables: columns of two sides, compared one by one and judged together.
//!
//! | where | what |
//! |---|---|
//! | `source.rs` | where columns come from: [`Table`], [`Batches`] |

mod source;

pub use source::{Batches, ColumnData, Table};
