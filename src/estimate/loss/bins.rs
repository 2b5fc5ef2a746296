//! Numbers in bins of about as many rows.

use crate::math;

/// The code of a missing value.
pub(super) const MISSING: u8 = u8::MAX;
/// Codes for values: 0 to 254.
pub(super) const BINS: usize = 255;
/// A leaf has at least so many rows.
pub(super) const LEAST_ROWS: usize = 20;
/// So many values tell the bins.
const MOST_VALUES: usize = 100_000;

/// A feature's rows in bins, ascending.
#[derive(Debug)]
pub(super) struct Binned {
    pub(super) codes: Vec<u8>,
    /// The greatest value of each bin but the last.
    pub(super) ends: Vec<f64>,
}

impl Binned {
    pub(super) fn new(values: &[f64]) -> Self {
        let step = values.len().div_ceil(MOST_VALUES).max(1);
        let known = values.iter().step_by(step).filter(|value| !value.is_nan());
        let mut sorted: Vec<f64> = known.map(|value| value + 0.0).collect();
        math::sort_values(&mut sorted);
        // No leaf is smaller: finer bins would part nothing more.
        let bins = (values.len() / LEAST_ROWS).clamp(2, BINS);
        let at = |bin: usize| sorted.get(bin * sorted.len() / bins).copied();
        let mut ends: Vec<f64> = (1..bins).filter_map(at).collect();
        ends.dedup();
        if ends.last() == sorted.last() {
            ends.pop();
        }
        let code = |value: &f64| {
            if value.is_nan() {
                return MISSING;
            }
            ends.partition_point(|end| end < value) as u8
        };
        Self {
            codes: values.iter().map(code).collect(),
            ends,
        }
    }
}
