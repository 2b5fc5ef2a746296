//! Time as the events tell it, so that a replayed year behaves like a lived one.

use std::time::{Duration, Instant};

use crate::event::Timestamp;

/// How far ahead of the system clock a timestamp is believed, in nanoseconds.
const AHEAD_NANOS: i64 = 3_600_000_000_000;

/// Where the times of a run of values come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Times<'a> {
    /// All values have this time.
    At(Timestamp),
    /// One time per value.
    Each(&'a [Timestamp]),
    /// All values have this time, read from a clock that is always believed.
    Clock(Timestamp),
    /// The system clock, read when needed.
    Now,
}

/// One tick of a hub's clock.
#[derive(Debug, Clone, Copy)]
pub struct Tick {
    at: Option<Timestamp>,
    instant: Instant,
}

impl Tick {
    /// A tick of now. Observers take it for the time of the last event they
    /// heard and what has passed on the monotonic clock since.
    pub fn now() -> Self {
        Self {
            at: None,
            instant: Instant::now(),
        }
    }

    /// A tick at a time that is given by hand.
    pub fn at(at: Timestamp) -> Self {
        Self {
            at: Some(at),
            ..Self::now()
        }
    }

    /// Seconds since an earlier tick: between the times given by hand where both
    /// have one, else on the monotonic clock.
    pub(super) fn seconds_since(&self, earlier: &Self) -> f64 {
        match (self.at, earlier.at) {
            (Some(at), Some(earlier)) => at.seconds_since(earlier).max(0.0),
            _ => {
                let passed = self.instant.saturating_duration_since(earlier.instant);
                passed.as_secs_f64()
            }
        }
    }

    /// The same tick so much later on the monotonic clock.
    #[must_use]
    pub fn after(mut self, passed: Duration) -> Self {
        self.instant += passed;
        self
    }
}

/// A time that never runs backwards, and a little ahead of the clock at most.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    latest: Timestamp,
    /// The latest time that the last reading of the system clock vouches for.
    believable: Timestamp,
    /// What was latest at the last tick that found it changed, and when.
    anchor: Option<(Timestamp, Instant)>,
}

impl Timeline {
    pub(super) fn new() -> Self {
        Self {
            latest: Timestamp::from_nanos(i64::MIN),
            believable: Timestamp::from_nanos(i64::MIN),
            anchor: None,
        }
    }

    /// The time of the value at `index`.
    #[inline]
    pub(super) fn at(&mut self, times: Times<'_>, index: usize) -> Timestamp {
        let time = match times {
            Times::At(time) => self.believed(time),
            Times::Each(times) => times
                .get(index)
                .map_or(self.latest, |&time| self.believed(time)),
            Times::Clock(time) => time,
            Times::Now => Timestamp::now(),
        };
        self.latest = self.latest.max(time);
        self.latest
    }

    /// The latest time so far.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        Some(self.latest).filter(|latest| *latest != Timestamp::from_nanos(i64::MIN))
    }

    /// The time of a tick: the one given, or that of the last event with what
    /// has passed since (to the precision of one tick). `None` before the first
    /// event of a stream whose ticks carry no time.
    pub(super) fn tick(&mut self, tick: &Tick) -> Option<Timestamp> {
        if let Some(at) = tick.at {
            self.latest = self.latest.max(at);
            self.anchor = None;
            return Some(self.latest);
        }
        if self.latest == Timestamp::from_nanos(i64::MIN) {
            return None;
        }
        match self.anchor {
            Some((latest, since)) if latest == self.latest => {
                let passed = tick.instant.saturating_duration_since(since);
                Some(latest.saturating_add_seconds(passed.as_secs_f64()))
            }
            _ => {
                self.anchor = Some((self.latest, tick.instant));
                Some(self.latest)
            }
        }
    }

    /// The time, or the system clock's when it is too far ahead of that. The
    /// clock is only read for times that the last reading does not vouch for.
    #[inline]
    fn believed(&mut self, time: Timestamp) -> Timestamp {
        if time <= self.believable {
            return time;
        }
        let clock = Timestamp::now();
        self.believable = Timestamp::from_nanos(clock.as_nanos().saturating_add(AHEAD_NANOS));
        if time <= self.believable { time } else { clock }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_goes_on_from_the_last_event() {
        let start = Timestamp::from_nanos(1_000_000_000);
        let mut timeline = Timeline::new();
        let tick = Tick::now();
        assert_eq!(timeline.tick(&tick), None);
        timeline.at(Times::At(start), 0);
        assert_eq!(timeline.tick(&tick), Some(start));
        let later = tick.after(Duration::from_secs(7));
        assert_eq!(
            timeline.tick(&later),
            Some(start.saturating_add_seconds(7.0))
        );
        let by_hand = Tick::at(start.saturating_add_seconds(60.0));
        assert_eq!(
            timeline.tick(&by_hand),
            Some(start.saturating_add_seconds(60.0))
        );
        assert_eq!(
            timeline.tick(&Tick::at(start)),
            Some(start.saturating_add_seconds(60.0))
        );
    }
}
