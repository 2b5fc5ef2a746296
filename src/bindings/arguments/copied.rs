//! Copies of models of the user's, so that these stay as they are.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// By `sklearn.base.clone` when that library is there and knows the object, a deep copy
/// otherwise.
pub(crate) fn copied<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static COPY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = object.py();
    if object.hasattr(intern!(py, "get_params"))?
        && let Ok(module) = py.import("sklearn.base")
    {
        return module.call_method1(intern!(py, "clone"), (object,));
    }
    COPY.import(py, "copy", "deepcopy")?.call1((object,))
}
