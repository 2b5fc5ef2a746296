//! Tables: columns of two sides, compared one by one and judged together.
//!
//! [`Plan::fit`] prepares a baseline, [`Plan::compare`] answers with a [`Report`].
//!
//! | where | what |
//! |---|---|
//! | `source.rs` | where columns come from: [`Table`], [`Batches`] |
//! | `column/` | columns read row by row: numbers, labels, times |
//! | `profile/` | all that is kept of one side of a column |
//! | [`bins`] | cells on the bins of a baseline: what a monitor counts |
//! | `plan.rs`, `side.rs` | a baseline, prepared once; how a side is read |
//! | `comparing.rs`, `counted.rs` | tables compared: with a plan, or both at once; by counts |
//! | `compare/` | both sides of a column: what is found |
//! | [`verdict`] | what is found, judged: drifted, stable or inconclusive |
//! | [`joint`] | all columns at once |
//! | [`performance`], `paired.rs` | predictions beside the truth |
//! | `estimating/` | predictions whose truth is not known yet |
//! | `groups.rs`, `periods.rs` | rows by segment and by period |
//! | `stream.rs` | tables in batches: one pass, bounded memory |
//! | `rows.rs`, `sampling.rs` | duplicate rows, and a sample of them |
//! | `saved/` | plans as bytes and as files |
//! | `judge/` | from what is found to a report |
//! | `report.rs` | what is answered: plain data |

pub mod bins;
mod column;
mod column_tests;
mod compare;
mod comparing;
mod counted;
mod crew;
mod estimating;
mod groups;
pub mod joint;
mod judge;
mod paired;
pub mod performance;
mod periods;
mod plan;
mod profile;
pub mod report;
mod rows;
mod sampling;
mod saved;
mod side;
mod source;
mod stream;
pub mod verdict;

pub use column_tests::Tests;
pub use comparing::compare_tables;
pub use estimating::{ErrorModel, Probability};
pub use periods::{Every, Periods};
pub use plan::{Plan, Settings};
pub use profile::Kind;
pub use report::Report;
pub use rows::{Duplicates, MISSING_CELL, RowCounts, RowHashes, label_cell, number_cell};
pub use source::{Alone, Batches, ColumnData, Host, Table};
