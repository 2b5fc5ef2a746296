//! Welch's t-test: have the means moved, given their spread.
//!
//! Looks at means only, and through them at heavy tails: one outlier inflates
//! the variance and hides a shift. Correlated samples (neighbouring windows of
//! a time series) make its p-value far too small. [`KS`](super::KS) sees
//! changes of shape too.

use std::sync::Arc;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sample::{Infinite, NanPolicy, Sample};
use super::{Alternative, FittedUnivariate, Moments, Parameters, TestResult, Univariate};
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

impl Univariate for Welch {
    fn name(&self) -> &'static str {
        "welch"
    }

    fn has_p_value(&self) -> bool {
        true
    }

    fn accepts_infinite(&self) -> bool {
        false
    }

    fn params(&self) -> Map<String, Value> {
        self.to_map()
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        let (baseline, n, missing) = moments("baseline", &baseline, self.nan_policy)?;
        Ok(Arc::new(Fitted {
            test: self.clone(),
            baseline,
            n,
            missing,
        }))
    }
}

fn moments(
    argument: &'static str,
    view: &ArrayView1<'_, f64>,
    nan_policy: NanPolicy,
) -> Result<(SampleMoments, usize, usize)> {
    let sample = Sample::new(argument, view, nan_policy, Infinite::Refused)?;
    let n = sample.values.len();
    if n < 2 {
        let allowed = "at least 2 values: one has no variance";
        return Err(Error::invalid_value(argument, "1 value", allowed));
    }
    let moments = math::moments(&sample.values);
    if moments.variance.is_infinite() {
        let got = "values whose variance overflows";
        return Err(Error::invalid_value(
            argument,
            got,
            "values up to about 1e154",
        ));
    }
    Ok((moments, n, sample.missing))
}

#[derive(Debug)]
struct Fitted {
    test: Welch,
    baseline: SampleMoments,
    n: usize,
    missing: usize,
}

impl Fitted {
    fn result(&self, current: SampleMoments, n_current: usize, missing: usize) -> TestResult {
        let (n, m) = (self.n as f64, n_current as f64);
        let (v1, v2) = (self.baseline.variance / n, current.variance / m);
        let difference = (self.baseline.mean - current.mean) + (self.baseline.rest - current.rest);
        let pooled_df = n + m - 2.0;
        let spread = v1 + v2;
        let (statistic, df, effect_size) = if spread > 0.0 {
            // Shares first: the squares themselves may underflow.
            let (s1, s2) = (v1 / spread, v2 / spread);
            let df = 1.0 / (s1 * s1 / (n - 1.0) + s2 * s2 / (m - 1.0));
            let pooled = ((n - 1.0) / pooled_df * self.baseline.variance
                + (m - 1.0) / pooled_df * current.variance)
                .sqrt();
            let correction =
                math::gamma_ratio_half((pooled_df - 1.0) / 2.0) / (pooled_df / 2.0).sqrt();
            (
                difference / spread.sqrt(),
                df,
                correction * (difference / pooled),
            )
        } else if difference == 0.0 {
            (0.0, pooled_df, 0.0)
        } else {
            let infinite = f64::INFINITY.copysign(difference);
            (infinite, pooled_df, infinite)
        };
        let p_value = match self.test.alternative {
            Alternative::TwoSided => 2.0 * math::student_t_sf(statistic.abs(), df),
            Alternative::Less => math::student_t_sf(-statistic, df),
            Alternative::Greater => math::student_t_sf(statistic, df),
        };
        TestResult {
            test: "welch",
            statistic,
            distance: self.distance(statistic),
            p_value: Some(p_value.min(1.0)),
            effect_size,
            df: Some(df),
            n_baseline: self.n,
            n_current,
            n_missing_baseline: self.missing,
            n_missing_current: missing,
        }
    }
}

impl FittedUnivariate for Fitted {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let (current, n, missing) = moments("current", &current, self.test.nan_policy)?;
        Ok(self.result(current, n, missing))
    }

    fn distance(&self, statistic: f64) -> f64 {
        match self.test.alternative {
            Alternative::TwoSided => statistic.abs(),
            Alternative::Less => -statistic,
            Alternative::Greater => statistic,
        }
    }

    fn compare_moments(&self, current: Moments) -> Option<TestResult> {
        let Moments { n, mean, variance } = current;
        let moments = SampleMoments {
            mean,
            rest: 0.0,
            variance,
        };
        (n >= 2 && variance.is_finite()).then(|| self.result(moments, n, 0))
    }
}
