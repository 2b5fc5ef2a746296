//! Sinks against servers on loopback.

mod alertmanager;
mod http;
mod messages;
mod pager_duty;
mod server;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use driftline::alert::{Action, Alert, Incident};
use driftline::delivery::http::HttpConfig;
use driftline::delivery::{Loss, Outcome};
use driftline::event::{Kind, ModelId, Severity, Timestamp};

/// An alert of drift in these features of `fraud:1.2.0`.
fn alert(action: Action, features: &[&str]) -> Alert {
    let incident = |feature: &&str| Incident {
        id: format!("i-{feature}").into(),
        feature: Some(Arc::from(*feature)),
        severity: Severity::Error,
        value: Some(0.31),
        p_value: Some(0.004),
        opened_at: "2013-07-01T05:00:00Z".parse().unwrap(),
        updated_at: "2013-07-01T05:10:00.5Z".parse().unwrap(),
        n_events: 3,
        source: Some("drift_detector".into()),
        metadata: None,
        summary: format!("{feature} drifted: 0.31"),
    };
    Alert {
        action,
        kind: Kind::DriftDetected,
        model: Some(ModelId::parse("fraud:1.2.0").unwrap()),
        incidents: features.iter().map(incident).collect(),
        delivery_id: format!("d-{}-{}", action.as_str(), features.join("-")).into(),
    }
}

/// Patient with a busy machine.
fn patient() -> HttpConfig {
    HttpConfig {
        timeout: Duration::from_secs(60),
        connect_timeout: Duration::from_secs(60),
        ..HttpConfig::default()
    }
}

/// For servers that never finish.
fn hasty() -> HttpConfig {
    HttpConfig {
        timeout: Duration::from_millis(300),
        connect_timeout: Duration::from_millis(300),
        ..HttpConfig::default()
    }
}

/// The reason, whether there is another attempt and after what, and the text.
fn parts(outcome: Outcome) -> (Loss, Option<Option<Duration>>, String) {
    match outcome {
        Outcome::Delivered => panic!("delivered"),
        Outcome::Retry {
            reason,
            after,
            error,
        } => (reason, Some(after), error),
        Outcome::Lost { reason, error } => (reason, None, error),
    }
}

fn unix_now() -> i64 {
    Timestamp::now().parts().0
}
