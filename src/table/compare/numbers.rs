//! Numbers of both sides.

use std::borrow::Cow;

use ndarray::ArrayView1;

use super::{Findings, in_column, number, summary};
use crate::drift::{Needs, Ranking, TestResult};
use crate::error::Result;
use crate::table::column_tests::Tests;
use crate::table::profile::{Kind, Numbers, Profile};
use crate::table::report::{Histogram, Quantiles, RangeReport, Summary};
use crate::table::verdict::{Moved, What};

const BINS: usize = 30;
const PROBABILITIES: [f64; 11] = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
/// The bins reach from this quantile to its mirror image.
const TAIL: f64 = 0.002;

pub(super) fn compare(
    name: &str,
    (baseline, b): (&Profile, &Numbers),
    (current, c): (&Profile, &Numbers),
    tests: &Tests,
) -> Result<Findings> {
    let mut findings = Findings::of(Kind::Numeric, baseline, current);
    let (distance, result) = tested(name, (baseline, b), (current, c), tests)?;
    findings.evidence.moved = vec![(
        What::Values,
        Moved::Numbers {
            distance,
            n: b.len(),
            m: c.len(),
        },
    )];
    findings.evidence.log_p_value = result.log_p_value;
    findings.result = Some(result);
    findings.baseline = summary(baseline);
    findings.current = summary(current);
    findings.histogram = Some(histogram(b, c));
    findings.quantiles = Some(quantiles(b, c));
    findings.range = Some(range(b, c));
    Ok(findings)
}

/// The Kolmogorov-Smirnov distance and the answer of the column's test.
pub(super) fn tested(
    name: &str,
    (baseline, b): (&Profile, &Numbers),
    (current, c): (&Profile, &Numbers),
    tests: &Tests,
) -> Result<(f64, TestResult)> {
    let test = tests.of(name, Kind::Numeric);
    let missing = |profile: &Profile| usize::try_from(profile.missing).unwrap_or(usize::MAX);
    let fitted = test.fit_sorted(b.sorted(), missing(baseline));
    let shared = fitted.is_some();
    let fitted = fitted.unwrap_or_else(|| test.fit(ArrayView1::from(b.values())));
    let fitted = in_column(name, test, fitted)?;
    let needs = fitted.needs().unwrap_or(Needs::NONE) | Needs::EXTREMES;
    let ranking = Ranking::against(b.sorted(), c.values(), needs);
    let moved = ranking.above.max(-ranking.below);
    let pairs = ranking.n() as f64 * ranking.m() as f64;
    let ranked = if shared {
        fitted.compare_ranking(&ranking, missing(current))
    } else {
        None
    };
    let result = ranked.unwrap_or_else(|| fitted.compare(ArrayView1::from(c.values())));
    let mut result = in_column(name, test, result)?;
    result.n_missing_baseline = missing(baseline);
    result.n_missing_current = missing(current);
    if result.test.is_empty() {
        result.test = Cow::Owned(test.name().into_owned());
    }
    Ok((moved as f64 / pairs, result))
}

pub(super) fn summarise(summary: &mut Summary, numbers: &Numbers) {
    summary.rows = numbers.len();
    summary.infinite = numbers.infinite();
    summary.distinct = numbers.distinct();
    summary.min = number(numbers.min());
    summary.max = number(numbers.max());
    summary.median = number(numbers.quantile(0.5));
    if let Some((mean, std)) = numbers.moments() {
        summary.mean = Some(mean);
        summary.std = Some(std);
    }
}

/// Bins of equal width over what both sides have in bulk.
pub(super) fn histogram(b: &Numbers, c: &Numbers) -> Histogram {
    let ends = |p: f64| {
        [b.finite_quantile(p), c.finite_quantile(p)]
            .into_iter()
            .flatten()
    };
    let low = ends(TAIL).fold(f64::INFINITY, f64::min);
    let high = ends(1.0 - TAIL).fold(f64::NEG_INFINITY, f64::max);
    let edges: Vec<f64> = if low > high {
        vec![0.0, 1.0] // nothing but infinities
    } else if low == high {
        let half = if low == 0.0 { 0.5 } else { low.abs() / 2.0 };
        vec![low - half, low + half]
    } else {
        // Halves first: the width may be beyond the range of f64.
        let edge = |k: usize| {
            let share = k as f64 / BINS as f64;
            low * (1.0 - share) + high * share
        };
        (0..=BINS).map(edge).collect()
    };
    let count = |numbers: &Numbers| {
        let inner = edges
            .get(1..edges.len().saturating_sub(1))
            .unwrap_or_default();
        let mut from = 0;
        let mut counts: Vec<u64> = inner
            .iter()
            .map(|&edge| {
                let to = numbers.below(edge);
                let count = to - from;
                from = to;
                count
            })
            .collect();
        counts.push(numbers.len() - from);
        counts
    };
    Histogram {
        baseline: count(b),
        current: count(c),
        edges,
    }
}

pub(super) fn quantiles(b: &Numbers, c: &Numbers) -> Quantiles {
    let of = |numbers: &Numbers| PROBABILITIES.map(|p| numbers.quantile(p)).to_vec();
    Quantiles {
        probabilities: PROBABILITIES.to_vec(),
        baseline: of(b),
        current: of(c),
    }
}

fn range(b: &Numbers, c: &Numbers) -> RangeReport {
    let (below, above) = (c.below(b.min()), c.above(b.max()));
    let share = (below + above) as f64 / c.len() as f64;
    RangeReport {
        low: b.min(),
        high: b.max(),
        below,
        above,
        share,
    }
}
