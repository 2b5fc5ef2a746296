//! `DriftDetector` in Python.

mod calibrated;
pub(crate) mod options;
mod state;
pub(crate) mod status;
mod upkeep;

use std::ffi::CString;
use std::sync::Arc;

use numpy::PyArray1;
use pyo3::exceptions::PyUserWarning;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, Given, number};
use crate::bindings::drift::foreign;
use crate::bindings::event::timestamp;
use crate::bindings::gate::outside;
use crate::bindings::observer::clock::Clock;
use crate::bindings::observer::{NativeObserver, detached};
use crate::drift::Univariate;
use crate::event::{Kind, Timestamp};
use crate::observer::{Decide, DriftDetector};
use options::*;
pub(crate) use options::{Baselines, DEFAULT_KINDS, cooldown_s, given_kinds, per_model};

/// Arrays from this length are taken without holding the interpreter.
const DETACH_FROM: usize = 1024;

/// Values taken between two looks at pending signals.
const RUN: usize = 16_384;

/// Tells when the last values no longer look like a baseline.
///
/// Register it in a hub, where it emits ``drift_detected``, ``drift_resolved``,
/// ``data_missing`` and ``data_recovered``, or give it values by ``update`` and ``update_many``.
///
/// :param baseline: one-dimensional sample of what is normal; copied. Or a mapping
///     from model to sample: each model is compared with its own. A name stands
///     for all its versions, ``"name:version"`` for one, which comes first; events
///     of other models, or of none, are counted (``n_unknown_model``), not judged.
/// :param window_size: values in the rolling window; the first look comes when
///     it is full.
/// :param test: a name of ``drift.available()``, a test such as ``drift.KS()``, or
///     an object of your own with ``fit(baseline)``, which returns one with
///     ``compare(current)``, or with ``compare(baseline, current)``. It gets float64
///     arrays without missing values and returns a ``TestResult``, a pair
///     ``(statistic, p_value)``, what SciPy's functions return, or a number; it is
///     tried out once at the start. It may take its time and use the detector or the
///     hub: no lock is held meanwhile, and the window goes on (an answer counts
///     unless a later one came first). What it raises is a failure of the observer.
/// :param threshold: drift from this statistic on. Exactly one of
///     ``threshold``, ``alpha`` and ``false_alarm_every`` is given.
/// :param alpha: drift below this p-value, at every look: on an endless stream
///     this always alarms in the end.
/// :param false_alarm_every: drift below the p-value that keeps false alarms
///     this far apart on average: a number of samples, or a time such as
///     ``"30d"``, ``"12h"``, ``"90min"``, ``"45s"``. A time runs on the events'
///     timestamps: where all events carry the same one, none of the budget is
///     ever spent and nothing alarms. It and ``alpha`` need a test with p-values,
///     such as ``"welch"`` or ``"ks"``.
/// :param check_every: values between looks; by default 1 with ``threshold``,
///     ``window_size`` otherwise.
/// :param kinds: kinds of events to take in a hub.
/// :param feature: the feature to take; by default any.
/// :param field: take the value from this metadata key (dots descend) instead; an
///     event without it, or without a number in it, counts as missing.
/// :param model: the model to take; a name means all its versions.
/// :param cooldown_s: seconds of event time from an alert to a reminder.
/// :param max_missing_rate: the share of missing values among the last
///     ``window_size`` above which ``data_missing`` is told; ``data_recovered``
///     when it is back.
/// :param per_model: keep a window, a state and counts for each model, and one for
///     events without a model; a mapping of baselines implies it. Ask for one by
///     ``status(model)``; the properties then are sums, or tell of any.
/// :param max_models: the most models kept apart, 1 to 1,000,000; by default the
///     hub's ``max_models``, 1000 without one, and as many at least as have a
///     baseline. Those that were there first stay;
///     events of newcomers are counted (``n_overflow``), not judged.
/// :param no_data_after_s: a series without an event for so many seconds is told
///     (``data_missing``), once; also one that never had any. Found out at ticks:
///     register with ``tick_s``, or call ``hub.tick()``.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :param clock: a function that returns seconds since 1970, for use without a
///     hub; by default the system clock.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range, none or several of the
///     three ways to decide, or a test without p-value where one is needed.
/// :warns UserWarning: a baseline whose values depend strongly on those before
///     them (lag-1 autocorrelation above 0.3 and 3 / sqrt(n)).
///
/// >>> import driftline as dl
/// >>> detector = dl.DriftDetector([0.5] * 5, window_size=3, threshold=0.05)
/// >>> [detector.update(value) for value in (0.6, 0.62, 0.65)]
/// [False, False, True]
/// >>> round(detector.statistic, 4), detector.drift_detected
/// (0.1233, True)
#[pyclass(name = "DriftDetector", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyDriftDetector {
    pub(crate) core: Arc<DriftDetector>,
    /// The samples that it was made with.
    pub(crate) baselines: Baselines,
    clock: Clock,
    /// Whether dependence between values is accounted for.
    calibrated: bool,
}

impl PyDriftDetector {
    /// The detector itself.
    pub(crate) fn core(&self) -> Arc<DriftDetector> {
        Arc::clone(&self.core)
    }

    fn initializer(
        core: DriftDetector,
        baselines: Baselines,
        clock: Option<&Bound<'_, PyAny>>,
        calibrated: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let core = Arc::new(core);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self {
            core,
            baselines,
            clock: Clock::new(clock)?,
            calibrated,
        }))
    }

    /// Takes values run by run, so that Ctrl-C is heard in between.
    fn take(
        &self,
        py: Python<'_>,
        values: &[f64],
        times: When,
        model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<usize>> {
        let series = self.core.of(model.map(arguments::model).transpose()?);
        let mut alerts = Vec::new();
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
            // A test of the user's needs the interpreter, and no fork waits for it.
            let found = if run.len() < DETACH_FROM || self.core.config().test.is_foreign() {
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

/// Warns of a baseline whose values depend on each other.
fn warn(py: Python<'_>, core: &DriftDetector) -> PyResult<()> {
    let Some(text) = core.warning() else {
        return Ok(());
    };
    let text = CString::new(text).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &text, 1)
}

/// When values came.
enum When {
    Now(Option<Timestamp>),
    All(Timestamp),
    Each(Vec<Timestamp>),
}

#[pymethods]
impl PyDriftDetector {
    #[new]
    #[pyo3(
        signature = (
            baseline: "numpy.typing.ArrayLike | collections.abc.Mapping[str, numpy.typing.ArrayLike] | collections.abc.Mapping[ModelId, numpy.typing.ArrayLike]",
            *,
            window_size: "int",
            test: "str | driftline._driftline.drift.UnivariateTest | driftline.comparison.SupportsFit | driftline.comparison.SupportsCompare" = DEFAULT_TEST,
            threshold: "float | None" = None,
            alpha: "float | None" = None,
            false_alarm_every: "float | str | None" = None,
            check_every: "int | None" = None,
            kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
            feature: "str | None" = None,
            field: "str | None" = None,
            model: "str | ModelId | None" = None,
            cooldown_s: "float" = 300.0,
            max_missing_rate: "float" = 0.5,
            per_model: "bool" = false,
            max_models: "int | None" = None,
            no_data_after_s: "float | None" = None,
            name: "str | None" = None,
            clock: "collections.abc.Callable[[], float] | None" = None
        ),
        text_signature = "(baseline, *, window_size, test='mean_shift', threshold=None, \
                          alpha=None, false_alarm_every=None, check_every=None, \
                          kinds=('observation', 'drift_score'), feature=None, field=None, \
                          model=None, cooldown_s=300.0, max_missing_rate=0.5, per_model=False, \
                          max_models=None, no_data_after_s=None, name=None, clock=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        baseline: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = window_size)] window_size: usize,
        #[pyo3(from_py_with = given_test)] test: Given<Arc<dyn Univariate>>,
        threshold: Option<&Bound<'_, PyAny>>,
        alpha: Option<&Bound<'_, PyAny>>,
        false_alarm_every: Option<&Bound<'_, PyAny>>,
        check_every: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        feature: Option<&Bound<'_, PyAny>>,
        field: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        #[pyo3(from_py_with = max_missing_rate)] max_missing_rate: f64,
        #[pyo3(from_py_with = per_model)] per_model: bool,
        max_models: Option<&Bound<'_, PyAny>>,
        no_data_after_s: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let decide = Decide::from_options(
            threshold
                .map(|value| number("threshold", value))
                .transpose()?,
            alpha.map(|value| number("alpha", value)).transpose()?,
            false_alarm_every.map(budget).transpose()?,
        )?;
        let options = Options {
            window_size,
            test,
            check_every,
            kinds,
            feature,
            field,
            model,
            cooldown_s,
            max_missing_rate,
            per_model,
            max_models,
            no_data_after_s,
            name,
        };
        let config = options.config(decide)?;
        let baselines = baselines(baseline)?;
        let core = match &baselines {
            Baselines::Shared(sample) => outside(py, || DriftDetector::new(sample.view(), config)),
            Baselines::ByModel(samples) => {
                let views: Vec<_> = samples
                    .iter()
                    .map(|(model, sample)| (model.clone(), sample.view()))
                    .collect();
                outside(py, || DriftDetector::by_model(&views, config))
            }
        }?;
        warn(py, &core)?;
        Self::initializer(core, baselines, clock, false)
    }

    /// Take one value; None and NaN are missing ones.
    ///
    /// :param timestamp: when; by default the clock's time.
    /// :param model: whose value it is; it matters with ``per_model`` only.
    /// :returns: True exactly when this value raised an alert: drift begins, or
    ///     it lasts and the cooldown has passed.
    #[pyo3(signature = (
        value: "float | None",
        *,
        timestamp: "datetime.datetime | str | None" = None,
        model: "str | ModelId | None" = None
    ))]
    fn update(
        &self,
        py: Python<'_>,
        value: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let value = value.map_or(Ok(f64::NAN), |value| number("value", value))?;
        let when = match timestamp {
            Some(time) => When::All(timestamp::timestamp("timestamp", time)?),
            None => When::Now(self.clock.now(py)?),
        };
        Ok(!self.take(py, &[value], when, model)?.is_empty())
    }

    /// Take many values: the same as ``update`` with each.
    ///
    /// :param timestamps: one time per value; by default all have the clock's.
    /// :param model: whose values they are; it matters with ``per_model`` only.
    /// :returns: the indices, as int64, of the values that raised an alert.
    #[pyo3(signature = (
        values: "numpy.typing.ArrayLike",
        *,
        timestamps: "numpy.typing.ArrayLike | collections.abc.Sequence[datetime.datetime] | None" = None,
        model: "str | ModelId | None" = None
    ) -> "numpy.typing.NDArray[numpy.int64]")]
    fn update_many<'py>(
        &self,
        py: Python<'py>,
        values: &Bound<'py, PyAny>,
        timestamps: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let values = vector("values", values)?;
        let when = match timestamps {
            Some(times) => When::Each(timestamp::timestamps(times, values.len())?),
            None => When::Now(self.clock.now(py)?),
        };
        let alerts = self.take(py, values.as_slice().unwrap_or_default(), when, model)?;
        let alerts = alerts.into_iter().map(|index| index as i64);
        Ok(PyArray1::from_iter(py, alerts))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        foreign::traverse(&*self.core.config().test, &visit)?;
        self.clock.traverse(&visit)
    }

    fn __clear__(&self) {
        foreign::clear(&*self.core.config().test);
        self.clock.clear();
    }
}
