//! What a hub has counted in its life, beyond that of its observers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::observer::DropReason;

/// Counts that outlive observers and their queues.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    departed_calls: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

impl Totals {
    /// An observer that made so many calls is gone.
    pub(super) fn add_departed_calls(&self, n: u64) {
        self.departed_calls.fetch_add(n, Relaxed);
    }

    /// Calls of observers that are gone.
    pub(super) fn departed_calls(&self) -> u64 {
        self.departed_calls.load(Relaxed)
    }

    /// A queue, gone or not, dropped so many.
    pub(super) fn add_dropped(&self, reason: DropReason, n: u64) {
        self.dropped[reason as usize].fetch_add(n, Relaxed);
    }

    /// What queues dropped, in the order of [`DropReason::ALL`].
    pub(super) fn dropped(&self) -> [u64; DropReason::ALL.len()] {
        std::array::from_fn(|reason| self.dropped[reason].load(Relaxed))
    }

    /// A new process begins, with queues that dropped nothing.
    pub(super) fn reset_dropped(&self) {
        self.dropped.iter().for_each(|n| n.store(0, Relaxed));
    }
}
