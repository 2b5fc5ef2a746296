//! The Baumgartner-Weiss-Schindler test: has the distribution changed, by ranks
//! weighted towards the ends.
//!
//! Sees what the Anderson-Darling test sees, differences of location and in the
//! tails, with more power in small samples; [`KS`](super::KS) weighs the middle
//! more.

use serde::{Deserialize, Serialize};

use super::brunner_munzel::PermutationMethod;
use super::rearrangement::share_as_extreme;
use super::{Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::Result;
use crate::math::{anderson_darling_log_sf, sum};

/// Without ties, the smaller sample's size from which `"auto"` takes the limit
/// law.
const MIN_ASYMPTOTIC_N: usize = 100;

/// Baumgartner-Weiss-Schindler test.
///
/// B = the mean over both samples of the squared distance of each rank from what
/// is expected of it, over its variance: SciPy's
/// `bws_test(baseline, current)`, two-sided. Ties share their mean rank. The
/// effect size is Cliff's delta, P(current > baseline) - P(current < baseline),
/// which is blind to changes of spread alone.
///
/// `method="permutation"` looks at all arrangements of the labels if there are
/// few, else at 9,999 at random (999 for large samples), the same ones in every
/// call. `"asymptotic"` is the limit law, which is that of Anderson and
/// Darling's statistic: **wrong with ties**, which make B larger. `"auto"` takes
/// it for 100 or more values in each sample, all of them different.
/// All values equal: B is what the shared rank gives, p = 1.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted; infinities are values.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; 10,000 (n + m) steps where
/// labels are permuted.
/// # Errors
/// `EmptySample` when nothing is left.
/// # Source
/// Baumgartner, Weiss, Schindler, A nonparametric test for the general
/// two-sample problem, 1998, equations 2.3 to 2.5; Neuhaeuser, Exact tests
/// based on the Baumgartner-Weiss-Schindler statistic: a survey, 2005. Expected
/// values: tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{BaumgartnerWeissSchindler, Univariate};
/// let (baseline, current) = ([1., 2., 3.], [4., 5., 6.]);
/// let result = BaumgartnerWeissSchindler::default()
///     .compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.p_value.unwrap_or(0.0) - 0.1).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BaumgartnerWeissSchindler {
    /// How the p-value is computed.
    pub method: PermutationMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for BaumgartnerWeissSchindler {}

impl RankTest for BaumgartnerWeissSchindler {
    const NAME: &'static str = "baumgartner_weiss_schindler";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cliffs_delta";
    const NEEDS: Needs = Needs::RANK_SUM;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let (n, m) = (ranking.n(), ranking.m());
        let (size, other) = (n as i128, m as i128);
        let excess = ranking.rank_sum as i128 - other * (other + 1) - size * other;
        let statistic = statistic(ranking);
        Ok(Outcome {
            statistic,
            distance: statistic,
            p_value: Some(self.p_value(statistic, ranking)),
            effect_size: excess as f64 / (n as f64 * m as f64),
            df: None,
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(statistic(ranking))
    }
}

fn statistic(ranking: &Ranking<'_>) -> f64 {
    let groups = ranking.tie_groups().map(|g| (g.baseline, g.current));
    let mut sides = [
        Side::new(ranking.n(), ranking.m()),
        Side::new(ranking.m(), ranking.n()),
    ];
    add(&mut sides, groups);
    0.5 * sides.iter().map(Side::mean).sum::<f64>()
}

/// One sample's terms: Baumgartner, Weiss, Schindler 1998, equation 2.3.
struct Side {
    n: usize,
    m: usize,
    seen: usize,
    terms: Vec<f64>,
}

impl Side {
    fn new(n: usize, m: usize) -> Self {
        Self {
            n,
            m,
            seen: 0,
            terms: Vec::with_capacity(n),
        }
    }

    /// `times` values that share a rank, given doubled.
    fn add(&mut self, rank: usize, times: usize) {
        let (n, m) = (self.n as f64, self.m as f64);
        for _ in 0..times {
            self.seen += 1;
            // n (rank - N i / n), exact
            let distance = (self.n * rank) as i128 - 2 * ((self.n + self.m) * self.seen) as i128;
            let distance = distance as f64 / (2.0 * n);
            let share = self.seen as f64 / (n + 1.0);
            let left = (self.n + 1 - self.seen) as f64 / (n + 1.0);
            self.terms
                .push(distance * distance / (share * left * m * ((n + m) / n)));
        }
    }

    fn mean(&self) -> f64 {
        sum(&self.terms) / self.n as f64
    }
}

fn add(sides: &mut [Side; 2], groups: impl Iterator<Item = (usize, usize)>) {
    let [first, second] = sides;
    let mut before = 0;
    for (baseline, current) in groups {
        let rank = 2 * before + baseline + current + 1;
        first.add(rank, baseline);
        second.add(rank, current);
        before += baseline + current;
    }
}

impl BaumgartnerWeissSchindler {
    fn p_value(&self, observed: f64, ranking: &Ranking<'_>) -> PValue {
        let (n, m) = (ranking.n(), ranking.m());
        let permute = match self.method {
            PermutationMethod::Auto => n.min(m) < MIN_ASYMPTOTIC_N || ranking.ties > 0.0,
            PermutationMethod::Permutation => true,
            PermutationMethod::Asymptotic => false,
        };
        if !permute {
            return PValue::from_ln(anderson_darling_log_sf(observed));
        }
        let sizes: Vec<usize> = ranking
            .tie_groups()
            .map(|group| group.baseline + group.current)
            .collect();
        let mut sides = [Side::new(n, m), Side::new(m, n)];
        // What rounding makes of equal statistics.
        let goal = observed * (1.0 - 1e-10);
        PValue::new(share_as_extreme(n, m, |labels| {
            for side in &mut sides {
                side.seen = 0;
                side.terms.clear();
            }
            add(&mut sides, labels.groups(&sizes));
            0.5 * sides.iter().map(Side::mean).sum::<f64>() >= goal
        }))
    }
}
