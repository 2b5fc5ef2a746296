//! `LatencyStats` in Python.

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::timestamp::to_datetime;
use crate::observer;

/// The figures of one model at one moment, from ``LatencyMonitor.stats``.
///
/// Latencies are in milliseconds. Quantiles are estimates within the monitor's
/// relative error; the lowest, the highest and all counts are exact. What nothing
/// has been seen of is None. The window is as of the last inference, or the last
/// tick of the hub.
///
/// >>> import driftline as dl
/// >>> monitor = dl.LatencyMonitor()
/// >>> monitor.update(20.0, "fraud:1"), monitor.update(30.0, "fraud:1")
/// (False, False)
/// >>> monitor.stats("fraud:1")
/// LatencyStats('fraud:1', n=2, n_failed=0, ema_ms=21.0, p50_ms=20.0, p99_ms=30.0, breached=False)
#[pyclass(frozen, module = "driftline")]
pub(crate) struct LatencyStats {
    inner: observer::LatencyStats,
}

impl From<observer::LatencyStats> for LatencyStats {
    fn from(inner: observer::LatencyStats) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl LatencyStats {
    /// The model; None for inferences that named none.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.inner.model.clone().map(PyModelId)
    }

    /// Inferences answered, whose latency was taken.
    #[getter]
    fn n(&self) -> u64 {
        self.inner.n
    }

    /// Inferences that failed.
    #[getter]
    fn n_failed(&self) -> u64 {
        self.inner.n_failed
    }

    /// Inferences whose latency was no finite number from 0 to 1e12.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.inner.n_refused
    }

    /// ``n_failed / (n + n_failed)``.
    #[getter]
    fn failure_rate(&self) -> Option<f64> {
        self.inner.failure_rate
    }

    /// Exponential moving average: the first latency, then
    /// ``ema + ema_alpha * (latency - ema)``.
    #[getter]
    fn ema_ms(&self) -> Option<f64> {
        self.inner.ema_ms
    }

    /// Mean of all latencies.
    #[getter]
    fn mean_ms(&self) -> Option<f64> {
        self.inner.mean_ms
    }

    /// The lowest latency.
    #[getter]
    fn min_ms(&self) -> Option<f64> {
        self.inner.min_ms
    }

    /// The highest latency.
    #[getter]
    fn max_ms(&self) -> Option<f64> {
        self.inner.max_ms
    }

    /// Median of all latencies.
    #[getter]
    fn p50_ms(&self) -> Option<f64> {
        self.inner.p50_ms
    }

    /// 90th percentile of all latencies.
    #[getter]
    fn p90_ms(&self) -> Option<f64> {
        self.inner.p90_ms
    }

    /// 95th percentile of all latencies.
    #[getter]
    fn p95_ms(&self) -> Option<f64> {
        self.inner.p95_ms
    }

    /// 99th percentile of all latencies.
    #[getter]
    fn p99_ms(&self) -> Option<f64> {
        self.inner.p99_ms
    }

    /// Inferences in the window that are judged: answered ones and, where these
    /// count as slow, failed ones.
    #[getter]
    fn window_n(&self) -> u64 {
        self.inner.window_n
    }

    /// Inferences in the window that failed.
    #[getter]
    fn window_n_failed(&self) -> u64 {
        self.inner.window_n_failed
    }

    /// Share of the judged ones that took longer than ``slo_ms`` or, where that
    /// counts, failed; None without ``slo_ms`` or inferences in the window.
    #[getter]
    fn window_share_above(&self) -> Option<f64> {
        self.inner.window_share_above
    }

    /// The monitor's ``quantile`` of the latencies in the window.
    #[getter]
    fn window_quantile_ms(&self) -> Option<f64> {
        self.inner.window_quantile_ms
    }

    /// Whether the objective is breached.
    #[getter]
    fn breached(&self) -> bool {
        self.inner.breached
    }

    /// Breaches that began.
    #[getter]
    fn n_breaches(&self) -> u64 {
        self.inner.n_breaches
    }

    /// Event time (UTC) of the last inference; one that came late or too far from
    /// the future counts as of the time that its monitor took it for.
    #[getter]
    fn last_seen<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.inner.last_seen;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let model = match &self.inner.model {
            Some(model) => quoted(py, &model.to_string())?,
            None => "None".to_owned(),
        };
        let number = |value: Option<f64>| match value {
            Some(value) => format!("{value:?}"),
            None => "None".to_owned(),
        };
        Ok(format!(
            "LatencyStats({model}, n={}, n_failed={}, ema_ms={}, p50_ms={}, p99_ms={}, breached={})",
            self.inner.n,
            self.inner.n_failed,
            number(self.inner.ema_ms),
            number(self.inner.p50_ms),
            number(self.inner.p99_ms),
            if self.inner.breached { "True" } else { "False" },
        ))
    }
}
