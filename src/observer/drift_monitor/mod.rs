//! The board: how things stand, model by model and feature by feature.
//!
//! [`DriftMonitor`] hears what detectors tell (`drift_detected`,
//! `drift_resolved`, `data_missing`, `data_recovered`) and scores that were
//! computed elsewhere (`drift_score`), and keeps the last of each, readable at
//! any time.
//!
//! # Entries
//! An entry is one model, feature, source and test: two detectors that watch the
//! same feature have a line each, also when they disagree (give detectors of the
//! same test names of their own). `data_missing` without a feature is said of all
//! features of its model and source, that of a name of all its versions; where no
//! entry is about these, it gets one.
//!
//! # Judging
//! Without a threshold the monitor records what others judged; a score that
//! nobody judged has no state. With one, a `drift_score` at or above it is drift:
//! entering tells `drift_detected`, leaving `drift_resolved`, nothing in between.
//! A source that tells drift itself is not judged a second time, and what this
//! monitor told (it is the `source`) is not heard again. Scores that are missing,
//! NaN or infinite are counted and change nothing.
//!
//! # Cost
//! One hash and a short lock per event. Memory: `max_models` entries; existing
//! ones stay, what newcomers without room say is counted, not kept. An entry
//! that was idle for a day makes room.

mod entry;

pub use entry::{DriftEntry, DriftState};

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use self::entry::{Key, Row};
use super::timeline::{Timeline, Times};
use super::{
    Derived, Filter, HubView, MAX_MODELS, Observer, ObserverError, Series, check_max_models,
};
use crate::error::{Error, Result};
use crate::event::{Event, Kind, Metadata, ModelFilter, Value};

/// What it hears.
const KINDS: [Kind; 5] = [
    Kind::DriftScore,
    Kind::DriftDetected,
    Kind::DriftResolved,
    Kind::DataMissing,
    Kind::DataRecovered,
];

/// The board of last statistic, p-value and state. See the [module](self).
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind};
/// use driftline::observer::{DriftMonitor, DriftState};
/// let monitor = DriftMonitor::new(Some(0.2), None, "board".into())?;
/// let mut score = Event::new(Kind::DriftScore, Some(0.31));
/// score.feature = Some("age".into());
/// assert_eq!(monitor.update(&score).unwrap().kind, Kind::DriftDetected);
/// assert_eq!(monitor.board()[0].state, Some(DriftState::Drifting));
/// assert_eq!(monitor.update(&score), None); // it lasts
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct DriftMonitor {
    threshold: Option<f64>,
    max_models: Option<usize>,
    name: Arc<str>,
    board: Mutex<Board>,
}

#[derive(Debug)]
struct Board {
    rows: Series<Key, Row>,
    timeline: Timeline,
    n_overflow: u64,
}

impl Board {
    fn new(max: usize) -> Self {
        Self {
            rows: Series::new(max),
            timeline: Timeline::new(),
            n_overflow: 0,
        }
    }
}

impl DriftMonitor {
    /// With the score from which on there is drift, 0 or more, or none; the most
    /// entries, 1 to 1,000,000 (by default the hub's `max_models`, 1000 without
    /// one); and the name in reports and logs.
    ///
    /// # Errors
    /// `InvalidValue` for an argument out of range.
    pub fn new(threshold: Option<f64>, max_models: Option<usize>, name: Arc<str>) -> Result<Self> {
        if let Some(threshold) = threshold
            && !(threshold >= 0.0 && threshold.is_finite())
        {
            let allowed = "a finite number of 0 or more, or None";
            return Err(Error::invalid_value("threshold", threshold, allowed));
        }
        check_max_models(max_models)?;
        if name.trim().is_empty() {
            let allowed = "text that is not empty";
            return Err(Error::invalid_value("name", format!("{name:?}"), allowed));
        }
        Ok(Self {
            threshold,
            max_models,
            name,
            board: Mutex::new(Board::new(max_models.unwrap_or(MAX_MODELS))),
        })
    }

    /// Takes an event, in a hub or without one; kinds that it does not hear do
    /// nothing. Answers what it has to tell of a score.
    pub fn update(&self, event: &Event) -> Option<Event> {
        let is_own = self.threshold.is_some() && event.source.as_ref() == Some(&self.name);
        if is_own || !KINDS.contains(&event.kind) {
            return None;
        }
        let key = Key::from(event);
        let change = {
            let mut board = self.board.lock();
            board.take(&key, event, self.threshold)
        };
        self.told(event, &key, change?)
    }

    /// The event that tells of drift, or of its end.
    fn told(&self, cause: &Event, key: &Key, drifts: bool) -> Option<Event> {
        let (score, threshold) = (cause.value?, self.threshold?);
        let (kind, side) = match drifts {
            true => (Kind::DriftDetected, "at or above"),
            false => (Kind::DriftResolved, "below"),
        };
        let mut metadata = Metadata::new();
        let message = format!("the drift score {score} is {side} the threshold {threshold}");
        metadata.insert("message".to_owned(), Value::Str(message));
        metadata.insert("threshold".to_owned(), threshold.into());
        if let Some(test) = &key.test {
            metadata.insert("test".to_owned(), Value::Str(test.to_string()));
        }
        let mut event = Derived::event(cause, kind, Some(score));
        event.p_value = cause.p_value.filter(|p_value| p_value.is_finite());
        event.source = Some(Arc::clone(&self.name));
        event.metadata = Some(Arc::new(metadata));
        Some(event)
    }

    /// Every entry, in the order in which they came (where one made room for
    /// another, in its place).
    pub fn board(&self) -> Vec<DriftEntry> {
        let board = self.board.lock();
        board.rows.iter().map(|(key, row)| row.entry(key)).collect()
    }

    /// The gravest state (drifting before missing before stable) of a model, all
    /// versions of a name, a feature; `None` stands for any. `None` when nothing
    /// was judged.
    pub fn state(&self, model: Option<&ModelFilter>, feature: Option<&str>) -> Option<DriftState> {
        let board = self.board.lock();
        let asked = board.rows.iter().filter(|(key, _)| {
            let of_model = |asked: &ModelFilter| {
                let model = key.model.as_ref();
                model.is_some_and(|model| asked.matches(model))
            };
            model.is_none_or(of_model)
                && feature.is_none_or(|feature| key.feature.as_deref() == Some(feature))
        });
        asked.filter_map(|(key, row)| row.entry(key).state).max()
    }

    /// The entries that are drifting.
    pub fn drifting(&self) -> Vec<DriftEntry> {
        let mut entries = self.board();
        entries.retain(|entry| entry.state == Some(DriftState::Drifting));
        entries
    }

    /// Entries on the board.
    pub fn len(&self) -> usize {
        self.board.lock().rows.len()
    }

    /// Whether nothing was heard yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Events for which there was no room.
    pub fn n_overflow(&self) -> u64 {
        self.board.lock().n_overflow
    }

    /// The score from which on there is drift.
    pub fn threshold(&self) -> Option<f64> {
        self.threshold
    }

    /// The most entries.
    pub fn max_models(&self) -> usize {
        self.board.lock().rows.max()
    }

    /// The most entries that were asked for; `None`: as many as the hub says.
    pub fn asked_max_models(&self) -> Option<usize> {
        self.max_models
    }

    /// Empties the board.
    pub fn reset(&self) {
        let mut board = self.board.lock();
        *board = Board::new(board.rows.max());
    }
}

impl Board {
    fn take(&mut self, key: &Key, event: &Event, threshold: Option<f64>) -> Option<bool> {
        let at = self.timeline.at(Times::At(event.timestamp), 0);
        if matches!(event.kind, Kind::DataMissing | Kind::DataRecovered) {
            let rows = self.rows.iter_mut();
            let mut covered = rows.filter(|(other, _)| key.covers(other)).peekable();
            if covered.peek().is_some() {
                covered.for_each(|(_, row)| {
                    row.take(event, threshold);
                });
                return None;
            }
        }
        let place = self.rows.seen(key, at);
        let place = place.or_else(|| self.rows.add(key, at, || Row::new(at)));
        match place.and_then(|place| self.rows.value_mut(place)) {
            Some(row) => row.take(event, threshold),
            None => {
                self.n_overflow += 1;
                None
            }
        }
    }
}

impl Observer for DriftMonitor {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: Some(KINDS.to_vec()),
            ..Filter::default()
        }
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        if let Some(told) = self.update(event) {
            derived.emit(told);
        }
        Ok(())
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if let (None, Some(hub)) = (self.max_models, hub.upgrade()) {
            self.board.lock().rows.set_max(hub.max_models());
        }
    }
}
