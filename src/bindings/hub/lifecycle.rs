//! `Hub`'s methods for time and the end.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::bindings::arguments;
use crate::bindings::event::timestamp;
use crate::bindings::hub::PyHub;
use crate::bindings::hub::exit::tell_of_the_left;
use crate::bindings::hub::host::Scope;
use crate::bindings::hub::info::by_reason;
use crate::bindings::hub::report::EmitReport;
use crate::bindings::hub::shutdown_report::ShutdownReport;
use crate::observer::Tick;

fn timeout_s(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    arguments::not_negative("timeout_s", value)
}

#[pymethods]
impl PyHub {
    /// Tell every observer that acts on time alone (``on_tick``) that time has
    /// passed, without waiting for its ``tick_s``.
    ///
    /// :param now: the time, where it is not the system clock's: for replays and
    ///     tests. By default each observer takes the time of the last event that
    ///     it heard and what has passed since.
    /// :returns: how many observers were told, and who failed.
    /// :raises HubClosed: the hub was shut down.
    #[pyo3(signature = (now: "datetime.datetime | numpy.datetime64 | str | None" = None))]
    fn tick<'py>(
        &self,
        py: Python<'py>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let now = now
            .map(|now| timestamp::timestamp("now", now))
            .transpose()?;
        let tick = now.map_or_else(Tick::now, Tick::at);
        self.core.check_open()?;
        let report = self.core.tick(&tick, &mut Scope::attached(py));
        self.report(py, report).map_err(|error| *error)
    }

    /// Wait until every queued observer has been given what was emitted.
    ///
    /// :param timeout_s: seconds after which to give up, 0 or more.
    /// :returns: whether nothing is left. Called by a queued observer, whose own
    ///     event is not delivered before it returns, the answer is False, at once.
    /// :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.Hub()
    /// >>> heard = []
    /// >>> handle = hub.register(heard.append, mode="queued")
    /// >>> report = hub.emit("f1", 0.8)
    /// >>> hub.flush(5.0), len(heard)
    /// (True, 1)
    #[pyo3(signature = (timeout_s: "float" = 2.0))]
    fn flush(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
    ) -> PyResult<bool> {
        self.core
            .flush(arguments::seconds(timeout_s), &mut Scope::attached(py))
    }

    /// End the hub: refuse events from now on, deliver what waits in queues, and
    /// call ``shutdown()`` on the observers that have it.
    ///
    /// What is left after ``timeout_s`` is dropped and counted; a callback that
    /// hangs is left alone. Observers stay readable. Called again, it tells the same.
    /// A program that ends does this for every hub, within two seconds.
    ///
    /// In a coroutine use ``async with hub``, or ``await asyncio.to_thread(hub.shutdown)``:
    /// this call would keep asynchronous observers from running meanwhile.
    ///
    /// :param timeout_s: seconds after which to give up, 0 or more.
    /// :raises KeyboardInterrupt: Ctrl-C was pressed meanwhile; called again, it goes
    ///     on.
    #[pyo3(signature = (timeout_s: "float" = 2.0))]
    fn shutdown(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = timeout_s)] timeout_s: f64,
    ) -> PyResult<ShutdownReport> {
        let report = self
            .core
            .shutdown(arguments::seconds(timeout_s), &mut Scope::attached(py))?;
        self.close_setup(py)?;
        ShutdownReport::new(py, report)
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exc: "object"))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        let within = Duration::from_secs(2);
        let was_open = self.core.ended().is_none();
        let report = self.core.shutdown(within, &mut Scope::attached(py))?;
        self.close_setup(py)?;
        if was_open {
            tell_of_the_left("at the end of its block", &report, Some(within));
        }
        Ok(())
    }

    fn __aenter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let module = slf.py().import("driftline._asynchronous")?;
        module.call_method1("enter", (slf,))
    }

    #[pyo3(signature = (*_exc: "object"))]
    fn __aexit__<'py>(
        slf: &Bound<'py, Self>,
        _exc: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = slf.py().import("driftline._asynchronous")?;
        module.call_method1("leave", (slf,))
    }

    /// Whether the hub was shut down: it takes no more events and observers.
    #[getter]
    fn closed(&self) -> bool {
        !self.core.is_open()
    }

    /// Events that queues dropped in the hub's life, by reason, those of observers
    /// that are no longer registered included; see
    /// :attr:`ObserverInfo.dropped_by_reason`.
    #[getter]
    fn dropped_by_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        by_reason(py, self.core.dropped())
    }
}
