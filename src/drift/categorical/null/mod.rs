//! How often chance alone makes two rows of counts differ as much.
//!
//! Without drift every table with the totals of the observed one has a known
//! probability (multivariate hypergeometric). Where expected counts are small
//! the p-value is the sum over those tables that are at least as extreme: over
//! all when they are few, otherwise over a seeded sample of them. Bins between
//! quantiles of the baseline are another matter: their borders are as random
//! as the baseline, so that a current sample several times its size spreads
//! more than the table alone would tell; then the tables are drawn from that
//! law instead.

mod draw;
mod enumerate;
mod factorial;
mod monte_carlo;
mod sparse;
pub(super) mod two_by_two;

use crate::drift::PValue;

use super::counts::{Cell, Counts, Cut, excess};
pub(super) use factorial::ln_factorial;

/// Nanoseconds that draws may take, about.
const MOST_WORK: f64 = 3e8;
/// The law of the random borders hardly matters from this many values of the
/// baseline in every bin: at 5 % the chi-square law is off by less than 0.5 %.
const BORDERS_SETTLED: u64 = 200;

/// What "more extreme" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Pearson's X^2.
    Pearson,
    /// The log-likelihood ratio G.
    Likelihood,
    /// A table of smaller probability.
    Probability,
}

impl Measure {
    /// The part of one category, up to what is the same for all tables.
    pub(super) fn term(self, counts: &Counts<'_>, cell: Cell) -> f64 {
        let (b, c) = cell;
        if b + c == 0 {
            return 0.0;
        }
        let total = (b + c) as f64;
        match self {
            Self::Pearson => {
                let difference = counts.difference(cell);
                difference * (difference / counts.product()) / total
            }
            Self::Likelihood => {
                let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
                let difference = counts.difference(cell);
                let all = n + m;
                let ours = n * total / all * excess(difference / (n * total));
                let theirs = m * total / all * excess(-difference / (m * total));
                2.0 * (ours + theirs)
            }
            Self::Probability => {
                let parts = ln_factorial(b) + ln_factorial(c);
                parts - ln_factorial(b + c)
            }
        }
    }

    /// The least that counts as at least as extreme as `observed`, for which
    /// rounding must not tell equal tables apart.
    fn least(self, observed: f64) -> f64 {
        match self {
            Self::Pearson | Self::Likelihood => observed * (1.0 - 1e-10),
            // Logarithms of probabilities: as R's `fisher.test`.
            Self::Probability => observed - 1e-7,
        }
    }
}

/// How a null law is drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draws {
    pub(super) number: usize,
    pub(super) seed: u64,
}

/// Whether bins between quantiles are too thin for laws of given categories.
pub(super) fn borders_matter(counts: &Counts<'_>) -> bool {
    let thinnest = counts.cells().map(|(b, _)| b).min().unwrap_or(0);
    counts.origin() == Cut::AtQuantiles
        && thinnest < BORDERS_SETTLED
        && counts.n_current() > counts.n_baseline() / 2
}

/// The smallest expected count.
pub(super) fn least_expected(counts: &Counts<'_>) -> f64 {
    let rarest = counts.cells().map(|(b, c)| b + c).min().unwrap_or(0) as f64;
    let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
    rarest * n.min(m) / (n + m)
}

/// P(at least as extreme): exact where that is bounded work, by draws otherwise.
pub(super) fn p_value(counts: &Counts<'_>, measure: Measure, draws: Draws) -> PValue {
    let mut cells: Vec<Cell> = counts.cells().collect();
    if cells.len() < 2 {
        return PValue::ONE;
    }
    if borders_matter(counts) {
        return monte_carlo::random_borders(counts, &cells, measure, draws);
    }
    // The order of categories and which sample is which must not matter.
    if counts.n_baseline() > counts.n_current() {
        cells = cells.into_iter().map(|(b, c)| (c, b)).collect();
    }
    cells.sort_unstable_by_key(|&(b, c)| (b + c, b));
    if let [first, second] = cells[..] {
        return two_by_two::p_value(first, second, measure);
    }
    enumerate::p_value(&cells, measure)
        .or_else(|| monte_carlo::permutations(&cells, measure, draws))
        .unwrap_or_else(|| sparse::p_value(&cells, measure))
}

/// The measure of a whole table with given rows.
fn extremity(measure: Measure, counts: &Counts<'_>, cells: &[Cell]) -> f64 {
    cells.iter().map(|&cell| measure.term(counts, cell)).sum()
}
