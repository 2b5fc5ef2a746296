//! Python as the language that embeds the hub.

use std::sync::Arc;

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::bindings::event::{PyEvent, SERIAL};
use crate::bindings::gate;
use crate::bindings::hub::local::Local;
use crate::bindings::hub::worker::PyWorker;
use crate::error::Error;
use crate::event::Event;
use crate::fork::{self, Section};
use crate::hub::{Host, Outcome, Thread, Worker};
use crate::observer::ObserverError;

/// Python, as [`crate::hub::Hub`] sees it.
pub(crate) struct Python3;

/// A Python object that the hub holds.
pub(crate) enum Callable {
    /// A callable, or the object around a native observer.
    Strong(Py<PyAny>),
    /// A bound method that does not keep its object alive.
    Weak {
        object: Py<PyWeakrefReference>,
        function: Py<PyAny>,
    },
}

/// What is kept during an emission.
#[derive(Default)]
pub(crate) struct Scope<'py> {
    /// The thread's attachment; none while the emission runs detached.
    py: Option<Python<'py>>,
    /// The event as a Python object that the emitter holds.
    given: Option<Borrowed<'py, 'py, PyEvent>>,
    /// The event as a Python object, made when the first Python observer matches.
    made: Option<Bound<'py, PyEvent>>,
}

impl<'py> Scope<'py> {
    /// For an emission by a thread that is attached.
    pub(crate) fn attached(py: Python<'py>) -> Self {
        Self {
            py: Some(py),
            ..Self::default()
        }
    }

    /// For the emission of an event that the emitter holds.
    #[inline]
    pub(crate) fn of(event: &'py Bound<'py, PyEvent>) -> Self {
        Self {
            py: Some(event.py()),
            given: Some(event.as_borrowed()),
            made: None,
        }
    }

    /// For an emission by a thread that has let go of the interpreter.
    pub(crate) fn detached() -> Self {
        Self::default()
    }

    /// Runs `f` attached, whether or not the emission is.
    fn attach<R>(&self, f: impl FnOnce(Python<'_>) -> R) -> R {
        match self.py {
            Some(py) => f(py),
            None => Python::attach(f),
        }
    }
}

impl Host for Python3 {
    type Callable = Callable;
    type Error = PyErr;
    type Scope<'a> = Scope<'a>;

    const SERIAL: bool = SERIAL;

    fn scope() -> Scope<'static> {
        Scope::detached()
    }

    #[inline]
    fn with_thread<R>(mut f: impl FnMut(&Thread) -> R) -> R {
        Local::with(|local| f(&local.thread))
    }

    fn begin(scope: &mut Scope<'_>) {
        scope.given = None;
        scope.made = None;
    }

    #[inline(always)]
    fn call(scope: &mut Scope<'_>, callable: &Callable, event: &Event) -> Outcome<PyErr> {
        match (&scope.given, callable) {
            (Some(event), Callable::Strong(callable)) => call_one(callable, event),
            _ => call_otherwise(scope, callable, event),
        }
    }

    fn interrupted(scope: &mut Scope<'_>) -> Option<PyErr> {
        scope.attach(|py| py.check_signals().err())
    }

    fn call_plain(scope: &mut Scope<'_>, callable: &Callable) -> Outcome<PyErr> {
        scope.attach(|py| {
            let result = match callable {
                Callable::Strong(callable) => callable.call0(py),
                Callable::Weak { object, function } => {
                    use pyo3::types::PyWeakrefMethods;
                    let Some(object) = object.bind(py).upgrade() else {
                        return Outcome::Gone;
                    };
                    function.call1(py, (object,))
                }
            };
            result.map_or_else(Outcome::Failed, |_| Outcome::Done)
        })
    }

    fn detached<R: Send>(scope: &mut Scope<'_>, f: impl FnOnce() -> R + Send) -> R {
        match scope.py {
            Some(py) => gate::outside(py, f),
            None => f(),
        }
    }

    fn may_wait(scope: &mut Scope<'_>) -> bool {
        scope.attach(|py| !runs_event_loop(py).unwrap_or(false))
    }

    fn section(scope: &Scope<'_>) -> Option<Section> {
        scope.py.is_none().then(fork::section)
    }

    fn start_worker(scope: &mut Scope<'_>, worker: Arc<Worker<Self>>) -> Result<(), String> {
        scope.attach(|py| {
            let worker = PyWorker::new(worker);
            let start = || {
                py.import("driftline._workers")?
                    .call_method1("start", (worker,))
            };
            start().map(drop).map_err(|error| error.to_string())
        })
    }

    fn call_loop(scope: &mut Scope<'_>, on_loop: &Callable) -> bool {
        let Callable::Strong(on_loop) = on_loop else {
            return false;
        };
        scope.attach(|py| {
            let taken = on_loop.call0(py).and_then(|taken| taken.is_truthy(py));
            taken.unwrap_or_else(|error| {
                error.write_unraisable(py, Some(on_loop.bind(py)));
                true
            })
        })
    }

    fn own_error(error: ObserverError) -> Result<PyErr, ObserverError> {
        match error.downcast::<PyErr>() {
            Ok(error) => Ok(*error),
            Err(error) => match error.downcast_ref() {
                Some(Error::Foreign(_)) => Ok((*error.downcast::<Error>()?).into()),
                _ => Err(error),
            },
        }
    }

    fn is_interrupt(error: &PyErr) -> bool {
        Python::attach(|py| {
            error.is_instance_of::<PyKeyboardInterrupt>(py)
                || error.is_instance_of::<PySystemExit>(py)
        })
    }
}

/// Calls an observer when there is no event object yet, or weakly.
#[inline(never)]
fn call_otherwise(scope: &mut Scope<'_>, callable: &Callable, event: &Event) -> Outcome<PyErr> {
    let Some(py) = scope.py else {
        return Python::attach(|py| {
            let event = Bound::new(py, PyEvent::of(event.clone()));
            event.map_or_else(Outcome::Failed, |event| call(callable, event.as_borrowed()))
        });
    };
    if let Some(object) = scope.given {
        return call(callable, object);
    }
    if let Some(object) = &scope.made {
        return call(callable, object.as_borrowed());
    }
    match Bound::new(py, PyEvent::of(event.clone())) {
        Ok(object) => call(callable, scope.made.insert(object).as_borrowed()),
        Err(error) => Outcome::Failed(error),
    }
}

fn call(callable: &Callable, event: Borrowed<'_, '_, PyEvent>) -> Outcome<PyErr> {
    let py = event.py();
    match callable {
        Callable::Strong(callable) => call_one(callable, &event),
        Callable::Weak { object, function } => {
            use pyo3::types::PyWeakrefMethods;
            let Some(object) = object.bind(py).upgrade() else {
                return Outcome::Gone;
            };
            match function.bind(py).call1((object, event)) {
                Ok(_) => Outcome::Done,
                Err(error) => Outcome::Failed(error),
            }
        }
    }
}

/// `callable(event)`, without the argument tuple and the reference counting
/// around it.
#[inline(always)]
fn call_one(callable: &Py<PyAny>, event: &Bound<'_, PyEvent>) -> Outcome<PyErr> {
    const ONE: usize = 1 | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
    let arguments = [std::ptr::null_mut(), event.as_ptr()];
    let callable = callable.as_ptr();
    // SAFETY: the pointers are those of live objects, held for the whole call by
    // the caller's `Py` and by `event`, which proves that this thread is attached.
    // The place before the argument is the callee's, as the offset flag says. An
    // object whose type is exactly that of Python functions is laid out as one.
    // The result is a new reference, or null with an exception set: of what the
    // interpreter runs that need not be checked, so a function is called at its
    // entry. Measured on 3.12, 64 callbacks: 2.42 us, by `PyObject_Vectorcall`
    // alone 2.69.
    unsafe {
        let arguments = arguments.as_ptr().add(1);
        let entry = if ffi::Py_TYPE(callable) == &raw mut ffi::PyFunction_Type {
            (*callable.cast::<ffi::PyFunctionObject>()).vectorcall
        } else {
            None
        };
        let result = match entry {
            Some(function) => function(callable, arguments, ONE, std::ptr::null_mut()),
            None => ffi::PyObject_Vectorcall(callable, arguments, ONE, std::ptr::null_mut()),
        };
        if result.is_null() {
            return failed(event.py());
        }
        ffi::Py_DECREF(result);
    }
    Outcome::Done
}

#[cold]
#[inline(never)]
fn failed(py: Python<'_>) -> Outcome<PyErr> {
    Outcome::Failed(PyErr::fetch(py))
}

/// Whether this thread is inside a running event loop.
fn runs_event_loop(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let asyncio = modules.call_method1("get", ("asyncio",))?;
    if asyncio.is_none() {
        return Ok(false);
    }
    Ok(!asyncio.call_method0("_get_running_loop")?.is_none())
}

/// Lets threads use the object without waiting for each other to count that they
/// do (deferred reference counting, on free-threaded CPython from 3.14; elsewhere
/// there is nothing to do). Without it two threads that emit on one hub are
/// slower than one; with it, nearly twice as fast.
pub(crate) fn share_between_threads(object: &Bound<'_, PyAny>) {
    let share = || -> PyResult<()> {
        let ctypes = object.py().import("ctypes")?;
        let defer = ctypes
            .getattr("pythonapi")?
            .getattr("PyUnstable_Object_EnableDeferredRefcount")?;
        defer.call1((ctypes.getattr("py_object")?.call1((object,))?,))?;
        Ok(())
    };
    if !SERIAL {
        let _ = share(); // without it everything works, only slower
    }
}
