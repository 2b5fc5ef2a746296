//! What a collector has counted.

use std::sync::Arc;

use super::MetricsConfig;
use super::histogram::Histogram;
use crate::event::{Event, Kind, MetricType, ModelId, Severity, Timestamp, Value};
use crate::export::Label;
use crate::observer::latency_monitor::MAX_LATENCY_MS;
use crate::observer::timeline::{Timeline, Times};
use crate::observer::{MAX_MODELS, OVERFLOW, Series};

const KINDS: usize = Kind::STANDARD.len();
const SEVERITIES: usize = Severity::ALL.len();

/// Series of gauges, drift, custom kinds for each model that may be kept apart:
/// models, features and kinds are bounded one by one, and their products by this.
const SERIES_PER_MODEL: usize = 10;

/// Bounds for the values of custom kinds, whose range is not known: 1, 2.5 and 5
/// in each power of ten.
const ANY_BOUNDS: [f64; 22] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0,
    100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0,
];

/// Events by severity, in the order of [`Severity::ALL`].
pub(super) type Counts = [u64; SEVERITIES];

/// Kind, model and feature of a value.
pub(super) type Key = (Kind, Option<ModelId>, Option<Arc<str>>);

/// Model, feature and test of a statistic.
pub(super) type DriftKey = (Option<ModelId>, Option<Arc<str>>, Arc<str>);

/// What is done with the value of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing: the event is counted.
    Count,
    /// The last one is kept.
    Gauge,
    /// It goes into a distribution.
    Distribution,
    /// It is a latency in milliseconds.
    Latency,
    /// It is the statistic of a test.
    Drift,
    /// It is the statistic of a test, and kept as a gauge too.
    Score,
}

#[derive(Debug)]
pub(super) struct State {
    timeline: Timeline,
    bounds_s: Arc<[f64]>,
    any_bounds: Arc<[f64]>,
    native: bool,
    roles: [Role; KINDS],
    /// Stands for every model that has no series of its own.
    overflow_model: Option<ModelId>,
    overflow_text: Arc<str>,
    no_text: Arc<str>,
    pub(super) models: Series<Option<ModelId>, Model>,
    pub(super) kinds: Series<Arc<str>, ()>,
    pub(super) features: Series<Arc<str>, ()>,
    pub(super) customs: Series<(Kind, Option<ModelId>), Counts>,
    pub(super) gauges: Series<Key, f64>,
    pub(super) distributions: Series<Key, Histogram>,
    pub(super) drift: Series<DriftKey, Drift>,
    pub(super) refused: u64,
}

/// What is known of one model.
#[derive(Debug)]
pub(super) struct Model {
    /// The model as text; not of the shared one.
    pub(super) label: Label,
    /// Events of the standard kinds.
    pub(super) counts: [Counts; KINDS],
    /// Last values of the standard kinds, for events without a feature.
    pub(super) gauges: [Option<f64>; KINDS],
    pub(super) latency: Option<Histogram>,
}

/// The last look of a test.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drift {
    pub(super) statistic: Option<f64>,
    pub(super) p_value: Option<f64>,
}

impl State {
    pub(super) fn new(config: &MetricsConfig) -> Self {
        let max = config.max_models.unwrap_or(MAX_MODELS);
        let products = max.saturating_mul(SERIES_PER_MODEL);
        let mut roles = [Role::Count; KINDS];
        for (role, kind) in roles.iter_mut().zip(Kind::STANDARD) {
            *role = role_of(kind);
        }
        Self {
            timeline: Timeline::new(),
            bounds_s: config.buckets_ms.iter().map(|ms| ms / 1000.0).collect(),
            any_bounds: ANY_BOUNDS.into(),
            native: config.native_histogram,
            roles,
            overflow_model: ModelId::new(OVERFLOW, None, None).ok(),
            overflow_text: OVERFLOW.into(),
            no_text: "".into(),
            models: Series::new(max),
            kinds: Series::new(max),
            features: Series::new(max),
            customs: Series::new(products),
            gauges: Series::new(products),
            distributions: Series::new(products),
            drift: Series::new(products),
            refused: 0,
        }
    }

    /// Changes the most models kept apart.
    pub(super) fn set_max_models(&mut self, max: usize) {
        let products = max.saturating_mul(SERIES_PER_MODEL);
        self.models.set_max(max);
        self.kinds.set_max(max);
        self.features.set_max(max);
        self.customs.set_max(products);
        self.gauges.set_max(products);
        self.distributions.set_max(products);
        self.drift.set_max(products);
    }

    /// Takes one event or, with its values, many that differ in value only.
    pub(super) fn take(&mut self, event: &Event, values: &[f64], n: u64, times: Times<'_>) {
        let last = values.len().saturating_sub(1);
        let at = self.timeline.at(times, last);
        let severity = severity_index(event.severity);
        let (bounds, native) = (&self.bounds_s, self.native);
        let new = || Model {
            label: super::labels::of_model(&event.model),
            counts: [Counts::default(); KINDS],
            gauges: [None; KINDS],
            latency: None,
        };
        let (model, is_own) = self.models.own_or_shared(&event.model, at, new);
        let role = match event.kind.index() {
            Some(kind) => {
                if let Some(count) = model.counts.get_mut(kind).and_then(|c| c.get_mut(severity)) {
                    *count += n;
                }
                self.roles.get(kind).copied().unwrap_or(Role::Count)
            }
            None => role_of(&event.kind),
        };
        match role {
            Role::Gauge if event.feature.is_none() && event.kind.index().is_some() => {
                let last = values.iter().rev().copied().find(|value| value.is_finite());
                let gauge = event
                    .kind
                    .index()
                    .and_then(|kind| model.gauges.get_mut(kind));
                if let (Some(gauge), Some(_)) = (gauge, last) {
                    *gauge = last;
                }
                self.refused += values.iter().filter(|value| !value.is_finite()).count() as u64;
                self.refused += u64::from(event.p_value.is_some_and(|p| !p.is_finite()));
                return;
            }
            Role::Latency => {
                let latency = model
                    .latency
                    .get_or_insert_with(|| Histogram::new(bounds, native));
                let refused = values
                    .iter()
                    .filter(|&&ms| ms > MAX_LATENCY_MS || !latency.observe(ms / 1000.0));
                self.refused += refused.count() as u64;
                return;
            }
            Role::Count if event.kind.index().is_some() => return,
            _ => {}
        }
        let model = if is_own {
            event.model.clone()
        } else {
            self.overflow_model.clone()
        };
        if let Kind::Custom(name) = &event.kind {
            self.take_custom(name, role, model, event, values, n, at);
        } else {
            self.take_value(event.kind.clone(), role, model, event, values, at);
        }
    }

    /// An event of a custom kind.
    #[allow(clippy::too_many_arguments)]
    fn take_custom(
        &mut self,
        name: &Arc<str>,
        role: Role,
        model: Option<ModelId>,
        event: &Event,
        values: &[f64],
        n: u64,
        at: Timestamp,
    ) {
        let name = kept(&mut self.kinds, name, at, &self.overflow_text);
        let kind = Kind::Custom(name);
        let severity = severity_index(event.severity);
        let counts = self
            .customs
            .at(&(kind.clone(), model.clone()), at, Counts::default);
        if let Some(count) = counts.get_mut(severity) {
            *count += n;
        }
        if role != Role::Count {
            self.take_value(kind, role, model, event, values, at);
        }
    }

    /// The value of an event, other than a latency.
    fn take_value(
        &mut self,
        kind: Kind,
        role: Role,
        model: Option<ModelId>,
        event: &Event,
        values: &[f64],
        at: Timestamp,
    ) {
        let finite = values.iter().filter(|value| value.is_finite()).count();
        self.refused += (values.len() - finite) as u64;
        let last = values.iter().rev().copied().find(|value| value.is_finite());
        let p_value = event.p_value.filter(|p| p.is_finite());
        self.refused += u64::from(event.p_value.is_some() && p_value.is_none());
        if last.is_none() && p_value.is_none() {
            return;
        }
        let feature = event.feature.as_ref();
        let feature = feature.map(|text| kept(&mut self.features, text, at, &self.overflow_text));
        if matches!(role, Role::Drift | Role::Score) {
            let test: Arc<str> = match event.field("test") {
                Some(Value::Str(test)) => test.as_str().into(),
                _ => Arc::clone(&self.no_text),
            };
            let key = (model.clone(), feature.clone(), test);
            let drift = self.drift.at(&key, at, Drift::default);
            // Of one and the same look: the last one has no p-value unless it says so.
            if last.is_some() {
                drift.statistic = last;
                drift.p_value = None;
            }
            drift.p_value = p_value.or(drift.p_value);
        }
        let key = (kind, model, feature);
        match role {
            Role::Gauge | Role::Score => {
                if let Some(value) = last {
                    *self.gauges.at(&key, at, || value) = value;
                }
            }
            Role::Distribution => {
                let bounds = &self.any_bounds;
                let histogram = self
                    .distributions
                    .at(&key, at, || Histogram::new(bounds, false));
                let finite = values.iter().filter(|value| value.is_finite());
                let refused = finite.filter(|&&value| !histogram.observe(value));
                self.refused += refused.count() as u64;
            }
            Role::Count | Role::Latency | Role::Drift => {}
        }
    }
}

/// The text, or [`OVERFLOW`] when it has no series of its own.
fn kept(
    series: &mut Series<Arc<str>, ()>,
    text: &Arc<str>,
    at: Timestamp,
    overflow: &Arc<str>,
) -> Arc<str> {
    let (_, is_own) = series.own_or_shared(text, at, || ());
    Arc::clone(if is_own { text } else { overflow })
}

/// What is done with values of a kind.
fn role_of(kind: &Kind) -> Role {
    match kind {
        Kind::InferenceCompleted => Role::Latency,
        // Raw data, not a measure of the model: the last one says nothing.
        Kind::Observation => Role::Count,
        Kind::DriftDetected | Kind::DriftResolved => Role::Drift,
        Kind::DriftScore => Role::Score,
        kind => match kind.metric_type() {
            None | Some(MetricType::Gauge) => Role::Gauge,
            Some(MetricType::Counter) => Role::Count,
            Some(MetricType::Histogram) => Role::Distribution,
        },
    }
}

fn severity_index(severity: Severity) -> usize {
    match severity {
        Severity::Trace => 0,
        Severity::Debug => 1,
        Severity::Info => 2,
        Severity::Warning => 3,
        Severity::Error => 4,
        Severity::Critical => 5,
    }
}
