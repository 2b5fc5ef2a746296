//! Time as the events tell it.

use crate::event::Timestamp;

/// How far ahead of the system clock a timestamp is believed, in seconds.
const AHEAD_S: f64 = 3600.0;

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

/// A time that never runs backwards, and a little ahead of the clock at most.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    latest: Timestamp,
    /// The system clock when it was last read.
    clock: Timestamp,
}

impl Timeline {
    pub(super) fn new() -> Self {
        Self {
            latest: Timestamp::from_nanos(i64::MIN),
            clock: Timestamp::from_nanos(i64::MIN),
        }
    }

    /// The time of the value at `index`.
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

    /// The time, or the system clock's when it is too far ahead of that. The
    /// clock is only read for times that the last reading does not vouch for.
    fn believed(&mut self, time: Timestamp) -> Timestamp {
        let too_far = |clock: Timestamp| time.seconds_since(clock) > AHEAD_S;
        if too_far(self.clock) {
            self.clock = Timestamp::now();
            if too_far(self.clock) {
                return self.clock;
            }
        }
        time
    }
}
