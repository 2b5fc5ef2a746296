//! Estimates of classifiers: formulas, realised values, intervals.

use driftline::estimate::{
    Chunks, ClassifierEstimator, ClassifierMetric, Isotonic, PerformanceReport, ScoredRows,
    UNKNOWN, expected,
};
use serde_json::Value;

use super::golden::{cases, relative_error};

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

fn codes(value: &Value) -> Vec<u32> {
    numbers(value).into_iter().map(|x| x as u32).collect()
}

fn columns(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn metric(name: &str) -> ClassifierMetric {
    ClassifierMetric::ALL
        .into_iter()
        .find(|metric| metric.name() == name)
        .unwrap()
}

fn views(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// What is expected of a golden case.
fn expectation(case: &Value, name: &str) -> f64 {
    let (scores, probabilities) = (columns(&case["scores"]), columns(&case["probabilities"]));
    let (scores, probabilities) = (views(&scores), views(&probabilities));
    let predictions = codes(&case["predictions"]);
    let rows = ScoredRows {
        scores: &scores,
        predictions: Some(&predictions),
        labels: &vec![UNKNOWN; predictions.len()],
    };
    let classes = scores.len().max(2);
    expected(metric(name), classes, rows, &probabilities)
        .unwrap()
        .unwrap()
}

#[test]
fn isotonic_regression_is_that_of_scikit_learn() {
    for case in cases("estimate.json", "isotonic") {
        let of = |name: &str| numbers(&case[name]);
        let fitted = Isotonic::fit(&of("x"), &of("y"), Some(&of("weights"))).unwrap();
        fitted.validate().unwrap();
        for (x, value) in of("probes").into_iter().zip(of("values")) {
            assert!((fitted.predict(x) - value).abs() < 1e-12, "{x}: {value}");
        }
        assert!(fitted.predict(f64::NAN).is_nan());
    }
}

#[test]
fn isotonic_regression_names_what_it_refuses() {
    let fit = |x: &[f64], y: &[f64], w: Option<&[f64]>| Isotonic::fit(x, y, w).unwrap_err();
    for (error, argument) in [
        (fit(&[], &[], None), "x"),
        (fit(&[1.0], &[1.0, 2.0], None), "y"),
        (fit(&[f64::NAN], &[1.0], None), "x"),
        (fit(&[1.0], &[f64::INFINITY], None), "y"),
        (fit(&[1.0], &[1.0], Some(&[0.0])), "weights"),
    ] {
        assert!(
            error.to_string().starts_with(&format!("{argument}: ")),
            "{error}"
        );
    }
}

#[test]
fn expected_metrics_are_those_of_nannyml() {
    for case in cases("estimate.json", "nannyml") {
        for (name, value) in case["expected"].as_object().unwrap() {
            let got = expectation(&case, name);
            assert!(
                relative_error(got, value.as_f64().unwrap()) < 1e-9,
                "{name}: {got} {value}"
            );
        }
    }
}

/// NannyML lets a row make a pair with itself, in areas under both curves, and rounds counts
/// to five digits.
#[test]
fn expected_areas_are_those_of_nannyml_but_for_pairs_of_a_row_with_itself() {
    for case in cases("estimate.json", "nannyml") {
        let (Some(roc), Some(precision)) =
            (case["roc_auc"].as_f64(), case["average_precision"].as_f64())
        else {
            continue;
        };
        let (scores, p) = (
            &columns(&case["scores"])[0],
            &columns(&case["probabilities"])[0],
        );
        let mut order: Vec<usize> = (0..p.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let positives: f64 = p.iter().sum();
        let negatives = p.len() as f64 - positives;
        let alone: f64 = p.iter().map(|p| p * (1.0 - p)).sum();
        let own = expectation(&case, "roc_auc");
        let theirs = (own * (positives * negatives - alone) + alone / 2.0) / positives / negatives;
        assert!((theirs - roc).abs() < 1e-6, "{theirs} {roc}");
        let certain = order
            .iter()
            .zip(1..)
            .map(|(&row, n)| p[row] * (1.0 - p[row]) / f64::from(n));
        let theirs = expectation(&case, "average_precision") - certain.sum::<f64>() / positives;
        assert!((theirs - precision).abs() < 1e-6, "{theirs} {precision}");
    }
}

#[test]
fn expectations_are_those_over_all_labels() {
    for case in cases("estimate.json", "enumerated") {
        for (name, value) in case["means"].as_object().unwrap() {
            let got = expectation(&case, name);
            let error = (got - value.as_f64().unwrap()).abs();
            // Ratios whose denominator is random differ by a share of 1 in the rows.
            let is_exact = ["accuracy", "precision"].contains(&name.as_str());
            assert!(
                error < if is_exact { 1e-12 } else { 0.06 },
                "{name}: {got} {value}"
            );
        }
        for name in ["roc_auc", "average_precision"] {
            let got = expectation(&case, name);
            assert!(
                (got - case[name].as_f64().unwrap()).abs() < 1e-12,
                "{name}: {got}"
            );
        }
    }
}

fn names(classes: usize) -> Vec<String> {
    (0..classes).map(|class| format!("class {class}")).collect()
}

#[test]
fn realised_metrics_are_those_of_scikit_learn() {
    for case in cases("estimate.json", "realised") {
        let scores = columns(&case["scores"]);
        let scores = views(&scores);
        let (predictions, labels) = (codes(&case["predictions"]), codes(&case["labels"]));
        let classes = scores.len().max(2);
        let rows = ScoredRows {
            scores: &scores,
            predictions: Some(&predictions),
            labels: &labels,
        };
        let fitted = ClassifierEstimator::fit(names(classes), rows).unwrap();
        let all = ClassifierMetric::ALL;
        let report = fitted.estimate(rows, &all, &Chunks::default()).unwrap();
        for (name, value) in case["metrics"].as_object().unwrap() {
            let value = value.as_f64().unwrap();
            let chunk = &report.metrics.get(name).unwrap()[0];
            let baseline = report.baseline.metrics.get(name).unwrap();
            for got in [chunk.realised, baseline.value] {
                assert!(
                    (got.unwrap() - value).abs() < 1e-12,
                    "{name}: {got:?} {value}"
                );
            }
            assert_eq!((chunk.coverage, chunk.alert), (1.0, Some(false)), "{name}");
        }
        let matrix = &report.metrics.get("confusion_matrix").unwrap()[0];
        let cells = matrix.cells.as_ref().unwrap();
        let total: f64 = cells.iter().filter_map(|cell| cell.estimate).sum();
        assert!((total - labels.len() as f64).abs() < 1e-9);
        let counts = case["confusion_matrix"].as_array().unwrap();
        let counts = counts
            .iter()
            .flat_map(|row| row.as_array().unwrap().iter().map(Value::as_u64));
        assert!(counts.eq(cells.iter().map(|cell| cell.realised)));
        for cell in cells {
            assert!(cell.low <= cell.estimate && cell.estimate <= cell.high);
            assert_eq!(
                cell.share.unwrap(),
                cell.estimate.unwrap() / labels.len() as f64
            );
        }
    }
}

/// Uniform numbers.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// Scores, predictions and labels whose relation stays when the rows shift.
struct World {
    scores: Vec<Vec<f64>>,
    predictions: Vec<u32>,
    labels: Vec<u32>,
}

impl World {
    fn binary(draws: &mut Draws, n: usize, shift: f64) -> Self {
        let mut world = Self {
            scores: vec![Vec::new()],
            predictions: Vec::new(),
            labels: Vec::new(),
        };
        for _ in 0..n {
            let z = draws.normal() + shift;
            let probability = 1.0 / (1.0 + (1.0 - 1.5 * z).exp());
            // Not calibrated, but in the right order.
            world.scores[0].push(1.0 / (1.0 + (0.6 - 2.2 * z).exp()));
            world.predictions.push(u32::from(z > 0.5));
            world.labels.push(u32::from(draws.uniform() < probability));
        }
        world
    }

    fn multiclass(draws: &mut Draws, n: usize, shift: f64) -> Self {
        let mut world = Self {
            scores: vec![Vec::new(); 3],
            predictions: Vec::new(),
            labels: Vec::new(),
        };
        for _ in 0..n {
            let weights = [draws.normal() + shift, draws.normal(), draws.normal() - 0.3];
            let weights = weights.map(|z| (1.3 * z).exp());
            let total: f64 = weights.iter().sum();
            let shares = weights.map(|weight| weight / total);
            shares
                .iter()
                .zip(&mut world.scores)
                .for_each(|(share, own)| own.push(*share));
            let best = (0..3)
                .max_by(|&a: &usize, &b| shares[a].total_cmp(&shares[b]))
                .unwrap();
            world.predictions.push(best as u32);
            let u = draws.uniform();
            let label = u32::from(u > shares[0]) + u32::from(u > shares[0] + shares[1]);
            world.labels.push(label);
        }
        world
    }

    fn with<T>(&self, labels: &[u32], work: impl FnOnce(ScoredRows<'_>) -> T) -> T {
        work(ScoredRows {
            scores: &views(&self.scores),
            predictions: Some(&self.predictions),
            labels,
        })
    }
}

const SINGLE: [ClassifierMetric; 7] = [
    ClassifierMetric::Accuracy,
    ClassifierMetric::Precision,
    ClassifierMetric::Recall,
    ClassifierMetric::F1,
    ClassifierMetric::Specificity,
    ClassifierMetric::RocAuc,
    ClassifierMetric::AveragePrecision,
];

/// How often intervals hold what is realised, the mean error, and the share of alerts.
fn held(
    make: fn(&mut Draws, usize, f64) -> World,
    classes: usize,
    [baseline, chunk]: [usize; 2],
    shift: f64,
) -> Vec<(&'static str, f64, f64, f64)> {
    const REPETITIONS: u64 = 60;
    let mut sums = [[0.0; 3]; SINGLE.len()];
    for seed in 0..REPETITIONS {
        let mut draws = Draws(seed << 32 | 1);
        let world = make(&mut draws, baseline, 0.0);
        let fitted = world.with(&world.labels, |rows| {
            ClassifierEstimator::fit(names(classes), rows)
        });
        let current = make(&mut draws, chunk, shift);
        let report = current.with(&current.labels, |rows| {
            fitted
                .unwrap()
                .estimate(rows, &SINGLE, &Chunks::default())
                .unwrap()
        });
        for (metric, sums) in SINGLE.iter().zip(&mut sums) {
            let own = &report.metrics.get(metric.name()).unwrap()[0];
            let realised = own.realised.unwrap();
            sums[0] += f64::from(u8::from((own.low..=own.high).contains(&Some(realised))));
            sums[1] += own.estimate.unwrap() - realised;
            sums[2] += f64::from(u8::from(own.alert.unwrap()));
        }
    }
    let share = |sum: f64| sum / REPETITIONS as f64;
    let all = SINGLE.iter().zip(sums);
    all.map(|(metric, [a, b, c])| (metric.name(), share(a), share(b), share(c)))
        .collect()
}

/// Of 60 draws with a chance of 95 %, 51 or more hold in all but 1 of 1,000 cases.
#[test]
fn intervals_hold_realised_metrics() {
    for (sizes, shift) in [([1500, 300], 0.0), ([1500, 300], 0.8), ([500, 600], 0.5)] {
        for (name, held, error, alerts) in held(World::binary, 2, sizes, shift) {
            assert!(
                held >= 51.0 / 60.0,
                "{name} {sizes:?} {shift}: {held} {error}"
            );
            assert!(error.abs() < 0.02, "{name} {sizes:?} {shift}: {error}");
            assert!(shift > 0.0 || alerts <= 0.1, "{name}: {alerts}");
        }
    }
    for (sizes, shift) in [([1000, 300], 0.0), ([700, 400], 0.6)] {
        for (name, held, error, _) in held(World::multiclass, 3, sizes, shift) {
            assert!(
                held >= 51.0 / 60.0,
                "{name} {sizes:?} {shift}: {held} {error}"
            );
            assert!(error.abs() < 0.02, "{name} {sizes:?} {shift}: {error}");
        }
    }
}

fn estimated(world: &World, chunks: &Chunks) -> PerformanceReport {
    let fitted = world
        .with(&world.labels, |rows| {
            ClassifierEstimator::fit(names(2), rows)
        })
        .unwrap();
    world
        .with(&world.labels, |rows| {
            fitted.estimate(rows, &ClassifierMetric::ALL, chunks)
        })
        .unwrap()
}

#[test]
fn chunks_and_threads_change_no_row() {
    let world = World::binary(&mut Draws(7), 21_000, 0.0);
    let chunks = |threads| Chunks {
        size: Some(10_000),
        threads: Some(threads),
        ..Chunks::default()
    };
    let report = estimated(&world, &chunks(1));
    assert_eq!(report, estimated(&world, &chunks(3)));
    let ends = report
        .metrics
        .get("f1")
        .unwrap()
        .iter()
        .map(|chunk| (chunk.start, chunk.end));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [(0, 10_000), (10_000, 20_000), (20_000, 21_000)]
    );
}

#[test]
fn labels_come_row_by_row() {
    let mut world = World::binary(&mut Draws(8), 1000, 0.0);
    let fitted = world
        .with(&world.labels, |rows| {
            ClassifierEstimator::fit(names(2), rows)
        })
        .unwrap();
    let fitted: ClassifierEstimator =
        serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
    fitted.validate().unwrap();
    world.scores[0][0] = f64::NAN;
    world.predictions[1] = UNKNOWN;
    let mut labels = vec![UNKNOWN; 1000];
    labels[..10].copy_from_slice(&world.labels[..10]);
    let chunks = Chunks {
        size: Some(500),
        ..Chunks::default()
    };
    let metrics = [
        ClassifierMetric::Accuracy,
        ClassifierMetric::ConfusionMatrix,
    ];
    let report = world
        .with(&labels, |rows| fitted.estimate(rows, &metrics, &chunks))
        .unwrap();
    let [first, second] = &report.metrics.get("accuracy").unwrap()[..] else {
        panic!()
    };
    assert_eq!(
        (first.labelled, first.coverage, first.missing),
        (10, 0.02, 2)
    );
    assert_eq!(
        (second.labelled, second.realised, second.missing),
        (0, None, 0)
    );
    let right = (2..10)
        .filter(|&row| world.predictions[row] == labels[row])
        .count();
    assert_eq!(first.realised, Some(right as f64 / 8.0));
    let cells = report.metrics.get("confusion_matrix").unwrap()[1]
        .cells
        .clone()
        .unwrap();
    assert!(
        cells
            .iter()
            .all(|cell| cell.realised.is_none() && cell.estimate.is_some())
    );
}

#[test]
fn estimators_name_what_they_refuse() {
    let world = World::binary(&mut Draws(9), 100, 0.0);
    let fit = |classes: usize, scores: &[f64], labels: &[u32]| {
        let rows = ScoredRows {
            scores: &[scores],
            predictions: None,
            labels,
        };
        ClassifierEstimator::fit(names(classes), rows)
    };
    let (scores, labels) = (&world.scores[0], &world.labels);
    for (result, start) in [
        (fit(1, scores, labels), "target: "),
        (fit(3, scores, labels), "probability: got 1 columns"),
        (fit(2, &[1.2; 100], labels), "probability: got 1.2"),
        (fit(2, &[0.2; 99], labels), "probability: got 99 rows"),
        (fit(2, scores, &[7; 100]), "labels: got 7"),
        (
            fit(2, scores, &[0; 100]),
            "target: got no complete row of \"class 1\"",
        ),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(start), "{error}");
    }
    let fitted = fit(2, scores, labels).unwrap();
    let rows = ScoredRows {
        scores: &[scores],
        predictions: None,
        labels,
    };
    let estimate = |metric, chunks| {
        fitted
            .estimate(rows, &[metric], &chunks)
            .unwrap_err()
            .to_string()
    };
    let error = estimate(ClassifierMetric::F1, Chunks::default());
    assert!(error.starts_with("metrics: got \"f1\""), "{error}");
    let level = Chunks {
        level: 1.0,
        ..Chunks::default()
    };
    let error = estimate(ClassifierMetric::RocAuc, level);
    assert!(error.starts_with("level: got 1"), "{error}");
}
