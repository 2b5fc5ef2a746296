//! Student's t-test: have the means moved, with one spread for both samples.
//!
//! With unequal spreads and unequal sizes its level is wrong either way:
//! [`Welch`](super::Welch) costs next to nothing and keeps it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Definition, Moments};
use crate::drift::{Alternative, NanPolicy, Outcome, Parameters};
use crate::error::{Error, Result};
use crate::math::{self, SampleMoments};

/// Student's t-test with the pooled variance.
///
/// t = (mean(baseline) - mean(current)) / sqrt(v (1/n + 1/m)), with v the pooled
/// variance and df = n + m - 2: SciPy's `ttest_ind(baseline, current)`.
/// **Negative when the current mean is higher.** `alternative="less"`: the
/// baseline mean is less than the current one; `"greater"`: it is greater. The
/// effect size is Hedges' g with the exact small-sample correction, and the
/// sign of t.
///
/// Two constant samples: t = 0, p = 1 when they are equal; otherwise t and the
/// effect size are infinite and p is 0 (1 against the direction of the
/// alternative).
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1 and n + m >= 3.
/// # Missing values
/// NaN is left out and counted; infinities are refused: they have no mean.
/// # Cost
/// O(n) in `fit`, O(m) per call; about 3 us for the p-value.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, one value
/// against one, or values so large (above 1e154) that the variance overflows.
/// # Source
/// Student, The probable error of a mean, 1908; Fisher, Applications of
/// "Student's" distribution, 1925; Hedges, Distribution theory for Glass's
/// estimator, 1981, equation 6e. Expected values:
/// tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{Student, Univariate};
/// let (baseline, current) = ([1., 2., 3.], [2., 3., 4.]);
/// let result =
///     Student::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.statistic + 1.5f64.sqrt()).abs() < 1e-15);
/// assert_eq!(result.df, Some(4.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Student {
    /// Which differences count.
    pub alternative: Alternative,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Student {}

impl Definition for Student {
    const NAME: &'static str = "student";
    const HAS_P_VALUE: bool = true;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "hedges_g";

    type Baseline = (SampleMoments, usize);

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Self::Baseline> {
        Ok((moments("baseline", &baseline)?, baseline.len()))
    }

    fn judge(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<Outcome> {
        Ok(self.outcome(*baseline, against(baseline.1, &current)?))
    }

    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        let pooled = Pooled::new(*baseline, against(baseline.1, &current)?);
        Ok(self.alternative.distance(pooled.t))
    }

    fn judge_moments(&self, baseline: &Self::Baseline, current: Moments) -> Option<Outcome> {
        let Moments { n, mean, variance } = current;
        let moments = SampleMoments {
            mean,
            rest: 0.0,
            variance,
        };
        let enough = n >= 1 && baseline.1 + n >= 3 && variance.is_finite();
        enough.then(|| self.outcome(*baseline, (moments, n)))
    }
}

/// The moments of values whose variance does not overflow.
pub(super) fn moments(argument: &'static str, values: &[f64]) -> Result<SampleMoments> {
    let moments = math::moments(values);
    if moments.variance.is_infinite() {
        let got = "values whose variance overflows";
        let allowed = "values up to about 1e154";
        return Err(Error::invalid_value(argument, got, allowed));
    }
    Ok(moments)
}

/// A current sample against `n` values.
fn against(n: usize, current: &[f64]) -> Result<(SampleMoments, usize)> {
    let moments = moments("current", current)?;
    if n + current.len() < 3 {
        let allowed = "at least 2 values in one of the samples: one has no variance";
        return Err(Error::invalid_value(
            "current",
            "1 value against 1",
            allowed,
        ));
    }
    Ok((moments, current.len()))
}

/// A difference of means by the pooled variance; but for the sign, the same to
/// the last bit when the samples change places.
pub(super) struct Pooled {
    pub(super) t: f64,
    pub(super) df: f64,
    /// The difference in standard deviations.
    ratio: f64,
}

impl Pooled {
    pub(super) fn new(
        (baseline, n): (SampleMoments, usize),
        (current, m): (SampleMoments, usize),
    ) -> Self {
        let difference = (baseline.mean - current.mean) + (baseline.rest - current.rest);
        let df = (n + m - 2) as f64;
        let (few, many) = (n.min(m) as f64, n.max(m) as f64);
        let (n, m) = (n as f64, m as f64);
        let variance = (n - 1.0) / df * baseline.variance + (m - 1.0) / df * current.variance;
        let ratio = if difference == 0.0 {
            0.0
        } else if variance > 0.0 {
            difference / variance.sqrt()
        } else {
            f64::INFINITY.copysign(difference)
        };
        Self {
            t: ratio * (few / (n + m) * many).sqrt(),
            df,
            ratio,
        }
    }

    /// The difference in standard deviations, corrected for few values; 0 with
    /// one degree of freedom, where no estimate is unbiased.
    pub(super) fn hedges_g(&self) -> f64 {
        let correction = math::gamma_ratio_half((self.df - 1.0) / 2.0) / (self.df / 2.0).sqrt();
        if correction == 0.0 {
            0.0
        } else {
            correction * self.ratio
        }
    }
}

impl Student {
    fn outcome(
        &self,
        baseline: (SampleMoments, usize),
        current: (SampleMoments, usize),
    ) -> Outcome {
        let pooled = Pooled::new(baseline, current);
        let Pooled { t, df, .. } = pooled;
        let log_sf = |t| math::student_t_log_sf(t, df);
        Outcome {
            statistic: t,
            distance: self.alternative.distance(t),
            p_value: Some(self.alternative.p_value(t, log_sf)),
            effect_size: pooled.hedges_g(),
            df: Some(df),
        }
    }
}
