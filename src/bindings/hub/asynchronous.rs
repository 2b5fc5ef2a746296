//! `Hub.emit_async`: what `driftline._asynchronous.emit_async` is made of.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::bindings::event::PyEvent;
use crate::bindings::hub::PyHub;
use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::{Callable, Scope};
use crate::bindings::hub::local::Local;
use crate::bindings::hub::report::{EmitReport, ObserverFailure};

/// Where an event went: to whom, its number in the queue (None: it is full), and
/// the worker on an event loop, if there is one.
type Went = (ObserverHandle, Option<u64>, Option<Py<PyAny>>);

#[pymethods]
impl PyHub {
    /// Emit an event, and wait without blocking the event loop: for room in the
    /// queues of observers registered with ``overflow="block"``, and for
    /// asynchronous observers to be done with this event.
    ///
    /// :param kind: an :class:`Event`, or what happened, with the arguments of
    ///     :meth:`emit` behind it.
    /// :returns: an awaitable of the :class:`EmitReport`, asynchronous observers that
    ///     failed included.
    /// :raises HubClosed: the hub was shut down.
    ///
    /// >>> import asyncio, driftline as dl
    /// >>> async def main():
    /// ...     hub = dl.Hub()
    /// ...     async def observer(event):
    /// ...         await asyncio.sleep(0)
    /// ...         print(event.kind)
    /// ...     hub.register(observer)
    /// ...     return await hub.emit_async("f1", 0.8)
    /// >>> asyncio.run(main())
    /// f1
    /// EmitReport(attempted=1, success=1, failures=())
    #[pyo3(
        signature = (*args: "typing.Any", **kwargs: "typing.Any")
            -> "collections.abc.Coroutine[typing.Any, typing.Any, EmitReport]"
    )]
    fn emit_async<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let details = kwargs.map_or_else(|| PyDict::new(py), Clone::clone);
        let module = py.import("driftline._asynchronous")?;
        module.call_method1("emit_async", (slf, args, details))
    }

    /// Emits as :meth:`emit` does, and says where the event went.
    #[pyo3(signature = (*args: "typing.Any", **kwargs: "typing.Any"))]
    fn _emit_followed<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, EmitReport>, Vec<Went>)> {
        let py = slf.py();
        let core = &slf.get().core;
        let first = args.iter().next();
        let given = first.filter(|first| first.is_exact_instance_of::<PyEvent>());
        let is_nested = Local::with(|local| core.is_emitting(&local.thread));
        let has_more = args.len() > 1 || kwargs.is_some_and(|kwargs| !kwargs.is_empty());
        let has_source = kwargs.map_or(Ok(false), |kwargs| kwargs.contains("source"))?;
        if is_nested || has_source || (given.is_some() && has_more) {
            // Put off, or refused, as any other: there is nothing to follow.
            let report = slf.call_method("emit", args, kwargs)?;
            return Ok((py.None().into_bound(py), report.cast_into()?, Vec::new()));
        }
        let event = match given {
            Some(event) => event,
            None => py.get_type::<PyEvent>().call(args, kwargs)?,
        };
        let emission = || slf.call_method1("emit", (&event,));
        let (report, tickets) = Local::with(|local| local.thread.followed(emission));
        let went = tickets.into_iter().map(|ticket| {
            let on_loop = core.on_loop(ticket.handle, |on_loop| match on_loop {
                Callable::Strong(object) => Some(object.clone_ref(py)),
                Callable::Weak { .. } => None,
            });
            let handle = ObserverHandle::new(ticket.handle, core);
            (handle, ticket.number, on_loop.flatten())
        });
        let went = went.collect();
        Ok((event, report?.cast_into()?, went))
    }

    /// Offers an event to one queued observer: under which number it was accepted.
    /// 0 when it was dropped, None while there is no room.
    fn _offer(
        &self,
        py: Python<'_>,
        handle: &ObserverHandle,
        event: &Bound<'_, PyEvent>,
    ) -> Option<u64> {
        let event = event.get().event();
        let offered = self
            .core
            .offer(handle.handle, event, &mut Scope::attached(py));
        offered.unwrap_or(Some(0))
    }

    /// Counts the drop of an event that found no room in time.
    fn _give_up(&self, handle: &ObserverHandle) {
        self.core.give_up(handle.handle);
    }

    /// How long an emitter is to wait for room.
    fn _block_timeout_s(&self, handle: &ObserverHandle) -> f64 {
        self.core.block_timeout(handle.handle).as_secs_f64()
    }

    /// A report with what came of the event later.
    fn _completed(
        &self,
        py: Python<'_>,
        report: &EmitReport,
        failures: Vec<(Py<ObserverHandle>, Bound<'_, PyBaseException>)>,
        dropped: u64,
    ) -> PyResult<EmitReport> {
        let failures = failures.into_iter().map(|(handle, error)| {
            let name = self.core.name_of(handle.get().handle);
            let name = name.map_or_else(|| "observer".to_owned(), |name| name.to_string());
            Py::new(py, ObserverFailure::new(Some(handle), name, error.unbind()))
        });
        let failures = failures.collect::<PyResult<Vec<_>>>()?;
        Ok(report.completed(py, failures, dropped))
    }
}
