//! Models of the queue and the slot table: every interleaving of a few threads,
//! searched by loom. `make test-models` runs them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use loom::sync::Arc;
use loom::thread;

use super::queue::{Call, Consumer, Job, Next, Offered, Overflow, Plan, Queue};
use super::{Hub, Native, Registration, Settings};
use crate::event::{Event, Kind, Timestamp};
use crate::observer::{Derived, DropReason, Observer, ObserverError};

fn queue(capacity: usize, overflow: Overflow) -> Arc<Queue> {
    Arc::new(Queue::new(Plan {
        capacity,
        overflow,
        block_timeout: Duration::ZERO,
        tick_every: None,
        consumer: Consumer::Thread,
        totals: Default::default(),
    }))
}

fn event(value: f64) -> Event {
    Event::at(Kind::F1, Some(value), Timestamp::from_nanos(0))
}

/// Searches with at most three switches at points where a thread could go on:
/// what two threads do wrong they do wrong with two.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// Takes until the queue is closed; what was taken.
fn consume(queue: &Queue) -> Vec<f64> {
    let mut taken = Vec::new();
    loop {
        match queue.wait() {
            Next::Job(Job::Event(item)) => {
                taken.extend(item.event.value);
                queue.delivered();
            }
            Next::Job(_) | Next::Nothing => {}
            Next::Closed => return taken,
        }
    }
}

fn offer(queue: &Queue, value: f64) -> bool {
    matches!(queue.offer(&event(value), 0), Offered::Accepted { .. })
}

/// Whatever the policy and the order of things: all that was offered is
/// delivered, dropped or still there, and one producer's events keep their order.
fn accounts_for_all(overflow: Overflow) {
    model(move || {
        let queue = queue(1, overflow);
        queue.claim_worker();
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || consume(&queue))
        };
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || offer(&queue, 10.0))
        };
        offer(&queue, 1.0);
        offer(&queue, 2.0);
        producer.join().unwrap();
        queue.finish();
        let taken = worker.join().unwrap();
        let account = queue.account();
        let dropped: u64 = account.dropped.iter().sum();
        assert_eq!(account.depth, 0);
        assert_eq!(taken.len() as u64 + dropped, 3);
        let own: Vec<_> = taken.iter().filter(|value| **value < 10.0).collect();
        assert!(own.is_sorted_by(|a, b| a < b));
    });
}

#[test]
fn drop_oldest_accounts_for_all() {
    accounts_for_all(Overflow::DropOldest);
}

#[test]
fn drop_newest_accounts_for_all() {
    accounts_for_all(Overflow::DropNewest);
}

/// Two producers that wait for room both get it, and nobody sleeps for ever.
#[test]
fn blocked_producers_get_room() {
    model(|| {
        let queue = queue(1, Overflow::Block);
        queue.claim_worker();
        let insist = |queue: &Queue, value| {
            while !offer(queue, value) {
                queue.wait_for_room(Instant::now() + Duration::from_secs(3600));
            }
        };
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                insist(&queue, 10.0);
                queue.finish();
            })
        };
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || consume(&queue))
        };
        producer.join().unwrap();
        assert_eq!(worker.join().unwrap(), [10.0]);
    });
}

/// Who waits for the end of what is in the queue is told of it.
#[test]
fn flush_is_told_when_all_is_delivered() {
    model(|| {
        let queue = queue(2, Overflow::DropNewest);
        queue.claim_worker();
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || consume(&queue))
        };
        assert!(offer(&queue, 1.0)); // the worker may be asleep
        assert!(queue.wait_until_empty(Instant::now() + Duration::from_secs(3600)));
        queue.close(DropReason::Shutdown);
        assert_eq!(worker.join().unwrap(), [1.0]);
    });
}

/// An event that comes while the worker ends is not left behind: it was taken, or
/// its producer is told to start another worker.
#[test]
fn a_worker_that_ends_leaves_nothing_behind() {
    model(|| {
        let queue = queue(2, Overflow::DropNewest);
        queue.claim_worker();
        queue.finish();
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || consume(&queue))
        };
        let call = match queue.offer(&event(1.0), 0) {
            Offered::Accepted { call, .. } => call,
            refused => panic!("{refused:?}"),
        };
        let taken = worker.join().unwrap();
        assert_eq!(taken.is_empty(), call == Call::NewWorker);
    });
}

/// Closing drops what waits, counted, and ends the worker.
#[test]
fn closing_counts_what_it_drops() {
    model(|| {
        let queue = queue(2, Overflow::DropNewest);
        queue.claim_worker();
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || consume(&queue).len() as u64)
        };
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || drop(queue.offer(&event(1.0), 0)))
        };
        queue.close(DropReason::Unregistered);
        producer.join().unwrap();
        let taken = worker.join().unwrap();
        let dropped = queue.account().dropped[DropReason::Unregistered as usize];
        assert_eq!(taken + dropped, 1);
    });
}

/// Counts its calls, and those that begin when they must not.
#[derive(Default)]
struct Watch {
    calls: AtomicU64,
    gone: AtomicBool,
}

impl Observer for Watch {
    fn name(&self) -> std::sync::Arc<str> {
        "watch".into()
    }

    fn on_event(&self, _: &Event, _: &mut Derived) -> Result<(), ObserverError> {
        self.calls.fetch_add(1, SeqCst);
        Ok(())
    }
}

/// A handle whose slot was given away never reaches the successor, and the
/// successor hears every emission that begins after its registration.
#[test]
fn a_slot_that_is_used_again_is_a_new_one() {
    model(|| {
        let hub = Hub::<Native>::new(Settings::default()).unwrap();
        let first = std::sync::Arc::new(Watch::default());
        let old = hub
            .register(first.clone(), Registration::default())
            .unwrap();
        let emitter = {
            let hub = std::sync::Arc::clone(&hub);
            thread::spawn(move || hub.emit(&event(1.0), &mut ()).attempted)
        };
        hub.unregister(old).unwrap();
        let second = std::sync::Arc::new(Watch::default());
        let new = hub
            .register(second.clone(), Registration::default())
            .unwrap();
        assert_eq!(new.slot(), old.slot());
        assert!(hub.unregister(old).is_err());
        let calls = second.calls.load(SeqCst);
        assert_eq!(hub.emit(&event(2.0), &mut ()).attempted, 1);
        assert!(second.calls.load(SeqCst) > calls);
        let attempted = emitter.join().unwrap();
        let (first, second) = (first.calls.load(SeqCst), second.calls.load(SeqCst));
        assert_eq!(first + second, attempted + 1);
        assert!(attempted <= 1);
    });
}

/// An emission that begins after `unregister` has returned calls nobody.
#[test]
fn nothing_starts_after_unregister() {
    model(|| {
        let hub = Hub::<Native>::new(Settings::default()).unwrap();
        let watch = std::sync::Arc::new(Watch::default());
        let handle = hub
            .register(watch.clone(), Registration::default())
            .unwrap();
        let other = {
            let (hub, watch) = (std::sync::Arc::clone(&hub), watch.clone());
            thread::spawn(move || {
                hub.unregister(handle).unwrap();
                watch.gone.store(true, SeqCst);
            })
        };
        let gone = watch.gone.load(SeqCst);
        let attempted = hub.emit(&event(1.0), &mut ()).attempted;
        assert!(!gone || attempted == 0);
        assert_eq!(attempted, watch.calls.load(SeqCst));
        other.join().unwrap();
    });
}
