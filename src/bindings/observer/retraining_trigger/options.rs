//! The arguments that make a trigger.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::bindings::arguments::{self, Given, argument, described, number, wrong_type};
use crate::bindings::observer::drift_detector::PyDriftDetector;
use crate::error::Error;
use crate::event::Kind;

/// What is not given (the signatures in Python show the values).
pub(super) const DEFAULT_KINDS: Given<Vec<Kind>> = None;
pub(super) const NO_DETECTORS: Given<Vec<Py<PyDriftDetector>>> = None;

argument!(cooldown_s: f64 = number);
argument!(run_timeout_s: f64 = number);

pub(super) fn retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    arguments::whole("retries", value, 0..=100)
}

pub(super) fn given_kinds(value: &Bound<'_, PyAny>) -> PyResult<Given<Vec<Kind>>> {
    if value.is_none() {
        let allowed = "a str such as \"drift_detected\", or several in a list, tuple or set";
        return Err(wrong_type("kinds", value, allowed));
    }
    arguments::kinds(value.py(), Some(value))
}

/// A number, or None; of `from_py_with`, so that the default shows.
macro_rules! maybe {
    ($($name:ident),*) => {$(
        pub(super) fn $name(value: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
            if value.is_none() {
                return Ok(None);
            }
            number(stringify!($name), value).map(Some)
        }
    )*};
}

maybe!(min_f1, max_p);

/// Two items.
fn pair<'py>(
    argument: &'static str,
    value: &Bound<'py, PyAny>,
    allowed: &'static str,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    if value.is_instance_of::<PyString>() {
        return Err(wrong_type(argument, value, allowed));
    }
    let items = value.try_iter();
    let items = items.map_err(|_| wrong_type(argument, value, allowed))?;
    let items = items.take(3).collect::<PyResult<Vec<_>>>()?;
    match <[_; 2]>::try_from(items) {
        Ok([first, second]) => Ok((first, second)),
        Err(_) => Err(Error::invalid_value(argument, described(value), allowed).into()),
    }
}

/// `(k, n)`.
pub(super) fn confirm(value: &Bound<'_, PyAny>) -> PyResult<(u32, u32)> {
    let allowed = "two whole numbers (k, n) with 1 <= k <= n <= 64, or None";
    let (k, n) = pair("confirm", value, allowed)?;
    let whole = |value| arguments::whole("confirm", value, 1..=64);
    Ok((whole(&k)?, whole(&n)?))
}

/// `(runs, seconds)`.
pub(super) fn rate_limit(value: &Bound<'_, PyAny>) -> PyResult<(u32, f64)> {
    let allowed = "two numbers (runs, seconds), or None";
    let (runs, seconds) = pair("rate_limit", value, allowed)?;
    let runs = arguments::whole("rate_limit", &runs, 1..=10_000)?;
    Ok((runs, number("rate_limit", &seconds)?))
}

/// One detector, or several.
pub(super) fn detectors(value: &Bound<'_, PyAny>) -> PyResult<Given<Vec<Py<PyDriftDetector>>>> {
    let allowed = "a DriftDetector, or several in a list or tuple";
    if let Ok(one) = value.cast::<PyDriftDetector>() {
        return Ok(Some(vec![one.clone().unbind()]));
    }
    let items = value.try_iter();
    let items = items.map_err(|_| wrong_type("detectors", value, allowed))?;
    let read = |item: PyResult<Bound<'_, PyAny>>| {
        let item = item?;
        let detector = item.cast::<PyDriftDetector>();
        let detector = detector.map_err(|_| wrong_type("detectors", &item, allowed))?;
        Ok(detector.clone().unbind())
    };
    items.map(read).collect::<PyResult<_>>().map(Some)
}

/// The kind with which detectors get new baselines.
pub(super) fn rebase_on(value: &Bound<'_, PyAny>) -> PyResult<Kind> {
    let text = arguments::string("rebase_on", value, "a str such as \"training_completed\"")?;
    let text: Arc<str> = text.to_string_lossy().into();
    let kind = Kind::parse(&text).map_err(|error| error.named("rebase_on"))?;
    if kind.definition().is_none()
        && let Some(meant) = Kind::did_you_mean(kind.as_str())
    {
        let allowed = format!("a kind of events; did you mean {meant:?}?");
        return Err(Error::invalid_value("rebase_on", described(value), allowed).into());
    }
    Ok(kind)
}
