//! The Ansari-Bradley test for equal scales, by ranks.
//!
//! Holds for samples with equal medians only: a shift alone brings the samples
//! to either end. [`Levene`](super::Levene) needs no such assumption, but
//! moments; [`Mood`](super::Mood) weighs the extremes more.

use serde::{Deserialize, Serialize};

use super::linear_rank::{moments, scored};
use super::mann_whitney::{RankMethod, exact_p_value};
use super::{Needs, RankTest, Ranking};
use crate::drift::{Alternative, NanPolicy, Outcome, Parameters};
use crate::error::Result;
use crate::math::normal_log_sf;

/// Ansari-Bradley test for equal scales.
///
/// AB = the sum of the baseline's ranks counted from the nearer end, ties
/// sharing their mean rank: SciPy's `ansari(baseline, current)`, large when the
/// current spread is larger. `alternative="less"`: the baseline's scale is less
/// than the current one's; `"greater"`: it is greater. The effect size is the
/// difference of mean scores, baseline minus current, over their range:
/// between -1 and 1, positive when the current spread is larger.
///
/// `method="exact"` counts the arrangements of the labels given the ties,
/// two-sided by doubling the smaller tail; `"asymptotic"` is the normal law with
/// the mean (SciPy takes that without ties, which is off where equal values
/// straddle the middle) and variance given the ties; `"auto"` is
/// that of [`MannWhitney`](super::MannWhitney): exact, a saddle point, or
/// asymptotic. All values equal: p = 1.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted; infinities are values.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; exact up to seconds
/// with `"exact"`.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` when `method="exact"`
/// would take more than 1.5e9 additions.
/// # Source
/// Ansari, Bradley, Rank-sum tests for dispersions, 1960; Hollander, Wolfe,
/// Nonparametric statistical methods, 1999, section 5.1. Expected values:
/// tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{AnsariBradley, Univariate};
/// let (baseline, current) = ([2., 3., 4.], [0., 1., 5., 6.]);
/// let result = AnsariBradley::default()
///     .compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 10.0);
/// assert!((result.p_value.unwrap_or(0.0) - 2.0 / 35.0).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnsariBradley {
    /// Which differences count.
    pub alternative: Alternative,
    /// How the p-value is computed.
    pub method: RankMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for AnsariBradley {}

impl RankTest for AnsariBradley {
    const NAME: &'static str = "ansari_bradley";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "ansari_bradley";
    const NEEDS: Needs = Needs::NONE;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let (n, m) = (ranking.n(), ranking.m());
        let total = (n + m) as i128;
        // Minus twice the mean rank from the nearer end: large where the
        // baseline's scale is.
        let groups = scored(ranking, |before, size| {
            let rank = (2 * before + size + 1) as i128;
            -rank.min(2 * (total + 1) - rank)
        });
        let moments = moments(&groups);
        let deviation = moments.deviation as f64 / total as f64;
        let p_value = match self.method.exact(|| groups.clone(), n, m)? {
            Some(tails) => exact_p_value(self.alternative, tails),
            None if moments.variance > 0.0 => {
                let z = deviation / moments.variance.sqrt();
                self.alternative.p_value(z, normal_log_sf)
            }
            None => crate::drift::PValue::ONE,
        };
        // mean(current) - mean(baseline) = -N / (n m) (sum - expected), scores
        // doubled.
        let difference = -deviation * (total as f64 / (n as f64 * m as f64)) / 2.0;
        let range = ((total - 1) / 2) as f64;
        Ok(Outcome {
            statistic: -moments.sum as f64 / 2.0,
            distance: self.alternative.distance(deviation / 2.0),
            p_value: Some(p_value),
            effect_size: if deviation == 0.0 {
                0.0
            } else {
                difference / range
            },
            df: None,
        })
    }
}
