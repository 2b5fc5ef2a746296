//! Levene's test: has the spread changed.
//!
//! A shift alone is no change to it. [`Mood`](super::Mood) and
//! [`AnsariBradley`](super::AnsariBradley) do the same by ranks, but only when
//! the medians are equal.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Definition;
use super::student::Pooled;
use crate::drift::sample::sort;
use crate::drift::{Alternative, NanPolicy, Outcome, Parameters};
use crate::error::{Error, Result};
use crate::math::{self, SampleMoments};

/// What the values of a sample are measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Center {
    /// The median (Brown and Forsythe): holds its level for skewed and
    /// heavy-tailed data.
    #[default]
    Median,
    /// The mean (Levene): for symmetric data with light tails.
    Mean,
    /// The mean without the extremes.
    Trimmed,
}

/// Levene's test for equal spreads.
///
/// W = the F statistic of the distances |x - center| in both samples, with 1 and
/// n + m - 2 degrees of freedom: SciPy's `levene(baseline, current)`.
/// `alternative="less"`: the baseline's spread is less than the current one's;
/// `"greater"`: it is greater; W is then the square of a t statistic with that
/// direction. The effect size is the log ratio of the standard deviations,
/// positive when the current one is larger.
///
/// `center="trimmed"` leaves out `proportiontocut` of the values at either end
/// for the mean. Distances that are constant in both samples: W = 0, p = 1
/// when they are equal, otherwise W is infinite and p is 0; the effect size is
/// 0 without spread in both samples, infinite without spread in one. `df` is
/// n + m - 2.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 3: two values are always equally
/// far from their center.
/// # Missing values
/// NaN is left out and counted; infinities are refused: they have no distance.
/// # Cost
/// O(n log n) in `fit`, O(m log m) per call (linear for the mean).
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, fewer
/// than 3 values, values so large (above 1e154) that the variance overflows,
/// or a `proportiontocut` outside 0 to 0.5.
/// # Source
/// Levene, Robust tests for equality of variances, 1960; Brown, Forsythe,
/// Robust tests for the equality of variances, 1974. Expected values:
/// tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{Levene, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4.], [0., 2., 4., 8.]);
/// let result =
///     Levene::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.statistic - 2.25).abs() < 1e-14);
/// assert!((result.effect_size - 7f64.ln() / 2.0).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Levene {
    /// What the values are measured from.
    pub center: Center,
    /// The share left out at either end with `center="trimmed"`.
    pub proportiontocut: f64,
    /// Which differences count.
    pub alternative: Alternative,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for Levene {
    fn default() -> Self {
        Self {
            center: Center::default(),
            proportiontocut: 0.05,
            alternative: Alternative::default(),
            nan_policy: NanPolicy::default(),
        }
    }
}

impl Parameters for Levene {
    fn validate(&self) -> Result<()> {
        if !(0.0..0.5).contains(&self.proportiontocut) {
            let allowed = "at least 0 and less than 0.5";
            return Err(Error::invalid_value(
                "proportiontocut",
                self.proportiontocut,
                allowed,
            ));
        }
        Ok(())
    }
}

impl Definition for Levene {
    const NAME: &'static str = "levene";
    const HAS_P_VALUE: bool = true;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "log_spread_ratio";
    const SORTS: bool = true;

    type Baseline = Distances;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Self::Baseline> {
        self.distances("baseline", baseline)
    }

    fn judge(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<Outcome> {
        let current = self.distances("current", current)?;
        // With two samples, W is the square of Student's t.
        let Pooled { t, df, .. } = self.pooled(baseline, &current);
        let (before, after) = (baseline.variance, current.variance);
        let log_sf = |t| math::student_t_log_sf(t, df);
        // The same number, up to its sign, when the samples change places.
        let effect_size = if before == after {
            0.0
        } else if after > before {
            (after / before).ln() / 2.0
        } else {
            -(before / after).ln() / 2.0
        };
        Ok(Outcome {
            statistic: t * t,
            // One-sided, W with the sign of its direction.
            distance: self.alternative.distance(t * t.abs()),
            p_value: Some(self.alternative.p_value(t, log_sf)),
            effect_size,
            df: Some(df),
        })
    }

    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        let Pooled { t, .. } = self.pooled(baseline, &self.distances("current", current)?);
        Ok(self.alternative.distance(t * t.abs()))
    }
}

/// What is kept of a sample.
#[derive(Debug, Clone, Copy)]
pub struct Distances {
    n: usize,
    variance: f64,
    /// Of the distances from the center.
    moments: SampleMoments,
}

impl Levene {
    fn pooled(&self, baseline: &Distances, current: &Distances) -> Pooled {
        Pooled::new((baseline.moments, baseline.n), (current.moments, current.n))
    }

    fn distances(&self, argument: &'static str, values: Cow<'_, [f64]>) -> Result<Distances> {
        let n = values.len();
        if n < 3 {
            let got = format!("{n} values");
            let allowed = "at least 3 values: two are equally far from their center";
            return Err(Error::invalid_value(argument, got, allowed));
        }
        // Sorted for the mean too: sums do not depend on the order then.
        let sorted = sort(values);
        let (center, rest) = match self.center {
            Center::Median => median(&sorted),
            Center::Mean => mean(&sorted),
            Center::Trimmed => {
                let cut = (self.proportiontocut * n as f64) as usize;
                mean(sorted.get(cut..n - cut).unwrap_or_default())
            }
        };
        let distances: Vec<f64> = sorted.iter().map(|x| ((x - center) - rest).abs()).collect();
        let moments = math::moments(&distances);
        let variance = math::moments(&sorted).variance;
        if variance.is_infinite() || moments.variance.is_infinite() {
            let got = "values whose variance overflows";
            let allowed = "values up to about 1e154";
            return Err(Error::invalid_value(argument, got, allowed));
        }
        Ok(Distances {
            n,
            variance,
            moments,
        })
    }
}

fn mean(values: &[f64]) -> (f64, f64) {
    let moments = math::moments(values);
    (moments.mean, moments.rest)
}

/// The median and what rounding it lost.
fn median(sorted: &[f64]) -> (f64, f64) {
    let n = sorted.len();
    mean(sorted.get((n - 1) / 2..n / 2 + 1).unwrap_or_default())
}
