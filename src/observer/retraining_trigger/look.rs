//! What one event says, by itself.

use std::sync::Arc;

use super::config::TriggerConfig;
use super::strategy::Strategy;
use crate::event::{Event, Kind, Value};
use crate::observer::ObserverError;
use crate::observer::drift_detector::short;

/// What an event says of a retraining.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Whether it speaks for one.
    pub(super) says: bool,
    /// Whether the effect is large enough to matter.
    pub(super) matters: bool,
    pub(super) why: Why,
}

impl Look {
    fn new(says: bool, why: Why) -> Self {
        Self {
            says,
            matters: true,
            why,
        }
    }
}

/// By what it was judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Why {
    F1 {
        value: f64,
        limit: f64,
    },
    PValue {
        value: f64,
        limit: f64,
    },
    /// Drift was found by something that knows no p-value.
    Detected,
    /// It has gone.
    Resolved,
    FixedThreshold {
        value: f64,
        limit: f64,
    },
    /// The value; and the average, once it is known.
    Ewma {
        value: f64,
        smoothing: f64,
        limit: f64,
    },
    Custom {
        name: Arc<str>,
    },
}

/// What an event says of everything.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// At once.
    pub(super) f1: Option<Look>,
    /// Perhaps to be confirmed.
    pub(super) look: Option<Look>,
    /// What would have been judged is missing.
    pub(super) is_missing: bool,
}

impl Why {
    /// The name in metadata.
    pub(super) fn reason(&self) -> Arc<str> {
        match self {
            Self::F1 { .. } => "f1".into(),
            Self::PValue { .. } => "p_value".into(),
            Self::Detected | Self::Resolved => "drift_detected".into(),
            Self::FixedThreshold { .. } => "fixed_threshold".into(),
            Self::Ewma { .. } => "ewma".into(),
            Self::Custom { name } => Arc::clone(name),
        }
    }

    /// What was judged, and what it was held to.
    pub(super) fn numbers(&self) -> (Option<f64>, Option<f64>) {
        match *self {
            Self::F1 { value, limit }
            | Self::PValue { value, limit }
            | Self::FixedThreshold { value, limit }
            | Self::Ewma { value, limit, .. } => (Some(value), Some(limit)),
            Self::Detected | Self::Resolved | Self::Custom { .. } => (None, None),
        }
    }

    /// One clause for a person, of one that speaks for a retraining.
    pub(super) fn clause(&self) -> String {
        match self {
            Self::F1 { value, limit } => {
                format!("f1 is {}, below {}", short(*value), short(*limit))
            }
            Self::PValue { value, limit } => {
                format!("p = {}, below {}", short(*value), short(*limit))
            }
            Self::Detected | Self::Resolved => "drift was detected".to_owned(),
            Self::FixedThreshold { value, limit } => {
                format!("{} is at or above {}", short(*value), short(*limit))
            }
            Self::Ewma { value, limit, .. } => {
                let (value, limit) = (short(*value), short(*limit));
                format!("the moving average {value} is at or above {limit}")
            }
            Self::Custom { name } => format!("{name} says so"),
        }
    }
}

impl TriggerConfig {
    /// What an event says.
    ///
    /// # Errors
    /// Those of a strategy of somebody else's.
    pub(super) fn hear(&self, event: &Event) -> Result<Heard, ObserverError> {
        let mut heard = Heard::default();
        if let (Some(limit), Kind::F1) = (self.min_f1, &event.kind) {
            match event.value.filter(|value| value.is_finite()) {
                Some(value) => {
                    heard.f1 = Some(Look::new(value < limit, Why::F1 { value, limit }));
                }
                None => heard.is_missing = true,
            }
        }
        if !self.looks() {
            return Ok(heard);
        }
        if self.kinds.contains(&event.kind) {
            heard.look = self.look(event)?;
            heard.is_missing |= heard.look.is_none();
        } else if event.kind == Kind::DriftResolved && self.kinds.contains(&Kind::DriftDetected) {
            heard.look = Some(Look::new(false, Why::Resolved));
        }
        Ok(heard)
    }

    fn look(&self, event: &Event) -> Result<Option<Look>, ObserverError> {
        let value = event.value.filter(|value| !value.is_nan());
        let p_value = event.p_value.filter(|p| (0.0..=1.0).contains(p));
        let of_p = |limit: f64| {
            p_value.map(|value| Look::new(value < limit, Why::PValue { value, limit }))
        };
        let look = match self.strategy.as_ref() {
            None => {
                let detected = || Look::new(true, Why::Detected);
                // A p-value that is there and unreadable says nothing either.
                let is_detected = event.kind == Kind::DriftDetected && event.p_value.is_none();
                let look = self.max_p.and_then(of_p);
                look.or_else(|| is_detected.then(detected))
            }
            Some(&Strategy::FixedThreshold(limit)) => {
                value.map(|value| Look::new(value >= limit, Why::FixedThreshold { value, limit }))
            }
            Some(Strategy::PValue(alpha)) => of_p(*alpha),
            Some(&Strategy::Ewma {
                smoothing,
                threshold: limit,
            }) => value.filter(|value| value.is_finite()).map(|value| {
                let why = Why::Ewma {
                    value,
                    smoothing,
                    limit,
                };
                Look::new(false, why) // until the average is known
            }),
            Some(Strategy::Custom(judge)) => {
                let name = judge.name();
                Some(Look::new(judge.says(event)?, Why::Custom { name }))
            }
        };
        Ok(look.and_then(|look| self.with_effect(look, event)))
    }

    /// What too small an effect makes of it; nothing where no effect is known.
    fn with_effect(&self, mut look: Look, event: &Event) -> Option<Look> {
        let Some(least) = self.min_effect else {
            return Some(look);
        };
        let effect = match event.field("effect_size") {
            Some(Value::Null) | None => event.value,
            Some(effect) => effect.as_f64(),
        };
        let effect = effect.filter(|effect| !effect.is_nan())?;
        look.matters = effect.abs() >= least;
        Some(look)
    }
}
