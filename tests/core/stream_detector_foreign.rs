//! The stream detector with detectors that are code of the host's, without Python.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;

use driftline::error::{Error, Result};
use driftline::event::{Event, Kind, Timestamp};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{ForeignDetector, Reading, StreamConfig, StreamDetector, StreamSource};
use parking_lot::Mutex;

type Code = dyn Fn(&[f64]) -> Result<bool> + Send + Sync;

/// Asks some code about all values so far.
struct Hosts {
    code: Arc<Code>,
    values: Mutex<Vec<f64>>,
    inside: AtomicUsize,
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hosts")
    }
}

struct Inside<'a>(&'a AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl ForeignDetector for Hosts {
    fn name(&self) -> Arc<str> {
        "hosts".into()
    }

    fn copy(&self) -> Result<Arc<dyn ForeignDetector>> {
        Ok(Arc::new(Hosts::new(Arc::clone(&self.code))))
    }

    fn update(&self, x: f64) -> Result<Option<Reading>> {
        assert_eq!(self.inside.fetch_add(1, SeqCst), 0, "two at once");
        let values = {
            let mut values = self.values.lock();
            values.push(x);
            values.clone()
        };
        let found = {
            let _inside = Inside(&self.inside);
            (self.code)(&values)
        };
        let reading = Reading {
            statistic: Some(x),
            ..Reading::default()
        };
        Ok(found?.then_some(reading))
    }
}

impl Hosts {
    fn new(code: Arc<Code>) -> Self {
        Self {
            code,
            values: Mutex::default(),
            inside: AtomicUsize::new(0),
        }
    }
}

fn observer(code: impl Fn(&[f64]) -> Result<bool> + Send + Sync + 'static) -> StreamDetector {
    let hosts = Hosts::new(Arc::new(code));
    let source = StreamSource::Foreign(Arc::new(hosts));
    StreamDetector::new(StreamConfig::new(source)).unwrap()
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_nanos(n * 1_000_000_000)
}

/// Whether the last value is above 9.
fn large(values: &[f64]) -> Result<bool> {
    Ok(values.last().is_some_and(|&x| x > 9.0))
}

#[test]
fn each_series_has_a_copy() {
    let observer = observer(|values| Ok(values.len() == 3));
    for feature in ["a", "b"] {
        let series = observer.of(None, Some(feature.into()));
        let values = [1.0, f64::NAN, 2.0, f64::INFINITY, 3.0, 4.0];
        assert_eq!(series.update_many(&values, second(0)).unwrap(), [4]);
    }
    let status = observer.status_of(None, Some(&"b".into())).unwrap();
    assert_eq!((status.n_samples, status.n_missing, status.n), (4, 2, 1));
    assert_eq!((status.n_detections, status.drift_detected), (1, true));
    assert_eq!(status.reading.statistic, Some(3.0));
    let source = observer.detector(None, Some(&"b".into())).unwrap();
    assert!(source.native().is_none());
    assert_eq!(&*source.name(), "hosts");
    observer.reset(None, None).unwrap();
    assert_eq!(
        observer.update_many(&[1.0, 2.0, 3.0], second(0)).unwrap(),
        [2]
    );
}

#[test]
fn what_it_fails_with_is_a_failure_of_the_observer() {
    let observer = Arc::new(observer(|values| match values.last() {
        Some(&x) if x < 0.0 => Err(Error::invalid_value("x", x, "0 or more")),
        _ => large(values),
    }));
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    hub.register(observer.clone(), Registration::default())
        .unwrap();
    let failures = [1.0, -1.0, 10.0].map(|value| {
        let event = Event::at(Kind::Observation, Some(value), second(0));
        hub.emit(&event, &mut ()).failures.len()
    });
    assert_eq!(failures, [0, 1, 0]);
    assert_eq!(
        (observer.status().n_samples, observer.status().n_detections),
        (3, 1)
    );
    assert!(observer.update(-1.0, second(0)).is_err());
    assert!(observer.update_many(&[1.0, -1.0, 1.0], second(0)).is_err());
    assert_eq!(observer.status().n_samples, 6);
}

#[test]
fn it_may_give_values_to_the_very_observer() {
    static OBSERVER: OnceLock<StreamDetector> = OnceLock::new();
    let made = observer(|values| {
        if let (Some(&x), Some(observer)) = (values.last(), OBSERVER.get())
            && x == 1.0
        {
            assert!(observer.update(2.0, second(0))?.is_none()); // it waits in line
            assert_eq!(observer.status().n_samples, 0); // and no lock is held
        }
        large(values)
    });
    let observer = OBSERVER.get_or_init(|| made);
    observer.update(1.0, second(0)).unwrap();
    assert_eq!(observer.status().n_samples, 2);
    assert!(observer.update(10.0, second(0)).unwrap().is_some());
}

#[test]
fn many_threads_lose_no_value() {
    const THREADS: usize = 4;
    const EACH: usize = 300;
    let observer = Arc::new(observer(large));
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    hub.register(observer.clone(), Registration::default())
        .unwrap();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for i in 0..EACH {
                    let value = if i % 100 == 99 { 10.0 } else { 1.0 };
                    let event = Event::at(Kind::Observation, Some(value), second(0));
                    assert!(hub.emit(&event, &mut ()).failures.is_empty());
                }
            });
        }
    });
    let status = observer.status();
    assert_eq!(status.n_samples, (THREADS * EACH) as u64);
    assert_eq!(status.n_detections, (THREADS * EACH / 100) as u64);
}

#[test]
fn a_reset_meanwhile_forgets_what_was_asked() {
    static OBSERVER: OnceLock<StreamDetector> = OnceLock::new();
    let made = observer(|values| {
        if let Some(observer) = OBSERVER.get() {
            observer.reset(None, None).unwrap();
        }
        large(values)
    });
    let observer = OBSERVER.get_or_init(|| made);
    assert!(observer.update(10.0, second(0)).unwrap().is_none());
    assert_eq!(observer.status().n_detections, 0);
}

#[test]
fn a_panic_does_not_leave_it_busy() {
    let observer = Arc::new(observer(|values| {
        assert!(values.len() != 2, "two");
        large(values)
    }));
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    hub.register(observer.clone(), Registration::default())
        .unwrap();
    let failures = [1.0, 2.0].map(|value| {
        let event = Event::at(Kind::Observation, Some(value), second(0));
        hub.emit(&event, &mut ()).failures.len()
    });
    assert_eq!(failures, [0, 1]);
    assert!(observer.update(10.0, second(0)).unwrap().is_some());
}
