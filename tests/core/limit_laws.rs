//! Laws of rank statistics against 50-digit, rational and enumerated references.

use driftline::math::{
    QuadraticForm, Sides, Weighting, anderson_darling_log_sf, cramer_von_mises_log_sf,
    kuiper_log_sf, kuiper_two_sample_log_sf, smirnov_two_sample_log_sf,
};
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// Of the probability, plus what the logarithm of a `f64` can hold.
const RTOL: f64 = 1e-11;

fn float(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

/// ln p may be off by the relative error of p, and by its own rounding.
fn check_log(section: &str, f: impl Fn(&Value) -> f64) {
    let cases = cases("limit_laws.json", section);
    assert!(!cases.is_empty());
    for case in cases {
        let (got, expected) = (f(&case), float(&case, "log_sf"));
        let error = (got - expected).abs();
        let allowed = RTOL + 1e-14 * expected.abs();
        assert!(error <= allowed, "{section} {case}: {got}, {error:e}");
    }
}

#[test]
fn cramer_von_mises_limit() {
    check_log("cramer_von_mises", |case| {
        cramer_von_mises_log_sf(float(case, "x"))
    });
}

#[test]
fn anderson_darling_limit() {
    check_log("anderson_darling", |case| {
        anderson_darling_log_sf(float(case, "x"))
    });
}

fn form(case: &Value) -> QuadraticForm {
    let kind = if case["kind"] == "cramer_von_mises" {
        Weighting::CramerVonMises
    } else {
        Weighting::AndersonDarling
    };
    let groups: Vec<(u64, u64)> = serde_json::from_value(case["groups"].clone()).unwrap();
    let n = groups.iter().map(|g| g.0).sum();
    let m = groups.iter().map(|g| g.1).sum();
    QuadraticForm::new(kind, n, m, groups)
}

#[test]
fn tied_statistics_and_their_moments() {
    for case in cases("limit_laws.json", "tied") {
        let form = form(&case);
        let check = |name: &str, got: f64| {
            let Some(expected) = case[name].as_f64() else {
                return;
            };
            let error = relative_error(got, expected);
            assert!(error <= 1e-12, "{name} {got}, {error:e}: {case}");
        };
        check("statistic", form.statistic());
        check("mean", form.mean());
        check("variance", form.variance());
    }
}

#[test]
fn exact_laws_equal_enumerations() {
    for case in cases("limit_laws.json", "tied") {
        let p = form(&case).exact_log_sf(1 << 22).unwrap().exp();
        let error = relative_error(p, float(&case, "p"));
        assert!(error <= 1e-13, "{p}, {error:e}: {case}");
    }
}

#[test]
fn limit_laws_of_tied_data() {
    for case in cases("limit_laws.json", "tied") {
        let Some(expected) = case["log_sf"].as_f64() else {
            continue;
        };
        let got = form(&case).limit_log_sf(float(&case, "limit_at"));
        let error = (got - expected).abs();
        assert!(
            error <= 1e-9 * (1.0 + expected.abs() * 1e-3),
            "{got}, {error:e}: {case}"
        );
    }
}

fn int(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap()
}

#[test]
fn kuiper_limit() {
    check_log("kuiper", |case| kuiper_log_sf(float(case, "x")));
}

#[test]
fn kuiper_exact() {
    check_log("kuiper_two_sample", |case| {
        let (n, m, r) = (int(case, "n"), int(case, "m"), int(case, "r"));
        let p = kuiper_two_sample_log_sf(n, m, r);
        assert!((kuiper_two_sample_log_sf(m, n, r) - p).abs() < 1e-12 * (1.0 - p));
        p
    });
}

#[test]
fn smirnov_exact() {
    check_log("smirnov_two_sample", |case| {
        let sides = if case["both"] == true {
            Sides::Both
        } else {
            Sides::One
        };
        smirnov_two_sample_log_sf(int(case, "n"), int(case, "m"), int(case, "h"), sides)
    });
}
