//! Classical laws of `driftline::math` against 50-digit references.

use driftline::math::{
    beta_cdf, chi_square_log_sf, chi_square_sf, f_log_sf, f_quantile, f_sf, hypergeometric_log_pmf,
    ln_binomial, ln_gamma, noncentral_chi_square_cdf, noncentral_t_cdf, normal_log_sf,
    normal_quantile, normal_sf, student_t_log_sf, student_t_quantile,
};
use serde_json::Value;

use crate::golden::{cases, relative_error};

const NORMAL_RTOL: f64 = 2e-14;
const TAIL_RTOL: f64 = 1e-12;
const LOG_RTOL: f64 = 1e-12;
const QUANTILE_RTOL: f64 = 1e-12;
const NONCENTRAL_RTOL: f64 = 1e-11;
const NONCENTRAL_ATOL: f64 = 1e-12;

/// p, degrees of freedom, quantile: 40 digits by mpmath.
const F_QUANTILES: [(f64, f64, f64, f64); 9] = [
    (0.05, 10.0, 2.0, 0.24373473673655166),
    (0.975, 5.0, 8.0, 4.817275555265533),
    (0.0002500937890702, 19.0, 59.0, 0.2137148970604671),
    (1e-10, 29.0, 99.0, 0.08588654153950137),
    (0.5, 1.0, 1.0, 1.0),
    (0.3, 1.0, 30.0, 0.1513460728124433),
    (1e-06, 2.5, 400.5, 1.4002562081703156e-05),
    (0.2, 999.0, 24.0, 0.8090391639647143),
    (0.9, 3.0, 5000.0, 2.0848908351219584),
];

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
    // Where the tail says enough about its argument.
    for case in cases("classical_laws.json", "f_sf") {
        let (f, tail) = (float(&case, "f"), float(&case, "expected"));
        let (df1, df2) = (float(&case, "df1"), float(&case, "df2"));
        if tail > 1e-290 && tail < 0.9 {
            let quantile = f_quantile(tail, df2, df1).recip();
            let error = relative_error(f_sf(quantile, df1, df2), tail);
            assert!(error < 1e-9, "{case}: {quantile} for {f}, {error:e}");
        }
    }
    for (p, df1, df2, expected) in F_QUANTILES {
        assert!(relative_error(f_quantile(p, df1, df2), expected) < QUANTILE_RTOL);
    }
    assert_eq!(f_quantile(0.0, 1.0, 2.0), 0.0);
    assert_eq!(f_quantile(1.0, 1.0, 2.0), f64::INFINITY);
    assert!(f_quantile(-0.1, 1.0, 2.0).is_nan());
    assert!(f_quantile(0.1, 1.0, f64::INFINITY).is_nan());
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

#[test]
fn counting_laws() {
    let int = |case: &Value, key: &str| case[key].as_u64().unwrap();
    check("ln_binomial", LOG_RTOL, |case| {
        ln_binomial(int(case, "n"), int(case, "k"))
    });
    check("hypergeometric_log_pmf", LOG_RTOL, |case| {
        let (marked, draws) = (int(case, "marked"), int(case, "draws"));
        hypergeometric_log_pmf(int(case, "k"), int(case, "size"), marked, draws)
    });
    assert_eq!(ln_binomial(3, 4), f64::NEG_INFINITY);
    assert_eq!(ln_binomial(3, 3), 0.0);
    for (k, size, marked, draws) in [(3, 9, 2, 5), (0, 9, 7, 5), (0, 9, 10, 5)] {
        let log = hypergeometric_log_pmf(k, size, marked, draws);
        assert_eq!(log, f64::NEG_INFINITY);
    }
    assert_eq!(hypergeometric_log_pmf(0, 9, 0, 5), 0.0);
}

#[test]
fn noncentral_laws() {
    check("noncentral_chi_square_cdf", NONCENTRAL_RTOL, |case| {
        let noncentrality = float(case, "noncentrality");
        noncentral_chi_square_cdf(float(case, "x"), float(case, "df"), noncentrality)
    });
    for case in cases("classical_laws.json", "noncentral_t_cdf") {
        let noncentrality = float(&case, "noncentrality");
        let got = noncentral_t_cdf(float(&case, "t"), float(&case, "df"), noncentrality);
        let error = (got - float(&case, "expected")).abs();
        assert!(
            error < NONCENTRAL_ATOL,
            "{case}: got {got}, error {error:e}"
        );
    }
    // A step in the middle: the normal quantile of the noncentrality.
    let p = noncentral_t_cdf(1e5, 1e6, 1e5);
    assert!((p - 0.5).abs() < 0.01, "{p}");
    assert_eq!(noncentral_t_cdf(f64::INFINITY, 3.0, 1.0), 1.0);
    assert!(noncentral_t_cdf(1.0, 0.5, 1.0).is_nan());
    assert_eq!(noncentral_chi_square_cdf(-1.0, 3.0, 1.0), 0.0);
    assert!(noncentral_chi_square_cdf(1.0, 3.0, -1.0).is_nan());
}
