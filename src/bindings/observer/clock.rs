//! The `clock` argument of observers that are used without a hub.

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::bindings::arguments::{number, wrong_type};
use crate::error::Error;
use crate::event::Timestamp;

const ALLOWED: &str = "a function that returns seconds since 1970, or None";

/// A function of the user's that tells the time, if there is one.
pub(crate) struct Clock(Mutex<Option<Py<PyAny>>>);

impl Clock {
    /// Reads the argument.
    pub(crate) fn new(clock: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        match clock {
            Some(clock) if !clock.is_callable() => Err(wrong_type("clock", clock, ALLOWED)),
            _ => Ok(Self(Mutex::new(clock.map(|clock| clock.clone().unbind())))),
        }
    }

    /// The clock's time; `None` without a clock.
    pub(crate) fn now(&self, py: Python<'_>) -> PyResult<Option<Timestamp>> {
        let clock = self.0.lock().as_ref().map(|clock| clock.clone_ref(py));
        let Some(clock) = clock else { return Ok(None) };
        let seconds = number("clock", clock.call0(py)?.bind(py))?;
        if seconds.is_nan() {
            return Err(Error::invalid_value("clock", "one that returned NaN", ALLOWED).into());
        }
        let epoch = Timestamp::from_nanos(0);
        Ok(Some(epoch.saturating_add_seconds(seconds)))
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.0.try_lock() {
            Some(clock) => visit.call(&*clock),
            None => Ok(()),
        }
    }

    pub(crate) fn clear(&self) {
        let clock = self.0.lock().take();
        drop(clock); // not under the lock
    }
}
