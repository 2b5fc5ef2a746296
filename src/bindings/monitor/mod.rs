//! `Monitor` in Python.
//!
//! | where | what |
//! |---|---|
//! | `options.rs` | windows, schedules, budgets |
//! | `row.rs` | one row of Python's as cells |
//! | `table.rs` | tables, whole or in batches |
//! | `labels.rs` | labels that arrive later, performance |
//! | `saved.rs` | monitors as bytes and as files |
//! | `look.rs` | what the last look said |

mod labels;
mod look;
mod options;
mod row;
mod saved;
mod table;

pub(crate) use look::PyLook;
pub(crate) use options::PyWindow;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyString;

use self::options::Options;
use self::row::RowReader;
use crate::bindings::arguments::{self, Given, argument};
use crate::bindings::event::timestamp::timestamp;
use crate::bindings::hub::PyHub;
use crate::bindings::hub::local::Local;
use crate::bindings::observer::drift_detector::options::{cooldown_s, given_kinds};
use crate::bindings::observer::{NativeObserver, detached};
use crate::bindings::table::{Interpreter, PyTablePlan, written};
use crate::event::{Event, Kind, Timestamp};
use crate::monitor::{Alarm, DueLook, Monitor};
use crate::observer::TableMonitor;

const DEFAULT_KINDS: Given<Vec<Kind>> = None;

/// Watches the rows that a service sees: a plan at work; made by ``Plan.monitor``.
///
/// Rows come in by :meth:`observe` and :meth:`observe_many`, from any number of threads, or,
/// registered on a hub, from the metadata of ``inference_completed`` events. They are counted
/// on the bins of the plan's baseline; looks at the window tell which columns have drifted,
/// and ``drift_detected`` and ``drift_resolved`` of each column and of the table go to the
/// hub. :meth:`report` compares the window wholly, at any time.
///
/// >>> import numpy as np
/// >>> import driftline as dl
/// >>> rng = np.random.default_rng(7)
/// >>> plan = dl.fit({"age": rng.normal(40, 10, 5000), "city": rng.choice(["Oslo", "Rome"], 5000)})
/// >>> hub = dl.Hub()
/// >>> handle = hub.register(lambda event: print(event.feature, event.metadata["message"]))
/// >>> monitor = plan.monitor(window=500, hub=hub)
/// >>> for age in rng.normal(40, 10, 500):
/// ...     monitor.observe({"age": age, "city": "Oslo"})
/// city in the last 500 rows 51.0% of the rows have moved, at least 46.9% for certain
/// None 1 of 2 columns have drifted in the last 500 rows: city (51.0%)
/// >>> monitor.drifting
/// ('city',)
/// >>> monitor.report()["age"].verdict
/// 'inconclusive'
#[pyclass(name = "Monitor", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyMonitor {
    core: Arc<TableMonitor>,
    reader: RowReader,
    plan: Py<PyTablePlan>,
    /// Where alarms of rows that came directly go.
    hub: Mutex<Option<Py<PyHub>>>,
    n_undelivered: AtomicU64,
}

argument!(complete: bool = arguments::flag);

impl PyMonitor {
    fn with<'py>(
        py: Python<'py>,
        monitor: Monitor,
        plan: Py<PyTablePlan>,
        hub: Option<Py<PyHub>>,
    ) -> PyResult<Bound<'py, Self>> {
        let reader = RowReader::new(py, monitor.columns());
        let core = Arc::new(TableMonitor::new(monitor));
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        let own = Self {
            core,
            reader,
            plan,
            hub: Mutex::new(hub),
            n_undelivered: AtomicU64::new(0),
        };
        Bound::new(py, PyClassInitializer::from(base).add_subclass(own))
    }

    fn monitor(&self) -> &Monitor {
        self.core.monitor()
    }

    /// Looks if it is time, without the interpreter, and tells what was found.
    #[inline]
    fn judge(&self, py: Python<'_>, due: Option<DueLook>) -> PyResult<()> {
        match due {
            None => Ok(()),
            due => {
                let alarms = detached(py, || self.monitor().judge(due))?;
                self.tell(py, &alarms)
            }
        }
    }

    /// Tells the hub. What it refuses is counted: whoever gives a row is not to blame.
    #[cold]
    fn tell(&self, py: Python<'_>, alarms: &[Alarm]) -> PyResult<()> {
        let hub = self.hub.lock().as_ref().map(|hub| hub.clone_ref(py));
        let Some(hub) = hub else { return Ok(()) };
        let events: Vec<Event> = self.core.events(alarms).collect();
        for event in events {
            let emitted = Local::with(|local| {
                let object = local.event(py, event.clone())?;
                hub.get().emit_event(local, &object).map_err(|error| *error)
            });
            if let Err(error) = emitted {
                if !error.is_instance_of::<pyo3::exceptions::PyException>(py) {
                    return Err(error);
                }
                self.n_undelivered.fetch_add(1, Ordering::Relaxed);
                log::warn!(target: "driftline.hub", "an alarm of a monitor was not delivered: {error}");
            }
        }
        Ok(())
    }
}

fn when(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Timestamp>> {
    value.map(|value| timestamp("timestamp", value)).transpose()
}

#[pymethods]
impl PyMonitor {
    #[new]
    #[pyo3(signature = (
        plan: "driftline.Plan | TablePlan",
        *,
        window: "int | str | Window",
        every: "int | str | None" = None,
        hub: "Hub | None" = None,
        rule: "typing.Literal['anytime', 'each_look']" = "anytime",
        alpha: "float | None" = None,
        false_alarm_every: "int | str | None" = None,
        history: "typing.Any" = None,
        columns: "collections.abc.Iterable[str] | None" = None,
        cooldown_s: "float" = 300.0,
        model: "str | ModelId | None" = None,
        kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
        field: "str" = "features",
        max_pending: "int" = 10_000,
        ttl_s: "float" = 2_592_000.0,
        name: "str | None" = None
    ), text_signature = "(plan, *, window, every=None, hub=None, rule='anytime', alpha=None, \
                         false_alarm_every=None, history=None, columns=None, cooldown_s=300.0, \
                         model=None, kinds=('inference_completed',), field='features', \
                         max_pending=10000, ttl_s=2592000.0, name=None)")]
    #[allow(clippy::too_many_arguments)]
    fn new<'py>(
        plan: &Bound<'py, PyAny>,
        window: &Bound<'_, PyAny>,
        every: Option<&Bound<'_, PyAny>>,
        hub: Option<&Bound<'_, PyAny>>,
        rule: &str,
        alpha: Option<&Bound<'_, PyAny>>,
        false_alarm_every: Option<&Bound<'_, PyAny>>,
        history: Option<&Bound<'_, PyAny>>,
        columns: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        field: &str,
        #[pyo3(from_py_with = options::max_pending)] max_pending: usize,
        #[pyo3(from_py_with = options::ttl_s)] ttl_s: f64,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = plan.py();
        let plan = options::plan(plan)?;
        let core = &plan.get().core;
        let hub = hub.map(options::hub).transpose()?;
        let config = Options {
            window,
            every,
            rule,
            alpha,
            false_alarm_every,
            columns,
            cooldown_s,
            model,
            kinds,
            field,
            max_pending,
            ttl_s,
            name,
        }
        .config(core.verdict().alpha)?;
        let mut monitor = Monitor::new(core.clone(), config)?;
        if let Some(history) = history {
            let host = Interpreter::new(py, None);
            monitor = table::with_history(monitor, history, &host)?;
        }
        Self::with(py, monitor, plan.clone().unbind(), hub)
    }

    /// Take one row.
    ///
    /// :param row: a one-dimensional array or a sequence with a cell for each of
    ///     :attr:`columns`, in their order; or a mapping from names to cells (what it lacks
    ///     is missing, what the plan has not is left alone), an object with ``to_dict()``
    ///     such as a Series, or with ``model_dump()`` such as a pydantic model. Cells are
    ///     numbers, text, flags, dates and times; None and NaN are missing.
    /// :param id: with it the row waits for its label; see :meth:`ground_truth`.
    /// :param timestamp: when; by default now. Time never goes back.
    /// :raises InvalidTypeError: what is no row.
    /// :raises InvalidValueError: another number of cells, or a cell of another kind than the
    ///     baseline's. The row is then not taken.
    #[pyo3(signature = (
        row: "typing.Any",
        *,
        id: "str | int | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None
    ))]
    fn observe(
        &self,
        py: Python<'_>,
        row: &Bound<'_, PyAny>,
        id: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let at = match timestamp {
            None => None,
            value => when(value)?,
        };
        let due = match id {
            None => self.reader.take(self.monitor(), row, None, at)?,
            Some(id) => {
                let id = arguments::id(id)?;
                self.reader.take(self.monitor(), row, Some(&id), at)?
            }
        };
        self.judge(py, due)
    }

    /// Take many rows at once, in their order.
    ///
    /// :param table: any table that ``driftline.fit`` takes, or a two-dimensional array with
    ///     :attr:`columns` in their order. Columns that it lacks are missing in all its rows.
    /// :param ids: one for each row, with which they wait for their labels; see
    ///     :meth:`ground_truth`.
    /// :param timestamps: when, one for each row; by default now.
    /// :returns: how many rows were taken.
    /// :raises InvalidTypeError: what is no table.
    /// :raises InvalidValueError: a table with none of the columns, and columns of another
    ///     kind than the baseline's. No row is then taken (of a stream: of the batch).
    #[pyo3(signature = (
        table: "typing.Any",
        *,
        ids: "collections.abc.Iterable[str | int] | None" = None,
        timestamps: "typing.Any" = None
    ))]
    fn observe_many(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        ids: Option<&Bound<'_, PyAny>>,
        timestamps: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let ids = ids.map(labels::ids).transpose()?;
        let tell = |alarms: &[Alarm]| self.tell(py, alarms);
        table::observe(self.monitor(), table, timestamps, ids.as_deref(), tell)
    }

    /// Compare the rows of the window with the baseline, wholly.
    ///
    /// Windows that hold rows (the last n, and tumbling ones of n) answer with the very report
    /// that ``Plan.compare`` gives of these rows. Windows of time and fading ones only count:
    /// their reports say nothing of all columns at once, of duplicate rows and of columns of
    /// times, and flag every column ``"approximate"``.
    ///
    /// :param complete: of a tumbling window: the last one that has ended, instead of the one
    ///     that is filled at present.
    /// :raises EmptySampleError: no rows so far.
    #[pyo3(signature = (*, complete: "bool" = false) -> "driftline.report.DriftReport")]
    fn report<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = complete)] complete: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let host = Interpreter::new(py, None);
        let report = written(&host, self.monitor().report(complete, &host))?;
        let compare = py.import("driftline._plan")?;
        compare.call_method1("_report", (report,))
    }

    /// A monitor whose window holds the rows of both, this one's first: two windows of the
    /// last n rows make one of the last 2 n. Both go on as they were; rows that wait for
    /// labels stay with them.
    ///
    /// :param other: a monitor of the same plan with the same kind of window.
    /// :raises InvalidValueError: a monitor of another plan, or with another window.
    #[pyo3(signature = (other: "Monitor") -> "Monitor")]
    fn merge<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let py = slf.py();
        let other = other
            .cast::<Self>()
            .map_err(|_| arguments::wrong_type("other", other, "a Monitor"))?;
        let (ours, theirs) = (slf.get(), other.get());
        let merged = detached(py, || ours.monitor().merge(theirs.monitor()))?;
        let hub = ours.hub.lock().as_ref().map(|hub| hub.clone_ref(py));
        Self::with(py, merged, ours.plan.clone_ref(py), hub)
    }

    /// Judge what time alone brings about: a window of time that is over, a schedule by time.
    /// Without it the next row does; a hub's ``tick`` does it for registered monitors.
    #[pyo3(signature = (timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None))]
    fn tick(&self, py: Python<'_>, timestamp: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let now = when(timestamp)?.unwrap_or_else(Timestamp::now);
        let alarms = detached(py, || self.monitor().tick(now))?;
        self.tell(py, &alarms)
    }

    /// Forget the window and all drift that was told of; rows go on waiting for labels.
    fn reset(&self, py: Python<'_>) {
        detached(py, || self.monitor().reset());
    }

    /// The names of the columns, in the order of a row's cells.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        let columns = self.monitor().columns().iter();
        columns.map(|column| &**column.name()).collect()
    }

    /// Which rows are judged.
    #[getter]
    fn window(&self) -> PyWindow {
        PyWindow(self.monitor().config().window)
    }

    /// Rows taken since the beginning.
    #[getter]
    fn n(&self) -> u64 {
        self.monitor().n().0
    }

    /// Rows of the window; of a fading one as many as tell as much.
    #[getter]
    fn n_window(&self) -> u64 {
        self.monitor().n().1
    }

    /// Looks so far.
    #[getter]
    fn n_looks(&self) -> u64 {
        self.monitor().n().2
    }

    /// Whether the table has drifted, as of the last look.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.monitor().is_drifting()
    }

    /// The columns that have drifted, as of the last look.
    #[getter]
    fn drifting<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let names = self.monitor().drifting();
        pyo3::types::PyTuple::new(py, names.iter().map(|name| PyString::new(py, name)))
    }

    /// Alerts of the table told so far, reminders included.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.monitor().n_detections().0
    }

    /// Looks that found the table still drifting within ``cooldown_s``.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.monitor().n_detections().1
    }

    /// Events that the hub refused, being shut down.
    #[getter]
    fn n_undelivered(&self) -> u64 {
        self.n_undelivered.load(Ordering::Relaxed)
    }

    /// The last look, or None.
    #[getter]
    fn last_look(&self) -> Option<PyLook> {
        self.monitor().last_look().map(PyLook)
    }

    /// For each column, how many rows of the window, and of the baseline, are worth one that
    /// does not depend on those before it; None without ``history``.
    #[getter]
    fn dependence(&self) -> Option<Vec<(String, f64, f64)>> {
        let dependence = self.monitor().dependence()?;
        let columns = self.monitor().columns().iter().zip(dependence);
        Some(
            columns
                .map(|(column, own)| (column.name().to_string(), own.window, own.baseline))
                .collect(),
        )
    }

    fn __repr__(&self) -> String {
        let (n, in_window, looks) = self.monitor().n();
        format!(
            "Monitor(window={}, {} columns, n={n}, n_window={in_window}, n_looks={looks}, drift_detected={})",
            options::shown(self.monitor().config().window),
            self.monitor().columns().len(),
            if self.monitor().is_drifting() {
                "True"
            } else {
                "False"
            },
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.plan)?;
        match self.hub.try_lock() {
            Some(hub) => visit.call(&*hub),
            None => Ok(()),
        }
    }

    fn __clear__(&self) {
        let hub = self.hub.try_lock().and_then(|mut hub| hub.take());
        drop(hub);
    }
}
