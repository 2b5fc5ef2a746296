//! What the bindings keep for each thread, in one place: finding a thread's
//! storage costs as much as several reads of it.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use pyo3::prelude::*;

use crate::bindings::arguments::cache::StringCache;
use crate::bindings::event::PyEvent;
use crate::bindings::hub::emission::Reply;
use crate::bindings::hub::report::EmitReport;
use crate::event::{Event, Kind, ModelId, Timestamp};
use crate::hub::Thread;

/// Reports of fewer successes are made once per thread, so that threads do not
/// fight over their reference counts.
const REPORTS: usize = 65;

/// One thread's storage.
pub(crate) struct Local {
    /// The emissions in progress.
    pub(crate) thread: Thread,
    pub(crate) kinds: StringCache<Kind>,
    pub(crate) models: StringCache<ModelId>,
    pub(crate) texts: StringCache<Arc<str>>,
    /// An event object that nobody else held after the last emission.
    spare: Cell<Option<Py<PyEvent>>>,
    /// By number of successes.
    reports: [OnceCell<Py<EmitReport>>; REPORTS],
    /// The last one of an emission that queues dropped, for the next like it.
    drops: Cell<Option<Py<EmitReport>>>,
}

/// Python's number of this thread; 0 when Python cannot be asked any more.
pub(crate) fn thread_number() -> u64 {
    let ask = |py: Python<'_>| -> PyResult<u64> {
        py.import("_thread")?.call_method0("get_ident")?.extract()
    };
    let number = Python::try_attach(|py| ask(py).ok());
    number.flatten().unwrap_or_default()
}

#[cold]
#[inline(never)]
fn new_event(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyEvent>> {
    Bound::new(py, PyEvent::of(event))
}

thread_local! {
    static LOCAL: Local = Local::new();
}

impl Local {
    fn new() -> Self {
        Self {
            thread: Thread::new(thread_number()),
            kinds: StringCache::new(),
            models: StringCache::new(),
            texts: StringCache::new(),
            spare: Cell::new(None),
            reports: [const { OnceCell::new() }; REPORTS],
            drops: Cell::new(None),
        }
    }

    /// Runs `f` with the thread's storage. A thread past its end, whose storage
    /// is gone, gets a fresh one.
    #[inline(always)]
    pub(crate) fn with<R>(mut f: impl FnMut(&Self) -> R) -> R {
        match LOCAL.try_with(|local| f(local)) {
            Ok(result) => result,
            Err(_) => Self::without(&mut f),
        }
    }

    #[cold]
    #[inline(never)]
    fn without<R>(f: &mut dyn FnMut(&Self) -> R) -> R {
        f(&Self::new())
    }

    /// An event of now as an object: the spare one written anew, or a new one.
    #[inline(always)]
    pub(crate) fn plain_event<'py>(
        &self,
        py: Python<'py>,
        kind: Kind,
        value: Option<f64>,
    ) -> PyResult<Bound<'py, PyEvent>> {
        if let Some(mut object) = self.spare.take().map(|object| object.into_bound(py))
            && let Some(event) = PyEvent::event_mut(&mut object)
        {
            event.severity = kind.default_severity();
            event.kind = kind;
            event.value = value;
            event.timestamp = Timestamp::now();
            return Ok(object);
        }
        new_event(py, Event::new(kind, value))
    }

    /// An event as an object: the spare one written anew, or a new one.
    pub(crate) fn event<'py>(
        &self,
        py: Python<'py>,
        event: Event,
    ) -> PyResult<Bound<'py, PyEvent>> {
        if let Some(mut object) = self.spare.take().map(|object| object.into_bound(py))
            && let Some(place) = PyEvent::event_mut(&mut object)
        {
            *place = event;
            return Ok(object);
        }
        new_event(py, event)
    }

    /// Keeps an event object for the next emission unless somebody holds it,
    /// emptied of all but kind, value and time.
    #[inline(always)]
    pub(crate) fn keep_spare(&self, mut object: Bound<'_, PyEvent>) {
        if let Some(event) = PyEvent::event_mut(&mut object) {
            if !is_plain(event) {
                empty(event);
            }
            drop(self.spare.replace(Some(object.unbind())));
        }
    }

    /// The report of an emission that `n` observers heard, all of them well.
    #[inline(always)]
    pub(crate) fn success<'py>(&self, py: Python<'py>, n: u64) -> Reply<'py> {
        let place = self.reports.get(n as usize);
        match place.and_then(OnceCell::get) {
            Some(report) => Ok(report.bind(py).clone()),
            None => self.new_success(py, n),
        }
    }

    /// The report of an emission that `n` observers heard, with `dropped` of their
    /// queues full and nothing else wrong.
    #[inline(never)]
    pub(crate) fn dropped<'py>(&self, py: Python<'py>, n: u64, dropped: u64) -> Reply<'py> {
        let last = self.drops.take().map(|report| report.into_bound(py));
        let same = last.filter(|report| report.get().counts() == (n, dropped));
        let report = match same {
            Some(report) => report,
            None => Bound::new(py, EmitReport::with_drops(n, dropped))?,
        };
        self.drops.set(Some(report.clone().unbind()));
        Ok(report)
    }

    #[cold]
    #[inline(never)]
    fn new_success<'py>(&self, py: Python<'py>, n: u64) -> Reply<'py> {
        let report = Bound::new(py, EmitReport::success_of(n))?;
        if let Some(place) = self.reports.get(n as usize) {
            let _ = place.set(report.clone().unbind()); // set meanwhile is as good
        }
        Ok(report)
    }
}

/// Whether the event has no more than kind, value and time.
#[inline]
fn is_plain(event: &Event) -> bool {
    event.p_value.is_none()
        && event.model.is_none()
        && event.feature.is_none()
        && event.id.is_none()
        && event.source.is_none()
        && event.metadata.is_none()
}

/// Lets go of what a spare event need not keep alive.
#[inline(never)]
fn empty(event: &mut Event) {
    event.p_value = None;
    event.model = None;
    event.feature = None;
    event.id = None;
    event.source = None;
    event.metadata = None;
}
