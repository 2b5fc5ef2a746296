//! The board of drift.

use driftline::event::{Event, Kind, ModelFilter, ModelId, Timestamp};
use driftline::observer::{DriftMonitor, DriftState, Observer};

fn event(kind: Kind, value: f64, second: i64) -> Event {
    let at = Timestamp::from_nanos(second * 1_000_000_000);
    let mut event = Event::at(kind, Some(value), at);
    event.model = Some(ModelId::parse("fraud:1").unwrap());
    event.feature = Some("age".into());
    event
}

#[test]
fn it_tells_of_changes_and_does_not_hear_itself() {
    let monitor = DriftMonitor::new(Some(0.2), None, "board".into()).unwrap();
    let scores = [0.1, 0.3, 0.4, 0.1];
    let told: Vec<_> = (0..)
        .zip(scores)
        .filter_map(|(n, score)| monitor.update(&event(Kind::DriftScore, score, n)))
        .collect();
    let kinds: Vec<_> = told.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [Kind::DriftDetected, Kind::DriftResolved]);
    assert_eq!(told[0].source.as_deref(), Some("board"));
    assert_eq!(monitor.update(&told[0]), None);
    assert_eq!(monitor.len(), 1);
    let entry = &monitor.board()[0];
    assert_eq!((entry.state, entry.n_events), (Some(DriftState::Stable), 4));
    assert_eq!(entry.since, told[1].timestamp);
}

#[test]
fn time_does_not_run_backwards() {
    let monitor = DriftMonitor::new(None, None, "board".into()).unwrap();
    monitor.update(&event(Kind::DriftDetected, 0.3, 100));
    monitor.update(&event(Kind::DriftResolved, 0.1, 50));
    let entry = &monitor.board()[0];
    assert_eq!(entry.last_update, Timestamp::from_nanos(100_000_000_000));
    assert_eq!(entry.since, entry.last_update);
    let fraud = ModelFilter::parse("fraud").unwrap();
    assert_eq!(
        monitor.state(Some(&fraud), Some("age")),
        Some(DriftState::Stable)
    );
    assert_eq!(monitor.state(Some(&fraud), Some("income")), None);
}

#[test]
fn what_it_is_made_with_is_checked() {
    assert!(DriftMonitor::new(Some(-1.0), None, "board".into()).is_err());
    assert!(DriftMonitor::new(None, Some(0), "board".into()).is_err());
    assert!(DriftMonitor::new(None, None, " ".into()).is_err());
    let monitor = DriftMonitor::new(None, None, "board".into()).unwrap();
    assert!(monitor.is_empty());
    assert!(
        monitor
            .filter()
            .matches(&event(Kind::DataRecovered, 0.0, 0))
    );
    assert!(!monitor.filter().matches(&event(Kind::Observation, 0.0, 0)));
}
