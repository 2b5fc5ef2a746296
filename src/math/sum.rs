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
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    let b_part = total - a;
    (total, (a - (total - b_part)) + (b - b_part))
}

/// The arithmetic mean of finite values: exact for constants, never outside
/// their range, no overflow. NaN for an empty slice.
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
    if values.is_empty() {
        f64::NAN
    } else {
        mean.clamp(low, high)
    }
}

/// [`mean`] and sample variance (denominator n - 1; 0 for one value) of finite
/// values. The variance is infinite when the squares overflow.
///
/// # Cost
/// O(n), three passes.
/// # Source
/// Chan, Golub, LeVeque, Algorithms for computing the sample variance, 1983,
/// equation 1.7 (two passes, corrected), with compensated sums.
/// # Example
/// ```
/// let (mean, variance) = driftline::math::mean_and_variance(&[1e9 + 1.0, 1e9 + 3.0]);
/// assert_eq!((mean, variance), (1e9 + 2.0, 2.0));
/// ```
pub fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let mean = mean(values);
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let n = values.len() as f64;
    let squares = sum_by(values, |x| (x - mean) * (x - mean));
    let rest = sum_by(values, |x| x - mean);
    let variance = (squares - rest * (rest / n)) / (n - 1.0);
    // Squares that overflow leave NaN in the compensation.
    (
        mean,
        if variance.is_nan() {
            f64::INFINITY
        } else {
            variance.max(0.0)
        },
    )
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
