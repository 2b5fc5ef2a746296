//! Alerts as JSON.
//!
//! JSON has no NaN and no infinities: as `value` and `p_value` they are the strings
//! `"NaN"`, `"Infinity"` and `"-Infinity"`, and within metadata they are written as
//! events write them.

use serde::Serialize;
use serde_json::Value;

use crate::alert::{Alert, Incident};
use crate::event::{self, ModelId};

/// The version of the schema; it grows when a receiver has to be changed.
const VERSION: u32 = 1;

/// An alert, as the body of a webhook.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    delivery_id: &'a str,
    action: &'static str,
    kind: &'a str,
    model: Option<Model<'a>>,
    feature: Option<&'a str>,
    severity: &'static str,
    value: Option<Value>,
    p_value: Option<Value>,
    opened_at: Option<String>,
    summary: String,
    incidents: Vec<Entry<'a>>,
}

/// A model, as events write it.
#[derive(Serialize)]
pub(super) struct Model<'a> {
    name: &'a str,
    version: Option<&'a str>,
    deployed_at: Option<String>,
}

/// An incident.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    feature: Option<&'a str>,
    severity: &'static str,
    value: Option<Value>,
    p_value: Option<Value>,
    opened_at: String,
    updated_at: String,
    n_events: u64,
    source: Option<&'a str>,
    summary: &'a str,
    metadata: Value,
}

impl<'a> From<&'a Alert> for Document<'a> {
    fn from(alert: &'a Alert) -> Self {
        Self {
            version: VERSION,
            delivery_id: &alert.delivery_id,
            action: alert.action.as_str(),
            kind: alert.kind.as_str(),
            model: alert.model.as_ref().map(Model::from),
            feature: alert.feature().map(|feature| &**feature),
            severity: alert.severity().as_str(),
            value: alert.only().and_then(|only| only.value).map(number),
            p_value: alert.only().and_then(|only| only.p_value).map(number),
            summary: alert.summary(),
            opened_at: alert.opened_at().map(|time| time.to_string()),
            incidents: alert.incidents.iter().map(Entry::from).collect(),
        }
    }
}

impl<'a> From<&'a ModelId> for Model<'a> {
    fn from(model: &'a ModelId) -> Self {
        Self {
            name: model.name(),
            version: model.version(),
            deployed_at: model.deployed_at().map(|time| time.to_string()),
        }
    }
}

impl<'a> From<&'a Incident> for Entry<'a> {
    fn from(incident: &'a Incident) -> Self {
        let metadata = incident.metadata.as_deref().map(event::metadata_json);
        // What was written as JSON a moment ago can be read.
        let metadata = metadata.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            id: &incident.id,
            feature: incident.feature.as_deref(),
            severity: incident.severity.as_str(),
            value: incident.value.map(number),
            p_value: incident.p_value.map(number),
            opened_at: incident.opened_at.to_string(),
            updated_at: incident.updated_at.to_string(),
            n_events: incident.n_events,
            source: incident.source.as_deref(),
            summary: &incident.summary,
            metadata: metadata.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        }
    }
}

/// A number; a string where JSON has none.
pub(super) fn number(value: f64) -> Value {
    if value.is_nan() {
        Value::from("NaN")
    } else if value.is_infinite() {
        Value::from(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        Value::from(value)
    }
}

/// Anything of ours as JSON text.
pub(super) fn json(document: &impl Serialize) -> Vec<u8> {
    // Memory as the target cannot fail, and neither do our types.
    serde_json::to_vec(document).unwrap_or_default()
}
