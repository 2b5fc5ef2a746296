//! `MetricsCollector` in Python.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, Given, string, wrong_type};
use crate::bindings::event::PyEvent;
use crate::bindings::observer::{NativeObserver, detached};
use crate::export::{self, Family, Format, Number, Point};
use crate::observer::{MetricsCollector, MetricsConfig};

/// The module with what is written in Python.
const METRICS: &str = "driftline.metrics";

/// What is not given (the signature in Python shows the value).
const DEFAULT_BUCKETS: Given<Vec<f64>> = None;

fn buckets_ms(value: &Bound<'_, PyAny>) -> PyResult<Given<Vec<f64>>> {
    Ok(Some(vector("buckets_ms", value)?.to_vec()))
}

fn native_histogram(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    arguments::flag("native_histogram", value)
}

/// The name of a format that is text.
fn format(value: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let text = string("format", value, "\"text\" or \"openmetrics\"")?;
    match Format::parse(&text.to_string_lossy())? {
        Format::OpenMetrics => Ok("openmetrics"),
        _ => Ok("text"),
    }
}

fn port(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    arguments::whole("port", value, 0..=65_535)
}

fn host<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    const ALLOWED: &str = "a str such as \"127.0.0.1\"";
    match value.cast::<PyString>() {
        Ok(text) => text
            .to_str()
            .map_err(|_| arguments::wrong_type("host", value, ALLOWED)),
        Err(_) => Err(arguments::wrong_type("host", value, ALLOWED)),
    }
}

/// Counts events and keeps values for a scraper: Prometheus text, OpenMetrics,
/// and protobuf with native histograms.
///
/// Register it in a hub; then ask it by ``render``, join it to a
/// ``prometheus_client`` registry by ``register``, serve it over HTTP by
/// ``serve``, or hand it to OpenTelemetry by ``instrument``. The names are
/// fixed:
///
/// ``driftline_events_total{kind,model,severity}``
///     events seen;
/// ``driftline_inference_latency_seconds{model}``
///     histogram of ``inference_completed``, whose values are milliseconds;
/// ``driftline_metric{kind,model,feature}``
///     last value of each kind that is a metric, in the kind's own unit:
///     ``accuracy``, ``f1``, ``drift_score`` and so on, and custom kinds unless
///     ``Kind.define`` says otherwise;
/// ``driftline_values{kind,model,feature}``
///     histogram of custom kinds that are defined as one, in buckets from 0.001 to
///     10,000 in steps of 1, 2.5 and 5;
/// ``driftline_drift_statistic{model,feature,test}``, ``driftline_drift_p_value``
///     last look of a drift test that an event told of;
/// ``driftline_observer_calls_total{observer}``, ``driftline_observer_failures_total{observer}``
///     calls of the hub's observers, and those that failed; observers of one name
///     are summed;
/// ``driftline_observer_dropped_total{observer,reason}``, ``driftline_queue_depth{observer}``
///     what queues dropped, and what waits in them;
/// ``driftline_cascade_drops_total``
///     derived events dropped because their chain was too long;
/// ``driftline_refused_values_total``
///     values that no metric took: NaN, infinite, latencies above 1e12 ms, and
///     negative ones in a histogram;
/// ``driftline_series_overflow_total{label}``
///     events counted under ``__overflow__``.
///
/// The label ``model`` is ``name:version``. A label that is empty stands for none.
///
/// :param buckets_ms: upper bounds of the latency histogram in milliseconds: 1 to
///     200 numbers above 0, rising. One bucket for all above is added.
/// :param max_models: the most models kept apart, likewise features and custom
///     kinds (1 to 1,000,000); further ones share ``__overflow__``. By default the
///     hub's ``max_models``, and 1,000 without a hub.
/// :param native_histogram: gather latencies in exponential buckets as well (9 %
///     wide, from a nanosecond to twelve days), for scrapers that ask for
///     protobuf.
/// :param name: in reports and logs.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> hub, collector = dl.Hub(), dl.MetricsCollector()
/// >>> handle = hub.register(collector)
/// >>> report = hub.log_metrics("fraud:1.2.0", accuracy=0.91)
/// >>> print(*[line for line in collector.render().splitlines() if "accuracy" in line], sep="\n")
/// driftline_events_total{kind="accuracy",model="fraud:1.2.0",severity="info"} 1
/// driftline_metric{kind="accuracy",model="fraud:1.2.0",feature=""} 0.91
#[pyclass(name = "MetricsCollector", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyMetricsCollector {
    pub(crate) core: Arc<MetricsCollector>,
}

#[pymethods]
impl PyMetricsCollector {
    #[new]
    #[pyo3(
        signature = (
            *,
            buckets_ms: "numpy.typing.ArrayLike" = DEFAULT_BUCKETS,
            max_models: "int | None" = None,
            native_histogram: "bool" = true,
            name: "str | None" = None
        ),
        text_signature = "(*, buckets_ms=(10, 25, 50, 100, 250, 500, 1000), max_models=None, \
                          native_histogram=True, name=None)"
    )]
    fn new(
        #[pyo3(from_py_with = buckets_ms)] buckets_ms: Given<Vec<f64>>,
        max_models: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = native_histogram)] native_histogram: bool,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let mut config = MetricsConfig {
            native_histogram,
            ..MetricsConfig::default()
        };
        if let Some(bounds) = buckets_ms {
            config.buckets_ms = bounds;
        }
        config.max_models = max_models.map(arguments::max_models).transpose()?;
        if let Some(name) = name {
            config.name = arguments::text("name", name)?;
        }
        let core = Arc::new(MetricsCollector::new(config)?);
        let observer = Arc::clone(&core) as Arc<_>;
        Ok(PyClassInitializer::from(NativeObserver { observer }).add_subclass(Self { core }))
    }

    /// Take one event, without a hub.
    #[pyo3(signature = (event: "Event"))]
    fn on_event(&self, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let Ok(event) = event.cast::<PyEvent>() else {
            return Err(wrong_type("event", event, "an Event"));
        };
        self.core.take(event.get().event());
        Ok(())
    }

    /// Every metric as of now, as text.
    ///
    /// :param format: ``"text"`` (Prometheus text 0.0.4) or ``"openmetrics"``
    ///     (OpenMetrics 1.0).
    /// :raises InvalidValueError: another format.
    #[pyo3(signature = (format: "typing.Literal['text', 'openmetrics']" = "text"))]
    fn render(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = format)] format: &'static str,
    ) -> PyResult<String> {
        let format = Format::parse(format)?;
        let text = detached(py, || format.encode_text(&self.core.families()));
        Ok(text.unwrap_or_default())
    }

    /// Every metric as of now, in the format that a scraper prefers.
    ///
    /// :param accept: its ``Accept`` header; None is Prometheus text.
    /// :returns: the ``Content-Type`` and the body.
    ///
    /// >>> import driftline as dl
    /// >>> content_type, body = dl.MetricsCollector().negotiate("application/openmetrics-text")
    /// >>> content_type, body[-6:]
    /// ('application/openmetrics-text; version=1.0.0; charset=utf-8', b'# EOF\n')
    #[pyo3(signature = (accept: "str | None" = None) -> "tuple[str, bytes]")]
    fn negotiate<'py>(
        &self,
        py: Python<'py>,
        accept: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(&'static str, Bound<'py, PyBytes>)> {
        let accept = match accept {
            Some(value) => string("accept", value, "a str, or None")?
                .to_string_lossy()
                .into_owned(),
            None => String::new(),
        };
        let (content_type, body) = detached(py, || self.core.negotiate(&accept));
        Ok((content_type, PyBytes::new(py, &body)))
    }

    /// Join a registry of ``prometheus_client`` (the extra ``prometheus``). What
    /// goes wrong in a scrape is logged, never raised. Joining again changes
    /// nothing.
    ///
    /// :param registry: a ``CollectorRegistry``; by default ``REGISTRY``.
    /// :raises InvalidValueError: another collector's metrics are in it, under the
    ///     same names.
    /// :raises ImportError: ``prometheus_client`` is not installed.
    #[pyo3(signature = (
        registry: "prometheus_client.registry.CollectorRegistry | None" = None
    ) -> "None")]
    fn register(slf: &Bound<'_, Self>, registry: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let metrics = slf.py().import(METRICS)?;
        metrics.call_method1("register", (slf, registry))?;
        Ok(())
    }

    /// Leave a registry; one that was not joined is left alone.
    ///
    /// :param registry: a ``CollectorRegistry``; by default ``REGISTRY``.
    /// :raises ImportError: ``prometheus_client`` is not installed.
    #[pyo3(signature = (
        registry: "prometheus_client.registry.CollectorRegistry | None" = None
    ) -> "None")]
    fn unregister(slf: &Bound<'_, Self>, registry: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let metrics = slf.py().import(METRICS)?;
        metrics.call_method1("unregister", (slf, registry))?;
        Ok(())
    }

    /// Serve ``/metrics`` over HTTP, for programs without a web server, on a
    /// daemon thread. Who can reach the port can read the metrics: there is no
    /// password, so the default is this machine only.
    ///
    /// :param port: 0 picks a free one; see the server's ``port``.
    /// :param host: the address to listen at; ``"0.0.0.0"`` is all of IPv4.
    /// :returns: the server, to be closed by ``close()`` or ``with``.
    /// :raises OSError: the address cannot be listened at.
    #[pyo3(signature = (
        port: "int" = 0,
        host: "str" = "127.0.0.1"
    ) -> "driftline.metrics.MetricsServer")]
    fn serve<'py>(
        slf: &Bound<'py, Self>,
        #[pyo3(from_py_with = port)] port: u32,
        #[pyo3(from_py_with = host)] host: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let server = slf.py().import(METRICS)?.getattr("MetricsServer")?;
        server.call1((slf, port, host))
    }

    /// Hand every metric to OpenTelemetry as observable instruments (the extra
    /// ``opentelemetry``: the API package is enough). Once per meter.
    ///
    /// The instruments are named as the metrics, without ``_total``; attributes
    /// are the labels that are not empty. OpenTelemetry has no observable
    /// histogram: each is three counters, ``..._bucket`` (cumulative, with the
    /// attribute ``le``), ``..._count`` and ``..._sum``.
    ///
    /// :param meter: an ``opentelemetry.metrics.Meter``.
    /// :raises ImportError: the API package is not installed.
    #[pyo3(signature = (meter: "opentelemetry.metrics.Meter") -> "None")]
    fn instrument(slf: &Bound<'_, Self>, meter: &Bound<'_, PyAny>) -> PyResult<()> {
        let metrics = slf.py().import(METRICS)?;
        metrics.call_method1("instrument", (slf, meter))?;
        Ok(())
    }

    /// Values that no metric took: those of ``driftline_refused_values_total``.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.core.n_refused()
    }

    /// Name, description, type, unit and samples of each metric; a sample is what
    /// is added to the name, the labels and the number.
    #[pyo3(signature = (name: "str | None" = None) -> "list[tuple[str, str, str, str, list[tuple[str, dict[str, str], float]]]]")]
    fn _families<'py>(&self, py: Python<'py>, name: Option<&str>) -> PyResult<Bound<'py, PyList>> {
        let families = detached(py, || self.core.families());
        let list = PyList::empty(py);
        for family in &families {
            if name.is_none_or(|name| name == family.name) {
                list.append(described(py, family)?)?;
            }
        }
        Ok(list)
    }

    fn __repr__(&self) -> String {
        format!("MetricsCollector(name={:?})", self.core.config().name)
    }
}

type Described<'py> = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Bound<'py, PyList>,
);

fn described<'py>(py: Python<'py>, family: &Family) -> PyResult<Described<'py>> {
    let samples = PyList::empty(py);
    let mut result = Ok(());
    for sample in &family.samples {
        sample.for_each(|point| {
            if result.is_ok() {
                result = append(&samples, family, &point);
            }
        });
    }
    result?;
    Ok((
        family.name,
        family.help,
        family.metric_type.as_str(),
        family.unit.unwrap_or_default(),
        samples,
    ))
}

fn append(samples: &Bound<'_, PyList>, family: &Family, point: &Point<'_>) -> PyResult<()> {
    let labels = PyDict::new(samples.py());
    for (name, label) in family.label_names.iter().zip(point.labels) {
        labels.set_item(name, label.as_str())?;
    }
    if let Some(bound) = point.bound {
        labels.set_item("le", export::bound(bound))?;
    }
    let number = match point.number {
        Number::Count(count) => count as f64,
        Number::Float(value) => value,
    };
    samples.append((point.suffix, labels, number))
}
