//! One registered observer: what it is, what it listens to, how it fares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::queue::{Account, Consumer, Plan, Queue};
use super::sync::{Mutex, Published};
use super::totals::Totals;
use super::{Handle, Host, Mode, Registration};
use crate::event::Event;
use crate::observer::{DropReason, Filter, Observer};

/// What is called.
pub(crate) enum Target<H: Host> {
    /// An observer of the core's; `owner` is the host's object around it.
    Native {
        observer: Arc<dyn Observer>,
        owner: Option<H::Callable>,
    },
    /// A callable of the host's.
    Foreign(H::Callable),
    /// One of the others, called by a worker; emitters only fill its queue.
    Queued(Box<Target<H>>),
}

/// What the host's observers have besides the callable.
pub struct Methods<H: Host> {
    /// Called without an argument when time has passed.
    pub on_tick: Option<H::Callable>,
    /// Called without an argument at the end.
    pub shutdown: Option<H::Callable>,
    /// The part of the worker that runs on an event loop, of observers that do:
    /// called from any thread when there is something to do.
    pub on_loop: Option<H::Callable>,
}

impl<H: Host> Default for Methods<H> {
    fn default() -> Self {
        Self {
            on_tick: None,
            shutdown: None,
            on_loop: None,
        }
    }
}

/// One registered observer. What a call reads and writes stands first, in one
/// cache line: with 64 observers and lines spread out, the first look at a slot
/// took a third of the loop's own time.
#[repr(C, align(64))]
pub(crate) struct Slot<H: Host> {
    pub(crate) target: Target<H>,
    /// Cleared by unregistration and suspension: nothing new starts.
    pub(crate) active: AtomicBool,
    /// Whether the kind alone decides, which the routes have settled already,
    /// and the observer stays registered when it is called.
    pub(crate) is_plain: bool,
    pub(crate) once: bool,
    pub(crate) consecutive_failures: AtomicU32,
    /// Calls by threads that cannot count at the same time.
    alone: AtomicU64,
    pub(crate) handle: Handle,
    pub(crate) name: Arc<str>,
    pub(crate) filter: Filter,
    /// What was asked for when it was registered.
    pub(crate) asked: Arc<Registration>,
    pub(crate) priority: i32,
    /// Ever rising: the order of registration.
    pub(crate) order: u64,
    pub(crate) max_consecutive_failures: Option<u32>,
    pub(crate) suspended: AtomicBool,
    pub(crate) methods: Methods<H>,
    /// Of queued observers, and of those that are told of time.
    pub(crate) queue: Option<Published<Queue>>,
    /// Failures in a row of what is not an event.
    pub(crate) tick_failures: AtomicU32,
    /// Whether an inline native observer was told of the hub's shutdown.
    pub(crate) told: AtomicBool,
    /// The queue on which an inline observer of the host's is told of it.
    pub(crate) farewell: Mutex<Option<Arc<Queue>>>,
    totals: Arc<Totals>,
    calls: Calls,
    pub(crate) failures: AtomicU64,
    pub(crate) timed_calls: AtomicU64,
    pub(crate) timed_nanos: AtomicU64,
}

impl<H: Host> Slot<H> {
    /// A slot whose observer has not been called yet.
    pub(crate) fn new(
        target: Target<H>,
        methods: Methods<H>,
        name: Arc<str>,
        (how, asked): (Registration, Arc<Registration>),
        handle: Handle,
        order: u64,
        totals: &Arc<Totals>,
    ) -> Self {
        let consumer = match methods.on_loop {
            Some(_) => Consumer::Loop,
            None => Consumer::Thread,
        };
        let is_queued = how.mode == Mode::Queued || consumer == Consumer::Loop;
        let queue = (is_queued || how.tick_every.is_some()).then(|| {
            Published::from_pointee(Queue::new(Plan {
                capacity: how.queue_size,
                overflow: how.overflow,
                block_timeout: how.block_timeout,
                tick_every: how.tick_every,
                consumer,
                totals: Arc::clone(totals),
            }))
        });
        let target = if is_queued {
            Target::Queued(Box::new(target))
        } else {
            target
        };
        Self {
            target,
            methods,
            queue,
            active: AtomicBool::new(true),
            is_plain: !how.once && how.filter.is_by_kind_only(),
            once: how.once,
            consecutive_failures: AtomicU32::new(0),
            alone: AtomicU64::new(0),
            handle,
            name,
            filter: how.filter,
            asked,
            priority: how.priority,
            order,
            max_consecutive_failures: how.max_consecutive_failures,
            suspended: AtomicBool::new(false),
            tick_failures: AtomicU32::new(0),
            told: AtomicBool::new(false),
            farewell: Mutex::new(None),
            totals: Arc::clone(totals),
            calls: Calls::default(),
            failures: AtomicU64::new(0),
            timed_calls: AtomicU64::new(0),
            timed_nanos: AtomicU64::new(0),
        }
    }

    /// What is called in the end.
    pub(crate) fn called(&self) -> &Target<H> {
        match &self.target {
            Target::Queued(called) => called,
            target => target,
        }
    }

    /// Whether emitters only fill its queue.
    pub(crate) fn is_queued(&self) -> bool {
        matches!(self.target, Target::Queued(_))
    }

    /// Whether it is to be called at all.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Relaxed)
    }

    /// In whose thread it is called.
    pub(crate) fn mode(&self) -> Mode {
        if self.is_queued() {
            Mode::Queued
        } else {
            Mode::Inline
        }
    }

    /// It was taken out of the table: nothing is accepted any more.
    pub(crate) fn close_queue(&self) {
        if let Some(queue) = &self.queue {
            queue.load().close(DropReason::Unregistered);
        }
    }

    /// How its queue stands; `None` for an inline observer.
    pub(crate) fn account(&self) -> Option<Account> {
        let queue = self.queue.as_ref().filter(|_| self.is_queued())?;
        Some(queue.load().account())
    }

    /// Whether the observer is to be called for an event of a kind it listens to.
    #[inline]
    pub(crate) fn wants(&self, event: &Event) -> bool {
        self.active.load(Relaxed) && (self.is_plain || self.filter.matches_beyond_kind(event))
    }

    /// Counts one call of a callable of the host's.
    #[inline]
    pub(crate) fn count_foreign_call(&self, thread: usize) {
        if H::SERIAL {
            // No other thread can be adding: no locked instruction is needed.
            self.alone.store(self.alone.load(Relaxed) + 1, Relaxed);
        } else {
            self.calls.add(thread, 1);
        }
    }

    /// Counts calls made from the thread with this index.
    #[inline]
    pub(crate) fn count_calls(&self, thread: usize, n: u64) {
        self.calls.add(thread, n);
    }

    /// Calls begun so far.
    pub(crate) fn calls(&self) -> u64 {
        self.alone.load(Relaxed) + self.calls.total()
    }

    /// Counts a failure, which is one of those `in_a_row`; whether the observer was
    /// well before, and whether it is suspended for it now.
    pub(crate) fn count_failure(&self, in_a_row: &AtomicU32) -> (bool, bool) {
        self.failures.fetch_add(1, Relaxed);
        let in_a_row = in_a_row.fetch_add(1, Relaxed).saturating_add(1);
        let too_many = self
            .max_consecutive_failures
            .is_some_and(|most| in_a_row >= most);
        let suspended = too_many && !self.suspended.swap(true, Relaxed);
        if suspended {
            self.active.store(false, Relaxed);
        }
        (in_a_row == 1, suspended)
    }

    /// Takes note of a success; whether the observer was failing before.
    #[inline]
    pub(crate) fn note_success(&self) -> bool {
        self.consecutive_failures.load(Relaxed) != 0
            && self.consecutive_failures.swap(0, Relaxed) != 0
    }

    /// The same for what is not an event.
    pub(crate) fn note_tick_success(&self) -> bool {
        self.tick_failures.load(Relaxed) != 0 && self.tick_failures.swap(0, Relaxed) != 0
    }

    /// Adds to the measured time: `calls` calls took `nanos` in all.
    pub(crate) fn add_time(&self, calls: u64, nanos: u64) {
        self.timed_calls.fetch_add(calls, Relaxed);
        self.timed_nanos.fetch_add(nanos, Relaxed);
    }

    /// Mean time of the measured calls in seconds.
    pub(crate) fn time_per_call(&self) -> Option<f64> {
        let calls = self.timed_calls.load(Relaxed);
        (calls > 0).then(|| self.timed_nanos.load(Relaxed) as f64 / calls as f64 * 1e-9)
    }
}

impl<H: Host> Drop for Slot<H> {
    fn drop(&mut self) {
        self.totals.add_departed_calls(self.calls());
    }
}

/// How many threads count without getting in each other's way.
const SHARDS: usize = 8;

/// A counter that threads add to side by side: each has a cache line of its
/// own, so that two threads that emit at once do not wait for each other.
#[derive(Default)]
struct Calls([Shard; SHARDS]);

#[derive(Default)]
#[repr(align(64))]
struct Shard(AtomicU64);

impl Calls {
    /// Adds from the thread with this index.
    #[inline]
    fn add(&self, thread: usize, n: u64) {
        self.0[thread % SHARDS].0.fetch_add(n, Relaxed);
    }

    /// What was counted so far.
    fn total(&self) -> u64 {
        self.0.iter().map(|shard| shard.0.load(Relaxed)).sum()
    }
}
