//! `EmitReport` and `ObserverFailure` in Python.

use pyo3::exceptions::{PyBaseException, PyRuntimeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::Python3;
use crate::error::Error;
use crate::hub::{Failure, FailureError, Report};

/// An observer that failed.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct ObserverFailure {
    handle: Option<Py<ObserverHandle>>,
    name: String,
    error: Py<PyBaseException>,
}

impl ObserverFailure {
    pub(crate) fn new(
        handle: Option<Py<ObserverHandle>>,
        name: String,
        error: Py<PyBaseException>,
    ) -> Self {
        Self {
            handle,
            name,
            error,
        }
    }
}

#[pymethods]
impl ObserverFailure {
    /// Its handle; None when the hub itself refused the event.
    #[getter]
    fn handle<'py>(&self, py: Python<'py>) -> Option<Bound<'py, ObserverHandle>> {
        self.handle.as_ref().map(|handle| handle.bind(py).clone())
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// What it raised, with its traceback.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> Bound<'py, PyBaseException> {
        self.error.bind(py).clone()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = crate::bindings::event::model::quoted(py, &self.name)?;
        let error = self.error.bind(py).repr();
        let error = error.map_or_else(|_| "...".to_owned(), |e| e.to_string_lossy().into_owned());
        Ok(format!("ObserverFailure(name={name}, error={error})"))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.handle)?;
        visit.call(&self.error)
    }
}

/// What became of an emission. Derived events do not count here.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> hub.emit("accuracy", 0.91)
/// EmitReport(attempted=0, success=0, failures=())
#[pyclass(frozen, module = "driftline")]
pub(crate) struct EmitReport {
    attempted: u64,
    success: u64,
    dropped: u64,
    deferred: bool,
    failures: Vec<Py<ObserverFailure>>,
}

#[pymethods]
impl EmitReport {
    /// Observers that matched.
    #[getter]
    fn attempted(&self) -> u64 {
        self.attempted
    }

    /// Observers that returned, or whose queue accepted the event.
    #[getter]
    fn success(&self) -> u64 {
        self.success
    }

    /// The observers that failed; of ``emit_many`` the first 100.
    #[getter]
    fn failures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.failures.iter().map(|failure| failure.bind(py)))
    }

    /// Observers whose queue dropped the event.
    #[getter]
    fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether the event was put off: it was emitted from inside an observer and
    /// is delivered after the current one.
    #[getter]
    fn deferred(&self) -> bool {
        self.deferred
    }

    /// Raise what the observers raised.
    ///
    /// :raises ExceptionGroup: of the exceptions in :attr:`failures`, if any.
    fn raise_for_failures(&self, py: Python<'_>) -> PyResult<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        let errors = self
            .failures
            .iter()
            .map(|failure| failure.get().error.bind(py));
        let errors = PyList::new(py, errors)?;
        let message = format!(
            "{} of {} observers failed",
            self.failures.len(),
            self.attempted
        );
        let class = py.import("builtins")?.getattr("BaseExceptionGroup")?;
        Err(PyErr::from_value(class.call1((message, errors))?))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            let same = |(a, b): (&Py<ObserverFailure>, &Py<ObserverFailure>)| a.is(b);
            self.attempted == other.attempted
                && self.success == other.success
                && self.dropped == other.dropped
                && self.deferred == other.deferred
                && self.failures.len() == other.failures.len()
                && self.failures.iter().zip(&other.failures).all(same)
        })
    }

    fn __hash__(&self) -> u64 {
        self.attempted << 32 | self.success << 1 | u64::from(self.deferred)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let failures = self.failures(py)?.repr()?;
        let mut out = format!(
            "EmitReport(attempted={}, success={}, failures={}",
            self.attempted,
            self.success,
            failures.to_string_lossy()
        );
        if self.dropped > 0 {
            out += &format!(", dropped={}", self.dropped);
        }
        if self.deferred {
            out += ", deferred=True";
        }
        Ok(out + ")")
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.failures
            .iter()
            .try_for_each(|failure| visit.call(failure))
    }
}

impl EmitReport {
    /// The same report with failures and drops that were known only later.
    pub(crate) fn completed(
        &self,
        py: Python<'_>,
        failures: Vec<Py<ObserverFailure>>,
        dropped: u64,
    ) -> Self {
        let late = failures.len() as u64 + dropped;
        let own = self.failures.iter().map(|failure| failure.clone_ref(py));
        Self {
            attempted: self.attempted,
            success: self.success.saturating_sub(late),
            dropped: self.dropped + dropped,
            deferred: self.deferred,
            failures: own.chain(failures).collect(),
        }
    }

    /// The report of an emission that `n` observers heard, all of them well.
    pub(crate) fn success_of(n: u64) -> Self {
        Self::with_drops(n, 0)
    }

    /// How many observers matched, and how many of their queues dropped the event.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.attempted, self.dropped)
    }

    /// The report of an emission that `n` observers heard, all of them well but
    /// for `dropped` whose queues dropped the event.
    pub(crate) fn with_drops(n: u64, dropped: u64) -> Self {
        Self {
            attempted: n,
            success: n - dropped,
            dropped,
            deferred: false,
            failures: Vec::new(),
        }
    }
}

/// A core report as a Python object; raises what must reach the emitter.
pub(crate) fn report<'py>(
    py: Python<'py>,
    report: Report<Python3>,
    handle: impl Fn(crate::hub::Handle) -> ObserverHandle,
) -> PyResult<Bound<'py, EmitReport>> {
    if let Some(interrupt) = report.interrupt {
        return Err(interrupt);
    }
    let failure = |failure: Failure<Python3>| {
        let error = match failure.error {
            FailureError::Foreign(error) => error,
            FailureError::Refused(error) => error.into(),
            FailureError::Native(error) => match error.downcast::<Error>() {
                Ok(error) => (*error).into(),
                Err(error) => PyRuntimeError::new_err(error.to_string()),
            },
            FailureError::Panic(message) => PyRuntimeError::new_err(format!("panicked: {message}")),
        };
        let handle = failure
            .handle
            .map(|of| Py::new(py, handle(of)))
            .transpose()?;
        let error = error.into_value(py);
        Py::new(
            py,
            ObserverFailure {
                handle,
                name: failure.name.to_string(),
                error,
            },
        )
    };
    let failures = report
        .failures
        .into_iter()
        .map(failure)
        .collect::<PyResult<_>>()?;
    Bound::new(
        py,
        EmitReport {
            attempted: report.attempted,
            success: report.success,
            dropped: report.dropped,
            deferred: report.deferred,
            failures,
        },
    )
}
