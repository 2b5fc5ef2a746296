//! What is done off the emitter's thread.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::config::TriggerConfig;
use super::scheduler::{Baseline, Scheduler};
use super::state::State;
use crate::delivery::{Handler, Loss, Outcome};
use crate::event::{Event, Kind, Metadata, ModelId, Timestamp, Value};
use crate::fork;
use crate::observer::{Alarm, DriftDetector, HubView};

/// Something to be done off the emitter's thread.
#[derive(Debug)]
pub struct Job {
    /// What.
    pub task: Task,
    /// The event that asked for it.
    pub event: Event,
    /// Whether it was found to be no longer wanted.
    is_obsolete: AtomicBool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Have a model retrained.
    Schedule {
        /// The number of the run.
        run: u64,
        /// Which model.
        model: ModelId,
        /// What the run is known by elsewhere.
        run_id: Arc<str>,
    },
    /// Fetch a baseline for a detector.
    Rebase {
        /// The place of the detector among those of the trigger.
        detector: usize,
    },
}

impl Job {
    pub(super) fn new(task: Task, event: &Event) -> Self {
        Self {
            task,
            event: event.clone(),
            is_obsolete: AtomicBool::new(false),
        }
    }
}

/// What the trigger and its workers share.
pub(super) struct Shared {
    pub(super) config: TriggerConfig,
    pub(super) state: Mutex<State>,
    pub(super) hubs: Mutex<Vec<Weak<dyn HubView>>>,
}

impl Shared {
    /// Has the state changed on a worker, where a fork must not happen meanwhile.
    fn with_state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let _section = fork::section();
        change(&mut self.state.lock())
    }

    /// Tells the hubs of something that no event in hand brought about.
    fn tell(&self, mut event: Event) {
        event
            .source
            .get_or_insert_with(|| Arc::clone(&self.config.name));
        let hubs: Vec<_> = {
            let _section = fork::section();
            let hubs = self.hubs.lock();
            hubs.iter().filter_map(Weak::upgrade).collect()
        };
        for hub in hubs {
            hub.emit(&event);
        }
    }

    /// The time in the stream.
    fn now(&self) -> Timestamp {
        let latest = self.with_state(|state| state.timeline.latest());
        latest.unwrap_or_else(Timestamp::now)
    }

    /// Compares a detector with another baseline; answers what is to be told.
    ///
    /// # Errors
    /// Those of [`DriftDetector::renew`]; the old baseline stays.
    pub(super) fn renew(
        &self,
        detector: &DriftDetector,
        sample: Option<&[f64]>,
        event: &Event,
    ) -> crate::error::Result<Vec<Event>> {
        let model = event.model.as_ref().or(self.config.default_model.as_ref());
        let ended = detector.renew(sample.map(ndarray::aview1), model)?;
        Ok(ended
            .iter()
            .map(|alarm: &Alarm| {
                let mut told = alarm.event(event);
                told.source = Some(Arc::clone(&detector.config().name));
                told
            })
            .collect())
    }

    /// [`Shared::renew`] on a worker.
    ///
    /// # Errors
    /// The same.
    pub(super) fn renew_here(
        &self,
        detector: &DriftDetector,
        sample: &[f64],
        event: &Event,
    ) -> crate::error::Result<()> {
        let told = {
            let _section = fork::section();
            self.renew(detector, Some(sample), event)?
        };
        told.into_iter().for_each(|event| self.tell(event));
        Ok(())
    }

    /// The event that tells that a run is over without having ended well.
    pub(super) fn failure(
        &self,
        run_id: &str,
        model: &ModelId,
        at: Timestamp,
        reason: &str,
        message: String,
    ) -> Event {
        let mut metadata = Metadata::new();
        metadata.insert("message".to_owned(), Value::Str(message));
        metadata.insert("reason".to_owned(), reason.into());
        metadata.insert("run_id".to_owned(), run_id.into());
        let mut event = Event::at(Kind::RetrainingFailed, None, at);
        event.model = Some(model.clone());
        event.metadata = Some(Arc::new(metadata));
        event
    }
}

/// Has runs scheduled.
pub(super) struct Scheduling {
    pub(super) shared: Arc<Shared>,
    pub(super) scheduler: Arc<dyn Scheduler>,
}

impl Handler<Job> for Scheduling {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.shared.config.name)
    }

    fn wants(&self, job: &Job) -> bool {
        let Task::Schedule { run, model, .. } = &job.task else {
            return false;
        };
        // The training may have ended, or been given up, meanwhile.
        let wants = self
            .shared
            .with_state(|state| state.is_in_flight(*run, model));
        job.is_obsolete.store(!wants, Relaxed);
        wants
    }

    fn handle(&self, job: &Job) -> Outcome {
        match &job.task {
            Task::Schedule { model, run_id, .. } => {
                self.scheduler.schedule(model, &job.event, run_id)
            }
            Task::Rebase { .. } => Outcome::Delivered,
        }
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.scheduler.foreign()
    }

    fn describe(&self, job: &Job) -> String {
        match &job.task {
            Task::Schedule { model, .. } => format!("the retraining of {model}"),
            Task::Rebase { .. } => "a baseline".to_owned(),
        }
    }

    fn ended(&self, job: &Job, lost: Option<(Loss, &str)>) {
        let Task::Schedule { run, model, run_id } = &job.task else {
            return;
        };
        let Some((reason, error)) = lost else {
            if !job.is_obsolete.load(Relaxed) {
                self.shared.with_state(|state| state.scheduled(*run, model));
            }
            return;
        };
        if self.shared.with_state(|state| state.failed(*run, model)) {
            let by = self.scheduler.name();
            let message =
                format!("the retraining of {model} could not be scheduled by {by}: {error}");
            let now = self.shared.now();
            let event = self
                .shared
                .failure(run_id, model, now, reason.as_str(), message);
            self.shared.tell(event);
        }
    }
}

/// Fetches baselines.
pub(super) struct Rebasing {
    pub(super) shared: Arc<Shared>,
    pub(super) baseline: Arc<dyn Baseline>,
}

impl Rebasing {
    fn detector(&self, job: &Job) -> Option<&Arc<DriftDetector>> {
        match job.task {
            Task::Rebase { detector } => self.shared.config.detectors.get(detector),
            Task::Schedule { .. } => None,
        }
    }
}

impl Handler<Job> for Rebasing {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.shared.config.name)
    }

    fn handle(&self, job: &Job) -> Outcome {
        let Some(detector) = self.detector(job) else {
            return Outcome::Delivered;
        };
        let sample = self.baseline.baseline(detector, &job.event);
        let renewed = sample.and_then(|sample| {
            let renewed = self.shared.renew_here(detector, &sample, &job.event);
            renewed.map_err(|error| error.to_string())
        });
        match renewed {
            Ok(()) => Outcome::Delivered,
            Err(error) => Outcome::Retry {
                reason: Loss::Failed,
                after: None,
                error,
            },
        }
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.baseline.foreign()
    }

    fn describe(&self, job: &Job) -> String {
        let detector = self.detector(job);
        let name = detector.map_or("nobody", |detector| &detector.config().name);
        format!("the new baseline of {name}")
    }

    fn ended(&self, _job: &Job, lost: Option<(Loss, &str)>) {
        self.shared.with_state(|state| match lost {
            None => state.n_rebased += 1,
            Some(_) => state.n_not_rebased += 1,
        });
    }
}
