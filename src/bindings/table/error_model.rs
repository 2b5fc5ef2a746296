//! A model of the user's for the losses of a regressor, with the methods of scikit-learn's.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ndarray::ArrayView2;
use numpy::{PyArray1, PyArray2};
use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::copied::copied;
use crate::bindings::gate::below;
use crate::error::{Error, Foreign, Result};
use crate::estimate::{FittedLossModel, LossModel};
use crate::table::{ErrorModel, Plan};

const ACCEPTED: &str = "\"boosting\" (the trees built in), an object with fit(X, y) and \
                        predict(X), or None";

/// An object, until the garbage collector takes it.
struct Given(Mutex<Option<Py<PyAny>>>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Given").finish()
    }
}

impl Given {
    fn new(object: Bound<'_, PyAny>) -> Self {
        Self(Mutex::new(Some(object.unbind())))
    }

    fn get<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let object = self.0.lock().as_ref().map(|object| object.clone_ref(py));
        object.map(|object| object.into_bound(py)).ok_or_else(|| {
            let got = "one that the garbage collector has taken";
            Error::invalid_value("error_model", got, "a model that is still there")
        })
    }

    fn traverse(&self, visit: &PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        match self.0.try_lock() {
            Some(object) => visit.call(&*object),
            None => Ok(()),
        }
    }

    fn clear(&self) {
        let object = self.0.lock().take();
        drop(object); // not under the lock
    }
}

#[derive(Debug)]
struct GivenModel(Given);

#[derive(Debug)]
struct FittedGivenModel(Given);

impl LossModel for GivenModel {
    fn fit(
        &self,
        features: ArrayView2<'_, f64>,
        losses: &[f64],
    ) -> Result<Arc<dyn FittedLossModel>> {
        Python::attach(|py| {
            let given = self.0.get(py)?;
            let fitted = below(py, || -> PyResult<_> {
                let own = copied(&given)?;
                let arguments = (
                    PyArray2::from_array(py, &features),
                    PyArray1::from_slice(py, losses),
                );
                own.call_method1(intern!(py, "fit"), arguments)?;
                Ok(own)
            });
            let fitted = fitted.map_err(raised)?;
            Ok(Arc::new(FittedGivenModel(Given::new(fitted))) as Arc<dyn FittedLossModel>)
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl FittedLossModel for FittedGivenModel {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        Python::attach(|py| {
            let own = self.0.get(py)?;
            let rows = PyArray2::from_array(py, &features);
            let predicted = below(py, || own.call_method1(intern!(py, "predict"), (rows,)));
            let predicted = predicted.map_err(raised)?;
            let values = vector("error_model.predict", &predicted).map_err(raised)?;
            Ok(values.to_vec())
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reads the argument of this name.
pub(super) fn error_model(value: &Bound<'_, PyAny>) -> PyResult<ErrorModel> {
    if value.is_none() {
        return Ok(ErrorModel::Nothing);
    }
    if let Ok(name) = value.cast::<PyString>() {
        let name = name.to_string_lossy();
        if name == "boosting" {
            return Ok(ErrorModel::BuiltIn);
        }
        return Err(Error::invalid_value("error_model", format!("\"{name}\""), ACCEPTED).into());
    }
    let has = |method: &str| -> PyResult<bool> {
        let method = value.getattr_opt(method)?;
        Ok(method.is_some_and(|method| method.is_callable()))
    };
    // A class has the methods too, and is no model yet.
    if value.is_instance_of::<PyType>() || !has("fit")? || !has("predict")? {
        return Err(Error::invalid_type("error_model", describe(value), ACCEPTED).into());
    }
    Ok(ErrorModel::Own(Arc::new(GivenModel(Given::new(
        value.clone(),
    )))))
}

fn given(model: &ErrorModel) -> Option<&Given> {
    match model {
        ErrorModel::Own(model) => model
            .as_any()
            .downcast_ref()
            .map(|model: &GivenModel| &model.0),
        _ => None,
    }
}

/// Shows the collector a model of the user's.
pub(super) fn traverse(
    model: &ErrorModel,
    visit: &PyVisit<'_>,
) -> std::result::Result<(), PyTraverseError> {
    given(model).map_or(Ok(()), |given| given.traverse(visit))
}

/// Lets go of a model of the user's.
pub(super) fn clear(model: &ErrorModel) {
    if let Some(given) = given(model) {
        given.clear();
    }
}

fn fitted(plan: &Plan) -> impl Iterator<Item = &Given> {
    let models = plan.loss_estimator().into_iter();
    let models = models.flat_map(|estimator| estimator.own_models());
    models.filter_map(|model| {
        let model: Option<&FittedGivenModel> = model.as_any().downcast_ref();
        model.map(|model| &model.0)
    })
}

/// Shows the collector what models of the user's fitted.
pub(super) fn traverse_fitted(
    plan: &Plan,
    visit: &PyVisit<'_>,
) -> std::result::Result<(), PyTraverseError> {
    fitted(plan).try_for_each(|given| given.traverse(visit))
}

/// Lets go of what models of the user's fitted.
pub(super) fn clear_fitted(plan: &Plan) {
    fitted(plan).for_each(Given::clear);
}

/// An exception of the object's goes on as it is.
fn raised(error: PyErr) -> Error {
    Error::Foreign(Foreign::new(error))
}
