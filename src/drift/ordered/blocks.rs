//! A p-value by permuting blocks of neighbours.

use ndarray::ArrayView1;

use crate::drift::Univariate;
use crate::error::Result;
use crate::math::block_bootstrap::{Resampler, optimal_block_length};

use super::effective::placements;

const MOST: usize = 999;
const LEAST: usize = 99;
/// Values that all permutations together may have.
const WORK: usize = 200_000_000;
/// Besag, Clifford, 1991: with as many that are as far out, the p-value is known
/// to about a seventh of itself.
const ENOUGH: usize = 50;

/// The share of arrangements of the blocks that are at least as far apart.
pub(super) fn p_value(
    test: &dyn Univariate,
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
    distance: f64,
    seed: u64,
) -> Result<f64> {
    let length = block_length(baseline, current);
    let series: Vec<Vec<f64>> = vec![baseline.to_vec(), current.to_vec()];
    let mut blocks: Vec<&[f64]> = series.iter().flat_map(|s| s.chunks(length)).collect();
    let (total, m) = (baseline.len() + current.len(), current.len());
    let most = (WORK / total.max(1)).clamp(LEAST, MOST);
    let mut random = Resampler::new(seed);
    let mut arranged: Vec<f64> = Vec::with_capacity(total);
    let mut as_far = 0;
    for made in 1..=most {
        random.shuffle(&mut blocks);
        arranged.clear();
        arranged.extend(blocks.iter().flat_map(|block| block.iter().copied()));
        let (c, b) = arranged.split_at(m.min(arranged.len()));
        as_far += usize::from(is_as_far(test, b.into(), c.into(), distance)?);
        if as_far == ENOUGH {
            return Ok(as_far as f64 / made as f64);
        }
    }
    Ok((as_far + 1) as f64 / (most + 1) as f64)
}

fn is_as_far(
    test: &dyn Univariate,
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
    distance: f64,
) -> Result<bool> {
    // Blocks of missing values only: nothing to compare, so nothing far.
    let missing = |values: ArrayView1<'_, f64>| values.iter().all(|x| x.is_nan());
    if missing(baseline) || missing(current) {
        return Ok(false);
    }
    // Rounding of what is equal must not count as nearer.
    let nearly = distance - 1e-12 * distance.abs();
    Ok(test.fit(baseline)?.distance(current)? >= nearly)
}

/// Of placements, which heavy tails do not disturb; of the longer sample, which
/// knows more. Twice as long as optimal for a mean: shorter blocks cut
/// more of the dependence, which makes p-values too small.
fn block_length(baseline: ArrayView1<'_, f64>, current: ArrayView1<'_, f64>) -> usize {
    let (b, c) = placements(baseline, current);
    let longer = if b.len() >= c.len() { b } else { c };
    let mean = 0.5;
    let filled: Vec<f64> = longer
        .iter()
        .map(|&x| if x.is_nan() { mean } else { x })
        .collect();
    let optimal = optimal_block_length(&filled);
    let length = if optimal > 1.0 { 2.0 * optimal } else { 1.0 };
    (length.ceil() as usize).max(1)
}
