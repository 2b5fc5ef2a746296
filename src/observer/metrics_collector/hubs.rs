//! The hubs that a collector is registered in, and how their observers fare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::observer::{DropReason, HubView};

/// The most hubs looked into; further ones are not.
const MAX_HUBS: usize = 64;

/// Numbers that only rise: calls, failures, and drops by reason.
const NUMBERS: usize = 2 + DropReason::ALL.len();
type Numbers = [u64; NUMBERS];

/// Hubs, and what was told of them before.
#[derive(Default)]
pub(super) struct Hubs {
    joined: Mutex<Vec<Weak<dyn HubView>>>,
    told: Mutex<Told>,
}

/// What was told in the last scrape. When one of several observers of a name
/// goes, the sum over the others is less than was told: the difference is kept,
/// so that a counter never decreases while it is there.
#[derive(Debug, Default)]
struct Told {
    observers: BTreeMap<Arc<str>, Rising<NUMBERS>>,
    loops: Rising<1>,
}

#[derive(Debug)]
struct Rising<const N: usize> {
    last: [u64; N],
    gone: [u64; N],
}

/// How the observers of one name fare, in all hubs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fare {
    pub(super) name: Arc<str>,
    pub(super) calls: u64,
    pub(super) failures: u64,
    pub(super) dropped: [u64; DropReason::ALL.len()],
    pub(super) queue_depth: Option<u64>,
}

impl Hubs {
    /// Adds a hub, unless it is there; the largest `max_models` of all.
    pub(super) fn join(&self, hub: &Weak<dyn HubView>) -> Option<usize> {
        let living: Vec<Arc<dyn HubView>> = {
            let mut joined = self.joined.lock();
            joined.retain(|hub| hub.strong_count() > 0);
            let known = |known: &Weak<dyn HubView>| std::ptr::addr_eq(known.as_ptr(), hub.as_ptr());
            if joined.len() < MAX_HUBS && !joined.iter().any(known) {
                joined.push(Weak::clone(hub));
            }
            joined.iter().filter_map(Weak::upgrade).collect()
        };
        living.iter().map(|hub| hub.max_models()).max()
    }

    /// How everybody fares, in the order of names, and how many derived events
    /// were dropped for the length of their chain.
    pub(super) fn look(&self) -> (Vec<Fare>, u64) {
        // Outlives the lock below: a hub that goes with this hold takes its
        // observers along.
        let living: Vec<Arc<dyn HubView>> = {
            let mut joined = self.joined.lock();
            joined.retain(|hub| hub.strong_count() > 0);
            joined.iter().filter_map(Weak::upgrade).collect()
        };
        // Held from reading to telling: what two scrapes read at once must not be
        // told in the other order.
        let mut told = self.told.lock();
        let mut sums: BTreeMap<Arc<str>, (Numbers, Option<u64>)> = BTreeMap::new();
        let mut loops = 0_u64;
        for hub in &living {
            loops = loops.saturating_add(hub.loops());
            for stats in hub.observer_stats() {
                let (numbers, depth) = sums.entry(stats.name).or_default();
                let counted = [stats.calls, stats.failures]
                    .into_iter()
                    .chain(stats.dropped);
                for (sum, count) in numbers.iter_mut().zip(counted) {
                    *sum = sum.saturating_add(count);
                }
                if let Some(more) = stats.queue_depth {
                    *depth = Some(depth.unwrap_or(0) + more);
                }
            }
        }
        let present: BTreeSet<&Arc<str>> = sums.keys().collect();
        told.observers.retain(|name, _| present.contains(name));
        let fares = sums.into_iter().map(|(name, (numbers, queue_depth))| {
            let rising = told.observers.entry(Arc::clone(&name)).or_default();
            let [calls, failures, dropped @ ..] = rising.total(numbers);
            Fare {
                name,
                calls,
                failures,
                dropped,
                queue_depth,
            }
        });
        let fares = fares.collect();
        let [loops] = told.loops.total([loops]);
        (fares, loops)
    }
}

impl<const N: usize> Default for Rising<N> {
    fn default() -> Self {
        Self {
            last: [0; N],
            gone: [0; N],
        }
    }
}

impl<const N: usize> Rising<N> {
    /// What is to be told when `now` was counted.
    fn total(&mut self, now: [u64; N]) -> [u64; N] {
        let mut total = now;
        let numbers = total.iter_mut().zip(&mut self.last).zip(&mut self.gone);
        for ((total, last), gone) in numbers {
            *gone = gone.saturating_add(last.saturating_sub(*total));
            *last = *total;
            *total = total.saturating_add(*gone);
        }
        total
    }
}

impl std::fmt::Debug for Hubs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hubs").finish_non_exhaustive()
    }
}
