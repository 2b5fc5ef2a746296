//! What is said of a queue when it is made.

use std::sync::Arc;
use std::time::Duration;

use crate::hub::totals::Totals;

/// What happens to an event when the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The oldest that waits gives way.
    #[default]
    DropOldest,
    /// The new one is dropped.
    DropNewest,
    /// The emitter waits, at most the registration's `block_timeout`.
    Block,
}

impl Overflow {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::DropOldest, Self::DropNewest, Self::Block];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DropOldest => "drop_oldest",
            Self::DropNewest => "drop_newest",
            Self::Block => "block",
        }
    }
}

/// Who takes events out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consumer {
    /// A thread that waits in [`super::Queue::wait`].
    Thread,
    /// An event loop, which is called when there is something to do.
    Loop,
}

/// The fixed part of a queue.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    pub(crate) block_timeout: Duration,
    pub(crate) tick_every: Option<Duration>,
    pub(crate) consumer: Consumer,
    /// Where the drops of all the hub's queues are counted.
    pub(crate) totals: Arc<Totals>,
}
