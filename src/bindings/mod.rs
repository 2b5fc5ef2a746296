//! The Python side: the only room that names pyo3 or numpy.

mod arguments;
mod config;
mod courier;
mod drift;
mod errors;
mod event;
mod gate;
mod hub;
mod logging;
mod monitor;
mod observer;
mod sink;
mod stream;
mod table;

use pyo3::prelude::*;

/// The native half of driftline; import `driftline` instead.
#[pymodule(gil_used = false)]
mod _driftline {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::config::{_check_config, _config_schema, _read_config, ConfigDocument};
    #[pymodule_export]
    use super::courier::PyCourier;
    #[pymodule_export]
    use super::drift::drift;
    #[pymodule_export]
    use super::event::PyEvent;
    #[pymodule_export]
    use super::event::kind::{_define_kind, _kind_definition, _standard_kinds};
    #[pymodule_export]
    use super::event::model::{_restore_model, PyModelId};
    #[pymodule_export]
    use super::hub::PyHub;
    #[pymodule_export]
    use super::hub::exit::{_close_hubs, _park, _threads_inside};
    #[pymodule_export]
    use super::hub::handle::ObserverHandle;
    #[pymodule_export]
    use super::hub::info::ObserverInfo;
    #[pymodule_export]
    use super::hub::report::{EmitReport, ObserverFailure};
    #[pymodule_export]
    use super::hub::shutdown_report::ShutdownReport;
    #[pymodule_export]
    use super::hub::worker::{LoopSource, PyTask, PyWorker};
    #[pymodule_export]
    use super::monitor::{PyLook, PyMonitor, PyWindow};
    #[pymodule_export]
    use super::observer::NativeObserver;
    #[pymodule_export]
    use super::observer::alert_dispatcher::alert::{PyAlert, PyIncident};
    #[pymodule_export]
    use super::observer::alert_dispatcher::{PyAlertDispatcher, PySinkStats};
    #[pymodule_export]
    use super::observer::console_logger::ConsoleLogger;
    #[pymodule_export]
    use super::observer::drift_detector::PyDriftDetector;
    #[pymodule_export]
    use super::observer::drift_detector::status::DriftStatus;
    #[pymodule_export]
    use super::observer::drift_monitor::{DriftEntry, PyDriftMonitor};
    #[pymodule_export]
    use super::observer::latency_monitor::PyLatencyMonitor;
    #[pymodule_export]
    use super::observer::latency_monitor::stats::LatencyStats;
    #[pymodule_export]
    use super::observer::metrics_collector::PyMetricsCollector;
    #[pymodule_export]
    use super::observer::performance_monitor::PyPerformanceMonitor;
    #[pymodule_export]
    use super::observer::performance_monitor::stats::PerformanceStats;
    #[pymodule_export]
    use super::observer::retraining_trigger::PyRetrainingTrigger;
    #[pymodule_export]
    use super::observer::retraining_trigger::callables::PyRebasing;
    #[pymodule_export]
    use super::observer::retraining_trigger::strategy::{PyEwma, PyFixedThreshold, PyPValue};
    #[pymodule_export]
    use super::observer::retraining_trigger::webhook::{NativeScheduler, PyWebhook};
    #[pymodule_export]
    use super::observer::stream_detector::PyStreamDetector;
    #[pymodule_export]
    use super::observer::stream_detector::status::StreamStatus;
    #[pymodule_export]
    use super::sink::NativeSink;
    #[pymodule_export]
    use super::sink::alertmanager::PyAlertmanagerSink;
    #[pymodule_export]
    use super::sink::log::PyLogSink;
    #[pymodule_export]
    use super::sink::pager_duty::PyPagerDutySink;
    #[pymodule_export]
    use super::sink::slack::PySlackSink;
    #[pymodule_export]
    use super::sink::webhook::PyWebhookSink;
    #[pymodule_export]
    use super::stream::calibrated::_values_between;
    #[pymodule_export]
    use super::stream::stream;
    #[pymodule_export]
    use super::table::{_table_columns, PyTablePlan, PyTableSettings};

    /// Version of the native half.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(py: Python<'_>) -> PyResult<()> {
        super::errors::load(py)?;
        super::logging::install(py)?;
        super::hub::exit::install(py)
    }
}
