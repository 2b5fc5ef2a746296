//! Strategies in Python.

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::bindings::arguments::{argument, described, number, wrong_type};
use crate::bindings::event::PyEvent;
use crate::bindings::hub::registration::{is_asynchronous, name_of};
use crate::error::Error;
use crate::event::Event;
use crate::observer::{Judge, ObserverError, Strategy};

argument!(threshold: f64 = number);
argument!(alpha: f64 = number);
argument!(smoothing: f64 = number);

const ALLOWED: &str = "FixedThreshold, PValue, Ewma, a function that takes an event and returns \
                       whether to retrain, or None";

/// A strategy of :class:`RetrainingTrigger`: retrain when an event's value is at or above
/// a threshold.
///
/// :param threshold: a finite number.
/// :raises InvalidValueError: another one.
///
/// >>> import driftline as dl
/// >>> dl.FixedThreshold(0.05)
/// FixedThreshold(0.05)
#[pyclass(name = "FixedThreshold", frozen, eq, module = "driftline")]
#[derive(PartialEq)]
pub(crate) struct PyFixedThreshold {
    /// From which value on.
    #[pyo3(get)]
    threshold: f64,
}

#[pymethods]
impl PyFixedThreshold {
    #[new]
    #[pyo3(signature = (threshold: "float"))]
    fn new(#[pyo3(from_py_with = threshold)] threshold: f64) -> PyResult<Self> {
        Strategy::FixedThreshold(threshold).validate()?;
        Ok(Self { threshold })
    }

    fn __hash__(&self) -> u64 {
        (self.threshold + 0.0).to_bits()
    }

    fn __getnewargs__(&self) -> (f64,) {
        (self.threshold,)
    }

    fn __repr__(&self) -> String {
        format!("FixedThreshold({:?})", self.threshold)
    }
}

/// A strategy of :class:`RetrainingTrigger`: retrain when an event's p-value is below
/// ``alpha``.
///
/// :param alpha: above 0 and at most 1.
/// :raises InvalidValueError: another one.
///
/// >>> import driftline as dl
/// >>> dl.PValue(0.01)
/// PValue(0.01)
#[pyclass(name = "PValue", frozen, eq, module = "driftline")]
#[derive(PartialEq)]
pub(crate) struct PyPValue {
    /// Below which p-value.
    #[pyo3(get)]
    alpha: f64,
}

#[pymethods]
impl PyPValue {
    #[new]
    #[pyo3(signature = (alpha: "float"))]
    fn new(#[pyo3(from_py_with = alpha)] alpha: f64) -> PyResult<Self> {
        Strategy::PValue(alpha).validate()?;
        Ok(Self { alpha })
    }

    fn __hash__(&self) -> u64 {
        self.alpha.to_bits()
    }

    fn __getnewargs__(&self) -> (f64,) {
        (self.alpha,)
    }

    fn __repr__(&self) -> String {
        format!("PValue({:?})", self.alpha)
    }
}

/// A strategy of :class:`RetrainingTrigger`: retrain when the exponentially weighted
/// moving average of the values of one model, feature and source is at or above a
/// threshold.
///
/// The average begins with the first value; missing and infinite ones are left out and
/// counted. Source: S. W. Roberts, "Control Chart Tests Based on Geometric Moving
/// Averages", Technometrics 1 (1959).
///
/// :param smoothing: the weight of a new value, above 0 and at most 1.
/// :param threshold: a finite number.
/// :raises InvalidValueError: another one.
///
/// >>> import driftline as dl
/// >>> dl.Ewma(0.3, 0.2)
/// Ewma(0.3, 0.2)
#[pyclass(name = "Ewma", frozen, eq, module = "driftline")]
#[derive(PartialEq)]
pub(crate) struct PyEwma {
    /// The weight of a new value.
    #[pyo3(get)]
    smoothing: f64,
    /// From which average on.
    #[pyo3(get)]
    threshold: f64,
}

#[pymethods]
impl PyEwma {
    #[new]
    #[pyo3(signature = (smoothing: "float", threshold: "float"))]
    fn new(
        #[pyo3(from_py_with = smoothing)] smoothing: f64,
        #[pyo3(from_py_with = threshold)] threshold: f64,
    ) -> PyResult<Self> {
        let strategy = Self {
            smoothing,
            threshold,
        };
        strategy.native().validate()?;
        Ok(strategy)
    }

    fn __hash__(&self) -> u64 {
        (self.threshold + 0.0).to_bits() ^ self.smoothing.to_bits().rotate_left(1)
    }

    fn __getnewargs__(&self) -> (f64, f64) {
        (self.smoothing, self.threshold)
    }

    fn __repr__(&self) -> String {
        format!("Ewma({:?}, {:?})", self.smoothing, self.threshold)
    }
}

impl PyEwma {
    fn native(&self) -> Strategy {
        Strategy::Ewma {
            smoothing: self.smoothing,
            threshold: self.threshold,
        }
    }
}

/// A function that takes an event and says whether to retrain.
pub(crate) struct PythonJudge {
    name: Arc<str>,
    /// None once the garbage collector has taken it.
    callable: Mutex<Option<Py<PyAny>>>,
}

impl PythonJudge {
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.callable.try_lock() {
            Some(callable) => visit.call(&*callable),
            None => Ok(()),
        }
    }

    pub(crate) fn clear(&self) {
        let taken = self.callable.lock().take();
        drop(taken); // not under the lock
    }
}

impl Judge for PythonJudge {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn says(&self, event: &Event) -> Result<bool, ObserverError> {
        let said = Python::attach(|py| -> PyResult<bool> {
            let callable = {
                let callable = self.callable.lock();
                callable.as_ref().map(|callable| callable.clone_ref(py))
            };
            let Some(callable) = callable else {
                return Ok(false);
            };
            let event = Bound::new(py, PyEvent::of(event.clone()))?;
            callable.bind(py).call1((event,))?.is_truthy()
        });
        Ok(said?)
    }
}

/// Reads the `strategy` argument.
pub(super) fn read(value: &Bound<'_, PyAny>) -> PyResult<(Strategy, Option<Arc<PythonJudge>>)> {
    if let Ok(fixed) = value.cast::<PyFixedThreshold>() {
        return Ok((Strategy::FixedThreshold(fixed.get().threshold), None));
    }
    if let Ok(p) = value.cast::<PyPValue>() {
        return Ok((Strategy::PValue(p.get().alpha), None));
    }
    if let Ok(ewma) = value.cast::<PyEwma>() {
        return Ok((ewma.get().native(), None));
    }
    let name = function("strategy", value, ALLOWED)?;
    let judge = Arc::new(PythonJudge {
        name,
        callable: Mutex::new(Some(value.clone().unbind())),
    });
    Ok((Strategy::Custom(Arc::clone(&judge) as Arc<_>), Some(judge)))
}

/// The name of something that can be called and answers at once.
pub(super) fn function(
    argument: &'static str,
    value: &Bound<'_, PyAny>,
    allowed: &'static str,
) -> PyResult<Arc<str>> {
    if !value.is_callable() || value.is_instance_of::<PyType>() {
        return Err(wrong_type(argument, value, allowed));
    }
    if is_asynchronous(value).map_err(|_| wrong_type(argument, value, allowed))? {
        let got = format!("the coroutine function {}", described(value));
        return Err(Error::invalid_type(argument, got, allowed).into());
    }
    let own = value.getattr_opt("name")?;
    let own = own.filter(|name| name.is_instance_of::<PyString>());
    let name = own.map_or_else(|| name_of(value), Ok)?;
    Ok(name.str()?.to_string_lossy().into())
}
