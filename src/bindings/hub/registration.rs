//! What can be registered: a callable, an object with `on_event`, a native
//! observer.

use std::sync::{Arc, Weak};

use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType, PyWeakrefReference};

use crate::bindings::arguments::{described, wrong_type};
use crate::bindings::hub::host::{Callable, Python3};
use crate::bindings::hub::worker::LoopSource;
use crate::bindings::observer::NativeObserver;
use crate::bindings::observer::alert_dispatcher::PyAlertDispatcher;
use crate::error::Error;
use crate::hub::{Handle, Hub, Methods, Mode, Registration};

const ALLOWED: &str = "a callable or coroutine function that takes an event, an object with on_event(event), \
                       or a native observer such as DriftDetector";

/// What is said of observers that run on an event loop.
pub(crate) struct OnLoop<'a, 'py> {
    pub(crate) event_loop: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_in_flight: Option<u32>,
}

impl OnLoop<'_, '_> {
    fn is_given(&self) -> bool {
        self.event_loop.is_some() || self.max_in_flight.is_some()
    }
}

/// Registers what Python passed as `observer`.
pub(crate) fn register(
    hub: &Arc<Hub<Python3>>,
    value: &Bound<'_, PyAny>,
    weak: bool,
    how: Registration,
    on_loop: &OnLoop<'_, '_>,
) -> PyResult<Handle> {
    if let Ok(native) = value.cast::<NativeObserver>() {
        let observer = Arc::clone(&native.get().observer);
        if on_loop.is_given() {
            return Err(not_asynchronous(value));
        }
        if how.tick_every.is_some() && !observer.ticks() {
            return Err(never_ticks(value));
        }
        warn_without_queue(value.py(), &how)?;
        warn_of_filter(value, &how)?;
        let owner = Callable::Strong(value.clone().unbind());
        return Ok(hub.register_owned(observer, Some(owner), how)?);
    }
    register_callable(hub, value, weak, how, on_loop)
}

fn register_callable(
    hub: &Arc<Hub<Python3>>,
    value: &Bound<'_, PyAny>,
    weak: bool,
    mut how: Registration,
    on_loop: &OnLoop<'_, '_>,
) -> PyResult<Handle> {
    let py = value.py();
    if value.is_instance_of::<PyType>() {
        let got = format!("the class {}", described(value));
        return Err(
            Error::invalid_type("observer", got, "an instance of it, or a function").into(),
        );
    }
    let method = value.getattr_opt("on_event")?;
    let (callable, name, is_object) = match method {
        Some(method) if method.is_callable() => {
            let own = value
                .getattr_opt("name")?
                .filter(|name| name.is_instance_of::<PyString>());
            let name = own.map_or_else(|| value.get_type().name().map(Bound::into_any), Ok)?;
            (method, name, true)
        }
        _ if value.is_callable() => (value.clone(), name_of(value)?, false),
        _ => return Err(wrong_type("observer", value, ALLOWED)),
    };
    let is_asynchronous = is_asynchronous(&callable)?;
    if !is_asynchronous {
        if on_loop.is_given() {
            return Err(not_asynchronous(value));
        }
        warn_without_queue(py, &how)?;
    }
    let mut methods = Methods::default();
    if is_object {
        let own = |name| -> PyResult<Option<Callable>> {
            let method = value.getattr_opt(name)?;
            let Some(method) = method.filter(|method| method.is_callable()) else {
                return Ok(None);
            };
            if !is_asynchronous && self::is_asynchronous(&method)? {
                let got = format!(
                    "{} whose {name}() is a coroutine function",
                    described(value)
                );
                let allowed = "one whose on_event() is one, too: nothing would await it";
                return Err(Error::invalid_type("observer", got, allowed).into());
            }
            Ok(Some(Callable::Strong(method.unbind())))
        };
        methods.on_tick = own("on_tick")?;
        methods.shutdown = own("shutdown")?;
    }
    if how.tick_every.is_some() && methods.on_tick.is_none() {
        return Err(never_ticks(value));
    }
    if how.name.is_none() {
        let name = name.str()?.to_string_lossy().into_owned();
        how.name = (!name.is_empty()).then(|| name.into());
    }
    let source = if is_asynchronous {
        let source = Bound::new(py, LoopSource::new(hub))?;
        methods.on_loop = Some(Callable::Strong(loop_worker(&source, &how, on_loop)?));
        Some(source)
    } else {
        None
    };
    let bound = (
        callable.getattr_opt("__self__")?,
        callable.getattr_opt("__func__")?,
    );
    let mut watch = None;
    let callable = if let (true, (Some(object), Some(function))) = (weak && !is_object, bound) {
        let method = Bound::new(
            py,
            WeakMethod {
                hub: Arc::downgrade(hub),
                handle: Default::default(),
            },
        )?;
        let object = PyWeakrefReference::new_with(&object, &method)?.unbind();
        watch = Some(method);
        Callable::Weak {
            object,
            function: function.unbind(),
        }
    } else {
        Callable::Strong(callable.unbind())
    };
    let handle = hub.register_foreign(callable, methods, how)?;
    if let Some(method) = watch {
        method.get().registered(handle);
    }
    if let Some(source) = source {
        source.get().registered(handle);
    }
    Ok(handle)
}

/// The part of a worker that runs on an event loop.
fn loop_worker(
    source: &Bound<'_, LoopSource>,
    how: &Registration,
    on_loop: &OnLoop<'_, '_>,
) -> PyResult<Py<PyAny>> {
    let py = source.py();
    if let Some(event_loop) = on_loop.event_loop {
        let class = py.import("asyncio")?.getattr("AbstractEventLoop")?;
        if !event_loop.is_instance(&class)? {
            let allowed = "an event loop such as asyncio.get_running_loop(), or None";
            return Err(wrong_type("loop", event_loop, allowed));
        }
        if event_loop.call_method0("is_closed")?.is_truthy()? {
            let allowed = "an event loop that is not closed, or None";
            return Err(Error::invalid_value("loop", described(event_loop), allowed).into());
        }
    }
    let module = py.import("driftline._asynchronous")?;
    let max_in_flight = match (on_loop.max_in_flight, how.mode) {
        (Some(given), _) => given,
        (None, Mode::Queued) => 1,
        (None, Mode::Inline) => module.getattr("MAX_IN_FLIGHT")?.extract()?,
    };
    let tick_s = how.tick_every.map(|every| every.as_secs_f64());
    let worker = module.getattr("LoopWorker")?.call1((
        source,
        on_loop.event_loop,
        max_in_flight,
        tick_s,
        how.name.as_deref(),
    ))?;
    Ok(worker.unbind())
}

/// Warns of filters that keep from a dispatcher what resolves its incidents.
fn warn_of_filter(value: &Bound<'_, PyAny>, how: &Registration) -> PyResult<()> {
    let narrows = how.filter.kinds.is_some() || how.filter.min_severity.is_some();
    if !(narrows && value.is_instance_of::<PyAlertDispatcher>()) {
        return Ok(());
    }
    let py = value.py();
    let text = c"kinds and min_severity of register() keep from an AlertDispatcher what \
                 resolves its incidents; did you mean AlertDispatcher(kinds=..., \
                 min_severity=...)?";
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), text, 1)
}

/// Warns of options that an observer without queue has no use for.
fn warn_without_queue(py: Python<'_>, how: &Registration) -> PyResult<()> {
    let default = Registration::default();
    let is_default = how.queue_size == default.queue_size
        && how.overflow == default.overflow
        && how.block_timeout == default.block_timeout;
    if how.mode == Mode::Queued || is_default {
        return Ok(());
    }
    let text = c"queue_size, overflow and block_timeout_s mean nothing with mode=\"inline\": \
                 the observer is called in the emitter's thread; did you mean mode=\"queued\"?";
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), text, 1)
}

fn not_asynchronous(value: &Bound<'_, PyAny>) -> PyErr {
    let allowed = "None: loop and max_in_flight are for coroutine functions";
    let got = format!("a value for the observer {}", described(value));
    Error::invalid_value("loop, max_in_flight", got, allowed).into()
}

fn never_ticks(value: &Bound<'_, PyAny>) -> PyErr {
    let allowed = "None: only an observer with on_tick() can be told of time";
    let got = format!("a value for the observer {}", described(value));
    Error::invalid_value("tick_s", got, allowed).into()
}

/// Whether calling it makes a coroutine. Refuses functions whose call only makes
/// an object, so that their body would never run.
pub(crate) fn is_asynchronous(callable: &Bound<'_, PyAny>) -> PyResult<bool> {
    let inspect = callable.py().import("inspect")?;
    let inner = callable.getattr_opt("__call__")?;
    let is = |kind: &str| -> PyResult<bool> {
        let is = inspect.getattr(kind)?;
        for function in [Some(callable), inner.as_ref()].into_iter().flatten() {
            if is.call1((function,))?.is_truthy()? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    for (kind, what) in [
        ("isasyncgenfunction", "asynchronous generator function"),
        ("isgeneratorfunction", "generator function"),
    ] {
        if is(kind)? {
            let got = format!("the {what} {}", described(callable));
            let allowed = "a plain or a coroutine function: calling this one would not run it";
            return Err(Error::invalid_type("observer", got, allowed).into());
        }
    }
    is("iscoroutinefunction")
}

/// The name of a callable that was given none.
pub(crate) fn name_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let name = value
        .getattr_opt("__qualname__")?
        .filter(|name| name.is_instance_of::<PyString>());
    name.map_or_else(|| value.get_type().name().map(Bound::into_any), Ok)
}

/// Unregisters a weakly held method when its object has died.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct WeakMethod {
    hub: Weak<Hub<Python3>>,
    handle: std::sync::OnceLock<Handle>,
}

impl WeakMethod {
    /// Tells which registration is meant, once there is one.
    pub(crate) fn registered(&self, handle: Handle) {
        let _ = self.handle.set(handle); // only ever set once
    }
}

#[pymethods]
impl WeakMethod {
    fn __call__(&self, _reference: &Bound<'_, PyAny>) {
        if let (Some(hub), Some(handle)) = (self.hub.upgrade(), self.handle.get()) {
            let _ = hub.unregister(*handle); // unregistered already is as good
        }
    }
}
