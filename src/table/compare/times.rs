//! Times of both sides: when, at which hour, on which weekday.

use super::numbers::{histogram, quantiles, tested};
use super::{Findings, summary};
use crate::drift::{Categorical, ChiSquare, Counts};
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
    let looks = [(What::Hour, hours(b, c)), (What::Weekday, weekdays(b, c))];
    findings.evidence.moved.clear();
    // A clock that has gone on is no drift: the current side begins where the baseline
    // ends. What can drift then is at which hours and on which days.
    if c.seconds.min() >= b.seconds.max() && c.seconds.max() > b.seconds.max() {
        findings.flags.push("moved_on");
        findings.evidence.log_p_value = p_value_of(&looks)?;
    } else {
        let values = Moved::Numbers {
            distance,
            n: b.seconds.len(),
            m: c.seconds.len(),
        };
        findings.evidence.moved.push((What::Values, values));
        findings.evidence.log_p_value = result.log_p_value;
        findings.result = Some(result);
    }
    findings.evidence.moved.extend(looks);
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

const DAY: f64 = 86_400.0;

/// Days from the first time to the last, both included, as numbers of days since 1970.
fn days(times: &TimeCounts) -> (i64, i64) {
    let day = |seconds: f64| (seconds / DAY).floor() as i64;
    (day(times.seconds.min()), day(times.seconds.max()))
}

/// The hours of both sides, where both go over two days or more.
fn hours(b: &TimeCounts, c: &TimeCounts) -> Moved {
    let short = |times: &TimeCounts| times.seconds.max() - times.seconds.min() < 2.0 * DAY;
    if short(b) || short(c) {
        return Moved::Nothing;
    }
    Moved::Counts {
        baseline: b.hours.clone(),
        current: c.hours.clone(),
    }
}

/// The weekdays of both sides, where both go over two weeks or more; what the calendar does
/// is taken off: a month that begins on a Friday has five of them.
fn weekdays(b: &TimeCounts, c: &TimeCounts) -> Moved {
    let (ours, theirs) = (occurring(days(b)), occurring(days(c)));
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Moved::Counts {
            baseline: per_day(&b.weekdays, &ours),
            current: per_day(&c.weekdays, &theirs),
        },
        _ => Moved::Nothing,
    }
}

/// How often each weekday, from Monday on, occurs in a span of days; `None` for less than
/// two weeks.
fn occurring((first, last): (i64, i64)) -> Option<[u64; 7]> {
    let n = last.checked_sub(first)?.checked_add(1)?;
    let whole = u64::try_from(n / 7).ok().filter(|&weeks| weeks >= 2)?;
    let mut days = [whole; 7];
    for day in 0..n % 7 {
        // 1970 began on a Thursday.
        let weekday = (first + day + 3).rem_euclid(7);
        if let Some(days) = days.get_mut(weekday as usize) {
            *days += 1;
        }
    }
    Some(days)
}

/// As many rows, shared out by their rate on each weekday that occurs.
fn per_day(counts: &[u64], occurring: &[u64; 7]) -> Vec<u64> {
    let rates: Vec<f64> = counts
        .iter()
        .zip(occurring)
        .map(|(&count, &days)| count as f64 / days as f64)
        .collect();
    let (rows, all) = (counts.iter().sum::<u64>() as f64, rates.iter().sum::<f64>());
    let share = |rate: &f64| (rows * rate / all.max(f64::MIN_POSITIVE)).round() as u64;
    rates.iter().map(share).collect()
}

/// Of the test that no hour and no weekday has changed: twice the smaller p-value.
fn p_value_of(looks: &[(What, Moved)]) -> Result<Option<f64>> {
    let mut log_p: Option<f64> = None;
    for (_, look) in looks {
        if let Moved::Counts { baseline, current } = look {
            let counts = Counts::new(baseline, current)?;
            let own = ChiSquare::default().compare_counts(&counts)?.log_p_value;
            let own = own.map(|own| (own + std::f64::consts::LN_2).min(0.0));
            log_p = [log_p, own].into_iter().flatten().reduce(f64::min);
        }
    }
    Ok(log_p)
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
