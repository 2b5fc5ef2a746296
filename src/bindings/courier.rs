//! Workers of a [`delivery::Desk`](crate::delivery::Desk) as Python sees them: what
//! `driftline._workers` drives.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::exceptions::{
    PyBaseException, PyException, PyFileNotFoundError, PyOSError, PyPermissionError, PyTimeoutError,
};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyTracebackMethods, PyTuple};

use crate::bindings::errors::{HubClosed, RetryLater};
use crate::bindings::gate;
use crate::bindings::hub::exit;
use crate::delivery::{Courier, Loss, Next, Outcome};
use crate::error::one_line;

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
        let text = one_line(&error.to_string());
        if let Some(Ok(traceback)) = error.traceback(py).map(|traceback| traceback.format()) {
            log::debug!(target: "driftline::delivery", "{traceback}{text}");
        }
        let (reason, after, is_worth_it) = if error.is_instance_of::<HubClosed>(py) {
            // It wanted to tell what it had done: not to be done again.
            return Outcome::Lost {
                reason: Loss::Shutdown,
                error: text,
            };
        } else if error.is_instance_of::<RetryLater>(py) {
            (Loss::Failed, after_s(error.value(py)), true)
        } else if let Some(status) = status(error.value(py)) {
            match status {
                429 => (Loss::TooManyRequests, None, true),
                500.. => (Loss::ServerError, None, true),
                _ => (Loss::Refused, None, false),
            }
        } else if error.is_instance_of::<PyTimeoutError>(py) {
            (Loss::Timeout, None, true)
        } else if error.is_instance_of::<PyFileNotFoundError>(py)
            || error.is_instance_of::<PyPermissionError>(py)
        {
            (Loss::Failed, None, false)
        } else if error.is_instance_of::<PyOSError>(py) {
            (Loss::Connection, None, true)
        } else {
            (Loss::Failed, None, false)
        };
        let is_usual = error.is_instance_of::<PyException>(py); // not SystemExit
        if is_usual && (is_worth_it || self.always_retry) {
            Outcome::Retry {
                reason,
                after,
                error: text,
            }
        } else {
            Outcome::Lost {
                reason,
                error: text,
            }
        }
    }
}

/// When a `RetryLater` wants the next attempt.
fn after_s(error: &Bound<'_, PyBaseException>) -> Option<Duration> {
    let after_s: f64 = error.getattr("after_s").ok()?.extract().ok()?;
    let is_number = after_s >= 0.0;
    is_number.then(|| Duration::from_secs_f64(after_s.min(3600.0)))
}

/// The status of an answer, where an exception of a well-known HTTP client tells of one:
/// of urllib, or of requests and httpx.
fn status(error: &Bound<'_, PyBaseException>) -> Option<u16> {
    let status = error.getattr_opt("response").ok().flatten();
    let status = match status.filter(|response| !response.is_none()) {
        Some(response) => response.getattr("status_code"),
        None => error.getattr("code"),
    };
    let status: u16 = status.ok()?.extract().ok()?;
    (300..600).contains(&status).then_some(status)
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
        // Handlers are asked and told outside the interpreter: they take locks, and a
        // thread that forks waits for these with the interpreter in its hands.
        loop {
            let job = match gate::outside(py, || self.courier.next()) {
                Next::Closed => return Ok(None),
                Next::Refresh => {
                    let outcome = gate::outside(py, || handler.refresh());
                    gate::outside(py, || self.courier.refreshed(outcome.as_ref()));
                    continue;
                }
                Next::Job(job) => job,
            };
            let outcome = match self.called() {
                None => gate::outside(py, || handler.handle(&job)),
                Some(called) => match (called.get(py), job.arguments(py)) {
                    (Some(callable), Ok(arguments)) => {
                        *self.job.lock() = Some(job);
                        return Ok(Some((callable, arguments)));
                    }
                    (_, Err(error)) => called.outcome(py, &error),
                    (None, _) => Outcome::Lost {
                        reason: Loss::Failed,
                        error: "the callable is gone".to_owned(),
                    },
                },
            };
            // Another time through the gate: when the process ends meanwhile, nothing
            // is logged any more.
            gate::outside(py, || self.courier.settle(&job, &outcome));
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
