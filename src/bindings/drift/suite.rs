//! `drift.Suite`: several tests of the same two samples.

use std::sync::Arc;

use ndarray::Array1;
use numpy::PyArrayMethods;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::{argument, whole};
use crate::bindings::drift::effect::{Current, Evidence, Samples};
use crate::bindings::drift::fitted::{NUMPY_SORTS_FROM, sorted};
use crate::bindings::drift::result::TestResult;
use crate::bindings::drift::{foreign, instance, test_argument};
use crate::bindings::gate::{below, outside};
use crate::drift as core;
use crate::error::Error;

/// Several tests of the same two samples, at the cost of one sort.
///
/// ``tests``: names, tests such as ``drift.KS()`` or objects with the same
/// methods, in any mixture, each name once. ``fit(baseline)`` sorts and keeps
/// the baseline once for all; ``compare(current)`` sorts the current sample
/// once, and one pass over both serves all rank tests. Each test answers as it
/// would alone; one that refuses a sample (infinities, too few values) refuses
/// for all. ``threads``: on how many at most; the answer is the same to the last
/// bit on any number of them.
///
/// >>> from driftline import drift
/// >>> suite = drift.Suite(["ks", "wasserstein", drift.Welch()])
/// >>> results = suite.fit([1, 2, 3, 4]).compare([3, 4, 5, 6])
/// >>> {name: round(result.statistic, 6) for name, result in results.items()}
/// {'ks': 0.5, 'wasserstein': 2.0, 'welch': -2.19089}
#[pyclass(frozen, module = "driftline.drift")]
pub(crate) struct Suite {
    core: core::Suite,
    /// As they were given, names as instances.
    tests: Py<PyTuple>,
}

#[pymethods]
impl Suite {
    #[new]
    #[pyo3(signature = (
        tests: "collections.abc.Iterable[str | driftline._driftline.drift.UnivariateTest | driftline.comparison.SupportsFit | driftline.comparison.SupportsCompare]",
        *,
        threads: "int" = 1
    ))]
    fn new(
        tests: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = self::threads)] threads: usize,
    ) -> PyResult<Self> {
        let py = tests.py();
        // A text is a list of letters, a mapping one of keys: hardly what was meant.
        let no_list = tests.is_instance_of::<PyString>() || tests.cast::<PyMapping>().is_ok();
        let items = tests.try_iter().ok().filter(|_| !no_list);
        let Some(items) = items else {
            let allowed = "a list of tests, such as [\"ks\", drift.Welch()]";
            return Err(Error::invalid_type("tests", describe(tests), allowed).into());
        };
        let (mut inner, mut shown) = (Vec::new(), Vec::new());
        for item in items {
            let item = item?;
            let test = test_argument(&item)?;
            shown.push(if test.is_foreign() {
                item
            } else {
                instance(py, test.clone())?.into_any()
            });
            inner.push(test);
        }
        Ok(Self {
            core: core::Suite::new(inner)?.with_threads(threads)?,
            tests: PyTuple::new(py, shown)?.unbind(),
        })
    }

    /// The tests, in the order given.
    #[getter]
    fn tests(&self, py: Python<'_>) -> Py<PyTuple> {
        self.tests.clone_ref(py)
    }

    /// On how many threads at most.
    #[getter]
    fn threads(&self) -> usize {
        self.core.threads()
    }

    /// Copies and prepares a baseline, to compare many samples with.
    fn fit(slf: &Bound<'_, Self>, baseline: &Bound<'_, PyAny>) -> PyResult<FittedSuite> {
        let py = slf.py();
        let values = vector("baseline", baseline)?;
        let core = &slf.get().core;
        let fitted = outside(py, || core.fit(values.view()))?;
        Ok(FittedSuite {
            suite: slf.clone().unbind(),
            fitted,
            baseline: Arc::new(values),
        })
    }

    /// Fits and compares in one go.
    #[pyo3(signature = (baseline, current) -> "dict[str, driftline._driftline.drift.TestResult]")]
    fn compare<'py>(
        slf: &Bound<'py, Self>,
        baseline: &Bound<'py, PyAny>,
        current: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDict>> {
        Self::fit(slf, baseline)?.compare(current)
    }

    fn __len__(&self) -> usize {
        self.core.tests().len()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let tests = self.tests.bind(py).to_list().repr()?;
        Ok(match self.core.threads() {
            1 => format!("Suite({tests})"),
            threads => format!("Suite({tests}, threads={threads})"),
        })
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else {
            return Ok(false);
        };
        let other_suite = other.get();
        Ok(self.core.threads() == other_suite.core.threads()
            && self.tests.bind(other.py()).eq(&other_suite.tests)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.tests.bind(py).hash()
    }

    #[pyo3(signature = () -> "tuple[tuple[object, ...], dict[str, int]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let keywords = PyDict::new(py);
        keywords.set_item(intern!(py, "threads"), self.core.threads())?;
        Ok((PyTuple::new(py, [self.tests.bind(py)])?, keywords))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.tests)?;
        let mut tests = self.core.tests().iter();
        tests.try_for_each(|test| foreign::traverse(&**test, &visit))
    }

    fn __clear__(&self) {
        for test in self.core.tests() {
            foreign::clear(&**test);
        }
    }
}

/// A suite that has seen its baseline; made by ``fit``.
#[pyclass(frozen, module = "driftline.drift")]
pub(crate) struct FittedSuite {
    /// What it fitted that is the user's, the suite shows to the collector.
    suite: Py<Suite>,
    fitted: core::FittedSuite,
    /// For the effects of its results.
    baseline: Arc<Array1<f64>>,
}

#[pymethods]
impl FittedSuite {
    /// The suite that was fitted.
    #[getter]
    fn suite(&self, py: Python<'_>) -> Py<Suite> {
        self.suite.clone_ref(py)
    }

    /// The tests, in the order given.
    #[getter]
    fn tests(&self, py: Python<'_>) -> Py<PyTuple> {
        self.suite.get().tests(py)
    }

    /// Values of the baseline that are used (missing ones left out).
    #[getter]
    fn n_baseline(&self) -> usize {
        self.fitted.n_baseline()
    }

    /// Compares a one-dimensional sample with the baseline: a result for each
    /// test by its name, in the order of the tests.
    #[pyo3(signature = (current) -> "dict[str, driftline._driftline.drift.TestResult]")]
    fn compare<'py>(&self, current: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        let py = current.py();
        let values = vector("current", current)?;
        let (results, current) = if self.fitted.sorts() && values.len() >= NUMPY_SORTS_FROM {
            let kept = self.fitted.keeps_order().then(|| values.clone());
            let array = below(py, || sorted(py, values))?;
            let readonly = array.try_readonly()?;
            let view = readonly.as_array();
            let current = kept.as_ref().map_or(view, |values| values.view());
            let results = outside(py, || self.fitted.compare_sorted(current, view))?;
            drop(readonly);
            (results, Current::Sorted(array.unbind()))
        } else {
            let results = outside(py, || self.fitted.compare(values.view()))?;
            (results, Current::Array(Arc::new(values)))
        };
        let samples = Samples {
            baseline: Arc::clone(&self.baseline),
            current,
        };
        let by_name = PyDict::new(py);
        let tests = self.suite.get().core.tests().iter();
        for (result, (test, fitted)) in results.into_iter().zip(tests.zip(self.fitted.fitted())) {
            let name = PyString::new(py, &result.test);
            let evidence = Evidence::of_numbers(test.as_ref(), fitted, samples.share(py));
            let result = TestResult::new(result, test, evidence);
            by_name.set_item(name, result)?;
        }
        Ok(by_name)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let suite = self.suite.get().__repr__(py)?;
        Ok(format!("{suite}.fit(<{} values>)", self.n_baseline()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.suite)
    }
}

argument!(threads: usize = |name, value| whole(name, value, 1..=1024).map(|n| n as usize));
