//! The Brunner-Munzel test: are values of one sample larger more often,
//! whatever the spreads.
//!
//! The null hypothesis is P(current > baseline) + P(equal) / 2 = 1/2, where
//! [`MannWhitney`](super::MannWhitney) assumes equal distributions. Blind to
//! changes of spread or shape that leave it so.

use serde::{Deserialize, Serialize};

use super::rearrangement::share_of_choices;
use super::{Needs, RankTest, Ranking};
use crate::drift::{Alternative, NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};
use crate::math::{ln_binomial, normal_log_sf, student_t_log_sf};

/// The asymptotic law of [`BrunnerMunzel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Law {
    /// Student's t with Satterthwaite's degrees of freedom.
    #[default]
    T,
    /// The normal law: for large samples.
    Normal,
}

/// How the p-value of a studentised or quadratic rank test is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PermutationMethod {
    /// By permutation for small samples, otherwise asymptotic.
    #[default]
    Auto,
    /// By permutation: all of them if there are few, else 9,999 at random, the
    /// same ones in every call.
    Permutation,
    /// The asymptotic law.
    Asymptotic,
}

/// Up to so many values in both samples `"auto"` permutes, ...
const MAX_AUTO_TOTAL: usize = 60;
/// ... and with fewer in the smaller one: the t law takes no notice of how few
/// they are (3 against 100: it rejects in 10 % of all looks at 5 %).
const MIN_ASYMPTOTIC_N: usize = 20;

/// Brunner-Munzel test.
///
/// W = the difference of mean ranks, current minus baseline, studentised by the
/// variances of the placements: SciPy's `brunnermunzel(baseline, current)`, so
/// **positive when current values are larger**. `alternative="less"`: the
/// baseline's values are the smaller ones; `"greater"`: the larger ones. The
/// effect size is Cliff's delta, P(current > baseline) - P(current < baseline).
///
/// The t law rejects too often with few values: `method="auto"` permutes the
/// labels (Neubert and Brunner) up to 60 values in both samples or with fewer
/// than 20 in either; where they are drawn at random, p is 1/10,000 or more.
/// Else it takes `distribution`, `"t"` (with `df`) or `"normal"`, and never
/// answers less than the probability of a single arrangement of the labels
/// (two-sided: of two).
///
/// Samples that do not overlap have no variance (SciPy answers NaN or
/// infinity). W is then that of the samples with the two nearest values equal,
/// and p the share of arrangements of the labels that separate them. All values
/// equal: W = 0, p = 1.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 2: one value has no variance.
/// # Missing values
/// NaN is left out and counted; infinities are values.
/// # Cost
/// O(n log n) in `fit`, O(m log m + n + m) per call; 10,000 min(n, m) steps and
/// their sort where labels are permuted.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for a single value.
/// # Source
/// Brunner, Munzel, The nonparametric Behrens-Fisher problem, 2000, equations 9
/// to 12; Neubert, Brunner, A studentized permutation test for the
/// nonparametric Behrens-Fisher problem, 2007. Expected values:
/// tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{BrunnerMunzel, Univariate};
/// let (baseline, current) = ([1., 2., 3.], [4., 5., 6.]);
/// let result = BrunnerMunzel::default()
///     .compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.effect_size, 1.0);
/// assert!((result.p_value.unwrap_or(0.0) - 0.1).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrunnerMunzel {
    /// Which differences count.
    pub alternative: Alternative,
    /// The asymptotic law.
    pub distribution: Law,
    /// How the p-value is computed.
    pub method: PermutationMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for BrunnerMunzel {}

impl RankTest for BrunnerMunzel {
    const NAME: &'static str = "brunner_munzel";
    const HAS_P_VALUE: bool = true;
    const EFFECT: &'static str = "cliffs_delta";
    const NEEDS: Needs = Needs::NONE;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome> {
        let studentised = studentise(ranking)?;
        let (n, m) = (ranking.n(), ranking.m());
        Ok(Outcome {
            statistic: studentised.statistic,
            // Positive when the current values are larger, the baseline's less.
            distance: self.alternative.distance(-studentised.statistic),
            p_value: Some(self.p_value(&studentised, ranking)),
            effect_size: studentised.excess as f64 / (n as f64 * m as f64),
            df: (self.distribution == Law::T).then_some(studentised.df),
        })
    }

    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(self.alternative.distance(-studentise(ranking)?.statistic))
    }
}

/// Placements of one sample: how many values of the other are below, plus half
/// of those that are equal; all doubled, so that the sums are exact.
#[derive(Debug, Clone, Copy, Default)]
struct Placements {
    sum: i128,
    squares: i128,
}

impl Placements {
    fn add(&mut self, doubled: i128, times: usize) {
        let times = times as i128;
        self.sum += doubled * times;
        self.squares += doubled * doubled * times;
    }

    /// k times their variance, of k placements.
    fn variance(&self, k: usize) -> f64 {
        let size = k as i128;
        // Doubled placements have four times the variance.
        let exact = size * self.squares - self.sum * self.sum;
        exact as f64 / (4.0 * (k as f64 - 1.0))
    }
}

struct Studentised {
    statistic: f64,
    df: f64,
    /// Pairs with current > baseline less pairs with current < baseline.
    excess: i128,
    /// Every value of one sample is below every value of the other.
    separated: bool,
}

fn studentise(ranking: &Ranking<'_>) -> Result<Studentised> {
    for (argument, size) in [("baseline", ranking.n()), ("current", ranking.m())] {
        if size < 2 {
            let allowed = "at least 2 values: one has no variance";
            return Err(Error::invalid_value(argument, "1 value", allowed));
        }
    }
    let groups = ranking.tie_groups().map(|g| (g.baseline, g.current));
    Ok(studentise_groups(groups, ranking.n(), ranking.m()))
}

/// From how often either sample has each distinct value, in ascending order.
fn studentise_groups(
    groups: impl Iterator<Item = (usize, usize)>,
    n: usize,
    m: usize,
) -> Studentised {
    let (mut first, mut second) = (Placements::default(), Placements::default());
    let (mut below_first, mut below_second) = (0, 0);
    for (baseline, current) in groups {
        first.add((2 * below_second + current) as i128, baseline);
        second.add((2 * below_first + baseline) as i128, current);
        below_first += baseline;
        below_second += current;
    }
    let pairs = n as i128 * m as i128;
    let excess = second.sum - pairs;
    let (size, other) = (n as f64, m as f64);
    let (a, b) = (first.variance(n), second.variance(m));
    // Brunner, Munzel 2000, equation 12
    let df = |a: f64, b: f64| {
        let (a, b) = (a / (a + b), b / (a + b));
        1.0 / (a * a / (size - 1.0) + b * b / (other - 1.0))
    };
    let separated = excess.abs() == pairs;
    // The difference of mean ranks is N excess / (2 n m).
    let (statistic, df) = if separated {
        // With one pair of equal values, either sum of squares is 1/4.
        let nearest = (pairs as f64 - 1.0) / (2.0 * 0.5f64.sqrt());
        (nearest.copysign(excess as f64), df(1.0, 1.0))
    } else if a + b > 0.0 {
        (excess as f64 / (2.0 * (a + b).sqrt()), df(a, b))
    } else {
        // Variances vanish otherwise only if all values are equal.
        (0.0, df(1.0, 1.0))
    };
    Studentised {
        statistic,
        df,
        excess,
        separated,
    }
}

impl BrunnerMunzel {
    fn p_value(&self, observed: &Studentised, ranking: &Ranking<'_>) -> PValue {
        let (n, m) = (ranking.n(), ranking.m());
        // SciPy's sign of the alternative: greater is a baseline with larger values.
        let statistic = -observed.statistic;
        if observed.separated {
            let ln = -ln_binomial((n + m) as u64, n as u64);
            return match self.alternative {
                Alternative::TwoSided => PValue::from_ln(std::f64::consts::LN_2 + ln),
                Alternative::Less if statistic < 0.0 => PValue::from_ln(ln),
                Alternative::Greater if statistic > 0.0 => PValue::from_ln(ln),
                _ => PValue::ONE,
            };
        }
        let permute = match self.method {
            PermutationMethod::Auto => n + m <= MAX_AUTO_TOTAL || n.min(m) < MIN_ASYMPTOTIC_N,
            PermutationMethod::Permutation => true,
            PermutationMethod::Asymptotic => false,
        };
        if permute {
            return self.by_permutation(statistic, ranking);
        }
        let p_value = match self.distribution {
            Law::T => {
                let log_sf = |t| student_t_log_sf(t, observed.df);
                self.alternative.p_value(statistic, log_sf)
            }
            Law::Normal => self.alternative.p_value(statistic, normal_log_sf),
        };
        if self.method == PermutationMethod::Asymptotic {
            return p_value;
        }
        let one = -ln_binomial((n + m) as u64, n as u64);
        let least = match self.alternative {
            Alternative::TwoSided => one + std::f64::consts::LN_2,
            _ => one,
        };
        PValue::from_ln(p_value.ln().max(least))
    }

    fn by_permutation(&self, observed: f64, ranking: &Ranking<'_>) -> PValue {
        let (n, m) = (ranking.n(), ranking.m());
        let (few, total) = (n.min(m), n + m);
        // Where the group of equal values of each place starts, and its size.
        let mut places = Vec::with_capacity(total);
        for group in ranking.tie_groups() {
            let size = group.baseline + group.current;
            let start = places.len();
            places.resize(start + size, (start, size));
        }
        // What rounding makes of equal statistics.
        let goal = self.alternative.distance(observed) - 1e-9;
        let (mut sorted, mut groups) = (Vec::new(), Vec::new());
        PValue::new(share_of_choices(few, total, |chosen| {
            sorted.clear();
            sorted.extend(chosen.iter().filter_map(|&i| places.get(i)));
            sorted.sort_unstable();
            // Neighbouring groups that nobody chose count like one.
            groups.clear();
            let mut end = 0;
            for same in sorted.chunk_by(|a, b| a == b) {
                let Some(&(start, size)) = same.first() else {
                    continue;
                };
                groups.push((0, start - end));
                groups.push((same.len(), size - same.len()));
                end = start + size;
            }
            groups.push((0, total - end));
            let excess = studentise_groups(groups.iter().copied(), few, total - few).statistic;
            let statistic = if n <= m { -excess } else { excess };
            self.alternative.distance(statistic) >= goal
        }))
    }
}
