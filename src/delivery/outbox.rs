//! One queue as plain data: time is given, nothing waits, nothing is locked.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Loss, Outcome};

/// The wait before the first retry; it doubles from one to the next.
const FIRST_WAIT_S: f64 = 0.5;

/// The longest wait, also where the other side asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Items, from the end, that a newcomer may be merged into.
const MERGED_AMONG: usize = 64;

/// How many things went which way. At any time `offered` is `delivered`, `lost` and
/// `queued` together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// What was to be delivered.
    pub offered: u64,
    /// What was.
    pub delivered: u64,
    /// What was not and never will be, by reason, in the order of [`Loss::ALL`].
    pub lost: [u64; Loss::ALL.len()],
    /// What waits, what is being delivered included.
    pub queued: u64,
    /// Attempts after the first.
    pub retries: u64,
}

impl Account {
    /// The sum of two.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.offered += other.offered;
        self.delivered += other.delivered;
        self.queued += other.queued;
        self.retries += other.retries;
        for (lost, other) in self.lost.iter_mut().zip(other.lost) {
            *lost += other;
        }
        self
    }
}

/// What became of a job after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was delivered.
    Delivered,
    /// There is another attempt after this wait.
    Retrying(Duration),
    /// It was lost.
    Lost(Loss),
}

/// What a job counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// There is room as long as all together is within the capacity.
    Usual(u64),
    /// There is twice the room.
    Favoured(u64),
}

impl Weight {
    fn of(self) -> u64 {
        match self {
            Self::Usual(weight) | Self::Favoured(weight) => weight,
        }
    }
}

#[derive(Debug)]
struct Item<J> {
    job: Arc<J>,
    /// What it counts for.
    weight: u64,
    due: Instant,
    attempts: u32,
}

/// A bounded queue, first in, first out, of jobs that are tried until they are done
/// or given up.
#[derive(Debug)]
pub struct Outbox<J> {
    capacity: u64,
    retries: u32,
    waiting: VecDeque<Item<J>>,
    in_hand: Option<Item<J>>,
    account: Account,
}

impl<J> Outbox<J> {
    /// For jobs of at most `capacity` weight together, tried again at most `retries`
    /// times each.
    pub fn new(capacity: u64, retries: u32) -> Self {
        Self {
            capacity,
            retries,
            waiting: VecDeque::new(),
            in_hand: None,
            account: Account::default(),
        }
    }

    /// Takes a job that is to be tried from `due` on; whether there was room.
    pub fn push(&mut self, job: J, weight: Weight, due: Instant) -> bool {
        if !self.has_room(weight) {
            return false;
        }
        let weight = weight.of();
        self.waiting.push_back(Item {
            job: Arc::new(job),
            weight,
            due,
            attempts: 0,
        });
        true
    }

    /// Counts what is offered, and what there is no room for as lost.
    fn has_room(&mut self, weight: Weight) -> bool {
        let capacity = match weight {
            Weight::Usual(_) => self.capacity,
            Weight::Favoured(_) => self.capacity.saturating_mul(2),
        };
        let weight = weight.of();
        self.account.offered += weight;
        self.account.queued += weight;
        if self.account.queued > capacity {
            self.lose(weight, Loss::QueueFull);
            return false;
        }
        true
    }

    /// Adds to a job that waits for its first attempt. From the newest to older ones
    /// `into` is asked: `Some(true)` merged it, `Some(false)` ends the search. `None`
    /// when there is none to be merged into, else whether there was room.
    pub fn merge(
        &mut self,
        weight: Weight,
        suits: impl Fn(&J) -> Option<bool>,
        add: impl FnOnce(&mut J),
    ) -> Option<bool> {
        let newest = self.waiting.iter().enumerate().rev().take(MERGED_AMONG);
        let mut found = None;
        for (index, item) in newest {
            if item.attempts > 0 {
                break;
            }
            match suits(&item.job) {
                Some(true) => {
                    found = Some(index);
                    break;
                }
                Some(false) => break,
                None => {}
            }
        }
        let index = found?;
        if !self.has_room(weight) {
            return Some(false);
        }
        let item = self.waiting.get_mut(index)?;
        item.weight += weight.of();
        // Nobody else has it before its first attempt.
        if let Some(job) = Arc::get_mut(&mut item.job) {
            add(job);
        }
        Some(true)
    }

    /// Whether a job that waits for its first attempt is one that `finds` looks for.
    pub fn waits(&self, finds: impl Fn(&J) -> bool) -> bool {
        let newest = self.waiting.iter().rev();
        let mut untried = newest.take_while(|item| item.attempts == 0);
        untried.any(|item| finds(&item.job))
    }

    /// Takes a job, or a part of it, back before its first attempt, as if it had never
    /// been offered: of the newest that `finds` looks for, `part` takes out what is not
    /// wanted and tells its weight.
    pub fn withdraw(&mut self, finds: impl Fn(&J) -> bool, part: impl FnOnce(&mut J) -> u64) {
        let newest = self.waiting.iter_mut().enumerate().rev();
        let mut untried = newest.take_while(|(_, item)| item.attempts == 0);
        let Some((index, item)) = untried.find(|(_, item)| finds(&item.job)) else {
            return;
        };
        let weight = Arc::get_mut(&mut item.job).map_or(0, part);
        item.weight = item.weight.saturating_sub(weight);
        if item.weight == 0 {
            self.waiting.remove(index);
        }
        self.account.offered = self.account.offered.saturating_sub(weight);
        self.account.queued = self.account.queued.saturating_sub(weight);
    }

    /// The job to be tried now, with the number of attempts before; it is in hand
    /// until [`Outbox::settle`].
    pub fn take(&mut self, now: Instant) -> Option<(Arc<J>, u32)> {
        if self.in_hand.is_some() || self.next_due()? > now {
            return None;
        }
        let item = self.waiting.pop_front()?;
        let taken = (Arc::clone(&item.job), item.attempts);
        self.in_hand = Some(item);
        Some(taken)
    }

    /// When the next job is to be tried.
    pub fn next_due(&self) -> Option<Instant> {
        self.waiting.front().map(|item| item.due)
    }

    /// Tells what came of the attempt at the job in hand. `jitter` is 0.5 to 1.5.
    pub fn settle(&mut self, outcome: &Outcome, now: Instant, jitter: f64) -> Settled {
        let Some(mut item) = self.in_hand.take() else {
            return Settled::Delivered;
        };
        let (reason, after) = match outcome {
            Outcome::Delivered => {
                self.account.queued = self.account.queued.saturating_sub(item.weight);
                self.account.delivered += item.weight;
                return Settled::Delivered;
            }
            Outcome::Lost { reason, .. } => {
                self.lose(item.weight, *reason);
                return Settled::Lost(*reason);
            }
            Outcome::Retry { reason, after, .. } => (*reason, *after),
        };
        if item.attempts >= self.retries {
            self.lose(item.weight, reason);
            return Settled::Lost(reason);
        }
        let doubled = FIRST_WAIT_S * f64::powi(2.0, item.attempts.min(30) as i32);
        let wait = after.unwrap_or_else(|| Duration::from_secs_f64(doubled * jitter));
        let wait = wait.min(LONGEST_WAIT);
        item.attempts += 1;
        item.due = now + wait;
        self.account.retries += 1;
        self.waiting.push_front(item);
        Settled::Retrying(wait)
    }

    fn lose(&mut self, weight: u64, reason: Loss) {
        self.account.queued = self.account.queued.saturating_sub(weight);
        self.account.lost[reason as usize] += weight;
    }

    /// Whoever still waits for company leaves now; retries wait on. Whether there was
    /// anyone.
    pub fn hasten(&mut self, now: Instant) -> bool {
        let mut any = false;
        for item in &mut self.waiting {
            if item.attempts == 0 && item.due > now {
                item.due = now;
                any = true;
            }
        }
        any
    }

    /// Loses all that waits; what is in hand is not tried again. Answers what was lost.
    pub fn abandon(&mut self, reason: Loss) -> Vec<Arc<J>> {
        let lost: Vec<_> = self.waiting.drain(..).collect();
        self.lose(lost.iter().map(|item| item.weight).sum(), reason);
        if let Some(item) = &mut self.in_hand {
            item.attempts = u32::MAX;
        }
        lost.into_iter().map(|item| item.job).collect()
    }

    /// Whether nothing waits and nothing is in hand.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.in_hand.is_none()
    }

    /// How many things went which way.
    pub fn account(&self) -> Account {
        self.account
    }
}
