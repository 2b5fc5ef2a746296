//! Events without Python.

use std::sync::Arc;

use driftline::event::{
    Definition, Event, Kind, MetricType, ModelFilter, ModelId, Severity, Timestamp, Value,
};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::Float),
        ".{0,8}".prop_map(|text| Value::from(text.as_str())),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[$]{0,2}(float|a)", inner, 0..3).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn json_keeps_everything(
        kind in "[a-z]{1,9}",
        number in proptest::option::of(any::<f64>()),
        nanos in any::<i64>(),
        severity in 0..6_usize,
        feature in proptest::option::of(".{1,5}"),
        metadata in prop::collection::btree_map(".{0,4}|[$]float", value(), 0..3),
    ) {
        let mut event = Event::at(Kind::parse(&kind)?, number, Timestamp::from_nanos(nanos));
        event.p_value = number;
        event.severity = Severity::ALL[severity];
        event.model = Some(ModelId::new("a:b", Some("1"), Some(Timestamp::from_nanos(nanos)))?);
        event.feature = feature.map(Into::into);
        event.metadata = Some(metadata).filter(|map| !map.is_empty()).map(Arc::new);
        let back = Event::from_json(&event.to_json())?;
        prop_assert_eq!(&back, &event);
        prop_assert_eq!(back.to_json(), event.to_json());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = Event::from_json(&text); // whatever it answers
        let _ = Kind::parse(&text);
        let _ = ModelId::parse(&text);
        let _ = text.parse::<Timestamp>();
    }
}

#[test]
fn times_reach_from_1677_to_2262() {
    for (nanos, text) in [
        (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
    ] {
        let time = Timestamp::from_nanos(nanos);
        assert_eq!(time.to_string(), text);
        assert_eq!(text.parse(), Ok(time));
    }
    assert!("2262-04-12T00:00:00Z".parse::<Timestamp>().is_err());
    let day = Timestamp::from_nanos(0).saturating_add_seconds(86_400.0);
    assert_eq!(day.seconds_since(Timestamp::from_nanos(0)), 86_400.0);
    let (least, most) = (
        Timestamp::from_nanos(i64::MIN),
        Timestamp::from_nanos(i64::MAX),
    );
    assert!(most.seconds_since(least) > 1.8e10);
    assert_eq!(most.saturating_add_seconds(f64::INFINITY), most);
}

#[test]
fn a_field_is_found_along_dots() {
    let mut event = Event::new(Kind::Observation, None);
    let inner = [("age".to_owned(), Value::Int(31))].into();
    let entries = [
        ("input".to_owned(), Value::Object(inner)),
        ("a.b".to_owned(), 1.5.into()),
    ];
    event.metadata = Some(Arc::new(entries.into()));
    assert_eq!(event.field("input.age"), Some(&Value::Int(31)));
    assert_eq!(event.field("a.b"), Some(&Value::Float(1.5)));
    for missing in ["age", "input.income", "input.age.x", "", "."] {
        assert_eq!(event.field(missing), None);
    }
}

#[test]
fn a_slip_is_recognised() {
    for (slip, meant) in [
        ("acuracy", "accuracy"),
        ("accuracyy", "accuracy"),
        ("acucracy", "accuracy"),
        ("drift-detected", "drift_detected"),
        ("recal", "recall"),
    ] {
        assert_eq!(Kind::did_you_mean(slip), Some(meant));
    }
    for no_slip in ["accuracy", "latency", "cost", "f2_score"] {
        assert_eq!(Kind::did_you_mean(no_slip), None);
    }
}

#[test]
fn every_standard_kind_has_its_place_and_its_definition() {
    for (index, kind) in Kind::STANDARD.iter().enumerate() {
        assert_eq!(kind.index(), Some(index));
        assert_eq!(Kind::parse(kind.as_str()).as_ref(), Ok(kind));
        assert!(kind.definition().is_some());
        let definition = Definition {
            metric_type: MetricType::Gauge,
            unit: None,
            description: None,
        };
        assert!(Kind::define(kind.as_str(), definition).is_err());
    }
}

#[test]
fn what_two_filters_of_models_share() {
    let hears = |filter: &str, model: &str| {
        ModelFilter::parse(filter)
            .unwrap()
            .matches(&ModelId::parse(model).unwrap())
    };
    assert!(hears("fraud", "fraud:1") && hears("fraud", "fraud") && hears("fraud:1", "fraud:1"));
    assert!(!hears("fraud:1", "fraud:2") && !hears("fraud:1", "fraud") && !hears("a", "fraud"));
}
