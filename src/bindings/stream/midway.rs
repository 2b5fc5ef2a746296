//! Exceptions that end a call with many values midway: Ctrl-C, or one of the user's.

use pyo3::intern;
use pyo3::prelude::*;

/// Tells an exception how many values (or rows) were taken before it, and what was found in
/// them, which the call can return no more.
pub(in crate::bindings) fn midway(
    error: PyErr,
    what: &'static str,
    n_taken: usize,
    found: Bound<'_, PyAny>,
) -> PyErr {
    let py = found.py();
    let value = error.value(py);
    let note = format!("{what} taken: {n_taken} (n_taken); what was found in them is in found");
    // An exception that takes no attributes goes on without.
    let _ = value.setattr(intern!(py, "n_taken"), n_taken);
    let _ = value.setattr(intern!(py, "found"), found);
    let _ = value.call_method1(intern!(py, "add_note"), (note,));
    error
}
