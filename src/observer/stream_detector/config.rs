//! What a stream detector is made with.

use std::sync::Arc;

use super::foreign::ForeignDetector;
use crate::drift::NanPolicy;
use crate::error::{Error, Result};
use crate::event::{Event, Kind, ModelFilter};
use crate::observer::{Filter, check_max_models};
use crate::stream::{Detector, Input};

/// What each series gets a copy of.
#[derive(Debug, Clone)]
pub enum StreamSource {
    /// A detector of [`stream`](crate::stream), with all that it has seen.
    Native(Arc<dyn Detector>),
    /// Code of the host's.
    Foreign(Arc<dyn ForeignDetector>),
}

impl StreamSource {
    /// The configuration name, or that which the host's detector goes by.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Native(detector) => detector.name().into(),
            Self::Foreign(detector) => detector.name(),
        }
    }

    /// The detector, where it is no code of the host's.
    pub fn native(&self) -> Option<&dyn Detector> {
        match self {
            Self::Native(detector) => Some(&**detector),
            Self::Foreign(_) => None,
        }
    }
}

impl From<Box<dyn Detector>> for StreamSource {
    fn from(detector: Box<dyn Detector>) -> Self {
        Self::Native(detector.into())
    }
}

/// The options of a [`StreamDetector`](super::StreamDetector). Start from
/// [`StreamConfig::new`], which holds the defaults, and set the fields that differ.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// What each series gets a copy of.
    pub detector: StreamSource,
    /// Kinds of events to take.
    pub kinds: Vec<Kind>,
    /// The feature to take; `None`: any, each with a detector of its own.
    pub feature: Option<Arc<str>>,
    /// The metadata key that holds the value, dots descend; `None`: the event's own
    /// value.
    pub field: Option<Arc<str>>,
    /// The model to take; `None`: any.
    pub model: Option<ModelFilter>,
    /// Whether each model has a detector of its own.
    pub per_model: bool,
    /// The most series that are kept apart, 1 to 1,000,000; `None`: what the hub says,
    /// 1000 without one.
    pub max_models: Option<usize>,
    /// Seconds of event time after an alert within which changes are only counted; 0 or
    /// more.
    pub cooldown_s: f64,
    /// Values without another change after which drift is over, 1 or more; `None`: it
    /// never is.
    pub resolve_after: Option<u64>,
    /// The name in reports and logs, and the `source` of derived events.
    pub name: Arc<str>,
}

impl StreamConfig {
    /// The defaults.
    pub fn new(detector: StreamSource) -> Self {
        Self {
            detector,
            kinds: vec![Kind::Observation, Kind::DriftScore],
            feature: None,
            field: None,
            model: None,
            per_model: false,
            max_models: None,
            cooldown_s: 0.0,
            resolve_after: Some(1000),
            name: "stream_detector".into(),
        }
    }

    pub(super) fn filter(&self) -> Filter {
        Filter {
            kinds: Some(self.kinds.clone()),
            models: self.model.clone().map(|model| vec![model]),
            features: self.feature.clone().map(|feature| vec![feature]),
            min_severity: None,
        }
    }

    /// Whether there is one series, whatever comes.
    pub(super) fn has_one_series(&self) -> bool {
        self.feature.is_some() && !self.per_model
    }

    /// The value of an event; NaN where it has none.
    pub(super) fn value_of(&self, event: &Event) -> f64 {
        let value = match &self.field {
            Some(field) => event.field(field).and_then(crate::event::Value::as_f64),
            None => event.value,
        };
        value.unwrap_or(f64::NAN)
    }

    /// # Errors
    /// `InvalidValue` that names the first option out of range.
    pub(super) fn validate(&self) -> Result<()> {
        check_options(
            self.cooldown_s,
            self.resolve_after,
            self.max_models,
            &self.kinds,
        )?;
        check_texts(&[
            ("name", Some(&self.name)),
            ("feature", self.feature.as_ref()),
            ("field", self.field.as_ref()),
        ])
    }
}

/// What holds of the options of all that puts streaming detectors on a hub.
///
/// # Errors
/// `InvalidValue` that names the first option out of range.
pub(in crate::observer) fn check_options(
    cooldown_s: f64,
    resolve_after: Option<u64>,
    max_models: Option<usize>,
    kinds: &[Kind],
) -> Result<()> {
    if !(cooldown_s >= 0.0 && cooldown_s.is_finite()) {
        let allowed = "a finite number of seconds of 0 or more";
        return Err(Error::invalid_value("cooldown_s", cooldown_s, allowed));
    }
    if resolve_after == Some(0) {
        let allowed = "a whole number of 1 or more, or None";
        return Err(Error::invalid_value("resolve_after", 0, allowed));
    }
    check_max_models(max_models)?;
    if kinds.is_empty() {
        return Err(Error::invalid_value("kinds", "none", "at least one kind"));
    }
    Ok(())
}

/// # Errors
/// `InvalidValue` that names the first text that is blank.
pub(in crate::observer) fn check_texts(texts: &[(&'static str, Option<&Arc<str>>)]) -> Result<()> {
    for &(argument, given) in texts {
        if let Some(text) = given
            && text.trim().is_empty()
        {
            let allowed = "text that is not empty";
            return Err(Error::invalid_value(argument, format!("{text:?}"), allowed));
        }
    }
    Ok(())
}

/// Which values a detector refuses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    input: Input,
    finite: bool,
}

impl Accepted {
    /// `None`: it takes every value, or counts it as missing.
    pub(super) fn of(detector: &dyn Detector) -> Option<Self> {
        let accepted = Self {
            input: detector.input(),
            finite: detector.options().nan_policy == NanPolicy::Raise,
        };
        (accepted.input != Input::Real || accepted.finite).then_some(accepted)
    }

    /// What it takes instead of a value.
    pub(super) fn allowed(self, value: f64, name: &str) -> String {
        let allowed = match value.is_finite() {
            true => self.input.allowed(),
            false => "a finite number with nan_policy=\"raise\"",
        };
        format!("{allowed}, by detector \"{name}\"")
    }

    /// How many of the first values are accepted.
    pub(super) fn leading(self, values: &[f64]) -> usize {
        let refused = |&x: &f64| match x.is_finite() {
            true => !self.input.accepts(x),
            false => self.finite,
        };
        values.iter().position(refused).unwrap_or(values.len())
    }
}
