//! Which hubs are delivering an event on this thread right now.
//!
//! An `emit` from inside an observer finds the frame of its hub here and leaves
//! its event in it: no recursion, and the cause is known.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::event::Event;
use crate::observer::Derived;

/// An event that an observer emitted, not delivered yet.
pub(crate) struct Pending {
    pub(crate) event: Event,
    /// The time is the cause's, not one that the emitter gave.
    pub(crate) inherits_time: bool,
    /// Where the observer that emitted it stands in the list being called.
    pub(crate) position: usize,
}

/// One emission on this thread.
#[derive(Default)]
pub(crate) struct Frame {
    hub: Cell<u64>,
    /// The depth of the event being delivered.
    pub(crate) depth: Cell<u32>,
    /// The position of the observer being called.
    pub(crate) position: Cell<usize>,
    /// Whether there is anything in `pending`; a look at a cell is cheaper.
    pub(crate) has_pending: Cell<bool>,
    pending: RefCell<Vec<Pending>>,
    /// Events that wait for their turn, with their depth.
    queue: RefCell<VecDeque<(Event, u32)>>,
}

impl Frame {
    /// Leaves an event that the observer being called emitted.
    pub(crate) fn leave(&self, event: Event, inherits_time: bool) {
        let position = self.position.get();
        self.pending.borrow_mut().push(Pending {
            event,
            inherits_time,
            position,
        });
        self.has_pending.set(true);
    }

    /// Leaves what a native observer derived.
    pub(crate) fn leave_all(&self, derived: &mut Derived) {
        for event in derived.take() {
            self.leave(event, false);
        }
    }

    /// Takes out what was left.
    pub(crate) fn take_pending(&self) -> Vec<Pending> {
        self.has_pending.set(false);
        self.pending.take()
    }

    /// Puts an event at the end of the queue.
    pub(crate) fn queue(&self, event: Event, depth: u32) {
        self.queue.borrow_mut().push_back((event, depth));
    }

    /// The event whose turn it is, and its depth.
    pub(crate) fn next(&self) -> Option<(Event, u32)> {
        self.queue.borrow_mut().pop_front()
    }
}

struct Thread {
    /// Frames in use, innermost last.
    active: RefCell<Vec<Rc<Frame>>>,
    /// Frames to use again.
    free: RefCell<Vec<Rc<Frame>>>,
    /// Emissions so far; one in [`TIMED_EVERY`] is timed.
    emissions: Cell<u32>,
    index: usize,
}

/// One emission in this many is timed: a clock read costs as much as a call.
const TIMED_EVERY: u32 = 64;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static THREAD: Thread = Thread {
        active: RefCell::default(),
        free: RefCell::default(),
        emissions: Cell::new(0),
        index: THREADS.fetch_add(1, Relaxed),
    };
}

/// An emission in progress; over when dropped.
pub(crate) struct Emission {
    pub(crate) frame: Rc<Frame>,
    /// Whether this emission's calls are timed.
    pub(crate) timed: bool,
    /// A small number that tells this thread from most others.
    pub(crate) thread: usize,
}

impl Emission {
    /// Begins an emission of a hub on this thread.
    pub(crate) fn begin(hub: u64) -> Self {
        DEPTH.set(DEPTH.get() + 1);
        THREAD.with(|thread| {
            let frame = thread.free.borrow_mut().pop().unwrap_or_default();
            frame.hub.set(hub);
            thread.active.borrow_mut().push(Rc::clone(&frame));
            let count = thread.emissions.get();
            thread.emissions.set(count.wrapping_add(1));
            Self {
                frame,
                timed: count.is_multiple_of(TIMED_EVERY),
                thread: thread.index,
            }
        })
    }
}

impl Drop for Emission {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        // At thread exit the storage may be gone already, and the frame with it.
        let _ = THREAD.try_with(|thread| {
            if let Some(frame) = thread.active.borrow_mut().pop() {
                thread.free.borrow_mut().push(frame);
            }
        });
    }
}

/// The frame of this hub's innermost emission on this thread.
#[inline]
pub(crate) fn of(hub: u64) -> Option<Rc<Frame>> {
    if DEPTH.get() == 0 {
        return None;
    }
    THREAD.with(|thread| {
        let active = thread.active.borrow();
        active
            .iter()
            .rev()
            .find(|frame| frame.hub.get() == hub)
            .cloned()
    })
}
