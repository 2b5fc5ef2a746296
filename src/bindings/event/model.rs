//! `ModelId` in Python.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict};

use crate::bindings::arguments::{string, text};
use crate::bindings::event::timestamp::{timestamp, to_datetime};
use crate::event::ModelId;

/// A model: its name, and its version when one is known.
///
/// Two are equal when name and version are; when the version was deployed does
/// not count. Wherever a model is asked for, text in the form of
/// :meth:`parse` does as well.
///
/// :param name: any text that is not empty, taken as it is.
/// :param version: text that is not empty, or None.
/// :param deployed_at: when this version went into service: a datetime with a
///     timezone, a datetime64, or None.
/// :raises InvalidValueError: an empty name or version, a time without timezone.
/// :raises InvalidTypeError: an argument of another type.
///
/// >>> import driftline as dl
/// >>> dl.ModelId("fraud", "1.2.0") == dl.ModelId.parse("fraud:1.2.0")
/// True
#[pyclass(name = "ModelId", frozen, module = "driftline")]
pub(crate) struct PyModelId(pub(crate) ModelId);

#[pymethods]
impl PyModelId {
    #[new]
    #[pyo3(signature = (name: "str", version: "str | None" = None, *, deployed_at: "datetime.datetime | str | None" = None))]
    fn new(
        name: &Bound<'_, PyAny>,
        version: Option<&Bound<'_, PyAny>>,
        deployed_at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let name = text("name", name)?;
        let version = version
            .map(|version| text("version", version))
            .transpose()?;
        let deployed_at = deployed_at
            .map(|time| timestamp("deployed_at", time))
            .transpose()?;
        Ok(Self(ModelId::new(&name, version.as_deref(), deployed_at)?))
    }

    /// From text: ``name`` or ``name:version``, split at the last colon whose
    /// right side has no slash; MLflow's ``models:/name/version`` is understood.
    ///
    /// >>> import driftline as dl
    /// >>> dl.ModelId.parse("host:5000/fraud:1")
    /// ModelId('host:5000/fraud', '1')
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn parse(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = string("text", text, "a str such as \"fraud:1.2.0\"")?;
        Ok(Self(ModelId::parse(&text.to_string_lossy())?))
    }

    /// The model's name.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// The model's version, or None.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.version()
    }

    /// When this version went into service (UTC), or None.
    #[getter]
    fn deployed_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.0
            .deployed_at()
            .map(|time| to_datetime(py, time))
            .transpose()
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        ("name", "version")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut out = format!("ModelId({}", quoted(py, self.0.name())?);
        if let Some(version) = self.0.version() {
            out += &format!(", {}", quoted(py, version)?);
        }
        if let Some(time) = self.0.deployed_at() {
            out += &format!(", deployed_at='{time}'");
        }
        Ok(out + ")")
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyDict>,))> {
        let py = slf.py();
        let restore = py
            .import("driftline")?
            .getattr("_driftline")?
            .getattr("_restore_model")?;
        Ok((restore, (model_dict(py, &slf.get().0)?,)))
    }
}

/// A model as a dict of plain values.
pub(crate) fn model_dict<'py>(py: Python<'py>, model: &ModelId) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", model.name())?;
    dict.set_item("version", model.version())?;
    dict.set_item(
        "deployed_at",
        model.deployed_at().map(|time| time.to_string()),
    )?;
    Ok(dict)
}

/// Unpickles a model.
#[pyfunction]
#[pyo3(signature = (fields: "dict[str, str | None]"))]
pub(crate) fn _restore_model(fields: &Bound<'_, PyAny>) -> PyResult<PyModelId> {
    crate::bindings::arguments::model(fields).map(PyModelId)
}

/// Text as Python would write it.
pub(crate) fn quoted(py: Python<'_>, text: &str) -> PyResult<String> {
    let repr = pyo3::types::PyString::new(py, text).repr()?;
    Ok(repr.to_string_lossy().into_owned())
}
