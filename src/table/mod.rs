//! Tables: columns of two sides, compared one by one and judged together.
//!
//! | where | what |
//! |---|---|
//! | `source.rs` | where columns come from: [`Table`], [`Batches`] |
//! | [`joint`] | the multivariate verdict |
//! | [`performance`] | metrics of targets and predictions |
//! | `rows.rs` | hashes of rows: duplicates |

pub mod joint;
pub mod performance;
mod rows;
mod source;

pub use rows::{Duplicates, MISSING_CELL, RowCounts, RowHashes, label_cell, number_cell};
pub use source::{Batches, ColumnData, Table};
