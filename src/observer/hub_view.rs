//! What an observer can ask of the hub that it is registered in.

use std::fmt;
use std::sync::Arc;

use crate::event::Event;

/// A hub as its observers see it.
pub trait HubView: Send + Sync {
    /// The most series that an observer keeps apart, unless it was told itself.
    fn max_models(&self) -> usize;

    /// How every observer fares, in the order in which they are called.
    fn observer_stats(&self) -> Vec<ObserverStats>;

    /// Emits an event on a thread on which no observer is being called, such as a
    /// worker of the observer's own. A hub that is shut down takes none.
    fn emit(&self, event: &Event);

    /// Derived events that were dropped because their chain was too long.
    fn loops(&self) -> u64;
}

/// How one observer fares.
#[derive(Debug, Clone)]
pub struct ObserverStats {
    /// Its name.
    pub name: Arc<str>,
    /// Calls begun, failed ones included.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Events that were dropped, by reason; in the order of [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
    /// Events accepted and not delivered yet; `None` for an inline observer.
    pub queue_depth: Option<u64>,
}

/// Why an event did not reach an observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The queue was full and a newer event took its place.
    DropOldest,
    /// The queue was full.
    DropNewest,
    /// The queue stayed full until the emitter had waited long enough.
    BlockTimeout,
    /// The queue was full and waiting would have been for oneself: on the
    /// observer's own worker, or in a thread with a running event loop.
    WouldBlock,
    /// The observer was unregistered, or suspended, before the event's turn.
    Unregistered,
    /// The hub was shut down before the event's turn.
    Shutdown,
    /// The event loop on which the observer runs was closed.
    LoopClosed,
    /// No worker could be started.
    NoWorker,
    /// The emitter's wait for room was interrupted, as by Ctrl-C.
    Interrupted,
}

impl DropReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::DropOldest,
        Self::DropNewest,
        Self::BlockTimeout,
        Self::WouldBlock,
        Self::Unregistered,
        Self::Shutdown,
        Self::LoopClosed,
        Self::NoWorker,
        Self::Interrupted,
    ];

    /// Whether there would have been no drop in a longer queue.
    pub(crate) fn is_for_want_of_room(self) -> bool {
        matches!(
            self,
            Self::DropOldest | Self::DropNewest | Self::BlockTimeout | Self::WouldBlock
        )
    }

    /// Its name in metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DropOldest => "drop_oldest",
            Self::DropNewest => "drop_newest",
            Self::BlockTimeout => "block_timeout",
            Self::WouldBlock => "would_block",
            Self::Unregistered => "unregistered",
            Self::Shutdown => "shutdown",
            Self::LoopClosed => "loop_closed",
            Self::NoWorker => "no_worker",
            Self::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
