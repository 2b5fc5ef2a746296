//! How long nothing was heard.

use std::sync::Arc;

use super::alarm::Change;
use super::origin::Origin;
use crate::event::{ModelId, Timestamp};
use crate::observer::timeline::{Tick, Timeline};

/// The stream's time, and when watching it began.
#[derive(Debug, Clone)]
pub(super) struct Watching {
    pub(super) timeline: Timeline,
    /// Stream time of the first event or of the first tick that had one.
    began: Option<Timestamp>,
    first_tick: Option<Tick>,
}

impl Watching {
    pub(super) fn new() -> Self {
        Self {
            timeline: Timeline::new(),
            began: None,
            first_tick: None,
        }
    }

    /// Something was heard.
    pub(super) fn hear(&mut self, at: Timestamp) {
        self.began.get_or_insert(at);
    }

    pub(super) fn tick(&mut self, tick: &Tick) -> Moment {
        let now = self.timeline.tick(tick);
        if let Some(now) = now {
            self.began.get_or_insert(now);
        }
        let first = self.first_tick.get_or_insert(*tick);
        let ticking_s = tick.seconds_since(first);
        let streaming_s = now
            .zip(self.began)
            .map(|(now, began)| now.seconds_since(began));
        Moment {
            now: now.unwrap_or_else(Timestamp::now),
            // Before the first event only the ticks tell how time passes.
            watching_s: streaming_s.map_or(ticking_s, |seconds| seconds.max(ticking_s)),
        }
    }
}

/// The time of a tick.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    /// Seconds since watching began.
    pub(super) watching_s: f64,
}

/// What is known of a series' silence.
#[derive(Debug, Clone, Default)]
pub(super) struct Silence {
    last_seen: Option<Timestamp>,
    /// Whether it was told, and lasts.
    told: bool,
    model: Same<ModelId>,
    feature: Same<Arc<str>>,
}

/// What all events so far have in common, if they have.
#[derive(Debug, Clone)]
struct Same<T> {
    value: Option<T>,
    differs: bool,
}

impl<T> Default for Same<T> {
    fn default() -> Self {
        Self {
            value: None,
            differs: false,
        }
    }
}

impl<T: Clone + PartialEq> Same<T> {
    fn hear(&mut self, value: Option<&T>, is_first: bool) {
        if is_first {
            self.value = value.cloned();
        } else if !self.differs && self.value.as_ref() != value {
            self.value = None;
            self.differs = true;
        }
    }
}

impl Silence {
    /// An event was heard. Answers whether that ends a silence that was told.
    pub(super) fn hear(&mut self, origin: Origin<'_>, at: Timestamp) -> bool {
        let is_first = self.last_seen.is_none();
        self.last_seen = self.last_seen.max(Some(at));
        self.model.hear(origin.model.as_ref(), is_first);
        self.feature.hear(origin.feature, is_first);
        std::mem::take(&mut self.told)
    }

    /// What a tick has to tell: silence, once, when it has lasted too long.
    pub(super) fn tick(&mut self, moment: Moment, no_data_after_s: f64) -> Option<Change> {
        let since = |last: Timestamp| moment.now.seconds_since(last);
        let silent_s = self.last_seen.map_or(moment.watching_s, since);
        if self.told || silent_s < no_data_after_s {
            return None;
        }
        self.told = true;
        Some(Change::Silent {
            last_seen: self.last_seen,
            silent_s,
            no_data_after_s,
        })
    }

    /// Whether it was told, and lasts.
    pub(super) fn is_told(&self) -> bool {
        self.told
    }

    /// The model of all events so far, if it was one.
    pub(super) fn model(&self) -> Option<&ModelId> {
        self.model.value.as_ref()
    }

    /// The feature of all events so far, if it was one.
    pub(super) fn feature(&self) -> Option<&Arc<str>> {
        self.feature.value.as_ref()
    }
}
