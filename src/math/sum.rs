//! Compensated sums.

const LANES: usize = 8;

/// The sum of `values`, compensated: error of about one rounding of the result
/// plus n * 1e-32 * sum(|x|), whatever the order. The sum of nothing is 0.
///
/// # Shapes
/// Any length. NaN and infinities propagate as in a plain sum, except that an
/// overflow on the way gives NaN.
/// # Cost
/// O(n), eight independent lanes.
/// # Source
/// Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
/// Summen, 1974, with the branch-free TwoSum of Knuth, TAOCP 2, 4.2.2.
/// # Example
/// ```
/// assert_eq!(driftline::math::sum(&[1e16, 1.0, -1e16]), 1.0);
/// ```
pub fn sum(values: &[f64]) -> f64 {
    sum_by(values, |x| x)
}

fn sum_by(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut high = [0.0; LANES];
    let mut low = [0.0; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for ((high, low), &x) in high.iter_mut().zip(&mut low).zip(block) {
            let (total, error) = two_sum(*high, f(x));
            *high = total;
            *low += error;
        }
    }
    let (mut total, mut error) = (0.0, low.iter().sum::<f64>());
    for x in high.into_iter().chain(rest.iter().map(|&x| f(x))) {
        let (next, lost) = two_sum(total, x);
        total = next;
        error += lost;
    }
    total + error
}

#[inline]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    let b_part = total - a;
    (total, (a - (total - b_part)) + (b - b_part))
}

/// The arithmetic mean of finite values: exact for constants, never outside
/// their range, no overflow. NaN for an empty slice, and where a value is NaN.
///
/// # Cost
/// O(n).
/// # Source
/// See [`sum`].
/// # Example
/// ```
/// assert_eq!(driftline::math::mean(&[0.1; 10]), 0.1);
/// ```
pub fn mean(values: &[f64]) -> f64 {
    // 2^-64: room for any number of the largest values.
    const DOWN: f64 = 1.0 / 18_446_744_073_709_551_616.0;
    let (low, high) = range(values);
    if low == high {
        return low;
    }
    let n = values.len() as f64;
    let total = sum(values);
    let mean = if total.is_finite() {
        total / n
    } else {
        sum_by(values, |x| x * DOWN) / n / DOWN
    };
    if values.is_empty() || mean.is_nan() {
        f64::NAN
    } else {
        // Not `clamp`, which panics where NaN has left no range.
        mean.max(low).min(high)
    }
}

/// Mean and spread of a sample, as [`moments`] computes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleMoments {
    /// The [`mean`].
    pub mean: f64,
    /// What rounding the mean to one number lost: the difference of two means
    /// far from 0 is accurate only with their rests.
    pub rest: f64,
    /// Sample variance (denominator n - 1; 0 for one value); infinite when the
    /// squares overflow.
    pub variance: f64,
}

/// The moments of finite values, at least one.
///
/// # Cost
/// O(n), four passes.
/// # Source
/// Chan, Golub, LeVeque, Algorithms for computing the sample variance, 1983,
/// equation 1.7 (two passes, corrected), with compensated sums.
/// # Example
/// ```
/// let moments = driftline::math::moments(&[1e9 + 1.0, 1e9 + 3.0]);
/// assert_eq!((moments.mean, moments.rest, moments.variance), (1e9 + 2.0, 0.0, 2.0));
/// ```
pub fn moments(values: &[f64]) -> SampleMoments {
    let mean = mean(values);
    let n = values.len() as f64;
    let total = sum_by(values, |x| x - mean);
    let rest = if total.is_finite() { total / n } else { 0.0 };
    if values.len() < 2 {
        return SampleMoments {
            mean,
            rest,
            variance: 0.0,
        };
    }
    let squares = sum_by(values, |x| (x - mean) * (x - mean));
    let variance = (squares - rest * total) / (n - 1.0);
    // Squares that overflow leave NaN in the compensation.
    let variance = if variance.is_nan() {
        f64::INFINITY
    } else {
        variance.max(0.0)
    };
    SampleMoments {
        mean,
        rest,
        variance,
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| {
            (
                if x < low { x } else { low },
                if x > high { x } else { high },
            )
        })
}
