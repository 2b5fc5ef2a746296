//! `TestResult` in Python.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::bindings::drift::effect::{EffectSize, Evidence, by_name, from_names};
use crate::drift::{self as core, Univariate};

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
    /// Which effect the test's own is.
    effect: Cow<'static, str>,
    /// For the interval of its own effect. `None` for a test of the user's, which
    /// would be hidden from the collector here.
    test: Option<Arc<dyn Univariate>>,
    /// `None` in a result that was made from its fields.
    evidence: Option<Evidence>,
    effects: OnceLock<core::Effects>,
    effective_n: Option<(f64, f64)>,
}

impl TestResult {
    /// The result itself.
    pub(crate) fn core(&self) -> &core::TestResult {
        &self.inner
    }

    /// A result that can still be asked for its effects.
    pub(crate) fn new(
        inner: core::TestResult,
        test: &Arc<dyn Univariate>,
        evidence: Evidence,
    ) -> Self {
        Self {
            test: (!test.is_foreign()).then(|| Arc::clone(test)),
            evidence: Some(evidence),
            ..Self::plain(inner, test.effect())
        }
    }

    /// A result that keeps nothing but itself.
    pub(crate) fn plain(inner: core::TestResult, effect: Cow<'static, str>) -> Self {
        Self {
            inner,
            effect,
            test: None,
            evidence: None,
            effects: OnceLock::new(),
            effective_n: None,
        }
    }

    /// The same, of samples in the order of time.
    pub(crate) fn with_effective_n(mut self, baseline: f64, current: f64) -> Self {
        self.effective_n = Some((baseline, current));
        self
    }

    /// Made at the first call. Two threads may both do so: no lock is held
    /// outside the interpreter.
    fn all_effects(&self, py: Python<'_>) -> PyResult<Option<&core::Effects>> {
        if self.effects.get().is_none()
            && let Some(evidence) = &self.evidence
        {
            let effects = evidence.effects(py, self.test.as_deref())?;
            let _ = self.effects.set(effects.widened(self.widening()));
        }
        Ok(self.effects.get())
    }

    /// The test's own effect with its interval, where there is one.
    fn own_effect(&self, py: Python<'_>) -> PyResult<Option<core::EffectSize>> {
        let Some(effects) = self.all_effects(py)? else {
            return Ok(None);
        };
        Ok(match self.effect.as_ref() {
            // Of numbers, a one-sided distance has an interval of its own.
            "share_moved" if effects.get("cliffs_delta").is_some() => {
                let (n, m) = (self.inner.n_baseline, self.inner.n_current);
                let effect = core::share_moved(self.inner.effect_size, n, m, core::LEVEL)?;
                Some(effect.widened(self.widening()))
            }
            name => effects.get(name).cloned(),
        })
    }

    /// By how much intervals of independent values are too narrow.
    fn widening(&self) -> f64 {
        let rate = |n: f64, m: f64| 1.0 / n + 1.0 / m;
        let sizes = (self.inner.n_baseline as f64, self.inner.n_current as f64);
        let (n, m) = self.effective_n.unwrap_or(sizes);
        (rate(n, m) / rate(sizes.0, sizes.1)).sqrt().max(1.0)
    }
}

#[pymethods]
impl TestResult {
    /// Rebuilds a result from what ``to_dict`` gives.
    #[new]
    #[pyo3(signature = (
        *, test, statistic, distance, p_value, log_p_value, effect_size, df, n_baseline, n_current,
        n_missing_baseline, n_missing_current, effective_n: "tuple[float, float] | None" = None,
        effect: "str | None" = None, effects: "dict[str, EffectSize] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)] // one for each field
    fn from_fields(
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
        effective_n: Option<(f64, f64)>,
        effect: Option<String>,
        effects: Option<BTreeMap<String, EffectSize>>,
    ) -> Self {
        Self {
            effect: effect.map_or_else(|| Cow::Owned(test.clone()), Cow::Owned),
            test: None,
            evidence: None,
            effects: effects.map_or_else(OnceLock::new, |all| OnceLock::from(from_names(all))),
            effective_n,
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

    /// All effect sizes by name, with intervals of 95 %: of numbers those of
    /// ``drift.effects``, of labels and of numbers in bins ``share_moved`` (total
    /// variation: the share of rows that would have to change category) and
    /// ``cramers_v``; and the test's own by its name where it is none of these.
    ///
    /// The interval of such an own effect is a bootstrap's: both samples are
    /// drawn again 999 times, the same ones in every call, of more than 4,000
    /// numbers so many (there it is wider than need be where there is hardly a
    /// difference). That takes up to seconds; Ctrl-C ends it.
    ///
    /// Made at the first access, from the samples or their counts, which the
    /// result keeps for it. Empty for tests of rows and in a result that was
    /// rebuilt from ``to_dict``; a pickle makes and has them. Of a test of the user's its
    /// own is missing (``drift.bootstrap`` gives that an interval). Rows are
    /// taken to be independent; with ``ordered=True`` the intervals are as wide
    /// as those of so many values as ``effective_n`` says.
    ///
    /// >>> from driftline import drift
    /// >>> result = drift.Welch().compare([1, 2, 3, 4], [3, 4, 5, 6])
    /// >>> result.effects["cliffs_delta"].value
    /// 0.75
    #[getter]
    fn effects(&self, py: Python<'_>) -> PyResult<BTreeMap<String, EffectSize>> {
        Ok(self.all_effects(py)?.map_or_else(BTreeMap::new, by_name))
    }

    /// Independent values that the baseline and the current sample amount to,
    /// with ``ordered=True``; None otherwise.
    #[getter]
    fn effective_n(&self) -> Option<(f64, f64)> {
        self.effective_n
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
    /// least this. ``min_effect``: the test's own effect is at least this,
    /// whatever its sign. The interval of 95 % in ``effects`` decides: its end
    /// nearest to zero must be at least ``min_effect``, so that few values prove
    /// no effect. The estimate ``effect_size`` decides only where nothing else
    /// is there: for tests of rows, tests of the user's and results rebuilt from
    /// ``to_dict``. At least one of them is needed.
    ///
    /// >>> from driftline import drift
    /// >>> result = drift.KS().compare(range(50), range(20, 70))
    /// >>> result.drifted(alpha=0.01), result.drifted(alpha=0.01, min_effect=0.5)
    /// (True, False)
    #[pyo3(signature = (*, alpha=None, threshold=None, min_effect=None))]
    fn drifted(
        &self,
        py: Python<'_>,
        alpha: Option<Bound<'_, PyAny>>,
        threshold: Option<Bound<'_, PyAny>>,
        min_effect: Option<Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let alpha = number("alpha", alpha)?;
        let threshold = number("threshold", threshold)?;
        let min_effect = number("min_effect", min_effect)?;
        let effect = match min_effect {
            Some(_) => self.own_effect(py)?,
            None => None,
        };
        let effect = effect.as_ref();
        Ok(self
            .inner
            .drifted_by(alpha, threshold, min_effect, effect)?)
    }

    /// All fields by name, without ``effects``.
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
        dict.set_item(intern!(py, "effective_n"), self.effective_n)?;
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
            .map(Bound::get)
            .is_ok_and(|other| other.inner == self.inner && other.effective_n == self.effective_n)
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
        let fields = self.to_dict(py)?;
        fields.set_item(intern!(py, "effect"), self.effect.as_ref())?;
        fields.set_item(intern!(py, "effects"), self.all_effects(py)?.map(by_name))?;
        Ok((PyTuple::empty(py), fields))
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
