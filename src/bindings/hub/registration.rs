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
    let method = value.getattr_opt("on_event")?;
    let (callable, name) = match method {
        Some(_) if value.is_instance_of::<PyType>() => {
            let got = format!("the class {}", described(value));
            return Err(
                Error::invalid_type("observer", got, "an instance of it, or a callable").into(),
            );
        }
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
    let is_async = py.import("inspect")?.getattr("iscoroutinefunction")?;
    let inner = callable.getattr_opt("__call__")?;
    if is_async.call1((&callable,))?.is_truthy()?
        || inner.is_some_and(|f| {
            is_async
                .call1((f,))
                .is_ok_and(|is| is.is_truthy().unwrap_or(false))
        })
    {
        let got = format!("the coroutine function {}", described(&callable));
        return Err(Error::invalid_type("observer", got, "a function that is not async").into());
    }
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
