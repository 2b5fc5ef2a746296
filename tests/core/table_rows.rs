//! Hashes of rows, and how many rows equal an earlier one.

use std::collections::HashSet;

use driftline::error::Error;
use driftline::table::{Duplicates, MISSING_CELL, RowCounts, RowHashes, label_cell, number_cell};

/// Different rows that are all counted.
const MOST_ROWS: u64 = 1 << 20;

fn hashes(columns: &[(&str, Vec<u64>)]) -> Vec<u64> {
    let mut block = RowHashes::new(columns[0].1.len());
    for (name, cells) in columns {
        block.mix(name, cells.iter().copied()).unwrap();
    }
    block.hashes().to_vec()
}

fn count(hashes: impl IntoIterator<Item = u64>) -> RowCounts {
    let mut counts = RowCounts::default();
    for hash in hashes {
        counts.add(hash);
    }
    counts
}

/// The hash of a row of one whole number.
fn row(value: u64) -> u64 {
    hashes(&[("x", vec![number_cell(value as f64)])])[0]
}

#[test]
fn cells_are_equal_when_their_values_are() {
    assert_eq!(number_cell(-0.0), number_cell(0.0));
    let other_nan = f64::from_bits(0xfff8_dead_beef_0001);
    assert_eq!([other_nan, f64::NAN].map(number_cell), [MISSING_CELL; 2]);
    assert_ne!(number_cell(f64::INFINITY), number_cell(f64::NEG_INFINITY));
    assert_ne!(number_cell(1.0), number_cell(1.0 + f64::EPSILON));
    let labels = [
        "",
        "\0",
        "a",
        "a\0",
        "\0a",
        "abcdefgh",
        "abcdefgh\0",
        "ab",
        "ba",
        "abcdefghi",
    ];
    let different: HashSet<u64> = labels.map(label_cell).into_iter().collect();
    assert_eq!(different.len(), labels.len());
}

#[test]
fn every_column_counts_and_their_order_does_not() {
    let a: Vec<u64> = [1.0, 1.0, 2.0, 2.0, 1.0].map(number_cell).to_vec();
    let b: Vec<u64> = ["x", "y", "x", "x", "x"].map(label_cell).to_vec();
    let rows = hashes(&[("a", a.clone()), ("b", b.clone())]);
    assert_eq!(rows, hashes(&[("b", b.clone()), ("a", a.clone())]));
    assert_eq!((rows[0], rows[2]), (rows[4], rows[3]));
    assert_eq!(rows.iter().collect::<HashSet<_>>().len(), 3);
    // The same cells under each other's names are another row.
    assert_ne!(rows, hashes(&[("b", a), ("a", b)]));
}

#[test]
fn a_column_of_another_length_is_refused() {
    for cells in [vec![1, 2], vec![1, 2, 3, 4]] {
        let error = RowHashes::new(3).mix("delay", cells.clone()).unwrap_err();
        let Error::InvalidValue { argument, got, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(argument, "cells");
        assert_eq!(got, format!("{} cells in column \"delay\"", cells.len()));
    }
}

#[test]
fn duplicates_are_all_rows_less_the_different_ones() {
    // 0, 1, 1, 2, 2, 2, ...: value k occurs k + 1 times.
    let rows = || (0..50u64).flat_map(|k| (0..=k).map(move |_| row(k)));
    let exact = |rows| Duplicates { rows, exact: true };
    assert_eq!(count(rows()).duplicates(), exact(49 * 50 / 2));
    assert_eq!(count([]).duplicates(), exact(0));
    let mut counts = RowCounts::with_capacity(4);
    let before: Vec<_> = [7, 7, 8, 7].map(|hash| counts.add(hash)).to_vec();
    assert_eq!(before, [Some(0), Some(1), Some(0), Some(2)]);
    assert_eq!(counts.duplicates(), exact(2));
}

#[test]
fn merged_blocks_are_one_table() {
    let rows: Vec<u64> = (0..600).map(|i| row(i * i % 101)).collect();
    let different = (0..600)
        .map(|i| i * i % 101)
        .collect::<HashSet<u64>>()
        .len() as u64;
    for parts in [1, 2, 7, 600] {
        let mut whole = RowCounts::default();
        for block in rows.chunks(600 / parts) {
            whole.merge(&count(block.iter().copied()));
        }
        let expected = Duplicates {
            rows: 600 - different,
            exact: true,
        };
        assert_eq!(whole.duplicates(), expected);
    }
}

#[test]
fn beyond_a_million_different_rows_it_is_a_fair_estimate() {
    // Of each three different rows one occurs twice.
    let n = MOST_ROWS + MOST_ROWS / 8;
    let all = || (0..n).chain((0..n).filter(|k| k % 3 == 0));
    let forward = count(all().map(row));
    let found = forward.duplicates();
    let truth = n.div_ceil(3) as f64;
    assert!(!found.exact);
    // A share of a quarter or more was counted: standard error below
    // sqrt(3 truth), of which this allows six.
    assert!(
        (found.rows as f64 - truth).abs() < 6.0 * (3.0 * truth).sqrt(),
        "{found:?}"
    );
    let mut order: Vec<u64> = all().collect();
    order.reverse();
    let halves = order.split_at(order.len() / 3);
    let mut merged = count(halves.0.iter().map(|&k| row(k)));
    merged.merge(&count(halves.1.iter().map(|&k| row(k))));
    assert_eq!(merged.duplicates(), found);
}

#[test]
fn the_limit_itself_is_exact() {
    let mut counts = count((0..MOST_ROWS).map(row));
    counts.add(row(0));
    assert_eq!(
        counts.duplicates(),
        Duplicates {
            rows: 1,
            exact: true
        }
    );
    counts.add(row(MOST_ROWS));
    assert!(!counts.is_exact());
}
