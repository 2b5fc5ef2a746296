//! What Alertmanager is told.

use std::time::Duration;

use driftline::alert::sink::{AlertmanagerConfig, AlertmanagerSink};
use driftline::alert::{Action, Sink};
use driftline::delivery::Outcome;
use driftline::event::{Severity, Timestamp};
use serde_json::{Value, json};

use super::server::{Request, Server, answer};
use super::{alert, patient};

fn server(n: usize) -> Server {
    Server::new((0..n).map(|_| answer("200 OK", "", "")).collect())
}

fn sink(server: &Server, labels: &[(&str, &str)]) -> AlertmanagerSink {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let config = AlertmanagerConfig {
        labels: labels.iter().map(owned).collect(),
        resend: Duration::from_secs(30),
        http: patient(),
        name: None,
    };
    AlertmanagerSink::new(&server.url("/prefix/"), config).unwrap()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn an_alert_for_each_incident() {
    let server = server(1);
    let sink = sink(&server, &[("team", "risk")]);
    let before = Timestamp::now();
    assert_eq!(
        sink.deliver(&alert(Action::Open, &["age", "income"])),
        Outcome::Delivered
    );
    let after = Timestamp::now();
    let request = server.next();
    assert_eq!(request.line, "POST /prefix/api/v2/alerts HTTP/1.1");
    let mut body = request.json();
    let ends_at = time(&body[0]["endsAt"]);
    assert!(ends_at >= before.saturating_add_seconds(120.0));
    assert!(ends_at <= after.saturating_add_seconds(120.0));
    body[0]["endsAt"] = Value::Null;
    assert_eq!(
        body[0],
        json!({
            "labels": {
                "alertname": "drift_detected",
                "feature": "age",
                "model": "fraud",
                "model_version": "1.2.0",
                "severity": "error",
                "team": "risk",
            },
            "annotations": {
                "summary": "age drifted: 0.31",
                "value": "0.31",
                "p_value": "0.004",
                "n_events": "3",
                "updated_at": "2013-07-01T05:10:00.500000000Z",
                "source": "drift_detector",
            },
            "startsAt": "2013-07-01T05:00:00.000000000Z",
            "endsAt": null,
        })
    );
    assert_eq!(body[1]["labels"]["feature"], "income");
}

#[test]
fn what_fires_is_sent_again_until_it_is_resolved() {
    let server = server(4);
    let sink = sink(&server, &[]);
    assert_eq!(sink.refresh_every(), Some(Duration::from_secs(30)));
    assert_eq!(sink.refresh(), Outcome::Delivered); // nothing to tell, and nothing sent
    sink.deliver(&alert(Action::Open, &["age", "income"]));
    sink.deliver(&alert(Action::Resolve, &["age"]));
    assert_eq!(sink.refresh(), Outcome::Delivered);
    sink.deliver(&alert(Action::Resolve, &["income"]));
    assert_eq!(sink.refresh(), Outcome::Delivered);
    let bodies: Vec<Value> = server.end().iter().map(Request::json).collect();
    let features = |body: &Value| -> Vec<String> {
        let alerts = body.as_array().unwrap().iter();
        alerts
            .map(|alert| alert["labels"]["feature"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(features(&bodies[0]), ["age", "income"]);
    assert_eq!(features(&bodies[1]), ["age"]);
    assert_eq!(features(&bodies[2]), ["income"]);
    assert_eq!(features(&bodies[3]), ["income"]);
    let now = Timestamp::now();
    let over: Vec<bool> = bodies
        .iter()
        .map(|body| time(&body[0]["endsAt"]) <= now)
        .collect();
    assert_eq!(over, [false, true, false, true]);
}

#[test]
fn the_same_delivery_is_the_same_body() {
    let server = server(3);
    let sink = sink(&server, &[]);
    let open = alert(Action::Open, &["age"]);
    let mut again = open.clone();
    again.delivery_id = "another".into();
    for alert in [&open, &open, &again] {
        sink.deliver(alert);
    }
    let requests = server.end();
    assert_eq!(requests[0].body, requests[1].body);
    assert_ne!(requests[0].body, requests[2].body);
}

#[test]
fn growing_graver_ends_one_alert_and_begins_another() {
    let server = server(3);
    let sink = sink(&server, &[]);
    sink.deliver(&alert(Action::Open, &["age"]));
    let mut graver = alert(Action::Remind, &["age"]);
    graver.incidents[0].severity = Severity::Critical;
    sink.deliver(&graver);
    sink.refresh();
    let bodies: Vec<Value> = server.end().iter().map(Request::json).collect();
    let severities = |body: &Value| -> Vec<(Value, bool)> {
        let now = Timestamp::now();
        let over = |alert: &Value| {
            (
                alert["labels"]["severity"].clone(),
                time(&alert["endsAt"]) <= now,
            )
        };
        body.as_array().unwrap().iter().map(over).collect()
    };
    assert_eq!(
        severities(&bodies[1]),
        [(json!("error"), true), (json!("critical"), false)]
    );
    assert_eq!(severities(&bodies[2]), [(json!("critical"), false)]);
}

#[test]
fn an_alert_never_ends_before_it_begins() {
    let server = server(1);
    let sink = sink(&server, &[]);
    let mut ahead = alert(Action::Resolve, &["age"]);
    ahead.incidents[0].opened_at = Timestamp::now().saturating_add_seconds(3000.0);
    sink.deliver(&ahead);
    let body = server.next().json();
    assert!(time(&body[0]["startsAt"]) <= time(&body[0]["endsAt"]));
}

#[test]
fn arguments_that_are_refused() {
    let refused = |url: &str, config: AlertmanagerConfig, name: &str| {
        let error = AlertmanagerSink::new(url, config).unwrap_err().to_string();
        assert!(error.starts_with(name), "{error}");
    };
    let config = AlertmanagerConfig::default;
    for (name, value) in [
        ("", "x"),
        ("1a", "x"),
        ("a-b", "x"),
        ("\u{e9}", "x"),
        ("__a", "x"),
        ("severity", "x"),
        ("alertname", "x"),
        ("a", ""),
    ] {
        let labels = vec![(name.to_owned(), value.to_owned())];
        refused(
            "http://a",
            AlertmanagerConfig { labels, ..config() },
            "labels: got ",
        );
    }
    for resend in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_secs(86_401),
    ] {
        refused(
            "http://a",
            AlertmanagerConfig { resend, ..config() },
            "resend_s: got ",
        );
    }
    refused("http://a/?b=c", config(), "url: got ");
    refused("gopher://a", config(), "url: got ");
}
