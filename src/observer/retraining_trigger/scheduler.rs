//! Whoever starts the trainings, and whoever knows new baselines.

use std::any::Any;
use std::sync::Arc;

use crate::delivery::Outcome;
use crate::event::{Event, ModelId};
use crate::observer::DriftDetector;

/// Starts retraining runs. It is called by one thread at a time, which is not the
/// emitter's, and may take long.
pub trait Scheduler: Send + Sync {
    /// The name in messages; no secret.
    fn name(&self) -> Arc<str>;

    /// Has a model retrained; `event` is the one that asked for it, `run_id` the same at
    /// every attempt and different for every run. What it returns decides whether there
    /// is another attempt.
    fn schedule(&self, model: &ModelId, event: &Event, run_id: &str) -> Outcome;

    /// What the embedding language calls in place of [`Scheduler::schedule`].
    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}

/// Knows what is normal for a model that was retrained. It is called by one thread
/// at a time, which is not the emitter's.
pub trait Baseline: Send + Sync {
    /// The sample that `detector` should compare with from now on.
    ///
    /// # Errors
    /// Why there is none; never a secret. There is another attempt.
    fn baseline(&self, detector: &DriftDetector, event: &Event) -> Result<Vec<f64>, String>;

    /// What the embedding language calls in place of [`Baseline::baseline`]; it hands
    /// the sample to [`RetrainingTrigger::rebase`](super::RetrainingTrigger::rebase).
    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}
