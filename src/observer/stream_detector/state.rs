//! One series: its detector, and what was told of it.

use std::sync::Arc;

use super::alarm::{Reading, StreamAlarm};
use super::config::{Accepted, StreamConfig, StreamSource};
use super::course::Course;
use super::foreign::ForeignState;
use crate::observer::timeline::{Timeline, Times};
use crate::stream::{Counts, Detector};

/// Values that are looked at in one go for those that the detector refuses: whoever stops
/// at an alarm looks at few of them again.
const GO: usize = 256;

/// Who judges.
#[derive(Debug)]
pub(super) enum Engine {
    Native {
        detector: Box<dyn Detector>,
        /// What it had counted when the series began.
        before: Counts,
    },
    Foreign(ForeignState),
}

/// Everything that is remembered of a series.
#[derive(Debug)]
pub(super) struct State {
    pub(super) engine: Engine,
    name: Arc<str>,
    accepted: Option<Accepted>,
    timeline: Timeline,
    pub(super) n_refused: u64,
    pub(super) course: Course,
    /// What a detector of the host's said at the last change.
    found: Reading,
}

/// How a run of values went.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Taken {
    /// Values taken, those left out included.
    pub(super) count: usize,
    /// The first that the detector refused.
    pub(super) refused: Option<f64>,
}

impl State {
    pub(super) fn new(config: &StreamConfig) -> Self {
        let (engine, accepted) = match &config.detector {
            StreamSource::Native(detector) => {
                let native = Engine::Native {
                    detector: detector.clone_box(),
                    before: detector.counts(),
                };
                (native, Accepted::of(&**detector))
            }
            StreamSource::Foreign(_) => (Engine::Foreign(ForeignState::new()), None),
        };
        Self {
            engine,
            name: config.detector.name(),
            accepted,
            timeline: Timeline::new(),
            n_refused: 0,
            course: Course::default(),
            found: Reading::default(),
        }
    }

    /// Values taken and values missing.
    #[inline]
    pub(super) fn counts(&self) -> (u64, u64) {
        match &self.engine {
            Engine::Native { detector, before } => {
                let now = detector.counts();
                (
                    now.n_samples.saturating_sub(before.n_samples),
                    now.n_missing.saturating_sub(before.n_missing),
                )
            }
            Engine::Foreign(foreign) => (foreign.n_samples, foreign.n_missing),
        }
    }

    /// Values since the last change.
    pub(super) fn n(&self) -> u64 {
        self.course.n(self.counts().0)
    }

    /// What can be read of the detector.
    pub(super) fn reading(&self) -> Reading {
        match &self.engine {
            Engine::Native { detector, .. } => Reading::of(&**detector),
            Engine::Foreign(_) => self.found,
        }
    }

    /// Takes values until the end or, with `stop_at_first`, until right after the first
    /// that brought about an alarm.
    #[inline]
    pub(super) fn take(
        &mut self,
        config: &StreamConfig,
        values: &[f64],
        times: Times<'_>,
        stop_at_first: bool,
        alarms: &mut Vec<StreamAlarm>,
    ) -> Taken {
        let mut taken = Taken::default();
        while let Some(rest) = values.get(taken.count..).filter(|rest| !rest.is_empty()) {
            let most = self.until_resolved(config).unwrap_or(rest.len());
            let mut run = rest.get(..most).unwrap_or(rest);
            if let Some(accepted) = self.accepted {
                run = run.get(..GO).unwrap_or(run);
                run = run.get(..accepted.leading(run)).unwrap_or(run);
                if run.is_empty() {
                    self.n_refused += 1;
                    taken.refused = taken.refused.or(rest.first().copied());
                    taken.count += 1;
                    continue;
                }
            }
            let mut found = false;
            let Engine::Native { detector, .. } = &mut self.engine else {
                break;
            };
            taken.count += detector.run(run, false, &mut |_, _| {
                found = true;
                false
            });
            if let Some(alarm) = self.judge(config, found, times, taken.count - 1) {
                alarms.push(alarm);
                if stop_at_first {
                    break;
                }
            }
        }
        taken
    }

    /// While it drifts: how many values bring the end of it, if all are present.
    #[inline]
    fn until_resolved(&self, config: &StreamConfig) -> Option<usize> {
        if !self.course.drifting {
            return None;
        }
        let left = self.course.left(self.counts().0, config.resolve_after)?;
        Some(usize::try_from(left.max(1)).unwrap_or(usize::MAX))
    }

    /// Judges what the detector has said of values up to `index`.
    #[inline]
    fn judge(
        &mut self,
        config: &StreamConfig,
        found: bool,
        times: Times<'_>,
        index: usize,
    ) -> Option<StreamAlarm> {
        if !found && !self.course.drifting {
            return None;
        }
        self.changed_or_resolved(config, found, times, index)
    }

    #[cold]
    fn changed_or_resolved(
        &mut self,
        config: &StreamConfig,
        found: bool,
        times: Times<'_>,
        index: usize,
    ) -> Option<StreamAlarm> {
        let (n_samples, _) = self.counts();
        if !found && self.course.left(n_samples, config.resolve_after) != Some(0) {
            return None;
        }
        let at = self.timeline.at(times, index);
        let n = self.course.n(n_samples);
        let change = self.course.turn(found, n_samples, at, config.cooldown_s)?;
        Some(StreamAlarm {
            index,
            at,
            change,
            reading: self.reading(),
            n,
            n_samples,
            detector: Arc::clone(&self.name),
        })
    }

    /// Judges what a detector of the host's has said of one value.
    pub(super) fn answer(
        &mut self,
        config: &StreamConfig,
        found: Option<Reading>,
        times: Times<'_>,
    ) -> Option<StreamAlarm> {
        if let Engine::Foreign(foreign) = &mut self.engine {
            foreign.n_samples += 1;
        }
        if let Some(reading) = found {
            self.found = reading;
        }
        self.judge(config, found.is_some(), times, 0)
    }

    pub(super) fn foreign(&mut self) -> Option<&mut ForeignState> {
        match &mut self.engine {
            Engine::Native { .. } => None,
            Engine::Foreign(foreign) => Some(foreign),
        }
    }
}
