//! The tests of counts: golden cases, labels, laws of small and sparse tables.

use driftline::drift::{
    Categorical, Categories, ChiSquare, CountMethod, Counts, FisherExact, GTest, Scanned,
    Univariate, available, get,
};
use driftline::error::Error;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::golden::{cases, relative_error};

const STATISTIC_RTOL: f64 = 1e-12;
const P_VALUE_RTOL: f64 = 1e-9;
/// Of logarithms far below 0, where they are p-values below 1e-308.
const LOG_RTOL: f64 = 1e-12;

fn counts(value: &Value) -> Vec<u64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_u64().unwrap()).collect()
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn make(name: &str, params: &Value) -> std::sync::Arc<dyn Univariate> {
    get(name, params.as_object().unwrap()).unwrap()
}

fn categorical() -> Vec<&'static str> {
    let all = available().iter().copied();
    let of_shares = |name: &&str| make(name, &json!({})).as_categorical().is_some();
    all.filter(of_shares).collect()
}

#[test]
fn golden_cases() {
    for case in cases("categorical.json", "cases") {
        let (b, c) = (counts(&case["baseline"]), counts(&case["current"]));
        let table = Counts::new(&b, &c).unwrap();
        let swapped = Counts::new(&c, &b).unwrap();
        for expected in case["expected"].as_array().unwrap() {
            let name = expected["test"].as_str().unwrap();
            let test = make(name, &expected["params"]);
            let test = test.as_categorical().unwrap();
            let got = test.judge_counts(&table).unwrap();
            let error = relative_error(got.statistic, number(&expected["statistic"]));
            let id = &case["id"];
            assert!(
                error <= STATISTIC_RTOL,
                "{id}: {got:?} {error:e}: {expected}"
            );
            if let Some(ln) = expected.get("log_p_value") {
                let (got_ln, ln) = (got.p_value.unwrap().ln(), number(ln));
                let allowed = P_VALUE_RTOL.max(LOG_RTOL * ln.abs());
                assert!((got_ln - ln).abs() <= allowed, "{id}: {got:?}: {expected}");
            }
            // Symmetric to the last bit, but for what has a direction.
            let one_sided = expected["params"].get("alternative").is_some();
            if !["kl_divergence", "two_proportion_z", "fisher_exact"].contains(&name) && !one_sided
            {
                let back = test.judge_counts(&swapped).unwrap();
                assert_eq!(got.statistic, back.statistic, "{id}: {name}");
                assert_eq!(got.p_value, back.p_value, "{id}: {name}");
            }
        }
    }
}

#[test]
fn the_order_of_categories_does_not_matter() {
    let (b, c) = ([30, 2, 0, 11, 7], [10, 1, 3, 19, 2]);
    let back = |row: &[u64]| row.iter().rev().copied().collect::<Vec<_>>();
    for name in categorical() {
        let test = make(name, &json!({}));
        let test = test.as_categorical().unwrap();
        let got = test.judge_counts(&Counts::new(&b, &c).unwrap()).unwrap();
        let (b, c) = (back(&b), back(&c));
        let again = test.judge_counts(&Counts::new(&b, &c).unwrap()).unwrap();
        if name != "two_proportion_z" {
            assert_eq!(got, again, "{name}");
        }
    }
}

#[test]
fn labels_are_counted_and_aligned() {
    let baseline = Categories::from_rows([Some("b"), Some("a"), None, Some("a"), Some("c")]);
    let current = Categories::from_codes([0, 1, 1, -1], ["d".into(), "a".into()]).unwrap();
    assert_eq!(
        (baseline.len(), baseline.missing(), current.missing()),
        (4, 1, 1)
    );
    for name in categorical() {
        let test = make(name, &json!({}));
        let test = test.as_categorical().unwrap();
        let fitted = test.fit_labels(&baseline).unwrap();
        let got = fitted.compare_labels(&current).unwrap();
        assert_eq!((got.n_baseline, got.n_current), (4, 3), "{name}");
        assert_eq!((got.n_missing_baseline, got.n_missing_current), (1, 1));
        let table = Counts::new(&[2, 1, 1, 0], &[2, 0, 0, 1]).unwrap();
        let outcome = test.judge_counts(&table).unwrap();
        assert_eq!(
            (got.statistic, got.p_value),
            (outcome.statistic, outcome.p_value.map(|p| p.value())),
            "{name}"
        );
        let strict = make(name, &json!({"nan_policy": "raise"}));
        let strict = strict.as_categorical().unwrap();
        assert!(strict.fit_labels(&baseline).is_err());
        let nothing = Categories::from_rows([None, None]);
        let error = fitted.compare_labels(&nothing).unwrap_err();
        assert!(matches!(error, Error::EmptySample { .. }), "{error}");
        assert!(test.fit_labels(&Categories::default()).is_err());
    }
    assert!(Categories::from_codes([2], ["a".into()]).is_err());
}

#[test]
fn unseen_labels_do_not_blow_up_what_counts_half_a_value() {
    let known: Vec<String> = (0..100).map(|k| format!("old {k}")).collect();
    let unseen: Vec<String> = (0..20_000).map(|k| format!("new {k}")).collect();
    let rows = |labels: &[String]| Categories::from_rows(labels.iter().map(|x| Some(x.as_str())));
    for (name, most) in [("psi", 20.0), ("kl_divergence", 12.0)] {
        let test = make(name, &json!({}));
        let fitted = test.as_categorical().unwrap().fit_labels(&rows(&known));
        let got = fitted.unwrap().compare_labels(&rows(&unseen)).unwrap();
        assert!(got.statistic > 1.0 && got.statistic < most, "{got:?}");
    }
}

#[test]
fn tables_of_ids_have_an_answer() {
    // Every label once: all tables with these totals are alike.
    let (mut b, mut c) = (vec![1; 6000], vec![0; 6000]);
    b.extend(vec![0; 6000]);
    c.extend(vec![1; 6000]);
    for name in ["chi_square", "g_test", "fisher_exact", "cramers_v"] {
        let test = make(name, &json!({}));
        let test = test.as_categorical().unwrap();
        let got = test.judge_counts(&Counts::new(&b, &c).unwrap()).unwrap();
        assert_eq!(got.p_value.unwrap().value(), 1.0, "{name}: {got:?}");
        // Half of the ids come twice, each time in the same sample.
        let twice = |row: &[u64]| -> Vec<u64> {
            let even = |(k, &x): (usize, &u64)| if k % 2 == 0 { 2 * x } else { x };
            row.iter().enumerate().map(even).collect()
        };
        let (b, c) = (twice(&b), twice(&c));
        let got = test.judge_counts(&Counts::new(&b, &c).unwrap()).unwrap();
        assert!(got.p_value.unwrap().ln() < -100.0, "{name}: {got:?}");
    }
}

#[test]
fn draws_agree_with_all_tables() {
    // As many tables as are enumerated, and one category more, which is always
    // the same: the draws must find nearly the same p-value.
    let (b, c) = ([9, 3, 1, 4, 14], [3, 5, 4, 1, 12]);
    let table = Counts::new(&b, &c).unwrap();
    let exact = ChiSquare {
        method: CountMethod::Permutation,
        ..ChiSquare::default()
    };
    let exact = exact.judge_counts(&table).unwrap().p_value.unwrap().value();
    // Split into single rows: too many tables to enumerate, the same law for
    // what is common to both.
    let (mut b, mut c) = (b.to_vec(), c.to_vec());
    b.extend([0, 0, 0, 1, 1, 1, 0, 1]);
    c.extend([1, 1, 1, 0, 0, 0, 1, 0]);
    let table = Counts::new(&b, &c).unwrap();
    let drawn = ChiSquare {
        n_permutations: 50_000,
        ..ChiSquare::default()
    };
    let again = drawn.judge_counts(&table).unwrap();
    assert_eq!(again, drawn.judge_counts(&table).unwrap());
    let other = ChiSquare { seed: 1, ..drawn };
    let other = other.judge_counts(&table).unwrap().p_value.unwrap().value();
    let p = again.p_value.unwrap().value();
    assert!(p != other && (p / other - 1.0).abs() < 0.3, "{p} {other}");
    assert!((p / exact - 1.0).abs() < 0.3, "{p} {exact}");
}

#[test]
fn small_p_values_go_on_below_the_draws() {
    let (b, c) = ([300, 20, 1, 100, 60, 70], [100, 80, 0, 20, 120, 190]);
    for name in ["chi_square", "g_test", "fisher_exact"] {
        let test = make(name, &json!({}));
        let test = test.as_categorical().unwrap();
        let got = test.judge_counts(&Counts::new(&b, &c).unwrap()).unwrap();
        let asymptotic = make("chi_square", &json!({"method": "asymptotic"}));
        let asymptotic = asymptotic.as_categorical().unwrap();
        let law = asymptotic.judge_counts(&Counts::new(&b, &c).unwrap());
        let (ln, law) = (
            got.p_value.unwrap().ln(),
            law.unwrap().p_value.unwrap().ln(),
        );
        assert!(
            ln < -100.0 && (ln / law - 1.0).abs() < 0.3,
            "{name}: {ln} {law}"
        );
    }
}

#[test]
fn parameters_and_tables_are_checked() {
    for (name, params) in [
        ("kl_divergence", json!({"base": 1.0})),
        ("jensen_shannon", json!({"base": -2.0})),
        ("jensen_shannon", json!({"form": "metric"})),
        ("chi_square", json!({"n_permutations": 10})),
        ("g_test", json!({"method": "exact"})),
        ("hellinger", json!({"bins": 1})),
        ("l_infinity", json!({"edges": [2.0, 1.0]})),
        ("cramers_v", json!({"binning": "quantiles"})),
    ] {
        let error = get(name, params.as_object().unwrap()).unwrap_err();
        let parameter = params.as_object().unwrap().keys().next().unwrap();
        assert!(error.to_string().starts_with(parameter), "{error}");
    }
    assert!(Counts::new(&[1, 2], &[1]).is_err());
    assert!(Counts::new(&[0, 0], &[1, 2]).is_err());
    assert!(Counts::new(&[1 << 53, 1], &[1, 2]).is_err());
    let less = get(
        "fisher_exact",
        json!({"alternative": "less"}).as_object().unwrap(),
    )
    .unwrap();
    let table = Counts::new(&[1, 2, 3], &[3, 2, 1]).unwrap();
    let error = less.as_categorical().unwrap().judge_counts(&table);
    assert!(error.unwrap_err().to_string().starts_with("alternative"));
}

#[test]
fn categorical_tests_are_univariate_and_the_others_are_not_categorical() {
    assert_eq!(categorical().len(), 12);
    assert!(get("ks", &Map::new()).unwrap().as_categorical().is_none());
}

fn row(k: usize) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..30u64, k)
}

#[test]
fn counting_first_and_judging_later_is_comparing() {
    let levels: Vec<f64> = (0..60).map(|i| f64::from(i % 5)).collect();
    let spread: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 101)).collect();
    let unseen: Vec<f64> = (0..50).map(|i| f64::from(i % 7)).collect();
    let missing = [1.0, f64::NAN, 3.0, 1e9];
    for name in available() {
        let test = get(name, &Map::new()).unwrap();
        for baseline in [&levels, &spread] {
            let fitted = test.fit(baseline.as_slice().into()).unwrap();
            // Tests of numbers do not count them.
            let counts = test.as_categorical().is_some();
            assert_eq!(fitted.scan_time(1000).is_some(), counts, "{name}");
            assert!(fitted.scan_time(1000) <= fitted.scan_time(1_000_000));
            for current in [unseen.as_slice(), &missing] {
                let (expected, scanned) = (
                    fitted.compare_counted(current.into()),
                    fitted.scan(current.into()),
                );
                let result = scanned.and_then(|scanned| match scanned {
                    Scanned::Judged(result) => Ok(result),
                    Scanned::Counted(rest) => rest(),
                });
                match (expected, result) {
                    (Ok(expected), Ok(result)) => {
                        assert_eq!(format!("{result:?}"), format!("{expected:?}"));
                    }
                    (Err(expected), Err(error)) => {
                        assert_eq!(error.to_string(), expected.to_string());
                    }
                    (expected, result) => panic!("{name}: {result:?}, not {expected:?}"),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn statistics_keep_to_their_bounds(
        (b, c) in (2..8usize).prop_flat_map(|k| (row(k), row(k)))
    ) {
        prop_assume!(b.iter().any(|&x| x > 0) && c.iter().any(|&x| x > 0));
        let table = Counts::new(&b, &c).unwrap();
        for name in categorical() {
            let test = make(name, &json!({}));
            let got = test.as_categorical().unwrap().judge_counts(&table).unwrap();
            prop_assert!(!got.statistic.is_nan() && got.distance >= 0.0, "{} {:?}", name, got);
            let most = match name {
                "jensen_shannon" => std::f64::consts::LN_2.sqrt(),
                "hellinger" | "total_variation" | "l_infinity" | "cramers_v" => 1.0,
                _ => f64::INFINITY,
            };
            prop_assert!(got.distance <= most * (1.0 + 1e-15), "{} {:?}", name, got);
            prop_assert_eq!(got.p_value.is_some(), test.has_p_value());
        }
    }

    #[test]
    fn exact_two_by_two_p_values_are_sums_of_probabilities(
        b0 in 0..40u64, b1 in 0..40u64, c0 in 0..40u64, c1 in 0..40u64
    ) {
        prop_assume!(b0 + b1 > 0 && c0 + c1 > 0 && b0 + c0 > 0 && b1 + c1 > 0);
        let (b, c) = ([b0, b1], [c0, c1]);
        let table = Counts::new(&b, &c).unwrap();
        let choose = |n: u64, k: u64| -> f64 {
            (1..=k).map(|i| (n - k + i) as f64 / i as f64).product()
        };
        let (n, m, column) = (b0 + b1, c0 + c1, b0 + c0);
        let probability = |h: u64| {
            choose(column, h) * choose(n + m - column, n - h) / choose(n + m, n)
        };
        let range = column.saturating_sub(m)..=column.min(n);
        let sum = |extreme: &dyn Fn(u64) -> bool| -> f64 {
            range.clone().filter(|&h| extreme(h)).map(probability).sum()
        };
        let mine = probability(b0) * (1.0 + 1e-7);
        for (alternative, expected) in [
            ("two-sided", sum(&|h| probability(h) <= mine)),
            ("less", sum(&|h| h <= b0)),
            ("greater", sum(&|h| h >= b0)),
        ] {
            let params = json!({"alternative": alternative});
            let test = <FisherExact as driftline::drift::Parameters>::from_map(
                "fisher_exact", params.as_object().unwrap()
            ).unwrap();
            let got = test.judge_counts(&table).unwrap().p_value.unwrap().value();
            prop_assert!((got / expected - 1.0).abs() < 1e-9, "{} {}", got, expected);
        }
        let g = GTest { method: CountMethod::Permutation, ..GTest::default() };
        prop_assert!(g.judge_counts(&table).unwrap().p_value.unwrap().value() > 0.0);
    }
}
