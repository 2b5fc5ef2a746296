//! `AlertDispatcher` in Python.

pub(crate) mod alert;

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use self::alert::PyAlert;
use crate::alert::{Alert, Notice};
use crate::bindings::arguments::{self, argument, number};
use crate::bindings::courier;
use crate::bindings::event::severity::{SeverityMember, severity_member};
use crate::bindings::gate::outside;
use crate::bindings::observer::NativeObserver;
use crate::bindings::sink::callable::{CallableSink, Sinks};
use crate::delivery::{Account, Loss};
use crate::event::Severity;
use crate::observer::{self, AlertConfig, AlertDispatcher, Observer, SinkStats};

argument!(min_severity: Severity = arguments::severity);
argument!(cooldown_s: f64 = number);
argument!(group_wait_s: f64 = number);
argument!(resolve_after_s: f64 = number);

fn queue_size(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("queue_size", value, 1..=1_000_000)? as usize)
}

fn max_incidents(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("max_incidents", value, 1..=1_000_000)? as usize)
}

fn retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    arguments::whole("retries", value, 0..=100)
}

fn flush_timeout_s(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    arguments::not_negative("timeout_s", value)
}

/// Tells people of incidents: once when one opens, now and then while it lasts, and
/// when it is over.
///
/// Register it in a hub. An incident is one kind of event of one model and feature. The
/// first event of at least ``min_severity`` opens it; further ones within ``cooldown_s``
/// are only counted, unless they are graver; a later one is told as a reminder. An event
/// whose kind ends in ``_resolved`` or ``_recovered`` resolves it, whatever its severity
/// (``drift_resolved`` an incident of ``drift_detected``, ``slo_recovered`` one of
/// ``slo_breached``, ``data_recovered`` one of ``data_missing``, ``x_resolved`` one of
/// ``x``), once every ``source`` that found it says so; ``training_completed`` those of
/// ``retraining_triggered`` and ``retraining_failed``. Filters belong here and not into
/// ``hub.register``, where they would keep out what resolves. One that opens again within ``cooldown_s`` is the same incident and not told
/// again; if its receivers were told that it is over, and it still lasts after the
/// cooldown, it is another.
///
/// Every sink has a queue and a thread of its own: a slow one keeps neither the emitter
/// nor the others waiting. What cannot be delivered for now (no connection, no answer in
/// time, status 429 or from 500 on, an ``OSError`` or ``RetryLater`` raised by a callable)
/// is tried again, what is refused is not; what is lost is counted and logged to
/// ``driftline.delivery``. ``hub.flush()`` and ``hub.shutdown()`` wait for what is to be
/// sent.
///
/// :param sinks: one sink, or several: ``WebhookSink``, ``SlackSink`` and the like, or
///     callables that take an :class:`Alert`.
/// :param min_severity: the lowest severity that opens an incident.
/// :param kinds: the kinds that open incidents; None is all.
/// :param models: the models whose incidents are told; None is all, and none.
/// :param features: the features whose incidents are told; None is all, and none.
/// :param queue_size: the most alerts that wait for one sink, 1 to 1,000,000; what comes
///     then is lost.
/// :param cooldown_s: seconds of event time, 0 or more.
/// :param group_wait_s: seconds that a message waits for others of the same kind and
///     model, with which it becomes one, 0 to 1.
/// :param retries: attempts after the first, 0 to 100. The first comes after half a
///     second, times 0.5 to 1.5, each further one after twice as long, or after what the
///     receiver asks for.
/// :param resolve_after_s: an incident of a kind that no other resolves (``accuracy``,
///     ``inference_failed``) is over when nothing was heard of it for so many seconds of
///     event time.
/// :param max_incidents: the most incidents kept apart, 1 to 1,000,000; newcomers share
///     one per kind, of feature ``__overflow__``.
/// :param name: in reports and logs.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> hub, told = dl.Hub(), []
/// >>> alerts = dl.AlertDispatcher(told.append)
/// >>> handle = hub.register(alerts)
/// >>> for statistic in [0.31, 0.33, 0.35]:
/// ...     report = hub.emit("drift_detected", statistic, model="fraud:1", feature="age")
/// >>> report = hub.emit("drift_resolved", 0.02, model="fraud:1", feature="age")
/// >>> hub.flush(5.0)
/// True
/// >>> [(alert.action, alert.value) for alert in told]
/// [('open', 0.31), ('resolve', 0.02)]
/// >>> alerts.offered, alerts.delivered, alerts.lost, alerts.queued
/// (2, 2, {}, 0)
#[pyclass(name = "AlertDispatcher", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyAlertDispatcher {
    core: Arc<AlertDispatcher>,
    /// The sinks as they were given.
    given: Mutex<Vec<Py<PyAny>>>,
    callables: Vec<Arc<CallableSink>>,
}

#[pymethods]
impl PyAlertDispatcher {
    #[new]
    #[pyo3(signature = (
        sinks: "NativeSink | collections.abc.Callable[[Alert], object] | collections.abc.Iterable[NativeSink | collections.abc.Callable[[Alert], object]]",
        *,
        min_severity: "Severity | str | int" = Severity::Error,
        kinds: "str | collections.abc.Iterable[str] | None" = None,
        models: "str | ModelId | collections.abc.Iterable[str | ModelId] | None" = None,
        features: "str | collections.abc.Iterable[str] | None" = None,
        queue_size: "int" = 1024,
        cooldown_s: "float" = 300.0,
        group_wait_s: "float" = 1.0,
        retries: "int" = 5,
        resolve_after_s: "float" = 3600.0,
        max_incidents: "int" = 1000,
        name: "str | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        sinks: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = min_severity)] min_severity: Severity,
        kinds: Option<&Bound<'_, PyAny>>,
        models: Option<&Bound<'_, PyAny>>,
        features: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = queue_size)] queue_size: usize,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        #[pyo3(from_py_with = group_wait_s)] group_wait_s: f64,
        #[pyo3(from_py_with = retries)] retries: u32,
        #[pyo3(from_py_with = resolve_after_s)] resolve_after_s: f64,
        #[pyo3(from_py_with = max_incidents)] max_incidents: usize,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let sinks = Sinks::read(sinks)?;
        let name = name.map(|name| arguments::text("name", name)).transpose()?;
        let config = AlertConfig {
            min_severity,
            kinds: arguments::kinds(py, kinds)?,
            models: arguments::models(models)?,
            features: arguments::features(features)?,
            queue_size,
            cooldown_s,
            group_wait_s,
            retries,
            resolve_after_s,
            max_incidents,
            name: name.unwrap_or_else(|| AlertConfig::default().name),
        };
        let core = AlertDispatcher::new(sinks.all, config, courier::start::<Alert>)?;
        let core = Arc::new(core);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self {
            core,
            given: Mutex::new(sinks.given),
            callables: sinks.callables,
        }))
    }

    /// Wait until everything is sent that is to be sent; what waits for company is sent
    /// at once.
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
        let until = std::time::Instant::now() + arguments::seconds(timeout_s);
        loop {
            let slice = until.min(std::time::Instant::now() + SLICE);
            if outside(py, || self.core.settle(slice)) {
                return Ok(true);
            }
            py.check_signals()?;
            if std::time::Instant::now() >= until {
                return Ok(false);
            }
        }
    }

    /// Alerts that were to be delivered: each incident of a message counts, for each
    /// sink. Always ``delivered``, ``lost`` and ``queued`` together.
    #[getter]
    fn offered(&self) -> u64 {
        self.core.account().offered
    }

    /// Alerts that were delivered.
    #[getter]
    fn delivered(&self) -> u64 {
        self.core.account().delivered
    }

    /// Alerts that never will be, by reason: ``queue_full``, ``connection``,
    /// ``timeout``, ``too_many_requests``, ``server_error``, ``redirected``, ``refused``,
    /// ``failed`` (a callable), ``shutdown``, ``no_worker``. Reasons that did not occur are
    /// left out.
    #[getter]
    fn lost<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        lost(py, &self.core.account())
    }

    /// Alerts that wait, or are being delivered.
    #[getter]
    fn queued(&self) -> u64 {
        self.core.account().queued
    }

    /// How each sink fares.
    #[getter]
    fn sinks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.core.stats().into_iter().map(PySinkStats))
    }

    /// The sinks as they were given.
    #[getter]
    fn _given<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let given: Vec<_> = {
            let given = self.given.lock();
            given.iter().map(|sink| sink.clone_ref(py)).collect()
        };
        PyTuple::new(py, given)
    }

    /// The open incidents, in the order in which they began, as alerts of one incident
    /// each.
    #[pyo3(signature = () -> "list[Alert]")]
    fn incidents(&self) -> Vec<PyAlert> {
        let alert = |notice: Notice| {
            PyAlert::of(Alert {
                action: notice.action,
                kind: notice.kind,
                model: notice.model,
                delivery_id: Arc::clone(&notice.incident.id),
                incidents: vec![notice.incident],
            })
        };
        self.core.incidents().into_iter().map(alert).collect()
    }

    /// Incidents that have opened so far.
    #[getter]
    fn n_opened(&self) -> u64 {
        self.core.counts()[0]
    }

    /// Incidents that were resolved so far.
    #[getter]
    fn n_resolved(&self) -> u64 {
        self.core.counts()[1]
    }

    /// Events of incidents for which there was no room.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.counts()[2]
    }

    /// The lowest severity that opens an incident.
    #[getter]
    fn min_severity<'py>(&self, py: Python<'py>) -> PyResult<SeverityMember<'py>> {
        severity_member(py, self.core.config().min_severity)
    }

    /// The kinds that open incidents; None is all.
    #[getter]
    fn kinds(&self) -> Option<Vec<String>> {
        let kinds = self.core.config().kinds.as_ref()?;
        Some(kinds.iter().map(ToString::to_string).collect())
    }

    /// The models whose incidents are told; None is all.
    #[getter]
    fn models(&self) -> Option<Vec<String>> {
        let models = self.core.config().models.as_ref()?;
        Some(models.iter().map(ToString::to_string).collect())
    }

    /// The features whose incidents are told; None is all.
    #[getter]
    fn features(&self) -> Option<Vec<String>> {
        let features = self.core.config().features.as_ref()?;
        Some(features.iter().map(ToString::to_string).collect())
    }

    /// The most alerts that wait for one sink.
    #[getter]
    fn queue_size(&self) -> usize {
        self.core.config().queue_size
    }

    /// Seconds before an incident is told of again.
    #[getter]
    fn cooldown_s(&self) -> f64 {
        self.core.config().cooldown_s
    }

    /// Seconds that a message waits for others.
    #[getter]
    fn group_wait_s(&self) -> f64 {
        self.core.config().group_wait_s
    }

    /// Attempts after the first.
    #[getter]
    fn retries(&self) -> u32 {
        self.core.config().retries
    }

    /// Seconds of quiet after which an incident is over that no event resolves.
    #[getter]
    fn resolve_after_s(&self) -> f64 {
        self.core.config().resolve_after_s
    }

    /// The most incidents kept apart.
    #[getter]
    fn max_incidents(&self) -> usize {
        self.core.config().max_incidents
    }

    fn __repr__(&self) -> String {
        let sinks = self.core.sinks().iter();
        let names: Vec<_> = sinks.map(|sink| sink.name().to_string()).collect();
        let account = self.core.account();
        format!(
            "AlertDispatcher(sinks=[{}], offered={}, delivered={}, lost={}, queued={})",
            names.join(", "),
            account.offered,
            account.delivered,
            account.lost.iter().sum::<u64>(),
            account.queued,
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.core.is_idle() {
            return Ok(()); // a worker holds them, too
        }
        if let Some(given) = self.given.try_lock() {
            for object in given.iter() {
                visit.call(object)?;
            }
        }
        self.callables
            .iter()
            .try_for_each(|sink| sink.traverse(&visit))
    }

    fn __clear__(&self) {
        if !self.core.is_idle() {
            return;
        }
        let given = std::mem::take(&mut *self.given.lock());
        drop(given);
        for sink in &self.callables {
            sink.clear();
        }
    }
}

/// How long a wait goes without looking at pending signals.
const SLICE: std::time::Duration = std::time::Duration::from_millis(50);

/// Counts of lost alerts, by the names of the reasons that occurred.
fn lost<'py>(py: Python<'py>, account: &Account) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (reason, count) in Loss::ALL.into_iter().zip(account.lost) {
        if count > 0 {
            dict.set_item(reason.as_str(), count)?;
        }
    }
    Ok(dict)
}

/// How one sink of an ``AlertDispatcher`` fares, at the time of asking.
#[pyclass(name = "SinkStats", frozen, module = "driftline")]
pub(crate) struct PySinkStats(observer::SinkStats);

#[pymethods]
impl PySinkStats {
    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Alerts that were to be delivered.
    #[getter]
    fn offered(&self) -> u64 {
        self.0.account.offered
    }

    /// Alerts that were delivered.
    #[getter]
    fn delivered(&self) -> u64 {
        self.0.account.delivered
    }

    /// Alerts that never will be, by reason.
    #[getter]
    fn lost<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        lost(py, &self.0.account)
    }

    /// Alerts that wait, or are being delivered.
    #[getter]
    fn queued(&self) -> u64 {
        self.0.account.queued
    }

    /// Attempts after the first.
    #[getter]
    fn retries(&self) -> u64 {
        self.0.account.retries
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let SinkStats { name, account } = &self.0;
        Ok(format!(
            "SinkStats(name={}, offered={}, delivered={}, lost={}, queued={})",
            crate::bindings::event::model::quoted(py, name)?,
            account.offered,
            account.delivered,
            account.lost.iter().sum::<u64>(),
            account.queued,
        ))
    }
}
