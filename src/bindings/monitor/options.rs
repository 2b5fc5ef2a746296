//! Windows, schedules, budgets.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::bindings::arguments::{self, Given, described, number, wrong_type};
use crate::bindings::hub::PyHub;
use crate::bindings::table::PyTablePlan;
use crate::error::Error;
use crate::event::Kind;
use crate::monitor::{Config, Every, Rule, Window};
use crate::observer::Budget;

const WINDOW: &str = "a number of rows (the last so many), a time such as \"1d\" (from one \
                      midnight in UTC to the next), or a Window";
const EVERY: &str = "a number of rows of 1 or more, or a time such as \"30d\", \"12h\", \"90min\" \
                     or \"45s\"";

/// Which rows a monitor judges.
///
/// >>> import driftline as dl
/// >>> dl.Window.last(1_000)  # the last 1,000 rows; so does window=1_000
/// Window.last(1000)
/// >>> dl.Window.tumbling(1_000)  # 1,000 rows, then the next 1,000
/// Window.tumbling(1000)
/// >>> dl.Window.tumbling("1h")  # the rows of an hour; so does window="1h"
/// Window.tumbling("3600s")
/// >>> dl.Window.fading(500)  # all rows, each half as important as one 500 rows later
/// Window.fading(500)
#[pyclass(name = "Window", frozen, module = "driftline")]
pub(crate) struct PyWindow(pub(crate) Window);

#[pymethods]
impl PyWindow {
    /// The last ``rows`` rows.
    #[staticmethod]
    #[pyo3(signature = (rows: "int") -> "Window")]
    fn last(rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        checked(Window::Last(whole("rows", rows)?))
    }

    /// So many rows, or the rows of so much time, then the next.
    #[staticmethod]
    #[pyo3(signature = (size: "int | str") -> "Window")]
    fn tumbling(size: &Bound<'_, PyAny>) -> PyResult<Self> {
        match every("size", size)? {
            Every::Seconds(seconds) => checked(Window::TumblingTime(seconds)),
            Every::Rows(_) => checked(Window::TumblingRows(whole("size", size)?)),
        }
    }

    /// All rows, each half as important as one that came ``half_life`` rows later.
    #[staticmethod]
    #[pyo3(signature = (half_life: "float") -> "Window")]
    fn fading(half_life: &Bound<'_, PyAny>) -> PyResult<Self> {
        checked(Window::Fading(number("half_life", half_life)?))
    }

    fn __repr__(&self) -> String {
        shown(self.0)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        shown(self.0).hash(&mut hasher);
        hasher.finish()
    }

    #[pyo3(signature = () -> "tuple[typing.Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let class = slf.get_type();
        let (name, argument) = match slf.get().0 {
            Window::Last(rows) => ("last", rows.into_pyobject(py)?.into_any()),
            Window::TumblingRows(rows) => ("tumbling", rows.into_pyobject(py)?.into_any()),
            Window::TumblingTime(seconds) => (
                "tumbling",
                PyString::new(py, &format!("{seconds}s")).into_any(),
            ),
            Window::Fading(rows) => ("fading", rows.into_pyobject(py)?.into_any()),
        };
        let made = class.getattr(name)?;
        let arguments = PyTuple::new(py, [argument])?;
        PyTuple::new(py, [made, arguments.into_any()])
    }
}

pub(super) fn shown(window: Window) -> String {
    match window {
        Window::Last(rows) => format!("Window.last({rows})"),
        Window::TumblingRows(rows) => format!("Window.tumbling({rows})"),
        Window::TumblingTime(seconds) => format!("Window.tumbling(\"{seconds}s\")"),
        Window::Fading(rows) => format!("Window.fading({rows})"),
    }
}

fn checked(window: Window) -> PyResult<PyWindow> {
    Config::new(window, Rule::Anytime(0.5)).validate()?;
    Ok(PyWindow(window))
}

fn whole(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole(argument, value, 1..=100_000_000)? as usize)
}

/// A number of rows or a time.
fn every(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Every> {
    let Ok(text) = value.cast::<PyString>() else {
        return Ok(Every::Rows(u64::from(arguments::whole(
            argument,
            value,
            1..=u32::MAX,
        )?)));
    };
    let budget = text.to_string_lossy().parse::<Budget>().ok();
    let seconds = budget.and_then(Budget::seconds_between);
    let refused = || Error::invalid_value(argument, described(value), EVERY).into();
    seconds.map(Every::Seconds).ok_or_else(refused)
}

fn window(value: &Bound<'_, PyAny>) -> PyResult<Window> {
    if let Ok(window) = value.cast::<PyWindow>() {
        return Ok(window.get().0);
    }
    if value.is_instance_of::<PyString>() {
        return match every("window", value)? {
            Every::Seconds(seconds) => Ok(Window::TumblingTime(seconds)),
            Every::Rows(rows) => Ok(Window::Last(rows as usize)),
        };
    }
    if value.is_none() {
        return Err(wrong_type("window", value, WINDOW));
    }
    Ok(Window::Last(whole("window", value)?))
}

/// A plan, or what is inside of one.
pub(super) fn plan<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTablePlan>> {
    let core = match value.cast::<PyTablePlan>() {
        Ok(core) => return Ok(core.clone()),
        Err(_) => value.getattr_opt("_core")?,
    };
    let core = core.and_then(|core| core.cast_into::<PyTablePlan>().ok());
    core.ok_or_else(|| wrong_type("plan", value, "a Plan, as driftline.fit makes it"))
}

pub(super) fn hub(value: &Bound<'_, PyAny>) -> PyResult<Py<PyHub>> {
    let hub = value.cast::<PyHub>();
    hub.map(|hub| hub.clone().unbind())
        .map_err(|_| wrong_type("hub", value, "a Hub, or None"))
}

pub(super) fn max_pending(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    whole("max_pending", value)
}

pub(super) fn ttl_s(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number("ttl_s", value)
}

/// What a monitor is made with.
pub(super) struct Options<'a, 'py> {
    pub(super) window: &'a Bound<'py, PyAny>,
    pub(super) every: Option<&'a Bound<'py, PyAny>>,
    pub(super) rule: &'a str,
    pub(super) alpha: Option<&'a Bound<'py, PyAny>>,
    pub(super) false_alarm_every: Option<&'a Bound<'py, PyAny>>,
    pub(super) columns: Option<&'a Bound<'py, PyAny>>,
    pub(super) cooldown_s: f64,
    pub(super) model: Option<&'a Bound<'py, PyAny>>,
    pub(super) kinds: Given<Vec<Kind>>,
    pub(super) field: &'a str,
    pub(super) max_pending: usize,
    pub(super) ttl_s: f64,
    pub(super) name: Option<&'a Bound<'py, PyAny>>,
}

impl Options<'_, '_> {
    /// `alpha` is the plan's.
    pub(super) fn config(self, alpha: f64) -> PyResult<Config> {
        let own = self.alpha.map(|value| number("alpha", value)).transpose()?;
        let budget = self
            .false_alarm_every
            .map(|value| every("false_alarm_every", value))
            .transpose()?;
        let rule = match (budget, self.rule) {
            (Some(_), _) if own.is_some() => {
                let got = "alpha and false_alarm_every";
                let allowed = "one of both: a look's share of a budget is its alpha";
                return Err(Error::invalid_value("false_alarm_every", got, allowed).into());
            }
            (Some(budget), _) => Rule::Budget(budget),
            (None, "anytime") => Rule::Anytime(own.unwrap_or(alpha)),
            (None, "each_look") => Rule::EachLook(own.unwrap_or(alpha)),
            (None, other) => {
                let got = format!("\"{other}\"");
                let allowed = "\"anytime\" or \"each_look\"";
                return Err(Error::invalid_value("rule", got, allowed).into());
            }
        };
        let mut config = Config::new(window(self.window)?, rule);
        config.every = self.every.map(|value| every("every", value)).transpose()?;
        config.columns = self.columns.map(columns).transpose()?;
        config.cooldown_s = self.cooldown_s;
        config.model = self.model.map(arguments::model).transpose()?;
        if let Some(kinds) = self.kinds {
            config.kinds = kinds;
        }
        config.field = self.field.to_owned();
        config.max_pending = self.max_pending;
        config.ttl_s = self.ttl_s;
        if let Some(name) = self.name {
            config.name = arguments::text("name", name)?.as_ref().to_owned();
        }
        config.validate()?;
        Ok(config)
    }
}

fn columns(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    const ALLOWED: &str = "names of columns, or None";
    if value.is_instance_of::<PyString>() {
        return Err(wrong_type("columns", value, ALLOWED));
    }
    let mut names = Vec::new();
    let items = value.try_iter();
    for name in items.map_err(|_| wrong_type("columns", value, ALLOWED))? {
        names.push(arguments::text("columns", &name?)?.as_ref().to_owned());
    }
    Ok(names)
}
