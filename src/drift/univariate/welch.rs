//! Welch's t-test: have the means moved, given their spread.
//!
//! Looks at means only, and through them at heavy tails: one outlier inflates
//! the variance and hides a shift. Correlated samples (neighbouring windows of
//! a time series) make its p-value far too small. [`KS`](super::KS) sees
//! changes of shape too.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::student::{self, Pooled};
use super::{Definition, Moments};
use crate::drift::{Alternative, NanPolicy, Outcome, Parameters};
use crate::error::{Error, Result};
use crate::math::{self, SampleMoments};

/// Welch's unequal-variances t-test.
///
/// t = (mean(baseline) - mean(current)) / sqrt(v1/n + v2/m), the sign of
/// SciPy's `ttest_ind(baseline, current, equal_var=False)`: **negative when the
/// current mean is higher**. `alternative="less"`: the baseline mean is less
/// than the current one; `"greater"`: it is greater. The effect size is Hedges'
/// g with the exact small-sample correction, and the sign of t. Degrees of
/// freedom by Welch and Satterthwaite.
///
/// Two constant samples: t = 0, p = 1 when they are equal; otherwise t and the
/// effect size are infinite and p is 0 (1 against the direction of the
/// alternative), df = n + m - 2.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 2: one value has no variance.
/// # Missing values
/// NaN is left out and counted; infinities are refused: they have no mean.
/// # Cost
/// O(n) in `fit`, O(m) per call; about 3 us for the p-value.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, a single
/// value, or values so large (above 1e154) that the variance overflows.
/// # Source
/// Welch, The generalization of "Student's" problem when several different
/// population variances are involved, 1947; Satterthwaite, 1946, equation 17;
/// Hedges, Distribution theory for Glass's estimator, 1981, equation 6e.
/// Expected values: tests/data/drift.json.
/// # Example
/// ```
/// use driftline::drift::{Univariate, Welch};
/// let (baseline, current) = ([1., 2., 3.], [2., 3., 4.]);
/// let result =
///     Welch::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.statistic + 1.5f64.sqrt()).abs() < 1e-15);
/// assert_eq!(result.df, Some(4.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Welch {
    /// Which differences count.
    pub alternative: Alternative,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Welch {}

impl Definition for Welch {
    const NAME: &'static str = "welch";
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
        let moments = moments("current", &current)?;
        Ok(self.outcome(*baseline, (moments, current.len())))
    }

    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        let moments = moments("current", &current)?;
        let difference = Difference::new(*baseline, (moments, current.len()));
        Ok(self.alternative.distance(difference.t()))
    }

    fn judge_moments(&self, baseline: &Self::Baseline, current: Moments) -> Option<Outcome> {
        let Moments { n, mean, variance } = current;
        let moments = SampleMoments {
            mean,
            rest: 0.0,
            variance,
        };
        (n >= 2 && variance.is_finite()).then(|| self.outcome(*baseline, (moments, n)))
    }
}

/// The moments of a sample that has a variance.
fn moments(argument: &'static str, values: &[f64]) -> Result<SampleMoments> {
    if values.len() < 2 {
        let allowed = "at least 2 values: one has no variance";
        return Err(Error::invalid_value(argument, "1 value", allowed));
    }
    student::moments(argument, values)
}

/// A difference of means and the variances of both.
struct Difference {
    difference: f64,
    v1: f64,
    v2: f64,
}

impl Difference {
    fn new((baseline, n): (SampleMoments, usize), (current, m): (SampleMoments, usize)) -> Self {
        Self {
            difference: (baseline.mean - current.mean) + (baseline.rest - current.rest),
            v1: baseline.variance / n as f64,
            v2: current.variance / m as f64,
        }
    }

    fn t(&self) -> f64 {
        let spread = self.v1 + self.v2;
        if spread > 0.0 {
            self.difference / spread.sqrt()
        } else if self.difference == 0.0 {
            0.0
        } else {
            f64::INFINITY.copysign(self.difference)
        }
    }
}

impl Welch {
    fn outcome(
        &self,
        (baseline, n): (SampleMoments, usize),
        (current, m): (SampleMoments, usize),
    ) -> Outcome {
        let difference = Difference::new((baseline, n), (current, m));
        let statistic = difference.t();
        let pooled = Pooled::new((baseline, n), (current, m));
        let spread = difference.v1 + difference.v2;
        let df = if spread > 0.0 {
            // Shares first: the squares themselves may underflow.
            let (s1, s2) = (difference.v1 / spread, difference.v2 / spread);
            1.0 / (s1 * s1 / (n as f64 - 1.0) + s2 * s2 / (m as f64 - 1.0))
        } else {
            pooled.df
        };
        let log_sf = |t| math::student_t_log_sf(t, df);
        Outcome {
            statistic,
            distance: self.alternative.distance(statistic),
            p_value: Some(self.alternative.p_value(statistic, log_sf)),
            effect_size: pooled.hedges_g(),
            df: Some(df),
        }
    }
}
