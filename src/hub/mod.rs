//! The hub: events in, observers told.
//!
//! [`Hub::register`] gives a [`Handle`]; [`Hub::emit`] calls every observer that
//! listens, in the caller's thread, in order of priority (highest first), then
//! of registration, over a snapshot: who is registered meanwhile hears the next
//! event, who is unregistered meanwhile is not called any more.
//!
//! An observer that fails is counted, logged when that begins and ends (target
//! `driftline::hub`), listed in the [`Report`], and bothers nobody else. Events
//! that observers emit are delivered after the current one, breadth first, at
//! most `max_cascade_depth` deep.
//!
//! An observer registered with [`Mode::Queued`] is called by a worker of its own;
//! emitters only fill its queue, and nothing is lost uncounted. [`Hub::flush`] waits
//! for the queues, [`Hub::shutdown`] ends everything within the time it is given.
//!
//! No lock is held while an observer runs. When nobody listens to a kind, an
//! emission costs one load and a compare.

mod dispatch;
mod enqueue;
mod failure;
mod frame;
mod handle;
mod host;
mod lifecycle;
#[cfg(all(test, loom))]
mod models;
mod queue;
mod registration;
mod report;
mod routes;
mod slot;
mod sync;
mod totals;
mod worker;

pub use frame::{Thread, Ticket, forget_other_threads, threads_inside_observers};
pub use handle::Handle;
pub use host::{Host, Native, Outcome};
pub use lifecycle::ShutdownReport;
pub use queue::Overflow;
pub use registration::{Mode, ObserverInfo, Registration, Settings};
pub use report::{Failure, FailureError, Report, Tally};
pub use slot::Methods;
pub use worker::{Task, Work, Worker};

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use crate::error::{Error, Result};
use crate::event::Kind;
use crate::observer::{DropReason, HubView, Observer, ObserverStats};
use routes::Routes;
use slot::{Slot, Target};
use sync::{Mutex, Published, lock};
use totals::Totals;

/// Told which hub is meant: handles of another are refused.
static HUBS: AtomicU64 = AtomicU64::new(1);

/// Slots, and how often each was given away.
struct Slots<H: Host> {
    entries: Vec<Entry<H>>,
    free: Vec<u32>,
    order: u64,
}

struct Entry<H: Host> {
    generation: u32,
    slot: Option<Arc<Slot<H>>>,
}

/// Tells observers of events. `H` is the embedding language; [`Native`] is none.
///
/// # Example
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
/// use driftline::event::{Event, Kind};
/// use driftline::hub::{Hub, Native, Registration, Settings};
/// use driftline::observer::{Derived, Observer, ObserverError};
///
/// #[derive(Default)]
/// struct Count(AtomicU64);
/// impl Observer for Count {
///     fn name(&self) -> Arc<str> { "count".into() }
///     fn on_event(&self, _: &Event, _: &mut Derived) -> Result<(), ObserverError> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// let hub: Arc<Hub<Native>> = Hub::new(Settings::default())?;
/// let count = Arc::new(Count::default());
/// let handle = hub.register(count.clone(), Registration::default())?;
/// let report = hub.emit(&Event::new(Kind::Accuracy, Some(0.91)), &mut ());
/// assert_eq!((report.attempted, report.success), (1, 1));
/// hub.unregister(handle)?;
/// assert!(hub.unregister(handle).is_err());
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub struct Hub<H: Host = Native> {
    id: u64,
    settings: Settings,
    /// The hub itself, for those who outlive it.
    me: Weak<Self>,
    /// [`Routes::interest`] of the current routes.
    interest: AtomicU64,
    /// [`Routes::plain_interest`] of the current routes.
    plain_interest: AtomicU64,
    /// [`Routes::host_interest`] of the current routes.
    host_interest: AtomicU64,
    routes: Published<Routes<H>>,
    slots: Mutex<Slots<H>>,
    /// Observers that were taken out for the single event that they hear, until
    /// it has been delivered.
    departing: Mutex<Vec<Arc<Slot<H>>>>,
    /// Observers that were taken out, as long as anybody may be calling them.
    leaving: Mutex<Vec<Weak<Slot<H>>>>,
    /// Derived events dropped at the depth limit.
    loops: AtomicU64,
    /// A [`lifecycle::Phase`].
    phase: AtomicU8,
    /// What came of the shutdown, once it is over.
    ended: Mutex<Option<ShutdownReport>>,
    totals: Arc<Totals>,
}

impl<H: Host> Hub<H> {
    /// A hub that nobody listens to yet.
    ///
    /// # Errors
    /// `InvalidValue` for a setting out of range.
    pub fn new(settings: Settings) -> Result<Arc<Self>> {
        settings.validate()?;
        let hub = Arc::new_cyclic(|me| Self {
            id: HUBS.fetch_add(1, Ordering::Relaxed),
            settings,
            me: me.clone(),
            interest: AtomicU64::new(0),
            plain_interest: AtomicU64::new(0),
            host_interest: AtomicU64::new(0),
            routes: Published::from_pointee(Routes::new(Vec::new())),
            slots: Mutex::new(Slots {
                entries: Vec::new(),
                free: Vec::new(),
                order: 0,
            }),
            departing: Mutex::new(Vec::new()),
            leaving: Mutex::new(Vec::new()),
            loops: AtomicU64::new(0),
            phase: AtomicU8::new(0),
            ended: Mutex::new(None),
            totals: Arc::default(),
        });
        let me: Weak<Self> = Arc::downgrade(&hub);
        crate::fork::remember(me);
        Ok(hub)
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Registers a native observer.
    ///
    /// # Errors
    /// `InvalidValue` when the registration's filter leaves nothing of what the
    /// observer listens to, or for `max_consecutive_failures` 0.
    pub fn register(&self, observer: Arc<dyn Observer>, how: Registration) -> Result<Handle> {
        self.register_owned(observer, None, how)
    }

    /// Registers a native observer that the host holds in an object of its own.
    ///
    /// # Errors
    /// Those of [`Hub::register`].
    pub fn register_owned(
        &self,
        observer: Arc<dyn Observer>,
        owner: Option<H::Callable>,
        mut how: Registration,
    ) -> Result<Handle> {
        let asked = Arc::new(how.clone());
        how.filter = observer.filter().narrowed(&how.filter)?;
        let name = how.name.take().unwrap_or_else(|| observer.name());
        let me: Weak<dyn HubView> = self.me.clone();
        observer.joined(&me);
        self.insert(
            Target::Native { observer, owner },
            Methods::default(),
            name,
            (how, asked),
        )
    }

    /// Registers a callable of the host's.
    ///
    /// # Errors
    /// `InvalidValue` for `max_consecutive_failures` 0.
    pub fn register_foreign(
        &self,
        callable: H::Callable,
        methods: Methods<H>,
        mut how: Registration,
    ) -> Result<Handle> {
        let asked = Arc::new(how.clone());
        let name = how.name.take().unwrap_or_else(|| "observer".into());
        self.insert(Target::Foreign(callable), methods, name, (how, asked))
    }

    fn insert(
        &self,
        target: Target<H>,
        methods: Methods<H>,
        name: Arc<str>,
        (how, asked): (Registration, Arc<Registration>),
    ) -> Result<Handle> {
        how.validate()?;
        self.check_open()?;
        let (new, old) = {
            let mut slots = lock(&self.slots);
            let index = slots.free.pop().unwrap_or_else(|| {
                slots.entries.push(Entry {
                    generation: 0,
                    slot: None,
                });
                (slots.entries.len() - 1) as u32
            });
            slots.order += 1;
            let order = slots.order;
            let entry = &mut slots.entries[index as usize];
            let handle = Handle {
                hub: self.id,
                slot: index,
                generation: entry.generation,
            };
            let slot = Arc::new(Slot::new(
                target,
                methods,
                name,
                (how, asked),
                handle,
                order,
                &self.totals,
            ));
            entry.slot = Some(Arc::clone(&slot));
            (slot, self.publish(&slots))
        };
        drop(old); // outside the lock: it may be the last to hold a host object
        // A shutdown that began meanwhile may not have seen it.
        if let Err(closed) = self.check_open() {
            let _ = self.unregister(new.handle); // or somebody else did
            return Err(closed);
        }
        self.start_ticking(&new);
        Ok(new.handle)
    }

    /// Unregisters; nothing new starts on the observer once this has returned.
    /// What waits for it in a queue is dropped, and counted.
    ///
    /// # Errors
    /// `ObserverNotFound` for a handle that is closed, stale, or of another hub.
    pub fn unregister(&self, handle: Handle) -> Result<()> {
        let slot = self.remove(handle)?;
        slot.close_queue();
        Ok(())
    }

    /// Takes an observer that hears a single event out for that event; whether
    /// this emission is the first.
    #[cold]
    pub(crate) fn claim(&self, slot: &Slot<H>) -> bool {
        let Ok(slot) = self.remove(slot.handle) else {
            return false;
        };
        if slot.is_queued() {
            drop(self.departing()); // those that are over make room
            lock(&self.departing).push(slot);
        } else {
            slot.close_queue(); // it hears no tick any more
        }
        true
    }

    /// Those that were taken out for a single event which has not been delivered.
    pub(crate) fn departing(&self) -> Vec<Arc<Slot<H>>> {
        let (over, rest): (Vec<_>, Vec<_>) = {
            let mut departing = lock(&self.departing);
            let all = std::mem::take(&mut *departing);
            let (over, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|slot| {
                slot.queue
                    .as_ref()
                    .is_none_or(|queue| queue.load().is_over())
            });
            departing.clone_from(&rest);
            (over, rest)
        };
        drop(over); // outside the lock: it may be the last to hold a host object
        rest
    }

    /// Takes a slot out of the table; its queue lives on.
    pub(crate) fn remove(&self, handle: Handle) -> Result<Arc<Slot<H>>> {
        if handle.hub != self.id {
            return Err(Error::ObserverNotFound(format!(
                "handle: {handle} belongs to another hub; accepted: a handle of this hub"
            )));
        }
        let removed = {
            let mut slots = lock(&self.slots);
            let entry = slots.entries.get_mut(handle.slot as usize);
            let entry = entry.filter(|entry| entry.generation == handle.generation);
            let Some(slot) = entry.and_then(|entry| {
                let slot = entry.slot.take()?;
                entry.generation = entry.generation.wrapping_add(1);
                Some(slot)
            }) else {
                return Err(not_found(handle));
            };
            slot.active.store(false, Ordering::SeqCst);
            slots.free.push(handle.slot);
            (slot, self.publish(&slots))
        };
        let (slot, old) = removed;
        drop(old); // outside the lock, as above
        let mut leaving = lock(&self.leaving);
        leaving.retain(|slot| slot.strong_count() > 0);
        leaving.push(Arc::downgrade(&slot));
        drop(leaving);
        Ok(slot)
    }

    /// The slot of an observer that was taken out, if anybody may be calling it.
    pub(crate) fn left_in_flight(&self, handle: Handle) -> Option<Arc<Slot<H>>> {
        let leaving: Vec<_> = lock(&self.leaving)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        leaving.into_iter().find(|slot| slot.handle == handle)
    }

    /// The slot of a registered observer.
    pub(crate) fn slot(&self, handle: Handle) -> Result<Arc<Slot<H>>> {
        let routes = self.routes.load();
        let slot = routes
            .all
            .iter()
            .find(|slot| slot.handle == handle)
            .cloned();
        let departing = || {
            self.departing()
                .into_iter()
                .find(|slot| slot.handle == handle)
        };
        slot.or_else(departing).ok_or_else(|| not_found(handle))
    }

    /// Unregisters everyone for whom no event waits, as when the host clears a
    /// garbage cycle.
    pub fn clear(&self) {
        let removed = {
            let mut slots = lock(&self.slots);
            let mut removed = Vec::new();
            for (index, entry) in slots.entries.iter_mut().enumerate() {
                let waits = |slot: &Arc<Slot<H>>| slot.account().is_some_and(|own| own.depth > 0);
                if let Some(slot) = entry.slot.take_if(|slot| !waits(slot)) {
                    slot.active.store(false, Ordering::SeqCst);
                    entry.generation = entry.generation.wrapping_add(1);
                    removed.push((index as u32, slot));
                }
            }
            slots.free.extend(removed.iter().map(|(index, _)| index));
            (removed, self.publish(&slots))
        };
        for (_, slot) in &removed.0 {
            slot.close_queue();
        }
        drop(removed); // outside the lock, as above
    }

    /// Makes the routes follow the slots; gives back the old ones to be dropped.
    fn publish(&self, slots: &Slots<H>) -> Arc<Routes<H>> {
        let routes = Routes::new(
            slots
                .entries
                .iter()
                .filter_map(|e| e.slot.clone())
                .collect(),
        );
        let interest = self.interest_in(routes.interest());
        let plain_interest = self.interest_in(routes.plain_interest());
        let host_interest = self.interest_in(routes.host_interest());
        let old = self.routes.swap(Arc::new(routes));
        self.interest.store(interest, Ordering::SeqCst);
        self.plain_interest.store(plain_interest, Ordering::SeqCst);
        self.host_interest.store(host_interest, Ordering::SeqCst);
        old
    }

    /// Whether anybody listens to this kind.
    #[inline]
    pub fn has_listeners(&self, kind: &Kind) -> bool {
        self.interest.load(Ordering::Acquire) & routes::bit(kind) != 0
    }

    /// Whether anybody listens to events of this kind that name no model, no
    /// feature and no severity.
    #[inline]
    pub fn has_plain_listeners(&self, kind: &Kind) -> bool {
        self.plain_interest.load(Ordering::Acquire) & routes::bit(kind) != 0
    }

    /// Whether an event of this kind may be given to a callable of the host's in
    /// the emitter's thread.
    #[inline]
    pub fn calls_host(&self, kind: &Kind) -> bool {
        self.host_interest.load(Ordering::Acquire) & routes::bit(kind) != 0
    }

    /// Whether nobody but native observers listens to this kind.
    pub fn is_native_only(&self, kind: &Kind) -> bool {
        // Not for one that hears a single event: to unregister takes a lock.
        let native =
            |slot: &Arc<Slot<H>>| matches!(slot.called(), Target::Native { .. }) && !slot.once;
        self.routes.load().of(kind).iter().all(native)
    }

    /// Registered observers.
    pub fn len(&self) -> usize {
        self.routes.load().all.len()
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the handle's observer is registered.
    pub fn contains(&self, handle: Handle) -> bool {
        self.routes
            .load()
            .all
            .iter()
            .any(|slot| slot.handle == handle)
    }

    /// Derived events that were dropped because their chain was too long.
    pub fn loops(&self) -> u64 {
        self.loops.load(Ordering::Relaxed)
    }

    /// Events that queues dropped in the hub's life, by reason; in the order of
    /// [`DropReason::ALL`].
    pub fn dropped(&self) -> [u64; DropReason::ALL.len()] {
        self.totals.dropped()
    }

    /// What is known of every observer, in the order in which they are called.
    pub fn observers(&self) -> Vec<ObserverInfo> {
        let info = |slot: &Arc<Slot<H>>| {
            let account = slot.account().unwrap_or_default();
            ObserverInfo {
                handle: slot.handle,
                name: Arc::clone(&slot.name),
                filter: slot.filter.clone(),
                asked: Arc::clone(&slot.asked),
                priority: slot.priority,
                once: slot.once,
                suspended: slot.suspended.load(Ordering::Relaxed),
                calls: slot.calls(),
                failures: slot.failures.load(Ordering::Relaxed),
                time_per_call_s: slot.time_per_call(),
                mode: slot.mode(),
                dropped: account.dropped,
                queue_depth: account.depth,
            }
        };
        self.routes.load().all.iter().map(info).collect()
    }

    /// Calls `f` with what the host registered under a handle; `None` for a handle
    /// that names no observer, or one that the host holds no object of.
    pub fn with_callable<R>(&self, handle: Handle, f: impl FnOnce(&H::Callable) -> R) -> Option<R> {
        let all = Arc::clone(&self.routes.load().all);
        let slot = all.iter().find(|slot| slot.handle == handle)?;
        match slot.called() {
            Target::Foreign(callable)
            | Target::Native {
                owner: Some(callable),
                ..
            } => Some(f(callable)),
            Target::Native { owner: None, .. } | Target::Queued(_) => None,
        }
    }

    /// Calls `visit` with every object of the host's that the hub holds and that
    /// nothing else needs: not with those of a queued observer for which events
    /// wait. Takes no lock that is ever held for long, so that a garbage collector
    /// may ask at any time.
    ///
    /// # Errors
    /// The first error of `visit`.
    pub fn visit_foreign<E>(
        &self,
        mut visit: impl FnMut(&H::Callable) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        for slot in self.routes.load().all.iter() {
            if slot.account().is_some_and(|account| account.depth > 0) {
                continue;
            }
            match slot.called() {
                Target::Foreign(callable)
                | Target::Native {
                    owner: Some(callable),
                    ..
                } => {
                    visit(callable)?;
                }
                Target::Native { owner: None, .. } | Target::Queued(_) => {}
            }
            let methods = &slot.methods;
            let all = [&methods.on_tick, &methods.shutdown, &methods.on_loop];
            for callable in all.into_iter().flatten() {
                visit(callable)?;
            }
        }
        Ok(())
    }
}

impl<H: Host> HubView for Hub<H> {
    fn max_models(&self) -> usize {
        self.settings.max_models
    }

    fn observer_stats(&self) -> Vec<ObserverStats> {
        let stats = |slot: &Arc<Slot<H>>| {
            let account = slot.account();
            ObserverStats {
                name: Arc::clone(&slot.name),
                calls: slot.calls(),
                failures: slot.failures.load(Ordering::Relaxed),
                dropped: account.unwrap_or_default().dropped,
                queue_depth: account.map(|account| account.depth),
            }
        };
        self.routes.load().all.iter().map(stats).collect()
    }

    fn emit(&self, event: &crate::event::Event) {
        // Nobody waits for the report: what failed is logged and counted.
        drop(self.emit(event, &mut H::scope()));
    }

    fn loops(&self) -> u64 {
        self.loops()
    }
}

/// A handle that names nobody.
fn not_found(handle: Handle) -> Error {
    Error::ObserverNotFound(format!(
        "handle: {handle} is closed or its observer was unregistered; \
         accepted: the handle of a registered observer"
    ))
}

impl<H: Host> Drop for Hub<H> {
    fn drop(&mut self) {
        for slot in self.routes.load().all.iter() {
            if let Some(queue) = &slot.queue {
                queue.load().finish();
            }
        }
    }
}
