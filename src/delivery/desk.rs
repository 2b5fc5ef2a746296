//! Outboxes behind one lock, and the workers that empty them.

use std::any::Any;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::outbox::{Account, Outbox, Settled};
use super::{Loss, Outcome};
use crate::fork;

/// Where what goes wrong is logged.
const TARGET: &str = "driftline::delivery";

/// Whoever sees to the jobs of one outbox. It is called by one thread at a time.
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

    /// How often [`Handler::refresh`] is called when nothing else is to be done.
    fn refresh_every(&self) -> Option<Duration> {
        None
    }

    /// What has to be done now and then.
    fn refresh(&self) -> Outcome {
        Outcome::Delivered
    }
}

/// Starts a thread on which [`Courier::run`], or what does the same, runs.
pub type Start<J> = dyn Fn(Courier<J>) -> Result<(), String> + Send + Sync;

struct Lane<J> {
    outbox: Outbox<J>,
    has_worker: bool,
    /// Whether its handler is being told what came of a job.
    ending: bool,
    /// When [`Handler::refresh`] is due; none before the first job.
    refresh: Option<Instant>,
    /// Whether the last attempt failed.
    failing: bool,
    /// What was lost for want of room since that was told.
    untold: u64,
}

struct State<J> {
    lanes: Vec<Lane<J>>,
    random: Xoshiro256PlusPlus,
    /// Workers end as soon as there is nothing left to do.
    finished: bool,
}

/// Several outboxes, one per handler, each with a worker of its own that is started
/// with the first job.
pub struct Desk<J> {
    epoch: u32,
    handlers: Vec<Arc<dyn Handler<J>>>,
    state: Mutex<State<J>>,
    changed: Condvar,
}

impl<J> std::fmt::Debug for Desk<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let handlers = self.handlers.len();
        f.debug_struct("Desk").field("handlers", &handlers).finish()
    }
}

/// What a worker finds.
#[derive(Debug)]
pub enum Next<J> {
    /// A job to be tried.
    Job(Arc<J>),
    /// [`Handler::refresh`] is due.
    Refresh,
    /// Nothing now.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

impl<J: Send + Sync + 'static> Desk<J> {
    /// With an outbox for each of the handlers; `seed` is for the waits between
    /// attempts.
    pub fn new(
        handlers: Vec<Arc<dyn Handler<J>>>,
        capacity: u64,
        retries: u32,
        seed: u64,
    ) -> Arc<Self> {
        let lane = |_: &Arc<dyn Handler<J>>| Lane {
            outbox: Outbox::new(capacity, retries),
            has_worker: false,
            ending: false,
            refresh: None,
            failing: false,
            untold: 0,
        };
        let lanes = handlers.iter().map(lane).collect();
        Arc::new(Self {
            epoch: fork::epoch(),
            handlers,
            state: Mutex::new(State {
                lanes,
                random: Xoshiro256PlusPlus::seed_from_u64(seed),
                finished: false,
            }),
            changed: Condvar::new(),
        })
    }

    /// Whether it belongs to a process that this one was forked from: its lock may be
    /// held by a thread that is no more, and its jobs are the parent's.
    pub fn is_stale(&self) -> bool {
        self.epoch != fork::epoch()
    }

    /// The handlers, in the order of the outboxes.
    pub fn handlers(&self) -> &[Arc<dyn Handler<J>>] {
        &self.handlers
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives `fill` each outbox in turn, to put jobs in. What is left to be done then
    /// is done by [`Filled::see_off`], once no lock is held.
    pub fn fill(self: &Arc<Self>, mut fill: impl FnMut(usize, &mut Outbox<J>)) -> Filled<J> {
        let mut state = self.lock();
        let mut filled = Filled {
            missing: Vec::new(),
            full: Vec::new(),
        };
        for (index, lane) in state.lanes.iter_mut().enumerate() {
            let before = lane.outbox.account().lost[Loss::QueueFull as usize];
            fill(index, &mut lane.outbox);
            let lost = lane.outbox.account().lost[Loss::QueueFull as usize] - before;
            if lost > 0 && lane.untold == 0 {
                let handler = self.handlers.get(index);
                filled.full.extend(handler.map(|handler| handler.name()));
            }
            lane.untold += lost;
            if !lane.has_worker && !lane.outbox.is_empty() {
                lane.has_worker = true;
                filled.missing.push(Courier {
                    desk: Arc::clone(self),
                    lane: index,
                });
            }
        }
        drop(state);
        self.changed.notify_all();
        filled
    }

    /// How many things went which way, of one outbox.
    pub fn account(&self, lane: usize) -> Account {
        let state = self.lock();
        let lane = state.lanes.get(lane);
        lane.map(|lane| lane.outbox.account()).unwrap_or_default()
    }

    /// How many things went which way, of all outboxes.
    pub fn total(&self) -> Account {
        let state = self.lock();
        let sum = |sum: Account, lane: &Lane<J>| sum.and(&lane.outbox.account());
        state.lanes.iter().fold(Account::default(), sum)
    }

    /// Sends off what waits for company, and waits until every outbox is empty, at
    /// most until `until`; whether that is so.
    pub fn drain(&self, until: Instant) -> bool {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            for lane in &mut state.lanes {
                lane.outbox.hasten(now);
            }
            let is_over = |lane: &Lane<J>| lane.outbox.is_empty() && !lane.ending;
            if state.lanes.iter().all(is_over) {
                return true;
            }
            if now >= until {
                return false;
            }
            self.changed.notify_all();
            let left = until.saturating_duration_since(now);
            let woken = self.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Loses all that waits: nobody has time for it any more. Workers end, and tell
    /// nobody again what lasts.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.finished = true;
        let abandon = |lane: &mut Lane<J>| lane.outbox.abandon(Loss::Shutdown);
        let lost: Vec<_> = state.lanes.iter_mut().map(abandon).collect();
        drop(state);
        self.changed.notify_all();
        for (handler, lost) in self.handlers.iter().zip(lost) {
            if lost > 0 {
                log::error!(target: TARGET, "{}: {lost} lost: shut down", handler.name());
            }
        }
    }

    /// Nothing is offered any more: workers end when they have delivered what waits.
    pub fn finish(&self) {
        self.lock().finished = true;
        self.changed.notify_all();
    }
}

/// What is left to be done when jobs were put into outboxes.
#[derive(Debug)]
#[must_use = "jobs without a worker wait for ever"]
pub struct Filled<J> {
    missing: Vec<Courier<J>>,
    full: Vec<Arc<str>>,
}

impl<J: Send + Sync + 'static> Filled<J> {
    /// Has `start` start the workers that are missing, and logs what there was no room
    /// for.
    pub fn see_off(self, start: &Start<J>) {
        for name in self.full {
            let what = "the queue is full: what comes is lost until there is room";
            log::error!(target: TARGET, "{name}: {what}");
        }
        for courier in self.missing {
            courier.start(start);
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
        let lost = state.lanes.get_mut(lane).map_or(0, |lane| {
            lane.has_worker = false;
            lane.outbox.abandon(Loss::NoWorker)
        });
        drop(state);
        desk.changed.notify_all();
        if let Some(handler) = desk.handlers.get(lane) {
            let name = handler.name();
            log::error!(target: TARGET, "{name}: {lost} lost: no worker could be started: {error}");
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

    /// The next thing to do; with `wait`, once there is one.
    pub fn next(&self, wait: bool) -> Next<J> {
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
            if lane.refresh.is_some_and(|due| due <= now) {
                return Next::Refresh;
            }
            if !wait {
                return Next::Nothing;
            }
            let due = [lane.outbox.next_due(), lane.refresh];
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
        lane.refresh = handler.refresh_every().map(|every| now + every);
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

    /// [`Handler::refresh`] was called.
    pub fn refreshed(&self, outcome: &Outcome) {
        let Some(handler) = self.handler() else {
            return;
        };
        if self.is_stale() {
            return;
        }
        let mut state = self.desk.lock();
        let mut failed_before = false;
        if let Some(lane) = state.lanes.get_mut(self.lane) {
            failed_before = lane.failing;
            lane.failing = *outcome != Outcome::Delivered;
            lane.refresh = handler.refresh_every().map(|every| Instant::now() + every);
        }
        drop(state);
        if let (Outcome::Retry { error, .. } | Outcome::Lost { error, .. }, false) =
            (outcome, failed_before)
        {
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
            match self.next(true) {
                Next::Job(job) => self.settle(&job, &handler.handle(&job)),
                Next::Refresh => self.refreshed(&handler.refresh()),
                Next::Nothing => {}
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
