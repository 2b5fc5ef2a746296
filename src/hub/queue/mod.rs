//! A bounded queue between emitters and one observer.
//!
//! Everything that is offered is accounted for: `offered = delivered + dropped
//! (by reason) + depth`, at any time. The bound is on all that is accepted and
//! not yet delivered, the event in the observer's hands included. Events are
//! taken one at a time, so that those that wait can still give way to newer ones.

mod loss;
mod plan;

pub use plan::Overflow;
pub(crate) use plan::{Consumer, Plan};

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use self::loss::Loss;
use super::sync::{Condvar, Mutex, MutexGuard, later, lock, wait};
use crate::event::Event;
use crate::fork;
use crate::observer::{DropReason, Tick};

/// Tells queues apart; 0 is none.
static QUEUES: AtomicUsize = AtomicUsize::new(1);

/// An event on its way.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) event: Event,
    /// Its place in a chain of derived events.
    pub(crate) depth: u32,
    /// Counts the accepted events of this queue, from 1.
    pub(crate) number: u64,
}

/// What a worker is to do.
#[derive(Debug)]
pub(crate) enum Job {
    Event(Item),
    Tick(Tick),
    /// The last: the hub is shut down.
    Shutdown,
}

/// What a worker finds.
#[derive(Debug)]
pub(crate) enum Next {
    Job(Job),
    /// Nothing until now.
    Nothing,
    /// Nothing will come any more: the worker's end.
    Closed,
}

/// What became of an offered event.
#[derive(Debug)]
pub(crate) enum Offered {
    /// Accepted under this number; the consumer wants to be told.
    Accepted {
        number: u64,
        call: Call,
    },
    Dropped(DropReason),
    /// Full, and the policy is to wait.
    Full,
}

/// Who has to be called when an event was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Nobody: it is awake, or was woken.
    Nobody,
    /// There is no worker yet: start one.
    NewWorker,
    /// The event loop's part of the worker.
    Loop,
}

/// The queue; see the [module](self).
pub(crate) struct Queue {
    pub(crate) id: usize,
    pub(crate) plan: Plan,
    /// The process that it belongs to; a forked child has queues of its own.
    epoch: u32,
    state: Mutex<State>,
    loss: Loss,
    /// There is something to do for the worker.
    ready: Condvar,
    /// There is room, or nothing is left, or the worker is gone.
    progress: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// The worker ends when nothing is left.
    Finishing,
    Closed(DropReason),
}

/// Whether the observer was told of the hub's shutdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Farewell {
    None,
    Asked,
    Begun,
    Done,
}

struct State {
    items: VecDeque<Item>,
    in_hand: u64,
    accepted: u64,
    dropped: [u64; DropReason::ALL.len()],
    phase: Phase,
    /// A tick that waits for its turn.
    tick: Option<Tick>,
    /// When another is due; none towards the end.
    next_tick: Option<Instant>,
    /// Ticks in the observer's hands.
    ticking: u32,
    /// Whether the last job was a tick: what waits comes before the next one.
    ticked: bool,
    farewell: Farewell,
    has_worker: bool,
    worker_failed: bool,
    /// The consumer is asleep and wants to be told of the next event.
    asleep: bool,
    /// Threads that wait for progress.
    waiting: u32,
    /// What must not go before the queue is empty.
    kept: Option<Arc<dyn Send + Sync>>,
}

/// How a queue stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Account {
    pub(crate) accepted: u64,
    pub(crate) dropped: [u64; DropReason::ALL.len()],
    pub(crate) depth: u64,
}

impl State {
    fn depth(&self) -> u64 {
        self.items.len() as u64 + self.in_hand
    }

    /// The next job, if there is one now.
    fn job(&mut self) -> Option<Job> {
        let is_due = self.farewell == Farewell::Asked && self.in_hand == 0;
        let yields = self.ticked && (is_due || !self.items.is_empty());
        self.ticked = false;
        if !yields && let Some(tick) = self.tick.take() {
            self.ticked = true;
            self.ticking += 1;
            return Some(Job::Tick(tick));
        }
        if let Some(item) = self.items.pop_front() {
            self.in_hand += 1;
            return Some(Job::Event(item));
        }
        is_due.then(|| {
            self.farewell = Farewell::Begun;
            Job::Shutdown
        })
    }
}

impl Queue {
    pub(crate) fn new(plan: Plan) -> Self {
        let next_tick = plan.tick_every.map(|every| later(Instant::now(), every));
        Self {
            id: QUEUES.fetch_add(1, Ordering::Relaxed),
            epoch: fork::epoch(),
            state: Mutex::new(State {
                items: VecDeque::new(),
                in_hand: 0,
                accepted: 0,
                dropped: [0; DropReason::ALL.len()],
                phase: Phase::Open,
                tick: None,
                next_tick,
                ticking: 0,
                ticked: false,
                farewell: Farewell::None,
                has_worker: false,
                worker_failed: false,
                asleep: false,
                waiting: 0,
                kept: None,
            }),
            loss: Loss::default(),
            ready: Condvar::new(),
            progress: Condvar::new(),
            plan,
        }
    }

    /// An empty queue like this one, which a fork left unusable: the counts are
    /// those of the new process.
    pub(crate) fn renewed(&self) -> Self {
        Self::new(self.plan.clone())
    }

    /// Whether the queue belongs to a process that this one was forked from.
    pub(crate) fn is_stale(&self) -> bool {
        self.epoch != fork::epoch()
    }

    /// Offers an event; never waits.
    pub(crate) fn offer(&self, event: &Event, depth: u32) -> Offered {
        let mut state = lock(&self.state);
        if let Phase::Closed(reason) = state.phase {
            self.count(&mut state, reason, 1);
            return Offered::Dropped(reason);
        }
        let mut oldest = None;
        if state.depth() >= self.plan.capacity as u64 {
            match self.plan.overflow {
                Overflow::Block => return Offered::Full,
                Overflow::DropOldest if !state.items.is_empty() => {
                    oldest = state.items.pop_front();
                    self.count(&mut state, DropReason::DropOldest, 1);
                }
                // The only one there is in the observer's hands already.
                Overflow::DropOldest | Overflow::DropNewest => {
                    self.count(&mut state, DropReason::DropNewest, 1);
                    return Offered::Dropped(DropReason::DropNewest);
                }
            }
        }
        state.accepted += 1;
        let number = state.accepted;
        state.items.push_back(Item {
            event: event.clone(),
            depth,
            number,
        });
        let call = self.rouse(&mut state);
        drop(state);
        drop(oldest); // not under the lock
        Offered::Accepted { number, call }
    }

    /// Wakes the consumer, or says who has to be called.
    fn rouse(&self, state: &mut MutexGuard<'_, State>) -> Call {
        match self.plan.consumer {
            // It knows itself whether it is awake: its loop may have been closed.
            Consumer::Loop => Call::Loop,
            Consumer::Thread if !state.has_worker => {
                state.has_worker = true;
                Call::NewWorker
            }
            Consumer::Thread if state.asleep => {
                state.asleep = false;
                self.ready.notify_one();
                Call::Nobody
            }
            _ => Call::Nobody,
        }
    }

    /// Whether a worker is to be started for the ticks; it then counts as started.
    pub(crate) fn wants_worker(&self) -> bool {
        let mut state = lock(&self.state);
        let ticks = self.plan.tick_every.is_some() && self.plan.consumer == Consumer::Thread;
        let wants = ticks && !state.has_worker;
        state.has_worker |= wants;
        wants
    }

    /// As if a worker had been started.
    #[cfg(all(test, loom))]
    pub(crate) fn claim_worker(&self) {
        lock(&self.state).has_worker = true;
    }

    /// No worker could be started: what waits is lost, and counted. Whether that
    /// is the first time.
    pub(crate) fn worker_failed(&self) -> bool {
        let mut state = lock(&self.state);
        state.has_worker = false;
        let lost = self.discard_all(&mut state, DropReason::NoWorker);
        let first = !std::mem::replace(&mut state.worker_failed, true);
        drop(state);
        drop(lost);
        first
    }

    /// A drop that was decided elsewhere.
    pub(crate) fn count_drop(&self, reason: DropReason) {
        self.count(&mut lock(&self.state), reason, 1);
    }

    fn count(&self, state: &mut State, reason: DropReason, n: u64) {
        state.dropped[reason as usize] += n;
        self.plan.totals.add_dropped(reason, n);
        self.loss.note(reason);
    }

    /// Whether an event was lost for want of room; true the first time that it is
    /// asked.
    #[inline]
    pub(crate) fn is_to_tell_of_loss(&self) -> bool {
        self.loss.is_to_tell()
    }

    /// Asks for a tick out of turn; who has to be called for it.
    pub(crate) fn ask_tick(&self, tick: Tick) -> Option<Call> {
        let mut state = lock(&self.state);
        if let Phase::Closed(_) = state.phase {
            return None;
        }
        state.tick = Some(tick);
        Some(self.rouse(&mut state))
    }

    /// Asks for the observer's `shutdown`, after everything that waits; who has
    /// to be called for it.
    pub(crate) fn ask_shutdown(&self) -> Option<Call> {
        let mut state = lock(&self.state);
        if matches!(state.phase, Phase::Closed(_)) || state.farewell != Farewell::None {
            return None;
        }
        state.farewell = Farewell::Asked;
        state.next_tick = None;
        Some(self.rouse(&mut state))
    }

    /// The observer's `shutdown` has returned.
    pub(crate) fn shut_down(&self) {
        let mut state = lock(&self.state);
        state.farewell = Farewell::Done;
        let kept = self.announce(&mut state);
        drop(state);
        drop(kept);
    }

    /// Waits until the observer's `shutdown`, if it was asked for, has returned;
    /// whether that is so.
    pub(crate) fn wait_until_shut_down(&self, until: Instant) -> bool {
        self.wait_for(until, |state| {
            !matches!(state.farewell, Farewell::Asked | Farewell::Begun)
        })
    }

    /// The next job without waiting.
    pub(crate) fn take(&self) -> Next {
        if self.is_stale() {
            return Next::Closed;
        }
        let mut state = lock(&self.state);
        self.take_from(&mut state)
    }

    fn take_from(&self, state: &mut MutexGuard<'_, State>) -> Next {
        if let Some(due) = state.next_tick
            && let Some(every) = self.plan.tick_every
        {
            let now = Instant::now();
            if due <= now {
                // Ticks that were missed are not made up for.
                let next = later(due, every);
                state.next_tick = Some(if next > now { next } else { later(now, every) });
                state.tick.get_or_insert_with(Tick::now);
            }
        }
        if let Some(job) = state.job() {
            return Next::Job(job);
        }
        if state.phase != Phase::Open {
            state.has_worker = false; // should something still come, another is started
            return Next::Closed;
        }
        state.asleep = true;
        Next::Nothing
    }

    /// The next job, once there is one.
    pub(crate) fn wait(&self) -> Next {
        if self.is_stale() {
            return Next::Closed;
        }
        let mut state = lock(&self.state);
        loop {
            match self.take_from(&mut state) {
                Next::Nothing => {}
                next => {
                    state.asleep = false;
                    return next;
                }
            }
            let due = state.next_tick;
            state = wait(&self.ready, state, due);
        }
    }

    /// An event that was taken has been delivered.
    pub(crate) fn delivered(&self) {
        let mut state = lock(&self.state);
        state.in_hand = state.in_hand.saturating_sub(1);
        let kept = self.announce(&mut state);
        drop(state);
        drop(kept);
    }

    /// The observer is done with a tick.
    pub(crate) fn ticked(&self) {
        let mut state = lock(&self.state);
        state.ticking = state.ticking.saturating_sub(1);
        let kept = self.announce(&mut state);
        drop(state);
        drop(kept);
    }

    /// An event that was taken is not delivered after all.
    pub(crate) fn abandon(&self, reason: DropReason) {
        let mut state = lock(&self.state);
        state.in_hand = state.in_hand.saturating_sub(1);
        self.count(&mut state, reason, 1);
        let kept = self.announce(&mut state);
        drop(state);
        drop(kept);
    }

    /// Tells those who wait; answers what nothing keeps any more, to be dropped
    /// once the lock is released.
    #[must_use]
    fn announce(&self, state: &mut State) -> Option<Arc<dyn Send + Sync>> {
        if state.waiting > 0 {
            self.progress.notify_all();
        }
        if state.depth() == 0 {
            state.kept.take()
        } else {
            None
        }
    }

    /// Keeps something until nothing waits and nothing is in hand.
    pub(crate) fn keep_until_empty(&self, what: Arc<dyn Send + Sync>) {
        let mut state = lock(&self.state);
        if state.depth() > 0 {
            state.kept = Some(what);
        }
    }

    /// Waits until there is room (or the queue is closed), at most until
    /// `until`; whether there is.
    pub(crate) fn wait_for_room(&self, until: Instant) -> bool {
        let closed = |state: &State| matches!(state.phase, Phase::Closed(_));
        self.wait_for(until, |state| {
            state.depth() < self.plan.capacity as u64 || closed(state)
        })
    }

    /// Waits until nothing is left, at most until `until`; whether that is so.
    pub(crate) fn wait_until_empty(&self, until: Instant) -> bool {
        self.wait_for(until, |state| state.depth() == 0)
    }

    /// Waits until no call of the observer is in progress; whether that is so.
    pub(crate) fn wait_until_idle(&self, until: Instant) -> bool {
        self.wait_for(until, |state| {
            state.in_hand == 0 && state.ticking == 0 && state.farewell != Farewell::Begun
        })
    }

    fn wait_for(&self, until: Instant, is_met: impl Fn(&State) -> bool) -> bool {
        let mut state = lock(&self.state);
        loop {
            if is_met(&state) {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            state.waiting += 1;
            state = wait(&self.progress, state, Some(until));
            state.waiting -= 1;
        }
    }

    /// The worker ends once nothing is left; events are accepted until then.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.state);
        if state.phase == Phase::Open {
            state.phase = Phase::Finishing;
        }
        state.next_tick = None;
        state.asleep = false;
        self.ready.notify_all();
    }

    /// Nothing is accepted any more, and what waits is dropped for this reason.
    pub(crate) fn close(&self, reason: DropReason) {
        let mut state = lock(&self.state);
        if !matches!(state.phase, Phase::Closed(_)) {
            state.phase = Phase::Closed(reason);
        }
        let lost = self.discard_all(&mut state, reason);
        (state.tick, state.next_tick) = (None, None);
        state.asleep = false;
        self.ready.notify_all();
        self.progress.notify_all();
        drop(state);
        drop(lost);
    }

    /// Drops what waits, for this reason.
    pub(crate) fn discard(&self, reason: DropReason) {
        let mut state = lock(&self.state);
        let lost = self.discard_all(&mut state, reason);
        drop(state);
        drop(lost);
    }

    fn discard_all(
        &self,
        state: &mut MutexGuard<'_, State>,
        reason: DropReason,
    ) -> (VecDeque<Item>, Option<Arc<dyn Send + Sync>>) {
        let lost = std::mem::take(&mut state.items);
        self.count(state, reason, lost.len() as u64);
        (lost, self.announce(state))
    }

    /// The number of the event whose turn is next, if one waits.
    pub(crate) fn oldest(&self) -> Option<u64> {
        lock(&self.state).items.front().map(|item| item.number)
    }

    /// Whether nothing is left and nothing will come any more.
    pub(crate) fn is_over(&self) -> bool {
        let state = lock(&self.state);
        state.phase != Phase::Open && state.depth() == 0
    }

    /// How the queue stands.
    pub(crate) fn account(&self) -> Account {
        let state = lock(&self.state);
        Account {
            accepted: state.accepted,
            dropped: state.dropped,
            depth: state.depth(),
        }
    }
}
