//! Native schedulers in Python.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::bindings::sink::options::{self, connect_timeout_s, http_getters, timeout_s, url};
use crate::observer::{Scheduler, WebhookScheduler};

/// A scheduler that runs without any Python call; give it to a ``RetrainingTrigger``.
///
/// The base of ``driftline.retraining.Webhook``; not made by itself.
#[pyclass(frozen, subclass, module = "driftline.retraining")]
pub(crate) struct NativeScheduler {
    /// What the trigger calls.
    pub(crate) scheduler: Arc<dyn Scheduler>,
}

#[pymethods]
impl NativeScheduler {
    /// The name in messages.
    #[getter]
    fn name(&self) -> String {
        self.scheduler.name().to_string()
    }

    #[pyo3(signature = (_protocol: "typing.SupportsIndex", /) -> "typing.NoReturn")]
    fn __reduce_ex__(slf: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        let name = slf.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "{name} cannot be pickled or copied: it holds secrets; make a new one"
        )))
    }
}

/// Starts a training by a request: POSTs every run as JSON, signed.
///
/// The body has ``version`` (1), ``delivery_id``, ``action`` (``"retrain"``), ``model``
/// (``name`` and ``version``) and ``event``, as ``Event.to_json`` writes it. The headers
/// ``Driftline-Delivery`` (the same on every attempt), ``Driftline-Timestamp`` and, with a
/// secret, ``Driftline-Signature`` are those of ``WebhookSink``;
/// ``driftline.verify_signature`` checks them. Any status from 200 to 299 means that the
/// training will be started. Time-outs, broken connections, 429 and all from 500 are tried
/// again; after any other answer the run is over, as having failed.
///
/// :param url: ``http://`` or ``https://``, without user name and password. Its path
///     counts as a secret and is not shown.
/// :param secret: what requests are signed with; None: they are not.
/// :param headers: further headers, such as ``Authorization``; their values are secrets.
/// :param timeout_s: seconds for an attempt in all, above 0, at most 3600.
/// :param connect_timeout_s: seconds for name, connection and TLS, of the same range.
/// :param ca_file: certificates (PEM) to trust in place of Mozilla's roots, which
///     are built in.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> from driftline.retraining import Webhook
/// >>> Webhook("https://ci.example.org/trigger/4711", secret="a long random text")
/// Webhook(url='https://ci.example.org/***', secret='***')
#[pyclass(name = "Webhook", frozen, extends = NativeScheduler, module = "driftline.retraining")]
pub(crate) struct PyWebhook {
    core: Arc<WebhookScheduler>,
}

http_getters!(PyWebhook);

#[pymethods]
impl PyWebhook {
    #[new]
    #[pyo3(signature = (
        url: "str",
        *,
        secret: "str | None" = None,
        headers: "collections.abc.Mapping[str, str] | None" = None,
        timeout_s: "float" = 5.0,
        connect_timeout_s: "float" = 2.0,
        ca_file: "str | os.PathLike[str] | None" = None
    ))]
    fn new(
        #[pyo3(from_py_with = url)] url: &str,
        secret: Option<&Bound<'_, PyAny>>,
        headers: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
        #[pyo3(from_py_with = connect_timeout_s)] connect_timeout_s: f64,
        ca_file: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let secret = secret
            .map(|value| options::secret("secret", value))
            .transpose()?;
        let http = options::http(timeout_s, connect_timeout_s, ca_file, headers)?;
        let core = Arc::new(WebhookScheduler::new(url, secret, http)?);
        let scheduler = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeScheduler { scheduler }).add_subclass(Self { core }))
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
        format!("Webhook(url='{}'{secret})", self.url())
    }
}
