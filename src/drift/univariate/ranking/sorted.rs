//! A sample that many comparisons share.

use std::sync::OnceLock;

use super::ties::tie_correction;
use crate::math::{self, SampleMoments};

/// A sample in ascending order, and what is known of it beforehand.
///
/// # Shapes
/// (n,), n >= 1, without NaN.
/// # Example
/// ```
/// use driftline::drift::{Needs, Ranking, Sorted};
/// let baseline = Sorted::new(vec![1.0, 2.0, 2.0]);
/// let ranking = Ranking::against(&baseline, &[2.0, 3.0], Needs::RANK_SUM);
/// assert_eq!(ranking.ties, 24.0); // three values are 2
/// ```
#[derive(Debug)]
pub struct Sorted {
    values: Box<[f64]>,
    ties: u128,
    moments: OnceLock<SampleMoments>,
}

impl Sorted {
    /// Keeps values that are in ascending order and not NaN.
    ///
    /// # Cost
    /// O(n), to count ties.
    pub fn new(values: impl Into<Box<[f64]>>) -> Self {
        let values = values.into();
        Self {
            ties: tie_correction(&values),
            values,
            moments: OnceLock::new(),
        }
    }

    /// The values, ascending.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The sum of t^3 - t over groups of t equal values.
    pub(super) fn ties(&self) -> u128 {
        self.ties
    }

    /// Mean and variance, for finite values; computed once.
    pub fn moments(&self) -> SampleMoments {
        *self.moments.get_or_init(|| math::moments(&self.values))
    }
}
