//! The language that embeds the hub.

use std::convert::Infallible;
use std::fmt;

use std::sync::Arc;

use super::{Thread, Worker};
use crate::event::Event;
use crate::fork::Section;
use crate::observer::ObserverError;

/// What came of calling an observer.
#[derive(Debug)]
pub enum Outcome<E> {
    /// It returned.
    Done,
    /// It failed.
    Failed(E),
    /// It does not exist any more (a weakly held one); the hub forgets it.
    Gone,
}

/// The language that embeds the hub: what its callables are and how one is
/// called. Resolved at compile time, so that a call costs no more than the call.
pub trait Host: Sized + 'static {
    /// A callable of the host's, registered as an observer.
    type Callable: Send + Sync;
    /// What a failing callable leaves behind.
    type Error: Send + fmt::Display;
    /// What the host keeps during an emission, such as the event as an object
    /// of its own.
    type Scope<'a>;

    /// Whether callables are only ever called by one thread at a time (under a
    /// global interpreter lock), so that counting calls needs no atomic
    /// read-modify-write.
    const SERIAL: bool;

    /// A scope for work that no caller gave one for.
    fn scope() -> Self::Scope<'static>;

    /// Runs `f` with what the hub keeps for the calling thread, looked up once
    /// for all that an emission does.
    fn with_thread<R>(f: impl FnMut(&Thread) -> R) -> R;

    /// Another event is about to be delivered within the emission.
    fn begin(scope: &mut Self::Scope<'_>);

    /// Calls an observer.
    fn call(
        scope: &mut Self::Scope<'_>,
        callable: &Self::Callable,
        event: &Event,
    ) -> Outcome<Self::Error>;

    /// Whether somebody wants a long emission to stop (Ctrl-C); asked between runs
    /// of values.
    fn interrupted(_scope: &mut Self::Scope<'_>) -> Option<Self::Error> {
        None
    }

    /// Calls a callable without an argument.
    fn call_plain(scope: &mut Self::Scope<'_>, callable: &Self::Callable) -> Outcome<Self::Error>;

    /// Runs what may wait for long, such as for room in a queue, having let go of
    /// what the host keeps others from (an interpreter's lock).
    fn detached<R: Send>(_scope: &mut Self::Scope<'_>, f: impl FnOnce() -> R + Send) -> R {
        f()
    }

    /// Whether this thread may wait: not when it runs an event loop.
    fn may_wait(_scope: &mut Self::Scope<'_>) -> bool {
        true
    }

    /// Keeps a fork from happening in the middle of native work, where the host's
    /// own lock does not.
    fn section(_scope: &Self::Scope<'_>) -> Option<Section> {
        None
    }

    /// Starts a thread on which the worker runs until its queue is closed.
    ///
    /// # Errors
    /// Why that is not possible.
    fn start_worker(scope: &mut Self::Scope<'_>, worker: Arc<Worker<Self>>) -> Result<(), String>;

    /// Calls the part of a worker that runs on an event loop: there is something
    /// to do. Whether it takes that on; if not, it has dropped what waits.
    fn call_loop(scope: &mut Self::Scope<'_>, on_loop: &Self::Callable) -> bool;

    /// What code of the host's failed with, when that is why a native observer did.
    ///
    /// # Errors
    /// The observer's error, when it is its own.
    fn own_error(error: ObserverError) -> Result<Self::Error, ObserverError> {
        Err(error)
    }

    /// Whether the error must reach the emitter (a keyboard interrupt).
    fn is_interrupt(error: &Self::Error) -> bool;
}

#[cfg(loom)]
use loom::thread_local;

thread_local! {
    static THREAD: Thread = Thread::new(0);
}

/// No embedding language: native observers only.
#[derive(Debug)]
pub struct Native;

impl Host for Native {
    type Callable = Infallible;
    type Error = Infallible;
    type Scope<'a> = ();

    const SERIAL: bool = false;

    fn with_thread<R>(mut f: impl FnMut(&Thread) -> R) -> R {
        match THREAD.try_with(|thread| f(thread)) {
            Ok(result) => result,
            Err(_) => f(&Thread::new(0)), // past the thread's end
        }
    }

    fn scope() {}

    fn begin((): &mut ()) {}

    fn call((): &mut (), callable: &Infallible, _: &Event) -> Outcome<Infallible> {
        match *callable {}
    }

    fn call_plain((): &mut (), callable: &Infallible) -> Outcome<Infallible> {
        match *callable {}
    }

    fn start_worker((): &mut (), worker: Arc<Worker<Self>>) -> Result<(), String> {
        let run = move || worker.run(&mut ());
        #[cfg(not(loom))]
        {
            let thread = std::thread::Builder::new().name("driftline".to_owned());
            thread.spawn(run).map_err(|error| error.to_string())?;
        }
        #[cfg(loom)]
        loom::thread::spawn(run);
        Ok(())
    }

    fn call_loop((): &mut (), on_loop: &Infallible) -> bool {
        match *on_loop {}
    }

    fn is_interrupt(error: &Infallible) -> bool {
        match *error {}
    }
}
