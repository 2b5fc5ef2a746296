//! Population stability index: how far have the shares of the bins moved.
//!
//! Grows by chance too: without drift its expectation is about
//! (bins - 1) (1/n + 1/m), so that 0.1 means nothing with 100 values. Blind to
//! what moves inside a bin. It has no p-value; [`KS`](crate::drift::KS) has.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::drift::sample::sort;
use crate::drift::{Definition, NanPolicy, Outcome, Parameters};
use crate::error::{Error, Result};
use crate::math;

/// Where [`PSI`] puts its bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binning {
    /// Equal shares of the baseline.
    #[default]
    Quantile,
    /// Equal widths between the baseline's smallest and largest finite value.
    Uniform,
}

const MAX_BINS: usize = 100_000;
/// An empty bin counts as half a value (Haldane, Anscombe, 1956).
const EMPTY: f64 = 0.5;

/// Population stability index.
///
/// PSI = sum over bins of (c - b) ln(c / b), b and c the shares of the baseline
/// and the current sample in each bin. Unitless, >= 0, no p-value; above 0.1
/// counts as some, above 0.25 as much. Edges come from the baseline, so swapping
/// the samples changes the value. The effect size is the PSI.
///
/// `bins` quantile or uniform bins; the outer ones are open, so infinite and
/// unseen values have their place; a value on an edge belongs to the bin above.
/// A value that two or more quantiles fall on (a spike of at least 1/`bins` of
/// the baseline; a constant baseline) gets a bin of its own, which may make up
/// to two more bins than asked for, or fewer. `edges` are inner borders (k of
/// them make k + 1 bins); with them `bins` and `binning` are not used.
///
/// A bin that is empty in one sample counts as half a value there, so that
/// the index stays finite, grows only with ln(n), and agrees with the plain
/// formula wherever that is defined; one empty in both counts nothing.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out and counted.
/// # Cost
/// O(n log n) in `fit`, O(m log bins) per call.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for `bins` outside 2 to
/// 100,000, or `edges` that are empty, not finite or not increasing.
/// # Source
/// Lewis, An Introduction to Credit Scoring, 1994; Yurdakul, Statistical
/// properties of population stability index, 2018 (its distribution);
/// quantiles: Hyndman, Fan, 1996, definition 7 (NumPy's `linear`). Expected
/// values: tests/data/drift.json.
/// # Example
/// ```
/// use driftline::drift::{PSI, Univariate};
/// let psi = PSI { edges: Some(vec![0.0]), ..PSI::default() };
/// let (baseline, current) = ([-1.0, 1.0], [-1.0, 1.0, 1.0, 1.0]);
/// let result = psi.compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert!((result.statistic - 0.25 * 3f64.ln()).abs() < 1e-15);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct PSI {
    /// How many bins, 2 to 100,000.
    pub bins: usize,
    /// Where they lie.
    pub binning: Binning,
    /// Inner borders, finite and increasing, instead of `bins`.
    pub edges: Option<Vec<f64>>,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for PSI {
    fn default() -> Self {
        Self {
            bins: 10,
            binning: Binning::Quantile,
            edges: None,
            nan_policy: NanPolicy::Omit,
        }
    }
}

impl Parameters for PSI {
    fn validate(&self) -> Result<()> {
        if !(2..=MAX_BINS).contains(&self.bins) {
            return Err(Error::invalid_value(
                "bins",
                self.bins,
                "an integer from 2 to 100000",
            ));
        }
        if let Some(edges) = &self.edges {
            let increasing = edges.is_sorted_by(|a, b| a < b);
            if edges.is_empty() || !increasing || edges.iter().any(|x| !x.is_finite()) {
                let got = match edges.get(..8) {
                    Some(head) if edges.len() > 8 => {
                        format!("{head:?} and {} more", edges.len() - 8)
                    }
                    _ => format!("{edges:?}"),
                };
                let allowed = "at least one finite number, each greater than the one before";
                return Err(Error::invalid_value("edges", got, allowed));
            }
        }
        Ok(())
    }
}

impl Definition for PSI {
    const NAME: &'static str = "psi";
    const HAS_P_VALUE: bool = false;
    const ACCEPTS_INFINITE: bool = true;
    const EFFECT: &'static str = "psi";

    type Baseline = Binned;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Binned> {
        let sorted = sort(baseline);
        let edges = match (&self.edges, self.binning) {
            (Some(edges), _) => edges.clone(),
            (None, Binning::Quantile) => quantile_edges(&sorted, self.bins),
            (None, Binning::Uniform) => uniform_edges(&sorted, self.bins),
        };
        let counts = count(&sorted, &edges);
        let n = sorted.len();
        Ok(Binned { edges, counts, n })
    }

    fn judge(&self, baseline: &Binned, current: Cow<'_, [f64]>) -> Result<Outcome> {
        let counts = count(&current, &baseline.edges);
        let share = |count: u64, total: usize| {
            if count == 0 {
                EMPTY / total as f64
            } else {
                count as f64 / total as f64
            }
        };
        let terms: Vec<f64> = baseline
            .counts
            .iter()
            .zip(&counts)
            .filter(|&(&b, &c)| b + c > 0)
            .map(|(&b, &c)| (share(b, baseline.n), share(c, current.len())))
            .map(|(b, c)| (c - b) * (c / b).ln())
            .collect();
        let psi = math::sum(&terms);
        Ok(Outcome {
            statistic: psi,
            distance: psi,
            p_value: None,
            effect_size: psi,
            df: None,
        })
    }
}

/// A baseline in bins.
#[derive(Debug)]
pub struct Binned {
    edges: Vec<f64>,
    counts: Vec<u64>,
    n: usize,
}

/// Inner quantiles of a sorted sample; a value that several quantiles fall on
/// is fenced in from both sides.
fn quantile_edges(sorted: &[f64], bins: usize) -> Vec<f64> {
    let quantiles: Vec<f64> = (0..=bins)
        .map(|k| quantile(sorted, k as f64 / bins as f64))
        .collect();
    let groups = quantiles.chunk_by(|a, b| a == b);
    let last = groups.clone().count() - 1;
    let mut edges = Vec::with_capacity(bins);
    for (position, group) in groups.enumerate() {
        if group.len() > 1 {
            edges.extend([group[0], group[0].next_up()]);
        } else if position > 0 && position < last {
            edges.push(group[0]);
        }
    }
    edges.dedup();
    edges
}

/// NumPy's `quantile(..., method="linear")`, without its NaN between infinities.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * q;
    let below = position.floor() as usize;
    let low = sorted[below];
    let high = sorted[(below + 1).min(sorted.len() - 1)];
    let t = position - position.floor();
    let width = high - low;
    if t == 0.0 || low == high || low.is_infinite() {
        low
    } else if high.is_infinite() {
        high
    } else if width.is_infinite() {
        low * (1.0 - t) + high * t
    } else if t < 0.5 {
        low + width * t
    } else {
        high - width * (1.0 - t)
    }
}

fn uniform_edges(sorted: &[f64], bins: usize) -> Vec<f64> {
    let mut finite = sorted.iter().copied().filter(|x| x.is_finite());
    let low = finite.next().unwrap_or(0.0);
    let high = finite.next_back().unwrap_or(low);
    if low == high {
        return vec![low, low.next_up()];
    }
    let mut edges: Vec<f64> = (1..bins)
        .map(|k| k as f64 / bins as f64)
        .map(|t| low * (1.0 - t) + high * t)
        .collect();
    edges.dedup();
    edges
}

/// How many values lie in each of the `edges.len() + 1` bins.
fn count(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() + 1];
    for &x in values {
        counts[edges.partition_point(|&edge| edge <= x)] += 1;
    }
    counts
}
