//! The end of the interpreter, and forks.
//!
//! A thread that wants the interpreter while that is being torn down is killed by
//! it (up to CPython 3.13) or sleeps for ever (from 3.14). Killed means unwound:
//! if a frame of Rust is on its stack, the process aborts. So workers run a loop
//! of Python (`driftline._workers`), whose callbacks have no frame of ours below
//! them, and a worker that waits for its next event passes a gate before it comes
//! back to the interpreter. [`_close_hubs`] shuts the hubs down, closes the gate, and
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
//! What aborted were callbacks still running when the gate closed. There are two
//! cases in which a frame of ours is below a callback all the same: in a thread of
//! the user's that emits, and in a worker that delivers what its observer derived.
//! For these a thread that is still inside an observer at the deadline is asked to
//! end (`SystemExit`, raised in it), and one that does not is put to sleep where it
//! is. What remains: a long call into C that returns while the interpreter is being
//! torn down (up to 3.13). `make test-exits` ends and forks processes in every
//! way that was thought of: 0 of 719 failed on 3.11, and 0 of 719 on 3.14t.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bindings::arguments;
use crate::bindings::gate;
use crate::bindings::hub::host::{Python3, Scope};
use crate::bindings::hub::local::thread_number;
use crate::hub::{Hub, ShutdownReport, forget_other_threads, threads_inside_observers};
use crate::{delivery, fork};

/// How long the exit waits for what is in the queues of all hubs.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much longer it waits for the callbacks in flight then.
const GRACE: Duration = Duration::from_millis(200);

/// How long it waits without looking at pending signals.
const SLICE: Duration = Duration::from_millis(50);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(1);

/// The hubs of this process.
static HUBS: Mutex<Vec<Weak<Hub<Python3>>>> = Mutex::new(Vec::new());

/// The process ends: its hubs are being shut down.
static ENDING: AtomicBool = AtomicBool::new(false);

/// A hub that has to be shut down at the end.
pub(crate) fn remember(hub: &Arc<Hub<Python3>>) {
    let mut hubs = HUBS.lock().unwrap_or_else(PoisonError::into_inner);
    hubs.retain(|hub| hub.strong_count() > 0);
    hubs.push(Arc::downgrade(hub));
}

/// Towards the end of the interpreter a thread sleeps for ever rather than end: what
/// it takes down with it (its thread-locals) must not meet what the interpreter
/// takes down. On 3.14t both have waited for each other's locks, in 1 of 900 exits
/// on a loaded machine.
pub(crate) fn stay_if_ending(py: Python<'_>) {
    if ENDING.load(SeqCst) {
        gate::park(py);
    }
}

/// Keeps this thread from ever going on, where it is: it would be killed.
#[pyfunction]
pub(crate) fn _park(py: Python<'_>) {
    gate::park(py);
}

/// Shuts down every hub, within two seconds in all, and lets no other thread back
/// into the interpreter.
#[pyfunction]
pub(crate) fn _close_hubs(py: Python<'_>) -> PyResult<()> {
    ENDING.store(true, SeqCst);
    let drained = Instant::now() + PATIENCE;
    let hubs: Vec<_> = {
        let hubs = HUBS.lock().unwrap_or_else(PoisonError::into_inner);
        let hubs = hubs.iter().filter_map(Weak::upgrade);
        hubs.filter(|hub| hub.ended().is_none()).collect()
    };
    for hub in &hubs {
        hub.silence();
    }
    let mut interrupted = None;
    for hub in &hubs {
        let left = match interrupted {
            Some(_) => Duration::ZERO,
            None => drained.saturating_duration_since(Instant::now()),
        };
        let scope = &mut Scope::attached(py);
        let mut report = hub.shutdown(left, scope);
        if let Err(error) = report {
            interrupted = Some(error);
            report = hub.shutdown(Duration::ZERO, scope); // what is left now
        }
        if let Ok(report) = report {
            tell_of_the_left(
                "at exit",
                &report,
                interrupted.is_none().then_some(PATIENCE),
            );
        }
    }
    // What is to be sent for hubs that are gone, or by who was unregistered.
    while interrupted.is_none() {
        let slice = drained.min(Instant::now() + SLICE);
        if gate::outside(py, || delivery::drain_all(slice)) || Instant::now() >= drained {
            break;
        }
        interrupted = py.check_signals().err();
    }
    delivery::abandon_all();
    let grace = Instant::now() + GRACE;
    gate::close(py, grace);
    // Who was shut down before had its time, and who pressed Ctrl-C has none.
    let waits = interrupted.is_none() && !hubs.is_empty();
    wait_for_observers(py, if waits { drained + GRACE } else { grace });
    interrupted.map_or(Ok(()), Err)
}

/// Warns of events that a shutdown has left; `within` is none when it was
/// interrupted.
pub(crate) fn tell_of_the_left(when: &str, report: &ShutdownReport, within: Option<Duration>) {
    if report.left == 0 {
        return;
    }
    let names: Vec<_> = report.by_observer.iter().map(|(name, _)| &**name).collect();
    let until = match within {
        Some(within) => format!("within {} s", within.as_secs()),
        None => "before the interrupt".to_owned(),
    };
    let (left, names) = (report.left, names.join(", "));
    log::warn!(
        target: "driftline::hub",
        "{when} {left} event{} not delivered {until}: {names}",
        if left == 1 { " was" } else { "s were" },
    );
}

/// The threads that are still inside an observer, having waited for them a little.
#[pyfunction]
pub(crate) fn _threads_inside(py: Python<'_>, wait_s: f64) -> Vec<u64> {
    wait_for_observers(
        py,
        Instant::now() + arguments::seconds(wait_s.clamp(0.0, 1.0)),
    );
    threads_inside()
}

fn threads_inside() -> Vec<u64> {
    let own = thread_number();
    let mut threads = threads_inside_observers();
    threads.retain(|number| *number != own && *number != 0);
    threads
}

fn wait_for_observers(py: Python<'_>, until: Instant) {
    while !threads_inside().is_empty() && Instant::now() < until {
        py.detach(|| std::thread::sleep(LOOK));
    }
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
    gate::reopen();
    ENDING.store(false, SeqCst);
    forget_other_threads(thread_number());
    fork::child();
}

/// Has the functions above called when their time has come.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
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
