//! The detector that finds its threshold in history.

use std::sync::Arc;

use ndarray::Array1;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::PyDriftDetector;
use super::options::*;
use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, Given};
use crate::bindings::gate::outside;
use crate::drift::Univariate;
use crate::error::Error;
use crate::event::Kind;
use crate::observer::{Budget, Calibration, Decide, DriftDetector};

#[pymethods]
impl PyDriftDetector {
    /// A detector whose threshold keeps false alarms within a budget.
    ///
    /// The threshold is found from history by a moving-block bootstrap, which
    /// covers the dependence of values on those before them, the uncertainty of
    /// the baseline, and that of the history itself (it errs on the safe side).
    ///
    /// :param history: values in their order, from a time when all was well: at
    ///     least two windows, better ten and more. It becomes the baseline.
    /// :param false_alarm_every: samples between false alarms, on average.
    /// :param baseline: what to compare with instead of the history.
    /// :param block_length: values per block; by default twice the length that
    ///     Politis and White (2004) find from the history.
    /// :param n_bootstrap: replicates, 20 to 10,000.
    /// :param seed: the same seed gives the same threshold.
    ///
    /// The other parameters are those of the class; with ``per_model`` all models
    /// share baseline and threshold, and each spends a budget of its own. Tests that need a window's
    /// values at every look (``ks``, ``psi``) do best with ``check_every`` at a
    /// tenth of the window or more: with looks at every value, a few seconds of
    /// simulation see only few windows, and the threshold comes out too high.
    ///
    /// :raises InvalidValueError: an option out of range, a budget of time (such
    ///     as ``"30d"``), a history shorter than two windows.
    ///
    /// >>> import driftline as dl, numpy as np
    /// >>> history = np.random.default_rng(0).normal(size=2000)
    /// >>> detector = dl.DriftDetector.calibrated(
    /// ...     history, window_size=50, false_alarm_every=100_000)
    /// >>> 0.5 < detector.threshold < 1.2
    /// True
    #[classmethod]
    #[pyo3(
        signature = (
            history: "numpy.typing.ArrayLike",
            *,
            window_size: "int",
            false_alarm_every: "float",
            baseline: "numpy.typing.ArrayLike | None" = None,
            test: "str | driftline._driftline.drift.UnivariateTest | driftline.comparison.SupportsFit | driftline.comparison.SupportsCompare" = DEFAULT_TEST,
            check_every: "int | None" = None,
            block_length: "int | None" = None,
            n_bootstrap: "int" = 100,
            seed: "int" = 0,
            kinds: "str | collections.abc.Iterable[str]" = DEFAULT_KINDS,
            feature: "str | None" = None,
            field: "str | None" = None,
            model: "str | ModelId | None" = None,
            cooldown_s: "float" = 300.0,
            max_missing_rate: "float" = 0.5,
            per_model: "bool" = false,
            max_models: "int | None" = None,
            no_data_after_s: "float | None" = None,
            name: "str | None" = None,
            clock: "collections.abc.Callable[[], float] | None" = None
        ),
        text_signature = "($cls, history, *, window_size, false_alarm_every, baseline=None, \
                          test='mean_shift', check_every=None, block_length=None, \
                          n_bootstrap=100, seed=0, kinds=('observation', 'drift_score'), \
                          feature=None, field=None, model=None, cooldown_s=300.0, \
                          max_missing_rate=0.5, per_model=False, max_models=None, \
                          no_data_after_s=None, name=None, clock=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn calibrated(
        _cls: &Bound<'_, PyType>,
        py: Python<'_>,
        history: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = window_size)] window_size: usize,
        #[pyo3(from_py_with = budget)] false_alarm_every: Budget,
        baseline: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = given_test)] test: Given<Arc<dyn Univariate>>,
        check_every: Option<&Bound<'_, PyAny>>,
        block_length: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = n_bootstrap)] n_bootstrap: usize,
        #[pyo3(from_py_with = seed)] seed: u64,
        #[pyo3(from_py_with = given_kinds)] kinds: Given<Vec<Kind>>,
        feature: Option<&Bound<'_, PyAny>>,
        field: Option<&Bound<'_, PyAny>>,
        model: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = cooldown_s)] cooldown_s: f64,
        #[pyo3(from_py_with = max_missing_rate)] max_missing_rate: f64,
        #[pyo3(from_py_with = per_model)] per_model: bool,
        max_models: Option<&Bound<'_, PyAny>>,
        no_data_after_s: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Self>> {
        let options = Options {
            window_size,
            test,
            check_every,
            kinds,
            feature,
            field,
            model,
            cooldown_s,
            max_missing_rate,
            per_model,
            max_models,
            no_data_after_s,
            name,
        };
        let config = options.config(Decide::Threshold(0.0))?;
        let calibration = Calibration {
            false_alarm_every,
            block_length: block_length
                .map(|length| arguments::whole("block_length", length, 1..=u32::MAX))
                .transpose()?
                .map(|length| length as usize),
            n_bootstrap,
            seed,
        };
        let history = vector("history", history)?;
        let baseline: Option<Array1<f64>> = baseline
            .map(|sample| vector("baseline", sample))
            .transpose()?;
        let mut signal = None;
        let core = outside(py, || {
            let baseline = baseline.as_ref().map(|sample| sample.view());
            DriftDetector::calibrated_unless(
                history.view(),
                baseline,
                config,
                &calibration,
                &mut || {
                    signal = Python::attach(|py| py.check_signals()).err();
                    signal.is_some()
                },
            )
        });
        let core = match (core, signal) {
            (Err(Error::Interrupted), Some(signal)) => return Err(signal),
            (core, _) => core?,
        };
        let baselines = Baselines::Shared(baseline.unwrap_or(history));
        Py::new(py, Self::initializer(core, baselines, clock, true)?)
    }
}
