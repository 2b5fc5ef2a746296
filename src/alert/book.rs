//! The incidents: which are open, since when, and what was told of them.
//!
//! Time is event time and given with every call; nothing is sent from here.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::summary::{farewell, summary};
use super::{Action, Incident};
use crate::event::{Event, Kind, ModelId, Timestamp};

/// The feature of the incident that those share for which there is no room.
const OVERFLOW: &str = "__overflow__";

/// Endings of kinds that say that something is over.
const OVER: [&str; 2] = ["_resolved", "_recovered"];

/// Endings of kinds that such a kind resolves: the stem alone, or with one of these.
const BEGUN: [&str; 5] = ["_detected", "_breached", "_missing", "_failed", "_degraded"];

/// What an incident is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    kind: Kind,
    model: Option<ModelId>,
    feature: Option<Arc<str>>,
}

impl Key {
    /// What incidents share for which there is no room: one per standard kind.
    fn overflow(kind: Kind) -> Self {
        let kind = match kind {
            Kind::Custom(_) => Kind::Custom(OVERFLOW.into()),
            standard => standard,
        };
        Self {
            kind,
            model: None,
            feature: Some(OVERFLOW.into()),
        }
    }

    /// Whether it waits for an event that resolves it.
    fn has_counterpart(&self) -> bool {
        let kind = self.kind.as_str();
        let waits = |ending: &&str| kind.ends_with(*ending);
        self.feature.as_deref() != Some(OVERFLOW) && BEGUN[..3].iter().any(waits)
    }
}

/// What has to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What happened.
    pub action: Action,
    /// What is wrong.
    pub kind: Kind,
    /// Which model.
    pub model: Option<ModelId>,
    /// The incident as it stands.
    pub incident: Incident,
}

/// An incident that was resolved goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Resumption {
    key: Key,
    /// The incident.
    pub id: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Open,
    /// Resolved at that time; it goes on if it opens again before the cooldown is over.
    Resolved(Timestamp),
    /// The events say that it is over, and it was over before: told once it was quiet
    /// for the cooldown.
    Quiet(Timestamp),
}

#[derive(Debug, Clone)]
struct Entry {
    /// Counts up from one incident to the next.
    number: u64,
    id: Arc<str>,
    state: State,
    /// The last event that says that something is wrong.
    last: Event,
    severity: crate::event::Severity,
    opened_at: Timestamp,
    updated_at: Timestamp,
    n_events: u64,
    /// When something was told last, and what was told before that.
    told_at: Timestamp,
    told_before: Timestamp,
    /// The gravest severity that was told.
    told_severity: crate::event::Severity,
    /// The observers that say so; it is over when none does any more.
    sources: Vec<Option<Arc<str>>>,
    /// It went on after receivers were told that it is over.
    flaps: bool,
    /// Since when receivers believe that it is over, and it is not.
    hidden_since: Option<Timestamp>,
}

/// When what is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Seconds before an incident is told of again; and for which a resolved one that
    /// opens again is the same.
    pub cooldown_s: f64,
    /// Seconds without an event after which an incident is resolved whose kind has no
    /// counterpart that resolves it.
    pub resolve_after_s: f64,
    /// The most incidents kept apart.
    pub max_incidents: usize,
}

/// Every incident that is open, or was a moment ago.
#[derive(Debug)]
pub struct Book {
    rules: Rules,
    entries: HashMap<Key, Entry, RandomState>,
    /// No incident changes by time alone before this.
    next_due: Timestamp,
    /// When it is next looked for what can make room.
    next_room: Timestamp,
    ids: Ids,
    resolved: u64,
    n_overflow: u64,
}

/// What incidents are known by.
#[derive(Debug)]
struct Ids {
    nonce: u64,
    given: u64,
}

impl Ids {
    fn next(&mut self) -> (u64, Arc<str>) {
        self.given += 1;
        let id = format!("{:016x}-{:x}", self.nonce, self.given);
        (self.given, id.into())
    }
}

/// Without room, what nothing was heard of for so long is over, in seconds.
const IDLE_S: f64 = 86_400.0;

/// The most observers of one incident that are told apart.
const MOST_SOURCES: usize = 64;

const NEVER: Timestamp = Timestamp::from_nanos(i64::MAX);

/// Whether events of this kind say that something is over.
pub fn resolves(kind: &Kind) -> bool {
    if *kind == Kind::TrainingCompleted {
        return true;
    }
    let name = kind.as_str();
    OVER.iter()
        .any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// The kinds whose incidents an event of the kind `over` resolves.
fn begun_by(over: &Kind) -> impl Iterator<Item = Kind> {
    if *over == Kind::TrainingCompleted {
        return vec![Kind::RetrainingTriggered, Kind::RetrainingFailed].into_iter();
    }
    let over = over.as_str();
    let stem = OVER.iter().find_map(|ending| over.strip_suffix(ending));
    let endings = std::iter::once("").chain(BEGUN);
    let kinds = endings.filter_map(move |ending| Kind::parse(&format!("{}{ending}", stem?)).ok());
    kinds.collect::<Vec<_>>().into_iter()
}

impl Book {
    /// Nothing has happened yet. `nonce` makes the ids of its incidents its own.
    pub fn new(rules: Rules, nonce: u64) -> Self {
        Self {
            rules,
            entries: HashMap::default(),
            next_due: NEVER,
            next_room: Timestamp::from_nanos(i64::MIN),
            ids: Ids { nonce, given: 0 },
            resolved: 0,
            n_overflow: 0,
        }
    }

    /// Takes an event that is grave enough, or [`resolves`]. What is to be told is added
    /// to `notices`. When an incident goes on that was resolved, [`Book::resume`] has to
    /// be called.
    pub fn take(
        &mut self,
        event: &Event,
        at: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Option<Resumption> {
        if resolves(&event.kind) {
            self.end(event, at, notices);
            return None;
        }
        let mut key = Key {
            kind: event.kind.clone(),
            model: event.model.clone(),
            feature: event.feature.clone(),
        };
        if !self.entries.contains_key(&key) && !self.make_room(at, notices) {
            self.n_overflow += 1;
            key = Key::overflow(key.kind);
        }
        let cooldown_s = self.rules.cooldown_s;
        let is_same = |entry: &&mut Entry| match entry.state {
            State::Open | State::Quiet(_) => true,
            State::Resolved(then) => at.seconds_since(then) < cooldown_s,
        };
        let Some(entry) = self.entries.get_mut(&key).filter(is_same) else {
            self.open(key, event, at, notices);
            return None;
        };
        let was_resolved = matches!(entry.state, State::Resolved(_));
        entry.state = State::Open;
        entry.note(event, at);
        let resumption = was_resolved.then(|| Resumption {
            id: Arc::clone(&entry.id),
            key: key.clone(),
        });
        if was_resolved {
            entry.told_at = entry.told_before;
        } else if entry.is_worth_telling(at, cooldown_s) {
            notices.push(entry.tell_again(&key, at, &mut self.ids));
        }
        let due = entry.due(&key, &self.rules);
        self.next_due = self.next_due.min(due);
        resumption
    }

    fn open(&mut self, key: Key, event: &Event, at: Timestamp, notices: &mut Vec<Notice>) {
        let (number, id) = self.ids.next();
        let entry = Entry {
            number,
            id,
            state: State::Open,
            last: event.clone(),
            severity: event.severity,
            opened_at: at,
            updated_at: at,
            n_events: 1,
            told_at: at,
            told_before: at,
            told_severity: event.severity,
            sources: vec![event.source.clone()],
            flaps: false,
            hidden_since: None,
        };
        notices.push(entry.notice(&key, Action::Open, None));
        self.next_due = self.next_due.min(entry.due(&key, &self.rules));
        self.entries.insert(key, entry);
    }

    /// What an event may say is over: that of its own model and feature. Where there is
    /// none, that of another version which the same source has found: it may have been
    /// rolled back. The end of a training is that of all that was told of trainings of
    /// the model.
    fn ended_by(&self, event: &Event) -> Vec<Key> {
        let is_training = event.kind == Kind::TrainingCompleted;
        let name = event.model.as_ref().map(ModelId::name);
        let mut keys = Vec::new();
        for kind in begun_by(&event.kind) {
            let key = Key {
                kind,
                model: event.model.clone(),
                feature: event.feature.clone(),
            };
            if self.entries.contains_key(&key) {
                keys.push(key);
            } else if is_training || (name.is_some() && event.source.is_some()) {
                let others = self.entries.iter().filter(|(other, entry)| {
                    other.kind == key.kind
                        && other.model.as_ref().map(ModelId::name) == name
                        && (is_training
                            || other.feature == key.feature
                                && entry.sources.contains(&event.source))
                });
                let mut others: Vec<_> = others.map(|(key, entry)| (entry.number, key)).collect();
                others.sort_unstable_by_key(|(number, _)| *number);
                keys.extend(others.into_iter().map(|(_, key)| key.clone()));
            }
        }
        keys
    }

    /// An event says that something is over.
    fn end(&mut self, event: &Event, at: Timestamp, notices: &mut Vec<Notice>) {
        for key in self.ended_by(event) {
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            if entry.state != State::Open || !entry.is_over_for_all(event) {
                continue;
            }
            if entry.flaps {
                entry.state = State::Quiet(at);
            } else {
                self.resolved += 1;
                notices.push(entry.resolve(&key, Some(event), at));
            }
            self.next_due = self.next_due.min(entry.due(&key, &self.rules));
        }
    }

    /// An incident goes on that was resolved. With `is_taken_back` nobody heard that it
    /// was resolved; without, receivers believe that it is over, and are told of another
    /// one if that still lasts after the cooldown.
    pub fn resume(
        &mut self,
        resumption: &Resumption,
        is_taken_back: bool,
        at: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        let Some(entry) = self.entries.get_mut(&resumption.key) else {
            return;
        };
        if is_taken_back {
            self.resolved = self.resolved.saturating_sub(1);
        } else {
            entry.flaps = true;
            entry.hidden_since = Some(at);
            entry.told_at = at;
        }
        if entry.is_worth_telling(at, self.rules.cooldown_s) {
            notices.push(entry.tell_again(&resumption.key, at, &mut self.ids));
        }
        let due = entry.due(&resumption.key, &self.rules);
        self.next_due = self.next_due.min(due);
    }

    /// What time alone brings about.
    pub fn tick(&mut self, at: Timestamp) -> Vec<Notice> {
        if at < self.next_due {
            return Vec::new();
        }
        let rules = self.rules;
        let mut notices = Vec::new();
        let mut next_due = NEVER;
        let mut resolved = 0;
        let ids = &mut self.ids;
        self.entries.retain(|key, entry| {
            if at >= entry.due(key, &rules) {
                match entry.state {
                    State::Resolved(_) => return false,
                    State::Quiet(since) => {
                        if entry.hidden_since.is_none() {
                            resolved += 1;
                            notices.push((entry.number, entry.resolve(key, None, since)));
                        }
                        return false;
                    }
                    State::Open if entry.hidden_since.is_some() => {
                        let notice = entry.tell_again(key, at, ids);
                        notices.push((entry.number, notice));
                    }
                    State::Open => {
                        resolved += 1;
                        let since = entry.updated_at;
                        notices.push((entry.number, entry.resolve(key, None, since)));
                    }
                }
            }
            next_due = next_due.min(entry.due(key, &rules));
            true
        });
        self.resolved += resolved;
        // Once a second is often enough to go through all.
        self.next_due = match next_due {
            NEVER => NEVER,
            due => due.max(at.saturating_add_seconds(1.0)),
        };
        in_order(notices)
    }

    /// Whether there is room for one more. What was resolved goes, and then what nothing
    /// was heard of for a day.
    fn make_room(&mut self, at: Timestamp, notices: &mut Vec<Notice>) -> bool {
        if self.entries.len() < self.rules.max_incidents {
            return true;
        }
        if at >= self.next_room {
            self.next_room = at.saturating_add_seconds(1.0);
            let mut idle = Vec::new();
            self.entries.retain(|key, entry| match entry.state {
                State::Resolved(_) => false,
                _ if at.seconds_since(entry.updated_at) < IDLE_S => true,
                _ => {
                    idle.push((entry.number, entry.resolve(key, None, at)));
                    false
                }
            });
            self.resolved += idle.len() as u64;
            notices.extend(in_order(idle));
        }
        self.entries.len() < self.rules.max_incidents
    }

    /// The open incidents, in the order in which they began.
    pub fn open_incidents(&self) -> Vec<Notice> {
        let open = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.state == State::Open);
        let open = open.map(|(key, entry)| (entry.number, entry.notice(key, Action::Open, None)));
        in_order(open.collect())
    }

    /// Whether anything could change by time alone.
    pub fn waits(&self) -> bool {
        self.next_due != NEVER
    }

    /// Incidents that have opened so far.
    pub fn n_opened(&self) -> u64 {
        self.ids.given
    }

    /// Incidents that were resolved so far.
    pub fn n_resolved(&self) -> u64 {
        self.resolved
    }

    /// Events of incidents for which there was no room.
    pub fn n_overflow(&self) -> u64 {
        self.n_overflow
    }
}

/// In the order in which the incidents began.
fn in_order(mut notices: Vec<(u64, Notice)>) -> Vec<Notice> {
    notices.sort_unstable_by_key(|(number, _)| *number);
    notices.into_iter().map(|(_, notice)| notice).collect()
}

impl Entry {
    /// When time alone changes it.
    fn due(&self, key: &Key, rules: &Rules) -> Timestamp {
        let (since, wait_s) = match self.state {
            State::Resolved(since) | State::Quiet(since) => (since, rules.cooldown_s),
            State::Open if self.hidden_since.is_some() => (self.told_at, rules.cooldown_s),
            State::Open if !key.has_counterpart() => (self.updated_at, rules.resolve_after_s),
            State::Open => return NEVER,
        };
        since.saturating_add_seconds(wait_s)
    }

    /// Whether it is told again.
    fn is_worth_telling(&self, at: Timestamp, cooldown_s: f64) -> bool {
        self.severity > self.told_severity || at.seconds_since(self.told_at) >= cooldown_s
    }

    fn note(&mut self, event: &Event, at: Timestamp) {
        self.n_events += 1;
        self.severity = self.severity.max(event.severity);
        self.updated_at = at;
        self.last = event.clone();
        if !self.sources.contains(&event.source) && self.sources.len() < MOST_SOURCES {
            self.sources.push(event.source.clone());
        }
    }

    /// The source of an event says no longer that something is wrong; whether nobody
    /// does. Who never said so speaks for all.
    fn is_over_for_all(&mut self, event: &Event) -> bool {
        match self
            .sources
            .iter()
            .position(|source| *source == event.source)
        {
            Some(index) => drop(self.sources.swap_remove(index)),
            None => self.sources.clear(),
        }
        self.sources.is_empty()
    }

    /// A reminder; to receivers that believe that it is over, another incident.
    fn tell_again(&mut self, key: &Key, at: Timestamp, ids: &mut Ids) -> Notice {
        let mut action = Action::Remind;
        if let Some(since) = self.hidden_since.take() {
            (self.number, self.id) = ids.next();
            self.opened_at = since;
            action = Action::Open;
        }
        self.tell(at);
        self.notice(key, action, None)
    }

    fn resolve(&mut self, key: &Key, event: Option<&Event>, at: Timestamp) -> Notice {
        self.tell(at);
        self.state = State::Resolved(at);
        self.updated_at = at;
        self.notice(key, Action::Resolve, event)
    }

    fn tell(&mut self, at: Timestamp) {
        self.told_before = self.told_at;
        self.told_at = at;
        self.told_severity = self.severity;
    }

    fn notice(&self, key: &Key, action: Action, over: Option<&Event>) -> Notice {
        let event = over.unwrap_or(&self.last);
        let summary = match action {
            Action::Resolve => {
                let lasted_s = self.updated_at.seconds_since(self.opened_at);
                farewell(over, &self.last, &key.kind, lasted_s)
            }
            Action::Open | Action::Remind => summary(event, &key.kind, self.opened_at),
        };
        Notice {
            action,
            kind: key.kind.clone(),
            model: key.model.clone(),
            incident: Incident {
                id: Arc::clone(&self.id),
                feature: key.feature.clone(),
                severity: self.severity,
                value: event.value,
                p_value: event.p_value,
                opened_at: self.opened_at,
                updated_at: self.updated_at,
                n_events: self.n_events,
                source: event.source.clone(),
                metadata: event.metadata.clone(),
                summary,
            },
        }
    }
}
