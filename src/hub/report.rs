//! What an emission answers.

use std::fmt;
use std::sync::Arc;

use super::{Handle, Host};
use crate::error::Error;
use crate::observer::ObserverError;

/// Why an observer failed.
pub enum FailureError<H: Host> {
    /// A callable of the host's failed.
    Foreign(H::Error),
    /// A native observer returned an error.
    Native(ObserverError),
    /// A native observer panicked; the panic went no further.
    Panic(String),
    /// The event was refused: the chain of derived events was too long.
    Loop(Error),
}

impl<H: Host> fmt::Display for FailureError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(error) => error.fmt(f),
            Self::Native(error) => error.fmt(f),
            Self::Panic(message) => write!(f, "panicked: {message}"),
            Self::Loop(error) => error.fmt(f),
        }
    }
}

impl<H: Host> fmt::Debug for FailureError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One observer that failed.
pub struct Failure<H: Host> {
    /// Which; `None` when the hub itself refused the event.
    pub handle: Option<Handle>,
    /// Its name.
    pub name: Arc<str>,
    /// Why.
    pub error: FailureError<H>,
}

impl<H: Host> fmt::Debug for Failure<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({}: {})", self.name, self.error)
    }
}

/// What became of one emission. Derived events do not count here.
pub struct Report<H: Host> {
    /// Observers that matched.
    pub attempted: u64,
    /// Observers that returned.
    pub success: u64,
    /// Observers that failed; [`super::Hub::emit_many`] keeps the first
    /// [`Report::MAX_FAILURES`].
    pub failures: Vec<Failure<H>>,
    /// Deliveries that were dropped.
    pub dropped: u64,
    /// Whether the event was put off until the current one has been delivered.
    pub deferred: bool,
    /// What must reach the emitter, such as a keyboard interrupt.
    pub interrupt: Option<H::Error>,
}

impl<H: Host> Report<H> {
    /// How many failures one report keeps.
    pub const MAX_FAILURES: usize = 100;
}

impl<H: Host> Default for Report<H> {
    fn default() -> Self {
        Self {
            attempted: 0,
            success: 0,
            failures: Vec::new(),
            dropped: 0,
            deferred: false,
            interrupt: None,
        }
    }
}

impl<H: Host> fmt::Debug for Report<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("attempted", &self.attempted)
            .field("success", &self.success)
            .field("failures", &self.failures)
            .field("dropped", &self.dropped)
            .field("deferred", &self.deferred)
            .finish()
    }
}
