//! `drift.permutation` and `drift.bootstrap`: p-values and intervals of anything.

mod callable;
mod result;

pub(crate) use result::{BootstrapResult, PermutationResult};

use std::sync::Arc;

use ndarray::Array1;
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::{Map, Value};

use self::callable::CallableStatistic;
use super::categorical::mixed;
use super::foreign::not_a_test;
use super::interruptible::interruptible;
use super::multivariate::{self, MultivariateTest};
use super::test_argument;
use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::labels::{Sample, sample};
use crate::bindings::arguments::matrix::matrix;
use crate::bindings::arguments::{self, number};
use crate::drift::multivariate::Multivariate;
use crate::drift::resampling::{
    self as core, Bootstrap, BootstrapMethod, LabelStatistic, MultivariateStatistic, Permutation,
    UnivariateStatistic,
};
use crate::drift::{Alternative, Categories, Univariate};
use crate::error::Error;

/// The p-value of any statistic, by dealing the rows to the samples at random.
///
/// ``test_or_statistic`` is a test of any kind (by name too), whose distance is
/// looked at, or a callable ``f(baseline, current) -> float``, which is given
/// arrays. Rows must be independent, and are if nothing is said: then p is
/// exact whatever their distribution. ``alternative`` says which statistics are
/// extreme: "greater", "less" or "two-sided" (twice the smaller share), as in
/// ``scipy.stats.permutation_test``. p is (b + 1) / (k + 1) where b of k
/// relabellings are as extreme; when there are no more than ``n_permutations``
/// ways, each is looked at once (``exact``).
///
/// ``block_length``: the samples are in order of time and depend on their
/// neighbours; blocks of so many rows change places, at most a quarter of all
/// rows (not of labels, which are counted). ``max_exceedances``: stop when so many were as extreme (Besag &
/// Clifford 1991). The answer depends on ``seed``, not on ``threads``; a callable
/// runs on this thread.
///
/// >>> from driftline import drift
/// >>> result = drift.permutation("mean_shift", [1, 2], [4, 7, 11])
/// >>> result.p_value, result.exact
/// (0.2, True)
/// >>> import numpy as np
/// >>> rng = np.random.default_rng(0)
/// >>> ratio = lambda b, c: c.std() / b.std()
/// >>> drift.permutation(
/// ...     ratio, rng.normal(size=50), 2 * rng.normal(size=60), n_permutations=999
/// ... ).p_value
/// 0.001
#[pyfunction]
#[pyo3(signature = (
    test_or_statistic: "object",
    baseline: "object",
    current: "object",
    *,
    n_permutations: "int" = 9999,
    alternative: "str" = "greater",
    block_length: "int | None" = None,
    max_exceedances: "int | None" = None,
    seed: "int" = 0,
    threads: "int" = 1
))]
#[allow(clippy::too_many_arguments)] // one for each option
pub(crate) fn permutation(
    test_or_statistic: &Bound<'_, PyAny>,
    baseline: &Bound<'_, PyAny>,
    current: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = n_permutations)] n_permutations: usize,
    #[pyo3(from_py_with = alternative)] alternative: &str,
    block_length: Option<&Bound<'_, PyAny>>,
    max_exceedances: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = seed)] seed: u64,
    #[pyo3(from_py_with = threads)] threads: usize,
) -> PyResult<PermutationResult> {
    let py = test_or_statistic.py();
    let whole = |argument, value: Option<&Bound<'_, PyAny>>| {
        let value = value
            .map(|value| arguments::count(argument, value))
            .transpose()?;
        Ok::<_, PyErr>(value.map(|value| usize::try_from(value).unwrap_or(usize::MAX)))
    };
    let options = Permutation {
        n_permutations,
        alternative: chosen::<Alternative>("alternative", alternative, ALTERNATIVES)?,
        block_length: whole("block_length", block_length)?,
        max_exceedances: whole("max_exceedances", max_exceedances)?,
        seed,
        threads,
    };
    let result = match given(test_or_statistic)? {
        Given::Univariate(test) => {
            let samples = samples(test.as_ref(), baseline, current, options.block_length)?;
            interruptible(py, |interrupted| match &samples {
                Samples::Numbers(baseline, current) => {
                    let views = (baseline.view(), current.view());
                    let statistic = UnivariateStatistic::new(test.as_ref(), views.0, views.1)?;
                    core::permutation(&statistic, &options, interrupted)
                }
                Samples::Labels(baseline, current) => {
                    let statistic = labels(test.as_ref(), baseline, current)?;
                    core::permutation(&statistic, &options, interrupted)
                }
            })?
        }
        Given::Multivariate(test) => {
            let (baseline, current) = (matrix("baseline", baseline)?, matrix("current", current)?);
            interruptible(py, |interrupted| {
                let statistic = test.fit(baseline.view())?.relabelled(current.view())?;
                core::permutation(statistic.as_ref(), &options, interrupted)
            })?
        }
        Given::Callable(callable) => {
            let statistic = CallableStatistic::new(callable, baseline, current)?;
            let options = Permutation {
                threads: 1,
                ..options
            };
            let mut signal = None;
            let result = core::permutation(&statistic, &options, &mut || {
                signal = py.check_signals().err();
                signal.is_some()
            });
            raised(result, signal)?
        }
    };
    Ok(result.into())
}

/// An interval for any statistic, by drawing both samples again from themselves.
///
/// ``test_or_statistic`` is a test of any kind (by name too), whose distance is
/// looked at, or a callable ``f(baseline, current) -> float``, which is given
/// arrays. ``method`` is "percentile", "basic" or "bca" (bias-corrected and
/// accelerated; at most 20,000 rows), as in ``scipy.stats.bootstrap``. Drawing
/// with replacement makes ties, which distances such as KS and MMD take for
/// drift: near 0 their intervals lie too high. The answer depends on ``seed``,
/// not on ``threads``; a callable runs on this thread.
///
/// >>> import numpy as np
/// >>> from driftline import drift
/// >>> rng = np.random.default_rng(0)
/// >>> shift = lambda b, c: c.mean() - b.mean()
/// >>> result = drift.bootstrap(
/// ...     shift, rng.normal(size=100), rng.normal(size=80) + 1, n_resamples=999
/// ... )
/// >>> low, high = result.confidence_interval
/// >>> low < 1 < high
/// True
#[pyfunction]
#[pyo3(signature = (
    test_or_statistic: "object",
    baseline: "object",
    current: "object",
    *,
    n_resamples: "int" = 9999,
    confidence_level: "float" = 0.95,
    method: "str" = "percentile",
    seed: "int" = 0,
    threads: "int" = 1
))]
#[allow(clippy::too_many_arguments)] // one for each option
pub(crate) fn bootstrap(
    test_or_statistic: &Bound<'_, PyAny>,
    baseline: &Bound<'_, PyAny>,
    current: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = n_resamples)] n_resamples: usize,
    #[pyo3(from_py_with = confidence_level)] confidence_level: f64,
    #[pyo3(from_py_with = method)] method: &str,
    #[pyo3(from_py_with = seed)] seed: u64,
    #[pyo3(from_py_with = threads)] threads: usize,
) -> PyResult<BootstrapResult> {
    let py = test_or_statistic.py();
    let options = Bootstrap {
        n_resamples,
        confidence_level,
        method: chosen::<BootstrapMethod>("method", method, "percentile, basic, bca")?,
        seed,
        threads,
    };
    let result = match given(test_or_statistic)? {
        Given::Univariate(test) => {
            let samples = samples(test.as_ref(), baseline, current, None)?;
            interruptible(py, |interrupted| match &samples {
                Samples::Numbers(baseline, current) => {
                    let views = (baseline.view(), current.view());
                    let statistic = UnivariateStatistic::new(test.as_ref(), views.0, views.1)?;
                    core::bootstrap(&statistic, &options, interrupted)
                }
                Samples::Labels(baseline, current) => {
                    let statistic = labels(test.as_ref(), baseline, current)?;
                    core::bootstrap(&statistic, &options, interrupted)
                }
            })?
        }
        Given::Multivariate(test) => {
            let (baseline, current) = (matrix("baseline", baseline)?, matrix("current", current)?);
            interruptible(py, |interrupted| {
                let views = (baseline.view(), current.view());
                let statistic = MultivariateStatistic::new(test.as_ref(), views.0, views.1)?;
                core::bootstrap(&statistic, &options, interrupted)
            })?
        }
        Given::Callable(callable) => {
            let statistic = CallableStatistic::new(callable, baseline, current)?;
            let options = Bootstrap {
                threads: 1,
                ..options
            };
            let mut signal = None;
            let result = core::bootstrap(&statistic, &options, &mut || {
                signal = py.check_signals().err();
                signal.is_some()
            });
            raised(result, signal)?
        }
    };
    Ok(result.into())
}

/// Two samples of one kind.
enum Samples {
    Numbers(Array1<f64>, Array1<f64>),
    Labels(Categories, Categories),
}

/// The samples of a univariate test: labels where it is one of categories.
fn samples(
    test: &dyn Univariate,
    baseline: &Bound<'_, PyAny>,
    current: &Bound<'_, PyAny>,
    block_length: Option<usize>,
) -> PyResult<Samples> {
    let numbers = || {
        let samples = (vector("baseline", baseline)?, vector("current", current)?);
        Ok(Samples::Numbers(samples.0, samples.1))
    };
    if test.as_categorical().is_none() {
        return numbers();
    }
    let nothing = |values: &Array1<f64>| Categories::from_counts([], values.len() as u64);
    match (sample("baseline", baseline)?, sample("current", current)?) {
        // Columns may have been counted, and have lost their order.
        (Sample::Numbers(..), Sample::Numbers(..)) if block_length.is_some() => numbers(),
        (Sample::Numbers(baseline), Sample::Numbers(current)) => {
            Ok(Samples::Numbers(baseline, current))
        }
        (Sample::Labels(baseline), Sample::Labels(current)) => {
            Ok(Samples::Labels(baseline, current))
        }
        // Nothing but missing values is of no kind.
        (Sample::Numbers(values), Sample::Labels(current)) if values.iter().all(|x| x.is_nan()) => {
            Ok(Samples::Labels(nothing(&values), current))
        }
        (Sample::Labels(baseline), Sample::Numbers(values))
            if values.iter().all(|x| x.is_nan()) =>
        {
            Ok(Samples::Labels(baseline, nothing(&values)))
        }
        (Sample::Numbers(..), Sample::Labels(..)) => {
            Err(mixed(current, "numbers, as the baseline is"))
        }
        (Sample::Labels(..), Sample::Numbers(..)) => {
            Err(mixed(current, "strings, as the baseline is"))
        }
    }
}

/// A test of labels as a statistic.
fn labels<'a>(
    test: &'a dyn Univariate,
    baseline: &'a Categories,
    current: &'a Categories,
) -> Result<LabelStatistic<'a>, Error> {
    let test = test.as_categorical();
    let test = test.ok_or_else(|| Error::invalid_type("baseline", "strings", "numbers"))?;
    LabelStatistic::new(test, baseline, current)
}

const ALTERNATIVES: &str = "greater, less, two-sided";

/// What is asked about.
enum Given<'py> {
    Univariate(Arc<dyn Univariate>),
    Multivariate(Arc<dyn Multivariate>),
    Callable(Bound<'py, PyAny>),
}

fn given<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Given<'py>> {
    if let Ok(test) = obj.cast::<MultivariateTest>() {
        if test.get().has_given() {
            let allowed = "a test without a classifier of its own: wrap it in a callable such as \
                           lambda b, c: test.compare(b, c).statistic";
            let got = obj.repr()?;
            return Err(Error::invalid_value("test_or_statistic", got, allowed).into());
        }
        return Ok(Given::Multivariate(Arc::clone(test.get().inner())));
    }
    if let Ok(name) = obj.cast::<PyString>()
        && let Some(test) = multivariate::instance(obj.py(), &name.to_string_lossy(), &Map::new())?
    {
        return Ok(Given::Multivariate(Arc::clone(test.get().inner())));
    }
    // Functions first: `fit` and `compare` make a test of what is not one.
    let methods = obj.hasattr("fit")? || obj.hasattr("compare")?;
    if obj.is_callable() && !methods {
        return Ok(Given::Callable(obj.clone()));
    }
    if !methods && !obj.is_instance_of::<PyString>() {
        let allowed = "a test, its name, or a callable f(baseline, current) -> float";
        return Err(Error::invalid_type("test_or_statistic", not_a_test(obj), allowed).into());
    }
    Ok(Given::Univariate(test_argument(obj)?))
}

/// The exception of a signal, when that is why a computation ended.
fn raised<R>(result: PyResult<R>, signal: Option<PyErr>) -> PyResult<R> {
    match (result, signal) {
        (Err(_), Some(signal)) => Err(signal),
        (result, _) => result,
    }
}

/// One of a few words.
fn chosen<T: serde::de::DeserializeOwned>(
    argument: &'static str,
    word: &str,
    allowed: &'static str,
) -> PyResult<T> {
    serde_json::from_value(Value::from(word))
        .map_err(|_| Error::invalid_value(argument, format!("\"{word}\""), allowed).into())
}

fn text<'a>(argument: &'static str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    let text = value.cast::<PyString>().ok();
    let text = text.and_then(|text| text.to_str().ok());
    text.ok_or_else(|| Error::invalid_type(argument, describe(value), "a string").into())
}

fn alternative<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    text("alternative", value)
}

fn method<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    text("method", value)
}

fn n_permutations(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("n_permutations", value, 1..=100_000_000)? as usize)
}

fn n_resamples(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("n_resamples", value, 2..=10_000_000)? as usize)
}

fn threads(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("threads", value, 1..=1024)? as usize)
}

fn seed(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    arguments::count("seed", value)
}

fn confidence_level(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number("confidence_level", value)
}
