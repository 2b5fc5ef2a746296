//! What a report says of one column.

use super::Matched;
use super::explain::explain;
use crate::table::plan::Settings;
use crate::table::profile::Kind;
use crate::table::report::{
    CategoryCount, ColumnReport, EffectReport, MissingReport, Profiles, TimeProfile, UnseenReport,
};
use crate::table::verdict::{Interval, Judgement, What};

pub(super) fn column_report(
    column: Matched,
    judgement: Judgement,
    settings: &Settings,
) -> ColumnReport {
    let Matched { name, findings, .. } = column;
    let is = |role: &Option<String>| role.as_deref() == Some(name.as_str());
    let role = if is(&settings.target) {
        "target"
    } else if is(&settings.prediction) {
        "prediction"
    } else {
        "feature"
    };
    let explanation = explain(&findings, &judgement, settings.verdict.min_effect);
    let effect = |interval: &Interval| EffectReport {
        name: "share_moved",
        interval: *interval,
    };
    let has_effect = findings.result.is_some()
        || !matches!(findings.kind, Kind::Missing)
            && findings.baseline.rows > 0
            && findings.current.rows > 0;
    let part = |what: What| {
        let place = findings
            .evidence
            .moved
            .iter()
            .position(|(part, _)| *part == what);
        place.and_then(|place| judgement.parts.get(place))
    };
    let clock = findings.clock.as_ref().and_then(|[[hb, hc], [wb, wc]]| {
        let hours = (0..24).map(|hour| format!("{hour:02}")).collect();
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            .map(str::to_owned)
            .to_vec();
        let profile = |labels, b: &[u64], c: &[u64], what| {
            Some(TimeProfile {
                labels,
                baseline: b.to_vec(),
                current: c.to_vec(),
                effect: effect(part(what)?),
            })
        };
        Some(Profiles {
            hour: profile(hours, hb, hc, What::Hour)?,
            weekday: profile(days, wb, wc, What::Weekday)?,
        })
    });
    let rate = |missing: u64, rows: u64| missing as f64 / (rows.max(1)) as f64;
    let (mb, rb, mc, rc) = findings.evidence.missing;
    let result = findings.result.as_ref();
    let unseen = findings.unseen.map(|unseen| {
        let excess = judgement.unseen.as_ref();
        UnseenReport {
            rows: unseen.rows,
            share: rate(unseen.rows, findings.current.rows),
            low: excess.map_or(0.0, |excess| excess.low),
            high: excess.map_or(0.0, |excess| excess.high),
            n_categories: unseen.n_categories,
            categories: unseen.most,
        }
    });
    ColumnReport {
        name,
        kind: findings.kind,
        role,
        verdict: judgement.verdict,
        reasons: judgement
            .reasons
            .iter()
            .map(|reason| reason.name())
            .collect(),
        explanation,
        flags: findings.flags,
        test: result.map(|result| result.test.clone().into_owned()),
        statistic: result.map(|result| result.statistic),
        p_value: result.and_then(|result| result.p_value),
        log_p_value: result.and_then(|result| result.log_p_value),
        p_adjusted: judgement.p_adjusted,
        effect_size: has_effect.then_some(judgement.effect.value),
        effect: has_effect.then(|| effect(&judgement.effect)),
        rows_needed: judgement.rows_needed,
        missing: MissingReport {
            baseline: rate(mb, rb),
            current: rate(mc, rc),
            difference: judgement.missing.value,
            low: judgement.missing.low,
            high: judgement.missing.high,
            p_value: judgement.missing_p_value,
        },
        unseen,
        vanished: findings.vanished,
        range: findings.range,
        baseline: findings.baseline,
        current: findings.current,
        histogram: findings.histogram,
        quantiles: findings.quantiles,
        categories: findings
            .categories
            .filter(|all: &Vec<CategoryCount>| !all.is_empty()),
        profiles: clock,
    }
}
