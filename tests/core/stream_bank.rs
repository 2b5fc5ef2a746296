//! Banks: every feature gives what a detector alone gives, to the last bit.

use driftline::drift::NanPolicy;
use driftline::stream::{
    self, Bank, Detection, Detector, Input, MOST_FEATURES, OnDrift, Options, Signal,
};
use ndarray::{Array2, ArrayView2, s};
use serde_json::{Map, Value, json};

/// One feature, and two blocks of lanes with a part of a third.
const WIDTHS: [usize; 2] = [1, 43];
const ROWS: usize = 360;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn value(&mut self, input: Input, high: bool) -> f64 {
        let u = self.uniform();
        match input {
            Input::Real if high => 4.0 * u + 1.0,
            Input::Real => 2.0 * u - 1.0,
            Input::Binary => f64::from(u < if high { 0.6 } else { 0.1 }),
            Input::Unit => u * if high { 1.0 } else { 0.4 },
            Input::Count => (u * if high { 9.0 } else { 3.0 }).floor(),
        }
    }
}

/// Features that change now and then, each at rows of its own; some are constant; with
/// `holes`, missing values in some rows.
fn rows(input: Input, n: usize, width: usize, holes: bool) -> Array2<f64> {
    let mut random = Random(width as u64);
    let mut high = vec![false; width];
    Array2::from_shape_fn((n, width), |(row, feature)| {
        if random.uniform() < 0.01 {
            high[feature] = !high[feature];
        }
        let x = random.value(input, high[feature]);
        let hole = holes && row % 3 == 0 && random.uniform() < 0.1;
        match feature % 11 {
            _ if hole => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][row % 9 / 3],
            5 => 1.0,
            7 if input == Input::Real => 1e9 * x,
            _ => x,
        }
    })
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn default_of(name: &str) -> Box<dyn Detector> {
    stream::get(name, &Map::new(), Options::default()).unwrap()
}

/// What detectors alone find, and what they are after that.
fn alone(
    detector: &dyn Detector,
    rows: ArrayView2<'_, f64>,
    masked: &[bool],
    warnings: bool,
) -> (Vec<Detection>, Vec<Box<dyn Detector>>) {
    let mut found = Vec::new();
    let mut all: Vec<_> = masked.iter().map(|_| detector.fresh()).collect();
    for (feature, one) in all.iter_mut().enumerate().filter(|(i, _)| !masked[*i]) {
        let column = rows.column(feature).to_vec();
        one.run(&column, warnings, &mut |row, signal| {
            let detection = Detection {
                row,
                feature,
                signal,
            };
            found.push(detection);
            true
        });
    }
    found.sort_by_key(|one| (one.row, one.feature));
    (found, all)
}

fn assert_as_alone(detector: &dyn Detector, rows: ArrayView2<'_, f64>, masked: &[bool]) -> usize {
    let label = format!("{} {:?}", detector.name(), detector.parameters());
    let (expected, all) = alone(detector, rows, masked, true);
    let mut bank = Bank::new(detector, masked.len()).unwrap();
    bank.set_masked(masked).unwrap();
    let mut found = Vec::new();
    // Parts of uneven length, among them single rows and none.
    let cuts = [0, 0, 1, 2, 7, 200, 201, 330, rows.nrows()];
    for (from, to) in cuts.iter().zip(&cuts[1..]) {
        let to = *to.min(&rows.nrows());
        let from = *from.min(&to);
        let part = bank
            .update_many(rows.slice(s![from..to, ..]), true)
            .unwrap();
        found.extend(part.into_iter().map(|one| Detection {
            row: one.row + from,
            ..one
        }));
    }
    assert_eq!(found, expected, "{label}");
    for (feature, one) in all.iter().enumerate() {
        let here = bank.detector(feature).unwrap();
        assert_eq!(here.state(), one.state(), "{label}, feature {feature}");
        assert_eq!(here.statistic(), one.statistic(), "{label}");
        assert_eq!(here.limit(), one.limit(), "{label}");
    }
    found.len()
}

/// Detectors whose features step in lanes, with parameters under which they find much.
fn in_lanes() -> Vec<Box<dyn Detector>> {
    let mut all = Vec::new();
    for mode in ["up", "down", "both"] {
        for (name, parameters) in [
            (
                "page_hinkley",
                json!({"threshold": 4.0, "min_instances": 3, "mode": mode}),
            ),
            (
                "page_hinkley",
                json!({"threshold": 9.0, "alpha": 0.9, "mode": mode}),
            ),
            (
                "cusum",
                json!({"threshold": 4.0, "min_instances": 1, "mode": mode}),
            ),
            (
                "cusum",
                json!({"threshold": 6.0, "target": 0.5, "mode": mode}),
            ),
            (
                "geometric_moving_average",
                json!({"threshold": 0.4, "alpha": 0.8, "mode": mode}),
            ),
            ("ewma_chart", json!({"min_instances": 5, "mode": mode})),
            (
                "ewma_chart",
                json!({"target": 0.0, "sigma": 1.0, "lambda_val": 0.7, "mode": mode}),
            ),
            (
                "ddm",
                json!({"warm_start": 5, "warning_threshold": 1.0, "drift_threshold": 2.0}),
            ),
            (
                "ddm",
                json!({"warning_threshold": 3.0, "drift_threshold": 1.5, "compat": "river"}),
            ),
            (
                "ewma_chart",
                json!({"limit_width": 2.0, "warning_width": 2.5, "lambda_val": 1.0}),
            ),
        ] {
            all.push(stream::get(name, &map(parameters), Options::default()).unwrap());
        }
    }
    all
}

#[test]
fn every_feature_gives_what_a_detector_alone_gives() {
    for name in stream::available() {
        let detector = default_of(name);
        for holes in [false, true] {
            let rows = rows(detector.input(), ROWS, 19, holes);
            assert_as_alone(detector.as_ref(), rows.view(), &[false; 19]);
        }
    }
}

#[test]
fn lanes_give_what_a_detector_alone_gives() {
    for detector in in_lanes() {
        for width in WIDTHS {
            for holes in [false, true] {
                let rows = rows(detector.input(), ROWS, width, holes);
                let found = assert_as_alone(detector.as_ref(), rows.view(), &vec![false; width]);
                assert!(width == 1 || found > width / 2, "{detector:?}: {found}");
            }
        }
    }
}

#[test]
fn options_hold_for_every_feature() {
    let standardise = Options {
        standardise: Some((0.3, 0.25)),
        ..Options::default()
    };
    let keep = Options {
        on_drift: OnDrift::KeepRecent,
        ..Options::default()
    };
    for detector in in_lanes().iter().chain([&default_of("adwin")]) {
        for options in [standardise, keep] {
            if detector.input() != Input::Real && options.standardise.is_some() {
                continue;
            }
            let detector = stream::get(detector.name(), &detector.parameters(), options).unwrap();
            let rows = rows(detector.input(), ROWS, 19, true);
            assert_as_alone(detector.as_ref(), rows.view(), &[false; 19]);
        }
    }
}

#[test]
fn masked_features_stay_as_they_are() {
    for detector in in_lanes() {
        let masked: Vec<bool> = (0..43)
            .map(|i| i % 5 == 2 || (16..28).contains(&i))
            .collect();
        let rows = rows(detector.input(), ROWS, 43, true);
        assert_as_alone(detector.as_ref(), rows.view(), &masked);
    }
}

#[test]
fn a_mask_comes_and_goes() {
    let detector = in_lanes().remove(0);
    let rows = rows(detector.input(), ROWS, 19, false);
    let mut bank = Bank::new(detector.as_ref(), 19).unwrap();
    let mut one = detector.fresh();
    let column = rows.column(4).to_vec();
    for (part, masked) in [(0..150, false), (150..300, true), (300..ROWS, false)] {
        let mut mask = [false; 19];
        mask[4] = masked;
        bank.set_masked(&mask).unwrap();
        bank.update_many(rows.slice(s![part.clone(), ..]), false)
            .unwrap();
        if !masked {
            one.update_many(&column[part]).unwrap();
        }
    }
    assert_eq!(bank.detector(4).unwrap().state(), one.state());
    assert_eq!(bank.counts()[4].n_samples, (ROWS - 150) as u64);
}

#[test]
fn row_by_row_is_as_many_rows_and_layout_does_not_matter() {
    for detector in in_lanes().into_iter().chain([default_of("adwin")]) {
        let rows = rows(detector.input(), ROWS, 19, true);
        let mut at_once = Bank::new(detector.as_ref(), 19).unwrap();
        let found = at_once.update_many(rows.view(), false).unwrap();
        let mut singly = Bank::new(detector.as_ref(), 19).unwrap();
        let mut one_by_one = Vec::new();
        for (row, values) in rows.rows().into_iter().enumerate() {
            let features = singly.update(values.as_slice().unwrap()).unwrap();
            let detection = |feature| Detection {
                row,
                feature,
                signal: Signal::Drift,
            };
            one_by_one.extend(features.into_iter().map(detection));
        }
        assert_eq!(found, one_by_one);
        assert_eq!(at_once.state(), singly.state());
        let columns = rows.t().as_standard_layout().into_owned();
        let mut other = Bank::new(detector.as_ref(), 19).unwrap();
        assert_eq!(other.update_many(columns.t(), false).unwrap(), found);
        assert_eq!(other.state(), at_once.state());
    }
}

#[test]
fn threads_change_nothing() {
    for detector in [in_lanes().remove(0), default_of("ewma_chart")] {
        let rows = rows(detector.input(), 3_000, 83, true);
        let mut one = Bank::new(detector.as_ref(), 83).unwrap();
        let found = one.update_many(rows.view(), true).unwrap();
        for threads in [2, 3, 64] {
            let mut many = Bank::new(detector.as_ref(), 83).unwrap();
            many.set_threads(threads).unwrap();
            assert_eq!(many.update_many(rows.view(), true).unwrap(), found);
            assert!(
                many.detectors()
                    .zip(one.detectors())
                    .all(|(a, b)| a.state() == b.state())
            );
        }
    }
}

#[test]
fn goes_on_from_its_state() {
    for name in stream::available() {
        let detector = default_of(name);
        let rows = rows(detector.input(), 260, 7, true);
        let mut bank = Bank::new(detector.as_ref(), 7).unwrap();
        bank.set_masked(&[false, true, false, false, false, false, false])
            .unwrap();
        bank.update_many(rows.slice(s![..130, ..]), false).unwrap();
        let text = bank.state().to_string();
        let mut read = Bank::from_state(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(read.state(), bank.state(), "{name}");
        let mut copy = bank.clone();
        let rest = rows.slice(s![130.., ..]);
        let found = bank.update_many(rest, true).unwrap();
        assert_eq!(read.update_many(rest, true).unwrap(), found, "{name}");
        assert_eq!(copy.update_many(rest, true).unwrap(), found, "{name}");
        assert_eq!(read.state(), bank.state(), "{name}");
    }
}

#[test]
fn refuses_states_that_are_damaged() {
    let bank = Bank::new(default_of("page_hinkley").as_ref(), 3).unwrap();
    let sealed = bank.state();
    let mut changed = sealed.clone();
    changed["features"][1]["n_samples"] = json!(5);
    let message = Bank::from_state(changed).unwrap_err().to_string();
    assert!(message.contains("checksum"), "{message}");
    let mut later = sealed;
    later["format"] = json!(9);
    let message = Bank::from_state(later).unwrap_err().to_string();
    assert!(message.contains("later version"), "{message}");
    assert!(Bank::from_state(default_of("adwin").state()).is_err());
    assert!(Bank::from_state(json!([1])).is_err());
}

#[test]
fn resets_one_feature_or_all() {
    let detector = in_lanes().remove(0);
    let rows = rows(detector.input(), ROWS, 19, false);
    let mut bank = Bank::new(detector.as_ref(), 19).unwrap();
    bank.update_many(rows.view(), false).unwrap();
    let before = bank.counts();
    bank.reset_feature(3).unwrap();
    let mut one = detector.fresh();
    one.update_many(&rows.column(3).to_vec()).unwrap();
    one.reset();
    assert_eq!(bank.detector(3).unwrap().state(), one.state());
    assert!(bank.detector(4).unwrap().statistic().is_some());
    bank.reset();
    assert!(bank.statistics().iter().all(Option::is_none));
    assert!(bank.signals().iter().all(|&signal| signal == Signal::Quiet));
    assert_eq!(bank.counts(), before);
}

#[test]
fn a_bank_begins_anew_whatever_its_detector_has_seen() {
    let mut detector = default_of("page_hinkley");
    detector.update_many(&[1.0; 50]).unwrap();
    let bank = Bank::new(detector.as_ref(), 2).unwrap();
    assert_eq!(bank.counts()[0].n_samples, 0);
    assert_eq!(bank.detector(0).unwrap().state(), detector.fresh().state());
}

#[test]
fn errors_name_the_argument_and_nothing_has_changed_then() {
    let real = default_of("page_hinkley");
    for n in [0, MOST_FEATURES + 1] {
        let message = Bank::new(real.as_ref(), n).unwrap_err().to_string();
        assert!(message.contains("n_features"), "{message}");
    }
    let mut bank = Bank::new(real.as_ref(), 3).unwrap();
    assert!(
        bank.update(&[1.0, 2.0])
            .unwrap_err()
            .to_string()
            .contains("3 values")
    );
    assert!(
        bank.set_threads(0)
            .unwrap_err()
            .to_string()
            .contains("threads")
    );
    assert!(
        bank.set_masked(&[true])
            .unwrap_err()
            .to_string()
            .contains("mask")
    );
    assert!(
        bank.reset_feature(3)
            .unwrap_err()
            .to_string()
            .contains("from 0 to 2")
    );
    assert!(bank.detector(3).is_err());
    let options = Options {
        nan_policy: NanPolicy::Raise,
        ..Options::default()
    };
    let strict = stream::get("page_hinkley", &Map::new(), options).unwrap();
    let mut bank = Bank::new(strict.as_ref(), 3).unwrap();
    let rows = ndarray::array![[1.0, 2.0, 3.0], [1.0, f64::NAN, 3.0]];
    let message = bank
        .update_many(rows.view(), false)
        .unwrap_err()
        .to_string();
    assert!(message.contains("NaN in row 1, feature 1"), "{message}");
    assert_eq!(bank.counts()[0].n_samples, 0);
    // What is masked may be anything.
    bank.set_masked(&[false, true, false]).unwrap();
    bank.update_many(rows.view(), false).unwrap();
}
