//! Alerts to Prometheus Alertmanager, by its API v2.
//!
//! Alertmanager forgets an alert that it is not told again, so those that fire are
//! sent again every `resend`, each time with an end four times as far ahead; a
//! resolved one is sent with an end that has passed. Its clock is the wall's: an
//! alert begins at its event time, or now where that is later.
//!
//! Every incident is an alert of its own there, for grouping is Alertmanager's own
//! work. Labels: `alertname` (the kind), `model`, `model_version`, `feature`,
//! `severity` and those of the user. As the severity is a label, an incident that
//! grows graver ends one alert and begins another.
//!
//! Source: <https://prometheus.io/docs/alerting/latest/alerts_api/>

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Sink;
use super::document::json as bytes;
use crate::alert::{Action, Alert, Incident};
use crate::delivery::Outcome;
use crate::delivery::http::{Endpoint, HttpConfig};
use crate::error::{Error, Result};
use crate::event::Timestamp;
use crate::fork;

/// How many times `resend` an alert outlives its last word.
const OUTLIVES: f64 = 4.0;

/// The most alerts that are kept firing.
const MOST_FIRING: usize = 100_000;

/// Labels that are ours.
const OWN: [&str; 5] = ["alertname", "feature", "model", "model_version", SEVERITY];

const SEVERITY: &str = "severity";

/// How an [`AlertmanagerSink`] is made.
#[derive(Debug, Clone)]
pub struct AlertmanagerConfig {
    /// Further labels of every alert.
    pub labels: Vec<(String, String)>,
    /// How often what fires is sent again; from 1 s to a day.
    pub resend: Duration,
    /// How Alertmanager is talked to.
    pub http: HttpConfig,
    /// The name in counters and logs; `None`: `alertmanager`.
    pub name: Option<Arc<str>>,
}

impl Default for AlertmanagerConfig {
    fn default() -> Self {
        Self {
            labels: Vec::new(),
            resend: Duration::from_secs(60),
            http: HttpConfig::default(),
            name: None,
        }
    }
}

type Labels = BTreeMap<String, String>;

/// Tells Alertmanager of incidents for as long as they are open.
#[derive(Debug)]
pub struct AlertmanagerSink {
    endpoint: Endpoint,
    shown: String,
    labels: Labels,
    resend: Duration,
    name: Arc<str>,
    state: Mutex<State>,
}

/// An alert that fires.
#[derive(Debug, Clone)]
struct Firing {
    severity: &'static str,
    annotations: Labels,
    starts_at: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    /// The process whose alerts they are: a forked child has none, and would keep
    /// those of its parent from ending.
    epoch: u32,
    /// By the labels without the severity.
    firing: BTreeMap<Labels, Firing>,
    /// The delivery under way, which is the same on every attempt.
    last: Option<(Arc<str>, Arc<[u8]>)>,
}

impl AlertmanagerSink {
    /// Validates; connects to nothing. `url` is Alertmanager's own, without
    /// `/api/v2/alerts`.
    ///
    /// # Errors
    /// `InvalidValue` that names `url`, `labels`, `resend_s` or another argument.
    pub fn new(url: &str, config: AlertmanagerConfig) -> Result<Self> {
        let labels = parse_labels(config.labels)?;
        let range = Duration::from_secs(1)..=Duration::from_secs(86_400);
        if !range.contains(&config.resend) {
            let got = config.resend.as_secs_f64();
            let allowed = "a number of seconds from 1 to 86400";
            return Err(Error::invalid_value("resend_s", got, allowed));
        }
        if url.contains(['?', '#']) {
            let got = "a URL with a query or a fragment";
            let allowed = "Alertmanager's own URL, such as \"http://localhost:9093\"";
            return Err(Error::invalid_value("url", got, allowed));
        }
        let url = url.trim_end_matches('/');
        let endpoint = Endpoint::new(&format!("{url}/api/v2/alerts"), config.http)?;
        let shown = match url.len() == endpoint.host().len() {
            true => format!("{}/", endpoint.host()),
            false => endpoint.shown().to_owned(),
        };
        Ok(Self {
            endpoint,
            shown,
            labels,
            resend: config.resend,
            name: config.name.unwrap_or_else(|| "alertmanager".into()),
            state: Mutex::default(),
        })
    }

    /// Where it sends to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The URL that was given, without what may be a secret.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The labels that every alert has.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.labels.iter();
        labels.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How often what fires is sent again.
    pub fn resend(&self) -> Duration {
        self.resend
    }

    /// Does `work` with the state of this process.
    fn with_state<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let _section = fork::section();
        let mut state = self.state.lock();
        if state.epoch != fork::epoch() {
            *state = State {
                epoch: fork::epoch(),
                ..State::default()
            };
        }
        work(&mut state)
    }

    /// The labels of an incident but for the severity.
    fn identity(&self, alert: &Alert, incident: &Incident) -> Labels {
        let mut labels = self.labels.clone();
        let model = alert.model.as_ref();
        for (name, value) in [
            ("alertname", Some(alert.kind.as_str())),
            ("model", model.map(|model| model.name())),
            ("model_version", model.and_then(|model| model.version())),
            ("feature", incident.feature.as_deref()),
        ] {
            if let Some(value) = value {
                labels.insert(name.to_owned(), value.to_owned());
            }
        }
        labels
    }

    /// What to send of an alert.
    fn entries(&self, state: &mut State, alert: &Alert, now: Timestamp) -> Vec<Value> {
        let until = self.until(now);
        let mut entries = Vec::new();
        for incident in &alert.incidents {
            let identity = self.identity(alert, incident);
            let firing = Firing::new(incident, now);
            let before = state.firing.get(&identity);
            if let Some(before) = before.filter(|before| before.severity != firing.severity) {
                entries.push(entry(&identity, before, now));
            }
            if alert.action == Action::Resolve {
                entries.push(entry(&identity, &firing, now));
                state.firing.remove(&identity);
            } else {
                entries.push(entry(&identity, &firing, until));
                if state.firing.len() < MOST_FIRING || state.firing.contains_key(&identity) {
                    state.firing.insert(identity, firing);
                }
            }
        }
        entries
    }

    /// When what is told now ends by itself.
    fn until(&self, now: Timestamp) -> Timestamp {
        now.saturating_add_seconds(self.resend.as_secs_f64() * OUTLIVES)
    }
}

impl Firing {
    fn new(incident: &Incident, now: Timestamp) -> Self {
        let mut annotations = Labels::new();
        for (name, value) in [
            ("summary", Some(incident.summary.clone())),
            ("value", incident.value.map(|value| value.to_string())),
            ("p_value", incident.p_value.map(|value| value.to_string())),
            ("n_events", Some(incident.n_events.to_string())),
            ("updated_at", Some(incident.updated_at.to_string())),
            ("source", incident.source.as_deref().map(str::to_owned)),
        ] {
            annotations.extend(value.map(|value| (name.to_owned(), value)));
        }
        Self {
            severity: incident.severity.as_str(),
            annotations,
            starts_at: incident.opened_at.min(now),
        }
    }
}

/// An alert of Alertmanager's.
fn entry(identity: &Labels, firing: &Firing, ends_at: Timestamp) -> Value {
    let mut labels = identity.clone();
    labels.insert(SEVERITY.to_owned(), firing.severity.to_owned());
    json!({
        "labels": labels,
        "annotations": firing.annotations,
        "startsAt": firing.starts_at.to_string(),
        "endsAt": ends_at.to_string(),
    })
}

fn parse_labels(labels: Vec<(String, String)>) -> Result<Labels> {
    let mut parsed = Labels::new();
    for (name, value) in labels {
        let mut bytes = name.bytes();
        let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        if !bytes.next().is_some_and(begins)
            || !bytes.all(|byte| begins(byte) || byte.is_ascii_digit())
            || name.starts_with("__")
        {
            let allowed = "names of letters, digits and underscores that begin with no digit \
                           and not with two underscores";
            return Err(Error::invalid_value(
                "labels",
                format!("the name {name:?}"),
                allowed,
            ));
        }
        if OWN.contains(&&*name) {
            let allowed = "names other than alertname, feature, model, model_version and severity";
            return Err(Error::invalid_value(
                "labels",
                format!("the name {name:?}"),
                allowed,
            ));
        }
        if value.is_empty() {
            let got = format!("an empty text as {name:?}");
            return Err(Error::invalid_value(
                "labels",
                got,
                "texts that are not empty",
            ));
        }
        parsed.insert(name, value);
    }
    Ok(parsed)
}

impl Sink for AlertmanagerSink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        let body = self.with_state(|state| match &state.last {
            Some((id, body)) if *id == alert.delivery_id => Arc::clone(body),
            _ => {
                let entries = self.entries(state, alert, Timestamp::now());
                let body: Arc<[u8]> = bytes(&entries).into();
                state.last = Some((Arc::clone(&alert.delivery_id), Arc::clone(&body)));
                body
            }
        });
        self.endpoint.post(&[], &body)
    }

    fn refresh_every(&self) -> Option<Duration> {
        Some(self.resend)
    }

    fn refresh(&self) -> Outcome {
        let until = self.until(Timestamp::now());
        let entries: Vec<Value> = self.with_state(|state| {
            let firing = state.firing.iter();
            firing
                .map(|(identity, firing)| entry(identity, firing, until))
                .collect()
        });
        if entries.is_empty() {
            return Outcome::Delivered;
        }
        self.endpoint.post(&[], &bytes(&entries))
    }
}
