//! Which hubs are delivering an event on this thread right now.
//!
//! An `emit` from inside an observer finds its hub here and leaves its event:
//! no recursion, and the cause is known. All of it is the thread's own.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Handle;
use crate::event::Event;
use crate::observer::Derived;

/// An event that an observer emitted, not delivered yet.
pub(crate) struct Pending {
    hub: u64,
    pub(crate) event: Event,
    /// The time is the cause's, not one that the emitter gave.
    pub(crate) inherits_time: bool,
    /// Where the observer that emitted it stands in the list being called.
    pub(crate) position: usize,
}

/// Where an emission stands. Hub 0 is none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    hub: u64,
    /// The depth of the event being delivered.
    pub(crate) depth: u32,
    /// The position of the observer being called.
    position: usize,
}

/// What a thread keeps of its emissions; each host has a place for it.
pub struct Thread {
    /// The innermost emission; read by others when the process ends.
    hub: Arc<Presence>,
    pub(crate) depth: Cell<u32>,
    pub(crate) position: Cell<usize>,
    /// The emissions around it, innermost last.
    outer: RefCell<Vec<Place>>,
    /// Whether there is anything in `pending`; a look at a cell is cheaper.
    has_pending: Cell<bool>,
    pending: RefCell<Vec<Pending>>,
    /// Emissions so far; one in [`TIMED_EVERY`] is timed.
    emissions: Cell<u32>,
    /// A small number that tells this thread from most others.
    pub(crate) index: usize,
    /// The queue whose observer this thread is calling; 0 is none.
    pub(crate) serving: Cell<usize>,
    /// Whether the emission is to say where its event went; a look at a cell is
    /// cheaper.
    is_followed: Cell<bool>,
    /// What it says.
    tickets: RefCell<Vec<Ticket>>,
}

/// Where an event went that its emitter wants to follow.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// The observer.
    pub handle: Handle,
    /// The event's number in the observer's queue; `None` when it was full and
    /// the emitter has to wait for room.
    pub number: Option<u64>,
}

/// What other threads can see of a thread.
#[derive(Debug)]
struct Presence {
    /// The host's number of the thread.
    number: u64,
    /// The hub whose observer it is calling; 0 is none.
    hub: AtomicU64,
}

impl Presence {
    #[inline]
    fn get(&self) -> u64 {
        self.hub.load(Relaxed)
    }

    #[inline]
    fn set(&self, hub: u64) {
        self.hub.store(hub, Relaxed);
    }
}

/// The threads that have emitted.
static PRESENT: Mutex<Vec<Weak<Presence>>> = Mutex::new(Vec::new());

/// The host's numbers of the threads that are inside an observer right now.
pub fn threads_inside_observers() -> Vec<u64> {
    let present = PRESENT.lock().unwrap_or_else(PoisonError::into_inner);
    let threads = present.iter().filter_map(Weak::upgrade);
    threads
        .filter(|thread| thread.get() != 0)
        .map(|thread| thread.number)
        .collect()
}

/// In a child after a fork: the other threads are not there any more.
pub fn forget_other_threads(this: u64) {
    let mut present = PRESENT.lock().unwrap_or_else(PoisonError::into_inner);
    present.retain(|thread| thread.upgrade().is_some_and(|thread| thread.number == this));
}

/// One emission in this many is timed: a clock read costs as much as a call.
const TIMED_EVERY: u32 = 64;

static THREADS: AtomicUsize = AtomicUsize::new(0);

impl Thread {
    /// For a thread that has not emitted yet; `number` is the host's for it.
    pub fn new(number: u64) -> Self {
        let hub = Arc::new(Presence {
            number,
            hub: AtomicU64::new(0),
        });
        {
            let mut present = PRESENT.lock().unwrap_or_else(PoisonError::into_inner);
            present.retain(|thread| thread.strong_count() > 0);
            present.push(Arc::downgrade(&hub));
        }
        Self {
            hub,
            depth: Cell::new(0),
            position: Cell::new(0),
            outer: RefCell::default(),
            has_pending: Cell::new(false),
            pending: RefCell::default(),
            emissions: Cell::new(0),
            index: THREADS.fetch_add(1, Relaxed),
            serving: Cell::new(0),
            is_followed: Cell::new(false),
            tickets: RefCell::default(),
        }
    }

    /// Runs an emission, and says where its event went.
    pub fn followed<R>(&self, emission: impl FnOnce() -> R) -> (R, Vec<Ticket>) {
        let outer = (self.is_followed.replace(true), self.tickets.take());
        let result = emission();
        self.is_followed.set(outer.0);
        (result, self.tickets.replace(outer.1))
    }

    /// Notes where the event of a followed emission went; whether it is one.
    /// What observers derive from it is not followed.
    #[inline]
    pub(crate) fn note(&self, handle: Handle, number: Option<u64>) -> bool {
        let followed = self.is_followed.get() && self.depth.get() == 0;
        if followed {
            self.tickets.borrow_mut().push(Ticket { handle, number });
        }
        followed
    }

    /// Where the innermost emission of this hub on this thread stands.
    #[inline]
    pub(crate) fn place_of(&self, hub: u64) -> Option<Place> {
        match self.hub.get() {
            0 => None,
            innermost if innermost == hub => Some(self.place()),
            _ => self
                .outer
                .borrow()
                .iter()
                .rev()
                .find(|place| place.hub == hub)
                .copied(),
        }
    }

    fn place(&self) -> Place {
        Place {
            hub: self.hub.get(),
            depth: self.depth.get(),
            position: self.position.get(),
        }
    }

    /// Leaves an event that the observer being called at `place` emitted.
    pub(crate) fn leave(&self, place: Place, event: Event, inherits_time: bool) {
        let Place { hub, position, .. } = place;
        self.pending.borrow_mut().push(Pending {
            hub,
            event,
            inherits_time,
            position,
        });
        self.has_pending.set(true);
    }

    /// Leaves what the native observer being called derived.
    pub(crate) fn leave_all(&self, derived: &mut Derived) {
        for event in derived.take() {
            self.leave(self.place(), event, false);
        }
    }

    /// Whether events were left, of this emission or of one around it.
    #[inline]
    pub(crate) fn has_pending(&self) -> bool {
        self.has_pending.get()
    }

    /// Takes out what was left in the innermost emission.
    pub(crate) fn take_pending(&self) -> Vec<Pending> {
        let all = self.pending.take();
        let hub = self.hub.get();
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| p.hub == hub);
        self.has_pending.set(!others.is_empty());
        self.pending.replace(others);
        own
    }
}

/// An emission in progress; over when dropped.
pub(crate) struct Emission<'a> {
    pub(crate) thread: &'a Thread,
    /// Whether this emission's calls are timed.
    pub(crate) timed: bool,
    nested: bool,
}

impl<'a> Emission<'a> {
    /// Begins an emission of a hub on this thread.
    #[inline]
    pub(crate) fn begin(thread: &'a Thread, hub: u64) -> Self {
        let nested = thread.hub.get() != 0;
        if nested {
            thread.outer.borrow_mut().push(thread.place());
        }
        thread.hub.set(hub);
        let count = thread.emissions.get();
        thread.emissions.set(count.wrapping_add(1));
        Self {
            thread,
            timed: count.is_multiple_of(TIMED_EVERY),
            nested,
        }
    }

    /// Leaves the emission open on the thread, to be taken up by
    /// [`Emission::resume`].
    pub(crate) fn suspend(self) -> Suspended {
        let suspended = Suspended {
            timed: self.timed,
            nested: self.nested,
        };
        std::mem::forget(self);
        suspended
    }

    /// Takes up an emission that was left open on this thread.
    pub(crate) fn resume(thread: &'a Thread, suspended: Suspended) -> Self {
        Self {
            thread,
            timed: suspended.timed,
            nested: suspended.nested,
        }
    }
}

/// An emission that was left open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suspended {
    timed: bool,
    nested: bool,
}

impl Drop for Emission<'_> {
    #[inline]
    fn drop(&mut self) {
        let outer = if self.nested {
            self.thread.outer.borrow_mut().pop()
        } else {
            None
        };
        let outer = outer.unwrap_or_default();
        self.thread.hub.set(outer.hub);
        self.thread.depth.set(outer.depth);
        self.thread.position.set(outer.position);
    }
}
