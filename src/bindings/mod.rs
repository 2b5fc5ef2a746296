//! The Python side: the only room that names pyo3 or numpy.

mod array;
mod drift;
mod drift_result;
mod errors;
mod parameter;

use pyo3::prelude::*;

/// The native half of driftline; import `driftline` instead.
#[pymodule(gil_used = false)]
mod _driftline {
    #[pymodule_export]
    use super::drift::drift;

    /// Version of the native half.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
