//! A test that has seen its baseline.

use std::sync::Arc;

use ndarray::Array1;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::labels::{Sample, sample};
use crate::bindings::drift::categorical::{in_bins, mixed};
use crate::bindings::drift::effect::{Current, Evidence, Samples};
use crate::bindings::drift::result::TestResult;
use crate::bindings::drift::{UnivariateTest, instance};
use crate::bindings::gate::{below, outside};
use crate::drift::{self as core, Categories, FittedCategorical, FittedUnivariate, Univariate};
use crate::error::Error;

/// From this length on NumPy's sort beats ours by more than the call costs.
pub(super) const NUMPY_SORTS_FROM: usize = 128;

/// A test that has seen its baseline; made by ``fit``.
#[pyclass(frozen, module = "driftline.drift")]
pub(crate) struct Fitted {
    test: Arc<dyn Univariate>,
    seen: Seen,
    n_baseline: usize,
    /// The seed, where samples come in the order of time.
    ordered: Option<u64>,
}

/// A baseline of numbers or of labels.
enum Seen {
    /// With the values themselves, for the effects of its results.
    Numbers(Arc<dyn FittedUnivariate>, Arc<Array1<f64>>),
    Labels(Arc<dyn FittedCategorical>),
}

impl Fitted {
    /// Copies and prepares a baseline; with a seed, one in the order of time.
    pub(super) fn new(
        test: &Arc<dyn Univariate>,
        baseline: &Bound<'_, PyAny>,
        ordered: Option<u64>,
    ) -> PyResult<Self> {
        let py = baseline.py();
        let sample = match test.as_categorical() {
            Some(_) => sample("baseline", baseline)?,
            None => Sample::Numbers(vector("baseline", baseline)?),
        };
        let (seen, n_baseline) = match (sample, test.as_categorical()) {
            (Sample::Labels(_), _) if ordered.is_some() => {
                let got = describe(baseline);
                let allowed = "numbers, with ordered=True";
                return Err(Error::invalid_type("baseline", got, allowed).into());
            }
            (Sample::Labels(labels), Some(test)) => (
                Seen::Labels(test.fit_labels(&labels)?),
                labels.len() as usize,
            ),
            (Sample::Labels(_), None) => {
                let got = describe(baseline);
                return Err(Error::invalid_type("baseline", got, "numbers").into());
            }
            (Sample::Numbers(mut values), categorical) => {
                let n_baseline = values.iter().filter(|x| !x.is_nan()).count();
                let sorts = test.ranks() || categorical.is_some();
                if ordered.is_none() && sorts && values.len() >= NUMPY_SORTS_FROM {
                    let array = below(py, || sorted(py, values))?;
                    values = array.to_owned_array();
                }
                let fitted = outside(py, || test.fit(values.view()))?;
                (Seen::Numbers(fitted, Arc::new(values)), n_baseline)
            }
        };
        Ok(Self {
            test: Arc::clone(test),
            seen,
            n_baseline,
            ordered,
        })
    }
}

#[pymethods]
impl Fitted {
    /// The test that was fitted.
    #[getter]
    fn test<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, UnivariateTest>> {
        instance(py, Arc::clone(&self.test))
    }

    /// Values of the baseline that are used (missing ones left out).
    #[getter]
    fn n_baseline(&self) -> usize {
        self.n_baseline
    }

    /// Compares a one-dimensional sample with the baseline.
    pub(super) fn compare(&self, current: &Bound<'_, PyAny>) -> PyResult<TestResult> {
        if let Some(seed) = self.ordered {
            return self.compare_ordered(current, seed);
        }
        let (result, table) = match &self.seen {
            Seen::Numbers(fitted, _) if self.test.as_categorical().is_some() => {
                in_bins(fitted.as_ref(), current)?
            }
            Seen::Numbers(fitted, baseline) => {
                let (result, current) = of_numbers(fitted.as_ref(), current)?;
                let samples = Samples {
                    baseline: Arc::clone(baseline),
                    current,
                };
                let evidence = Evidence::Numbers(samples);
                return Ok(TestResult::new(result, &self.test, evidence));
            }
            Seen::Labels(fitted) => match sample("current", current)? {
                Sample::Labels(labels) => {
                    outside(current.py(), || fitted.compare_labels_counted(&labels))?
                }
                // Nothing but missing values is of no kind.
                Sample::Numbers(values) if values.iter().all(|x| x.is_nan()) => {
                    let nothing = Categories::from_counts([], values.len() as u64);
                    fitted.compare_labels_counted(&nothing)?
                }
                Sample::Numbers(_) => return Err(mixed(current, "strings, as the baseline is")),
            },
        };
        let evidence = Evidence::Counts(table);
        Ok(TestResult::new(result, &self.test, evidence))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "{}.fit(<{} values>)",
            self.test(py)?.repr()?,
            self.n_baseline
        ))
    }
}

impl Fitted {
    fn compare_ordered(&self, current: &Bound<'_, PyAny>, seed: u64) -> PyResult<TestResult> {
        let Seen::Numbers(fitted, baseline) = &self.seen else {
            let got = describe(current);
            return Err(Error::invalid_type("current", got, "numbers, with ordered=True").into());
        };
        let values = vector("current", current)?;
        let compared = outside(current.py(), || {
            core::ordered::compare(self.test.as_ref(), baseline.view(), values.view(), seed)
        })?;
        let samples = Samples {
            baseline: Arc::clone(baseline),
            current: Current::Array(Arc::new(values)),
        };
        let (n, m) = compared.effective_n;
        let evidence = Evidence::of_numbers(self.test.as_ref(), fitted, samples);
        let result = TestResult::new(compared.result, &self.test, evidence);
        Ok(result.with_effective_n(n, m))
    }
}

fn of_numbers(
    fitted: &dyn FittedUnivariate,
    current: &Bound<'_, PyAny>,
) -> PyResult<(core::TestResult, Current)> {
    let py = current.py();
    let values = vector("current", current)?;
    if fitted.sorts() && values.len() >= NUMPY_SORTS_FROM {
        let array = below(py, || sorted(py, values))?;
        let readonly = array.try_readonly()?;
        let view = readonly.as_array();
        let result = outside(py, || fitted.compare(view))?;
        drop(readonly);
        return Ok((result, Current::Sorted(array.unbind())));
    }
    let result = outside(py, || fitted.compare(values.view()))?;
    Ok((result, Current::Array(Arc::new(values))))
}

/// Our own copy, sorted in place by NumPy (missing values last).
pub(super) fn sorted(py: Python<'_>, values: Array1<f64>) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let array = PyArray1::from_owned_array(py, values);
    array.call_method0(intern!(py, "sort"))?;
    Ok(array)
}
