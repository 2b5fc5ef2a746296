//! How far a statistic may be from what more data would give.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::batches::in_batches;
use super::permutation::{MOST_THREADS, within};
use super::random::Stream;
use crate::error::{Error, Result};
use crate::math;

const MOST_RESAMPLES: usize = 10_000_000;
/// Most rows for the jackknife of `Bca`, which looks at all but each in turn.
const MOST_JACKKNIFE: usize = 20_000;

/// How an interval follows from resampled statistics; names as in SciPy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BootstrapMethod {
    /// Between their quantiles.
    #[default]
    Percentile,
    /// Between those mirrored at the statistic.
    Basic,
    /// Between quantiles corrected for bias and for a spread that depends on
    /// the value (bias-corrected and accelerated).
    Bca,
}

/// How bootstrap samples are drawn and read.
///
/// # Example
/// ```
/// use driftline::drift::resampling::{Bootstrap, BootstrapMethod};
/// assert_eq!(Bootstrap::default().method, BootstrapMethod::Percentile);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Pairs of samples drawn, 2 to 10,000,000.
    pub n_resamples: usize,
    /// Between 0 and 1, both excluded.
    pub confidence_level: f64,
    /// How the interval follows.
    pub method: BootstrapMethod,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// Threads, 1 to 1,024; the answer is the same on any number.
    pub threads: usize,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            n_resamples: 9999,
            confidence_level: 0.95,
            method: BootstrapMethod::default(),
            seed: 0,
            threads: 1,
        }
    }
}

impl Bootstrap {
    fn validate(&self) -> Result<()> {
        within("n_resamples", self.n_resamples, 2..MOST_RESAMPLES + 1)?;
        within("threads", self.threads, 1..MOST_THREADS + 1)?;
        if self.confidence_level > 0.0 && self.confidence_level < 1.0 {
            return Ok(());
        }
        let allowed = "a number between 0 and 1, both excluded";
        let got = self.confidence_level;
        Err(Error::invalid_value("confidence_level", got, allowed))
    }
}

/// What bootstrap samples say about a statistic.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapResult {
    /// The statistic of the samples as they are.
    pub statistic: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Standard deviation of the resampled statistics.
    pub standard_error: f64,
    /// Pairs of samples drawn.
    pub n_resamples: usize,
    /// The confidence of the interval.
    pub confidence_level: f64,
}

/// A statistic of two samples, as a function of how often each row is taken.
pub trait Resampled: Sync {
    /// What can go wrong, besides our own errors.
    type Error: From<Error> + Send;

    /// Rows of the baseline and of the current sample.
    fn sizes(&self) -> (usize, usize);

    /// The statistic of the samples as they are.
    fn statistic(&self) -> f64;

    /// The statistic when each row of the baseline, then each of the current
    /// sample, is taken so many times.
    ///
    /// # Errors
    /// Those of the statistic.
    fn resampled(&self, baseline: &[u32], current: &[u32]) -> Result<f64, Self::Error>;
}

/// The bootstrap interval of a statistic: both samples are drawn again, each
/// from itself with replacement. Stops with `Interrupted` when `interrupted`
/// says so.
///
/// Drawing with replacement makes ties and repeats rows, which distances such
/// as KS, MMD and energy take for drift: near 0 their intervals lie too high.
/// A statistic that never changes gives itself twice.
///
/// # Cost
/// `n_resamples` statistics; one more for each row with `Bca` (at most 20,000
/// rows).
/// # Errors
/// `InvalidValue` for an option out of range, too many rows for `Bca`, or a
/// statistic that is not finite; and those of the statistic.
/// # Source
/// Efron & Tibshirani, An introduction to the bootstrap, 1993: section 13.3
/// (percentile), equations 14.9, 14.10, 14.14 (BCa), the acceleration of two
/// samples as in SciPy's `bootstrap`; Davison & Hinkley, Bootstrap methods and
/// their application, 1997, equation 5.6 (basic). Quantiles are interpolated
/// (Hyndman & Fan, Sample quantiles in statistical packages, 1996, number 7).
pub fn bootstrap<S: Resampled + ?Sized>(
    statistic: &S,
    options: &Bootstrap,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<BootstrapResult, S::Error> {
    options.validate()?;
    let (n, m) = statistic.sizes();
    if options.method == BootstrapMethod::Bca && n + m > MOST_JACKKNIFE {
        let got = format!("\"bca\" for {} rows in both samples", n + m);
        let allowed = format!("\"percentile\" or \"basic\", or at most {MOST_JACKKNIFE} rows");
        return Err(Error::invalid_value("method", got, allowed).into());
    }
    let observed = finite(statistic.statistic())?;
    let fill = |range: Range<usize>, statistics: &mut [f64]| {
        let (mut baseline, mut current) = (vec![0; n], vec![0; m]);
        for (number, value) in range.zip(statistics) {
            let mut stream = Stream::new(options.seed, number);
            for counts in [&mut baseline, &mut current] {
                counts.fill(0);
                for _ in 0..counts.len() {
                    let row = stream.below(counts.len());
                    if let Some(count) = counts.get_mut(row) {
                        *count += 1;
                    }
                }
            }
            *value = statistic.resampled(&baseline, &current)?;
        }
        Ok::<(), S::Error>(())
    };
    let batch = (131_072 / (n + m).max(1)).clamp(4, 1024);
    let mut drawn = Vec::with_capacity(options.n_resamples);
    in_batches(
        options.n_resamples,
        batch,
        options.threads,
        &fill,
        &mut |seen| {
            if interrupted() {
                return Err(Error::Interrupted.into());
            }
            for &value in seen {
                drawn.push(finite(value)?);
            }
            Ok(true)
        },
    )?;
    let moments = math::moments(&drawn);
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - options.confidence_level) / 2.0;
    let (low, high) = match options.method {
        BootstrapMethod::Percentile => (tail, 1.0 - tail),
        BootstrapMethod::Basic => (1.0 - tail, tail),
        BootstrapMethod::Bca => {
            let acceleration = acceleration(statistic, options.threads, interrupted)?;
            let bias = bias(observed, &drawn);
            let level = |p| corrected(p, bias, acceleration);
            (level(tail), level(1.0 - tail))
        }
    };
    let (mut low, mut high) = (quantile(&drawn, low), quantile(&drawn, high));
    if options.method == BootstrapMethod::Basic {
        (low, high) = (2.0 * observed - low, 2.0 * observed - high);
    }
    Ok(BootstrapResult {
        statistic: observed,
        low,
        high,
        standard_error: moments.variance.sqrt(),
        n_resamples: options.n_resamples,
        confidence_level: options.confidence_level,
    })
}

fn finite(statistic: f64) -> Result<f64> {
    if statistic.is_finite() {
        return Ok(statistic);
    }
    let allowed = "a statistic that is finite for any rows of the samples";
    Err(Error::invalid_value(
        "test_or_statistic",
        statistic,
        allowed,
    ))
}

/// Efron & Tibshirani 1993, equation 14.14, ties as half: the normal score of
/// the share of resampled statistics below the observed one.
fn bias(observed: f64, sorted: &[f64]) -> f64 {
    let below = sorted.partition_point(|x| *x < observed);
    let not_above = sorted.partition_point(|x| *x <= observed);
    let share = (below + not_above) as f64 / (2.0 * sorted.len() as f64);
    if share == 0.5 {
        0.0
    } else {
        math::normal_quantile(share)
    }
}

/// Efron & Tibshirani 1993, equation 14.10: the share whose quantile to take.
fn corrected(p: f64, bias: f64, acceleration: f64) -> f64 {
    if bias.is_infinite() {
        // Every resampled statistic is on one side.
        return if bias > 0.0 { 1.0 } else { 0.0 };
    }
    let score = bias + math::normal_quantile(p);
    let corrected = bias + score / (1.0 - acceleration * score);
    math::normal_sf(-corrected)
}

/// The skewness of the statistic's dependence on single rows, from leaving each
/// out in turn: `scipy.stats.bootstrap`, after Efron & Tibshirani 1993, equation
/// 14.15 and page 188. 0 when no row matters.
fn acceleration<S: Resampled + ?Sized>(
    statistic: &S,
    threads: usize,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<f64, S::Error> {
    let (n, m) = statistic.sizes();
    if n < 2 || m < 2 {
        let allowed = "at least 2 rows in each sample for method=\"bca\"";
        return Err(Error::invalid_value("method", format!("{n} and {m} rows"), allowed).into());
    }
    let fill = |range: Range<usize>, statistics: &mut [f64]| {
        let mut counts = vec![1; n + m];
        for (row, value) in range.zip(statistics) {
            counts[row] = 0;
            let (baseline, current) = counts.split_at(n);
            *value = statistic.resampled(baseline, current)?;
            counts[row] = 1;
        }
        Ok::<(), S::Error>(())
    };
    let mut left_out = Vec::with_capacity(n + m);
    let batch = (131_072 / (n + m)).clamp(4, 1024);
    in_batches(n + m, batch, threads, &fill, &mut |seen| {
        if interrupted() {
            return Err(Error::Interrupted.into());
        }
        for &value in seen {
            left_out.push(finite(value)?);
        }
        Ok(true)
    })?;
    let (baseline, current) = left_out.split_at(n);
    let (mut cubes, mut squares) = (0.0, 0.0);
    for sample in [baseline, current] {
        let size = sample.len() as f64;
        let mean = math::mean(sample);
        for value in sample {
            let influence = (size - 1.0) * (mean - value);
            cubes += (influence / size).powi(3);
            squares += (influence / size).powi(2);
        }
    }
    Ok(if squares > 0.0 {
        cubes / (6.0 * squares.powf(1.5))
    } else {
        0.0
    })
}

/// Hyndman & Fan 1996, number 7, as NumPy.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = p.clamp(0.0, 1.0) * last as f64;
    let low = (place.floor() as usize).min(last);
    let (a, b) = (sorted[low], sorted[(low + 1).min(last)]);
    let share = place - low as f64;
    if a == b { a } else { a + share * (b - a) }
}
