//! What a comparison answers.

use std::borrow::Cow;

use super::{EffectSize, PValue};
use crate::error::{Error, Result};

/// What a test makes of two samples; [`TestResult`] adds what was compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The statistic or distance.
    pub statistic: f64,
    /// How far out that is, see [`TestResult::distance`].
    pub distance: f64,
    /// Probability of a statistic at least this extreme without drift; `None`
    /// for distances.
    pub p_value: Option<PValue>,
    /// The test's own measure of how large the difference is.
    pub effect_size: f64,
    /// Degrees of freedom, where the test has them.
    pub df: Option<f64>,
}

/// The outcome of comparing a current sample with a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct TestResult {
    /// Configuration name of the test.
    pub test: Cow<'static, str>,
    /// The statistic or distance.
    pub statistic: f64,
    /// How far out the statistic is, in the direction that counts as drift:
    /// what a `threshold` is compared with. The statistic itself for distances,
    /// its absolute value (or that of its difference from what is expected
    /// without drift) for a two-sided signed statistic, its negative where the
    /// alternative points down.
    pub distance: f64,
    /// Probability of a statistic at least this extreme without drift; `None`
    /// for distances.
    pub p_value: Option<f64>,
    /// Natural logarithm of `p_value`, which stays finite below 1e-308.
    pub log_p_value: Option<f64>,
    /// The test's own measure of how large the difference is.
    pub effect_size: f64,
    /// Degrees of freedom, where the test has them.
    pub df: Option<f64>,
    /// Values of the baseline that were used.
    pub n_baseline: usize,
    /// Values of the current sample that were used.
    pub n_current: usize,
    /// Missing values left out of the baseline.
    pub n_missing_baseline: usize,
    /// Missing values left out of the current sample.
    pub n_missing_current: usize,
}

impl TestResult {
    /// Whether this counts as drift: every criterion given must hold, and at
    /// least one must be given.
    ///
    /// `alpha`, between 0 and 1: the p-value is below it. `threshold`: the
    /// distance (the statistic, for signed ones its size in the direction of
    /// the alternative) is at least this. `min_effect`, not negative: the
    /// estimated effect size, whatever its sign, is at least this. A result
    /// does not keep its samples, so the estimate decides here, however few
    /// values it stands on; [`drifted_by`](Self::drifted_by) lets the interval
    /// decide. With very large samples any difference is significant: give
    /// `min_effect` beside `alpha`.
    ///
    /// # Errors
    /// `InvalidValue` when no criterion is given, one is out of range, or
    /// `alpha` is given for a test without p-value.
    /// # Example
    /// ```
    /// use driftline::drift::{KS, Univariate};
    /// let (baseline, current) = ([1., 2., 3.], [7., 8.]);
    /// let result =
    ///     KS::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
    /// assert!(result.drifted(None, Some(0.9), None)?);
    /// assert!(!result.drifted(Some(0.05), Some(0.9), None)?);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn drifted(
        &self,
        alpha: Option<f64>,
        threshold: Option<f64>,
        min_effect: Option<f64>,
    ) -> Result<bool> {
        self.drifted_by(alpha, threshold, min_effect, None)
    }

    /// [`drifted`](Self::drifted), where `min_effect` is compared with what the
    /// interval of `effect` leaves possible: its end nearest to zero must be at
    /// least this, so that few values prove no effect. `effect` is that of
    /// [`Univariate::effect`](super::Univariate::effect): one of
    /// [`effects`](super::effects) or
    /// [`effects_of_counts`](super::effects_of_counts), else
    /// [`own_effect`](super::own_effect) or
    /// [`own_effect_of_counts`](super::own_effect_of_counts). Without it the
    /// estimate itself is compared.
    ///
    /// # Errors
    /// Those of [`drifted`](Self::drifted).
    /// # Example
    /// ```
    /// use driftline::drift::{KS, Univariate, share_moved};
    /// let (baseline, current) = ([1., 2., 3.], [7., 8.]);
    /// let result =
    ///     KS::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
    /// let effect = share_moved(result.effect_size, 3, 2, 0.95)?;
    /// assert!(result.drifted(None, None, Some(0.3))?);
    /// assert!(!result.drifted_by(None, None, Some(0.3), Some(&effect))?);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn drifted_by(
        &self,
        alpha: Option<f64>,
        threshold: Option<f64>,
        min_effect: Option<f64>,
        effect: Option<&EffectSize>,
    ) -> Result<bool> {
        if alpha.is_none() && threshold.is_none() && min_effect.is_none() {
            let allowed = "at least one of alpha, threshold, min_effect";
            return Err(Error::invalid_value("drifted", "no criterion", allowed));
        }
        let mut drifted = true;
        if let Some(alpha) = alpha {
            if !(alpha > 0.0 && alpha < 1.0) {
                let allowed = "a number between 0 and 1, both excluded";
                return Err(Error::invalid_value("alpha", alpha, allowed));
            }
            let Some(p_value) = self.p_value else {
                let got = format!("{alpha} for \"{}\", which has no p-value", self.test);
                let allowed = "threshold or min_effect for this test";
                return Err(Error::invalid_value("alpha", got, allowed));
            };
            drifted &= p_value < alpha;
        }
        if let Some(threshold) = threshold {
            if threshold.is_nan() {
                return Err(Error::invalid_value("threshold", "NaN", "a number"));
            }
            drifted &= self.distance >= threshold;
        }
        if let Some(min_effect) = min_effect {
            if min_effect.is_nan() || min_effect < 0.0 {
                let allowed = "a number that is not negative";
                return Err(Error::invalid_value("min_effect", min_effect, allowed));
            }
            let size = effect.map_or(self.effect_size.abs(), EffectSize::at_least);
            drifted &= size >= min_effect;
        }
        Ok(drifted)
    }
}
