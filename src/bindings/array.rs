//! One conversion for all one-dimensional input.

use ndarray::Array1;
use pyo3::prelude::*;

pub(crate) fn vector(_argument: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<Array1<f64>> {
    Ok(Array1::from_vec(obj.extract()?))
}
