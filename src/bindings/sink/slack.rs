//! `SlackSink` in Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::NativeSink;
use super::options::{self, connect_timeout_s, http_getters, timeout_s, url};
use crate::alert::sink::{SlackConfig, SlackSink};

/// Sends every alert to an incoming webhook of Slack.
///
/// A message shows the first 20 incidents and says how many more there are. What
/// comes from events is escaped, so that it can neither mention people nor link.
/// What counts as delivered and as lost: see ``WebhookSink``.
///
/// :param url: the webhook's URL, which is a secret.
/// :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
/// :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
/// :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
///     are built in.
/// :param name: in counters and logs; ``"slack"`` by default.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> dl.SlackSink("https://hooks.slack.com/services/T0/B0/XYZ")
/// SlackSink(url='https://hooks.slack.com/***')
#[pyclass(name = "SlackSink", frozen, extends = NativeSink, module = "driftline")]
pub(crate) struct PySlackSink {
    core: Arc<SlackSink>,
}

http_getters!(PySlackSink);

#[pymethods]
impl PySlackSink {
    #[new]
    #[pyo3(signature = (
        url: "str",
        *,
        timeout_s: "float" = 5.0,
        connect_timeout_s: "float" = 2.0,
        ca_file: "str | os.PathLike[str] | None" = None,
        name: "str | None" = None
    ))]
    fn new(
        #[pyo3(from_py_with = url)] url: &str,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
        #[pyo3(from_py_with = connect_timeout_s)] connect_timeout_s: f64,
        ca_file: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let config = SlackConfig {
            http: options::http(timeout_s, connect_timeout_s, ca_file, None)?,
            name: options::name(name)?,
        };
        let core = Arc::new(SlackSink::new(url, config)?);
        let sink = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeSink { sink }).add_subclass(Self { core }))
    }

    /// Where it sends to, without the path.
    #[getter]
    fn url(&self) -> &str {
        self.core.endpoint().shown()
    }

    fn __repr__(&self) -> String {
        format!("SlackSink(url='{}')", self.url())
    }
}
