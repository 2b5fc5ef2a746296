//! The Wasserstein distance: how far the mass has to move.
//!
//! In the unit of the data, so its size means something to those who know the
//! data, and it grows for as long as a shift grows, where distances between
//! shares ([`KS`](super::KS)) stop at 1. A few values far out can dominate it.
//! It has no p-value of its own.

use serde::{Deserialize, Serialize};

use super::{Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, Parameters};
use crate::error::Result;

/// Wasserstein distance of order 1 (earth mover's distance).
///
/// The integral of |F - G|, F and G the empirical distributions: the mean
/// distance that values have to move to make one sample the other. >= 0, in
/// the unit of the data; `normed` divides it by the baseline's sample standard
/// deviation (n - 1), without which it is 0 for no distance and infinite
/// otherwise. The effect size is the distance. SciPy's
/// `wasserstein_distance(baseline, current)`.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted; infinities are refused: the distance to them is
/// infinite however small their share.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities.
/// # Source
/// Vallender, Calculation of the Wasserstein distance between probability
/// distributions on the line, 1974; expected values: tests/data/ranking.json.
/// # Example
/// ```
/// use driftline::drift::{Univariate, Wasserstein};
/// let (baseline, current) = ([0., 1., 3.], [5., 6., 8.]);
/// let test = Wasserstein::default();
/// let result = test.compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 5.0);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wasserstein {
    /// Whether the distance is in standard deviations of the baseline.
    pub normed: bool,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Wasserstein {}

impl RankTest for Wasserstein {
    const NAME: &'static str = "wasserstein";
    const HAS_P_VALUE: bool = false;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "wasserstein";
    const NEEDS: Needs = Needs::WASSERSTEIN;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let mut distance = ranking.wasserstein;
        if self.normed && distance > 0.0 {
            distance /= ranking.baseline_moments().variance.sqrt();
        }
        Ok(Outcome {
            statistic: distance,
            distance,
            p_value: None,
            effect_size: distance,
            df: None,
        })
    }
}
