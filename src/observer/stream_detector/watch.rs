//! The series of a stream detector: one, or one for each feature and model.

use std::sync::Arc;

use super::alarm::StreamAlarm;
use super::config::StreamConfig;
use super::state::{State, Taken};
use crate::event::{Event, ModelId};
use crate::observer::timeline::{Timeline, Times};
use crate::observer::{MAX_MODELS, Series};

/// Which series values belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    model: Option<&'a ModelId>,
    feature: Option<&'a Arc<str>>,
}

/// The same, to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) model: Option<ModelId>,
    pub(super) feature: Option<Arc<str>>,
}

impl<'a> Origin<'a> {
    /// The series of values of a model and a feature.
    pub(super) fn new(
        config: &'a StreamConfig,
        model: Option<&'a ModelId>,
        feature: Option<&'a Arc<str>>,
    ) -> Self {
        Self {
            model: model.filter(|_| config.per_model),
            feature: config.feature.as_ref().or(feature),
        }
    }

    /// That of an event.
    pub(super) fn of(config: &'a StreamConfig, event: &'a Event) -> Self {
        Self::new(config, event.model.as_ref(), event.feature.as_ref())
    }

    pub(super) fn key(self) -> Key {
        Key {
            model: self.model.cloned(),
            feature: self.feature.cloned(),
        }
    }

    fn is(self, key: &Key) -> bool {
        self.model == key.model.as_ref() && self.feature == key.feature.as_ref()
    }
}

#[derive(Debug)]
pub(super) enum Kept {
    One(Box<State>),
    Many(Box<Series<Key, State>>),
}

/// Everything that a stream detector remembers.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) kept: Kept,
    timeline: Timeline,
    pub(super) n_overflow: u64,
    /// Whether it was told that a value was refused.
    pub(super) refusal_told: bool,
    /// What was found in a hub's values by somebody who cannot tell the hub.
    pub(super) untold: Vec<Event>,
    /// What a hub says.
    max_models: usize,
}

impl Watch {
    pub(super) fn new(config: &StreamConfig) -> Self {
        Self::with(config, MAX_MODELS)
    }

    fn with(config: &StreamConfig, max_models: usize) -> Self {
        let most = config.max_models.unwrap_or(max_models);
        Self {
            kept: match config.has_one_series() {
                true => Kept::One(Box::new(State::new(config))),
                false => Kept::Many(Box::new(Series::new(most))),
            },
            timeline: Timeline::new(),
            n_overflow: 0,
            refusal_told: false,
            untold: Vec::new(),
            max_models,
        }
    }

    /// Takes values of one series: see [`State::take`]. Those without room are counted
    /// and taken.
    #[inline]
    pub(super) fn take(
        &mut self,
        config: &StreamConfig,
        origin: Origin<'_>,
        values: &[f64],
        times: Times<'_>,
        stop_at_first: bool,
        alarms: &mut Vec<StreamAlarm>,
    ) -> Taken {
        match self.enter(config, origin, times) {
            Some(state) => state.take(config, values, times, stop_at_first, alarms),
            None => {
                self.n_overflow += values.len() as u64;
                Taken {
                    count: values.len(),
                    refused: None,
                }
            }
        }
    }

    /// The state of a series for values that come now; made anew where there is none and
    /// room for one.
    #[inline]
    pub(super) fn enter(
        &mut self,
        config: &StreamConfig,
        origin: Origin<'_>,
        times: Times<'_>,
    ) -> Option<&mut State> {
        let series = match &mut self.kept {
            Kept::One(state) => return Some(state),
            Kept::Many(series) => series,
        };
        let at = self.timeline.at(times, 0);
        let mut place = series.seen_again(|key| origin.is(key), at);
        if place.is_none() {
            let key = origin.key();
            place = series.seen(&key, at);
            place = place.or_else(|| series.add(&key, at, || State::new(config)));
        }
        series.value_mut(place?)
    }

    /// The state of a series that there is.
    pub(super) fn state_mut(&mut self, key: &Key) -> Option<&mut State> {
        match &mut self.kept {
            Kept::One(state) => Some(state),
            Kept::Many(series) => series.get_mut(key),
        }
    }

    /// Starts the series that are named afresh; whether there is one.
    pub(super) fn reset(&mut self, config: &StreamConfig, which: impl Fn(&Key) -> bool) -> bool {
        let mut found = false;
        let mut renew = |key: &Key, state: &mut State| {
            if which(key) {
                *state = State::new(config);
                found = true;
            }
        };
        match &mut self.kept {
            Kept::One(state) => {
                let key = Key {
                    model: None,
                    feature: config.feature.clone(),
                };
                renew(&key, state);
            }
            Kept::Many(series) => series.iter_mut().for_each(|(key, state)| renew(key, state)),
        }
        found
    }

    /// Starts afresh without any series.
    pub(super) fn clear(&mut self, config: &StreamConfig) -> Self {
        let fresh = Self::with(config, self.max_models);
        std::mem::replace(self, fresh)
    }

    /// What a hub says.
    pub(super) fn set_max_models(&mut self, config: &StreamConfig, most: usize) {
        self.max_models = most;
        if let Kept::Many(series) = &mut self.kept {
            series.set_max(config.max_models.unwrap_or(most));
        }
    }

    /// The most series that are kept apart; `None` where there is one, whatever comes.
    pub(super) fn max_models(&self) -> Option<usize> {
        match &self.kept {
            Kept::One(_) => None,
            Kept::Many(series) => Some(series.max()),
        }
    }
}
