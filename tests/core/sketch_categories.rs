//! Counts of labels: exact up to the budget, then the same in any order.

use std::collections::BTreeMap;

use driftline::sketch::CategoryCounts;
use proptest::prelude::*;

/// Six standard errors of the number of labels, times the root of the budget.
const DISTINCT: f64 = 6.0 * 1.2;

fn counts_of<'a>(labels: impl IntoIterator<Item = &'a str>, most: usize) -> CategoryCounts {
    let mut counts = CategoryCounts::with_budget(most).unwrap();
    for label in labels {
        counts.add(label, 1);
    }
    counts
}

/// Everything that can be read.
fn all_of(counts: &CategoryCounts) -> String {
    let labels: Vec<_> = counts.iter().collect();
    let numbers = [counts.n(), counts.rest(), counts.distinct()];
    format!("{labels:?} {:?} {numbers:?}", counts.buckets())
}

#[test]
fn only_sensible_budgets_are_made() {
    for most in [0, (1 << 24) + 1] {
        let error = CategoryCounts::with_budget(most).unwrap_err().to_string();
        assert!(error.starts_with("max_labels: got"), "{error}");
    }
    let mut counts = CategoryCounts::new();
    let error = counts.merge(&counts_of(["a"], 7)).unwrap_err().to_string();
    assert!(error.contains("at most 7 labels"), "{error}");
    assert_eq!(counts.n(), 0);
}

#[test]
fn exact_up_to_the_budget() {
    let names: Vec<String> = (0..1000).map(|k| format!("shop-{k}")).collect();
    let mut counts = counts_of(names.iter().map(String::as_str), 1000);
    counts.add("shop-7", 4);
    counts.add("nobody", 0);
    assert_eq!(
        (counts.get("shop-7"), counts.get("nobody")),
        (Some(5), Some(0))
    );
    assert_eq!((counts.n(), counts.distinct()), (1004, 1000));
    assert_eq!(
        (counts.rest(), counts.overflowed(), counts.buckets().len()),
        (0, false, 0)
    );
    counts.add("one more", 1);
    assert!(counts.overflowed());
}

#[test]
fn what_is_kept_beyond_the_budget_is_exact_and_nothing_is_lost() {
    let names: Vec<String> = (0..100_000).map(|k| format!("user {k}")).collect();
    let mut counts = CategoryCounts::with_budget(1000).unwrap();
    for (k, name) in names.iter().enumerate() {
        counts.add(name, k as u64 % 7 + 1);
    }
    let mut kept = 0;
    for (label, count) in counts.iter() {
        let k: u64 = label.strip_prefix("user ").unwrap().parse().unwrap();
        assert_eq!(count, k % 7 + 1);
        kept += count;
    }
    let n = (0..100_000_u64).map(|k| k % 7 + 1).sum::<u64>();
    assert_eq!((counts.n(), kept + counts.rest()), (n, n));
    assert!((400..=1000).contains(&counts.iter().count()));
    assert_eq!(counts.buckets().len(), 4096);
    let off = counts.distinct() as f64 / 1e5 - 1.0;
    assert!(off.abs() < DISTINCT / 1000_f64.sqrt(), "{off}");
    // None of the names that are not kept is told to be absent.
    let told = names.iter().filter(|name| counts.get(name) == Some(0));
    assert_eq!(told.count(), 0);
}

#[test]
fn a_million_strings_are_bounded() {
    let mut counts = CategoryCounts::new();
    for k in 0..1_000_000 {
        counts.add(&format!("{k:x}"), 1);
    }
    assert!(counts.overflowed() && counts.iter().count() <= 1 << 16);
    assert!((counts.distinct() as f64 / 1e6 - 1.0).abs() < DISTINCT / 256.0);
    assert_eq!(counts.n(), 1_000_000);
}

#[test]
fn long_labels_are_shortened_and_told_apart() {
    let long = "é".repeat(5000);
    let (one, other) = (format!("{long}1"), format!("{long}2"));
    let mut counts = counts_of([&*one, &*other, &*one], 10);
    assert_eq!((counts.get(&one), counts.get(&other)), (Some(2), Some(1)));
    assert!(
        counts
            .iter()
            .all(|(label, _)| (257..=280).contains(&label.len()))
    );
    // Merging takes them as they are kept.
    counts.merge(&counts.clone()).unwrap();
    assert_eq!((counts.get(&one), counts.distinct()), (Some(4), 2));
    let just_fits = "é".repeat(128);
    counts.add(&just_fits, 1);
    assert!(counts.iter().any(|(label, _)| label == just_fits));
}

#[test]
fn summaries_of_different_thresholds_have_labels_and_buckets_in_common() {
    let names: Vec<String> = (0..3000).map(|k| k.to_string()).collect();
    let few = counts_of(names[..50].iter().map(String::as_str), 64);
    let many = counts_of(names.iter().map(String::as_str), 64);
    let common = few.common(&many);
    let in_labels =
        |side: fn(&(&str, u64, u64)) -> u64| common.labels.iter().map(side).sum::<u64>();
    let in_buckets = |side: fn(&(u64, u64)) -> u64| common.buckets.iter().map(side).sum::<u64>();
    assert_eq!(in_labels(|x| x.1) + in_buckets(|x| x.0), 50);
    assert_eq!(in_labels(|x| x.2) + in_buckets(|x| x.1), 3000);
    for &(label, one, other) in &common.labels {
        assert_eq!((few.get(label), many.get(label)), (Some(one), Some(other)));
    }
    // The 50 are among the 3000: so they are, bucket by bucket.
    assert!(common.buckets.iter().all(|(one, other)| one <= other));
    let turned = many.common(&few);
    let swapped: Vec<_> = turned
        .buckets
        .iter()
        .map(|&(one, other)| (other, one))
        .collect();
    assert_eq!(swapped, common.buckets);
}

proptest! {
    #[test]
    fn neither_order_nor_merging_change_anything(
        numbers in prop::collection::vec(0_u32..400, 0..600),
        cut in 0_usize..600,
        most in prop::sample::select(vec![1_usize, 7, 64, 4096]),
    ) {
        let rows: Vec<String> = numbers.iter().map(|k| format!("label {k}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let whole = counts_of(rows.iter().copied(), most);
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let backwards = counts_of(rows.iter().rev().copied(), most);
        let mut merged = counts_of(right.iter().copied(), most);
        merged.merge(&counts_of(left.iter().copied(), most)).unwrap();
        prop_assert_eq!(all_of(&backwards), all_of(&whole));
        prop_assert_eq!(all_of(&merged), all_of(&whole));
        let mut truth: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &rows {
            *truth.entry(row).or_default() += 1;
        }
        prop_assert_eq!(whole.overflowed(), truth.len() > most);
        prop_assert_eq!(whole.n(), rows.len() as u64);
        let kept: u64 = whole.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(kept + whole.rest(), whole.n());
        for (label, count) in whole.iter() {
            prop_assert_eq!(truth.get(label), Some(&count));
        }
        if !whole.overflowed() {
            prop_assert!(whole.iter().eq(truth.into_iter()));
        }
    }
}
