//! Distance between means: the plainest answer to "has it moved".
//!
//! Blind to everything but the mean, and in the unit of the data, so that its
//! threshold has to be chosen for each feature. [`Welch`](super::Welch) weighs
//! the same difference against the spread and has a p-value.

use std::sync::Arc;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sample::{Infinite, NanPolicy, Sample};
use super::{FittedUnivariate, Moments, Parameters, TestResult, Univariate};
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
/// [`compare_moments`](FittedUnivariate::compare_moments).
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

impl Univariate for MeanShift {
    fn name(&self) -> &'static str {
        "mean_shift"
    }

    fn has_p_value(&self) -> bool {
        false
    }

    fn accepts_infinite(&self) -> bool {
        false
    }

    fn params(&self) -> Map<String, Value> {
        self.to_map()
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        let sample = Sample::new("baseline", &baseline, self.nan_policy, Infinite::Refused)?;
        Ok(Arc::new(Fitted {
            nan_policy: self.nan_policy,
            n: sample.values.len(),
            baseline: math::moments(&sample.values),
            missing: sample.missing,
        }))
    }
}

#[derive(Debug)]
struct Fitted {
    nan_policy: NanPolicy,
    n: usize,
    baseline: SampleMoments,
    missing: usize,
}

impl Fitted {
    fn result(&self, mean: f64, rest: f64, n: usize, missing: usize) -> TestResult {
        let shift = (mean - self.baseline.mean) + (rest - self.baseline.rest);
        let effect_size = if shift == 0.0 {
            0.0
        } else {
            shift / self.baseline.variance.sqrt()
        };
        TestResult {
            test: "mean_shift",
            statistic: shift.abs(),
            distance: shift.abs(),
            p_value: None,
            effect_size,
            df: None,
            n_baseline: self.n,
            n_current: n,
            n_missing_baseline: self.missing,
            n_missing_current: missing,
        }
    }
}

impl FittedUnivariate for Fitted {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let sample = Sample::new("current", &current, self.nan_policy, Infinite::Refused)?;
        let SampleMoments { mean, rest, .. } = math::moments(&sample.values);
        Ok(self.result(mean, rest, sample.values.len(), sample.missing))
    }

    fn compare_moments(&self, current: Moments) -> Option<TestResult> {
        Some(self.result(current.mean, 0.0, current.n, 0))
    }

    fn location(&self) -> Option<f64> {
        Some(self.baseline.mean)
    }
}
