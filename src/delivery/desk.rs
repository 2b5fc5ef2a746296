//! Outboxes behind one lock.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use super::handler::Handler;
use super::outbox::{Account, Outbox};
use super::{Loss, TARGET};
use crate::fork;

pub(super) struct Lane<J> {
    pub(super) outbox: Outbox<J>,
    pub(super) has_worker: bool,
    /// Whether its handler is being told what came of a job.
    pub(super) ending: bool,
    /// When its handler wants to refresh.
    pub(super) refresh: Option<Instant>,
    /// When it is to refresh because something outside has changed.
    pub(super) nudge: Option<Instant>,
    /// Whether the last attempt failed.
    pub(super) failing: bool,
    /// What was lost for want of room since that was told.
    pub(super) untold: u64,
}

pub(super) struct State<J> {
    pub(super) lanes: Vec<Lane<J>>,
    pub(super) random: Xoshiro256PlusPlus,
    /// Workers end as soon as there is nothing left to do.
    pub(super) finished: bool,
    /// What waited was lost; nobody is waited for any more.
    abandoned: bool,
}

/// What is to be drained at the end of the process.
trait Live: Send + Sync {
    fn drain(&self, until: Instant) -> bool;
    fn abandon(&self);
    /// Whether it is to be drained, and of this process.
    fn is_open(&self) -> bool;
}

/// The desks of the process.
static LIVE: Mutex<Vec<Weak<dyn Live>>> = Mutex::new(Vec::new());

fn live() -> Vec<Arc<dyn Live>> {
    // A thread that holds it will not let go of it when the process ends in a fork.
    let Ok(live) = LIVE.try_lock() else {
        return Vec::new();
    };
    let mut live: Vec<_> = live.iter().filter_map(Weak::upgrade).collect();
    live.retain(|desk| desk.is_open());
    live
}

/// Waits until every desk of the process is empty, at most until `until`; whether that
/// is so. Those are meant whose owner is gone, too.
pub fn drain_all(until: Instant) -> bool {
    let all = live();
    for desk in &all {
        desk.drain(Instant::now()); // none waits for company while another is waited for
    }
    all.iter().all(|desk| desk.drain(until))
}

/// The process ends: what waits at any desk is lost, and told.
pub fn abandon_all() {
    live().iter().for_each(|desk| desk.abandon());
}

/// Several outboxes, one per handler, each with a worker of its own that is started
/// with the first job.
pub struct Desk<J> {
    epoch: u32,
    pub(super) handlers: Vec<Arc<dyn Handler<J>>>,
    state: Mutex<State<J>>,
    pub(super) changed: Condvar,
}

impl<J> std::fmt::Debug for Desk<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let handlers = self.handlers.len();
        f.debug_struct("Desk").field("handlers", &handlers).finish()
    }
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
            nudge: None,
            failing: false,
            untold: 0,
        };
        let lanes = handlers.iter().map(lane).collect();
        let desk = Arc::new(Self {
            epoch: fork::epoch(),
            handlers,
            state: Mutex::new(State {
                lanes,
                random: Xoshiro256PlusPlus::seed_from_u64(seed),
                finished: false,
                abandoned: false,
            }),
            changed: Condvar::new(),
        });
        let alive: Arc<dyn Live> = desk.clone();
        let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|desk| desk.strong_count() > 0);
        live.push(Arc::downgrade(&alive));
        desk
    }

    /// Whether it belongs to a process that this one was forked from: its lock may be
    /// held by a thread that is no more, and its jobs are the parent's.
    pub fn is_stale(&self) -> bool {
        self.epoch != fork::epoch()
    }

    /// Whether nothing waits and nothing is in hand, as far as can be told at once.
    pub fn is_idle(&self) -> bool {
        if self.is_stale() {
            return true;
        }
        let Ok(state) = self.state.try_lock() else {
            return false;
        };
        state.lanes.iter().all(|lane| lane.outbox.is_empty())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives `fill` each outbox in turn, to put jobs in. What is left to be done then
    /// is done by [`Filled::see_off`], once no lock is held.
    pub fn fill(self: &Arc<Self>, mut fill: impl FnMut(usize, &mut Outbox<J>)) -> Filled<J> {
        let mut state = self.lock();
        let mut filled = Filled {
            desk: Arc::clone(self),
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
                filled.missing.push(index);
            }
        }
        filled
    }

    /// Takes something back from every outbox, or from none: what `finds` says a job
    /// holds, `part` takes out of it, and tells its weight. Whether it was taken back.
    pub fn withdraw(&self, finds: impl Fn(&J) -> bool, part: impl Fn(&mut J) -> u64) -> bool {
        let mut state = self.lock();
        let everywhere = state.lanes.iter().all(|lane| lane.outbox.waits(&finds));
        if everywhere {
            for lane in &mut state.lanes {
                lane.outbox.withdraw(&finds, &part);
            }
        }
        everywhere
    }

    /// Something has changed that a worker should look at in so long, by
    /// [`Handler::refresh`]: the first that there is.
    pub fn nudge(&self, after: Duration) {
        let mut state = self.lock();
        let Some(lane) = state.lanes.iter_mut().find(|lane| lane.has_worker) else {
            return;
        };
        if lane.nudge.is_none() {
            lane.nudge = Some(Instant::now() + after);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// How many things went which way, by outbox.
    pub fn accounts(&self) -> Vec<Account> {
        let state = self.lock();
        state
            .lanes
            .iter()
            .map(|lane| lane.outbox.account())
            .collect()
    }

    /// How many things went which way, of all outboxes.
    pub fn total(&self) -> Account {
        let accounts = self.accounts();
        let sum = |sum: Account, account: &Account| sum.and(account);
        accounts.iter().fold(Account::default(), sum)
    }

    /// Sends off what waits for company, and waits until every outbox is empty, at
    /// most until `until`; whether that is so.
    pub fn drain(&self, until: Instant) -> bool {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let hasten = |any, lane: &mut Lane<J>| lane.outbox.hasten(now) || any;
            let hastened = state.lanes.iter_mut().fold(false, hasten);
            let is_over = |lane: &Lane<J>| lane.outbox.is_empty() && !lane.ending;
            if state.lanes.iter().all(is_over) {
                return true;
            }
            if hastened {
                self.changed.notify_all();
            }
            if now >= until {
                return false;
            }
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
        state.abandoned = true;
        let abandon = |lane: &mut Lane<J>| {
            let lost = lane.outbox.abandon(Loss::Shutdown);
            (lost, lane.outbox.account().queued)
        };
        let left: Vec<_> = state.lanes.iter_mut().map(abandon).collect();
        drop(state);
        self.changed.notify_all();
        for (handler, (lost, under_way)) in self.handlers.iter().zip(left) {
            let name = handler.name();
            tell_lost(handler, &lost, "shut down");
            if under_way > 0 {
                log::error!(target: TARGET, "{name}: {under_way} still under way: shut down");
            }
        }
    }

    /// Nothing is offered any more: workers end when they have delivered what waits.
    pub fn finish(&self) {
        self.lock().finished = true;
        self.changed.notify_all();
    }
}

impl<J: Send + Sync + 'static> Live for Desk<J> {
    fn drain(&self, until: Instant) -> bool {
        Desk::drain(self, until)
    }

    fn abandon(&self) {
        Desk::abandon(self);
    }

    fn is_open(&self) -> bool {
        !self.is_stale() && !self.lock().abandoned
    }
}

/// Logs what was lost before its turn: the first of it by what it is, and how many
/// there are.
pub(super) fn tell_lost<J>(handler: &Arc<dyn Handler<J>>, lost: &[Arc<J>], why: &str) {
    const SHOWN: usize = 20;
    let name = handler.name();
    for job in lost.iter().take(SHOWN) {
        let job = handler.describe(job);
        log::error!(target: TARGET, "{name}: {job} lost: {why}");
    }
    if lost.len() > SHOWN {
        let more = lost.len() - SHOWN;
        log::error!(target: TARGET, "{name}: {more} more lost: {why}");
    }
}

/// What is left to be done when jobs were put into outboxes.
#[derive(Debug)]
#[must_use = "jobs without a worker wait for ever"]
pub struct Filled<J> {
    pub(super) desk: Arc<Desk<J>>,
    /// Outboxes without a worker.
    pub(super) missing: Vec<usize>,
    /// The names of those that have begun to be full.
    pub(super) full: Vec<Arc<str>>,
}
