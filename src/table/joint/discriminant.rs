//! A linear discriminant of the terms that tell.

use std::ops::Range;

use super::blocks::{Block, Blocks};
use super::pairs::{Pair, Pairs};
use super::terms::{Counts, Source, Table, Term};

const LANES: usize = 16;
/// Rows whose values are correlated at a time.
const ROWS: usize = 512;

/// A sum of functions of columns and of products of two: larger means that a
/// row looks more like those of the current side.
#[derive(Debug)]
pub(super) struct Discriminant<'a> {
    columns: Vec<(usize, Box<Table>)>,
    products: Vec<(Pair, f64)>,
    pairs: &'a Pairs,
}

impl<'a> Discriminant<'a> {
    /// Fits to the rows before `end`, all of which `seen` has counted.
    ///
    /// Ridge regression of the side on the standardised terms, with as much
    /// penalty as there are terms, and differences shrunk by what chance brings.
    pub(super) fn fit(blocks: &Blocks, seen: &'a Counts, end: usize) -> Self {
        let terms = seen.terms(end);
        let mut gram = correlations(&terms, blocks, seen, end);
        let penalty = terms.len() as f64 / end as f64;
        for row in &mut gram {
            if let Some(diagonal) = row.last_mut() {
                *diagonal += penalty;
            }
        }
        let right = |term: &Term| term.shrinkage() * term.difference / term.deviation;
        let weights = solve(gram, terms.iter().map(right).collect());
        let mut this = Self {
            columns: Vec::new(),
            products: Vec::new(),
            pairs: seen.pairs(),
        };
        for (term, weight) in terms.iter().zip(weights) {
            let weight = weight / term.deviation;
            match (term.source, seen.table(term.source)) {
                (Source::Pair(pair), _) => this.products.push((pair, weight)),
                (_, Some((j, table))) => this.add(j, table.map(|value| value * weight)),
                _ => {}
            }
        }
        this
    }

    fn add(&mut self, j: usize, table: Table) {
        if let Some((_, sum)) = self.columns.iter_mut().find(|(own, _)| *own == j) {
            add(sum.as_mut_slice(), &table);
        } else {
            self.columns.push((j, Box::new(table)));
        }
    }

    /// Scores the rows of a block, adds to `parts` how much each column does for
    /// the distance between the sides' means, in standard deviations.
    pub(super) fn score(&self, blocks: &Blocks, block: &Block, parts: &mut [f64]) -> Vec<f64> {
        let rows = block.rows();
        let mut scores = vec![0.0; rows.len()];
        let mut own = Vec::new();
        let mut distances = Vec::new();
        for (j, table) in &self.columns {
            own.clear();
            let value = |&code: &u8| table.get(usize::from(code)).copied().unwrap_or(0.0);
            own.extend(blocks.column(*j, rows.clone()).iter().map(value));
            distances.push((*j, distance(&own, block)));
            add(&mut scores, &own);
        }
        for (pair, weight) in &self.products {
            own.clear();
            let products = self.pairs.products(*pair, rows.clone());
            own.extend(products.map(|product| product * weight));
            let half = distance(&own, block) / 2.0;
            distances.extend(self.pairs.columns(*pair).map(|j| (j, half)));
            add(&mut scores, &own);
        }
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let squares = scores.iter().map(|score| (score - mean) * (score - mean));
        let deviation = (squares.sum::<f64>() / scores.len() as f64).sqrt();
        if deviation > 0.0 {
            for (j, distance) in distances {
                if let Some(part) = parts.get_mut(j) {
                    *part += distance / deviation;
                }
            }
        }
        scores
    }
}

/// The mean of the current rows less that of the baseline.
fn distance(values: &[f64], block: &Block) -> f64 {
    let (baseline, current) = values.split_at(block.baseline.len().min(values.len()));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    mean(current) - mean(baseline)
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The lower triangle of the correlations of the terms in the rows before `end`.
fn correlations(terms: &[Term], blocks: &Blocks, seen: &Counts, end: usize) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = (1..=terms.len()).map(|width| vec![0.0; width]).collect();
    // Some rows at a time, so that their values stay in the cache.
    for start in (0..end).step_by(ROWS) {
        let rows = start..end.min(start + ROWS);
        let standardised = |term: &Term| standardised(term, blocks, seen, rows.clone());
        let values: Vec<_> = terms.iter().map(standardised).collect();
        for (row, a) in sums.iter_mut().zip(&values) {
            for (sum, b) in row.iter_mut().zip(&values) {
                *sum += f64::from(dot(a, b)) / end as f64;
            }
        }
    }
    sums
}

/// A term with mean 0 and variance 1 (over all rows seen). In 32 bits, which is
/// far more than the correlations are known to.
fn standardised(term: &Term, blocks: &Blocks, seen: &Counts, rows: Range<usize>) -> Vec<f32> {
    let scale = |value: f64| ((value - term.mean) / term.deviation) as f32;
    if let Source::Pair(pair) = term.source {
        return seen.pairs().products(pair, rows).map(scale).collect();
    }
    let Some((j, table)) = seen.table(term.source) else {
        return Vec::new();
    };
    let table = table.map(scale);
    let value = |&code: &u8| table.get(usize::from(code)).copied().unwrap_or(0.0);
    blocks.column(j, rows).iter().map(value).collect()
}

/// In independent lanes, whose order no compiler changes.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
            *lane += x * y;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(x, y)| x * y);
    lanes.iter().sum::<f32>() + rest.sum::<f32>()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The solution x of A x = b for a symmetric positive definite A, given as the
/// rows of its lower triangle. (Cholesky; Golub & Van Loan, Matrix computations,
/// 4th edition, algorithms 4.2.1 and 3.1.)
fn solve(mut lower: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    for i in 0..lower.len() {
        let (above, rest) = lower.split_at_mut(i);
        let Some(row) = rest.first_mut() else { break };
        for j in 0..=i {
            let (known, own) = row.split_at_mut(j);
            let Some(value) = own.first_mut() else { break };
            if let Some((diagonal, other)) = above.get(j).and_then(|other| other.split_last()) {
                *value = (*value - product(known, other)) / diagonal;
            } else {
                *value = (*value - product(known, known))
                    .max(f64::MIN_POSITIVE)
                    .sqrt();
            }
        }
    }
    for (i, row) in lower.iter().enumerate() {
        let (known, rest) = right.split_at_mut(i);
        if let (Some((diagonal, row)), Some(value)) = (row.split_last(), rest.first_mut()) {
            *value = (*value - product(row, known)) / diagonal;
        }
    }
    for (i, row) in lower.iter().enumerate().rev() {
        let (above, rest) = right.split_at_mut(i);
        if let (Some((diagonal, row)), Some(value)) = (row.split_last(), rest.first_mut()) {
            *value /= diagonal;
            for (other, factor) in above.iter_mut().zip(row) {
                *other -= factor * *value;
            }
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_system_by_hand() {
        // [[4, 2, 0], [2, 5, 2], [0, 2, 10]] x = [8, 18, 34] for x = [1, 2, 3].
        let lower = vec![vec![4.0], vec![2.0, 5.0], vec![0.0, 2.0, 10.0]];
        let solution = solve(lower, vec![8.0, 18.0, 34.0]);
        for (got, expected) in solution.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - expected).abs() < 1e-15, "{solution:?}");
        }
    }

    #[test]
    fn lanes_and_rest_are_summed() {
        let values: Vec<f32> = (1..=20u8).map(f32::from).collect();
        assert_eq!(dot(&values, &values), 2870.0);
    }
}
