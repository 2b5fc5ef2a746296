//! Performance without labels: what is to be expected of predictions before the truth is
//! known.
//!
//! | where | what |
//! |---|---|
//! | `isotonic.rs` | isotonic regression |
//! | `classifier/` | classifiers, by their scores (CBPE) |
//! | `chunks.rs` | rows in chunks, on several threads |
//! | `report.rs` | what is answered: plain data |

mod chunks;
mod classifier;
mod isotonic;
pub mod report;

pub use chunks::Chunks;
pub use classifier::{ClassifierEstimator, ClassifierMetric, ScoredRows, UNKNOWN};
pub use isotonic::{Block, Isotonic};
pub use report::PerformanceReport;
