//! Tables: columns of two sides, compared one by one and judged together.
//!
//! | where | what |
//! |---|---|
//! | `source.rs` | where columns come from: [`Table`], [`Batches`] |
//! | [`verdict`] | from what is known of each column to what is said of it |

mod source;
pub mod verdict;

pub use source::{Batches, ColumnData, Table};
