//! Outboxes: order, retries, and accounts that always balance.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use std::sync::Arc;

use driftline::delivery::{
    Account, Courier, Desk, Handler, Loss, Next, Outbox, Outcome, Settled, Weight, start_thread,
};
use proptest::prelude::*;

fn retry(after: Option<Duration>) -> Outcome {
    Outcome::Retry {
        reason: Loss::Timeout,
        after,
        error: "late".into(),
    }
}

fn refused() -> Outcome {
    Outcome::Lost {
        reason: Loss::Refused,
        error: "400".into(),
    }
}

fn balances(account: &Account) -> bool {
    account.offered == account.delivered + account.lost.iter().sum::<u64>() + account.queued
}

#[test]
fn waits_double_from_half_a_second() {
    let start = Instant::now();
    let mut outbox = Outbox::new(10, 5);
    outbox.push("a", Weight::Usual(1), start);
    let mut now = start;
    // 0.5 * 2^k, times the jitter.
    for (k, jitter) in [0.5, 1.0, 1.5, 1.0, 0.75].into_iter().enumerate() {
        assert_eq!(outbox.take(now), Some((Arc::new("a"), k as u32)));
        let wait = Duration::from_secs_f64([0.5, 1.0, 2.0, 4.0, 8.0][k] * jitter);
        let settled = outbox.settle(&retry(None), now, jitter);
        assert_eq!(settled, Settled::Retrying(wait));
        assert_eq!(outbox.take(now + wait - Duration::from_nanos(1)), None);
        now += wait;
    }
    assert!(outbox.take(now).is_some());
    let settled = outbox.settle(&retry(None), now, 1.0);
    assert_eq!(settled, Settled::Lost(Loss::Timeout));
    assert!(outbox.is_empty());
    assert_eq!(outbox.account().retries, 5);
}

#[test]
fn the_other_side_says_when_within_reason() {
    let now = Instant::now();
    let mut outbox = Outbox::new(10, 5);
    outbox.push("a", Weight::Usual(1), now);
    for (asked, waited) in [(7, 7), (0, 0), (1_000_000, 3600)] {
        let due = outbox.next_due().unwrap();
        assert!(outbox.take(due).is_some());
        let settled = outbox.settle(&retry(Some(Duration::from_secs(asked))), now, 1.0);
        assert_eq!(settled, Settled::Retrying(Duration::from_secs(waited)));
    }
}

#[test]
fn order_is_kept_while_one_is_tried_again() {
    let now = Instant::now();
    let mut outbox = Outbox::new(10, 5);
    for job in ["a", "b"] {
        outbox.push(job, Weight::Usual(1), now);
    }
    assert_eq!(outbox.take(now).map(|(job, _)| *job), Some("a"));
    assert_eq!(outbox.take(now), None); // one at a time
    outbox.settle(&retry(Some(Duration::from_secs(9))), now, 1.0);
    assert_eq!(outbox.take(now), None);
    outbox.hasten(now); // is for those that wait for company
    assert_eq!(outbox.take(now), None);
    assert_eq!(
        outbox
            .take(now + Duration::from_secs(9))
            .map(|(job, _)| *job),
        Some("a")
    );
    outbox.settle(&Outcome::Delivered, now, 1.0);
    assert_eq!(outbox.take(now).map(|(job, _)| *job), Some("b"));
    assert_eq!(
        outbox.settle(&refused(), now, 1.0),
        Settled::Lost(Loss::Refused)
    );
}

#[test]
fn what_is_abandoned_in_hand_is_not_tried_again() {
    let now = Instant::now();
    let mut outbox = Outbox::new(10, 5);
    for job in ["a", "b", "c"] {
        outbox.push(job, Weight::Usual(2), now);
    }
    outbox.take(now);
    assert_eq!(
        outbox.abandon(Loss::Shutdown),
        [Arc::new("b"), Arc::new("c")]
    );
    assert_eq!(outbox.account().queued, 2);
    assert_eq!(
        outbox.settle(&retry(None), now, 1.0),
        Settled::Lost(Loss::Timeout)
    );
    let account = outbox.account();
    assert_eq!(account.lost[Loss::Shutdown as usize], 4);
    assert!(balances(&account) && account.queued == 0);
}

#[derive(Debug, Clone)]
enum Step {
    Push(u64),
    Merge(u64),
    Withdraw,
    Take,
    Settle(u8),
    Abandon,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u64..4).prop_map(Step::Push),
        (1_u64..4).prop_map(Step::Merge),
        Just(Step::Withdraw),
        Just(Step::Take),
        (0_u8..3).prop_map(Step::Settle),
        Just(Step::Abandon),
    ]
}

proptest! {
    #[test]
    fn accounts_always_balance(steps in prop::collection::vec(step(), 0..200)) {
        let mut now = Instant::now();
        let mut outbox: Outbox<Vec<u64>> = Outbox::new(12, 2);
        let (mut delivered, mut in_hand) = (0, None);
        for step in steps {
            match step {
                Step::Push(weight) => {
                    outbox.push(vec![weight], Weight::Usual(weight), now);
                }
                Step::Merge(weight) => {
                    let suits = |job: &Vec<u64>| (job.len() < 3).then_some(true);
                    outbox.merge(Weight::Usual(weight), suits, |job| job.push(weight));
                }
                Step::Withdraw => {
                    outbox.withdraw(|job| job.len() > 1, |job| job.pop().unwrap_or(0));
                }
                Step::Take => {
                    now += Duration::from_secs(3600);
                    if let Some((job, _)) = outbox.take(now) {
                        prop_assert!(in_hand.is_none());
                        in_hand = Some(job);
                    }
                }
                Step::Settle(how) => {
                    let outcome = [Outcome::Delivered, retry(None), refused()][usize::from(how)].clone();
                    outbox.settle(&outcome, now, 1.0);
                    let job = in_hand.take();
                    if let (0, Some(job)) = (how, job) {
                        delivered += job.iter().sum::<u64>();
                    }
                }
                Step::Abandon => {
                    outbox.abandon(Loss::Shutdown);
                }
            }
            let account = outbox.account();
            prop_assert!(balances(&account), "{account:?}");
            prop_assert!(account.queued <= 12);
            // What was delivered is what the receiver has got.
            prop_assert_eq!(account.delivered, delivered);
            prop_assert_eq!(account.queued == 0, outbox.is_empty());
        }
    }
}

struct Writer {
    got: Mutex<Vec<u32>>,
    ended: Mutex<Vec<(u32, Option<Loss>)>>,
}

impl Handler<u32> for Writer {
    fn name(&self) -> Arc<str> {
        "writer".into()
    }

    fn handle(&self, job: &u32) -> Outcome {
        self.got.lock().unwrap().push(*job);
        if job.is_multiple_of(3) {
            refused()
        } else {
            Outcome::Delivered
        }
    }

    fn describe(&self, job: &u32) -> String {
        format!("number {job}")
    }

    fn ended(&self, job: &u32, lost: Option<(Loss, &str)>) {
        let lost = lost.map(|(reason, _)| reason);
        self.ended.lock().unwrap().push((*job, lost));
    }
}

fn desk(capacity: u64) -> (Arc<Desk<u32>>, Arc<Writer>) {
    let writer = Arc::new(Writer {
        got: Mutex::default(),
        ended: Mutex::default(),
    });
    let handlers: Vec<Arc<dyn Handler<u32>>> = vec![writer.clone()];
    (Desk::new(handlers, capacity, 0, 1), writer)
}

#[test]
fn a_worker_sees_every_job_to_its_end() {
    let (desk, writer) = desk(1000);
    let numbers: Vec<u32> = (0..100).collect();
    for number in &numbers {
        let filled = desk.fill(|_, outbox| {
            outbox.push(*number, Weight::Usual(1), Instant::now());
        });
        filled.see_off(&start_thread);
    }
    assert!(desk.drain(Instant::now() + Duration::from_secs(20)));
    assert_eq!(*writer.got.lock().unwrap(), numbers);
    let account = desk.total();
    assert_eq!(
        (account.delivered, account.lost[Loss::Refused as usize]),
        (66, 34)
    );
    desk.finish();
}

#[test]
fn without_a_worker_nothing_waits_for_ever() {
    let (desk, _) = desk(1000);
    let filled = desk.fill(|_, outbox| {
        outbox.push(1, Weight::Usual(1), Instant::now());
    });
    filled.see_off(&|_: Courier<u32>| Err("no threads left".to_owned()));
    assert!(desk.drain(Instant::now()));
    assert_eq!(desk.accounts()[0].lost[Loss::NoWorker as usize], 1);
    // The next job tries again.
    let filled = desk.fill(|_, outbox| {
        outbox.push(2, Weight::Usual(1), Instant::now());
    });
    let started: Arc<Mutex<Option<Courier<u32>>>> = Arc::default();
    let seen = Arc::clone(&started);
    filled.see_off(&move |courier| {
        *seen.lock().unwrap() = Some(courier);
        Ok(())
    });
    let courier = started.lock().unwrap().take().unwrap();
    let Next::Job(job) = courier.next() else {
        panic!("no job");
    };
    courier.settle(&job, &Outcome::Delivered);
    assert_eq!(desk.accounts()[0].delivered, 1);
}
