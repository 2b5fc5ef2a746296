//! Summaries of streams that fit into bounded memory and merge.
//!
//! | summary | answers | promise |
//! |---|---|---|
//! | [`DdSketch`] | quantiles of values from 0 | a relative error, for every quantile |
//! | [`RankSummary`] | values in order, with counts | exact up to a million different values, then a known error of rank |
//! | [`CategoryCounts`] | labels with counts | exact up to 65,536 labels, then a sample of the labels and buckets |
//!
//! A sketch knows nothing of drift, events or models. What two of them saw,
//! merged, is what one would have seen.

mod category_counts;
mod compactors;
mod counted;
mod ddsketch;
mod distinct;
mod hash;
mod mapping;
mod rank_summary;
mod saved_counts;

pub use category_counts::{CategoryCounts, CommonCounts};
pub use ddsketch::DdSketch;
pub use rank_summary::RankSummary;
pub(crate) use saved_counts::SavedCounts;
