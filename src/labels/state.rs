//! A store's state as plain data.

use serde::{Deserialize, Serialize};

use super::queue::Queue;
use super::{LabelCounts, LabelStore};
use crate::error::Result;
use crate::event::Timestamp;

/// What waits, the oldest first, with nanoseconds since 1970.
type Waiting<T> = Vec<(String, i64, T)>;

/// The state of a [`LabelStore`]: all but which ids have gone, so that labels of predictions
/// that went before are unmatched afterwards, and no longer late.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LabelState<P, Y> {
    now: i64,
    pending: Waiting<P>,
    waiting: Waiting<Y>,
    counts: [u64; 9],
}

impl<P: Clone, Y: Clone> LabelStore<P, Y> {
    /// What waits and what was counted.
    pub fn state(&self) -> LabelState<P, Y> {
        let counts = &self.counts;
        LabelState {
            now: self.now.as_nanos(),
            pending: self.pending.all(),
            waiting: self.waiting.all(),
            counts: [
                counts.predictions,
                counts.labels,
                counts.matched,
                counts.late,
                counts.duplicates,
                counts.unmatched,
                counts.expired,
                counts.evicted,
                counts.replaced,
            ],
        }
    }

    /// A store that goes on from there; what is beyond its bounds leaves.
    ///
    /// # Errors
    /// Those of [`LabelStore::new`].
    pub fn from_state(state: LabelState<P, Y>, max_pending: usize, ttl_s: f64) -> Result<Self> {
        let mut store = Self::new(max_pending, ttl_s)?;
        let [
            predictions,
            labels,
            matched,
            late,
            duplicates,
            unmatched,
            expired,
            evicted,
            replaced,
        ] = state.counts;
        store.counts = LabelCounts {
            predictions,
            labels,
            matched,
            late,
            duplicates,
            unmatched,
            expired,
            evicted,
            replaced,
            ..LabelCounts::default()
        };
        fill(&mut store.pending, state.pending);
        fill(&mut store.waiting, state.waiting);
        store.go_on(Timestamp::from_nanos(state.now));
        Ok(store)
    }
}

fn fill<T>(queue: &mut Queue<T>, all: Waiting<T>) {
    for (id, at, thing) in all {
        queue.push(&id, Timestamp::from_nanos(at), thing);
    }
}
