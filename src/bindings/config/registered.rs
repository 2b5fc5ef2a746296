//! What a hub knows of how its observers were registered, and the set-up that it
//! was made from.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bindings::hub::PyHub;
use crate::bindings::hub::info::ObserverInfo;
use crate::event::Severity;
use crate::hub::{Overflow, Registration};

#[pymethods]
impl PyHub {
    /// A mapping that makes the same hub again: :func:`driftline.from_config` takes it,
    /// with the same ``callables`` and ``environ``.
    ///
    /// It has what the hub was made with and every observer with its parameters and
    /// options; what they have seen is not in it. Observers that are callables are
    /// under ``observers``, by name (their registration's). A secret is the name of
    /// its environment variable where ``from_config`` read it there, else
    /// ``{"env": None}``, which ``from_config`` refuses until a name is put in.
    ///
    /// :returns: only mappings, lists, str, numbers, bool and None, so that it can be
    ///     written as YAML, JSON or TOML (which has no null: leave those keys out).
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.Hub(max_models=50)
    /// >>> handle = hub.register(dl.DriftMonitor(threshold=0.2))
    /// >>> hub.config()["hub"]["max_models"], hub.config()["monitors"]
    /// (50, [{'kind': 'drift', 'threshold': 0.2, 'name': 'drift_monitor'}])
    /// >>> dl.from_config(hub.config())
    /// Hub(1 observers: drift_monitor)
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn config<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let module = slf.py().import("driftline._describe")?;
        module.call_method1("describe", (slf,))
    }

    /// Keeps what ``from_config`` remembers; ``None`` only reads.
    #[pyo3(signature = (setup: "object" = None) -> "typing.Any")]
    fn _setup<'py>(
        &self,
        py: Python<'py>,
        setup: Option<Bound<'py, PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        if let Some(given) = setup {
            let old = self.setup.lock().replace(given.unbind());
            drop(old); // outside the lock
        }
        let kept = self.setup.lock().as_ref().map(|kept| kept.clone_ref(py));
        kept.map(|kept| kept.into_bound(py))
    }
}

impl PyHub {
    /// Closes what `from_config` opened: the hub has ended.
    pub(crate) fn close_setup(&self, py: Python<'_>) -> PyResult<()> {
        let setup = self.setup.lock().as_ref().map(|setup| setup.clone_ref(py));
        setup.map_or(Ok(()), |setup| setup.call_method0(py, "close").map(drop))
    }
}

#[pymethods]
impl ObserverInfo {
    /// The options of ``Hub.register`` that differ from the defaults.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (asked, default) = (&self.info.asked, Registration::default());
        let options = PyDict::new(py);
        if let Some(name) = &asked.name {
            options.set_item("name", &**name)?;
        }
        let filter = &asked.filter;
        if let Some(kinds) = &filter.kinds {
            let kinds: Vec<_> = kinds.iter().map(ToString::to_string).collect();
            options.set_item("kinds", kinds)?;
        }
        if let Some(models) = &filter.models {
            let models: Vec<_> = models.iter().map(ToString::to_string).collect();
            options.set_item("models", models)?;
        }
        if let Some(features) = &filter.features {
            let features: Vec<_> = features.iter().map(ToString::to_string).collect();
            options.set_item("features", features)?;
        }
        if let Some(severity) = filter.min_severity {
            options.set_item("min_severity", Severity::as_str(severity))?;
        }
        if asked.priority != default.priority {
            options.set_item("priority", asked.priority)?;
        }
        if asked.once {
            options.set_item("once", true)?;
        }
        if asked.mode != default.mode {
            options.set_item("mode", asked.mode.as_str())?;
        }
        if asked.queue_size != default.queue_size {
            options.set_item("queue_size", asked.queue_size)?;
        }
        if asked.overflow != default.overflow {
            options.set_item("overflow", Overflow::as_str(asked.overflow))?;
        }
        if asked.block_timeout != default.block_timeout {
            options.set_item("block_timeout_s", asked.block_timeout.as_secs_f64())?;
        }
        if let Some(every) = asked.tick_every {
            options.set_item("tick_s", every.as_secs_f64())?;
        }
        if let Some(most) = asked.max_consecutive_failures {
            options.set_item("max_consecutive_failures", most)?;
        }
        Ok(options)
    }
}
