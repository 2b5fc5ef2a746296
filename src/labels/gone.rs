//! Ids that have gone, by their hashes.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::{fast, quality};

/// What became of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has its label.
    Matched,
    /// Its prediction went without one.
    Late,
}

/// The last so many ids that have gone.
#[derive(Debug, Clone)]
pub(super) struct Gone {
    hasher: quality::RandomState,
    /// By hash: what became of it, and when it was told last.
    fates: HashMap<u64, (Fate, u64), fast::RandomState>,
    order: VecDeque<(u64, u64)>,
    next: u64,
    most: usize,
}

impl Gone {
    pub(super) fn new(most: usize) -> Self {
        Self {
            hasher: quality::RandomState::default(),
            fates: HashMap::default(),
            order: VecDeque::new(),
            next: 0,
            most,
        }
    }

    pub(super) fn fate(&self, id: &str) -> Option<Fate> {
        let hash = self.hasher.hash_one(id);
        self.fates.get(&hash).map(|(fate, _)| *fate)
    }

    pub(super) fn remember(&mut self, id: &str, fate: Fate) {
        let hash = self.hasher.hash_one(id);
        let number = self.next;
        self.next += 1;
        self.fates.insert(hash, (fate, number));
        self.order.push_back((hash, number));
        // One that was told again is in the order twice.
        while self.order.len() > self.most {
            if let Some((hash, number)) = self.order.pop_front()
                && self.fates.get(&hash).is_some_and(|fate| fate.1 == number)
            {
                self.fates.remove(&hash);
            }
        }
    }
}
