//! The other end of a queue: whoever calls a queued observer.

use std::sync::{Arc, Weak};
use std::time::Instant;

use super::dispatch::{call_native, guarded};
use super::failure::{fail, fail_to_tick, log_recovery};
use super::frame::{Emission, Suspended};
use super::queue::{Job, Next, Queue};
use super::report::{FailureError, Report};
use super::slot::{Slot, Target};
use super::{Host, Hub, Outcome, Thread};
use crate::event::Event;
use crate::observer::DropReason;

/// Calls one queued observer, one event after the other. The host decides on
/// what thread, or event loop, that happens.
pub struct Worker<H: Host> {
    hub: Weak<Hub<H>>,
    slot: Arc<Slot<H>>,
    queue: Arc<Queue>,
}

/// Something that a worker took out of its queue and has to see to the end.
pub struct Task {
    job: Job,
    open: Option<(Suspended, usize)>,
    taken: Instant,
}

impl Task {
    fn new(job: Job) -> Self {
        Self {
            job,
            open: None,
            taken: Instant::now(),
        }
    }

    /// The event to deliver; `None` when time has passed, or the hub shuts down.
    pub fn event(&self) -> Option<&Event> {
        match &self.job {
            Job::Event(item) => Some(&item.event),
            Job::Tick(_) | Job::Shutdown => None,
        }
    }

    /// The event's number in the queue.
    pub fn number(&self) -> Option<u64> {
        match &self.job {
            Job::Event(item) => Some(item.number),
            Job::Tick(_) | Job::Shutdown => None,
        }
    }

    fn depth(&self) -> u32 {
        match &self.job {
            Job::Event(item) => item.depth,
            Job::Tick(_) | Job::Shutdown => 0,
        }
    }
}

/// What a worker finds in its queue.
pub enum Work {
    /// Something to do.
    Task(Task),
    /// Nothing now.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

impl<H: Host> Worker<H> {
    pub(crate) fn new(hub: Weak<Hub<H>>, slot: Arc<Slot<H>>, queue: Arc<Queue>) -> Arc<Self> {
        Arc::new(Self { hub, slot, queue })
    }

    /// The observer's name.
    pub fn name(&self) -> &str {
        &self.slot.name
    }

    /// Calls the observer until nothing will come any more.
    pub fn run(&self, scope: &mut H::Scope<'_>) {
        loop {
            match self.next(true) {
                Work::Task(task) => H::with_thread(|thread| self.carry_out(thread, &task, scope)),
                Work::Nothing => {}
                Work::Closed => return,
            }
        }
    }

    /// The next thing to do; with `wait`, once there is one.
    pub fn next(&self, wait: bool) -> Work {
        loop {
            let next = if wait {
                self.queue.wait()
            } else {
                self.queue.take()
            };
            match next {
                Next::Nothing => return Work::Nothing,
                Next::Closed => return Work::Closed,
                Next::Job(job) => {
                    match job {
                        // One that hears a single event was unregistered for it.
                        Job::Event(_) if !self.slot.is_active() && !self.slot.once => {
                            self.queue.abandon(DropReason::Unregistered);
                        }
                        Job::Tick(_) if !self.slot.is_active() => self.queue.ticked(),
                        job => return Work::Task(Task::new(job)),
                    }
                }
            }
        }
    }

    /// Whether the queue belongs to a process that this one was forked from.
    pub fn is_stale(&self) -> bool {
        self.queue.is_stale()
    }

    /// Drops what waits: its event loop was closed.
    pub fn discard(&self) {
        self.queue.discard(DropReason::LoopClosed);
    }

    /// The number of the event whose turn is next, if one waits.
    pub fn oldest(&self) -> Option<u64> {
        self.queue.oldest()
    }

    /// The host's callable for a task; `None` when there is none to be called, as
    /// the observer is native, or does nothing on such an occasion.
    pub fn callable(&self, task: &Task) -> Option<&H::Callable> {
        match (&task.job, self.slot.called()) {
            (Job::Event(_), Target::Foreign(callable)) => Some(callable),
            (Job::Tick(_), _) => self.slot.methods.on_tick.as_ref(),
            (Job::Shutdown, _) => self.slot.methods.shutdown.as_ref(),
            _ => None,
        }
    }

    /// Does all that a task asks for on this thread.
    pub fn carry_out(&self, thread: &Thread, task: &Task, scope: &mut H::Scope<'_>) {
        let emission = self.enter(thread, task.depth());
        let outer = thread.serving.replace(self.queue.id);
        let result = match (&task.job, self.slot.called()) {
            (Job::Event(item), Target::Native { observer, .. }) => {
                let _section = H::section(scope);
                Some(call_native(&**observer, &item.event, thread))
            }
            (Job::Tick(tick), Target::Native { observer, .. }) => {
                let _section = H::section(scope);
                Some(guarded(thread, |derived| observer.on_tick(tick, derived)))
            }
            (Job::Shutdown, Target::Native { observer, .. }) => {
                Some(guarded(thread, |_| observer.shutdown()))
            }
            (Job::Event(item), _) => self.callable(task).map(|callable| {
                H::begin(scope);
                self.outcome(H::call(scope, callable, &item.event))
            }),
            _ => self
                .callable(task)
                .map(|callable| self.outcome(H::call_plain(scope, callable))),
        };
        self.leave(&emission, task, scope);
        thread.serving.set(outer);
        drop(emission);
        let result = result.map(|result| result.map_err(|error| *error));
        self.settle(thread, task, result);
    }

    /// The host is about to run a part of a task on this thread, until
    /// [`Worker::pause`]: what the observer emits meanwhile is derived from the
    /// task's event.
    pub fn start(&self, thread: &Thread, task: &mut Task) {
        let outer = thread.serving.replace(self.queue.id);
        let emission = self.enter(thread, task.depth());
        task.open = Some((emission.suspend(), outer));
    }

    /// The part of the task is over: what the observer emitted is delivered.
    pub fn pause(&self, thread: &Thread, task: &mut Task, scope: &mut H::Scope<'_>) {
        let Some((open, outer)) = task.open.take() else {
            return;
        };
        let emission = Emission::resume(thread, open);
        self.leave(&emission, task, scope);
        thread.serving.set(outer);
    }

    /// The task has come to its end.
    pub fn finish(&self, thread: &Thread, task: &Task, result: Result<(), H::Error>) {
        self.settle(thread, task, Some(result.map_err(FailureError::Foreign)));
    }

    /// The task will not come to an end: its event loop was closed.
    pub fn abandon(&self, task: &Task) {
        match task.job {
            Job::Event(_) => self.queue.abandon(DropReason::LoopClosed),
            Job::Tick(_) => self.queue.ticked(),
            Job::Shutdown => self.queue.shut_down(),
        }
    }

    fn enter<'a>(&self, thread: &'a Thread, depth: u32) -> Emission<'a> {
        let hub = self.slot.handle.hub;
        let emission = Emission::begin(thread, hub);
        thread.depth.set(depth);
        thread.position.set(0);
        emission
    }

    fn leave(&self, emission: &Emission<'_>, task: &Task, scope: &mut H::Scope<'_>) {
        if !emission.thread.has_pending() {
            return;
        }
        let slots = std::slice::from_ref(&self.slot);
        if let Some(hub) = self.hub.upgrade() {
            hub.deliver_left(task.event(), slots, emission, scope);
        } else {
            drop(emission.thread.take_pending());
        }
    }

    /// What a call of the host's came to.
    fn outcome(&self, outcome: Outcome<H::Error>) -> Result<(), Box<FailureError<H>>> {
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Failed(error) => Err(Box::new(FailureError::Foreign(error))),
            Outcome::Gone => {
                if let Some(hub) = self.hub.upgrade() {
                    let _ = hub.unregister(self.slot.handle); // already gone is as good
                }
                Ok(())
            }
        }
    }

    /// The task is over, with what came of a call, if there was one.
    fn settle(&self, thread: &Thread, task: &Task, result: Option<Result<(), FailureError<H>>>) {
        let slot = &self.slot;
        let is_event = matches!(task.job, Job::Event(_));
        if is_event {
            slot.count_calls(thread.index, 1);
            slot.add_time(1, task.taken.elapsed().as_nanos() as u64);
        }
        let recovered = match result {
            Some(Ok(())) if is_event => slot.note_success(),
            Some(Ok(())) => slot.note_tick_success(),
            Some(Err(error)) => {
                let fail = if is_event { fail } else { fail_to_tick };
                fail(slot, error, &mut Report::default());
                false
            }
            None => false,
        };
        if recovered {
            log_recovery(slot);
        }
        match task.job {
            Job::Event(_) => self.queue.delivered(),
            Job::Tick(_) => self.queue.ticked(),
            Job::Shutdown => self.queue.shut_down(),
        }
    }
}

impl<H: Host> Drop for Worker<H> {
    fn drop(&mut self) {
        if self.queue.is_stale() {
            // Its lock may be held by a thread that this process does not have.
            std::mem::forget(Arc::clone(&self.queue));
        }
    }
}
