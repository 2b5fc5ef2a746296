//! The arguments that make a stream detector.

use std::sync::Arc;

use pyo3::prelude::*;

use super::foreign::{Held, ObjectDetector};
use crate::bindings::arguments::{self, Given};
use crate::bindings::stream::arguments::{native, not_a_detector};
use crate::bindings::stream::bank::PyBank;
use crate::error::Error;
use crate::event::{Kind, ModelFilter};
use crate::observer::{StreamBankConfig, StreamConfig, StreamSource};
use crate::stream::Bank;

/// What is not given.
pub(super) const DEFAULT_RESOLVE_AFTER: Option<u64> = Some(1000);

pub(super) fn resolve_after(value: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    if value.is_none() {
        return Ok(None);
    }
    arguments::whole("resolve_after", value, 1..=u32::MAX).map(|n| Some(u64::from(n)))
}

/// The `detector` argument.
pub(super) enum Source {
    /// Takes values; with the place where its objects are held.
    Values(StreamSource, Option<Arc<Held>>),
    /// Takes rows.
    Rows(Bank),
}

impl Source {
    pub(super) fn of(detector: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bank) = detector.cast::<PyBank>() {
            return match bank.get().native(detector.py()) {
                Ok(bank) => Ok(Self::Rows(bank)),
                Err(got) => {
                    let allowed = "a bank of detectors of driftline; a detector of your own \
                                   watches features that come by themselves";
                    Err(Error::invalid_type("detector", got, allowed).into())
                }
            };
        }
        if let Some(own) = native(detector)? {
            return Ok(Self::Values(own.into(), None));
        }
        match ObjectDetector::from_object(detector)? {
            Some((object, held)) => {
                let source = StreamSource::Foreign(Arc::new(object));
                Ok(Self::Values(source, Some(held)))
            }
            None => Err(not_a_detector(detector)),
        }
    }
}

/// The other arguments.
pub(super) struct Options<'a, 'py> {
    pub(super) kinds: Given<Vec<Kind>>,
    pub(super) feature: Option<&'a Bound<'py, PyAny>>,
    pub(super) field: Option<&'a Bound<'py, PyAny>>,
    pub(super) features: Option<&'a Bound<'py, PyAny>>,
    pub(super) model: Option<&'a Bound<'py, PyAny>>,
    pub(super) per_model: bool,
    pub(super) max_models: Option<&'a Bound<'py, PyAny>>,
    pub(super) cooldown_s: f64,
    pub(super) resolve_after: Option<u64>,
    pub(super) name: Option<&'a Bound<'py, PyAny>>,
}

fn text(argument: &'static str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<str>>> {
    value
        .map(|value| arguments::text(argument, value))
        .transpose()
}

impl Options<'_, '_> {
    fn model(&self) -> PyResult<Option<ModelFilter>> {
        let model = self
            .model
            .map(|model| arguments::model(model).map(ModelFilter::from));
        model.transpose()
    }

    /// Those of one that takes values.
    pub(super) fn of_values(self, source: StreamSource) -> PyResult<StreamConfig> {
        if let Some(features) = self.features {
            let allowed = "None but with a bank, whose features it names";
            return Err(refused("features", features, allowed));
        }
        let mut config = StreamConfig::new(source);
        config.model = self.model()?;
        if let Some(kinds) = self.kinds {
            config.kinds = kinds;
        }
        config.feature = text("feature", self.feature)?;
        config.field = text("field", self.field)?;
        config.per_model = self.per_model;
        config.max_models = self.max_models.map(arguments::max_models).transpose()?;
        config.cooldown_s = self.cooldown_s;
        config.resolve_after = self.resolve_after;
        if let Some(name) = text("name", self.name)? {
            config.name = name;
        }
        Ok(config)
    }

    /// Those of one that takes rows.
    pub(super) fn of_rows(self, bank: Bank) -> PyResult<StreamBankConfig> {
        if let Some(feature) = self.feature {
            let allowed = "None with a bank: a row has all of them; features names them";
            return Err(refused("feature", feature, allowed));
        }
        let Some(field) = text("field", self.field)? else {
            let allowed = "with a bank, the metadata key under which an event has its row";
            return Err(Error::invalid_value("field", "None", allowed).into());
        };
        let mut config = StreamBankConfig::new(bank, &field);
        config.model = self.model()?;
        if let Some(kinds) = self.kinds {
            config.kinds = kinds;
        }
        config.features = arguments::features(self.features)?.map(Arc::from);
        config.per_model = self.per_model;
        config.max_models = self.max_models.map(arguments::max_models).transpose()?;
        config.cooldown_s = self.cooldown_s;
        config.resolve_after = self.resolve_after;
        if let Some(name) = text("name", self.name)? {
            config.name = name;
        }
        Ok(config)
    }
}

fn refused(argument: &'static str, value: &Bound<'_, PyAny>, allowed: &'static str) -> PyErr {
    Error::invalid_value(argument, arguments::described(value), allowed).into()
}
