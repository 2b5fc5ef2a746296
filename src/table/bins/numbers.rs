//! Bins of numbers.

use super::CODES;
use crate::math::kolmogorov_log_sf;
use crate::table::profile::Numbers;
use crate::table::verdict::Moved;

/// So many edges at most: a code more than edges, and one for missing cells.
const EDGES: usize = CODES - 3;

/// So many values stand for all of a bin.
const POINTS: u64 = 4096;

/// Edges between bins; a bin holds what is above one and at most the next.
#[derive(Debug, PartialEq)]
pub(super) struct NumberBins {
    /// Ascending, the rest is infinite.
    edges: Box<[f64; CODES]>,
    /// How many values of the baseline are at most each edge.
    upto: Vec<u64>,
    n: u64,
}

impl NumberBins {
    pub(super) fn of(numbers: &Numbers) -> Self {
        let edges = if 2 * numbers.distinct() <= EDGES as u64 {
            // A bin for each value and for each gap: nothing is lost.
            let values = numbers.runs().map(|(value, _)| value);
            values.flat_map(|value| [below(value), value]).collect()
        } else {
            let steps = EDGES as u128 - 2;
            let ranks = (1..=steps).map(|k| k * u128::from(numbers.len()) / (steps + 1));
            let inner = ranks.map(|rank| numbers.at(rank as u64));
            let mut edges = vec![below(numbers.min())];
            edges.extend(inner);
            edges.push(numbers.max());
            edges
        };
        Self::with(edges, numbers)
    }

    fn with(mut edges: Vec<f64>, numbers: &Numbers) -> Self {
        edges.dedup();
        let mut all = Box::new([f64::INFINITY; CODES]);
        for (place, edge) in all.iter_mut().zip(&edges) {
            *place = *edge;
        }
        let n = numbers.len();
        Self {
            edges: all,
            upto: edges.iter().map(|&edge| n - numbers.above(edge)).collect(),
            n,
        }
    }

    /// How many edges are below: eight steps without a branch, so that the searches of
    /// several cells overlap.
    #[inline]
    pub(super) fn code(&self, value: f64) -> u8 {
        let mut below = 0usize;
        let mut half = CODES / 2;
        while half > 0 {
            let edge = self.edges[(below + half - 1) % CODES];
            below += if edge < value { half } else { 0 };
            half /= 2;
        }
        below as u8
    }

    /// The distance at the edges, in whole numbers until the end.
    pub(super) fn moved(&self, counts: &[u64; CODES], p_values: bool) -> (Moved, Option<f64>) {
        let [values @ .., _] = counts;
        let m: u64 = values.iter().sum();
        let mut so_far = 0;
        let mut largest = 0;
        for (upto, count) in self.upto.iter().zip(values) {
            so_far += count;
            let ours = u128::from(*upto) * u128::from(m);
            largest = largest.max(ours.abs_diff(u128::from(so_far) * u128::from(self.n)));
        }
        let pairs = u128::from(self.n) * u128::from(m);
        let distance = largest as f64 / pairs as f64;
        let log_p_value = p_values.then(|| log_p_value(self.n, m, distance));
        let moved = Moved::Numbers {
            distance: distance.min(1.0),
            n: self.n,
            m,
        };
        (moved, log_p_value)
    }

    /// Values for those that were counted in each bin, at equal steps among those that the
    /// baseline has in it, or at its end where it has none; with how many each stands for.
    pub(super) fn values(&self, numbers: &Numbers, counts: &[u64; CODES]) -> Vec<(f64, u64)> {
        let mut values = Vec::new();
        let mut from = 0;
        let beyond = (numbers.max() + 0.0).next_up();
        for (code, &count) in counts.iter().take(self.upto.len() + 1).enumerate() {
            let edge = self.edges.get(code).filter(|_| code < self.upto.len());
            let upto = self.upto.get(code).copied().unwrap_or(self.n);
            let own = upto.saturating_sub(from);
            if own == 0 {
                values.push((edge.copied().unwrap_or(beyond), count));
            } else {
                let points = count.min(POINTS);
                let part = |k: u64| u128::from(k) * u128::from(count) / u128::from(points.max(1));
                for k in 0..points {
                    let step = (2 * u128::from(k) + 1) * u128::from(own);
                    let value = numbers.at(from + (step / (2 * u128::from(points))) as u64);
                    values.push((value, (part(k + 1) - part(k)) as u64));
                }
            }
            from = upto;
        }
        values
    }
}

/// The largest value that is smaller.
fn below(value: f64) -> f64 {
    (value + 0.0).next_down()
}

/// Of no change: Kolmogorov's limit law, which is too large where values are equal.
fn log_p_value(n: u64, m: u64, distance: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    kolmogorov_log_sf(distance * (n / (n + m) * m).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: impl IntoIterator<Item = f64>) -> Numbers {
        Numbers::of(values.into_iter().collect()).unwrap()
    }

    #[test]
    fn a_code_is_the_number_of_edges_below() {
        for n in [1, 2, 100, 126, 127, 1000, 5000] {
            let own = numbers((0..n).map(|k| f64::from(k * k)));
            let bins = NumberBins::of(&own);
            let edges = &bins.edges[..bins.upto.len()];
            assert!(edges.len() <= EDGES && edges.is_sorted());
            let mut asked: Vec<f64> = (0..2 * n)
                .map(|k| f64::from(k) * 0.7 * f64::from(n))
                .collect();
            asked.extend(edges);
            asked.extend([f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, -0.0]);
            for value in asked {
                let expected = edges.iter().filter(|edge| **edge < value).count();
                assert_eq!(usize::from(bins.code(value)), expected, "{value} of {n}");
            }
        }
    }

    #[test]
    fn values_beyond_the_baseline_have_bins_of_their_own() {
        let own = numbers((0..1000).map(f64::from));
        let bins = NumberBins::of(&own);
        assert_eq!(bins.code(-0.1), 0);
        assert_eq!(bins.code(0.0), 1);
        assert_eq!(usize::from(bins.code(999.1)), bins.upto.len());
        assert!(bins.code(999.0) < bins.code(999.1));
    }
}
