//! The conformal test martingale: what it promises, on streams that are simulated.

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

#[test]
fn conformal_p_values_are_independent_and_uniform() {
    // A small bag, in which a bag that is not renewed would be far from it.
    let mut watch = detector(
        "conformal_martingale",
        json!({"window": 5, "false_alarm_every": 1e12}),
    );
    let mut random = Random(21);
    let values: Vec<f64> = (0..20_000)
        .map(|_| {
            watch.update(random.uniform().powi(3)).unwrap();
            watch.reading("p_value").unwrap()
        })
        .collect();
    // Kolmogorov's distance below its 0.1 % quantile, 1.95 / sqrt(n).
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = sorted.iter().enumerate().map(|(i, p)| {
        let i = i as f64;
        ((i + 1.0) / n - p).max(p - i / n)
    });
    assert!(distance.fold(0.0, f64::max) < 1.95 / n.sqrt());
    // Correlations over several lags below 4 standard errors.
    for lag in 1..=12 {
        let pairs = values.iter().zip(&values[lag..]);
        let sum: f64 = pairs.map(|(a, b)| 12.0 * (a - 0.5) * (b - 0.5)).sum();
        assert!(sum.abs() < 4.0 * n.sqrt(), "{lag}: {}", sum / n);
    }
}

#[test]
fn conformal_bets_integrate_to_one() {
    // With an empty bag p is theta: mean wealth of the first value over many seeds is 1.
    for mode in ["up", "down", "both"] {
        let n = 4000;
        let mean = (0..n).map(|seed| {
            let mut watch = detector(
                "conformal_martingale",
                json!({"seed": seed, "mode": mode, "false_alarm_every": 1e12}),
            );
            watch.update(0.0).unwrap();
            watch.statistic().unwrap().exp().min(20.0)
        });
        let mean = mean.sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 0.06, "{mode}: {mean}");
    }
}

#[test]
fn a_conformal_martingale_keeps_its_promises() {
    // Cauchy values: no moment exists.
    let cauchy = |random: &mut Random| (std::f64::consts::PI * (random.uniform() - 0.5)).tan();
    let mut alarms = 0;
    let mut length = 0;
    for seed in 0..200 {
        let mut random = Random(seed << 20);
        let ever = json!({"alpha": 0.1, "window": 50, "seed": seed});
        let mut ever = detector("conformal_martingale", ever);
        let mut often = detector(
            "conformal_martingale",
            json!({"false_alarm_every": 100.0, "window": 50, "seed": seed}),
        );
        let values: Vec<f64> = (0..1000).map(|_| cauchy(&mut random)).collect();
        alarms += u32::from(first(&mut *ever, values.iter().copied()).is_some());
        length += first(&mut *often, values.into_iter()).map_or(1000, |at| at + 1);
    }
    assert!(alarms <= 20, "{alarms} of 200");
    assert!(length >= 200 * 100, "{}", length / 200);
}

#[test]
fn a_conformal_martingale_sees_location_and_spread_on_any_scale() {
    use stream::Direction::{Down, Up};
    for scale in [1.0, 1e100, 1e-100] {
        for (shift, spread, direction) in [
            (2.0, 1.0, Some(Up)),
            (-2.0, 1.0, Some(Down)),
            (0.0, 5.0, None),
        ] {
            for guarantee in [json!({"alpha": 0.001}), json!({"false_alarm_every": 1e5})] {
                let mut random = Random(13);
                let mut watch = detector("conformal_martingale", guarantee);
                let mut normal = || (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
                let values: Vec<f64> = (0..900)
                    .map(|i| {
                        scale
                            * if i < 800 {
                                normal()
                            } else {
                                shift + spread * normal()
                            }
                    })
                    .collect();
                let found = watch.update_many(&values).unwrap();
                assert!(
                    (800..870).contains(&found[0]),
                    "{shift} {spread}: {found:?}"
                );
                if direction.is_some() {
                    assert_eq!(watch.direction(), direction);
                }
            }
        }
    }
}

#[test]
fn a_baseline_is_what_new_values_are_ranked_among() {
    let baseline: Vec<f64> = (0..3000).map(f64::from).collect();
    let mut watch = detector(
        "conformal_martingale",
        json!({"baseline": baseline, "window": 200, "alpha": 0.01, "seed": 3}),
    );
    watch.update(5000.0).unwrap();
    assert!(watch.reading("p_value").unwrap() < 1.0 / 201.0);
    watch.update(-1.0).unwrap();
    assert!(watch.reading("p_value").unwrap() > 1.0 - 1.0 / 200.0);
    // The baseline stays after a change, so that it is found again.
    assert!(watch.update_many(&[9999.0; 20]).unwrap().len() > 1);
    assert_eq!(watch.direction(), Some(stream::Direction::Up));
    let again = stream::from_state(watch.state()).unwrap();
    assert_eq!(again.state(), watch.state());
}

#[test]
fn a_conformal_martingale_refuses_what_it_cannot_keep() {
    for (parameters, argument) in [
        (json!({"alpha": 0.0}), "alpha"),
        (
            json!({"alpha": 0.1, "false_alarm_every": 100.0}),
            "false_alarm_every",
        ),
        (json!({"false_alarm_every": 0.5}), "false_alarm_every"),
        (json!({"window": 1}), "window"),
        (json!({"window": 1_000_000}), "window"),
        (json!({"baseline": []}), "baseline"),
        (json!({"baseline": [1.0, 1e200]}), "baseline"),
    ] {
        let parameters = parameters.as_object().unwrap();
        let error = stream::get("conformal_martingale", parameters, Options::default());
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(argument), "{error}");
    }
}

#[test]
fn the_example_of_the_docstring_is_true() {
    let values: Vec<f64> = (0..550)
        .map(|x| if x < 500 { f64::from(x % 7) } else { 7.0 })
        .collect();
    let mut watch = detector("conformal_martingale", json!({"alpha": 0.01}));
    assert_eq!(watch.update_many(&values).unwrap().len(), 1);
}
