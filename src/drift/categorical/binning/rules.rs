//! Where a baseline puts the borders of its bins.

use super::Binning;

/// The inner borders for a sorted baseline without NaN, at least one value.
pub(super) fn edges(sorted: &[f64], binning: Binning, bins: usize) -> (Vec<f64>, bool) {
    let limit = match binning {
        Binning::Distinct => usize::MAX,
        // Each of them twice on average: a handful of values that happen to be
        // all different is a small sample of a continuum, not a set of levels.
        _ => bins.min(sorted.len() / 2),
    };
    if distinct(sorted).take(limit.saturating_add(1)).count() <= limit {
        return (fenced(distinct(sorted)), true);
    }
    let edges = match binning {
        Binning::Quantile | Binning::Distinct => quantile_edges(sorted, bins),
        Binning::Uniform => uniform_edges(sorted, |_| bins),
        Binning::Sturges => uniform_edges(sorted, sturges),
        Binning::Doane => uniform_edges(sorted, doane),
    };
    (edges, false)
}

/// The values of a sorted sample, each once.
fn distinct(sorted: &[f64]) -> impl Iterator<Item = f64> {
    sorted.chunk_by(|a, b| a == b).map(|group| group[0])
}

/// Borders on both sides of each value: bins of one value each, and what lies
/// between them. Infinite values have nothing outside.
fn fenced(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut edges: Vec<f64> = Vec::new();
    for value in values {
        for edge in [value, value.next_up()] {
            // -0.0 and 0.0 are equal, and so are neighbours' borders.
            if edges.last().is_none_or(|&last| last < edge) {
                edges.push(edge);
            }
        }
    }
    edges
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

/// Equal widths between the extremes of the finite values.
fn uniform_edges(sorted: &[f64], bins: impl Fn(&[f64]) -> usize) -> Vec<f64> {
    let first = sorted.partition_point(|&x| x == f64::NEG_INFINITY);
    let end = sorted.partition_point(|&x| x < f64::INFINITY);
    let finite = sorted.get(first..end).unwrap_or_default();
    let (Some(&low), Some(&high)) = (finite.first(), finite.last()) else {
        return vec![0.0, 0.0f64.next_up()];
    };
    if low == high {
        return vec![low, low.next_up()];
    }
    let bins = bins(finite);
    let mut edges: Vec<f64> = (1..bins)
        .map(|k| k as f64 / bins as f64)
        .map(|t| low * (1.0 - t) + high * t)
        .collect();
    edges.dedup();
    edges
}

/// Sturges, The choice of a class interval, 1926.
fn sturges(finite: &[f64]) -> usize {
    in_widths(finite, (finite.len() as f64).log2() + 1.0)
}

/// Doane, Aesthetic frequency classifications, 1976: more bins for skewed data.
fn doane(finite: &[f64]) -> usize {
    let n = finite.len() as f64;
    if n < 3.0 {
        return 2;
    }
    // On a scale of about 1: neither huge nor tiny values overflow.
    let scale = finite.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let scaled: Vec<f64> = finite.iter().map(|x| x / scale).collect();
    let mean = crate::math::mean(&scaled);
    let moment = |power: i32| {
        let powers: Vec<f64> = scaled.iter().map(|x| (x - mean).powi(power)).collect();
        crate::math::mean(&powers)
    };
    let variance = moment(2);
    let skewness = if variance > 0.0 {
        moment(3) / (variance * variance.sqrt())
    } else {
        0.0
    };
    let error = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
    in_widths(
        finite,
        1.0 + n.log2() + (1.0 + skewness.abs() / error).log2(),
    )
}

/// How many whole bins there are when the range is divided by `parts`, as NumPy
/// counts them: the width is rounded first.
fn in_widths(finite: &[f64], parts: f64) -> usize {
    let (low, high) = (finite[0], finite[finite.len() - 1]);
    let range = high - low;
    let width = range / parts;
    let bins = if range.is_finite() && width > 0.0 {
        (range / width).ceil()
    } else {
        parts.ceil()
    };
    (bins as usize).max(2)
}
