//! `PagerDutySink` in Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::NativeSink;
use super::options::{self, connect_timeout_s, http_getters, timeout_s, url};
use crate::alert::sink::{PagerDutyConfig, PagerDutySink};

/// Triggers and resolves incidents of PagerDuty, by its Events API v2.
///
/// The incidents of one kind and model are one incident there (one ``dedup_key``),
/// so that many features at once page once. It is resolved with the last of them;
/// as long as others are open, a resolve is sent as an update that names those.
/// Severities ``critical``, ``error`` and ``warning`` are PagerDuty's own, all below
/// are ``info``. What counts as delivered and as lost: see ``WebhookSink``.
///
/// :param routing_key: the integration key of an Events API v2 integration, a secret.
/// :param url: where events go; ``"https://events.eu.pagerduty.com/v2/enqueue"`` for
///     accounts in Europe.
/// :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
/// :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
/// :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
///     are built in.
/// :param name: in counters and logs; ``"pagerduty"`` by default.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> dl.PagerDutySink("0123456789abcdef0123456789abcdef")
/// PagerDutySink(routing_key='***', url='https://events.pagerduty.com/***')
#[pyclass(name = "PagerDutySink", frozen, extends = NativeSink, module = "driftline")]
pub(crate) struct PyPagerDutySink {
    core: Arc<PagerDutySink>,
}

http_getters!(PyPagerDutySink);

#[pymethods]
impl PyPagerDutySink {
    #[new]
    #[pyo3(signature = (
        routing_key: "str",
        *,
        url: "str" = "https://events.pagerduty.com/v2/enqueue",
        timeout_s: "float" = 5.0,
        connect_timeout_s: "float" = 2.0,
        ca_file: "str | os.PathLike[str] | None" = None,
        name: "str | None" = None
    ))]
    fn new(
        routing_key: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = url)] url: &str,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
        #[pyo3(from_py_with = connect_timeout_s)] connect_timeout_s: f64,
        ca_file: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let config = PagerDutyConfig {
            url: url.to_owned(),
            http: options::http(timeout_s, connect_timeout_s, ca_file, None)?,
            name: options::name(name)?,
        };
        let routing_key = options::secret("routing_key", routing_key)?;
        let core = Arc::new(PagerDutySink::new(routing_key, config)?);
        let sink = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeSink { sink }).add_subclass(Self { core }))
    }

    /// Where it sends to, without the path.
    #[getter]
    fn url(&self) -> &str {
        self.core.endpoint().shown()
    }

    fn __repr__(&self) -> String {
        format!("PagerDutySink(routing_key='***', url='{}')", self.url())
    }
}
