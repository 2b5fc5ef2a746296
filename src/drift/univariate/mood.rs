//! Mood's test for equal scales, by ranks.
//!
//! Holds for samples with equal medians only: a shift alone brings its
//! statistic down. [`Levene`](super::Levene) needs no such assumption, but
//! moments. Squares weigh the extremes more than
//! [`AnsariBradley`](super::AnsariBradley) does.

use serde::{Deserialize, Serialize};

use super::linear_rank::{moments, scored};
use super::mann_whitney::{RankMethod, exact_p_value};
use super::{Needs, RankTest, Ranking};
use crate::drift::{Alternative, NanPolicy, Outcome, Parameters};
use crate::error::{Error, Result};
use crate::math::normal_log_sf;

/// Mood's test for equal scales.
///
/// z = the standardised sum of the baseline's (rank - (N + 1) / 2)^2: SciPy's
/// `mood(baseline, current)`, **negative when the current spread is larger**;
/// with ties, the mean of the scores of the ranks they share (Mielke).
/// `alternative="less"`: the baseline's scale is less than the current one's;
/// `"greater"`: it is greater. The effect size is the difference of mean scores,
/// current minus baseline, over the largest score: between -1 and 1, positive
/// when the current spread is larger.
///
/// `method="exact"` counts the arrangements of the labels given the ties,
/// two-sided by doubling the smaller tail; `"asymptotic"` is the normal law;
/// `"auto"` is that of [`MannWhitney`](super::MannWhitney): exact, a saddle
/// point, or asymptotic. All values equal: z = 0, p = 1.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1 and n + m >= 3.
/// # Missing values
/// NaN is left out and counted; infinities are values.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for one value against
/// one, or when `method="exact"` would take more than 1.5e9 additions.
/// # Source
/// Mood, On the asymptotic efficiency of certain nonparametric two-sample
/// tests, 1954; Mielke, Note on some squared rank tests with existing ties,
/// 1967. Expected values: tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{Mood, Univariate};
/// let (baseline, current) = ([2., 3., 4.], [0., 1., 5., 6.]);
/// let result =
///     Mood::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!(result.statistic < -1.8 && result.effect_size > 0.6);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mood {
    /// Which differences count.
    pub alternative: Alternative,
    /// How the p-value is computed.
    pub method: RankMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Mood {}

impl RankTest for Mood {
    const NAME: &'static str = "mood";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "mood";
    const NEEDS: Needs = Needs::NONE;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let (n, m) = (ranking.n(), ranking.m());
        if n + m < 3 {
            let allowed = "at least 2 values in one of the samples";
            return Err(Error::invalid_value(
                "current",
                "1 value against 1",
                allowed,
            ));
        }
        let total = (n + m) as i128;
        // Twelve times the mean of (rank - (N + 1) / 2)^2 over `size` ranks.
        let groups = scored(ranking, |before, size| {
            let middle = 2 * before as i128 + size as i128 - total;
            let size = size as i128;
            3 * middle * middle + size * size - 1
        });
        let moments = moments(&groups);
        let deviation = moments.deviation as f64 / total as f64;
        let statistic = if moments.variance > 0.0 {
            deviation / moments.variance.sqrt()
        } else {
            0.0
        };
        let p_value = match self.method.exact(|| groups.clone(), n, m)? {
            Some(tails) => exact_p_value(self.alternative, tails),
            None => self.alternative.p_value(statistic, normal_log_sf),
        };
        // mean(current) - mean(baseline) = -N / (n m) (sum - expected)
        let largest = (3 * (total - 1) * (total - 1)) as f64;
        let difference = -deviation * (total as f64 / (n as f64 * m as f64));
        Ok(Outcome {
            statistic,
            distance: self.alternative.distance(statistic),
            p_value: Some(p_value),
            effect_size: if deviation == 0.0 {
                0.0
            } else {
                difference / largest
            },
            df: None,
        })
    }
}
