//! A window judged on the baseline's bins.

use std::sync::Arc;

use super::dependence::Dependence;
use super::tally::Tally;
use crate::error::Result;
use crate::event::Timestamp;
use crate::table::bins::{CODES, ColumnBins, Role};
use crate::table::verdict::{self, Evidence, Interval, Judgement, Moved, Options, Unseen, Verdict};

/// One look at the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The how manyth, from 1.
    pub number: u64,
    /// Rows that came before it, since the monitor began.
    pub n_rows: u64,
    /// Rows of the window; of a fading one as many as tell as much.
    pub rows: u64,
    /// The timestamp of the row that brought it about.
    pub at: Timestamp,
    /// What it may spend on false alarms.
    pub alpha: f64,
    /// Of the table: drifted when any column is.
    pub verdict: Verdict,
    /// The share of columns drifted, by weight.
    pub share_drifted: Interval,
    /// In the order of the monitor.
    pub columns: Vec<ColumnLook>,
}

/// What a look says of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnLook {
    /// Its name.
    pub name: Arc<str>,
    /// What is said of it.
    pub judgement: Judgement,
    /// Missing values of the baseline, of so many rows; the same of the window.
    pub missing: (u64, u64, u64, u64),
}

/// When a look is, and what it may spend.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) number: u64,
    pub(super) n_rows: u64,
    pub(super) at: Timestamp,
    pub(super) alpha: f64,
}

pub(super) fn look(
    due: Due,
    tally: &Tally,
    columns: &[ColumnBins],
    dependence: Option<&[Dependence]>,
    options: &Options,
) -> Result<Look> {
    let options = Options {
        alpha: due.alpha,
        ..*options
    };
    let p_values = options.min_effect == 0.0;
    let mut evidence = Vec::with_capacity(columns.len());
    let mut missing = Vec::with_capacity(columns.len());
    for (place, column) in columns.iter().enumerate() {
        let counts = tally.column(place);
        let mut own = column.evidence(&counts, p_values)?;
        missing.push(own.missing);
        if is_absent(column, &counts) {
            own.missing = (0, column.n_rows(), 0, 0);
        }
        if let Some(dependence) = dependence.and_then(|all| all.get(place)) {
            discount(&mut own, dependence);
        }
        evidence.push(own);
    }
    let family = verdict::judge_briefly(&evidence, &options)?;
    let judged = family.judgements.into_iter().zip(missing).zip(columns);
    let columns: Vec<ColumnLook> = judged
        .map(|((judgement, missing), column)| ColumnLook {
            name: column.name().clone(),
            judgement,
            missing,
        })
        .collect();
    Ok(Look {
        number: due.number,
        n_rows: due.n_rows,
        rows: tally.rows(),
        at: due.at,
        alpha: due.alpha,
        verdict: Verdict::of_all(columns.iter().map(|column| column.judgement.verdict)),
        share_drifted: family.share_drifted,
        columns,
    })
}

/// Whether nothing ever came of a prediction or a probability: rows may do without.
pub(super) fn is_absent(column: &ColumnBins, counts: &[u64; CODES]) -> bool {
    let [there @ .., _] = counts;
    *column.role() != Role::Feature && there.iter().all(|count| *count == 0)
}

/// Counts every row for as much as it tells that its neighbours do not. Without the p-value,
/// which takes rows as independent.
fn discount(evidence: &mut Evidence, dependence: &Dependence) {
    let ours = |count: u64| worth(count, dependence.baseline);
    let theirs = |count: u64| worth(count, dependence.window);
    for (_, moved) in &mut evidence.moved {
        match moved {
            Moved::Numbers { n, m, .. } => (*n, *m) = (ours(*n).max(1), theirs(*m).max(1)),
            Moved::Counts { baseline, current } => {
                baseline.iter_mut().for_each(|count| *count = ours(*count));
                current.iter_mut().for_each(|count| *count = theirs(*count));
            }
            Moved::Nothing => {}
        }
    }
    let (missing_b, rows_b, missing_c, rows_c) = evidence.missing;
    let (rows_b, rows_c) = (ours(rows_b).max(1), theirs(rows_c).max(1));
    evidence.missing = (
        ours(missing_b).min(rows_b),
        rows_b,
        theirs(missing_c).min(rows_c),
        rows_c,
    );
    if let Some(unseen) = &mut evidence.unseen {
        *unseen = Unseen {
            rows: theirs(unseen.rows),
            n_current: theirs(unseen.n_current).max(1),
            singletons: ours(unseen.singletons),
            doubletons: ours(unseen.doubletons),
            n_baseline: ours(unseen.n_baseline).max(1),
        };
    }
    evidence.log_p_value = None;
}

fn worth(count: u64, rows: f64) -> u64 {
    (count as f64 / rows).round() as u64
}
