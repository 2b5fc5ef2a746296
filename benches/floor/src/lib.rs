//! A method that takes what `Hub.emit` takes and does nothing: the floor that
//! `benches/hub.py` measures an emission to nobody against.

use pyo3::prelude::*;

/// A measure of calls into Rust.
#[pymodule(gil_used = false)]
mod driftline_floor {
    use super::*;

    /// Does nothing.
    #[pyclass(frozen)]
    struct Floor;

    #[pymethods]
    impl Floor {
        #[new]
        fn new() -> Self {
            Self
        }

        /// Takes what `Hub.emit` takes; kind and value as what they are there.
        #[pyo3(signature = (
            kind, value=None, *, p_value=None, model=None, feature=None, id=None, severity=None,
            timestamp=None, metadata=None
        ))]
        #[allow(clippy::too_many_arguments, unused_variables)]
        fn emit(
            &self,
            kind: &str,
            value: Option<f64>,
            p_value: Option<&Bound<'_, PyAny>>,
            model: Option<&Bound<'_, PyAny>>,
            feature: Option<&Bound<'_, PyAny>>,
            id: Option<&Bound<'_, PyAny>>,
            severity: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            metadata: Option<&Bound<'_, PyAny>>,
        ) {
            std::hint::black_box((kind, value));
        }
    }
}
