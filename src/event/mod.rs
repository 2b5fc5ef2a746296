//! Events: plain, immutable data about one thing that happened to a model.
//!
//! An [`Event`] has a [`Kind`], usually a value, and says which [`ModelId`] and
//! feature it is about, how grave it is ([`Severity`]) and when it happened
//! ([`Timestamp`]). JSON keeps every field to the nanosecond; see
//! [`Event::to_json`] for the encoding.

mod json;
mod kind;
mod metadata;
mod model;
mod severity;
mod timestamp;

pub(crate) use json::metadata_json;
pub use kind::{Definition, Kind, MetricType};
pub use metadata::{MAX_DEPTH, Metadata, Value};
pub use model::{ModelFilter, ModelId};
pub use severity::Severity;
pub use timestamp::Timestamp;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One thing that happened.
///
/// Build it with [`Event::new`] and set what else is known; every field is
/// public, and an event that has been emitted is never changed again.
///
/// Two events are equal when every field is; a NaN equals a NaN here, so that
/// what went through JSON equals what went in.
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind, Severity};
/// let event = Event::new(Kind::DriftDetected, Some(0.31));
/// assert_eq!(event.severity, Severity::Error);
/// let back = Event::from_json(&event.to_json()).unwrap();
/// assert_eq!(back, event);
/// ```
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// The number that goes with it (latency in ms, a metric, a statistic).
    pub value: Option<f64>,
    /// How sure: the p-value of the look that caused the event.
    pub p_value: Option<f64>,
    /// Which model.
    pub model: Option<ModelId>,
    /// Which column.
    pub feature: Option<Arc<str>>,
    /// Which prediction, for labels that arrive later.
    pub id: Option<Arc<str>>,
    /// How grave.
    pub severity: Severity,
    /// When, in UTC.
    pub timestamp: Timestamp,
    /// The observer that derived the event from another.
    pub source: Option<Arc<str>>,
    /// Whatever else is known, JSON-like. `None` is the empty mapping.
    pub metadata: Option<Arc<Metadata>>,
}

impl Event {
    /// An event of now, with the kind's default severity.
    pub fn new(kind: Kind, value: Option<f64>) -> Self {
        Self::at(kind, value, Timestamp::now())
    }

    /// An event of the given time, with the kind's default severity.
    pub fn at(kind: Kind, value: Option<f64>, timestamp: Timestamp) -> Self {
        let severity = kind.default_severity();
        Self {
            kind,
            value,
            p_value: None,
            model: None,
            feature: None,
            id: None,
            severity,
            timestamp,
            source: None,
            metadata: None,
        }
    }

    /// The metadata entry at a dotted path: `"input.age"` is the key `age` of
    /// the mapping under the key `input`. A key that itself contains the dots
    /// is found first.
    pub fn field(&self, path: &str) -> Option<&Value> {
        let mut map: &Metadata = self.metadata.as_deref()?;
        let mut rest = path;
        loop {
            if let Some(value) = map.get(rest) {
                return Some(value);
            }
            let (head, tail) = rest.split_once('.')?;
            match map.get(head) {
                Some(Value::Object(inner)) => map = inner,
                _ => return None,
            }
            rest = tail;
        }
    }
}

/// Equality in which a NaN equals a NaN.
fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
        (None, None) => true,
        _ => false,
    }
}

/// Bits that agree with [`same`]: one zero, one NaN.
fn canonical_bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        (value + 0.0).to_bits()
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && same(self.value, other.value)
            && same(self.p_value, other.p_value)
            && self.model == other.model
            && self.model.as_ref().and_then(ModelId::deployed_at)
                == other.model.as_ref().and_then(ModelId::deployed_at)
            && self.feature == other.feature
            && self.id == other.id
            && self.severity == other.severity
            && self.timestamp == other.timestamp
            && self.source == other.source
            && self.metadata == other.metadata
    }
}

impl Eq for Event {}

impl Hash for Event {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.value.map(canonical_bits).hash(state);
        self.model.hash(state);
        self.feature.hash(state);
        self.id.hash(state);
        self.timestamp.hash(state);
    }
}
