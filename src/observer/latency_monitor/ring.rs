//! Exact counts over a window of time.

/// Parts of a window. What is older than the window never counts; what is in its
/// oldest sixtieth may not count any more.
pub(super) const SLOTS: usize = 60;

const NANOS_PER_SECOND: f64 = 1e9;

/// What happened in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Inferences that were answered.
    pub(super) answered: u64,
    /// Of these, slower than the objective.
    pub(super) slow: u64,
    /// Inferences that failed.
    pub(super) failed: u64,
}

impl Counts {
    /// Inferences, failed ones included where they count.
    pub(super) fn judged(self, failed_weight: u64) -> u64 {
        self.answered + self.failed * failed_weight
    }

    /// Those among them that were too slow, or failed.
    pub(super) fn bad(self, failed_weight: u64) -> u64 {
        self.slow + self.failed * failed_weight
    }

    #[inline(always)]
    pub(super) fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.slow += other.slow;
        self.failed += other.failed;
    }

    fn subtract(&mut self, other: Self) {
        self.answered -= other.answered;
        self.slow -= other.slow;
        self.failed -= other.failed;
    }
}

/// The counts of the last [`SLOTS`] slots of time, the running one included.
/// Slots begin at multiples of their width since 1970.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    /// Width of a slot in nanoseconds.
    width: i64,
    /// Number of the running slot.
    slot: i64,
    /// Counts of the running slot.
    pub(super) running: Counts,
    /// Counts of the slots before it, by slot number modulo their count.
    closed: Box<[Counts; SLOTS - 1]>,
    /// Their sum.
    sum: Counts,
}

impl Ring {
    pub(super) fn new(window_s: f64) -> Self {
        Self {
            width: ((window_s * NANOS_PER_SECOND / SLOTS as f64) as i64).max(1),
            slot: i64::MIN,
            running: Counts::default(),
            closed: Box::new([Counts::default(); SLOTS - 1]),
            sum: Counts::default(),
        }
    }

    /// Counts over the window.
    #[inline]
    pub(super) fn total(&self) -> Counts {
        let mut total = self.sum;
        total.add(self.running);
        total
    }

    /// Number of the running slot.
    pub(super) fn slot(&self) -> i64 {
        self.slot
    }

    /// When the running slot ends, in nanoseconds since 1970.
    pub(super) fn end(&self) -> i64 {
        self.slot.saturating_add(1).saturating_mul(self.width)
    }

    /// Lets time go on to `at`, in nanoseconds since 1970; never backwards.
    pub(super) fn advance(&mut self, at: i64) {
        let slot = at.div_euclid(self.width);
        if slot <= self.slot {
            return;
        }
        let steps = slot.saturating_sub(self.slot);
        if steps >= SLOTS as i64 {
            self.closed.fill(Counts::default());
            self.sum = Counts::default();
        } else {
            for _ in 0..steps {
                self.close();
            }
        }
        self.slot = slot;
        self.running = Counts::default();
    }

    /// The running slot takes the place of the oldest.
    fn close(&mut self) {
        let place = self.slot.rem_euclid(SLOTS as i64 - 1) as usize;
        if let Some(oldest) = self.closed.get_mut(place) {
            self.sum.subtract(*oldest);
            self.sum.add(self.running);
            *oldest = self.running;
        }
        self.running = Counts::default();
        self.slot += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_last_sixty_slots() {
        // Against a recount of everything, over gaps of all lengths.
        let mut ring = Ring::new(60e-9); // slots of 1 ns
        let mut all: Vec<i64> = Vec::new();
        let mut at = -500_i64;
        for step in 0..2000_i64 {
            at += [0, 1, 3, 0, 17, 59, 60, 61, 2, 1000][(step % 10) as usize] * (step % 3);
            ring.advance(at);
            ring.advance(at - 5); // never backwards
            ring.running.answered += 1;
            ring.running.slow += u64::from(step % 4 == 0);
            all.push(at);
            let inside = all.iter().filter(|&&then| then > at - SLOTS as i64);
            assert_eq!(ring.total().answered, inside.count() as u64, "{step}");
        }
    }
}
