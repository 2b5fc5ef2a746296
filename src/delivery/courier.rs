//! The workers' side of a desk.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use rand_xoshiro::rand_core::Rng;

use super::desk::{Desk, Filled, tell_lost};
use super::handler::Handler;
use super::outbox::Settled;
use super::{Loss, Outcome, TARGET};

/// What a worker finds.
#[derive(Debug)]
pub enum Next<J> {
    /// A job to be tried.
    Job(Arc<J>),
    /// [`Handler::refresh`] is due.
    Refresh,
    /// Nothing will come any more.
    Closed,
}

/// Starts a thread on which [`Courier::run`], or what does the same, runs.
pub type Start<J> = dyn Fn(Courier<J>) -> Result<(), String> + Send + Sync;

impl<J: Send + Sync + 'static> Filled<J> {
    /// Wakes the workers, has `start` start those that are missing, and logs what there
    /// was no room for.
    pub fn see_off(self, start: &Start<J>) {
        self.desk.changed.notify_all();
        for name in self.full {
            let what = "the queue is full: what comes is lost until there is room";
            log::error!(target: TARGET, "{name}: {what}");
        }
        for lane in self.missing {
            let desk = Arc::clone(&self.desk);
            Courier { desk, lane }.start(start);
        }
    }
}

/// The way of one worker to its outbox.
#[derive(Debug)]
pub struct Courier<J> {
    desk: Arc<Desk<J>>,
    lane: usize,
}

impl<J: Send + Sync + 'static> Courier<J> {
    /// Has `start` start the worker; where it cannot, what waits is lost.
    fn start(self, start: &Start<J>) {
        let (desk, lane) = (Arc::clone(&self.desk), self.lane);
        let Err(error) = start(self) else {
            return;
        };
        let mut state = desk.lock();
        let lost = state.lanes.get_mut(lane).map_or_else(Vec::new, |lane| {
            lane.has_worker = false;
            lane.outbox.abandon(Loss::NoWorker)
        });
        drop(state);
        desk.changed.notify_all();
        if let Some(handler) = desk.handlers.get(lane) {
            let why = format!("no worker could be started: {error}");
            tell_lost(handler, &lost, &why);
        }
    }

    /// Whose jobs these are; `None` never.
    pub fn handler(&self) -> Option<&Arc<dyn Handler<J>>> {
        self.desk.handlers.get(self.lane)
    }

    /// Whether this thread was forked from the worker's.
    pub fn is_stale(&self) -> bool {
        self.desk.is_stale()
    }

    /// The next thing to do, once there is one. It waits, and asks the handler.
    pub fn next(&self) -> Next<J> {
        if self.is_stale() {
            return Next::Closed;
        }
        let mut state = self.desk.lock();
        loop {
            let finished = state.finished;
            let Some(lane) = state.lanes.get_mut(self.lane) else {
                return Next::Closed;
            };
            let now = Instant::now();
            if let Some((job, _)) = lane.outbox.take(now) {
                drop(state);
                if self.handler().is_none_or(|handler| handler.wants(&job)) {
                    return Next::Job(job);
                }
                self.settle(&job, &Outcome::Delivered);
                state = self.desk.lock();
                continue;
            }
            if finished && lane.outbox.is_empty() {
                lane.has_worker = false;
                return Next::Closed;
            }
            let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
            if is_due(lane.refresh) || is_due(lane.nudge) {
                lane.nudge = None;
                return Next::Refresh;
            }
            let due = [lane.outbox.next_due(), lane.refresh, lane.nudge];
            let due = due.into_iter().flatten().min();
            state = match due {
                None => self.desk.changed.wait(state),
                Some(due) => {
                    let left = due.saturating_duration_since(now);
                    let woken = self.desk.changed.wait_timeout(state, left);
                    Ok(woken.unwrap_or_else(PoisonError::into_inner).0)
                }
            }
            .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The job in hand was tried.
    pub fn settle(&self, job: &J, outcome: &Outcome) {
        let Some(handler) = self.handler() else {
            return;
        };
        if self.is_stale() {
            return;
        }
        // Not under the lock: it may take locks of its own.
        let refresh_in = handler.refresh_in();
        let now = Instant::now();
        let mut state = self.desk.lock();
        let jitter = 0.5 + state.random.next_u32() as f64 / f64::from(u32::MAX);
        let Some(lane) = state.lanes.get_mut(self.lane) else {
            return;
        };
        let settled = lane.outbox.settle(outcome, now, jitter);
        let failed_before = lane.failing;
        lane.failing = settled != Settled::Delivered;
        let untold = std::mem::take(&mut lane.untold);
        lane.refresh = refresh_in.map(|after| now + after);
        lane.ending = true;
        drop(state);
        self.tell(handler, job, outcome, &settled, failed_before, untold);
        match (&settled, outcome) {
            (Settled::Delivered, _) => handler.ended(job, None),
            (Settled::Lost(reason), Outcome::Retry { error, .. } | Outcome::Lost { error, .. }) => {
                handler.ended(job, Some((*reason, error)));
            }
            _ => {}
        }
        if let Some(lane) = self.desk.lock().lanes.get_mut(self.lane) {
            lane.ending = false;
        }
        self.desk.changed.notify_all();
    }

    fn tell(
        &self,
        handler: &Arc<dyn Handler<J>>,
        job: &J,
        outcome: &Outcome,
        settled: &Settled,
        failed_before: bool,
        untold: u64,
    ) {
        let name = handler.name();
        if untold > 0 {
            log::error!(target: TARGET, "{name}: {untold} lost: the queue was full");
        }
        let (Outcome::Retry { error, .. } | Outcome::Lost { error, .. }) = outcome else {
            if failed_before {
                log::info!(target: TARGET, "{name}: delivers again");
            }
            return;
        };
        let job = handler.describe(job);
        match settled {
            Settled::Lost(reason) => {
                log::error!(target: TARGET, "{name}: {job} lost ({reason}): {error}");
            }
            Settled::Retrying(wait) => {
                let level = if failed_before {
                    log::Level::Debug
                } else {
                    log::Level::Warn
                };
                let wait = wait.as_secs_f64();
                log::log!(target: TARGET, level, "{name}: {job}: {error}; again in {wait:.1} s");
            }
            Settled::Delivered => {}
        }
    }

    /// [`Handler::refresh`] was called; `None`, it had nothing to do.
    pub fn refreshed(&self, outcome: Option<&Outcome>) {
        let Some(handler) = self.handler() else {
            return;
        };
        if self.is_stale() {
            return;
        }
        let refresh_in = handler.refresh_in();
        let mut state = self.desk.lock();
        let mut failed_before = false;
        if let Some(lane) = state.lanes.get_mut(self.lane) {
            failed_before = lane.failing;
            if let Some(outcome) = outcome {
                lane.failing = *outcome != Outcome::Delivered;
            }
            lane.refresh = refresh_in.map(|after| Instant::now() + after);
        }
        drop(state);
        let Some(Outcome::Retry { error, .. } | Outcome::Lost { error, .. }) = outcome else {
            return;
        };
        if !failed_before {
            let name = handler.name();
            log::warn!(target: TARGET, "{name}: could not be told again what lasts: {error}");
        }
    }

    /// Sees to every job on this thread until none will come any more.
    pub fn run(&self) {
        let Some(handler) = self.handler() else {
            return;
        };
        loop {
            match self.next() {
                Next::Job(job) => self.settle(&job, &handler.handle(&job)),
                Next::Refresh => self.refreshed(handler.refresh().as_ref()),
                Next::Closed => return,
            }
        }
    }
}

/// Starts plain threads: where no other language embeds the hub.
///
/// # Errors
/// Why the system has no thread to give.
pub fn start_thread<J: Send + Sync + 'static>(courier: Courier<J>) -> Result<(), String> {
    let thread = std::thread::Builder::new().name("driftline".to_owned());
    let started = thread.spawn(move || courier.run());
    started.map(drop).map_err(|error| error.to_string())
}
