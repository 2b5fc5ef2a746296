//! The retraining trigger, without Python.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use driftline::delivery::{Loss, Outcome};
use driftline::drift;
use driftline::event::{Event, Kind, Metadata, ModelId, Timestamp};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{
    Baseline, Config, Decide, Derived, DriftDetector, HeldBack, Judge, Observer, ObserverError,
    RetrainingTrigger, RunCounts, Scheduler, Strategy, Tick, TriggerConfig,
};

/// No wait in these tests is meant to end by itself.
const LONG: Duration = Duration::from_secs(60);

fn second(n: f64) -> Timestamp {
    Timestamp::from_nanos(0).saturating_add_seconds(n)
}

fn model(text: &str) -> ModelId {
    ModelId::parse(text).unwrap()
}

fn event(kind: Kind, value: Option<f64>, of: &str, at: f64) -> Event {
    let mut event = Event::at(kind, value, second(at));
    event.model = Some(model(of));
    event
}

fn with_p(p_value: f64, of: &str, at: f64) -> Event {
    let mut event = event(Kind::DriftScore, Some(0.3), of, at);
    event.p_value = Some(p_value);
    event
}

/// Counts what it was asked for, and answers what it is told to.
struct Counting {
    calls: AtomicU64,
    outcomes: Mutex<Vec<Outcome>>,
}

impl Counting {
    fn new(mut outcomes: Vec<Outcome>) -> Arc<Self> {
        outcomes.reverse();
        Arc::new(Self {
            calls: AtomicU64::new(0),
            outcomes: Mutex::new(outcomes),
        })
    }
}

impl Scheduler for Counting {
    fn name(&self) -> Arc<str> {
        "counting".into()
    }

    fn schedule(&self, _model: &ModelId, _event: &Event, _run_id: &str) -> Outcome {
        self.calls.fetch_add(1, SeqCst);
        let told = self.outcomes.lock().unwrap().pop();
        told.unwrap_or(Outcome::Delivered)
    }
}

fn failing(error: &str) -> Outcome {
    Outcome::Retry {
        reason: Loss::Failed,
        after: Some(Duration::ZERO),
        error: error.to_owned(),
    }
}

fn trigger(config: TriggerConfig) -> (RetrainingTrigger, Arc<Counting>) {
    let counting = Counting::new(Vec::new());
    let trigger = RetrainingTrigger::new(counting.clone(), config).unwrap();
    (trigger, counting)
}

fn settle(trigger: &RetrainingTrigger) {
    assert!(trigger.settle(Instant::now() + LONG));
}

/// Whether an event starts a run.
fn starts(trigger: &RetrainingTrigger, event: &Event) -> bool {
    let told = trigger.update(event).unwrap();
    told.iter()
        .any(|event| event.kind == Kind::RetrainingTriggered)
}

fn held(trigger: &RetrainingTrigger, why: HeldBack) -> u64 {
    trigger.held_back()[why as usize]
}

#[test]
fn a_thousand_drifts_from_eight_threads_start_one_run() {
    let (trigger, counting) = trigger(TriggerConfig::default());
    let told = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (trigger, told) = (&trigger, &told);
            scope.spawn(move || {
                for n in 0..125 {
                    let of = if thread % 2 == 0 {
                        "fraud:1"
                    } else {
                        "fraud:2"
                    };
                    let found = event(Kind::DriftDetected, Some(0.4), of, f64::from(n));
                    told.fetch_add(trigger.update(&found).unwrap().len() as u64, SeqCst);
                }
            });
        }
    });
    settle(&trigger);
    assert_eq!((told.load(SeqCst), counting.calls.load(SeqCst)), (1, 1));
    let runs = RunCounts {
        triggered: 1,
        scheduled: 1,
        ..RunCounts::default()
    };
    assert_eq!(trigger.runs(), runs);
    assert_eq!(held(&trigger, HeldBack::InFlight), 999);
    assert_eq!(trigger.in_flight(), ["fraud".into()]);
}

#[test]
fn limits_are_where_they_say() {
    // f1 below 0.75, p below 0.05: neither at the limit.
    for (event, fires) in [
        (event(Kind::F1, Some(0.75), "a", 0.0), false),
        (event(Kind::F1, Some(0.7499), "a", 0.0), true),
        (event(Kind::Accuracy, Some(0.1), "a", 0.0), false),
        (with_p(0.05, "a", 0.0), false),
        (with_p(0.0499, "a", 0.0), true),
        (with_p(0.0, "a", 0.0), true),
    ] {
        let (trigger, _) = trigger(TriggerConfig::default());
        let wanted = trigger.filter().matches(&event);
        assert_eq!(wanted && starts(&trigger, &event), fires, "{event:?}");
    }
    // What found drift without a p-value has judged; with one, that decides.
    let (trigger, _) = trigger(TriggerConfig::default());
    let mut unsure = event(Kind::DriftDetected, Some(9.0), "a", 0.0);
    unsure.p_value = Some(0.2);
    assert!(!starts(&trigger, &unsure));
    unsure.p_value = None;
    assert!(starts(&trigger, &unsure));
}

#[test]
fn what_is_missing_says_nothing_and_is_counted() {
    let (trigger, counting) = trigger(TriggerConfig::default());
    let nothing = [
        event(Kind::F1, None, "a", 0.0),
        event(Kind::F1, Some(f64::NAN), "a", 0.0),
        event(Kind::F1, Some(f64::NEG_INFINITY), "a", 0.0),
        event(Kind::DriftScore, Some(0.5), "a", 0.0),
        with_p(f64::NAN, "a", 0.0),
        with_p(-0.1, "a", 0.0),
        with_p(f64::INFINITY, "a", 0.0),
    ];
    for event in &nothing {
        assert!(!starts(&trigger, event), "{event:?}");
    }
    assert_eq!(trigger.n_missing(), nothing.len() as u64);
    assert!(starts(&trigger, &with_p(0.01, "a", 1.0)));
    settle(&trigger);
    assert_eq!(counting.calls.load(SeqCst), 1);
}

#[test]
fn small_effects_do_not_matter_and_k_of_n_must_say_so() {
    let config = || TriggerConfig {
        min_effect: Some(0.2),
        confirm: Some((3, 5)),
        ..TriggerConfig::default()
    };
    let (trigger, _) = trigger(config());
    let look = |p: f64, effect: f64, at: f64| {
        let mut event = with_p(p, "a", at);
        event.feature = Some("age".into());
        let metadata = Metadata::from([("effect_size".to_owned(), effect.into())]);
        event.metadata = Some(Arc::new(metadata));
        event
    };
    // yes, no (small), yes, no (p), yes: 3 of 5. The sign does not count.
    for (n, (p, effect)) in [(0.01, 0.5), (0.01, 0.19), (0.01, -0.2), (0.5, 0.5)]
        .into_iter()
        .enumerate()
    {
        assert!(!starts(&trigger, &look(p, effect, n as f64)), "{n}");
    }
    let mut other = look(0.01, 0.5, 4.0);
    other.feature = Some("amount".into());
    assert!(!starts(&trigger, &other)); // a series of its own
    let told = trigger.update(&look(0.01, 0.5, 5.0)).unwrap();
    let metadata = told[0].metadata.as_ref().unwrap();
    assert_eq!(metadata["n_confirming"].as_f64(), Some(3.0));
    assert_eq!(metadata["limit"].as_f64(), Some(0.05));
    assert_eq!(metadata["value"].as_f64(), Some(0.01));
    assert_eq!(held(&trigger, HeldBack::Unconfirmed), 3);
    // After a training looks count afresh.
    let done = event(Kind::TrainingCompleted, None, "a:2", 9000.0);
    trigger.update(&done).unwrap();
    for n in 0..2 {
        assert!(!starts(&trigger, &look(0.01, 0.5, 9001.0 + f64::from(n))));
    }
    assert!(starts(&trigger, &look(0.01, 0.5, 9003.0)));
}

#[test]
fn an_end_of_drift_is_a_look_that_says_no() {
    let (trigger, _) = trigger(TriggerConfig {
        confirm: Some((2, 2)),
        ..TriggerConfig::default()
    });
    let found = |at| event(Kind::DriftDetected, Some(0.4), "a", at);
    let gone = |at| event(Kind::DriftResolved, Some(0.1), "a", at);
    assert!(!starts(&trigger, &found(0.0)));
    assert!(!starts(&trigger, &gone(1.0)));
    assert!(!starts(&trigger, &found(2.0)));
    assert!(starts(&trigger, &found(3.0)));
}

#[test]
fn cooldown_and_rate_run_on_event_time() {
    let (trigger, _) = trigger(TriggerConfig {
        cooldown_s: 100.0,
        rate_limit: Some((2, 1000.0)),
        ..TriggerConfig::default()
    });
    let low = |of, at| event(Kind::F1, Some(0.1), of, at);
    let done = |of, at| event(Kind::TrainingCompleted, None, of, at);
    assert!(starts(&trigger, &low("a:1", 0.0)));
    trigger.update(&done("a:2", 10.0)).unwrap();
    assert!(!starts(&trigger, &low("a:2", 99.9))); // from start to start
    assert_eq!(held(&trigger, HeldBack::Cooldown), 1);
    assert!(starts(&trigger, &low("a:2", 100.0)));
    assert!(!starts(&trigger, &low("b", 999.9)));
    assert_eq!(held(&trigger, HeldBack::RateLimited), 1);
    assert!(starts(&trigger, &low("b", 1000.0))); // the first is 1000 s ago
    assert!(!starts(&trigger, &low("c", 1050.0)));
    // Time does not run backwards: neither cools anything down.
    assert!(!starts(&trigger, &low("c", 5.0)));
    let runs = trigger.runs();
    assert_eq!((runs.triggered, runs.completed), (3, 1));
}

#[test]
fn a_run_is_given_up_after_its_time() {
    let (trigger, _) = trigger(TriggerConfig {
        cooldown_s: 0.0,
        run_timeout_s: 60.0,
        ..TriggerConfig::default()
    });
    let low = |at| event(Kind::F1, Some(0.1), "a:1", at);
    assert!(starts(&trigger, &low(0.0)));
    assert!(trigger.tick(&Tick::at(second(59.9))).is_empty());
    let told = trigger.tick(&Tick::at(second(60.0)));
    assert_eq!(told[0].kind, Kind::RetrainingFailed);
    assert_eq!(told[0].model, Some(model("a:1")));
    assert_eq!(told[0].timestamp, second(60.0));
    assert_eq!(
        (trigger.runs().timed_out, trigger.in_flight().len()),
        (1, 0)
    );
    // An event that comes later finds it out, too, and may start the next.
    assert!(starts(&trigger, &low(61.0)));
    let told = trigger.update(&low(121.0)).unwrap();
    let kinds: Vec<_> = told.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [Kind::RetrainingFailed, Kind::RetrainingTriggered]);
}

#[test]
fn a_training_that_was_started_elsewhere_is_in_flight() {
    let (trigger, counting) = trigger(TriggerConfig::default());
    let low = |at| event(Kind::F1, Some(0.1), "a:1", at);
    trigger
        .update(&event(Kind::TrainingStarted, None, "a:2", 0.0))
        .unwrap();
    assert!(!starts(&trigger, &low(1.0)));
    assert_eq!(trigger.in_flight(), ["a".into()]);
    trigger
        .update(&event(Kind::TrainingCompleted, None, "a:2", 2.0))
        .unwrap();
    assert!(starts(&trigger, &low(3.0)));
    settle(&trigger);
    assert_eq!(counting.calls.load(SeqCst), 1);
    assert_eq!(trigger.runs().completed, 0);
}

#[test]
fn events_without_a_model_need_a_default_one() {
    let mut low = event(Kind::F1, Some(0.1), "a", 0.0);
    low.model = None;
    let (nobody, _) = trigger(TriggerConfig::default());
    assert!(!starts(&nobody, &low));
    assert_eq!(held(&nobody, HeldBack::NoModel), 1);
    let (known, _) = trigger(TriggerConfig {
        default_model: Some(model("only:3")),
        ..TriggerConfig::default()
    });
    let told = known.update(&low).unwrap();
    assert_eq!(told[0].model, Some(model("only:3")));
    low.kind = Kind::TrainingCompleted;
    known.update(&low).unwrap();
    assert_eq!(known.runs().completed, 1);
}

/// Says so for values above 7, and fails for others below 0.
struct Above7;

impl Judge for Above7 {
    fn name(&self) -> Arc<str> {
        "above_7".into()
    }

    fn says(&self, event: &Event) -> Result<bool, ObserverError> {
        match event.value {
            Some(value) if value < 0.0 => Err("below 0".into()),
            value => Ok(value.is_some_and(|value| value > 7.0)),
        }
    }
}

#[test]
fn strategies_take_the_place_of_max_p() {
    let with = |strategy, kinds: &[Kind]| {
        trigger(TriggerConfig {
            strategy: Some(strategy),
            kinds: kinds.to_vec(),
            ..TriggerConfig::default()
        })
        .0
    };
    let score = |value, at| event(Kind::DriftScore, Some(value), "a", at);
    let fixed = with(Strategy::FixedThreshold(0.05), &[Kind::DriftScore]);
    assert!(!starts(&fixed, &with_p(1e-9, "b", 0.0).clone_with(0.04)));
    assert!(starts(&fixed, &score(0.05, 1.0)));
    assert!(starts(&fixed, &event(Kind::F1, Some(0.2), "b", 1.0))); // min_f1 stays
    let p = with(Strategy::PValue(0.01), &[Kind::DriftScore]);
    assert!(!starts(&p, &with_p(0.01, "a", 0.0)));
    assert!(starts(&p, &with_p(0.009, "a", 1.0)));
    // 0.1; 0.5 * 0.4 + 0.5 * 0.1 = 0.25; 0.5 * 0.3 + 0.5 * 0.25 = 0.275
    let ewma = Strategy::Ewma {
        smoothing: 0.5,
        threshold: 0.275,
    };
    let ewma = with(ewma, &[Kind::DriftScore]);
    for (value, fires) in [
        (0.1, false),
        (f64::INFINITY, false),
        (f64::NAN, false),
        (0.4, false),
        (0.3, true),
    ] {
        assert_eq!(starts(&ewma, &score(value, 0.0)), fires, "{value}");
    }
    assert_eq!(ewma.n_missing(), 2);
    let own = with(Strategy::Custom(Arc::new(Above7)), &[Kind::Accuracy]);
    let accuracy = |value| event(Kind::Accuracy, Some(value), "a", 0.0);
    assert!(own.update(&accuracy(-1.0)).is_err());
    assert!(!starts(&own, &accuracy(7.0)));
    let told = own.update(&accuracy(8.0)).unwrap();
    let reason = told[0].field("reason").unwrap();
    assert_eq!(*reason, "above_7".into());
}

trait CloneWith {
    fn clone_with(&self, value: f64) -> Self;
}

impl CloneWith for Event {
    fn clone_with(&self, value: f64) -> Self {
        let mut event = self.clone();
        event.value = Some(value);
        event
    }
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let refused = |change: fn(&mut TriggerConfig), argument: &str| {
        let mut config = TriggerConfig::default();
        change(&mut config);
        let made = RetrainingTrigger::new(Counting::new(Vec::new()), config);
        let error = made.unwrap_err().to_string();
        assert!(error.starts_with(argument), "{error}");
    };
    refused(|config| config.min_f1 = Some(0.0), "min_f1:");
    refused(|config| config.min_f1 = Some(f64::NAN), "min_f1:");
    refused(|config| config.max_p = Some(1.1), "max_p:");
    refused(
        |config| config.strategy = Some(Strategy::PValue(0.0)),
        "alpha:",
    );
    refused(|config| config.confirm = Some((0, 5)), "confirm:");
    refused(|config| config.confirm = Some((6, 5)), "confirm:");
    refused(|config| config.confirm = Some((1, 65)), "confirm:");
    refused(|config| config.rate_limit = Some((0, 1.0)), "rate_limit:");
    refused(
        |config| config.rate_limit = Some((1, f64::NAN)),
        "rate_limit:",
    );
    refused(|config| config.cooldown_s = -1.0, "cooldown_s:");
    refused(|config| config.run_timeout_s = 0.0, "run_timeout_s:");
    refused(|config| config.min_effect = Some(-0.1), "min_effect:");
    refused(|config| config.retries = 101, "retries:");
    refused(|config| config.kinds.clear(), "kinds:");
    refused(|config| config.name = " ".into(), "name:");
    refused(
        |config| config.kinds = vec![Kind::RetrainingFailed],
        "kinds, rebase_on:",
    );
    refused(
        |config| config.rebase_on = Some(Kind::TrainingCompleted),
        "detectors:",
    );
    refused(
        |config| config.detectors = vec![Arc::new(detector(2))],
        "rebase_on:",
    );
    refused(
        |config| (config.min_f1, config.max_p) = (None, None),
        "min_f1, max_p, strategy:",
    );
}

#[test]
fn a_run_that_cannot_be_scheduled_is_told_and_frees_the_model() {
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    let counting = Counting::new(vec![failing("no"); 3]);
    let config = TriggerConfig {
        retries: 2,
        cooldown_s: 0.0,
        ..TriggerConfig::default()
    };
    let trigger = Arc::new(RetrainingTrigger::new(counting.clone(), config).unwrap());
    hub.register(trigger.clone(), Registration::default())
        .unwrap();
    let heard = Arc::new(Heard::default());
    hub.register(heard.clone(), Registration::default())
        .unwrap();
    hub.emit(&event(Kind::F1, Some(0.1), "a:1", 5.0), &mut ());
    assert!(hub.flush(LONG, &mut ()).unwrap());
    let events = heard.0.lock().unwrap().clone();
    // The worker may be faster than the emission.
    let of_kind = |kind: &Kind| events.iter().filter(|event| event.kind == *kind).count();
    assert_eq!((events.len(), of_kind(&Kind::RetrainingTriggered)), (3, 1));
    let is_failed = |event: &&Event| event.kind == Kind::RetrainingFailed;
    let failed = events.iter().find(is_failed).unwrap();
    assert_eq!(failed.model, Some(model("a:1")));
    assert_eq!(failed.source.as_deref(), Some("retraining_trigger"));
    assert_eq!(failed.timestamp, second(5.0));
    assert_eq!(*failed.field("reason").unwrap(), "failed".into());
    assert_eq!(counting.calls.load(SeqCst), 3);
    let runs = trigger.runs();
    assert_eq!((runs.triggered, runs.scheduled, runs.failed), (1, 0, 1));
    hub.emit(&event(Kind::F1, Some(0.1), "a:1", 6.0), &mut ());
    assert!(hub.flush(LONG, &mut ()).unwrap());
    assert_eq!((trigger.runs().triggered, trigger.runs().scheduled), (2, 1));
    assert_eq!(hub.shutdown(LONG, &mut ()).unwrap().left, 0);
}

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Observer for Heard {
    fn name(&self) -> Arc<str> {
        "heard".into()
    }

    fn on_event(&self, event: &Event, _: &mut Derived) -> Result<(), ObserverError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// Waits for leave to go on.
struct Slow(Mutex<mpsc::Receiver<Outcome>>, AtomicU64);

impl Scheduler for Slow {
    fn name(&self) -> Arc<str> {
        "slow".into()
    }

    fn schedule(&self, _model: &ModelId, _event: &Event, _run_id: &str) -> Outcome {
        self.1.fetch_add(1, SeqCst);
        self.0.lock().unwrap().recv().unwrap()
    }
}

#[test]
fn a_training_that_ends_while_it_is_being_scheduled_is_not_scheduled_again() {
    let (leave, receiver) = mpsc::channel();
    let slow = Arc::new(Slow(Mutex::new(receiver), AtomicU64::new(0)));
    let trigger = RetrainingTrigger::new(slow.clone(), TriggerConfig::default()).unwrap();
    assert!(starts(&trigger, &event(Kind::F1, Some(0.1), "a", 0.0)));
    while slow.1.load(SeqCst) == 0 {
        std::thread::yield_now();
    }
    assert!(!trigger.settle(Instant::now()));
    assert_eq!(trigger.backlog(), 1);
    let done = event(Kind::TrainingCompleted, None, "a", 1.0);
    trigger.update(&done).unwrap();
    leave.send(failing("too late")).unwrap();
    settle(&trigger);
    assert_eq!(slow.1.load(SeqCst), 1);
    let runs = trigger.runs();
    assert_eq!((runs.triggered, runs.completed, runs.failed), (1, 1, 0));
}

#[test]
fn a_shutdown_leaves_what_hangs() {
    let (leave, receiver) = mpsc::channel();
    let slow = Arc::new(Slow(Mutex::new(receiver), AtomicU64::new(0)));
    let trigger = Arc::new(RetrainingTrigger::new(slow, TriggerConfig::default()).unwrap());
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    hub.register(trigger.clone(), Registration::default())
        .unwrap();
    for of in ["a", "b", "c"] {
        hub.emit(&event(Kind::F1, Some(0.1), of, 0.0), &mut ());
    }
    let report = hub.shutdown(Duration::from_millis(20), &mut ()).unwrap();
    assert_eq!(report.left, 3);
    let runs = trigger.runs();
    assert_eq!((runs.triggered, runs.failed), (3, 3));
    leave.send(Outcome::Delivered).unwrap();
    settle(&trigger);
}

fn detector(window_size: usize) -> DriftDetector {
    let test = drift::get("mean_shift", &Default::default()).unwrap();
    let mut config = Config::new(window_size, test, Decide::Threshold(0.1));
    config.name = "ages".into();
    DriftDetector::new(ndarray::aview1(&[0.5; 8]), config).unwrap()
}

fn observation(value: f64, of: &str, at: f64) -> Event {
    let mut event = event(Kind::Observation, Some(value), of, at);
    event.feature = Some("age".into());
    event
}

#[test]
fn after_a_training_the_detector_judges_against_its_last_window() {
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    let detector = Arc::new(detector(4));
    let counting = Counting::new(Vec::new());
    let config = TriggerConfig {
        rebase_on: Some(Kind::TrainingCompleted),
        detectors: vec![detector.clone()],
        ..TriggerConfig::default()
    };
    let trigger = Arc::new(RetrainingTrigger::new(counting.clone(), config).unwrap());
    let heard = Arc::new(Heard::default());
    for observer in [
        detector.clone() as Arc<dyn Observer>,
        trigger.clone(),
        heard.clone(),
    ] {
        hub.register(observer, Registration::default()).unwrap();
    }
    let told = || -> Vec<Event> {
        let mut heard = heard.0.lock().unwrap();
        let told = std::mem::take(&mut *heard);
        let told = told.into_iter();
        told.filter(|event| event.source.is_some()).collect()
    };
    for n in 0..1000 {
        hub.emit(&observation(0.9, "a:1", f64::from(n)), &mut ());
    }
    // Drift of |0.9 - 0.5| at the 4th value, reminders 300 s apart: 1 + 3 events.
    let kinds: Vec<_> = told().into_iter().map(|event| event.kind).collect();
    let found = |kind: &Kind| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!(found(&Kind::DriftDetected), 4);
    assert_eq!(found(&Kind::RetrainingTriggered), 1);
    assert!(hub.flush(LONG, &mut ()).unwrap());
    assert_eq!(counting.calls.load(SeqCst), 1);
    hub.emit(
        &event(Kind::TrainingCompleted, None, "a:2", 1000.0),
        &mut (),
    );
    let events = told();
    let [resolved] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(resolved.kind, Kind::DriftResolved);
    assert_eq!(resolved.model, Some(model("a:1"))); // under which it was told
    assert_eq!(resolved.feature.as_deref(), Some("age"));
    assert_eq!(resolved.source.as_deref(), Some("ages"));
    assert_eq!((resolved.value, resolved.timestamp), (None, second(1000.0)));
    assert_eq!(*resolved.field("rebased").unwrap(), true.into());
    assert_eq!(trigger.rebased(), (1, 0));
    // The baseline is 0.9 now: 0.95 is within 0.1 of it, 0.5 is not.
    for n in 0..8 {
        let at = 1001.0 + f64::from(n);
        hub.emit(&observation(0.95, "a:2", at), &mut ());
    }
    assert!(told().is_empty());
    for n in 0..4 {
        let at = 1010.0 + f64::from(n);
        hub.emit(&observation(0.5, "a:2", at), &mut ());
    }
    let events = told();
    // 0.5 once: mean 0.8375, 0.0625 away; twice: 0.725, 0.175 away.
    assert_eq!(events[0].kind, Kind::DriftDetected);
    assert!((events[0].value.unwrap() - 0.175).abs() < 1e-12);
    assert_eq!(events[0].timestamp, second(1011.0));
}

/// Knows a baseline of its own.
struct Known(f64);

impl Baseline for Known {
    fn baseline(&self, _detector: &DriftDetector, event: &Event) -> Result<Vec<f64>, String> {
        match event.value {
            Some(_) => Err("not yet".to_owned()),
            None => Ok(vec![self.0; 8]),
        }
    }
}

#[test]
fn a_baseline_is_fetched_on_a_worker() {
    let hub: Arc<Hub<Native>> = Hub::new(Settings::default()).unwrap();
    let detector = Arc::new(detector(4));
    let config = TriggerConfig {
        rebase_on: Some(Kind::TrainingCompleted),
        detectors: vec![detector.clone()],
        baseline: Some(Arc::new(Known(0.7))),
        retries: 0,
        ..TriggerConfig::default()
    };
    let trigger = RetrainingTrigger::new(Counting::new(Vec::new()), config).unwrap();
    let trigger = Arc::new(trigger);
    let heard = Arc::new(Heard::default());
    for observer in [
        detector.clone() as Arc<dyn Observer>,
        trigger.clone(),
        heard.clone(),
    ] {
        hub.register(observer, Registration::default()).unwrap();
    }
    for n in 0..4 {
        hub.emit(&observation(0.9, "a:1", f64::from(n)), &mut ());
    }
    assert!(detector.status().drift_detected);
    let mut done = event(Kind::TrainingCompleted, Some(1.0), "a:2", 9.0);
    hub.emit(&done, &mut ());
    assert!(hub.flush(LONG, &mut ()).unwrap());
    assert!(detector.status().drift_detected); // it keeps its baseline
    assert_eq!(trigger.rebased(), (0, 1));
    done.value = None;
    hub.emit(&done, &mut ());
    assert!(hub.flush(LONG, &mut ()).unwrap());
    assert_eq!(trigger.rebased(), (1, 1));
    let events = heard.0.lock().unwrap().clone();
    let is_resolved = |event: &&Event| event.kind == Kind::DriftResolved;
    let last = events.iter().find(is_resolved).unwrap();
    assert_eq!(last.model, Some(model("a:1")));
    assert_eq!(last.source.as_deref(), Some("ages"));
    // 0.79 is 0.09 from the new baseline, and 0.29 from the old one.
    for n in 0..4 {
        hub.emit(&observation(0.79, "a:2", 10.0 + f64::from(n)), &mut ());
    }
    let status = detector.status();
    assert!((status.statistic.unwrap() - 0.09).abs() < 1e-12);
    assert!(!status.drift_detected);
}

#[test]
fn a_detector_without_a_full_window_keeps_its_baseline() {
    let detector = Arc::new(detector(4));
    let config = TriggerConfig {
        rebase_on: Some(Kind::TrainingCompleted),
        detectors: vec![detector.clone()],
        ..TriggerConfig::default()
    };
    let trigger = RetrainingTrigger::new(Counting::new(Vec::new()), config).unwrap();
    detector.update_many(&[0.9; 3], second(0.0)).unwrap();
    let done = event(Kind::TrainingCompleted, None, "a", 1.0);
    assert!(trigger.update(&done).unwrap().is_empty());
    assert_eq!(trigger.rebased(), (0, 1));
    assert_eq!(detector.status().n, 3);
}

#[test]
fn only_the_model_that_was_trained_gets_a_new_baseline() {
    let test = drift::get("mean_shift", &Default::default()).unwrap();
    let mut config = Config::new(2, test, Decide::Threshold(0.1));
    config.per_model = true;
    let detector = DriftDetector::new(ndarray::aview1(&[0.5; 4]), config).unwrap();
    let of = |text| detector.of(Some(model(text)));
    for text in ["a:1", "b:1"] {
        assert_eq!(of(text).update_many(&[0.9, 0.9], second(0.0)).unwrap(), [1]);
    }
    assert!(!detector.is_concerned(Some(&model("c:1"))));
    assert!(!detector.is_concerned(None));
    let ended = detector.renew(None, Some(&model("a:2"))).unwrap();
    assert_eq!(ended.len(), 1);
    for (text, drifts) in [("a:1", false), ("a:2", false), ("b:1", true)] {
        of(text).update_many(&[0.9, 0.9], second(1.0)).unwrap();
        let status = detector.status_of(&Some(model(text))).unwrap();
        assert_eq!(status.drift_detected, drifts, "{text}");
    }
    assert!(!detector.is_concerned(None));
}

#[test]
fn by_hand_a_new_baseline_ends_drift_with_the_next_event() {
    let detector = detector(2);
    let mut derived = Derived::default();
    for n in 0..2 {
        let event = observation(0.9, "a:1", f64::from(n));
        detector.on_event(&event, &mut derived).unwrap();
    }
    assert_eq!(derived.take().len(), 1);
    detector.rebase(ndarray::aview1(&[0.9; 4]), None).unwrap();
    let next = observation(0.9, "a:2", 5.0);
    detector.on_event(&next, &mut derived).unwrap();
    let told = derived.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, Kind::DriftResolved);
    assert_eq!(told[0].model, Some(model("a:1")));
    assert_eq!(told[0].timestamp, second(5.0));
    detector.on_event(&next, &mut derived).unwrap();
    assert!(derived.take().is_empty());
}
