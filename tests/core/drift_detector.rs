//! The drift detector and its calibration, without Python.

use driftline::drift;
use driftline::event::{Event, Kind, Timestamp};
use driftline::math::autocorrelation::lag_one;
use driftline::math::block_bootstrap::{Resampler, optimal_block_length};
use driftline::observer::{
    BatchObserver, Budget, Calibration, Config, Decide, Derived, DriftDetector, Limit, Observer,
    Values,
};
use ndarray::aview1;
use proptest::prelude::*;
use serde::Deserialize;

/// Block lengths are cube roots of sums over lags: rounding is far below this.
const BLOCK_LENGTH_RTOL: f64 = 1e-9;

fn detector(test: &str, window_size: usize, decide: Decide) -> DriftDetector {
    let test = drift::get(test, &Default::default()).unwrap();
    let config = Config {
        cooldown_s: 10.0,
        ..Config::new(window_size, test, decide)
    };
    DriftDetector::new(aview1(&[0.48, 0.49, 0.5, 0.51, 0.52]), config).unwrap()
}

fn second(n: usize) -> Timestamp {
    Timestamp::from_nanos(n as i64 * 1_000_000_000)
}

#[test]
fn an_alarm_carries_what_was_seen() {
    let detector = detector("mean_shift", 3, Decide::Threshold(0.05));
    for (n, value) in [0.6, 0.62].into_iter().enumerate() {
        assert_eq!(detector.update(value, second(n)).unwrap(), None);
    }
    let alarm = detector.update(0.65, second(2)).unwrap().unwrap();
    assert!(alarm.is_alert());
    assert_eq!(alarm.at, second(2));
    let event = alarm.event(&Event::at(Kind::Observation, Some(0.65), second(2)));
    assert_eq!(event.kind, Kind::DriftDetected);
    assert_eq!(
        alarm.message(),
        "the last 3 values average 0.6233, the baseline 0.5; mean_shift is 0.1233, at or beyond \
         the threshold 0.05 (effect size 7.8)"
    );
}

#[test]
fn a_batch_stops_right_after_what_it_has_to_tell() {
    let detector = detector("mean_shift", 2, Decide::Threshold(0.05));
    let template = Event::at(Kind::Observation, None, second(0));
    let values = [0.5, 0.7, 0.7, 0.5, 0.5, 0.5];
    let run = Values {
        template: &template,
        values: &values,
        timestamps: None,
    };
    let mut derived = Derived::default();
    assert_eq!(detector.on_values(run, &mut derived), 2);
    assert_eq!(derived.take()[0].kind, Kind::DriftDetected);
    assert_eq!(detector.on_values(run.part(2, 9), &mut derived), 3);
    assert_eq!(derived.take()[0].kind, Kind::DriftResolved);
    assert_eq!(detector.on_values(run.part(5, 9), &mut derived), 1);
    assert!(derived.events().is_empty());
}

#[test]
fn it_listens_to_what_it_was_made_for() {
    let mut config = Config::new(
        3,
        drift::get("mean_shift", &Default::default()).unwrap(),
        Decide::Threshold(0.05),
    );
    config.feature = Some("age".into());
    let detector = DriftDetector::new(aview1(&[0.5]), config).unwrap();
    let filter = detector.filter();
    let mut event = Event::at(Kind::Observation, Some(1.0), second(0));
    assert!(!filter.matches(&event));
    event.feature = Some("age".into());
    assert!(filter.matches(&event));
    event.kind = Kind::Accuracy;
    assert!(!filter.matches(&event));
}

#[test]
fn budgets() {
    assert_eq!("1.5h".parse(), Budget::seconds(5400.0));
    assert_eq!(" 2 d ".parse(), Budget::seconds(172_800.0));
    for wrong in ["", "h", "3", "3w", "-3h", "NaNs", "infs", "1h30min"] {
        assert!(wrong.parse::<Budget>().is_err(), "{wrong}");
    }
}

#[test]
fn calibration_is_the_same_everywhere() {
    let history: Vec<f64> = (0..1000u32).map(|i| f64::from(i * i % 997)).collect();
    let config = Config::new(
        20,
        drift::get("mean_shift", &Default::default()).unwrap(),
        Decide::Threshold(0.0),
    );
    let calibration = Calibration {
        n_bootstrap: 20,
        ..Calibration::new(Budget::samples(50_000.0).unwrap())
    };
    let made = || {
        DriftDetector::calibrated(aview1(&history), None, config.clone(), &calibration)
            .unwrap()
            .status()
            .limit
    };
    let found = made();
    assert_eq!(found, made());
    let Limit::Threshold(threshold) = found else {
        panic!("a threshold");
    };
    // Four to six standard deviations (288) of the mean of 20.
    assert!((250.0..400.0).contains(&threshold), "{threshold}");
}

#[derive(Deserialize)]
struct BlockCase {
    id: String,
    series: Vec<f64>,
    expected: f64,
}

#[test]
fn block_lengths_are_those_of_the_paper() {
    let cases: Vec<BlockCase> =
        serde_json::from_str(include_str!("../data/block_length.json")).unwrap();
    for case in cases {
        let found = optimal_block_length(&case.series);
        let wanted = case.expected.max(1.0);
        let error = (found / wanted - 1.0).abs();
        assert!(error < BLOCK_LENGTH_RTOL, "{}: {found} {wanted}", case.id);
    }
}

#[test]
fn draws_are_blocks_of_the_series() {
    let series: Vec<f64> = (0..50).map(f64::from).collect();
    let (mut drawn, mut again) = (Vec::new(), Vec::new());
    Resampler::new(3).draw(&series, 7, 100, &mut drawn);
    Resampler::new(3).draw(&series, 7, 100, &mut again);
    assert_eq!(drawn, again);
    assert_eq!(drawn.len(), 100);
    for block in drawn.chunks(7) {
        assert!(block.windows(2).all(|pair| pair[1] == pair[0] + 1.0));
    }
}

#[test]
fn neighbours_across_a_gap_are_no_neighbours() {
    let with_gap = [1.0, 2.0, f64::NAN, 1.0, 2.0];
    // Deviations -0.5, 0.5, -0.5, 0.5: two products of -0.25 over squares of 1.
    assert_eq!(lag_one(aview1(&with_gap)), Some(-0.5));
    assert_eq!(
        lag_one(aview1(&[1e308, -1e308, 1e308, -1e308])),
        Some(-0.75)
    );
    assert_eq!(lag_one(aview1(&[0.1; 1000])), None);
    assert_eq!(lag_one(aview1(&[])), None);
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1.0..2.0f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, 1e18, -1e308, 1.7e308, 0.5]),
    ]
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_the_answer_is_the_same(
        values in prop::collection::vec(value(), 0..200),
        window in 2usize..9,
        every in 1usize..4,
        cuts in prop::collection::vec(1usize..20, 1..20),
        welch in any::<bool>(),
    ) {
        let (test, decide) = if welch {
            ("welch", Decide::Alpha(0.05))
        } else {
            ("mean_shift", Decide::Threshold(0.3))
        };
        let make = || {
            let mut config = Config::new(
                window,
                drift::get(test, &Default::default()).unwrap(),
                decide,
            );
            config.check_every = Some(every);
            config.cooldown_s = 10.0;
            DriftDetector::new(aview1(&[0.5, 0.4, 0.7]), config).unwrap()
        };
        let times: Vec<Timestamp> = (0..values.len()).map(second).collect();
        let (whole, parts) = (make(), make());
        let expected = whole.update_many_at(&values, &times).unwrap();
        let (mut found, mut start) = (Vec::new(), 0);
        for cut in cuts.iter().cycle() {
            if start >= values.len() {
                break;
            }
            let end = (start + cut).min(values.len());
            let alerts = parts.update_many_at(&values[start..end], &times[start..end]).unwrap();
            found.extend(alerts.iter().map(|index| index + start));
            start = end;
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(format!("{:?}", whole.status()), format!("{:?}", parts.status()));
        let statistic = whole.status().statistic;
        prop_assert!(statistic.is_none_or(|statistic| !statistic.is_nan()));
    }
}
