//! Delivery: the part of the hub that is on the hot path.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use super::frame::{Emission, Thread};
use super::report::{Failure, FailureError, Report};
use super::routes::List;
use super::slot::{Slot, Target};
use super::{Host, Hub, Outcome};
use crate::error::Error;
use crate::event::Event;
use crate::observer::{Derived, Values};

/// Where the log lines go; `driftline.hub` in Python.
const LOG: &str = "driftline::hub";

/// Derived events that wait for their turn, with their depth.
type Queue = VecDeque<(Event, u32)>;

/// Values of [`Hub::emit_many`] that are delivered over one snapshot.
const RUN: usize = 4096;

impl<H: Host> Hub<H> {
    /// Tells every observer that listens of `event`, then of the events that
    /// they derive from it. From inside an observer of this hub the event is
    /// put off until the current one has been delivered.
    pub fn emit(&self, event: &Event, scope: &mut H::Scope<'_>) -> Report<H> {
        let mut report = Report::default();
        if self.is_emitting() {
            self.defer(event.clone(), false, &mut report);
        } else if self.has_listeners(&event.kind) {
            self.deliver(event, scope, &mut report);
        }
        report
    }

    /// Whether this thread is inside an observer that this hub called.
    #[inline]
    pub fn is_emitting(&self) -> bool {
        Thread::with(|thread| thread.place_of(self.id).is_some())
    }

    /// Puts an event off until the current one has been delivered. It takes the
    /// model and the feature of the current one where it has none, and its time
    /// with `inherits_time`.
    pub fn defer(&self, event: Event, inherits_time: bool, report: &mut Report<H>) {
        report.deferred = true;
        let mut event = Some(event);
        Thread::with(|thread| {
            let (Some(place), Some(event)) = (thread.place_of(self.id), event.take()) else {
                return;
            };
            match self.depth_below(place.depth, &event) {
                Ok(_) => thread.leave(place, event, inherits_time),
                Err(error) => keep(
                    report,
                    Failure {
                        handle: None,
                        name: "hub".into(),
                        error: FailureError::Loop(error),
                    },
                ),
            }
        });
    }

    /// Delivers a root event; the caller is not inside an observer of this hub.
    #[inline]
    pub fn deliver(&self, event: &Event, scope: &mut H::Scope<'_>, report: &mut Report<H>) {
        Thread::with(|thread| {
            let emission = Emission::begin(thread, self.id);
            let mut queue = Queue::new();
            self.deliver_one(event, 0, &emission, scope, report, &mut queue);
            self.deliver_derived(&emission, scope, report, &mut queue);
        });
    }

    /// Emits many values, each a root event of its own; the report sums up.
    ///
    /// Native observers that take many values at once are handed runs of them
    /// when they are the only listeners; what one derives is delivered when the
    /// run ends, which is right after the value that caused it.
    pub fn emit_many(&self, values: Values<'_>, scope: &mut H::Scope<'_>) -> Report<H> {
        let mut report = Report::default();
        let len = values.values.len();
        if self.is_emitting() {
            for index in 0..len {
                self.defer(values.event(index), false, &mut report);
            }
            return report;
        }
        if !self.has_listeners(&values.template.kind) {
            return report;
        }
        Thread::with(|thread| self.deliver_many(values, thread, scope))
    }

    fn deliver_many(
        &self,
        values: Values<'_>,
        thread: &Thread,
        scope: &mut H::Scope<'_>,
    ) -> Report<H> {
        let mut report = Report::default();
        let emission = Emission::begin(thread, self.id);
        let mut event = values.template.clone();
        let mut queue = Queue::new();
        let mut done = 0;
        while done < values.values.len() && report.interrupt.is_none() {
            let routes = self.routes.load();
            let list = routes.of(&event.kind);
            let run = values.part(done, RUN);
            if list.is_empty() {
                done += run.values.len();
            } else if takes_runs(list) {
                done += self.deliver_run(list, run, &emission, scope, &mut report, &mut queue);
                drop(routes); // may emit, as in `deliver_one`
                if thread.has_pending() {
                    self.collect(values.template, thread, &[], &mut queue);
                    self.deliver_derived(&emission, scope, &mut report, &mut queue);
                }
            } else {
                drop(routes);
                event.value = values.values.get(done).copied();
                event.timestamp = values.timestamp(done);
                H::begin(scope);
                self.deliver_one(&event, 0, &emission, scope, &mut report, &mut queue);
                self.deliver_derived(&emission, scope, &mut report, &mut queue);
                done += 1;
            }
        }
        report
    }

    /// Calls every observer that listens to one event.
    fn deliver_one(
        &self,
        event: &Event,
        depth: u32,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        report: &mut Report<H>,
        queue: &mut Queue,
    ) {
        let thread = emission.thread;
        thread.depth.set(depth);
        let routes = self.routes.load();
        let mut last = emission.timed.then(Instant::now);
        let mut derived = Derived::default();
        for (position, slot) in routes.of(&event.kind).iter().enumerate() {
            if !slot.wants(event) || (slot.once && self.unregister(slot.handle).is_err()) {
                continue;
            }
            thread.position.set(position);
            let outcome = match &slot.target {
                Target::Foreign(callable) => match H::call(scope, callable, event) {
                    Outcome::Done => Ok(()),
                    Outcome::Failed(error) => Err(FailureError::Foreign(error)),
                    Outcome::Gone => {
                        let _ = self.unregister(slot.handle); // already gone is as good
                        continue;
                    }
                },
                Target::Native { observer, .. } => {
                    let call = AssertUnwindSafe(|| observer.on_event(event, &mut derived));
                    let result = match catch_unwind(call) {
                        Ok(result) => result.map_err(FailureError::Native),
                        Err(panic) => Err(FailureError::Panic(message_of(&*panic))),
                    };
                    thread.leave_all(&mut derived);
                    result
                }
            };
            slot.count_call(thread.index);
            if let Some(before) = last {
                let now = Instant::now();
                slot.add_time(1, now.duration_since(before).as_nanos() as u64);
                last = Some(now);
            }
            report.attempted += 1;
            match outcome {
                Ok(()) => {
                    report.success += 1;
                    if slot.note_success() {
                        log_recovery(slot);
                    }
                }
                Err(error) => fail(slot, error, report),
            }
        }
        if thread.has_pending() {
            self.collect(event, thread, routes.of(&event.kind), queue);
        }
        // This may be the last hold on an observer that was unregistered
        // meanwhile, and what it does when it goes may emit.
        drop(routes);
        if thread.has_pending() {
            self.collect(event, thread, &[], queue);
        }
    }

    /// Hands a run of values to observers that take runs; how many were taken.
    fn deliver_run(
        &self,
        list: &List<H>,
        run: Values<'_>,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        report: &mut Report<H>,
        queue: &mut Queue,
    ) -> usize {
        let thread = emission.thread;
        thread.depth.set(0);
        let mut len = run.values.len();
        let mut first = true;
        for (position, slot) in list.iter().enumerate() {
            let Target::Native { observer, .. } = &slot.target else {
                continue;
            };
            let Some(batch) = observer.as_batch() else {
                continue;
            };
            if !slot.wants(run.template) {
                continue;
            }
            thread.position.set(position);
            let before = emission.timed.then(Instant::now);
            let mut derived = Derived::default();
            let mut taken = 0;
            while taken < len {
                let part = run.part(taken, len - taken);
                let call = AssertUnwindSafe(|| batch.on_values(part, &mut derived));
                match catch_unwind(call) {
                    Ok(n) => {
                        let n = n.clamp(1, part.values.len());
                        taken += n;
                        report.attempted += n as u64;
                        report.success += n as u64;
                        slot.calls.add(thread.index, n as u64);
                        if slot.note_success() {
                            log_recovery(slot);
                        }
                    }
                    Err(panic) => {
                        // Which value it was cannot be known: the run counts as one.
                        taken = len;
                        report.attempted += 1;
                        slot.calls.add(thread.index, 1);
                        fail(slot, FailureError::Panic(message_of(&*panic)), report);
                    }
                }
                if !derived.events().is_empty() {
                    thread.leave_all(&mut derived);
                    if first {
                        len = taken; // the others come up to here, then this is delivered
                    }
                }
            }
            first = false;
            if let Some(before) = before {
                slot.add_time(taken as u64, before.elapsed().as_nanos() as u64);
            }
        }
        if thread.has_pending() {
            let cause = run.event(len.saturating_sub(1));
            self.collect(&cause, thread, list, queue);
            self.deliver_derived(emission, scope, report, queue);
        }
        len
    }

    /// Delivers what observers derived, breadth first. The report is of the root
    /// event: of these it only keeps what must reach the emitter.
    #[inline]
    fn deliver_derived(
        &self,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        report: &mut Report<H>,
        queue: &mut Queue,
    ) {
        while let Some((event, depth)) = queue.pop_front() {
            let mut own = Report::default();
            H::begin(scope);
            self.deliver_one(&event, depth, emission, scope, &mut own, queue);
            if report.interrupt.is_none() {
                report.interrupt = own.interrupt;
            }
        }
    }

    /// Moves what the observers in `list` emitted on `cause` to the queue.
    #[cold]
    fn collect(&self, cause: &Event, thread: &Thread, list: &[Arc<Slot<H>>], queue: &mut Queue) {
        for pending in thread.take_pending() {
            let mut event = pending.event;
            match self.depth_below(thread.depth.get(), &event) {
                Ok(depth) => {
                    if pending.inherits_time {
                        event.timestamp = cause.timestamp;
                    }
                    if event.model.is_none() {
                        event.model.clone_from(&cause.model);
                    }
                    if event.feature.is_none() {
                        event.feature.clone_from(&cause.feature);
                    }
                    if event.source.is_none() {
                        event.source = list
                            .get(pending.position)
                            .map(|slot| Arc::clone(&slot.name));
                    }
                    queue.push_back((event, depth));
                }
                // Native observers have no report to read it from.
                Err(error) => log::debug!(target: LOG, "{error}"),
            }
        }
    }

    /// The depth of an event that an observer emits now; dropped and counted
    /// when that is too deep.
    fn depth_below(&self, depth: u32, event: &Event) -> Result<u32, Error> {
        let depth = depth + 1;
        if depth <= self.max_cascade_depth {
            return Ok(depth);
        }
        let error = Error::EmitLoop {
            kind: event.kind.to_string(),
            depth,
            limit: self.max_cascade_depth,
        };
        if self.loops.fetch_add(1, Relaxed) == 0 {
            log::warn!(target: LOG, "{error} (said once; the hub counts the others)");
        }
        Err(error)
    }
}

/// Whether everyone in the list takes runs of values.
fn takes_runs<H: Host>(list: &List<H>) -> bool {
    list.iter().all(|slot| match &slot.target {
        Target::Native { observer, .. } => !slot.once && observer.as_batch().is_some(),
        Target::Foreign(_) => false,
    })
}

/// Counts and lists a failure; says so in the log when it is the first in a row.
#[cold]
fn fail<H: Host>(slot: &Slot<H>, error: FailureError<H>, report: &mut Report<H>) {
    let (began, suspended) = slot.count_failure();
    if began {
        log::warn!(
            target: LOG,
            "observer {:?} ({}) fails: {error} (said once until it recovers)", slot.name, slot.handle
        );
    }
    if suspended {
        log::warn!(
            target: LOG,
            "observer {:?} ({}) suspended after {} failures in a row: it is called no more",
            slot.name, slot.handle, slot.max_consecutive_failures.unwrap_or_default()
        );
    }
    match error {
        FailureError::Foreign(error) if report.interrupt.is_none() && H::is_interrupt(&error) => {
            report.interrupt = Some(error);
        }
        error => keep(
            report,
            Failure {
                handle: Some(slot.handle),
                name: Arc::clone(&slot.name),
                error,
            },
        ),
    }
}

/// Adds a failure to the report, if it may hold more.
fn keep<H: Host>(report: &mut Report<H>, failure: Failure<H>) {
    if report.failures.len() < Report::<H>::MAX_FAILURES {
        report.failures.push(failure);
    }
}

#[cold]
fn log_recovery<H: Host>(slot: &Slot<H>) {
    log::info!(target: LOG, "observer {:?} ({}) recovered", slot.name, slot.handle);
}

/// What a panic said.
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
