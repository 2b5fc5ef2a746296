//! The two-sample Cramer-von Mises test: has the distribution changed.
//!
//! Sums the squared distance between the empirical distributions instead of
//! taking the largest: often stronger than Kolmogorov-Smirnov, least sensitive
//! in the tails. Ties are accounted for.

use serde::{Deserialize, Serialize};

use super::kuiper::share_moved;
use super::{Needs, RankMethod, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};
use crate::math::{self, QuadraticForm, Weighting};

/// Partial sums, at some 10 ns.
const AUTO_BUDGET: usize = 1 << 20;
/// A third of a second, and as many as fit into half a gigabyte.
const EXACT_BUDGET: usize = 1 << 25;
/// With more values than this in both, or than this in one, the limit is as good.
const FEW_VALUES: usize = 100;
const FEW_IN_ONE: usize = 10;
/// With more values than this, no exact law is tried unasked.
const MAX_AUTO_N: usize = 2_000;
/// With more values than this in both, limits have no need of a bound.
const FEW_BOUNDED: usize = 200;
/// With more values than this, only separated samples are treated apart.
const MAX_BOUNDED: usize = 100_000;
/// Ties that matter: sum of t^3 - t over N^3 for groups of t equal values. The
/// limit law changes by about as much.
const FEW_TIES: f64 = 1e-8;

/// Two-sample Cramer-von Mises test.
///
/// T = n m / N^2 times the sum over the pooled sample of (F - G)^2, with F the
/// baseline's empirical distribution and G the current one's, both taken at the
/// value itself: SciPy's `cramervonmises_2samp(baseline, current)` without ties.
/// With ties SciPy puts mid-ranks into a formula that holds without; here T
/// remains the sum. The effect size is the Kolmogorov-Smirnov distance.
/// Infinities are values.
///
/// The p-value is that of a permutation test, given how the values are tied.
/// `method="exact"` counts all arrangements. `"asymptotic"` is SciPy's (the limit
/// law at the exact mean and variance of T), to 1e-9 of the limit where SciPy's
/// series stops at 1e-7; SciPy has none for a single value, here it is exact.
/// `"auto"` is exact for small samples (about 20 values in each, more with ties;
/// any number against a single one), beyond it the limit law with the lighter tail
/// of finite samples, brought to the exact probability of separated samples where
/// one has up to 200 values (and both up to 100,000). With ties, both limits are that of the tied data.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1. Constant: T = 0, p = 1.
/// # Missing values
/// NaN is left out and counted.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; then the p-value: O(1)
/// without ties (some 10 us), otherwise bounded (some 10 ms).
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` when `method="exact"` would
/// need more than 3e7 partial sums.
/// # Source
/// Anderson, On the distribution of the two-sample Cramer-von Mises criterion,
/// 1962; [`QuadraticForm`](crate::math::QuadraticForm) for ties and the exact
/// law. Expected values: tests/data/limit_laws.json.
/// # Example
/// ```
/// use driftline::drift::{CramerVonMises, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4.], [5., 6., 7., 8.]);
/// let result =
///     CramerVonMises::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 0.6875);
/// assert!((result.p_value.unwrap_or(0.0) - 2.0 / 70.0).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CramerVonMises {
    /// How the p-value is computed.
    pub method: RankMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for CramerVonMises {}

impl RankTest for CramerVonMises {
    const NAME: &'static str = "cramer_von_mises";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "share_moved";
    const NEEDS: Needs = Needs::EXTREMES
        .and(Needs::CRAMER_VON_MISES)
        .and(Needs::RANK_SUM);

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let statistic = t(ranking);
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(PValue::from_ln(self.log_p_value(ranking, statistic)?)),
            effect_size: share_moved(ranking),
            df: None,
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(t(ranking))
    }
}

fn t(ranking: &Ranking<'_>) -> f64 {
    let (n, m) = (ranking.n() as f64, ranking.m() as f64);
    // Symmetric in the samples, to the last bit.
    ranking.cramer_von_mises * (n * m) / ((n + m) * (n + m))
}

/// Whether so many values are tied that the law of continuous data is wrong.
pub(super) fn tied(ranking: &Ranking<'_>) -> bool {
    ranking.ties > FEW_TIES * ((ranking.n() + ranking.m()) as f64).powi(3)
}

/// Whether the exact law may be cheap, and the limit is not as good; for a single
/// value it always is.
pub(super) fn small(ranking: &Ranking<'_>) -> bool {
    let (n, m) = (ranking.n(), ranking.m());
    n + m <= FEW_VALUES || n.min(m) <= FEW_IN_ONE && n + m <= MAX_AUTO_N || n.min(m) == 1
}

/// The groups of equal values, of both samples.
pub(super) fn form(weighting: Weighting, ranking: &Ranking<'_>) -> QuadraticForm {
    let groups = ranking
        .tie_groups()
        .map(|group| (group.baseline as u64, group.current as u64));
    QuadraticForm::new(weighting, ranking.n() as u64, ranking.m() as u64, groups)
}

/// A limit law brought to the exact probability of separated samples, where one
/// of the samples is small.
pub(super) fn bounded(
    weighting: Weighting,
    ranking: &Ranking<'_>,
    statistic: f64,
    limit: impl Fn(f64) -> f64,
) -> f64 {
    let (n, m) = (ranking.n(), ranking.m());
    let few = n.min(m);
    if few > FEW_BOUNDED {
        return limit(statistic);
    }
    if n + m > MAX_BOUNDED {
        let separated = ranking.above.max(-ranking.below).unsigned_abs() == n as u128 * m as u128;
        if separated {
            let orders = math::ln_binomial((n + m) as u64, few as u64);
            return std::f64::consts::LN_2 - orders;
        }
        return limit(statistic);
    }
    let groups = ranking
        .tie_groups()
        .map(|group| (group.baseline as u64, group.current as u64));
    let form = QuadraticForm::whole(weighting, n as u64, m as u64, groups);
    form.bounded_log_sf(statistic, limit)
}

impl CramerVonMises {
    fn log_p_value(&self, ranking: &Ranking<'_>, statistic: f64) -> Result<f64> {
        let (n, m) = (ranking.n(), ranking.m());
        let budget = match self.method {
            RankMethod::Auto if small(ranking) => Some(AUTO_BUDGET),
            RankMethod::Exact => Some(EXACT_BUDGET),
            // There is no limit with a single value.
            RankMethod::Asymptotic if n.min(m) == 1 => Some(AUTO_BUDGET),
            _ => None,
        };
        let tied = tied(ranking);
        let form = (tied || budget.is_some()).then(|| form(Weighting::CramerVonMises, ranking));
        if let (Some(form), Some(budget)) = (&form, budget) {
            if let Some(ln) = form.exact_log_sf(budget) {
                return Ok(ln);
            }
            if self.method == RankMethod::Exact {
                let got = format!("\"exact\" for samples of {n} and {m} values");
                let allowed = "\"auto\" or \"asymptotic\", or smaller samples";
                return Err(Error::invalid_value("method", got, allowed));
            }
        }
        let (n, m) = (n as u64, m as u64);
        Ok(match (form, self.method) {
            (Some(form), RankMethod::Asymptotic) if tied => form.asymptotic_log_sf(statistic),
            (Some(form), _) if tied => {
                let limit = |x| form.limit_log_sf(x);
                bounded(Weighting::CramerVonMises, ranking, statistic, limit)
            }
            (_, RankMethod::Asymptotic) => {
                math::cramer_von_mises_asymptotic_log_sf(n, m, statistic)
            }
            _ => {
                let limit = |x| math::cramer_von_mises_two_sample_log_sf(n, m, x);
                bounded(Weighting::CramerVonMises, ranking, statistic, limit)
            }
        })
    }
}
