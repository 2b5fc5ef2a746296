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
    /// The hub refused the event: the chain of derived events was too long, or
    /// the hub is shut down.
    Refused(Error),
}

impl<H: Host> fmt::Display for FailureError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(error) => error.fmt(f),
            Self::Native(error) => error.fmt(f),
            Self::Panic(message) => write!(f, "panicked: {message}"),
            Self::Refused(error) => error.fmt(f),
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
    /// Observers that returned, or whose queue accepted the event.
    pub success: u64,
    /// Observers that failed; [`super::Hub::emit_many`] keeps the first
    /// [`Report::MAX_FAILURES`].
    pub failures: Vec<Failure<H>>,
    /// Observers whose queue dropped the event.
    pub dropped: u64,
    /// Whether the event was put off until the current one has been delivered.
    pub deferred: bool,
    /// What must reach the emitter, such as a keyboard interrupt.
    pub interrupt: Option<H::Error>,
}

impl<H: Host> Report<H> {
    /// How many failures one report keeps.
    pub const MAX_FAILURES: usize = 100;

    /// Adds a failure, if the report may hold more.
    pub(super) fn keep(&mut self, failure: Failure<H>) {
        if self.failures.len() < Self::MAX_FAILURES {
            self.failures.push(failure);
        }
    }
}

/// A [`Report`] in the making: three words, as long as everyone who is called
/// returns. What goes wrong is rare and stands elsewhere.
pub struct Tally<H: Host> {
    /// Observers that matched.
    pub(super) attempted: u64,
    /// Observers whose queue dropped the event.
    pub(super) dropped: u64,
    trouble: Option<Box<Trouble<H>>>,
}

/// What went wrong so far.
pub(super) struct Trouble<H: Host> {
    failed: u64,
    /// The failures and the interrupt; its counts are written at the end.
    pub(super) report: Report<H>,
}

impl<H: Host> Tally<H> {
    /// How many observers were called, if every one returned.
    #[inline]
    pub fn all_well(&self) -> Option<u64> {
        (self.trouble.is_none() && self.dropped == 0).then_some(self.attempted)
    }

    /// How many observers matched and how many of their queues dropped the event,
    /// if nothing else went wrong.
    pub fn only_drops(&self) -> Option<(u64, u64)> {
        self.trouble
            .is_none()
            .then_some((self.attempted, self.dropped))
    }

    /// What must reach the emitter.
    #[inline]
    pub(super) fn is_interrupted(&self) -> bool {
        let trouble = self.trouble.as_ref();
        trouble.is_some_and(|trouble| trouble.report.interrupt.is_some())
    }

    /// One of the observers that were called failed.
    #[cold]
    pub(super) fn failed(&mut self) -> &mut Report<H> {
        let trouble = self.trouble();
        trouble.failed += 1;
        &mut trouble.report
    }

    /// Keeps what must reach the emitter.
    #[cold]
    pub(super) fn interrupt(&mut self, error: H::Error) {
        self.trouble().report.interrupt.get_or_insert(error);
    }

    /// Keeps of the tally of another event what must reach the emitter.
    #[cold]
    pub(super) fn take_interrupt(&mut self, other: Self) {
        let interrupt = other.trouble.and_then(|trouble| trouble.report.interrupt);
        if interrupt.is_some() && !self.is_interrupted() {
            self.trouble().report.interrupt = interrupt;
        }
    }

    /// Adds the tally of another root.
    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.attempted += other.attempted;
        self.dropped += other.dropped;
        if let Some(trouble) = other.trouble {
            self.add_trouble(*trouble);
        }
    }

    #[cold]
    fn add_trouble(&mut self, other: Trouble<H>) {
        let trouble = self.trouble();
        trouble.failed += other.failed;
        for failure in other.report.failures {
            trouble.report.keep(failure);
        }
        let interrupt = other.report.interrupt;
        trouble.report.interrupt = trouble.report.interrupt.take().or(interrupt);
    }

    fn trouble(&mut self) -> &mut Trouble<H> {
        self.trouble.get_or_insert_with(|| {
            Box::new(Trouble {
                failed: 0,
                report: Report::default(),
            })
        })
    }
}

impl<H: Host> Default for Tally<H> {
    #[inline]
    fn default() -> Self {
        Self {
            attempted: 0,
            dropped: 0,
            trouble: None,
        }
    }
}

impl<H: Host> From<Tally<H>> for Report<H> {
    fn from(tally: Tally<H>) -> Self {
        let (attempted, dropped) = (tally.attempted, tally.dropped);
        let (failed, report) = match tally.trouble {
            Some(trouble) => (trouble.failed, trouble.report),
            None => (0, Self::default()),
        };
        Self {
            attempted,
            success: attempted - failed - dropped,
            dropped,
            ..report
        }
    }
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
