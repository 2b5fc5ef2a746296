//! Quantiles over the life of a series and over its last window.

use std::collections::VecDeque;

use super::ring::SLOTS;
use crate::sketch::DdSketch;

/// Parts of a window, each with a sketch of its own. The quantiles of the window
/// are those of the last five sixths of it at least.
const PANES: usize = 6;
const SLOTS_PER_PANE: i64 = (SLOTS / PANES) as i64;

/// A value is counted once, in the running pane; a pane that leaves the window
/// is merged into the rest of the series' life.
#[derive(Debug, Clone)]
pub(super) struct Panes {
    number: i64,
    pub(super) running: DdSketch,
    /// Those before it, oldest first.
    closed: VecDeque<DdSketch>,
    /// What has left the window.
    past: DdSketch,
}

impl Panes {
    pub(super) fn new(empty: &DdSketch) -> Self {
        Self {
            number: i64::MIN,
            running: empty.clone(),
            closed: (1..PANES).map(|_| empty.clone()).collect(),
            past: empty.clone(),
        }
    }

    /// Lets time go on to a slot of the ring.
    pub(super) fn advance(&mut self, slot: i64) {
        let number = slot.div_euclid(SLOTS_PER_PANE);
        if number <= self.number {
            return;
        }
        let steps = number.saturating_sub(self.number).min(PANES as i64);
        for _ in 0..steps {
            let Some(mut oldest) = self.closed.pop_front() else {
                break;
            };
            if oldest.n() > 0 {
                // All are of one shape.
                let _ = self.past.merge(&oldest);
                oldest.clear();
            }
            self.closed
                .push_back(std::mem::replace(&mut self.running, oldest));
        }
        self.number = number;
    }

    /// Values counted.
    pub(super) fn n(&self) -> u64 {
        let panes = self.closed.iter().map(DdSketch::n);
        self.past.n() + self.running.n() + panes.sum::<u64>()
    }

    /// What the window holds.
    pub(super) fn window(&self) -> DdSketch {
        let mut all = self.running.clone();
        for pane in &self.closed {
            let _ = all.merge(pane); // all are of one shape
        }
        all
    }

    /// Everything.
    pub(super) fn life(&self) -> DdSketch {
        let mut all = self.window();
        let _ = all.merge(&self.past); // all are of one shape
        all
    }
}
