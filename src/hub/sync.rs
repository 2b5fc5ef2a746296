//! Locks and threads of the hub, which a model checker can take the place of:
//! `make test-models` builds with `--cfg loom`.

#[cfg(loom)]
pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};

use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Locks; what a panic left is consistent, as nothing of ours panics within.
#[inline]
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So much later. What is too far for the clock is as good as a year.
pub(super) fn later(from: Instant, by: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    from + by.min(YEAR)
}

/// Waits to be told, at most until `until`. May wake up for nothing.
pub(super) fn wait<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    until: Option<Instant>,
) -> MutexGuard<'a, T> {
    let Some(until) = until else {
        return condvar.wait(guard).unwrap_or_else(PoisonError::into_inner);
    };
    let left = until.saturating_duration_since(Instant::now());
    let woken = condvar.wait_timeout(guard, left);
    woken.unwrap_or_else(PoisonError::into_inner).0
}

/// An [`arc_swap::ArcSwap`]; under the model checker, which cannot look into
/// that one, a lock around a pointer.
#[cfg(not(loom))]
pub(super) type Published<T> = arc_swap::ArcSwap<T>;

#[cfg(loom)]
pub(super) struct Published<T>(Mutex<std::sync::Arc<T>>);

#[cfg(loom)]
impl<T> Published<T> {
    pub(super) fn from_pointee(value: T) -> Self {
        Self(Mutex::new(std::sync::Arc::new(value)))
    }

    pub(super) fn load(&self) -> std::sync::Arc<T> {
        self.load_full()
    }

    pub(super) fn load_full(&self) -> std::sync::Arc<T> {
        std::sync::Arc::clone(&lock(&self.0))
    }

    pub(super) fn swap(&self, new: std::sync::Arc<T>) -> std::sync::Arc<T> {
        std::mem::replace(&mut *lock(&self.0), new)
    }

    pub(super) fn store(&self, new: std::sync::Arc<T>) {
        drop(self.swap(new));
    }
}
