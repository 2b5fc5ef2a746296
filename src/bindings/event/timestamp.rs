//! Times between Python and the core, to the nanosecond.

use pyo3::exceptions::{PyException, PyOverflowError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyDeltaAccess, PyString, PyTzInfo, PyTzInfoAccess};

use crate::bindings::arguments::{described, wrong_type};
use crate::error::Error;
use crate::event::Timestamp;

const ALLOWED: &str = "a datetime with a timezone, a datetime64, or text with a timezone \
                       as in \"2013-07-01T05:00:00Z\", between 1677-09-22 and 2262-04-11";

/// 1970-01-01T00:00:00Z.
static EPOCH: PyOnceLock<Py<PyDateTime>> = PyOnceLock::new();

/// A time argument.
pub(crate) fn timestamp(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let invalid = |got: String| -> PyErr { Error::invalid_value(argument, got, ALLOWED).into() };
    if let Ok(time) = value.cast::<PyDateTime>() {
        if time.get_tzinfo().is_none() {
            return Err(invalid(format!("{} without a timezone", described(value))));
        }
        let nanos = from_datetime(time).map_err(|error| {
            let py = value.py();
            if !error.is_instance_of::<PyException>(py) {
                return error;
            }
            let refused = invalid(described(value));
            refused.set_cause(py, Some(error));
            refused
        })?;
        return nanos.ok_or_else(|| invalid(described(value)));
    }
    if let Ok(text) = value.cast::<PyString>() {
        let parsed = text.to_string_lossy().parse();
        return parsed.map_err(|_| invalid(described(value)));
    }
    let is_datetime64 = value
        .getattr("dtype")
        .and_then(|dtype| dtype.getattr("kind"));
    if is_datetime64.and_then(|kind| kind.eq("M")).unwrap_or(false)
        && value
            .getattr("ndim")
            .and_then(|ndim| ndim.extract::<usize>())
            .unwrap_or(1)
            == 0
    {
        return from_datetime64(value)?.ok_or_else(|| invalid(described(value)));
    }
    Err(wrong_type(argument, value, ALLOWED))
}

/// `None` when out of range.
fn from_datetime(time: &Bound<'_, PyDateTime>) -> PyResult<Option<Timestamp>> {
    let py = time.py();
    let epoch = EPOCH.get_or_try_init(py, || {
        let utc = PyTzInfo::utc(py)?;
        PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc)).map(Bound::unbind)
    })?;
    let since = time.sub(epoch.bind(py))?;
    let since = since.cast::<PyDelta>()?;
    let seconds = i64::from(since.get_days()) * 86_400 + i64::from(since.get_seconds());
    // pandas' Timestamp is a datetime that knows its nanoseconds, too.
    let below = match time.getattr_opt("nanosecond")? {
        Some(nanos) => nanos.extract::<u32>()?,
        None => 0,
    };
    let nanos = since.get_microseconds() as u32 * 1000 + below;
    Ok(Timestamp::from_parts(seconds, nanos).ok())
}

/// A NumPy scalar or array of one value; `None` for NaT and out of range.
fn from_datetime64(value: &Bound<'_, PyAny>) -> PyResult<Option<Timestamp>> {
    // Out of range, NumPy from 2.5 raises and older ones wrap around.
    let Some(nanos) = in_range(
        value.call_method1("astype", ("datetime64[ns]",)),
        value.py(),
    )?
    else {
        return Ok(None);
    };
    let nanos: i64 = nanos.call_method1("astype", ("int64",))?.extract()?;
    // Not wrapped around: the whole seconds have stayed the same.
    let seconds = value.call_method1("astype", ("datetime64[s]",))?;
    let seconds: i64 = seconds.call_method1("astype", ("int64",))?.extract()?;
    let time = Timestamp::from_nanos(nanos);
    Ok((nanos != i64::MIN && time.parts().0 == seconds).then_some(time))
}

/// What NumPy converted; `None` where it says that it cannot.
fn in_range<'py>(
    converted: PyResult<Bound<'py, PyAny>>,
    py: Python<'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match converted {
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => Ok(None),
        other => other.map(Some),
    }
}

/// The times of `n` values: a datetime64 array, or a sequence of times.
pub(crate) fn timestamps(value: &Bound<'_, PyAny>, n: usize) -> PyResult<Vec<Timestamp>> {
    let times = times(value)?;
    if times.len() == n {
        return Ok(times);
    }
    let got = format!("{} times", times.len());
    let allowed = format!("one for each of the {n} values");
    Err(Error::invalid_value("timestamps", got, allowed).into())
}

fn times(value: &Bound<'_, PyAny>) -> PyResult<Vec<Timestamp>> {
    let kind = value
        .getattr("dtype")
        .and_then(|dtype| dtype.getattr("kind"));
    // A pandas column with a timezone is read value by value, like a list.
    let has_zone = value
        .getattr("dtype")
        .is_ok_and(|dtype| dtype.hasattr("tz").unwrap_or(false));
    let is_array = !has_zone && kind.and_then(|kind| kind.eq("M")).unwrap_or(false);
    let ndim = value
        .getattr("ndim")
        .and_then(|ndim| ndim.extract::<usize>());
    if is_array && ndim.unwrap_or(1) == 1 && value.hasattr("astype")? {
        let list = |unit: &str| -> PyResult<Vec<i64>> {
            let array = in_range(value.call_method1("astype", (unit,)), value.py())?;
            let Some(array) = array else {
                return Ok(Vec::new());
            };
            let array = array.call_method1("astype", ("int64",))?;
            array.call_method0("tolist")?.extract()
        };
        let (nanos, seconds) = (list("datetime64[ns]")?, list("datetime64[s]")?);
        let refused = || {
            let got = "NaT or a time out of range";
            PyErr::from(Error::invalid_value("timestamps", got, ALLOWED))
        };
        if nanos.len() != seconds.len() {
            return Err(refused());
        }
        let times = nanos.iter().zip(&seconds).map(|(&nanos, &seconds)| {
            let time = Timestamp::from_nanos(nanos);
            (nanos != i64::MIN && time.parts().0 == seconds).then_some(time)
        });
        let times: Option<Vec<_>> = times.collect();
        return times.ok_or_else(refused);
    }
    if value.is_instance_of::<PyString>() {
        return Err(wrong_type(
            "timestamps",
            value,
            "an array of datetime64 or a sequence of times",
        ));
    }
    let items = value.try_iter().map_err(|_| {
        wrong_type(
            "timestamps",
            value,
            "an array of datetime64 or a sequence of times",
        )
    })?;
    items.map(|item| timestamp("timestamps", &item?)).collect()
}

/// As a datetime in UTC; what is below a microsecond is cut off.
pub(crate) fn to_datetime(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyDateTime>> {
    let civil = time.civil();
    let utc = PyTzInfo::utc(py)?;
    PyDateTime::new(
        py,
        i32::from(civil.year()),
        civil.month() as u8,
        civil.day() as u8,
        civil.hour() as u8,
        civil.minute() as u8,
        civil.second() as u8,
        civil.subsec_nanosecond() as u32 / 1000,
        Some(&utc),
    )
}
