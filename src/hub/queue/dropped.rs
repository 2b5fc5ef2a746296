//! What was dropped, and whether anybody was told.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicU64};

use crate::observer::DropReason;

/// Counts of dropped events by reason, which outlive the queues.
#[derive(Debug, Default)]
pub(crate) struct Dropped([AtomicU64; DropReason::ALL.len()]);

impl Dropped {
    pub(super) fn add(&self, reason: DropReason, n: u64) {
        self.0[reason as usize].fetch_add(n, Relaxed);
    }

    /// In the order of [`DropReason::ALL`].
    pub(crate) fn counts(&self) -> [u64; DropReason::ALL.len()] {
        std::array::from_fn(|reason| self.0[reason].load(Relaxed))
    }

    /// A new process begins.
    pub(crate) fn reset(&self) {
        self.0.iter().for_each(|n| n.store(0, Relaxed));
    }
}

/// Nothing was lost for want of room.
const NONE: u8 = 0;
/// Something was, and nobody was told.
const UNTOLD: u8 = 1;
/// Somebody was.
const TOLD: u8 = 2;

/// Whether a queue ever lost an event for want of room, which is told once.
#[derive(Debug, Default)]
pub(super) struct Loss(AtomicU8);

impl Loss {
    /// Takes note of a drop; under the queue's lock.
    pub(super) fn note(&self, reason: DropReason) {
        if reason.is_for_want_of_room() && self.0.load(Relaxed) == NONE {
            self.0.store(UNTOLD, Relaxed);
        }
    }

    /// Whether there was a loss; true once.
    #[inline]
    pub(super) fn is_to_tell(&self) -> bool {
        self.0.load(Relaxed) == UNTOLD
            && self
                .0
                .compare_exchange(UNTOLD, TOLD, Relaxed, Relaxed)
                .is_ok()
    }
}
