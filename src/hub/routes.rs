//! Who hears what: an immutable table, replaced whole on every change.
//!
//! Emissions read it without a lock; what is registered while one runs is in
//! the next table, which that emission never sees.

use std::collections::HashMap;
use std::sync::Arc;

use super::Host;
use super::slot::{Slot, Target};
use crate::event::{Kind, Severity};

/// The bit of all custom kinds in [`Routes::interest`].
const CUSTOM: u64 = 1 << 63;

/// Observers in the order in which they are called.
pub(crate) type List<H> = Arc<[Arc<Slot<H>>]>;

/// The lists of observers by kind.
pub(crate) struct Routes<H: Host> {
    /// Everyone.
    pub(crate) all: List<H>,
    /// Those without a filter on kinds: who hears a kind that nobody names.
    any: List<H>,
    /// For the standard kinds, by index.
    standard: Box<[List<H>]>,
    /// For the custom kinds that somebody names.
    custom: HashMap<Kind, List<H>>,
}

impl<H: Host> Routes<H> {
    /// The lists for these slots.
    pub(crate) fn new(mut slots: Vec<Arc<Slot<H>>>) -> Self {
        slots.sort_by_key(|slot| (std::cmp::Reverse(slot.priority), slot.order));
        let named = |kind: &Kind| {
            slots.iter().any(|slot| {
                slot.filter
                    .kinds
                    .as_ref()
                    .is_some_and(|ks| ks.contains(kind))
            })
        };
        let of = |kind: &Kind| -> List<H> {
            let hears = |slot: &&Arc<Slot<H>>| {
                slot.filter
                    .kinds
                    .as_ref()
                    .is_none_or(|kinds| kinds.contains(kind))
            };
            slots.iter().filter(hears).cloned().collect()
        };
        let any: List<H> = slots
            .iter()
            .filter(|slot| slot.filter.kinds.is_none())
            .cloned()
            .collect();
        let list = |kind: &Kind| {
            if named(kind) {
                of(kind)
            } else {
                Arc::clone(&any)
            }
        };
        let standard = Kind::STANDARD.iter().map(list).collect();
        let mut custom = HashMap::new();
        for kind in slots
            .iter()
            .filter_map(|slot| slot.filter.kinds.as_ref())
            .flatten()
        {
            if kind.index().is_none() && !custom.contains_key(kind) {
                custom.insert(kind.clone(), of(kind));
            }
        }
        Self {
            all: slots.into(),
            any,
            standard,
            custom,
        }
    }

    /// Who hears this kind.
    #[inline]
    pub(crate) fn of(&self, kind: &Kind) -> &List<H> {
        match kind.index() {
            Some(index) => self.standard.get(index).unwrap_or(&self.any),
            None if self.custom.is_empty() => &self.any,
            None => self.custom.get(kind).unwrap_or(&self.any),
        }
    }

    /// One bit per standard kind that somebody hears, and one for all custom ones.
    pub(crate) fn interest(&self) -> u64 {
        self.bits(|_, _| true)
    }

    /// The same of events that name no model, no feature and no severity.
    pub(crate) fn plain_interest(&self) -> u64 {
        self.bits(|slot, severity| slot.filter.matches_plain(severity))
    }

    /// The same of events for which a callable of the host's is called inline.
    pub(crate) fn host_interest(&self) -> u64 {
        self.bits(|slot, _| matches!(slot.target, Target::Foreign(_)))
    }

    fn bits(&self, hears: impl Fn(&Slot<H>, Severity) -> bool) -> u64 {
        let heard = |list: &List<H>, severity| list.iter().any(|slot| hears(slot, severity));
        let mut bits = 0;
        for (index, (list, kind)) in self.standard.iter().zip(Kind::STANDARD).enumerate() {
            if heard(list, kind.default_severity()) {
                bits |= 1 << index;
            }
        }
        let mut custom = self.custom.values().chain([&self.any]);
        if custom.any(|list| heard(list, Severity::Info)) {
            bits |= CUSTOM;
        }
        bits
    }
}

/// The kind's bit in [`Routes::interest`].
#[inline]
pub(crate) fn bit(kind: &Kind) -> u64 {
    kind.index().map_or(CUSTOM, |index| 1 << index)
}
