//! A bank on a hub, and alone: which features of rows have changed.

use std::sync::Arc;

use driftline::drift::NanPolicy;
use driftline::error::Error;
use driftline::event::{Event, Kind, Metadata, ModelFilter, ModelId, Timestamp, Value};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{
    Derived, Filter, Observer, ObserverError, StreamBank, StreamBankConfig, StreamConfig,
    StreamDetector, Values,
};
use driftline::stream::{self, Bank, Detector, Options};
use ndarray::{Array2, s};
use parking_lot::Mutex;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::{Value as Json, json};

/// Two blocks of lanes and a part of a third.
const WIDTH: usize = 37;
const ROWS: usize = 1500;

fn made(name: &str, parameters: Json, options: Options) -> Box<dyn Detector> {
    stream::get(name, parameters.as_object().unwrap(), options).unwrap()
}

/// Alarms soon: within a few values of a change by 1.
fn quick(options: Options) -> Box<dyn Detector> {
    let parameters = json!({"threshold": 5.0, "min_instances": 10});
    made("page_hinkley", parameters, options)
}

fn bank(width: usize) -> Bank {
    Bank::new(quick(Options::default()).as_ref(), width).unwrap()
}

fn config(width: usize) -> StreamBankConfig {
    StreamBankConfig::new(bank(width), "row")
}

fn observer(config: StreamBankConfig) -> StreamBank {
    StreamBank::new(config).unwrap()
}

fn second(n: usize) -> Timestamp {
    Timestamp::from_nanos(n as i64 * 1_000_000_000)
}

fn model(text: &str) -> ModelId {
    ModelId::parse(text).unwrap()
}

/// 0 to 1, and 3 more now and then, each feature at rows of its own; one value in 40 is
/// missing.
fn rows(seed: u64, n: usize, width: usize) -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut uniform = move || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    Array2::from_shape_fn((n, width), |(row, feature)| {
        let value = uniform() + 3.0 * ((row / (90 + 20 * feature)) % 2) as f64;
        if uniform() < 0.025 { f64::NAN } else { value }
    })
}

fn list(values: &[f64]) -> Value {
    let entry = |&x: &f64| if x.is_nan() { Value::Null } else { x.into() };
    Value::Array(values.iter().map(entry).collect())
}

fn event(row: Value, at: usize) -> Event {
    let mut event = Event::at(Kind::Observation, Some(0.5), second(at));
    event.metadata = Some(Arc::new(Metadata::from([("row".to_owned(), row)])));
    event
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

fn hub_with(observer: Arc<dyn Observer>) -> (Arc<Hub<Native>>, Arc<Recorder>) {
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    let recorder = Arc::new(Recorder::default());
    hub.register(recorder.clone(), Registration::default())
        .unwrap();
    hub.register(observer, Registration::default()).unwrap();
    (hub, recorder)
}

fn emit(hub: &Hub<Native>, rows: &Array2<f64>) {
    for (at, row) in rows.rows().into_iter().enumerate() {
        let report = hub.emit(&event(list(&row.to_vec()), at), &mut ());
        assert!(report.failures.is_empty());
    }
}

fn field(event: &Event, name: &str) -> Value {
    event.field(name).cloned().unwrap_or(Value::Null)
}

/// The position of the row and of the feature that an event is about.
fn place(event: &Event) -> (usize, usize) {
    let feature = field(event, "feature_index").as_f64().unwrap();
    let row = event.timestamp.seconds_since(second(0));
    (row as usize, feature as usize)
}

fn detected(told: &Recorder) -> Vec<(usize, usize)> {
    let told = told.0.lock();
    let told = told.iter().filter(|one| one.kind == Kind::DriftDetected);
    told.map(place).collect()
}

#[test]
fn options_are_checked() {
    let names = |names: &[&str]| Some(names.iter().map(|&name| name.into()).collect());
    for (wrong, argument) in [
        (
            StreamBankConfig {
                cooldown_s: -1.0,
                ..config(2)
            },
            "cooldown_s",
        ),
        (
            StreamBankConfig {
                resolve_after: Some(0),
                ..config(2)
            },
            "resolve_after",
        ),
        (
            StreamBankConfig {
                max_models: Some(0),
                ..config(2)
            },
            "max_models",
        ),
        (
            StreamBankConfig {
                kinds: Vec::new(),
                ..config(2)
            },
            "kinds",
        ),
        (
            StreamBankConfig {
                name: " ".into(),
                ..config(2)
            },
            "name",
        ),
        (
            StreamBankConfig {
                field: "".into(),
                ..config(2)
            },
            "field",
        ),
        (
            StreamBankConfig {
                features: names(&["a"]),
                ..config(2)
            },
            "features",
        ),
        (
            StreamBankConfig {
                features: names(&["a", "a"]),
                ..config(2)
            },
            "features",
        ),
        (
            StreamBankConfig {
                features: names(&["a", ""]),
                ..config(2)
            },
            "features",
        ),
    ] {
        let error = StreamBank::new(wrong).unwrap_err();
        assert!(matches!(error, Error::InvalidValue { .. }), "{error}");
        assert!(error.to_string().starts_with(argument), "{error}");
    }
}

#[test]
fn on_a_hub_it_finds_what_the_bank_finds() {
    let rows = rows(1, ROWS, WIDTH);
    let mut own = bank(WIDTH);
    let expected: Vec<_> = (own.update_many(rows.view(), false).unwrap().into_iter())
        .map(|one| (one.row, one.feature))
        .collect();
    assert!(expected.len() > 2 * WIDTH, "{}", expected.len());
    let observer = Arc::new(observer(config(WIDTH)));
    let (hub, told) = hub_with(observer.clone());
    emit(&hub, &rows);
    assert_eq!(detected(&told), expected);
    let copy = observer.bank(None).unwrap();
    assert_eq!(copy.state(), own.state());
    for (feature, counts) in own.counts().into_iter().enumerate() {
        let status = observer
            .status_of(None, Some(&feature.to_string()))
            .unwrap();
        let detector = own.detector(feature).unwrap();
        assert_eq!(
            (status.n_samples, status.n_missing),
            (counts.n_samples, counts.n_missing)
        );
        assert_eq!(status.n_detections, counts.n_detections);
        assert_eq!(status.reading.statistic, detector.statistic());
        assert_eq!(status.reading.limit, detector.limit());
        assert_eq!(status.reading.direction, detector.direction());
    }
    let sum = observer.status();
    assert_eq!(sum.n_detections, expected.len() as u64);
    assert_eq!(sum.n_samples + sum.n_missing, (ROWS * WIDTH) as u64);
    assert_eq!((sum.feature, sum.reading.statistic), (None, None));
}

/// With cooldowns and ends of drift, feature by feature, as a stream detector that hears
/// the values of the feature.
#[test]
fn each_feature_is_told_of_as_by_a_detector_of_its_own() {
    let rows = rows(2, ROWS, 5);
    let observer = Arc::new(observer(StreamBankConfig {
        cooldown_s: 150.0,
        resolve_after: Some(60),
        ..config(5)
    }));
    let (hub, told) = hub_with(observer.clone());
    emit(&hub, &rows);
    let told = std::mem::take(&mut *told.0.lock());
    let (mut n_resolved, mut n_suppressed) = (0, 0);
    for feature in 0..5 {
        let single = Arc::new(
            StreamDetector::new(StreamConfig {
                cooldown_s: 150.0,
                resolve_after: Some(60),
                ..StreamConfig::new(quick(Options::default()).into())
            })
            .unwrap(),
        );
        let (hub, alone) = hub_with(single.clone());
        for (at, &value) in rows.column(feature).iter().enumerate() {
            let mut event = Event::at(Kind::Observation, Some(value), second(at));
            event.feature = Some(feature.to_string().into());
            hub.emit(&event, &mut ());
        }
        let mine = told.iter().filter(|one| place(one).1 == feature);
        let mine: Vec<_> = mine
            .map(|one| {
                let mut one = one.clone();
                let metadata = Arc::make_mut(one.metadata.as_mut().unwrap());
                metadata.remove("feature_index");
                one
            })
            .collect();
        assert_eq!(mine, *alone.0.lock());
        n_resolved += mine
            .iter()
            .filter(|one| one.kind == Kind::DriftResolved)
            .count();
        let status = observer
            .status_of(None, Some(&feature.to_string()))
            .unwrap();
        assert_eq!(status, single.status());
        n_suppressed += status.n_suppressed;
    }
    assert!(n_resolved > 5 && n_suppressed > 5);
    let sorted = told.iter().map(place).is_sorted();
    assert!(sorted, "by row and then by feature");
}

#[test]
fn many_rows_at_once_are_as_one_by_one() {
    let rows = rows(3, ROWS, WIDTH);
    // Now and then a time runs backwards.
    let times: Vec<_> = (0..ROWS).map(|at| second(at - (at % 7) % 3)).collect();
    let make = |threads| {
        let mut bank = bank(WIDTH);
        bank.set_threads(threads).unwrap();
        observer(StreamBankConfig {
            bank: Arc::new(bank),
            cooldown_s: 200.0,
            resolve_after: Some(70),
            ..config(WIDTH)
        })
    };
    let (single, many, parts) = (make(1), make(2), make(1));
    let mut expected = Vec::new();
    for (at, row) in rows.rows().into_iter().enumerate() {
        for alarm in single.update(&row.to_vec(), times[at]).unwrap() {
            if alarm.is_alert() {
                expected.push((at, alarm.feature));
            }
        }
    }
    let found = many.of(None).update_many_at(rows.view(), &times).unwrap();
    assert_eq!(found, expected);
    let mut found = Vec::new();
    let mut first = 0;
    for length in [1, 500, 3, 996] {
        let part = rows.slice(s![first..first + length, ..]);
        let part = parts
            .of(None)
            .update_many_at(part, &times[first..first + length]);
        found.extend(
            part.unwrap()
                .into_iter()
                .map(|(row, feature)| (first + row, feature)),
        );
        first += length;
    }
    assert_eq!((first, found), (ROWS, expected));
    for feature in 0..WIDTH {
        let of = |one: &StreamBank| one.status_of(None, Some(&feature.to_string())).unwrap();
        assert_eq!(of(&many), of(&single));
        assert_eq!(of(&parts), of(&single));
        assert!(of(&single).n_suppressed > 0 || feature > 3);
    }
    assert!(single.status().n_suppressed > 20);
}

#[test]
fn an_alert_says_what_was_found() {
    let observer = Arc::new(observer(StreamBankConfig {
        features: Some(["income".into(), "age".into()].into()),
        ..config(2)
    }));
    let (hub, told) = hub_with(observer.clone());
    for at in 0..40 {
        let mut event = event(list(&[0.0, f64::from(u8::from(at >= 20))]), at);
        event.feature = Some("whatever".into());
        event.model = Some(model("fraud:3"));
        hub.emit(&event, &mut ());
    }
    let told = told.0.lock();
    let [event] = &told[..] else {
        panic!("one event: {told:?}");
    };
    // Zeros, then ones: the sixth sum of 1 - mean - delta is above 5 (by hand:
    // 20/21 + 20/22 + ... + 20/26 - 6 * 0.005 = 5.10, five terms give 4.33).
    assert_eq!(
        (event.kind.clone(), event.timestamp),
        (Kind::DriftDetected, second(25))
    );
    assert_eq!(event.source.as_deref(), Some("stream_detector"));
    assert_eq!(event.feature.as_deref(), Some("age"));
    assert_eq!(event.model, Some(model("fraud:3")));
    assert_eq!(field(event, "feature_index"), 1u64.into());
    assert_eq!(field(event, "detector"), "page_hinkley".into());
    assert_eq!(field(event, "direction"), "up".into());
    assert_eq!(field(event, "limit"), 5.0.into());
    assert_eq!(field(event, "n_samples"), 26u64.into());
    let Value::Str(message) = field(event, "message") else {
        panic!("a message");
    };
    assert!(message.starts_with("page_hinkley found a change upwards within the last 26 values: "));
    assert!(
        observer
            .status_of(None, Some("age"))
            .unwrap()
            .drift_detected
    );
    assert!(
        !observer
            .status_of(None, Some("income"))
            .unwrap()
            .drift_detected
    );
}

#[test]
fn models_do_not_mix() {
    let observer = Arc::new(observer(StreamBankConfig {
        per_model: true,
        max_models: Some(2),
        ..config(4)
    }));
    let (hub, told) = hub_with(observer.clone());
    let models = ["a:1", "b", "late"];
    let streams: Vec<_> = (0..3).map(|seed| rows(seed, 600, 4)).collect();
    for at in 0..600 {
        for (name, rows) in models.iter().zip(&streams) {
            let mut event = event(list(&rows.row(at).to_vec()), at);
            event.model = Some(model(name));
            hub.emit(&event, &mut ());
        }
    }
    for (name, rows) in models.iter().zip(&streams).take(2) {
        let mut own = bank(4);
        let expected = own.update_many(rows.view(), false).unwrap();
        let expected: Vec<_> = expected.iter().map(|one| (one.row, one.feature)).collect();
        let told = told.0.lock();
        let mine = told.iter().filter(|one| one.kind == Kind::DriftDetected);
        let mine = mine.filter(|one| one.model == Some(model(name)));
        assert_eq!(mine.map(place).collect::<Vec<_>>(), expected);
        assert_eq!(
            observer.bank(Some(&model(name))).unwrap().state(),
            own.state()
        );
        let detector = observer.detector(Some(&model(name)), "2").unwrap();
        assert_eq!(detector.state(), own.detector(2).unwrap().state());
    }
    assert!(
        told.0
            .lock()
            .iter()
            .all(|one| one.model != Some(model("late")))
    );
    assert_eq!(
        (observer.max_models(), observer.n_overflow()),
        (Some(2), 600)
    );
    assert_eq!(observer.models(), [Some(model("a:1")), Some(model("b"))]);
    for wrong in [None, Some(&model("late"))] {
        assert!(observer.bank(wrong).is_err());
        assert!(observer.status_of(wrong, None).is_err());
    }
    let of_a = observer.status_of(Some(&model("a:1")), None).unwrap();
    assert_eq!(of_a.n_samples + of_a.n_missing, 2400);
    observer.reset(Some(&model("a:1")), None).unwrap();
    assert_eq!(
        observer
            .status_of(Some(&model("a:1")), None)
            .unwrap()
            .n_samples,
        0
    );
    assert!(
        observer
            .status_of(Some(&model("b")), None)
            .unwrap()
            .n_samples
            > 2000
    );
    assert!(observer.reset(Some(&model("late")), None).is_err());
    observer.reset(None, None).unwrap();
    assert_eq!((observer.models().len(), observer.n_overflow()), (0, 0));
}

#[test]
fn it_hears_what_it_is_told_to() {
    let observer = Arc::new(observer(StreamBankConfig {
        kinds: vec![Kind::InferenceCompleted],
        model: Some(ModelFilter::parse("fraud").unwrap()),
        ..config(1)
    }));
    let (hub, _) = hub_with(observer.clone());
    for (kind, name) in [
        (Kind::InferenceCompleted, "fraud:1"),
        (Kind::InferenceCompleted, "fraud:2"),
        (Kind::InferenceCompleted, "churn"),
        (Kind::Observation, "fraud:1"),
    ] {
        let mut event = event(list(&[0.5]), 0);
        (event.kind, event.model) = (kind, Some(model(name)));
        hub.emit(&event, &mut ());
    }
    assert_eq!(
        (observer.status().n_samples, observer.max_models()),
        (2, None)
    );
    assert!(observer.status_of(Some(&model("fraud:1")), None).is_err());
}

#[test]
fn rows_come_as_lists_and_as_mappings() {
    let observer = Arc::new(observer(StreamBankConfig {
        features: Some(["age".into(), "income".into()].into()),
        field: "input.row".into(),
        ..config(2)
    }));
    let (hub, _) = hub_with(observer.clone());
    let mapping = |entries: &[(&str, Value)]| {
        let entries = entries
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(entries.collect())
    };
    let counts = || {
        let of = |name| observer.status_of(None, Some(name)).unwrap();
        let (age, income) = (of("age"), of("income"));
        [
            age.n_samples,
            age.n_missing,
            income.n_samples,
            income.n_missing,
        ]
    };
    for (row, expected) in [
        (
            Value::Array(vec![Value::Int(3), Value::Bool(true)]),
            [1, 0, 1, 0],
        ),
        (
            Value::Array(vec![Value::Null, Value::UInt(7)]),
            [1, 1, 2, 0],
        ),
        (
            mapping(&[("age", 3.0.into()), ("name", "Ada".into())]),
            [2, 1, 2, 1],
        ),
        (mapping(&[("income", f64::NAN.into())]), [2, 2, 2, 2]),
        (mapping(&[("income", f64::INFINITY.into())]), [2, 3, 2, 3]),
        (mapping(&[]), [2, 4, 2, 4]),
        (Value::Null, [2, 5, 2, 5]),
    ] {
        let inner = mapping(&[("row", row)]);
        let mut event = event(Value::Null, 0);
        event.metadata = Some(Arc::new(Metadata::from([("input".to_owned(), inner)])));
        let report = hub.emit(&event, &mut ());
        assert!(
            report.failures.is_empty(),
            "{:?}",
            report.failures[0].error.to_string()
        );
        assert_eq!(counts(), expected);
    }
    let report = hub.emit(&Event::at(Kind::Observation, Some(1.0), second(0)), &mut ());
    assert!(report.failures.is_empty());
    assert_eq!(counts(), [2, 6, 2, 6]);
    assert_eq!(observer.status().n_refused, 0);
    // Beginning again, a feature has nothing missing either.
    observer.reset(None, Some("age")).unwrap();
    assert_eq!(counts(), [0, 0, 2, 6]);
    let error = observer
        .status_of(None, Some("agee"))
        .unwrap_err()
        .to_string();
    let expected = "feature: got \"agee\"; accepted: a feature of the bank: \"age\", \"income\"";
    assert_eq!(error, expected);
}

#[test]
fn what_is_no_row_is_a_failure_once() {
    let map = Value::Object(Metadata::from([("age".to_owned(), 1.0.into())]));
    for (row, got) in [
        (list(&[0.5]), "1 values under \"row\""),
        (list(&[0.5; 4]), "4 values under \"row\""),
        (
            Value::Array(vec![0.5.into(), "x".into(), 0.5.into()]),
            "the text \"x\" as feature \"1\"",
        ),
        (
            Value::Array(vec![0.5.into(), list(&[1.0]), 0.5.into()]),
            "a list as feature \"1\"",
        ),
        (0.5.into(), "a number under \"row\""),
        (map, "a mapping under \"row\""),
    ] {
        let observer = Arc::new(observer(config(3)));
        let (hub, _) = hub_with(observer.clone());
        let report = hub.emit(&event(row.clone(), 0), &mut ());
        let text = report.failures[0].error.to_string();
        assert!(text.starts_with(&format!("row: got {got}")), "{text}");
        let allowed = "; accepted: a list with a number for each of 3 features, None where it is \
                       missing; other rows are counted in n_refused, and not told of";
        assert!(text.ends_with(allowed), "{text}");
        assert!(hub.emit(&event(row, 1), &mut ()).failures.is_empty());
        hub.emit(&event(list(&[0.5; 3]), 2), &mut ());
        let status = observer.status();
        assert_eq!(
            (status.n_samples, status.n_missing, status.n_refused),
            (3, 0, 2)
        );
    }
}

#[test]
fn a_row_that_the_detectors_do_not_take_is_refused_as_a_whole() {
    let ddm = made("ddm", json!({}), Options::default());
    let make = |masked: &[bool]| {
        let mut bank = Bank::new(ddm.as_ref(), 2).unwrap();
        bank.set_masked(masked).unwrap();
        Arc::new(observer(StreamBankConfig::new(bank, "row")))
    };
    let one = make(&[false, false]);
    let (hub, _) = hub_with(one.clone());
    let report = hub.emit(&event(list(&[1.0, 0.3]), 0), &mut ());
    let text = report.failures[0].error.to_string();
    let expected = "row: got 0.3 as feature \"1\"; accepted: 0 or 1 (True or False), by detector \
                    \"ddm\"; other rows are counted in n_refused, and not told of";
    assert_eq!(text, expected);
    assert_eq!((one.status().n_samples, one.status().n_refused), (0, 1));
    // Alone it is an error each time, and nothing changes.
    assert!(one.update(&[1.0, 0.3], second(0)).is_err());
    let rows = Array2::from_shape_vec((2, 2), vec![1.0, 1.0, 1.0, 0.3]).unwrap();
    assert!(one.update_many(rows.view(), second(0)).is_err());
    assert!(one.update(&[1.0], second(0)).is_err());
    assert_eq!((one.status().n_samples, one.status().n_refused), (0, 1));
    // What is masked is not looked at.
    let masked = make(&[false, true]);
    let (hub, _) = hub_with(masked.clone());
    assert!(
        hub.emit(&event(list(&[1.0, 0.3]), 0), &mut ())
            .failures
            .is_empty()
    );
    assert_eq!(
        (masked.status().n_samples, masked.status().n_refused),
        (1, 0)
    );
    // Where missing values are refused, so is a row that is not there.
    let raises = Options {
        nan_policy: NanPolicy::Raise,
        ..Options::default()
    };
    let bank = Bank::new(quick(raises).as_ref(), 2).unwrap();
    let raising = Arc::new(observer(StreamBankConfig::new(bank, "row")));
    let (hub, _) = hub_with(raising.clone());
    let report = hub.emit(&Event::at(Kind::Observation, None, second(0)), &mut ());
    let text = report.failures[0].error.to_string();
    assert!(
        text.starts_with("row: got nothing under \"row\"; accepted: "),
        "{text}"
    );
    hub.emit(&event(list(&[1.0, f64::NAN]), 0), &mut ());
    assert_eq!(
        (raising.status().n_missing, raising.status().n_refused),
        (0, 2)
    );
}

#[test]
fn runs_have_the_row_of_their_template() {
    let template = event(list(&[0.0, 1.0]), 0);
    let times: Vec<_> = (0..60).map(second).collect();
    let values = Values {
        template: &template,
        values: &[0.5; 60],
        timestamps: Some(&times),
    };
    let make = || {
        let one = Arc::new(observer(StreamBankConfig {
            resolve_after: Some(20),
            ..config(2)
        }));
        for at in 0..30 {
            one.update(&[0.0, f64::from(at % 2)], second(0)).unwrap();
        }
        one
    };
    let (in_runs, single) = (make(), make());
    let (hub, told_in_runs) = hub_with(in_runs.clone());
    hub.emit_many(values, &mut ());
    let (hub, told_single) = hub_with(single.clone());
    for at in 0..60 {
        hub.emit(&values.event(at), &mut ());
    }
    assert_eq!(*told_in_runs.0.lock(), *told_single.0.lock());
    let kinds: Vec<_> = (told_single.0.lock().iter())
        .map(|one| one.kind.clone())
        .collect();
    assert_eq!(kinds, [Kind::DriftDetected, Kind::DriftResolved]);
    assert_eq!(in_runs.status(), single.status());
    // Without a row each is missing; with a wrong one each is refused, and told of once.
    for (metadata, failures, missing, refused) in [
        (None, 0, 60, 0),
        (event(list(&[1.0]), 0).metadata, 1, 0, 60),
    ] {
        let one = make();
        let (hub, _) = hub_with(one.clone());
        let mut template = template.clone();
        template.metadata = metadata;
        let report = hub.emit_many(
            Values {
                template: &template,
                ..values
            },
            &mut (),
        );
        assert_eq!((report.attempted, report.failures.len()), (60, failures));
        let status = one.status();
        assert_eq!((status.n_missing, status.n_refused), (2 * missing, refused));
    }
}

#[test]
fn each_series_begins_with_what_the_bank_has_seen() {
    let mut seen = bank(2);
    let before = Array2::zeros((50, 2));
    seen.update_many(before.view(), false).unwrap();
    let one = observer(StreamBankConfig {
        bank: Arc::new(seen.clone()),
        per_model: true,
        ..config(2)
    });
    let rows = Array2::from_elem((5, 2), 3.0);
    let expected: Vec<_> = (seen.update_many(rows.view(), false).unwrap().into_iter())
        .map(|one| (one.row, one.feature))
        .collect();
    assert!(!expected.is_empty());
    for name in ["a", "b"] {
        let found = one
            .of(Some(model(name)))
            .update_many(rows.view(), second(0));
        assert_eq!(found.unwrap(), expected);
        assert_eq!(
            one.status_of(Some(&model(name)), Some("1"))
                .unwrap()
                .n_samples,
            5
        );
        assert_eq!(one.bank(Some(&model(name))).unwrap().state(), seen.state());
    }
}

/// The betting confidence sequence against a mean of 0.5.
fn with_rate(method: &str, n: usize) -> Bank {
    let parameters = json!({"target": 0.5, "mode": "up"});
    let detector = made(
        "betting_confidence_sequence",
        parameters,
        Options::default(),
    );
    Bank::with_fdr(detector.as_ref(), n, 0.1, method).unwrap()
}

#[test]
fn discoveries_are_what_is_told() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let rows = Array2::from_shape_fn((200, 3), |(row, feature)| match feature {
        1 if row > 20 => 1.0,
        _ => (rng.next_u64() % 2) as f64,
    });
    for method in ["e_bh", "e_lond"] {
        let mut own = with_rate(method, 3);
        let expected: Vec<_> = (own.update_many(rows.view(), false).unwrap().into_iter())
            .map(|one| (one.row, one.feature))
            .collect();
        assert!(!expected.is_empty());
        let make = || {
            Arc::new(observer(StreamBankConfig {
                resolve_after: Some(10),
                ..StreamBankConfig::new(with_rate(method, 3), "row")
            }))
        };
        let one = make();
        let (hub, told) = hub_with(one.clone());
        emit(&hub, &rows);
        assert_eq!(detected(&told), expected, "{method}");
        assert_eq!(
            make().update_many(rows.view(), second(0)).unwrap(),
            expected
        );
        assert_eq!(one.bank(None).unwrap().discoveries(), own.discoveries());
        // The limit of the detector itself is not what decides.
        assert!(
            told.0
                .lock()
                .iter()
                .all(|one| field(one, "limit") == Value::Null)
        );
    }
}

#[test]
fn what_is_still_selected_is_not_over() {
    let one = observer(StreamBankConfig {
        resolve_after: Some(10),
        ..StreamBankConfig::new(with_rate("e_bh", 2), "row")
    });
    let mut turns = Vec::new();
    for at in 0..200 {
        for alarm in one.update(&[1.0, f64::from(at % 2)], second(0)).unwrap() {
            turns.push((alarm.is_alert(), alarm.feature));
        }
    }
    assert_eq!(turns, [(true, 0)]);
    assert!(one.status_of(None, Some("0")).unwrap().drift_detected);
    // It takes no more values until it begins again.
    let taken = one.status_of(None, Some("0")).unwrap().n_samples;
    assert!(taken < 100, "{taken}");
    one.reset(None, Some("0")).unwrap();
    let status = one.status_of(None, Some("0")).unwrap();
    assert_eq!(
        (status.drift_detected, status.n_samples, status.n_detections),
        (false, 0, 0)
    );
    one.update(&[0.0, 1.0], second(0)).unwrap();
    assert_eq!(one.status_of(None, Some("0")).unwrap().n_samples, 1);
    assert_eq!(one.status_of(None, Some("1")).unwrap().n_samples, 201);
}

#[test]
fn threads_lose_no_row() {
    let one = Arc::new(observer(StreamBankConfig {
        per_model: true,
        ..config(3)
    }));
    let (hub, _) = hub_with(one.clone());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (hub, one) = (&hub, &one);
            scope.spawn(move || {
                for at in 0..300 {
                    let mut event = event(list(&[0.5, 0.25, f64::NAN]), at);
                    event.model = Some(model(["a", "b"][at % 2]));
                    hub.emit(&event, &mut ());
                    if thread == 0 {
                        one.status();
                    }
                }
            });
        }
    });
    for name in ["a", "b"] {
        let status = one.status_of(Some(&model(name)), None).unwrap();
        assert_eq!((status.n_samples, status.n_missing), (1200, 600));
    }
}
