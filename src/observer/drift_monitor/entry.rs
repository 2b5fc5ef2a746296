//! One line of the board.

use std::sync::Arc;

use crate::event::{Event, Kind, ModelFilter, ModelId, Timestamp, Value};
use crate::observer::timeline::{Timeline, Times};

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftState {
    /// Judged, and no drift.
    Stable,
    /// The data has gone missing; what was judged before is out of date.
    Missing,
    /// Drifting.
    Drifting,
}

impl DriftState {
    /// The state as it is written: `"stable"`, `"missing"` or `"drifting"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Missing => "missing",
            Self::Drifting => "drifting",
        }
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) model: Option<ModelId>,
    pub(super) feature: Option<Arc<str>>,
    pub(super) source: Option<Arc<str>>,
    pub(super) test: Option<Arc<str>>,
}

impl From<&Event> for Key {
    fn from(event: &Event) -> Self {
        let test = match event.field("test") {
            Some(Value::Str(test)) => Some(test.as_str().into()),
            _ => None,
        };
        Self {
            model: event.model.clone(),
            feature: event.feature.clone(),
            source: event.source.clone(),
            test,
        }
    }
}

impl Key {
    /// Whether what is said of all this is said of `other`: a name covers its
    /// versions, no feature covers all features.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let model = match (&self.model, &other.model) {
            (Some(own), Some(model)) => ModelFilter::from(own.clone()).matches(model),
            (own, model) => own == model,
        };
        let feature = self.feature.is_none() || self.feature == other.feature;
        model && feature && self.source == other.source && self.test == other.test
    }
}

/// The last known of one model and feature, from one source and test.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftEntry {
    /// Which model.
    pub model: Option<ModelId>,
    /// Which feature.
    pub feature: Option<Arc<str>>,
    /// The observer that judged; `None` for scores that name none.
    pub source: Option<Arc<str>>,
    /// The test, where the events name it.
    pub test: Option<Arc<str>>,
    /// The last statistic.
    pub statistic: Option<f64>,
    /// The p-value that came with it.
    pub p_value: Option<f64>,
    /// How things stand; `None` while nobody has judged.
    pub state: Option<DriftState>,
    /// When that state began.
    pub since: Timestamp,
    /// When the last event came.
    pub last_update: Timestamp,
    /// Events heard, those without a usable value included.
    pub n_events: u64,
    /// Scores without a usable value: none, NaN or infinite.
    pub n_missing: u64,
}

/// What is remembered of an entry.
#[derive(Debug, Clone)]
pub(super) struct Row {
    statistic: Option<f64>,
    p_value: Option<f64>,
    drifting: Option<bool>,
    missing: bool,
    /// Whether the source judges for itself.
    judged_by_source: bool,
    since: Timestamp,
    last_update: Timestamp,
    n_events: u64,
    n_missing: u64,
    timeline: Timeline,
}

impl Row {
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            statistic: None,
            p_value: None,
            drifting: None,
            missing: false,
            judged_by_source: false,
            since: at,
            last_update: at,
            n_events: 0,
            n_missing: 0,
            timeline: Timeline::new(),
        }
    }

    /// Takes an event. Answers whether drift began (or ended), when that was
    /// judged here.
    pub(super) fn take(&mut self, event: &Event, threshold: Option<f64>) -> Option<bool> {
        let at = self.timeline.at(Times::At(event.timestamp), 0);
        let before = self.state();
        self.n_events += 1;
        self.last_update = at;
        let value = event.value.filter(|value| value.is_finite());
        let mut change = None;
        match event.kind {
            Kind::DataMissing => self.missing = true,
            Kind::DataRecovered => self.missing = false,
            Kind::DriftScore if value.is_none() => self.n_missing += 1,
            Kind::DriftScore => {
                self.measure(value, event);
                if let (Some(value), Some(threshold)) = (value, threshold)
                    && !self.judged_by_source
                {
                    let drifts = value >= threshold;
                    let drifted = self.drifting.replace(drifts).unwrap_or(false);
                    change = (drifts != drifted).then_some(drifts);
                }
            }
            Kind::DriftDetected | Kind::DriftResolved => {
                self.judged_by_source = true;
                self.measure(value, event);
                self.drifting = Some(event.kind == Kind::DriftDetected);
            }
            _ => {}
        }
        if self.state() != before {
            self.since = at;
        }
        change
    }

    fn measure(&mut self, value: Option<f64>, event: &Event) {
        self.missing = false;
        self.statistic = value;
        self.p_value = event.p_value.filter(|p_value| p_value.is_finite());
    }

    fn state(&self) -> Option<DriftState> {
        if self.missing {
            return Some(DriftState::Missing);
        }
        self.drifting.map(|drifting| match drifting {
            true => DriftState::Drifting,
            false => DriftState::Stable,
        })
    }

    pub(super) fn entry(&self, key: &Key) -> DriftEntry {
        DriftEntry {
            model: key.model.clone(),
            feature: key.feature.clone(),
            source: key.source.clone(),
            test: key.test.clone(),
            statistic: self.statistic,
            p_value: self.p_value,
            state: self.state(),
            since: self.since,
            last_update: self.last_update,
            n_events: self.n_events,
            n_missing: self.n_missing,
        }
    }
}
