//! Dependence of a value on those before it.

use ndarray::ArrayView1;

/// Lag-1 autocorrelation of a series in its order, -1 to 1.
///
/// Only neighbours of which neither is missing are compared. `None` when there
/// are none, when the series is constant, or when it holds infinite values.
///
/// # Shapes
/// `series`: (n,), any n.
/// # Missing values
/// NaN is left out, and its neighbours are not treated as neighbours.
/// # Source
/// Box & Jenkins, Time Series Analysis, 1976, eq. 2.1.13 with k = 1.
/// # Example
/// ```
/// use driftline::math::autocorrelation::lag_one;
/// let r1 = lag_one(ndarray::aview1(&[0.48, 0.49, 0.50, 0.51, 0.52]));
/// assert!((r1.unwrap() - 0.4).abs() < 1e-12);
/// assert_eq!(lag_one(ndarray::aview1(&[0.5; 5])), None);
/// ```
pub fn lag_one(series: ArrayView1<'_, f64>) -> Option<f64> {
    let present = || series.iter().copied().filter(|value| !value.is_nan());
    let largest = present().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return None;
    }
    // Scaled, so that squares neither overflow nor vanish.
    let n = present().count() as f64;
    let mean = present().map(|value| value / largest).sum::<f64>() / n;
    let deviation = |value: f64| value / largest - mean;
    let squares: f64 = present().map(|value| deviation(value).powi(2)).sum();
    let pairs = series.iter().zip(series.iter().skip(1));
    let products: Vec<f64> = pairs
        .map(|(&a, &b)| deviation(a) * deviation(b))
        .filter(|product| !product.is_nan())
        .collect();
    // What rounding leaves of a constant is no variation.
    let noise = n * (f64::EPSILON * mean).powi(2);
    (squares > noise && !products.is_empty()).then(|| products.iter().sum::<f64>() / squares)
}

/// Whether a lag-1 autocorrelation is strong enough to spoil p-values: above
/// 0.3, and above three standard errors (1 / sqrt(n) each) of that of `n`
/// independent values.
///
/// # Example
/// ```
/// use driftline::math::autocorrelation::is_strong;
/// assert!(is_strong(0.7, 1000));
/// assert!(!is_strong(0.7, 10) && !is_strong(0.2, 1000));
/// ```
pub fn is_strong(lag_one: f64, n: usize) -> bool {
    lag_one > 0.3 && lag_one > 3.0 / (n as f64).sqrt()
}
