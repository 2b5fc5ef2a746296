//! Times of both sides: when, at which hour, on which weekday.

use super::numbers::{histogram, quantiles, tested};
use super::{Findings, summary};
use crate::error::Result;
use crate::table::column_tests::Tests;
use crate::table::profile::{Kind, Profile, TimeCounts};
use crate::table::report::{Figure, Summary};
use crate::table::verdict::{Moved, What};

pub(super) fn compare(
    name: &str,
    (baseline, b): (&Profile, &TimeCounts),
    (current, c): (&Profile, &TimeCounts),
    tests: &Tests,
) -> Result<Findings> {
    let mut findings = Findings::of(Kind::Datetime, baseline, current);
    let (distance, result) = tested(name, (baseline, &b.seconds), (current, &c.seconds), tests)?;
    let counts = |of_baseline: &[u64], of_current: &[u64]| Moved::Counts {
        baseline: of_baseline.to_vec(),
        current: of_current.to_vec(),
    };
    findings.evidence.moved.clear();
    // A clock that has gone on is no drift: the current side begins where the baseline
    // ends. What can drift then is at which hours and on which days.
    if c.seconds.min() >= b.seconds.max() && c.seconds.max() > b.seconds.max() {
        findings.flags.push("moved_on");
    } else {
        let values = Moved::Numbers {
            distance,
            n: b.seconds.len(),
            m: c.seconds.len(),
        };
        findings.evidence.moved.push((What::Values, values));
        findings.evidence.log_p_value = result.log_p_value;
    }
    findings
        .evidence
        .moved
        .push((What::Hour, counts(&b.hours, &c.hours)));
    findings
        .evidence
        .moved
        .push((What::Weekday, counts(&b.weekdays, &c.weekdays)));
    findings.result = Some(result);
    findings.baseline = summary(baseline);
    findings.current = summary(current);
    findings.histogram = Some(histogram(&b.seconds, &c.seconds));
    findings.quantiles = Some(quantiles(&b.seconds, &c.seconds));
    findings.clock = Some([
        [b.hours.clone(), c.hours.clone()],
        [b.weekdays.clone(), c.weekdays.clone()],
    ]);
    Ok(findings)
}

pub(super) fn summarise(summary: &mut Summary, times: &TimeCounts) {
    let seconds = &times.seconds;
    summary.rows = seconds.len();
    summary.distinct = seconds.distinct();
    summary.min = time(seconds.min());
    summary.max = time(seconds.max());
    summary.median = time(seconds.quantile(0.5));
}

/// In ISO 8601, to the microsecond.
fn time(seconds: f64) -> Option<Figure> {
    let timestamp = jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64);
    timestamp
        .ok()
        .map(|timestamp| Figure::Time(timestamp.to_string()))
}
