//! What can be registered: a callable, an object with `on_event`, a native
//! observer.

use std::sync::{Arc, Weak};

use pyo3::prelude::*;
use pyo3::types::{PyString, PyType, PyWeakrefReference};

use crate::bindings::arguments::{described, wrong_type};
use crate::bindings::hub::host::{Callable, Python3};
use crate::bindings::observer::NativeObserver;
use crate::error::Error;
use crate::hub::{Handle, Hub};
use crate::observer::Observer;

const ALLOWED: &str = "a callable that takes an event, an object with on_event(event), \
                       or a native observer such as DriftDetector";

/// An observer as Python passed it.
pub(crate) enum Registered {
    Native {
        observer: Arc<dyn Observer>,
        owner: Callable,
    },
    Foreign {
        callable: Callable,
        name: Arc<str>,
        weak: Option<Py<WeakMethod>>,
    },
}

/// Reads the `observer` argument.
pub(crate) fn observer(
    value: &Bound<'_, PyAny>,
    weak: bool,
    hub: &Arc<Hub<Python3>>,
) -> PyResult<Registered> {
    let py = value.py();
    if let Ok(native) = value.cast::<NativeObserver>() {
        let observer = Arc::clone(&native.get().observer);
        return Ok(Registered::Native {
            observer,
            owner: Callable::Strong(value.clone().unbind()),
        });
    }
    if value.is_instance_of::<PyType>() {
        let got = format!("the class {}", described(value));
        return Err(
            Error::invalid_type("observer", got, "an instance of it, or a function").into(),
        );
    }
    let method = value.getattr_opt("on_event")?;
    let (callable, name) = match method {
        Some(method) if method.is_callable() => {
            let own = value
                .getattr_opt("name")?
                .filter(|name| name.is_instance_of::<PyString>());
            let name = own.map_or_else(|| value.get_type().name().map(Bound::into_any), Ok)?;
            (method, name)
        }
        _ if value.is_callable() => (value.clone(), name_of(value)?),
        _ => return Err(wrong_type("observer", value, ALLOWED)),
    };
    refuse_what_never_runs(&callable)?;
    let name = name.str()?.to_string_lossy().into_owned();
    let name = if name.is_empty() {
        "observer".into()
    } else {
        name.into()
    };
    let bound = (
        callable.getattr_opt("__self__")?,
        callable.getattr_opt("__func__")?,
    );
    if let (true, (Some(object), Some(function))) = (weak, bound) {
        let method = Py::new(
            py,
            WeakMethod {
                hub: Arc::downgrade(hub),
                handle: Default::default(),
            },
        )?;
        let object = PyWeakrefReference::new_with(&object, method.bind(py))?.unbind();
        let callable = Callable::Weak {
            object,
            function: function.unbind(),
        };
        return Ok(Registered::Foreign {
            callable,
            name,
            weak: Some(method),
        });
    }
    Ok(Registered::Foreign {
        callable: Callable::Strong(callable.unbind()),
        name,
        weak: None,
    })
}

/// Refuses functions whose call only makes an object: their body would never run.
fn refuse_what_never_runs(callable: &Bound<'_, PyAny>) -> PyResult<()> {
    let inspect = callable.py().import("inspect")?;
    let inner = callable.getattr_opt("__call__")?;
    for (kind, what) in [
        ("iscoroutinefunction", "coroutine function"),
        ("isasyncgenfunction", "asynchronous generator function"),
        ("isgeneratorfunction", "generator function"),
    ] {
        let is = inspect.getattr(kind)?;
        for function in [Some(callable), inner.as_ref()].into_iter().flatten() {
            if is.call1((function,))?.is_truthy()? {
                let got = format!("the {what} {}", described(callable));
                let allowed = "a plain function: calling this one would not run it";
                return Err(Error::invalid_type("observer", got, allowed).into());
            }
        }
    }
    Ok(())
}

/// The name of a callable that was given none.
fn name_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
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
