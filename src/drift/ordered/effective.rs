//! How many independent values a dependent sample amounts to.

use ndarray::{Array1, ArrayView1};

use crate::drift::NanPolicy;
use crate::drift::sample::{Infinite, Sample};
use crate::error::Result;
use crate::math::{self, SampleMoments};

/// How many independent values would give a mean as certain as that of this
/// sample, whose values come in the order of time: between 1 and n.
///
/// n over the integrated autocorrelation time 1 + 2 (r1 + r2 + ...), where the
/// sum ends at the first pair of neighbouring lags whose sum is not positive,
/// and pairs never grow (Geyer's initial monotone sequence, for reversible
/// chains; for others the sum may end early). What subtracting the mean takes
/// off every correlation is given back. Values that swing to and fro, and so
/// would count more than once, count once.
///
/// # Shapes
/// `sample`: (n,). A constant sample has nothing that could depend: n.
/// # Missing values
/// NaN is left out and keeps its place.
/// # Cost
/// O(n) for each lag that matters, at most 4 sqrt(n) lags: a dependence that
/// lasts longer is taken to last as long.
/// # Errors
/// `EmptySample` when nothing is left, `InvalidValue` for infinities.
/// # Source
/// Geyer, Practical Markov chain Monte Carlo, Statistical Science 7, 1992,
/// section 3.3; Anderson, The Statistical Analysis of Time Series, 1971,
/// section 8.3 (the bias of the mean).
/// # Example
/// ```
/// use driftline::drift::ordered::effective_n;
/// let slow: Vec<f64> = (0..400).map(|i| (f64::from(i) / 20.0).sin()).collect();
/// assert!(effective_n(slow.as_slice().into())? < 50.0);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn effective_n(sample: ArrayView1<'_, f64>) -> Result<f64> {
    Sample::new("sample", &sample, NanPolicy::Omit, Infinite::Refused)?;
    let series = Series::new(sample);
    Ok(series.n() as f64 / Autocovariance::of([&series]).time())
}

/// Deviations from the mean in the order of time, in a unit of their own.
pub(super) struct Series {
    /// 0 for what is missing.
    deviations: Vec<f64>,
    moments: SampleMoments,
    unit: f64,
    n: usize,
}

impl Series {
    pub(super) fn new(values: ArrayView1<'_, f64>) -> Self {
        let present: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        let moments = math::moments(&present);
        let deviation = |x: f64| {
            if x.is_nan() {
                0.0
            } else {
                (x - moments.mean) - moments.rest
            }
        };
        let deviations: Vec<f64> = values.iter().map(|&x| deviation(x)).collect();
        // A power of two: squares neither overflow nor vanish.
        let largest = deviations.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
        let exponent = ((largest.to_bits() >> 52) as i32 & 0x7ff) - 1022;
        let unit = 2f64.powi(exponent);
        Self {
            deviations: deviations.iter().map(|x| x / unit).collect(),
            moments,
            unit,
            n: present.len(),
        }
    }

    /// Values that are there.
    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// Of the deviations, in the unit of the values.
    pub(super) fn sum_of_squares(&self) -> f64 {
        self.product(0) * self.unit * self.unit
    }

    /// How far the mean is above another.
    pub(super) fn above(&self, other: &Self) -> f64 {
        (self.moments.mean - other.moments.mean) + (self.moments.rest - other.moments.rest)
    }

    /// Sum of the products of values `lag` apart.
    fn product(&self, lag: usize) -> f64 {
        let later = self.deviations.get(lag..).unwrap_or_default();
        let pairs = self.deviations.iter().zip(later);
        pairs.map(|(a, b)| a * b).sum()
    }
}

/// The autocovariance of one process, from one or two stretches of it.
pub(super) struct Autocovariance<'a, const K: usize> {
    series: [&'a Series; K],
    n: f64,
}

impl<'a, const K: usize> Autocovariance<'a, K> {
    pub(super) fn of(series: [&'a Series; K]) -> Self {
        let n = series.iter().map(|series| series.n()).sum::<usize>() as f64;
        Self { series, n }
    }

    /// The autocorrelation time, at least 1 and at most n.
    pub(super) fn time(&self) -> f64 {
        let largest = self.series.iter().map(|s| s.unit).fold(0.0, f64::max);
        // Sums over the pairs that are there: what the variance of the mean of
        // the present values consists of.
        let covariance = |lag: usize| -> f64 {
            let part = |s: &&Series| s.product(lag) * (s.unit / largest).powi(2);
            self.series.iter().map(part).sum()
        };
        let variance = covariance(0);
        if variance.is_nan() || variance <= 0.0 {
            return 1.0;
        }
        let longest = self.series.iter().map(|s| s.deviations.len()).max();
        let longest = longest.unwrap_or(0) as f64;
        let last = (longest / 2.0).min((4.0 * longest.sqrt()).max(20.0)) as usize;
        let (mut sum, mut previous, mut lag) = (0.0, f64::INFINITY, 0);
        while lag < last {
            let first = if lag == 0 { variance } else { covariance(lag) };
            let pair = (first + covariance(lag + 1)).min(previous);
            if pair <= 0.0 {
                break;
            }
            sum += pair;
            previous = pair;
            lag += 2;
        }
        let time = 2.0 * sum / variance - 1.0;
        // Each of the 2 lag - 1 terms lost the variance of the mean, about
        // time / n; a correction of five times is as far as it can be trusted.
        let lost = (2.0 * lag as f64 - 1.0).max(0.0) / self.n;
        let corrected = time / (1.0 - lost).max(0.2);
        // White noise has lost nothing that it had.
        let time = if lag <= 2 { time } else { corrected };
        time.clamp(1.0, self.n.max(1.0))
    }
}

/// The placements of each sample among the other, in their order: the share of
/// the other that is smaller, ties by half; NaN stays NaN.
pub(super) fn placements(
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
) -> (Array1<f64>, Array1<f64>) {
    let sorted = |values: ArrayView1<'_, f64>| {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let (b, c) = (sorted(baseline), sorted(current));
    let among = |values: ArrayView1<'_, f64>, others: &[f64]| {
        let size = 2.0 * others.len() as f64;
        values.mapv(|x| {
            let below = others.partition_point(|&other| other < x);
            let up_to = others.partition_point(|&other| other <= x);
            if x.is_nan() {
                f64::NAN
            } else {
                (below + up_to) as f64 / size
            }
        })
    };
    (among(baseline, &c), among(current, &b))
}
