//! `StreamDetector` in Python.

mod foreign;
mod state;
pub(crate) mod status;

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use self::foreign::{Held, ObjectDetector};
use self::state::which;
use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, Given, number};
use crate::bindings::event::timestamp;
use crate::bindings::observer::clock::Clock;
use crate::bindings::observer::drift_detector::{
    DEFAULT_KINDS, cooldown_s, given_kinds, per_model,
};
use crate::bindings::observer::{NativeObserver, detached};
use crate::bindings::stream::arguments::{native, not_a_detector};
use crate::event::{Kind, ModelFilter, Timestamp};
use crate::observer::{StreamConfig, StreamDetector, StreamSource};

/// Arrays from this length are taken without holding the interpreter.
const DETACH_FROM: usize = 256;

/// Values taken between two looks at pending signals.
const RUN: usize = 65_536;

/// What is not given.
const DEFAULT_RESOLVE_AFTER: Option<u64> = Some(1000);

fn resolve_after(value: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    if value.is_none() {
        return Ok(None);
    }
    arguments::whole("resolve_after", value, 1..=u32::MAX).map(|n| Some(u64::from(n)))
}

/// A streaming detector on a hub: tells when a series of values changes.
///
/// Register it in a hub, where it emits ``drift_detected`` and ``drift_resolved``, or give
/// it values by ``update`` and ``update_many``. Each feature has a detector of its own, and
/// so have events that name none; with ``per_model``, each feature of each model.
///
/// A change is told at once; what came after it is the new normal of detectors that estimate
/// it. Those with a ``target``, as CUSUM, EWMAChart and Shewhart have when calibrated, alarm
/// again for as long as the values are off. Drift is over
/// when ``resolve_after`` values came without another change. The value of
/// ``drift_detected`` is the detector's statistic; its metadata have ``detector`` and
/// ``test`` (its name), ``limit``, ``direction``, ``estimation``, ``n`` (values since the
/// last change), ``n_samples`` and a ``message``, as far as the detector has them.
///
/// None, NaN and infinite values are missing: left out and counted. So are those that the
/// detector does not take, such as 0.3 where it takes 0 and 1; the first on a hub is a
/// failure of the observer, further ones are counted (``n_refused``).
///
/// :param detector: ``stream.ADWIN()`` or any other of ``stream``, its name, or an object of
///     your own with ``update(x)`` and ``drift_detected``, such as one of river's. Each
///     series begins with a copy (``copy.deepcopy``); it itself stays as it is. An object of
///     your own is given finite values, one at a time; it may take its time and use this
///     observer or the hub, for no lock is held meanwhile: values that other threads bring
///     then wait in line, and the thread that is at it takes them too. What it raises is a
///     failure of the observer. Of its attributes ``statistic``, ``limit``, ``direction``
///     and ``estimation`` are told, where it has them.
/// :param kinds: kinds of events to take in a hub.
/// :param feature: the feature to take; by default any, each by itself.
/// :param field: take the value from this metadata key (dots descend) instead; an event
///     without it, or without a number in it, counts as missing.
/// :param model: the model to take; a name means all its versions.
/// :param per_model: keep a detector and counts for each model, and for events without one.
/// :param max_models: the most series kept apart, 1 to 1,000,000; by default the hub's
///     ``max_models``, 1000 without one. Those that were there first stay; values of
///     newcomers are counted (``n_overflow``), not judged.
/// :param cooldown_s: seconds of event time after an alert within which further changes of
///     the series are only counted (``n_suppressed``).
/// :param resolve_after: values without another change after which drift is over; None:
///     it never is.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :param clock: a function that returns seconds since 1970, for use without a hub; by
///     default the system clock.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range, or an unknown name.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(dl.StreamDetector(dl.stream.ADWIN(), feature="age"))
/// >>> handle = hub.register(
/// ...     lambda event: print(event.metadata["test"], event.metadata["direction"]),
/// ...     kinds="drift_detected")
/// >>> report = hub.emit_many("observation", [0, 1] * 500 + [4, 7] * 500, feature="age")
/// adwin up
#[pyclass(name = "StreamDetector", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyStreamDetector {
    pub(crate) core: Arc<StreamDetector>,
    /// The objects of the user's, where the detector is one.
    held: Option<Arc<Held>>,
    clock: Clock,
}

/// When values came.
enum When {
    Now(Option<Timestamp>),
    All(Timestamp),
    Each(Vec<Timestamp>),
}

impl PyStreamDetector {
    /// Takes values run by run, so that Ctrl-C is heard in between.
    fn take(
        &self,
        py: Python<'_>,
        values: &[f64],
        times: When,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<usize>> {
        let (model, feature) = which(model, feature)?;
        let series = self.core.of(model, feature);
        let mut alerts = Vec::new();
        if values.len() > RUN {
            detached(py, || series.check(values))?;
        }
        for (number, run) in values.chunks(RUN).enumerate() {
            let start = number * RUN;
            let take = || match &times {
                When::Now(now) => series.update_many_by(run, *now),
                When::All(time) => series.update_many(run, *time),
                When::Each(times) => {
                    let times = times.get(start..start + run.len()).unwrap_or_default();
                    series.update_many_at(run, times)
                }
            };
            // An object of the user's needs the interpreter, and no fork waits for it.
            let found = if run.len() < DETACH_FROM || self.held.is_some() {
                take()?
            } else {
                detached(py, take)?
            };
            alerts.extend(found.into_iter().map(|index| start + index));
            if values.len() > RUN {
                py.check_signals()?;
            }
        }
        Ok(alerts)
    }
}

#[pymethods]
impl PyStreamDetector {
    #[new]
    #[pyo3(
        signature = (
            detector: "str | driftline._driftline.stream.Detector | driftline.observer.SupportsUpdate",
            *,
            kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
            feature: "str | None" = None,
            field: "str | None" = None,
            model: "str | ModelId | None" = None,
            per_model: "bool" = false,
            max_models: "int | None" = None,
            cooldown_s: "float" = 0.0,
            resolve_after: "int | None" = DEFAULT_RESOLVE_AFTER,
            name: "str | None" = None,
            clock: "collections.abc.Callable[[], float] | None" = None
        ),
        text_signature = "(detector, *, kinds=('observation', 'drift_score'), feature=None, \
                          field=None, model=None, per_model=False, max_models=None, \
                          cooldown_s=0.0, resolve_after=1000, name=None, clock=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        detector: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        feature: Option<&Bound<'_, PyAny>>,
        field: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = per_model)] per_model: bool,
        max_models: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        #[pyo3(from_py_with = resolve_after)] resolve_after: Option<u64>,
        name: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let text = |argument, value: Option<&Bound<'_, PyAny>>| {
            value
                .map(|value| arguments::text(argument, value))
                .transpose()
        };
        let (source, held) = source(detector)?;
        let mut config = StreamConfig::new(source);
        if let Some(kinds) = kinds {
            config.kinds = kinds;
        }
        config.feature = text("feature", feature)?;
        config.field = text("field", field)?;
        let model = model.map(|model| arguments::model(model).map(ModelFilter::from));
        config.model = model.transpose()?;
        config.per_model = per_model;
        config.max_models = max_models.map(arguments::max_models).transpose()?;
        config.cooldown_s = cooldown_s;
        config.resolve_after = resolve_after;
        if let Some(name) = text("name", name)? {
            config.name = name;
        }
        let core = Arc::new(StreamDetector::new(config)?);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self {
            core,
            held,
            clock: Clock::new(clock)?,
        }))
    }

    /// Take one value; None and NaN are missing ones.
    ///
    /// :param timestamp: when; by default the clock's time.
    /// :param model: whose value it is; it matters with ``per_model`` only.
    /// :param feature: which feature it is of; it matters where the observer takes any.
    /// :returns: True exactly when this value raised an alert: the detector found a change,
    ///     and the cooldown has passed. False for a value that has to wait in line for an
    ///     object of your own.
    /// :raises InvalidValueError: a value that the detector does not take.
    #[pyo3(signature = (
        value: "float | None",
        *,
        timestamp: "datetime.datetime | str | None" = None,
        model: "str | ModelId | None" = None,
        feature: "str | None" = None
    ))]
    fn update(
        &self,
        py: Python<'_>,
        value: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let value = value.map_or(Ok(f64::NAN), |value| number("value", value))?;
        let when = match timestamp {
            Some(time) => When::All(timestamp::timestamp("timestamp", time)?),
            None => When::Now(self.clock.now(py)?),
        };
        Ok(!self.take(py, &[value], when, model, feature)?.is_empty())
    }

    /// Take many values: the same as ``update`` with each.
    ///
    /// :param timestamps: one time per value; by default all have the clock's.
    /// :param model: whose values they are; it matters with ``per_model`` only.
    /// :param feature: which feature they are of; it matters where the observer takes any.
    /// :returns: the indices, as int64, of the values that raised an alert.
    /// :raises InvalidValueError: values that the detector does not take; none was taken.
    #[pyo3(signature = (
        values: "numpy.typing.ArrayLike",
        *,
        timestamps: "numpy.typing.ArrayLike | collections.abc.Sequence[datetime.datetime] | None" = None,
        model: "str | ModelId | None" = None,
        feature: "str | None" = None
    ) -> "numpy.typing.NDArray[numpy.int64]")]
    fn update_many<'py>(
        &self,
        py: Python<'py>,
        values: &Bound<'py, PyAny>,
        timestamps: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
        feature: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let values = vector("values", values)?;
        let when = match timestamps {
            Some(times) => When::Each(timestamp::timestamps(times, values.len())?),
            None => When::Now(self.clock.now(py)?),
        };
        let values = values.as_slice().unwrap_or_default();
        let alerts = self.take(py, values, when, model, feature)?;
        let alerts = alerts.into_iter().map(|index| index as i64);
        Ok(PyArray1::from_iter(py, alerts))
    }

    /// Start afresh: detectors, counts and states.
    ///
    /// :param model: only the series of this model, with ``per_model``.
    /// :param feature: only the series of this feature.
    /// :raises InvalidValueError: what has no series.
    #[pyo3(signature = (model: "str | ModelId | None" = None, feature: "str | None" = None))]
    fn reset(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (model, feature) = which(model, feature)?;
        Ok(self.core.reset(model.as_ref(), feature.as_ref())?)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(held) = &self.held {
            held.traverse(&visit)?;
        }
        self.clock.traverse(&visit)
    }

    fn __clear__(&self) {
        if let Some(held) = &self.held {
            held.clear();
        }
        self.clock.clear();
    }
}

/// The `detector` argument, and where its objects are held.
fn source(detector: &Bound<'_, PyAny>) -> PyResult<(StreamSource, Option<Arc<Held>>)> {
    if let Some(own) = native(detector)? {
        return Ok((own.into(), None));
    }
    match ObjectDetector::from_object(detector)? {
        Some((object, held)) => Ok((StreamSource::Foreign(Arc::new(object)), Some(held))),
        None => Err(not_a_detector(detector)),
    }
}
