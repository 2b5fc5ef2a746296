//! The energy distance of two samples of numbers.
//!
//! Like [`Wasserstein`](super::Wasserstein) it grows with a shift; differences
//! count squared, so many small ones weigh less than one large. In the root of
//! the data's unit. It has no p-value of its own.

use serde::{Deserialize, Serialize};

use super::{Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, Parameters};
use crate::error::Result;

/// Energy distance.
///
/// The root of twice the integral of (F - G)^2, F and G the empirical
/// distributions, which is the root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|.
/// Not negative, in the root of the data's unit; the effect size too.
/// SciPy's `energy_distance(baseline, current)`.
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
/// Szekely, E-statistics: the energy of statistical samples, 2002, with Cramer,
/// On the composition of elementary errors, 1928; expected values:
/// tests/data/ranking.json.
/// # Example
/// ```
/// use driftline::drift::{Energy, Univariate};
/// let (baseline, current) = ([0., 8.], [0., 8.]);
/// let test = Energy::default();
/// let result = test.compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 0.0);
/// let result = test.compare([0.].as_slice().into(), [8.].as_slice().into())?;
/// assert_eq!(result.statistic, 4.0);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Energy {
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Energy {}

impl RankTest for Energy {
    const NAME: &'static str = "energy";
    const HAS_P_VALUE: bool = false;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "energy";
    const NEEDS: Needs = Needs::ENERGY;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let distance = (2.0 * ranking.energy).sqrt();
        Ok(Outcome {
            statistic: distance,
            distance,
            p_value: None,
            effect_size: distance,
            df: None,
        })
    }
}
