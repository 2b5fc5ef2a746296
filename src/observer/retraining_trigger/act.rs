//! What the trigger does about what it heard.

use std::sync::Arc;
use std::time::Instant;

use super::scheduler::Scheduler;
use super::state::{Fired, GivenUp};
use super::work::{Job, Rebasing, Scheduling, Shared, Task};
use super::{RetrainingTrigger, TARGET};
use crate::delivery::{Desk, Handler, Weight};
use crate::event::{Event, Kind, Metadata, Timestamp, Value};
use crate::observer::Derived;

/// The most baselines that wait to be fetched, and runs to be scheduled.
const CAPACITY: u64 = 10_000;

/// The outboxes of the desk.
const SCHEDULING: usize = 0;
const REBASING: usize = 1;

impl RetrainingTrigger {
    /// The events that tell of runs that took too long.
    pub(super) fn told(&self, given_up: Vec<GivenUp>) -> Vec<Event> {
        let shared = &self.shared;
        let name = &shared.config.name;
        let tell = |run: GivenUp| {
            let message = format!(
                "the retraining of {} was given up: no training_completed within {} s",
                run.model, shared.config.run_timeout_s
            );
            log::error!(target: TARGET, "{name}: {message}");
            shared.failure(&run.run_id, &run.model, run.at, "timed_out", message)
        };
        given_up.into_iter().map(tell).collect()
    }

    /// The desk of this process.
    fn desk(&self) -> Arc<Desk<Job>> {
        let desk = self.desk.load_full();
        if !desk.is_stale() {
            return desk;
        }
        let fresh = new_desk(&self.shared, &self.scheduler);
        self.desk.compare_and_swap(&desk, fresh);
        std::mem::forget(desk); // its lock may be held by a thread that is no more
        self.desk.load_full()
    }

    /// Hands jobs to the workers; whether there was room for all of them.
    fn hand_over(&self, lane: usize, jobs: Vec<Job>) -> bool {
        if jobs.is_empty() {
            return true;
        }
        let due = Instant::now();
        let mut jobs = Some(jobs);
        let mut has_room = true;
        let filled = self.desk().fill(|index, outbox| {
            if index == lane {
                for job in jobs.take().into_iter().flatten() {
                    has_room &= outbox.push(job, Weight::Usual(1), due);
                }
            }
        });
        filled.see_off(&*self.start);
        has_room
    }

    /// The run that an event has started.
    pub(super) fn fire(&self, fired: &Fired, event: &Event, derived: &mut Derived) {
        let shared = &self.shared;
        let model = &fired.model;
        let mut metadata = Metadata::new();
        let mut put = |key: &str, value: Value| metadata.insert(key.to_owned(), value);
        let mut message = format!("retraining of {model} asked for: {}", fired.why.clause());
        if let Some((said, n)) = fired.confirmed {
            message += &format!(" ({said} of the last {n} looks say so)");
            put("n_confirming", u64::from(said).into());
        }
        put("run_id", fired.run_id.as_ref().into());
        put("message", Value::Str(message));
        put("reason", Value::Str(fired.why.reason().to_string()));
        put("trigger_kind", event.kind.as_str().into());
        let (value, limit) = fired.why.numbers();
        if let Some(limit) = limit {
            put("limit", limit.into());
        }
        let value = value.or(event.value);
        if let Some(value) = value {
            put("value", value.into());
        }
        let mut told = Derived::event(event, Kind::RetrainingTriggered, value);
        told.model = Some(model.clone());
        told.p_value = event.p_value;
        told.metadata = Some(Arc::new(metadata));
        derived.emit(told);
        let task = Task::Schedule {
            run: fired.id,
            model: model.clone(),
            run_id: Arc::clone(&fired.run_id),
        };
        if self.hand_over(SCHEDULING, vec![Job::new(task, event)]) {
            return;
        }
        if shared.state.lock().failed(fired.id, model) {
            let message = format!("the retraining of {model} could not be scheduled: no room");
            derived.emit(shared.failure(
                &fired.run_id,
                model,
                event.timestamp,
                "queue_full",
                message,
            ));
        }
    }

    /// Gives the detectors new baselines.
    pub(super) fn rebase_all(&self, event: &Event, derived: &mut Derived) {
        let shared = &self.shared;
        let config = &shared.config;
        let model = event.model.as_ref().or(config.default_model.as_ref());
        let detectors = config.detectors.iter().enumerate();
        let concerned = detectors.filter(|(_, detector)| detector.is_concerned(model));
        if config.baseline.is_some() {
            let job = |(detector, _)| Job::new(Task::Rebase { detector }, event);
            let jobs = concerned.map(job).collect();
            self.hand_over(REBASING, jobs); // what there is no room for is logged
            return;
        }
        for (_, detector) in concerned {
            let renewed = shared.renew(detector, None, event);
            let mut state = shared.state.lock();
            match renewed {
                Ok(told) => {
                    state.n_rebased += 1;
                    drop(state);
                    told.into_iter().for_each(|event| derived.emit(event));
                }
                Err(error) => {
                    state.n_not_rebased += 1;
                    drop(state);
                    let (name, detector) = (&config.name, &detector.config().name);
                    let what = "keeps its old baseline";
                    log::error!(target: TARGET, "{name}: {detector} {what}: {error}");
                }
            }
        }
    }
}

pub(super) fn new_desk(shared: &Arc<Shared>, scheduler: &Arc<dyn Scheduler>) -> Arc<Desk<Job>> {
    let mut handlers: Vec<Arc<dyn Handler<Job>>> = vec![Arc::new(Scheduling {
        shared: Arc::clone(shared),
        scheduler: Arc::clone(scheduler),
    })];
    if let Some(baseline) = &shared.config.baseline {
        handlers.push(Arc::new(Rebasing {
            shared: Arc::clone(shared),
            baseline: Arc::clone(baseline),
        }));
    }
    let seed = Timestamp::now().as_nanos().cast_unsigned();
    Desk::new(handlers, CAPACITY, shared.config.retries, seed)
}
