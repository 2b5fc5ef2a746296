//! Bayesian online changepoint detection, against exact values and known changes.

use driftline::drift::Parameters;
use driftline::stream::{self, BOCPD, BOCPDParameters, Definition, Detector, Direction, Options};
use serde_json::{Map, Value, json};

/// Of the exact, unpruned recursion.
const EXACT: f64 = 1e-9;

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

    /// About normal.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn count(&mut self, rate: f64) -> f64 {
        // Knuth: as many factors as the product stays above e^-rate.
        let (mut product, mut count) = (self.uniform(), 0.0);
        while product > (-rate).exp() {
            product *= self.uniform();
            count += 1.0;
        }
        count
    }
}

fn detector(parameters: Value) -> Box<dyn Detector> {
    let parameters: Map<String, Value> = parameters.as_object().unwrap().clone();
    stream::get("bocpd", &parameters, Options::default()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn without_pruning_it_is_exact() {
    let data: Value = serde_json::from_str(include_str!("../data/bocpd.json")).unwrap();
    for case in data["cases"].as_array().unwrap() {
        let map = case["parameters"].as_object().unwrap();
        let parameters = BOCPDParameters::from_map("bocpd", map).unwrap();
        let mut method = BOCPD::new(&parameters);
        let expected = ["probability", "run_length", "estimation"];
        let expected = expected.map(|name| (name, numbers(&case[name])));
        for (at, x) in numbers(&case["values"]).into_iter().enumerate() {
            method.step(&parameters, x);
            for (name, values) in &expected {
                let found = method.reading(&parameters, name).unwrap();
                let close = (found - values[at]).abs() <= EXACT * values[at].abs().max(1e-3);
                assert!(close, "{map:?} {name} {at}: {found} {}", values[at]);
            }
        }
    }
}

#[test]
fn pruning_changes_little() {
    let mut random = Random(3);
    let exact = BOCPDParameters {
        prune: 0.0,
        max_run_lengths: 1000,
        ..BOCPDParameters::default()
    };
    let pruned = BOCPDParameters::default();
    let (mut a, mut b) = (BOCPD::new(&exact), BOCPD::new(&pruned));
    for i in 0..600 {
        let x = random.normal() + if i >= 400 { 1.5 } else { 0.0 };
        a.step(&exact, x);
        b.step(&pruned, x);
        let all = a.reading(&exact, "probability").unwrap();
        let few = b.reading(&pruned, "probability").unwrap();
        assert!((all - few).abs() < 0.15, "{i}: {all} {few}");
        let means = (
            a.reading(&exact, "estimation").unwrap(),
            b.reading(&pruned, "estimation").unwrap(),
        );
        assert!((means.0 - means.1).abs() < 0.15, "{i}: {means:?}");
    }
}

#[test]
fn changes_are_found_with_their_direction_and_their_start() {
    let shift = |i: usize| i >= 300;
    type Draw = fn(&mut Random, bool) -> f64;
    let streams: [(&str, Draw, Option<Direction>); 6] = [
        (
            "gaussian",
            |r, s| r.normal() + if s { 3.0 } else { 0.0 },
            Some(Direction::Up),
        ),
        (
            "gaussian",
            |r, s| r.normal() - if s { 3.0 } else { 0.0 },
            Some(Direction::Down),
        ),
        (
            "gaussian",
            |r, s| r.normal() * if s { 5.0 } else { 1.0 },
            None,
        ),
        (
            "bernoulli",
            |r, s| f64::from(u8::from(r.uniform() < if s { 0.7 } else { 0.1 })),
            Some(Direction::Up),
        ),
        (
            "bernoulli",
            |r, s| f64::from(u8::from(r.uniform() < if s { 0.2 } else { 0.8 })),
            Some(Direction::Down),
        ),
        (
            "poisson",
            |r, s| r.count(if s { 20.0 } else { 8.0 }),
            Some(Direction::Up),
        ),
    ];
    for (model, draw, direction) in streams {
        for seed in 0..3 {
            let mut random = Random(100 + seed);
            let mut watch = detector(json!({"model": model, "hazard": 1e-5}));
            let mut found = None;
            for i in 0..400 {
                watch.update(draw(&mut random, shift(i))).unwrap();
                if watch.counts().n_detections == 1 && found.is_none() {
                    found = Some(i);
                    assert!(watch.statistic() >= watch.limit());
                    if direction.is_some() {
                        assert_eq!(watch.direction(), direction, "{model} {seed}");
                    }
                }
            }
            let at = found.unwrap();
            assert!((300..340).contains(&at), "{model} {seed}: {at}");
        }
    }
}

#[test]
fn the_run_length_is_that_since_the_change() {
    let mut random = Random(5);
    let parameters = BOCPDParameters::default();
    let mut method = BOCPD::new(&parameters);
    for i in 0..350 {
        method.step(
            &parameters,
            random.normal() + if i >= 300 { 4.0 } else { 0.0 },
        );
    }
    let length = method.reading(&parameters, "run_length").unwrap();
    assert!((length - 50.0).abs() <= 2.0, "{length}");
    assert_eq!(method.recent(&parameters), length as usize);
}

#[test]
fn constants_never_alarm() {
    for x in [0.0, 0.1, 1.0, -7.0, 1e15 / 3.0, 1e-300, 1e150] {
        let mut watch = detector(json!({}));
        assert_eq!(watch.update_many(&[x; 3000]).unwrap(), [0_usize; 0], "{x}");
    }
    for x in [0.0, 1.0] {
        let mut watch = detector(json!({"model": "bernoulli"}));
        assert_eq!(watch.update_many(&[x; 3000]).unwrap(), [0_usize; 0], "{x}");
    }
    for x in [0.0, 3.0, 1e9] {
        let mut watch = detector(json!({"model": "poisson"}));
        assert_eq!(watch.update_many(&[x; 3000]).unwrap(), [0_usize; 0], "{x}");
    }
}

#[test]
fn an_outlier_does_not_blind() {
    for model in ["gaussian", "poisson"] {
        let mut random = Random(8);
        let mut watch = detector(json!({"model": model}));
        let mut values: Vec<f64> = (0..1000)
            .map(|i| random.count(if i < 700 { 5.0 } else { 60.0 }))
            .collect();
        values[200] = 1e149;
        values[201] = f64::NAN;
        watch.update_many(&values[..690]).unwrap();
        let before = watch.counts().n_detections;
        let found = watch.update_many(&values[690..]).unwrap();
        assert!((10..40).contains(&found[0]), "{model}: {before} {found:?}");
        assert!(watch.statistic().unwrap().is_finite());
    }
}

#[test]
fn a_model_takes_its_values_only() {
    for (model, x) in [
        ("bernoulli", 0.5),
        ("bernoulli", -1.0),
        ("poisson", 1.5),
        ("poisson", -1.0),
    ] {
        let mut watch = detector(json!({"model": model}));
        let error = watch.update(x).unwrap_err().to_string();
        assert!(error.starts_with("x: got"), "{error}");
        assert!(watch.update_many(&[1.0, x]).is_err());
        assert_eq!(watch.counts().n_samples, 0);
    }
}

#[test]
fn a_state_goes_on_to_the_last_bit() {
    for model in ["gaussian", "bernoulli", "poisson"] {
        let mut random = Random(4);
        let mut first = detector(json!({"model": model}));
        for seen in [0, 1, 300] {
            for _ in 0..seen {
                first.update(random.uniform().round()).unwrap();
            }
            let mut second = stream::from_state(first.state()).unwrap();
            for _ in 0..50 {
                let x = random.uniform().round();
                assert_eq!(first.update(x), second.update(x));
                assert_eq!(first.statistic(), second.statistic());
            }
            assert_eq!(first.state(), second.state());
        }
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    for (parameters, argument) in [
        (json!({"hazard": 0.0}), "hazard"),
        (json!({"hazard": 1.0}), "hazard"),
        (json!({"threshold": 0.0}), "threshold"),
        (json!({"window": 0}), "window"),
        (json!({"prior_kappa": 0.0}), "prior_kappa"),
        (json!({"prior_alpha": -1.0}), "prior_alpha"),
        (json!({"prior_beta": 0.0}), "prior_beta"),
        (json!({"prior_mean": 1e200}), "prior_mean"),
        (json!({"prune": 1.0}), "prune"),
        (json!({"max_run_lengths": 1}), "max_run_lengths"),
        (json!({"model": "cauchy"}), "model"),
    ] {
        let error = stream::get("bocpd", parameters.as_object().unwrap(), Options::default());
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(argument), "{error}");
    }
}

#[test]
fn the_example_of_the_docstring_is_true() {
    let values: Vec<f64> = (0..200)
        .map(|x| f64::from(if x < 100 { x % 2 } else { 4 + 3 * (x % 2) }))
        .collect();
    assert_eq!(detector(json!({})).update_many(&values).unwrap(), [100]);
}
