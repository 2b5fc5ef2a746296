//! The two-sample Kuiper test: has the distribution changed, tails included.
//!
//! As sensitive in the tails as at the median, and the same wherever a circle
//! (hours, directions) is cut open. For one change of location it is weaker than
//! Kolmogorov-Smirnov. Its p-values hold for continuous data and are too large
//! (cautious) with many ties.

use serde::{Deserialize, Serialize};

use super::{Method, Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};
use crate::math;

/// A few milliseconds.
const MAX_AUTO: u128 = 2_000_000;
/// One or two seconds.
const MAX_LATTICE: u128 = 250_000_000;

/// Two-sample Kuiper test.
///
/// V = max(F - G) + max(G - F), with F the baseline's empirical distribution and
/// G the current one's; between 0 and 1 and computed in integers. Two-sided by
/// nature. The effect size is the Kolmogorov-Smirnov distance. Infinities are
/// values.
///
/// `method="exact"` counts lattice paths on a circle. `"asymp"` is Kuiper's
/// limit law with Hodges' correction for either extreme and the lighter tail of
/// finite samples
/// ([`kuiper_two_sample_limit_log_sf`](crate::math::kuiper_two_sample_limit_log_sf)):
/// against the exact law, measured within 3 % for 1,000 and 1,500 values and p
/// above 1e-6, where the plain limit law is off by 20 %. For a single value in
/// either sample it is exact. `"auto"` is exact for equal sizes and while n m is
/// at most 2e6, and for separated samples (V = 1).
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1. Equal samples: V = 0, p = 1.
/// # Missing values
/// NaN is left out and counted.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; then the p-value: O(1) with
/// n = m or from the limit, otherwise exact in O(n m).
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` when `method="exact"` with
/// unequal sizes would visit more than 2.5e8 lattice points.
/// # Source
/// Kuiper, Tests concerning random points on a circle, 1960; Maag, Stephens, The
/// V_NM two-sample test, 1968; see
/// [`kuiper_two_sample_log_sf`](crate::math::kuiper_two_sample_log_sf).
/// Expected values: tests/data/limit_laws.json.
/// # Example
/// ```
/// use driftline::drift::{Kuiper, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4.], [3., 4., 5., 6.]);
/// let result =
///     Kuiper::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 0.5);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kuiper {
    /// How the p-value is computed.
    pub method: Method,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for Kuiper {}

impl RankTest for Kuiper {
    const NAME: &'static str = "kuiper";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "share_moved";
    const NEEDS: Needs = Needs::EXTREMES;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let (r, statistic) = range(ranking);
        let (n, m) = (ranking.n() as u64, ranking.m() as u64);
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(PValue::from_ln(self.log_p_value(n, m, r)?)),
            effect_size: share_moved(ranking),
            df: None,
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(range(ranking).1)
    }
}

/// V in units of 1 / lcm(n, m), and V itself.
fn range(ranking: &Ranking<'_>) -> (u64, f64) {
    let (n, m) = (ranking.n() as u64, ranking.m() as u64);
    let g = math::gcd(n, m);
    let r = ((ranking.above - ranking.below).unsigned_abs() / u128::from(g)) as u64;
    (r, r as f64 / (n / g * m) as f64)
}

/// The Kolmogorov-Smirnov distance.
pub(super) fn share_moved(ranking: &Ranking<'_>) -> f64 {
    let (n, m) = (ranking.n() as u64, ranking.m() as u64);
    let g = math::gcd(n, m);
    let h = ranking.above.max(-ranking.below).unsigned_abs() / u128::from(g);
    h as f64 / (n / g * m) as f64
}

impl Kuiper {
    fn log_p_value(&self, n: u64, m: u64, r: u64) -> Result<f64> {
        // Separated samples: one run of each on the circle, wherever it is cut.
        let separated = r == n / math::gcd(n, m) * m;
        if separated && self.method != Method::Asymp {
            let ln = ((n + m) as f64).ln() - math::ln_binomial(n + m, n);
            return Ok(ln.min(0.0));
        }
        let points = if n == m {
            0
        } else {
            u128::from(n) * u128::from(m)
        };
        let exact = match self.method {
            Method::Auto => points <= MAX_AUTO,
            Method::Exact => true,
            Method::Asymp => n.min(m) == 1 && points <= MAX_AUTO,
        };
        if !exact {
            return Ok(math::kuiper_two_sample_limit_log_sf(n, m, r));
        }
        if points > MAX_LATTICE {
            let got = format!("\"exact\" for samples of {n} and {m} values");
            let allowed = "\"auto\" or \"asymp\", or sizes that are equal or whose product is \
                           at most 2.5e8";
            return Err(Error::invalid_value("method", got, allowed));
        }
        // Symmetric in the samples, to the last bit.
        Ok(math::kuiper_two_sample_log_sf(n.max(m), n.min(m), r))
    }
}
