//! The way back to the interpreter, which is closed when it ends.
//!
//! A thread that comes back to an interpreter that ends is killed (up to CPython
//! 3.13); as that unwinds our frames, the process would be aborted. So every way out
//! of the interpreter is through here.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use pyo3::Python;

/// How often the exit looks.
const LOOK: Duration = Duration::from_millis(1);

/// No other thread comes back to the interpreter any more.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Threads on their way back to the interpreter, through the gate already.
static RETURNING: AtomicUsize = AtomicUsize::new(0);

/// Threads in code of others, below ours, that may leave the interpreter.
static BELOW: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether the process ends on this thread, for which there is no gate.
    static ENDS_HERE: Cell<bool> = const { Cell::new(false) };
}

fn is_shut_out() -> bool {
    CLOSED.load(SeqCst) && !ENDS_HERE.get()
}

/// Leaves the interpreter for as long as `work` takes; sleeps for ever when the
/// gate was closed meanwhile.
pub(crate) fn outside<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> R {
    let result = py.detach(|| {
        let result = work();
        RETURNING.fetch_add(1, SeqCst);
        if is_shut_out() {
            RETURNING.fetch_sub(1, SeqCst);
            sleep_for_ever();
        }
        result
    });
    RETURNING.fetch_sub(1, SeqCst);
    result
}

/// Calls code of others that may leave the interpreter for a while, as NumPy does
/// with long arrays, and which the gate cannot keep from coming back: the exit waits
/// for it a little.
pub(crate) fn below<R>(py: Python<'_>, work: impl FnOnce() -> R) -> R {
    struct Out;
    impl Drop for Out {
        fn drop(&mut self) {
            // A child that was forked within has begun to count anew.
            let _ = BELOW.fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1));
        }
    }
    BELOW.fetch_add(1, SeqCst);
    let out = Out;
    if is_shut_out() {
        drop(out);
        park(py);
    }
    work()
}

/// Closes the gate to all threads but this one, and waits for those that are on
/// their way through it, and until `until` for those that it cannot keep out.
pub(crate) fn close(py: Python<'_>, until: Instant) {
    ENDS_HERE.set(true);
    CLOSED.store(true, SeqCst);
    py.detach(|| {
        // They need the interpreter, which this thread has let go of.
        while RETURNING.load(SeqCst) > 0 || (BELOW.load(SeqCst) > 0 && Instant::now() < until) {
            std::thread::sleep(LOOK);
        }
    });
}

/// A forked child begins: its one thread is the one that comes back.
pub(crate) fn reopen() {
    RETURNING.store(0, SeqCst);
    BELOW.store(0, SeqCst);
    CLOSED.store(false, SeqCst);
    ENDS_HERE.set(false);
}

/// Keeps this thread from ever going on, where it is.
pub(crate) fn park(py: Python<'_>) -> ! {
    py.detach(|| sleep_for_ever())
}

fn sleep_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}
