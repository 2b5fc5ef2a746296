//! The hub with native observers only.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use driftline::error::Error;
use driftline::event::{Event, Kind, Severity, Timestamp};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{BatchObserver, Derived, Filter, Observer, ObserverError, Values};
use parking_lot::Mutex;

/// Keeps what it hears; answers some kinds, panics or fails on others.
#[derive(Default)]
struct Recorder {
    heard: Mutex<Vec<Event>>,
    batch: bool,
    calls: AtomicU64,
}

impl Recorder {
    fn values(&self) -> Vec<f64> {
        self.heard
            .lock()
            .iter()
            .filter_map(|event| event.value)
            .collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.heard
            .lock()
            .iter()
            .map(|event| event.kind.to_string())
            .collect()
    }
}

impl Observer for Recorder {
    fn name(&self) -> Arc<str> {
        "recorder".into()
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        self.calls.fetch_add(1, SeqCst);
        match event.kind.as_str() {
            "panic" => panic!("on purpose"),
            "fail" => return Err("on purpose".into()),
            "echo" => derived.emit(Derived::event(event, event.kind.clone(), event.value)),
            _ => {}
        }
        self.heard.lock().push(event.clone());
        Ok(())
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        self.batch.then_some(self)
    }
}

/// Derives `drift_detected` from every negative value.
impl BatchObserver for Recorder {
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize {
        self.calls.fetch_add(1, SeqCst);
        for (index, &value) in values.values.iter().enumerate() {
            let event = values.event(index);
            if value == 13.5 {
                panic!("on purpose");
            }
            self.heard.lock().push(event.clone());
            if value < 0.0 {
                derived.emit(Derived::event(&event, Kind::DriftDetected, Some(value)));
                return index + 1;
            }
        }
        values.values.len()
    }
}

fn hub() -> Arc<Hub<Native>> {
    Hub::new(Settings::default()).unwrap()
}

fn recorder(hub: &Hub<Native>, filter: Filter, batch: bool) -> Arc<Recorder> {
    let recorder = Arc::new(Recorder {
        batch,
        ..Recorder::default()
    });
    let how = Registration {
        filter,
        ..Registration::default()
    };
    hub.register(recorder.clone(), how).unwrap();
    recorder
}

fn kinds(kinds: &[Kind]) -> Filter {
    Filter {
        kinds: Some(kinds.to_vec()),
        ..Filter::default()
    }
}

fn custom(name: &str) -> Event {
    Event::new(Kind::parse(name).unwrap(), None)
}

fn values<'a>(template: &'a Event, values: &'a [f64]) -> Values<'a> {
    Values {
        template,
        values,
        timestamps: None,
    }
}

#[test]
fn custom_kinds_reach_those_who_name_them_and_those_who_name_none() {
    let hub = hub();
    let any = recorder(&hub, Filter::default(), false);
    let mine = recorder(
        &hub,
        kinds(&[Kind::parse("mine").unwrap(), Kind::F1]),
        false,
    );
    for name in ["mine", "other", "f1", "accuracy"] {
        hub.emit(&custom(name), &mut ());
    }
    assert_eq!(any.kinds(), ["mine", "other", "f1", "accuracy"]);
    assert_eq!(mine.kinds(), ["mine", "f1"]);
}

#[test]
fn nobody_listens() {
    let hub = hub();
    assert!(!hub.has_listeners(&Kind::F1));
    let handle = hub
        .register(Arc::new(Recorder::default()), Registration::default())
        .unwrap();
    assert!(hub.has_listeners(&Kind::F1) && hub.has_listeners(&Kind::parse("mine").unwrap()));
    hub.unregister(handle).unwrap();
    assert!(!hub.has_listeners(&Kind::F1));
    assert_eq!(hub.emit(&custom("f1"), &mut ()).attempted, 0);
}

#[test]
fn a_panic_and_an_error_stay_with_the_observer() {
    let hub = hub();
    recorder(&hub, Filter::default(), false);
    let report = hub.emit(&custom("panic"), &mut ());
    assert_eq!((report.attempted, report.success), (1, 0));
    assert_eq!(report.failures[0].error.to_string(), "panicked: on purpose");
    let report = hub.emit(&custom("fail"), &mut ());
    assert_eq!(report.failures[0].error.to_string(), "on purpose");
    assert_eq!(hub.observers()[0].failures, 2);
}

#[test]
fn an_echo_ends_at_the_depth_limit() {
    let hub: Arc<Hub<Native>> = Hub::new(Settings {
        max_cascade_depth: 5,
        ..Settings::default()
    })
    .unwrap();
    let heard = recorder(&hub, Filter::default(), false);
    assert_eq!(hub.emit(&custom("echo"), &mut ()).attempted, 1);
    assert_eq!(heard.kinds().len(), 6);
    assert_eq!(hub.loops(), 1);
}

#[test]
fn a_batch_observer_stops_where_it_derives_and_its_events_come_in_between() {
    let hub = hub();
    let batch = recorder(&hub, kinds(&[Kind::Observation, Kind::DriftDetected]), true);
    let other = recorder(&hub, kinds(&[Kind::Observation]), true);
    let template = Event::new(Kind::Observation, None);
    let stream = [1.0, -2.0, 3.0, 4.0, -5.0, 6.0];
    let report = hub.emit_many(values(&template, &stream), &mut ());
    assert_eq!((report.attempted, report.success), (12, 12));
    assert_eq!(
        batch.values(),
        [1.0, -2.0, -2.0, -2.0, 3.0, 4.0, -5.0, -5.0, -5.0, 6.0]
    );
    assert_eq!(other.values(), stream);
    let sources: Vec<_> = batch
        .heard
        .lock()
        .iter()
        .filter_map(|e| e.source.clone())
        .collect();
    assert_eq!(sources.len(), 4);
    assert!(hub.observers().iter().all(|info| info.failures == 0));
}

#[test]
fn runs_give_what_single_events_give() {
    let template = Event::new(Kind::Observation, None);
    let stream: Vec<f64> = (0..10_000).map(|i| f64::from(i % 97) - 1.0).collect();
    let times: Vec<_> = (0..10_000).map(Timestamp::from_nanos).collect();
    let collect = |batch: bool| {
        let hub = hub();
        let observer = recorder(&hub, kinds(&[Kind::Observation]), batch);
        let derived = recorder(&hub, kinds(&[Kind::DriftDetected]), false);
        let many = Values {
            timestamps: Some(&times),
            ..values(&template, &stream)
        };
        hub.emit_many(many, &mut ());
        assert_eq!(hub.observers()[0].calls, 10_000);
        let times: Vec<_> = derived
            .heard
            .lock()
            .iter()
            .map(|event| event.timestamp)
            .collect();
        (observer.values(), times, observer.calls.load(SeqCst))
    };
    let (in_runs, times_in_runs, calls) = collect(true);
    let (single, _, _) = collect(false);
    assert_eq!(in_runs, single);
    let expected: Vec<_> = (0..10_000).step_by(97).map(Timestamp::from_nanos).collect();
    assert_eq!(times_in_runs, expected);
    assert!(calls < 200, "one call per run, not per value: {calls}");
}

#[test]
fn a_panic_in_a_run_is_one_failure() {
    let hub = hub();
    recorder(&hub, kinds(&[Kind::Observation]), true);
    let template = Event::new(Kind::Observation, None);
    let report = hub.emit_many(values(&template, &[1.0, 13.5, 2.0]), &mut ());
    assert_eq!(
        (report.attempted, report.success, report.failures.len()),
        (1, 0, 1)
    );
}

#[test]
fn the_registration_narrows_what_the_observer_listens_to() {
    struct Picky;
    impl Observer for Picky {
        fn name(&self) -> Arc<str> {
            "picky".into()
        }
        fn filter(&self) -> Filter {
            Filter {
                min_severity: Some(Severity::Warning),
                ..kinds(&[Kind::F1, Kind::Recall])
            }
        }
        fn on_event(&self, _: &Event, _: &mut Derived) -> Result<(), ObserverError> {
            Ok(())
        }
    }
    let hub = hub();
    let how = |filter| Registration {
        filter,
        ..Registration::default()
    };
    hub.register(Arc::new(Picky), how(kinds(&[Kind::F1, Kind::Accuracy])))
        .unwrap();
    assert_eq!(hub.observers()[0].filter.kinds, Some(vec![Kind::F1]));
    assert_eq!(
        hub.observers()[0].filter.min_severity,
        Some(Severity::Warning)
    );
    let refused = hub.register(Arc::new(Picky), how(kinds(&[Kind::Accuracy])));
    assert!(matches!(refused, Err(Error::InvalidValue { .. })));
    assert_eq!(hub.len(), 1);
}

#[test]
fn threads_that_emit_and_change_lose_nothing() {
    const ROUNDS: u64 = 20_000;
    let hub = Arc::new(hub());
    let heard = recorder(&hub, kinds(&[Kind::F1]), false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    hub.emit(
                        &Event::at(Kind::F1, Some(1.0), Timestamp::from_nanos(0)),
                        &mut (),
                    );
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..ROUNDS / 10 {
                let other = Arc::new(Recorder::default());
                let handle = hub.register(other, Registration::default()).unwrap();
                hub.unregister(handle).unwrap();
                assert!(hub.unregister(handle).is_err());
            }
        });
    });
    assert_eq!(heard.calls.load(SeqCst), 3 * ROUNDS);
    assert_eq!(hub.observers()[0].calls, 3 * ROUNDS);
    assert_eq!(hub.len(), 1);
}

#[test]
fn an_observer_may_use_the_hub_it_is_called_by() {
    struct Meddler(Mutex<std::sync::Weak<Hub<Native>>>);
    impl Observer for Meddler {
        fn name(&self) -> Arc<str> {
            "meddler".into()
        }
        fn on_event(&self, _: &Event, _: &mut Derived) -> Result<(), ObserverError> {
            let Some(hub) = self.0.lock().upgrade() else {
                return Ok(());
            };
            assert!(hub.emit(&custom("derived"), &mut ()).deferred);
            let other = hub.register(Arc::new(Recorder::default()), Registration::default())?;
            hub.unregister(other)?;
            Ok(())
        }
    }
    let hub = Arc::new(hub());
    let meddler = Arc::new(Meddler(Mutex::new(Arc::downgrade(&hub))));
    let how = Registration {
        filter: kinds(&[Kind::F1]),
        ..Registration::default()
    };
    hub.register(meddler, how).unwrap();
    let derived = recorder(&hub, kinds(&[Kind::parse("derived").unwrap()]), false);
    assert_eq!(hub.emit(&custom("f1"), &mut ()).failures.len(), 0);
    assert_eq!(derived.kinds(), ["derived"]);
    assert_eq!(derived.heard.lock()[0].source.as_deref(), Some("meddler"));
}

/// Knows whether it was told of the end.
#[derive(Default)]
struct Told(AtomicU64);

impl Observer for Told {
    fn name(&self) -> Arc<str> {
        "told".into()
    }

    fn on_event(&self, _: &Event, _: &mut Derived) -> Result<(), ObserverError> {
        Ok(())
    }

    fn shutdown(&self) -> Result<(), ObserverError> {
        self.0.fetch_add(1, SeqCst);
        Ok(())
    }
}

#[test]
fn a_registration_beside_a_shutdown_is_told_of_it_or_refused() {
    for _ in 0..500 {
        let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
        let told = Arc::new(Told::default());
        let start = Barrier::new(2);
        let registered = thread::scope(|scope| {
            let registering = scope.spawn(|| {
                start.wait();
                hub.register(told.clone(), Registration::default())
            });
            start.wait();
            hub.shutdown(Duration::from_secs(5), &mut ()).unwrap();
            registering.join().unwrap()
        });
        match registered {
            Ok(_) => assert_eq!(told.0.load(SeqCst), 1),
            Err(error) => {
                assert!(matches!(error, Error::HubClosed(_)));
                assert!(hub.is_empty());
            }
        }
    }
}
