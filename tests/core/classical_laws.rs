//! Classical laws of `driftline::math` against 50-digit references.

use driftline::math::{
    beta_cdf, chi_square_log_sf, chi_square_sf, f_log_sf, f_sf, ln_gamma, normal_log_sf,
    normal_quantile, normal_sf, student_t_log_sf, student_t_quantile,
};
use serde_json::Value;

use crate::golden::{cases, relative_error};

const NORMAL_RTOL: f64 = 2e-14;
const TAIL_RTOL: f64 = 1e-12;
const LOG_RTOL: f64 = 1e-12;
const QUANTILE_RTOL: f64 = 1e-12;

fn check(section: &str, rtol: f64, f: impl Fn(&Value) -> f64) {
    let cases = cases("classical_laws.json", section);
    assert!(!cases.is_empty());
    let mut worst = (0.0, String::new());
    for case in cases {
        let got = f(&case);
        let error = relative_error(got, case["expected"].as_f64().unwrap());
        if error.is_nan() || error > worst.0 {
            worst = (error, format!("{case}: got {got:e}"));
        }
    }
    println!("{section}: worst relative error {:e}, {}", worst.0, worst.1);
    assert!(worst.0 <= rtol, "{section} {}: {:e}", worst.1, worst.0);
}

fn float(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

/// The logarithm is checked where the probability is not near 1.
fn check_log(section: &str, f: impl Fn(&Value) -> f64) {
    check(section, LOG_RTOL, f);
}

#[test]
fn normal_law() {
    check("normal_sf", NORMAL_RTOL, |case| normal_sf(float(case, "x")));
    check_log("normal_log_sf", |case| normal_log_sf(float(case, "x")));
    check("normal_quantile", QUANTILE_RTOL, |case| {
        normal_quantile(float(case, "p"))
    });
    assert_eq!(normal_sf(f64::INFINITY), 0.0);
    assert_eq!(normal_sf(f64::NEG_INFINITY), 1.0);
    assert_eq!(normal_log_sf(f64::INFINITY), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert_eq!(normal_quantile(0.5), 0.0);
    for nan in [
        normal_sf(f64::NAN),
        normal_log_sf(f64::NAN),
        normal_quantile(1.1),
    ] {
        assert!(nan.is_nan());
    }
}

#[test]
fn chi_square_law() {
    check("chi_square_sf", TAIL_RTOL, |case| {
        chi_square_sf(float(case, "x"), float(case, "df"))
    });
    check_log("chi_square_log_sf", |case| {
        chi_square_log_sf(float(case, "x"), float(case, "df"))
    });
    assert_eq!(chi_square_sf(-1.0, 3.0), 1.0);
    assert_eq!(chi_square_log_sf(f64::INFINITY, 3.0), f64::NEG_INFINITY);
    assert!(chi_square_sf(1.0, 0.0).is_nan());
    assert!(chi_square_sf(f64::NAN, 1.0).is_nan());
}

#[test]
fn f_law() {
    check("f_sf", TAIL_RTOL, |case| {
        f_sf(float(case, "f"), float(case, "df1"), float(case, "df2"))
    });
    check_log("f_log_sf", |case| {
        f_log_sf(float(case, "f"), float(case, "df1"), float(case, "df2"))
    });
    check("beta_cdf", TAIL_RTOL, |case| {
        beta_cdf(float(case, "x"), float(case, "a"), float(case, "b"))
    });
    assert_eq!(f_sf(0.0, 1.0, 2.0), 1.0);
    assert_eq!(f_sf(f64::INFINITY, 1.0, 2.0), 0.0);
    assert!(f_sf(1.0, -1.0, 2.0).is_nan());
    assert!(beta_cdf(1.5, 1.0, 2.0).is_nan());
    assert_eq!(beta_cdf(0.0, 1.0, 2.0), 0.0);
    assert_eq!(beta_cdf(1.0, 1.0, 2.0), 1.0);
}

#[test]
fn student_law() {
    check_log("student_t_log_sf", |case| {
        student_t_log_sf(float(case, "t"), float(case, "df"))
    });
    check("student_t_quantile", QUANTILE_RTOL, |case| {
        student_t_quantile(float(case, "p"), float(case, "df"))
    });
    assert_eq!(student_t_quantile(0.5, 3.0), 0.0);
    assert_eq!(student_t_quantile(0.0, 3.0), f64::NEG_INFINITY);
    assert_eq!(student_t_quantile(1.0, 3.0), f64::INFINITY);
    assert!(student_t_quantile(0.2, 0.0).is_nan());
}

#[test]
fn gamma_function() {
    check("ln_gamma", LOG_RTOL, |case| ln_gamma(float(case, "x")));
    assert_eq!(ln_gamma(0.0), f64::INFINITY);
    assert!(ln_gamma(-0.5).is_nan());
}
