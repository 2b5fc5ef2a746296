//! Delivery: the part of the hub that is on the hot path.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::failure::{LOG, fail, foreign, log_recovery, message_of};
use super::frame::{Emission, Thread};
use super::report::{Failure, FailureError, Report, Tally};
use super::routes::List;
use super::slot::{Slot, Target};
use super::{Host, Hub, Outcome};
use crate::error::Error;
use crate::event::{Event, Kind};
use crate::observer::{Derived, Observer, ObserverError, Values};

/// Derived events that wait for their turn, with their depth; boxed, as most
/// emissions have none.
type Queue = Option<Box<VecDeque<(Event, u32)>>>;

/// Values of [`Hub::emit_many`] that are delivered over one snapshot, at first and
/// at most; shorter where observers take long, so that Ctrl-C is heard.
const RUN: (usize, usize) = (64, 4096);

/// How long a run should take at most.
const RUN_TIME: Duration = Duration::from_millis(20);

impl<H: Host> Hub<H> {
    /// Tells every observer that listens of `event`, then of the events that
    /// they derive from it. From inside an observer of this hub the event is
    /// put off until the current one has been delivered.
    pub fn emit(&self, event: &Event, scope: &mut H::Scope<'_>) -> Report<H> {
        H::with_thread(|thread| {
            let mut report = Report::default();
            if self.is_emitting(thread) {
                self.defer(thread, event.clone(), false, &mut report);
            } else if let Err(error) = self.check_open() {
                report.keep(refused(error));
            } else if self.has_listeners(&event.kind) {
                report = self.deliver(thread, event, scope).into();
            }
            report
        })
    }

    /// Whether this thread is inside an observer that this hub called.
    #[inline]
    pub fn is_emitting(&self, thread: &Thread) -> bool {
        thread.place_of(self.id).is_some()
    }

    /// Puts an event off until the current one has been delivered. It takes the
    /// model and the feature of the current one where it has none, and its time
    /// with `inherits_time`.
    pub fn defer(
        &self,
        thread: &Thread,
        event: Event,
        inherits_time: bool,
        report: &mut Report<H>,
    ) {
        report.deferred = true;
        let Some(place) = thread.place_of(self.id) else {
            return;
        };
        match self.depth_below(place.depth, &event) {
            Ok(_) => thread.leave(place, event, inherits_time),
            Err(error) => report.keep(refused(error)),
        }
    }

    /// Delivers a root event; the caller is not inside an observer of this hub.
    #[inline(always)]
    pub fn deliver(&self, thread: &Thread, event: &Event, scope: &mut H::Scope<'_>) -> Tally<H> {
        let emission = Emission::begin(thread, self.id);
        let mut queue = Queue::None;
        let mut tally = self.deliver_one(event, 0, &emission, scope, &mut queue);
        if queue.is_some() {
            self.deliver_derived(&emission, scope, &mut tally, &mut queue);
        }
        tally
    }

    /// Emits many values, each a root event of its own; the report sums up.
    ///
    /// Native observers that take many values at once are handed runs of them
    /// when they are the only listeners; what one derives is delivered when the
    /// run ends, which is right after the value that caused it.
    pub fn emit_many(&self, values: Values<'_>, scope: &mut H::Scope<'_>) -> Report<H> {
        H::with_thread(|thread| {
            let mut report = Report::default();
            if self.is_emitting(thread) {
                for index in 0..values.values.len() {
                    self.defer(thread, values.event(index), false, &mut report);
                }
            } else if let Err(error) = self.check_open() {
                report.keep(refused(error));
            } else if self.has_listeners(&values.template.kind) {
                report = self.deliver_many(values, thread, scope).into();
            }
            report
        })
    }

    fn deliver_many(
        &self,
        values: Values<'_>,
        thread: &Thread,
        scope: &mut H::Scope<'_>,
    ) -> Tally<H> {
        let mut tally = Tally::default();
        let emission = Emission::begin(thread, self.id);
        let mut event = values.template.clone();
        let mut queue = Queue::None;
        let (mut done, mut length) = (0, RUN.0);
        while done < values.values.len() && !tally.is_interrupted() {
            let routes = self.routes.load();
            let list = routes.of(&event.kind);
            let run = values.part(done, length);
            if list.is_empty() {
                done += run.values.len();
            } else if takes_runs(list) {
                let before = Instant::now();
                done += self.deliver_run(list, run, &emission, scope, &mut tally, &mut queue);
                length = match before.elapsed() {
                    took if took > RUN_TIME => (length / 4).max(1),
                    took if took < RUN_TIME / 4 => (length * 4).min(RUN.1),
                    _ => length,
                };
                drop(routes); // may emit, as in `deliver_one`
                if let Some(error) = H::interrupted(scope) {
                    tally.interrupt(error);
                }
                if thread.has_pending() {
                    self.collect(values.template, thread, &[], &mut queue);
                    self.deliver_derived(&emission, scope, &mut tally, &mut queue);
                }
            } else {
                drop(routes);
                event.value = values.values.get(done).copied();
                event.timestamp = values.timestamp(done);
                H::begin(scope);
                tally.add(self.deliver_another(&event, 0, &emission, scope, &mut queue));
                if queue.is_some() {
                    self.deliver_derived(&emission, scope, &mut tally, &mut queue);
                }
                done += 1;
            }
        }
        tally
    }

    /// [`Hub::deliver_one`] where a call more does not matter.
    #[inline(never)]
    fn deliver_another(
        &self,
        event: &Event,
        depth: u32,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        queue: &mut Queue,
    ) -> Tally<H> {
        self.deliver_one(event, depth, emission, scope, queue)
    }

    /// Calls every observer that listens to one event. Whatever is rare stands
    /// in functions of its own, so that the rest stays in registers.
    #[inline(always)]
    fn deliver_one(
        &self,
        event: &Event,
        depth: u32,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        queue: &mut Queue,
    ) -> Tally<H> {
        let thread = emission.thread;
        thread.depth.set(depth);
        let routes = self.routes.load();
        let list = routes.of(&event.kind);
        let mut tally = Tally::default();
        let mut last = emission.timed.then(Instant::now);
        for (position, slot) in list.iter().enumerate() {
            if !slot.wants(event) || (slot.once && !self.claim(slot)) {
                continue;
            }
            thread.position.set(position);
            let result = match &slot.target {
                Target::Foreign(callable) => {
                    let result = match H::call(scope, callable, event) {
                        Outcome::Done => Ok(()),
                        Outcome::Failed(error) => Err(foreign(error)),
                        Outcome::Gone => {
                            let _ = self.unregister(slot.handle); // already gone is as good
                            continue;
                        }
                    };
                    slot.count_foreign_call(thread.index);
                    result
                }
                Target::Native { observer, .. } => {
                    let section = H::section(scope);
                    let result = call_native(&**observer, event, thread);
                    drop(section);
                    slot.count_calls(thread.index, 1);
                    result
                }
                Target::Queued(_) => {
                    self.enqueue(slot, event, thread, scope, &mut tally);
                    if let Some(last) = &mut last {
                        *last = Instant::now(); // the wait for room is not the next one's
                    }
                    continue;
                }
            };
            if let Some(before) = &mut last {
                time(slot, before);
            }
            tally.attempted += 1;
            match result {
                Ok(()) => {
                    if slot.note_success() {
                        log_recovery(slot);
                    }
                }
                Err(error) => fail(slot, *error, tally.failed()),
            }
        }
        if thread.has_pending() {
            self.collect(event, thread, list, queue);
        }
        // This may be the last hold on an observer that was unregistered
        // meanwhile, and what it does when it goes may emit.
        drop(routes);
        if thread.has_pending() {
            self.collect(event, thread, &[], queue);
        }
        tally
    }

    /// Hands a run of values to observers that take runs; how many were taken.
    fn deliver_run(
        &self,
        list: &List<H>,
        run: Values<'_>,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        tally: &mut Tally<H>,
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
                let section = H::section(scope);
                let result = catch_unwind(call);
                drop(section);
                match result {
                    Ok(n) => {
                        let n = n.clamp(1, part.values.len());
                        taken += n;
                        tally.attempted += n as u64;
                        slot.count_calls(thread.index, n as u64);
                        match derived.take_failure() {
                            Some(error) => fail(slot, *own_error(error), tally.failed()),
                            None if slot.note_success() => log_recovery(slot),
                            None => {}
                        }
                    }
                    Err(panic) => {
                        // Which value it was cannot be known: the run counts as one.
                        taken = len;
                        tally.attempted += 1;
                        slot.count_calls(thread.index, 1);
                        let error = FailureError::Panic(message_of(&*panic));
                        fail(slot, error, tally.failed());
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
            self.deliver_derived(emission, scope, tally, queue);
        }
        len
    }

    /// Delivers what a worker's observer, or one that was told of time, left on the
    /// thread, and what follows.
    pub(super) fn deliver_left(
        &self,
        cause: Option<&Event>,
        list: &[Arc<Slot<H>>],
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
    ) -> Tally<H> {
        let mut queue = Queue::None;
        let mut tally = Tally::default();
        let no_cause = Event::new(Kind::Observation, None);
        let cause = cause.unwrap_or(&no_cause);
        self.collect(cause, emission.thread, list, &mut queue);
        self.deliver_derived(emission, scope, &mut tally, &mut queue);
        tally
    }

    /// Delivers what observers derived, breadth first. The tally is of the root
    /// event: of these it only keeps what must reach the emitter.
    #[cold]
    #[inline(never)]
    fn deliver_derived(
        &self,
        emission: &Emission<'_>,
        scope: &mut H::Scope<'_>,
        tally: &mut Tally<H>,
        queue: &mut Queue,
    ) {
        while let Some((event, depth)) = queue.as_mut().and_then(|queue| queue.pop_front()) {
            H::begin(scope);
            let own = self.deliver_another(&event, depth, emission, scope, queue);
            if own.is_interrupted() {
                tally.take_interrupt(own);
            }
        }
    }

    /// Moves what the observers in `list` emitted on `cause` to the queue.
    #[cold]
    #[inline(never)]
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
                    queue.get_or_insert_default().push_back((event, depth));
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
        if depth <= self.settings.max_cascade_depth {
            return Ok(depth);
        }
        let error = Error::EmitLoop {
            kind: event.kind.to_string(),
            depth,
            limit: self.settings.max_cascade_depth,
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
        Target::Foreign(_) | Target::Queued(_) => false,
    })
}

/// The hub itself refused an event.
fn refused<H: Host>(error: Error) -> Failure<H> {
    Failure {
        handle: None,
        name: "hub".into(),
        error: FailureError::Refused(error),
    }
}

/// Calls a native observer; a panic goes no further.
#[inline(never)]
pub(super) fn call_native<H: Host>(
    observer: &dyn Observer,
    event: &Event,
    thread: &Thread,
) -> Result<(), Box<FailureError<H>>> {
    guarded(thread, |derived| observer.on_event(event, derived))
}

/// Runs what a native observer does; what it derived is left on the thread.
#[inline(always)]
pub(super) fn guarded<H: Host>(
    thread: &Thread,
    call: impl FnOnce(&mut Derived) -> Result<(), ObserverError>,
) -> Result<(), Box<FailureError<H>>> {
    let mut derived = Derived::default();
    let call = AssertUnwindSafe(|| call(&mut derived));
    let result = match catch_unwind(call) {
        Ok(result) => result.map_err(own_error),
        Err(panic) => Err(Box::new(FailureError::Panic(message_of(&*panic)))),
    };
    if !derived.events().is_empty() {
        thread.leave_all(&mut derived);
    }
    result
}

/// An error of a native observer, or of code of the host's that it called.
#[cold]
#[inline(never)]
fn own_error<H: Host>(error: ObserverError) -> Box<FailureError<H>> {
    let error = H::own_error(error);
    Box::new(error.map_or_else(FailureError::Native, FailureError::Foreign))
}

/// Adds the time since `last` to what the observer took.
#[cold]
#[inline(never)]
fn time<H: Host>(slot: &Slot<H>, last: &mut Instant) {
    let now = Instant::now();
    slot.add_time(1, now.duration_since(*last).as_nanos() as u64);
    *last = now;
}
