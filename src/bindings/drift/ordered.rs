//! `drift.effective_n`.

use pyo3::prelude::*;

use crate::bindings::arguments::array::vector;
use crate::bindings::gate::outside;
use crate::drift::ordered;

/// How many independent values a sample in the order of time amounts to.
///
/// They would give a mean as certain as that of ``sample``: between 1 and n,
/// close to n for white noise, about n (1 - r) / (1 + r) where each value keeps
/// a share r of the one before. NaN is left out and keeps its place; infinities
/// are refused; a constant has nothing that could depend.
///
/// >>> import math
/// >>> from driftline import drift
/// >>> drift.effective_n([math.sin(i / 20) for i in range(400)]) < 50
/// True
#[pyfunction]
#[pyo3(signature = (sample: "numpy.typing.ArrayLike"))]
pub(crate) fn effective_n(sample: &Bound<'_, PyAny>) -> PyResult<f64> {
    let values = vector("sample", sample)?;
    Ok(outside(sample.py(), || {
        ordered::effective_n(values.view())
    })?)
}
