//! Alerts to a channel of Slack.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Sink;
use super::document::json as bytes;
use crate::alert::{Action, Alert, Incident};
use crate::delivery::Outcome;
use crate::delivery::http::{Endpoint, HttpConfig};
use crate::error::{Result, one_line};

/// The most characters that Slack takes in one section.
const SECTION: usize = 3000;

/// The most incidents that a message shows.
const INCIDENTS: usize = 20;

/// The most characters of a line.
const LINE: usize = 600;

/// How a [`SlackSink`] is made.
#[derive(Debug, Clone, Default)]
pub struct SlackConfig {
    /// How Slack is talked to.
    pub http: HttpConfig,
    /// The name in counters and logs; `None`: `slack`.
    pub name: Option<Arc<str>>,
}

/// Sends every alert to an incoming webhook of Slack, whose URL is a secret.
///
/// A message shows the first 20 incidents and says how many more there are. What
/// comes from events is escaped, so that it can neither mention people nor link.
#[derive(Debug)]
pub struct SlackSink {
    endpoint: Endpoint,
    name: Arc<str>,
}

impl SlackSink {
    /// Validates; connects to nothing.
    ///
    /// # Errors
    /// `InvalidValue` that names `url` or another argument.
    pub fn new(url: &str, config: SlackConfig) -> Result<Self> {
        Ok(Self {
            endpoint: Endpoint::new(url, config.http)?,
            name: config.name.unwrap_or_else(|| "slack".into()),
        })
    }

    /// Where it sends to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Sink for SlackSink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        self.endpoint.post(&[], &bytes(&message(alert)))
    }
}

/// The message: `text` for notifications, `blocks` for the channel.
fn message(alert: &Alert) -> Value {
    let word = alert.action.word();
    let text = escaped(SECTION, &alert.told(&alert.summary()));
    let mark = match alert.action {
        Action::Resolve => ":white_check_mark:",
        _ => ":rotating_light:",
    };
    let since = alert.opened_at().map(|time| time.to_string());
    let head = format!(
        "{mark} *{word}: {}* of *{}* ({}), since {}",
        escaped(LINE, alert.kind.as_str()),
        escaped(LINE, &alert.model_name()),
        alert.severity().as_str(),
        since.unwrap_or_default(),
    );
    let mut blocks = vec![section(&head)];
    let mut lines = String::new();
    for incident in alert.incidents.iter().take(INCIDENTS) {
        let line = line(incident);
        if lines.chars().count() + line.chars().count() > SECTION {
            blocks.push(section(&lines));
            lines.clear();
        }
        lines.push_str(&line);
    }
    blocks.push(section(&lines));
    let more = alert.incidents.len().saturating_sub(INCIDENTS);
    if more > 0 {
        blocks.push(section(&format!("and {more} more")));
    }
    json!({"text": text, "blocks": blocks})
}

fn line(incident: &Incident) -> String {
    let summary = escaped(LINE, &incident.summary);
    match &incident.feature {
        Some(feature) => format!("\u{2022} *{}*: {summary}\n", escaped(LINE, feature)),
        None => format!("\u{2022} {summary}\n"),
    }
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

/// Text that Slack takes as it is, of at most so many characters.
fn escaped(characters: usize, text: &str) -> String {
    let mut escaped = String::new();
    let mut left = characters.saturating_sub(3);
    for c in one_line(text).chars() {
        let mut own = [0; 4];
        let piece = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            c => c.encode_utf8(&mut own),
        };
        let Some(rest) = left.checked_sub(piece.chars().count()) else {
            escaped.push_str("...");
            break;
        };
        left = rest;
        escaped.push_str(piece);
    }
    escaped
}
