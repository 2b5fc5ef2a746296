//! Kinds as Python strings, and what custom ones are.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::bindings::arguments::{self, string};
use crate::event::{Definition, Kind, MetricType};

/// The names of the standard kinds, as strings that comparisons find identical.
static KIND_NAMES: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();

/// The kind as a Python string.
pub(crate) fn kind_name<'py>(py: Python<'py>, kind: &Kind) -> Bound<'py, PyString> {
    let names = KIND_NAMES.get_or_init(py, || {
        let name = |kind: &Kind| PyString::intern(py, kind.as_str()).unbind();
        Kind::STANDARD.iter().map(name).collect()
    });
    match kind.index().and_then(|index| names.get(index)) {
        Some(name) => name.bind(py).clone(),
        None => PyString::new(py, kind.as_str()),
    }
}

/// What a kind is to exporters: ``{"type", "unit", "description"}``, or None.
#[pyfunction]
#[pyo3(signature = (name: "str") -> "dict[str, str | None] | None")]
pub(crate) fn _kind_definition<'py>(
    py: Python<'py>,
    name: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(definition) = arguments::kind(name)?.definition() else {
        return Ok(None);
    };
    let dict = PyDict::new(py);
    dict.set_item("type", definition.metric_type.as_str())?;
    dict.set_item("unit", definition.unit.as_deref())?;
    dict.set_item("description", definition.description.as_deref())?;
    Ok(Some(dict))
}

/// Defines a custom kind.
#[pyfunction]
#[pyo3(signature = (name: "str", r#type: "str", unit: "str | None", description: "str | None"))]
pub(crate) fn _define_kind<'py>(
    py: Python<'py>,
    name: &Bound<'py, PyAny>,
    r#type: &Bound<'py, PyAny>,
    unit: Option<&Bound<'py, PyAny>>,
    description: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyString>> {
    let kind = arguments::kind(name)?;
    let allowed = "\"gauge\", \"counter\" or \"histogram\"";
    let metric_type = string("type", r#type, allowed)?
        .to_string_lossy()
        .into_owned();
    let definition = Definition {
        metric_type: MetricType::parse(&metric_type)?,
        unit: unit.map(|unit| arguments::text("unit", unit)).transpose()?,
        description: description
            .map(|text| arguments::text("description", text))
            .transpose()?,
    };
    let kind = Kind::define(kind.as_str(), definition)?;
    Ok(kind_name(py, &kind))
}

/// The names of the standard kinds.
#[pyfunction]
pub(crate) fn _standard_kinds() -> Vec<&'static str> {
    Kind::STANDARD.iter().map(Kind::as_str).collect()
}
