//! A baseline table, prepared once, and the reports of tables compared with it.

use std::cell::RefCell;
use std::sync::Arc;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use super::input::{Input, read};
use super::{error_model, roles};
use crate::bindings::arguments::array::describe;
use crate::bindings::arguments::{argument, count, flag, number, string, text, whole};
use crate::bindings::drift::{foreign, test_argument};
use crate::bindings::gate::outside;
use crate::drift::Univariate;
use crate::error::{Error, Result};
use crate::table::verdict::{Correction, Options};
use crate::table::{
    ErrorModel, Every, Host, Periods, Plan, Probability, Report, Settings, Tests, compare_tables,
};

/// What a comparison of tables is to answer; see `driftline.compare`.
#[pyclass(frozen, module = "driftline._driftline", name = "TableSettings")]
pub(crate) struct PyTableSettings {
    settings: Settings,
    /// Names for the columns of two-dimensional arrays.
    pub(super) names: Option<Vec<String>>,
}

#[pymethods]
impl PyTableSettings {
    #[new]
    #[pyo3(signature = (
        *,
        columns: "list[str] | None" = None,
        tests: "typing.Any",
        alpha: "float" = 0.05,
        min_effect: "float" = 0.05,
        correction: "str" = "bh",
        weights: "collections.abc.Mapping[str, float] | None",
        segments: "str | None" = None,
        target: "str | None" = None,
        prediction: "str | None" = None,
        probability: "str | collections.abc.Mapping[typing.Any, str] | None" = None,
        positive: "str | float | bool | None" = None,
        error_model: "typing.Any",
        threads: "int | None" = None,
        seed: "int" = 0,
        max_exact: "int" = 1_000_000,
        multivariate: "bool" = true
    ))]
    #[allow(clippy::too_many_arguments)] // those of `driftline.compare`
    fn new(
        columns: Option<Vec<String>>,
        tests: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = self::alpha)] alpha: f64,
        #[pyo3(from_py_with = self::min_effect)] min_effect: f64,
        #[pyo3(from_py_with = self::correction)] correction: &str,
        weights: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = self::segments)] segments: Option<String>,
        #[pyo3(from_py_with = self::target)] target: Option<String>,
        #[pyo3(from_py_with = self::prediction)] prediction: Option<String>,
        #[pyo3(from_py_with = roles::probability)] probability: Option<Probability>,
        #[pyo3(from_py_with = roles::positive)] positive: Option<String>,
        error_model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = self::threads)] threads: Option<usize>,
        #[pyo3(from_py_with = self::seed)] seed: u64,
        #[pyo3(from_py_with = self::max_exact)] max_exact: u64,
        #[pyo3(from_py_with = self::multivariate)] multivariate: bool,
    ) -> PyResult<Self> {
        let correction = Correction::from_name(correction)?;
        let verdict = Options {
            alpha,
            min_effect,
            correction,
        };
        verdict.validate()?;
        let settings = Settings {
            columns: columns.clone(),
            tests: self::tests(tests)?,
            verdict,
            weights: self::weights(weights)?,
            segments,
            target,
            prediction,
            probability,
            positive,
            error_model: error_model.map_or(Ok(ErrorModel::Nothing), error_model::error_model)?,
            threads,
            seed,
            max_exact,
            multivariate,
        };
        Ok(Self {
            settings,
            names: columns,
        })
    }

    /// Prepares a baseline. `progress(done, total)` is called now and then.
    #[pyo3(signature = (
        baseline: "typing.Any",
        *,
        progress: "collections.abc.Callable[[int, int], object] | None" = None
    ))]
    fn fit(
        slf: &Bound<'_, Self>,
        baseline: &Bound<'_, PyAny>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTablePlan> {
        let own = slf.get();
        let host = Interpreter::new(slf.py(), progress);
        let input = read("baseline", baseline, own.names.as_deref())?;
        let core = Arc::new(own.fitted(input, &host)?);
        Ok(PyTablePlan {
            core,
            settings: slf.clone().unbind(),
        })
    }

    /// Compares two tables: the report as JSON. With `by` and `every` period by period, too.
    #[pyo3(signature = (
        baseline: "typing.Any",
        current: "typing.Any",
        *,
        by: "str | None" = None,
        every: "str" = "month",
        progress: "collections.abc.Callable[[int, int], object] | None" = None
    ))]
    fn compare(
        &self,
        py: Python<'_>,
        baseline: &Bound<'_, PyAny>,
        current: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = self::by)] by: Option<String>,
        #[pyo3(from_py_with = self::every)] every: &str,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let periods = periods(by, every)?;
        let host = Interpreter::new(py, progress);
        let ours = read("baseline", baseline, self.names.as_deref())?;
        let theirs = read("current", current, self.names.as_deref())?;
        let (mut ours, mut theirs) = match (ours, theirs) {
            (Input::Whole(ours), Input::Whole(theirs)) => (ours, theirs),
            (ours, theirs) => {
                let plan = self.fitted(ours, &host)?;
                return compared(&plan, theirs, periods.as_ref(), &host);
            }
        };
        let settings = self.settings.clone();
        let report = compare_tables(
            settings,
            ours.as_mut(),
            theirs.as_mut(),
            periods.as_ref(),
            &host,
        );
        written(&host, report)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        let mut tests = self.settings.tests.iter();
        tests.try_for_each(|test| foreign::traverse(&**test, &visit))?;
        error_model::traverse(&self.settings.error_model, &visit)
    }

    fn __clear__(&self) {
        for test in self.settings.tests.iter() {
            foreign::clear(&**test);
        }
        error_model::clear(&self.settings.error_model);
    }
}

impl PyTableSettings {
    fn fitted(&self, baseline: Input, host: &Interpreter<'_, '_>) -> PyResult<Plan> {
        let settings = self.settings.clone();
        host.outcome(match baseline {
            Input::Whole(mut table) => Plan::fit(settings, table.as_mut(), host),
            Input::Stream(mut batches) => Plan::fit_batches(settings, batches.as_mut(), host),
        })
    }
}

/// A baseline table that others are compared with; made by `driftline.fit`.
#[pyclass(frozen, module = "driftline._driftline", name = "TablePlan")]
pub(crate) struct PyTablePlan {
    pub(crate) core: Arc<Plan>,
    /// Which shows the tests to the collector.
    pub(super) settings: Py<PyTableSettings>,
}

impl PyTablePlan {
    /// Of a plan that was read again.
    pub(crate) fn of(py: Python<'_>, core: Arc<Plan>) -> PyResult<Self> {
        let settings = core.settings().clone();
        let names = settings.columns.clone();
        let settings = Py::new(py, PyTableSettings { settings, names })?;
        Ok(Self { core, settings })
    }
}

#[pymethods]
impl PyTablePlan {
    /// How many rows the baseline has.
    #[getter]
    fn n_rows(&self) -> u64 {
        self.core.n_rows()
    }

    /// The columns that are compared.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.core.columns().collect()
    }

    /// Compares a table with the baseline: the report as JSON; see `TableSettings.compare`.
    #[pyo3(signature = (
        current: "typing.Any",
        *,
        by: "str | None" = None,
        every: "str" = "month",
        progress: "collections.abc.Callable[[int, int], object] | None" = None
    ))]
    fn compare(
        &self,
        py: Python<'_>,
        current: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = self::by)] by: Option<String>,
        #[pyo3(from_py_with = self::every)] every: &str,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let periods = periods(by, every)?;
        let host = Interpreter::new(py, progress);
        let input = read("current", current, self.settings.get().names.as_deref())?;
        compared(&self.core, input, periods.as_ref(), &host)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.settings)?;
        error_model::traverse_fitted(&self.core, &visit)
    }

    fn __clear__(&self) {
        error_model::clear_fitted(&self.core);
    }
}

fn periods(by: Option<String>, every: &str) -> PyResult<Option<Periods>> {
    let every = Every::from_name(every)?;
    Ok(by.map(|by| Periods { by, every }))
}

fn compared(
    plan: &Plan,
    current: Input,
    periods: Option<&Periods>,
    host: &Interpreter<'_, '_>,
) -> PyResult<String> {
    let report = match (current, periods) {
        (Input::Whole(mut table), None) => plan.compare(table.as_mut(), host),
        (Input::Whole(mut table), Some(periods)) => {
            plan.compare_periods(table.as_mut(), periods, host)
        }
        (Input::Stream(mut batches), None) => plan.compare_batches(batches.as_mut(), host),
        (Input::Stream(_), Some(_)) => {
            let got = "a stream of batches larger than memory";
            let allowed = "a table at hand, to cut into periods";
            return Err(Error::invalid_type("table", got, allowed).into());
        }
    };
    written(host, report)
}

/// The report as JSON.
pub(crate) fn written(host: &Interpreter<'_, '_>, report: Result<Report>) -> PyResult<String> {
    let report = host.outcome(report)?;
    let text = outside(host.py, || serde_json::to_string(&report));
    text.map_err(|error| Error::invalid_value("report", error, "a report").into())
}

/// The calling thread, which steps out of the interpreter while it computes.
pub(crate) struct Interpreter<'a, 'py> {
    pub(super) py: Python<'py>,
    progress: Option<&'a Bound<'py, PyAny>>,
    /// What a signal or the progress bar raised.
    raised: RefCell<Option<PyErr>>,
}

impl<'a, 'py> Interpreter<'a, 'py> {
    pub(crate) fn new(py: Python<'py>, progress: Option<&'a Bound<'py, PyAny>>) -> Self {
        Self {
            py,
            progress,
            raised: RefCell::new(None),
        }
    }

    pub(crate) fn outcome<T>(&self, result: Result<T>) -> PyResult<T> {
        match (result, self.raised.take()) {
            (Err(Error::Interrupted), Some(raised)) => Err(raised),
            (result, _) => Ok(result?),
        }
    }
}

impl Host for Interpreter<'_, '_> {
    fn aside(&self, work: &mut (dyn FnMut() + Send)) {
        outside(self.py, work);
    }

    fn progress(&self, done: usize, total: usize) -> Result<()> {
        let told = self.py.check_signals().and_then(|()| match self.progress {
            Some(progress) => progress.call1((done, total)).map(drop),
            None => Ok(()),
        });
        told.map_err(|error| {
            self.raised.replace(Some(error));
            Error::Interrupted
        })
    }
}

argument!(alpha: f64 = number);
argument!(min_effect: f64 = number);
argument!(seed: u64 = count);
argument!(max_exact: u64 = count);
argument!(multivariate: bool = flag);

fn correction<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    string("correction", value, "a str")?.to_str()
}

fn every<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    string("every", value, "a str")?.to_str()
}

fn name(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if value.is_none() {
        return Ok(None);
    }
    text(argument, value).map(|name| Some(name.as_ref().to_owned()))
}

argument!(by: Option<String> = name);
argument!(segments: Option<String> = name);
argument!(target: Option<String> = name);
argument!(prediction: Option<String> = name);

fn threads(value: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    if value.is_none() {
        return Ok(None);
    }
    Ok(Some(whole("threads", value, 1..=1024)? as usize))
}

fn weights(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, f64)>> {
    let allowed = "a mapping from names of columns to positive numbers, or None";
    if value.is_none() {
        return Ok(Vec::new());
    }
    let refused = |what: &Bound<'_, PyAny>| {
        PyErr::from(Error::invalid_type("weights", describe(what), allowed))
    };
    let mapping = value.cast::<PyMapping>().map_err(|_| refused(value))?;
    let mut weights = Vec::new();
    for pair in mapping.items()?.iter() {
        let (name, weight): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let text = name.cast::<PyString>().map_err(|_| refused(&name))?;
        weights.push((
            text.to_string_lossy().into_owned(),
            number("weights", &weight)?,
        ));
    }
    Ok(weights)
}

/// `"auto"`, a test, or a mapping from kinds and names of columns to tests.
fn tests(value: &Bound<'_, PyAny>) -> PyResult<Tests> {
    let named = |value: &Bound<'_, PyAny>| -> PyResult<Arc<dyn Univariate>> {
        test_argument(value).map_err(|error| renamed(value.py(), error))
    };
    let is_auto = |value: &Bound<'_, PyAny>| {
        value
            .cast::<PyString>()
            .is_ok_and(|text| text.to_string_lossy() == "auto")
    };
    if is_auto(value) {
        return Ok(Tests::default());
    }
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return Ok(Tests::default().with(named(value)?));
    };
    let mut tests = Tests::default();
    for pair in mapping.items()?.iter() {
        let (key, test): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        if is_auto(&test) {
            continue;
        }
        let key = text("tests", &key)?;
        let test = named(&test)?;
        tests = match key.as_ref() {
            "numeric" => tests.with_numeric(test),
            "categorical" => tests.with_categorical(test)?,
            column => tests.with_column(column, test),
        };
    }
    Ok(tests)
}

/// The same error about argument `tests`.
fn renamed(py: Python<'_>, error: PyErr) -> PyErr {
    let text = error
        .value(py)
        .str()
        .map(|text| text.to_string())
        .unwrap_or_default();
    let Some(rest) = text.strip_prefix("test: got ") else {
        return error;
    };
    let Some((got, allowed)) = rest.split_once("; accepted: ") else {
        return error;
    };
    let allowed = format!("\"auto\", a mapping from columns or kinds to tests, {allowed}");
    let named = if error.is_instance_of::<pyo3::exceptions::PyTypeError>(py) {
        Error::invalid_type("tests", got, allowed)
    } else {
        Error::invalid_value("tests", got, allowed)
    };
    named.into()
}
