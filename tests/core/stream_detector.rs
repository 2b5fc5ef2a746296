//! The stream detector: a streaming detector on a hub, and alone.

use std::sync::Arc;

use driftline::drift::NanPolicy;
use driftline::error::Error;
use driftline::event::{Event, Kind, Metadata, ModelId, Timestamp, Value};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{
    Derived, Filter, Observer, ObserverError, StreamChange, StreamConfig, StreamDetector, Values,
};
use driftline::stream::{self, Detector, Direction, Options};
use parking_lot::Mutex;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::{Map, json};

fn adwin() -> Box<dyn Detector> {
    stream::get("adwin", &Map::new(), Options::default()).unwrap()
}

/// Alarms soon: within a few values of a change by 1.
fn page_hinkley(options: Options) -> Box<dyn Detector> {
    let parameters = json!({"threshold": 5.0, "min_instances": 10});
    let parameters = parameters.as_object().unwrap();
    stream::get("page_hinkley", parameters, options).unwrap()
}

fn config() -> StreamConfig {
    StreamConfig::new(page_hinkley(Options::default()).into())
}

fn detector(config: StreamConfig) -> StreamDetector {
    StreamDetector::new(config).unwrap()
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_nanos(n * 1_000_000_000)
}

fn model(text: &str) -> ModelId {
    ModelId::parse(text).unwrap()
}

/// 0 to 1, and 3 more every other `length` values; every 50th is missing.
fn steps(seed: u64, n: usize, length: usize) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let draw = |i: usize| {
        let uniform = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let value = uniform + 3.0 * ((i / length) % 2) as f64;
        if i % 50 == 7 { f64::NAN } else { value }
    };
    (0..n).map(draw).collect()
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Event>>);

impl Observer for Recorder {
    fn name(&self) -> Arc<str> {
        "recorder".into()
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: Some(vec![Kind::DriftDetected, Kind::DriftResolved]),
            ..Filter::default()
        }
    }

    fn on_event(&self, event: &Event, _: &mut Derived) -> Result<(), ObserverError> {
        self.0.lock().push(event.clone());
        Ok(())
    }
}

fn hub_with(detector: &Arc<StreamDetector>) -> (Arc<Hub<Native>>, Arc<Recorder>) {
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    let recorder = Arc::new(Recorder::default());
    hub.register(recorder.clone(), Registration::default())
        .unwrap();
    hub.register(detector.clone(), Registration::default())
        .unwrap();
    (hub, recorder)
}

fn field(event: &Event, name: &str) -> Option<Value> {
    event.field(name).cloned()
}

#[test]
fn options_are_checked() {
    for wrong in [
        StreamConfig {
            cooldown_s: -1.0,
            ..config()
        },
        StreamConfig {
            cooldown_s: f64::NAN,
            ..config()
        },
        StreamConfig {
            resolve_after: Some(0),
            ..config()
        },
        StreamConfig {
            max_models: Some(0),
            ..config()
        },
        StreamConfig {
            kinds: Vec::new(),
            ..config()
        },
        StreamConfig {
            name: " ".into(),
            ..config()
        },
        StreamConfig {
            feature: Some("".into()),
            ..config()
        },
    ] {
        let error = StreamDetector::new(wrong).unwrap_err();
        assert!(matches!(error, Error::InvalidValue { .. }), "{error}");
    }
}

#[test]
fn alone_it_finds_what_the_detector_finds() {
    let values = steps(1, 5000, 900);
    for own in [adwin, || page_hinkley(Options::default())] {
        let mut own_one = own();
        let expected = own_one.update_many(&values).unwrap();
        assert!(expected.len() >= 4);
        let many = detector(StreamConfig::new(own().into()));
        assert_eq!(many.update_many(&values, second(0)).unwrap(), expected);
        let single = detector(StreamConfig::new(own().into()));
        let found = values.iter().enumerate().filter_map(|(i, &value)| {
            let alarm = single.update(value, second(0)).unwrap();
            alarm.filter(|alarm| alarm.is_alert()).map(|_| i)
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(single.status(), many.status());
        let status = many.status();
        assert_eq!((status.n_samples, status.n_missing), (4900, 100));
        assert_eq!(status.n_detections, expected.len() as u64);
        assert_eq!(status.reading.statistic, own_one.statistic());
        let copy = many.detector(None, None).unwrap();
        assert_eq!(copy.native().unwrap().state(), own_one.state());
    }
}

#[test]
fn features_and_models_do_not_mix() {
    let features = ["age", "income"];
    let models = ["a:1", "b"];
    let observer = Arc::new(detector(StreamConfig {
        per_model: true,
        ..StreamConfig::new(adwin().into())
    }));
    let (hub, told) = hub_with(&observer);
    let streams: Vec<_> = (0..4)
        .map(|seed| steps(seed, 3000, 700 + 100 * seed as usize))
        .collect();
    for at in 0..3000 {
        for (number, values) in streams.iter().enumerate() {
            let mut event = Event::at(Kind::Observation, Some(values[at]), second(at as i64));
            event.feature = Some(features[number % 2].into());
            event.model = Some(model(models[number / 2]));
            hub.emit(&event, &mut ());
        }
    }
    for (number, values) in streams.iter().enumerate() {
        let mut own = adwin();
        let expected: Vec<_> = own.update_many(values).unwrap();
        let (of_model, feature) = (model(models[number / 2]), Arc::from(features[number % 2]));
        let told = told.0.lock();
        let mine: Vec<_> = told
            .iter()
            .filter(|event| event.kind == Kind::DriftDetected)
            .filter(|event| event.model.as_ref() == Some(&of_model))
            .filter(|event| event.feature.as_ref() == Some(&feature))
            .map(|event| event.timestamp)
            .collect();
        let expected: Vec<_> = expected.iter().map(|&at| second(at as i64)).collect();
        assert_eq!(mine, expected);
        let copy = observer.detector(Some(&of_model), Some(&feature));
        assert_eq!(copy.unwrap().native().unwrap().state(), own.state());
    }
    assert_eq!(observer.series().len(), 4);
    assert_eq!(observer.status().n_samples, 4 * 2940);
    assert!(observer.status_of(None, None).is_err());
    assert!(observer.status_of(Some(&model("c")), None).is_err());
}

#[test]
fn runs_are_as_single_events() {
    let values = steps(3, 4000, 500);
    let times: Vec<_> = (0..4000).map(second).collect();
    let make = || {
        Arc::new(detector(StreamConfig {
            resolve_after: Some(120),
            cooldown_s: 600.0,
            ..StreamConfig::new(adwin().into())
        }))
    };
    let (in_runs, single) = (make(), make());
    let template = {
        let mut event = Event::at(Kind::Observation, None, second(0));
        event.feature = Some("age".into());
        event
    };
    let (hub, told_in_runs) = hub_with(&in_runs);
    hub.emit_many(
        Values {
            template: &template,
            values: &values,
            timestamps: Some(&times),
        },
        &mut (),
    );
    let (hub, told_single) = hub_with(&single);
    for (&value, &time) in values.iter().zip(&times) {
        let mut event = template.clone();
        event.value = Some(value);
        event.timestamp = time;
        hub.emit(&event, &mut ());
    }
    assert_eq!(*told_in_runs.0.lock(), *told_single.0.lock());
    assert_eq!(in_runs.status(), single.status());
    let status = single.status();
    assert!(status.n_suppressed > 0 && status.n_detections > 1);
    assert_eq!(status.feature.as_deref(), Some("age"));
}

#[test]
fn an_alert_says_what_was_found() {
    let observer = Arc::new(detector(config()));
    let (hub, told) = hub_with(&observer);
    for at in 0..40 {
        let mut event = Event::at(
            Kind::Observation,
            Some(f64::from(at / 20)),
            second(at.into()),
        );
        event.feature = Some("age".into());
        event.model = Some(model("fraud:3"));
        hub.emit(&event, &mut ());
    }
    let told = told.0.lock();
    let [event] = &told[..] else {
        panic!("one event: {told:?}");
    };
    // Zeros, then ones: the sixth sum of 1 - mean - delta is above 5 (by hand:
    // 20/21 + 20/22 + ... + 20/26 - 6 * 0.005 = 5.10, five terms give 4.33).
    assert_eq!(event.timestamp, second(25));
    assert_eq!(event.source.as_deref(), Some("stream_detector"));
    assert_eq!(
        (event.feature.as_deref(), event.model.as_ref()),
        (Some("age"), Some(&model("fraud:3")))
    );
    assert_eq!(field(event, "test"), Some("page_hinkley".into()));
    assert_eq!(field(event, "detector"), Some("page_hinkley".into()));
    assert_eq!(field(event, "direction"), Some("up".into()));
    assert_eq!(field(event, "limit"), Some(5.0.into()));
    assert_eq!(field(event, "n_samples"), Some(26u64.into()));
    let statistic: f64 = (0..6).map(|i| 20.0 / (21.0 + f64::from(i)) - 0.005).sum();
    assert!(
        (event.value.unwrap() - statistic).abs() < 0.02,
        "{:?}",
        event.value
    );
    let estimation = field(event, "estimation").unwrap().as_f64().unwrap();
    assert!((estimation - 6.0 / 26.0).abs() < 1e-9);
    let Some(Value::Str(message)) = field(event, "message") else {
        panic!("a message");
    };
    assert!(message.starts_with("page_hinkley found a change upwards within the last 26 values: "));
    assert!(message.ends_with(", the limit 5"), "{message}");
    assert_eq!(observer.status().reading.direction, Some(Direction::Up));
}

#[test]
fn drift_is_over_after_so_many_values_without_another_change() {
    let observer = detector(StreamConfig {
        resolve_after: Some(100),
        ..config()
    });
    let values: Vec<f64> = (0..500).map(|i| f64::from(i / 200) * 2.0).collect();
    let mut changes = Vec::new();
    for (i, &value) in values.iter().enumerate() {
        if let Some(alarm) = observer.update(value, second(0)).unwrap() {
            changes.push((alarm.change, i, alarm.n));
        }
    }
    let [
        (StreamChange::Detected, a, n),
        (StreamChange::Resolved, b, 100),
        (StreamChange::Detected, c, again),
    ] = changes[..3]
    else {
        panic!("{changes:?}");
    };
    assert_eq!((b, n), (a + 100, a as u64 + 1));
    assert!(a < 210 && (400..410).contains(&c));
    assert_eq!(again, (c - a) as u64);
    // Missing values do not count towards it.
    let missing = detector(StreamConfig {
        resolve_after: Some(3),
        ..config()
    });
    let found = missing.update_many(&values[..210], second(0)).unwrap();
    let mut rest = vec![2.0; 10];
    missing.reset(None, None).unwrap();
    assert_eq!(missing.status().n_samples, 0);
    missing
        .update_many(&values[..=found[0]], second(0))
        .unwrap();
    rest.splice(1..1, [f64::NAN; 50]);
    for (i, &value) in rest.iter().enumerate() {
        let alarm = missing.update(value, second(0)).unwrap();
        assert_eq!(alarm.is_some(), i == 52, "{i}");
    }
    // Never, where nobody says after how many.
    let never = detector(StreamConfig {
        resolve_after: None,
        ..config()
    });
    never.update_many(&values[..400], second(0)).unwrap();
    assert!(never.status().drift_detected);
}

#[test]
fn changes_within_the_cooldown_are_counted() {
    let observer = detector(StreamConfig {
        cooldown_s: 300.0,
        resolve_after: None,
        ..config()
    });
    let values: Vec<f64> = (0..800).map(|i| f64::from((i / 100) % 2) * 3.0).collect();
    let times: Vec<_> = (0..800).map(second).collect();
    let found = observer
        .of(None, None)
        .update_many_at(&values, &times)
        .unwrap();
    let mut own = page_hinkley(Options::default());
    let all = own.update_many(&values).unwrap();
    let mut expected = vec![all[0]];
    for &at in &all {
        if at >= expected[expected.len() - 1] + 300 {
            expected.push(at);
        }
    }
    assert_eq!((all.len(), found), (7, expected.clone()));
    let status = observer.status();
    assert_eq!(status.n_detections, expected.len() as u64);
    assert_eq!(status.n_suppressed, 7 - expected.len() as u64);
}

#[test]
fn newcomers_without_room_are_counted() {
    let observer = Arc::new(detector(StreamConfig {
        max_models: Some(2),
        ..config()
    }));
    let (hub, _) = hub_with(&observer);
    for name in ["a", "b", "c", "c", "a"] {
        let mut event = Event::at(Kind::Observation, Some(0.5), second(0));
        event.feature = Some(name.into());
        hub.emit(&event, &mut ());
    }
    assert_eq!((observer.max_models(), observer.n_overflow()), (Some(2), 2));
    let names = [(None, Some("a".into())), (None, Some("b".into()))];
    assert_eq!(observer.series(), names);
    let a: Arc<str> = "a".into();
    assert_eq!(observer.status_of(None, Some(&a)).unwrap().n_samples, 2);
    observer.reset(None, Some(&a)).unwrap();
    assert_eq!(observer.status_of(None, Some(&a)).unwrap().n_samples, 0);
    assert_eq!(observer.status().n_samples, 1);
    assert!(observer.reset(None, Some(&"c".into())).is_err());
    observer.reset(None, None).unwrap();
    assert_eq!((observer.series().len(), observer.n_overflow()), (0, 0));
}

#[test]
fn one_feature_is_one_series() {
    let observer = detector(StreamConfig {
        feature: Some("age".into()),
        ..config()
    });
    assert_eq!(observer.max_models(), None);
    observer.update(0.5, second(0)).unwrap();
    observer
        .of(Some(model("a")), Some("income".into()))
        .update(0.5, second(0))
        .unwrap();
    assert_eq!(observer.status().n_samples, 2);
    assert_eq!(observer.status().feature.as_deref(), Some("age"));
    assert!(observer.status_of(None, Some(&"income".into())).is_err());
    assert!(observer.status_of(Some(&model("a")), None).is_err());
}

#[test]
fn a_field_holds_the_value() {
    let observer = Arc::new(detector(StreamConfig {
        field: Some("score.mean".into()),
        ..config()
    }));
    let (hub, _) = hub_with(&observer);
    let mut event = Event::at(Kind::Observation, Some(7.0), second(0));
    let inner = Metadata::from([("mean".to_owned(), 0.25.into())]);
    let outer = Metadata::from([("score".to_owned(), Value::Object(inner))]);
    event.metadata = Some(Arc::new(outer));
    hub.emit(&event, &mut ());
    let values = Values {
        template: &event,
        values: &[1.0, 2.0],
        timestamps: None,
    };
    hub.emit_many(values, &mut ());
    event.metadata = None;
    hub.emit(&event, &mut ());
    let status = observer.status();
    assert_eq!((status.n_samples, status.n_missing), (3, 1));
    assert_eq!(status.reading.estimation, Some(0.25));
}

#[test]
fn what_the_detector_does_not_take_is_a_failure_once() {
    let raising = || {
        let options = Options {
            nan_policy: NanPolicy::Raise,
            ..Options::default()
        };
        Arc::new(detector(StreamConfig::new(page_hinkley(options).into())))
    };
    let nan = f64::NAN;
    let mixed = [0.5, nan, 0.5, nan];
    let template = Event::at(Kind::Observation, None, second(0));
    let values = |values| Values {
        template: &template,
        values,
        timestamps: None,
    };
    let observer = raising();
    let (hub, _) = hub_with(&observer);
    let report = hub.emit_many(values(&mixed), &mut ());
    assert_eq!((report.attempted, report.failures.len()), (4, 1));
    let text = report.failures[0].error.to_string();
    let expected = "value: got NaN; accepted: a finite number with nan_policy=\"raise\", by \
                    detector \"page_hinkley\"; others are counted in n_refused, and not told of";
    assert_eq!(text, expected);
    let report = hub.emit_many(values(&mixed[..3]), &mut ());
    assert_eq!((report.attempted, report.success), (3, 3));
    let status = observer.status();
    assert_eq!(
        (status.n_samples, status.n_refused, status.n_missing),
        (4, 3, 0)
    );
    // One by one.
    let observer = raising();
    let (hub, _) = hub_with(&observer);
    let mut failures = Vec::new();
    for value in [0.5, nan, nan, 0.5] {
        let report = hub.emit(
            &Event::at(Kind::Observation, Some(value), second(0)),
            &mut (),
        );
        failures.push(report.failures.len());
    }
    assert_eq!(failures, [0, 1, 0, 0]);
    // Alone it is an error each time, and nothing changes.
    let observer = raising();
    assert!(observer.update(nan, second(0)).is_err());
    let error = observer.update_many(&[0.5, nan], second(0)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("values: got NaN at position 1; accepted: ")
    );
    assert_eq!(observer.status().n_samples + observer.status().n_refused, 0);
}

#[test]
fn errors_are_zeros_and_ones() {
    let ddm = stream::get("ddm", &Map::new(), Options::default()).unwrap();
    let observer = Arc::new(detector(StreamConfig::new(ddm.clone_box().into())));
    let (hub, told) = hub_with(&observer);
    // Every tenth is an error, then every second; one value in 300 is none of the two.
    let errors: Vec<f64> = (0..1200)
        .map(|i| f64::from(i % if i < 800 { 10 } else { 2 } == 0))
        .collect();
    let mut values = errors.clone();
    for at in [900, 600, 300] {
        values.insert(at, 0.3);
    }
    let template = Event::at(Kind::Observation, None, second(0));
    let report = hub.emit_many(
        Values {
            template: &template,
            values: &values,
            timestamps: None,
        },
        &mut (),
    );
    let text = report.failures[0].error.to_string();
    assert!(text.starts_with("value: got 0.3; accepted: 0 or 1 (True or False), by detector"));
    assert_eq!(report.failures.len(), 1);
    let mut own = ddm;
    let found = own.update_many(&errors).unwrap();
    assert!(!found.is_empty());
    assert_eq!(told.0.lock().len(), found.len());
    let status = observer.status();
    assert_eq!((status.n_samples, status.n_refused), (1200, 3));
    let copy = observer.detector(None, None).unwrap();
    assert_eq!(copy.native().unwrap().state(), own.state());
}

#[test]
fn each_series_begins_with_what_the_detector_has_seen() {
    let mut own = page_hinkley(Options::default());
    own.update_many(&[0.0; 50]).unwrap();
    let observer = detector(StreamConfig::new(own.clone_box().into()));
    let values = [3.0; 5];
    assert_eq!(
        observer.update_many(&values, second(0)).unwrap(),
        own.update_many(&values).unwrap()
    );
    assert_eq!(observer.status().n_samples, 5);
}
