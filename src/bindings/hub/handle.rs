//! `ObserverHandle` in Python.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};

use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::PyTuple;

use crate::bindings::arguments;
use crate::bindings::hub::host::{Callable, Python3, Scope};
use crate::hub::{Handle, Hub};

/// Names one registration. Losing it does not unregister.
///
/// Works in ``with``: the observer is unregistered at the end of the block.
///
/// >>> import driftline as dl
/// >>> hub = dl.Hub()
/// >>> with hub.register(print) as handle:
/// ...     len(hub)
/// 1
/// >>> len(hub)
/// 0
// The hub is held weakly: a handle within a callback must not keep it alive.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct ObserverHandle {
    pub(crate) handle: Handle,
    pub(crate) hub: Weak<Hub<Python3>>,
}

impl ObserverHandle {
    pub(crate) fn new(handle: Handle, hub: &Arc<Hub<Python3>>) -> Self {
        Self {
            handle,
            hub: Arc::downgrade(hub),
        }
    }

    /// What was registered; None for a stale handle.
    pub(crate) fn observer<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        use pyo3::types::PyWeakrefMethods;
        let object = self
            .hub
            .upgrade()?
            .with_callable(self.handle, |callable| match callable {
                Callable::Strong(object) => Some(object.clone_ref(py).into_bound(py)),
                Callable::Weak { object, .. } => object.bind(py).upgrade(),
            });
        object.flatten()
    }
}

#[pymethods]
impl ObserverHandle {
    /// The index of the slot; used again after removal.
    #[getter]
    fn slot(&self) -> u32 {
        self.handle.slot()
    }

    /// How often the slot was given away before.
    #[getter]
    fn generation(&self) -> u32 {
        self.handle.generation()
    }

    /// Unregister the observer, unless that has been done.
    ///
    /// :param wait_s: seconds to wait for calls of the observer that are in progress;
    ///     by default none. Inside a call of the observer's own hub there is nothing
    ///     to wait for but oneself: the answer is False, at once.
    /// :returns: whether no call is in progress any more; None without ``wait_s``.
    /// :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    #[pyo3(signature = (*, wait_s: "float | None" = None))]
    fn close(&self, py: Python<'_>, wait_s: Option<&Bound<'_, PyAny>>) -> PyResult<Option<bool>> {
        let wait = wait_s
            .map(|seconds| arguments::not_negative("wait_s", seconds))
            .transpose()?;
        let Some(hub) = self.hub.upgrade() else {
            return Ok(wait.map(|_| true));
        };
        let Some(wait) = wait else {
            let _ = hub.unregister(self.handle); // closed already is as good
            return Ok(None);
        };
        let scope = &mut Scope::attached(py);
        let quiet = hub.unregister_and_wait(self.handle, arguments::seconds(wait), scope)?;
        Ok(Some(quiet.unwrap_or(true)))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exc: "object"))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py, None)?;
        Ok(())
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
        py: Python<'py>,
    ) -> PyResult<Py<PyAny>> {
        match other.cast::<Self>() {
            Ok(other) => {
                let holds = op.matches(self.handle.cmp(&other.get().handle));
                Ok(holds.into_pyobject(py)?.to_owned().into_any().unbind())
            }
            Err(_) => Ok(py.NotImplemented()),
        }
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.handle.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let open = self
            .hub
            .upgrade()
            .is_some_and(|hub| hub.contains(self.handle));
        format!(
            "ObserverHandle(slot={}, generation={}{})",
            self.handle.slot(),
            self.handle.generation(),
            if open { "" } else { ", closed" }
        )
    }
}
