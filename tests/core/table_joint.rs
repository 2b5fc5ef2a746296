//! The classifier that tells rows apart: its level, its power, what it names.

use driftline::error::Error;
use driftline::math;
use driftline::table::joint::{ClassifierTest, CodedRows, Coding, MISSING_CODE, Separation};
use driftline::table::verdict::Verdict;

/// Reproducible draws (SplitMix64; normal ones by Box and Muller).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// The quantile bin of a standard normal baseline.
fn bin(x: f64) -> u8 {
    ((1.0 - math::normal_sf(x)) * 63.0).min(62.0) as u8
}

/// n rows of d columns.
fn rows(n: usize, d: usize, mut row: impl FnMut() -> Vec<u8>) -> CodedRows {
    let codes = (0..n).flat_map(|_| row()).collect();
    CodedRows { columns: d, codes }
}

/// Independent normal columns, changed by `change`.
fn normals(seed: u64, n: usize, d: usize, change: impl Fn(&mut [f64])) -> CodedRows {
    let mut random = Random(seed);
    rows(n, d, || {
        let mut row: Vec<f64> = (0..d).map(|_| random.normal()).collect();
        change(&mut row);
        row.into_iter().map(bin).collect()
    })
}

fn compare(baseline: &CodedRows, current: &CodedRows, codings: &[Coding]) -> Separation {
    let test = ClassifierTest::default();
    test.compare(baseline, current, codings).unwrap().unwrap()
}

fn all_ordered(baseline: &CodedRows, current: &CodedRows) -> Separation {
    compare(baseline, current, &vec![Coding::Ordered; baseline.columns])
}

/// Numbers, flags, a number with missing cells, and labels of unequal shares,
/// some of which depend on each other.
fn mixed(random: &mut Random, n: usize) -> CodedRows {
    rows(n, 8, || {
        let x = random.normal();
        let y = 0.7 * x + 0.7 * random.normal();
        let mut code = |most: f64| (random.uniform() * random.uniform() * most) as u8;
        let labels = [code(20.0), code(3.0), code(60.0)];
        let missing = if random.uniform() < 0.1 {
            MISSING_CODE
        } else {
            bin(y)
        };
        let flag = u8::from(random.uniform() < 0.02);
        [
            bin(x),
            bin(y),
            missing,
            u8::from(x + y > 0.0),
            flag,
            labels[0],
            labels[1],
            labels[2],
        ]
        .to_vec()
    })
}

const MIXED: [Coding; 8] = {
    use Coding::{Labels, Ordered};
    [
        Ordered, Ordered, Ordered, Labels, Ordered, Labels, Labels, Labels,
    ]
};

/// How often p is at most 0.05 and 0.3, and the interval holds `truth`.
fn rates(tables: u64, truth: f64, mut draw: impl FnMut(&mut Random) -> Separation) -> [f64; 3] {
    let mut rates = [0.0; 3];
    for k in 0..tables {
        let found = draw(&mut Random(k << 32));
        let p = found.p_value.value();
        let holds = found.low <= truth && truth <= found.high;
        for (rate, event) in rates.iter_mut().zip([p <= 0.05, p <= 0.3, holds]) {
            *rate += f64::from(u8::from(event)) / tables as f64;
        }
    }
    rates
}

/// Four standard deviations of a share of so many.
fn chance(share: f64, tables: u64) -> f64 {
    4.0 * (share * (1.0 - share) / tables as f64).sqrt()
}

#[track_caller]
fn check_level(tables: u64, [at_5, at_30, holds]: [f64; 3]) {
    assert!((at_5 - 0.05).abs() < chance(0.05, tables), "{at_5}");
    assert!((at_30 - 0.3).abs() < chance(0.3, tables), "{at_30}");
    assert!((holds - 0.95).abs() < chance(0.05, tables), "{holds}");
}

#[test]
fn without_drift_the_level_is_kept() {
    let found = rates(400, 0.5, |random| {
        let (baseline, current) = (mixed(random, 210), mixed(random, 150));
        compare(&baseline, &current, &MIXED)
    });
    check_level(400, found);
}

#[test]
fn the_level_is_kept_where_one_side_is_small() {
    let found = rates(400, 0.5, |random| {
        let (baseline, current) = (mixed(random, 600), mixed(random, 45));
        compare(&baseline, &current, &MIXED)
    });
    check_level(400, found);
}

#[test]
fn the_level_is_kept_where_most_rows_are_copies() {
    // Three different rows: a deviation of one block must not come back in the
    // next, as it would if copies were dealt out evenly.
    let found = rates(600, 0.5, |random| {
        let mut side = |n| rows(n, 1, || vec![(3.0 * random.uniform()) as u8]);
        let (baseline, current) = (side(200), side(200));
        compare(&baseline, &current, &[Coding::Labels])
    });
    // Few different scores: p-values come in steps.
    assert!(found[0] < 0.05 + chance(0.05, 600), "{found:?}");
    assert!(found[1] < 0.3 + chance(0.3, 600), "{found:?}");
    assert!(found[2] > 0.95 - chance(0.05, 600), "{found:?}");
}

#[test]
fn intervals_hold_a_known_area() {
    // Of a flag with rates 0.3 and 0.6 the area is (1 + 0.6 - 0.3) / 2, whatever
    // the classifier makes of it.
    let found = rates(400, 0.65, |random| {
        let mut side = |rate| rows(200, 1, || vec![u8::from(random.uniform() < rate)]);
        let (baseline, current) = (side(0.3), side(0.6));
        all_ordered(&baseline, &current)
    });
    assert!((found[2] - 0.95).abs() < chance(0.05, 400), "{found:?}");
}

#[test]
fn a_shift_in_one_of_60_columns_is_found() {
    let baseline = normals(1, 1000, 60, |_| {});
    let current = normals(2, 1000, 60, |row| row[17] += 0.5);
    let found = all_ordered(&baseline, &current);
    assert_eq!(found.verdict, Verdict::Drifted);
    assert!(found.p_value.value() < 1e-6);
    // The best classifier reaches P(Z < 0.5 / sqrt(2)).
    let best = 1.0 - math::normal_sf(0.5 / 2f64.sqrt());
    assert!(found.low < best && found.auc > 0.57, "{found:?}");
    assert_eq!(found.columns[0].0, 17);
    assert!(found.columns[0].1 > 0.5, "{:?}", found.columns);
}

#[test]
fn a_correlation_that_turns_is_found_though_no_column_changes() {
    let with = |correlation: f64| {
        move |row: &mut [f64]| {
            let rest = (1.0 - correlation * correlation).sqrt();
            row[31] = correlation * row[4] + rest * row[31];
        }
    };
    let baseline = normals(3, 1000, 60, with(0.6));
    let current = normals(4, 1000, 60, with(-0.6));
    let found = all_ordered(&baseline, &current);
    assert_eq!(found.verdict, Verdict::Drifted);
    let mut named = [found.columns[0].0, found.columns[1].0];
    named.sort_unstable();
    assert_eq!(named, [4, 31]);
    assert!(found.columns[0].1 + found.columns[1].1 > 0.8);
}

#[test]
fn spread_labels_and_missing_cells_are_seen() {
    let none = normals(5, 1000, 5, |_| {});
    let wide = normals(6, 1000, 5, |row| row[2] *= 2.0);
    let found = all_ordered(&none, &wide);
    assert_eq!((found.verdict, found.columns[0].0), (Verdict::Drifted, 2));

    let mut gaps = normals(7, 1000, 5, |_| {});
    gaps.codes
        .iter_mut()
        .skip(3)
        .step_by(20)
        .for_each(|code| *code = MISSING_CODE);
    let found = all_ordered(&none, &gaps);
    assert_eq!((found.verdict, found.columns[0].0), (Verdict::Drifted, 3));

    // Labels 7 and 8 of 10 change places in half of the rows that have them.
    let mut random = Random(8);
    let mut side = |swapped: f64| {
        rows(1000, 2, || {
            let mut label = (10.0 * random.uniform()) as u8;
            if label == 7 && random.uniform() < swapped {
                label = 8;
            }
            vec![(30.0 * random.uniform()) as u8, label]
        })
    };
    let (baseline, current) = (side(0.0), side(1.0));
    let found = compare(&baseline, &current, &[Coding::Ordered, Coding::Labels]);
    assert!(found.p_value.value() < 1e-6);
    assert_eq!(found.columns[0].0, 1);
}

#[test]
fn no_order_of_rows_changes_a_bit() {
    let (mut baseline, current) = (mixed(&mut Random(1), 300), mixed(&mut Random(2), 250));
    // Copies of rows, within a side and on both.
    baseline.codes.extend_from_within(..80 * 8);
    baseline.codes.extend_from_slice(&current.codes[..40 * 8]);
    let shuffled = |side: &CodedRows, step: usize| {
        let rows: Vec<&[u8]> = side.codes.chunks(8).collect();
        let order = (0..rows.len()).map(|i| i * step % rows.len());
        let codes = order.flat_map(|i| rows[i].to_vec()).collect();
        CodedRows { columns: 8, codes }
    };
    let expected = compare(&baseline, &current, &MIXED);
    for step in [11, 13, 419] {
        let (baseline, current) = (shuffled(&baseline, step), shuffled(&current, step));
        assert_eq!(compare(&baseline, &current, &MIXED), expected);
    }
    let other = ClassifierTest {
        seed: 1,
        ..ClassifierTest::default()
    };
    let other = other.compare(&baseline, &current, &MIXED).unwrap().unwrap();
    assert_ne!(other.auc, expected.auc);
}

#[test]
fn importances_are_shares() {
    let (baseline, current) = (mixed(&mut Random(3), 200), mixed(&mut Random(4), 200));
    let found = compare(&baseline, &current, &MIXED);
    assert!((found.columns.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(found.columns.iter().all(|(_, share)| *share >= 0.0));
    assert!(found.columns.is_sorted_by(|a, b| a.1 >= b.1));
    let mut columns: Vec<usize> = found.columns.iter().map(|(column, _)| *column).collect();
    columns.sort_unstable();
    assert_eq!(columns, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn extremes_have_documented_answers() {
    let constant = |code: u8, n: usize| rows(n, 2, || vec![code; 2]);
    let found = all_ordered(&constant(5, 100), &constant(5, 90));
    assert_eq!((found.auc, found.p_value.value()), (0.5, 1.0));
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert_eq!(found.columns, [(0, 0.5), (1, 0.5)]);
    let apart = all_ordered(&constant(5, 100), &constant(6, 90));
    assert_eq!((apart.auc, apart.high), (1.0, 1.0));
    assert!(apart.low > 0.9 && apart.low < 1.0 && apart.p_value.value() < 1e-10);
    let gone = all_ordered(&constant(5, 100), &constant(MISSING_CODE, 90));
    assert_eq!(gone.auc, 1.0);
    let missing = all_ordered(&constant(MISSING_CODE, 50), &constant(MISSING_CODE, 50));
    assert_eq!(missing.auc, 0.5);
    // Many rows without drift are stable.
    let found = all_ordered(&normals(9, 8000, 3, |_| {}), &normals(10, 8000, 3, |_| {}));
    assert_eq!(found.verdict, Verdict::Stable);
    // Too few rows.
    let test = ClassifierTest::default();
    let few = test.compare(&constant(1, 39), &constant(2, 500), &[Coding::Ordered; 2]);
    assert_eq!(few.unwrap(), None);
    assert_eq!(
        test.compare(&CodedRows::default(), &CodedRows::default(), &[])
            .unwrap(),
        None
    );
}

#[test]
fn without_a_smallest_effect_the_p_value_decides() {
    let test = ClassifierTest {
        min_effect: 0.0,
        ..ClassifierTest::default()
    };
    for seed in 0..10 {
        let (baseline, current) = (mixed(&mut Random(seed), 80), mixed(&mut Random(!seed), 80));
        let found = test.compare(&baseline, &current, &MIXED).unwrap().unwrap();
        let drifted = found.p_value.value() <= 0.05;
        let expected = if drifted {
            Verdict::Drifted
        } else {
            Verdict::Stable
        };
        assert_eq!(found.verdict, expected);
    }
}

#[test]
fn wrong_input_is_refused_by_name() {
    let good = normals(1, 50, 2, |_| {});
    let codings = [Coding::Ordered; 2];
    let argument = |test: ClassifierTest, baseline: &CodedRows, current: &CodedRows| match test
        .compare(baseline, current, &codings)
        .unwrap_err()
    {
        Error::InvalidValue { argument, .. } => argument.into_owned(),
        error => panic!("{error:?}"),
    };
    let test = ClassifierTest::default();
    let narrow = CodedRows {
        columns: 1,
        ..good.clone()
    };
    let mut broken = good.clone();
    broken.codes.pop();
    let mut large = good.clone();
    large.codes[3] = 64;
    for bad in [narrow, broken, large] {
        assert_eq!(argument(test, &bad, &good), "baseline");
        assert_eq!(argument(test, &good, &bad), "current");
    }
    for alpha in [0.0, 1.0, f64::NAN] {
        assert_eq!(
            argument(ClassifierTest { alpha, ..test }, &good, &good),
            "alpha"
        );
    }
    for min_effect in [-0.1, 1.0, f64::NAN] {
        assert_eq!(
            argument(ClassifierTest { min_effect, ..test }, &good, &good),
            "min_effect"
        );
    }
}
