//! The two-sample Kolmogorov-Smirnov test: has the distribution changed.
//!
//! Sees any change of location, spread or shape, best near the median and
//! least in the tails. Its p-values hold for continuous data and are too large
//! (cautious) with many ties; correlated samples make them too small. With
//! very large samples any difference is significant: look at the effect size.

use std::sync::Arc;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sample::{Infinite, NanPolicy, Sample};
use super::{Alternative, FittedUnivariate, Parameters, TestResult, Univariate};
use crate::error::{Error, Result};
use crate::math::{self, Sides};

/// How the p-value of [`KS`] is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Exact up to 10,000 values in the larger sample, as in SciPy.
    #[default]
    Auto,
    /// Exact, or an error when that would take too long.
    Exact,
    /// The asymptotic approximation.
    Asymp,
}

const MAX_AUTO_N: usize = 10_000;
/// About four seconds.
const MAX_LATTICE: u128 = 4_000_000_000;
/// From this ratio of sizes on, searching beats merging.
const SEARCH_RATIO: usize = 24;

/// Two-sample Kolmogorov-Smirnov test.
///
/// D = max |F(x) - G(x)|, with F the baseline's empirical distribution and G
/// the current one's; between 0 and 1, computed in integers, so exact to one
/// rounding. `alternative="greater"` counts F above G only (current values are
/// larger), `"less"` F below G. Ties and infinities are values like others.
/// The effect size is D. SciPy's `ks_2samp(baseline, current)`.
///
/// `method="exact"` counts lattice paths, never falls back and keeps its
/// relative accuracy in the tail. `"asymp"` is what SciPy 1.17 does: the
/// one-sample law at n m / (n + m), rounded, for both sides
/// ([`kstwo_sf`](crate::math::kstwo_sf)), Hodges' correction for one.
/// With a single value in either sample it is exact: SciPy answers NaN or 0.
/// `"auto"` is exact up to 10,000 values in the larger sample, else asymptotic.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1. Constant or disjoint samples
/// need no exception: D is 0 or 1, p 1 or 1 over the number of orders.
/// # Missing values
/// NaN is left out and counted.
/// # Cost
/// O(n log n) in `fit`. Per call O(m log m + n + m), or O(m log m + m log n)
/// when m is below n/24; then the p-value: O(n) exact with n = m, otherwise
/// exact O(n m D), asymptotic O(1).
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` when `method="exact"`
/// would visit more than 4e9 lattice points.
/// # Source
/// Smirnov, Table for estimating the goodness of fit of empirical
/// distributions, 1948; Hodges, The significance probability of the Smirnov
/// two-sample test, 1958, equation 5.3; expected values: tests/data/drift.json.
/// # Example
/// ```
/// use driftline::drift::{KS, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4.], [3., 4., 5., 6.]);
/// let result = KS::default().compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.statistic, 0.5);
/// assert!((result.p_value.unwrap_or(0.0) - 0.771_428_571_428_571_4).abs() < 1e-14);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct KS {
    /// Which differences count.
    pub alternative: Alternative,
    /// How the p-value is computed.
    pub method: Method,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for KS {}

impl Univariate for KS {
    fn name(&self) -> &'static str {
        "ks"
    }

    fn has_p_value(&self) -> bool {
        true
    }

    fn accepts_infinite(&self) -> bool {
        true
    }

    fn params(&self) -> Map<String, Value> {
        self.to_map()
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        let sample = Sample::new("baseline", &baseline, self.nan_policy, Infinite::Accepted)?;
        let missing = sample.missing;
        Ok(Arc::new(Fitted {
            test: self.clone(),
            baseline: sample.sorted().into(),
            missing,
        }))
    }
}

#[derive(Debug)]
struct Fitted {
    test: KS,
    /// Ascending.
    baseline: Box<[f64]>,
    missing: usize,
}

impl FittedUnivariate for Fitted {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let sample = Sample::new(
            "current",
            &current,
            self.test.nan_policy,
            Infinite::Accepted,
        )?;
        let missing = sample.missing;
        let current = sample.sorted();
        let (n, m) = (self.baseline.len(), current.len());
        let (above, below) = if m * SEARCH_RATIO < n {
            extremes_by_search(&self.baseline, &current)
        } else {
            extremes_by_merge(&self.baseline, &current)
        };
        let deviation = match self.test.alternative {
            Alternative::TwoSided => above.max(-below),
            Alternative::Greater => above,
            Alternative::Less => -below,
        }
        .unsigned_abs();
        // D = deviation / (n m), in lowest terms to have one rounding only.
        let g = math::gcd(n as u64, m as u64);
        let h = deviation / g;
        let statistic = h as f64 / (n as u64 / g * m as u64) as f64;
        let p_value = self.test.p_value(n as u64, m as u64, h, statistic)?;
        Ok(TestResult {
            test: "ks",
            statistic,
            distance: statistic,
            p_value: Some(p_value),
            effect_size: statistic,
            df: None,
            n_baseline: n,
            n_current: m,
            n_missing_baseline: self.missing,
            n_missing_current: missing,
        })
    }

    fn sorts(&self) -> bool {
        true
    }
}

impl KS {
    /// P(D >= h / lcm(n, m)).
    fn p_value(&self, n: u64, m: u64, h: u64, statistic: f64) -> Result<f64> {
        let exact = match self.method {
            Method::Auto => n.max(m) <= MAX_AUTO_N as u64,
            Method::Exact => true,
            // One value has no asymptotics (SciPy answers NaN or 0).
            Method::Asymp => n.min(m) == 1,
        };
        if exact {
            if n != m && u128::from(n) * u128::from(m) > MAX_LATTICE {
                let got = format!("\"exact\" for samples of {n} and {m} values");
                let allowed = "\"auto\" or \"asymp\", or sizes that are equal or whose product \
                               is at most 4e9";
                return Err(Error::invalid_value("method", got, allowed));
            }
            let sides = match self.alternative {
                Alternative::TwoSided => Sides::Both,
                _ => Sides::One,
            };
            return Ok(math::smirnov_two_sample_sf(n, m, h, sides));
        }
        let (large, small) = (n.max(m) as f64, n.min(m) as f64);
        let effective = large * small / (large + small);
        if self.alternative == Alternative::TwoSided {
            // NumPy rounds halves to even.
            return Ok(math::kstwo_sf(
                effective.round_ties_even() as u64,
                statistic,
            ));
        }
        let z = effective.sqrt() * statistic;
        let correction = (large + 2.0 * small) / (large * small * (large + small)).sqrt() / 3.0;
        Ok((-2.0 * z * z - 2.0 * z * correction).exp())
    }
}

/// Largest and smallest n m (F(z) - G(z)) over all z, by merging.
fn extremes_by_merge(baseline: &[f64], current: &[f64]) -> (i64, i64) {
    let (n, m) = (baseline.len(), current.len());
    let (step_up, step_down) = (m as i64, n as i64);
    let (mut i, mut j) = (0, 0);
    let (mut above, mut below, mut deviation) = (0, 0, 0i64);
    let mut last = f64::NAN;
    // No branch depends on the data: a mispredicted one costs more than the
    // whole step. Inside a group of ties the deviation does not count (0 does
    // no harm).
    while i < n && j < m {
        let (x, y) = (baseline[i], current[j]);
        let z = if x < y { x } else { y };
        let counted = if z == last { 0 } else { deviation };
        above = above.max(counted);
        below = below.min(counted);
        let first = x <= y;
        deviation += if first { step_up } else { -step_down };
        i += usize::from(first);
        j += usize::from(!first);
        last = z;
    }
    // One sample is used up; the other may still have values of the last tie.
    // Beyond those the deviation only shrinks.
    deviation += step_up * baseline[i..].iter().take_while(|&&x| x == last).count() as i64;
    deviation -= step_down * current[j..].iter().take_while(|&&y| y == last).count() as i64;
    (above.max(deviation), below.min(deviation))
}

/// The same by ranking every distinct current value among the baseline.
fn extremes_by_search(baseline: &[f64], current: &[f64]) -> (i64, i64) {
    let (n, m) = (baseline.len() as i64, current.len() as i64);
    let (mut above, mut below) = (0, 0);
    let (mut used, mut from) = (0, 0);
    for ties in current.chunk_by(|a, b| a == b) {
        let y = ties[0];
        let left = gallop(baseline, from, |x| x < y);
        let right = gallop(baseline, left, |x| x <= y);
        // F - G is largest just below a current value and smallest at one.
        above = above.max(left as i64 * m - used * n);
        used += ties.len() as i64;
        below = below.min(right as i64 * m - used * n);
        from = right;
    }
    (above, below)
}

/// The first position from `from` on where `below` fails: by doubling steps
/// first, since the answer is near and distant memory is slow.
fn gallop(sorted: &[f64], from: usize, below: impl Fn(f64) -> bool) -> usize {
    let (mut low, mut step) = (from, 1);
    while sorted.get(low + step - 1).is_some_and(|&x| below(x)) {
        low += step;
        step *= 2;
    }
    let high = sorted.len().min(low + step - 1);
    low + sorted[low..high].partition_point(|&x| below(x))
}
