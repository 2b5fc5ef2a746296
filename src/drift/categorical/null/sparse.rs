//! Very many categories: the law of a sum of nearly independent parts.

use super::super::counts::{Cell, Counts};
use super::factorial::Factorials;
use super::monte_carlo::gamma_tail;
use super::{Measure, extremity};
use crate::drift::PValue;

/// The p-value of a table too large to draw others like it.
///
/// Each category's count is binomial given its total, all of them bound only by
/// the total of the row: the sum of their parts is nearly normal, with the mean
/// of the parts and their variance less what the row's total explains. A gamma
/// law with both keeps the tail on the side of caution.
///
/// # Source
/// Holst, Asymptotic normality and efficiency for certain goodness-of-fit
/// tests, 1972, theorem 1; Morris, Central limit theorems for multinomial sums,
/// 1975.
pub(super) fn p_value(cells: &[Cell], measure: Measure) -> PValue {
    let (ours, theirs): (Vec<u64>, Vec<u64>) = cells.iter().copied().unzip();
    let Ok(counts) = Counts::new(&ours, &theirs) else {
        return PValue::ONE;
    };
    let (n, m) = (counts.n_baseline() as f64, counts.n_current() as f64);
    let share = n / (n + m);
    let largest = cells.last().map_or(0, |(b, c)| b + c);
    let factorials = Factorials::new(largest);
    let (mut mean, mut variance, mut with_row, mut row) = (0.0, 0.0, 0.0, 0.0);
    for group in cells.chunk_by(|a, b| a.0 + a.1 == b.0 + b.1) {
        let (times, total) = (group.len() as f64, group[0].0 + group[0].1);
        let (a, b, c) = part(&counts, measure, &factorials, total, share);
        mean += times * a;
        variance += times * b;
        with_row += times * c;
        row += times * total as f64 * share * (1.0 - share);
    }
    let variance = variance - with_row * with_row / row;
    if variance.is_nan() || variance <= 0.0 {
        // All tables are alike, as when no label comes twice.
        return PValue::ONE;
    }
    let observed = measure.least(extremity(measure, &counts, cells));
    // A chi-square law has skewness 2 sd / mean.
    let skewness = match measure {
        Measure::Probability => 0.0,
        _ => 2.0 * variance.sqrt() / mean,
    };
    let z = (observed - mean) / variance.sqrt();
    PValue::from_ln(gamma_tail(z, skewness.max(1e-3)))
}

/// Mean and variance of a category's part, and its covariance with its count.
fn part(
    counts: &Counts<'_>,
    measure: Measure,
    factorials: &Factorials,
    total: u64,
    share: f64,
) -> (f64, f64, f64) {
    let expected = total as f64 * share;
    let reach = 12.0 * (expected * (1.0 - share)).sqrt() + 20.0;
    let low = (expected - reach).max(0.0) as u64;
    let high = ((expected + reach) as u64).min(total);
    let outcomes = (low..=high).map(|h| {
        let ways = factorials.ln(total) - factorials.ln(h) - factorials.ln(total - h);
        let ln = ways + h as f64 * share.ln() + (total - h) as f64 * (-share).ln_1p();
        (
            ln.exp(),
            measure.term(counts, (h, total - h)),
            h as f64 - expected,
        )
    });
    let mean: f64 = outcomes.clone().map(|(p, term, _)| p * term).sum();
    let about = |(p, term, off): (f64, f64, f64)| (p, term - mean, off);
    let variance = outcomes.clone().map(about).map(|(p, x, _)| p * x * x).sum();
    let with_row = outcomes.map(about).map(|(p, x, off)| p * x * off).sum();
    (mean, variance, with_row)
}
