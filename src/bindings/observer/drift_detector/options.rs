//! The arguments that make a detector.

use std::sync::Arc;

use ndarray::Array1;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, Given, number, wrong_type};
use crate::bindings::drift::test_argument;
use crate::drift::Univariate;
use crate::event::{Kind, ModelFilter, ModelId};
use crate::observer::{Budget, Config, Decide};

/// What is not given (the signatures in Python show the values).
pub(crate) const DEFAULT_TEST: Given<Arc<dyn Univariate>> = None;
pub(crate) const DEFAULT_KINDS: Given<Vec<Kind>> = None;

pub(crate) fn given_test(value: &Bound<'_, PyAny>) -> PyResult<Given<Arc<dyn Univariate>>> {
    test_argument(value).map(Some)
}

pub(crate) fn given_kinds(value: &Bound<'_, PyAny>) -> PyResult<Given<Vec<Kind>>> {
    if value.is_none() {
        let allowed = "a str such as \"observation\", or several in a list, tuple or set";
        return Err(wrong_type("kinds", value, allowed));
    }
    arguments::kinds(value.py(), Some(value))
}

pub(crate) fn window_size(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("window_size", value, 1..=10_000_000)? as usize)
}

pub(crate) fn cooldown_s(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number("cooldown_s", value)
}

pub(crate) fn max_missing_rate(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    number("max_missing_rate", value)
}

pub(crate) fn per_model(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    arguments::flag("per_model", value)
}

pub(crate) fn n_bootstrap(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("n_bootstrap", value, 20..=10_000)? as usize)
}

pub(crate) fn seed(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    arguments::count("seed", value)
}

/// A budget: a number of samples, or text such as "30d".
pub(crate) fn budget(value: &Bound<'_, PyAny>) -> PyResult<Budget> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_string_lossy().parse()?);
    }
    Ok(Budget::samples(number("false_alarm_every", value)?)?)
}

/// One sample, or one for each of some models.
pub(crate) enum Baselines {
    Shared(Array1<f64>),
    ByModel(Vec<(ModelId, Array1<f64>)>),
}

/// Reads the `baseline` argument.
pub(crate) fn baselines(value: &Bound<'_, PyAny>) -> PyResult<Baselines> {
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return Ok(Baselines::Shared(vector("baseline", value)?));
    };
    let mut samples = Vec::new();
    for item in mapping.items()? {
        let (model, sample): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let model = arguments::model_as("baseline", &model)?;
        samples.push((model, vector("baseline", &sample)?));
    }
    Ok(Baselines::ByModel(samples))
}

/// The options that both ways to make a detector take.
pub(crate) struct Options<'a, 'py> {
    pub(crate) window_size: usize,
    pub(crate) test: Given<Arc<dyn Univariate>>,
    pub(crate) check_every: Option<&'a Bound<'py, PyAny>>,
    pub(crate) kinds: Given<Vec<Kind>>,
    pub(crate) feature: Option<&'a Bound<'py, PyAny>>,
    pub(crate) field: Option<&'a Bound<'py, PyAny>>,
    pub(crate) model: Option<&'a Bound<'py, PyAny>>,
    pub(crate) cooldown_s: f64,
    pub(crate) max_missing_rate: f64,
    pub(crate) per_model: bool,
    pub(crate) max_models: Option<&'a Bound<'py, PyAny>>,
    pub(crate) no_data_after_s: Option<&'a Bound<'py, PyAny>>,
    pub(crate) name: Option<&'a Bound<'py, PyAny>>,
}

impl Options<'_, '_> {
    pub(crate) fn config(self, decide: Decide) -> PyResult<Config> {
        let text = |argument, value: Option<&Bound<'_, PyAny>>| {
            value
                .map(|value| arguments::text(argument, value))
                .transpose()
        };
        let test = match self.test {
            Some(test) => test,
            None => crate::drift::get("mean_shift", &serde_json::Map::new())?,
        };
        let mut config = Config::new(self.window_size, test, decide);
        config.check_every = self
            .check_every
            .map(|every| arguments::whole("check_every", every, 1..=u32::MAX))
            .transpose()?
            .map(|every| every as usize);
        if let Some(kinds) = self.kinds {
            config.kinds = kinds;
        }
        config.feature = text("feature", self.feature)?;
        config.field = text("field", self.field)?;
        config.model = self
            .model
            .map(|model| arguments::model(model).map(ModelFilter::from))
            .transpose()?;
        config.cooldown_s = self.cooldown_s;
        config.max_missing_rate = self.max_missing_rate;
        config.per_model = self.per_model;
        config.max_models = self.max_models.map(arguments::max_models).transpose()?;
        config.no_data_after_s = self
            .no_data_after_s
            .map(|seconds| number("no_data_after_s", seconds))
            .transpose()?;
        if let Some(name) = text("name", self.name)? {
            config.name = name;
        }
        Ok(config)
    }
}
