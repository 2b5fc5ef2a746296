//! Time and the end: ticks, flush, shutdown, and what a fork leaves.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::dispatch::guarded;
use super::enqueue::SLICE;
use super::failure::{fail_to_tick, log_recovery};
use super::frame::Emission;
use super::queue::{Account, Consumer, Overflow, Plan, Queue};
use super::report::{FailureError, Report, Tally};
use super::slot::{Slot, Target};
use super::sync::{later, lock};
use super::{Handle, Host, Hub, Outcome};
use crate::error::{Error, Result};
use crate::fork::Forked;
use crate::observer::{DropReason, Observer, Tick};

/// Takes part in everything.
const OPEN: u8 = 0;
/// Refuses root events and observers; what is derived is delivered.
const CLOSING: u8 = 1;
/// Takes nothing.
const CLOSED: u8 = 2;
/// The process ends: takes nothing, and says nothing of it.
const SILENT: u8 = 3;

/// What came of a shutdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Calls of observers in the hub's life, inline and queued ones.
    pub delivered: u64,
    /// Events that were accepted and not delivered: dropped now, or still in an
    /// observer's hands.
    pub left: u64,
    /// The observers for which something is left, or whose `shutdown` did not
    /// return, with how much is left.
    pub by_observer: Vec<(Arc<str>, u64)>,
}

/// Waits for what `is_met` waits for, until the time that it is given; whether
/// that was met before `until`. Pending signals are looked at now and then.
///
/// # Errors
/// What interrupted the wait, such as Ctrl-C.
fn wait_until<H: Host>(
    until: Instant,
    scope: &mut H::Scope<'_>,
    is_met: impl Fn(Instant) -> bool + Sync,
) -> std::result::Result<bool, H::Error> {
    loop {
        let slice = until.min(Instant::now() + SLICE);
        if H::detached(scope, || is_met(slice)) {
            return Ok(true);
        }
        if let Some(error) = H::interrupted(scope) {
            return Err(error);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
    }
}

impl<H: Host> Hub<H> {
    /// Whether it takes events.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.phase.load(Relaxed) == OPEN
    }

    /// # Errors
    /// `HubClosed` from the beginning of [`Hub::shutdown`].
    #[inline]
    pub fn check_open(&self) -> Result<()> {
        match self.phase.load(SeqCst) {
            OPEN | SILENT => Ok(()),
            _ => Err(Error::HubClosed("events and observers")),
        }
    }

    /// What the interests of the routes come to: all, once the hub refuses events,
    /// so that every emission goes the long way; none, when the process ends.
    pub(super) fn interest_in(&self, bits: u64) -> u64 {
        match self.phase.load(SeqCst) {
            OPEN => bits,
            SILENT => 0,
            _ => u64::MAX,
        }
    }

    /// The process ends, and a shutdown follows: who still emits, from another
    /// thread or a finalizer, is not bothered with errors that nobody can mend.
    pub fn silence(&self) {
        if self
            .phase
            .compare_exchange(OPEN, SILENT, SeqCst, SeqCst)
            .is_ok()
        {
            for interest in [&self.interest, &self.plain_interest, &self.host_interest] {
                interest.store(0, SeqCst);
            }
        }
    }

    /// Tells every observer that acts on time alone that time has passed: inline
    /// ones in this thread, queued ones by their workers, after what they are
    /// doing now.
    pub fn tick(&self, tick: &Tick, scope: &mut H::Scope<'_>) -> Report<H> {
        H::with_thread(|thread| {
            let mut tally = Tally::default();
            // Within an observer it is part of what the observer does.
            let depth = thread.place_of(self.id).map_or(0, |place| place.depth);
            let emission = Emission::begin(thread, self.id);
            thread.depth.set(depth);
            let routes = self.routes.load_full();
            for (position, slot) in routes.all.iter().enumerate() {
                if !slot.is_active() {
                    continue;
                }
                thread.position.set(position);
                let result = match (&slot.target, &slot.methods.on_tick) {
                    (Target::Native { observer, .. }, _) if observer.ticks() => {
                        guarded(thread, |derived| observer.on_tick(tick, derived))
                    }
                    (Target::Foreign(_), Some(on_tick)) => match H::call_plain(scope, on_tick) {
                        Outcome::Failed(error) => Err(Box::new(FailureError::Foreign(error))),
                        Outcome::Done | Outcome::Gone => Ok(()),
                    },
                    (Target::Queued(called), on_tick) => {
                        let native = match &**called {
                            Target::Native { observer, .. } => observer.ticks(),
                            _ => false,
                        };
                        if native || on_tick.is_some() {
                            tally.attempted += 1;
                            self.ask_tick(slot, *tick, scope, &mut tally);
                        }
                        continue;
                    }
                    _ => continue,
                };
                tally.attempted += 1;
                match result {
                    Ok(()) if slot.note_tick_success() => log_recovery(slot),
                    Ok(()) => {}
                    Err(error) => fail_to_tick(slot, *error, tally.failed()),
                }
            }
            if thread.has_pending() {
                let derived = self.deliver_left(None, &routes.all, &emission, scope);
                tally.take_interrupt(derived);
            }
            tally.into()
        })
    }

    fn ask_tick(
        &self,
        slot: &Arc<Slot<H>>,
        tick: Tick,
        scope: &mut H::Scope<'_>,
        tally: &mut Tally<H>,
    ) {
        let queue = slot.queue.as_ref().map(|queue| queue.load_full());
        match queue.and_then(|queue| Some((queue.ask_tick(tick)?, queue))) {
            Some((call, queue)) => {
                self.follow(call, slot, &queue, scope);
            }
            None => tally.dropped += 1,
        }
    }

    /// The queues of the queued observers.
    fn queues(&self) -> Vec<(Arc<Slot<H>>, Arc<Queue>)> {
        let routes = self.routes.load();
        let departing = self.departing();
        let all = routes.all.iter().chain(&departing);
        let queued = all.filter(|slot| slot.is_queued());
        queued
            .filter_map(|slot| Some((Arc::clone(slot), slot.queue.as_ref()?.load_full())))
            .collect()
    }

    /// Waits until every queue is empty, at most `timeout`; whether that is so.
    /// In an observer that has a queue, which cannot become empty meanwhile, the
    /// answer is no, at once.
    ///
    /// # Errors
    /// What interrupted the wait, such as Ctrl-C.
    pub fn flush(
        &self,
        timeout: Duration,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<bool, H::Error> {
        self.drain(later(Instant::now(), timeout), false, scope)
    }

    /// The native observers, inline and queued ones.
    fn natives(&self) -> Vec<Arc<dyn Observer>> {
        let routes = self.routes.load();
        let native = |slot: &Arc<Slot<H>>| match slot.called() {
            Target::Native { observer, .. } => Some(Arc::clone(observer)),
            _ => None,
        };
        routes.all.iter().filter_map(native).collect()
    }

    fn drain(
        &self,
        until: Instant,
        but_for_own: bool,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<bool, H::Error> {
        let serving = H::with_thread(|thread| thread.serving.get());
        let total = |queues: &[(Arc<Slot<H>>, Arc<Queue>)]| {
            let accounts = queues.iter().map(|(_, queue)| queue.account());
            accounts.fold((0, 0), |(accepted, depth), account: Account| {
                (accepted + account.accepted, depth + account.depth)
            })
        };
        // Nobody waits for company while others are waited for.
        for observer in self.natives() {
            H::detached(scope, || observer.settle(Instant::now()));
        }
        loop {
            let mut queues = self.queues();
            if queues.iter().any(|(_, queue)| queue.id == serving) {
                if !but_for_own {
                    return Ok(false);
                }
                queues.retain(|(_, queue)| queue.id != serving);
            }
            let (before, _) = total(&queues);
            for (_, queue) in &queues {
                if !wait_until::<H>(until, scope, |slice| queue.wait_until_empty(slice))? {
                    return Ok(false);
                }
            }
            for observer in self.natives() {
                if !wait_until::<H>(until, scope, |slice| observer.settle(slice))? {
                    return Ok(false);
                }
            }
            // What one observer derived may have gone to another meanwhile.
            let (after, depth) = total(&queues);
            if depth == 0 && before == after {
                return Ok(true);
            }
            if let Some(error) = H::interrupted(scope) {
                return Err(error);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
        }
    }

    /// Ends the hub: refuses events from now on, waits until every queue is empty
    /// and calls `shutdown` on the observers, all within `timeout`; what is left
    /// then is dropped and counted. A second call says the same.
    ///
    /// # Errors
    /// What interrupted the wait, such as Ctrl-C; another call goes on with it.
    pub fn shutdown(
        &self,
        timeout: Duration,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<ShutdownReport, H::Error> {
        if let Some(ended) = self.ended() {
            return Ok(ended);
        }
        let until = later(Instant::now(), timeout);
        if self
            .phase
            .compare_exchange(OPEN, CLOSING, SeqCst, SeqCst)
            .is_ok()
        {
            self.interest.store(u64::MAX, SeqCst);
            self.plain_interest.store(u64::MAX, SeqCst);
        }
        // An event loop that was closed takes nothing any more.
        let mut left = Vec::new();
        for (slot, queue) in self.queues() {
            let before = queue.account();
            if before.depth > 0
                && let Some(on_loop) = &slot.methods.on_loop
            {
                H::call_loop(scope, on_loop);
                let closed = DropReason::LoopClosed as usize;
                let lost = queue.account().dropped[closed] - before.dropped[closed];
                if lost > 0 {
                    left.push((Arc::clone(&slot.name), lost));
                }
            }
        }
        self.drain(until, true, scope)?;
        self.add_left(&mut left);
        if self.phase.load(SeqCst) != CLOSED {
            for name in self.say_farewell(until, scope)? {
                if !left.iter().any(|(other, _)| *other == name) {
                    left.push((name, 0));
                }
            }
        }
        let _ = self.phase.compare_exchange(CLOSING, CLOSED, SeqCst, SeqCst); // or silent
        let mut slots: Vec<_> = self.routes.load().all.to_vec();
        slots.extend(self.departing());
        for slot in &slots {
            if let Some(queue) = &slot.queue {
                queue.load().close(DropReason::Shutdown);
            }
        }
        let report = ShutdownReport {
            delivered: self.calls(),
            left: left.iter().map(|(_, left)| left).sum(),
            by_observer: left,
        };
        // Another call may have been first.
        Ok(lock(&self.ended).get_or_insert(report).clone())
    }

    /// Calls of observers in the hub's life.
    fn calls(&self) -> u64 {
        let routes = self.routes.load();
        let leaving: Vec<_> = lock(&self.leaving)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        let slots = routes.all.iter().chain(&leaving);
        self.totals.departed_calls() + slots.map(|slot| slot.calls()).sum::<u64>()
    }

    /// What came of [`Hub::shutdown`], once it is over.
    pub fn ended(&self) -> Option<ShutdownReport> {
        lock(&self.ended).clone()
    }

    /// Adds what is left in the queues, by observer.
    fn add_left(&self, left: &mut Vec<(Arc<str>, u64)>) {
        let mut add =
            |name: &Arc<str>, of: u64| match left.iter_mut().find(|(other, _)| other == name) {
                Some((_, sum)) => *sum += of,
                None if of > 0 => left.push((Arc::clone(name), of)),
                None => {}
            };
        for (slot, queue) in self.queues() {
            let account = queue.account();
            // After a shutdown, what it dropped is what was left.
            let of = account.depth + account.dropped[DropReason::Shutdown as usize];
            add(&slot.name, of);
        }
        for slot in self.routes.load().all.iter() {
            if let Target::Native { observer, .. } = slot.called() {
                add(&slot.name, observer.backlog());
            }
        }
    }

    /// Calls `shutdown` on the observers that have one, each on its worker, so
    /// that none can keep the others or the caller waiting. Answers who did not
    /// return in time.
    fn say_farewell(
        &self,
        until: Instant,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<Vec<Arc<str>>, H::Error> {
        let mut asked = Vec::new();
        let serving = H::with_thread(|thread| thread.serving.get());
        let routes = self.routes.load_full();
        for slot in routes.all.iter() {
            let has_own = slot.methods.shutdown.is_some();
            let queue = match (&slot.queue, slot.called()) {
                (Some(queue), Target::Native { .. }) => queue.load_full(),
                (Some(queue), _) if has_own => queue.load_full(),
                (None, Target::Native { observer, .. }) => {
                    // Nobody else calls it any more.
                    if !slot.told.swap(true, SeqCst) {
                        shut_down_inline(slot, &**observer);
                    }
                    continue;
                }
                (None, _) if has_own => self.farewell_queue(slot),
                _ => continue,
            };
            if queue.id == serving {
                continue;
            }
            // Whoever asked: all wait.
            if let Some(call) = queue.ask_shutdown() {
                self.follow(call, slot, &queue, scope);
            }
            if slot.queue.is_none() {
                queue.finish();
            }
            asked.push((slot, queue));
        }
        let mut late = Vec::new();
        for (slot, queue) in asked {
            if !wait_until::<H>(until, scope, |slice| queue.wait_until_shut_down(slice))? {
                late.push(Arc::clone(&slot.name));
            }
        }
        Ok(late)
    }

    /// The queue on which an inline observer is told of the shutdown.
    fn farewell_queue(&self, slot: &Slot<H>) -> Arc<Queue> {
        let mut farewell = lock(&slot.farewell);
        if let Some(queue) = farewell.take_if(|queue| queue.is_stale()) {
            // Its lock may be held by a thread that a fork has left behind.
            std::mem::forget(queue);
        }
        let new = || {
            Arc::new(Queue::new(Plan {
                capacity: 1,
                overflow: Overflow::DropNewest,
                block_timeout: Duration::ZERO,
                tick_every: None,
                consumer: Consumer::Thread,
                totals: Arc::clone(&self.totals),
            }))
        };
        Arc::clone(farewell.get_or_insert_with(new))
    }

    /// Waits until no call of an observer that was unregistered is in progress,
    /// at most `timeout`; whether that is so. The calls around this one do not
    /// count.
    ///
    /// # Errors
    /// What interrupted the wait, such as Ctrl-C.
    pub fn unregister_and_wait(
        &self,
        handle: Handle,
        timeout: Duration,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<Result<bool>, H::Error> {
        let (slot, first) = match self.remove(handle) {
            Ok(slot) => (slot, true),
            Err(error) => match self.left_in_flight(handle) {
                Some(slot) => (slot, false),
                None => return Ok(Err(error)),
            },
        };
        let queue = slot.queue.as_ref().map(|queue| queue.load_full());
        if first {
            slot.close_queue();
        }
        let inside = H::with_thread(|thread| {
            let own = queue.as_ref().map(|queue| queue.id) == Some(thread.serving.get());
            own || self.is_emitting(thread)
        });
        if inside {
            return Ok(Ok(false));
        }
        let until = later(Instant::now(), timeout);
        let (is_queued, held) = (slot.is_queued(), Arc::downgrade(&slot));
        drop(slot); // as whoever waits for the same does
        let waited = match queue {
            Some(queue) if is_queued => {
                wait_until::<H>(until, scope, |slice| queue.wait_until_idle(slice))
            }
            // An emission that may call the observer holds the routes that hold
            // the slot, and so does its worker.
            _ => wait_until::<H>(until, scope, |slice| {
                while held.strong_count() > 0 {
                    if Instant::now() >= slice {
                        return false;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                true
            }),
        };
        waited.map(Ok)
    }

    /// The hub's owner is gone: its workers end once they have delivered what
    /// waits, which keeps the hub until then.
    pub fn retire(self: &Arc<Self>) {
        for (_, queue) in self.queues() {
            let hub: Arc<Self> = Arc::clone(self);
            queue.keep_until_empty(hub);
            queue.finish();
        }
    }
}

impl<H: Host> Forked for Hub<H> {
    fn renew(&self) {
        // They are the parent's to deliver.
        std::mem::forget(std::mem::take(&mut *lock(&self.departing)));
        self.totals.reset_dropped();
        for slot in self.routes.load().all.iter() {
            let Some(queue) = &slot.queue else { continue };
            let old = queue.load_full();
            let new = Arc::new(old.renewed());
            queue.store(Arc::clone(&new));
            // Its lock may be held by a thread that is not here any more.
            std::mem::forget(old);
            if self.is_open() {
                self.start_ticking(slot);
            }
        }
    }
}

fn shut_down_inline<H: Host>(slot: &Slot<H>, observer: &dyn Observer) {
    H::with_thread(|thread| {
        if let Err(error) = guarded(thread, |_| observer.shutdown()) {
            fail_to_tick(slot, *error, &mut Report::default());
        }
    });
}
