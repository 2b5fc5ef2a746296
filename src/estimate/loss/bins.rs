//! Numbers in bins of about as many rows.

use crate::math;

/// The code of a missing value.
pub(super) const MISSING: u8 = u8::MAX;
/// Codes for values: 0 to 63.
pub(super) const BINS: usize = 64;
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
        let at = |bin: usize| sorted.get(bin * sorted.len() / BINS).copied();
        let mut ends: Vec<f64> = (1..BINS).filter_map(at).collect();
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
