//! Alerts: what people are told of incidents, and the sinks that tell them.
//!
//! An incident is one kind of trouble of one model and feature, from its beginning
//! to its end. An [`Alert`] is one message: that incidents of the same kind and
//! model have opened, still last, or were resolved.

mod book;
pub mod sink;
mod summary;
mod wording;

pub use book::{Book, Notice, Resumption, Rules, resolves};
pub use sink::Sink;

use std::sync::Arc;

use crate::event::{Kind, Metadata, ModelId, Severity, Timestamp};

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Something is wrong.
    Open,
    /// It still is.
    Remind,
    /// It no longer is.
    Resolve,
}

impl Action {
    /// Its name: `"open"`, `"remind"` or `"resolve"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Remind => "remind",
            Self::Resolve => "resolve",
        }
    }
}

/// One message: incidents of one kind and model to which the same has happened
/// within the time that a message waits for others.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What it is for.
    pub action: Action,
    /// What is wrong: the kind of the event that opened the incidents.
    pub kind: Kind,
    /// Which model.
    pub model: Option<ModelId>,
    /// The incidents, one or more, in the order in which they came.
    pub incidents: Vec<Incident>,
    /// The same on every attempt, and different for every message and sink.
    pub delivery_id: Arc<str>,
}

/// One incident as it stood when the alert was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// The same in all alerts of the incident: for receivers that put these
    /// together.
    pub id: Arc<str>,
    /// Which feature.
    pub feature: Option<Arc<str>>,
    /// The gravest so far.
    pub severity: Severity,
    /// How strongly: the value of the last event.
    pub value: Option<f64>,
    /// How sure: the p-value of the last event.
    pub p_value: Option<f64>,
    /// When it began, in event time.
    pub opened_at: Timestamp,
    /// When the last event came, in event time.
    pub updated_at: Timestamp,
    /// Events of it so far, those that were not told included.
    pub n_events: u64,
    /// The observer that found it.
    pub source: Option<Arc<str>>,
    /// Metadata of the last event: what normal is, among others.
    pub metadata: Option<Arc<Metadata>>,
    /// One line for people: what changed, how strongly, how sure, since when, and
    /// what normal is.
    pub summary: String,
}

impl Alert {
    /// The gravest severity of its incidents.
    pub fn severity(&self) -> Severity {
        let severities = self.incidents.iter().map(|incident| incident.severity);
        severities.max().unwrap_or(Severity::Error)
    }

    /// The one feature; `None` where there are several, or none.
    pub fn feature(&self) -> Option<&Arc<str>> {
        self.only().and_then(|incident| incident.feature.as_ref())
    }

    /// The incident, where there is just one.
    pub fn only(&self) -> Option<&Incident> {
        match self.incidents.as_slice() {
            [incident] => Some(incident),
            _ => None,
        }
    }

    /// One line for people: that of the incident, or of the first and how many more
    /// there are.
    pub fn summary(&self) -> String {
        let first = self.incidents.first();
        let line = first.map_or_else(String::new, |incident| incident.summary.clone());
        match self.incidents.len() {
            0 | 1 => line,
            n => format!("{line} (and {} more)", n - 1),
        }
    }

    /// When the first of its incidents began.
    pub fn opened_at(&self) -> Option<Timestamp> {
        let opened = self.incidents.iter().map(|incident| incident.opened_at);
        opened.min()
    }
}
