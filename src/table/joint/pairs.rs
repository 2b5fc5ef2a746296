//! How two columns go together: products of their mid-ranks.

use super::blocks::{Block, Blocks};
use super::terms::{MidRanks, Source, Term};

/// Columns beyond these are not paired: pairs cost the square of it.
const MOST_COLUMNS: usize = 256;
/// Pairs that are looked at closely.
const MOST_PAIRS: usize = 32;
/// Mid-ranks are rounded to this part of 1: sums of products are exact then, in
/// any order.
const UNIT: f64 = 1.0 / 173.0;
/// Rows whose products, at most 173^2, can be summed in 32 bits.
const ROWS: usize = 1 << 15;

/// Two columns, by their place among those that are paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    a: usize,
    b: usize,
}

/// Sums of the products of all pairs of columns.
#[derive(Debug)]
pub(super) struct Pairs {
    /// The columns that are paired.
    columns: Vec<usize>,
    /// Their mid-ranks: shape (columns, rows).
    ranks: Vec<i16>,
    rows: usize,
    /// Of each pair a < b, in lexicographic order: the sums of the baseline and
    /// of the current side.
    sums: Vec<(i64, i64)>,
}

impl Pairs {
    pub(super) fn new(blocks: &Blocks, ranks: &[MidRanks]) -> Self {
        let vary = ranks
            .iter()
            .enumerate()
            .filter(|(_, ranks)| ranks.values > 1);
        let columns: Vec<usize> = vary.map(|(j, _)| j).take(MOST_COLUMNS).collect();
        let rows = blocks.columns().next().map_or(0, <[u8]>::len);
        let mut all = vec![0; columns.len() * rows];
        for (&j, paired) in columns.iter().zip(all.chunks_exact_mut(rows.max(1))) {
            let Some(ranks) = ranks.get(j) else { continue };
            let rounded = ranks.table.map(|rank| (rank / UNIT).round() as i16);
            for (rank, code) in paired.iter_mut().zip(blocks.column(j, 0..rows)) {
                *rank = rounded.get(usize::from(*code)).copied().unwrap_or(0);
            }
        }
        let d = columns.len();
        Self {
            columns,
            ranks: all,
            rows,
            sums: vec![(0, 0); d * d.saturating_sub(1) / 2],
        }
    }

    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    /// The columns of a pair, by their place in the table.
    pub(super) fn columns(&self, pair: Pair) -> [usize; 2] {
        [pair.a, pair.b].map(|k| self.columns.get(k).copied().unwrap_or_default())
    }

    fn ranks(&self, k: usize) -> &[i16] {
        let start = k * self.rows;
        self.ranks.get(start..start + self.rows).unwrap_or_default()
    }

    pub(super) fn add(&mut self, block: &Block) {
        if self.rows == 0 {
            return;
        }
        let columns: Vec<_> = self.ranks.chunks_exact(self.rows).collect();
        let mut sums = self.sums.iter_mut();
        for (k, a) in columns.iter().enumerate() {
            let (a_baseline, a_current) = sides(a, block);
            for (b, (baseline, current)) in columns.iter().skip(k + 1).zip(sums.by_ref()) {
                let (b_baseline, b_current) = sides(b, block);
                *baseline += sum_of_products(a_baseline, b_baseline);
                *current += sum_of_products(a_current, b_current);
            }
        }
    }

    /// The pairs whose products differ most between the sides, as terms of the
    /// rows before `end`, of which `rows` are of each side.
    pub(super) fn most_different(&self, rows: (f64, f64), end: usize) -> Vec<Term> {
        let d = self.columns.len();
        let (n, m) = rows;
        let all = (0..d).flat_map(|a| (a + 1..d).map(move |b| Pair { a, b }));
        let difference = |&(b, c): &(i64, i64)| (c as f64 / m - b as f64 / n).abs();
        let mut pairs: Vec<_> = self.sums.iter().map(difference).zip(all).collect();
        let by_difference = |x: &(f64, Pair), y: &(f64, Pair)| {
            let places = (x.1.a, x.1.b).cmp(&(y.1.a, y.1.b));
            y.0.total_cmp(&x.0).then(places)
        };
        if pairs.len() > MOST_PAIRS {
            pairs.select_nth_unstable_by(MOST_PAIRS, by_difference);
            pairs.truncate(MOST_PAIRS);
        }
        pairs.sort_unstable_by(by_difference);
        let terms = pairs
            .into_iter()
            .filter_map(|(_, pair)| self.term(pair, rows, end));
        terms.collect()
    }

    fn term(&self, pair: Pair, (n, m): (f64, f64), end: usize) -> Option<Term> {
        let d = self.columns.len();
        // Pairs before those of `a`: d - 1 of the first column, d - 2 of the next ...
        let before = pair.a * (2 * d - pair.a - 1) / 2;
        let &(baseline, current) = self.sums.get(before + pair.b - pair.a - 1)?;
        let some = |k: usize| self.ranks(k).get(..end).unwrap_or_default();
        let squares = sum_of_squared_products(some(pair.a), some(pair.b));
        let scale = UNIT * UNIT;
        let mean = scale * (baseline + current) as f64 / (n + m);
        let variance = scale * scale * squares / (n + m) - mean * mean;
        let difference = scale * (current as f64 / m - baseline as f64 / n);
        (variance > f64::EPSILON).then(|| Term {
            source: Source::Pair(pair),
            mean,
            deviation: variance.sqrt(),
            difference,
            statistic: difference * difference / (variance * (1.0 / n + 1.0 / m)),
            df: 1.0,
        })
    }

    /// The products of a pair in some rows.
    pub(super) fn products(
        &self,
        pair: Pair,
        rows: std::ops::Range<usize>,
    ) -> impl Iterator<Item = f64> {
        let some = |k: usize| self.ranks(k).get(rows.clone()).unwrap_or_default();
        let product = |(&a, &b): (&i16, &i16)| UNIT * UNIT * f64::from(i32::from(a) * i32::from(b));
        some(pair.a).iter().zip(some(pair.b)).map(product)
    }
}

/// A block's rows of the baseline and of the current side.
fn sides<'a>(column: &'a [i16], block: &Block) -> (&'a [i16], &'a [i16]) {
    let baseline = column.get(block.baseline.clone()).unwrap_or_default();
    let current = column.get(block.current.clone()).unwrap_or_default();
    (baseline, current)
}

fn sum_of_products(a: &[i16], b: &[i16]) -> i64 {
    let sum = |a: &[i16], b: &[i16]| -> i64 {
        let products = a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y));
        i64::from(products.sum::<i32>())
    };
    if a.len() <= ROWS {
        return sum(a, b);
    }
    let chunks = a.chunks(ROWS).zip(b.chunks(ROWS));
    chunks.map(|(a, b)| sum(a, b)).sum()
}

/// To about three digits, which is enough for a variance: products, at most
/// 173^2, are cut to 16ths, so that squares of 512 can be summed in 32 bits.
fn sum_of_squared_products(a: &[i16], b: &[i16]) -> f64 {
    const CUT: u32 = 4;
    let square = |(&x, &y): (&i16, &i16)| {
        let product = x.wrapping_mul(y) >> CUT;
        i32::from(product) * i32::from(product)
    };
    let chunks = a.chunks(512).zip(b.chunks(512));
    let sums = chunks.map(|(a, b)| i64::from(a.iter().zip(b).map(square).sum::<i32>()));
    sums.sum::<i64>() as f64 * f64::from(1 << (2 * CUT))
}
