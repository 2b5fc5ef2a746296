//! How well models do, once the truth is known.
//!
//! [`PerformanceMonitor`] hears `inference_completed` events that carry an `id` and, in
//! their metadata, the prediction; and `ground_truth` events with the same `id`, whose
//! metadata has the true value under `label` (else it is the event's value). Both are
//! joined in bounded memory ([`LabelStore`]), and every `every` pairs of a model the
//! metrics of its last `window` pairs are told: `accuracy`, `precision`, `recall` and `f1`
//! of classes, `mae` and `rmse` of numbers, with `samples_seen` (pairs so far), `n` (pairs in
//! the window), `coverage` and `pending` in their metadata.
//!
//! # Models
//! Each has a store and a window of its own. A label that names a model (with its version)
//! joins a prediction of that one; a label that names none joins those of every model that
//! has predicted its id by then, else it waits for the first that does.
//!
//! # What is predicted
//! Without `task` the first pair of a model says it: with a float on either side numbers,
//! else (texts, bools, whole numbers) classes. Pairs of a text and a number, and texts where
//! numbers are predicted, are refused and counted.
//!
//! # Bounds
//! At most `max_models` models are kept apart; newcomers beyond that share `__overflow__`.
//! Each has at most what a [`LabelStore`] of `max_pending` has, and `window` pairs.
//!
//! # Cost
//! O(1) for each event, O(window) for each time that metrics are told. A label without a
//! model is looked for in the store of each.

mod answer;
mod config;
mod pairs;
mod watched;

pub use answer::Answer;
pub use config::{Learned, PerformanceConfig};
pub use watched::PerformanceStats;

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use self::watched::{Truth, Watched};
use super::series::{MAX_MODELS, OVERFLOW, Series};
use super::timeline::{Tick, Timeline, Times};
use super::{Derived, Filter, HubView, Observer, ObserverError};
use crate::error::{Error, Result};
use crate::event::{Event, Kind, ModelId, Timestamp, Value};
use crate::labels::{LabelCounts, LabelStore, Labelled};

/// The metadata key of a label.
const LABEL: &str = "label";

/// Joins predictions with labels that come later, and tells how well models do. See the
/// [module](self) for how.
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind, Metadata, Value};
/// use driftline::observer::{Derived, Observer, PerformanceConfig, PerformanceMonitor};
/// let config = PerformanceConfig { every: 2, min_labels: 2, ..Default::default() };
/// let monitor = PerformanceMonitor::new(config)?;
/// let mut derived = Derived::default();
/// for (kind, id, key, value) in [
///     (Kind::InferenceCompleted, "a", "prediction", "cat"),
///     (Kind::InferenceCompleted, "b", "prediction", "cat"),
///     (Kind::GroundTruth, "b", "label", "dog"),
///     (Kind::GroundTruth, "a", "label", "cat"),
/// ] {
///     let mut event = Event::new(kind, None);
///     event.id = Some(id.into());
///     let metadata = Metadata::from([(key.to_owned(), Value::from(value))]);
///     event.metadata = Some(metadata.into());
///     monitor.on_event(&event, &mut derived)?;
/// }
/// assert_eq!(derived.events()[0].kind, Kind::Accuracy);
/// assert_eq!(derived.events()[0].value, Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct PerformanceMonitor {
    config: PerformanceConfig,
    /// What a model begins with.
    empty: LabelStore<Truth, Truth>,
    overflow: Option<ModelId>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    timeline: Timeline,
    series: Series<Option<ModelId>, Watched>,
    /// Labels that named no model and no model had predicted yet.
    anybody: LabelStore<(), Truth>,
    no_prediction: u64,
}

impl State {
    fn new(config: &PerformanceConfig, max_models: usize) -> Result<Self> {
        Ok(Self {
            timeline: Timeline::new(),
            series: Series::new(max_models),
            anybody: LabelStore::new(config.max_pending, config.ttl_s)?,
            no_prediction: 0,
        })
    }
}

impl PerformanceMonitor {
    /// With the options given.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`PerformanceConfig`]).
    pub fn new(config: PerformanceConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            empty: LabelStore::new(config.max_pending, config.ttl_s)?,
            overflow: Some(ModelId::new(OVERFLOW, None, None)?),
            state: Mutex::new(State::new(
                &config,
                config.max_models.unwrap_or(MAX_MODELS),
            )?),
            config,
        })
    }

    /// What it was made with.
    pub fn config(&self) -> &PerformanceConfig {
        &self.config
    }

    /// Takes a prediction; answers the events of metrics that are to be told.
    pub fn predict(
        &self,
        id: &str,
        prediction: &Value,
        model: &Option<ModelId>,
        at: Timestamp,
    ) -> Vec<Event> {
        let mut state = self.state.lock();
        let Some(prediction) = Answer::of(prediction) else {
            state.no_prediction += 1;
            return Vec::new();
        };
        let State {
            timeline,
            series,
            anybody,
            ..
        } = &mut *state;
        let at = timeline.at(Times::At(at), 0);
        anybody.go_on(at);
        // The store of all has none but who named no model.
        let early = anybody.withdraw(id);
        let new = || Watched::new(&self.config, &self.empty);
        let (watched, is_own) = series.own_or_shared(model, at, new);
        watched.last_seen = watched.last_seen.max(at);
        if let Some(label) = early {
            watched.store.label(id, at, label);
        }
        let Some((prediction, truth)) = watched.store.predict(id, at, prediction) else {
            return Vec::new();
        };
        let model = if is_own { model } else { &self.overflow };
        if watched.pair(prediction, truth, &self.config) {
            return watched.told(model, at, &self.config);
        }
        Vec::new()
    }

    /// Takes a label; answers the events of metrics that are to be told.
    pub fn label(
        &self,
        id: &str,
        label: &Value,
        model: &Option<ModelId>,
        at: Timestamp,
    ) -> Vec<Event> {
        let mut state = self.state.lock();
        let Some(label) = Answer::of(label) else {
            state.no_prediction += 1;
            return Vec::new();
        };
        let State {
            timeline,
            series,
            anybody,
            ..
        } = &mut *state;
        let at = timeline.at(Times::At(at), 0);
        anybody.go_on(at);
        let mut events = Vec::new();
        if model.is_some() {
            let new = || Watched::new(&self.config, &self.empty);
            let (watched, is_own) = series.own_or_shared(model, at, new);
            let model = if is_own { model } else { &self.overflow };
            self.join(watched, model, id, label, at, &mut events);
            return events;
        }
        let mut known = false;
        for (model, watched) in series.iter_mut() {
            if watched.store.knows(id) {
                known = true;
                self.join(watched, model, id, label.clone(), at, &mut events);
            }
        }
        if let Some(watched) = series.overflow_mut().filter(|own| own.store.knows(id)) {
            known = true;
            self.join(watched, &self.overflow, id, label.clone(), at, &mut events);
        }
        if !known {
            anybody.label(id, at, label);
        }
        events
    }

    fn join(
        &self,
        watched: &mut Watched,
        model: &Option<ModelId>,
        id: &str,
        label: Truth,
        at: Timestamp,
        events: &mut Vec<Event>,
    ) {
        watched.last_seen = watched.last_seen.max(at);
        if let Labelled::Joined(prediction, truth) = watched.store.label(id, at, label)
            && watched.pair(prediction, truth, &self.config)
        {
            events.extend(watched.told(model, at, &self.config));
        }
    }

    /// What is known of a model; `None` is the predictions that named none.
    ///
    /// # Errors
    /// `InvalidValue` for a model that was not heard of.
    pub fn stats(&self, model: Option<&ModelId>) -> Result<PerformanceStats> {
        let state = self.state.lock();
        let key = model.cloned();
        if let Some(watched) = state.series.get(&key) {
            return Ok(watched.stats(key, &self.config));
        }
        if let Some(shared) = state.series.overflow().filter(|_| key == self.overflow) {
            return Ok(shared.stats(key, &self.config));
        }
        let got = match model {
            Some(model) => format!("\"{model}\""),
            None => "None".to_owned(),
        };
        let allowed = "a model of which a prediction or a label was heard";
        Err(Error::invalid_value("model", got, allowed))
    }

    /// What became of predictions and labels of all models together, with labels that named no
    /// model and wait for any. A label that joined predictions of two models counts for each.
    pub fn counts(&self) -> LabelCounts {
        let state = self.state.lock();
        let each = state.series.iter().map(|(_, watched)| watched);
        let each = each.chain(state.series.overflow());
        let all = each.map(|watched| watched.store.counts());
        all.chain([state.anybody.counts()])
            .fold(LabelCounts::default(), |sum, own| sum + own)
    }

    /// Predictions and labels that carried an id and nothing that could be either: neither text
    /// nor a finite number.
    pub fn n_without_value(&self) -> u64 {
        self.state.lock().no_prediction
    }

    /// Events that found no room for a model of their own.
    pub fn n_overflow(&self) -> u64 {
        self.state.lock().series.n_overflow()
    }

    /// The models with figures of their own, in the order of their coming.
    pub fn models(&self) -> Vec<Option<ModelId>> {
        let state = self.state.lock();
        state
            .series
            .iter()
            .map(|(model, _)| model.clone())
            .collect()
    }

    /// Starts afresh: all is forgotten.
    pub fn reset(&self) {
        let mut state = self.state.lock();
        // The options were valid before.
        if let Ok(fresh) = State::new(&self.config, state.series.max()) {
            let old = std::mem::replace(&mut *state, fresh);
            drop(state);
            drop(old); // may be large
        }
    }
}

impl Observer for PerformanceMonitor {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: Some(vec![Kind::InferenceCompleted, Kind::GroundTruth]),
            ..Filter::default()
        }
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        let Some(id) = &event.id else { return Ok(()) };
        let none = Value::Null;
        let events = if event.kind == Kind::GroundTruth {
            let number = event.value.map(Value::from);
            let label = event.field(LABEL).or(number.as_ref()).unwrap_or(&none);
            self.label(id, label, &event.model, event.timestamp)
        } else {
            let prediction = event.field(&self.config.prediction).unwrap_or(&none);
            self.predict(id, prediction, &event.model, event.timestamp)
        };
        for event in events {
            derived.emit(event);
        }
        Ok(())
    }

    fn ticks(&self) -> bool {
        true
    }

    fn on_tick(&self, tick: &Tick, _derived: &mut Derived) -> Result<(), ObserverError> {
        let mut state = self.state.lock();
        let State {
            timeline,
            series,
            anybody,
            ..
        } = &mut *state;
        if let Some(at) = timeline.tick(tick) {
            anybody.go_on(at);
            series.iter_mut().for_each(|(_, own)| own.store.go_on(at));
            if let Some(shared) = series.overflow_mut() {
                shared.store.go_on(at);
            }
        }
        Ok(())
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if self.config.max_models.is_none()
            && let Some(hub) = hub.upgrade()
        {
            let most = hub.max_models();
            self.state.lock().series.set_max(most);
        }
    }
}
