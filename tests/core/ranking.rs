//! The joint ranking against sums over all pooled values in integers, and
//! against rational arithmetic.

use driftline::drift::{Needs, Ranking, Sorted};
use proptest::prelude::*;

use crate::golden::{cases, relative_error};

const RTOL: f64 = 1e-15;
/// Binary digits of quotients.
const DIGITS: i32 = 64;
const ALL: Needs = Needs::EXTREMES
    .and(Needs::WASSERSTEIN)
    .and(Needs::ENERGY)
    .and(Needs::CRAMER_VON_MISES)
    .and(Needs::ANDERSON_DARLING)
    .and(Needs::RANK_SUM);
const EACH: [Needs; 6] = [
    Needs::EXTREMES,
    Needs::WASSERSTEIN,
    Needs::ENERGY,
    Needs::CRAMER_VON_MISES,
    Needs::ANDERSON_DARLING,
    Needs::RANK_SUM,
];

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn floats(ranking: &Ranking<'_>) -> [f64; 4] {
    [
        ranking.wasserstein,
        ranking.energy,
        ranking.cramer_von_mises,
        ranking.anderson_darling,
    ]
}

fn integers(ranking: &Ranking<'_>) -> (i128, i128, u128, f64) {
    (ranking.above, ranking.below, ranking.rank_sum, ranking.ties)
}

/// Everything in integers from counts at each distinct value;
/// values are integers times `unit`. Quotients are rounded once at the end, those
/// within Anderson and Darling's sum at 2^-64.
struct Naive {
    integers: (i128, i128, u128, f64),
    floats: [f64; 4],
}

fn naive(baseline: &[i64], current: &[i64], unit: f64) -> Naive {
    let (n, m) = (baseline.len() as i128, current.len() as i128);
    let mut values: Vec<i64> = baseline.iter().chain(current).copied().collect();
    values.sort_unstable();
    values.dedup();
    let counts = |sample: &[i64]| -> Vec<i128> {
        let mut sample = sample.to_vec();
        sample.sort_unstable();
        let count = |&z| sample.partition_point(|&x| x <= z) as i128;
        values.iter().map(count).collect()
    };
    let at: Vec<(i128, i128)> = counts(baseline).into_iter().zip(counts(current)).collect();
    let d: Vec<i128> = at.iter().map(|(i, j)| i * m - j * n).collect();
    let (mut wasserstein, mut energy, mut misses) = (0, 0, 0);
    let (mut darling, mut ranks, mut ties) = (0i128, 0, 0);
    let mut last = (0, 0);
    for (s, &(i, j)) in at.iter().enumerate() {
        if let Some(next) = values.get(s + 1) {
            let gap = i128::from(next - values[s]);
            wasserstein += d[s].abs() * gap;
            energy += d[s] * d[s] * gap;
        }
        let (below, above, l) = (last.0 + last.1, n + m - i - j, i + j - last.0 - last.1);
        misses += l * d[s] * d[s];
        let both = d[s] + last.0 * m - last.1 * n;
        let weight = 4 * below * above + l * (below + above);
        if weight > 0 {
            darling += ((l * both * both) << DIGITS) / weight;
        }
        ranks += (j - last.1) * (2 * below + l + 1);
        ties += l * l * l - l;
        last = (i, j);
    }
    let (nm, total) = ((n * m) as f64, (n + m) as f64);
    Naive {
        integers: (
            d.iter().copied().max().unwrap_or(0).max(0),
            d.iter().copied().min().unwrap_or(0).min(0),
            ranks as u128,
            ties as f64,
        ),
        floats: [
            wasserstein as f64 / nm * unit,
            energy as f64 / nm / nm * unit,
            misses as f64 / nm / nm,
            (darling * (n + m - 1)) as f64 / f64::from(DIGITS).exp2() / (nm * total),
        ],
    }
}

fn check(baseline: &[i64], current: &[i64], unit: f64) {
    let as_floats = |values: &[i64]| sorted(values.iter().map(|&x| x as f64 * unit).collect());
    let (x, y) = (as_floats(baseline), as_floats(current));
    let got = Ranking::new(&x, &y, ALL);
    let expected = naive(baseline, current, unit);
    assert_eq!(integers(&got), expected.integers);
    for (got, expected) in floats(&got).into_iter().zip(expected.floats) {
        let error = relative_error(got, expected);
        assert!(error <= RTOL, "{got} for {expected}, {error:e}");
    }
    // Swapped: signs aside, the same bits.
    let swapped = Ranking::new(&y, &x, ALL);
    assert_eq!(floats(&swapped), floats(&got));
    assert_eq!((-swapped.below, -swapped.above), (got.above, got.below));
    assert_eq!(swapped.ties, got.ties);
    let total = (x.len() + y.len()) as u128;
    assert_eq!(swapped.rank_sum + got.rank_sum, total * (total + 1));
    // Alone: the same bits, and nothing that was not asked for.
    for needs in EACH {
        let alone = Ranking::new(&x, &y, needs);
        let expect = |wanted, value| if needs == wanted { value } else { 0.0 };
        assert_eq!(alone.wasserstein, expect(EACH[1], got.wasserstein));
        assert_eq!(alone.energy, expect(EACH[2], got.energy));
        assert_eq!(
            alone.cramer_von_mises,
            expect(EACH[3], got.cramer_von_mises)
        );
        assert_eq!(
            alone.anderson_darling,
            expect(EACH[4], got.anderson_darling)
        );
        if needs == Needs::EXTREMES {
            assert_eq!((alone.above, alone.below), (got.above, got.below));
        } else if needs == Needs::RANK_SUM {
            assert_eq!((alone.rank_sum, alone.ties), (got.rank_sum, got.ties));
        }
    }
    let both = Ranking::new(&x, &y, Needs::EXTREMES | Needs::RANK_SUM);
    assert_eq!(integers(&both), integers(&got));
}

/// Repeatable values without a generator's help.
fn scrambled(count: usize, seed: u64, levels: u64) -> Vec<i64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 20) % levels) as i64 - levels as i64 / 2
    };
    (0..count).map(step).collect()
}

/// Blocks hold 256 values and there are four stretches at least.
#[test]
fn borders_of_blocks_and_stretches() {
    let sizes = [1, 2, 3, 5, 63, 64, 255, 256, 257, 511, 512, 513, 1023, 1030];
    for (k, &n) in sizes.iter().enumerate() {
        for &m in &sizes {
            for levels in [2, 40, 1 << 40] {
                let seed = (k * 100 + m) as u64;
                check(
                    &scrambled(n, seed, levels),
                    &scrambled(m, seed + 7, levels),
                    1.0,
                );
            }
        }
    }
}

#[test]
fn ties_across_blocks_and_stretches() {
    for values in [300, 600, 2_000] {
        // One value many times, in either sample and in the middle of others.
        let ramp: Vec<i64> = (0..values).collect();
        let block = vec![values / 2; 700];
        let with_block: Vec<i64> = ramp.iter().chain(&block).copied().collect();
        check(&ramp, &with_block, 0.5);
        check(&with_block, &with_block, 1.0);
        check(&block, &with_block, 1.0);
        // Disjoint, touching and nested.
        let beyond: Vec<i64> = (values..2 * values).collect();
        let inside: Vec<i64> = (values / 3..values / 2).collect();
        check(&ramp, &beyond, 1.0);
        check(&with_block, &inside, 1.0);
        let pairs: Vec<i64> = (0..values).map(|x| x / 2).collect();
        check(&pairs, &ramp, 2.0);
    }
}

#[test]
fn many_stretches_and_any_number_of_threads() {
    for (levels, n, m) in [(1 << 40, 200_000, 150_001), (5_000, 100_000, 170_003)] {
        let make = |count, seed| {
            let values = scrambled(count, seed, levels);
            sorted(values.iter().map(|&x| x as f64 * 1e-3).collect())
        };
        let baseline = Sorted::new(make(n, 5));
        let current = make(m, 6);
        let one = Ranking::against(&baseline, &current, ALL);
        for threads in [2, 3, 8] {
            let many = Ranking::with_threads(&baseline, &current, ALL, threads);
            assert_eq!(integers(&many), integers(&one));
            assert_eq!(floats(&many), floats(&one));
        }
        let (i, j) = (one.above as f64, one.below as f64);
        let ends: f64 = one
            .tie_groups()
            .map(|group| (group.baseline + group.current) as f64)
            .sum();
        assert_eq!(ends, (n + m) as f64);
        assert!(i >= 0.0 && j <= 0.0);
    }
}

/// A sample 24 times the other is searched, not merged.
#[test]
fn searching_agrees_with_merging() {
    for levels in [3, 200, 1 << 40] {
        for (n, m) in [(2_000, 1), (2_000, 16), (5_000, 17), (5_000, 100)] {
            check(&scrambled(n, 1, levels), &scrambled(m, 2, levels), 1.0);
            let (large, small) = (scrambled(n, 3, levels), scrambled(m, 4, levels));
            let kept = Sorted::new(sorted(large.iter().map(|&x| x as f64).collect()));
            let current = sorted(small.iter().map(|&x| x as f64).collect());
            let got = Ranking::against(&kept, &current, Needs::EXTREMES | Needs::RANK_SUM);
            assert_eq!(integers(&got), naive(&large, &small, 1.0).integers);
        }
    }
}

#[test]
fn a_zero_has_no_sign() {
    let ranking = Ranking::new(&[-0.0, 0.0, 1.0], &[-0.0, 0.0, 0.0, 1.0], ALL);
    let plain = Ranking::new(&[0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 1.0], ALL);
    assert_eq!(floats(&ranking), floats(&plain));
    assert_eq!(integers(&ranking), integers(&plain));
    assert_eq!(ranking.tie_groups().count(), 2);
}

#[test]
fn infinities_count_only_where_the_samples_differ() {
    const INF: f64 = f64::INFINITY;
    let distances = |x: &[f64], y: &[f64]| {
        let ranking = Ranking::new(x, y, ALL);
        assert!(floats(&ranking).iter().all(|x| !x.is_nan()), "{x:?} {y:?}");
        assert_eq!(floats(&ranking), floats(&Ranking::new(y, x, ALL)));
        (ranking.wasserstein, ranking.energy)
    };
    // As many below and above: what lies between decides.
    assert_eq!(
        distances(&[-INF, 0.0, 1.0, INF], &[-INF, 1.0, 2.0, INF]),
        (0.5, 0.125)
    );
    assert_eq!(distances(&[INF], &[INF]), (0.0, 0.0));
    assert_eq!(distances(&[-INF, INF], &[-INF, -INF, INF, INF]), (0.0, 0.0));
    assert_eq!(distances(&[-INF, 1.0], &[0.0, 1.0]), (INF, INF));
    assert_eq!(distances(&[0.0, 1.0], &[0.0, INF]), (INF, INF));
    assert_eq!(distances(&[-INF], &[INF]), (INF, INF));
    // Gaps beyond the range, and sums that are beyond it on the way only.
    assert_eq!(distances(&[-1e308], &[1e308]), (INF, INF));
    let (wasserstein, energy) = distances(&[-1e308, 0.0, 1.0], &[-1e308, 0.0, 1e308]);
    assert!(relative_error(wasserstein, 1e308 / 3.0) <= RTOL);
    assert!(relative_error(energy, 1e308 / 9.0) <= RTOL);
    assert_eq!(distances(&[-1e308, 1e308], &[-1e308, 1e308]), (0.0, 0.0));
}

#[test]
fn nothing_is_no_panic() {
    for (x, y) in [(&[][..], &[1.0][..]), (&[1.0], &[]), (&[], &[])] {
        let ranking = Ranking::new(x, y, ALL);
        assert_eq!(floats(&ranking), [0.0; 4]);
        assert_eq!(ranking.tie_groups().count(), x.len() + y.len());
    }
}

#[test]
fn golden_cases() {
    for case in cases("ranking.json", "cases") {
        let numbers = |key: &str| {
            let values = case[key].as_array().unwrap();
            sorted(values.iter().map(|x| x.as_f64().unwrap()).collect())
        };
        let (x, y) = (numbers("baseline"), numbers("current"));
        let got = Ranking::new(&x, &y, ALL);
        let names = [
            "wasserstein",
            "energy",
            "cramer_von_mises",
            "anderson_darling",
        ];
        for (name, got) in names.into_iter().zip(floats(&got)) {
            let error = relative_error(got, case[name].as_f64().unwrap());
            assert!(error <= RTOL, "{}: {name} {got}, {error:e}", case["id"]);
        }
        assert_eq!(got.rank_sum, u128::from(case["rank_sum"].as_u64().unwrap()));
        assert_eq!(got.above, i128::from(case["above"].as_i64().unwrap()));
        assert_eq!(got.below, i128::from(case["below"].as_i64().unwrap()));
        assert_eq!(got.ties, case["ties"].as_f64().unwrap());
    }
}

fn sample() -> impl Strategy<Value = Vec<i64>> {
    let few = proptest::collection::vec(-3i64..3, 1..900);
    let some = proptest::collection::vec(-300i64..300, 1..900);
    let many = proptest::collection::vec(-1_000_000i64..1_000_000, 1..900);
    prop_oneof![few, some, many]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_two_samples(baseline in sample(), current in sample(), unit in -40i32..40) {
        check(&baseline, &current, f64::from(unit).exp2());
    }
}
