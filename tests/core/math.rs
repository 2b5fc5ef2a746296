//! `driftline::math` against 50-digit and rational references.

use driftline::math::{
    SampleMoments, Sides, kolmogorov_sf, kstwo_sf, mean, moments, smirnov_sf,
    smirnov_two_sample_sf, student_t_sf, sum,
};
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// What the documentation of the tail functions promises.
const TAIL_RTOL: f64 = 1e-11;
/// SciPy's own Durbin and Pelz-Good branches agree with ours to this.
const SCIPY_RTOL: f64 = 1e-9;

fn check(section: &str, rtol: f64, f: impl Fn(&Value) -> f64) {
    let cases = cases("math.json", section);
    assert!(!cases.is_empty());
    for case in cases {
        let error = relative_error(f(&case), case["expected"].as_f64().unwrap());
        assert!(
            error <= rtol,
            "{section} {case}: got {}, relative error {error:e}",
            f(&case)
        );
    }
}

fn float(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

fn int(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap()
}

#[test]
fn student_t_tail_keeps_its_relative_accuracy() {
    check("student_t_sf", TAIL_RTOL, |case| {
        student_t_sf(float(case, "t"), float(case, "df"))
    });
}

#[test]
fn smirnov_tail_keeps_its_relative_accuracy() {
    check("smirnov_sf", TAIL_RTOL, |case| {
        smirnov_sf(int(case, "n"), float(case, "x"))
    });
}

#[test]
fn two_sample_law_equals_counted_paths() {
    check("smirnov_two_sample_sf", TAIL_RTOL, |case| {
        let sides = if case["both"] == true {
            Sides::Both
        } else {
            Sides::One
        };
        smirnov_two_sample_sf(int(case, "n"), int(case, "m"), int(case, "h"), sides)
    });
}

#[test]
fn kolmogorov_limit() {
    check("kolmogorov_sf", TAIL_RTOL, |case| {
        kolmogorov_sf(float(case, "z"))
    });
}

#[test]
fn kstwo_agrees_with_scipy() {
    check("kstwo_sf", SCIPY_RTOL, |case| {
        kstwo_sf(int(case, "n"), float(case, "x"))
    });
}

#[test]
fn means_do_not_overflow_nor_leave_the_range() {
    assert_eq!(mean(&[f64::MAX, f64::MAX, f64::MAX]), f64::MAX);
    assert_eq!(mean(&[f64::MAX, -f64::MAX]), 0.0);
    assert_eq!(mean(&[0.1; 7]), 0.1);
    assert!(mean(&[]).is_nan());
    assert_eq!(moments(&[1e200, -1e200]).variance, f64::INFINITY);
    assert_eq!(moments(&[3.0]).variance, 0.0);
    // 1e9 + k / 1024 is exact, its mean is not.
    let far: Vec<f64> = (0..7).map(|k| 1e9 + f64::from(k * k) / 1024.0).collect();
    let SampleMoments { mean, rest, .. } = moments(&far);
    assert!(relative_error((mean - 1e9) + rest, 13.0 / 1024.0) < TAIL_RTOL);
    assert_eq!(sum(&[]), 0.0);
}

#[test]
fn a_mean_never_panics() {
    assert!(mean(&[]).is_nan());
    assert!(mean(&[f64::NAN; 9]).is_nan());
    assert!(mean(&[1.0, f64::NAN, 2.0]).is_nan());
    assert!(mean(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    assert_eq!(mean(&[5e-324, 0.0]), 0.0);
}
