//! Ranks in bounded memory: exact as long as told, then within the error told.

use driftline::sketch::RankSummary;
use proptest::prelude::*;

/// The smallest budget of different values.
const LEAST: usize = 1024;
/// The estimate of how many different values: its standard error, six times.
const DISTINCT_RTOL: f64 = 6.0 * 0.008;

fn summary_of(values: &[f64], max_distinct: usize) -> RankSummary {
    let mut summary = RankSummary::with_budget(max_distinct).unwrap();
    summary.extend(values);
    summary
}

/// Each different value with its count, by sorting.
fn exact(values: &[f64]) -> Vec<(f64, u64)> {
    let mut sorted: Vec<f64> = values
        .iter()
        .filter(|x| !x.is_nan())
        .map(|x| x + 0.0)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let groups = sorted.chunk_by(|x, y| x == y);
    groups.map(|same| (same[0], same.len() as u64)).collect()
}

/// By how much the number of values up to any x is off, at most; and that the
/// summary is in order, complete, and exact at both ends.
fn largest_error(summary: &RankSummary, values: &[f64]) -> u64 {
    let kept: Vec<_> = summary.iter().collect();
    let right = exact(values);
    assert!(kept.is_sorted_by(|x, y| x.0 < y.0));
    assert_eq!(kept.first().map(|x| x.0), right.first().map(|x| x.0));
    assert_eq!(kept.last().map(|x| x.0), right.last().map(|x| x.0));
    let n: u64 = right.iter().map(|x| x.1).sum();
    assert_eq!(summary.n(), n);
    assert_eq!(kept.iter().map(|x| x.1).sum::<u64>(), n);
    let (mut up_to, mut rank, mut k, mut largest) = (0, 0_u64, 0, 0);
    for (value, count) in right {
        rank += count;
        if let Some(&(next, weight)) = kept.get(k) {
            assert!(next >= value, "{next} was never there");
            if next == value {
                up_to += weight;
                k += 1;
            }
        }
        largest = largest.max(rank.abs_diff(up_to));
    }
    largest
}

/// Deterministic values without pattern, from 0 to 1.
fn noise(n: u64) -> Vec<f64> {
    let spread = |k: u64| {
        let k = k.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (k ^ k >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93)
    };
    (1..=n)
        .map(|k| (spread(k) >> 11) as f64 / 2_f64.powi(53))
        .collect()
}

#[test]
fn only_sensible_budgets_are_made() {
    for most in [0, 1023, (1 << 28) + 1] {
        let error = RankSummary::with_budget(most).unwrap_err().to_string();
        assert!(error.starts_with("max_distinct: got"), "{error}");
    }
    let mut summary = RankSummary::new();
    let error = summary.merge(&summary_of(&[1.0], LEAST)).unwrap_err();
    assert!(
        error.to_string().contains("at most 1024 different"),
        "{error}"
    );
    assert_eq!((summary.n(), summary.iter().count()), (0, 0));
}

#[test]
fn missing_values_are_left_out_and_zeros_are_one() {
    let values = [-0.0, f64::NAN, 0.0, f64::INFINITY, -1.0, f64::NEG_INFINITY];
    let summary = summary_of(&values, LEAST);
    let inf = f64::INFINITY;
    let expected = [(-inf, 1), (-1.0, 1), (0.0, 2), (inf, 1)];
    assert_eq!(summary.iter().collect::<Vec<_>>(), expected);
    assert!(
        summary
            .iter()
            .all(|(x, _)| x != 0.0 || x.is_sign_positive())
    );
    let mut counted = RankSummary::new();
    counted.extend_counted([(f64::NAN, 3), (2.0, 0), (-0.0, 2), (1.0, 4), (0.0, 1)]);
    assert_eq!(counted.iter().collect::<Vec<_>>(), [(0.0, 3), (1.0, 4)]);
    assert_eq!(counted.n(), 7);
}

#[test]
fn exact_up_to_the_budget_and_not_beyond() {
    let values: Vec<f64> = (0..LEAST as u32).map(f64::from).collect();
    let mut summary = summary_of(&values.repeat(50), LEAST);
    assert!(summary.is_exact());
    assert_eq!(
        (summary.rank_error(), summary.distinct()),
        (0, LEAST as u64)
    );
    assert!(summary.iter().all(|(_, count)| count == 50));
    summary.extend(&[0.5]);
    assert!(!summary.is_exact());
    summary.extend(&[1.5; 1000]);
    assert!(!summary.is_exact());
    assert!(summary.rank_error() > 0);
}

#[test]
fn beyond_the_budget_ranks_are_off_by_no_more_than_told() {
    let n = 200_000;
    let (noise, rising): (_, Vec<f64>) = (noise(n), (0..n).map(|k| k as f64).collect());
    let falling: Vec<f64> = rising.iter().map(|x| -x).collect();
    let heavy: Vec<f64> = noise.iter().map(|x| (0.5 / x).powi(9)).collect();
    let half_ties: Vec<f64> = noise.iter().map(|x| (x - 0.5).max(0.0)).collect();
    let waves: Vec<f64> = rising.iter().map(|x| (x / 1000.0).sin()).collect();
    for (name, values) in [
        ("noise", noise),
        ("rising", rising),
        ("falling", falling),
        ("heavy tails", heavy),
        ("half ties", half_ties),
        ("waves", waves),
    ] {
        for budget in [LEAST, 16 * LEAST] {
            let summary = summary_of(&values, budget);
            let (found, told) = (largest_error(&summary, &values), summary.rank_error());
            assert!(found <= told, "{name}: {found} > {told}");
            let (n, most) = (n as f64, budget as f64);
            let promised = 4.0 * n * (64.0 * n / most).log2() / most;
            assert!(told as f64 <= promised, "{name}: {told} > {promised}");
            let distinct = exact(&values).len() as f64;
            let off = summary.distinct() as f64 / distinct - 1.0;
            assert!(off.abs() < DISTINCT_RTOL, "{name}: {off}");
        }
    }
}

#[test]
fn a_million_budget_holds_two_million_values_to_a_hundredth_of_a_percent() {
    let values = noise(2_000_000);
    let mut summary = RankSummary::new();
    values
        .chunks(123_457)
        .for_each(|batch| summary.extend(batch));
    assert!(summary.rank_error() as f64 <= 1e-4 * values.len() as f64);
    assert!(largest_error(&summary, &values) <= summary.rank_error());
}

#[test]
fn counts_of_any_size_keep_the_order() {
    let mut summary = RankSummary::with_budget(LEAST).unwrap();
    let huge = |k: u32| (f64::from(k), u64::from(k) << 32 | 5);
    summary.extend_counted((1..3000).map(huge));
    let n: u64 = (1..3000).map(|k| huge(k).1).sum();
    assert_eq!(summary.n(), n);
    assert_eq!(summary.iter().map(|x| x.1).sum::<u64>(), n);
    assert!(summary.rank_error() as f64 <= 0.07 * n as f64);
    summary.extend_counted([(7.0, u64::MAX)]);
    assert_eq!(summary.n(), u64::MAX);
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => (-20..20).prop_map(f64::from),
        1 => -1.0..1.0,
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, -f64::INFINITY]),
    ];
    prop::collection::vec(value, 0..700)
}

proptest! {
    #[test]
    fn while_exact_neither_order_nor_batches_nor_merging_change_anything(
        values in values(),
        cut in 0_usize..700,
        batch in 1_usize..300,
    ) {
        let whole = exact(&values);
        let (left, right) = values.split_at(cut.min(values.len()));
        let mut batched = RankSummary::with_budget(LEAST).unwrap();
        values.chunks(batch).for_each(|batch| batched.extend(batch));
        let mut merged = summary_of(right, LEAST);
        merged.merge(&summary_of(left, LEAST)).unwrap();
        let mut counted = summary_of(left, LEAST);
        counted.extend_counted(right.iter().map(|&x| (x, 1)));
        for summary in [batched, merged, counted] {
            prop_assert_eq!(summary.iter().collect::<Vec<_>>(), whole.clone());
            prop_assert_eq!(summary.n(), whole.iter().map(|x| x.1).sum::<u64>());
            prop_assert_eq!(summary.distinct(), whole.len() as u64);
            prop_assert_eq!(summary.rank_error(), 0);
            let (different, counts) = summary.into_counts();
            prop_assert!(different.into_iter().zip(counts).eq(whole.iter().copied()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn beyond_the_budget_batches_change_nothing_and_merging_stays_within_what_is_told(
        n in 3000_u64..20_000,
        cut in 0_usize..20_000,
        batch in 1_usize..5000,
    ) {
        let values = noise(n);
        let whole = summary_of(&values, LEAST);
        let mut batched = RankSummary::with_budget(LEAST).unwrap();
        values.chunks(batch).for_each(|batch| batched.extend(batch));
        prop_assert!(batched.iter().eq(whole.iter()));
        prop_assert_eq!(batched.rank_error(), whole.rank_error());
        let (left, right) = values.split_at(cut.min(values.len()));
        let mut merged = summary_of(left, LEAST);
        merged.merge(&summary_of(right, LEAST)).unwrap();
        prop_assert!(largest_error(&merged, &values) <= merged.rank_error());
        prop_assert_eq!(merged.distinct(), whole.distinct());
        let promised = 8.0 * n as f64 * (64.0 * n as f64 / 1024.0).log2() / 1024.0;
        prop_assert!(merged.rank_error() as f64 <= promised);
    }
}
