//! `DriftMonitor` in Python.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use crate::bindings::arguments::event_fields::Details;
use crate::bindings::arguments::{self, number};
use crate::bindings::event::model::{PyModelId, quoted};
use crate::bindings::event::timestamp::to_datetime;
use crate::bindings::observer::NativeObserver;
use crate::event::{Event, Kind, ModelFilter};
use crate::observer::{self, DriftMonitor, DriftState};

/// Entries that `str` shows.
const SHOWN: usize = 20;

/// The board: the last statistic, p-value and state of each model and feature.
///
/// It hears ``drift_detected``, ``drift_resolved``, ``drift_score``,
/// ``data_missing`` and ``data_recovered``. An entry is one model, feature,
/// source and test, so that detectors that watch the same feature have a line
/// each; give detectors of the same test a ``name`` each. ``data_missing``
/// without a feature is said of all features of its model and source.
///
/// :param threshold: a ``drift_score`` at or above it is drift: the monitor
///     itself emits ``drift_detected`` on entering and ``drift_resolved`` on
///     leaving, unless the source of the scores does. None only records.
/// :param max_models: the most entries, 1 to 1,000,000; by default the hub's
///     ``max_models``, 1000 without one. Those that were there first stay; what is
///     said of newcomers is counted (``n_overflow``), not kept.
/// :param name: in reports and logs, and the ``source`` of its events.
/// :raises InvalidTypeError: an argument of a type that is not accepted.
/// :raises InvalidValueError: an argument out of range.
///
/// >>> import driftline as dl
/// >>> hub, monitor = dl.Hub(), dl.DriftMonitor(threshold=0.2)
/// >>> handle = hub.register(monitor)
/// >>> report = hub.emit("drift_score", 0.31, model="fraud:1", feature="age")
/// >>> report = hub.emit("drift_score", 0.07, model="fraud:1", feature="income")
/// >>> print(monitor)
/// model    feature  source  test  statistic  p_value  state
/// fraud:1  age      -       -     0.31       -        drifting
/// fraud:1  income   -       -     0.07       -        stable
/// >>> monitor.state(model="fraud")
/// 'drifting'
#[pyclass(name = "DriftMonitor", frozen, extends = NativeObserver, module = "driftline", weakref)]
pub(crate) struct PyDriftMonitor {
    pub(crate) core: Arc<DriftMonitor>,
}

fn entries(entries: Vec<observer::DriftEntry>) -> Vec<DriftEntry> {
    entries.into_iter().map(DriftEntry).collect()
}

#[pymethods]
impl PyDriftMonitor {
    #[new]
    #[pyo3(signature = (
        *,
        threshold: "float | None" = None,
        max_models: "int | None" = None,
        name: "str | None" = None
    ))]
    fn new(
        threshold: Option<&Bound<'_, PyAny>>,
        max_models: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let threshold = threshold.map(|value| number("threshold", value));
        let max_models = max_models.map(arguments::max_models).transpose()?;
        let name = name.map(|name| arguments::text("name", name)).transpose()?;
        let core = Arc::new(DriftMonitor::new(
            threshold.transpose()?,
            max_models,
            name.unwrap_or_else(|| "drift_monitor".into()),
        )?);
        let base = NativeObserver {
            observer: Arc::clone(&core) as Arc<_>,
        };
        Ok(PyClassInitializer::from(base).add_subclass(Self { core }))
    }

    /// Every entry, in the order in which they came.
    #[pyo3(signature = () -> "list[DriftEntry]")]
    fn board(&self) -> Vec<DriftEntry> {
        entries(self.core.board())
    }

    /// The entries that are drifting.
    #[pyo3(signature = () -> "list[DriftEntry]")]
    fn drifting(&self) -> Vec<DriftEntry> {
        entries(self.core.drifting())
    }

    /// The gravest state: ``"drifting"`` before ``"missing"`` before ``"stable"``.
    ///
    /// :param model: a name means all its versions; None is any.
    /// :param feature: None is any.
    /// :returns: None when nothing was judged.
    #[pyo3(signature = (model: "str | ModelId | None" = None, feature: "str | None" = None) -> "typing.Literal['stable', 'missing', 'drifting'] | None")]
    fn state(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<&'static str>> {
        let model = model.map(arguments::model).transpose()?;
        let feature = feature.map(|feature| arguments::text("feature", feature));
        let feature = feature.transpose()?;
        let model = model.map(ModelFilter::from);
        let state = self.core.state(model.as_ref(), feature.as_deref());
        Ok(state.map(DriftState::as_str))
    }

    /// Take a score without a hub; None, NaN and infinite ones are counted and
    /// change nothing.
    ///
    /// :param timestamp: when; by default now.
    /// :returns: True exactly when drift begins: a score at or above the
    ///     threshold after none that was.
    #[pyo3(signature = (
        statistic: "float | None",
        p_value: "float | None" = None,
        *,
        model: "str | ModelId | None" = None,
        feature: "str | None" = None,
        timestamp: "datetime.datetime | str | None" = None
    ))]
    fn update(
        &self,
        statistic: Option<&Bound<'_, PyAny>>,
        p_value: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
        timestamp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let statistic = statistic.map(|value| number("statistic", value));
        let mut event = Event::new(Kind::DriftScore, statistic.transpose()?);
        Details {
            p_value,
            model,
            feature,
            timestamp,
            ..Details::default()
        }
        .apply(&mut event)?;
        let told = self.core.update(&event);
        Ok(told.is_some_and(|told| told.kind == Kind::DriftDetected))
    }

    /// Empty the board.
    fn reset(&self) {
        self.core.reset();
    }

    /// The score from which on there is drift, or None.
    #[getter]
    fn threshold(&self) -> Option<f64> {
        self.core.threshold()
    }

    /// The most entries.
    #[getter]
    fn max_models(&self) -> usize {
        self.core.max_models()
    }

    /// Events about newcomers for which there was no room.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.n_overflow()
    }

    fn __len__(&self) -> usize {
        self.core.len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        let threshold = self.core.threshold();
        let threshold = threshold.map_or_else(|| "None".to_owned(), |value| value.to_string());
        format!(
            "DriftMonitor(threshold={threshold}, entries={}, drifting={})",
            self.core.len(),
            self.core.drifting().len()
        )
    }

    /// A table, at most 20 entries long.
    fn __str__(&self) -> String {
        let header = [
            "model",
            "feature",
            "source",
            "test",
            "statistic",
            "p_value",
            "state",
        ];
        let board = self.core.board();
        let mut rows = vec![header.map(str::to_owned)];
        rows.extend(board.iter().take(SHOWN).map(cells));
        let mut widths = [0; 7];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let line = |row: &[String; 7]| {
            let cells = row.iter().zip(widths);
            let padded: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let mut lines: Vec<_> = rows.iter().map(line).collect();
        if board.len() > SHOWN {
            lines.push(format!("and {} more", board.len() - SHOWN));
        }
        lines.join("\n")
    }
}

/// An entry as text, column by column.
fn cells(entry: &observer::DriftEntry) -> [String; 7] {
    let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let rounded = |value: Option<f64>| {
        let value = value?;
        let short: f64 = format!("{value:.3e}").parse().unwrap_or(value);
        Some(short.to_string())
    };
    [
        text(entry.model.as_ref().map(ToString::to_string)),
        text(entry.feature.as_ref().map(ToString::to_string)),
        text(entry.source.as_ref().map(ToString::to_string)),
        text(entry.test.as_ref().map(ToString::to_string)),
        text(rounded(entry.statistic)),
        text(rounded(entry.p_value)),
        text(entry.state.map(|state| state.as_str().to_owned())),
    ]
}

/// One line of a ``DriftMonitor``'s board, at the time of asking.
#[pyclass(frozen, module = "driftline")]
pub(crate) struct DriftEntry(observer::DriftEntry);

#[pymethods]
impl DriftEntry {
    /// The model, or None.
    #[getter]
    fn model(&self) -> Option<PyModelId> {
        self.0.model.clone().map(PyModelId)
    }

    /// The feature, or None.
    #[getter]
    fn feature(&self) -> Option<&str> {
        self.0.feature.as_deref()
    }

    /// The observer that judged; None for scores that name none.
    #[getter]
    fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The test, where the events name it.
    #[getter]
    fn test(&self) -> Option<&str> {
        self.0.test.as_deref()
    }

    /// The last statistic, or None.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.0.statistic
    }

    /// The p-value that came with it, or None.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.0.p_value
    }

    /// ``"drifting"``, ``"stable"``, ``"missing"`` (the data has gone missing), or
    /// None while nobody has judged.
    #[getter]
    fn state(&self) -> Option<&'static str> {
        self.0.state.map(DriftState::as_str)
    }

    /// When that state began.
    #[getter]
    fn since<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.0.since)
    }

    /// When the last event came.
    #[getter]
    fn last_update<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        to_datetime(py, self.0.last_update)
    }

    /// Events heard, those without a usable value included.
    #[getter]
    fn n_events(&self) -> u64 {
        self.0.n_events
    }

    /// Scores without a usable value: none, NaN or infinite.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.0.n_missing
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let text = |text: Option<String>| match text {
            Some(text) => quoted(py, &text),
            None => Ok("None".to_owned()),
        };
        let statistic = self.0.statistic.map(|value| value.to_string());
        Ok(format!(
            "DriftEntry(model={}, feature={}, source={}, statistic={}, state={})",
            text(self.0.model.as_ref().map(ToString::to_string))?,
            text(self.0.feature.as_ref().map(ToString::to_string))?,
            text(self.0.source.as_ref().map(ToString::to_string))?,
            statistic.as_deref().unwrap_or("None"),
            text(self.0.state.map(|state| state.as_str().to_owned()))?,
        ))
    }
}
