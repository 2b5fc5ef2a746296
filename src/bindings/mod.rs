//! The Python side: the only room that names pyo3 or numpy.

mod arguments;
mod array;
mod cache;
mod console_logger;
mod drift;
mod drift_detector;
mod drift_result;
mod emission;
mod errors;
mod event;
mod handle;
mod host;
mod hub;
mod hub_standard_events;
mod info;
mod local;
mod logging;
mod metadata;
mod model;
mod observer;
mod parameter;
mod registration;
mod report;
mod timestamp;

use pyo3::prelude::*;

/// The native half of driftline; import `driftline` instead.
#[pymodule(gil_used = false)]
mod _driftline {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::console_logger::ConsoleLogger;
    #[pymodule_export]
    use super::drift::drift;
    #[pymodule_export]
    use super::drift_detector::PyDriftDetector;
    #[pymodule_export]
    use super::event::{_define_kind, _kind_definition, _standard_kinds, PyEvent};
    #[pymodule_export]
    use super::handle::ObserverHandle;
    #[pymodule_export]
    use super::hub::PyHub;
    #[pymodule_export]
    use super::info::ObserverInfo;
    #[pymodule_export]
    use super::model::{_restore_model, PyModelId};
    #[pymodule_export]
    use super::observer::NativeObserver;
    #[pymodule_export]
    use super::report::{EmitReport, ObserverFailure};

    /// Version of the native half.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(py: Python<'_>) -> PyResult<()> {
        super::logging::install(py)
    }
}
