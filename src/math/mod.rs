//! Distributions, special functions and sums at the accuracy the tests promise.
