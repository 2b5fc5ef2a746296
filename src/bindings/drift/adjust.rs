//! `drift.adjust`: p-values corrected for their number.

use ndarray::Array1;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyMapping, PyString, PyTuple};

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::gate::outside;
use crate::drift::{self as core, Adjustment};
use crate::error::Error;

/// So few are sorted at once: to leave the interpreter and come back costs more.
const SORTED_INSIDE: usize = 1000;

/// P-values corrected for the number of tests.
///
/// Compare each with alpha as if it were the only one. ``p_values`` is a
/// sequence, which gives an array of the same order, or a mapping from names,
/// which gives a dict. NaN and None (no p-value) stay missing, as NaN in the
/// array and None in the dict, and are not counted. ``method``: against even
/// one false alarm "holm" (any dependence between the tests), "hochberg"
/// (independent or positively dependent) or "bonferroni"; against a share of
/// false alarms among the alarms "benjamini_hochberg" (or "bh"; independent or
/// positively dependent) or "benjamini_yekutieli" ("by"; any dependence).
///
/// >>> from driftline import drift
/// >>> drift.adjust({"age": 0.01, "city": 0.04, "noise": 0.5})
/// {'age': 0.03, 'city': 0.08, 'noise': 0.5}
/// >>> drift.adjust([0.25, 0.125], method="bonferroni").tolist()
/// [0.5, 0.25]
#[pyfunction]
#[pyo3(signature = (
    p_values: "collections.abc.Mapping[typing.Any, float | None] | numpy.typing.ArrayLike \
        | collections.abc.Sequence[float | None]",
    method: "str" = "holm"
) -> "typing.Any")]
pub(crate) fn adjust<'py>(
    p_values: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = method)] method: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = p_values.py();
    let method = Adjustment::from_name(method)?;
    if let Ok(mapping) = p_values.cast::<PyMapping>() {
        let names: Vec<Bound<'_, PyAny>> = mapping.keys()?.iter().collect();
        let given: PyResult<Vec<f64>> = names
            .iter()
            .map(|name| p_value(&mapping.get_item(name)?))
            .collect();
        let result = PyDict::new(py);
        let given = given?;
        for (name, p) in names.iter().zip(adjusted(py, &given, method)?) {
            result.set_item(name, (!p.is_nan()).then_some(p))?;
        }
        return Ok(result.into_any());
    }
    let given = if p_values.is_instance_of::<PyList>() || p_values.is_instance_of::<PyTuple>() {
        p_values
            .try_iter()?
            .map(|item| p_value(&item?))
            .collect::<PyResult<_>>()?
    } else {
        vector("p_values", p_values)?.to_vec()
    };
    let adjusted = Array1::from(adjusted(py, &given, method)?);
    Ok(PyArray1::from_owned_array(py, adjusted).into_any())
}

/// Outside the interpreter when there are so many that it takes a while.
fn adjusted(py: Python<'_>, given: &[f64], method: Adjustment) -> PyResult<Vec<f64>> {
    Ok(if given.len() > SORTED_INSIDE {
        outside(py, || core::adjust(given, method))?
    } else {
        core::adjust(given, method)?
    })
}

fn p_value(obj: &Bound<'_, PyAny>) -> PyResult<f64> {
    if obj.is_none() {
        return Ok(f64::NAN);
    }
    if !obj.is_instance_of::<PyBool>()
        && let Ok(p) = obj.extract()
    {
        return Ok(p);
    }
    let got = describe(obj);
    Err(Error::invalid_type("p_values", got, "numbers from 0 to 1, NaN or None").into())
}

fn method<'a>(obj: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    let text = obj.cast::<PyString>().ok();
    text.and_then(|text| text.to_str().ok()).ok_or_else(|| {
        let allowed = Adjustment::NAMES.join(", ");
        Error::invalid_type("method", describe(obj), allowed).into()
    })
}
