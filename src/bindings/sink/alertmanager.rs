//! `AlertmanagerSink` in Python.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;

use super::NativeSink;
use super::options::{self, connect_timeout_s, http_getters, resend_s, timeout_s, url};
use crate::alert::sink::{AlertmanagerConfig, AlertmanagerSink};
use crate::bindings::arguments::seconds;

/// Tells Prometheus Alertmanager of incidents for as long as they are open, by its
/// API v2.
///
/// Every incident is an alert of its own, for grouping, repeating and silencing are
/// Alertmanager's work. Its labels are ``alertname`` (the kind), ``model``,
/// ``model_version``, ``feature``, ``severity`` and those given; its annotations
/// ``summary``, ``value``, ``p_value``, ``n_events``, ``updated_at`` and ``source``.
/// What fires is sent again every ``resend_s``, and ends by itself four times as long
/// after the last word of it (a process that died); a resolved one ends at once. What
/// counts as delivered and as lost: see ``WebhookSink``.
///
/// :param url: Alertmanager's own, such as ``"http://localhost:9093"``.
/// :param labels: further labels of every alert.
/// :param resend_s: seconds from 1 to 86,400.
/// :param headers: further headers; their values are secrets.
/// :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
/// :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
/// :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
///     are built in.
/// :param name: in counters and logs; ``"alertmanager"`` by default.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range, a label that is ours.
///
/// >>> import driftline as dl
/// >>> dl.AlertmanagerSink("http://localhost:9093", labels={"team": "risk"})
/// AlertmanagerSink(url='http://localhost:9093/', labels={'team': 'risk'}, resend_s=60.0)
#[pyclass(name = "AlertmanagerSink", frozen, extends = NativeSink, module = "driftline")]
pub(crate) struct PyAlertmanagerSink {
    core: Arc<AlertmanagerSink>,
}

http_getters!(PyAlertmanagerSink);

#[pymethods]
impl PyAlertmanagerSink {
    #[new]
    #[pyo3(signature = (
        url: "str",
        *,
        labels: "collections.abc.Mapping[str, str] | None" = None,
        resend_s: "float" = 60.0,
        headers: "collections.abc.Mapping[str, str] | None" = None,
        timeout_s: "float" = 5.0,
        connect_timeout_s: "float" = 2.0,
        ca_file: "str | os.PathLike[str] | None" = None,
        name: "str | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        #[pyo3(from_py_with = url)] url: &str,
        labels: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = resend_s)] resend_s: f64,
        headers: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
        #[pyo3(from_py_with = connect_timeout_s)] connect_timeout_s: f64,
        ca_file: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let config = AlertmanagerConfig {
            labels: labels.map(options::labels).transpose()?.unwrap_or_default(),
            resend: seconds(resend_s),
            http: options::http(timeout_s, connect_timeout_s, ca_file, headers)?,
            name: options::name(name)?,
        };
        let core = Arc::new(AlertmanagerSink::new(url, config)?);
        let sink = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeSink { sink }).add_subclass(Self { core }))
    }

    /// Where it sends to; a path is not shown.
    #[getter]
    fn url(&self) -> &str {
        self.core.shown()
    }

    /// The labels that were given.
    #[getter]
    fn labels(&self) -> BTreeMap<&str, &str> {
        self.core.labels().collect()
    }

    /// Seconds from one word of what fires to the next.
    #[getter]
    fn resend_s(&self) -> f64 {
        self.core.resend().as_secs_f64()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let labels = self.labels().into_pyobject(py)?.repr()?.to_string();
        let resend = self.resend_s();
        Ok(format!(
            "AlertmanagerSink(url='{}', labels={labels}, resend_s={resend:?})",
            self.url()
        ))
    }
}
