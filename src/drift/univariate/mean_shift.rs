//! Distance between means: the plainest answer to "has it moved".
//!
//! Blind to everything but the mean, and in the unit of the data, so that its
//! threshold has to be chosen for each feature. [`Welch`](super::Welch) weighs
//! the same difference against the spread and has a p-value.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Definition, Moments};
use crate::drift::{NanPolicy, Outcome, Parameters};
use crate::error::Result;
use crate::math::{self, SampleMoments};

/// |mean(current) - mean(baseline)|.
///
/// In the unit of the data, >= 0, no p-value. The effect size is the shift in
/// standard deviations of the baseline (Glass's delta, with its sign: positive
/// when the current mean is higher); without spread in the baseline it is 0
/// for no shift and infinite otherwise.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted; infinities are refused: they have no mean.
/// # Cost
/// O(n) in `fit`, O(m) per call; O(1) by
/// [`compare_moments`](crate::drift::FittedUnivariate::compare_moments).
/// # Errors
/// `EmptySample` when nothing is left, `InvalidValue` for infinities.
/// # Source
/// Glass, Primary, secondary, and meta-analysis of research, 1976; expected
/// values: tests/data/drift.json.
/// # Example
/// ```
/// use driftline::drift::{MeanShift, Univariate};
/// let baseline = [0.5, 0.5].as_slice().into();
/// let result = MeanShift::default().compare(baseline, [0.75, 1.0].as_slice().into())?;
/// assert_eq!(result.statistic, 0.375);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanShift {
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for MeanShift {}

impl Definition for MeanShift {
    const NAME: &'static str = "mean_shift";
    const HAS_P_VALUE: bool = false;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "mean_shift";

    type Baseline = SampleMoments;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<SampleMoments> {
        Ok(math::moments(&baseline))
    }

    fn judge(&self, baseline: &SampleMoments, current: Cow<'_, [f64]>) -> Result<Outcome> {
        let SampleMoments { mean, rest, .. } = math::moments(&current);
        Ok(outcome(baseline, mean, rest))
    }

    fn judge_moments(&self, baseline: &SampleMoments, current: Moments) -> Option<Outcome> {
        Some(outcome(baseline, current.mean, 0.0))
    }

    fn location(&self, baseline: &SampleMoments) -> Option<f64> {
        Some(baseline.mean)
    }
}

fn outcome(baseline: &SampleMoments, mean: f64, rest: f64) -> Outcome {
    let shift = (mean - baseline.mean) + (rest - baseline.rest);
    let effect_size = if shift == 0.0 {
        0.0
    } else {
        shift / baseline.variance.sqrt()
    };
    Outcome {
        statistic: shift.abs(),
        distance: shift.abs(),
        p_value: None,
        effect_size,
        df: None,
    }
}
