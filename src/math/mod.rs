//! Distributions, special functions and sums at the accuracy the tests promise.

pub mod autocorrelation;
pub mod block_bootstrap;
