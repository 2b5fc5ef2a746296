//! MMD over blocks of rows: its spread over the blocks gives the p-value.

use ndarray::{Array2, Axis, concatenate};

use super::Interrupted;
use super::kernel::{Pairwise, for_each_row};
use super::mmd::unbiased;
use super::rows::{Pooled, seed_of};
use crate::drift::PValue;
use crate::drift::resampling::Stream;
use crate::error::{Error, Result};
use crate::math;

/// Rows of the larger sample in a block for each of the smaller one: the variance of
/// a difference of means is then within an eighth of its least.
const MOST_TIMES: usize = 8;

/// The mean of a statistic over blocks, and how sure it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) mean: f64,
    variance: f64,
    count: usize,
}

impl Blocks {
    /// Degrees of freedom.
    pub(super) fn df(&self) -> f64 {
        self.count as f64 - 1.0
    }

    /// One-sided: no drift is a mean of 0.
    pub(super) fn p_value(&self) -> PValue {
        if self.mean == 0.0 {
            return PValue::ONE;
        }
        let t = self.mean / (self.variance / self.count as f64).sqrt();
        PValue::new(math::student_t_sf(t, self.df()))
    }
}

/// Divides both samples at random into blocks of `rows` rows of the smaller
/// one, and as many of the other; what is left over at the end is left out, and
/// of a far larger sample most.
pub(super) fn judge(
    pooled: &Pooled,
    way: Pairwise,
    rows: usize,
    seed: u64,
    interrupted: Interrupted<'_>,
) -> Result<Blocks> {
    let (smaller, larger) = pooled.counts();
    let count = smaller / rows;
    if count < 2 {
        let got = format!("{smaller} rows in the smaller sample for blocks of {rows}");
        let allowed = "at least two blocks of at least two rows (method=\"quadratic\" needs none)";
        return Err(Error::invalid_value("block_size", got, allowed));
    }
    let mut stream = Stream::new(seed_of(pooled.values.view(), seed), 0);
    let mut shuffled = |marked: bool| {
        let rows = 0..pooled.marks.len();
        let mut rows: Vec<usize> = rows.filter(|&i| pooled.marks[i] == marked).collect();
        stream.shuffle(&mut rows);
        rows
    };
    let (marked, unmarked) = (shuffled(true), shuffled(false));
    let parts = marked.chunks_exact(rows);
    let others = unmarked.chunks_exact((larger / count).min(MOST_TIMES * rows));
    let mut values = Vec::with_capacity(count);
    for (part, other) in parts.zip(others) {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let select = |rows: &[usize]| pooled.values.select(Axis(0), rows);
        values.push(one(way, &select(part), &select(other))?);
    }
    let moments = math::moments(&values);
    Ok(Blocks {
        mean: moments.mean,
        variance: moments.variance,
        count,
    })
}

/// The unbiased MMD^2 of one block.
fn one(way: Pairwise, marked: &Array2<f64>, unmarked: &Array2<f64>) -> Result<f64> {
    let n = marked.nrows();
    let both = concatenate(Axis(0), &[marked.view(), unmarked.view()])
        .map_err(|error| Error::invalid_value("current", error, "rows of the same width"))?;
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for_each_row(way, both.view(), |i, values| {
        // Pairs (i, i + 1), ...: those with i's own sample come first.
        let (own, between) = values.split_at(n.saturating_sub(i + 1).min(values.len()));
        if i < n {
            parts[0].push(2.0 * math::sum(own));
            parts[2].push(math::sum(between));
        } else {
            parts[1].push(2.0 * math::sum(between));
        }
    });
    let [marked, unmarked, between] = parts.map(|part| math::sum(&part));
    let value = unbiased(n, both.nrows() - n).of(marked, unmarked, between);
    if !value.is_finite() {
        let got = "values whose kernel overflows";
        return Err(Error::invalid_value(
            "current",
            got,
            "values up to about 1e100",
        ));
    }
    Ok(value)
}
