//! Summaries of streams that fit into bounded memory and merge.
//!
//! | summary | answers | promise |
//! |---|---|---|
//! | [`DdSketch`] | quantiles of values from 0 | a relative error, for every quantile |
//!
//! A sketch knows nothing of drift, events or models. What two of them saw,
//! merged, is what one would have seen.

mod ddsketch;
mod mapping;

pub use ddsketch::DdSketch;
