//! Things by id, the oldest of which leave first.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::event::Timestamp;

/// Things by id, in the order of their coming.
#[derive(Debug, Clone)]
pub(super) struct Queue<T> {
    by_id: HashMap<Arc<str>, Entry<T>, RandomState>,
    /// Some have been taken out since: their number is not in `by_id` any more.
    order: VecDeque<(u64, Arc<str>)>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Entry<T> {
    number: u64,
    at: Timestamp,
    thing: T,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            by_id: HashMap::default(),
            order: VecDeque::new(),
            next: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Adds a thing; answers the one of the same id that it replaces.
    pub(super) fn push(&mut self, id: &str, at: Timestamp, thing: T) -> Option<T> {
        let id: Arc<str> = id.into();
        let number = self.next;
        self.next += 1;
        self.order.push_back((number, Arc::clone(&id)));
        let entry = Entry { number, at, thing };
        let old = self.by_id.insert(id, entry).map(|entry| entry.thing);
        self.tidy();
        old
    }

    pub(super) fn take(&mut self, id: &str) -> Option<T> {
        let taken = self.by_id.remove(id).map(|entry| entry.thing);
        self.tidy();
        taken
    }

    /// Takes the oldest one, if it is older than that or there are more than `most`.
    pub(super) fn leave(&mut self, oldest: Timestamp, most: usize) -> Option<(Arc<str>, Why)> {
        while let Some((number, id)) = self.order.front() {
            let entry = self.by_id.get(id);
            let Some(entry) = entry.filter(|entry| entry.number == *number) else {
                self.order.pop_front();
                continue;
            };
            let why = if entry.at < oldest {
                Why::Expired
            } else if self.by_id.len() > most {
                Why::Evicted
            } else {
                return None;
            };
            let (_, id) = self.order.pop_front()?;
            self.by_id.remove(&id);
            return Some((id, why));
        }
        None
    }

    /// Everything that is there with its time, the oldest first.
    pub(super) fn all(&self) -> Vec<(String, i64, T)>
    where
        T: Clone,
    {
        let there = self.order.iter().filter_map(|(number, id)| {
            let entry = self.by_id.get(id)?;
            let own = || (id.to_string(), entry.at.as_nanos(), entry.thing.clone());
            (entry.number == *number).then(own)
        });
        there.collect()
    }

    /// What was taken out leaves the order once it is the greater part of it.
    fn tidy(&mut self) {
        if self.order.len() > 2 * self.by_id.len() + 64 {
            let by_id = &self.by_id;
            let is_there = |(number, id): &(u64, Arc<str>)| {
                by_id.get(id).is_some_and(|entry| entry.number == *number)
            };
            self.order.retain(is_there);
        }
    }
}

/// Why something left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Expired,
    Evicted,
}
