//! A distribution that is being gathered.

use std::sync::Arc;

use crate::export;

/// Buckets per power of two are `2^SCHEMA`, so that neighbouring bounds differ by
/// 9 %.
const SCHEMA: i32 = 3;

/// Bounds within a power of two: `2^(i / 8 - 1)`.
/// Source: `nativeHistogramBounds` of Prometheus' client for Go, schema 3.
const WITHIN: [f64; 8] = [
    0.5,
    0.545_253_866_332_628_8,
    0.594_603_557_501_360_5,
    0.648_419_777_325_504_8,
    std::f64::consts::FRAC_1_SQRT_2,
    0.771_105_412_703_970_4,
    0.840_896_415_253_714_4,
    0.917_004_043_204_671_1,
];

/// Native buckets reach from `2^LOWEST` (about a nanosecond, where values are
/// seconds) to `2^HIGHEST` (twelve days); below is zero, above is the last bucket.
const LOWEST: i32 = -30;
const HIGHEST: i32 = 20;
const NATIVE_BUCKETS: usize = ((HIGHEST - LOWEST) * 8) as usize;

/// Upper bounds from which a search beats looking at each.
const SEARCH_FROM: usize = 16;

#[derive(Debug, Clone)]
pub(super) struct Histogram {
    bounds: Arc<[f64]>,
    /// One more than there are bounds.
    counts: Vec<u64>,
    sum: f64,
    native: Option<Box<Native>>,
}

#[derive(Debug, Clone)]
struct Native {
    zero_count: u64,
    counts: [u64; NATIVE_BUCKETS],
}

impl Histogram {
    pub(super) fn new(bounds: &Arc<[f64]>, native: bool) -> Self {
        Self {
            bounds: Arc::clone(bounds),
            counts: vec![0; bounds.len() + 1],
            sum: 0.0,
            native: native.then(|| {
                Box::new(Native {
                    zero_count: 0,
                    counts: [0; NATIVE_BUCKETS],
                })
            }),
        }
    }

    /// Takes a value; false when it is refused: negative, no number, infinite, or
    /// so large that the sum would no longer be finite.
    pub(super) fn observe(&mut self, value: f64) -> bool {
        let sum = self.sum + value;
        if value.is_nan() || value < 0.0 || !sum.is_finite() {
            return false;
        }
        let bucket = if self.bounds.len() < SEARCH_FROM {
            self.bounds.iter().filter(|&&bound| bound < value).count()
        } else {
            self.bounds.partition_point(|&bound| bound < value)
        };
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum = sum;
        if let Some(native) = &mut self.native {
            native.observe(value);
        }
        true
    }

    pub(super) fn exported(&self) -> export::Histogram {
        export::Histogram {
            bounds: Arc::clone(&self.bounds),
            counts: self.counts.clone(),
            sum: self.sum,
            native: self.native.as_ref().map(|native| native.exported()),
        }
    }
}

impl Native {
    fn observe(&mut self, value: f64) {
        match place(value).map(|place| self.counts.get_mut(place)) {
            Some(Some(count)) => *count += 1,
            Some(None) => self.counts[NATIVE_BUCKETS - 1] += 1,
            None => self.zero_count += 1,
        }
    }

    fn exported(&self) -> export::Native {
        let counts = self.counts.iter().enumerate();
        let filled = counts.filter(|&(_, &count)| count > 0);
        // Bucket i ends at 2^(i / 8), and the first one here begins at 2^LOWEST.
        let number = |place: usize| place as i32 + LOWEST * WITHIN.len() as i32 + 1;
        export::Native {
            schema: SCHEMA,
            zero_threshold: f64::powi(2.0, LOWEST),
            zero_count: self.zero_count,
            buckets: filled
                .map(|(place, &count)| (number(place), count))
                .collect(),
        }
    }
}

/// The native bucket of a finite value, counted from `2^LOWEST`; `None` at or
/// below that.
fn place(value: f64) -> Option<usize> {
    const MANTISSA: u64 = (1 << 52) - 1;
    const HALF: u64 = 1022 << 52;
    let bits = value.to_bits();
    // value = fraction * 2^exponent with a fraction from 0.5 to below 1.
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022;
    let fraction = f64::from_bits((bits & MANTISSA) | HALF);
    let within = WITHIN.iter().filter(|&&bound| bound < fraction).count() as i32;
    let number = within + (exponent - 1) * WITHIN.len() as i32;
    usize::try_from(number - LOWEST * WITHIN.len() as i32 - 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_bounds_are_powers_and_included() {
        let mut values: Vec<f64> = (-240..160)
            .map(|i| f64::powf(2.0, f64::from(i) / 8.0))
            .collect();
        values.extend((0..2000).map(|i| 1.07_f64.powi(i - 300) * 1.003));
        for value in values {
            let Some(place) = place(value) else {
                assert!(value <= f64::powi(2.0, LOWEST), "{value}");
                continue;
            };
            let upper = f64::powf(2.0, (place as f64 + 1.0) / 8.0 + f64::from(LOWEST));
            let lower = f64::powf(2.0, place as f64 / 8.0 + f64::from(LOWEST));
            let rounding = 1.0 + 4.0 * f64::EPSILON;
            assert!(value <= upper * rounding, "{value} above {upper}");
            assert!(value * rounding > lower, "{value} not above {lower}");
        }
        assert_eq!(place(1.0), Some(239)); // bucket 0 ends at 1
        assert_eq!(place(1.0 + f64::EPSILON), Some(240));
        assert_eq!(place(0.0), None);
    }

    #[test]
    fn what_would_poison_is_refused() {
        let mut histogram = Histogram::new(&[1.0].into(), true);
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
            assert!(!histogram.observe(value));
        }
        assert!(histogram.observe(1e308));
        assert!(!histogram.observe(1e308));
        let exported = histogram.exported();
        assert_eq!((exported.count(), exported.sum), (1, 1e308));
        assert_eq!(exported.native.map(|native| native.buckets.len()), Some(1));
    }
}
