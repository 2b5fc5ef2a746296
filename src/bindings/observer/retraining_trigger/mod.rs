//! `RetrainingTrigger` in Python.

pub(crate) mod callables;
mod options;
mod readable;
pub(crate) mod strategy;
pub(crate) mod webhook;

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use self::callables::{PyRebasing, PythonBaseline, PythonScheduler};
use self::options::*;
use self::strategy::PythonJudge;
use self::webhook::NativeScheduler;
use crate::bindings::arguments::{self, Given, number};
use crate::bindings::courier;
use crate::bindings::event::PyEvent;
use crate::bindings::event::timestamp;
use crate::bindings::observer::drift_detector::PyDriftDetector;
use crate::bindings::observer::{NativeObserver, flush, flush_timeout_s};
use crate::event::Kind;
use crate::observer::{Job, RetrainingTrigger, Scheduler, Tick, TriggerConfig};

/// Asks for retraining when a model has become worse, once.
///
/// Register it in a hub, last (``priority=-1``), so that a quick training cannot overtake
/// the event that asked for it. It calls ``schedule(model, event)`` on a thread of its own
/// for an ``f1`` below ``min_f1``, at once; for a p-value below ``max_p`` in events of its
/// ``kinds``, or a ``drift_detected`` without p-value; or when a ``strategy``, which takes
/// the place of ``max_p``, says so. It emits ``retraining_triggered`` once for each run,
/// with the reason in the metadata.
///
/// One run is in flight for each model name until its ``training_completed``, of any
/// version; a training that was started elsewhere (``training_started``) counts as one.
/// When ``schedule`` raises, it is called again, ``retries`` times, 0.5 * 2**k seconds
/// (times 0.5 to 1.5) later; then the run is over, and ``retraining_failed`` is emitted. So
/// it is when no ``training_completed`` comes within ``run_timeout_s``. After that the model
/// is free again, once its cooldown is over. All times but those between attempts are
/// event time. ``hub.flush()`` and ``hub.shutdown()`` wait for ``schedule`` to return.
///
/// :param schedule: a function of a :class:`ModelId` and the :class:`Event` that asked, or
///     one of ``driftline.retraining``. What it returns is ignored.
/// :param min_f1: above 0 and at most 1; None switches it off.
/// :param max_p: above 0 and at most 1; None switches it off, and so does a strategy.
/// :param strategy: ``FixedThreshold``, ``PValue``, ``Ewma``, or a function that takes an
///     event and returns whether to retrain. That is called in the emitter's thread; when
///     it raises, the trigger has failed and nothing is started.
/// :param kinds: the kinds of events that ``max_p`` and the strategy look at. Those without
///     the value or p-value that is needed say nothing and are counted (``n_missing``).
/// :param min_effect: what has a smaller effect asks for nothing: ``effect_size`` of the
///     metadata, or else the event's value, its sign aside. Not for ``min_f1``.
/// :param confirm: ``(k, n)``: k of the last n looks at one model, feature and source must
///     say so, n at most 64; a ``drift_resolved`` says no. Not for ``min_f1``. A detector
///     emits ``drift_detected`` once and then a reminder every ``cooldown_s`` of its own:
///     these are the looks, if it is the only source.
/// :param cooldown_s: seconds between two runs of a model name, from start to start.
/// :param rate_limit: ``(runs, seconds)``: at most so many runs, of all models.
/// :param run_timeout_s: seconds after which a run is given up.
/// :param retries: calls of ``schedule`` after the first, 0 to 100.
/// :param rebase_on: the kind of event with which ``detectors`` get a new baseline, such as
///     ``"training_completed"``. Drift that was open ends with it: ``drift_resolved``, with
///     ``rebased`` in the metadata.
/// :param detectors: one ``DriftDetector``, or several. Each is rebased when the event is
///     about a model that it hears of, of any version.
/// :param baseline: a function ``baseline(detector, event)`` that returns the new baseline,
///     called on the trigger's thread, so that it is in place after ``hub.flush()``. None:
///     the last full window of each detector, at once. Give a function where you can: a
///     window is a small sample.
/// :param default_model: the model of events that name none. Without it they start nothing.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> hub, asked = dl.Hub(), []
/// >>> trigger = dl.RetrainingTrigger(lambda model, event: asked.append((str(model), event.value)))
/// >>> handle = hub.register(trigger)
/// >>> for f1 in [0.81, 0.74, 0.73]:
/// ...     report = hub.emit("f1", f1, model="fraud:1")
/// >>> hub.flush(5.0), asked
/// (True, [('fraud:1', 0.74)])
/// >>> trigger.runs["triggered"], trigger.held_back, trigger.in_flight
/// (1, {'in_flight': 1}, ('fraud',))
/// >>> report = hub.training_completed("fraud:2")
/// >>> trigger.in_flight
/// ()
#[pyclass(name = "RetrainingTrigger", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyRetrainingTrigger {
    core: Arc<RetrainingTrigger>,
    /// Python objects as they were given.
    given: Mutex<Objects>,
    /// None for a native one.
    scheduler: Option<Arc<PythonScheduler>>,
    judge: Option<Arc<PythonJudge>>,
    baseline: Option<Arc<PythonBaseline>>,
}

/// Python objects as they were given.
#[derive(Default)]
struct Objects {
    schedule: Option<Py<PyAny>>,
    strategy: Option<Py<PyAny>>,
    baseline: Option<Py<PyAny>>,
    detectors: Vec<Py<PyDriftDetector>>,
}

#[pymethods]
impl PyRetrainingTrigger {
    #[new]
    #[pyo3(
        signature = (
            schedule: "NativeScheduler | collections.abc.Callable[[ModelId, Event], object]",
            *,
            min_f1: "float | None" = Some(0.75),
            max_p: "float | None" = Some(0.05),
            strategy: "FixedThreshold | PValue | Ewma | collections.abc.Callable[[Event], bool] | None" = None,
            kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
            min_effect: "float | None" = None,
            confirm: "tuple[int, int] | None" = None,
            cooldown_s: "float" = 3600.0,
            rate_limit: "tuple[int, float] | None" = None,
            run_timeout_s: "float" = 86400.0,
            retries: "int" = 5,
            rebase_on: "str | None" = None,
            detectors: "DriftDetector | collections.abc.Iterable[DriftDetector]" = NO_DETECTORS,
            baseline: "collections.abc.Callable[[DriftDetector, Event], numpy.typing.ArrayLike] | None" = None,
            default_model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
            name: "str | None" = None
        ),
        text_signature = "(schedule, *, min_f1=0.75, max_p=0.05, strategy=None, \
                          kinds=('drift_score', 'drift_detected'), min_effect=None, confirm=None, \
                          cooldown_s=3600.0, rate_limit=None, run_timeout_s=86400.0, retries=5, \
                          rebase_on=None, detectors=(), baseline=None, default_model=None, name=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        schedule: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = min_f1)] min_f1: Option<f64>,
        #[pyo3(from_py_with = max_p)] max_p: Option<f64>,
        strategy: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        min_effect: Option<&Bound<'_, PyAny>>,
        confirm: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        rate_limit: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = run_timeout_s)] run_timeout_s: f64,
        #[pyo3(from_py_with = retries)] retries: u32,
        rebase_on: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = detectors)] detectors: Given<Vec<Py<PyDriftDetector>>>,
        baseline: Option<&Bound<'_, PyAny>>,
        default_model: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let (scheduler, foreign): (Arc<dyn Scheduler>, _) = match schedule.cast::<NativeScheduler>()
        {
            Ok(native) => (Arc::clone(&native.get().scheduler), None),
            Err(_) => {
                let foreign = PythonScheduler::read(schedule)?;
                (Arc::clone(&foreign) as Arc<_>, Some(foreign))
            }
        };
        let (chosen, judge) = match strategy.map(strategy::read).transpose()? {
            Some((chosen, judge)) => (Some(chosen), judge),
            None => (None, None),
        };
        let detectors = detectors.unwrap_or_default();
        let rebasing = Bound::new(py, PyRebasing::new(py, &detectors))?;
        let source = baseline
            .map(|baseline| PythonBaseline::read(baseline, &rebasing))
            .transpose()?;
        let default = TriggerConfig::default();
        let config = TriggerConfig {
            min_f1,
            max_p,
            strategy: chosen,
            kinds: kinds.unwrap_or(default.kinds),
            min_effect: min_effect
                .map(|effect| number("min_effect", effect))
                .transpose()?,
            confirm: confirm.map(options::confirm).transpose()?,
            cooldown_s,
            rate_limit: rate_limit.map(options::rate_limit).transpose()?,
            run_timeout_s,
            retries,
            default_model: default_model
                .map(|model| arguments::model_as("default_model", model))
                .transpose()?,
            rebase_on: rebase_on.map(options::rebase_on).transpose()?,
            detectors: detectors
                .iter()
                .map(|detector| detector.get().core())
                .collect(),
            baseline: source.clone().map(|source| source as Arc<_>),
            name: match name {
                Some(name) => arguments::text("name", name)?,
                None => default.name,
            },
        };
        let start = Arc::new(courier::start::<Job>);
        let core = RetrainingTrigger::with_start(scheduler, config, start)?;
        let core = Arc::new(core);
        rebasing.get().belongs_to(&core);
        let held = |object: Option<&Bound<'_, PyAny>>| object.map(|object| object.clone().unbind());
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self {
            core,
            given: Mutex::new(Objects {
                schedule: held(Some(schedule)),
                strategy: held(strategy),
                baseline: held(baseline),
                detectors,
            }),
            scheduler: foreign,
            judge,
            baseline: source,
        }))
    }

    /// Take an event without a hub, of a kind that it listens to.
    ///
    /// :returns: whether it has started a run. What a hub would emit is told nobody.
    /// :raises Exception: what a strategy of yours raised.
    #[pyo3(signature = (event: "Event"))]
    fn update(&self, event: &Bound<'_, PyAny>) -> PyResult<bool> {
        let event = event
            .cast::<PyEvent>()
            .map_err(|_| arguments::wrong_type("event", event, "an Event"))?;
        let told = self.core.update(event.get().event());
        let told = told.map_err(|error| match error.downcast::<PyErr>() {
            Ok(raised) => *raised,
            Err(error) => pyo3::exceptions::PyRuntimeError::new_err(error.to_string()),
        })?;
        let is_start = |kind: &Kind| *kind == Kind::RetrainingTriggered;
        Ok(told.iter().any(|event| is_start(&event.kind)))
    }

    /// Tell, without a hub, that time has passed.
    ///
    /// :param now: the time; by default that of the last event and what has passed since.
    /// :returns: how many runs were given up.
    #[pyo3(signature = (now: "datetime.datetime | numpy.datetime64 | str | None" = None))]
    fn tick(&self, now: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let now = now
            .map(|now| timestamp::timestamp("now", now))
            .transpose()?;
        Ok(self.core.tick(&now.map_or_else(Tick::now, Tick::at)).len())
    }

    /// Wait until ``schedule`` has returned, or was tried often enough, for every run, and
    /// every baseline was fetched.
    ///
    /// :param timeout_s: seconds after which to give up, 0 or more.
    /// :returns: whether nothing is left.
    /// :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    #[pyo3(signature = (timeout_s: "float" = 2.0))]
    fn flush(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = flush_timeout_s)] timeout_s: f64,
    ) -> PyResult<bool> {
        flush(py, &*self.core, timeout_s)
    }

    fn __repr__(&self) -> String {
        let runs = self.core.runs();
        format!(
            "RetrainingTrigger(triggered={}, scheduled={}, completed={}, failed={}, \
             timed_out={}, in_flight={}, held_back={})",
            runs.triggered,
            runs.scheduled,
            runs.completed,
            runs.failed,
            runs.timed_out,
            self.core.in_flight().len(),
            self.core.held_back().iter().sum::<u64>(),
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.core.is_idle() {
            return Ok(()); // a worker holds them, too
        }
        if let Some(given) = self.given.try_lock() {
            visit.call(&given.schedule)?;
            visit.call(&given.strategy)?;
            visit.call(&given.baseline)?;
            for detector in &given.detectors {
                visit.call(detector)?;
            }
        }
        if let Some(scheduler) = &self.scheduler {
            scheduler.traverse(&visit)?;
        }
        if let Some(judge) = &self.judge {
            judge.traverse(&visit)?;
        }
        match &self.baseline {
            Some(baseline) => baseline.traverse(&visit),
            None => Ok(()),
        }
    }

    fn __clear__(&self) {
        if !self.core.is_idle() {
            return;
        }
        let given = std::mem::take(&mut *self.given.lock());
        drop(given); // not under the lock
        if let Some(scheduler) = &self.scheduler {
            scheduler.clear();
        }
        if let Some(judge) = &self.judge {
            judge.clear();
        }
        if let Some(baseline) = &self.baseline {
            baseline.clear();
        }
    }
}
