//! Effect sizes in Python.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ndarray::{Array1, ArrayView1};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::drift::interruptible::interruptible;
use crate::bindings::gate::outside;
use crate::drift::{self as core, FittedUnivariate, Univariate};
use crate::error::Error;

/// How large a difference is, with a confidence interval.
///
/// >>> from driftline import drift
/// >>> effect = drift.effects(range(50), range(20, 70))["share_moved"]
/// >>> effect.value, round(effect.low, 3), round(effect.high, 3), effect.level
/// (0.4, 0.128, 0.672, 0.95)
/// >>> effect.explain()
/// 'At least 40.0 % of the rows would have to move to turn one sample into the other.'
#[pyclass(frozen, eq, from_py_object, module = "driftline.drift")]
#[derive(Clone, PartialEq)]
pub(crate) struct EffectSize {
    inner: core::EffectSize,
}

#[pymethods]
impl EffectSize {
    #[new]
    #[pyo3(signature = (*, name, value, low, high, level))]
    fn new(name: String, value: f64, low: f64, high: f64, level: f64) -> Self {
        let inner = core::EffectSize {
            name: name.into(),
            value,
            low,
            high,
            level,
        };
        Self { inner }
    }

    /// What was measured, as in ``effects["cliffs_delta"]``.
    #[getter]
    fn name(&self) -> &str {
        &self.inner.name
    }

    /// The estimate.
    #[getter]
    fn value(&self) -> f64 {
        self.inner.value
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

    /// How often such intervals hold the truth, 0 to 1.
    #[getter]
    fn level(&self) -> f64 {
        self.inner.level
    }

    /// The value nearest to zero that the interval leaves possible, without
    /// its sign: what ``drifted(min_effect=...)`` compares.
    #[getter]
    fn at_least(&self) -> f64 {
        self.inner.at_least()
    }

    /// What the value says, in one sentence.
    fn explain(&self) -> String {
        self.inner.explain()
    }

    fn __repr__(&self) -> String {
        let e = &self.inner;
        format!(
            "EffectSize(name='{}', value={:?}, low={:?}, high={:?}, level={:?})",
            e.name, e.value, e.low, e.high, e.level
        )
    }

    fn __hash__(&self) -> u64 {
        let e = &self.inner;
        let mut hasher = DefaultHasher::new();
        // + 0.0: the two zeros are equal.
        let bits = |x: f64| (x + 0.0).to_bits();
        (&e.name, bits(e.value), bits(e.low), bits(e.high)).hash(&mut hasher);
        hasher.finish()
    }

    #[pyo3(signature = () -> "tuple[tuple[()], dict[str, object]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let dict = PyDict::new(py);
        dict.set_item(intern!(py, "name"), self.inner.name.as_ref())?;
        dict.set_item(intern!(py, "value"), self.inner.value)?;
        dict.set_item(intern!(py, "low"), self.inner.low)?;
        dict.set_item(intern!(py, "high"), self.inner.high)?;
        dict.set_item(intern!(py, "level"), self.inner.level)?;
        Ok((PyTuple::empty(py), dict))
    }
}

/// All effect sizes of two one-dimensional numeric samples, by name.
///
/// Positive means that the current sample is larger (wider).
///
/// ``share_moved``: the share of rows that would have to move, at least, to turn
/// one sample into the other (0 to 1; the Kolmogorov-Smirnov distance).
/// ``cliffs_delta``: P(c > b) - P(c < b) for a current value c and one of the
/// baseline b, -1 to 1. ``probability_of_superiority``: P(c > b) + P(c = b) / 2.
/// ``hedges_g``: the shift of the mean in pooled standard deviations.
/// ``log_spread_ratio``: ln of the ratio of the standard deviations. The last
/// two need two finite values in each sample and are left out otherwise.
///
/// Each has an interval that holds the truth with probability ``level``, if
/// the rows are independent. NaN is left out.
///
/// >>> from driftline import drift
/// >>> effects = drift.effects([1, 2, 3, 4], [3, 4, 5, 6])
/// >>> effects["cliffs_delta"].value, effects["share_moved"].value
/// (0.75, 0.5)
#[pyfunction]
#[pyo3(signature = (
    baseline: "numpy.typing.ArrayLike",
    current: "numpy.typing.ArrayLike",
    *,
    level: "float" = 0.95
))]
pub(crate) fn effects(
    baseline: &Bound<'_, PyAny>,
    current: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = level)] level: f64,
) -> PyResult<BTreeMap<String, EffectSize>> {
    let py = baseline.py();
    let (baseline, current) = (vector("baseline", baseline)?, vector("current", current)?);
    let effects = outside(py, || core::effects(baseline.view(), current.view(), level))?;
    Ok(by_name(&effects))
}

pub(crate) fn by_name(effects: &core::Effects) -> BTreeMap<String, EffectSize> {
    effects
        .iter()
        .map(|effect| {
            let inner = effect.clone();
            (inner.name.to_string(), EffectSize { inner })
        })
        .collect()
}

/// The other way: what a pickled result brings along.
pub(crate) fn from_names(effects: BTreeMap<String, EffectSize>) -> core::Effects {
    effects.into_values().map(|effect| effect.inner).collect()
}

fn level(obj: &Bound<'_, PyAny>) -> PyResult<f64> {
    obj.extract().map_err(|cause: PyErr| {
        let refused: PyErr = Error::invalid_type("level", describe(obj), "a number").into();
        refused.set_cause(obj.py(), Some(cause));
        refused
    })
}

/// What was compared, for effects that nobody may ever ask for.
pub(crate) enum Evidence {
    Numbers(Samples),
    /// The counts that a test of shares has judged.
    Counts(core::CountTable),
    /// Numbers whose counts were not kept: they are counted once more.
    Binned(Arc<dyn FittedUnivariate>, Samples),
}

impl Evidence {
    /// Of numbers, whatever the test makes of them.
    pub(crate) fn of_numbers(
        test: &dyn Univariate,
        fitted: &Arc<dyn FittedUnivariate>,
        samples: Samples,
    ) -> Self {
        match test.as_categorical() {
            Some(_) => Self::Binned(Arc::clone(fitted), samples),
            None => Self::Numbers(samples),
        }
    }

    /// The effects at the usual level, with the one that is the test's own.
    pub(crate) fn effects(
        &self,
        py: Python<'_>,
        test: Option<&dyn Univariate>,
    ) -> PyResult<core::Effects> {
        match self {
            Self::Numbers(samples) => samples.with_views(py, |baseline, current| {
                interruptible(py, |interrupted| {
                    let mut effects = core::effects(baseline, current, core::LEVEL)?;
                    if let Some(test) = test {
                        effects.extend(core::own_effect(
                            test,
                            baseline,
                            current,
                            core::LEVEL,
                            interrupted,
                        )?);
                    }
                    Ok(effects)
                })
            }),
            Self::Counts(table) => of_table(py, test, table),
            Self::Binned(fitted, samples) => {
                let counted = samples.with_views(py, |_, current| {
                    Ok(outside(py, || fitted.compare_counted(current))?)
                })?;
                match counted.1 {
                    Some(table) => of_table(py, test, &table),
                    None => Ok(core::Effects::default()),
                }
            }
        }
    }
}

fn of_table(
    py: Python<'_>,
    test: Option<&dyn Univariate>,
    table: &core::CountTable,
) -> PyResult<core::Effects> {
    interruptible(py, |interrupted| {
        let mut effects = core::effects_of_counts(&table.baseline, &table.current, core::LEVEL)?;
        if let Some(test) = test.and_then(|test| test.as_categorical()) {
            let own = core::own_effect_of_counts(test, table, core::LEVEL, interrupted)?;
            effects.extend(own);
        }
        Ok(effects)
    })
}

/// Two samples of numbers.
pub(crate) struct Samples {
    pub(crate) baseline: Arc<Array1<f64>>,
    pub(crate) current: Current,
}

/// A current sample: our own copy, which nobody else sees.
pub(crate) enum Current {
    Array(Arc<Array1<f64>>),
    /// Sorted by NumPy. It holds nothing, so that no cycle leads through it.
    Sorted(Py<PyArray1<f64>>),
}

impl Samples {
    /// The same samples, for another result.
    pub(crate) fn share(&self, py: Python<'_>) -> Self {
        Self {
            baseline: Arc::clone(&self.baseline),
            current: match &self.current {
                Current::Array(values) => Current::Array(Arc::clone(values)),
                Current::Sorted(array) => Current::Sorted(array.clone_ref(py)),
            },
        }
    }

    fn with_views<R>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(ArrayView1<'_, f64>, ArrayView1<'_, f64>) -> PyResult<R>,
    ) -> PyResult<R> {
        let baseline = self.baseline.view();
        match &self.current {
            Current::Array(values) => work(baseline, values.view()),
            Current::Sorted(array) => {
                let array = array.bind(py).try_readonly()?;
                work(baseline, array.as_array())
            }
        }
    }
}
