//! `Event` in Python.

pub(crate) mod kind;
pub(crate) mod metadata;
pub(crate) mod model;
pub(crate) mod severity;
pub(crate) mod timestamp;

use std::cell::UnsafeCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyFloat, PyMappingProxy, PyString, PyTuple, PyType};

use crate::bindings::arguments::event_fields::Details;
use crate::bindings::arguments::{self, string};
use crate::bindings::event::kind::kind_name;
use crate::bindings::event::metadata::to_dict;
use crate::bindings::event::model::{PyModelId, model_dict, quoted};
use crate::bindings::event::severity::{SeverityMember, severity_member};
use crate::bindings::event::timestamp::to_datetime;
use crate::error::Error;
use crate::event::Event;

/// One thing that happened; immutable.
///
/// :param kind: what happened: a constant of :class:`Kind`, or any other text.
/// :param value: the number that goes with it, or None.
/// :param p_value: how sure, 0 to 1, or None.
/// :param model: a :class:`ModelId`, text such as ``"fraud:1.2.0"``, or None.
/// :param feature: which column, or None.
/// :param id: a prediction id (text or an integer), or None.
/// :param severity: a :class:`Severity`, its name or its number; by default what
///     the kind has.
/// :param timestamp: a datetime with a timezone, a datetime64 (read as UTC) or
///     RFC 3339 text; now by default. Kept to the nanosecond.
/// :param source: the observer that derived the event, or None.
/// :param metadata: a mapping from text to JSON-like values (None, bool, int
///     from -2**63 to 2**64-1, float, str, lists and mappings of them).
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// Two events are equal when every field is; a NaN equals a NaN here.
///
/// >>> import driftline as dl
/// >>> event = dl.Event("accuracy", 0.91, model="fraud:1.2.0")
/// >>> event.model.version
/// '1.2.0'
/// >>> dl.Event.from_json(event.to_json()) == event
/// True
#[pyclass(name = "Event", frozen, module = "driftline")]
pub(crate) struct PyEvent(UnsafeCell<Event>);

// SAFETY: the event is only ever written through `PyEvent::event_mut`, and only while
// nobody but the writing thread can reach the object; all else reads. It lets an
// emission reuse the object of the last one; `event_mut` says what that saves.
unsafe impl Sync for PyEvent {}

impl PyEvent {
    pub(crate) fn of(event: Event) -> Self {
        Self(UnsafeCell::new(event))
    }

    /// The event.
    #[inline]
    pub(crate) fn event(&self) -> &Event {
        // SAFETY: no reference to the event outlives a hold on the object, and
        // `event_mut` writes only when nobody else has one. Every read needs this
        // where the event may be written at all; the reason stands there.
        unsafe { &*self.0.get() }
    }

    /// The event for writing when nobody else holds the object. Never on
    /// free-threaded builds, where a count of one is no proof.
    #[inline]
    pub(crate) fn event_mut<'a>(object: &'a mut Bound<'_, Self>) -> Option<&'a mut Event> {
        if !is_unique(object) {
            return None;
        }
        // SAFETY: the count says that `object` is the only hold on this object,
        // the interpreter lock that no other thread is about to make another, and
        // the exclusive borrow of `object` that no reference to the event came
        // from it. Measured on 3.11 with one callback: an emission whose event
        // nobody keeps takes 46 ns less than one that needs a fresh object.
        Some(unsafe { &mut *object.get().0.get() })
    }
}

/// Whether this is the only hold on the object.
#[inline]
pub(crate) fn is_unique(object: &Bound<'_, PyEvent>) -> bool {
    // SAFETY: the pointer is that of a live object and this thread is attached,
    // as `object` proves. Without it no event could be reused: see `event_mut`.
    SERIAL && unsafe { ffi::Py_REFCNT(object.as_ptr()) } == 1
}

/// Whether an interpreter lock lets one thread at a time touch Python objects:
/// objects of free-threaded builds are larger, as they carry their owner.
pub(crate) const SERIAL: bool = size_of::<ffi::PyObject>() == 2 * size_of::<usize>();

#[pymethods]
impl PyEvent {
    #[new]
    #[pyo3(signature = (
        kind: "str",
        value: "float | None" = None,
        *,
        p_value: "float | None" = None,
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        feature: "str | None" = None,
        id: "str | int | None" = None,
        severity: "Severity | str | int | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        source: "str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        p_value: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
        id: Option<&Bound<'_, PyAny>>,
        severity: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        metadata: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let kind = arguments::kind(kind)?;
        let value = value
            .map(|value| arguments::number("value", value))
            .transpose()?;
        let mut event = Event::new(kind, value);
        let details = Details {
            p_value,
            model,
            feature,
            id,
            severity,
            timestamp,
            source,
            metadata,
        };
        details.apply(&mut event)?;
        Ok(Self::of(event))
    }

    /// What happened.
    #[getter]
    fn kind<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        kind_name(py, &self.event().kind)
    }

    /// The number that goes with it, or None.
    #[getter]
    fn value(&self) -> Option<f64> {
        self.event().value
    }

    /// How sure, 0 to 1, or None.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.event().p_value
    }

    /// Which model, or None.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.event().model.clone().map(PyModelId)
    }

    /// Which column, or None.
    #[getter]
    fn feature(&self) -> Option<&str> {
        self.event().feature.as_deref()
    }

    /// Which prediction, or None.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.event().id.as_deref()
    }

    /// How grave.
    #[getter]
    fn severity<'py>(&self, py: Python<'py>) -> PyResult<SeverityMember<'py>> {
        severity_member(py, self.event().severity)
    }

    /// When, in UTC; what is below a microsecond is cut off, see
    /// :attr:`timestamp_ns`.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.event().timestamp)
    }

    /// When, in nanoseconds since 1970-01-01T00:00:00Z.
    #[getter]
    fn timestamp_ns(&self) -> i64 {
        self.event().timestamp.as_nanos()
    }

    /// The observer that derived the event, or None.
    #[getter]
    fn source(&self) -> Option<&str> {
        self.event().source.as_deref()
    }

    /// Whatever else is known: a read-only mapping.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let dict = match &self.event().metadata {
            Some(map) => to_dict(py, map)?,
            None => PyDict::new(py),
        };
        Ok(PyMappingProxy::new(py, dict.as_mapping()))
    }

    /// The event as a dict of plain values: what :meth:`to_json` writes, with
    /// NaN and infinite floats as they are. ``Event(**event.to_dict())`` equals
    /// the event.
    ///
    /// >>> import driftline as dl
    /// >>> event = dl.Event("f1", 0.8, feature="age")
    /// >>> dl.Event(**event.to_dict()) == event
    /// True
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let event = self.event();
        let dict = PyDict::new(py);
        dict.set_item("kind", kind_name(py, &event.kind))?;
        dict.set_item("value", event.value)?;
        dict.set_item("p_value", event.p_value)?;
        let model = event
            .model
            .as_ref()
            .map(|model| model_dict(py, model))
            .transpose()?;
        dict.set_item("model", model)?;
        dict.set_item("feature", event.feature.as_deref())?;
        dict.set_item("id", event.id.as_deref())?;
        dict.set_item("severity", event.severity.as_str())?;
        dict.set_item("timestamp", event.timestamp.to_string())?;
        dict.set_item("source", event.source.as_deref())?;
        let metadata = event
            .metadata
            .as_ref()
            .map(|map| to_dict(py, map))
            .transpose()?;
        dict.set_item("metadata", metadata.unwrap_or_else(|| PyDict::new(py)))?;
        Ok(dict)
    }

    /// The event as one line of strict JSON; nothing is lost.
    ///
    /// NaN and infinite values are written as the strings ``"NaN"``,
    /// ``"Infinity"`` and ``"-Infinity"``; within metadata, where a string is a
    /// string, as ``{"$float": "NaN"}``, and a key that begins with ``$`` gets
    /// one more ``$``. The timestamp is RFC 3339 with nine decimals.
    ///
    /// >>> import driftline as dl
    /// >>> dl.Event("f1", float("nan"), timestamp="2013-07-01T05:00:00Z").to_json()[:29]
    /// '{"kind":"f1","value":"NaN","p'
    fn to_json(&self) -> String {
        self.event().to_json()
    }

    /// Reads what :meth:`to_json` writes.
    ///
    /// :raises InvalidValueError: text that is not such an event, with the place.
    /// :raises InvalidTypeError: no text.
    #[classmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(_class: &Bound<'_, PyType>, text: &Bound<'_, PyAny>) -> PyResult<Self> {
        const ALLOWED: &str = "a str as Event.to_json() writes it";
        let text = string("text", text, ALLOWED)?;
        let text = text.to_str().map_err(|_| {
            PyErr::from(Error::invalid_value(
                "text",
                "text with lone surrogates",
                ALLOWED,
            ))
        })?;
        Ok(Self::of(Event::from_json(text)?))
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        ("kind", "value")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().event() == self.event())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.event().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let event = self.event();
        let mut out = format!("Event({}", quoted(py, event.kind.as_str())?);
        let float = |value: f64| -> PyResult<String> {
            Ok(PyFloat::new(py, value)
                .repr()?
                .to_string_lossy()
                .into_owned())
        };
        if let Some(value) = event.value {
            out += &format!(", {}", float(value)?);
        }
        if let Some(p_value) = event.p_value {
            out += &format!(", p_value={}", float(p_value)?);
        }
        let texts = [
            ("model", event.model.as_ref().map(|model| model.to_string())),
            (
                "feature",
                event.feature.as_ref().map(|text| text.to_string()),
            ),
            ("id", event.id.as_ref().map(|text| text.to_string())),
            ("severity", Some(event.severity.as_str().to_owned())),
            ("timestamp", Some(event.timestamp.to_string())),
            ("source", event.source.as_ref().map(|text| text.to_string())),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                out += &format!(", {name}={}", quoted(py, &text)?);
            }
        }
        if let Some(map) = &event.metadata {
            out += &format!(", metadata={}", to_dict(py, map)?.repr()?.to_string_lossy());
        }
        Ok(out + ")")
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let restore = py.get_type::<Self>().getattr("from_json")?;
        Ok((restore, PyTuple::new(py, [slf.get().event().to_json()])?))
    }
}
