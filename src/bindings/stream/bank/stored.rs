//! Copies of a bank, and a bank as JSON or in a pickle.

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::bindings::arguments::array::describe;
use crate::bindings::arguments::described;
use crate::bindings::stream::bank::objects::Objects;
use crate::bindings::stream::bank::{Inner, PyBank, locked};
use crate::error::Error;
use crate::stream::Bank;

#[pymethods]
impl PyBank {
    /// A copy with all that it has seen.
    #[pyo3(signature = () -> "typing.Self")]
    fn clone(&self, py: Python<'_>) -> PyResult<Self> {
        let inner = match &self.inner {
            Inner::Native(bank) => Inner::Native(Mutex::new(locked(py, bank, |bank| bank.clone()))),
            Inner::Objects(objects) => Inner::Objects(objects.copied(py)?),
        };
        Ok(Self { inner })
    }

    #[pyo3(signature = () -> "typing.Self")]
    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        self.clone(py)
    }

    #[pyo3(signature = (_memo: "object") -> "typing.Self")]
    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.clone(py)
    }

    /// The bank with all that it has seen as JSON text, for ``Bank.from_json``: with its
    /// version and a checksum.
    ///
    /// :raises InvalidTypeError: a bank of objects of the user's; pickle it.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        let none = |objects: &Objects| {
            let allowed = "a bank of detectors of driftline; pickle it instead";
            Err(Error::invalid_type("bank", objects.described(py), allowed).into())
        };
        let state = self.with(py, none, |bank| bank.state())?;
        Ok(state.to_string())
    }

    /// Reads what ``to_json`` has written.
    ///
    /// :raises InvalidTypeError: not a string.
    /// :raises InvalidValueError: damaged, foreign, or of a later version.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "Bank")]
    fn from_json(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Ok(string) = text.cast::<PyString>() else {
            return Err(Error::invalid_type("text", describe(text), "a string").into());
        };
        let state = serde_json::from_str(&string.to_string_lossy()).map_err(|error| {
            let allowed = "what Bank.to_json has written";
            Error::invalid_value("text", format!("text that is no JSON ({error})"), allowed)
        })?;
        let inner = Inner::Native(Mutex::new(Bank::from_state(state)?));
        Ok(Self { inner })
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let class = slf.get_type();
        match &slf.get().inner {
            Inner::Native(_) => {
                let read = class.getattr("from_json")?;
                let reduced = (read, (slf.get().to_json(py)?,));
                Ok(reduced.into_pyobject(py)?.into_any())
            }
            Inner::Objects(objects) => {
                let made = (objects.fresh(py)?, objects.n_features());
                let reduced = (class, made, objects.stored(py)?);
                Ok(reduced.into_pyobject(py)?.into_any())
            }
        }
    }

    /// Of a bank of objects: what it holds.
    #[pyo3(signature = (state: "tuple[typing.Any, ...]"))]
    fn __setstate__(&self, state: &Bound<'_, PyAny>) -> PyResult<()> {
        match &self.inner {
            Inner::Native(_) => {
                let allowed = "nothing: Bank.from_json reads a stored bank";
                Err(Error::invalid_type("state", described(state), allowed).into())
            }
            Inner::Objects(objects) => objects.restore(state),
        }
    }
}

impl PyBank {
    /// A bank of detectors of driftline.
    pub(crate) fn of(bank: Bank) -> Self {
        Self {
            inner: Inner::Native(Mutex::new(bank)),
        }
    }

    /// A copy of the bank, with all that it has seen; of one of objects of the user's, what
    /// it is.
    pub(crate) fn native(&self, py: Python<'_>) -> Result<Bank, String> {
        match &self.inner {
            Inner::Native(bank) => Ok(locked(py, bank, |bank| bank.clone())),
            Inner::Objects(objects) => Err(objects.described(py)),
        }
    }
}
