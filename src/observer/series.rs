//! One state per series (a model, a feature of a model), and never too many.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::error::{Error, Result};
use crate::event::Timestamp;

/// What newcomers share when there is no room for more series.
pub const OVERFLOW: &str = "__overflow__";

/// Models that are kept apart where nobody says how many.
pub const MAX_MODELS: usize = 1000;

/// The most models that may be kept apart.
pub const MOST_MODELS: usize = 1_000_000;

/// # Errors
/// `InvalidValue` for a number of models out of range.
pub fn check_max_models(most: Option<usize>) -> Result<()> {
    match most {
        Some(most) if !(1..=MOST_MODELS).contains(&most) => Err(Error::invalid_value(
            "max_models",
            most,
            "a whole number from 1 to 1,000,000",
        )),
        _ => Ok(()),
    }
}

/// A series that was idle for so long makes room for a newcomer, in seconds.
const IDLE_S: f64 = 86_400.0;

/// States by key, at most `max` of them. Beyond that existing series stay, and
/// newcomers share one state, [`OVERFLOW`]; each event that lands there is
/// counted. A series goes only when it was idle for a day of event time and a
/// newcomer needs its room.
#[derive(Debug, Clone)]
pub struct Series<K, V> {
    index: HashMap<K, usize, RandomState>,
    entries: Vec<Option<Entry<K, V>>>,
    free: Vec<usize>,
    overflow: Option<V>,
    n_overflow: u64,
    max: usize,
    /// Where the series stands that was asked for last: streams dwell on one, and
    /// a look at its key is cheaper than a hash.
    last: usize,
    /// No series can have been idle for a day before this.
    next_sweep: Timestamp,
}

#[derive(Debug, Clone)]
struct Entry<K, V> {
    key: K,
    last_seen: Timestamp,
    value: V,
}

impl<K: Clone + Eq + Hash, V> Series<K, V> {
    /// At most `max` series beside the shared one.
    pub fn new(max: usize) -> Self {
        Self {
            index: HashMap::default(),
            entries: Vec::new(),
            free: Vec::new(),
            overflow: None,
            n_overflow: 0,
            max,
            last: 0,
            next_sweep: Timestamp::from_nanos(i64::MIN),
        }
    }

    /// The state of a series for an event of time `at`; made anew by `new` when
    /// there is none and room for one, else that of [`OVERFLOW`].
    #[inline]
    pub fn at(&mut self, key: &K, at: Timestamp, new: impl FnOnce() -> V) -> &mut V {
        self.own_or_shared(key, at, new).0
    }

    /// [`Series::at`], and whether the state is the series' own.
    #[inline]
    pub fn own_or_shared(
        &mut self,
        key: &K,
        at: Timestamp,
        new: impl FnOnce() -> V,
    ) -> (&mut V, bool) {
        if let Some(Some(entry)) = self.entries.get(self.last)
            && entry.key == *key
        {
            let last = self.last;
            return (self.state_at(last, key, at, new), true);
        }
        let index = match self.index.get(key) {
            Some(&index) => Some(index),
            None => self.room(at),
        };
        let Some(index) = index else {
            self.n_overflow += 1;
            return (self.overflow.get_or_insert_with(new), false);
        };
        self.last = index;
        (self.state_at(index, key, at, new), true)
    }

    /// The state of the series at `index`, which is made anew when there is none.
    #[inline]
    fn state_at(
        &mut self,
        index: usize,
        key: &K,
        at: Timestamp,
        new: impl FnOnce() -> V,
    ) -> &mut V {
        let entry = &mut self.entries[index];
        let entry = entry.get_or_insert_with(|| {
            self.index.insert(key.clone(), index);
            Entry {
                key: key.clone(),
                last_seen: at,
                value: new(),
            }
        });
        entry.last_seen = entry.last_seen.max(at);
        &mut entry.value
    }

    /// The place of a series that has a state of its own, for an event of time
    /// `at`: see [`Series::value_mut`].
    #[inline]
    pub fn seen(&mut self, key: &K, at: Timestamp) -> Option<usize> {
        let index = *self.index.get(key)?;
        let entry = self.entries.get_mut(index)?.as_mut()?;
        entry.last_seen = entry.last_seen.max(at);
        self.last = index;
        Some(index)
    }

    /// [`Series::seen`] where the series is the one that was seen last: streams dwell on
    /// one, and to compare a key needs none that is owned.
    #[inline]
    pub fn seen_again(&mut self, is: impl Fn(&K) -> bool, at: Timestamp) -> Option<usize> {
        let entry = self.entries.get_mut(self.last)?.as_mut()?;
        if !is(&entry.key) {
            return None;
        }
        entry.last_seen = entry.last_seen.max(at);
        Some(self.last)
    }

    /// Makes a state for a newcomer and answers its place; `None` when there is
    /// no room. For those who keep nothing of newcomers without room: nothing is
    /// shared, nothing counted.
    pub fn add(&mut self, key: &K, at: Timestamp, new: impl FnOnce() -> V) -> Option<usize> {
        let index = self.room(at)?;
        self.index.insert(key.clone(), index);
        let entry = Entry {
            key: key.clone(),
            last_seen: at,
            value: new(),
        };
        *self.entries.get_mut(index)? = Some(entry);
        Some(index)
    }

    /// The state at a place that [`Series::seen`] or [`Series::add`] has given.
    #[inline]
    pub fn value_mut(&mut self, place: usize) -> Option<&mut V> {
        let entry = self.entries.get_mut(place)?.as_mut()?;
        Some(&mut entry.value)
    }

    /// A place for a newcomer.
    #[cold]
    fn room(&mut self, at: Timestamp) -> Option<usize> {
        if self.index.len() >= self.max {
            self.sweep(at);
        }
        if self.index.len() >= self.max {
            return None;
        }
        Some(self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.entries.len() - 1
        }))
    }

    /// Drops what was idle for a day.
    fn sweep(&mut self, at: Timestamp) {
        if at < self.next_sweep {
            return;
        }
        let mut oldest = at;
        for (index, place) in self.entries.iter_mut().enumerate() {
            let Some(entry) = place else { continue };
            if at.seconds_since(entry.last_seen) > IDLE_S {
                self.index.remove(&entry.key);
                *place = None;
                self.free.push(index);
            } else {
                oldest = oldest.min(entry.last_seen);
            }
        }
        self.next_sweep = oldest.saturating_add_seconds(IDLE_S);
    }

    /// The state of a series that has one of its own.
    pub fn get(&self, key: &K) -> Option<&V> {
        let index = *self.index.get(key)?;
        self.entries.get(index)?.as_ref().map(|entry| &entry.value)
    }

    /// The time of the last event of a series that has a state of its own.
    pub fn last_seen(&self, key: &K) -> Option<Timestamp> {
        let index = *self.index.get(key)?;
        Some(self.entries.get(index)?.as_ref()?.last_seen)
    }

    /// Drops the series that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        for (index, place) in self.entries.iter_mut().enumerate() {
            if let Some(entry) = place.take_if(|entry| !keep(&entry.key)) {
                self.index.remove(&entry.key);
                self.free.push(index);
            }
        }
    }

    /// The same, to be changed without counting as seen.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = *self.index.get(key)?;
        self.entries
            .get_mut(index)?
            .as_mut()
            .map(|entry| &mut entry.value)
    }

    /// Every series with its state, but for the shared one.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries
            .iter()
            .flatten()
            .map(|entry| (&entry.key, &entry.value))
    }

    /// The same, to be changed without counting as seen.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        let entries = self.entries.iter_mut().flatten();
        entries.map(|entry| (&entry.key, &mut entry.value))
    }

    /// The state that newcomers without room share.
    pub fn overflow(&self) -> Option<&V> {
        self.overflow.as_ref()
    }

    /// The same, to be changed.
    pub fn overflow_mut(&mut self) -> Option<&mut V> {
        self.overflow.as_mut()
    }

    /// Events that landed in the shared state.
    pub fn n_overflow(&self) -> u64 {
        self.n_overflow
    }

    /// Series with a state of their own.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no series has a state of its own.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The most series with a state of their own.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Changes the most series; those that exist stay.
    pub fn set_max(&mut self, max: usize) {
        self.max = max;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcomers_share_until_a_day_has_passed() {
        let start = Timestamp::from_nanos(0);
        let mut series: Series<&str, u32> = Series::new(2);
        for key in ["a", "b", "c", "d", "a"] {
            *series.at(&key, start, || 0) += 1;
        }
        assert_eq!(series.iter().collect::<Vec<_>>(), [(&"a", &2), (&"b", &1)]);
        assert_eq!((series.overflow(), series.n_overflow()), (Some(&2), 2));
        let later = start.saturating_add_seconds(50_000.0);
        series.at(&"a", later, || 0);
        let next_day = start.saturating_add_seconds(86_401.0);
        *series.at(&"e", next_day, || 0) += 1;
        assert_eq!(series.get(&"e"), Some(&1));
        assert_eq!(series.get(&"b"), None);
        assert_eq!(series.get(&"a"), Some(&2));
        assert_eq!(series.len(), 2);
    }
}
