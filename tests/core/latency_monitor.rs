//! The latency monitor, without Python.

use std::sync::Arc;

use driftline::event::{Event, Kind, ModelId, Timestamp};
use driftline::observer::{
    BatchObserver, BurnRate, Derived, DropReason, HubView, LatencyConfig, LatencyMonitor, Observer,
    ObserverStats, Tick, Values,
};

/// The relative error that the monitors here are made with.
const ERROR: f64 = 0.01;

fn second(n: f64) -> Timestamp {
    Timestamp::from_nanos(0).saturating_add_seconds(n)
}

fn monitor(config: LatencyConfig) -> LatencyMonitor {
    LatencyMonitor::new(config).unwrap()
}

fn with_slo() -> LatencyConfig {
    LatencyConfig {
        slo_ms: Some(50.0),
        quantile: 0.9,
        window_s: 60.0,
        min_samples: Some(10),
        ..LatencyConfig::default()
    }
}

fn completed(latency: f64, model: Option<&str>, at: f64) -> Event {
    let mut event = Event::at(Kind::InferenceCompleted, Some(latency), second(at));
    event.model = model.map(|model| ModelId::parse(model).unwrap());
    event
}

#[test]
fn a_breach_is_told_when_it_begins_and_when_it_ends() {
    let monitor = monitor(with_slo());
    let mut derived = Derived::default();
    for n in 0..9 {
        monitor
            .on_event(&completed(10.0, Some("a:1"), f64::from(n)), &mut derived)
            .unwrap();
    }
    assert!(derived.events().is_empty());
    // 1 of 10 slow is what p90 allows; 2 of 11 is more.
    monitor
        .on_event(&completed(99.0, Some("a:1"), 9.0), &mut derived)
        .unwrap();
    assert!(derived.events().is_empty());
    monitor
        .on_event(&completed(99.0, Some("a:1"), 9.5), &mut derived)
        .unwrap();
    let events = derived.take();
    let [breached] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(breached.kind, Kind::SloBreached);
    assert_eq!(breached.model, Some(ModelId::parse("a:1").unwrap()));
    assert_eq!(breached.timestamp, second(9.5));
    assert!((breached.value.unwrap() / 99.0 - 1.0).abs() <= ERROR);
    let metadata = breached.metadata.as_ref().unwrap();
    assert_eq!(metadata["n"].as_f64(), Some(11.0));
    assert_eq!(metadata["share_above"].as_f64(), Some(2.0 / 11.0));
    // It lasts until 2 of 40 are slow: half of the accepted share.
    for n in 0..29 {
        let event = completed(10.0, Some("a:1"), 10.0 + f64::from(n));
        monitor.on_event(&event, &mut derived).unwrap();
        assert_eq!(derived.events().len(), usize::from(n == 28), "{n}");
    }
    assert_eq!(derived.take()[0].kind, Kind::SloRecovered);
}

#[test]
fn a_batch_stops_right_after_what_it_has_to_tell() {
    let monitor = monitor(with_slo());
    let template = completed(0.0, Some("a"), 0.0);
    let mut values = vec![10.0; 9];
    values.extend([99.0, 99.0]);
    values.extend([10.0; 40]);
    let run = Values {
        template: &template,
        values: &values,
        timestamps: None,
    };
    let mut derived = Derived::default();
    assert_eq!(monitor.on_values(run, &mut derived), 11);
    assert_eq!(derived.take()[0].kind, Kind::SloBreached);
    assert_eq!(monitor.on_values(run.part(11, 99), &mut derived), 29);
    assert_eq!(derived.take()[0].kind, Kind::SloRecovered);
    assert_eq!(monitor.on_values(run.part(40, 99), &mut derived), 11);
    assert!(derived.events().is_empty());
    let failures = Event::at(Kind::InferenceFailed, None, second(1.0));
    let run = Values {
        template: &failures,
        values: &[f64::NAN; 30],
        timestamps: None,
    };
    assert_eq!(monitor.on_values(run, &mut derived), 10);
    assert_eq!(derived.take()[0].value, None);
    let stats = monitor.stats(None).unwrap();
    assert_eq!((stats.n, stats.n_failed, stats.n_refused), (0, 10, 0));
}

#[test]
fn when_traffic_stops_a_tick_ends_the_breach() {
    let monitor = monitor(with_slo());
    let model = ModelId::parse("a").unwrap();
    assert_eq!(
        monitor.update_many(&[99.0; 20], Some(&model), second(0.0)),
        [9]
    );
    assert!(monitor.tick(&Tick::at(second(58.0))).is_empty());
    assert!(monitor.breached(Some(&model)).unwrap());
    let events = monitor.tick(&Tick::at(second(60.0)));
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, Kind::SloRecovered);
    assert_eq!(
        (events[0].model.as_ref(), events[0].value),
        (Some(&model), None)
    );
    assert_eq!(events[0].timestamp, second(60.0));
    let metadata = events[0].metadata.as_ref().unwrap();
    assert_eq!(metadata["n"].as_f64(), Some(0.0));
    assert!(monitor.tick(&Tick::at(second(61.0))).is_empty());
    assert!(monitor.ticks());
}

#[test]
fn burn_rates_need_both_windows() {
    let monitor = monitor(LatencyConfig {
        burn_rates: vec![BurnRate {
            factor: 5.0,
            long_s: 600.0,
            short_s: 60.0,
        }],
        min_samples: Some(100),
        ..with_slo()
    });
    // Every second one is slow: the budget of 10 % burns 5 times as fast as it may,
    // which is not above the factor.
    let at = |n: usize| second(n as f64);
    let slow = |n: usize, every: usize| if n.is_multiple_of(every) { 99.0 } else { 10.0 };
    let run = |from: usize, to: usize, every: usize| -> Vec<usize> {
        let values: Vec<_> = (from..to).map(|n| slow(n, every)).collect();
        let times: Vec<_> = (from..to).map(at).collect();
        monitor.update_many_at(&values, None, &times)
    };
    assert_eq!(run(1, 401, 2), [] as [usize; 0]);
    // All slow: over the short window more than half at once, and over the long
    // one with the first.
    assert_eq!(run(401, 460, 1), [0]);
    // The short window recovers first, and that ends it: 25 % of the last 60 s.
    run(460, 530, 9999);
    assert!(!monitor.breached(None).unwrap());
    // Short again, but long never above half: nothing.
    run(530, 1200, 9999);
    assert_eq!(run(1200, 1250, 1), [] as [usize; 0]);
}

struct Small;

impl HubView for Small {
    fn max_models(&self) -> usize {
        2
    }
    fn observer_stats(&self) -> Vec<ObserverStats> {
        let _ = DropReason::ALL;
        Vec::new()
    }
    fn emit(&self, _: &Event) {}
    fn loops(&self) -> u64 {
        0
    }
}

#[test]
fn a_hub_says_how_many_models_unless_the_monitor_was_told() {
    let hub: Arc<dyn HubView> = Arc::new(Small);
    for (own, expected) in [(None, 2), (Some(3), 3)] {
        let monitor = monitor(LatencyConfig {
            max_models: own,
            ..with_slo()
        });
        monitor.joined(&Arc::downgrade(&hub));
        let mut derived = Derived::default();
        for n in 0..10 {
            let event = completed(10.0, Some(&format!("m{n}")), 0.0);
            monitor.on_event(&event, &mut derived).unwrap();
        }
        assert_eq!(monitor.models().len(), expected);
        assert_eq!(monitor.n_overflow(), 10 - expected as u64);
    }
}

#[test]
fn models_without_room_are_told_of_as_one() {
    let monitor = monitor(LatencyConfig {
        max_models: Some(1),
        ..with_slo()
    });
    let mut derived = Derived::default();
    for n in 0..20 {
        let event = completed(99.0, Some(&format!("m{n}")), 0.0);
        monitor.on_event(&event, &mut derived).unwrap();
    }
    let events = derived.take();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0].model,
        Some(ModelId::parse("__overflow__").unwrap())
    );
    assert_eq!(monitor.summary().len(), 2);
}

type Spoil = fn(&mut LatencyConfig);

#[test]
fn options_out_of_range_are_refused_by_name() {
    let all: [(&str, Spoil); 10] = [
        ("ema_alpha", |c| c.ema_alpha = 0.0),
        ("slo_ms", |c| c.slo_ms = Some(f64::NAN)),
        ("quantile", |c| c.quantile = 1.0),
        ("window_s", |c| c.window_s = f64::INFINITY),
        ("relative_error", |c| c.relative_error = 0.0001),
        ("min_samples", |c| c.min_samples = Some(0)),
        ("recover_at", |c| c.recover_at = -0.1),
        ("max_models", |c| c.max_models = Some(0)),
        ("name", |c| c.name = " ".into()),
        ("burn_rates", |c| {
            c.burn_rates = vec![BurnRate {
                factor: 10.0,
                long_s: 60.0,
                short_s: 5.0,
            }];
        }),
    ];
    for (argument, spoil) in all {
        let mut config = with_slo();
        spoil(&mut config);
        let error = LatencyMonitor::new(config).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{argument}: got ")), "{error}");
    }
}
