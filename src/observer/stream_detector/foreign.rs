//! Detectors that are code of the host's, which run while no lock is held.
//!
//! Such a detector may take locks, give values to this very observer, or take its time;
//! and it can only take one value at a time. So the values of a series wait in line; the
//! thread that finds nobody at it takes them one by one, each without a lock, and also
//! those that others bring meanwhile: they do not wait, and what is found in their values
//! is told by that thread.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use super::StreamDetector;
use super::alarm::{Reading, StreamAlarm};
use super::config::{StreamConfig, StreamSource};
use super::watch::{Key, Origin, Watch};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::fork;
use crate::observer::timeline::Times;

/// The most values of a series that wait in line.
const MOST_WAITING: usize = 10_000;

/// Starts of series and calls so far, in all stream detectors.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// A detector that is code of the host's. No lock of ours is held while a method runs, and
/// none runs twice at once for one detector.
pub trait ForeignDetector: Any + fmt::Debug + Send + Sync {
    /// What it goes by.
    fn name(&self) -> Arc<str>;

    /// A copy of its own, with all that it has seen.
    ///
    /// # Errors
    /// What the host's code fails with.
    fn copy(&self) -> Result<Arc<dyn ForeignDetector>>;

    /// Takes a finite value; what can be read of the detector where it found a change.
    ///
    /// # Errors
    /// What the host's code fails with.
    fn update(&self, x: f64) -> Result<Option<Reading>>;

    /// Lets go of what belonged to copies that are no more. When a copy is dropped a lock
    /// may be held: code of the host's that runs at its end has to wait for this.
    fn tidy(&self) {}
}

/// The part of a series' state that is about a detector of the host's.
#[derive(Debug)]
pub(super) struct ForeignState {
    /// `None` until the first value.
    pub(super) detector: Option<Arc<dyn ForeignDetector>>,
    pub(super) n_samples: u64,
    pub(super) n_missing: u64,
    /// Which start of which series it is.
    start: u64,
    /// Who is at it, and since which fork.
    busy: Option<(ThreadId, u32)>,
    waiting: VecDeque<Waiting>,
}

/// A value that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    /// It, with model, feature and time.
    pub(super) cause: Event,
    pub(super) value: f64,
    /// Whether the time is that of a clock, which is believed.
    pub(super) is_clock: bool,
    /// The call that brought it, where that was not a hub's.
    pub(super) call: Option<u64>,
}

impl Waiting {
    fn times(&self) -> Times<'static> {
        match self.is_clock {
            true => Times::Clock(self.cause.timestamp),
            false => Times::At(self.cause.timestamp),
        }
    }
}

/// The number of a call.
pub(super) fn number() -> u64 {
    NUMBERS.fetch_add(1, Relaxed)
}

impl ForeignState {
    pub(super) fn new() -> Self {
        Self {
            detector: None,
            n_samples: 0,
            n_missing: 0,
            start: number(),
            busy: None,
            waiting: VecDeque::new(),
        }
    }

    /// Whether somebody else is at it. A fork leaves behind who is no more.
    fn is_busy(&self) -> bool {
        let is_there = |(thread, epoch)| epoch == fork::epoch() || thread == thread::current().id();
        self.busy.is_some_and(is_there)
    }
}

/// What was found in values of the host's detectors.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) alarms: Vec<(StreamAlarm, Waiting)>,
    /// The first failure.
    pub(super) error: Option<Error>,
}

/// Somebody is at a series; no longer when this is dropped, also by a panic.
struct Turn<'a> {
    observer: &'a StreamDetector,
    key: Key,
    start: u64,
}

impl Turn<'_> {
    /// The next value and its detector; `None` when none waits, and then the turn is over.
    fn next(&self) -> Option<(Waiting, Option<Arc<dyn ForeignDetector>>)> {
        let mut watch = self.observer.watch.lock();
        let foreign = self.series(&mut watch)?;
        match foreign.waiting.pop_front() {
            Some(next) => Some((next, foreign.detector.clone())),
            None => {
                foreign.busy = None;
                None
            }
        }
    }

    /// The series, unless it began afresh or went.
    fn series<'w>(&self, watch: &'w mut Watch) -> Option<&'w mut ForeignState> {
        let foreign = watch.state_mut(&self.key)?.foreign()?;
        (foreign.start == self.start).then_some(foreign)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut watch = self.observer.watch.lock();
            if let Some(foreign) = self.series(&mut watch) {
                foreign.busy = None;
            }
        }
    }
}

impl StreamDetector {
    /// Puts a value in line and, unless somebody is at it, has all that wait judged.
    #[cold]
    pub(super) fn take_foreign(&self, value: Waiting) -> Answered {
        let mut answered = Answered::default();
        let StreamSource::Foreign(prototype) = &self.config.detector else {
            return answered;
        };
        match self.line_up(value) {
            Ok(Some(turn)) => {
                while let Some((value, detector)) = turn.next() {
                    self.ask(&turn, &**prototype, detector, value, &mut answered);
                }
            }
            Ok(None) => {}
            Err(error) => answered.error = Some(error),
        }
        fork::pause(|| prototype.tidy());
        answered
    }

    fn line_up(&self, value: Waiting) -> Result<Option<Turn<'_>>> {
        let config: &StreamConfig = &self.config;
        let mut watch = self.watch.lock();
        let origin = Origin::of(config, &value.cause);
        let state = watch.enter(config, origin, value.times());
        let Some(foreign) = state.and_then(|state| state.foreign()) else {
            watch.n_overflow += 1;
            return Ok(None);
        };
        if !value.value.is_finite() {
            foreign.n_missing += 1;
            return Ok(None);
        }
        if foreign.waiting.len() >= MOST_WAITING {
            return Err(Error::invalid_value(
                "value",
                format!(
                    "{} while {MOST_WAITING} wait for detector {:?}",
                    value.value,
                    config.detector.name()
                ),
                "values no faster than the detector takes them",
            ));
        }
        let key = origin.key();
        foreign.waiting.push_back(value);
        if foreign.is_busy() {
            return Ok(None);
        }
        foreign.busy = Some((thread::current().id(), fork::epoch()));
        Ok(Some(Turn {
            observer: self,
            key,
            start: foreign.start,
        }))
    }

    /// Asks the detector while no lock is held, and judges its answer.
    fn ask(
        &self,
        turn: &Turn<'_>,
        prototype: &dyn ForeignDetector,
        detector: Option<Arc<dyn ForeignDetector>>,
        value: Waiting,
        answered: &mut Answered,
    ) {
        let asked = fork::pause(|| {
            let detector = detector.map_or_else(|| prototype.copy(), Ok)?;
            let found = detector.update(value.value);
            Ok::<_, Error>((detector, found))
        });
        let (detector, found) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                answered.error.get_or_insert(error);
                return;
            }
        };
        let found = found.unwrap_or_else(|error| {
            answered.error.get_or_insert(error);
            None
        });
        let mut watch = self.watch.lock();
        let Some(foreign) = turn.series(&mut watch) else {
            drop(watch);
            drop(detector);
            return;
        };
        foreign.detector.get_or_insert(detector);
        let state = watch.state_mut(&turn.key);
        let alarm = state.and_then(|state| state.answer(&self.config, found, value.times()));
        drop(watch);
        answered.alarms.extend(alarm.map(|alarm| (alarm, value)));
    }
}
