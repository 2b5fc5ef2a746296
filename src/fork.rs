//! `fork`: the child has the forking thread alone, and every lock as it stood.
//!
//! A lock that another thread held at that moment stays locked in the child for
//! ever. So whoever forks first waits, in [`before`], until no thread is in a
//! [`section`]: native work that holds locks while the host's own lock (an
//! interpreter's) is let go of. Work under the host's lock needs no section: the
//! forking thread has that lock itself, or has stopped those that have it. Queues
//! and their workers cannot be kept out in this way, for they sleep with their
//! locks; the child leaves them where they are and makes new ones
//! ([`Forked::renew`]).

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Forks between this process and the first.
static EPOCH: AtomicU32 = AtomicU32::new(0);

/// Threads in a section.
static SECTIONS: AtomicUsize = AtomicUsize::new(0);

/// A thread is forking.
static FORKING: AtomicBool = AtomicBool::new(false);

/// What has to be made anew in a child.
static FORKED: Mutex<Vec<Weak<dyn Forked>>> = Mutex::new(Vec::new());

/// How long a fork waits for sections to end; then it goes ahead.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits in one go: a section may want what the forking thread has.
const GO: Duration = Duration::from_millis(1);

/// How often waiting threads look.
const LOOK: Duration = Duration::from_micros(50);

thread_local! {
    /// Sections that this thread is in.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// Something with queues and workers.
pub(crate) trait Forked: Send + Sync {
    /// Makes queues and workers anew; the process has one thread.
    fn renew(&self);
}

/// Adds something that a child has to make anew.
pub(crate) fn remember(what: Weak<dyn Forked>) {
    let mut forked = FORKED.lock().unwrap_or_else(PoisonError::into_inner);
    forked.retain(|what| what.strong_count() > 0);
    forked.push(what);
}

/// Forks between this process and the first one.
#[inline]
pub(crate) fn epoch() -> u32 {
    EPOCH.load(std::sync::atomic::Ordering::Relaxed)
}

/// Native work that holds locks; over when dropped, in the thread that began it.
#[derive(Debug)]
pub struct Section(PhantomData<*const ()>);

/// Begins native work that holds locks and must not be forked in the middle of,
/// in a thread that has let go of the host's own lock.
pub fn section() -> Section {
    begin();
    OWN.set(OWN.get() + 1);
    Section(PhantomData)
}

/// Runs code of the host's in the middle of native work that holds no lock then: it
/// may take its time, and it may fork.
pub(crate) fn pause<R>(code: impl FnOnce() -> R) -> R {
    struct Paused(usize);
    impl Drop for Paused {
        fn drop(&mut self) {
            (0..self.0).for_each(|_| begin());
            OWN.set(self.0);
        }
    }
    let own = OWN.replace(0);
    SECTIONS.fetch_sub(own, SeqCst);
    let _paused = Paused(own);
    code()
}

fn begin() {
    loop {
        SECTIONS.fetch_add(1, SeqCst);
        if !FORKING.load(SeqCst) {
            return;
        }
        SECTIONS.fetch_sub(1, SeqCst);
        while FORKING.load(SeqCst) {
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        OWN.set(OWN.get().saturating_sub(1));
        SECTIONS.fetch_sub(1, SeqCst);
    }
}

/// To be called by the forking thread before it forks, not within a section.
/// `let_go` lets go of the host's own lock for a moment, for a section that wants it
/// in order to end.
pub fn before(mut let_go: impl FnMut()) {
    let patience = Instant::now() + PATIENCE;
    loop {
        FORKING.store(true, SeqCst);
        let go = Instant::now() + GO;
        while SECTIONS.load(SeqCst) > 0 && Instant::now() < go {
            std::thread::sleep(LOOK);
        }
        if SECTIONS.load(SeqCst) == 0 || Instant::now() > patience {
            return;
        }
        FORKING.store(false, SeqCst);
        let_go();
    }
}

/// To be called in the parent after the fork.
pub fn parent() {
    FORKING.store(false, SeqCst);
}

/// To be called in the child after the fork, once the hub has forgotten the threads
/// that are no more.
pub fn child() {
    EPOCH.fetch_add(1, SeqCst);
    SECTIONS.store(0, SeqCst);
    FORKING.store(false, SeqCst);
    let all: Vec<_> = match FORKED.try_lock() {
        Ok(forked) => forked.iter().filter_map(Weak::upgrade).collect(),
        Err(_) => return,
    };
    for forked in all {
        forked.renew();
    }
}
