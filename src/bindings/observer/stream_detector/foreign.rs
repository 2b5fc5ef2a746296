//! Python objects as streaming detectors.
//!
//! Wherever the observer accepts a detector, so it does an object of the user's with
//! `update(x)` and `drift_detected`. Each series gets a copy of it (`copy.deepcopy`).
//!
//! # Who holds what
//! The objects are held in one place for each observer ([`Held`]), which its class shows
//! to the garbage collector. An object that is no longer used stays there until no lock is
//! held: code of the user's may run at its end.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::bindings::stream::bank::PyBank;
use crate::error::{Error, Foreign, Result};
use crate::observer::{ForeignDetector, Reading};
use crate::stream::Direction;

/// The Python objects of one observer.
#[derive(Default)]
pub(crate) struct Held(Mutex<Objects>);

#[derive(Default)]
struct Objects {
    used: HashMap<u64, Py<PyAny>>,
    unused: Vec<Py<PyAny>>,
    next: u64,
}

/// A detector that is an object of the user's.
pub(crate) struct ObjectDetector {
    name: Arc<str>,
    key: u64,
    held: Arc<Held>,
}

impl ObjectDetector {
    /// A copy of an object, if it has what a detector has.
    ///
    /// # Errors
    /// What the object raises when it is asked, and when it is copied.
    pub(super) fn from_object(object: &Bound<'_, PyAny>) -> PyResult<Option<(Self, Arc<Held>)>> {
        // A class has the method, and is no detector yet; a bank takes rows.
        if object.is_instance_of::<PyType>() || object.is_instance_of::<PyBank>() {
            return Ok(None);
        }
        let py = object.py();
        let update = object.getattr_opt(intern!(py, "update"))?;
        if !update.is_some_and(|update| update.is_callable())
            || object.getattr_opt(intern!(py, "drift_detected"))?.is_none()
        {
            return Ok(None);
        }
        let own = object.getattr_opt(intern!(py, "name"))?;
        let own = own.filter(|name| name.is_instance_of::<PyString>());
        let name = own.map_or_else(|| object.get_type().name().map(Bound::into_any), Ok)?;
        let name = name.str()?.to_string_lossy().into();
        let held = Arc::new(Held::default());
        let key = held.keep(copied(object)?.unbind());
        let detector = Self {
            name,
            key,
            held: Arc::clone(&held),
        };
        Ok(Some((detector, held)))
    }

    /// A copy of the object.
    pub(super) fn object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        copied(&self.held.used(py, self.key)?)
    }
}

impl fmt::Debug for ObjectDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ObjectDetector").field(&self.name).finish()
    }
}

impl ForeignDetector for ObjectDetector {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn copy(&self) -> Result<Arc<dyn ForeignDetector>> {
        Python::attach(|py| {
            let object = copied(&self.held.used(py, self.key)?).map_err(raised)?;
            Ok(Arc::new(Self {
                name: Arc::clone(&self.name),
                key: self.held.keep(object.unbind()),
                held: Arc::clone(&self.held),
            }) as Arc<_>)
        })
    }

    fn update(&self, x: f64) -> Result<Option<Reading>> {
        Python::attach(|py| {
            let object = self.held.used(py, self.key)?;
            let updated = object.call_method1(intern!(py, "update"), (x,));
            updated.map_err(raised)?;
            let found = object.getattr(intern!(py, "drift_detected"));
            if !found.and_then(|found| found.is_truthy()).map_err(raised)? {
                return Ok(None);
            }
            Ok(Some(reading(&object)))
        })
    }

    fn tidy(&self) {
        let unused = std::mem::take(&mut self.held.0.lock().unused);
        if !unused.is_empty() {
            Python::attach(|_| drop(unused)); // not under the lock
        }
    }
}

impl Drop for ObjectDetector {
    fn drop(&mut self) {
        let mut objects = self.held.0.lock();
        if let Some(object) = objects.used.remove(&self.key) {
            objects.unused.push(object);
        }
    }
}

/// What can be read of a detector that found a change: whatever it has of it.
fn reading(object: &Bound<'_, PyAny>) -> Reading {
    let py = object.py();
    let attribute = |name| object.getattr_opt(name).ok().flatten();
    let number = |name| {
        let number: f64 = attribute(name)?.extract().ok()?;
        number.is_finite().then_some(number)
    };
    let direction = attribute(intern!(py, "direction"));
    let direction = direction.and_then(|way| way.extract::<String>().ok());
    Reading {
        statistic: number(intern!(py, "statistic")),
        limit: number(intern!(py, "limit")),
        direction: match direction.as_deref() {
            Some("up") => Some(Direction::Up),
            Some("down") => Some(Direction::Down),
            _ => None,
        },
        estimation: number(intern!(py, "estimation")),
    }
}

impl Held {
    fn keep(&self, object: Py<PyAny>) -> u64 {
        let mut objects = self.0.lock();
        let key = objects.next;
        objects.next += 1;
        objects.used.insert(key, object);
        key
    }

    fn used<'py>(&self, py: Python<'py>, key: u64) -> Result<Bound<'py, PyAny>> {
        let objects = self.0.lock();
        let object = objects.used.get(&key).map(|it| it.bind(py).clone());
        object.ok_or_else(|| {
            let allowed = "a detector that is still there";
            Error::invalid_value(
                "detector",
                "one that the garbage collector has taken",
                allowed,
            )
        })
    }

    /// Shows the collector the objects.
    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        let Some(objects) = self.0.try_lock() else {
            return Ok(());
        };
        let mut all = objects.used.values().chain(&objects.unused);
        all.try_for_each(|it| visit.call(it))
    }

    /// Lets go of the objects.
    pub(super) fn clear(&self) {
        let objects = {
            let mut objects = self.0.lock();
            (
                std::mem::take(&mut objects.used),
                std::mem::take(&mut objects.unused),
            )
        };
        drop(objects); // not under the lock
    }
}

fn copied<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let copy = py.import(intern!(py, "copy"))?;
    copy.call_method1(intern!(py, "deepcopy"), (object,))
}

/// An exception of the object's goes on as it is.
fn raised(error: PyErr) -> Error {
    Error::Foreign(Foreign::new(error))
}
