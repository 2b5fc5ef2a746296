//! Labels of both sides.

use super::{Findings, UnseenCategories, in_column, summary};
use crate::drift::{Counts, TestResult};
use crate::error::Result;
use crate::table::column_tests::Tests;
use crate::table::profile::{Kind, LabelCounts, Profile};
use crate::table::report::{Category, CategoryCount, Summary, VanishedReport};
use crate::table::verdict::{Moved, Unseen, What, pooled};

/// So many are named.
const NAMED: usize = 10;
/// So many are shown.
const SHOWN: usize = 20;
/// From so many on, there are many.
const MANY: usize = 1_000;

pub(super) fn compare(
    name: &str,
    baseline: &Profile,
    current: &Profile,
    tests: &Tests,
) -> Result<Findings> {
    let mut findings = Findings::of(Kind::Categorical, baseline, current);
    findings.baseline = summary(baseline);
    findings.current = summary(current);
    let (Some(b), Some(c)) = (baseline.as_labels(), current.as_labels()) else {
        return Ok(findings);
    };
    let common = b.common(&c);
    let rows = &common.labels;
    let mut of_baseline: Vec<u64> = rows.iter().map(|row| row.1).collect();
    let mut of_current: Vec<u64> = rows.iter().map(|row| row.2).collect();
    // Of too many labels, those kept by name stand for all.
    let unseen_rows: u64 = rows.iter().filter(|row| row.1 == 0).map(|row| row.2).sum();
    let times = |n: u64| of_baseline.iter().filter(|&&count| count == n).count() as u64;
    findings.evidence.unseen = Some(Unseen {
        rows: unseen_rows,
        n_current: of_current.iter().sum(),
        singletons: times(1),
        doubletons: times(2),
        n_baseline: of_baseline.iter().sum(),
    });
    of_baseline.extend(common.buckets.iter().map(|bucket| bucket.0));
    of_current.extend(common.buckets.iter().map(|bucket| bucket.1));
    let result = tested(
        name,
        (baseline, &of_baseline),
        (current, &of_current),
        tests,
    )?;
    findings.evidence.log_p_value = result.as_ref().and_then(|result| result.log_p_value);
    findings.result = result;
    findings.evidence.moved = vec![(
        What::Values,
        Moved::Counts {
            baseline: of_baseline,
            current: of_current,
        },
    )];
    let most = |side: fn(&(&str, u64, u64)) -> u64, other: fn(&(&str, u64, u64)) -> u64| {
        let mut alone: Vec<_> = rows
            .iter()
            .filter(|row| other(row) == 0 && side(row) > 0)
            .collect();
        alone.sort_by(|x, y| side(y).cmp(&side(x)).then(x.0.cmp(y.0)));
        let named = alone.iter().take(NAMED);
        let named: Vec<Category> = named
            .map(|row| Category {
                category: row.0.to_owned(),
                count: side(row),
            })
            .collect();
        (alone.len() as u64, named)
    };
    let (n_categories, named) = most(|row| row.2, |row| row.1);
    // Those kept by name stand for all.
    let kept: u64 = rows.iter().map(|row| row.2).sum();
    let unseen_rows = (unseen_rows as f64 * (c.len() as f64 / kept.max(1) as f64)).round() as u64;
    findings.unseen = Some(UnseenCategories {
        rows: unseen_rows,
        n_categories,
        most: named,
    });
    let (n_categories, categories) = most(|row| row.1, |row| row.2);
    findings.vanished = Some(VanishedReport {
        n_categories,
        categories,
    });
    findings.categories = Some(shown(rows, &common.buckets));
    if rows.len() >= MANY {
        findings.flags.push("high_cardinality");
    }
    if b.overflowed() || c.overflowed() {
        findings.flags.push("approximate");
    }
    Ok(findings)
}

fn tested(
    name: &str,
    (baseline, of_baseline): (&Profile, &[u64]),
    (current, of_current): (&Profile, &[u64]),
    tests: &Tests,
) -> Result<Option<TestResult>> {
    let test = tests.of(name, Kind::Categorical);
    let Some(categorical) = test.as_categorical() else {
        return Ok(None);
    };
    // The same categories that are judged: those too rare to tell are one.
    let (of_baseline, of_current) = pooled(of_baseline, of_current);
    let counts = Counts::new(&of_baseline, &of_current)?;
    let mut result = in_column(name, test, categorical.compare_counts(&counts))?;
    let missing = |profile: &Profile| usize::try_from(profile.missing).unwrap_or(usize::MAX);
    result.n_missing_baseline = missing(baseline);
    result.n_missing_current = missing(current);
    Ok(Some(result))
}

/// The most frequent ones of both sides together, and the others in one.
fn shown(rows: &[(&str, u64, u64)], buckets: &[(u64, u64)]) -> Vec<CategoryCount> {
    let mut order: Vec<_> = rows.iter().collect();
    order.sort_by(|x, y| (y.1 + y.2).cmp(&(x.1 + x.2)).then(x.0.cmp(y.0)));
    let count = |(label, baseline, current): (Option<&str>, u64, u64)| CategoryCount {
        category: label.map(str::to_owned),
        baseline,
        current,
    };
    let named = order
        .iter()
        .take(SHOWN)
        .map(|row| count((Some(row.0), row.1, row.2)));
    let mut all: Vec<CategoryCount> = named.collect();
    let rest = order
        .iter()
        .skip(SHOWN)
        .map(|row| (row.1, row.2))
        .chain(buckets.iter().copied());
    let (baseline, current) = rest.fold((0, 0), |sums, row| (sums.0 + row.0, sums.1 + row.1));
    if baseline + current > 0 {
        all.push(count((None, baseline, current)));
    }
    all
}

pub(super) fn summarise(summary: &mut Summary, labels: &LabelCounts) {
    summary.rows = labels.len();
    summary.distinct = labels.distinct();
    // Of several equally frequent ones the first.
    let most = labels
        .iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    summary.most_frequent = most.map(|(label, count)| Category {
        category: label.to_owned(),
        count,
    });
}
