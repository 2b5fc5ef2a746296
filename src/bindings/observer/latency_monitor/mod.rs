//! `LatencyMonitor` in Python.

mod options;
pub(crate) mod stats;

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, number};
use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp;
use crate::bindings::observer::clock::Clock;
use crate::bindings::observer::{NativeObserver, detached};
use crate::event::{ModelId, Timestamp};
use crate::observer::{LatencyConfig, LatencyMonitor};
use options::*;
use stats::LatencyStats;

/// Arrays from this length are taken without holding the interpreter.
const DETACH_FROM: usize = 1024;

/// Values taken between two looks at pending signals.
const RUN: usize = 16_384;

/// Keeps an eye on how long inferences take, model by model.
///
/// Register it in a hub, where it hears ``inference_completed`` (the value is the
/// latency in milliseconds) and ``inference_failed``, or give it latencies by
/// ``update``, ``update_many`` and ``failed``. With ``slo_ms`` it emits
/// ``slo_breached`` when the objective is no longer met, and ``slo_recovered``
/// when it is again; ``hub.tick()`` lets its windows go on without events and logs
/// a line per model to ``driftline.latency``, of the 20 that are busiest.
///
/// :param ema_alpha: the weight of a new latency in the moving average, above 0
///     and at most 1.
/// :param slo_ms: the objective: a share of at least ``quantile`` of the
///     inferences in the window is to take no longer. None: there is none.
/// :param quantile: between 0 and 1.
/// :param window_s: seconds of event time that the objective is judged over, in
///     60 parts: what is older never counts, what is in the oldest part may not.
/// :param relative_error: how far a quantile may be off, as a share of the
///     latency, 0.001 to 0.1.
/// :param min_samples: inferences that the window must hold before it is judged;
///     by default 1 / (1 - quantile), and at least 20.
/// :param failures_count: whether a failed inference counts as a slow one.
/// :param recover_at: a breach ends when the share of slow inferences is at most
///     this part of the share that begins one, 0 to 1. When traffic stops, the
///     slow ones leave the window and the breach ends.
/// :param burn_rates: rules in place of the window's: triples of a factor, a long
///     window and a short one in seconds. Breached when, over both, the share of
///     slow inferences is above ``factor * (1 - quantile)``: the error budget
///     burns that many times as fast as it may. Google's Site Reliability
///     Workbook, chapter 5, proposes ``((14.4, 3600, 300), (6, 21600, 1800))``.
/// :param max_models: the most models kept apart; newcomers beyond that share
///     ``__overflow__``. None: as many as the hub says, 1000 without one.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :param clock: a function that returns seconds since 1970, for use without a
///     hub; by default the system clock.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> monitor = dl.LatencyMonitor(slo_ms=50.0, min_samples=4)
/// >>> [monitor.update(latency, "fraud:1") for latency in (20.0, 30.0, 25.0, 80.0)]
/// [False, False, False, True]
/// >>> stats = monitor.stats("fraud:1")
/// >>> stats.n, stats.max_ms, round(stats.ema_ms, 2), stats.breached
/// (4, 80.0, 27.26, True)
#[pyclass(name = "LatencyMonitor", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyLatencyMonitor {
    pub(crate) core: Arc<LatencyMonitor>,
    clock: Clock,
}

/// When inferences were answered.
enum When {
    Now(Option<Timestamp>),
    Each(Vec<Timestamp>),
}

/// A model, or none.
fn model(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<ModelId>> {
    value.map(arguments::model).transpose()
}

#[pymethods]
impl PyLatencyMonitor {
    #[new]
    #[pyo3(signature = (
        *,
        ema_alpha: "float" = 0.1,
        slo_ms: "float | None" = None,
        quantile: "float" = 0.99,
        window_s: "float" = 300.0,
        relative_error: "float" = 0.01,
        min_samples: "int | None" = None,
        failures_count: "bool" = true,
        recover_at: "float" = 0.5,
        burn_rates: "collections.abc.Iterable[tuple[float, float, float]] | None" = None,
        max_models: "int | None" = None,
        name: "str | None" = None,
        clock: "collections.abc.Callable[[], float] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        #[pyo3(from_py_with = ema_alpha)] ema_alpha: f64,
        slo_ms: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = quantile)] quantile: f64,
        #[pyo3(from_py_with = window_s)] window_s: f64,
        #[pyo3(from_py_with = relative_error)] relative_error: f64,
        min_samples: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = failures_count)] failures_count: bool,
        #[pyo3(from_py_with = recover_at)] recover_at: f64,
        burn_rates: Option<&Bound<'_, PyAny>>,
        max_models: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let whole = |argument, value: Option<&Bound<'_, PyAny>>, most| {
            let read = |value| arguments::whole(argument, value, 1..=most);
            value.map(read).transpose()
        };
        let mut config = LatencyConfig {
            ema_alpha,
            slo_ms: slo_ms.map(|slo| number("slo_ms", slo)).transpose()?,
            quantile,
            window_s,
            relative_error,
            min_samples: whole("min_samples", min_samples, u32::MAX)?.map(u64::from),
            failures_count,
            recover_at,
            burn_rates: match burn_rates {
                Some(rates) => options::burn_rates(rates)?,
                None => Vec::new(),
            },
            max_models: max_models.map(arguments::max_models).transpose()?,
            ..LatencyConfig::default()
        };
        if let Some(name) = name {
            config.name = arguments::text("name", name)?;
        }
        let clock = Clock::new(clock)?;
        let core = Arc::new(LatencyMonitor::new(config)?);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self { core, clock }))
    }

    /// Take the latency of one inference in milliseconds.
    ///
    /// NaN, infinite and negative ones, and those beyond 1e12, are refused: they
    /// are counted in ``n_refused`` and change nothing else.
    ///
    /// :param model: which model answered, or None.
    /// :param timestamp: when; by default the clock's time.
    /// :returns: True exactly when this inference began a breach.
    #[pyo3(signature = (
        latency_ms: "float",
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None
    ))]
    fn update(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = latency_ms)] latency_ms: f64,
        model: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let model = self::model(model)?;
        let model = model.as_ref();
        if let Some(time) = timestamp {
            let time = timestamp::timestamp("timestamp", time)?;
            return Ok(self.core.update(latency_ms, model, time));
        }
        let now = self.clock.now(py)?;
        let breaches = self.core.update_many_by(&[latency_ms], model, now);
        Ok(!breaches.is_empty())
    }

    /// Take many latencies of one model: the same as ``update`` with each.
    ///
    /// :param timestamps: one time per latency; by default all have the clock's.
    /// :returns: the indices, as int64, of those that began a breach.
    #[pyo3(signature = (
        latencies_ms: "numpy.typing.ArrayLike",
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        timestamps: "numpy.typing.ArrayLike | collections.abc.Sequence[datetime.datetime] | None" = None
    ) -> "numpy.typing.NDArray[numpy.int64]")]
    fn update_many<'py>(
        &self,
        py: Python<'py>,
        latencies_ms: &Bound<'py, PyAny>,
        model: Option<&Bound<'py, PyAny>>,
        timestamps: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let model = self::model(model)?;
        let values = vector("latencies_ms", latencies_ms)?;
        let when = match timestamps {
            Some(times) => When::Each(timestamp::timestamps(times, values.len())?),
            None => When::Now(self.clock.now(py)?),
        };
        let values = values.as_slice().unwrap_or_default();
        let breaches = self.take(py, values, model.as_ref(), &when)?;
        let breaches = breaches.into_iter().map(|index| index as i64);
        Ok(PyArray1::from_iter(py, breaches))
    }

    /// Count an inference that failed.
    ///
    /// :param model: which model failed, or None.
    /// :param timestamp: when; by default the clock's time.
    /// :returns: True exactly when this failure began a breach.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None
    ))]
    fn failed(
        &self,
        py: Python<'_>,
        model: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let model = self::model(model)?;
        if let Some(time) = timestamp {
            let time = timestamp::timestamp("timestamp", time)?;
            return Ok(self.core.failed(model.as_ref(), time));
        }
        let now = self.clock.now(py)?;
        Ok(self.core.failed_by(model.as_ref(), now))
    }

    /// The figures of a model.
    ///
    /// :param model: None is the inferences that named none, ``"__overflow__"``
    ///     those that found no room for a model of their own.
    /// :raises InvalidValueError: a model that was not heard of.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn stats(&self, model: Option<&Bound<'_, PyAny>>) -> PyResult<LatencyStats> {
        Ok(self.core.stats(self::model(model)?.as_ref())?.into())
    }

    /// The lowest latency in milliseconds that a share of at least ``q`` of a
    /// model's do not exceed, within the relative error: an estimate of
    /// ``numpy.quantile`` with ``method="inverted_cdf"``. None before the first.
    ///
    /// :param q: from 0 to 1.
    /// :param model: as in ``stats``.
    /// :raises InvalidValueError: ``q`` out of range, or a model that was not
    ///     heard of.
    #[pyo3(signature = (
        q: "float",
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn quantile(
        &self,
        #[pyo3(from_py_with = q)] q: f64,
        model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<f64>> {
        Ok(self.core.quantile(q, self::model(model)?.as_ref())?)
    }

    /// Whether a model's objective is breached.
    ///
    /// :param model: as in ``stats``.
    /// :raises InvalidValueError: a model that was not heard of.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn breached(&self, model: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        Ok(self.core.breached(self::model(model)?.as_ref())?)
    }

    /// The models with figures of their own, in the order in which they came;
    /// None among them stands for inferences that named no model.
    #[pyo3(signature = () -> "list[ModelId | None]")]
    fn models(&self) -> Vec<Option<PyModelId>> {
        let models = self.core.models();
        models
            .into_iter()
            .map(|model| model.map(PyModelId))
            .collect()
    }

    /// One line per model, those that are busiest in the window first: at most
    /// 20, and one that says how many are left out.
    fn summary(&self, py: Python<'_>) -> String {
        detached(py, || self.core.summary()).join("\n")
    }

    /// Start afresh: every model is forgotten, and no ``slo_recovered`` is told.
    fn reset(&self) {
        self.core.reset();
    }

    /// The objective in milliseconds, or None.
    #[getter]
    fn slo_ms(&self) -> Option<f64> {
        self.core.config().slo_ms
    }

    /// Inferences that the window must hold before it is judged.
    #[getter]
    fn min_samples(&self) -> u64 {
        self.core.config().min_samples()
    }

    /// Latencies refused since the start, of all models.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.core.n_refused()
    }

    /// Inferences that found no room for a model of their own.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.n_overflow()
    }

    fn __repr__(&self) -> String {
        let config = self.core.config();
        let objective = match config.slo_ms {
            Some(slo) => format!("slo_ms={slo:?}, quantile={}, ", config.quantile),
            None => String::new(),
        };
        format!(
            "LatencyMonitor({objective}window_s={:?}, models={})",
            config.window_s,
            self.core.models().len()
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.clock.traverse(&visit)
    }

    fn __clear__(&self) {
        self.clock.clear();
    }
}

impl PyLatencyMonitor {
    /// Takes values run by run, so that Ctrl-C is heard in between.
    fn take(
        &self,
        py: Python<'_>,
        values: &[f64],
        model: Option<&ModelId>,
        when: &When,
    ) -> PyResult<Vec<usize>> {
        let mut breaches = Vec::new();
        for (number, run) in values.chunks(RUN).enumerate() {
            let start = number * RUN;
            let take = || match when {
                When::Now(now) => self.core.update_many_by(run, model, *now),
                When::Each(times) => {
                    let times = times.get(start..start + run.len()).unwrap_or_default();
                    self.core.update_many_at(run, model, times)
                }
            };
            let found = if run.len() < DETACH_FROM {
                take()
            } else {
                detached(py, take)
            };
            breaches.extend(found.into_iter().map(|index| start + index));
            if values.len() > RUN {
                py.check_signals()?;
            }
        }
        Ok(breaches)
    }
}
