//! Sliding windows against the tests of `drift` on the same values.

use driftline::drift::{KS, Univariate};
use driftline::stream::{self, Detector, Direction, Options, Signal};
use serde_json::{Map, Value, json};

/// Relative difference from SciPy, which rounds on its way.
const SCIPY: f64 = 1e-9;

fn make(name: &str, parameters: &Value) -> Box<dyn Detector> {
    let map = parameters.as_object().unwrap();
    stream::get(name, map, Options::default()).unwrap()
}

fn refusal(name: &str, parameters: &Value) -> String {
    let map = parameters.as_object().unwrap();
    let error = stream::get(name, map, Options::default()).unwrap_err();
    error.to_string()
}

/// SplitMix64, as in tests/data/generate_stream_scipy_cases.py.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Values from 0 to 1, in steps of 1 / `levels` unless that is 0, moved by `shift` in the
    /// last third.
    fn stream(&mut self, n: usize, levels: usize, shift: f64) -> Vec<f64> {
        let values = (0..n).map(|i| {
            let x = self.uniform();
            let x = if levels == 0 {
                x
            } else {
                (x * levels as f64).floor() / levels as f64
            };
            if i >= n / 3 * 2 { x + shift } else { x }
        });
        values.collect()
    }
}

fn cases() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/streams_scipy.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= SCIPY * theirs.abs()
}

#[test]
fn incremental_ks_is_ks_on_every_window() {
    let mut random = Random(11);
    for (window_size, n_baseline, levels, scale) in [
        (40, 0, 0, 1.0),
        (41, 0, 5, 1.0),
        (9, 0, 3, 1.0),
        (30, 30, 7, 1e100),
        (20, 33, 0, -1e-100),
        (12, 1, 2, 1.0),
        (64, 1000, 40, 1.0),
    ] {
        let values: Vec<f64> = random.stream(240, levels, 0.3);
        let values: Vec<f64> = values.iter().map(|x| x * scale).collect();
        let baseline: Vec<f64> = random.stream(n_baseline, levels, 0.0);
        let baseline: Vec<f64> = baseline.iter().map(|x| x * scale).collect();
        let mut parameters = json!({"window_size": window_size, "alpha": 0.9});
        if n_baseline > 0 {
            parameters["baseline"] = json!(baseline);
        }
        let mut detector = make("incremental_ks", &parameters);
        let mut window: Vec<f64> = Vec::new();
        for &x in &values {
            let signal = detector.update(x).unwrap();
            window.push(x);
            if window.len() > window_size {
                window.remove(0);
            }
            if window.len() < window_size {
                assert_eq!(detector.statistic(), None);
                continue;
            }
            let (older, newer) = if n_baseline > 0 {
                (baseline.as_slice(), window.as_slice())
            } else {
                window.split_at(window_size.div_ceil(2))
            };
            let expected = KS::default().compare(older.into(), newer.into()).unwrap();
            assert_eq!(detector.statistic(), Some(expected.statistic));
            assert_eq!(detector.reading("p_value"), expected.p_value);
            let rare = expected.p_value.unwrap() <= 0.9;
            assert_eq!(signal == Signal::Drift, rare, "{expected:?}");
            assert_eq!(rare, expected.statistic >= detector.limit().unwrap());
            if rare {
                window.clear();
            }
        }
        assert!(detector.counts().n_detections > 0);
    }
}

#[test]
fn incremental_ks_is_that_of_scipy() {
    for case in cases()["incremental_ks"].as_array().unwrap() {
        let number = |key: &str| case[key].as_u64().unwrap();
        let mut random = Random(number("seed"));
        let (n, levels) = (number("n") as usize, number("levels") as usize);
        let shift = case["shift"].as_f64().unwrap();
        let n_baseline = number("n_baseline") as usize;
        let mut parameters = case["parameters"].clone();
        if n_baseline > 0 {
            parameters["baseline"] = json!(random.stream(n_baseline, levels, 0.0));
        }
        let values = random.stream(n, levels, shift);
        let mut detector = make("incremental_ks", &parameters);
        let mut taken = 0;
        for look in case["looks"].as_array().unwrap() {
            let look: (usize, f64, f64) = serde_json::from_value(look.clone()).unwrap();
            let found = detector.update_many(&values[taken..look.0]).unwrap();
            assert_eq!(found, [0; 0]);
            taken = look.0;
            assert!(close(detector.statistic().unwrap(), look.1), "{case}");
            assert!(close(detector.reading("p_value").unwrap(), look.2));
        }
        let drifts: Vec<usize> = serde_json::from_value(case["drifts"].clone()).unwrap();
        let found = make("incremental_ks", &parameters).update_many(&values);
        assert_eq!(found.unwrap(), drifts, "{case}");
    }
}

#[test]
fn seed_is_its_definition_over_all_values() {
    for case in cases()["seed"].as_array().unwrap() {
        let number = |key: &str| case[key].as_u64().unwrap();
        let (n, levels) = (number("n") as usize, number("levels") as usize);
        let shift = case["shift"].as_f64().unwrap();
        let values = Random(number("seed")).stream(n, levels, shift);
        let options = serde_json::from_value(json!({"on_drift": "keep_recent"})).unwrap();
        let map = case["parameters"].as_object().unwrap();
        let mut detector = stream::get("seed", map, options).unwrap();
        let drifts: Vec<usize> = serde_json::from_value(case["drifts"].clone()).unwrap();
        assert_eq!(detector.update_many(&values).unwrap(), drifts, "{case}");
        let n_blocks = detector.reading("n_blocks").unwrap();
        assert_eq!(n_blocks as u64, number("n_blocks"), "{case}");
        if let Some(&last) = drifts.last() {
            let mut detector = stream::get("seed", map, Options::default()).unwrap();
            detector.update_many(&values[..=last]).unwrap();
            let expected = if shift > 0.0 {
                Direction::Up
            } else {
                Direction::Down
            };
            assert_eq!(detector.direction(), Some(expected));
            assert!(detector.statistic() > detector.limit());
        }
    }
}

#[test]
fn seed_keeps_a_bounded_number_of_blocks() {
    // Nothing is merged by itself, and nothing is found.
    let parameters = json!({"block_size": 1, "epsilon_prime": 0.0, "delta": 1e-300});
    let mut detector = make("seed", &parameters);
    for (i, x) in Random(1).stream(1300, 0, 0.0).into_iter().enumerate() {
        assert_eq!(detector.update(x).unwrap(), Signal::Quiet);
        assert_eq!(detector.reading("n_blocks"), Some((i + 1).min(1000) as f64));
    }
    assert_eq!(detector.reading("width"), Some(1300.0));
}

#[test]
fn a_stride_leaves_out_looks_and_nothing_else() {
    let values = Random(4).stream(900, 0, 0.4);
    for name in ["incremental_ks", "windowed_test"] {
        let every = |stride: usize| {
            let parameters = json!({"window_size": 60, "stride": stride, "alpha": 1e-9});
            make(name, &parameters)
        };
        let (mut all, mut some) = (every(1), every(7));
        let first = if name == "incremental_ks" { 60 } else { 120 };
        let mut seen = None;
        for (index, &x) in values.iter().enumerate() {
            let signals = [all.update(x).unwrap(), some.update(x).unwrap()];
            if index + 1 >= first && (index + 1 - first).is_multiple_of(7) {
                assert_eq!(signals[0], signals[1]);
                seen = all.statistic();
                assert!(seen.is_some());
            }
            assert_eq!(some.statistic(), seen, "{name} {index}");
            if signals[0] == Signal::Drift {
                break;
            }
        }
    }
}

#[test]
fn kswin_alarms_where_scipy_and_river_would() {
    for case in cases()["kswin"].as_array().unwrap() {
        let mut parameters = case["parameters"].clone();
        let size = parameters["stat_size"].as_u64().unwrap() as usize;
        parameters["window_size"] = json!(2 * size);
        let detector = make("kswin", &parameters);
        let limit = case["limit"].as_f64().unwrap();
        assert!(close(detector.limit().unwrap(), limit), "{case}");
        // Of a window twice as large as what is drawn, all is drawn: no chance is left.
        let values = Random(9).stream(6 * size, 8, 0.4);
        parameters["seed"] = json!(1);
        let drifts = make("kswin", &parameters).update_many(&values).unwrap();
        parameters["seed"] = json!(2);
        assert_eq!(
            make("kswin", &parameters).update_many(&values).unwrap(),
            drifts
        );
        let mut incremental = make(
            "incremental_ks",
            &json!({"window_size": 2 * size, "alpha": parameters["alpha"]}),
        );
        let mut kswin = make("kswin", &parameters);
        for &x in &values {
            kswin.update(x).unwrap();
            incremental.update(x).unwrap();
            if kswin.signal() == Signal::Drift || incremental.signal() == Signal::Drift {
                break;
            }
            assert_eq!(kswin.statistic(), incremental.statistic());
            assert_eq!(kswin.reading("p_value"), incremental.reading("p_value"));
        }
    }
}

#[test]
fn kswin_draws_by_its_seed_alone() {
    let values = Random(2).stream(3000, 0, 0.25);
    let with = |seed: Value| make("kswin", &json!({"seed": seed, "alpha": 0.05}));
    let drifts = |seed: Value| with(seed).update_many(&values).unwrap();
    assert_eq!(drifts(json!(null)), drifts(json!(0)));
    assert_eq!(drifts(json!(7)), drifts(json!(7)));
    assert_ne!(drifts(json!(7)), drifts(json!(8)));
    // After a change the draws are not those of the beginning.
    let again: Vec<f64> = values[..200].repeat(2);
    let mut detector = with(json!(3));
    let mut statistics = Vec::new();
    for (index, &x) in again.iter().enumerate() {
        if index == 200 {
            detector.reset();
        }
        detector.update(x).unwrap();
        statistics.push(detector.statistic());
    }
    assert_ne!(statistics[..200], statistics[200..]);
}

#[test]
fn kswin_starts_with_the_window_it_is_given() {
    let values = Random(6).stream(300, 0, 0.0);
    let given = make("kswin", &json!({"window": &values[..150]}));
    let mut waiting = make("kswin", &json!({}));
    waiting.update_many(&values[50..150]).unwrap();
    let mut given = given;
    given.update(values[150]).unwrap();
    waiting.update(values[150]).unwrap();
    assert!(given.statistic().is_some());
    // One look more lies behind the other, with its draws.
    given.update(values[151]).unwrap();
    assert_eq!(given.counts().n_samples, 2);
    assert_eq!(waiting.counts().n_samples, 101);
    given.reset();
    assert_eq!(given.update_many(&values[..99]).unwrap(), [0; 0]);
    assert_eq!(given.statistic(), None);
}

#[test]
fn a_change_of_spread_alone_is_found() {
    let mut random = Random(8);
    let values: Vec<f64> = (0..1200)
        .map(|i| (random.uniform() - 0.5) * if i < 600 { 1.0 } else { 6.0 })
        .collect();
    for (name, parameters) in [
        ("kswin", json!({})),
        ("incremental_ks", json!({})),
        ("windowed_test", json!({})),
        ("optwin", json!({"two_sided_test": true})),
    ] {
        let drifts = make(name, &parameters).update_many(&values).unwrap();
        assert!(
            drifts.iter().any(|index| (600..850).contains(index)),
            "{name}: {drifts:?}"
        );
    }
}

#[test]
fn falls_are_told_from_rises() {
    for (shift, direction) in [(0.9, Direction::Up), (-0.9, Direction::Down)] {
        let values = Random(10).stream(900, 0, shift);
        for (name, parameters) in [
            ("kswin", json!({})),
            ("incremental_ks", json!({})),
            ("windowed_test", json!({})),
            ("optwin", json!({"two_sided_test": true})),
        ] {
            let mut detector = make(name, &parameters);
            let first = values
                .iter()
                .position(|&x| detector.update(x).unwrap() == Signal::Drift);
            assert!(first >= Some(600), "{name}: {first:?}");
            assert_eq!(detector.direction(), Some(direction), "{name}");
        }
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    for (name, parameter, parameters) in [
        ("kswin", "alpha", json!({"alpha": 0.0})),
        ("kswin", "stat_size", json!({"stat_size": 51})),
        ("kswin", "stat_size", json!({"stat_size": 0})),
        ("kswin", "window_size", json!({"window_size": 2_000_000})),
        ("kswin", "window", json!({"window": [1.0, 1e200]})),
        // Two of the C(10, 5) orders.
        ("kswin", "7.937e-3", json!({"stat_size": 5, "alpha": 0.005})),
        ("incremental_ks", "window_size", json!({"window_size": 1})),
        ("incremental_ks", "alpha", json!({"alpha": 1.5})),
        ("incremental_ks", "alpha", json!({"window_size": 4})),
        ("incremental_ks", "stride", json!({"stride": 0})),
        ("incremental_ks", "baseline", json!({"baseline": []})),
        (
            "windowed_test",
            "Did you mean \"ks\"",
            json!({"test": "kss"}),
        ),
        (
            "windowed_test",
            "threshold",
            json!({"alpha": 0.1, "threshold": 0.5}),
        ),
        (
            "windowed_test",
            "\"psi\" has no p-value",
            json!({"test": "psi"}),
        ),
        ("seed", "delta", json!({"delta": 0.0})),
        ("seed", "block_size", json!({"block_size": 0})),
        ("seed", "alpha", json!({"alpha": -0.5})),
        ("windowed_test", "alpha", json!({"alpha": 1.0})),
        ("windowed_test", "stride", json!({"stride": 0})),
        ("optwin", "rigor", json!({"rigor": 0.0})),
        ("optwin", "alpha_drift", json!({"alpha_drift": 0.6})),
        ("optwin", "alpha_warning", json!({"alpha_warning": 0.0})),
        (
            "optwin",
            "max_window_length",
            json!({"max_window_length": 50_001}),
        ),
        (
            "optwin",
            "min_window_length",
            json!({"max_window_length": 50, "min_window_length": 51}),
        ),
        ("optwin", "minimum_noise", json!({"minimum_noise": -1e-9})),
        ("optwin", "compat", json!({"compat": "river"})),
        ("windowed_test", "baseline", json!({"baseline": []})),
    ] {
        let error = refusal(name, &parameters);
        assert!(error.contains(parameter), "{name}: {error}");
    }
}

/// Seals a state anew, as one who knows how would.
fn forged(state: &Value, change: impl Fn(&mut Map<String, Value>)) -> Value {
    use sha2::{Digest, Sha256};
    let mut state = state.clone();
    let map = state.as_object_mut().unwrap();
    map.remove("checksum");
    change(map["memory"].as_object_mut().unwrap());
    let digest = Sha256::digest(state.to_string());
    let checksum: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    state["checksum"] = json!(checksum);
    state
}

#[test]
fn parts_that_no_stream_leaves_are_refused() {
    let mut detector = make("optwin", &json!({}));
    detector
        .update_many(&Random(3).stream(300, 0, 0.0))
        .unwrap();
    let state = detector.state();
    assert!(stream::from_state(forged(&state, |_| {})).is_ok());
    for (key, value) in [
        (
            "older",
            json!({"n": 301, "anchor": 0.5, "sum": 0.0, "squares": 1.0}),
        ),
        (
            "older",
            json!({"n": 7, "anchor": 0.5, "sum": 0.0, "squares": 1.0}),
        ),
        (
            "newer",
            json!({"n": 40, "anchor": 1e200, "sum": 0.0, "squares": 1.0}),
        ),
        ("age", json!(2_000)),
        ("values", json!({"values": vec![1.0; 1_001], "start": 0})),
        ("values", json!({"values": [1.0], "start": 0})),
    ] {
        let state = forged(&state, |memory| memory["window"][key] = value.clone());
        assert!(stream::from_state(state).is_err(), "{key}: {value}");
    }
    let state = forged(&state, |memory| memory["look"] = Value::Null);
    assert!(stream::from_state(state).is_err());
}

#[test]
fn states_that_no_stream_leads_to_are_refused() {
    let values = Random(3).stream(500, 0, 0.0);
    for name in ["kswin", "incremental_ks"] {
        let mut detector = make(name, &json!({}));
        detector.update_many(&values).unwrap();
        let state = detector.state();
        assert!(stream::from_state(forged(&state, |_| {})).is_ok());
        for window in [
            json!({"values": [1.0, 2.0], "start": 1}),
            json!({"values": vec![1.0; 1000], "start": 0}),
            json!({"values": vec![1e200; 100], "start": 0}),
            json!({"values": vec![1.0; 100], "start": 100}),
        ] {
            let state = forged(&state, |memory| {
                memory.insert("window".to_owned(), window.clone());
            });
            assert!(stream::from_state(state).is_err(), "{name}");
        }
        let (key, value) = match name {
            "kswin" => ("distance", json!(31)),
            _ => ("wait", json!(1)),
        };
        let state = forged(&state, |memory| {
            memory.insert(key.to_owned(), value.clone());
        });
        assert!(stream::from_state(state).is_err(), "{name}");
    }
}
