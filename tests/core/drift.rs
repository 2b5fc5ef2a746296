//! The univariate tests: golden cases, conformance over the list, properties.

use driftline::drift::{
    Alternative, FittedUnivariate, KS, Method, Moments, NanPolicy, PSI, TestResult, Univariate,
    available, get,
};
use driftline::error::Error;
use driftline::math::{Sides, smirnov_two_sample_sf};
use ndarray::ArrayView1;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::golden::{cases, relative_error};

const STATISTIC_RTOL: f64 = 1e-12;
const P_VALUE_RTOL: f64 = 1e-9;

fn view(values: &[f64]) -> ArrayView1<'_, f64> {
    values.into()
}

fn compare(name: &str, params: &Value, baseline: &[f64], current: &[f64]) -> TestResult {
    let test = get(name, params.as_object().unwrap()).unwrap();
    test.compare(view(baseline), view(current)).unwrap()
}

/// JSON has no infinities: they are written as strings.
fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn golden_cases() {
    for case in cases("drift.json", "cases") {
        let (baseline, current) = (numbers(&case["baseline"]), numbers(&case["current"]));
        for expected in case["expected"].as_array().unwrap() {
            let name = expected["test"].as_str().unwrap();
            let got = compare(name, &expected["params"], &baseline, &current);
            let check = |what: &str, got: f64, rtol: f64| {
                let error = relative_error(got, number(&expected[what]));
                assert!(
                    error <= rtol,
                    "{}: {what} {got}, {error:e}: {expected}",
                    case["id"]
                );
            };
            check("statistic", got.statistic, STATISTIC_RTOL);
            if let Some(p_value) = got.p_value {
                check("p_value", p_value, P_VALUE_RTOL);
            }
            if let Some(df) = got.df {
                check("df", df, STATISTIC_RTOL);
            }
            if expected.get("effect_size").is_some() {
                check("effect_size", got.effect_size, STATISTIC_RTOL);
            }
        }
    }
}

#[test]
fn psi_golden_cases() {
    for case in cases("drift.json", "psi") {
        let params = json!({"edges": case["edges"]});
        let got = compare(
            "psi",
            &params,
            &numbers(&case["baseline"]),
            &numbers(&case["current"]),
        );
        assert!(relative_error(got.statistic, number(&case["expected"])) < STATISTIC_RTOL);
    }
}

/// Walks over every test of the list.
fn for_each_test(check: impl Fn(&'static str, &dyn Univariate)) {
    for name in available() {
        check(name, get(name, &Map::new()).unwrap().as_ref());
    }
}

#[test]
fn names_and_parameters_round_trip() {
    for_each_test(|name, test| {
        assert_eq!(test.name(), name);
        assert_eq!(get(name, &test.params()).unwrap().params(), test.params());
        let unknown = json!({"nan_polcy": "omit"});
        let error = get(name, unknown.as_object().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains("Did you mean \"nan_policy\"?"), "{error}");
        let wrong = json!({"nan_policy": 3});
        let error = get(name, wrong.as_object().unwrap()).unwrap_err();
        assert!(
            error.to_string().starts_with("nan_policy: got 3"),
            "{error}"
        );
        assert!(matches!(error, Error::InvalidType { .. }));
    });
    let error = get("kss", &Map::new()).unwrap_err().to_string();
    assert!(error.contains("Did you mean \"ks\"?"), "{error}");
}

#[test]
fn nothing_left_is_refused_by_name() {
    for_each_test(|_, test| {
        for nothing in [vec![], vec![f64::NAN, f64::NAN]] {
            for (baseline, current, argument) in [
                (&nothing, &vec![1.0, 2.0, 4.0, 8.0, 16.0], "baseline"),
                (&vec![1.0, 2.0, 4.0, 8.0, 16.0], &nothing, "current"),
            ] {
                let error = test.compare(view(baseline), view(current)).unwrap_err();
                assert!(matches!(error, Error::EmptySample { .. }), "{error}");
                assert!(error.to_string().starts_with(argument), "{error}");
            }
        }
    });
}

#[test]
fn missing_values_are_left_out_and_counted() {
    for_each_test(|name, test| {
        let (baseline, current) = ([1.0, 2.0, 4.0, 0.5, 8.0, 3.0], [3.0, 5.0, 7.0, 1.5, 9.0]);
        let plain = test.compare(view(&baseline), view(&current)).unwrap();
        let mut holes = baseline.to_vec();
        holes.extend([f64::NAN; 2]);
        holes.swap(1, 6);
        let mut hole = current.to_vec();
        hole.insert(0, f64::NAN);
        let got = test.compare(view(&holes), view(&hole)).unwrap();
        assert_eq!((got.n_missing_baseline, got.n_missing_current), (2, 1));
        assert_eq!((got.n_baseline, got.n_current), (6, 5));
        assert_eq!(
            (got.statistic, got.p_value),
            (plain.statistic, plain.p_value)
        );
        let strict = get(name, json!({"nan_policy": "raise"}).as_object().unwrap()).unwrap();
        assert!(strict.fit(view(&holes)).is_err());
        assert!(
            strict
                .fit(view(&baseline))
                .unwrap()
                .compare(view(&holes))
                .is_err()
        );
    });
}

/// Tests of spread: a constant that moves is no change to them.
const OF_SCALE: [&str; 3] = ["levene", "mood", "ansari_bradley"];

#[test]
fn awkward_samples_have_answers() {
    let constant = [0.5; 6];
    let samples: [(&[f64], &[f64]); 8] = [
        (&constant, &constant),
        (&constant, &[0.7; 5]),
        (&[1.0, 2.0, 3.0], &[7.0, 8.0]),
        (&[f64::MAX, -f64::MAX], &[f64::MAX, 0.0]),
        (&[5e-324, 0.0], &[-0.0, 0.0]),
        (&[1.0; 30], &[1.0, f64::MIN_POSITIVE]),
        (&[0.0, -0.0], &[0.0, -0.0]),
        (&[3.0], &[4.0]),
    ];
    for_each_test(|name, test| {
        for (baseline, current) in samples {
            let got = match test.compare(view(baseline), view(current)) {
                Ok(got) => got,
                // Too few values, or squares that overflow: said in the documentation.
                Err(error) => {
                    let text = error.to_string();
                    let names = text.starts_with("baseline: ") || text.starts_with("current: ");
                    assert!(names && text.contains("accepted"), "{name}: {text}");
                    let few = baseline.len().min(current.len()) < 6;
                    assert!(few || baseline[0] == f64::MAX, "{name}: {text}");
                    continue;
                }
            };
            assert!(
                !got.statistic.is_nan() && !got.effect_size.is_nan() && !got.distance.is_nan(),
                "{got:?}"
            );
            assert!(
                got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)),
                "{got:?}"
            );
            assert!(got.log_p_value.is_none_or(|ln| ln <= 0.0), "{got:?}");
            assert_eq!(got.p_value.is_some(), test.has_p_value());
            assert_eq!(got.log_p_value.is_some(), test.has_p_value());
            assert!(got.df.is_none_or(|df| df > 0.0), "{got:?}");
        }
        let same = test.compare(view(&constant), view(&constant)).unwrap();
        assert_eq!(same.effect_size, 0.0, "{same:?}");
        assert!(same.p_value.is_none_or(|p| p == 1.0), "{same:?}");
        let other = test.compare(view(&constant), view(&[0.7; 6])).unwrap();
        assert!(
            other.effect_size.abs() > 0.1 || OF_SCALE.contains(&name),
            "{name} is blind to a constant that moved: {other:?}"
        );
    });
}

#[test]
fn infinities_are_values_or_refused() {
    for_each_test(|_, test| {
        let infinite = [
            f64::INFINITY,
            1.0,
            f64::NEG_INFINITY,
            f64::INFINITY,
            2.0,
            0.5,
        ];
        let finite = [1.0, 2.0, 0.0, 4.0, 3.0, 5.0];
        let both = [
            test.compare(view(&infinite), view(&finite)),
            test.compare(view(&finite), view(&infinite)),
        ];
        for got in both {
            match got {
                Ok(got) => assert!(test.accepts_infinite() && got.statistic.is_finite()),
                Err(error) => {
                    assert!(!test.accepts_infinite());
                    assert!(
                        error.to_string().contains("got inf at position 0"),
                        "{error}"
                    );
                }
            }
        }
    });
}

#[test]
fn a_shift_is_detected_and_halves_are_quiet() {
    let baseline: Vec<f64> = (0..500)
        .map(|i| f64::from(i * 7919 % 500) / 500.0)
        .collect();
    // Moved, and four times as wide: tests of location and of scale both see it.
    let moved: Vec<f64> = baseline.iter().map(|x| 4.0 * x - 1.0).collect();
    for_each_test(|name, test| {
        let fitted = test.fit(view(&baseline)).unwrap();
        let every_second: Vec<f64> = baseline.iter().copied().step_by(2).collect();
        let quiet = fitted.compare(view(&every_second)).unwrap();
        let loud = fitted.compare(view(&moved)).unwrap();
        assert!(
            loud.effect_size.abs() > 5.0 * quiet.effect_size.abs(),
            "{quiet:?} {loud:?}"
        );
        if test.has_p_value() {
            assert!(quiet.p_value.unwrap() > 0.05, "{quiet:?}");
            // The least that 9,999 permutations can show.
            assert!(loud.p_value.unwrap() <= 1e-4, "{name}: {loud:?}");
            assert!(loud.drifted(Some(0.01), None, Some(0.1)).unwrap());
            assert!(!quiet.drifted(Some(0.01), None, None).unwrap());
        }
    });
}

#[test]
fn moments_give_the_same_answer() {
    for_each_test(|name, test| {
        let fitted = test.fit(view(&[1.0, 2.0, 4.0, 0.0, 8.0])).unwrap();
        let whole = fitted.compare(view(&[3.0, 5.0, 7.0, 4.0, 6.0])).unwrap();
        let moments = Moments {
            n: 5,
            mean: 5.0,
            variance: 2.5,
        };
        let short = fitted.compare_moments(moments);
        assert_eq!(
            short.is_some(),
            ["welch", "student", "mean_shift"].contains(&name)
        );
        assert!(short.is_none_or(|short| {
            relative_error(short.statistic, whole.statistic) < STATISTIC_RTOL
        }));
        if let Some(location) = fitted.location() {
            assert_eq!(whole.statistic, (5.0 - location).abs());
        }
    });
}

#[test]
fn criteria_are_checked() {
    let result = compare("psi", &json!({}), &[1.0, 2.0], &[1.0, 2.0]);
    assert!(result.drifted(None, None, None).is_err());
    assert!(result.drifted(Some(0.05), None, None).is_err());
    assert!(result.drifted(None, Some(f64::NAN), None).is_err());
    assert!(result.drifted(None, None, Some(-1.0)).is_err());
    let less = compare(
        "welch",
        &json!({"alternative": "less"}),
        &[5.0, 6.0],
        &[1.0, 2.5],
    );
    assert!(less.statistic > 0.0 && !less.drifted(None, Some(0.1), None).unwrap());
}

#[test]
fn one_value_against_another_proves_nothing() {
    for method in ["auto", "exact", "asymp"] {
        for alternative in ["two-sided", "greater"] {
            let params = json!({"method": method, "alternative": alternative});
            let p_value = compare("ks", &params, &[1.0], &[2.0]).p_value.unwrap();
            assert_eq!(p_value, if alternative == "greater" { 0.5 } else { 1.0 });
        }
    }
}

#[test]
fn psi_bins_are_honoured() {
    let baseline: Vec<f64> = (0..1000).map(f64::from).collect();
    // All of it in the last bin: the value depends on the number of bins.
    for bins in [2usize, 5, 10, 50] {
        let psi = PSI {
            bins,
            ..PSI::default()
        };
        let got = psi.compare(view(&baseline), view(&[1e6; 100])).unwrap();
        let share = 1.0 / bins as f64;
        let empty = (0.005 - share) * (0.005 / share).ln() * (bins - 1) as f64;
        let expected = empty + (1.0 - share) * (1.0 / share).ln();
        assert!(
            relative_error(got.statistic, expected) < STATISTIC_RTOL,
            "{bins}: {got:?}"
        );
    }
}

#[test]
fn exact_p_values_of_large_unequal_samples_do_not_fall_back() {
    // SciPy overflows here and warns.
    let p = smirnov_two_sample_sf(3000, 2999, 300_000, Sides::One);
    let hodges = {
        let (m, n, d) = (3000.0f64, 2999.0, 300_000.0 / (3000.0 * 2999.0));
        let z = (m * n / (m + n)).sqrt() * d;
        (-2.0 * z * z - 2.0 * z * (m + 2.0 * n) / (m * n * (m + n)).sqrt() / 3.0).exp()
    };
    assert!(relative_error(p, hodges) < 1e-2, "{p} {hodges}");
    let refused = KS {
        method: Method::Exact,
        ..KS::default()
    };
    let fitted = refused.fit(view(&vec![0.0; 1_000_000])).unwrap();
    let half: Vec<f64> = (0..999_999).map(|i| f64::from(i / 500_000)).collect();
    let error = fitted.compare(view(&half)).unwrap_err().to_string();
    assert!(error.starts_with("method: got \"exact\""), "{error}");
}

/// Largest n m (F - G) and n m (G - F), by definition.
fn deviations(baseline: &[f64], current: &[f64]) -> (i64, i64) {
    let rank = |values: &[f64], z: f64| values.iter().filter(|&&x| x <= z).count() as i64;
    let (n, m) = (baseline.len() as i64, current.len() as i64);
    let all = baseline.iter().chain(current);
    let differences = all.map(|&z| rank(baseline, z) * m - rank(current, z) * n);
    let differences: Vec<i64> = differences.collect();
    let above = differences.iter().copied().max().unwrap_or(0).max(0);
    (
        above,
        -differences.iter().copied().min().unwrap_or(0).min(0),
    )
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0..8i32).prop_map(f64::from),
        4 => -1e3..1e3f64,
        1 => prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300]),
    ]
}

/// The answer stays, to the last bit, when the samples change places.
const SYMMETRIC: &[&str] = &[
    "anderson_darling",
    "ansari_bradley",
    "baumgartner_weiss_schindler",
    "brunner_munzel",
    "cramer_von_mises",
    "epps_singleton",
    "ks",
    "kuiper",
    "levene",
    "mann_whitney",
    "mean_shift",
    "mood",
    "student",
    "welch",
];

proptest! {
    #[test]
    fn ks_statistic_equals_its_definition(
        baseline in prop::collection::vec(value(), 1..120),
        current in prop::collection::vec(value(), 1..40),
    ) {
        let (above, below) = deviations(&baseline, &current);
        let (n, m) = (baseline.len() as f64, current.len() as f64);
        for (alternative, expected) in [
            (Alternative::TwoSided, above.max(below)),
            (Alternative::Greater, above),
            (Alternative::Less, below),
        ] {
            let test = KS { alternative, nan_policy: NanPolicy::Raise, ..KS::default() };
            let got = test.compare(view(&baseline), view(&current)).unwrap();
            prop_assert!(relative_error(got.statistic, expected as f64 / (n * m)) < 1e-15);
            prop_assert!((0.0..=1.0).contains(&got.p_value.unwrap()));
        }
    }

}

proptest! {
    // All tests for each, some of which draw thousands of tables.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn order_and_swapping_do_not_matter(
        baseline in prop::collection::vec(-1e3..1e3f64, 6..60),
        current in prop::collection::vec(-1e3..1e3f64, 6..60),
    ) {
        let reversed: Vec<f64> = current.iter().rev().copied().collect();
        for name in available() {
            let test = get(name, &Map::new()).unwrap();
            let got = test.compare(view(&baseline), view(&current)).unwrap();
            let again = test.compare(view(&baseline), view(&reversed)).unwrap();
            prop_assert_eq!(&got, &again);
            // Normalised, so negative where the samples are alike.
            prop_assert!(got.distance >= 0.0 || *name == "anderson_darling");
            let fitted = test.fit(view(&baseline)).unwrap();
            prop_assert_eq!(got.distance, fitted.distance(view(&current)).unwrap());
            if SYMMETRIC.contains(name) {
                let swapped = test.compare(view(&current), view(&baseline)).unwrap();
                prop_assert_eq!(got.distance, swapped.distance);
                prop_assert_eq!(got.p_value, swapped.p_value);
            }
        }
    }
}

#[test]
fn fitted_tests_are_shared_between_threads() {
    fn assert_shared<T: Send + Sync + ?Sized>() {}
    assert_shared::<dyn Univariate>();
    assert_shared::<dyn FittedUnivariate>();
}
