//! What webhooks, Slack and the log are told.

use std::sync::Arc;

use driftline::alert::sink::{
    LogSink, SlackConfig, SlackSink, WebhookConfig, WebhookSink, signature,
};
use driftline::alert::{Action, Alert, Sink};
use driftline::delivery::{Outcome, Secret};
use driftline::event::{Metadata, Value};
use serde_json::json;

use super::server::{Server, answer};
use super::{alert, parts, patient, unix_now};

/// A request to a webhook for each alert.
fn webhook(alerts: &[&Alert], secret: Option<&str>) -> Vec<super::server::Request> {
    let ok = |_: &&Alert| answer("200 OK", "", "");
    let server = Server::new(alerts.iter().map(ok).collect());
    let config = WebhookConfig {
        secret: secret.map(Secret::new),
        http: patient(),
        name: None,
    };
    let sink = WebhookSink::new(&server.url("/"), config).unwrap();
    for alert in alerts {
        assert_eq!(sink.deliver(alert), Outcome::Delivered);
    }
    server.end()
}

#[test]
fn webhook_tells_everything() {
    let mut one = alert(Action::Open, &["age"]);
    let metadata = Metadata::from([
        ("mean".to_owned(), Value::Float(0.5)),
        ("bad".to_owned(), Value::Float(f64::NAN)),
    ]);
    one.incidents[0].metadata = Some(Arc::new(metadata));
    one.incidents[0].p_value = Some(f64::NAN);
    let requests = webhook(&[&one], None);
    assert_eq!(
        requests[0].json(),
        json!({
            "version": 1,
            "delivery_id": "d-open-age",
            "action": "open",
            "kind": "drift_detected",
            "model": {"name": "fraud", "version": "1.2.0", "deployed_at": null},
            "feature": "age",
            "severity": "error",
            "value": 0.31,
            "p_value": "NaN",
            "summary": "age drifted: 0.31",
            "opened_at": "2013-07-01T05:00:00.000000000Z",
            "incidents": [{
                "id": "i-age",
                "feature": "age",
                "severity": "error",
                "value": 0.31,
                "p_value": "NaN",
                "opened_at": "2013-07-01T05:00:00.000000000Z",
                "updated_at": "2013-07-01T05:10:00.500000000Z",
                "n_events": 3,
                "source": "drift_detector",
                "summary": "age drifted: 0.31",
                "metadata": {"bad": {"$float": "NaN"}, "mean": 0.5},
            }],
        })
    );
    assert_eq!(requests[0].header("driftline-delivery"), Some("d-open-age"));
    assert_eq!(requests[0].header("driftline-signature"), None);
    let timestamp: i64 = requests[0]
        .header("driftline-timestamp")
        .unwrap()
        .parse()
        .unwrap();
    assert!((unix_now() - timestamp).abs() < 300);
}

#[test]
fn webhook_groups() {
    let mut many = alert(Action::Remind, &["age", "income"]);
    many.model = None;
    let body = webhook(&[&many], None)[0].json();
    assert_eq!(body["action"], "remind");
    assert_eq!(body["model"], json!(null));
    assert_eq!(body["feature"], json!(null));
    assert_eq!(body["summary"], "age drifted: 0.31 (and 1 more)");
    assert_eq!(body["incidents"][1]["feature"], "income");
}

#[test]
fn the_same_alert_is_the_same_body() {
    let alert = alert(Action::Open, &["age", "income"]);
    let requests = webhook(&[&alert, &alert], Some("key"));
    assert_eq!(requests[0].body, requests[1].body);
    let delivery = |i: usize| requests[i].header("driftline-delivery");
    assert_eq!(delivery(0), delivery(1));
    for request in &requests {
        let timestamp = request.header("driftline-timestamp").unwrap();
        let signed = signature(
            &Secret::new("key"),
            timestamp,
            "d-open-age-income",
            &request.body,
        );
        assert_eq!(request.header("driftline-signature"), Some(&*signed));
    }
}

#[test]
fn signature_agrees_with_others() {
    // Computed by Python's hmac:
    // hmac.new(key, b"1372654800.d-1.{\"a\":1}", "sha256").hexdigest()
    for (key, expected) in [
        ("Jefe", VECTORS[0]),
        // Longer than a block of SHA-256.
        (&*"k".repeat(131), VECTORS[1]),
    ] {
        let signed = signature(&Secret::new(key), "1372654800", "d-1", b"{\"a\":1}");
        assert_eq!(signed, format!("v1={expected}"));
    }
}

const VECTORS: [&str; 2] = [
    "c3551b1a658ce4e5926dfa5c4b516a8ddd70723fffbca5a7f89bbcbeab3b0142",
    "55f4318e4dafe00bdb7f682d46684711f9bbd116537e3bf25ec090ad5ab15311",
];

#[test]
fn a_secret_told_back_is_masked() {
    let server = Server::new(vec![answer("401 No", "", "bad key hunter2-hunter2!")]);
    let config = WebhookConfig {
        secret: Some(Secret::new("hunter2-hunter2")),
        http: patient(),
        name: Some("ops".into()),
    };
    let sink = WebhookSink::new(&server.url("/"), config).unwrap();
    assert_eq!(&*sink.name(), "ops");
    let (_, _, error) = parts(sink.deliver(&alert(Action::Open, &["age"])));
    assert!(error.ends_with("bad key ***!"), "{error}");
    assert!(!format!("{sink:?}").contains("hunter2"));
}

#[test]
fn an_empty_secret_is_refused() {
    let config = WebhookConfig {
        secret: Some(Secret::new("")),
        ..WebhookConfig::default()
    };
    let error = WebhookSink::new("http://example.org", config).unwrap_err();
    assert!(error.to_string().starts_with("secret: got an empty text"));
}

fn slack(alert: &Alert) -> serde_json::Value {
    let server = Server::new(vec![answer("200 OK", "", "ok")]);
    let config = SlackConfig {
        http: patient(),
        name: None,
    };
    let sink = SlackSink::new(&server.url("/services/T0/B0/c4n4ry"), config).unwrap();
    assert_eq!(sink.deliver(alert), Outcome::Delivered);
    assert!(!format!("{sink:?}").contains("c4n4ry"));
    let request = server.next();
    assert_eq!(request.line, "POST /services/T0/B0/c4n4ry HTTP/1.1");
    request.json()
}

#[test]
fn slack_shows_what_happened() {
    let text = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    assert_eq!(
        slack(&alert(Action::Open, &["age"])),
        json!({
            "text": "age drifted: 0.31",
            "blocks": [
                text(":rotating_light: *Open: drift_detected* of *fraud:1.2.0* (error), \
                      since 2013-07-01T05:00:00.000000000Z"),
                text("\u{2022} *age*: age drifted: 0.31\n"),
            ],
        })
    );
    let still = slack(&alert(Action::Remind, &["age"]));
    assert_eq!(still["text"], "still open: age drifted: 0.31");
    let resolved = slack(&alert(Action::Resolve, &["age"]));
    assert!(
        resolved["blocks"][0]["text"]["text"]
            .as_str()
            .unwrap()
            .contains("*Resolved: ")
    );
}

#[test]
fn slack_keeps_within_its_limits() {
    let names: Vec<String> = (0..50).map(|i| format!("f{i}<&>")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut many = alert(Action::Open, &names);
    for incident in &mut many.incidents {
        incident.summary = "<!channel> & all ".repeat(1000);
    }
    let message = slack(&many);
    let blocks = message["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50);
    let texts: Vec<&str> = blocks
        .iter()
        .map(|block| block["text"]["text"].as_str().unwrap())
        .collect();
    assert!(
        texts
            .iter()
            .all(|text| (1..=3000).contains(&text.chars().count()))
    );
    let all = texts.concat();
    assert_eq!(all.matches('\u{2022}').count(), 20);
    assert!(all.contains("*f19&lt;&amp;&gt;*: &lt;!channel&gt; &amp; all "));
    assert!(!all.contains('<') && !all.contains("*f20"));
    assert_eq!(*texts.last().unwrap(), "and 30 more");
    assert!(message["text"].as_str().unwrap().chars().count() <= 3000);
}

#[test]
fn log_lines() {
    assert_eq!(
        LogSink::line(&alert(Action::Open, &["age"])),
        "age drifted: 0.31"
    );
    assert_eq!(
        LogSink::line(&alert(Action::Resolve, &["a\nb", "c"])),
        "Resolved: drift_detected of fraud:1.2.0, 2 incidents: \
         a\\nb drifted: 0.31; c drifted: 0.31"
    );
    let sink = LogSink::new(None);
    assert_eq!(
        sink.deliver(&alert(Action::Open, &["age"])),
        Outcome::Delivered
    );
    assert_eq!(&*sink.name(), "log");
}
