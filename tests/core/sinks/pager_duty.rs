//! What PagerDuty is told.

use driftline::alert::sink::{PagerDutyConfig, PagerDutySink};
use driftline::alert::{Action, Alert, Sink};
use driftline::delivery::{Loss, Outcome, Secret};
use driftline::event::{Kind, ModelId, Severity};
use serde_json::{Value, json};

use super::server::{Server, answer};
use super::{alert, parts, patient};

const KEY: &str = "c4n4ry00c4n4ry00c4n4ry00c4n4ry00";

/// The events of these alerts, of which each has one.
fn events(alerts: &[Alert]) -> Vec<Value> {
    sent(alerts, alerts.len())
}

/// The so many events of these alerts.
fn sent(alerts: &[Alert], n: usize) -> Vec<Value> {
    let accepted = r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#;
    let replies = (0..n).map(|_| answer("202 Accepted", "", accepted));
    let server = Server::new(replies.collect());
    let sink = sink(&server);
    for alert in alerts {
        assert_eq!(sink.deliver(alert), Outcome::Delivered);
    }
    let requests = server.end();
    assert!(requests.iter().all(|request| request.body.len() < 512_000));
    requests.iter().map(super::server::Request::json).collect()
}

fn sink(server: &Server) -> PagerDutySink {
    let config = PagerDutyConfig {
        url: server.url("/v2/enqueue"),
        http: patient(),
        name: None,
    };
    PagerDutySink::new(Secret::new(KEY), config).unwrap()
}

#[test]
fn an_incident_triggers_and_resolves() {
    let mut critical = alert(Action::Open, &["age"]);
    critical.incidents[0].severity = Severity::Critical;
    let events = events(&[critical, alert(Action::Resolve, &["age"])]);
    let details = &events[0]["payload"]["custom_details"];
    assert_eq!(details["incidents"][0]["id"], "i-age");
    let mut first = events[0].clone();
    first["payload"]["custom_details"] = Value::Null;
    assert_eq!(
        first,
        json!({
            "routing_key": KEY,
            "event_action": "trigger",
            "dedup_key": "driftline/drift_detected/fraud:1.2.0",
            "client": "driftline",
            "payload": {
                "summary": "age drifted: 0.31",
                "source": "fraud:1.2.0",
                "component": "fraud:1.2.0",
                "class": "drift_detected",
                "severity": "critical",
                "timestamp": "2013-07-01T05:00:00.000000000Z",
                "custom_details": null,
            },
        })
    );
    assert_eq!(
        events[1],
        json!({
            "routing_key": KEY,
            "event_action": "resolve",
            "dedup_key": "driftline/drift_detected/fraud:1.2.0",
        })
    );
}

#[test]
fn severities_are_pager_dutys() {
    let of = |severity| {
        let mut alert = alert(Action::Open, &["age"]);
        alert.incidents[0].severity = severity;
        events(&[alert])[0]["payload"]["severity"].clone()
    };
    assert_eq!(of(Severity::Critical), "critical");
    assert_eq!(of(Severity::Error), "error");
    assert_eq!(of(Severity::Warning), "warning");
    for severity in [Severity::Info, Severity::Debug, Severity::Trace] {
        assert_eq!(of(severity), "info");
    }
}

#[test]
fn a_group_is_resolved_with_its_last_incident() {
    let mut other = alert(Action::Open, &["age"]);
    other.model = Some(ModelId::parse("churn:2").unwrap());
    let events = sent(
        &[
            alert(Action::Open, &["age", "income"]),
            other,
            alert(Action::Remind, &["age"]),
            // One of two: nothing that would page.
            alert(Action::Resolve, &["age"]),
            alert(Action::Resolve, &["income"]),
            // The same attempt once more.
            alert(Action::Resolve, &["income"]),
        ],
        5,
    );
    let actions: Vec<_> = events.iter().map(|event| &event["event_action"]).collect();
    let expected = ["trigger", "trigger", "trigger", "resolve", "resolve"];
    assert_eq!(actions, expected);
    assert_eq!(events[3], events[4]);
    assert_ne!(events[0]["dedup_key"], events[1]["dedup_key"]);
    assert_eq!(events[0]["dedup_key"], events[3]["dedup_key"]);
}

#[test]
fn an_event_keeps_within_its_limits() {
    let names: Vec<String> = (0..1000)
        .map(|i| format!("{i}-{}", "n".repeat(1000)))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut many = alert(Action::Open, &names);
    many.kind = Kind::parse(&"k".repeat(256)).unwrap();
    let mut one = alert(Action::Open, &["age"]);
    one.incidents[0].summary = "\u{e9}".repeat(1_000_000);
    let events = events(&[many, one]);
    let dedup_key = events[0]["dedup_key"].as_str().unwrap();
    assert!(dedup_key.starts_with("driftline/") && dedup_key.len() == 10 + 64);
    let details = &events[0]["payload"]["custom_details"];
    assert_eq!(details["incidents"].as_array().unwrap().len(), 100);
    assert_eq!(details["more_incidents"], 900);
    for event in &events {
        let summary = event["payload"]["summary"].as_str().unwrap();
        assert_eq!(summary.chars().count(), 1024);
        assert!(summary.ends_with("..."));
    }
}

#[test]
fn the_routing_key_is_a_secret() {
    let refusal = format!("{{\"errors\":[\"unknown key {KEY}\"]}}");
    let server = Server::new(vec![answer("400 Bad Request", "", &refusal)]);
    let sink = sink(&server);
    let (reason, retry, error) = parts(sink.deliver(&alert(Action::Open, &["age"])));
    assert_eq!((reason, retry), (Loss::Refused, None));
    assert!(error.ends_with("unknown key ***\"]}"), "{error}");
    assert!(!format!("{sink:?}").contains(KEY));
    for key in ["", "c4n4ry key", "c4n4ry\n"] {
        let error = PagerDutySink::new(Secret::new(key), PagerDutyConfig::default()).unwrap_err();
        assert!(
            error.to_string().starts_with("routing_key: got "),
            "{error}"
        );
        assert!(!error.to_string().contains("c4n4ry"));
    }
}
