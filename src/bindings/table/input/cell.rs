//! One Python object in a column: what it is and what it is worth.

use std::borrow::Cow;

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyFloat, PyInt, PyString,
    PyTime, PyTimeAccess, PyType, PyTzInfoAccess,
};

use super::times::day_of;

pub(crate) const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// One row of a column of objects.
pub(crate) enum Cell<'a, 'py> {
    /// None, NaN, NaT, NA, or masked.
    Missing,
    Bool(bool),
    Int(i64),
    /// A number, and what Python calls its type.
    Float(f64, &'static str),
    Text(Cow<'a, str>),
    /// Microseconds since 1970: of the clock on the wall, or in UTC where there is a zone.
    Instant(i64, Option<Bound<'py, PyAny>>),
    /// Days since 1970.
    Date(i32),
    /// Microseconds.
    Length(i64),
    /// Microseconds since midnight.
    Clock(i64),
    /// No value of a kind that can be compared; the name of its type.
    Foreign(String),
    /// A value that cannot be had, and why.
    Unusable(String),
}

/// What an object is. Nothing that the object itself defines is called, except what a
/// Decimal, a NumPy scalar and a time zone need; what they raise makes it unusable.
///
/// # Errors
/// What is raised and no `Exception`.
pub(crate) fn cell<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<Cell<'a, 'py>> {
    read(object).or_else(|error| {
        let py = object.py();
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        let reason = format!("a cell of type {} that raises {error}", type_name(object));
        Ok(Cell::Unusable(reason))
    })
}

fn read<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<Cell<'a, 'py>> {
    // Classes that a flag or an address tells come first.
    if let Ok(float) = object.cast_exact::<PyFloat>() {
        return Ok(number(float.value(), "float"));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Cell::Text(text.to_string_lossy()));
    }
    if let Ok(flag) = object.cast::<PyBool>() {
        return Ok(Cell::Bool(flag.is_true()));
    }
    if let Ok(int) = object.cast::<PyInt>() {
        return Ok(whole(int));
    }
    if object.is_none() {
        return Ok(Cell::Missing);
    }
    if let Ok(float) = object.cast::<PyFloat>() {
        return Ok(number(float.value(), "float"));
    }
    let name = type_name(object);
    // NaT of pandas says that it is a datetime, and what NumPy masks that it is an array.
    if ["NAType", "NaTType", "MaskedConstant"].contains(&name.as_str()) {
        return Ok(Cell::Missing);
    }
    if let Ok(time) = object.cast::<PyDateTime>() {
        return instant(time);
    }
    if let Ok(date) = object.cast::<PyDate>() {
        let day = day_of(date.get_year(), date.get_month(), date.get_day());
        return Ok(Cell::Date(day));
    }
    if let Ok(length) = object.cast::<PyDelta>() {
        return Ok(Cell::Length(microseconds(length)));
    }
    if let Ok(time) = object.cast::<PyTime>() {
        return Ok(Cell::Clock(since_midnight(time)));
    }
    let py = object.py();
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if object.is_instance(DECIMAL.import(py, "decimal", "Decimal")?)? {
        if object.call_method0(intern!(py, "is_nan"))?.is_truthy()? {
            return Ok(Cell::Missing); // a signaling one has no float
        }
        return Ok(number(object.extract()?, "Decimal"));
    }
    static GENERIC: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if object.is_instance(GENERIC.import(py, "numpy", "generic")?)? {
        return scalar(object, name);
    }
    Ok(Cell::Foreign(name))
}

fn number<'a, 'py>(value: f64, name: &'static str) -> Cell<'a, 'py> {
    if value.is_nan() {
        Cell::Missing
    } else {
        Cell::Float(value, name)
    }
}

fn whole<'a, 'py>(int: &Bound<'py, PyInt>) -> Cell<'a, 'py> {
    if let Ok(int) = int.extract::<i64>() {
        return Cell::Int(int);
    }
    match int.extract::<f64>() {
        Ok(value) => Cell::Float(value, "int"),
        Err(_) => Cell::Unusable("an integer beyond the range of float64".to_owned()),
    }
}

/// A scalar of NumPy's.
fn scalar<'a, 'py>(object: &'a Bound<'py, PyAny>, name: String) -> PyResult<Cell<'a, 'py>> {
    let py = object.py();
    let kind = object.getattr(intern!(py, "dtype"))?;
    let kind: char = kind.getattr(intern!(py, "kind"))?.extract()?;
    let item = match kind {
        'b' | 'i' | 'u' => object.call_method0(intern!(py, "item"))?,
        'f' => return Ok(number(object.extract()?, "float")),
        // In microseconds they are datetimes and timedeltas of Python, or None.
        'M' | 'm' => {
            let unit = match kind {
                'M' => "datetime64[us]",
                _ => "timedelta64[us]",
            };
            let time = object.call_method1(intern!(py, "astype"), (unit,))?;
            time.call_method0(intern!(py, "item"))?
        }
        _ => return Ok(Cell::Foreign(name)),
    };
    Ok(match read(&item)? {
        Cell::Missing => Cell::Missing,
        Cell::Bool(flag) => Cell::Bool(flag),
        Cell::Int(int) if matches!(kind, 'i' | 'u') => Cell::Int(int),
        Cell::Float(value, name) => Cell::Float(value, name),
        Cell::Instant(time, None) => Cell::Instant(time, None),
        Cell::Length(length) => Cell::Length(length),
        _ => Cell::Unusable(format!("a {name} that is out of range")),
    })
}

fn instant<'a, 'py>(time: &Bound<'py, PyDateTime>) -> PyResult<Cell<'a, 'py>> {
    let day = day_of(time.get_year(), time.get_month(), time.get_day());
    let of_day = since_midnight(time);
    let wall = i64::from(day) * MICROSECONDS_A_DAY + of_day;
    let Some(zone) = time.get_tzinfo() else {
        return Ok(Cell::Instant(wall, None));
    };
    let offset = time.call_method0(intern!(time.py(), "utcoffset"))?;
    if offset.is_none() {
        return Ok(Cell::Instant(wall, None));
    }
    let utc = wall - microseconds(offset.cast::<PyDelta>()?);
    Ok(Cell::Instant(utc, Some(zone.into_any())))
}

fn since_midnight(time: &impl PyTimeAccess) -> i64 {
    let minutes = i64::from(time.get_hour()) * 60 + i64::from(time.get_minute());
    let seconds = minutes * 60 + i64::from(time.get_second());
    seconds * 1_000_000 + i64::from(time.get_microsecond())
}

fn microseconds(length: &Bound<'_, PyDelta>) -> i64 {
    let seconds = i64::from(length.get_days()) * 86_400 + i64::from(length.get_seconds());
    seconds * 1_000_000 + i64::from(length.get_microseconds())
}

/// The name of an object's class.
pub(super) fn type_name(object: &Bound<'_, PyAny>) -> String {
    let name = object.get_type().name();
    name.map_or_else(
        |_| "?".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
