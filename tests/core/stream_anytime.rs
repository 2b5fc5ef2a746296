//! The anytime-valid detectors: what they promise, on streams that are simulated.

use driftline::stream::{self, Detector, Options};
use serde_json::{Map, Value, json};

/// SplitMix64: uniform numbers by 53 bits.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn coin(&mut self, p: f64) -> f64 {
        f64::from(u8::from(self.uniform() < p))
    }
}

fn detector(name: &str, parameters: Value) -> Box<dyn Detector> {
    let parameters: Map<String, Value> = parameters.as_object().unwrap().clone();
    stream::get(name, &parameters, Options::default()).unwrap()
}

/// The position of the first alarm.
fn first(detector: &mut dyn Detector, values: impl Iterator<Item = f64>) -> Option<usize> {
    let mut values = values;
    values.position(|x| detector.update(x).unwrap() == stream::Signal::Drift)
}

/// The share of `n` streams of `length` values in which there is an alarm.
fn ever(n: u64, length: usize, name: &str, parameters: Value, p: f64) -> f64 {
    let template = detector(name, parameters);
    let alarms = (0..n).filter(|&seed| {
        let mut random = Random(seed << 20);
        let values = (0..length).map(|_| random.coin(p));
        first(&mut *template.fresh(), values).is_some()
    });
    alarms.count() as f64 / n as f64
}

#[test]
fn the_wealth_is_the_hand_computed_one() {
    // One value: half the capital less what is left of it, in equal parts on 24 bets, all
    // with factors 1 + s (1 / 0.5 - 1) = 1 + s above and 1 - s below: the gains of one side
    // are the losses of the other.
    let mut coin = detector("betting_confidence_sequence", json!({"target": 0.5}));
    coin.update(1.0).unwrap();
    assert!(coin.statistic().unwrap().abs() < 1e-12);
    // One-sided: shares in geometric steps from 0.95 down to sqrt(2 ln(1e6) / 1e6).
    let mut up = detector(
        "betting_confidence_sequence",
        json!({"target": 0.5, "mode": "up"}),
    );
    up.update(1.0).unwrap();
    let lowest = (2.0 * 1e6_f64.ln() / 1e6).sqrt();
    let shares = (0..12).map(|lane| 0.95 * (lowest / 0.95).powf(f64::from(lane) / 11.0));
    let left = 0.5 * (1000.0_f64 / 1001.0).sqrt();
    let wealth = left + (1.0 - left) / 12.0 * shares.map(|share| 1.0 + share).sum::<f64>();
    assert!((up.statistic().unwrap() - wealth.ln()).abs() < 1e-12);
    assert_eq!(up.limit(), Some(20_f64.ln()));

    // Two values of the e-detector: M = ((0 + 1) L + 1) L', the mean over the bets.
    let mut sum = detector(
        "e_detector",
        json!({"target": 0.25, "mode": "down", "false_alarm_every": 1000.0}),
    );
    sum.update_many(&[0.0, 1.0]).unwrap();
    let lowest = (2.0 * 1000_f64.ln() / 1000.0 * 0.75 / 0.25).sqrt();
    let shares = (0..12).map(|lane| 0.95 * (lowest / 0.95).powf(f64::from(lane) / 11.0));
    let lanes = shares.map(|s| (1.0 + s * (1.0 / 0.75 - 1.0) + 1.0) * (1.0 - s));
    let wealth = lanes.sum::<f64>() / 12.0;
    assert!((sum.statistic().unwrap() - wealth.ln()).abs() < 1e-12);
    assert!((sum.reading("log_e_value").unwrap() - (wealth / 2.0).ln()).abs() < 1e-12);
}

#[test]
fn the_confidence_sequence_covers_the_mean_at_all_times() {
    let mut misses = 0;
    for seed in 0..200 {
        let mut random = Random(seed << 20);
        let mut watch = detector(
            "betting_confidence_sequence",
            json!({"target": 0.3, "alpha": 0.1}),
        );
        let mut missed = false;
        for _ in 0..300 {
            watch.update(random.coin(0.3)).unwrap();
            let lower = watch.reading("lower").unwrap();
            missed |= !(lower..=watch.reading("upper").unwrap()).contains(&0.3);
        }
        misses += u32::from(missed);
        let width = watch.reading("upper").unwrap() - watch.reading("lower").unwrap();
        assert!(width < 0.4, "{width}");
    }
    assert!(misses <= 20, "{misses} of 200");
}

#[test]
fn ever_alarming_is_as_rare_as_promised() {
    for p in [0.5, 0.05] {
        let rate = ever(
            300,
            600,
            "betting_confidence_sequence",
            json!({"target": p, "alpha": 0.1}),
            p,
        );
        assert!(rate <= 0.1, "target {p}: {rate}");
    }
    let rate = ever(
        300,
        600,
        "betting_confidence_sequence",
        json!({"alpha": 0.2, "warm_start": 50}),
        0.2,
    );
    assert!(rate <= 0.2, "estimated: {rate}");
}

#[test]
fn the_average_run_length_is_as_long_as_promised() {
    for (parameters, p) in [
        (json!({"target": 0.2, "false_alarm_every": 200.0}), 0.2),
        (
            json!({"target": 0.2, "false_alarm_every": 200.0, "kind": "cusum"}),
            0.2,
        ),
        (json!({"false_alarm_every": 200.0, "warm_start": 30}), 0.2),
    ] {
        let template = detector("e_detector", parameters.clone());
        let mut total = 0;
        for seed in 0..100 {
            let mut random = Random(seed << 20);
            let values = (0..2000).map(|_| random.coin(p));
            total += first(&mut *template.fresh(), values).map_or(2000, |at| at + 1);
        }
        assert!(total >= 100 * 200, "{parameters}: {}", total / 100);
    }
}

#[test]
fn dependence_does_not_matter_as_long_as_the_conditional_mean_stays() {
    // The size of a value is that of the one before, its sign a fair coin: a martingale
    // difference of wildly changing spread.
    let mut alarms = 0;
    for seed in 0..200 {
        let mut random = Random(seed << 20);
        let mut watch = detector(
            "betting_confidence_sequence",
            json!({"target": 0.0, "low": -1.0, "high": 1.0, "alpha": 0.1}),
        );
        let mut size = 0.5;
        let values = (0..500).map(|_| {
            size = (size * (0.5 + random.uniform())).clamp(0.01, 1.0);
            size * (2.0 * random.coin(0.5) - 1.0)
        });
        alarms += u32::from(first(&mut *watch, values).is_some());
    }
    assert!(alarms <= 20, "{alarms} of 200");
}

#[test]
fn shifts_are_found_early_and_late_with_their_direction() {
    for name in ["betting_confidence_sequence", "e_detector"] {
        for (before, after, direction) in [
            (0.1, 0.4, stream::Direction::Up),
            (0.5, 0.2, stream::Direction::Down),
        ] {
            for mut parameters in [json!({"target": before}), json!({"warm_start": 500})] {
                if name == "e_detector" {
                    parameters["false_alarm_every"] = 1e6.into();
                }
                for start in [600, 6000] {
                    let mut random = Random(7);
                    let mut watch = detector(name, parameters.clone());
                    let values: Vec<f64> = (0..start + 500)
                        .map(|i| random.coin(if i < start { before } else { after }))
                        .collect();
                    let found = first(&mut *watch, values.into_iter()).unwrap();
                    assert!(
                        (start..start + 200).contains(&found),
                        "{name} {parameters} {start}: {found}"
                    );
                    assert_eq!(watch.direction(), Some(direction));
                }
            }
        }
    }
}

#[test]
fn what_is_allowed_is_no_change() {
    for name in ["betting_confidence_sequence", "e_detector"] {
        let mut random = Random(3);
        let values: Vec<f64> = (0..3000).map(|_| random.coin(0.28)).collect();
        let mut tolerant = detector(name, json!({"target": 0.2, "tolerance": 0.1}));
        assert_eq!(tolerant.update_many(&values).unwrap(), [0_usize; 0]);
        let mut down = detector(name, json!({"target": 0.2, "mode": "down"}));
        assert_eq!(down.update_many(&values).unwrap(), [0_usize; 0]);
        let mut strict = detector(name, json!({"target": 0.2}));
        assert!(!strict.update_many(&values).unwrap().is_empty());
        // At the ends of the range there is nowhere to go, but the other way there is.
        let mut end = detector(name, json!({"target": 1.0}));
        assert_eq!(end.update_many(&[1.0; 50_000]).unwrap(), [0_usize; 0]);
        assert_eq!(end.update_many(&[0.0]).unwrap(), [0]);
        assert_eq!(end.direction(), Some(stream::Direction::Down));
    }
}

#[test]
fn the_examples_of_the_docstrings_are_true() {
    let values: Vec<f64> = (0..1025)
        .map(|i| f64::from(i >= 1000 || i % 2 == 1))
        .collect();
    for (name, n, found) in [
        ("betting_confidence_sequence", 25, 1020),
        ("e_detector", 20, 1015),
    ] {
        let mut watch = detector(name, json!({"target": 0.5}));
        assert_eq!(
            watch.update_many(&values[..1000 + n]).unwrap(),
            [found],
            "{name}"
        );
    }
}

#[test]
fn constants_never_alarm() {
    for name in [
        "betting_confidence_sequence",
        "conformal_martingale",
        "e_detector",
    ] {
        for x in [0.0, 0.1, 0.5, 1.0, 1e15 / 3.0, 1e-300, -4.0] {
            let mut watch = detector(name, json!({}));
            assert_eq!(watch.update_many(&[x; 20_000]).unwrap(), [0_usize; 0]);
        }
    }
    for name in ["betting_confidence_sequence", "e_detector"] {
        let mut watch = detector(name, json!({"target": 0.1}));
        assert_eq!(watch.update_many(&[0.1; 20_000]).unwrap(), [0_usize; 0]);
    }
}

#[test]
fn a_mean_is_the_same_change_in_other_units() {
    let mut random = Random(5);
    let values: Vec<f64> = (0..1500)
        .map(|i| random.coin(if i < 1000 { 0.2 } else { 0.5 }))
        .collect();
    for name in ["betting_confidence_sequence", "e_detector"] {
        let mut plain = detector(name, json!({"target": 0.25}));
        let mut other = detector(name, json!({"target": -6.0, "low": -8.0, "high": 0.0}));
        let moved: Vec<f64> = values.iter().map(|x| 8.0 * x - 8.0).collect();
        assert_eq!(
            plain.update_many(&values).unwrap(),
            other.update_many(&moved).unwrap()
        );
        let mean = plain.reading("estimation").unwrap();
        assert_eq!(other.reading("estimation").unwrap(), 8.0 * mean - 8.0);
    }
}

#[test]
fn values_out_of_range_are_taken_as_its_ends_and_counted() {
    for name in ["betting_confidence_sequence", "e_detector"] {
        let range = json!({"low": -1.0, "high": 3.0, "target": 0.0});
        let (mut given, mut clipped) = (detector(name, range.clone()), detector(name, range));
        let n_clipped = |one: &dyn Detector| one.reading("n_clipped");
        assert_eq!(n_clipped(&*given), Some(0.0));
        // The ends themselves are in the range; what is missing is neither.
        for x in [-1.0, 3.0, -1.001, 1e9, f64::NAN, f64::INFINITY, 0.5] {
            given.update(x).unwrap();
            clipped
                .update(if x.is_finite() { x.clamp(-1.0, 3.0) } else { x })
                .unwrap();
        }
        assert_eq!(n_clipped(&*given), Some(2.0));
        assert_eq!((given.counts().n_samples, given.counts().n_missing), (5, 2));
        // A change begins it anew; that, a reset and a stored state leave the count.
        let drift = |one: &mut dyn Detector, x: f64| first(one, (0..1000).map(|_| x));
        let found = drift(&mut *given, 5.0).unwrap();
        assert_eq!(drift(&mut *clipped, 3.0), Some(found));
        assert_eq!(n_clipped(&*given), Some(3.0 + found as f64));
        given.update(0.0).unwrap();
        given.reset();
        let mut given = stream::from_state(given.state()).unwrap();
        assert_eq!(n_clipped(&*given), Some(3.0 + found as f64));
        given.update(7.0).unwrap();
        assert_eq!(n_clipped(&*given), Some(4.0 + found as f64));
        assert_eq!(n_clipped(&*given.fresh()), Some(0.0));
    }
}

#[test]
fn a_state_goes_on_to_the_last_bit() {
    for (name, parameters) in [
        ("betting_confidence_sequence", json!({"warm_start": 100})),
        ("betting_confidence_sequence", json!({"target": 0.3})),
        ("e_detector", json!({"warm_start": 100})),
        ("e_detector", json!({"target": 0.3, "kind": "cusum"})),
        ("conformal_martingale", json!({"window": 100})),
        ("conformal_martingale", json!({"alpha": 0.1})),
    ] {
        for seen in [0, 50, 150, 700] {
            let mut random = Random(11);
            let mut first = detector(name, parameters.clone());
            for _ in 0..seen {
                first.update(random.uniform()).unwrap();
            }
            let mut second = stream::from_state(first.state()).unwrap();
            for _ in 0..300 {
                let x = random.uniform();
                assert_eq!(first.update(x), second.update(x));
                assert_eq!(first.statistic(), second.statistic());
            }
            assert_eq!(first.state(), second.state());
        }
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    for (name, parameters, argument) in [
        (
            "betting_confidence_sequence",
            json!({"alpha": 0.0}),
            "alpha",
        ),
        (
            "betting_confidence_sequence",
            json!({"alpha": 1.0}),
            "alpha",
        ),
        (
            "e_detector",
            json!({"false_alarm_every": 1.0}),
            "false_alarm_every",
        ),
        ("e_detector", json!({"kind": "sum"}), "kind"),
        ("e_detector", json!({"low": 2.0}), "high"),
        ("e_detector", json!({"low": -1e308, "high": 1e308}), "high"),
        ("e_detector", json!({"target": 1.5}), "target"),
        ("e_detector", json!({"tolerance": -0.1}), "tolerance"),
        ("e_detector", json!({"tolerance": 1.5}), "tolerance"),
        ("e_detector", json!({"warm_start": 0}), "warm_start"),
        ("e_detector", json!({"warm_start": 1_000_000}), "warm_start"),
        ("e_detector", json!({"mode": "sideways"}), "mode"),
    ] {
        let error = stream::get(name, parameters.as_object().unwrap(), Options::default());
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(argument), "{error}");
    }
}
