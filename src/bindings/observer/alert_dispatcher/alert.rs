//! Alerts and incidents in Python.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyList, PyMappingProxy, PyTuple};

use crate::alert::{Alert, Incident};
use crate::bindings::event::metadata;
use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::severity::{SeverityMember, severity_member};
use crate::bindings::event::timestamp::to_datetime;

/// One message: incidents of one kind and model to which the same has happened.
///
/// Sinks are called with it. ``feature``, ``value`` and ``p_value`` are those of the
/// one incident, and None where there are several.
#[pyclass(name = "Alert", frozen, module = "driftline")]
pub(crate) struct PyAlert {
    alert: Alert,
}

impl PyAlert {
    pub(crate) fn of(alert: Alert) -> Self {
        Self { alert }
    }
}

#[pymethods]
impl PyAlert {
    /// ``"open"``, ``"remind"`` or ``"resolve"``.
    #[getter]
    fn action(&self) -> &'static str {
        self.alert.action.as_str()
    }

    /// What is wrong: the kind of the event that opened the incidents.
    #[getter]
    fn kind(&self) -> &str {
        self.alert.kind.as_str()
    }

    /// The model, or None.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.alert.model.clone().map(PyModelId)
    }

    /// The feature; None where there is none, or several: see ``features``.
    #[getter]
    fn feature(&self) -> Option<String> {
        self.alert.feature().map(|feature| feature.to_string())
    }

    /// The features of its incidents.
    #[getter]
    fn features<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let features = self.alert.incidents.iter();
        let features = features.filter_map(|incident| incident.feature.as_deref());
        PyTuple::new(py, features.collect::<Vec<_>>())
    }

    /// The gravest of its incidents.
    #[getter]
    fn severity<'py>(&self, py: Python<'py>) -> PyResult<SeverityMember<'py>> {
        severity_member(py, self.alert.severity())
    }

    /// How strongly: the value of the last event, or None.
    #[getter]
    fn value(&self) -> Option<f64> {
        self.alert.only()?.value
    }

    /// How sure: the p-value of the last event, or None.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.alert.only()?.p_value
    }

    /// When the first of its incidents began, in event time.
    #[getter]
    fn opened_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let opened = self.alert.opened_at();
        opened.map(|at| to_datetime(py, at)).transpose()
    }

    /// One line for people: what changed, how strongly, how sure, since when, and what
    /// normal is. Of several incidents the first, and how many more there are.
    #[getter]
    fn summary(&self) -> String {
        self.alert.summary()
    }

    /// The same on every attempt, and different for every message and sink.
    #[getter]
    fn delivery_id(&self) -> &str {
        &self.alert.delivery_id
    }

    /// Its incidents, one or more.
    #[getter]
    fn incidents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let incidents = self.alert.incidents.iter();
        PyTuple::new(py, incidents.map(|incident| PyIncident(incident.clone())))
    }

    /// As a dict of JSON's types, incidents included.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let alert = &self.alert;
        dict.set_item("action", alert.action.as_str())?;
        dict.set_item("kind", alert.kind.as_str())?;
        dict.set_item("model", alert.model.as_ref().map(ToString::to_string))?;
        dict.set_item("feature", self.feature())?;
        dict.set_item("severity", alert.severity().as_str())?;
        dict.set_item("value", self.value())?;
        dict.set_item("p_value", self.p_value())?;
        let opened = alert.opened_at();
        dict.set_item("opened_at", opened.map(|at| at.to_string()))?;
        dict.set_item("summary", alert.summary())?;
        dict.set_item("delivery_id", &*alert.delivery_id)?;
        let incidents = PyList::empty(py);
        for incident in &alert.incidents {
            incidents.append(PyIncident(incident.clone()).to_dict(py)?)?;
        }
        dict.set_item("incidents", incidents)?;
        Ok(dict)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let text = |text: &str| quoted(py, text);
        let mut parts = vec![
            format!("action='{}'", self.action()),
            format!("kind={}", text(self.kind())?),
        ];
        if let Some(model) = &self.alert.model {
            parts.push(format!("model={}", text(&model.to_string())?));
        }
        match self.alert.only() {
            Some(incident) => {
                if let Some(feature) = &incident.feature {
                    parts.push(format!("feature={}", text(feature)?));
                }
                if let Some(value) = incident.value {
                    parts.push(format!("value={value}"));
                }
            }
            None => parts.push(format!("incidents={}", self.alert.incidents.len())),
        }
        Ok(format!("Alert({})", parts.join(", ")))
    }
}

/// One kind of trouble of one model and feature, as it stood when it was told.
#[pyclass(name = "Incident", frozen, module = "driftline")]
pub(crate) struct PyIncident(pub(crate) Incident);

#[pymethods]
impl PyIncident {
    /// The same in all alerts of the incident.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// The feature, or None.
    #[getter]
    fn feature(&self) -> Option<&str> {
        self.0.feature.as_deref()
    }

    /// The gravest so far.
    #[getter]
    fn severity<'py>(&self, py: Python<'py>) -> PyResult<SeverityMember<'py>> {
        severity_member(py, self.0.severity)
    }

    /// How strongly: the value of the last event, or None.
    #[getter]
    fn value(&self) -> Option<f64> {
        self.0.value
    }

    /// How sure: the p-value of the last event, or None.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.0.p_value
    }

    /// When it began, in event time.
    #[getter]
    fn opened_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.0.opened_at)
    }

    /// When the last event came, in event time.
    #[getter]
    fn updated_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.0.updated_at)
    }

    /// Events of it so far, those that were not told included.
    #[getter]
    fn n_events(&self) -> u64 {
        self.0.n_events
    }

    /// The observer that found it, or None.
    #[getter]
    fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// Metadata of the last event: what normal is, among others.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let dict = match &self.0.metadata {
            Some(map) => metadata::to_dict(py, map)?,
            None => PyDict::new(py),
        };
        Ok(PyMappingProxy::new(py, dict.as_mapping()))
    }

    /// One line for people.
    #[getter]
    fn summary(&self) -> &str {
        &self.0.summary
    }

    /// As a dict of JSON's types.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let incident = &self.0;
        dict.set_item("id", &*incident.id)?;
        dict.set_item("feature", incident.feature.as_deref())?;
        dict.set_item("severity", incident.severity.as_str())?;
        dict.set_item("value", incident.value)?;
        dict.set_item("p_value", incident.p_value)?;
        dict.set_item("opened_at", incident.opened_at.to_string())?;
        dict.set_item("updated_at", incident.updated_at.to_string())?;
        dict.set_item("n_events", incident.n_events)?;
        dict.set_item("source", incident.source.as_deref())?;
        let metadata = match &incident.metadata {
            Some(map) => metadata::to_dict(py, map)?,
            None => PyDict::new(py),
        };
        dict.set_item("metadata", metadata)?;
        dict.set_item("summary", &incident.summary)?;
        Ok(dict)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Incident({})", quoted(py, &self.0.summary)?))
    }
}
