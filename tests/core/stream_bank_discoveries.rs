//! Banks with a false discovery rate: what e-values select, and how many of those are false.

use driftline::stream::{self, Bank, Detector, OnDrift, Options, Signal};
use ndarray::Array2;
use serde_json::{Map, Value, json};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn detector(name: &str, parameters: Value) -> Box<dyn Detector> {
    let parameters = parameters.as_object().unwrap();
    stream::get(name, parameters, Options::default()).unwrap()
}

/// Looks at the mean of values from 0 to 1, which is 0.5 at most.
fn betting(alpha: f64) -> Box<dyn Detector> {
    let parameters = json!({"target": 0.5, "mode": "up", "alpha": alpha});
    detector("betting_confidence_sequence", parameters)
}

fn log_e_value(one: &dyn Detector) -> f64 {
    one.reading("log_e_value").unwrap()
}

/// Features of which some are larger from a row of their own on, with missing values.
fn rows(n: usize, width: usize) -> Array2<f64> {
    let mut random = Random(11);
    Array2::from_shape_fn((n, width), |(row, feature)| {
        let u = random.uniform();
        match feature {
            _ if random.uniform() < 0.05 => f64::NAN,
            1 => u.sqrt(),
            3 if row >= 60 => 0.8 + 0.2 * u,
            4 if row < 60 => u.sqrt().sqrt(),
            _ => u,
        }
    })
}

/// e-BH as in the paper: the largest k for which k e-values are at least n / (k alpha).
fn selected(log_e_values: &[f64], fdr: f64) -> Vec<bool> {
    let n = log_e_values.len();
    let enough = |k: usize| (n as f64 / (fdr * k as f64)).ln();
    let count = |k: usize| log_e_values.iter().filter(|&&e| e >= enough(k)).count();
    match (1..=n).rev().find(|&k| count(k) >= k) {
        Some(k) => log_e_values.iter().map(|&e| e >= enough(k)).collect(),
        None => vec![false; n],
    }
}

#[test]
fn e_bh_selects_what_the_e_values_of_the_detectors_allow() {
    let (n, width, fdr) = (200, 6, 0.2);
    let rows = rows(n, width);
    let mut bank = Bank::with_fdr(betting(0.05).as_ref(), width, fdr, "e_bh").unwrap();
    let mut at_once = bank.clone();
    let mut all: Vec<_> = (0..width).map(|_| betting(fdr / 6.0)).collect();
    let mut frozen = vec![false; width];
    let mut before = vec![false; width];
    let mut times = vec![0; width];
    let mut expected = Vec::new();
    for (row, values) in rows.rows().into_iter().enumerate() {
        for (feature, one) in all.iter_mut().enumerate() {
            if !frozen[feature] {
                frozen[feature] = one.update(values[feature]).unwrap() == Signal::Drift;
            }
        }
        let log_e_values: Vec<f64> = all.iter().map(|one| log_e_value(one.as_ref())).collect();
        let now = selected(&log_e_values, fdr);
        let new: Vec<usize> = (0..width).filter(|&i| now[i] && !before[i]).collect();
        assert_eq!(bank.update(&values.to_vec()).unwrap(), new, "row {row}");
        assert_eq!(bank.discoveries().unwrap(), now, "row {row}");
        for &feature in &new {
            times[feature] += 1;
            expected.push((row, feature));
            assert_eq!(bank.signals()[feature], Signal::Drift);
        }
        before = now;
    }
    assert!(frozen[1] && frozen[3] && !frozen[0], "{frozen:?}");
    let found = at_once.update_many(rows.view(), false).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.row, one.feature)).collect();
    assert_eq!(found, expected);
    assert_eq!(at_once.state(), bank.state());
    for (feature, one) in all.iter().enumerate() {
        let counts = bank.counts()[feature];
        assert_eq!(counts.n_samples, one.counts().n_samples);
        assert_eq!(counts.n_detections, times[feature]);
    }
}

#[test]
fn a_feature_that_crossed_its_own_limit_keeps_its_e_value_until_it_is_reset() {
    let mut bank = Bank::with_fdr(betting(0.05).as_ref(), 4, 0.1, "e_bh").unwrap();
    let mut row = 0;
    while bank.update(&[1.0, 0.5, 0.5, 0.5]).unwrap().is_empty() {
        row += 1;
        assert!(row < 100);
    }
    let log = |bank: &Bank| log_e_value(bank.detector(0).unwrap());
    let kept = log(&bank);
    assert!(kept >= 40.0_f64.ln());
    for _ in 0..50 {
        assert!(bank.update(&[0.0, 0.5, 0.5, 0.5]).unwrap().is_empty());
        assert_eq!(bank.discoveries().unwrap(), [true, false, false, false]);
    }
    assert_eq!(log(&bank), kept);
    assert_eq!(bank.counts()[0].n_samples, row + 1);
    // What is masked keeps its e-value too.
    bank.set_masked(&[true, false, false, false]).unwrap();
    bank.reset_feature(1).unwrap();
    bank.update(&[0.0; 4]).unwrap();
    assert_eq!(bank.discoveries().unwrap(), [true, false, false, false]);
    bank.set_masked(&[false; 4]).unwrap();
    bank.reset_feature(0).unwrap();
    assert_eq!(bank.discoveries().unwrap(), [false; 4]);
    bank.update(&[0.0; 4]).unwrap();
    assert!(log(&bank) < 0.0);
    bank.reset();
    assert_eq!(log(&bank), 0.0);
    assert_eq!(bank.counts()[0].n_detections, 1);
}

#[test]
fn e_lond_gives_each_run_its_level_as_it_begins() {
    let (n, width, fdr) = (200, 6, 0.3);
    let rows = rows(n, width);
    let mut bank = Bank::with_fdr(betting(0.05).as_ref(), width, fdr, "e_lond").unwrap();
    let mut at_once = bank.clone();
    let mut all: Vec<_> = (0..width).map(|_| betting(1e-100)).collect();
    let level = |t: usize, before: usize| {
        let t = t as f64;
        fdr / (t * (t + 1.0)) * (before + 1) as f64
    };
    let mut levels: Vec<f64> = (1..=width).map(|t| level(t, 0)).collect();
    let (mut n_runs, mut n_found) = (width, 0);
    let mut expected = Vec::new();
    for (row, values) in rows.rows().into_iter().enumerate() {
        let mut found = Vec::new();
        for (feature, one) in all.iter_mut().enumerate() {
            one.update(values[feature]).unwrap();
            if log_e_value(one.as_ref()) >= -levels[feature].ln() {
                found.push(feature);
                *one = betting(1e-100);
            }
        }
        n_found += found.len();
        for &feature in &found {
            n_runs += 1;
            levels[feature] = level(n_runs, n_found);
            expected.push((row, feature));
        }
        assert_eq!(bank.update(&values.to_vec()).unwrap(), found, "row {row}");
        let last: Vec<bool> = (0..width).map(|i| found.contains(&i)).collect();
        assert_eq!(bank.discoveries().unwrap(), last);
        if let Some(&feature) = found.first() {
            // What was found can be read until the next value.
            assert!(bank.statistics()[feature].unwrap() > 1.0);
            assert!(bank.directions()[feature].is_some());
        }
    }
    assert!(n_found >= 4, "{expected:?}");
    let found = at_once.update_many(rows.view(), true).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.row, one.feature)).collect();
    assert_eq!(found, expected);
    let counted: u64 = bank.counts().iter().map(|one| one.n_detections).sum();
    assert_eq!(counted, n_found as u64);
}

#[test]
fn a_reset_costs_a_run_of_e_lond_unless_one_has_just_begun() {
    let mut bank = Bank::with_fdr(betting(0.05).as_ref(), 1, 0.5, "e_lond").unwrap();
    let values_until_found = |bank: &mut Bank| {
        (1..200)
            .find(|_| !bank.update(&[1.0]).unwrap().is_empty())
            .unwrap()
    };
    let mut reset = bank.clone();
    for _ in 0..9 {
        reset.reset();
    }
    // 1 * 2 / 0.5 against 10 * 11 / 0.5.
    let (few, many) = (
        values_until_found(&mut bank),
        values_until_found(&mut reset),
    );
    assert!(few < many, "{few} {many}");
    let mut other = bank.clone();
    other.reset();
    assert_eq!(
        values_until_found(&mut bank),
        values_until_found(&mut other)
    );
}

/// The share of false ones among the discoveries at the last row (e-BH) or of all rows
/// (e-LOND), its standard error, and how many of the true ones were among them. Null features
/// all get the same noise.
fn simulated(detector: &dyn Detector, method: &str, fdr: f64) -> (f64, f64, f64) {
    let (repetitions, n, null, shifted) = (150, 50, 6, 2);
    let width = null + shifted;
    let mut random = Random(method.len() as u64);
    let mut shares = Vec::new();
    let mut power = 0.0;
    for _ in 0..repetitions {
        let mut bank = Bank::with_fdr(detector, width, fdr, method).unwrap();
        let mut found = vec![false; width];
        let (mut n_false, mut n_found) = (0, 0);
        for at in 0..n {
            let u = f64::from(random.uniform() < 0.5);
            let mut row = vec![u; width];
            for x in &mut row[..shifted] {
                *x = if at < 10 { u } else { 1.0 };
            }
            for feature in bank.update(&row).unwrap() {
                n_found += 1;
                n_false += usize::from(feature >= shifted);
                found[feature] = true;
            }
        }
        if method == "e_bh" {
            found = bank.discoveries().unwrap();
            n_found = found.iter().filter(|&&found| found).count();
            n_false = found[shifted..].iter().filter(|&&found| found).count();
        }
        shares.push(n_false as f64 / n_found.max(1) as f64);
        power += found[..shifted].iter().filter(|&&found| found).count() as f64;
    }
    let n = f64::from(repetitions);
    let mean = shares.iter().sum::<f64>() / n;
    let squares: f64 = shares.iter().map(|share| (share - mean).powi(2)).sum();
    let error = (squares / (n * (n - 1.0))).sqrt();
    (mean, error, power / n / shifted as f64)
}

#[test]
fn the_share_of_false_discoveries_is_as_promised_under_dependence() {
    let fdr = 0.3;
    for method in ["e_bh", "e_lond"] {
        let (share, error, power) = simulated(betting(0.05).as_ref(), method, fdr);
        assert!(share <= fdr + 3.0 * error, "{method}: {share} {error}");
        assert!(power > 0.9, "{method}: {power}");
    }
}

#[test]
fn conformal_martingales_find_what_changes_and_little_else() {
    for method in ["e_bh", "e_lond"] {
        let one = detector("conformal_martingale", json!({"alpha": 0.05}));
        let mut bank = Bank::with_fdr(one.as_ref(), 4, 0.2, method).unwrap();
        let mut random = Random(5);
        let mut found = Vec::new();
        for row in 0..500 {
            let u = random.uniform();
            let changed = if row < 250 { u } else { 3.0 + u };
            found.extend(bank.update(&[u, changed, -u, 0.5 * u]).unwrap());
        }
        assert_eq!(found.first(), Some(&1), "{method}");
        assert!(found.iter().all(|&feature| feature == 1), "{method}");
    }
}

#[test]
fn a_stored_bank_goes_on_as_before() {
    for method in ["e_bh", "e_lond"] {
        let rows = rows(160, 6);
        let mut bank = Bank::with_fdr(betting(0.05).as_ref(), 6, 0.2, method).unwrap();
        let (first, rest) = rows.view().split_at(ndarray::Axis(0), 62);
        bank.update_many(first, false).unwrap();
        let text = bank.state().to_string();
        let mut again = Bank::from_state(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(again.fdr(), Some(0.2));
        assert_eq!(again.fdr_method(), Some(method));
        assert_eq!(again.discoveries(), bank.discoveries());
        assert_eq!(again.state(), bank.state());
        let found = bank.update_many(rest, false).unwrap();
        assert_eq!(again.update_many(rest, false).unwrap(), found);
        assert!(!found.is_empty());
        assert_eq!(again.state(), bank.state());
    }
    let plain = Bank::new(betting(0.05).as_ref(), 2).unwrap();
    assert!(plain.state().get("control").is_none());
    assert_eq!(plain.discoveries(), None);
    assert_eq!(Bank::from_state(plain.state()).unwrap().fdr(), None);
}

#[test]
fn refuses_what_has_no_e_values_and_says_why() {
    let refused = |name: &str, parameters: Value, fdr: f64, method: &str| {
        let one = detector(name, parameters);
        let error = Bank::with_fdr(one.as_ref(), 3, fdr, method).unwrap_err();
        error.to_string()
    };
    for name in stream::available() {
        let message = refused(name, json!({}), 0.1, "e_bh");
        assert!(message.contains("fdr: got 0.1 for"), "{message}");
        assert!(message.contains(name), "{message}");
        assert!(
            message.contains("conformal_martingale with alpha"),
            "{message}"
        );
    }
    let why = [
        ("adwin", "no e-values"),
        ("e_detector", "relative to the number of values"),
        ("betting_confidence_sequence", "only with target"),
        ("conformal_martingale", "only with alpha"),
    ];
    for (name, words) in why {
        let message = refused(name, json!({}), 0.1, "e_lond");
        assert!(message.contains(words), "{message}");
    }
    let name = "conformal_martingale";
    for fdr in [0.0, -0.1, 1.0, 1e-13, f64::NAN, f64::INFINITY] {
        let message = refused(name, json!({"alpha": 0.1}), fdr, "e_bh");
        assert!(
            message.contains("fdr") && message.contains("below 1"),
            "{message}"
        );
    }
    let message = refused(name, json!({"alpha": 0.1}), 0.1, "e_hb");
    assert!(
        message.contains("method") && message.contains("e_bh"),
        "{message}"
    );
    let parameters = json!({"alpha": 0.1, "baseline": [1.0, 2.0]});
    let message = refused(name, parameters, 0.1, "e_lond");
    assert!(message.contains("baseline"), "{message}");
    let options = Options {
        on_drift: OnDrift::KeepRecent,
        ..Options::default()
    };
    let parameters: Map<String, Value> = betting(0.1).parameters();
    let one = stream::get("betting_confidence_sequence", &parameters, options).unwrap();
    let error = Bank::with_fdr(one.as_ref(), 3, 0.1, "e_bh").unwrap_err();
    assert!(error.to_string().contains("keep_recent"), "{error}");
    assert!(Bank::with_fdr(betting(0.1).as_ref(), 0, 0.1, "e_bh").is_err());
}
