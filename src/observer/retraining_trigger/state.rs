//! What is remembered: looks, runs, cooldowns.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::config::TriggerConfig;
use super::counts::{HeldBack, RunCounts};
use super::look::{Heard, Look, Why};
use crate::event::{Event, ModelId, Timestamp};
use crate::observer::timeline::Timeline;
use crate::observer::{MAX_MODELS, Series};

/// Series of looks for each model that is kept apart: features, and sources.
const SERIES_PER_MODEL: usize = 16;

/// A training that has not ended.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// None for a training that was started elsewhere.
    id: Option<u64>,
    run_id: Arc<str>,
    model: ModelId,
    began: Timestamp,
    /// Whether the scheduler took it.
    scheduled: bool,
}

/// What is known of all versions of a model.
#[derive(Debug, Default)]
struct Name {
    triggered: Option<Timestamp>,
    run: Option<Run>,
}

/// The last looks at one model, feature and source.
#[derive(Debug, Default)]
struct Looks {
    /// The last one is the lowest bit.
    said: u64,
    average: Option<f64>,
}

/// Whose looks belong together.
type Key = (Option<ModelId>, Option<Arc<str>>, Option<Arc<str>>);

/// A run that has to be scheduled.
#[derive(Debug, Clone)]
pub(super) struct Fired {
    pub(super) id: u64,
    pub(super) run_id: Arc<str>,
    pub(super) model: ModelId,
    pub(super) why: Why,
    /// How many of how many looks say so.
    pub(super) confirmed: Option<(u32, u32)>,
}

/// A run that is over for taking too long.
#[derive(Debug, Clone)]
pub(super) struct GivenUp {
    pub(super) run_id: Arc<str>,
    pub(super) model: ModelId,
    pub(super) at: Timestamp,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) timeline: Timeline,
    names: HashMap<Arc<str>, Name>,
    max_names: usize,
    looks: Series<Key, Looks>,
    /// When the last runs were triggered, as many as the rate limit allows.
    recent: VecDeque<Timestamp>,
    next_id: u64,
    /// Before this no run takes too long.
    deadline: Option<Timestamp>,
    pub(super) runs: RunCounts,
    pub(super) held: [u64; HeldBack::ALL.len()],
    pub(super) n_missing: u64,
    pub(super) n_rebased: u64,
    pub(super) n_not_rebased: u64,
    /// What is to be logged.
    pub(super) warnings: Vec<String>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            timeline: Timeline::new(),
            names: HashMap::new(),
            max_names: MAX_MODELS,
            looks: Series::new(MAX_MODELS * SERIES_PER_MODEL),
            recent: VecDeque::new(),
            next_id: 0,
            deadline: None,
            runs: RunCounts::default(),
            held: [0; HeldBack::ALL.len()],
            n_missing: 0,
            n_rebased: 0,
            n_not_rebased: 0,
            warnings: Vec::new(),
        }
    }

    /// What a hub says.
    pub(super) fn set_max_models(&mut self, most: usize) {
        self.max_names = most;
        self.looks.set_max(most.saturating_mul(SERIES_PER_MODEL));
    }

    /// Takes what an event says; what has to be scheduled for it.
    pub(super) fn take(
        &mut self,
        config: &TriggerConfig,
        event: &Event,
        heard: Heard,
        now: Timestamp,
    ) -> Option<Fired> {
        self.n_missing += u64::from(heard.is_missing);
        let model = event.model.as_ref().or(config.default_model.as_ref());
        let fired = heard.f1.filter(|look| look.says);
        let fired = fired.and_then(|look| self.fire(config, model, look.why, None, now));
        let confirmed = heard
            .look
            .and_then(|look| self.confirm(config, model, event, look, now));
        fired.or_else(|| {
            let (why, votes) = confirmed?;
            self.fire(config, model, why, votes, now)
        })
    }

    /// Whether enough looks say so by now.
    fn confirm(
        &mut self,
        config: &TriggerConfig,
        model: Option<&ModelId>,
        event: &Event,
        mut look: Look,
        now: Timestamp,
    ) -> Option<(Why, Option<(u32, u32)>)> {
        let needs_memory = config.confirm.is_some() || matches!(look.why, Why::Ewma { .. });
        let mut votes = None;
        if needs_memory {
            let source = event.source.clone();
            let key = (model.cloned(), event.feature.clone(), source);
            let place = self.looks.seen(&key, now);
            let place = place.or_else(|| self.looks.add(&key, now, Looks::default));
            let Some(looks) = place.and_then(|place| self.looks.value_mut(place)) else {
                let what = "no room for the looks at another model, feature and source: they are \
                            not judged";
                self.warn_at_first(HeldBack::Overflow, what.to_owned());
                return self.hold(HeldBack::Overflow);
            };
            if let Why::Ewma {
                value,
                smoothing,
                limit,
            } = &mut look.why
            {
                // Neither product overflows: the weights sum to 1.
                let before = looks.average.unwrap_or(*value);
                *value = *smoothing * *value + (1.0 - *smoothing) * before;
                looks.average = Some(*value);
                look.says = *value >= *limit;
            }
            look.says &= look.matters;
            if let Some((k, n)) = config.confirm {
                looks.said = looks.said << 1 | u64::from(look.says);
                let among = u64::MAX >> (64 - n.clamp(1, 64));
                let said = (looks.said & among).count_ones();
                votes = Some((said, n));
                if look.says && said < k {
                    return self.hold(HeldBack::Unconfirmed);
                }
            }
        }
        (look.says && look.matters).then_some((look.why, votes))
    }

    /// Starts a run, unless something is against it.
    fn fire(
        &mut self,
        config: &TriggerConfig,
        model: Option<&ModelId>,
        why: Why,
        confirmed: Option<(u32, u32)>,
        now: Timestamp,
    ) -> Option<Fired> {
        let Some(model) = model else {
            let what = "the event names no model: nothing is started; default_model says which \
                        model such events are about";
            self.warn_at_first(HeldBack::NoModel, format!("{}, but {what}", why.clause()));
            return self.hold(HeldBack::NoModel);
        };
        if let Some(known) = self.names.get(model.name()) {
            if known.run.is_some() {
                return self.hold(HeldBack::InFlight);
            }
            if is_within(known.triggered, now, config.cooldown_s) {
                return self.hold(HeldBack::Cooldown);
            }
        }
        if let Some((runs, seconds)) = config.rate_limit
            && self.recent.len() >= runs as usize
            && is_within(self.recent.front().copied(), now, seconds)
        {
            return self.hold(HeldBack::RateLimited);
        }
        let id = self.next_id;
        // Also in a forked child, which counts on from where its parent was.
        let clock = Timestamp::now().as_nanos();
        let run_id: Arc<str> = format!("{:x}-{clock:x}-{id}", std::process::id()).into();
        let run = Run {
            id: Some(id),
            run_id: Arc::clone(&run_id),
            model: model.clone(),
            began: now,
            scheduled: false,
        };
        let Some(known) = self.begin(config, run, now) else {
            let what = format!("no room for another model, {model}: nothing is started");
            self.warn_at_first(HeldBack::Overflow, what);
            return self.hold(HeldBack::Overflow);
        };
        known.triggered = Some(now);
        self.next_id += 1;
        self.runs.triggered += 1;
        if let Some((runs, _)) = config.rate_limit {
            self.recent.push_back(now);
            while self.recent.len() > runs as usize {
                self.recent.pop_front();
            }
        }
        Some(Fired {
            id,
            run_id,
            model: model.clone(),
            why,
            confirmed,
        })
    }

    /// Keeps what is to be logged, once no lock is held.
    fn warn_at_first(&mut self, why: HeldBack, what: String) {
        if self.held[why as usize] == 0 {
            self.warnings.push(format!("{what} (said once)"));
        }
    }

    fn hold<T>(&mut self, why: HeldBack) -> Option<T> {
        self.held[why as usize] += 1;
        None
    }

    /// Puts a run in flight, where there is room.
    fn begin(&mut self, config: &TriggerConfig, run: Run, now: Timestamp) -> Option<&mut Name> {
        let name = run.model.name();
        if self.names.len() >= self.max_names && !self.names.contains_key(name) {
            let cooldown_s = config.cooldown_s;
            self.names.retain(|_, known| {
                known.run.is_some() || is_within(known.triggered, now, cooldown_s)
            });
            if self.names.len() >= self.max_names {
                return None;
            }
        }
        let deadline = run.began.saturating_add_seconds(config.run_timeout_s);
        self.deadline = Some(self.deadline.map_or(deadline, |other| other.min(deadline)));
        let known = self.names.entry(name.into()).or_default();
        known.run = Some(run);
        Some(known)
    }

    /// A training began: of the run in flight, or one that was started elsewhere.
    pub(super) fn started(&mut self, config: &TriggerConfig, model: &ModelId, now: Timestamp) {
        let known = self.names.get(model.name());
        if known.is_none_or(|known| known.run.is_none()) {
            let run = Run {
                id: None,
                run_id: "".into(),
                model: model.clone(),
                began: now,
                scheduled: true,
            };
            self.begin(config, run, now);
        }
    }

    /// A training ended: the model is judged afresh.
    pub(super) fn completed(&mut self, model: &ModelId) {
        let known = self.names.get_mut(model.name());
        let run = known.and_then(|known| known.run.take());
        if run.is_some_and(|run| run.id.is_some()) {
            self.runs.completed += 1;
        }
        let is_of_name = |other: &ModelId| other.name() == model.name();
        self.looks
            .retain(|(other, _, _)| !other.as_ref().is_some_and(is_of_name));
    }

    /// Gives up what has taken too long.
    pub(super) fn expire(&mut self, config: &TriggerConfig, now: Timestamp) -> Vec<GivenUp> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        let mut given_up = Vec::new();
        self.deadline = None;
        for known in self.names.values_mut() {
            let deadline = |run: &Run| run.began.saturating_add_seconds(config.run_timeout_s);
            let late = known.run.take_if(|run| now >= deadline(run));
            if let Some(run) = &known.run {
                let own = deadline(run);
                self.deadline = Some(self.deadline.map_or(own, |other| other.min(own)));
            }
            let Some(run) = late.filter(|run| run.id.is_some()) else {
                continue;
            };
            self.runs.timed_out += 1;
            given_up.push(GivenUp {
                run_id: run.run_id,
                model: run.model,
                at: now,
            });
        }
        given_up
    }

    /// Whether a run is in flight.
    pub(super) fn is_in_flight(&self, id: u64, model: &ModelId) -> bool {
        let known = self.names.get(model.name());
        let run = known.and_then(|known| known.run.as_ref());
        run.is_some_and(|run| run.id == Some(id))
    }

    /// The scheduler took a run, which may be over already.
    pub(super) fn scheduled(&mut self, id: u64, model: &ModelId) {
        self.runs.scheduled += 1;
        let known = self.names.get_mut(model.name());
        let run = known.and_then(|known| known.run.as_mut());
        if let Some(run) = run.filter(|run| run.id == Some(id)) {
            run.scheduled = true;
        }
    }

    /// Runs that were not scheduled never will be.
    pub(super) fn shut_down(&mut self) {
        for known in self.names.values_mut() {
            if known.run.take_if(|run| !run.scheduled).is_some() {
                self.runs.failed += 1;
            }
        }
    }

    /// A run could not be scheduled; whether it was in flight until now.
    pub(super) fn failed(&mut self, id: u64, model: &ModelId) -> bool {
        if !self.is_in_flight(id, model) {
            return false;
        }
        if let Some(known) = self.names.get_mut(model.name()) {
            known.run = None;
        }
        self.runs.failed += 1;
        true
    }

    /// The names of models in flight, in order.
    pub(super) fn in_flight(&self) -> Vec<Arc<str>> {
        let in_flight = self.names.iter().filter(|(_, known)| known.run.is_some());
        let mut names: Vec<_> = in_flight.map(|(name, _)| Arc::clone(name)).collect();
        names.sort();
        names
    }
}

/// Whether less than so many seconds have passed since something.
fn is_within(since: Option<Timestamp>, now: Timestamp, seconds: f64) -> bool {
    since.is_some_and(|since| now.seconds_since(since) < seconds)
}
