//! A verdict in one sentence.

use crate::table::compare::Findings;
use crate::table::profile::Kind;
use crate::table::verdict::{Interval, Judgement, Reason, Verdict, What};

/// What the verdict on a column says, for people.
pub(super) fn explain(findings: &Findings, judgement: &Judgement, min_effect: f64) -> String {
    match judgement.verdict {
        Verdict::Drifted => drifted(findings, judgement),
        Verdict::Stable => stable(findings, judgement, min_effect),
        Verdict::Inconclusive => inconclusive(findings, judgement, min_effect),
    }
}

fn drifted(findings: &Findings, judgement: &Judgement) -> String {
    let mut parts = Vec::new();
    for reason in &judgement.reasons {
        let effect = part_of(*reason, findings, judgement);
        parts.push(match reason {
            Reason::Values => format!(
                "at least {} of the rows moved{} (estimate {})",
                percent(effect.low),
                direction(findings),
                percent(effect.value),
            ),
            Reason::Hour => format!(
                "at least {} of the rows moved to other hours",
                percent(effect.low)
            ),
            Reason::Weekday => {
                format!(
                    "at least {} of the rows moved to other weekdays",
                    percent(effect.low)
                )
            }
            Reason::Missing => {
                let (mb, rb, mc, rc) = findings.evidence.missing;
                let rate = |missing: u64, rows: u64| percent(missing as f64 / rows.max(1) as f64);
                format!(
                    "missing values went from {} to {}",
                    rate(mb, rb),
                    rate(mc, rc)
                )
            }
            Reason::Unseen => {
                let rows = findings.unseen.as_ref().map_or(0, |unseen| unseen.rows);
                let share = rows as f64 / findings.current.rows.max(1) as f64;
                format!(
                    "{} of the rows are in categories that the baseline has not",
                    percent(share)
                )
            }
            Reason::PValue => match judgement.p_adjusted {
                Some(p) if p < 1e-300 => "the adjusted p-value is below 1e-300".to_owned(),
                Some(p) => format!("the adjusted p-value is {p:.1e}"),
                None => "the adjusted p-value is below alpha".to_owned(),
            },
        });
    }
    sentence(&parts.join("; "))
}

/// The interval of the look that is the reason.
fn part_of<'a>(reason: Reason, findings: &Findings, judgement: &'a Judgement) -> &'a Interval {
    let what = match reason {
        Reason::Hour => What::Hour,
        Reason::Weekday => What::Weekday,
        _ => What::Values,
    };
    let mut parts = findings.evidence.moved.iter().zip(&judgement.parts);
    let own = parts.find(|((part, _), _)| *part == what);
    own.map_or(&judgement.effect, |(_, interval)| interval)
}

/// Where numbers went, where that is plain.
fn direction(findings: &Findings) -> String {
    if findings.kind != Kind::Numeric {
        return String::new();
    }
    let Some(quantiles) = &findings.quantiles else {
        return String::new();
    };
    let pairs = quantiles.baseline.iter().zip(&quantiles.current);
    let (mut up, mut down) = (0, 0);
    for (b, c) in pairs {
        up += usize::from(c > b);
        down += usize::from(c < b);
    }
    match (up, down) {
        (1.., 0) => ", upwards".to_owned(),
        (0, 1..) => ", downwards".to_owned(),
        _ => String::new(),
    }
}

fn stable(findings: &Findings, judgement: &Judgement, min_effect: f64) -> String {
    let constant = ["constant_baseline", "constant_current"]
        .iter()
        .all(|flag| findings.flags.contains(flag));
    if findings.baseline.rows == 0 && findings.current.rows == 0 {
        return "Missing in all rows on both sides.".to_owned();
    }
    if constant && judgement.effect.value == 0.0 {
        return "The same constant on both sides.".to_owned();
    }
    if min_effect == 0.0 {
        return "No significant change.".to_owned();
    }
    format!(
        "At most {} of the rows moved.",
        percent(judgement.effect.high)
    )
}

fn inconclusive(findings: &Findings, judgement: &Judgement, min_effect: f64) -> String {
    if min_effect == 0.0 {
        let test = findings
            .result
            .as_ref()
            .map_or("of this column", |result| &result.test);
        return format!("The test {test} has no p-value, which min_effect=0 asks for.");
    }
    let effect = &judgement.effect;
    if judgement.pooled > min_effect {
        return format!(
            "{} of the rows are in categories too rare to tell apart: between {} and {} may have \
             moved.",
            percent(judgement.pooled),
            percent(effect.low),
            percent(effect.high)
        );
    }
    let open = |low: f64, high: f64| low <= min_effect && high >= min_effect;
    let (missing, unseen) = (&judgement.missing, judgement.unseen.as_ref());
    // The look that is undecided: the values where they are.
    let (low, high, what) = match unseen {
        _ if open(effect.low, effect.high) => (effect.low, effect.high, "moved"),
        Some(unseen) if open(unseen.low, unseen.high) => {
            let low = unseen.low.max(0.0);
            (
                low,
                unseen.high,
                "are in categories that the baseline has not",
            )
        }
        _ => {
            let far = missing.low.abs().max(missing.high.abs());
            let near = missing.low.max(-missing.high).max(0.0);
            (near, far, "went missing or are no longer missing")
        }
    };
    let seen = format!(
        "Between {} and {} of the rows {what}: too few rows to tell whether that is more than {}",
        percent(low),
        percent(high),
        percent(min_effect)
    );
    match judgement.rows_needed {
        Some(rows) => format!(
            "{seen}; about {} rows on each side would, if it is as it looks.",
            thousands(rows)
        ),
        None => format!("{seen}."),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

fn thousands(rows: u64) -> String {
    let digits = rows.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
