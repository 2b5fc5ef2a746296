//! The Mann-Whitney U test: are values of one sample larger more often.
//!
//! Sees shifts, in heavy tails better than [`Welch`](super::Welch); blind to
//! changes of spread that leave P(current > baseline) at one half. Under unequal
//! spreads [`BrunnerMunzel`](super::BrunnerMunzel) keeps its level where this
//! test does not.

use serde::{Deserialize, Serialize};

use super::linear_rank::{Scored, exact_tails, saddle_point_tail, scored, small};
use super::{Needs, RankTest, Ranking};
use crate::drift::{Alternative, NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};
use crate::math::normal_log_sf;

/// How the p-value of a rank test is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RankMethod {
    /// Exact where that is cheap, otherwise an approximation.
    #[default]
    Auto,
    /// Exact given the ties, or an error when that would take too long.
    Exact,
    /// The limit law, as each test says; it minds ties.
    Asymptotic,
}

/// Additions: less than a millisecond.
const MAX_AUTO_WORK: u128 = 1_000_000;
/// One or two seconds.
const MAX_WORK: u128 = 1_500_000_000;

impl RankMethod {
    /// ln P(S <= s) and ln P(S >= s) where the method is exact, and where the
    /// normal law may be far off.
    pub(super) fn exact(
        self,
        groups: impl FnOnce() -> Vec<Scored>,
        n: usize,
        m: usize,
    ) -> Result<Option<(f64, f64)>> {
        match self {
            Self::Asymptotic => Ok(None),
            Self::Auto if !small(n, m) => Ok(None),
            Self::Auto => {
                let groups = groups();
                if let Some(tails) = exact_tails(&groups, MAX_AUTO_WORK) {
                    return Ok(Some(tails));
                }
                // The other tail has no use but to say that there is no evidence.
                let lower = saddle_point_tail(&groups, false);
                let upper = saddle_point_tail(&groups, true);
                let rest = |ln: f64| (-ln.exp()).ln_1p();
                Ok(match (lower, upper) {
                    (Some(lower), _) => Some((lower, rest(lower))),
                    (_, Some(upper)) => Some((rest(upper), upper)),
                    _ => None,
                })
            }
            Self::Exact => match exact_tails(&groups(), MAX_WORK) {
                Some(tails) => Ok(Some(tails)),
                None => {
                    let got = format!("\"exact\" for samples of {n} and {m} values");
                    let allowed = "\"auto\" or \"asymptotic\", or smaller samples";
                    Err(Error::invalid_value("method", got, allowed))
                }
            },
        }
    }
}

/// Two-sided: twice the smaller tail.
pub(super) fn exact_p_value(alternative: Alternative, (lower, upper): (f64, f64)) -> PValue {
    PValue::from_ln(match alternative {
        Alternative::Less => lower,
        Alternative::Greater => upper,
        Alternative::TwoSided => std::f64::consts::LN_2 + lower.min(upper),
    })
}

/// Mann-Whitney U test (Wilcoxon's rank-sum test).
///
/// U = the number of pairs with baseline > current plus half of those that are
/// equal, between 0 and n m: SciPy's `mannwhitneyu(baseline, current)`.
/// `alternative="less"`: the baseline's values are the smaller ones;
/// `"greater"`: the larger ones. The effect size is Cliff's delta,
/// P(current > baseline) - P(current < baseline), so **positive when current
/// values are larger**.
///
/// `method="exact"` counts the arrangements of the labels given the ties (SciPy
/// ignores ties there), two-sided by doubling the smaller tail. `"asymptotic"`
/// is the normal law with the variance corrected for ties and, unless
/// `use_continuity` is false, with a continuity correction of one half. `"auto"`
/// is exact while that takes at most 1e6 additions (about 25 values in each
/// sample, and more the further they are apart), then, up to 200 values in the
/// smaller sample (30 with more than 100,000 in both), a saddle point, and beyond
/// it asymptotic. The p-value is 1 when all
/// values are equal. What a `threshold` is compared with is how far U is from
/// n m / 2.
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
/// Mann, Whitney, On a test of whether one of two random variables is
/// stochastically larger than the other, 1947; Lehmann, Nonparametrics, 1975,
/// equation 1.35 (ties); Cliff, 1993 (delta). Expected values:
/// tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{MannWhitney, Univariate};
/// let (baseline, current) = ([1., 2., 3.], [4., 5., 6.]);
/// let result =
///     MannWhitney::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!((result.statistic, result.effect_size), (0.0, 1.0));
/// assert!((result.p_value.unwrap_or(0.0) - 0.1).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MannWhitney {
    /// Which differences count.
    pub alternative: Alternative,
    /// How the p-value is computed.
    pub method: RankMethod,
    /// Whether the normal law is corrected for the steps of U.
    pub use_continuity: bool,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for MannWhitney {
    fn default() -> Self {
        Self {
            alternative: Alternative::default(),
            method: RankMethod::default(),
            use_continuity: true,
            nan_policy: NanPolicy::default(),
        }
    }
}

impl Parameters for MannWhitney {}

impl RankTest for MannWhitney {
    const NAME: &'static str = "mann_whitney";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cliffs_delta";
    const NEEDS: Needs = Needs::RANK_SUM;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let (n, m) = (ranking.n(), ranking.m());
        let pairs = n as f64 * m as f64;
        let excess = excess(ranking);
        // Twice the rank, less one: no fractions.
        let groups = || scored(ranking, |before, size| (2 * before + size) as i128);
        let p_value = match self.method.exact(groups, n, m)? {
            Some(tails) => exact_p_value(self.alternative, tails),
            None => self.asymptotic(ranking),
        };
        Ok(Outcome {
            statistic: pairs / 2.0 + beyond(ranking),
            distance: self.alternative.distance(beyond(ranking)),
            p_value: Some(p_value),
            effect_size: excess as f64 / pairs,
            df: None,
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(self.alternative.distance(beyond(ranking)))
    }
}

/// Pairs with current > baseline less pairs with current < baseline.
fn excess(ranking: &Ranking<'_>) -> i128 {
    let (n, m) = (ranking.n() as i128, ranking.m() as i128);
    // rank_sum is twice the current sample's, so this is 2 U - n m of current.
    ranking.rank_sum as i128 - m * (m + 1) - n * m
}

/// U of the baseline less its mean.
fn beyond(ranking: &Ranking<'_>) -> f64 {
    -(excess(ranking) as f64) / 2.0
}

impl MannWhitney {
    fn asymptotic(&self, ranking: &Ranking<'_>) -> PValue {
        let (n, m) = (ranking.n() as f64, ranking.m() as f64);
        let total = n + m;
        // Lehmann 1975, equation 1.35
        let untied = (total * total * total - total - ranking.ties).max(0.0);
        let spread = (n * m / (12.0 * total * (total - 1.0)) * untied).sqrt();
        if spread == 0.0 {
            return PValue::ONE;
        }
        let correction = if self.use_continuity { 0.5 } else { 0.0 };
        let log_sf = |deviation: f64| normal_log_sf((deviation - correction) / spread);
        self.alternative.p_value(beyond(ranking), log_sf)
    }
}
