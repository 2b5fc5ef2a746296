//! The performance monitor, without Python.

use std::sync::Arc;

use driftline::event::{Event, Kind, Metadata, ModelId, Timestamp, Value};
use driftline::observer::{
    Answer, Derived, Learned, Observer, PerformanceConfig, PerformanceMonitor, Tick,
};

fn second(n: f64) -> Timestamp {
    Timestamp::from_nanos(0).saturating_add_seconds(n)
}

fn event(kind: Kind, id: &str, value: impl Into<Value>, model: Option<&str>, at: f64) -> Event {
    let key = match kind {
        Kind::GroundTruth => "label",
        _ => "prediction",
    };
    let mut event = Event::at(kind, Some(1.0), second(at));
    event.id = Some(id.into());
    event.model = model.map(|model| ModelId::parse(model).unwrap());
    event.metadata = Some(Arc::new(Metadata::from([(key.to_owned(), value.into())])));
    event
}

fn predicted(id: &str, value: impl Into<Value>, at: f64) -> Event {
    event(Kind::InferenceCompleted, id, value, Some("m:1"), at)
}

fn truth(id: &str, value: impl Into<Value>, at: f64) -> Event {
    event(Kind::GroundTruth, id, value, Some("m:1"), at)
}

fn hear(monitor: &PerformanceMonitor, event: Event) -> Vec<Event> {
    let mut derived = Derived::default();
    monitor.on_event(&event, &mut derived).unwrap();
    derived.take()
}

fn of_m() -> ModelId {
    ModelId::parse("m:1").unwrap()
}

#[test]
fn metrics_are_told_every_so_many_pairs() {
    let config = PerformanceConfig {
        every: 4,
        window: 4,
        min_labels: 4,
        positive: Some(Answer::Text("yes".into())),
        ..Default::default()
    };
    let monitor = PerformanceMonitor::new(config).unwrap();
    let predictions = ["yes", "yes", "no", "no", "yes", "yes", "yes", "yes"];
    let truths = ["yes", "no", "yes", "no", "yes", "yes", "yes", "yes"];
    let mut told = Vec::new();
    for (k, (prediction, label)) in predictions.into_iter().zip(truths).enumerate() {
        let (id, at) = (k.to_string(), k as f64);
        assert!(hear(&monitor, predicted(&id, prediction, at)).is_empty());
        told.extend(hear(&monitor, truth(&id, label, at)));
    }
    let figures: Vec<(&str, f64)> = told
        .iter()
        .map(|event| (event.kind.as_str(), event.value.unwrap()))
        .collect();
    let half = [
        ("accuracy", 0.5),
        ("precision", 0.5),
        ("recall", 0.5),
        ("f1", 0.5),
    ];
    let one = half.map(|(name, _)| (name, 1.0));
    assert_eq!(figures, [half, one].concat());
    assert_eq!(told[0].model, Some(of_m()));
    assert_eq!(told[4].timestamp, second(7.0));
    let metadata = told[4].metadata.as_deref().unwrap();
    let expected = [("coverage", Value::Float(1.0)), ("n", Value::Int(4))];
    for (key, value) in expected
        .into_iter()
        .chain([("pending", Value::Int(0)), ("samples_seen", Value::Int(8))])
    {
        assert_eq!(metadata.get(key), Some(&value), "{key}");
    }
}

#[test]
fn numbers_have_errors_and_classes_have_shares() {
    let monitor = PerformanceMonitor::new(PerformanceConfig::default()).unwrap();
    for (id, prediction, label) in [("a", 1.5, 1.0), ("b", 2.0, 4.0)] {
        hear(&monitor, predicted(id, prediction, 0.0));
        hear(&monitor, truth(id, label, 1.0));
    }
    let stats = monitor.stats(Some(&of_m())).unwrap();
    assert_eq!((stats.task, stats.n), (Some(Learned::Numbers), 2));
    let metrics: Vec<f64> = stats.metrics.iter().map(|(_, value)| *value).collect();
    assert_eq!(metrics, [1.25, (4.25_f64 / 2.0).sqrt()]);
    // A text is none.
    hear(&monitor, predicted("c", "x", 2.0));
    hear(&monitor, truth("c", 1.0, 3.0));
    let stats = monitor.stats(Some(&of_m())).unwrap();
    assert_eq!((stats.n, stats.refused, stats.counts.matched), (2, 1, 3));
}

#[test]
fn what_looks_alike_is_alike() {
    let monitor = PerformanceMonitor::new(PerformanceConfig::default()).unwrap();
    hear(&monitor, predicted("a", true, 0.0));
    hear(&monitor, truth("a", 1_u64, 0.0)); // as in Python
    hear(&monitor, predicted("b", 0_u64, 0.0));
    hear(&monitor, truth("b", "0", 0.0)); // a text is no number
    hear(&monitor, predicted("c", f64::NAN, 0.0));
    hear(&monitor, truth("d", Value::Null, 0.0));
    let stats = monitor.stats(Some(&of_m())).unwrap();
    assert_eq!((stats.n, stats.refused), (1, 1));
    assert_eq!(stats.metrics[0], (Kind::Accuracy, 1.0));
    assert_eq!(monitor.n_without_value(), 2);
    // The event's value is the label where the metadata has none.
    hear(&monitor, predicted("e", 1_u64, 0.0));
    let mut plain = truth("e", 0_u64, 0.0);
    plain.metadata = None;
    hear(&monitor, plain);
    assert_eq!(monitor.stats(Some(&of_m())).unwrap().n, 2);
}

#[test]
fn a_label_without_a_model_is_for_all_that_predicted_it() {
    let monitor = PerformanceMonitor::new(PerformanceConfig::default()).unwrap();
    let on = |id: &str, model: &str| event(Kind::InferenceCompleted, id, 1_u64, Some(model), 0.0);
    hear(&monitor, on("a", "champion:1"));
    hear(&monitor, on("a", "challenger:2"));
    hear(&monitor, event(Kind::GroundTruth, "a", 1_u64, None, 1.0));
    // Before its prediction.
    hear(&monitor, event(Kind::GroundTruth, "b", 0_u64, None, 1.0));
    assert_eq!(monitor.counts().waiting, 1);
    hear(&monitor, on("b", "champion:1"));
    // Of another version.
    hear(
        &monitor,
        event(Kind::GroundTruth, "a", 0_u64, Some("champion:9"), 1.0),
    );
    let of = |model: &str| {
        let model = ModelId::parse(model).unwrap();
        monitor.stats(Some(&model)).unwrap()
    };
    assert_eq!((of("champion:1").n, of("challenger:2").n), (2, 1));
    assert_eq!(of("champion:1").metrics[0].1, 0.5);
    assert_eq!(of("champion:9").counts.waiting, 1);
    let counts = monitor.counts();
    assert_eq!((counts.labels, counts.matched, counts.waiting), (4, 3, 1));
    assert_eq!(monitor.models().len(), 3);
    assert!(monitor.stats(None).is_err());
}

#[test]
fn newcomers_share_and_time_goes_on() {
    let config = PerformanceConfig {
        max_models: Some(1),
        ttl_s: 60.0,
        ..Default::default()
    };
    let monitor = PerformanceMonitor::new(config).unwrap();
    for (id, model) in [("a", "m:1"), ("b", "m:2"), ("c", "m:3")] {
        hear(
            &monitor,
            event(Kind::InferenceCompleted, id, 1_u64, Some(model), 0.0),
        );
    }
    hear(&monitor, event(Kind::GroundTruth, "b", 1_u64, None, 1.0));
    let shared = ModelId::new("__overflow__", None, None).unwrap();
    assert_eq!(monitor.stats(Some(&shared)).unwrap().n, 1);
    assert_eq!(monitor.n_overflow(), 2);
    let mut derived = Derived::default();
    monitor
        .on_tick(&Tick::at(second(61.0)), &mut derived)
        .unwrap();
    assert_eq!((monitor.counts().expired, monitor.counts().pending), (2, 0));
    monitor.reset();
    assert_eq!(monitor.counts().predictions, 0);
}

#[test]
fn ranges_are_told() {
    let refused = |change: fn(&mut PerformanceConfig), name: &str| {
        let mut config = PerformanceConfig::default();
        change(&mut config);
        let error = PerformanceMonitor::new(config).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}: got")), "{error}");
    };
    refused(|config| config.window = 0, "window");
    refused(|config| config.every = 0, "every");
    refused(|config| config.min_labels = 1_001, "min_labels");
    refused(|config| config.ttl_s = -1.0, "ttl_s");
    refused(|config| config.max_pending = 0, "max_pending");
    refused(|config| config.max_models = Some(0), "max_models");
    refused(|config| config.prediction = " ".into(), "prediction");
    assert!(Learned::from_name("ranking").is_err());
}
