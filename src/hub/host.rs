//! The language that embeds the hub.

use std::convert::Infallible;
use std::fmt;

use super::Thread;
use crate::event::Event;

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

    /// Whether the error must reach the emitter (a keyboard interrupt).
    fn is_interrupt(error: &Self::Error) -> bool;
}

thread_local! {
    static THREAD: Thread = Thread::new();
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
            Err(_) => f(&Thread::new()), // past the thread's end
        }
    }

    fn begin((): &mut ()) {}

    fn call((): &mut (), callable: &Infallible, _: &Event) -> Outcome<Infallible> {
        match *callable {}
    }

    fn is_interrupt(error: &Infallible) -> bool {
        match *error {}
    }
}
