//! `TestResult` in Python.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::drift as core;

/// The outcome of a comparison; unpacks as ``(statistic, p_value)``.
///
/// >>> from driftline import drift
/// >>> result = drift.KS().compare([1, 2, 3], [7, 8, 9])
/// >>> statistic, p_value = result
/// >>> statistic, round(p_value, 3), result.n_current
/// (1.0, 0.1, 3)
#[pyclass(frozen, sequence, module = "driftline.drift")]
pub(crate) struct TestResult {
    inner: core::TestResult,
}

impl TestResult {
    /// The result itself.
    pub(crate) fn core(&self) -> &core::TestResult {
        &self.inner
    }
}

impl From<core::TestResult> for TestResult {
    fn from(inner: core::TestResult) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl TestResult {
    /// Rebuilds a result from what ``to_dict`` gives.
    #[new]
    #[pyo3(signature = (
        *, test, statistic, distance, p_value, log_p_value, effect_size, df, n_baseline, n_current,
        n_missing_baseline, n_missing_current
    ))]
    #[allow(clippy::too_many_arguments)] // one for each field
    fn new(
        test: String,
        statistic: f64,
        distance: f64,
        p_value: Option<f64>,
        log_p_value: Option<f64>,
        effect_size: f64,
        df: Option<f64>,
        n_baseline: usize,
        n_current: usize,
        n_missing_baseline: usize,
        n_missing_current: usize,
    ) -> Self {
        Self {
            inner: core::TestResult {
                test: test.into(),
                statistic,
                distance,
                p_value,
                log_p_value,
                effect_size,
                df,
                n_baseline,
                n_current,
                n_missing_baseline,
                n_missing_current,
            },
        }
    }

    /// Configuration name of the test.
    #[getter]
    fn test(&self) -> &str {
        &self.inner.test
    }

    /// The statistic or distance.
    #[getter]
    fn statistic(&self) -> f64 {
        self.inner.statistic
    }

    /// The statistic in the direction that counts as drift.
    #[getter]
    fn distance(&self) -> f64 {
        self.inner.distance
    }

    /// Probability of a statistic at least this extreme without drift.
    #[getter]
    fn p_value(&self) -> Option<f64> {
        self.inner.p_value
    }

    /// Natural logarithm of the p-value, finite where that underflows.
    #[getter]
    fn log_p_value(&self) -> Option<f64> {
        self.inner.log_p_value
    }

    /// The test's own measure of how large the difference is.
    #[getter]
    fn effect_size(&self) -> f64 {
        self.inner.effect_size
    }

    /// Degrees of freedom, where the test has them.
    #[getter]
    fn df(&self) -> Option<f64> {
        self.inner.df
    }

    /// Values of the baseline that were used.
    #[getter]
    fn n_baseline(&self) -> usize {
        self.inner.n_baseline
    }

    /// Values of the current sample that were used.
    #[getter]
    fn n_current(&self) -> usize {
        self.inner.n_current
    }

    /// Missing values left out of the baseline.
    #[getter]
    fn n_missing_baseline(&self) -> usize {
        self.inner.n_missing_baseline
    }

    /// Missing values left out of the current sample.
    #[getter]
    fn n_missing_current(&self) -> usize {
        self.inner.n_missing_current
    }

    /// Whether this counts as drift: every criterion given must hold.
    ///
    /// ``alpha``: the p-value is below it. ``threshold``: the distance is at
    /// least this. ``min_effect``: the effect size, whatever its sign, is at
    /// least this. At least one of them is needed.
    ///
    /// >>> from driftline import drift
    /// >>> result = drift.KS().compare(range(50), range(20, 70))
    /// >>> result.drifted(alpha=0.01), result.drifted(alpha=0.01, min_effect=0.5)
    /// (True, False)
    #[pyo3(signature = (*, alpha=None, threshold=None, min_effect=None))]
    fn drifted(
        &self,
        alpha: Option<Bound<'_, PyAny>>,
        threshold: Option<Bound<'_, PyAny>>,
        min_effect: Option<Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let alpha = number("alpha", alpha)?;
        let threshold = number("threshold", threshold)?;
        let min_effect = number("min_effect", min_effect)?;
        Ok(self.inner.drifted(alpha, threshold, min_effect)?)
    }

    /// All fields by name.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let r = &self.inner;
        dict.set_item(intern!(py, "test"), r.test.as_ref())?;
        dict.set_item(intern!(py, "statistic"), r.statistic)?;
        dict.set_item(intern!(py, "distance"), r.distance)?;
        dict.set_item(intern!(py, "p_value"), r.p_value)?;
        dict.set_item(intern!(py, "log_p_value"), r.log_p_value)?;
        dict.set_item(intern!(py, "effect_size"), r.effect_size)?;
        dict.set_item(intern!(py, "df"), r.df)?;
        dict.set_item(intern!(py, "n_baseline"), r.n_baseline)?;
        dict.set_item(intern!(py, "n_current"), r.n_current)?;
        dict.set_item(intern!(py, "n_missing_baseline"), r.n_missing_baseline)?;
        dict.set_item(intern!(py, "n_missing_current"), r.n_missing_current)?;
        Ok(dict)
    }

    fn __len__(&self) -> usize {
        2
    }

    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.pair(index.py())?.as_any().get_item(index)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.pair(py)?.as_any().try_iter()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut shown = Vec::new();
        for (name, value) in self.to_dict(py)? {
            if !value.is_none() {
                shown.push(format!("{name}={}", value.repr()?));
            }
        }
        Ok(format!("TestResult({})", shown.join(", ")))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().inner == self.inner)
    }

    fn __hash__(&self) -> u64 {
        let r = &self.inner;
        let mut hasher = DefaultHasher::new();
        // + 0.0: the two zeros are equal.
        let bits = |x: f64| (x + 0.0).to_bits();
        (&r.test, bits(r.statistic), r.p_value.map(bits)).hash(&mut hasher);
        (r.n_baseline, r.n_current).hash(&mut hasher);
        hasher.finish()
    }

    #[pyo3(signature = () -> "tuple[tuple[()], dict[str, object]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((PyTuple::empty(py), self.to_dict(py)?))
    }
}

impl TestResult {
    fn pair<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (self.inner.statistic, self.inner.p_value).into_pyobject(py)
    }
}

fn number(argument: &'static str, obj: Option<Bound<'_, PyAny>>) -> PyResult<Option<f64>> {
    let Some(obj) = obj else { return Ok(None) };
    obj.extract::<f64>().map(Some).map_err(|error| {
        let got = crate::bindings::arguments::array::describe(&obj);
        let refused: PyErr =
            crate::error::Error::invalid_type(argument, got, "a number or None").into();
        refused.set_cause(obj.py(), Some(error));
        refused
    })
}
