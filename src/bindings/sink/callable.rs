//! A Python callable as a sink.

use std::any::Any;
use std::sync::Arc;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::alert::{Alert, Sink};
use crate::bindings::arguments::described;
use crate::bindings::courier::{Callable, ForPython};
use crate::bindings::hub::registration::{is_asynchronous, name_of};
use crate::bindings::observer::alert_dispatcher::alert::PyAlert;
use crate::bindings::sink::NativeSink;
use crate::delivery::{Loss, Outcome};
use crate::error::Error;

const ALLOWED: &str =
    "a sink such as WebhookSink, a callable that takes an alert, or a list of these";

/// A callable that is called with each alert.
pub(crate) struct CallableSink {
    name: Arc<str>,
    callable: Callable,
}

impl CallableSink {
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callable.traverse(visit)
    }

    pub(crate) fn clear(&self) {
        self.callable.clear();
    }
}

impl Sink for CallableSink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, _: &Alert) -> Outcome {
        // Workers of Python's call the callable.
        Outcome::Lost {
            reason: Loss::Failed,
            error: "called without Python".to_owned(),
        }
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        Some(&self.callable)
    }
}

impl ForPython for Alert {
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, [Bound::new(py, PyAlert::of(self.clone()))?])
    }
}

/// What is no sink is not shown: it may be a URL that is a secret.
fn refused(value: &Bound<'_, PyAny>) -> PyErr {
    let name = value.get_type().name();
    let name = name.map_or_else(|_| "object".to_owned(), |name| name.to_string());
    Error::invalid_type("sinks", format!("an object of type {name}"), ALLOWED).into()
}

/// Sinks, the callables among them, and the objects as they were given.
#[derive(Default)]
pub(crate) struct Sinks {
    pub(crate) all: Vec<Arc<dyn Sink>>,
    pub(crate) callables: Vec<Arc<CallableSink>>,
    pub(crate) given: Vec<Py<PyAny>>,
}

impl Sinks {
    /// Reads one sink, or several.
    pub(crate) fn read(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut sinks = Self::default();
        if value.is_instance_of::<NativeSink>() || value.is_callable() {
            sinks.add(value)?;
            return Ok(sinks);
        }
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
            return Err(refused(value));
        }
        let Ok(several) = value.try_iter() else {
            return Err(refused(value));
        };
        for sink in several {
            sinks.add(&sink?)?;
        }
        Ok(sinks)
    }

    fn add(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(native) = value.cast::<NativeSink>() {
            self.all.push(Arc::clone(&native.get().sink));
        } else if value.is_callable() && !value.is_instance_of::<pyo3::types::PyType>() {
            if is_asynchronous(value)? {
                let got = format!("the coroutine function {}", described(value));
                return Err(Error::invalid_type("sinks", got, "a function that is called").into());
            }
            let own = value.getattr_opt("name")?;
            let own = own.filter(|name| name.is_instance_of::<PyString>());
            let name = own.map_or_else(|| name_of(value), Ok)?;
            let sink = Arc::new(CallableSink {
                name: name.str()?.to_string_lossy().into(),
                callable: Callable::new(value.clone().unbind(), false),
            });
            self.callables.push(Arc::clone(&sink));
            self.all.push(sink);
        } else {
            return Err(refused(value));
        }
        self.given.push(value.clone().unbind());
        Ok(())
    }
}
