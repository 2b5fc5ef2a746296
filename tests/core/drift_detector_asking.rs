//! The drift detector with a test that is code of the host's, without Python.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, OnceLock};

use driftline::drift::{FittedUnivariate, TestResult, Univariate};
use driftline::error::{Error, Result};
use driftline::event::{Event, Kind, ModelId, Timestamp};
use driftline::hub::{Hub, Native};
use driftline::observer::{Config, Decide, Derived, DriftDetector, Observer};
use ndarray::{ArrayView1, aview1};

/// What the host's code does with a baseline and a window.
type Code = dyn Fn(&[f64], &[f64]) -> Result<f64> + Send + Sync;

#[derive(Clone)]
struct Hosts(Arc<Code>);

struct Fitted {
    test: Hosts,
    baseline: Vec<f64>,
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hosts")
    }
}

impl std::fmt::Debug for Fitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fitted")
    }
}

impl Univariate for Hosts {
    fn name(&self) -> Cow<'static, str> {
        "hosts".into()
    }

    fn has_p_value(&self) -> bool {
        true
    }

    fn accepts_infinite(&self) -> bool {
        true
    }

    fn is_foreign(&self) -> bool {
        true
    }

    fn effect(&self) -> Cow<'static, str> {
        "hosts".into()
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        Ok(Arc::new(Fitted {
            test: self.clone(),
            baseline: baseline.to_vec(),
        }))
    }
}

impl FittedUnivariate for Fitted {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let statistic = (self.test.0)(&self.baseline, &current.to_vec())?;
        Ok(TestResult {
            test: "hosts".into(),
            statistic,
            distance: statistic,
            p_value: None,
            log_p_value: None,
            effect_size: statistic,
            df: None,
            n_baseline: self.baseline.len(),
            n_current: current.len(),
            n_missing_baseline: 0,
            n_missing_current: 0,
        })
    }
}

fn detector(
    window_size: usize,
    code: impl Fn(&[f64], &[f64]) -> Result<f64> + Send + Sync + 'static,
) -> DriftDetector {
    let test = Arc::new(Hosts(Arc::new(code)));
    let config = Config::new(window_size, test, Decide::Threshold(0.5));
    DriftDetector::new(aview1(&[0.0, 1.0]), config).unwrap()
}

fn second(n: usize) -> Timestamp {
    Timestamp::from_nanos(n as i64 * 1_000_000_000)
}

fn refused() -> Error {
    Error::invalid_value("current", "a bad day", "a good one")
}

/// The largest value of the window; fails for a negative one.
fn largest(_: &[f64], current: &[f64]) -> Result<f64> {
    let largest = current.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match current.iter().any(|&value| value < 0.0) {
        true => Err(refused()),
        false => Ok(largest),
    }
}

#[test]
fn many_values_are_judged_as_one_by_one() {
    let values = [0.1, 0.2, 0.9, 0.1, 0.2, 0.3, f64::NAN, 0.8, 0.1];
    let (whole, single) = (detector(2, largest), detector(2, largest));
    let times: Vec<_> = (0..values.len()).map(|n| second(n * 400)).collect();
    let at_once = whole.update_many_at(&values, &times).unwrap();
    let mut one_by_one = Vec::new();
    for (index, (&value, &time)) in values.iter().zip(&times).enumerate() {
        let alarm = single.update(value, time).unwrap();
        if alarm.is_some_and(|alarm| alarm.is_alert()) {
            one_by_one.push(index);
        }
    }
    // In at 2, a reminder at 3 (400 s later), out at 4, in at 7, a reminder at 8.
    assert_eq!(at_once, [2, 3, 7, 8]);
    assert_eq!(at_once, one_by_one);
    assert_eq!(whole.status(), single.status());
}

#[test]
fn a_failed_look_is_an_error_and_its_value_is_taken() {
    let detector = detector(2, largest);
    let many = detector.update_many(&[0.1, 0.2, -0.1, 0.3], second(0));
    assert_eq!(many, Err(refused()));
    let status = detector.status();
    assert_eq!((status.n_samples, status.statistic), (3, None));
    let event = |value| Event::at(Kind::Observation, Some(value), second(1));
    let mut derived = Derived::default();
    let failed = detector.on_event(&event(0.2), &mut derived).unwrap_err();
    assert_eq!(failed.downcast_ref::<Error>(), Some(&refused()));
    detector.on_event(&event(0.9), &mut derived).unwrap();
    assert_eq!(derived.events().len(), 1);
    assert!(detector.as_batch().is_none());
}

#[test]
fn it_may_come_back_to_the_detector_that_asks() {
    let asking: Arc<OnceLock<DriftDetector>> = Arc::default();
    let asked = Arc::clone(&asking);
    let made = detector(1, move |_, current| {
        if let Some(detector) = asked.get() {
            assert_eq!(detector.status().n, 1);
            // Deeper and deeper, and with another answer than the outer look's.
            if current[0] > 1.0 {
                detector.update(current[0] - 1.0, second(1))?;
            }
        }
        Ok(current[0])
    });
    let detector = asking.get_or_init(|| made);
    let alarm = detector.update(3.0, second(1)).unwrap();
    // The innermost look is the latest: the others were answered after it.
    assert_eq!(alarm, None);
    let status = detector.status();
    assert_eq!((status.statistic, status.n_samples), (Some(1.0), 3));
    assert_eq!(status.n_detections, 1);
}

#[test]
fn answers_about_another_baseline_or_start_do_not_count() {
    for reset in [false, true] {
        let asking: Arc<OnceLock<DriftDetector>> = Arc::default();
        let asked = Arc::clone(&asking);
        let made = detector(1, move |baseline, _| {
            if let Some(detector) = asked.get().filter(|_| baseline[0] == 0.0) {
                match reset {
                    true => detector.reset(None),
                    false => detector.rebase(aview1(&[5.0]), None)?,
                }
            }
            Ok(1.0)
        });
        let detector = asking.get_or_init(|| made);
        assert_eq!(detector.update(3.0, second(1)).unwrap(), None);
        let status = detector.status();
        assert_eq!(
            (status.n, status.statistic, status.n_detections),
            (0, None, 0)
        );
    }
}

#[test]
fn looks_of_several_threads_run_at_the_same_time() {
    // Each waits until the other runs too.
    let both = Arc::new(Barrier::new(2));
    let looks = Arc::new(AtomicUsize::new(0));
    let (meet, counted) = (Arc::clone(&both), Arc::clone(&looks));
    let test = Hosts(Arc::new(move |_: &[f64], _: &[f64]| {
        if counted.fetch_add(1, SeqCst) > 0 {
            meet.wait();
        }
        Ok(1.0)
    }));
    let mut config = Config::new(1, Arc::new(test), Decide::Threshold(0.5));
    config.per_model = true;
    let detector = DriftDetector::new(aview1(&[0.0]), config).unwrap();
    let hub = Hub::<Native>::new(Default::default()).unwrap();
    let detector = Arc::new(detector);
    hub.register(Arc::clone(&detector) as Arc<_>, Default::default())
        .unwrap();
    std::thread::scope(|scope| {
        for model in ["a", "b"] {
            let hub = &hub;
            scope.spawn(move || {
                let mut event = Event::at(Kind::Observation, Some(0.5), second(0));
                event.model = Some(ModelId::parse(model).unwrap());
                assert!(hub.emit(&event, &mut ()).failures.is_empty());
            });
        }
    });
    assert_eq!(looks.load(SeqCst), 3); // one of them to try it out
    assert_eq!(detector.status().n_detections, 2);
}
