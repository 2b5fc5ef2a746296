//! Control charts against worked examples, published run lengths and plain formulas.

use driftline::stream::{self, Detector, Direction, Options, Signal};
use serde_json::{Value, json};

/// The data of Montgomery, Introduction to Statistical Quality Control, 7th edition, table
/// 9.1: the first 20 with mean 10, the last 10 with mean 11, standard deviation 1.
const TABLE_9_1: [f64; 30] = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40,
    10.08, 9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62,
    11.31, 10.52,
];
/// Half a unit of the last printed digit, and rounding.
const PRINTED: f64 = 0.005_001;

fn make(name: &str, parameters: &Value) -> Box<dyn Detector> {
    let map = parameters.as_object().unwrap();
    stream::get(name, map, Options::default()).unwrap()
}

/// SplitMix64 and the quantile function of the normal law.
struct Normals(u64);

impl Normals {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / 2f64.powi(53)
    }

    fn next(&mut self) -> f64 {
        driftline::math::normal_quantile(self.uniform())
    }
}

/// Mean and standard error of the run lengths of fresh detectors.
fn run_length(name: &str, parameters: &Value, shift: f64, runs: usize) -> (f64, f64) {
    let mut normals = Normals(runs as u64);
    let mut lengths = Vec::with_capacity(runs);
    let template = make(name, parameters);
    for _ in 0..runs {
        let mut detector = template.fresh();
        while detector.update(normals.next() + shift).unwrap() != Signal::Drift {}
        lengths.push(detector.counts().n_samples as f64);
    }
    let mean = lengths.iter().sum::<f64>() / runs as f64;
    let squares: f64 = lengths.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (runs * (runs - 1)) as f64).sqrt())
}

#[test]
fn cusum_of_montgomery_table_9_2() {
    let upper = [
        0.0, 0.0, 0.0, 1.16, 2.82, 2.50, 0.04, 1.00, 0.0, 0.0, 0.0, 0.97, 0.98, 0.0, 0.0, 0.0,
        0.12, 0.0, 0.0, 0.34, 0.74, 0.0, 1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28,
    ];
    let lower = [
        0.05, 1.56, 1.77, 0.0, 0.0, 0.0, 1.46, 0.0, 0.30, 0.0, 0.47, 0.0, 0.0, 0.10, 0.0, 0.13,
        0.0, 0.0, 0.98, 0.0, 0.0, 0.17, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ];
    let parameters = json!({"min_instances": 1, "delta": 0.5, "threshold": 5.0, "target": 10.0});
    let mut chart = make("cusum", &parameters);
    for (i, &x) in TABLE_9_1.iter().take(29).enumerate() {
        let signal = chart.update(x).unwrap();
        assert_eq!(signal == Signal::Drift, i == 28, "value {}", i + 1);
        assert!((chart.reading("upper_sum").unwrap() - upper[i]).abs() < PRINTED);
        assert!((chart.reading("lower_sum").unwrap() - lower[i]).abs() < PRINTED);
        let statistic = chart.statistic().unwrap();
        assert!((statistic - upper[i].max(lower[i])).abs() < PRINTED);
    }
    assert_eq!(chart.direction(), Some(Direction::Up));
    assert_eq!(chart.limit(), Some(5.0));
}

#[test]
fn cusum_keeps_the_values_since_the_shift() {
    // In the same table, N+ at the alarm is 7: the sum was last 0 at value 22.
    let parameters = json!({"min_instances": 1, "delta": 0.5, "threshold": 5.0, "target": 10.0});
    let map = parameters.as_object().unwrap();
    let options = serde_json::from_value(json!({"on_drift": "keep_recent"})).unwrap();
    let mut chart = stream::get("cusum", map, options).unwrap();
    assert_eq!(chart.update_many(&TABLE_9_1[..29]).unwrap(), [28]);
    // These seven begin anew, and alarm at the last of them; nothing is left but the next.
    chart.update(TABLE_9_1[29]).unwrap();
    assert!((chart.reading("upper_sum").unwrap() - 0.02).abs() < PRINTED);
}

#[test]
fn ewma_of_montgomery_example_9_2() {
    // Table 9.10: lambda 0.1, limits at 2.7.
    let averages = [
        9.945, 9.7495, 9.70355, 9.8992, 10.1253, 10.1307, 9.92167, 10.0755, 9.98796, 10.0232,
        9.92384, 10.0785, 10.1216, 10.0495, 10.0525, 9.98426, 10.0478, 10.074, 9.91864, 10.0108,
        10.0997, 10.0227, 10.2495, 10.3745, 10.3971, 10.4654, 10.4568, 10.5731, 10.6468,
    ];
    let parameters = json!({"lambda_val": 0.1, "limit_width": 2.7, "target": 10.0, "sigma": 1.0});
    let mut chart = make("ewma_chart", &parameters);
    for (i, (&x, z)) in TABLE_9_1.iter().zip(averages).enumerate() {
        let signal = chart.update(x).unwrap();
        assert_eq!(signal == Signal::Drift, i == 28, "value {}", i + 1);
        assert!((chart.reading("estimation").unwrap() - z).abs() < 6e-5);
        // Equations 9.25 and 9.26.
        let exact = 1.0 - 0.9f64.powi(2 * (i as i32 + 1));
        let limit = 2.7 * (0.1 / 1.9 * exact).sqrt();
        assert!((chart.limit().unwrap() - limit).abs() < 1e-14);
        assert!((chart.warning_limit().unwrap() - limit / 2.7 * 2.0).abs() < 1e-14);
        if i < 2 {
            // As the text computes them: 10.27 and 10.36.
            assert!((10.0 + limit - [10.27, 10.36][i]).abs() < PRINTED);
        }
    }
    assert_eq!(chart.direction(), Some(Direction::Up));
}

#[test]
fn warnings_are_the_zone_between_the_limits() {
    let known = json!({"target": 0.0, "sigma": 1.0});
    let mut chart = make("shewhart", &known);
    let values = [1.9, 2.1, -2.1, 3.1, -3.1, 2.9, f64::NAN, 0.0];
    let mut seen = Vec::new();
    chart.run(&values, true, &mut |index, signal| {
        seen.push((index, signal));
        true
    });
    let (warning, drift) = (Signal::Warning, Signal::Drift);
    assert_eq!(
        seen,
        [
            (1, warning),
            (2, warning),
            (3, drift),
            (4, drift),
            (5, warning)
        ]
    );
    assert_eq!(chart.direction(), Some(Direction::Down));
    let one_sided = json!({"target": 0.0, "sigma": 1.0, "mode": "down"});
    let drifts = make("shewhart", &one_sided).update_many(&values).unwrap();
    assert_eq!(drifts, [4]);
}

#[test]
fn known_parameters_have_the_published_run_lengths() {
    let cusum = |h: f64| json!({"min_instances": 1, "delta": 0.5, "threshold": h, "target": 0.0});
    let ewma = |lambda: f64, width: f64| json!({"lambda_val": lambda, "limit_width": width, "target": 0.0, "sigma": 1.0});
    let shewhart = json!({"target": 0.0, "sigma": 1.0});
    // Montgomery, 7th edition, tables 9.3 and 9.11, equation 5.2. The EWMA's are those of
    // limits that are wide from the start: ours alarm sooner on a shift that is there from
    // the first value.
    let cases = [
        ("cusum", cusum(4.0), 0.0, 168.0, 0.0),
        ("cusum", cusum(4.0), 1.0, 8.38, 0.0),
        ("cusum", cusum(5.0), 0.0, 465.0, 0.0),
        ("cusum", cusum(5.0), 0.5, 38.0, 0.0),
        ("cusum", cusum(5.0), 2.0, 4.01, 0.0),
        ("ewma_chart", ewma(0.1, 2.814), 0.0, 500.0, 15.0),
        ("ewma_chart", ewma(0.4, 3.054), 0.0, 500.0, 5.0),
        ("ewma_chart", ewma(0.4, 3.054), 0.5, 71.2, 2.0),
        ("shewhart", shewhart.clone(), 0.0, 370.4, 0.0),
        ("shewhart", shewhart, 1.0, 43.89, 0.0),
    ];
    for (name, parameters, shift, published, start) in cases {
        let (mean, error) = run_length(name, &parameters, shift, 300);
        assert!(
            (mean - published).abs() < 3.5 * error + start + 0.005 * published,
            "{name} {parameters} {shift}: {mean} +- {error}, published {published}"
        );
    }
}

#[test]
fn estimates_are_those_of_the_first_values() {
    let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
    for name in ["shewhart", "ewma_chart"] {
        let mut chart = make(name, &json!({"min_instances": 8}));
        assert_eq!(chart.update_many(&values).unwrap().len(), 0);
        assert_eq!((chart.statistic(), chart.direction()), (None, None));
        // Sum 31, sum of squares 173.
        let sigma = ((173.0 - 31.0 * 31.0 / 8.0) / 7.0f64).sqrt();
        assert!((chart.reading("center_line").unwrap() - 31.0 / 8.0).abs() < 1e-14);
        assert!((chart.reading("standard_deviation").unwrap() - sigma).abs() < 1e-14);
        let mut chart = make(name, &json!({"min_instances": 8, "target": 7.5}));
        chart.update_many(&values).unwrap();
        assert_eq!(chart.reading("center_line"), Some(7.5));
        assert!((chart.reading("standard_deviation").unwrap() - sigma).abs() < 1e-14);
        let mut chart = make(name, &json!({"min_instances": 8, "sigma": 0.5}));
        chart.update_many(&values).unwrap();
        assert_eq!(chart.reading("standard_deviation"), Some(0.5));
        // Two values differ: there is a spread to tell a change by.
        let mut chart = make(name, &json!({"min_instances": 2}));
        chart.update_many(&[0.1; 100]).unwrap();
        assert_eq!(chart.reading("standard_deviation"), None);
        assert!(!chart.update_many(&[5.1; 20]).unwrap().is_empty(), "{name}");
    }
}

/// frouros 0.9, as its formulas stand, in floating point.
fn frouros(values: &[f64], step: impl Fn(f64, f64, f64) -> f64, limit: f64) -> Vec<usize> {
    let mut drifts = Vec::new();
    let (mut n, mut mean, mut sum) = (0.0, 0.0, 0.0);
    for (index, &x) in values.iter().enumerate() {
        n += 1.0;
        mean += (x - mean) / n;
        sum = step(sum, x, mean);
        if n >= 30.0 && sum > limit {
            drifts.push(index);
            (n, mean, sum) = (0.0, 0.0, 0.0);
        }
    }
    drifts
}

#[test]
fn upwards_they_are_those_of_frouros_and_both_is_either() {
    let mut normals = Normals(3);
    let values: Vec<f64> = (0..6000)
        .map(|i| normals.next() * 0.7 + f64::from(i / 1000 % 3))
        .collect();
    let mirrored: Vec<f64> = values.iter().map(|x| -x).collect();
    let cusum = |sum: f64, x: f64, mean: f64| (sum + x - mean - 0.005).max(0.0);
    let average = |sum: f64, x: f64, mean: f64| 0.99 * sum + (1.0 - 0.99) * (x - mean);
    let expected = [
        ("cusum", 50.0, frouros(&values, cusum, 50.0)),
        (
            "geometric_moving_average",
            0.5,
            frouros(&values, average, 0.5),
        ),
    ];
    for (name, threshold, expected) in expected {
        assert!(expected.len() >= 3, "{name}: {expected:?}");
        let of = |mode: &str| make(name, &json!({"mode": mode, "threshold": threshold}));
        assert_eq!(of("up").update_many(&values).unwrap(), expected);
        assert_eq!(of("down").update_many(&mirrored).unwrap(), expected);
        let (up, down) = (
            of("up").update_many(&values).unwrap(),
            of("down").update_many(&values).unwrap(),
        );
        // Until the first, nothing has begun anew.
        let first = of("both").update_many(&values).unwrap()[0];
        assert_eq!(Some(&first), up.first().min(down.first()));
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    for (name, parameter, value) in [
        ("cusum", "delta", json!(-1.0)),
        ("cusum", "threshold", json!(0.0)),
        ("cusum", "target", json!(1e200)),
        ("geometric_moving_average", "alpha", json!(1.0)),
        ("geometric_moving_average", "threshold", json!(-2.0)),
        ("ewma_chart", "lambda_val", json!(0.0)),
        ("ewma_chart", "limit_width", json!(0.0)),
        ("ewma_chart", "sigma", json!(0.0)),
        ("shewhart", "min_instances", json!(1)),
        ("shewhart", "warning_width", json!(-2.0)),
        ("shewhart", "target", json!("a")),
    ] {
        let parameters = json!({ parameter: value });
        let map = parameters.as_object().unwrap();
        let error = stream::get(name, map, Options::default()).unwrap_err();
        assert!(error.to_string().contains(parameter), "{error}");
    }
}

#[test]
fn constants_never_alarm_and_states_come_back() {
    let names = [
        "cusum",
        "ewma_chart",
        "geometric_moving_average",
        "shewhart",
    ];
    let mut normals = Normals(5);
    for name in names {
        for constant in [0.0, 0.1, 1e15 / 3.0, -1e-300, 1e150] {
            let mut detector = make(name, &json!({}));
            assert_eq!(detector.update_many(&[constant; 3000]).unwrap(), [0; 0]);
        }
        let mut detector = make(name, &json!({}));
        for i in 0..400 {
            let mut restored = stream::from_state(detector.state()).unwrap();
            let x = normals.next() * 1e3f64.powi(i / 100);
            assert_eq!(restored.update(x).unwrap(), detector.update(x).unwrap());
            assert_eq!(restored.state(), detector.state());
        }
    }
}

#[test]
#[ignore = "prints what the docstrings state"]
fn examples() {
    let values: Vec<f64> = (0..2000)
        .map(|i| [0.0, 1.0, 4.0, 7.0][i % 2 + 2 * (i / 1000)])
        .collect();
    for name in stream::available() {
        let drifts = make(name, &json!({})).update_many(&values).unwrap();
        println!("{name}: {drifts:?}");
    }
    let parameters = json!({"test": "mann_whitney"});
    println!(
        "{:?}",
        make("windowed_test", &parameters).update_many(&values)
    );
    let parameters = json!({"alpha": 0.0001, "seed": 42});
    println!("{:?}", make("kswin", &parameters).update_many(&values));
}
