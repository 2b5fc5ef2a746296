//! Incidents, and the dispatcher that tells of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driftline::alert::{Action, Alert, Book, Notice, Rules, Sink};
use driftline::delivery::{Loss, Outcome, start_thread};
use driftline::event::{Event, Kind, ModelId, Severity, Timestamp};
use driftline::hub::{Hub, Native, Registration, Settings};
use driftline::observer::{AlertConfig, AlertDispatcher, Derived, Observer, Tick};
use proptest::prelude::*;

const RULES: Rules = Rules {
    cooldown_s: 300.0,
    resolve_after_s: 3600.0,
    max_incidents: 100,
};

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_nanos(1_700_000_000_000_000_000).saturating_add_seconds(seconds)
}

fn event(kind: &str, feature: &str, seconds: f64) -> Event {
    let mut event = Event::at(Kind::parse(kind).unwrap(), Some(0.5), at(seconds));
    event.model = Some(ModelId::parse("fraud:1").unwrap());
    event.feature = Some(feature.into());
    event
}

/// Gives the book an event, when what it tells can be taken back or not.
fn take(book: &mut Book, event: &Event, is_taken_back: bool) -> Vec<Notice> {
    let at = event.timestamp;
    let mut notices = book.tick(at);
    if let Some(resumption) = book.take(event, at, &mut notices) {
        book.resume(&resumption, is_taken_back, at, &mut notices);
    }
    notices
}

/// What the book says to tell of an event.
fn told(book: &mut Book, kind: &str, seconds: f64) -> Vec<Action> {
    let notices = take(book, &event(kind, "age", seconds), false);
    notices.into_iter().map(|notice| notice.action).collect()
}

#[test]
fn an_incident_opens_is_reminded_of_and_resolved() {
    let mut book = Book::new(RULES, 1);
    assert_eq!(told(&mut book, "drift_detected", 0.0), [Action::Open]);
    assert_eq!(told(&mut book, "drift_detected", 299.9), []);
    assert_eq!(told(&mut book, "drift_detected", 300.0), [Action::Remind]);
    assert_eq!(told(&mut book, "drift_detected", 599.9), []);
    assert_eq!(told(&mut book, "drift_resolved", 700.0), [Action::Resolve]);
    assert_eq!(told(&mut book, "drift_resolved", 701.0), []);
    assert_eq!(book.n_opened(), 1);
    // After the cooldown it is another one.
    assert_eq!(told(&mut book, "drift_detected", 1000.0), [Action::Open]);
    assert_eq!((book.n_opened(), book.n_resolved()), (2, 1));
}

#[test]
fn a_graver_event_is_told_at_once() {
    let mut book = Book::new(RULES, 1);
    let mut grave = event("drift_detected", "age", 10.0);
    grave.severity = Severity::Critical;
    assert_eq!(told(&mut book, "drift_detected", 0.0), [Action::Open]);
    for expected in [1, 0] {
        assert_eq!(take(&mut book, &grave, false).len(), expected);
    }
}

#[test]
fn kinds_are_resolved_by_their_counterparts_alone() {
    for (begun, over, resolves) in [
        ("drift_detected", "drift_resolved", true),
        ("slo_breached", "slo_recovered", true),
        ("data_missing", "data_recovered", true),
        ("retraining_failed", "retraining_recovered", true),
        ("accuracy", "accuracy_recovered", true),
        ("fairness", "fairness_resolved", true),
        ("fairness_breached", "fairness_resolved", true),
        ("fairness_gap_breached", "fairness_resolved", false),
        ("drift_detected", "slo_recovered", false),
        ("data_missing", "drift_resolved", false),
    ] {
        let mut book = Book::new(RULES, 1);
        assert_eq!(told(&mut book, begun, 0.0), [Action::Open]);
        let expected = if resolves {
            vec![Action::Resolve]
        } else {
            vec![]
        };
        assert_eq!(told(&mut book, over, 1.0), expected, "{begun} {over}");
    }
    // Of another feature or model.
    let mut book = Book::new(RULES, 1);
    told(&mut book, "drift_detected", 0.0);
    let other = event("drift_resolved", "income", 1.0);
    assert_eq!(take(&mut book, &other, false), []);
    let mut other = event("drift_resolved", "age", 1.0);
    other.model = Some(ModelId::parse("fraud:2").unwrap());
    assert_eq!(take(&mut book, &other, false), []);
}

#[test]
fn what_nobody_resolves_is_over_when_it_is_quiet() {
    let mut book = Book::new(RULES, 1);
    assert_eq!(told(&mut book, "inference_failed", 0.0), [Action::Open]);
    assert_eq!(told(&mut book, "inference_failed", 100.0), []);
    assert!(book.tick(at(3699.0)).is_empty());
    let notices = book.tick(at(3700.0));
    assert_eq!(notices[0].action, Action::Resolve);
    assert_eq!(notices[0].incident.updated_at, at(100.0));
    // Drift waits for its counterpart, however long that takes.
    assert_eq!(told(&mut book, "drift_detected", 4000.0), [Action::Open]);
    assert!(book.tick(at(4_000_000.0)).is_empty());
}

/// As receivers see it, when nothing can be taken back: an hour of a feature that drifts
/// and recovers, each for a second.
#[test]
fn a_flapping_feature_in_real_time() {
    let mut book = Book::new(RULES, 1);
    let mut actions = Vec::new();
    for second in 0..3600 {
        let kind = ["drift_detected", "drift_resolved"][second % 2];
        actions.extend(told(&mut book, kind, second as f64));
    }
    let count = |wanted| actions.iter().filter(|action| **action == wanted).count();
    assert_eq!((count(Action::Open), count(Action::Resolve)), (2, 1));
    // It went on at 2, so after the cooldown, at 302, it is another incident, with a
    // reminder every cooldown from then on.
    assert_eq!(actions[..3], [Action::Open, Action::Resolve, Action::Open]);
    assert_eq!((count(Action::Remind), book.n_opened()), (10, 2));
    // The last event said that it is over; receivers hear so when it stays that way.
    assert!(book.tick(at(3599.0 + 299.0)).is_empty());
    assert_eq!(book.tick(at(3599.0 + 300.0))[0].action, Action::Resolve);
    assert_eq!(told(&mut book, "drift_detected", 3900.0), [Action::Open]);
}

#[test]
fn one_that_goes_on_and_stays_silent_is_told_all_the_same() {
    let mut book = Book::new(RULES, 1);
    assert_eq!(told(&mut book, "slo_breached", 0.0), [Action::Open]);
    assert_eq!(told(&mut book, "slo_recovered", 10.0), [Action::Resolve]);
    assert_eq!(told(&mut book, "slo_breached", 20.0), []);
    assert!(book.tick(at(319.0)).is_empty());
    let notices = book.tick(at(320.0));
    assert_eq!(notices[0].action, Action::Open); // another one, as they know it
    assert_eq!(notices[0].incident.opened_at, at(20.0));
    assert!(book.tick(at(900.0)).is_empty());
}

#[test]
fn a_graver_event_is_told_also_when_an_incident_goes_on() {
    for is_taken_back in [false, true] {
        let mut book = Book::new(RULES, 1);
        told(&mut book, "drift_detected", 0.0);
        told(&mut book, "drift_resolved", 5.0);
        let mut grave = event("drift_detected", "age", 10.0);
        grave.severity = Severity::Critical;
        let notices = take(&mut book, &grave, is_taken_back);
        let action = if is_taken_back {
            Action::Remind
        } else {
            Action::Open
        };
        assert_eq!(notices[0].action, action);
        assert_eq!(notices[0].incident.severity, Severity::Critical);
    }
}

#[test]
fn one_event_resolves_all_that_it_is_the_counterpart_of() {
    let mut book = Book::new(RULES, 1);
    for kind in ["slo_degraded", "slo_breached", "slo"] {
        told(&mut book, kind, 0.0);
    }
    let over = event("slo_recovered", "age", 1.0);
    let kinds: Vec<_> = take(&mut book, &over, false)
        .iter()
        .map(|n| n.kind.to_string())
        .collect();
    assert_eq!(kinds, ["slo", "slo_breached", "slo_degraded"]);
    assert_eq!((book.open_incidents().len(), book.n_resolved()), (0, 3));
}

/// Two detectors watch one feature: the incident is over when both say so.
#[test]
fn an_incident_is_over_when_every_source_says_so() {
    let mut book = Book::new(RULES, 1);
    let mut told = |kind: &str, source: Option<&str>, seconds: f64| -> Vec<Action> {
        let mut event = event(kind, "age", seconds);
        event.source = source.map(Into::into);
        let notices = take(&mut book, &event, false);
        notices.iter().map(|notice| notice.action).collect()
    };
    assert_eq!(told("drift_detected", Some("ks"), 0.0), [Action::Open]);
    assert_eq!(told("drift_detected", Some("mean"), 1.0), []);
    assert_eq!(told("drift_resolved", Some("mean"), 2.0), []);
    assert_eq!(told("drift_resolved", Some("mean"), 3.0), [Action::Resolve]); // for all
    assert_eq!(told("drift_detected", Some("ks"), 1000.0), [Action::Open]);
    assert_eq!(told("drift_detected", Some("mean"), 1001.0), []);
    assert_eq!(told("drift_resolved", Some("mean"), 1002.0), []);
    assert_eq!(
        told("drift_resolved", Some("ks"), 1003.0),
        [Action::Resolve]
    );
    assert_eq!(told("drift_detected", Some("ks"), 2000.0), [Action::Open]);
    assert_eq!(told("drift_resolved", None, 2001.0), [Action::Resolve]);
}

/// A detector that does not keep models apart finds drift with one version and its end
/// with the next, as after a rollback.
#[test]
fn a_rollback_ends_the_incident_of_the_other_version() {
    let of = |kind: &str, model: &str, source: Option<&str>, seconds: f64| {
        let mut event = event(kind, "age", seconds);
        event.model = Some(ModelId::parse(model).unwrap());
        event.source = source.map(Into::into);
        event
    };
    let actions = |book: &mut Book, event: Event| -> Vec<Action> {
        let notices = take(book, &event, false);
        notices.iter().map(|notice| notice.action).collect()
    };
    let mut book = Book::new(RULES, 1);
    let began = of("drift_detected", "fraud:1", Some("ks"), 0.0);
    assert_eq!(actions(&mut book, began), [Action::Open]);
    for (model, source) in [
        ("churn:2", Some("ks")),
        ("fraud:2", Some("mean")),
        ("fraud:2", None),
    ] {
        let other = of("drift_resolved", model, source, 1.0);
        assert_eq!(actions(&mut book, other), []);
    }
    let ended = of("drift_resolved", "fraud:2", Some("ks"), 2.0);
    assert_eq!(actions(&mut book, ended), [Action::Resolve]);
    // Trainings end with any version of the model.
    let failed = of("retraining_failed", "fraud:1", Some("trigger"), 3.0);
    assert_eq!(actions(&mut book, failed), [Action::Open]);
    let other = of("training_completed", "churn:3", None, 4.0);
    assert_eq!(actions(&mut book, other), []);
    let mut completed = of("training_completed", "fraud:3", None, 5.0);
    completed.feature = None;
    assert_eq!(actions(&mut book, completed), [Action::Resolve]);
}

#[test]
fn what_was_idle_for_a_day_makes_room_and_is_told_to_be_over() {
    let rules = Rules {
        max_incidents: 1,
        ..RULES
    };
    let mut book = Book::new(rules, 1);
    told(&mut book, "drift_detected", 0.0);
    let other = event("drift_detected", "income", 86_401.0);
    let notices = take(&mut book, &other, false);
    let actions: Vec<_> = notices.iter().map(|notice| notice.action).collect();
    assert_eq!(actions, [Action::Resolve, Action::Open]);
    assert_eq!(notices[0].incident.feature.as_deref(), Some("age"));
}

#[test]
fn incidents_without_room_share_one_per_kind() {
    let rules = Rules {
        max_incidents: 2,
        ..RULES
    };
    let mut book = Book::new(rules, 1);
    let mut features = Vec::new();
    for n in 0..5 {
        let event = event("drift_detected", &format!("f{n}"), 0.0);
        for notice in take(&mut book, &event, false) {
            features.push(notice.incident.feature.unwrap().to_string());
        }
    }
    assert_eq!(features, ["f0", "f1", "__overflow__"]);
    assert_eq!(book.n_overflow(), 3);
    // It is over when it is quiet: nobody resolves it.
    assert_eq!(book.tick(at(3600.0)).len(), 1);
    for n in 0..1000 {
        let event = event(&format!("custom_{n}"), "age", 0.0);
        take(&mut book, &event, false);
    }
    assert!(book.open_incidents().len() <= 4);
}

#[derive(Default)]
struct Inbox {
    alerts: Mutex<Vec<Alert>>,
    answers: Mutex<Vec<Outcome>>,
}

impl Sink for Inbox {
    fn name(&self) -> Arc<str> {
        "inbox".into()
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        self.alerts.lock().unwrap().push(alert.clone());
        let answer = self.answers.lock().unwrap().pop();
        answer.unwrap_or(Outcome::Delivered)
    }
}

impl Inbox {
    fn actions(&self) -> Vec<Action> {
        let alerts = self.alerts.lock().unwrap();
        alerts.iter().map(|alert| alert.action).collect()
    }
}

fn dispatcher(config: AlertConfig) -> (Arc<AlertDispatcher>, Arc<Inbox>) {
    let inbox = Arc::new(Inbox::default());
    let sinks: Vec<Arc<dyn Sink>> = vec![inbox.clone()];
    let dispatcher = AlertDispatcher::new(sinks, config, start_thread).unwrap();
    (Arc::new(dispatcher), inbox)
}

fn hear(dispatcher: &AlertDispatcher, event: &Event) {
    dispatcher.on_event(event, &mut Derived::default()).unwrap();
}

fn settled(dispatcher: &AlertDispatcher) {
    assert!(dispatcher.settle(Instant::now() + Duration::from_secs(20)));
}

/// The replay of an hour: nothing has left before it is over, so that all that was
/// resolved too early is taken back.
#[test]
fn a_flapping_feature_in_a_replay() {
    let (dispatcher, inbox) = dispatcher(AlertConfig::default());
    for second in 0..3600 {
        let kind = ["drift_detected", "drift_resolved"][second % 2];
        hear(&dispatcher, &event(kind, "age", second as f64));
    }
    settled(&dispatcher);
    let mut expected = vec![Action::Open];
    expected.extend([Action::Remind; 11]);
    expected.push(Action::Resolve);
    assert_eq!(inbox.actions(), expected);
    assert_eq!(dispatcher.account().offered, 13);
    assert_eq!(dispatcher.account().delivered, 13);
}

#[test]
fn fifty_features_at_once_are_one_message() {
    let (dispatcher, inbox) = dispatcher(AlertConfig::default());
    for kind in ["drift_detected", "drift_resolved"] {
        for n in 0..50 {
            hear(&dispatcher, &event(kind, &format!("f{n}"), 0.0));
        }
        settled(&dispatcher);
    }
    let alerts = inbox.alerts.lock().unwrap();
    let sizes: Vec<_> = alerts.iter().map(|alert| alert.incidents.len()).collect();
    assert_eq!(sizes, [50, 50]);
    assert_ne!(alerts[0].delivery_id, alerts[1].delivery_id);
    let ids = |alert: &Alert| -> Vec<_> { alert.incidents.iter().map(|i| i.id.clone()).collect() };
    assert_eq!(ids(&alerts[0]), ids(&alerts[1]));
    assert_eq!(dispatcher.account().delivered, 100);
}

#[test]
fn retries_are_the_same_message_and_refusals_are_not_retried() {
    let config = AlertConfig {
        retries: 2,
        ..AlertConfig::default()
    };
    let (dispatcher, inbox) = dispatcher(config);
    let retry = Outcome::Retry {
        reason: Loss::ServerError,
        after: Some(Duration::ZERO),
        error: "500".into(),
    };
    let refused = Outcome::Lost {
        reason: Loss::Refused,
        error: "400".into(),
    };
    // Taken from the end: delivered at the third attempt; given up; refused.
    *inbox.answers.lock().unwrap() = vec![
        refused,
        retry.clone(),
        retry.clone(),
        retry.clone(),
        Outcome::Delivered,
        retry.clone(),
        retry,
    ];
    for feature in ["a", "b", "c"] {
        hear(&dispatcher, &event("drift_detected", feature, 0.0));
        settled(&dispatcher);
    }
    let alerts = inbox.alerts.lock().unwrap();
    let features: String = alerts
        .iter()
        .map(|alert| &**alert.feature().unwrap())
        .collect();
    assert_eq!(features, "aaabbbc");
    assert!(alerts[..3].iter().all(|alert| *alert == alerts[0]));
    let account = dispatcher.account();
    assert_eq!(
        (account.offered, account.delivered, account.retries),
        (3, 1, 4)
    );
    assert_eq!(account.lost[Loss::ServerError as usize], 1);
    assert_eq!(account.lost[Loss::Refused as usize], 1);
}

/// A resolution that has reached one sink and waits for another is not taken back from
/// that one alone: it would never hear that the incident is over.
#[test]
fn no_sink_is_left_with_an_open_incident() {
    let inboxes: Vec<_> = (0..2).map(|_| Arc::new(Inbox::default())).collect();
    let sinks = inboxes
        .iter()
        .map(|inbox| inbox.clone() as Arc<dyn Sink>)
        .collect();
    let config = AlertConfig {
        group_wait_s: 0.0,
        ..AlertConfig::default()
    };
    let dispatcher = AlertDispatcher::new(sinks, config, start_thread).unwrap();
    // The first is told at once, the other waits for its retry meanwhile.
    inboxes[1].answers.lock().unwrap().push(Outcome::Retry {
        reason: Loss::Timeout,
        after: Some(Duration::from_millis(300)),
        error: "late".into(),
    });
    let kinds = [
        "drift_detected",
        "drift_resolved",
        "drift_detected",
        "drift_resolved",
    ];
    for (second, kind) in kinds.into_iter().enumerate() {
        hear(&dispatcher, &event(kind, "age", second as f64));
        if second == 1 {
            while dispatcher.stats()[0].account.queued > 0 {
                std::thread::yield_now();
            }
        }
    }
    settled(&dispatcher);
    assert_eq!(inboxes[0].actions(), [Action::Open, Action::Resolve]);
    assert_eq!(
        inboxes[1].actions(),
        [Action::Open, Action::Open, Action::Resolve]
    );
}

/// Time goes on by itself, also when nothing was sent for a while.
#[test]
fn the_last_resolution_of_a_flapping_incident_comes_by_itself() {
    let config = AlertConfig {
        cooldown_s: 0.2,
        group_wait_s: 0.0,
        ..AlertConfig::default()
    };
    let (dispatcher, inbox) = dispatcher(config);
    let now = |kind: &str| {
        let mut event = event(kind, "age", 0.0);
        event.timestamp = Timestamp::now();
        event
    };
    let wait_for = |n: usize| {
        while inbox.actions().len() < n {
            std::thread::yield_now();
        }
    };
    hear(&dispatcher, &now("drift_detected"));
    wait_for(1);
    hear(&dispatcher, &now("drift_resolved"));
    wait_for(2);
    hear(&dispatcher, &now("drift_detected"));
    wait_for(3); // after the cooldown
    hear(&dispatcher, &now("drift_resolved"));
    wait_for(4);
    let told = [Action::Open, Action::Resolve, Action::Open, Action::Resolve];
    assert_eq!(inbox.actions(), told);
}

/// What lasts is told again in time, however much else is sent.
#[test]
fn refreshes_are_not_put_off() {
    struct Forgetful(Mutex<(Vec<Instant>, u64)>);
    const EVERY: Duration = Duration::from_millis(50);
    impl Sink for Forgetful {
        fn name(&self) -> Arc<str> {
            "forgetful".into()
        }
        fn deliver(&self, _: &Alert) -> Outcome {
            self.0.lock().unwrap().1 += 1;
            Outcome::Delivered
        }
        fn refresh_every(&self) -> Option<Duration> {
            Some(EVERY)
        }
        fn refresh(&self) -> Outcome {
            self.0.lock().unwrap().0.push(Instant::now());
            Outcome::Delivered
        }
    }
    let sink = Arc::new(Forgetful(Mutex::default()));
    let config = AlertConfig {
        group_wait_s: 0.0,
        max_incidents: 1_000_000,
        ..AlertConfig::default()
    };
    let dispatcher = AlertDispatcher::new(vec![sink.clone()], config, start_thread).unwrap();
    // Alerts without a pause, until it was told again three times.
    for n in 0.. {
        if sink.0.lock().unwrap().0.len() == 3 {
            break;
        }
        hear(&dispatcher, &event("drift_detected", &format!("f{n}"), 0.0));
        while dispatcher.account().queued > 0 {
            std::thread::yield_now();
        }
    }
    let refreshed = &sink.0.lock().unwrap().0;
    assert!(refreshed.windows(2).all(|pair| pair[1] - pair[0] >= EVERY));
}

#[test]
fn a_resolution_has_room_in_a_full_queue() {
    let config = AlertConfig {
        queue_size: 2,
        ..AlertConfig::default()
    };
    let (dispatcher, inbox) = dispatcher(config);
    for feature in ["a", "b", "c"] {
        hear(&dispatcher, &event("drift_detected", feature, 0.0));
    }
    hear(&dispatcher, &event("drift_resolved", "a", 1.0));
    assert_eq!(dispatcher.account().lost[Loss::QueueFull as usize], 1);
    settled(&dispatcher);
    assert_eq!(inbox.actions(), [Action::Open, Action::Resolve]);
}

#[test]
fn only_what_is_meant_is_told() {
    let config = AlertConfig {
        kinds: Some(vec![Kind::DriftDetected]),
        ..AlertConfig::default()
    };
    let (dispatcher, inbox) = dispatcher(config);
    let mut mild = event("drift_detected", "b", 0.0);
    mild.severity = Severity::Warning;
    hear(&dispatcher, &mild);
    hear(&dispatcher, &event("slo_breached", "c", 0.0));
    hear(&dispatcher, &event("slo_recovered", "c", 0.0));
    hear(&dispatcher, &event("drift_detected", "a", 0.0));
    hear(&dispatcher, &event("drift_resolved", "a", 0.0));
    settled(&dispatcher);
    assert_eq!(inbox.actions(), [Action::Open, Action::Resolve]);
}

#[test]
fn a_full_queue_loses_and_says_so() {
    let config = AlertConfig {
        queue_size: 10,
        ..AlertConfig::default()
    };
    let (dispatcher, inbox) = dispatcher(config);
    for n in 0..25 {
        hear(&dispatcher, &event("drift_detected", &format!("f{n}"), 0.0));
    }
    let account = dispatcher.account();
    assert_eq!((account.offered, account.queued), (25, 10));
    assert_eq!(account.lost[Loss::QueueFull as usize], 15);
    settled(&dispatcher);
    assert_eq!(inbox.alerts.lock().unwrap()[0].incidents.len(), 10);
    assert_eq!(dispatcher.account().delivered, 10);
}

#[test]
fn hub_waits_for_what_is_to_be_sent() {
    let hub = Hub::<Native>::new(Settings::default()).unwrap();
    let (dispatcher, inbox) = dispatcher(AlertConfig::default());
    hub.register(dispatcher.clone(), Registration::default())
        .unwrap();
    hub.emit(&event("drift_detected", "age", 0.0), &mut ());
    assert_eq!(hub.flush(Duration::from_secs(20), &mut ()), Ok(true));
    assert_eq!(inbox.actions(), [Action::Open]);
    // Half an hour on, by ticks alone.
    hub.emit(&event("inference_failed", "age", 1.0), &mut ());
    hub.tick(&Tick::at(at(3601.0)), &mut ());
    let Ok(report) = hub.shutdown(Duration::from_secs(20), &mut ());
    assert_eq!(report.left, 0);
    let last = [Action::Open, Action::Open, Action::Resolve];
    assert_eq!(inbox.actions(), last);
}

proptest! {
    /// Whatever happens: each incident is told open once and first, and resolved at most
    /// once and last; and what receivers were told last agrees with what is the case once
    /// that was so for a while.
    #[test]
    fn receivers_end_up_knowing(steps in prop::collection::vec((0_u8..3, 0.1_f64..400.0), 1..200)) {
        let mut book = Book::new(RULES, 7);
        let mut open = false;
        let mut told: Vec<Notice> = Vec::new();
        let mut now = 0.0;
        for (what, wait) in steps {
            now += wait;
            let notices = if what < 2 {
                let kind = ["drift_detected", "drift_resolved"][usize::from(what)];
                open = what == 0;
                take(&mut book, &event(kind, "age", now), false)
            } else {
                book.tick(at(now))
            };
            told.extend(notices);
        }
        told.extend(book.tick(at(now + 301.0)));
        told.extend(book.tick(at(now + 602.0)));
        if let Some(last) = told.last() {
            prop_assert_eq!(last.action != Action::Resolve, open);
        }
        let mut incidents: Vec<(Arc<str>, Vec<Action>)> = Vec::new();
        for notice in told {
            match incidents.last_mut() {
                Some((id, actions)) if *id == notice.incident.id => actions.push(notice.action),
                _ => incidents.push((notice.incident.id, vec![notice.action])),
            }
        }
        let mut ids: Vec<_> = incidents.iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), incidents.len()); // one after the other
        prop_assert_eq!(book.n_opened(), incidents.len() as u64);
        for (index, (_, actions)) in incidents.iter().enumerate() {
            prop_assert_eq!(actions[0], Action::Open);
            let rest = &actions[1..];
            let reminders = rest.iter().take_while(|action| **action == Action::Remind);
            match &rest[reminders.count()..] {
                [] => prop_assert!(index + 1 == incidents.len()),
                end => prop_assert_eq!(end, [Action::Resolve]),
            }
        }
    }
}
