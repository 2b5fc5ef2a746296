//! A classifier of the user's, with the methods of scikit-learn's.

use std::fmt;

use ndarray::ArrayView2;
use numpy::{PyArray1, PyArray2};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::copied::copied;
use crate::bindings::arguments::matrix::matrix;
use crate::drift::multivariate::Classifier;
use crate::error::Error;

const ACCEPTED: &str = "an object with fit(X, y) and predict_proba(X) or predict(X), or None for \
                        the classifier built in";

/// Checks what a class is given.
pub(crate) fn classifier<'py>(
    given: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(object) = given.filter(|object| !object.is_none()) else {
        return Ok(None);
    };
    let py = object.py();
    let predicts =
        object.hasattr(intern!(py, "predict_proba"))? || object.hasattr(intern!(py, "predict"))?;
    let fits = object.hasattr(intern!(py, "fit"))?;
    // A class has the methods too, and is no classifier yet.
    if !fits || !predicts || object.is_instance_of::<PyType>() {
        return Err(Error::invalid_type("classifier", describe(object), ACCEPTED).into());
    }
    Ok(Some(object.clone()))
}

/// A classifier that is cloned for each fold, so that the user's stays as it is.
pub(super) struct GivenClassifier<'py>(pub(super) Bound<'py, PyAny>);

impl fmt::Debug for GivenClassifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GivenClassifier").finish()
    }
}

impl Classifier for GivenClassifier<'_> {
    type Error = PyErr;

    fn scores(
        &self,
        train: ArrayView2<'_, f64>,
        is_current: &[bool],
        test: ArrayView2<'_, f64>,
    ) -> PyResult<Vec<f64>> {
        let own = copied(&self.0)?;
        let py = own.py();
        let labels = PyArray1::from_iter(py, is_current.iter().map(|&label| i64::from(label)));
        own.call_method1(
            intern!(py, "fit"),
            (PyArray2::from_array(py, &train), labels),
        )?;
        let rows = PyArray2::from_array(py, &test);
        if !own.hasattr(intern!(py, "predict_proba"))? {
            let predicted = own.call_method1(intern!(py, "predict"), (rows,))?;
            return Ok(vector("classifier.predict", &predicted)?.to_vec());
        }
        let predicted = own.call_method1(intern!(py, "predict_proba"), (rows,))?;
        let shares = matrix("classifier.predict_proba", &predicted)?;
        // Labels are 0 and 1: the last column is that of 1.
        let last = shares
            .ncols()
            .checked_sub(1)
            .map(|last| shares.column(last).to_vec());
        Ok(last.unwrap_or_default())
    }
}
