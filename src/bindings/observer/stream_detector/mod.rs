//! `StreamDetector` in Python.

mod foreign;
mod options;
mod rows;
mod state;
pub(crate) mod status;
pub(crate) mod watched;

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBool;

use self::foreign::Held;
use self::options::{DEFAULT_RESOLVE_AFTER, Options, Source, resolve_after};
use self::watched::Watched;
use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{Given, number};
use crate::bindings::event::timestamp;
use crate::bindings::observer::clock::Clock;
use crate::bindings::observer::drift_detector::{
    DEFAULT_KINDS, cooldown_s, given_kinds, per_model,
};
use crate::bindings::observer::{NativeObserver, detached};
use crate::bindings::stream::midway::midway;
use crate::event::{Kind, Timestamp};
use crate::observer::{StreamBank, StreamDetector};

/// Arrays from this length are taken without holding the interpreter.
const DETACH_FROM: usize = 256;

/// Values taken between two looks at pending signals.
const RUN: usize = 65_536;

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
/// With a ``stream.Bank`` it takes whole rows, of each event the one that it has under
/// ``field``: a list with a number for each feature or, with ``features``, a mapping from
/// name to number (names that are not in it are missing, others are left alone). Each
/// feature that has changed has a ``drift_detected`` of its own, with ``feature_index`` in
/// its metadata; of a bank with ``fdr`` it is what is discovered, without a ``limit``. With
/// ``per_model`` each model has a copy of the bank. An event without a row has all values
/// missing; a row of another length, or with something that is no number or that the
/// detector does not take, is refused as a whole. ``update`` and ``update_many`` take rows,
/// and answer as the bank does.
///
/// :param detector: ``stream.ADWIN()`` or any other of ``stream``, its name, a
///     ``stream.Bank`` of such detectors, or an object of
///     your own with ``update(x)`` and ``drift_detected``, such as one of river's. Each
///     series begins with a copy (``copy.deepcopy``); it itself stays as it is. An object of
///     your own is given finite values, one at a time; it may take its time and use this
///     observer or the hub, for no lock is held meanwhile: values that other threads bring
///     then wait in line, and the thread that is at it takes them too. What it raises is a
///     failure of the observer. Of its attributes ``statistic``, ``limit``, ``direction``
///     and ``estimation`` are told, where it has them.
/// :param kinds: kinds of events to take in a hub.
/// :param feature: the feature to take; by default any, each by itself. None with a bank.
/// :param field: take the value from this metadata key (dots descend) instead; an event
///     without it, or without a number in it, counts as missing. With a bank it is
///     required, and holds the row.
/// :param features: with a bank, a name for each of its features; by default they go by
///     their positions, ``"0"``, ``"1"`` and so on.
/// :param model: the model to take; a name means all its versions.
/// :param per_model: keep a detector and counts for each model, and for events without one.
/// :param max_models: the most series kept apart, 1 to 1,000,000; by default the hub's
///     ``max_models``, 1000 without one. Those that were there first stay; values of
///     newcomers are counted (``n_overflow``), not judged.
/// :param cooldown_s: seconds of event time after an alert within which further changes of
///     the series, with a bank of the feature, are only counted (``n_suppressed``).
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
///
/// Rows of several features at once, for each model by itself:
///
/// >>> hub = dl.Hub()
/// >>> bank = dl.stream.Bank(dl.stream.PageHinkley(threshold=10.0), 2)
/// >>> observer = dl.StreamDetector(
/// ...     bank, field="row", features=["age", "income"], per_model=True)
/// >>> handle = hub.register(observer)
/// >>> handle = hub.register(
/// ...     lambda event: print(event.model, event.feature, event.metadata["n"]),
/// ...     kinds="drift_detected")
/// >>> for i in range(60):
/// ...     row = {"age": i % 2, "income": 4 * (i >= 40)}
/// ...     report = hub.emit("observation", model="fraud:1", metadata={"row": row})
/// fraud:1 income 43
/// >>> observer.status("fraud:1", "income").direction
/// 'up'
#[pyclass(name = "StreamDetector", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyStreamDetector {
    pub(crate) watched: Watched,
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
        core: &StreamDetector,
        values: &[f64],
        times: When,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<i64>> {
        let (model, feature) = self.watched.which(model, feature)?;
        let series = core.of(model, feature);
        let mut alerts: Vec<i64> = Vec::new();
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
            alerts.extend(found.into_iter().map(|index| (start + index) as i64));
            if values.len() > RUN {
                py.check_signals().map_err(|error| {
                    let found = PyArray1::from_slice(py, &alerts);
                    midway(error, "values", start + run.len(), found.as_any().clone())
                })?;
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
            detector: "str | driftline._driftline.stream.Detector | driftline._driftline.stream.Bank | driftline.observer.SupportsUpdate",
            *,
            kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
            feature: "str | None" = None,
            field: "str | None" = None,
            features: "str | collections.abc.Iterable[str] | None" = None,
            model: "str | ModelId | None" = None,
            per_model: "bool" = false,
            max_models: "int | None" = None,
            cooldown_s: "float" = 0.0,
            resolve_after: "int | None" = DEFAULT_RESOLVE_AFTER,
            name: "str | None" = None,
            clock: "collections.abc.Callable[[], float] | None" = None
        ),
        text_signature = "(detector, *, kinds=('observation', 'drift_score'), feature=None, \
                          field=None, features=None, model=None, per_model=False, \
                          max_models=None, cooldown_s=0.0, resolve_after=1000, name=None, \
                          clock=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        detector: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        feature: Option<&Bound<'_, PyAny>>,
        field: Option<&Bound<'_, PyAny>>,
        features: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = per_model)] per_model: bool,
        max_models: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        #[pyo3(from_py_with = resolve_after)] resolve_after: Option<u64>,
        name: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let options = Options {
            kinds,
            feature,
            field,
            features,
            model,
            per_model,
            max_models,
            cooldown_s,
            resolve_after,
            name,
        };
        let (watched, held) = match Source::of(detector)? {
            Source::Values(source, held) => {
                let core = StreamDetector::new(options.of_values(source)?)?;
                (Watched::Values(Arc::new(core)), held)
            }
            Source::Rows(bank) => {
                let core = StreamBank::new(options.of_rows(bank)?)?;
                (Watched::Rows(Arc::new(core)), None)
            }
        };
        let base = NativeObserver {
            observer: watched.observer(),
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self {
            watched,
            held,
            clock: Clock::new(clock)?,
        }))
    }

    /// Take one value; None and NaN are missing ones. With a bank take one row: a value for
    /// each feature.
    ///
    /// :param timestamp: when; by default the clock's time.
    /// :param model: whose value it is; it matters with ``per_model`` only.
    /// :param feature: which feature it is of; it matters where the observer takes any, and
    ///     is refused with a bank.
    /// :returns: True exactly when this value raised an alert: the detector found a change,
    ///     and the cooldown has passed. False for a value that has to wait in line for an
    ///     object of your own. With a bank the features that raised one, ascending, int64.
    /// :raises InvalidValueError: a value that the detector does not take, or a row of
    ///     another length; nothing was taken.
    #[pyo3(signature = (
        value: "float | None | numpy.typing.ArrayLike",
        *,
        timestamp: "datetime.datetime | str | None" = None,
        model: "str | ModelId | None" = None,
        feature: "str | None" = None
    ) -> "typing.Any")]
    fn update<'py>(
        &self,
        py: Python<'py>,
        value: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
        feature: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let when = || match timestamp {
            Some(time) => timestamp::timestamp("timestamp", time).map(When::All),
            None => self.clock.now(py).map(When::Now),
        };
        let core = match &self.watched {
            Watched::Values(core) => core,
            Watched::Rows(core) => {
                let model = watched::of_rows(model, feature)?;
                return rows::update(py, core, value, &when()?, model);
            }
        };
        let value = value.map_or(Ok(f64::NAN), |value| number("value", value))?;
        let alerts = self.take(py, core, &[value], when()?, model, feature)?;
        Ok(PyBool::new(py, !alerts.is_empty()).to_owned().into_any())
    }

    /// Take many values, or with a bank rows of shape (n, n_features): the same as
    /// ``update`` with each.
    ///
    /// :param timestamps: one time per value or row; by default all have the clock's.
    /// :param model: whose values they are; it matters with ``per_model`` only.
    /// :param feature: which feature they are of; it matters where the observer takes any,
    ///     and is refused with a bank.
    /// :raises KeyboardInterrupt: Ctrl-C, between two values or rows: its ``n_taken`` says how
    ///     many the observer has taken, its ``found`` what was found in them.
    /// :returns: the indices, as int64, of the values that raised an alert. With a bank
    ///     pairs (row, feature), shape (k, 2), by row and then by feature.
    /// :raises InvalidValueError: values or rows that the detector does not take; none was
    ///     taken.
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
    ) -> PyResult<Bound<'py, PyAny>> {
        let when = |n| match timestamps {
            Some(times) => timestamp::timestamps(times, n).map(When::Each),
            None => self.clock.now(py).map(When::Now),
        };
        let core = match &self.watched {
            Watched::Values(core) => core,
            Watched::Rows(core) => {
                let model = watched::of_rows(model, feature)?;
                return rows::update_many(core, values, when, model);
            }
        };
        let values = vector("values", values)?;
        let when = when(values.len())?;
        let values = values.as_slice().unwrap_or_default();
        let alerts = self.take(py, core, values, when, model, feature)?;
        Ok(PyArray1::from_vec(py, alerts).into_any())
    }

    /// Start afresh: detectors, counts and states.
    ///
    /// :param model: only the series of this model, with ``per_model``.
    /// :param feature: only the series of this feature; of a bank, its name or position,
    ///     and its detector forgets all values.
    /// :raises InvalidValueError: what has no series.
    #[pyo3(signature = (
        model: "str | ModelId | None" = None, feature: "str | int | None" = None
    ))]
    fn reset(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (model, feature) = self.watched.which(model, feature)?;
        match &self.watched {
            Watched::Values(core) => core.reset(model.as_ref(), feature.as_ref())?,
            Watched::Rows(core) => core.reset(model.as_ref(), feature.as_deref())?,
        }
        Ok(())
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
