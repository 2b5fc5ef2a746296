//! What a report says of segments and of periods.

use super::{Base, Matched};
use crate::error::Result;
use crate::table::compare::Comparison;
use crate::table::groups::Groups;
use crate::table::periods::Periods;
use crate::table::plan::PlannedSegments;
use crate::table::report::{GroupColumn, GroupReport, PeriodColumn, PeriodsReport, SegmentsReport};
use crate::table::verdict::{self, Evidence, Judgement, Verdict};

/// The columns of each group, by their place in `matched`, judged as one family.
fn judged(
    matched: &[Matched],
    n_groups: usize,
    options: &verdict::Options,
) -> Result<Vec<Vec<(usize, Judgement)>>> {
    let mut found = vec![Vec::new(); n_groups];
    let mut evidence: Vec<Evidence> = Vec::new();
    for (group, found) in found.iter_mut().enumerate() {
        for (place, column) in matched.iter().enumerate() {
            let Some(Some(Comparison::Found(findings))) = column.groups.get(group) else {
                continue;
            };
            let weight = column.findings.evidence.weight;
            evidence.push(Evidence {
                weight,
                ..findings.evidence.clone()
            });
            found.push(place);
        }
    }
    let mut judgements = verdict::judge(&evidence, options)?.judgements.into_iter();
    let with = |places: Vec<usize>| {
        let own: Vec<Judgement> = judgements.by_ref().take(places.len()).collect();
        places.into_iter().zip(own).collect()
    };
    Ok(found.into_iter().map(with).collect())
}

/// Segment by segment.
pub(super) fn segments(
    matched: &[Matched],
    base: &Base<'_>,
    segments: &PlannedSegments,
    groups: &Groups,
    added: &[Option<Box<str>>],
    rows: u64,
) -> Result<SegmentsReport> {
    let judged = judged(matched, groups.rows.len(), &base.settings.verdict)?;
    let mut reports = Vec::new();
    let mut parts = Vec::new();
    // Groups that only the current table has come last.
    let names = segments.names.iter().chain(added);
    let sizes = segments.rows.iter().copied().chain(std::iter::repeat(0));
    let sizes = sizes.zip(groups.rows.iter().copied());
    for ((columns, name), (rows_baseline, rows_current)) in judged.into_iter().zip(names).zip(sizes)
    {
        let share_baseline = rows_baseline as f64 / base.rows as f64;
        let share_current = rows_current as f64 / rows as f64;
        let n = columns.len().max(1) as f64;
        // Of the rows that move in the joint distribution of group and value: those that
        // change group, and those within that moved for certain.
        let certain = |judgement: &Judgement| {
            let missing = judgement.missing.low.max(-judgement.missing.high);
            let unseen = judgement.unseen.as_ref().map_or(0.0, |unseen| unseen.low);
            judgement.effect.low.max(missing).max(unseen)
        };
        let within: f64 = columns
            .iter()
            .map(|(_, judgement)| certain(judgement))
            .sum();
        let changed = (share_baseline - share_current).abs() / 2.0;
        parts.push(changed + share_baseline.min(share_current) * within / n);
        let verdicts = || columns.iter().map(|(_, judgement)| judgement.verdict);
        let drifted = verdicts()
            .filter(|verdict| *verdict == Verdict::Drifted)
            .count();
        reports.push(GroupReport {
            name: name.as_deref().map(str::to_owned),
            rows_baseline,
            rows_current,
            share_baseline,
            share_current,
            verdict: if columns.is_empty() {
                Verdict::Inconclusive // on one side only
            } else {
                Verdict::of_all(verdicts())
            },
            share_drifted: drifted as f64 / n,
            contribution: 0.0,
            columns: columns
                .iter()
                .filter_map(|(place, judgement)| {
                    Some(GroupColumn {
                        name: matched.get(*place)?.name.clone(),
                        verdict: judgement.verdict,
                        effect_size: Some(judgement.effect.value),
                        low: Some(judgement.effect.low),
                        high: Some(judgement.effect.high),
                        p_adjusted: judgement.p_adjusted,
                    })
                })
                .collect(),
        });
    }
    let whole: f64 = parts.iter().sum();
    for (report, part) in reports.iter_mut().zip(parts) {
        report.contribution = if whole > 0.0 { part / whole } else { 0.0 };
    }
    reports.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    Ok(SegmentsReport {
        column: base.settings.segments.clone().unwrap_or_default(),
        groups: reports,
        n_omitted: segments.omitted.max(groups.omitted),
    })
}

/// Period by period.
pub(super) fn periods(
    matched: &[Matched],
    base: &Base<'_>,
    periods: &Periods,
    names: &[String],
    groups: &Groups,
) -> Result<PeriodsReport> {
    let judged = judged(matched, names.len(), &base.settings.verdict)?;
    let column = |column: &Matched| PeriodColumn {
        name: column.name.clone(),
        kind: column.findings.kind,
        effect: Vec::new(),
        low: Vec::new(),
        high: Vec::new(),
        verdicts: Vec::new(),
    };
    let is_cut = |other: &&Matched| other.name != periods.by;
    let mut columns: Vec<PeriodColumn> = matched.iter().filter(is_cut).map(column).collect();
    for of_period in &judged {
        let mut own = of_period.iter().peekable();
        let shown = matched
            .iter()
            .enumerate()
            .filter(|(_, other)| is_cut(other));
        for ((place, _), column) in shown.zip(columns.iter_mut()) {
            let judgement = own
                .next_if(|(other, _)| *other == place)
                .map(|(_, own)| own);
            let effect = judgement.map(|judgement| &judgement.effect);
            column.effect.push(effect.map(|effect| effect.value));
            column.low.push(effect.map(|effect| effect.low));
            column.high.push(effect.map(|effect| effect.high));
            let verdict = judgement.map(|judgement| judgement.verdict);
            column
                .verdicts
                .push(verdict.unwrap_or(Verdict::Inconclusive));
        }
    }
    let verdict = |columns: &Vec<(usize, Judgement)>| {
        Verdict::of_all(columns.iter().map(|(_, judgement)| judgement.verdict))
    };
    Ok(PeriodsReport {
        column: periods.by.clone(),
        every: periods.every.as_name().to_owned(),
        names: names.to_vec(),
        rows: groups.rows.clone(),
        verdicts: judged.iter().map(verdict).collect(),
        columns,
    })
}
