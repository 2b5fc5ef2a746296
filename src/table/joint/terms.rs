//! What a discriminant can look at in one column, and how much each tells.

use super::blocks::{Block, Blocks};
use super::pairs::{Pair, Pairs};
use super::{Coding, MISSING_CODE};
use crate::math;

const CODES: usize = MISSING_CODE as usize + 1;
/// A value for each code of a column.
pub(super) type Table = [f64; CODES];

/// Rows of average labels that every category is given, so that rare ones say
/// little.
const SMOOTHING: f64 = 5.0;
/// Of the terms of a kind that are taken, about so many may say nothing.
const FALSE_DISCOVERIES: f64 = 0.5;
/// Fits cost the square of it.
const MOST_TERMS: usize = 32;
/// Relative to values of about 1: nothing but rounding.
const NO_VARIANCE: f64 = 1e-12;

/// 1 for missing cells.
const MISSING: Table = {
    let mut table = [0.0; CODES];
    table[MISSING_CODE as usize] = 1.0;
    table
};

/// What a term is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// A column and a polynomial of it, by its degree less 1.
    Polynomial(usize, usize),
    Labels(usize),
    Missing(usize),
    Pair(Pair),
}

/// A function of the row and how its means differ between the sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) source: Source,
    /// Mean over the rows of both sides.
    pub(super) mean: f64,
    pub(super) deviation: f64,
    /// Mean of the current side less that of the baseline.
    pub(super) difference: f64,
    /// Approximately chi-square with `df` degrees of freedom without drift.
    pub(super) statistic: f64,
    pub(super) df: f64,
}

impl Term {
    fn log_p_value(&self) -> f64 {
        if self.df == 1.0 {
            math::normal_log_sf(self.statistic.sqrt()) + std::f64::consts::LN_2
        } else {
            math::chi_square_log_sf(self.statistic, self.df)
        }
    }

    /// What is left of the difference when what chance brings is taken off:
    /// the positive part of James and Stein.
    pub(super) fn shrinkage(&self) -> f64 {
        (1.0 - self.df / self.statistic).max(0.0)
    }
}

/// The rows seen so far, counted, and what they make of each code.
#[derive(Debug)]
pub(super) struct Counts {
    columns: Vec<Column>,
    pairs: Pairs,
    /// Rows of the baseline and of the current side.
    rows: (f64, f64),
}

#[derive(Debug)]
struct Column {
    coding: Coding,
    /// Polynomials of the mid-ranks among the rows of both sides.
    polynomials: Vec<Table>,
    baseline: [u32; CODES],
    current: [u32; CODES],
    has_missing: bool,
}

impl Counts {
    /// Nothing seen yet. What the codes are worth comes from all rows, but not
    /// from their sides.
    pub(super) fn new(blocks: &Blocks, codings: &[Coding]) -> Self {
        let ranks: Vec<_> = blocks.columns().map(MidRanks::new).collect();
        let column = |(coding, ranks): (&Coding, &MidRanks)| Column {
            coding: *coding,
            polynomials: match coding {
                Coding::Ordered => polynomials(ranks),
                Coding::Labels => Vec::new(),
            },
            baseline: [0; CODES],
            current: [0; CODES],
            has_missing: ranks.missing,
        };
        Self {
            columns: codings.iter().zip(&ranks).map(column).collect(),
            pairs: Pairs::new(blocks, &ranks),
            rows: (0.0, 0.0),
        }
    }

    pub(super) fn add(&mut self, blocks: &Blocks, block: &Block) {
        for (j, column) in self.columns.iter_mut().enumerate() {
            count(
                &mut column.baseline,
                blocks.column(j, block.baseline.clone()),
            );
            count(&mut column.current, blocks.column(j, block.current.clone()));
        }
        self.pairs.add(block);
        self.rows.0 += block.baseline.len() as f64;
        self.rows.1 += block.current.len() as f64;
    }

    pub(super) fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// The terms that tell the sides apart in the rows seen, those before `end`.
    pub(super) fn terms(&self, end: usize) -> Vec<Term> {
        let (mut first, mut higher) = (Vec::new(), Vec::new());
        for (j, column) in self.columns.iter().enumerate() {
            if column.coding == Coding::Labels {
                first.extend(self.labels(j, column));
                continue;
            }
            for (degree, table) in column.polynomials.iter().enumerate() {
                let terms = if degree == 0 { &mut first } else { &mut higher };
                terms.extend(self.term(Source::Polynomial(j, degree), column, table));
            }
            if column.has_missing {
                first.extend(self.term(Source::Missing(j), column, &MISSING));
            }
        }
        let pairs = self.pairs.most_different(self.rows, end);
        let sizes = [first.len(), higher.len(), self.pairs.len()];
        choose([first, higher, pairs], sizes)
    }

    fn term(&self, source: Source, column: &Column, table: &Table) -> Option<Term> {
        let (n, m) = self.rows;
        let (mut baseline, mut current, mut squares) = (0.0, 0.0, 0.0);
        for ((&b, &c), &value) in column.baseline.iter().zip(&column.current).zip(table) {
            let (b, c) = (f64::from(b), f64::from(c));
            baseline += b * value;
            current += c * value;
            squares += (b + c) * value * value;
        }
        let mean = (baseline + current) / (n + m);
        let variance = squares / (n + m) - mean * mean;
        let difference = current / m - baseline / n;
        (variance > NO_VARIANCE).then(|| Term {
            source,
            mean,
            deviation: variance.sqrt(),
            difference,
            statistic: difference * difference / (variance * (1.0 / n + 1.0 / m)),
            df: 1.0,
        })
    }

    /// The share of current rows in each category, with the chi-square statistic
    /// of the categories.
    fn labels(&self, j: usize, column: &Column) -> Option<Term> {
        let (n, m) = self.rows;
        let share = m / (n + m);
        let (mut statistic, mut categories) = (0.0, 0.0);
        for (&b, &c) in column.baseline.iter().zip(&column.current) {
            let both = f64::from(b) + f64::from(c);
            if both > 0.0 {
                let excess = f64::from(c) - share * both;
                statistic += excess * excess / (both * share * (1.0 - share));
                categories += 1.0;
            }
        }
        let table = self.shares(column);
        Some(Term {
            statistic,
            df: f64::max(categories - 1.0, 1.0),
            ..self.term(Source::Labels(j), column, &table)?
        })
    }

    /// Of each category the share of current rows beyond that of all rows.
    fn shares(&self, column: &Column) -> Table {
        let (n, m) = self.rows;
        let mut table = [0.0; CODES];
        for ((&b, &c), value) in column.baseline.iter().zip(&column.current).zip(&mut table) {
            let both = f64::from(b) + f64::from(c);
            *value = (f64::from(c) - m / (n + m) * both) / (both + SMOOTHING);
        }
        table
    }

    /// The column of a term and what it makes of its codes; `None` for a pair.
    pub(super) fn table(&self, source: Source) -> Option<(usize, Table)> {
        let (Source::Polynomial(j, _) | Source::Labels(j) | Source::Missing(j)) = source else {
            return None;
        };
        let column = self.columns.get(j)?;
        let table = match source {
            Source::Polynomial(_, degree) => *column.polynomials.get(degree)?,
            Source::Missing(_) => MISSING,
            _ => self.shares(column),
        };
        Some((j, table))
    }
}

fn count(counts: &mut [u32; CODES], codes: &[u8]) {
    for &code in codes {
        if let Some(count) = counts.get_mut(usize::from(code)) {
            *count += 1;
        }
    }
}

/// Of each kind of terms, of which there are so many in all, those that
/// Benjamini and Hochberg's procedure takes; the most significant one when
/// there are none.
fn choose(kinds: [Vec<Term>; 3], sizes: [usize; 3]) -> Vec<Term> {
    let mut chosen = Vec::new();
    let mut best: Option<(f64, Term)> = None;
    for (terms, all) in kinds.into_iter().zip(sizes) {
        let mut terms: Vec<_> = terms.into_iter().map(|t| (t.log_p_value(), t)).collect();
        terms.sort_by(|a, b| a.0.total_cmp(&b.0));
        let passes =
            |i: usize, log_p: f64| log_p <= (FALSE_DISCOVERIES * (i + 1) as f64 / all as f64).ln();
        let mut taken = terms.iter().enumerate();
        let taken = taken.rposition(|(i, (log_p, _))| passes(i, *log_p));
        if let Some((log_p, term)) = terms.first()
            && best.as_ref().is_none_or(|(least, _)| log_p < least)
        {
            best = Some((*log_p, *term));
        }
        terms.truncate(taken.map_or(0, |last| last + 1));
        chosen.extend(terms);
    }
    if chosen.is_empty() {
        chosen.extend(best);
    }
    chosen.sort_by(|a, b| a.0.total_cmp(&b.0));
    chosen.truncate(MOST_TERMS);
    chosen.into_iter().map(|(_, term)| term).collect()
}

/// What the codes of a column are worth.
#[derive(Debug)]
pub(super) struct MidRanks {
    /// The mid-rank of each code among all rows that have one, -1 to 1; 0 for
    /// missing cells.
    pub(super) table: Table,
    /// How many different codes there are, without that of missing cells.
    pub(super) values: usize,
    missing: bool,
}

impl MidRanks {
    fn new(codes: &[u8]) -> Self {
        let mut counts = [0; CODES];
        count(&mut counts, codes);
        let [present @ .., missing] = counts;
        let total: f64 = present.iter().copied().map(f64::from).sum();
        let mut table = [0.0; CODES];
        let (mut before, mut values) = (0.0, 0);
        for (&count, rank) in present.iter().zip(&mut table) {
            if count > 0 {
                *rank = (2.0 * before + f64::from(count) - total) / total;
                values += 1;
            }
            before += f64::from(count);
        }
        Self {
            table,
            values,
            missing: missing > 0,
        }
    }
}

/// Legendre's polynomials, of variance 1 for uniform ranks: as many as differ
/// on so many values.
fn polynomials(ranks: &MidRanks) -> Vec<Table> {
    let legendre: [fn(f64) -> f64; 4] = [
        |v| 3f64.sqrt() * v,
        |v| 5f64.sqrt() * (1.5 * v * v - 0.5),
        |v| 7f64.sqrt() * v * (2.5 * v * v - 1.5),
        |v| 3.0 * ((4.375 * v * v - 3.75) * v * v + 0.375),
    ];
    let table = |polynomial: &fn(f64) -> f64| {
        let mut table = ranks.table.map(polynomial);
        if let Some(missing) = table.last_mut() {
            *missing = 0.0;
        }
        table
    };
    let distinct = legendre.iter().take(ranks.values.saturating_sub(1));
    distinct.map(table).collect()
}
