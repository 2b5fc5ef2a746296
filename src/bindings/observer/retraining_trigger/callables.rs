//! Python callables that run on a trigger's workers.

use std::any::Any;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::strategy::function;
use crate::bindings::arguments::array::vector;
use crate::bindings::courier::{Callable, ForPython};
use crate::bindings::event::PyEvent;
use crate::bindings::event::model::PyModelId;
use crate::bindings::gate::outside;
use crate::bindings::observer::drift_detector::PyDriftDetector;
use crate::delivery::{Loss, Outcome};
use crate::event::{Event, ModelId};
use crate::observer::{Baseline, DriftDetector, Job, RetrainingTrigger, Scheduler, Task};

const SCHEDULE: &str = "a function that takes a model and an event, or a scheduler such as \
                        driftline.retraining.Command";
const BASELINE: &str = "a function that takes a detector and an event and returns a sample, or \
                        None for the detector's last window";

/// What a worker of Python's is never asked.
const WITHOUT_PYTHON: &str = "called without Python";

impl ForPython for Job {
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let event = PyEvent::of(self.event.clone());
        match &self.task {
            Task::Schedule { model, .. } => (PyModelId(model.clone()), event).into_pyobject(py),
            Task::Rebase { detector } => (*detector, event).into_pyobject(py),
        }
    }
}

/// A function that starts trainings.
pub(crate) struct PythonScheduler {
    name: Arc<str>,
    callable: Callable,
}

impl PythonScheduler {
    pub(super) fn read(value: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        Ok(Arc::new(Self {
            name: function("schedule", value, SCHEDULE)?,
            callable: Callable::new(value.clone().unbind(), true),
        }))
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callable.traverse(visit)
    }

    pub(super) fn clear(&self) {
        self.callable.clear();
    }
}

impl Scheduler for PythonScheduler {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn schedule(&self, _: &ModelId, _: &Event, _: &str) -> Outcome {
        Outcome::Lost {
            reason: Loss::Failed,
            error: WITHOUT_PYTHON.to_owned(),
        }
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        Some(&self.callable)
    }
}

/// A function that knows baselines.
pub(crate) struct PythonBaseline {
    callable: Callable,
}

impl PythonBaseline {
    /// What is called is Python's: it asks the function and hands on what it says.
    pub(super) fn read(
        value: &Bound<'_, PyAny>,
        rebasing: &Bound<'_, PyRebasing>,
    ) -> PyResult<Arc<Self>> {
        let py = value.py();
        function("baseline", value, BASELINE)?;
        let rebase = py.import("driftline._rebasing")?.getattr("rebase")?;
        let partial = py.import("functools")?.getattr("partial")?;
        let bound = partial.call1((rebase, value, rebasing))?;
        Ok(Arc::new(Self {
            callable: Callable::new(bound.unbind(), true),
        }))
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callable.traverse(visit)
    }

    pub(super) fn clear(&self) {
        self.callable.clear();
    }
}

impl Baseline for PythonBaseline {
    fn baseline(&self, _: &DriftDetector, _: &Event) -> Result<Vec<f64>, String> {
        Err(WITHOUT_PYTHON.to_owned())
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        Some(&self.callable)
    }
}

/// What `driftline._rebasing` works with.
#[pyclass(name = "_Rebasing", frozen, module = "driftline._driftline")]
pub(crate) struct PyRebasing {
    detectors: Mutex<Vec<Py<PyDriftDetector>>>,
    trigger: OnceLock<Weak<RetrainingTrigger>>,
}

impl PyRebasing {
    pub(super) fn new(py: Python<'_>, detectors: &[Py<PyDriftDetector>]) -> Self {
        let detectors = detectors.iter().map(|detector| detector.clone_ref(py));
        Self {
            detectors: Mutex::new(detectors.collect()),
            trigger: OnceLock::new(),
        }
    }

    pub(super) fn belongs_to(&self, trigger: &Arc<RetrainingTrigger>) {
        let _ = self.trigger.set(Arc::downgrade(trigger)); // only ever set once
    }
}

#[pymethods]
impl PyRebasing {
    /// The detector at a place; None when there is none any more.
    fn detector(&self, py: Python<'_>, place: usize) -> Option<Py<PyDriftDetector>> {
        let detectors = self.detectors.lock();
        detectors.get(place).map(|detector| detector.clone_ref(py))
    }

    /// Gives the detector at a place another baseline.
    #[pyo3(signature = (place: "int", event: "Event", sample: "numpy.typing.ArrayLike"))]
    fn apply(
        &self,
        py: Python<'_>,
        place: usize,
        event: &Bound<'_, PyEvent>,
        sample: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let sample = vector("baseline", sample)?.to_vec();
        let event = event.get().event().clone();
        let Some(trigger) = self.trigger.get().and_then(Weak::upgrade) else {
            return Ok(());
        };
        Ok(outside(py, || trigger.rebase(place, &sample, &event))?)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(detectors) = self.detectors.try_lock() {
            for detector in detectors.iter() {
                visit.call(detector)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let taken = std::mem::take(&mut *self.detectors.lock());
        drop(taken); // not under the lock
    }
}
