//! A drift detector with a series per model, and the silence of series.

use std::time::Duration;

use driftline::drift;
use driftline::event::{Event, Kind, ModelId, Timestamp};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{Alarm, Change, Config, Decide, Derived, DriftDetector, Observer, Tick};
use ndarray::aview1;
use std::sync::Arc;

fn config() -> Config {
    let test = drift::get("mean_shift", &Default::default()).unwrap();
    Config {
        per_model: true,
        ..Config::new(3, test, Decide::Threshold(0.05))
    }
}

fn detector(config: Config) -> DriftDetector {
    DriftDetector::new(aview1(&[0.5; 5]), config).unwrap()
}

fn model(text: &str) -> ModelId {
    ModelId::parse(text).unwrap()
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_nanos(n * 1_000_000_000)
}

fn models_of(alarms: &[Alarm]) -> Vec<String> {
    let about = alarms.iter().map(|alarm| alarm.about.as_ref().unwrap());
    about
        .map(|about| {
            about
                .model
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        })
        .collect()
}

#[test]
fn options_are_checked_here_too() {
    for wrong in [
        Config {
            max_models: Some(0),
            ..config()
        },
        Config {
            max_models: Some(1_000_001),
            ..config()
        },
        Config {
            no_data_after_s: Some(0.0),
            ..config()
        },
        Config {
            no_data_after_s: Some(f64::NAN),
            ..config()
        },
    ] {
        assert!(DriftDetector::new(aview1(&[0.5]), wrong).is_err());
    }
    assert!(DriftDetector::by_model(&[], config()).is_err());
    let sample = aview1(&[0.5]);
    let twice = [(model("a:1"), sample), (model("a:1"), sample)];
    assert!(DriftDetector::by_model(&twice, config()).is_err());
}

#[test]
fn an_alert_names_its_model() {
    let detector = detector(config());
    let mut derived = Derived::default();
    for n in 0..3 {
        for (name, value) in [("a:1", 0.6), ("b", 0.5)] {
            let mut event = Event::at(Kind::Observation, Some(value), second(n));
            event.model = Some(model(name));
            detector.on_event(&event, &mut derived).unwrap();
        }
    }
    let told = derived.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].model, Some(model("a:1")));
    assert_eq!(detector.status_of(&Some(model("b"))).unwrap().n, 3);
    assert!(detector.status_of(&Some(model("c"))).is_err());
    assert!(detector.status_of(&None).is_err());
}

#[test]
fn without_a_given_time_silence_runs_on_the_monotonic_clock() {
    let detector = detector(Config {
        no_data_after_s: Some(60.0),
        ..config()
    });
    let tick = Tick::now();
    let after = |seconds| tick.after(Duration::from_secs(seconds));
    // Before the first event, from the first tick on.
    assert!(detector.tick(&after(1000)).is_empty());
    assert!(detector.tick(&after(1059)).is_empty());
    assert_eq!(models_of(&detector.tick(&after(1060))), [""]);
    assert!(detector.tick(&after(5000)).is_empty());
    // Afterwards from the last event on.
    let alarm = detector
        .of(Some(model("a")))
        .update(0.5, second(0))
        .unwrap()
        .unwrap();
    assert_eq!(alarm.change, Change::DataRecovered { missing: 0 });
    assert!(detector.tick(&after(6000)).is_empty());
    assert!(detector.tick(&after(6059)).is_empty());
    let alarms = detector.tick(&after(6060));
    assert_eq!(models_of(&alarms), ["a"]);
    assert_eq!(alarms[0].at, second(60));
    let Change::Silent {
        last_seen,
        silent_s,
        ..
    } = alarms[0].change
    else {
        panic!("silence");
    };
    assert_eq!((last_seen, silent_s), (Some(second(0)), 60.0));
    assert!(detector.status().data_missing);
}

#[test]
fn a_fresh_start_of_one_model_does_not_make_it_silent() {
    let detector = detector(Config {
        no_data_after_s: Some(60.0),
        ..config()
    });
    for (name, at) in [("a", 0), ("b", 1000)] {
        detector
            .of(Some(model(name)))
            .update(0.5, second(at))
            .unwrap();
    }
    detector.reset(Some(&model("b")));
    assert_eq!(detector.status_of(&Some(model("b"))).unwrap().n_samples, 0);
    assert_eq!(models_of(&detector.tick(&Tick::at(second(1001)))), ["a"]);
}

#[test]
fn a_hub_says_how_many_models_and_when() {
    let hub: Arc<Hub<Native>> = Hub::new(Settings {
        max_models: 2,
        ..Settings::default()
    })
    .unwrap();
    let detector = Arc::new(detector(Config {
        no_data_after_s: Some(60.0),
        ..config()
    }));
    hub.register(detector.clone(), Registration::default())
        .unwrap();
    for name in ["a", "b", "c", "d"] {
        let mut event = Event::at(Kind::Observation, Some(0.5), second(0));
        event.model = Some(model(name));
        hub.emit(&event, &mut ());
    }
    assert_eq!(detector.max_models(), Some(2));
    assert_eq!(detector.n_overflow(), 2);
    assert_eq!(detector.models(), [Some(model("a")), Some(model("b"))]);
    assert_eq!(hub.tick(&Tick::at(second(60)), &mut ()).success, 1);
    assert!(detector.status().data_missing);
}
