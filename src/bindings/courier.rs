//! Workers of a [`delivery::Desk`](crate::delivery::Desk) as Python sees them: what
//! `driftline._workers` drives.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::exceptions::{PyBaseException, PyException, PyOSError, PyTimeoutError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::bindings::errors::RetryLater;
use crate::bindings::gate;
use crate::bindings::hub::exit;
use crate::delivery::{Courier, Loss, Next, Outcome};

/// A job that Python callables can be given.
pub(crate) trait ForPython: Send + Sync + 'static {
    /// What the callable is called with.
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>>;
}

/// A Python callable in the place of a native handler: its `foreign()`.
pub(crate) struct Callable {
    /// None once the garbage collector has taken it.
    callable: Mutex<Option<Py<PyAny>>>,
    /// Whether another attempt is made whatever it raised.
    always_retry: bool,
}

impl Callable {
    pub(crate) fn new(callable: Py<PyAny>, always_retry: bool) -> Self {
        Self {
            callable: Mutex::new(Some(callable)),
            always_retry,
        }
    }

    /// For the garbage collector.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.callable.try_lock() {
            Some(callable) => callable.as_ref().map_or(Ok(()), |held| visit.call(held)),
            None => Ok(()),
        }
    }

    /// For the garbage collector.
    pub(crate) fn clear(&self) {
        let taken = self.callable.lock().take();
        drop(taken);
    }

    fn get<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let callable = self.callable.lock();
        callable.as_ref().map(|held| held.bind(py).clone())
    }

    /// What an exception that it raised comes to.
    fn outcome(&self, py: Python<'_>, error: &PyErr) -> Outcome {
        let text = error.to_string();
        if error.is_instance_of::<RetryLater>(py) {
            let after = error.value(py).getattr("after_s").ok();
            let after = after.and_then(|after| after.extract::<f64>().ok());
            return Outcome::Retry {
                reason: Loss::Failed,
                after: after.and_then(|after| Duration::try_from_secs_f64(after).ok()),
                error: text,
            };
        }
        let reason = if error.is_instance_of::<PyTimeoutError>(py) {
            Loss::Timeout
        } else if error.is_instance_of::<PyOSError>(py) {
            Loss::Connection
        } else {
            Loss::Failed
        };
        let is_worth_it = reason != Loss::Failed || self.always_retry;
        if is_worth_it && error.is_instance_of::<PyException>(py) {
            return Outcome::Retry {
                reason,
                after: None,
                error: text,
            };
        }
        Outcome::Lost {
            reason: Loss::Failed,
            error: text,
        }
    }
}

/// A callable and its arguments.
type Call<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);

/// A worker whose jobs are of some kind.
trait Round: Send + Sync {
    fn is_stale(&self) -> bool;
    /// The last call has ended.
    fn end(&self, py: Python<'_>, error: Option<PyErr>);
    /// The next call to make; what native handlers do is done in here.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Option<Call<'py>>>;
}

struct Rounds<J> {
    courier: Courier<J>,
    /// What Python is called for.
    job: Mutex<Option<Arc<J>>>,
}

impl<J: ForPython> Rounds<J> {
    fn called(&self) -> Option<&Callable> {
        let foreign: &(dyn Any + Send + Sync) = self.courier.handler()?.foreign()?;
        foreign.downcast_ref()
    }
}

impl<J: ForPython> Round for Rounds<J> {
    fn is_stale(&self) -> bool {
        self.courier.is_stale()
    }

    fn end(&self, py: Python<'_>, error: Option<PyErr>) {
        let taken = self.job.lock().take();
        let (Some(job), Some(called)) = (taken, self.called()) else {
            return;
        };
        let outcome = match &error {
            Some(error) => called.outcome(py, error),
            None => Outcome::Delivered,
        };
        // The handler is told, and may emit.
        gate::outside(py, || self.courier.settle(&job, &outcome));
    }

    fn next<'py>(&self, py: Python<'py>) -> PyResult<Option<Call<'py>>> {
        let Some(handler) = self.courier.handler() else {
            return Ok(None);
        };
        loop {
            let next = match self.courier.next(false) {
                Next::Nothing => gate::outside(py, || self.courier.next(true)),
                next => next,
            };
            match next {
                Next::Nothing => {}
                Next::Closed => return Ok(None),
                Next::Refresh => {
                    let outcome = gate::outside(py, || handler.refresh());
                    self.courier.refreshed(&outcome);
                }
                Next::Job(job) => {
                    let Some(called) = self.called() else {
                        gate::outside(py, || {
                            self.courier.settle(&job, &handler.handle(&job));
                        });
                        continue;
                    };
                    let outcome = match (called.get(py), job.arguments(py)) {
                        (Some(callable), Ok(arguments)) => {
                            *self.job.lock() = Some(job);
                            return Ok(Some((callable, arguments)));
                        }
                        (_, Err(error)) => called.outcome(py, &error),
                        (None, _) => Outcome::Lost {
                            reason: Loss::Failed,
                            error: "the callable is gone".to_owned(),
                        },
                    };
                    gate::outside(py, || self.courier.settle(&job, &outcome));
                }
            }
        }
    }
}

/// The worker of one outbox.
#[pyclass(name = "_Courier", frozen, module = "driftline._driftline")]
pub(crate) struct PyCourier {
    name: String,
    /// None once its thread has ended.
    round: Mutex<Option<Arc<dyn Round>>>,
}

impl PyCourier {
    fn round(&self) -> Option<Arc<dyn Round>> {
        self.round.lock().clone()
    }
}

/// Starts a worker on a thread with a loop of Python.
pub(crate) fn start<J: ForPython>(courier: Courier<J>) -> Result<(), String> {
    let name = courier.handler().map(|handler| handler.name());
    let worker = PyCourier {
        name: name.map(|name| name.to_string()).unwrap_or_default(),
        round: Mutex::new(Some(Arc::new(Rounds {
            courier,
            job: Mutex::new(None),
        }))),
    };
    Python::attach(|py| {
        let start = || {
            py.import("driftline._workers")?
                .call_method1("start", (worker,))
        };
        start().map(drop).map_err(|error| error.to_string())
    })
}

#[pymethods]
impl PyCourier {
    /// Whose jobs these are.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// The next call to make, waiting for it, once the last has ended; no more when
    /// nothing will come any more.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Call<'py>>> {
        let Some(round) = self.round() else {
            return Ok(None);
        };
        if round.is_stale() {
            return Ok(None); // this thread was forked from a worker
        }
        round.end(py, None);
        let call = round.next(py)?;
        if call.is_none() && !round.is_stale() {
            *self.round.lock() = None;
            drop(round);
            exit::stay_if_ending(py);
        }
        Ok(call)
    }

    /// The call has raised `error`.
    fn failed(&self, py: Python<'_>, error: Bound<'_, PyBaseException>) {
        if let Some(round) = self.round() {
            round.end(py, Some(PyErr::from_value(error.into_any())));
        }
    }

    /// Whether this thread was forked from the worker's.
    fn is_stale(&self) -> bool {
        self.round().is_some_and(|round| round.is_stale())
    }
}
