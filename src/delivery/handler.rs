//! Whoever sees to jobs.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::{Loss, Outcome};

/// Whoever sees to the jobs of one outbox. It is called by one thread at a time, which
/// has let go of the host's own lock and holds none of the outbox's.
pub trait Handler<J>: Send + Sync {
    /// The name in counters, logs and of the thread; no secret.
    fn name(&self) -> Arc<str>;

    /// Whether a job is still to be done. It is asked before every attempt; what is no
    /// longer wanted counts as delivered.
    fn wants(&self, _job: &J) -> bool {
        true
    }

    /// One attempt at a job; may take long.
    fn handle(&self, job: &J) -> Outcome;

    /// What the embedding language calls in place of [`Handler::handle`].
    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }

    /// What a job is, for the log.
    fn describe(&self, job: &J) -> String;

    /// A job has come to its end: `None`, it was delivered; else why not, and what
    /// the last attempt said.
    fn ended(&self, _job: &J, _lost: Option<(Loss, &str)>) {}

    /// In how long [`Handler::refresh`] is to be called if nothing else is to be done
    /// before; `None`: not at all. It is asked after every job and every call.
    fn refresh_in(&self) -> Option<Duration> {
        None
    }

    /// What has to be done now and then; `None` when nothing was to be tried.
    fn refresh(&self) -> Option<Outcome> {
        None
    }
}
