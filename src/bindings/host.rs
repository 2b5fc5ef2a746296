//! Python as the language that embeds the hub.

use std::cell::RefCell;

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use super::event::{PyEvent, SERIAL, is_unique};
use crate::event::Event;
use crate::hub::{Host, Outcome};

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
pub(crate) struct Scope<'py> {
    /// The thread's attachment; none while the emission runs detached.
    py: Option<Python<'py>>,
    /// The event as a Python object, made when the first Python observer matches.
    event: Option<Bound<'py, PyEvent>>,
}

impl<'py> Scope<'py> {
    /// For an emission by a thread that is attached.
    pub(crate) fn attached(event: Option<Bound<'py, PyEvent>>, py: Python<'py>) -> Self {
        Self {
            py: Some(py),
            event,
        }
    }

    /// For an emission by a thread that has let go of the interpreter.
    pub(crate) fn detached() -> Self {
        Self {
            py: None,
            event: None,
        }
    }
}

impl Host for Python3 {
    type Callable = Callable;
    type Error = PyErr;
    type Scope<'a> = Scope<'a>;

    const SERIAL: bool = SERIAL;

    fn begin(scope: &mut Scope<'_>) {
        scope.event = None;
    }

    #[inline]
    fn call(scope: &mut Scope<'_>, callable: &Callable, event: &Event) -> Outcome<PyErr> {
        let Some(py) = scope.py else {
            return Python::attach(|py| {
                let event = Bound::new(py, PyEvent::of(event.clone()));
                event.map_or_else(Outcome::Failed, |event| call(callable, &event))
            });
        };
        if let Some(object) = &scope.event {
            return call(callable, object);
        }
        match Bound::new(py, PyEvent::of(event.clone())) {
            Ok(object) => call(callable, scope.event.insert(object)),
            Err(error) => Outcome::Failed(error),
        }
    }

    fn is_interrupt(error: &PyErr) -> bool {
        Python::attach(|py| {
            error.is_instance_of::<PyKeyboardInterrupt>(py)
                || error.is_instance_of::<PySystemExit>(py)
        })
    }
}

#[inline]
fn call(callable: &Callable, event: &Bound<'_, PyEvent>) -> Outcome<PyErr> {
    let py = event.py();
    let result = match callable {
        Callable::Strong(callable) => call_one(callable.bind(py), event),
        Callable::Weak { object, function } => {
            use pyo3::types::PyWeakrefMethods;
            match object.bind(py).upgrade() {
                Some(object) => function.bind(py).call1((object, event)),
                None => return Outcome::Gone,
            }
        }
    };
    match result {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Failed(error),
    }
}

/// `callable(event)`, without the argument tuple and the reference counting
/// around it.
#[inline]
fn call_one<'py>(
    callable: &Bound<'py, PyAny>,
    event: &Bound<'py, PyEvent>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: both pointers are those of live objects, held for the whole call by
    // their `Bound`s, which prove that this thread is attached; the result is a
    // new reference, or null with an exception set. Measured: TODO.
    unsafe {
        let result = ffi::PyObject_CallOneArg(callable.as_ptr(), event.as_ptr());
        Bound::from_owned_ptr_or_err(callable.py(), result)
    }
}

thread_local! {
    /// An event object that nobody else held after the last emission.
    static SPARE: RefCell<Option<Py<PyEvent>>> = const { RefCell::new(None) };
}

/// Delivers an event with its Python object at hand: the one of the last
/// emission written anew when nobody kept that, which saves more than half of
/// the cost.
#[inline]
pub(crate) fn with_event_object<R>(
    py: Python<'_>,
    event: Event,
    deliver: impl FnOnce(&Event, &mut Scope<'_>) -> R,
) -> PyResult<R> {
    SPARE.with(|spare| {
        let known = spare.take().map(|object| object.into_bound(py));
        let object = PyEvent::object(py, known, event)?;
        let result = {
            let mut scope = Scope::attached(Some(object.clone()), py);
            deliver(object.get().event(), &mut scope)
        };
        // What may be large is not kept alive.
        if is_unique(&object) && object.get().event().metadata.is_none() {
            let old = spare.replace(Some(object.unbind()));
            drop(old); // not while borrowed
        }
        Ok(result)
    })
}
