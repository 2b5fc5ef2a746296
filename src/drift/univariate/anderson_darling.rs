//! The two-sample Anderson-Darling test: has the distribution changed, tails
//! included.
//!
//! Weighs the squared distance between the empirical distributions by its
//! inverse variance: as sensitive in the tails as in the middle, and often the
//! strongest of its kind. Ties are accounted for.

use serde::{Deserialize, Serialize};

use super::cramer_von_mises::{bounded, form, small, tied};
use super::kuiper::share_moved;
use super::{Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::Result;
use crate::math::{self, Weighting};

/// Partial sums, at some 10 ns.
const BUDGET: usize = 1 << 19;

/// Two-sample Anderson-Darling test.
///
/// The statistic is (A^2 - 1) / sigma, with A^2 of Scholz and Stephens for
/// mid-ranks and sigma its standard deviation without ties: SciPy's
/// `anderson_ksamp([baseline, current])`, which clips its p-values to 0.001 and
/// 0.25 and takes them from a curve through seven points. Negative when the
/// samples are more alike than chance makes them: only large values are evidence,
/// and a negative one is no distance at all, 0.
/// The effect size is the Kolmogorov-Smirnov distance. Infinities are values.
///
/// The p-value is that of a permutation test, given how the values are tied:
/// exact for small samples (about 17 values in each, more with ties; any number
/// against a single one), beyond it from the limit law of A^2 at the exact
/// variance, with the lighter tail of finite samples; with ties, from the limit
/// law of the tied data; where one sample has up to 200 values (and both up to
/// 100,000) brought to the exact probability of separated samples.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1. Constant: A^2 = 0, p = 1. For
/// less than 4 values, where sigma has a pole, sigma is that of the limit.
/// # Missing values
/// NaN is left out and counted.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; then the p-value: O(1)
/// without ties (some 20 us), otherwise bounded (some 10 ms).
/// # Errors
/// `EmptySample` when nothing is left.
/// # Source
/// Scholz, Stephens, K-sample Anderson-Darling tests, 1987, equations 4 and 7;
/// [`QuadraticForm`](crate::math::QuadraticForm) for ties and the exact law.
/// Expected values: tests/data/limit_laws.json.
/// # Example
/// ```
/// use driftline::drift::{AndersonDarling, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4.], [5., 6., 7., 8.]);
/// let result =
///     AndersonDarling::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.p_value.unwrap_or(0.0) - 2.0 / 70.0).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AndersonDarling {
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for AndersonDarling {}

impl RankTest for AndersonDarling {
    const NAME: &'static str = "anderson_darling";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "share_moved";
    const NEEDS: Needs = Needs::EXTREMES
        .and(Needs::ANDERSON_DARLING)
        .and(Needs::RANK_SUM);

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let statistic = normalised(ranking);
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(PValue::from_ln(log_p_value(ranking))),
            effect_size: share_moved(ranking),
            df: None,
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(normalised(ranking))
    }
}

fn normalised(ranking: &Ranking<'_>) -> f64 {
    let sigma = math::anderson_darling_sigma(ranking.n() as u64, ranking.m() as u64);
    (ranking.anderson_darling - 1.0) / sigma
}

fn log_p_value(ranking: &Ranking<'_>) -> f64 {
    let (n, m) = (ranking.n(), ranking.m());
    let (tied, small) = (tied(ranking), small(ranking));
    let statistic = ranking.anderson_darling;
    let mut deviation = math::anderson_darling_sigma(n as u64, m as u64);
    if tied || small {
        let form = form(Weighting::AndersonDarling, ranking);
        let exact = if small {
            form.exact_log_sf(BUDGET)
        } else {
            None
        };
        if let Some(ln) = exact {
            return ln;
        }
        if tied {
            let limit = |x| form.limit_log_sf(x);
            return bounded(Weighting::AndersonDarling, ranking, statistic, limit);
        }
        // Mid-ranks vary a little less.
        deviation = form.variance().sqrt();
    }
    let limit = |x| math::anderson_darling_two_sample_log_sf(n as u64, m as u64, x, deviation);
    bounded(Weighting::AndersonDarling, ranking, statistic, limit)
}
