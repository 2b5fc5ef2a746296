//! The series of a bank on a hub: one, or one for each model.

use super::alarm::StreamBankAlarm;
use super::config::StreamBankConfig;
use super::row::Row;
use super::state::State;
use crate::event::ModelId;
use crate::observer::timeline::{Timeline, Times};
use crate::observer::{MAX_MODELS, Series};

#[derive(Debug)]
pub(super) enum Kept {
    One(Box<State>),
    Many(Box<Series<Option<ModelId>, State>>),
}

/// How a run of equal rows went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// Rows taken, those left out included.
    pub(super) count: usize,
    /// Whether they were refused.
    pub(super) refused: bool,
}

/// Everything that a bank on a hub remembers.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) kept: Kept,
    timeline: Timeline,
    pub(super) n_overflow: u64,
    /// Whether it was told that a row was refused.
    pub(super) refusal_told: bool,
    /// What a hub says.
    max_models: usize,
}

impl Watch {
    pub(super) fn new(config: &StreamBankConfig) -> Self {
        Self::with(config, MAX_MODELS)
    }

    fn with(config: &StreamBankConfig, max_models: usize) -> Self {
        let most = config.max_models.unwrap_or(max_models);
        Self {
            kept: match config.per_model {
                false => Kept::One(Box::new(State::new(config))),
                true => Kept::Many(Box::new(Series::new(most))),
            },
            timeline: Timeline::new(),
            n_overflow: 0,
            refusal_told: false,
            max_models,
        }
    }

    /// Takes one row of one series up to `most` times, until right after the first time
    /// that brought about an alarm. Rows without room are counted and taken.
    pub(super) fn take(
        &mut self,
        config: &StreamBankConfig,
        model: Option<&ModelId>,
        row: &Row,
        times: Times<'_>,
        most: usize,
        alarms: &mut Vec<StreamBankAlarm>,
    ) -> Taken {
        let mut taken = Taken {
            count: most,
            refused: false,
        };
        let Some(state) = self.enter(config, model, times) else {
            self.n_overflow += most as u64;
            return taken;
        };
        match row {
            Row::Missing => state.missing_rows += most as u64,
            Row::Wrong(_) => {
                state.n_refused += most as u64;
                taken.refused = true;
            }
            Row::Values(values) => {
                for index in 0..most {
                    taken.refused |= !state.take(config, values, times, index, alarms);
                    if !alarms.is_empty() {
                        taken.count = index + 1;
                        break;
                    }
                }
            }
        }
        taken
    }

    /// The state of a series for rows that come now; made anew where there is none and
    /// room for one.
    pub(super) fn enter(
        &mut self,
        config: &StreamBankConfig,
        model: Option<&ModelId>,
        times: Times<'_>,
    ) -> Option<&mut State> {
        let series = match &mut self.kept {
            Kept::One(state) => return Some(state),
            Kept::Many(series) => series,
        };
        let at = self.timeline.at(times, 0);
        let mut place = series.seen_again(|key| key.as_ref() == model, at);
        if place.is_none() {
            let key = model.cloned();
            place = series.seen(&key, at);
            place = place.or_else(|| series.add(&key, at, || State::new(config)));
        }
        series.value_mut(place?)
    }

    /// Every series with its model.
    pub(super) fn series(&self) -> Vec<(Option<&ModelId>, &State)> {
        match &self.kept {
            Kept::One(state) => vec![(None, state)],
            Kept::Many(series) => {
                let all = series.iter();
                all.map(|(model, state)| (model.as_ref(), state)).collect()
            }
        }
    }

    /// The series of a model that has one.
    pub(super) fn get(&self, model: Option<&ModelId>) -> Option<&State> {
        match &self.kept {
            Kept::One(state) => model.is_none().then_some(state),
            Kept::Many(series) => series.get(&model.cloned()),
        }
    }

    /// Begins series, or one feature of them, anew: those of one model, or all; whether
    /// there is one.
    pub(super) fn reset(
        &mut self,
        config: &StreamBankConfig,
        model: Option<&ModelId>,
        feature: Option<usize>,
    ) -> bool {
        let mut found = false;
        let mut renew = |own: Option<&ModelId>, state: &mut State| {
            if model.is_some() && own != model {
                return;
            }
            found = true;
            match feature {
                Some(feature) => state.reset(feature),
                None => *state = State::new(config),
            }
        };
        match &mut self.kept {
            Kept::One(state) => renew(None, state),
            Kept::Many(series) => {
                let all = series.iter_mut();
                all.for_each(|(own, state)| renew(own.as_ref(), state));
            }
        }
        found
    }

    /// Starts afresh without any series.
    pub(super) fn clear(&mut self, config: &StreamBankConfig) -> Self {
        let fresh = Self::with(config, self.max_models);
        std::mem::replace(self, fresh)
    }

    /// What a hub says.
    pub(super) fn set_max_models(&mut self, config: &StreamBankConfig, most: usize) {
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
