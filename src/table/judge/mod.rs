//! From columns that were compared to a report.
//!
//! | where | what |
//! |---|---|
//! | `columns.rs`, `explain.rs` | one column |
//! | `multivariate.rs` | all columns at once |
//! | `groups.rs` | segments and periods |

mod columns;
mod explain;
mod groups;
mod multivariate;

use super::compare::{Comparison, Findings};
use super::groups::Groups;
use super::paired::Paired;
use super::performance::{self, Performance, Task};
use super::periods::Periods;
use super::plan::{PlannedSegments, Settings};
use super::report::{
    ChangedColumn, MetricReport, OptionsReport, PerformanceReport, Report, SchemaReport,
    SideReport, SkippedColumn, TableReport,
};
use super::verdict::{self, Evidence, Family, Verdict};
use crate::error::{Error, Result};
use columns::column_report;
use multivariate::multivariate;

/// One column of both sides, compared.
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) comparison: Comparison,
    /// Group by group, where they could be compared.
    pub(super) groups: Vec<Option<Comparison>>,
    /// Of the sampled rows of both sides.
    pub(super) codes: [Vec<u8>; 2],
    /// Whether larger codes are larger values.
    pub(super) ordered: bool,
}

/// What is known of a baseline beside its columns.
pub(super) struct Base<'a> {
    pub(super) settings: &'a Settings,
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) segments: Option<&'a PlannedSegments>,
    pub(super) performance: Option<&'a (Paired, Performance)>,
}

/// What is known of a current table beside its columns.
#[derive(Default)]
pub(super) struct Current<'a> {
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) groups: Option<Groups>,
    /// Segments that the baseline has not.
    pub(super) added: Vec<Option<Box<str>>>,
    /// Why there is no performance, though it was asked for.
    pub(super) no_performance: Option<String>,
    pub(super) periods: Option<(&'a Periods, Vec<String>)>,
    pub(super) performance: Option<Performance>,
}

/// A column that can be judged.
struct Matched {
    name: String,
    findings: Findings,
    groups: Vec<Option<Comparison>>,
    codes: [Vec<u8>; 2],
    ordered: bool,
}

/// Judges the columns together.
///
/// # Errors
/// `InvalidValue` when there is none, and for one that was asked for by name of which
/// nothing can be said.
pub(super) fn report(
    outcomes: Vec<Outcome>,
    mut schema: SchemaReport,
    base: &Base<'_>,
    current: &Current<'_>,
) -> Result<Report> {
    let names: Vec<String> = outcomes
        .iter()
        .map(|outcome| outcome.name.clone())
        .collect();
    let matched = matched(outcomes, &mut schema, base.settings)?;
    if matched.is_empty() {
        let got = format!(
            "columns {}, of which none can be compared{}",
            quoted(&names),
            why(&schema)
        );
        let allowed = "at least one column of the same kind in both tables";
        return Err(Error::invalid_value("current", got, allowed));
    }
    if let (Some(reason), Some(name)) = (&current.no_performance, &base.settings.prediction) {
        let reason = format!("no performance: {reason}");
        schema.skipped.push(SkippedColumn {
            name: name.clone(),
            reason,
        });
    }
    let options = &base.settings.verdict;
    let evidence: Vec<Evidence> = matched
        .iter()
        .map(|column| column.findings.evidence.clone())
        .collect();
    let family = verdict::judge(&evidence, options)?;
    let verdict = Verdict::of_all(family.judgements.iter().map(|own| own.verdict));
    let table = table_report(&family);
    let multivariate = multivariate(&matched, base.settings)?;
    let (mut segments, mut periods) = (None, None);
    if let Some(by) = &current.groups {
        if let Some((asked, names)) = &current.periods {
            periods = Some(groups::periods(&matched, base, asked, names, by)?);
        } else if let Some(planned) = base.segments {
            segments = Some(groups::segments(
                &matched,
                base,
                planned,
                by,
                &current.added,
                current.rows,
            )?);
        }
    }
    let performance = match (base.performance, &current.performance) {
        (Some((_, baseline)), Some(current)) => {
            performance_report(baseline, current, options.alpha)?
        }
        _ => None,
    };
    let columns = matched
        .into_iter()
        .zip(family.judgements)
        .map(|(column, judgement)| column_report(column, judgement, base.settings));
    Ok(Report {
        format: 1,
        verdict,
        baseline: SideReport {
            rows: base.rows,
            duplicate_rows: Some(base.duplicate_rows),
        },
        current: SideReport {
            rows: current.rows,
            duplicate_rows: Some(current.duplicate_rows),
        },
        options: OptionsReport {
            alpha: options.alpha,
            min_effect: options.min_effect,
            correction: options.correction.name().to_owned(),
            seed: base.settings.seed,
        },
        table,
        schema,
        columns: columns.collect(),
        multivariate,
        performance,
        segments,
        periods,
    })
}

/// The columns that can be judged; the others are told of in `schema`.
fn matched(
    outcomes: Vec<Outcome>,
    schema: &mut SchemaReport,
    settings: &Settings,
) -> Result<Vec<Matched>> {
    let mut matched = Vec::new();
    for Outcome {
        name,
        comparison,
        groups,
        codes,
        ordered,
    } in outcomes
    {
        match comparison {
            Comparison::Found(findings) => {
                let mut findings = *findings;
                let weight = settings.weights.iter().find(|(other, _)| *other == name);
                findings.evidence.weight = weight.map_or(1.0, |(_, weight)| *weight);
                matched.push(Matched {
                    name,
                    findings,
                    groups,
                    codes,
                    ordered,
                });
            }
            Comparison::Changed(baseline, current) => {
                schema.changed.push(ChangedColumn {
                    name,
                    baseline,
                    current,
                });
            }
            Comparison::Unusable(reason) if settings.columns.is_some() => {
                let got = format!("\"{name}\", which has {reason}");
                let allowed = "columns of numbers, strings, bools, dates or times";
                return Err(Error::invalid_value("columns", got, allowed));
            }
            Comparison::Unusable(reason) => schema.skipped.push(SkippedColumn { name, reason }),
        }
    }
    Ok(matched)
}

/// Why columns cannot be compared, as far as it fits into an error.
fn why(schema: &SchemaReport) -> String {
    let changed = schema.changed.iter().map(|column| {
        let (was, is) = (column.baseline.name(), column.current.name());
        format!(
            "\"{}\" is {was} in the baseline and {is} in the current table",
            column.name
        )
    });
    let skipped = schema.skipped.iter();
    let skipped = skipped.map(|column| format!("\"{}\" has {}", column.name, column.reason));
    let reasons: Vec<String> = changed.chain(skipped).take(3).collect();
    if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join("; "))
    }
}

/// Names in quotes, as many as fit into an error.
pub(super) fn quoted(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = if names.len() > 20 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn table_report(family: &Family) -> TableReport {
    let count = |verdict| {
        family
            .judgements
            .iter()
            .filter(|own| own.verdict == verdict)
            .count()
    };
    TableReport {
        columns: family.judgements.len(),
        drifted: count(Verdict::Drifted),
        stable: count(Verdict::Stable),
        inconclusive: count(Verdict::Inconclusive),
        share_drifted: family.share_drifted.value,
        share_drifted_low: family.share_drifted.low,
        share_drifted_high: family.share_drifted.high,
    }
}

fn performance_report(
    baseline: &Performance,
    current: &Performance,
    alpha: f64,
) -> Result<Option<PerformanceReport>> {
    let task = match baseline.task().or(current.task()) {
        None => return Ok(None),
        Some(Task::Regression) => "regression",
        Some(Task::Classification) => "classification",
    };
    let metrics = performance::compare(baseline, current, 1.0 - alpha)?;
    let metrics = metrics.into_iter().map(|metric| MetricReport {
        name: metric.name.to_owned(),
        baseline: metric.baseline,
        current: metric.current,
        difference: metric.difference,
        low: metric.low,
        high: metric.high,
    });
    Ok(Some(PerformanceReport {
        task,
        metrics: metrics.collect(),
    }))
}
