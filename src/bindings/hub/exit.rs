//! The end of the interpreter, and forks.
//!
//! A thread that wants the interpreter while that is being torn down is killed by
//! it (up to CPython 3.13) or sleeps for ever (from 3.14). Killed means unwound:
//! if a frame of Rust is on its stack, the process aborts. So workers run a loop
//! of Python (`driftline._workers`), whose callbacks have no frame of ours below
//! them, and a worker that waits for its next event passes a gate before it comes
//! back to the interpreter. [`_at_exit`] shuts the hubs down, closes the gate, and
//! waits for the callbacks in flight.
//!
//! Three kinds of workers were tried, each with such a gate, in nine ways to end
//! (idle, full queues, callbacks in flight, hung, spinning or napping for ever,
//! raising, threads that still emit); exits that aborted, of 540 each:
//!
//! | worker | 3.11 | 3.14t | forks that failed, of 200 each, 3.11 and 3.14t |
//! |---|---|---|---|
//! | native thread that tries to attach | 132 | 0 | 1 (child hung), 0 |
//! | daemon thread inside a loop of Rust | 154 | 0 | 0, 0 |
//! | daemon thread inside a loop of Python | 0 | 0 (1 timed out after 15 s on a loaded machine; none of 300 more) | 0, 0 |
//!
//! What aborted were callbacks still running when the gate closed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bindings::hub::host::{Python3, Scope};
use crate::hub::{Hub, fork};

/// How long the exit waits in all.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(1);

/// The hubs of this process.
static HUBS: Mutex<Vec<Weak<Hub<Python3>>>> = Mutex::new(Vec::new());

/// No worker comes back to the interpreter any more.
static GATE_CLOSED: AtomicBool = AtomicBool::new(false);

/// Workers that are inside the interpreter, or about to be.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// A hub that has to be shut down at the end.
pub(crate) fn remember(hub: &Arc<Hub<Python3>>) {
    let mut hubs = HUBS.lock().unwrap_or_else(PoisonError::into_inner);
    hubs.retain(|hub| hub.strong_count() > 0);
    hubs.push(Arc::downgrade(hub));
}

/// A worker's thread begins.
pub(crate) fn begin() {
    INSIDE.fetch_add(1, SeqCst);
}

/// A worker's thread ends; it is inside the interpreter.
pub(crate) fn end() {
    INSIDE.fetch_sub(1, SeqCst);
}

/// Leaves the interpreter for as long as `wait` takes; sleeps for ever when the
/// gate was closed meanwhile.
pub(crate) fn outside<R: Send>(py: Python<'_>, wait: impl FnOnce() -> R + Send) -> R {
    INSIDE.fetch_sub(1, SeqCst);
    py.detach(|| {
        let result = wait();
        INSIDE.fetch_add(1, SeqCst);
        if GATE_CLOSED.load(SeqCst) {
            INSIDE.fetch_sub(1, SeqCst);
            loop {
                std::thread::park();
            }
        }
        result
    })
}

/// Shuts down every hub, within two seconds in all, and lets no worker back into
/// the interpreter.
#[pyfunction]
pub(crate) fn _at_exit(py: Python<'_>) -> PyResult<()> {
    let until = Instant::now() + PATIENCE;
    let hubs: Vec<_> = {
        let hubs = HUBS.lock().unwrap_or_else(PoisonError::into_inner);
        hubs.iter().filter_map(Weak::upgrade).collect()
    };
    let mut interrupted = None;
    for hub in &hubs {
        let left = until.saturating_duration_since(Instant::now());
        let left = if interrupted.is_some() {
            Duration::ZERO
        } else {
            left
        };
        match hub.shutdown(left, &mut Scope::attached(py)) {
            Ok(report) if report.left > 0 => {
                let names: Vec<_> = report.by_observer.iter().map(|(name, _)| &**name).collect();
                let names = names.join(", ");
                log::warn!(
                    target: "driftline::hub",
                    "at exit {} events were not delivered within {} s: {names}",
                    report.left, PATIENCE.as_secs(),
                );
            }
            Ok(_) => {}
            Err(error) => interrupted = Some(error),
        }
    }
    for hub in &hubs {
        hub.silence();
    }
    GATE_CLOSED.store(true, SeqCst);
    py.detach(|| {
        while INSIDE.load(SeqCst) > 0 && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    });
    interrupted.map_or(Ok(()), Err)
}

/// Before `os.fork()`.
#[pyfunction]
pub(crate) fn _before_fork(py: Python<'_>) {
    fork::before(|| py.detach(|| std::thread::sleep(LOOK)));
}

/// In the parent after `os.fork()`.
#[pyfunction]
pub(crate) fn _after_fork_in_parent() {
    fork::parent();
}

/// In the child after `os.fork()`.
#[pyfunction]
pub(crate) fn _after_fork_in_child() {
    INSIDE.store(0, SeqCst);
    GATE_CLOSED.store(false, SeqCst);
    fork::child();
}

/// Has the functions above called when their time has come.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    let at_exit = wrap_pyfunction!(_at_exit, py)?;
    py.import("atexit")?.call_method1("register", (at_exit,))?;
    let os = py.import("os")?;
    if let Some(register) = os.getattr_opt("register_at_fork")? {
        let hooks = PyDict::new(py);
        hooks.set_item("before", wrap_pyfunction!(_before_fork, py)?)?;
        hooks.set_item(
            "after_in_parent",
            wrap_pyfunction!(_after_fork_in_parent, py)?,
        )?;
        hooks.set_item(
            "after_in_child",
            wrap_pyfunction!(_after_fork_in_child, py)?,
        )?;
        register.call((), Some(&hooks))?;
    }
    Ok(())
}
