//! `WebhookSink` in Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::NativeSink;
use super::options::{self, connect_timeout_s, http_getters, timeout_s, url};
use crate::alert::sink::{WebhookConfig, WebhookSink};

/// POSTs every alert as JSON to a receiver of your own, signed.
///
/// The body has ``version`` (1), ``delivery_id``, ``action`` (``"open"``,
/// ``"remind"``, ``"resolve"``), ``kind``, ``model`` (``name``, ``version``,
/// ``deployed_at``, or null), ``feature``, ``value`` and ``p_value`` (null when there
/// are several incidents), ``severity``, ``opened_at``, ``summary`` and ``incidents``:
/// each with ``id``, ``feature``, ``severity``, ``value``, ``p_value``, ``opened_at``,
/// ``updated_at``, ``n_events``, ``source``, ``summary`` and ``metadata``. Times are
/// RFC 3339 in UTC; NaN and infinities are the strings ``"NaN"``, ``"Infinity"``
/// and ``"-Infinity"``.
///
/// Every request has the headers ``Driftline-Delivery`` (the same on every attempt:
/// when an answer was lost, an alert comes again, and this tells), and
/// ``Driftline-Timestamp`` (Unix seconds of the attempt); with a secret also
/// ``Driftline-Signature``: ``v1=`` and, in hexadecimal, the HMAC-SHA256 of
/// timestamp, delivery and body, joined by dots. ``verify_signature`` checks it.
///
/// Any status from 200 to 299 is a delivery. Time-outs, broken connections, 429 and
/// all from 500 are tried again by the dispatcher, anything else is lost: redirects
/// are not followed. Proxies are taken from the environment (``HTTPS_PROXY``,
/// ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).
///
/// :param url: ``http://`` or ``https://``, without user name and password. Its path
///     counts as a secret and is not shown.
/// :param secret: what requests are signed with; None: they are not.
/// :param headers: further headers; their values are secrets.
/// :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
/// :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
/// :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
///     are built in.
/// :param name: in counters and logs; ``"webhook"`` by default.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> dl.WebhookSink("https://example.org/alerts/4711", secret="a long random text")
/// WebhookSink(url='https://example.org/***', secret='***')
#[pyclass(name = "WebhookSink", frozen, extends = NativeSink, module = "driftline")]
pub(crate) struct PyWebhookSink {
    core: Arc<WebhookSink>,
}

http_getters!(PyWebhookSink);

#[pymethods]
impl PyWebhookSink {
    #[new]
    #[pyo3(signature = (
        url: "str",
        *,
        secret: "str | None" = None,
        headers: "collections.abc.Mapping[str, str] | None" = None,
        timeout_s: "float" = 5.0,
        connect_timeout_s: "float" = 2.0,
        ca_file: "str | os.PathLike[str] | None" = None,
        name: "str | None" = None
    ))]
    fn new(
        #[pyo3(from_py_with = url)] url: &str,
        secret: Option<&Bound<'_, PyAny>>,
        headers: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
        #[pyo3(from_py_with = connect_timeout_s)] connect_timeout_s: f64,
        ca_file: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let config = WebhookConfig {
            secret: secret
                .map(|value| options::secret("secret", value))
                .transpose()?,
            http: options::http(timeout_s, connect_timeout_s, ca_file, headers)?,
            name: options::name(name)?,
        };
        let core = Arc::new(WebhookSink::new(url, config)?);
        let sink = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeSink { sink }).add_subclass(Self { core }))
    }

    /// Where it sends to, without the path.
    #[getter]
    fn url(&self) -> &str {
        self.core.endpoint().shown()
    }

    /// Whether requests are signed.
    #[getter]
    fn signed(&self) -> bool {
        self.core.is_signed()
    }

    fn __repr__(&self) -> String {
        let secret = if self.core.is_signed() {
            ", secret='***'"
        } else {
            ""
        };
        format!("WebhookSink(url='{}'{secret})", self.url())
    }
}
