//! From what is known of each column to what is said of it, over all columns.
//!
//! A column is *drifted* when the confidence interval of the share of its rows that moved
//! lies wholly above `min_effect`, *stable* when it lies wholly below, *inconclusive*
//! otherwise: then there are too few rows to tell, and the judgement says how many would do.
//! The interval is corrected for the number of columns, and for the number of looks at one
//! column.
//!
//! | look | share of rows moved | interval |
//! |---|---|---|
//! | numbers | Kolmogorov-Smirnov distance | lower end that of [`share_moved`](crate::drift::share_moved); upper end nearer, as the truth is a distance at one value |
//! | labels, hours, weekdays | total variation of the shares, rare categories [`pooled`] | less what chance moves on average (`shares.rs`) |
//! | missing values | difference of the rates, in either direction | Newcombe's hybrid score |
//! | unseen categories | rows in them, beyond the baseline's singletons / n (Good, Turing) | the same, with Esty's variance |
//!
//! Each interval is known at every level, so each gives a p-value of "at most `min_effect`
//! moved" and of "at least": the smallest alpha whose interval lies wholly above (below). A
//! column of k looks has k times the smallest of the former (any look can make it drifted)
//! and k times the largest of the latter (all must be stable). The correction is applied to
//! these over the columns, and the intervals are given at the level at which the verdicts
//! fall, so that interval and verdict always say the same. Verdicts of both kinds, drifted
//! and stable, keep alpha each.
//!
//! Limits. Rows are taken as independent: in time order they rarely are, and then intervals
//! are too narrow. Among the categories that are pooled only much is noticed.

mod column;
mod evidence;
mod levels;
mod look;
mod options;
mod power;
mod rates;
mod shares;

pub use evidence::{Evidence, Family, Interval, Judgement, Moved, Reason, Unseen, Verdict, What};
pub use options::{Correction, Options};
pub use power::{power, rows_for_power};
pub use shares::pooled;

use self::column::Column;
use self::levels::{Claims, corrected, proven};
use crate::error::{Error, Result};

/// Judges the columns of a table together.
///
/// With `min_effect` above 0 the intervals decide (see the module). With 0 the adjusted
/// p-value of no change alone does: that of the column's test and of its missing values,
/// twice the smaller where there are both; below alpha is drifted, else stable. A column
/// whose test has no p-value is then inconclusive, unless its missing values have changed.
///
/// `share_drifted` lies, with a confidence of 1 - alpha, between the columns proven to have
/// moved by more than `min_effect` and those not proven to have moved by less, by Holm's
/// step-down at alpha / 2 each.
///
/// # Shapes
/// `evidence`: (k,), any k; judgements come in the same order.
/// # Cost
/// O(k log k) and O(categories log categories); O(k^2) for unequal weights and a false
/// discovery rate.
/// # Errors
/// `InvalidValue` for options out of range, counts of different lengths, weights that are
/// negative, not finite or all 0.
/// # Source
/// As the module and its parts say. False alarms, power and coverage by simulation:
/// tests/core/table_verdict.rs.
/// # Example
/// ```
/// use driftline::table::verdict::{Evidence, Moved, Options, Verdict, What, judge};
/// let column = |distance| Evidence {
///     moved: vec![(What::Values, Moved::Numbers { distance, n: 10_000, m: 10_000 })],
///     missing: (0, 10_000, 0, 10_000),
///     unseen: None,
///     log_p_value: None,
///     weight: 1.0,
/// };
/// let family = judge(&[column(0.3), column(0.01), column(0.06)], &Options::default())?;
/// let verdicts: Vec<_> = family.judgements.iter().map(|own| own.verdict).collect();
/// assert_eq!(verdicts, [Verdict::Drifted, Verdict::Stable, Verdict::Inconclusive]);
/// assert!(family.judgements[2].rows_needed > Some(10_000));
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn judge(evidence: &[Evidence], options: &Options) -> Result<Family> {
    judge_by(evidence, options, true)
}

/// The same without `rows_needed`, which takes most of the time.
///
/// # Errors
/// Those of [`judge`].
pub fn judge_briefly(evidence: &[Evidence], options: &Options) -> Result<Family> {
    judge_by(evidence, options, false)
}

fn judge_by(evidence: &[Evidence], options: &Options, with_rows_needed: bool) -> Result<Family> {
    options.validate()?;
    let weights = weights(evidence)?;
    let columns: Vec<Column<'_>> = evidence
        .iter()
        .map(|evidence| Column::new(evidence, options))
        .collect::<Result<_>>()?;
    let (alpha, correction) = (options.alpha, options.correction);
    let (shown, more, less): (Vec<f64>, Vec<f64>, Vec<f64>) = if options.min_effect > 0.0 {
        let tests = columns.iter().map(Column::p_test).collect();
        let claims = columns.iter().map(|own| (own.p_more(), own.p_less()));
        let (more, less) = claims.unzip();
        (tests, more, less)
    } else {
        let unchanged: Vec<f64> = columns.iter().map(Column::p_unchanged).collect();
        // Nothing is ever proven not to have moved at all.
        (unchanged.clone(), unchanged, vec![1.0; columns.len()])
    };
    let adjusted = corrected(&shown, &weights, correction)?;
    let moved = Claims::new(&more, &weights, correction, alpha)?;
    let still = Claims::new(&less, &weights, correction, alpha)?;
    let mut judgements = Vec::with_capacity(columns.len());
    let claims = moved.hold.iter().zip(&moved.alphas);
    let claims = claims.zip(still.hold.iter().zip(&still.alphas));
    for ((column, ((&moved, &by), (&still, &within))), p) in
        columns.iter().zip(claims).zip(adjusted)
    {
        let (verdict, alpha) = match (moved, still) {
            (true, _) => (Verdict::Drifted, by),
            (false, true) => (Verdict::Stable, within),
            (false, false) if options.min_effect > 0.0 => (Verdict::Inconclusive, by.min(within)),
            (false, false) if column.is_tested() => (Verdict::Stable, by),
            (false, false) => (Verdict::Inconclusive, by),
        };
        let mut judgement = column.judgement(verdict, alpha, p, options)?;
        if with_rows_needed {
            judgement.rows_needed = column.rows_needed(&judgement, alpha, options)?;
        }
        judgements.push(judgement);
    }
    let whole = weights.len().max(1) as f64;
    let drifted = judgements.iter().zip(&weights);
    let drifted = drifted.filter(|(own, _)| own.verdict == Verdict::Drifted);
    let value = drifted.fold(0.0, |sum, (_, weight)| sum + weight) / whole;
    let low = proven(&more, &weights, alpha / 2.0)?;
    let high = 1.0 - proven(&less, &weights, alpha / 2.0)?;
    Ok(Family {
        judgements,
        share_drifted: Interval {
            value: value.min(1.0),
            low: low.min(value).clamp(0.0, 1.0),
            high: high.max(value).clamp(0.0, 1.0),
            level: 1.0 - alpha,
        },
    })
}

/// Of mean 1.
fn weights(evidence: &[Evidence]) -> Result<Vec<f64>> {
    let weights: Vec<f64> = evidence.iter().map(|column| column.weight).collect();
    if let Some(wrong) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        let allowed = "finite numbers that are not negative";
        return Err(Error::invalid_value("weights", wrong, allowed));
    }
    let Some(&first) = weights.first() else {
        return Ok(weights);
    };
    if first > 0.0 && weights.iter().all(|weight| *weight == first) {
        return Ok(vec![1.0; weights.len()]);
    }
    let mut ascending = weights.clone();
    ascending.sort_unstable_by(f64::total_cmp);
    let mean = ascending.iter().sum::<f64>() / weights.len() as f64;
    if mean > 0.0 && mean.is_finite() {
        return Ok(weights.iter().map(|weight| weight / mean).collect());
    }
    let allowed = "at least one above 0, with a finite sum";
    Err(Error::invalid_value(
        "weights",
        format!("a mean of {mean}"),
        allowed,
    ))
}
