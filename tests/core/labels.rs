//! Labels that arrive later, beside a model that keeps everything.

use driftline::event::Timestamp;
use driftline::labels::{LabelCounts, LabelStore, Labelled};
use proptest::prelude::*;

fn second(n: f64) -> Timestamp {
    Timestamp::from_nanos(0).saturating_add_seconds(n)
}

#[test]
fn what_is_as_old_as_may_be_is_there_still() {
    let mut store = LabelStore::new(10, 60.0).unwrap();
    for id in ["a", "b"] {
        assert_eq!(store.predict(id, second(0.0), ()), None);
    }
    assert_eq!(store.label("a", second(60.0), 1), Labelled::Joined((), 1));
    assert_eq!(store.label("b", second(60.001), 1), Labelled::Late);
    assert_eq!(store.label("b", second(0.0), 1), Labelled::Late); // never backwards
    let counts = store.counts();
    assert_eq!((counts.late, counts.expired, counts.matched), (2, 1, 1));
    assert_eq!(store.coverage(), Some(0.5));
}

#[test]
fn the_oldest_of_too_many_leaves() {
    let mut store = LabelStore::new(2, 60.0).unwrap();
    for id in ["a", "b", "c"] {
        store.predict(id, second(0.0), ());
    }
    assert_eq!(store.label("a", second(1.0), 0), Labelled::Late);
    assert_eq!(store.counts().evicted, 1);
    // Labels, too: that of "x" is not kept any more.
    for id in ["x", "y", "z"] {
        assert_eq!(store.label(id, second(1.0), 0), Labelled::Unmatched);
    }
    assert_eq!(store.predict("x", second(1.0), ()), None);
    assert_eq!(store.predict("y", second(1.0), ()), Some(((), 0)));
    assert_eq!((store.counts().unmatched, store.counts().waiting), (1, 1));
}

#[test]
fn the_newest_prediction_and_the_first_label_count() {
    let mut store = LabelStore::new(9, 60.0).unwrap();
    store.predict("a", second(0.0), 1);
    store.predict("a", second(50.0), 2);
    // It is as young as the second.
    assert_eq!(
        store.label("a", second(100.0), 'x'),
        Labelled::Joined(2, 'x')
    );
    assert_eq!(store.label("a", second(100.0), 'y'), Labelled::Duplicate);
    store.label("b", second(100.0), 'u');
    assert_eq!(store.label("b", second(101.0), 'v'), Labelled::Duplicate);
    assert_eq!(store.predict("b", second(102.0), 3), Some((3, 'u')));
    assert_eq!((store.counts().replaced, store.coverage()), (1, Some(1.0)));
}

#[test]
fn memory_stays_where_one_prediction_outlives_all_others() {
    let mut store = LabelStore::new(100, 1e9).unwrap();
    store.predict("first", second(0.0), [0_u8; 64]);
    for k in 0..200_000 {
        let id = format!("p{k}");
        store.predict(&id, second(1.0), [1; 64]);
        assert!(matches!(
            store.label(&id, second(1.0), ()),
            Labelled::Joined(..)
        ));
    }
    assert_eq!(store.counts().pending, 1);
    // The order of what has gone is bounded: its debug text is.
    assert!(format!("{store:?}").len() < 100_000);
    assert!(store.knows("first") && !store.knows("p0") && store.knows("p199999"));
}

#[test]
fn ranges_are_told() {
    for max_pending in [0, 100_000_001] {
        assert!(LabelStore::<(), ()>::new(max_pending, 1.0).is_err());
    }
    for ttl_s in [0.0, -1.0, f64::NAN, 1.1e9, f64::INFINITY] {
        assert!(LabelStore::<(), ()>::new(1, ttl_s).is_err());
    }
}

/// Everything in lists.
#[derive(Default)]
struct Naive {
    now: f64,
    pending: Vec<(u8, f64, usize)>,
    waiting: Vec<(u8, f64, usize)>,
    gone: Vec<(u8, bool)>,
    counts: LabelCounts,
}

impl Naive {
    fn leave(&mut self, most: usize, ttl: f64) {
        let now = self.now;
        let old = |at: f64| at < now - ttl;
        while let Some(&(id, at, _)) = self.pending.first() {
            if !old(at) && self.pending.len() <= most {
                break;
            }
            let count = if old(at) {
                &mut self.counts.expired
            } else {
                &mut self.counts.evicted
            };
            *count += 1;
            self.pending.remove(0);
            self.remember(id, false, most);
        }
        while let Some(&(_, at, _)) = self.waiting.first() {
            if !old(at) && self.waiting.len() <= most {
                break;
            }
            self.counts.unmatched += 1;
            self.waiting.remove(0);
        }
    }

    fn remember(&mut self, id: u8, matched: bool, most: usize) {
        self.gone.push((id, matched));
        if self.gone.len() > most {
            self.gone.remove(0);
        }
    }

    fn take(list: &mut Vec<(u8, f64, usize)>, id: u8) -> Option<usize> {
        let place = list.iter().position(|entry| entry.0 == id)?;
        Some(list.remove(place).2)
    }
}

proptest! {
    #[test]
    fn counts_are_those_of_lists(
        most in 1_usize..6,
        ttl in 1_u32..12,
        steps in prop::collection::vec((any::<bool>(), 0_u8..9, -3_i32..5), 0..200),
    ) {
        let ttl = f64::from(ttl);
        let mut store = LabelStore::new(most, ttl).unwrap();
        let mut naive = Naive::default();
        let mut at = 0.0;
        for (thing, (is_label, id, later)) in steps.into_iter().enumerate() {
            at += f64::from(later);
            let first = thing == 0;
            naive.now = if first { at } else { naive.now.max(at) };
            naive.leave(most, ttl);
            let name = id.to_string();
            if is_label {
                naive.counts.labels += 1;
                let expected = if let Some(prediction) = Naive::take(&mut naive.pending, id) {
                    naive.counts.matched += 1;
                    naive.remember(id, true, most);
                    Labelled::Joined(prediction, thing)
                } else {
                    match naive.gone.iter().rev().find(|gone| gone.0 == id) {
                        Some((_, true)) => {
                            naive.counts.duplicates += 1;
                            Labelled::Duplicate
                        }
                        Some((_, false)) => {
                            naive.counts.late += 1;
                            Labelled::Late
                        }
                        None if naive.waiting.iter().any(|entry| entry.0 == id) => {
                            naive.counts.duplicates += 1;
                            Labelled::Duplicate
                        }
                        None => {
                            naive.waiting.push((id, naive.now, thing));
                            naive.leave(most, ttl);
                            Labelled::Unmatched
                        }
                    }
                };
                prop_assert_eq!(store.label(&name, second(at), thing), expected);
            } else {
                naive.counts.predictions += 1;
                let expected = if let Some(label) = Naive::take(&mut naive.waiting, id) {
                    naive.counts.matched += 1;
                    naive.remember(id, true, most);
                    Some((thing, label))
                } else {
                    if Naive::take(&mut naive.pending, id).is_some() {
                        naive.counts.replaced += 1;
                    }
                    naive.pending.push((id, naive.now, thing));
                    naive.leave(most, ttl);
                    None
                };
                prop_assert_eq!(store.predict(&name, second(at), thing), expected);
            }
            naive.counts.pending = naive.pending.len() as u64;
            naive.counts.waiting = naive.waiting.len() as u64;
            let counts = store.counts();
            prop_assert_eq!(counts, naive.counts);
            let labels = counts.matched + counts.late + counts.duplicates;
            prop_assert_eq!(labels + counts.waiting + counts.unmatched, counts.labels);
            let predictions = counts.matched + counts.expired + counts.evicted;
            prop_assert_eq!(
                predictions + counts.replaced + counts.pending,
                counts.predictions
            );
        }
    }
}
