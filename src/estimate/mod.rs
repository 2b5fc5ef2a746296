//! Performance without labels: what is to be expected of predictions before the truth is
//! known.
//!
//! | where | what |
//! |---|---|
//! | `isotonic.rs` | isotonic regression |
//! | `classifier/` | classifiers, by their scores (CBPE) |
//! | `loss/` | regressors, by a model of their losses (DLE) |
//! | `folds.rs` | parts of a baseline that are left out in turn |
//! | `chunks.rs` | rows in chunks, on several threads |
//! | `report.rs` | what is answered: plain data |

mod chunks;
mod classifier;
mod folds;
mod isotonic;
mod loss;
pub mod report;

pub use chunks::Chunks;
pub use classifier::{ClassifierEstimator, ClassifierMetric, ScoredRows, UNKNOWN, expected};
pub use isotonic::{Block, Isotonic};
pub use loss::{
    Feature, FittedLossModel, LossEstimator, LossModel, LossOptions, PredictedRows,
    RegressionMetric,
};
pub use report::PerformanceReport;
