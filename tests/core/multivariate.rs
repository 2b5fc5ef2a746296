//! The multivariate tests: golden cases, conformance over the list, calibration.

use driftline::drift::TestResult;
use driftline::drift::multivariate::{
    Classifier, ClassifierTwoSample, Kernel, MMD, MMDMethod, Multivariate, MultivariateEnergy,
    available, get,
};
use driftline::drift::resampling::{Permutation, permutation};
use driftline::error::Error;
use ndarray::{Array2, ArrayView2, Axis, array, s};
use serde_json::{Map, Value, json};

use crate::golden::{cases, relative_error};

/// Relative to the parts of a statistic that cancel.
const STATISTIC_TOL: f64 = 1e-12;
const P_VALUE_RTOL: f64 = 1e-12;

fn rows(value: &Value) -> Array2<f64> {
    let rows = value.as_array().unwrap();
    let width = rows[0].as_array().unwrap().len();
    let values = rows.iter().flat_map(|row| row.as_array().unwrap());
    let values = values.map(|x| x.as_f64().unwrap()).collect();
    Array2::from_shape_vec((rows.len(), width), values).unwrap()
}

/// Reproducible normal deviates (Box and Muller, on Weyl-like bits).
fn normal(seed: u64, n: usize, d: usize) -> Array2<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    Array2::from_shape_fn((n, d), |_| {
        let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * uniform()).cos()
    })
}

fn compare(
    name: &str,
    params: &Value,
    baseline: &Array2<f64>,
    current: &Array2<f64>,
) -> TestResult {
    let test = get(name, params.as_object().unwrap()).unwrap();
    test.compare(baseline.view(), current.view()).unwrap()
}

#[test]
fn golden_cases() {
    for case in cases("multivariate.json", "cases") {
        let (baseline, current) = (rows(&case["baseline"]), rows(&case["current"]));
        let got = compare(
            case["test"].as_str().unwrap(),
            &case["params"],
            &baseline,
            &current,
        );
        let (expected, size) = (
            case["statistic"].as_f64().unwrap(),
            case["size"].as_f64().unwrap(),
        );
        let (got_value, expected_value) = match case["test"].as_str().unwrap() {
            "mmd" => (got.statistic, expected),
            // E itself: its root has no digits left where E is 0.
            _ => (got.statistic * got.statistic, expected * expected),
        };
        let error = (got_value - expected_value).abs() / size.max(f64::MIN_POSITIVE);
        assert!(
            error <= STATISTIC_TOL,
            "{}: {got_value}, {error:e}",
            case["id"]
        );
        if let Some(p_value) = case.get("p_value") {
            let error = relative_error(got.p_value.unwrap(), p_value.as_f64().unwrap());
            assert!(error <= P_VALUE_RTOL, "{}: {:?}", case["id"], got.p_value);
        }
    }
}

fn all() -> Vec<std::sync::Arc<dyn Multivariate>> {
    let mut params = Map::new();
    params.insert("n_permutations".to_owned(), json!(200));
    let mut all: Vec<_> = available()
        .iter()
        .map(|name| get(name, &params).unwrap())
        .collect();
    params.insert("method".to_owned(), json!("block"));
    all.push(get("mmd", &params).unwrap());
    params.insert("method".to_owned(), json!("linear"));
    all.push(get("mmd", &params).unwrap());
    all
}

#[test]
fn neither_the_order_of_rows_nor_of_samples_changes_a_bit() {
    let (mut baseline, mut current) = (normal(1, 30, 3), normal(2, 30, 3) + 0.3);
    // Rows that are in both samples, too.
    current
        .slice_mut(s![..5, ..])
        .assign(&baseline.slice(s![..5, ..]));
    baseline.row_mut(7).fill(0.0);
    current.row_mut(7).fill(-0.0);
    let shuffled = |rows: &Array2<f64>| {
        let order: Vec<usize> = (0..rows.nrows()).map(|i| i * 7 % 30).collect();
        rows.select(Axis(0), &order)
    };
    for test in all() {
        let expected = test.compare(baseline.view(), current.view()).unwrap();
        let got = test.compare(shuffled(&baseline).view(), shuffled(&current).view());
        assert_eq!(got.unwrap(), expected);
        assert_eq!(
            test.compare(current.view(), baseline.view()).unwrap(),
            expected
        );
    }
}

#[test]
fn any_number_of_threads_gives_the_same_answer() {
    let (baseline, current) = (normal(3, 60, 2), normal(4, 45, 2));
    for name in available() {
        let one = compare(name, &json!({"n_permutations": 700}), &baseline, &current);
        for threads in [2, 3, 8] {
            let params = json!({"n_permutations": 700, "threads": threads});
            assert_eq!(compare(name, &params, &baseline, &current), one);
        }
    }
}

#[test]
fn missing_rows_are_left_out_and_counted() {
    let (baseline, current) = (normal(5, 12, 2), normal(6, 10, 2));
    let mut with_nan = Array2::from_elem((14, 2), f64::NAN);
    with_nan.slice_mut(s![1..13, ..]).assign(&baseline);
    with_nan[[13, 0]] = 1.0;
    with_nan[[0, 1]] = 0.0;
    for test in all() {
        let expected = test.compare(baseline.view(), current.view()).unwrap();
        let got = test.compare(with_nan.view(), current.view()).unwrap();
        assert_eq!((got.n_missing_baseline, got.n_baseline), (2, 12));
        assert_eq!(
            (got.statistic, got.p_value),
            (expected.statistic, expected.p_value)
        );
        assert_eq!(test.fit(with_nan.view()).unwrap().shape(), (12, 2));
    }
    let raise = json!({"nan_policy": "raise"});
    for name in available() {
        let test = get(name, raise.as_object().unwrap()).unwrap();
        let error = test.compare(with_nan.view(), current.view()).unwrap_err();
        assert!(error.to_string().contains("NaN in 2 of 14 rows"), "{error}");
    }
}

#[test]
fn what_cannot_be_judged_is_refused_by_name() {
    let good = normal(7, 8, 2);
    for test in all() {
        let refused = |current: &Array2<f64>| {
            let error = test.compare(good.view(), current.view()).unwrap_err();
            assert!(error.to_string().starts_with("current: got "), "{error}");
            error
        };
        assert!(matches!(
            refused(&Array2::zeros((0, 2))),
            Error::EmptySample { .. }
        ));
        let nan = Array2::from_elem((3, 2), f64::NAN);
        assert!(refused(&nan).to_string().contains("3 rows, all with NaN"));
        let error = refused(&array![[0.0, 1.0], [f64::INFINITY, 0.0]]);
        assert!(
            error.to_string().contains("inf in row 1, column 0"),
            "{error}"
        );
        let error = refused(&normal(8, 8, 3));
        assert!(error.to_string().contains("rows of 3 columns"), "{error}");
        assert!(
            refused(&Array2::zeros((3, 0)))
                .to_string()
                .contains("shape (3, 0)")
        );
    }
    let error = MMD::default()
        .compare(good.view(), array![[0.0, 1.0]].view())
        .unwrap_err();
    assert!(error.to_string().contains("at least 2 rows"), "{error}");
    let large = Array2::zeros((9_995, 2));
    for error in [
        MMD {
            method: MMDMethod::Quadratic,
            ..MMD::default()
        }
        .compare(good.view(), large.view()),
        MultivariateEnergy::default().compare(good.view(), large.view()),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("10003 rows in both samples"), "{error}");
    }
    let huge = &good * 1e300;
    let linear = MMD {
        kernel: Kernel::Linear,
        ..MMD::default()
    };
    let error = linear.compare(huge.view(), good.view()).unwrap_err();
    assert!(error.to_string().contains("overflows"), "{error}");
}

#[test]
fn bad_parameters_are_refused_by_name() {
    for (name, params, told) in [
        ("mmd", json!({"bandwidth": 0.0}), "bandwidth: got 0"),
        ("mmd", json!({"bandwidth": -1.0}), "bandwidth: got -1"),
        ("mmd", json!({"kernel": "gauss"}), "kernel: got "),
        ("mmd", json!({"degree": 0}), "degree: got 0"),
        ("mmd", json!({"block_size": 1}), "block_size: got 1"),
        ("mmd", json!({"n_permutations": 0}), "n_permutations: got 0"),
        ("mmd", json!({"threads": 0}), "threads: got 0"),
        (
            "multivariate_energy",
            json!({"threads": 1025}),
            "threads: got 1025",
        ),
        ("classifier_two_sample", json!({"folds": 1}), "folds: got 1"),
        ("mdm", json!({}), "Did you mean \"mmd\"?"),
    ] {
        let error = get(name, params.as_object().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn constants_and_single_rows_have_answers() {
    let constant = Array2::from_elem((9, 2), 0.1);
    for test in all() {
        let equal = test.compare(constant.view(), constant.view()).unwrap();
        let statistic = if test.name() == "classifier_two_sample" {
            0.5
        } else {
            0.0
        };
        assert_eq!(
            (equal.statistic, equal.p_value),
            (statistic, Some(1.0)),
            "{test:?}"
        );
        assert_eq!(equal.effect_size, 0.0);
        let apart = test
            .compare(constant.view(), (&constant + 3.0).view())
            .unwrap();
        assert!(
            apart.p_value.unwrap() < 0.01 && apart.effect_size > 0.8,
            "{apart:?}"
        );
        let half = normal(9, 9, 2);
        let half = test.compare(half.view(), constant.view()).unwrap();
        assert!(half.statistic.is_finite() && half.p_value.unwrap() > 0.0);
    }
    let one = array![[1.0]];
    for name in ["multivariate_energy", "classifier_two_sample"] {
        let test = get(name, &Map::new()).unwrap();
        let single = test.compare(one.view(), normal(10, 6, 1).view()).unwrap();
        assert!(single.p_value.unwrap() >= 1.0 / 7.0);
        assert_eq!(
            test.compare(one.view(), one.view()).unwrap().p_value,
            Some(1.0)
        );
    }
}

#[test]
fn scales_and_offsets_change_nothing() {
    let (baseline, current) = (normal(11, 40, 3), normal(12, 30, 3) + 0.4);
    for test in all() {
        let expected = test.compare(baseline.view(), current.view()).unwrap();
        for scale in [2f64.powi(-1000), 2f64.powi(-40), 2f64.powi(900)] {
            let scaled = test.compare((&baseline * scale).view(), (&current * scale).view());
            let scaled = scaled.unwrap();
            assert_eq!(scaled.p_value, expected.p_value);
            assert_eq!(scaled.effect_size, expected.effect_size);
        }
        if test
            .params()
            .get("method")
            .is_some_and(|method| method != "auto")
        {
            continue; // other rows come together
        }
        // The offset costs the last digits of the data themselves.
        let moved = test
            .compare((&baseline + 1e6).view(), (&current + 1e6).view())
            .unwrap();
        assert!(
            (moved.statistic - expected.statistic).abs() < 1e-8,
            "{moved:?}"
        );
    }
}

/// How many of `repetitions` null comparisons have p <= 5 %.
fn false_alarms(
    test: &dyn Multivariate,
    repetitions: u64,
    sample: impl Fn(u64) -> (Array2<f64>, Array2<f64>),
) -> u64 {
    let rejected = |seed| {
        let (baseline, current) = sample(seed);
        let result = test.compare(baseline.view(), current.view()).unwrap();
        u64::from(result.p_value.unwrap() <= 0.05)
    };
    (0..repetitions).map(rejected).sum()
}

/// Of 200 repetitions at 5 %: 10 expected, sd 3.1.
const MOST_OF_200: u64 = 22;
const FEWEST_OF_200: u64 = 1;

#[test]
fn false_alarms_keep_to_their_rate() {
    let params = json!({"n_permutations": 39}); // p <= 5 %: at most one
    for name in available() {
        let test = get(name, params.as_object().unwrap()).unwrap();
        let normals = |seed| (normal(2 * seed, 20, 2), normal(2 * seed + 1, 25, 2));
        let cauchy = |seed| {
            let (a, b) = (
                normal(7000 + 4 * seed, 30, 2),
                normal(7001 + 4 * seed, 20, 2),
            );
            (
                a / normal(7002 + 4 * seed, 30, 2),
                b / normal(7003 + 4 * seed, 20, 2),
            )
        };
        for alarms in [
            false_alarms(test.as_ref(), 200, normals),
            false_alarms(test.as_ref(), 200, cauchy),
        ] {
            assert!(
                (FEWEST_OF_200..=MOST_OF_200).contains(&alarms),
                "{name}: {alarms}"
            );
        }
    }
}

#[test]
fn blocks_do_not_alarm_too_often() {
    for method in ["block", "linear"] {
        let params = json!({"method": method});
        let test = get("mmd", params.as_object().unwrap()).unwrap();
        for rows in [16, 60] {
            let sample = |seed| (normal(2 * seed, rows, 2), normal(2 * seed + 1, rows, 2));
            let alarms = false_alarms(test.as_ref(), 200, sample);
            assert!(alarms <= MOST_OF_200, "{method} {rows}: {alarms}");
        }
    }
}

#[test]
fn changes_are_seen() {
    let baseline = normal(21, 200, 3);
    let shifted = normal(22, 200, 3) + 0.5;
    let wider = normal(23, 200, 3) * 1.6;
    let mut correlated = normal(24, 200, 3);
    let first = correlated.column(0).to_owned();
    correlated
        .column_mut(1)
        .zip_mut_with(&first, |y, x| *y = 0.8 * x + 0.6 * *y);
    for test in all() {
        let blocks = test
            .params()
            .get("method")
            .is_some_and(|method| method != "auto");
        for (what, current) in [
            ("shift", &shifted),
            ("spread", &wider),
            ("correlation", &correlated),
        ] {
            let result = test.compare(baseline.view(), current.view()).unwrap();
            let told = format!("{} {what} {result:?}", test.name());
            match (what, blocks, test.name().as_ref()) {
                ("shift", ..) | (_, false, "classifier_two_sample") => {
                    assert!(result.p_value.unwrap() < 0.01, "{told}");
                }
                (_, false, "mmd") => assert!(result.p_value.unwrap() < 0.05, "{told}"),
                _ => {}
            }
        }
        let result = test
            .compare(baseline.view(), (&shifted + 2.0).view())
            .unwrap();
        assert!(
            result.p_value.unwrap() < 0.01 && result.effect_size > 0.3,
            "{result:?}"
        );
    }
}

#[test]
fn many_rows_are_judged_by_blocks() {
    let (baseline, current) = (normal(31, 5200, 2), normal(32, 5000, 2));
    let auto = compare("mmd", &json!({}), &baseline, &current);
    assert_eq!(
        auto,
        compare("mmd", &json!({"method": "block"}), &baseline, &current)
    );
    assert_eq!(auto.df, Some(70.0)); // 5,000 rows in 71 blocks of 70
    let other = compare("mmd", &json!({"seed": 1}), &baseline, &current);
    assert_ne!(other.statistic, auto.statistic);
    assert!((other.statistic - auto.statistic).abs() < 0.01);
    let drifted = compare("mmd", &json!({}), &baseline, &(&current + 0.4));
    assert!(drifted.p_value.unwrap() < 1e-3, "{drifted:?}");
}

#[test]
fn all_pairs_are_looked_at_while_they_can_be_kept() {
    let (baseline, current) = (normal(33, 2000, 1), normal(34, 2001, 1));
    let few = json!({"n_permutations": 9});
    let drifted = compare("mmd", &few, &baseline, &(&current + 0.15));
    assert_eq!(drifted.df, None); // no blocks
    assert_eq!(drifted.p_value, Some(0.1)); // of nine relabellings none
}

#[test]
fn blocks_of_unlike_samples_see_what_the_smaller_one_shows() {
    let (baseline, current) = (normal(35, 20_000, 2), normal(36, 63, 2));
    let params = json!({"method": "block"});
    let alike = compare("mmd", &params, &baseline, &current);
    assert_eq!(alike.df, Some(8.0)); // nine blocks of 7 rows and 56
    assert_eq!(
        alike.statistic,
        compare("mmd", &params, &current, &baseline).statistic
    );
    assert!(alike.p_value.unwrap() > 0.01, "{alike:?}");
    let drifted = compare("mmd", &params, &baseline, &(&current + 1.0));
    assert!(drifted.p_value.unwrap() < 1e-3, "{drifted:?}");
    let many = |seed| (normal(3 * seed, 600, 2), normal(3 * seed + 1, 40, 2));
    let test = get("mmd", params.as_object().unwrap()).unwrap();
    let alarms = false_alarms(test.as_ref(), 200, many);
    assert!(alarms <= MOST_OF_200, "{alarms}");
}

#[test]
fn permuting_a_multivariate_test_is_its_own_p_value() {
    let (baseline, current) = (normal(41, 15, 2), normal(42, 18, 2) + 0.5);
    for name in available() {
        let test = get(name, &Map::new()).unwrap();
        let own = test.compare(baseline.view(), current.view()).unwrap();
        let fitted = test.fit(baseline.view()).unwrap();
        let statistic = fitted.relabelled(current.view()).unwrap();
        let options = Permutation {
            n_permutations: 1000,
            ..Permutation::default()
        };
        let again = permutation(statistic.as_ref(), &options, &mut || false).unwrap();
        assert_eq!(
            (again.statistic, Some(again.p_value)),
            (own.statistic, own.p_value)
        );
        assert_eq!(fitted.statistic(current.view()).unwrap(), own.statistic);
    }
}

#[test]
fn long_work_can_be_interrupted() {
    let (baseline, current) = (normal(51, 50, 2), normal(52, 50, 2));
    for test in all() {
        let fitted = test.fit(baseline.view()).unwrap();
        let stopped = fitted.compare_unless(current.view(), &mut || true);
        assert_eq!(stopped.unwrap_err(), Error::Interrupted);
    }
}

/// Scores rows by their first column.
struct FirstColumn;

impl Classifier for FirstColumn {
    type Error = Error;

    fn scores(
        &self,
        train: ArrayView2<'_, f64>,
        is_current: &[bool],
        test: ArrayView2<'_, f64>,
    ) -> Result<Vec<f64>, Error> {
        assert_eq!(train.nrows(), is_current.len());
        Ok(test.column(0).to_vec())
    }
}

#[test]
fn a_classifier_of_the_callers_is_asked() {
    let test = ClassifierTwoSample::default();
    let (baseline, current) = (normal(61, 100, 2), normal(62, 80, 2) + 1.0);
    let result = test
        .compare_using(&FirstColumn, baseline.view(), current.view())
        .unwrap();
    assert!((0.70..0.82).contains(&result.statistic), "{result:?}"); // Phi(1 / sqrt(2)) = 0.76
    assert!(result.p_value.unwrap() < 0.01);
    assert!((result.effect_size - (2.0 * result.statistic - 1.0)).abs() < 1e-15);
    let few = test.compare_using(&FirstColumn, baseline.slice(s![..4, ..]), current.view());
    assert!(few.unwrap_err().to_string().contains("at least 5 rows"));
    let constant = Array2::from_elem((9, 1), 1.0);
    let equal = test.compare_using(&FirstColumn, constant.view(), constant.view());
    let equal = equal.unwrap();
    assert_eq!((equal.statistic, equal.p_value), (0.5, Some(1.0)));
}

#[test]
fn a_given_classifier_does_not_alarm_too_often() {
    let test = ClassifierTwoSample::default();
    let alarms = (0..200).filter(|seed| {
        let (a, b) = (normal(2 * seed, 30, 1), normal(2 * seed + 1, 40, 1));
        let result = test
            .compare_using(&FirstColumn, a.view(), b.view())
            .unwrap();
        result.p_value.unwrap() <= 0.05
    });
    assert!(alarms.count() as u64 <= MOST_OF_200);
}
