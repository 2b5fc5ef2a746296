//! Work that leaves the emitter's thread: bounded, in order, retried, and every
//! loss counted by its reason.
//!
//! How an attempt ended is an [`Outcome`], why something was lost a [`Loss`]. An
//! [`Outbox`] is one queue as plain data; a [`Desk`] is several of them behind one
//! lock, with the workers that wait for them.

mod courier;
mod desk;
mod handler;
pub mod http;
mod outbox;
mod secret;

pub use courier::{Courier, Next, Start, start_thread};
pub use desk::{Desk, Filled, abandon_all, drain_all};
pub use handler::Handler;
pub use outbox::{Account, Outbox, Settled, Weight};
pub use secret::Secret;

use std::fmt;
use std::time::Duration;

/// Where what goes wrong is logged.
const TARGET: &str = "driftline::delivery";

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Delivered,
    /// Not done, and worth another attempt.
    Retry {
        /// What stood in the way.
        reason: Loss,
        /// When the other side wants the next attempt, if it said so.
        after: Option<Duration>,
        /// What to tell of it; never a secret.
        error: String,
    },
    /// Not done, and another attempt would not help.
    Lost {
        /// What stood in the way.
        reason: Loss,
        /// What to tell of it; never a secret.
        error: String,
    },
}

/// Why something was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// The queue was full.
    QueueFull,
    /// No connection, or it broke before the answer.
    Connection,
    /// No answer in time.
    Timeout,
    /// The server answered 429 at the last attempt.
    TooManyRequests,
    /// The server answered with another status from 500 on at the last attempt.
    ServerError,
    /// The server answered with a status from 300 to 399.
    Redirected,
    /// The server answered with another status that means no.
    Refused,
    /// A callable or command failed.
    Failed,
    /// It was shut down before its turn.
    Shutdown,
    /// No worker could be started.
    NoWorker,
}

impl Loss {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::QueueFull,
        Self::Connection,
        Self::Timeout,
        Self::TooManyRequests,
        Self::ServerError,
        Self::Redirected,
        Self::Refused,
        Self::Failed,
        Self::Shutdown,
        Self::NoWorker,
    ];

    /// Its name in counters and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::TooManyRequests => "too_many_requests",
            Self::ServerError => "server_error",
            Self::Redirected => "redirected",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Shutdown => "shutdown",
            Self::NoWorker => "no_worker",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
