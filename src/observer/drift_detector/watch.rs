//! The series of a detector: one, or one for each model.

use super::alarm::{About, Alarm, Limit};
use super::baselines::Baselines;
use super::config::Config;
use super::member::Member;
use super::origin::Origin;
use super::silence::{Silence, Watching};
use super::state::{Baseline, State};
use super::status::Status;
use crate::event::ModelId;
use crate::observer::timeline::{Tick, Times};
use crate::observer::{MAX_MODELS, Series};

#[derive(Debug)]
pub(super) enum Kept {
    One(Box<Member>),
    ByModel(Box<Series<Option<ModelId>, Member>>),
}

/// Everything that a detector remembers.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) baselines: Baselines,
    pub(super) kept: Kept,
    /// Drift that ended with a baseline and was not told yet.
    pub(super) untold: Vec<Alarm>,
    watching: Watching,
    /// The silence of everyone, while nobody was heard of.
    nobody: Silence,
    n_overflow: u64,
    n_unknown_model: u64,
    /// What a hub says.
    max_models: usize,
}

impl Watch {
    /// One series.
    pub(super) fn one(config: &Config, baseline: Baseline) -> Self {
        let member = Box::new(Member::new(config, &baseline));
        Self::new(Baselines::shared(baseline), Kept::One(member))
    }

    /// One series for each model.
    pub(super) fn by_model(config: &Config, baselines: Baselines) -> Self {
        let series = Kept::ByModel(Box::new(Series::new(MAX_MODELS)));
        let mut watch = Self::new(baselines, series);
        watch.set_max_models(config, MAX_MODELS);
        watch
    }

    fn new(baselines: Baselines, kept: Kept) -> Self {
        Self {
            baselines,
            kept,
            untold: Vec::new(),
            watching: Watching::new(),
            nobody: Silence::default(),
            n_overflow: 0,
            n_unknown_model: 0,
            max_models: MAX_MODELS,
        }
    }

    /// Takes values of one series: see [`State::take`]. Those of models that are
    /// not known or have no room are counted and taken.
    #[inline]
    pub(super) fn take(
        &mut self,
        config: &Config,
        origin: Origin<'_>,
        values: &[f64],
        times: Times<'_>,
        stop_at_first: bool,
        alarms: &mut Vec<Alarm>,
    ) -> usize {
        if !self.untold.is_empty() {
            alarms.append(&mut self.untold);
        }
        let before = alarms.len();
        let taken = match &mut self.kept {
            Kept::One(member) if config.no_data_after_s.is_none() => {
                let state = &mut member.state;
                state.take(config, values, times, stop_at_first, alarms)
            }
            _ => self.take_of(config, origin, values, times, stop_at_first, alarms),
        };
        if alarms.len() > before {
            self.remember(config, origin);
        }
        taken
    }

    /// [`Watch::take`] where it matters which series it is, or when.
    #[inline(never)]
    fn take_of(
        &mut self,
        config: &Config,
        origin: Origin<'_>,
        values: &[f64],
        times: Times<'_>,
        stop_at_first: bool,
        alarms: &mut Vec<Alarm>,
    ) -> usize {
        if values.is_empty() {
            return 0;
        }
        let watched = config.no_data_after_s.is_some();
        let by_model = matches!(self.kept, Kept::ByModel(_));
        let before = alarms.len();
        let first = self.watching.timeline.at(times, 0);
        self.watching.hear(first);
        let meant = config.model.as_ref().map(|filter| filter.model());
        let end_of = |silence: &mut Silence, model: Option<&ModelId>| {
            let about = || About {
                model: model.cloned(),
                feature: config.feature.clone(),
            };
            silence.hear(origin, first).then(about)
        };
        // Silences that these values end.
        let mut ended = Vec::new();
        if by_model && watched {
            ended.extend(end_of(&mut self.nobody, meant));
        }
        let member = match &mut self.kept {
            Kept::One(member) => &mut **member,
            Kept::ByModel(series) => {
                let mut place = series.seen(origin.model, first);
                if place.is_none() {
                    let Some((named, baseline)) = self.baselines.of(origin.model.as_ref()) else {
                        self.n_unknown_model += values.len() as u64;
                        return values.len();
                    };
                    let new = || Member::new(config, baseline);
                    place = series.add(origin.model, first, new);
                    let named =
                        named.and_then(|named| self.baselines.all_named_mut().get_mut(named));
                    if let Some(named) = named {
                        named.heard = true;
                        ended.extend(end_of(&mut named.silence, Some(&named.model)));
                    }
                }
                let Some(member) = place.and_then(|place| series.value_mut(place)) else {
                    self.n_overflow += values.len() as u64;
                    let recovered = |about| Alarm::recovered(config, first, 0, Some(about));
                    alarms.extend(ended.into_iter().map(recovered));
                    return values.len();
                };
                member
            }
        };
        if watched {
            if member.silence.is_told() {
                let model = member.silence.model().or(meant).cloned();
                let feature = config
                    .feature
                    .as_ref()
                    .or(member.silence.feature())
                    .cloned();
                ended.push(About { model, feature });
            }
            member.silence.hear(origin, first);
            let missing = member.state.missing.recent();
            let recovered = |about| Alarm::recovered(config, first, missing, Some(about));
            alarms.extend(ended.into_iter().map(recovered));
        }
        let stop_now = stop_at_first && alarms.len() > before;
        let run = if stop_now {
            values.get(..1).unwrap_or(values)
        } else {
            values
        };
        let taken = member.state.take(config, run, times, stop_at_first, alarms);
        if watched {
            let latest = match times {
                Times::Each(all) => all.iter().take(taken).max().map(|&time| Times::At(time)),
                other => Some(other),
            };
            let last = latest.map_or(first, |latest| self.watching.timeline.at(latest, 0));
            member.silence.hear(origin, last);
        }
        taken
    }

    /// What the time of a tick brings about: silences that have lasted too long.
    pub(super) fn tick(&mut self, config: &Config, tick: &Tick) -> Vec<Alarm> {
        let Some(after_s) = config.no_data_after_s else {
            return Vec::new();
        };
        let moment = self.watching.tick(tick);
        let mut alarms = Vec::new();
        let mut tell = |model: Option<&ModelId>, silence: &mut Silence| {
            if let Some(change) = silence.tick(moment, after_s) {
                let feature = config
                    .feature
                    .clone()
                    .or_else(|| silence.feature().cloned());
                alarms.push(Alarm {
                    index: 0,
                    at: moment.now,
                    change,
                    window_size: config.window_size,
                    test: config.test.name(),
                    about: Some(About {
                        model: model.cloned(),
                        feature,
                    }),
                });
            }
        };
        let meant = config.model.as_ref().map(|filter| filter.model());
        match &mut self.kept {
            Kept::One(member) => {
                let model = member.silence.model().or(meant).cloned();
                tell(model.as_ref(), &mut member.silence);
            }
            Kept::ByModel(series) => {
                let named = self.baselines.all_named_mut().iter_mut();
                for named in named.filter(|named| !named.heard) {
                    tell(Some(&named.model), &mut named.silence);
                }
                if series.is_empty() && self.baselines.all_named().is_empty() {
                    tell(meant, &mut self.nobody);
                }
                for (model, member) in series.iter_mut() {
                    tell(model.as_ref(), &mut member.silence);
                }
            }
        }
        alarms
    }

    /// Starts afresh: everything, or the series of one model.
    pub(super) fn reset(&mut self, config: &Config, model: Option<&ModelId>) {
        if let Some(model) = model {
            let baselines = &self.baselines;
            if let Kept::ByModel(series) = &mut self.kept
                && let Some(member) = series.get_mut(&Some(model.clone()))
                && let Some((_, baseline)) = baselines.of(Some(model))
            {
                // When it was last heard of is no part of what it has found.
                member.state = State::new(config, baseline.clone());
            }
            return;
        }
        self.baselines.reset();
        let baselines = std::mem::take(&mut self.baselines);
        let max_models = self.max_models;
        *self = match &self.kept {
            Kept::One(member) => Self::one(config, member.state.baseline.clone()),
            Kept::ByModel(_) => Self::by_model(config, baselines),
        };
        self.set_max_models(config, max_models);
    }

    /// What a hub says.
    pub(super) fn set_max_models(&mut self, config: &Config, most: usize) {
        self.max_models = most;
        if let Kept::ByModel(series) = &mut self.kept {
            // Whoever gives so many baselines means to have so many series.
            let most = most.max(self.baselines.all_named().len());
            series.set_max(config.max_models.unwrap_or(most));
        }
    }

    /// The most models that are kept apart.
    pub(super) fn max_models(&self) -> Option<usize> {
        match &self.kept {
            Kept::One(_) => None,
            Kept::ByModel(series) => Some(series.max()),
        }
    }

    pub(super) fn baselines(&self) -> &Baselines {
        &self.baselines
    }

    pub(super) fn n_overflow(&self) -> u64 {
        self.n_overflow
    }

    pub(super) fn n_unknown_model(&self) -> u64 {
        self.n_unknown_model
    }

    /// The series' models.
    pub(super) fn models(&self) -> Vec<Option<ModelId>> {
        match &self.kept {
            Kept::One(_) => Vec::new(),
            Kept::ByModel(series) => series.iter().map(|(model, _)| model.clone()).collect(),
        }
    }

    /// What was seen and found, of all.
    pub(super) fn status(&mut self, config: &Config) -> Status {
        let series = match &mut self.kept {
            Kept::One(member) => return Status::of(None, member),
            Kept::ByModel(series) => series,
        };
        let mut all = Status::empty(Limit::initial(config), self.baselines.shared_one());
        for (_, member) in series.iter_mut() {
            all.add(&Status::of(None, member));
        }
        let unheard = self.baselines.all_named().iter();
        let mut unheard = unheard.filter(|named| !named.heard);
        all.data_missing |= unheard.any(|named| named.silence.is_told());
        all.data_missing |= series.is_empty() && self.nobody.is_told();
        all
    }

    /// What was seen and found of one model, or of events without one; a model
    /// that is named in a baseline has a status before it is heard of.
    pub(super) fn status_of(&mut self, config: &Config, model: &Option<ModelId>) -> Option<Status> {
        let Kept::ByModel(series) = &mut self.kept else {
            return None;
        };
        if let Some(member) = series.get_mut(model) {
            return Some(Status::of(model.clone(), member));
        }
        let place = self.baselines.place(model.as_ref()?)?;
        let named = self.baselines.all_named().get(place)?;
        let mut status = Status::empty(Limit::initial(config), Some(&named.baseline));
        status.model = Some(named.model.clone());
        status.data_missing = !named.heard && named.silence.is_told();
        Some(status)
    }
}
