//! Predictions and labels, joined by id.

use super::gone::{Fate, Gone};
use super::queue::{Queue, Why};
use crate::error::{Error, Result};
use crate::event::Timestamp;

/// The longest time to live in seconds, 31 years.
const MOST_TTL_S: f64 = 1e9;

/// The most predictions that wait at a time.
const MOST_PENDING: usize = 100_000_000;

/// Predictions that wait for labels; see the [module](super) for what is counted.
///
/// # Example
/// ```
/// use driftline::event::Timestamp;
/// use driftline::labels::{LabelStore, Labelled};
/// let at = |s| Timestamp::from_nanos(0).saturating_add_seconds(s);
/// let mut store = LabelStore::new(1_000, 3_600.0)?;
/// assert_eq!(store.predict("a", at(0.0), 0.9), None);
/// assert_eq!(store.label("a", at(60.0), true), Labelled::Joined(0.9, true));
/// assert_eq!(store.label("a", at(61.0), true), Labelled::Duplicate);
/// assert_eq!(store.label("b", at(62.0), false), Labelled::Unmatched);
/// assert_eq!(store.predict("b", at(63.0), 0.2), Some((0.2, false))); // it waited
/// assert_eq!((store.counts().matched, store.coverage()), (2, Some(1.0)));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LabelStore<P, Y> {
    max_pending: usize,
    ttl_s: f64,
    pub(super) now: Timestamp,
    pub(super) pending: Queue<P>,
    pub(super) waiting: Queue<Y>,
    gone: Gone,
    pub(super) counts: LabelCounts,
}

/// What becomes of a label when it comes.
#[derive(Debug, Clone, PartialEq)]
pub enum Labelled<P, Y> {
    /// Its prediction was there: both.
    Joined(P, Y),
    /// Its prediction was there, and has gone.
    Late,
    /// No prediction has its id: it waits for one.
    Unmatched,
    /// Its id has a label already.
    Duplicate,
}

/// What became of predictions and labels so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelCounts {
    /// Predictions made.
    pub predictions: u64,
    /// Labels offered.
    pub labels: u64,
    /// Predictions that have their label.
    pub matched: u64,
    /// Labels whose prediction had gone.
    pub late: u64,
    /// Labels of ids that had one already.
    pub duplicates: u64,
    /// Labels that went without a prediction.
    pub unmatched: u64,
    /// Labels that wait for their prediction.
    pub waiting: u64,
    /// Predictions that wait for their label.
    pub pending: u64,
    /// Predictions that were too old.
    pub expired: u64,
    /// Predictions that were the oldest of too many.
    pub evicted: u64,
    /// Predictions whose id was predicted again before its label came.
    pub replaced: u64,
}

impl LabelCounts {
    /// The share of predictions that have their label by now, without those that were
    /// replaced; `None` before the first. Of young predictions the labels may be to come:
    /// it is a lower end of what it will be.
    pub fn coverage(&self) -> Option<f64> {
        let all = self.predictions.checked_sub(self.replaced)?;
        (all > 0).then(|| self.matched as f64 / all as f64)
    }
}

impl std::ops::Add for LabelCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            predictions: self.predictions + other.predictions,
            labels: self.labels + other.labels,
            matched: self.matched + other.matched,
            late: self.late + other.late,
            duplicates: self.duplicates + other.duplicates,
            unmatched: self.unmatched + other.unmatched,
            waiting: self.waiting + other.waiting,
            pending: self.pending + other.pending,
            expired: self.expired + other.expired,
            evicted: self.evicted + other.evicted,
            replaced: self.replaced + other.replaced,
        }
    }
}

impl<P, Y> LabelStore<P, Y> {
    /// At most `max_pending` of each, 1 to 100,000,000, for `ttl_s` seconds, above 0 and
    /// at most 1e9.
    ///
    /// # Errors
    /// `InvalidValue` outside these.
    pub fn new(max_pending: usize, ttl_s: f64) -> Result<Self> {
        if !(1..=MOST_PENDING).contains(&max_pending) {
            let allowed = "a whole number from 1 to 100,000,000";
            return Err(Error::invalid_value("max_pending", max_pending, allowed));
        }
        if !(ttl_s > 0.0 && ttl_s <= MOST_TTL_S) {
            let allowed = "a number of seconds above 0 and at most 1e9";
            return Err(Error::invalid_value("ttl_s", ttl_s, allowed));
        }
        Ok(Self {
            max_pending,
            ttl_s,
            now: Timestamp::from_nanos(i64::MIN),
            pending: Queue::new(),
            waiting: Queue::new(),
            gone: Gone::new(max_pending),
            counts: LabelCounts::default(),
        })
    }

    /// Takes a prediction. Answers it with its label, where that has come before.
    pub fn predict(&mut self, id: &str, at: Timestamp, prediction: P) -> Option<(P, Y)> {
        self.go_on(at);
        self.counts.predictions += 1;
        if let Some(label) = self.waiting.take(id) {
            self.counts.matched += 1;
            self.gone.remember(id, Fate::Matched);
            return Some((prediction, label));
        }
        if self.pending.push(id, self.now, prediction).is_some() {
            self.counts.replaced += 1;
        }
        self.leave();
        None
    }

    /// Takes a label.
    pub fn label(&mut self, id: &str, at: Timestamp, label: Y) -> Labelled<P, Y> {
        self.go_on(at);
        self.counts.labels += 1;
        if let Some(prediction) = self.pending.take(id) {
            self.counts.matched += 1;
            self.gone.remember(id, Fate::Matched);
            return Labelled::Joined(prediction, label);
        }
        match self.gone.fate(id) {
            Some(Fate::Late) => {
                self.counts.late += 1;
                Labelled::Late
            }
            Some(Fate::Matched) => {
                self.counts.duplicates += 1;
                Labelled::Duplicate
            }
            None if self.waiting.contains(id) => {
                self.counts.duplicates += 1;
                Labelled::Duplicate
            }
            None => {
                self.waiting.push(id, self.now, label);
                self.leave();
                Labelled::Unmatched
            }
        }
    }

    /// Whether a prediction of this id is or was there, as far as is known.
    pub fn knows(&self, id: &str) -> bool {
        self.pending.contains(id) || self.gone.fate(id).is_some()
    }

    /// Takes back a label that waits, as if it had not been offered.
    pub fn withdraw(&mut self, id: &str) -> Option<Y> {
        let label = self.waiting.take(id)?;
        self.counts.labels -= 1;
        Some(label)
    }

    /// Lets time go on without predictions and labels.
    pub fn go_on(&mut self, at: Timestamp) {
        if at > self.now {
            self.now = at;
            self.leave();
        }
    }

    /// What became of all.
    pub fn counts(&self) -> LabelCounts {
        LabelCounts {
            waiting: self.waiting.len() as u64,
            pending: self.pending.len() as u64,
            ..self.counts
        }
    }

    /// See [`LabelCounts::coverage`].
    pub fn coverage(&self) -> Option<f64> {
        self.counts.coverage()
    }

    /// What is too old, or too much, goes.
    fn leave(&mut self) {
        let oldest = self.now.saturating_add_seconds(-self.ttl_s);
        while let Some((id, why)) = self.pending.leave(oldest, self.max_pending) {
            match why {
                Why::Expired => self.counts.expired += 1,
                Why::Evicted => self.counts.evicted += 1,
            }
            self.gone.remember(&id, Fate::Late);
        }
        while self.waiting.leave(oldest, self.max_pending).is_some() {
            self.counts.unmatched += 1;
        }
    }
}
