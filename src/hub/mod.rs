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
//! No lock is held while an observer runs. When nobody listens to a kind, an
//! emission costs one load and a compare.

mod dispatch;
mod failure;
mod frame;
mod handle;
mod host;
mod report;
mod routes;
mod slot;

pub use frame::Thread;
pub use handle::Handle;
pub use host::{Host, Native, Outcome};
pub use report::{Failure, FailureError, Report, Tally};

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::event::Kind;
use crate::observer::{DropReason, Filter, HubView, Observer, ObserverStats};
use routes::Routes;
use slot::{Slot, Target};

/// Told which hub is meant: handles of another are refused.
static HUBS: AtomicU64 = AtomicU64::new(1);

/// What a hub is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest chain of derived events, 1 to 1000.
    pub max_cascade_depth: u32,
    /// The most models that an observer of the hub keeps apart, unless it was
    /// told otherwise itself; likewise features and custom kinds. 1 to 1,000,000.
    pub max_models: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_cascade_depth: 16,
            max_models: 1000,
        }
    }
}

impl Settings {
    fn validate(&self) -> Result<()> {
        if !(1..=1000).contains(&self.max_cascade_depth) {
            return Err(Error::invalid_value(
                "max_cascade_depth",
                self.max_cascade_depth,
                "a whole number from 1 to 1000",
            ));
        }
        if !(1..=1_000_000).contains(&self.max_models) {
            return Err(Error::invalid_value(
                "max_models",
                self.max_models,
                "a whole number from 1 to 1,000,000",
            ));
        }
        Ok(())
    }
}

/// How an observer is registered.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// The name in reports and logs; the observer's own by default.
    pub name: Option<Arc<str>>,
    /// What it listens to, within what the observer itself listens to.
    pub filter: Filter,
    /// Higher is called earlier.
    pub priority: i32,
    /// Whether it is unregistered before its first call.
    pub once: bool,
    /// After so many failures in a row it is called no more.
    pub max_consecutive_failures: Option<u32>,
}

/// What is known of a registered observer.
#[derive(Debug, Clone)]
pub struct ObserverInfo {
    /// Its handle.
    pub handle: Handle,
    /// Its name.
    pub name: Arc<str>,
    /// What it listens to.
    pub filter: Filter,
    /// Higher is called earlier.
    pub priority: i32,
    /// Whether it is unregistered before its first call.
    pub once: bool,
    /// Whether it was suspended for failing too often.
    pub suspended: bool,
    /// Calls begun, failed ones included.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Mean time of a call in seconds, measured on one emission in 64.
    pub time_per_call_s: Option<f64>,
}

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
    routes: ArcSwap<Routes<H>>,
    slots: Mutex<Slots<H>>,
    /// Derived events dropped at the depth limit.
    loops: AtomicU64,
}

impl<H: Host> Hub<H> {
    /// A hub that nobody listens to yet.
    ///
    /// # Errors
    /// `InvalidValue` for a setting out of range.
    pub fn new(settings: Settings) -> Result<Arc<Self>> {
        settings.validate()?;
        Ok(Arc::new_cyclic(|me| Self {
            id: HUBS.fetch_add(1, Ordering::Relaxed),
            settings,
            me: me.clone(),
            interest: AtomicU64::new(0),
            plain_interest: AtomicU64::new(0),
            routes: ArcSwap::from_pointee(Routes::new(Vec::new())),
            slots: Mutex::new(Slots {
                entries: Vec::new(),
                free: Vec::new(),
                order: 0,
            }),
            loops: AtomicU64::new(0),
        }))
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
        how.filter = observer.filter().narrowed(&how.filter)?;
        let name = how.name.take().unwrap_or_else(|| observer.name());
        let me: Weak<dyn HubView> = self.me.clone();
        observer.joined(&me);
        self.insert(Target::Native { observer, owner }, name, how)
    }

    /// Registers a callable of the host's.
    ///
    /// # Errors
    /// `InvalidValue` for `max_consecutive_failures` 0.
    pub fn register_foreign(&self, callable: H::Callable, mut how: Registration) -> Result<Handle> {
        let name = how.name.take().unwrap_or_else(|| "observer".into());
        self.insert(Target::Foreign(callable), name, how)
    }

    fn insert(&self, target: Target<H>, name: Arc<str>, how: Registration) -> Result<Handle> {
        if how.max_consecutive_failures == Some(0) {
            return Err(Error::invalid_value(
                "max_consecutive_failures",
                0,
                "a whole number from 1, or none",
            ));
        }
        let (handle, old) = {
            let mut slots = self.slots.lock();
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
            entry.slot = Some(Arc::new(Slot::new(target, name, how, handle, order)));
            (handle, self.publish(&slots))
        };
        drop(old); // outside the lock: it may be the last to hold a host object
        Ok(handle)
    }

    /// Unregisters; nothing new starts on the observer once this has returned.
    ///
    /// # Errors
    /// `ObserverNotFound` for a handle that is closed, stale, or of another hub.
    pub fn unregister(&self, handle: Handle) -> Result<()> {
        if handle.hub != self.id {
            return Err(Error::ObserverNotFound(format!(
                "handle: {handle} belongs to another hub; accepted: a handle of this hub"
            )));
        }
        let removed = {
            let mut slots = self.slots.lock();
            let entry = slots.entries.get_mut(handle.slot as usize);
            let entry = entry.filter(|entry| entry.generation == handle.generation);
            let Some(slot) = entry.and_then(|entry| {
                let slot = entry.slot.take()?;
                entry.generation = entry.generation.wrapping_add(1);
                Some(slot)
            }) else {
                return Err(Error::ObserverNotFound(format!(
                    "handle: {handle} is closed or its observer was unregistered; \
                     accepted: the handle of a registered observer"
                )));
            };
            slot.active.store(false, Ordering::SeqCst);
            slots.free.push(handle.slot);
            (slot, self.publish(&slots))
        };
        drop(removed); // outside the lock, as above
        Ok(())
    }

    /// Unregisters everyone, as when the host clears a garbage cycle.
    pub fn clear(&self) {
        let removed = {
            let mut slots = self.slots.lock();
            let mut removed = Vec::new();
            for (index, entry) in slots.entries.iter_mut().enumerate() {
                if let Some(slot) = entry.slot.take() {
                    slot.active.store(false, Ordering::SeqCst);
                    entry.generation = entry.generation.wrapping_add(1);
                    removed.push((index as u32, slot));
                }
            }
            slots.free.extend(removed.iter().map(|(index, _)| index));
            (removed, self.publish(&slots))
        };
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
        let (interest, plain_interest) = (routes.interest(), routes.plain_interest());
        let old = self.routes.swap(Arc::new(routes));
        self.interest.store(interest, Ordering::SeqCst);
        self.plain_interest.store(plain_interest, Ordering::SeqCst);
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

    /// Whether nobody but native observers listens to this kind.
    pub fn is_native_only(&self, kind: &Kind) -> bool {
        let native = |slot: &Arc<Slot<H>>| matches!(slot.target, Target::Native { .. });
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

    /// What is known of every observer, in the order in which they are called.
    pub fn observers(&self) -> Vec<ObserverInfo> {
        let info = |slot: &Arc<Slot<H>>| ObserverInfo {
            handle: slot.handle,
            name: Arc::clone(&slot.name),
            filter: slot.filter.clone(),
            priority: slot.priority,
            once: slot.once,
            suspended: slot.suspended.load(Ordering::Relaxed),
            calls: slot.calls(),
            failures: slot.failures.load(Ordering::Relaxed),
            time_per_call_s: slot.time_per_call(),
        };
        self.routes.load().all.iter().map(info).collect()
    }

    /// Calls `visit` with every object of the host's that the hub holds. Takes
    /// no lock, so that a garbage collector may ask at any time.
    ///
    /// # Errors
    /// The first error of `visit`.
    pub fn visit_foreign<E>(
        &self,
        mut visit: impl FnMut(&H::Callable) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        for slot in self.routes.load().all.iter() {
            match &slot.target {
                Target::Foreign(callable)
                | Target::Native {
                    owner: Some(callable),
                    ..
                } => {
                    visit(callable)?;
                }
                Target::Native { owner: None, .. } => {}
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
        let stats = |slot: &Arc<Slot<H>>| ObserverStats {
            name: Arc::clone(&slot.name),
            calls: slot.calls(),
            failures: slot.failures.load(Ordering::Relaxed),
            dropped: [0; DropReason::ALL.len()],
            queue_depth: None,
        };
        self.routes.load().all.iter().map(stats).collect()
    }

    fn loops(&self) -> u64 {
        self.loops()
    }
}
