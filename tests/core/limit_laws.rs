//! Laws of rank statistics against 50-digit, rational and enumerated references.

use driftline::drift::{TestResult, get};
use driftline::math::{
    QuadraticForm, Sides, Weighting, anderson_darling_log_sf, anderson_darling_sigma,
    anderson_darling_two_sample_log_sf, cramer_von_mises_log_sf,
    cramer_von_mises_two_sample_log_sf, kstwo_log_sf, kuiper_log_sf,
    kuiper_two_sample_limit_log_sf, kuiper_two_sample_log_sf, smirnov_two_sample_limit_log_sf,
    smirnov_two_sample_log_sf,
};
use serde_json::{Value, json};

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
        let got = form(&case).asymptotic_log_sf(float(&case, "limit_at"));
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

fn compare(name: &str, params: &Value, case: &Value) -> TestResult {
    let values = |key: &str| -> Vec<f64> { serde_json::from_value(case[key].clone()).unwrap() };
    let (baseline, current) = (values("baseline"), values("current"));
    let test = get(name, params.as_object().unwrap()).unwrap();
    let view = |values: &[f64]| ndarray::ArrayView1::from(values).to_owned();
    test.compare(view(&baseline).view(), view(&current).view())
        .unwrap()
}

#[test]
fn small_samples_are_judged_exactly() {
    for case in cases("limit_laws.json", "judged") {
        for name in ["cramer_von_mises", "anderson_darling"] {
            let (got, expected) = (compare(name, &json!({}), &case), &case[name]);
            if let Some(statistic) = expected["statistic"].as_f64() {
                let error = (got.statistic - statistic).abs();
                assert!(error <= 1e-11 * (1.0 + statistic.abs()), "{got:?}: {case}");
            }
            let error = relative_error(got.p_value.unwrap(), float(expected, "p_value"));
            assert!(error <= 1e-12, "{got:?}: {error:e} {case}");
        }
    }
}

#[test]
fn asymptotic_p_values_are_those_of_scipy() {
    for case in cases("limit_laws.json", "asymptotic") {
        let got = compare("cramer_von_mises", &json!({"method": "asymptotic"}), &case);
        assert!(relative_error(got.statistic, float(&case, "statistic")) < 1e-10);
        // SciPy's own error
        let error = (got.p_value.unwrap() - float(&case, "p_value")).abs();
        assert!(error < 1e-9, "{got:?} {error:e}");
    }
}

#[test]
fn ties_are_judged_as_by_a_million_permutations() {
    for case in cases("limit_laws.json", "permuted") {
        let form = form(&case);
        let p = form.limit_log_sf(form.statistic()).exp();
        let expected = float(&case, "p");
        let allowed = 5.0 * float(&case, "standard_error") + 0.02 * expected;
        // Few levels make steps that no continuous law follows.
        let steps = if form_levels(&case) <= 3 { 0.1 } else { 0.0 };
        let error = (p - expected).abs();
        assert!(error <= allowed + steps * expected, "{p}: {case}");
        if let Some(exact) = form.exact_log_sf(1 << 22) {
            let error = (exact.exp() - expected).abs();
            assert!(
                error <= 5.0 * float(&case, "standard_error"),
                "{exact}: {case}"
            );
        }
    }
}

fn form_levels(case: &Value) -> usize {
    case["groups"].as_array().unwrap().len()
}

#[test]
fn a_single_value_is_judged_by_where_it_may_lie() {
    let sizes = [1, 2, 1, 1, 5, 1, 3, 1, 1, 2, 1, 7, 1, 1, 1];
    let m = sizes.iter().sum::<u64>() - 1;
    for kind in [Weighting::CramerVonMises, Weighting::AndersonDarling] {
        let forms: Vec<(QuadraticForm, u64)> = (0..sizes.len())
            .map(|at| {
                let groups = sizes.iter().enumerate();
                let groups = groups.map(|(i, &t)| (u64::from(i == at), t - u64::from(i == at)));
                (QuadraticForm::new(kind, 1, m, groups), sizes[at])
            })
            .collect();
        for (form, _) in &forms {
            let least = form.statistic() - 1e-10;
            let others = forms.iter().filter(|x| x.0.statistic() >= least);
            let expected = others.map(|x| x.1).sum::<u64>() as f64 / (m + 1) as f64;
            let got = form.exact_log_sf(0).unwrap().exp();
            assert!(relative_error(got, expected) < 1e-14, "{got} {expected}");
        }
    }
}

/// One by one, with so many values of the first kind in front.
fn shifted(n: u64, m: u64, front: u64) -> Vec<(u64, u64)> {
    let mut groups = vec![(1, 0); front as usize];
    let (mut own, mut other) = (n - front, m);
    while own + other > 0 {
        let first = own * m >= other * n && own > 0;
        groups.push(if first { (1, 0) } else { (0, 1) });
        own -= u64::from(first);
        other -= u64::from(!first);
    }
    groups
}

/// No cliff where the exact law hands over to the limit: by ln p.
#[test]
fn finite_sample_laws_follow_the_exact_ones() {
    for (n, m) in [(17, 17), (14, 20), (20, 20)] {
        for front in 0..10 {
            for kind in [Weighting::CramerVonMises, Weighting::AndersonDarling] {
                let form = QuadraticForm::new(kind, n, m, shifted(n, m, front));
                let Some(exact) = form.exact_log_sf(1 << 19) else {
                    continue;
                };
                let statistic = form.statistic();
                let limit = match kind {
                    Weighting::CramerVonMises => {
                        cramer_von_mises_two_sample_log_sf(n, m, statistic)
                    }
                    Weighting::AndersonDarling => {
                        let deviation = form.variance().sqrt();
                        anderson_darling_two_sample_log_sf(n, m, statistic, deviation)
                    }
                };
                // 8 % at p = 1e-3, and in ln p 4 % beyond.
                let allowed = 0.03 + 0.008 * exact.abs() + 0.04 * (exact.abs() - 7.0).max(0.0);
                assert!(
                    (limit - exact).abs() < allowed,
                    "{kind:?} {n} {m} {front}: {limit} {exact}"
                );
            }
        }
    }
}

/// Mid-ranks vary a little less than the formula without them says, the less the
/// more values there are.
#[test]
fn the_deviation_of_mid_ranks_approaches_the_formula() {
    for (n, m) in [(20, 20), (400, 600), (510, 510)] {
        let form = QuadraticForm::new(Weighting::AndersonDarling, n, m, shifted(n, m, 0));
        let ratio = form.variance() / anderson_darling_sigma(n, m).powi(2);
        let total = (n + m) as f64;
        assert!((ratio - 1.0).abs() < 4.0 / total, "{n} {m}: {ratio}");
    }
}

#[test]
fn corrected_limits_follow_the_exact_laws() {
    for (n, m) in [(1000, 1500), (400, 400), (900, 1000)] {
        let unit = ((n + m) as f64 / (n * m) as f64).sqrt();
        let lcm = [(1000, 3000), (400, 400), (900, 9000)]
            .iter()
            .find(|x| x.0 == n)
            .map_or(0, |x| x.1);
        for z in [0.7, 1.0, 1.4, 2.0, 3.0] {
            let h = (z * unit * lcm as f64) as u64;
            for sides in [Sides::One, Sides::Both] {
                let exact = smirnov_two_sample_log_sf(n, m, h, sides);
                let limit = smirnov_two_sample_limit_log_sf(n, m, h, sides);
                assert!((limit - exact).abs() < 0.03, "{n} {m} {z}: {limit} {exact}");
            }
            let r = (1.4 * z * unit * lcm as f64) as u64;
            let exact = kuiper_two_sample_log_sf(n, m, r);
            let limit = kuiper_two_sample_limit_log_sf(n, m, r);
            let allowed = 0.03 + 0.002 * exact.abs();
            assert!(
                (limit - exact).abs() < allowed,
                "{n} {m} {z}: {limit} {exact}"
            );
        }
    }
}

/// Upper points as they were printed.
#[test]
fn published_tables() {
    let check = |points: &[(f64, f64)], rtol: f64, log_sf: &dyn Fn(f64) -> f64| {
        for &(x, p) in points {
            assert!(relative_error(log_sf(x).exp(), p) < rtol, "{x} {p}");
        }
    };
    // Anderson, Darling, 1952, table 1.
    let table = [
        (0.34730, 0.1),
        (0.46136, 0.05),
        (0.74346, 0.01),
        (1.16786, 0.001),
    ];
    check(&table, 1e-4, &cramer_von_mises_log_sf);
    // Marsaglia, Marsaglia, Evaluating the Anderson-Darling distribution, 2004.
    let table = [(1.932_958, 0.1), (2.492_367, 0.05), (3.878_125, 0.01)];
    check(&table, 1e-5, &anderson_darling_log_sf);
    // Stephens, 1970, table 1: upper points of V*.
    let table = [(1.620, 0.1), (1.747, 0.05), (1.862, 0.025), (2.001, 0.01)];
    check(&table, 4e-3, &kuiper_log_sf);
}

#[test]
fn logarithms_do_not_end() {
    assert!(kstwo_log_sf(5000, 0.6).is_finite());
    let near = [kstwo_log_sf(2000, 0.566), kstwo_log_sf(2000, 0.570)];
    // Either side of where a `f64` has been left.
    assert!(near[0] > near[1] && near[0] - near[1] < 30.0, "{near:?}");
    let far: Vec<f64> = (0..1500).map(f64::from).collect();
    let away: Vec<f64> = far.iter().map(|x| x + 1e6).collect();
    for (baseline, current) in [(&far, &away), (&away, &far)] {
        let case = json!({"baseline": baseline, "current": &current[..1100]});
        for name in ["ks", "kuiper", "cramer_von_mises", "anderson_darling"] {
            let got = compare(name, &json!({}), &case);
            let ln = got.log_p_value.unwrap();
            assert!(ln < -800.0 && ln.is_finite(), "{got:?}");
        }
    }
}

/// Where the exact law is handed over to the limit, at some 4e6 lattice points.
#[test]
fn few_values_against_very_many_follow_the_exact_law() {
    for (n, m) in [(2, 200_001), (10, 40_001), (60, 20_011), (300, 16_001)] {
        // Without common divisors.
        let lcm = n * m;
        for share in [0.3, 0.7, 0.9999] {
            let h = (share * lcm as f64) as u64;
            let exact = smirnov_two_sample_log_sf(n, m, h, Sides::Both);
            let limit = smirnov_two_sample_limit_log_sf(n, m, h, Sides::Both);
            let allowed = 1e-3 + 2e-4 * exact.abs();
            let error = (limit - exact).abs();
            assert!(error < allowed, "{n} {m} {share}: {limit} {exact}");
        }
    }
}

/// One value after the other joins the larger sample.
#[test]
fn no_number_of_values_is_a_cliff_for_kolmogorov_and_smirnov() {
    let walk = |few: usize, sizes: std::ops::Range<usize>| {
        let mut last: Option<f64> = None;
        for n in sizes {
            // All of the few above nine tenths of the many.
            let many: Vec<f64> = (0..n).map(|i| i as f64 / n as f64).collect();
            let above: Vec<f64> = (0..few)
                .map(|i| 0.9 + 1e-3 * i as f64 / few as f64)
                .collect();
            let case = json!({"baseline": many, "current": above});
            let ln = compare("ks", &json!({}), &case).log_p_value.unwrap();
            if let Some(last) = last {
                // A place among n is a step of few / n for ln p.
                let allowed = 0.002 + 12.0 * few as f64 / n as f64;
                assert!((ln - last).abs() < allowed, "{few} {n}: {last} {ln}");
            }
            last = Some(ln);
        }
    };
    walk(2, 9_998..10_004);
    walk(10, 15_785..15_791);
    walk(100, 39_998..40_003);
    walk(100, 66_640..66_650);
    // SciPy: ks_2samp(method="exact")
    let many: Vec<f64> = (0..10_001).map(f64::from).collect();
    let case = json!({"baseline": many, "current": [9_900.5, 9_950.5]});
    let p = compare("ks", &json!({}), &case).p_value.unwrap();
    // C(100 + 2, 2) of C(10,003, 2) orders, on either side.
    let expected = 2.0 * (101.0 * 102.0) / (10_002.0 * 10_003.0);
    assert!(relative_error(p, expected) < 1e-10, "{p} {expected}");
}

/// A few at one end, `below` others beyond them.
fn at_the_end(few: u64, n: u64, below: u64) -> Vec<(u64, u64)> {
    let mut groups = vec![(0, 1); (n - below) as usize];
    groups.extend(vec![(1, 0); few as usize]);
    groups.extend(vec![(0, 1); below as usize]);
    groups
}

#[test]
fn bounded_limits_follow_the_exact_laws_to_the_end() {
    for (few, n) in [(2u64, 280u64), (3, 110), (5, 40), (10, 24), (15, 17)] {
        for kind in [Weighting::CramerVonMises, Weighting::AndersonDarling] {
            for below in [0u64, 1, 2, 4, 8, 12, 16, 24, 40, 80] {
                if 2 * below > n {
                    continue;
                }
                let form = QuadraticForm::new(kind, few, n, at_the_end(few, n, below));
                let Some(exact) = form.exact_log_sf(1 << 21) else {
                    continue;
                };
                let deviation = form.variance().sqrt();
                let limit = |x: f64| match kind {
                    Weighting::CramerVonMises => cramer_von_mises_two_sample_log_sf(few, n, x),
                    Weighting::AndersonDarling => {
                        anderson_darling_two_sample_log_sf(few, n, x, deviation)
                    }
                };
                let bounded = form.bounded_log_sf(form.statistic(), limit);
                let allowed = if below == 0 {
                    1e-9
                } else {
                    0.05 + 0.1 * exact.abs()
                };
                assert!(
                    (bounded - exact).abs() < allowed,
                    "{kind:?} {few} {n} {below}: {bounded} {exact}"
                );
            }
        }
    }
}

#[test]
fn separated_samples_are_two_arrangements_in_all() {
    for name in ["cramer_von_mises", "anderson_darling", "ks"] {
        for (few, n) in [
            (2, 289),
            (2, 290),
            (3, 115),
            (3, 116),
            (10, 24),
            (10, 25),
            (5, 3_000),
            (3, 100_100),
        ] {
            let baseline: Vec<f64> = (0..n).map(f64::from).collect();
            let current: Vec<f64> = (0..few).map(|i| f64::from(n + i)).collect();
            let case = json!({"baseline": baseline, "current": current});
            let got = compare(name, &json!({}), &case).log_p_value.unwrap();
            let orders = driftline::math::ln_binomial((n + few) as u64, few as u64);
            let expected = std::f64::consts::LN_2 - orders;
            assert!(
                (got - expected).abs() < 1e-9,
                "{name} {few} {n}: {got} {expected}"
            );
        }
    }
}

#[test]
fn separated_samples_are_one_run_each_on_the_circle() {
    for (few, n) in [(2, 7), (3, 20), (10, 30), (3, 700_000)] {
        let baseline: Vec<f64> = (0..n).map(f64::from).collect();
        let current: Vec<f64> = (0..few).map(|i| f64::from(n + i)).collect();
        let case = json!({"baseline": baseline, "current": current});
        let got = compare("kuiper", &json!({}), &case).log_p_value.unwrap();
        let total = (n + few) as u64;
        let expected = (total as f64).ln() - driftline::math::ln_binomial(total, few as u64);
        assert!((got - expected).abs() < 1e-9, "{few} {n}: {got} {expected}");
        if n < 100 {
            // The lattice agrees.
            let steps = n * few / common_divisor(n, few);
            let exact = kuiper_two_sample_log_sf(n as u64, few as u64, steps as u64);
            assert!(
                (exact - expected).abs() < 1e-11,
                "{few} {n}: {exact} {expected}"
            );
        }
    }
}

fn common_divisor(a: i32, b: i32) -> i32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
