//! The Baumgartner-Weiss-Schindler test: has the distribution changed, by ranks
//! weighted towards the ends.
//!
//! Sees what the Anderson-Darling test sees, differences of location and in the
//! tails, with more power in small samples; [`KS`](super::KS) weighs the middle
//! more.

use serde::{Deserialize, Serialize};

use super::brunner_munzel::PermutationMethod;
use super::cramer_von_mises::tied;
use super::rearrangement::share_as_extreme;
use super::{Needs, RankTest, Ranking};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::Result;
use crate::math::{anderson_darling_log_sf, sum};

/// Without many ties, the smaller sample's size from which `"auto"` takes the limit
/// law.
const MIN_ASYMPTOTIC_N: usize = 100;
/// Beyond, draws take seconds; without ties the limit is close even for few against
/// so many.
const MAX_PERMUTED_N: usize = 100_000;

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
/// Darling's statistic: **wrong with many ties**, which make B larger. `"auto"`
/// takes it for 100 or more values in each sample, with ties as few as the law
/// bears: the sum of t^3 - t over groups of t equal values at most 1e-8
/// (n + m)^3.
/// All values equal: B is what the shared rank gives, p = 1.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted; infinities are values.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; up to
/// 10,000 (n + m) steps where labels are permuted, from 40,000 values on 1,000.
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

#[derive(Debug, Clone, Copy)]
struct Size {
    n: usize,
    total: usize,
}

impl Size {
    /// 2 n |rank - N i / n| for the i-th value's doubled rank, exact.
    fn distance(self, rank: usize, i: usize) -> f64 {
        let products = (self.n.checked_mul(rank), (2 * self.total).checked_mul(i));
        if let (Some(a), Some(b)) = products {
            return a.abs_diff(b) as f64;
        }
        (self.n as u128 * rank as u128).abs_diff(2 * self.total as u128 * i as u128) as f64
    }
}

/// One sample's terms: Baumgartner, Weiss, Schindler 1998, equation 2.3.
struct Side {
    size: Size,
    /// What the square of each value's distance is divided by.
    scales: Vec<f64>,
    terms: Vec<f64>,
}

impl Side {
    fn new(n: usize, m: usize) -> Self {
        let (size, other) = (n as f64, m as f64);
        let scale = |i: usize| {
            let share = i as f64 / (size + 1.0);
            let left = (n + 1 - i) as f64 / (size + 1.0);
            4.0 * size * size * (share * left * other * ((size + other) / size))
        };
        Self {
            size: Size { n, total: n + m },
            scales: (1..=n).map(scale).collect(),
            terms: Vec::with_capacity(n),
        }
    }

    /// `times` values that share a rank, given doubled.
    fn add(&mut self, rank: usize, times: usize) {
        let before = self.terms.len();
        let scales = self.scales.get(before..before + times);
        let terms = scales.unwrap_or_default().iter().enumerate();
        self.terms.extend(terms.map(|(i, scale)| {
            let distance = self.size.distance(rank, before + i + 1);
            distance * distance / scale
        }));
    }

    fn mean(&self) -> f64 {
        sum(&self.terms) / self.terms.len() as f64
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
            PermutationMethod::Auto => {
                n.min(m) < MIN_ASYMPTOTIC_N && n + m <= MAX_PERMUTED_N || tied(ranking)
            }
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
        // B is the same when the samples change places; so are its draws.
        let (few, many) = (n.min(m), n.max(m));
        let mut sides = [Side::new(few, many), Side::new(many, few)];
        // What rounding makes of equal statistics.
        let goal = observed * (1.0 - 1e-10);
        PValue::new(share_as_extreme(few, many, |labels| {
            for side in &mut sides {
                side.terms.clear();
            }
            add(&mut sides, labels.groups(&sizes));
            0.5 * sides.iter().map(Side::mean).sum::<f64>() >= goal
        }))
    }
}
