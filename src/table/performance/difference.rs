//! Differences between two sides, with intervals.

use super::Metric;
use super::exact_sum::ExactSum;
use crate::math;

/// An estimate of one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    pub(super) value: f64,
    /// The square of its standard error.
    pub(super) variance: f64,
    /// How well that is known.
    pub(super) df: f64,
}

impl Estimate {
    /// The mean of `n` values by their sum and that of their squares; `None`
    /// without values and where the sum overflows.
    pub(super) fn mean(n: u64, sum: &ExactSum, squares: &ExactSum) -> Option<Self> {
        let n = n as f64;
        let (high, low) = sum.value();
        let value = high / n;
        value.is_finite().then(|| Self {
            value,
            variance: deviations(n, (high, low), squares.value()) / (n - 1.0) / n,
            df: n - 1.0,
        })
    }
}

/// The sum of squared deviations from the mean of `n` values: sum and squares
/// are exact to about 32 digits, so that what is left is.
pub(super) fn deviations(n: f64, sum: (f64, f64), squares: (f64, f64)) -> f64 {
    // sum^2 / n, as a number and a rest.
    let square = sum.0 * sum.0;
    let lost = sum.0.mul_add(sum.0, -square) + 2.0 * sum.0 * sum.1;
    let quotient = square / n;
    let rest = ((-quotient).mul_add(n, square) + lost) / n;
    ((squares.0 - quotient) + (squares.1 - rest)).max(0.0)
}

/// A metric without an interval.
pub(super) fn plain(name: &'static str, baseline: Option<f64>, current: Option<f64>) -> Metric {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let (baseline, current) = (finite(baseline), finite(current));
    let difference = baseline.zip(current).map(|(b, c)| c - b);
    Metric {
        name,
        baseline,
        current,
        difference: finite(difference),
        low: None,
        high: None,
    }
}

/// A metric with Welch's interval for the difference of two estimates: degrees
/// of freedom by Satterthwaite.
pub(super) fn welch(
    name: &'static str,
    baseline: Option<Estimate>,
    current: Option<Estimate>,
    level: f64,
) -> Metric {
    let value = |side: Option<Estimate>| side.map(|side| side.value);
    let metric = plain(name, value(baseline), value(current));
    let (Some(b), Some(c)) = (baseline, current) else {
        return metric;
    };
    let variance = b.variance + c.variance;
    let share = b.variance / variance;
    let df = 1.0 / (share * share / b.df + (1.0 - share) * (1.0 - share) / c.df);
    // Not so of infinite, unknown and vanishing variances.
    if !(df.is_finite() && df > 0.0) {
        return metric;
    }
    let reach = -math::student_t_quantile(0.5 - level / 2.0, df) * variance.sqrt();
    with_interval(metric, |difference| {
        (difference - reach, difference + reach)
    })
}

/// A metric with the interval that an estimate of its difference leads to.
pub(super) fn with_interval(metric: Metric, ends: impl Fn(f64) -> (f64, f64)) -> Metric {
    let ends = metric.difference.map(ends);
    let ends = ends.filter(|(low, high)| low.is_finite() && high.is_finite());
    Metric {
        low: ends.map(|(low, _)| low),
        high: ends.map(|(_, high)| high),
        ..metric
    }
}

/// A share of rows with Newcombe's interval for the difference, 1998, method 10:
/// from Wilson's of either side. Given as (rows that count, all rows).
pub(super) fn newcombe(
    name: &'static str,
    baseline: (u64, u64),
    current: (u64, u64),
    level: f64,
) -> Metric {
    let share = |(k, n): (u64, u64)| (n > 0).then(|| k as f64 / n as f64);
    let metric = plain(name, share(baseline), share(current));
    let z = math::normal_quantile(0.5 + level / 2.0);
    let ((p, p_low, p_high), (q, q_low, q_high)) = (wilson(baseline, z), wilson(current, z));
    with_interval(metric, |difference| {
        let low = difference - (q - q_low).hypot(p_high - p);
        let high = difference + (q_high - q).hypot(p - p_low);
        (low.max(-1.0), high.min(1.0))
    })
}

/// A share and the ends of Wilson's interval.
fn wilson((k, n): (u64, u64), z: f64) -> (f64, f64, f64) {
    let n = n as f64;
    let share = k as f64 / n;
    let square = z * z / n;
    let centre = (share + square / 2.0) / (1.0 + square);
    let half = (square * (share * (1.0 - share) + square / 4.0)).sqrt() / (1.0 + square);
    (share, (centre - half).max(0.0), (centre + half).min(1.0))
}
