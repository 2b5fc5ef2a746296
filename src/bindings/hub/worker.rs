//! Workers as Python sees them: what `driftline._workers` drives.

use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::bindings::event::PyEvent;
use crate::bindings::gate;
use crate::bindings::hub::exit;
use crate::bindings::hub::host::{Callable, Python3, Scope};
use crate::bindings::hub::local::Local;
use crate::hub::{Handle, Hub, Task, Work, Worker};

/// The worker of one queued observer.
#[pyclass(name = "_Worker", frozen, module = "driftline._driftline")]
pub(crate) struct PyWorker {
    name: String,
    /// None once its thread has ended: the object itself may be freed later, by
    /// the thread that made it, and would hold the observer until then.
    core: Mutex<Option<Arc<Worker<Python3>>>>,
    /// What the thread is doing.
    task: Mutex<Option<Task>>,
}

impl PyWorker {
    pub(crate) fn new(core: Arc<Worker<Python3>>) -> Self {
        Self {
            name: core.name().to_owned(),
            core: Mutex::new(Some(core)),
            task: Mutex::new(None),
        }
    }

    fn core(&self) -> Option<Arc<Worker<Python3>>> {
        self.core.lock().clone()
    }

    /// The call, if there was one, has returned, or raised `error`.
    fn end(
        &self,
        py: Python<'_>,
        core: &Worker<Python3>,
        error: Option<Bound<'_, PyBaseException>>,
    ) {
        let taken = self.task.lock().take();
        let Some(mut task) = taken else { return };
        if core.is_stale() {
            return;
        }
        let mut error = error.map(|error| PyErr::from_value(error.into_any()));
        Local::with(|local| {
            let scope = &mut Scope::attached(py);
            core.pause(&local.thread, &mut task, scope);
            let result = error.take().map_or(Ok(()), Err);
            core.finish(&local.thread, &task, result);
        });
    }
}

/// A callable and its arguments.
type Call<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);

/// What has to be called for a task; `None` when that is nothing of Python's.
fn call<'py>(
    py: Python<'py>,
    worker: &Worker<Python3>,
    task: &Task,
) -> PyResult<Option<Call<'py>>> {
    use pyo3::types::PyWeakrefMethods;
    let Some(callable) = worker.callable(task) else {
        return Ok(None);
    };
    let event = task
        .event()
        .map(|event| Bound::new(py, PyEvent::of(event.clone())))
        .transpose()?;
    let (callable, object) = match callable {
        Callable::Strong(callable) => (callable, None),
        Callable::Weak { object, function } => match object.bind(py).upgrade() {
            Some(object) => (function, Some(object)),
            None => return Ok(None),
        },
    };
    let event = event.map(Bound::into_any);
    let arguments: Vec<_> = object.into_iter().chain(event).collect();
    let arguments = PyTuple::new(py, arguments)?;
    Ok(Some((callable.bind(py).clone(), arguments)))
}

#[pymethods]
impl PyWorker {
    /// The observer's name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// The next call to make, waiting for it, once the last has ended; no more when
    /// nothing will come any more. What native observers do is done in here.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Call<'py>>> {
        let Some(core) = self.core() else {
            return Ok(None);
        };
        self.end(py, &core, None);
        loop {
            if core.is_stale() {
                return Ok(None); // this thread was forked from a worker
            }
            let work = match core.next(false) {
                Work::Nothing => gate::outside(py, || core.next(true)),
                work => work,
            };
            match work {
                Work::Nothing => {}
                Work::Closed => {
                    *self.core.lock() = None;
                    drop(core);
                    exit::stay_if_ending(py);
                    return Ok(None);
                }
                Work::Task(mut task) => match call(py, &core, &task) {
                    Ok(Some(call)) => {
                        Local::with(|local| core.start(&local.thread, &mut task));
                        *self.task.lock() = Some(task);
                        return Ok(Some(call));
                    }
                    Ok(None) => gate::outside(py, || {
                        Local::with(|local| {
                            let scope = &mut Scope::detached();
                            core.carry_out(&local.thread, &task, scope);
                        });
                    }),
                    Err(error) => {
                        Local::with(|local| {
                            let error = error.clone_ref(py);
                            core.finish(&local.thread, &task, Err(error));
                        });
                    }
                },
            }
        }
    }

    /// The call has raised `error`.
    fn failed(&self, py: Python<'_>, error: Bound<'_, PyBaseException>) {
        if let Some(core) = self.core() {
            self.end(py, &core, Some(error));
        }
    }

    /// Whether this thread was forked from the worker's.
    fn is_stale(&self) -> bool {
        self.core().is_some_and(|core| core.is_stale())
    }
}

/// Where the worker of an observer that runs on an event loop finds its tasks. It
/// holds nothing: the observer has it.
#[pyclass(name = "_LoopSource", frozen, module = "driftline._driftline")]
pub(crate) struct LoopSource {
    hub: Weak<Hub<Python3>>,
    handle: OnceLock<Handle>,
}

impl LoopSource {
    pub(crate) fn new(hub: &Arc<Hub<Python3>>) -> Self {
        Self {
            hub: Arc::downgrade(hub),
            handle: OnceLock::new(),
        }
    }

    /// Tells which registration is meant, once there is one.
    pub(crate) fn registered(&self, handle: Handle) {
        let _ = self.handle.set(handle); // only ever set once
    }

    fn worker(&self) -> Option<Arc<Worker<Python3>>> {
        let hub = self.hub.upgrade()?;
        hub.worker(*self.handle.get()?).ok()
    }
}

#[pymethods]
impl LoopSource {
    /// The next task; None when there is none now.
    fn take(&self) -> Option<PyTask> {
        let core = self.worker()?;
        match core.next(false) {
            Work::Task(task) => Some(PyTask {
                core,
                task: Mutex::new(Some(task)),
            }),
            Work::Nothing | Work::Closed => None,
        }
    }

    /// Drops what waits: the event loop was closed.
    fn discard(&self) {
        if let Some(worker) = self.worker() {
            worker.discard();
        }
    }

    /// Whether the observer is registered.
    fn is_registered(&self) -> bool {
        let handle = self.handle.get();
        handle.is_none_or(|handle| self.hub.upgrade().is_some_and(|hub| hub.contains(*handle)))
    }

    /// The number of the event whose turn is next; None when none waits.
    fn oldest(&self) -> Option<u64> {
        self.worker()?.oldest()
    }
}

/// What a worker on an event loop is doing.
#[pyclass(name = "_Task", frozen, module = "driftline._driftline")]
pub(crate) struct PyTask {
    core: Arc<Worker<Python3>>,
    task: Mutex<Option<Task>>,
}

#[pymethods]
impl PyTask {
    /// The event's number in the queue; None for what is no event.
    #[getter]
    fn number(&self) -> Option<u64> {
        self.task.lock().as_ref().and_then(Task::number)
    }

    /// The call to make; None when there is nothing to call.
    fn call<'py>(&self, py: Python<'py>) -> PyResult<Option<Call<'py>>> {
        let taken = self.task.lock().take();
        let Some(task) = taken else { return Ok(None) };
        let call = call(py, &self.core, &task);
        *self.task.lock() = Some(task);
        call
    }

    /// A step of the task begins: what is emitted until :meth:`pause` is derived
    /// from its event.
    fn start(&self) {
        if let Some(task) = self.task.lock().as_mut() {
            Local::with(|local| self.core.start(&local.thread, task));
        }
    }

    /// The step is over: what was emitted is delivered.
    fn pause(&self, py: Python<'_>) {
        // Not under the lock: observers run.
        let taken = self.task.lock().take();
        let Some(mut task) = taken else { return };
        Local::with(|local| {
            self.core
                .pause(&local.thread, &mut task, &mut Scope::attached(py));
        });
        *self.task.lock() = Some(task);
    }

    /// The task has ended, or raised `error`.
    fn finish(&self, error: Option<Bound<'_, PyBaseException>>) {
        let taken = self.task.lock().take();
        let Some(task) = taken else { return };
        let mut error = error.map(|error| PyErr::from_value(error.into_any()));
        Local::with(|local| {
            let result = error.take().map_or(Ok(()), Err);
            self.core.finish(&local.thread, &task, result);
        });
    }

    /// The task will not end: its event loop was closed.
    fn abandon(&self) {
        let taken = self.task.lock().take();
        if let Some(task) = taken {
            self.core.abandon(&task);
        }
    }
}
