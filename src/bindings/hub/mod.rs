//! `Hub` in Python.

pub(crate) mod asynchronous;
pub(crate) mod emission;
pub(crate) mod exit;
pub(crate) mod handle;
pub(crate) mod host;
pub(crate) mod info;
pub(crate) mod lifecycle;
pub(crate) mod local;
pub(crate) mod registration;
pub(crate) mod report;
pub(crate) mod shutdown_report;
pub(crate) mod standard_events;
pub(crate) mod worker;

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::event_fields::Details;
use crate::bindings::arguments::{self, argument, described, max_models, wrong_type};
use crate::bindings::event::timestamp;
use crate::bindings::gate;
use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::{Callable, Python3, Scope};
use crate::bindings::hub::info::ObserverInfo;
use crate::bindings::hub::local::Local;
use crate::bindings::hub::registration::OnLoop;
use crate::bindings::hub::report::EmitReport;
use crate::error::Error;
use crate::event::Event;
use crate::hub::{Hub, Mode, Overflow, Registration, Settings};
use crate::observer::{Filter, Values};

/// Arrays from this length are delivered without holding the interpreter.
const DETACH_FROM: usize = 1024;

/// Tells observers of events.
///
/// :param max_cascade_depth: the longest chain of events that observers derive
///     from one another, 1 to 1000. One at this depth is delivered, a deeper
///     one is dropped and counted.
/// :param max_models: the most models that a native observer of the hub keeps
///     apart, unless it was told otherwise itself, 1 to 1,000,000; likewise
///     features and custom kinds. Those that were there first stay; newcomers
///     share ``__overflow__``, counted.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(lambda event: print(event.kind, event.value), kinds=["accuracy"])
/// >>> hub.emit("accuracy", 0.91, model="fraud:1.2.0")
/// accuracy 0.91
/// EmitReport(attempted=1, success=1, failures=())
/// >>> hub.unregister(handle)
#[pyclass(name = "Hub", frozen, module = "driftline", weakref)]
pub(crate) struct PyHub {
    pub(crate) core: Arc<Hub<Python3>>,
    /// What `from_config` remembers, and closes with the hub.
    pub(crate) setup: Mutex<Option<Py<PyAny>>>,
}

argument!(max_cascade_depth: u32 = |name, value| arguments::whole(name, value, 1..=1000));
argument!(priority: i32 = arguments::integer);
argument!(once: bool = arguments::flag);
argument!(weak: bool = arguments::flag);
argument!(queue_size: usize = |name, value| {
    Ok::<_, PyErr>(arguments::whole(name, value, 1..=MAX_QUEUE)? as usize)
});
argument!(mode: &'static str = |name, value| one_of(name, value, &Mode::ALL.map(Mode::as_str)));
argument!(overflow: &'static str = |name, value| {
    one_of(name, value, &Overflow::ALL.map(Overflow::as_str))
});
argument!(block_timeout_s: f64 = arguments::not_negative);

/// One of several words.
fn one_of(
    argument: &'static str,
    value: &Bound<'_, PyAny>,
    words: &[&'static str],
) -> PyResult<&'static str> {
    let allowed = format!("\"{}\"", words.join("\", \""));
    let refused = |value| Error::invalid_value(argument, described(value), allowed.clone());
    let text = arguments::string(argument, value, "a str")?;
    let text = text.to_string_lossy();
    let word = words.iter().find(|word| **word == text);
    word.copied().ok_or_else(|| refused(value).into())
}

/// The longest queue.
const MAX_QUEUE: u32 = 10_000_000;

#[pymethods]
impl PyHub {
    #[new]
    #[pyo3(signature = (*, max_cascade_depth: "int" = 16, max_models: "int" = 1000))]
    fn new(
        py: Python<'_>,
        #[pyo3(from_py_with = max_cascade_depth)] max_cascade_depth: u32,
        #[pyo3(from_py_with = max_models)] max_models: usize,
    ) -> PyResult<Bound<'_, Self>> {
        let core = Hub::new(Settings {
            max_cascade_depth,
            max_models,
        })?;
        exit::remember(&core);
        let hub = {
            let setup = Mutex::new(None);
            Bound::new(py, Self { core, setup })?
        };
        host::share_between_threads(hub.as_any());
        Ok(hub)
    }

    /// Register an observer: it is called with every event that passes the filters.
    ///
    /// :param observer: a callable ``f(event)``; an object with
    ///     ``on_event(event)`` and, if it likes, ``name``; or a native observer.
    ///     Registered twice, it is called twice.
    /// :param name: in reports and logs; by default the observer's own.
    /// :param kinds: one kind or several to listen to; None is all.
    /// :param models: one model or several; a name means all its versions,
    ///     ``"name:version"`` one. None is all, and events without a model.
    /// :param features: one feature or several; None is all.
    /// :param min_severity: the lowest severity to listen to.
    /// :param priority: higher is called earlier; equal ones in the order of
    ///     registration.
    /// :param once: unregister the observer before its first call.
    /// :param weak: hold a bound method weakly: it is unregistered when its
    ///     object dies. Ignored for anything else.
    /// :param mode: ``"inline"``: in the emitter's thread. ``"queued"``: by a worker
    ///     of its own, one event after the other; emitters only put events into its
    ///     queue. Coroutine functions run on an event loop in either mode, one at a
    ///     time with ``"queued"``.
    /// :param queue_size: the most events that are accepted and not delivered yet,
    ///     the one in the observer's hands included, 1 to 10,000,000.
    /// :param overflow: what becomes of an event beyond that: ``"drop_oldest"`` (the
    ///     oldest that waits gives way), ``"drop_newest"``, or ``"block"``: the
    ///     emitter waits, but neither on the observer's own worker nor in a thread
    ///     with a running event loop, where the event is dropped at once. Every drop
    ///     is counted, with its reason.
    /// :param block_timeout_s: with ``"block"``, seconds after which it is dropped
    ///     all the same, 0 or more.
    /// :param tick_s: call ``on_tick()`` every so many seconds, 0.001 or more; for
    ///     observers that have it. None is only on :meth:`tick`. Coroutine functions
    ///     are told from when their event loop is known.
    /// :param max_consecutive_failures: call it no more after so many failures
    ///     in a row; None is never.
    /// :param loop: for coroutine functions, the event loop to run on; by default
    ///     the one that runs where the first event is emitted, else the one that ran
    ///     at the registration, else one of its own on a thread. When that loop has
    ///     been closed, the next one that runs where an event is emitted; until then
    ///     events are dropped (``loop_closed``).
    /// :param max_in_flight: for coroutine functions, how many calls run at the same
    ///     time; by default 16, and 1 with ``mode="queued"``.
    /// :returns: the handle that unregisters it.
    /// :raises InvalidTypeError: an argument of a type that is not accepted.
    /// :raises InvalidValueError: an argument out of range, or a filter that
    ///     leaves nothing to hear.
    /// :raises HubClosed: the hub was shut down.
    /// :warns UserWarning: a kind that is a typing slip away from a standard one;
    ///     options of a queue for an observer that has none.
    ///
    /// >>> import driftline as dl
    /// >>> with dl.Hub() as hub:  # shut down at the end: everything is delivered
    /// ...     handle = hub.register(lambda event: print(event.value), mode="queued")
    /// ...     report = hub.emit("f1", 0.8)
    /// 0.8
    #[pyo3(signature = (
        observer: "collections.abc.Callable[[Event], object] | driftline.observer.SupportsOnEvent | NativeObserver",
        *,
        name: "str | None" = None,
        kinds: "str | collections.abc.Iterable[str] | None" = None,
        models: "str | ModelId | collections.abc.Iterable[str | ModelId] | None" = None,
        features: "str | collections.abc.Iterable[str] | None" = None,
        min_severity: "Severity | str | int | None" = None,
        priority: "int" = 0,
        once: "bool" = false,
        weak: "bool" = false,
        mode: "typing.Literal['inline', 'queued']" = "inline",
        queue_size: "int" = 1024,
        overflow: "typing.Literal['drop_oldest', 'drop_newest', 'block']" = "drop_oldest",
        block_timeout_s: "float" = 30.0,
        tick_s: "float | None" = None,
        max_consecutive_failures: "int | None" = None,
        r#loop: "asyncio.AbstractEventLoop | None" = None,
        max_in_flight: "int | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn register(
        &self,
        py: Python<'_>,
        observer: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        kinds: Option<&Bound<'_, PyAny>>,
        models: Option<&Bound<'_, PyAny>>,
        features: Option<&Bound<'_, PyAny>>,
        min_severity: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = priority)] priority: i32,
        #[pyo3(from_py_with = once)] once: bool,
        #[pyo3(from_py_with = weak)] weak: bool,
        #[pyo3(from_py_with = mode)] mode: &'static str,
        #[pyo3(from_py_with = queue_size)] queue_size: usize,
        #[pyo3(from_py_with = overflow)] overflow: &'static str,
        #[pyo3(from_py_with = block_timeout_s)] block_timeout_s: f64,
        tick_s: Option<&Bound<'_, PyAny>>,
        max_consecutive_failures: Option<&Bound<'_, PyAny>>,
        r#loop: Option<&Bound<'_, PyAny>>,
        max_in_flight: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<ObserverHandle> {
        let how = Registration {
            name: name.map(|name| arguments::text("name", name)).transpose()?,
            filter: Filter {
                kinds: arguments::kinds(py, kinds)?,
                models: arguments::models(models)?,
                features: arguments::features(features)?,
                min_severity: min_severity
                    .map(|severity| arguments::severity("min_severity", severity))
                    .transpose()?,
            },
            priority,
            once,
            max_consecutive_failures: max_consecutive_failures
                .map(|most| arguments::whole("max_consecutive_failures", most, 1..=u32::MAX))
                .transpose()?,
            mode: {
                let mut modes = Mode::ALL.into_iter();
                modes.find(|one| one.as_str() == mode).unwrap_or_default()
            },
            queue_size,
            overflow: {
                let mut policies = Overflow::ALL.into_iter();
                let policy = policies.find(|policy| policy.as_str() == overflow);
                policy.unwrap_or_default()
            },
            block_timeout: arguments::seconds(block_timeout_s),
            tick_every: tick_s
                .map(|seconds| arguments::not_negative("tick_s", seconds).map(arguments::seconds))
                .transpose()?,
        };
        let on_loop = OnLoop {
            event_loop: r#loop,
            max_in_flight: max_in_flight
                .map(|most| arguments::whole("max_in_flight", most, 1..=1_000_000))
                .transpose()?,
        };
        let handle = registration::register(&self.core, observer, weak, how, &on_loop)?;
        Ok(ObserverHandle::new(handle, &self.core))
    }

    /// Unregister an observer: nothing new starts on it once this has returned.
    ///
    /// :raises ObserverNotFound: the handle is closed, stale, or of another hub.
    #[pyo3(signature = (handle: "ObserverHandle"))]
    fn unregister(&self, handle: &Bound<'_, PyAny>) -> PyResult<()> {
        let Ok(handle) = handle.cast::<ObserverHandle>() else {
            return Err(wrong_type(
                "handle",
                handle,
                "an ObserverHandle, as register() returns it",
            ));
        };
        Ok(self.core.unregister(handle.get().handle)?)
    }

    /// Emit an event: every observer that listens is called before this returns.
    ///
    /// From inside an observer the event is put off until the current one has
    /// been delivered; it takes that one's timestamp, model and feature unless it
    /// names its own, and the report says ``deferred=True``.
    ///
    /// :param kind: an :class:`Event`, or what happened, with the arguments of
    ///     :class:`Event` behind it.
    /// :returns: who heard it, and who failed. An observer that raises does not
    ///     stop the others nor reach the emitter, whatever it raises, but for
    ///     ``KeyboardInterrupt`` and ``SystemExit``, which are raised once all were
    ///     called. An event that observers derive beyond ``max_cascade_depth`` is
    ///     dropped, counted in :attr:`n_loops`, and an ``EmitLoopError`` in the
    ///     report of the ``emit`` that tried.
    /// :raises InvalidTypeError: an argument of a type that is not accepted.
    /// :raises InvalidValueError: an argument out of range.
    /// :raises HubClosed: the hub was shut down.
    #[pyo3(signature = (
        kind: "str | Event",
        value: "float | None" = None,
        *,
        p_value: "float | None" = None,
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        feature: "str | None" = None,
        id: "str | int | None" = None,
        severity: "Severity | str | int | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    #[inline(always)] // into the argument parsing around it
    fn emit<'py>(
        &self,
        kind: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
        p_value: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
        feature: Option<&Bound<'py, PyAny>>,
        id: Option<&Bound<'py, PyAny>>,
        severity: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let is_plain = p_value.is_none()
            && model.is_none()
            && feature.is_none()
            && id.is_none()
            && severity.is_none()
            && timestamp.is_none()
            && metadata.is_none();
        if is_plain {
            return Local::with(|local| self.emit_plain(local, kind, value))
                .map_err(|error| *error);
        }
        let details = Details {
            p_value,
            model,
            feature,
            id,
            severity,
            timestamp,
            source: None,
            metadata,
        };
        Local::with(|local| self.emit_described(local, kind, value, &details))
            .map_err(|error| *error)
    }

    /// Emit many values in one call, each an event of its own.
    ///
    /// :param kind: what happened.
    /// :param values: shape (n,), read as float64; NaN is passed on.
    /// :param timestamps: shape (n,): an array of datetime64 or a sequence of
    ///     datetimes with a timezone; by default all have the time of the call.
    /// :returns: the sum over all values, with the first 100 failures.
    /// :raises InvalidTypeError: an argument of a type that is not accepted.
    /// :raises InvalidValueError: an argument out of range; nothing is emitted.
    ///
    /// When only native observers listen, the array goes through at native speed
    /// and without holding the interpreter.
    ///
    /// >>> import driftline as dl, numpy as np
    /// >>> hub = dl.Hub()
    /// >>> handle = hub.register(lambda event: print(event.value))
    /// >>> hub.emit_many("observation", np.array([31.0, 47.0]), feature="age")
    /// 31.0
    /// 47.0
    /// EmitReport(attempted=2, success=2, failures=())
    #[pyo3(signature = (
        kind: "str",
        values: "numpy.typing.ArrayLike",
        *,
        timestamps: "numpy.typing.ArrayLike | collections.abc.Sequence[datetime.datetime] | None" = None,
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        feature: "str | None" = None,
        severity: "Severity | str | int | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn emit_many<'py>(
        &self,
        py: Python<'py>,
        kind: &Bound<'py, PyAny>,
        values: &Bound<'py, PyAny>,
        timestamps: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
        feature: Option<&Bound<'py, PyAny>>,
        severity: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let mut template = Event::new(arguments::kind(kind)?, None);
        Details {
            model,
            feature,
            severity,
            ..Details::default()
        }
        .apply(&mut template)?;
        let values = vector("values", values)?;
        let times = timestamps
            .map(|times| timestamp::timestamps(times, values.len()))
            .transpose()?;
        if !Local::with(|local| self.core.is_emitting(&local.thread)) {
            self.core.check_open()?;
        }
        let values = Values {
            template: &template,
            values: values.as_slice().unwrap_or_default(),
            timestamps: times.as_deref(),
        };
        let long = values.values.len() >= DETACH_FROM;
        let report = if long && self.core.is_native_only(&template.kind) {
            gate::outside(py, || self.core.emit_many(values, &mut Scope::detached()))
        } else {
            self.core.emit_many(values, &mut Scope::attached(py))
        };
        self.report(py, report).map_err(|error| *error)
    }

    /// Registered observers.
    fn __len__(&self) -> usize {
        self.core.len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    /// Whether the handle's observer is registered.
    fn __contains__(&self, handle: &Bound<'_, PyAny>) -> bool {
        let handle = handle.cast::<ObserverHandle>();
        handle.is_ok_and(|handle| self.core.contains(handle.get().handle))
    }

    /// What is known of every observer, in the order in which they are called.
    fn observers(&self, py: Python<'_>) -> PyResult<Vec<ObserverInfo>> {
        let infos = self.core.observers().into_iter();
        infos
            .map(|info| ObserverInfo::new(py, info, &self.core))
            .collect()
    }

    /// The longest chain of derived events.
    #[getter]
    fn max_cascade_depth(&self) -> u32 {
        self.core.settings().max_cascade_depth
    }

    /// The most models that a native observer keeps apart.
    #[getter]
    fn max_models(&self) -> usize {
        self.core.settings().max_models
    }

    /// Derived events that were dropped because their chain was too long.
    #[getter]
    fn n_loops(&self) -> u64 {
        self.core.loops()
    }

    fn __repr__(&self) -> String {
        let names: Vec<_> = self
            .core
            .observers()
            .iter()
            .map(|info| info.name.to_string())
            .collect();
        const SHOWN: usize = 5;
        let more = if names.len() > SHOWN { ", ..." } else { "" };
        let shown = names
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        format!("Hub({} observers: {shown}{more})", names.len())
            .replace(" observers: )", " observers)")
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(setup) = self.setup.try_lock() {
            visit.call(&*setup)?;
        }
        self.core.visit_foreign(|callable| match callable {
            Callable::Strong(object) => visit.call(object),
            Callable::Weak { object, function } => {
                visit.call(object)?;
                visit.call(function)
            }
        })
    }

    fn __clear__(&self) {
        self.core.retire(); // what waits in queues is delivered all the same
        self.core.clear();
        let setup = self.setup.lock().take();
        drop(setup); // outside the lock
    }
}

impl Drop for PyHub {
    fn drop(&mut self) {
        self.core.retire();
    }
}
