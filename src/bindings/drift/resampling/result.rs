//! What `permutation` and `bootstrap` answer.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::drift::resampling as core;

/// What relabellings say about a statistic; unpacks as ``(statistic, p_value)``.
#[pyclass(frozen, sequence, module = "driftline.drift")]
pub(crate) struct PermutationResult {
    inner: core::PermutationResult,
}

impl From<core::PermutationResult> for PermutationResult {
    fn from(inner: core::PermutationResult) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl PermutationResult {
    /// Rebuilds a result from its fields.
    #[new]
    #[pyo3(signature = (*, statistic, p_value, n_permutations, interval, exact))]
    fn new(
        statistic: f64,
        p_value: f64,
        n_permutations: usize,
        interval: (f64, f64),
        exact: bool,
    ) -> Self {
        Self {
            inner: core::PermutationResult {
                statistic,
                p_value,
                n_permutations,
                interval,
                exact,
            },
        }
    }

    /// The statistic of the samples as they are.
    #[getter]
    fn statistic(&self) -> f64 {
        self.inner.statistic
    }

    /// The share of relabellings as extreme, above 0.
    #[getter]
    fn p_value(&self) -> f64 {
        self.inner.p_value
    }

    /// Relabellings that were looked at.
    #[getter]
    fn n_permutations(&self) -> usize {
        self.inner.n_permutations
    }

    /// Where the p-value of infinitely many lies, with 95 % confidence.
    #[getter]
    fn interval(&self) -> (f64, f64) {
        self.inner.interval
    }

    /// Whether each relabelling was looked at once.
    #[getter]
    fn exact(&self) -> bool {
        self.inner.exact
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
        shown("PermutationResult", &self.fields(py)?)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let other = other.cast::<Self>();
        other.is_ok_and(|other| other.get().inner == self.inner)
    }

    fn __hash__(&self) -> u64 {
        (self.inner.statistic + 0.0).to_bits() ^ self.inner.n_permutations as u64
    }

    #[pyo3(signature = () -> "tuple[tuple[()], dict[str, object]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((PyTuple::empty(py), self.fields(py)?))
    }
}

impl PermutationResult {
    fn pair<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (self.inner.statistic, self.inner.p_value).into_pyobject(py)
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("statistic", self.inner.statistic)?;
        fields.set_item("p_value", self.inner.p_value)?;
        fields.set_item("n_permutations", self.inner.n_permutations)?;
        fields.set_item("interval", self.inner.interval)?;
        fields.set_item("exact", self.inner.exact)?;
        Ok(fields)
    }
}

/// What bootstrap samples say about a statistic.
#[pyclass(frozen, module = "driftline.drift")]
pub(crate) struct BootstrapResult {
    inner: core::BootstrapResult,
}

impl From<core::BootstrapResult> for BootstrapResult {
    fn from(inner: core::BootstrapResult) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl BootstrapResult {
    /// Rebuilds a result from its fields.
    #[new]
    #[pyo3(signature = (
        *, statistic, confidence_interval, standard_error, n_resamples, confidence_level
    ))]
    fn new(
        statistic: f64,
        confidence_interval: (f64, f64),
        standard_error: f64,
        n_resamples: usize,
        confidence_level: f64,
    ) -> Self {
        Self {
            inner: core::BootstrapResult {
                statistic,
                low: confidence_interval.0,
                high: confidence_interval.1,
                standard_error,
                n_resamples,
                confidence_level,
            },
        }
    }

    /// The statistic of the samples as they are.
    #[getter]
    fn statistic(&self) -> f64 {
        self.inner.statistic
    }

    /// Lower and upper end.
    #[getter]
    fn confidence_interval(&self) -> (f64, f64) {
        (self.inner.low, self.inner.high)
    }

    /// Lower end of the interval.
    #[getter]
    fn low(&self) -> f64 {
        self.inner.low
    }

    /// Upper end of the interval.
    #[getter]
    fn high(&self) -> f64 {
        self.inner.high
    }

    /// Standard deviation of the resampled statistics.
    #[getter]
    fn standard_error(&self) -> f64 {
        self.inner.standard_error
    }

    /// Pairs of samples drawn.
    #[getter]
    fn n_resamples(&self) -> usize {
        self.inner.n_resamples
    }

    /// The confidence of the interval.
    #[getter]
    fn confidence_level(&self) -> f64 {
        self.inner.confidence_level
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        shown("BootstrapResult", &self.fields(py)?)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let other = other.cast::<Self>();
        other.is_ok_and(|other| other.get().inner == self.inner)
    }

    fn __hash__(&self) -> u64 {
        (self.inner.statistic + 0.0).to_bits() ^ self.inner.n_resamples as u64
    }

    #[pyo3(signature = () -> "tuple[tuple[()], dict[str, object]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((PyTuple::empty(py), self.fields(py)?))
    }
}

impl BootstrapResult {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("statistic", self.inner.statistic)?;
        fields.set_item("confidence_interval", self.confidence_interval())?;
        fields.set_item("standard_error", self.inner.standard_error)?;
        fields.set_item("n_resamples", self.inner.n_resamples)?;
        fields.set_item("confidence_level", self.inner.confidence_level)?;
        Ok(fields)
    }
}

fn shown(class: &str, fields: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut shown = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        shown.push(format!("{name}={}", value.repr()?));
    }
    Ok(format!("{class}({})", shown.join(", ")))
}
