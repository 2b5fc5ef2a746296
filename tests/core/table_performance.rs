//! Metrics of targets and predictions against scikit-learn and SciPy.

use driftline::error::Error;
use driftline::table::performance::{Metric, Pairs, Performance, Task, compare};
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// What a few roundings leave; R^2 and differences cancel.
const VALUE_TOL: f64 = 1e-12;
/// SciPy's quantiles of t.
const END_TOL: f64 = 1e-9;

/// Columns of one side.
struct Side {
    numbers: [Vec<f64>; 2],
    labels: [Vec<Option<String>>; 2],
}

impl Side {
    fn new(value: &Value) -> Self {
        let columns = [0, 1].map(|k| value[k].as_array().unwrap().clone());
        let numbers = |column: &Vec<Value>| {
            let values = column.iter().map(|x| x.as_f64().unwrap_or(f64::NAN));
            values.collect()
        };
        let labels = |column: &Vec<Value>| {
            let values = column.iter().map(|x| x.as_str().map(str::to_owned));
            values.collect()
        };
        Self {
            numbers: [numbers(&columns[0]), numbers(&columns[1])],
            labels: [labels(&columns[0]), labels(&columns[1])],
        }
    }

    /// Adds all pairs, `size` at a time, from the first or from the last.
    fn summed(&self, task: &str, size: usize, forward: bool) -> Performance {
        let n = self.numbers[0].len();
        let mut order: Vec<usize> = (0..n).collect();
        if !forward {
            order.reverse();
        }
        let mut whole = Performance::default();
        for rows in order.chunks(size) {
            let numbers =
                [0, 1].map(|k| rows.iter().map(|&i| self.numbers[k][i]).collect::<Vec<_>>());
            let labels = [0, 1].map(|k| {
                let some = rows.iter().map(|&i| self.labels[k][i].as_deref());
                some.collect::<Vec<_>>()
            });
            let mut part = Performance::default();
            part.add(match task {
                "regression" => Pairs::Numbers(&numbers[0], &numbers[1]),
                "classification" => Pairs::Labels(&labels[0], &labels[1]),
                _ => Pairs::Scores(&labels[0], &numbers[1]),
            })
            .unwrap();
            whole.merge(&part).unwrap();
        }
        whole
    }
}

fn get<'a>(metrics: &'a [Metric], name: &str) -> &'a Metric {
    metrics.iter().find(|metric| metric.name == name).unwrap()
}

#[test]
fn metrics_are_those_of_scikit_learn() {
    for case in cases("performance.json", "cases") {
        let (task, level) = (
            case["task"].as_str().unwrap(),
            case["level"].as_f64().unwrap(),
        );
        let side = |name: &str| Side::new(&case[name]).summed(task, usize::MAX, true);
        let metrics = compare(&side("baseline"), &side("current"), level).unwrap();
        let expected = case["expected"].as_object().unwrap();
        assert_eq!(metrics.len(), expected.len());
        for (name, expected) in expected {
            let (metric, id) = (get(&metrics, name), &case["id"]);
            let values = ["baseline", "current"].map(|side| expected[side].as_f64().unwrap());
            for (got, expected) in [metric.baseline, metric.current].into_iter().zip(values) {
                let error = relative_error(got.expect(name), expected);
                assert!(error < VALUE_TOL, "{id} {name}: {got:?}, not {expected}");
            }
            assert_eq!(
                metric.difference,
                Some(metric.current.unwrap() - metric.baseline.unwrap())
            );
            let ends = expected["interval"].as_array().unwrap();
            assert_eq!(metric.low.is_some(), !ends.is_empty(), "{id} {name}");
            for (got, end) in [metric.low, metric.high].into_iter().zip(ends) {
                let (got, end) = (got.unwrap(), end.as_f64().unwrap());
                let scale = values[0].abs().max(values[1].abs());
                assert!(
                    (got - end).abs() < END_TOL * scale,
                    "{id} {name}: {got}, not {end}"
                );
            }
        }
    }
}

#[test]
fn neither_order_nor_batches_change_a_bit() {
    for case in cases("performance.json", "cases") {
        let (task, level) = (
            case["task"].as_str().unwrap(),
            case["level"].as_f64().unwrap(),
        );
        let sides = ["baseline", "current"].map(|name| Side::new(&case[name]));
        let of = |size, forward| {
            let [baseline, current] = sides
                .each_ref()
                .map(|side| side.summed(task, size, forward));
            compare(&baseline, &current, level).unwrap()
        };
        let expected = of(usize::MAX, true);
        for (size, forward) in [(usize::MAX, false), (1, true), (7, false)] {
            assert_eq!(of(size, forward), expected, "{}", case["id"]);
        }
    }
}

fn side(pairs: Pairs<'_>) -> Performance {
    let mut side = Performance::default();
    side.add(pairs).unwrap();
    side
}

#[test]
fn missing_pairs_are_left_out_and_counted() {
    let nan = f64::NAN;
    let numbers = side(Pairs::Numbers(&[1.0, nan, 3.0, nan], &[2.0, 1.0, nan, nan]));
    assert_eq!(
        (numbers.rows(), numbers.missing(), numbers.task()),
        (4, 3, Some(Task::Regression))
    );
    let labels = side(Pairs::Labels(
        &[Some("a"), None, Some("b")],
        &[Some("a"), Some("a"), None],
    ));
    assert_eq!((labels.rows(), labels.missing()), (3, 2));
    assert_eq!(labels.task(), Some(Task::Classification));
    let scores = side(Pairs::Scores(
        &[Some("0"), None, Some("1")],
        &[nan, 0.5, 0.25],
    ));
    assert_eq!((scores.rows(), scores.missing()), (3, 2));
    let metrics = compare(&numbers, &numbers, 0.95).unwrap();
    assert_eq!(get(&metrics, "mae").baseline, Some(1.0));
}

#[test]
fn what_is_not_defined_is_none() {
    let constant = side(Pairs::Numbers(&[0.0, 0.0], &[1.0, 2.0]));
    let metrics = compare(&constant, &constant, 0.95).unwrap();
    for name in ["r2", "mape"] {
        let metric = get(&metrics, name);
        assert_eq!(
            (metric.baseline, metric.difference, metric.low),
            (None, None, None)
        );
    }
    // One pair has no spread, and perfect predictions none either.
    let one = side(Pairs::Numbers(&[1.0], &[2.0]));
    assert_eq!(get(&compare(&one, &one, 0.95).unwrap(), "mae").low, None);
    let perfect = side(Pairs::Numbers(&[1.0, 2.0], &[1.0, 2.0]));
    let metrics = compare(&perfect, &perfect, 0.95).unwrap();
    assert_eq!(get(&metrics, "rmse").baseline, Some(0.0));
    assert!(metrics.iter().all(|metric| metric.low.is_none()));
    // Infinite errors have no finite mean.
    let infinite = side(Pairs::Numbers(&[1.0, f64::INFINITY], &[1.0, f64::INFINITY]));
    let metrics = compare(&infinite, &perfect, 0.95).unwrap();
    assert!(
        metrics
            .iter()
            .all(|metric| metric.baseline.is_none() && metric.low.is_none())
    );
    // A side without pairs.
    let nothing = Performance::default();
    let metrics = compare(&perfect, &nothing, 0.95).unwrap();
    assert!(metrics.iter().all(|metric| metric.current.is_none()));
    assert_eq!(compare(&nothing, &nothing, 0.95).unwrap(), []);
    // Of a single label nobody knows whether it is the positive one.
    let single = side(Pairs::Scores(&[Some("1")], &[0.5]));
    let metrics = compare(&single, &single, 0.95).unwrap();
    assert!(metrics.iter().all(|metric| metric.baseline.is_none()));
}

#[test]
fn the_larger_label_is_the_positive_one() {
    for [negative, positive] in [["2", "10"], ["false", "true"], ["-1", "1"], ["no", "yes"]] {
        let labels = [Some(positive), Some(negative), Some(positive)];
        let right = side(Pairs::Scores(&labels, &[0.9, 0.1, 0.6]));
        let metrics = compare(&right, &right, 0.95).unwrap();
        assert_eq!(get(&metrics, "roc_auc").baseline, Some(1.0));
    }
}

#[test]
fn a_million_labels_are_bounded() {
    let names: Vec<String> = (0..5000).map(|i| i.to_string()).collect();
    let labels: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    let many = side(Pairs::Labels(&labels, &labels));
    let few = side(Pairs::Labels(&labels[..4096], &labels[..4096]));
    let metrics = compare(&many, &few, 0.95).unwrap();
    assert_eq!(get(&metrics, "accuracy").baseline, Some(1.0));
    let f1 = get(&metrics, "f1_macro");
    assert_eq!((f1.baseline, f1.current), (None, Some(1.0)));
}

#[test]
fn many_scores_go_into_bins_that_hardly_matter() {
    // 100,000 different scores; the positive label is as likely as its score.
    let n = 100_000;
    let scores: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
    let is_positive = |i: usize| (i.wrapping_mul(0x9e37_79b9) % 1000) as f64 / 1000.0 < scores[i];
    let labels: Vec<_> = (0..n)
        .map(|i| Some(if is_positive(i) { "1" } else { "0" }))
        .collect();
    let whole = side(Pairs::Scores(&labels, &scores));
    let metrics = compare(&whole, &whole, 0.95).unwrap();
    // Mann and Whitney's count of pairs, over ascending scores.
    let (mut negatives, mut wins) = (0u64, 0u64);
    for label in &labels {
        if *label == Some("0") {
            negatives += 1;
        } else {
            wins += negatives;
        }
    }
    let exact = wins as f64 / (negatives * (n as u64 - negatives)) as f64;
    let got = get(&metrics, "roc_auc").baseline.unwrap();
    // The share of pairs in one bin of 2^-11 or less is below that.
    assert!((got - exact).abs() < 0.5f64.powi(11), "{got} {exact}");
    let mut halves = side(Pairs::Scores(&labels[n / 2..], &scores[n / 2..]));
    halves
        .merge(&side(Pairs::Scores(&labels[..n / 2], &scores[..n / 2])))
        .unwrap();
    assert_eq!(compare(&halves, &halves, 0.95).unwrap(), metrics);
}

#[test]
fn wrong_input_is_refused_by_name() {
    let argument = |result: Result<(), Error>| match result.unwrap_err() {
        Error::InvalidValue { argument, .. } | Error::InvalidType { argument, .. } => {
            argument.into_owned()
        }
        error => panic!("{error:?}"),
    };
    let mut numbers = side(Pairs::Numbers(&[1.0], &[2.0]));
    assert_eq!(
        argument(numbers.add(Pairs::Numbers(&[1.0], &[]))),
        "prediction"
    );
    assert_eq!(argument(numbers.add(Pairs::Labels(&[], &[]))), "prediction");
    let labels = side(Pairs::Labels(&[Some("a")], &[Some("b")]));
    assert_eq!(argument(numbers.merge(&labels)), "prediction");
    assert_eq!(
        argument(compare(&numbers, &labels, 0.95).map(drop)),
        "prediction"
    );
    for level in [0.0, 1.0, f64::NAN] {
        assert_eq!(
            argument(compare(&numbers, &numbers, level).map(drop)),
            "level"
        );
    }
    let mut scores = side(Pairs::Scores(&[Some("a"), Some("b")], &[0.5, 1.0]));
    for score in [-0.1, 1.5, f64::INFINITY] {
        assert_eq!(
            argument(scores.add(Pairs::Scores(&[Some("a")], &[score]))),
            "prediction"
        );
    }
    assert_eq!(
        argument(scores.add(Pairs::Scores(&[Some("c")], &[0.5]))),
        "target"
    );
    assert_eq!(scores.rows(), 2);
    let other = side(Pairs::Scores(&[Some("c")], &[0.5]));
    assert_eq!(argument(scores.merge(&other)), "target");
    assert_eq!(argument(compare(&scores, &other, 0.95).map(drop)), "target");
}
