//! From an emitter into an observer's queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failure::LOG;
use super::queue::{Call, Offered, Queue};
use super::report::Tally;
use super::slot::Slot;
use super::sync::later;
use super::{Handle, Host, Hub, Thread, Worker};
use crate::error::Result;
use crate::event::Event;
use crate::observer::DropReason;

/// How long an emitter waits for room between two looks at pending signals.
pub(super) const SLICE: Duration = Duration::from_millis(50);

impl<H: Host> Hub<H> {
    /// Puts an event into an observer's queue, or does with it what the overflow
    /// policy says.
    #[inline(never)]
    pub(super) fn enqueue(
        &self,
        slot: &Arc<Slot<H>>,
        event: &Event,
        thread: &Thread,
        scope: &mut H::Scope<'_>,
        tally: &mut Tally<H>,
    ) {
        let Some(queue) = &slot.queue else {
            return;
        };
        tally.attempted += 1;
        let queue = queue.load();
        let depth = thread.depth.get();
        match queue.offer(event, depth) {
            Offered::Accepted { number, call } => {
                thread.note(slot.handle, Some(number));
                if !self.follow(call, slot, &queue, scope) {
                    tally.dropped += 1;
                }
            }
            Offered::Dropped(_) => tally.dropped += 1,
            Offered::Full if thread.note(slot.handle, None) => {} // the emitter waits
            Offered::Full => {
                let own = thread.serving.get() == queue.id;
                if own || !H::may_wait(scope) {
                    queue.count_drop(DropReason::WouldBlock);
                    tally.dropped += 1;
                } else {
                    self.wait_to_enqueue(slot, &queue, event, depth, scope, tally);
                }
            }
        }
        if queue.is_to_tell_of_loss() {
            tell_of_loss(slot, &queue);
        }
        if slot.once {
            // It was unregistered for this event; the worker ends after it.
            queue.finish();
        }
    }

    /// Waits for room, at most as long as the registration says.
    fn wait_to_enqueue(
        &self,
        slot: &Arc<Slot<H>>,
        queue: &Arc<Queue>,
        event: &Event,
        depth: u32,
        scope: &mut H::Scope<'_>,
        tally: &mut Tally<H>,
    ) {
        let until = later(Instant::now(), queue.plan.block_timeout);
        loop {
            let now = Instant::now();
            let slice = until.min(now + SLICE);
            H::detached(scope, || queue.wait_for_room(slice));
            match queue.offer(event, depth) {
                Offered::Accepted { call, .. } if self.follow(call, slot, queue, scope) => return,
                Offered::Accepted { .. } | Offered::Dropped(_) => return tally.dropped += 1,
                Offered::Full => {}
            }
            let interrupt = H::interrupted(scope);
            if interrupt.is_some() || now >= until {
                let reason = match &interrupt {
                    Some(_) => DropReason::Interrupted,
                    None => DropReason::BlockTimeout,
                };
                queue.count_drop(reason);
                tally.dropped += 1;
                if let Some(error) = interrupt {
                    tally.interrupt(error);
                }
                return;
            }
        }
    }

    /// Calls whoever has to be called when something came into a queue; whether
    /// anybody takes it out again. If not, it has been dropped, and counted.
    pub(super) fn follow(
        &self,
        call: Call,
        slot: &Arc<Slot<H>>,
        queue: &Arc<Queue>,
        scope: &mut H::Scope<'_>,
    ) -> bool {
        match call {
            Call::Nobody => true,
            Call::NewWorker => self.start_worker(slot, queue, scope),
            Call::Loop => match &slot.methods.on_loop {
                Some(on_loop) => H::call_loop(scope, on_loop),
                None => false,
            },
        }
    }

    /// Starts the worker of an observer that is told of time, which cannot wait
    /// for the first event.
    pub(super) fn start_ticking(&self, slot: &Arc<Slot<H>>) {
        let Some(queue) = &slot.queue else { return };
        let queue = queue.load_full();
        if queue.wants_worker() {
            self.start_worker(slot, &queue, &mut H::scope());
        }
    }

    /// Starts the worker of a queue that says that it has none; whether that worked.
    #[cold]
    pub(super) fn start_worker(
        &self,
        slot: &Arc<Slot<H>>,
        queue: &Arc<Queue>,
        scope: &mut H::Scope<'_>,
    ) -> bool {
        let worker = Worker::new(self.me.clone(), Arc::clone(slot), Arc::clone(queue));
        let Err(error) = H::start_worker(scope, worker) else {
            return true;
        };
        if queue.worker_failed() {
            log::error!(
                target: LOG,
                "observer {:?} ({}): no worker could be started, what waits for it is \
                 dropped (said once): {error}",
                slot.name, slot.handle
            );
        }
        false
    }

    /// The worker of an observer, for a host that runs it on an event loop.
    ///
    /// # Errors
    /// `ObserverNotFound` for an observer that is not registered, or has no queue.
    pub fn worker(&self, handle: Handle) -> Result<Arc<Worker<H>>> {
        let slot = self.slot(handle)?;
        let queue = slot.queue.as_ref().map(|queue| queue.load());
        let queue = queue.ok_or_else(|| super::not_found(handle))?;
        Ok(Worker::new(
            self.me.clone(),
            Arc::clone(&slot),
            Arc::clone(&queue),
        ))
    }

    /// Offers an event to a single queued observer, for an emitter that waits for
    /// room by its own means. Answers its number in the queue, or nothing while
    /// there is no room.
    ///
    /// # Errors
    /// Why it was dropped.
    pub fn offer(
        &self,
        handle: Handle,
        event: &Event,
        scope: &mut H::Scope<'_>,
    ) -> std::result::Result<Option<u64>, DropReason> {
        let slot = self.slot(handle).map_err(|_| DropReason::Unregistered)?;
        let Some(queue) = &slot.queue else {
            return Err(DropReason::Unregistered);
        };
        let queue = queue.load();
        match queue.offer(event, 0) {
            Offered::Accepted { number, call } => {
                self.follow(call, &slot, &queue, scope);
                Ok(Some(number))
            }
            Offered::Dropped(reason) => Err(reason),
            Offered::Full => Ok(None),
        }
    }

    /// Counts the drop of an event whose emitter waited for room by its own means.
    pub fn give_up(&self, handle: Handle) {
        if let Ok(slot) = self.slot(handle)
            && let Some(queue) = &slot.queue
        {
            queue.load().count_drop(DropReason::BlockTimeout);
        }
    }

    /// Shows the part of an observer's worker that runs on an event loop.
    pub fn on_loop<R>(&self, handle: Handle, show: impl FnOnce(&H::Callable) -> R) -> Option<R> {
        let slot = self.slot(handle).ok()?;
        slot.methods.on_loop.as_ref().map(show)
    }

    /// The name of a registered observer.
    pub fn name_of(&self, handle: Handle) -> Option<Arc<str>> {
        Some(Arc::clone(&self.slot(handle).ok()?.name))
    }

    /// How long an emitter is to wait for room in an observer's queue.
    pub fn block_timeout(&self, handle: Handle) -> Duration {
        let slot = self.slot(handle).ok();
        let queue = slot.and_then(|slot| slot.queue.as_ref().map(|queue| queue.load_full()));
        queue.map_or(Duration::ZERO, |queue| queue.plan.block_timeout)
    }
}

/// Said once: how it goes on can be read from the counts at any time.
#[cold]
#[inline(never)]
fn tell_of_loss<H: Host>(slot: &Slot<H>, queue: &Queue) {
    log::warn!(
        target: LOG,
        "observer {:?} ({}): its queue of {} is full and events are dropped, overflow {:?} \
         (said once; observers() and the metrics count them)",
        slot.name, slot.handle, queue.plan.capacity, queue.plan.overflow.as_str()
    );
}
