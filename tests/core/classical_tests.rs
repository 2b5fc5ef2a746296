//! The classical tests against exact references, and their odd ends.

use driftline::drift::{TestResult, get};
use serde_json::{Map, Value, json};

use crate::golden::{cases, relative_error};

/// Statistics and effect sizes, against rational arithmetic.
const STATISTIC_RTOL: f64 = 1e-12;
/// An ill-conditioned covariance: samples far apart.
const EPPS_SINGLETON_RTOL: f64 = 1e-11;
/// ln p, and so p down to 1e-300.
const LOG_RTOL: f64 = 1e-12;

fn compare(name: &str, params: &Value, baseline: &[f64], current: &[f64]) -> TestResult {
    let test = get(name, params.as_object().unwrap()).unwrap();
    test.compare(baseline.into(), current.into()).unwrap()
}

fn refused(name: &str, params: &Value, baseline: &[f64], current: &[f64]) -> String {
    let test = get(name, params.as_object().unwrap()).unwrap();
    let answer = test.compare(baseline.into(), current.into());
    answer.unwrap_err().to_string()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap();
    values.iter().map(|x| x.as_f64().unwrap()).collect()
}

fn with(params: &Value, more: &[(&str, &str)]) -> Value {
    let mut map: Map<String, Value> = params.as_object().unwrap().clone();
    for (key, value) in more {
        map.insert((*key).to_owned(), json!(value));
    }
    Value::Object(map)
}

#[test]
fn statistics_and_laws_agree_with_exact_references() {
    for case in cases("classical_tests.json", "cases") {
        let (baseline, current) = (numbers(&case["baseline"]), numbers(&case["current"]));
        for expected in case["expected"].as_array().unwrap() {
            let name = expected["test"].as_str().unwrap();
            let rtol = if name == "epps_singleton" {
                EPPS_SINGLETON_RTOL
            } else {
                STATISTIC_RTOL
            };
            let close = |what: &str, got: f64, expected: &Value| {
                let error = relative_error(got, expected.as_f64().unwrap());
                assert!(
                    error <= rtol,
                    "{} {name} {what}: {got} {expected}",
                    case["id"]
                );
            };
            let got = compare(name, &expected["params"], &baseline, &current);
            close("statistic", got.statistic, &expected["statistic"]);
            close("effect size", got.effect_size, &expected["effect_size"]);
            if !expected["df"].is_null() {
                close("df", got.df.unwrap(), &expected["df"]);
            }
            for method in ["asymptotic", "exact"] {
                for (alternative, ln) in expected[method].as_object().into_iter().flatten() {
                    let mut params = expected["params"].clone();
                    if !["student", "levene"].contains(&name) {
                        params = with(&params, &[("method", method)]);
                    }
                    if name != "epps_singleton" {
                        params = with(&params, &[("alternative", alternative)]);
                    }
                    let got = compare(name, &params, &baseline, &current);
                    let (got, ln) = (got.log_p_value.unwrap(), ln.as_f64().unwrap());
                    let error = (got - ln).abs() / ln.abs().max(1.0);
                    let tolerance = rtol.max(LOG_RTOL);
                    assert!(
                        error <= tolerance,
                        "{} {name} {params}: {got} {ln}",
                        case["id"]
                    );
                }
            }
        }
    }
}

/// Tests that need no more than two values, by what they make of a difference.
const LOCATION: [&str; 4] = [
    "mann_whitney",
    "brunner_munzel",
    "student",
    "baumgartner_weiss_schindler",
];

#[test]
fn large_differences_keep_their_logarithm() {
    let baseline: Vec<f64> = (0..3000).map(f64::from).collect();
    let current: Vec<f64> = (0..3000).map(|i| f64::from(i) + 5000.5).collect();
    for name in LOCATION {
        let got = compare(name, &json!({}), &baseline, &current);
        assert!(got.p_value.unwrap() < 1e-300, "{got:?}");
        let ln = got.log_p_value.unwrap();
        assert!(ln.is_finite() && ln < -700.0, "{got:?}");
    }
}

#[test]
fn samples_that_do_not_overlap_have_an_exact_answer() {
    let (low, high) = ([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
    // 2 of C(11, 5) = 462 arrangements; B is not the same for both.
    for (name, arrangements) in [
        ("mann_whitney", 2.0),
        ("brunner_munzel", 2.0),
        ("baumgartner_weiss_schindler", 1.0),
    ] {
        let got = compare(name, &json!({}), &low, &high);
        let p = got.p_value.unwrap();
        assert!(
            relative_error(p, arrangements / 462.0) < LOG_RTOL,
            "{got:?}"
        );
        assert_eq!(got.effect_size, 1.0);
        assert!(got.statistic.is_finite());
    }
    for (alternative, expected) in [("less", 1.0 / 462.0), ("greater", 1.0)] {
        let params = json!({"alternative": alternative});
        let got = compare("brunner_munzel", &params, &low, &high);
        assert!(relative_error(got.p_value.unwrap(), expected) < LOG_RTOL);
    }
    // The statistic of samples that just touch is no larger.
    let touching = [5.0, 7.0, 8.0, 9.0, 10.0, 11.0];
    let params = json!({"method": "asymptotic"});
    let touch = compare("brunner_munzel", &params, &low, &touching);
    let apart = compare("brunner_munzel", &params, &low, &high);
    assert!(relative_error(apart.statistic, touch.statistic) < STATISTIC_RTOL);
    // Two constants: no variance in the direction of the difference.
    let got = compare("epps_singleton", &json!({}), &[1.0; 5], &[2.0; 6]);
    assert_eq!(got.statistic, f64::INFINITY);
    assert!(relative_error(got.p_value.unwrap(), 2.0 / 462.0) < LOG_RTOL);
}

#[test]
fn equal_constants_prove_nothing() {
    for name in [
        "ansari_bradley",
        "baumgartner_weiss_schindler",
        "brunner_munzel",
        "epps_singleton",
        "levene",
        "mann_whitney",
        "mood",
        "student",
    ] {
        for params in [json!({}), json!({"nan_policy": "raise"})] {
            let got = compare(name, &params, &[0.0, -0.0, 0.0, 0.0, -0.0], &[-0.0; 7]);
            assert_eq!(got.p_value, Some(1.0), "{got:?}");
            assert_eq!(got.effect_size, 0.0, "{got:?}");
        }
    }
    for name in ["mann_whitney", "mood", "ansari_bradley"] {
        for method in ["exact", "asymptotic"] {
            let got = compare(name, &json!({"method": method}), &[3.0; 4], &[3.0; 5]);
            assert_eq!(got.p_value, Some(1.0), "{got:?}");
        }
    }
}

#[test]
fn few_values_are_refused_where_they_say_nothing() {
    let none = json!({});
    for (name, baseline, current, start) in [
        (
            "brunner_munzel",
            vec![1.0],
            vec![1.0, 2.0],
            "baseline: got 1 value",
        ),
        (
            "brunner_munzel",
            vec![1.0, 2.0],
            vec![1.0],
            "current: got 1 value",
        ),
        (
            "epps_singleton",
            vec![1.0; 4],
            vec![1.0; 9],
            "baseline: got 4 values",
        ),
        (
            "levene",
            vec![1.0; 4],
            vec![1.0, 2.0],
            "current: got 2 values",
        ),
        (
            "mood",
            vec![1.0],
            vec![2.0],
            "current: got 1 value against 1",
        ),
        (
            "student",
            vec![1.0],
            vec![2.0],
            "current: got 1 value against 1",
        ),
    ] {
        let error = refused(name, &none, &baseline, &current);
        assert!(error.starts_with(start), "{name}: {error}");
    }
    // One value against several has a pooled variance.
    let got = compare("student", &none, &[3.0], &[1.0, 2.0, 3.0]);
    assert_eq!(got.df, Some(2.0));
    let got = compare("mann_whitney", &none, &[3.0], &[4.0]);
    assert_eq!((got.statistic, got.p_value), (0.0, Some(1.0)));
}

#[test]
fn parameters_are_checked() {
    for (name, params, start) in [
        (
            "levene",
            json!({"proportiontocut": 0.5}),
            "proportiontocut: got 0.5",
        ),
        ("levene", json!({"center": "mode"}), "center: got \"mode\""),
        ("epps_singleton", json!({"t": []}), "t: got []"),
        (
            "epps_singleton",
            json!({"t": [0.4, -1.0]}),
            "t: got [0.4, -1.0]",
        ),
        (
            "mann_whitney",
            json!({"method": "asymp"}),
            "method: got \"asymp\"",
        ),
        (
            "mann_whitney",
            json!({"use_continuity": 1}),
            "use_continuity: got 1",
        ),
    ] {
        let error = get(name, params.as_object().unwrap()).unwrap_err();
        assert!(error.to_string().starts_with(start), "{error}");
    }
    let many: Vec<f64> = (0..700).map(f64::from).collect();
    for name in ["mann_whitney", "mood", "ansari_bradley"] {
        let error = refused(name, &json!({"method": "exact"}), &many, &many);
        assert!(
            error.starts_with("method: got \"exact\" for samples of 700"),
            "{error}"
        );
    }
}

#[test]
fn far_offsets_and_small_scales_do_not_matter() {
    // Differences that both survive exactly.
    let baseline: Vec<f64> = (0..40).map(|i| f64::from(i * 7919 % 40)).collect();
    let current: Vec<f64> = (0..30).map(|i| f64::from(i * 31 % 37) * 1.5).collect();
    let moved = |by: f64, times: f64, values: &[f64]| -> Vec<f64> {
        values.iter().map(|x| by + times * x).collect()
    };
    for name in [
        "ansari_bradley",
        "baumgartner_weiss_schindler",
        "brunner_munzel",
        "epps_singleton",
        "levene",
        "mann_whitney",
        "mood",
        "student",
    ] {
        let plain = compare(name, &json!({}), &baseline, &current);
        for (by, times) in [
            (1e9, 1.0),
            (-1e9, 0.5),
            (0.0, 2f64.powi(-40)),
            (0.0, 2f64.powi(400)),
        ] {
            let got = compare(
                name,
                &json!({}),
                &moved(by, times, &baseline),
                &moved(by, times, &current),
            );
            for (got, plain) in [
                (got.statistic, plain.statistic),
                (got.effect_size, plain.effect_size),
                (got.p_value.unwrap(), plain.p_value.unwrap()),
            ] {
                assert!(
                    relative_error(got, plain) < STATISTIC_RTOL,
                    "{name}: {got} {plain}"
                );
            }
        }
    }
}

#[test]
fn changing_places_changes_no_more_than_the_sign() {
    let baseline: Vec<f64> = (0..23).map(|i| f64::from(i * i % 17) / 3.0).collect();
    let current: Vec<f64> = (0..31).map(|i| f64::from(i * 29 % 41) / 7.0).collect();
    for name in [
        "ansari_bradley",
        "baumgartner_weiss_schindler",
        "brunner_munzel",
        "epps_singleton",
        "levene",
        "mann_whitney",
        "mood",
        "student",
    ] {
        for method in ["auto", "asymptotic"] {
            let params = match name {
                "levene" | "student" => json!({}),
                _ => json!({"method": method}),
            };
            let got = compare(name, &params, &baseline, &current);
            let back = compare(name, &params, &current, &baseline);
            assert_eq!(got.effect_size.abs(), back.effect_size.abs(), "{name}");
            assert_eq!(got.p_value, back.p_value, "{name} {method}");
            assert_eq!(got.distance, back.distance, "{name} {method}");
        }
    }
}

/// The few values of one sample, `below` of the others above each.
fn few_above(n: usize, few: usize, below: usize) -> (Vec<f64>, Vec<f64>) {
    let many = (0..n).map(|i| i as f64).collect();
    let few = (0..few).map(|i| (n - below) as f64 - 0.5 + 1e-3 * i as f64);
    (many, few.collect())
}

#[test]
fn no_number_of_values_is_a_cliff_for_linear_rank_tests() {
    let exact = json!({"method": "exact"});
    for name in ["mann_whitney", "mood", "ansari_bradley"] {
        for (few, n) in [(2, 120), (3, 197), (3, 198), (10, 40), (10, 100), (20, 40)] {
            for share in [0.0, 0.02, 0.1, 0.2] {
                let (many, few) = few_above(n, few, (share * n as f64) as usize);
                let ln = |params| compare(name, params, &many, &few).log_p_value.unwrap();
                let (got, exact) = (ln(&json!({})), ln(&exact));
                let allowed = 0.06 + 0.002 * exact.abs();
                let case = format!("{name} {} {n} {share}", few.len());
                assert!((got - exact).abs() < allowed, "{case}: {got} {exact}");
            }
        }
        // One value after the other joins the larger sample.
        for few in [3, 10, 30] {
            let lns = [170, 197, 198, 240, 290, 900, 980, 1000, 1100].map(|n| {
                let (many, few) = few_above(n, few, 0);
                let got = compare(name, &json!({}), &many, &few);
                (n, got.log_p_value.unwrap())
            });
            for pair in lns.windows(2) {
                let [(n, ln), (more, next)] = pair else {
                    continue;
                };
                // As C(n + few, few): few or half as many for squares.
                let growth = few as f64 * (*more as f64 / *n as f64).ln();
                let fall = ln - next;
                assert!(
                    fall > 0.3 * growth - 0.06 && fall < 1.2 * growth + 0.06,
                    "{name} {few} {n} {more}: {ln} {next}"
                );
            }
        }
    }
}

#[test]
fn separated_samples_are_one_arrangement_in_all() {
    for (few, n) in [
        (2, 300),
        (3, 198),
        (10, 191),
        (10, 1100),
        (3, 20_000),
        (40, 60),
    ] {
        let (many, few) = few_above(n, few, 0);
        let orders = driftline::math::ln_binomial((n + few.len()) as u64, few.len() as u64);
        let expected = std::f64::consts::LN_2 - orders;
        let name = "mann_whitney";
        let got = compare(name, &json!({}), &many, &few).log_p_value.unwrap();
        assert!(
            (got - expected).abs() < 1e-9,
            "{n} {}: {got} {expected}",
            few.len()
        );
    }
}

#[test]
fn epps_singleton_has_an_answer_for_all_scales() {
    let baseline: Vec<f64> = (0..50).map(|i| f64::from(i * 7919 % 50)).collect();
    let current: Vec<f64> = (0..50).map(|i| f64::from(i * 31 % 37) * 2.0).collect();
    let scaled = |by: f64, values: &[f64]| -> Vec<f64> { values.iter().map(|x| by * x).collect() };
    let compare = |baseline: &[f64], current: &[f64]| {
        compare("epps_singleton", &json!({}), baseline, current)
    };
    let least = 5e-324;
    let same = compare(&scaled(least, &baseline), &scaled(least, &baseline));
    assert_eq!((same.statistic, same.p_value), (0.0, Some(1.0)));
    let plain = compare(&baseline, &current);
    for by in [16.0 * least, 2f64.powi(-1000), 2f64.powi(500)] {
        let got = compare(&scaled(by, &baseline), &scaled(by, &current));
        assert!(
            relative_error(got.statistic, plain.statistic) < STATISTIC_RTOL,
            "{by}"
        );
    }
    // Without interquartile range, and squares that overflow or underflow.
    for by in [1e154, 1.0, 1e-200, 16.0 * least] {
        let mut rare = vec![0.0; 40];
        rare.extend([by; 6]);
        let got = compare(&rare, &vec![0.0; 46]);
        assert!(got.statistic > 6.0 && got.statistic < 8.0, "{by} {got:?}");
    }
    // Values that are far apart on the scale of the others.
    let mut far = scaled(1e-300, &baseline);
    far.extend([1e154, -1e154]);
    let got = compare(&far, &scaled(1e-300, &current));
    assert!(got.statistic.is_finite() && got.p_value.is_some_and(|p| p > 0.0 && p < 1.0));
}

/// Uniform values: Steele, Lea, Flood, Fast splittable pseudorandom number
/// generators, 2014.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
}

#[test]
fn brunner_munzel_keeps_its_level_with_few_values() {
    let mut state = 7;
    for (n, m) in [(100, 3), (1000, 3)] {
        let mut rejected = [0; 2];
        for _ in 0..400 {
            let baseline: Vec<f64> = (0..n).map(|_| uniform(&mut state)).collect();
            let current: Vec<f64> = (0..m).map(|_| uniform(&mut state)).collect();
            let p = compare("brunner_munzel", &json!({}), &baseline, &current).p_value;
            rejected[0] += i32::from(p.unwrap() <= 0.05);
            rejected[1] += i32::from(p.unwrap() <= 0.001);
        }
        // 20 and 0.4 of 400 expected, with standard deviations of 4.4 and 0.6.
        assert!((10..=30).contains(&rejected[0]), "{n} {m} {rejected:?}");
        assert!(rejected[1] <= 2, "{n} {m} {rejected:?}");
    }
}

#[test]
fn brunner_munzel_counts_the_arrangements() {
    // Two values next to the end of 30: with these 2 of C(32, 2) = 496 choices
    // are as far out, and 2 at the other end.
    let baseline: Vec<f64> = (0..30).map(f64::from).collect();
    let got = compare("brunner_munzel", &json!({}), &baseline, &[28.5, 40.0]);
    let back = compare("brunner_munzel", &json!({}), &[28.5, 40.0], &baseline);
    assert!(
        relative_error(got.p_value.unwrap(), 4.0 / 496.0) < LOG_RTOL,
        "{got:?}"
    );
    assert_eq!(got.p_value, back.p_value);
    // With ties: 57 of C(12, 4) = 495, counted over pairs of values.
    let (baseline, current) = (
        [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 5.0, 5.0],
        [2.0, 5.0, 5.0, 6.0],
    );
    let got = compare("brunner_munzel", &json!({}), &baseline, &current);
    assert!(
        relative_error(got.p_value.unwrap(), 57.0 / 495.0) < LOG_RTOL,
        "{got:?}"
    );
    // Nothing is less probable than one arrangement at either end.
    let baseline: Vec<f64> = (0..2000).map(f64::from).collect();
    let mut current: Vec<f64> = (0..20).map(|i| 3000.0 + f64::from(i)).collect();
    let apart = compare("brunner_munzel", &json!({}), &baseline, &current);
    current[0] = 1998.5;
    let near = compare("brunner_munzel", &json!({}), &baseline, &current);
    assert!(near.log_p_value >= apart.log_p_value, "{near:?} {apart:?}");
    let law = json!({"method": "asymptotic"});
    let law = compare("brunner_munzel", &law, &baseline, &current);
    assert!(law.log_p_value < apart.log_p_value, "{law:?}");
}

#[test]
fn one_tie_changes_little_for_baumgartner_weiss_schindler() {
    let name = "baumgartner_weiss_schindler";
    let baseline: Vec<f64> = (0..1000).map(f64::from).collect();
    let current: Vec<f64> = (0..1000).map(|i| f64::from(i) + 300.5).collect();
    let untied = compare(name, &json!({}), &baseline, &current);
    let mut tied = current.clone();
    tied[0] = 300.0;
    let tied = compare(name, &json!({}), &baseline, &tied);
    let (untied, tied) = (untied.log_p_value.unwrap(), tied.log_p_value.unwrap());
    assert!(
        untied < -100.0 && (untied - tied).abs() < 0.5,
        "{untied} {tied}"
    );
    // Which sample is the baseline makes no difference.
    let back = compare(name, &json!({}), &baseline, &[999.5]);
    assert_eq!(
        back.p_value,
        compare(name, &json!({}), &[999.5], &baseline).p_value
    );
    for m in [7, 30, 50] {
        let (low, high) = (&baseline[..50], &current[..m]);
        let high: Vec<f64> = high.iter().map(|x| (x * 7919.0) % 50.0).collect();
        let got = compare(name, &json!({}), low, &high);
        let back = compare(name, &json!({}), &high, low);
        assert_eq!(got.p_value, back.p_value);
    }
}

#[test]
fn sizes_change_places_to_the_last_bit() {
    let values: Vec<f64> = (0..80).map(|i| f64::from(i * i % 61) / 7.0).collect();
    for name in ["levene", "student", "welch"] {
        for n in 3..30 {
            for m in 3..40 {
                let (baseline, current) = (&values[..n], &values[80 - m..]);
                let got = compare(name, &json!({}), baseline, current);
                let back = compare(name, &json!({}), current, baseline);
                assert_eq!(got.distance, back.distance, "{name} {n} {m}");
                assert_eq!(got.p_value, back.p_value, "{name} {n} {m}");
            }
        }
    }
}
