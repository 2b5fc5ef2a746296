//! Alerts to PagerDuty, by its Events API v2.
//!
//! PagerDuty puts events with one `dedup_key` together; here it is one for each kind
//! and model, so that many features at once page once. The group is resolved when no
//! incident of it is open any more; as long as some are, nothing is sent: an update
//! would page anew where somebody has closed it by hand. A resolve whose group PagerDuty does not know is ignored
//! there, and several processes that watch one model share its group.
//!
//! Source: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
//! (summary at most 1024 characters, `dedup_key` 255, event 512 kB; 202 accepted).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Sink;
use super::document::{Document, json as bytes};
use crate::alert::wording::at_most;
use crate::alert::{Action, Alert, Incident};
use crate::delivery::http::{Endpoint, HttpConfig};
use crate::delivery::{Outcome, Secret};
use crate::error::{Error, Result};
use crate::event::Severity;
use crate::fork;

/// Where events go.
pub const PAGER_DUTY: &str = "https://events.pagerduty.com/v2/enqueue";

const SUMMARY: usize = 1024;
const DEDUP_KEY: usize = 255;

/// Below 512 kB, whichever kB is meant.
const EVENT: usize = 500_000;

/// The most incidents of an event that would be too long with all.
const FEW: usize = 100;

/// The most characters of a text in such an event.
const SHORT: usize = 300;

/// The most incidents that are kept in mind; others resolve early.
const MOST_OPEN: usize = 100_000;

/// How a [`PagerDutySink`] is made.
#[derive(Debug, Clone)]
pub struct PagerDutyConfig {
    /// Where events go: [`PAGER_DUTY`], or PagerDuty's address in Europe.
    pub url: String,
    /// How PagerDuty is talked to.
    pub http: HttpConfig,
    /// The name in counters and logs; `None`: `pagerduty`.
    pub name: Option<Arc<str>>,
}

impl Default for PagerDutyConfig {
    fn default() -> Self {
        Self {
            url: PAGER_DUTY.to_owned(),
            http: HttpConfig::default(),
            name: None,
        }
    }
}

/// Triggers and resolves incidents of PagerDuty.
#[derive(Debug)]
pub struct PagerDutySink {
    endpoint: Endpoint,
    routing_key: Secret,
    name: Arc<str>,
    open: Mutex<Open>,
}

/// What was triggered and not resolved, by dedup key and incident.
#[derive(Debug, Default)]
struct Open {
    /// The process that triggered it: a forked child has not.
    epoch: u32,
    groups: BTreeMap<String, BTreeSet<Arc<str>>>,
    count: usize,
}

impl PagerDutySink {
    /// Validates; connects to nothing.
    ///
    /// # Errors
    /// `InvalidValue` that names `routing_key`, `url` or another argument.
    pub fn new(routing_key: Secret, config: PagerDutyConfig) -> Result<Self> {
        let key = routing_key.expose();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let got = "a text that is empty or has characters other than visible ASCII (not shown)";
            let allowed = "the integration key of an Events API v2 integration";
            return Err(Error::invalid_value("routing_key", got, allowed));
        }
        Ok(Self {
            endpoint: Endpoint::new(&config.url, config.http)?.hiding(&routing_key),
            routing_key,
            name: config.name.unwrap_or_else(|| "pagerduty".into()),
            open: Mutex::default(),
        })
    }

    /// Where it sends to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Notes what the alert opens or resolves; whether an incident of its group is open
    /// then. The same again changes nothing.
    fn note(&self, dedup_key: &str, alert: &Alert) -> bool {
        let _section = fork::section();
        let mut open = self.open.lock();
        if open.epoch != fork::epoch() {
            *open = Open {
                epoch: fork::epoch(),
                ..Open::default()
            };
        }
        let Open { groups, count, .. } = &mut *open;
        let group = groups.entry(dedup_key.to_owned()).or_default();
        *count -= group.len();
        for incident in &alert.incidents {
            if alert.action == Action::Resolve {
                group.remove(&incident.id);
            } else if *count + group.len() < MOST_OPEN {
                group.insert(Arc::clone(&incident.id));
            }
        }
        *count += group.len();
        let any = !group.is_empty();
        if !any {
            groups.remove(dedup_key);
        }
        any
    }
}

impl Sink for PagerDutySink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        let dedup_key = dedup_key(alert);
        let any_open = self.note(&dedup_key, alert);
        let routing_key = self.routing_key.expose();
        if alert.action == Action::Resolve {
            if any_open {
                return Outcome::Delivered;
            }
            let event = json!({
                "routing_key": routing_key,
                "event_action": "resolve",
                "dedup_key": dedup_key,
            });
            return self.endpoint.post(&[], &bytes(&event));
        }
        let trigger = |details: Value| {
            bytes(&json!({
                "routing_key": routing_key,
                "event_action": "trigger",
                "dedup_key": dedup_key,
                "client": "driftline",
                "payload": payload(alert, details),
            }))
        };
        let mut event = trigger(json!(Document::from(alert)));
        if event.len() > EVENT {
            event = trigger(shortened(alert));
        }
        self.endpoint.post(&[], &event)
    }
}

/// The same for all alerts of one kind and model.
fn dedup_key(alert: &Alert) -> String {
    let model = alert.model.as_ref().map(ToString::to_string);
    let key = format!("driftline/{}/{}", alert.kind, model.unwrap_or_default());
    if key.chars().count() <= DEDUP_KEY {
        return key;
    }
    let mut short = "driftline/".to_owned();
    for byte in Sha256::digest(&key) {
        // A string takes everything.
        let _ = write!(short, "{byte:02x}");
    }
    short
}

fn payload(alert: &Alert, details: Value) -> Value {
    let summary = alert.told(&alert.summary());
    let model = at_most(SHORT, &alert.model_name());
    json!({
        "summary": at_most(SUMMARY, &summary),
        "source": model,
        "component": model,
        "class": alert.kind.as_str(),
        "severity": match alert.severity() {
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
            _ => "info",
        },
        "timestamp": alert.opened_at().map(|time| time.to_string()),
        "custom_details": details,
    })
}

/// The details of an alert that is too long: fewer incidents, and the least of each.
fn shortened(alert: &Alert) -> Value {
    let entry = |incident: &Incident| {
        json!({
            "id": at_most(SHORT, &incident.id),
            "feature": at_most(SHORT, incident.feature_name()),
            "summary": at_most(SHORT, &incident.summary),
        })
    };
    json!({
        "delivery_id": at_most(SHORT, &alert.delivery_id),
        "action": alert.action.as_str(),
        "incidents": alert.incidents.iter().take(FEW).map(entry).collect::<Vec<_>>(),
        "more_incidents": alert.incidents.len().saturating_sub(FEW),
    })
}
