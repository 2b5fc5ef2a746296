//! The `drift` submodule.

use pyo3::prelude::*;

/// Two-sample tests and distances.
#[pymodule(submodule)]
pub(crate) mod drift {
    #[allow(unused_imports)]
    use super::*;
}
