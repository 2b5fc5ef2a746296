//! `Hub.emit`: from Python's arguments to the core and back, the hot path.

use pyo3::prelude::*;

use crate::bindings::arguments;
use crate::bindings::arguments::event_fields::Details;
use crate::bindings::event::PyEvent;
use crate::bindings::hub::PyHub;
use crate::bindings::hub::handle::ObserverHandle;
use crate::bindings::hub::host::{Python3, Scope};
use crate::bindings::hub::local::Local;
use crate::bindings::hub::report::{self, EmitReport};
use crate::error::Error;
use crate::event::{Event, Kind, Timestamp};
use crate::hub::{Report, Tally};

/// What an emission answers. Errors are rare, and boxed they leave the answer
/// small enough for registers.
pub(crate) type Reply<'py> = Result<Bound<'py, EmitReport>, Box<PyErr>>;

/// What `emit` takes for its first argument.
const KIND_OR_EVENT: &str = "a str such as \"accuracy\", or an Event";

impl PyHub {
    /// What became of an emission as a Python object.
    #[inline(always)]
    fn outcome<'py>(&self, py: Python<'py>, local: &Local, tally: Tally<Python3>) -> Reply<'py> {
        match tally.all_well() {
            Some(n) => local.success(py, n),
            None => match tally.only_drops() {
                Some((n, dropped)) => local.dropped(py, n, dropped),
                None => self.report(py, tally.into()),
            },
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn report<'py>(&self, py: Python<'py>, report: Report<Python3>) -> Reply<'py> {
        let handle = |handle| ObserverHandle::new(handle, &self.core);
        report::report(py, report, handle).map_err(Box::new)
    }

    /// Emits an event, or a kind and a value: the most frequent call. What costs
    /// nothing when nobody listens is one function with the parsing of the
    /// arguments, delivery is another; what is rare is called.
    #[inline(always)]
    pub(crate) fn emit_plain<'py>(
        &self,
        local: &Local,
        kind: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
    ) -> Reply<'py> {
        let py = kind.py();
        let kind = match local.kinds.get(kind) {
            Some(kind) => kind,
            None => match kind.cast_exact::<PyEvent>() {
                Ok(event) if value.is_none() => return self.emit_event(local, event),
                Ok(_) => return Err(more_than_an_event().into()),
                Err(_) => arguments::new_kind(local, kind, KIND_OR_EVENT)?,
            },
        };
        let value = match value {
            Some(value) => Some(arguments::number("value", value)?),
            None => None,
        };
        if self.core.is_emitting(&local.thread) {
            return self.defer(py, local, Event::new(kind, value), true);
        }
        if !self.core.has_plain_listeners(&kind) {
            return local.success(py, 0);
        }
        self.emit_heard(local, py, kind, value)
    }

    #[inline(never)]
    fn emit_heard<'py>(
        &self,
        local: &Local,
        py: Python<'py>,
        kind: Kind,
        value: Option<f64>,
    ) -> Reply<'py> {
        self.check_open()?;
        if !self.core.calls_host(&kind) {
            // Nobody wants to see the event as an object of Python's.
            let event = Event::new(kind, value);
            let scope = &mut Scope::attached(py);
            let tally = self.core.deliver(&local.thread, &event, scope);
            return self.outcome(py, local, tally);
        }
        let object = local.plain_event(py, kind, value)?;
        self.deliver(local, object)
    }

    #[inline]
    fn check_open(&self) -> Result<(), Box<PyErr>> {
        let open = self.core.check_open();
        open.map_err(|error| Box::new(error.into()))
    }

    /// Emits what the arguments describe.
    #[inline(never)]
    pub(crate) fn emit_described<'py>(
        &self,
        local: &Local,
        kind: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
        details: &Details<'_, 'py>,
    ) -> Reply<'py> {
        let py = kind.py();
        let kind = match local.kinds.get(kind) {
            Some(kind) => kind,
            None if kind.is_exact_instance_of::<PyEvent>() => {
                return Err(more_than_an_event().into());
            }
            None => arguments::new_kind(local, kind, KIND_OR_EVENT)?,
        };
        let value = value
            .map(|value| arguments::number("value", value))
            .transpose()?;
        self.emit_on(local, py, kind, value, details, |_| Ok(()))
    }

    /// Emits what the arguments describe, once `complete` has added to it.
    pub(crate) fn emit_detailed<'py>(
        &self,
        py: Python<'py>,
        kind: Kind,
        value: Option<f64>,
        details: &Details<'_, 'py>,
        complete: impl Fn(&mut Event) -> PyResult<()>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        Local::with(|local| self.emit_on(local, py, kind.clone(), value, details, &complete))
            .map_err(|error| *error)
    }

    fn emit_on<'py>(
        &self,
        local: &Local,
        py: Python<'py>,
        kind: Kind,
        value: Option<f64>,
        details: &Details<'_, 'py>,
        complete: impl Fn(&mut Event) -> PyResult<()>,
    ) -> Reply<'py> {
        let nested = self.core.is_emitting(&local.thread);
        let heard = nested || self.core.has_listeners(&kind);
        // Nobody reads the clock for an event that nobody hears.
        let time = if heard {
            Timestamp::now()
        } else {
            Timestamp::from_nanos(0)
        };
        let mut event = Event::at(kind, value, time);
        details.apply(&mut event)?;
        complete(&mut event)?;
        if nested {
            self.defer(py, local, event, details.timestamp.is_none())
        } else if heard {
            self.check_open()?;
            if !self.core.calls_host(&event.kind) {
                let scope = &mut Scope::attached(py);
                let tally = self.core.deliver(&local.thread, &event, scope);
                return self.outcome(py, local, tally);
            }
            let object = local.event(py, event)?;
            self.deliver(local, object)
        } else {
            local.success(py, 0)
        }
    }

    #[inline(always)]
    fn deliver<'py>(&self, local: &Local, object: Bound<'py, PyEvent>) -> Reply<'py> {
        let event = object.get().event();
        let tally = self
            .core
            .deliver(&local.thread, event, &mut Scope::of(&object));
        let py = object.py();
        local.keep_spare(object);
        self.outcome(py, local, tally)
    }

    #[cold]
    #[inline(never)]
    fn defer<'py>(
        &self,
        py: Python<'py>,
        local: &Local,
        event: Event,
        inherits_time: bool,
    ) -> Reply<'py> {
        let mut report = Report::default();
        self.core
            .defer(&local.thread, event, inherits_time, &mut report);
        self.report(py, report)
    }

    /// Emits an event that exists.
    #[inline(never)]
    pub(crate) fn emit_event<'py>(
        &self,
        local: &Local,
        object: &Bound<'py, PyEvent>,
    ) -> Reply<'py> {
        let (py, event) = (object.py(), object.get().event());
        if self.core.is_emitting(&local.thread) {
            return self.defer(py, local, event.clone(), false);
        }
        if !self.core.has_listeners(&event.kind) {
            return local.success(py, 0);
        }
        self.check_open()?;
        let mut scope = Scope::of(object);
        let tally = self.core.deliver(&local.thread, event, &mut scope);
        self.outcome(py, local, tally)
    }
}

#[cold]
fn more_than_an_event() -> PyErr {
    let got = "an Event and more arguments";
    let allowed = "an Event alone, or a kind with what goes with it";
    Error::invalid_value("kind", got, allowed).into()
}
