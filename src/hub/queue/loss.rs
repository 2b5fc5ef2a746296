//! Whether anybody was told that events are lost.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use crate::observer::DropReason;

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
