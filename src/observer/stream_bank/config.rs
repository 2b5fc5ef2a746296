//! What a bank on a hub is made with.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Kind, ModelFilter};
use crate::observer::Filter;
use crate::observer::stream_detector::{check_options, check_texts};
use crate::stream::Bank;

/// The options of a [`StreamBank`](super::StreamBank). Start from
/// [`StreamBankConfig::new`], which holds the defaults, and set the fields that differ.
#[derive(Debug, Clone)]
pub struct StreamBankConfig {
    /// What each series gets a copy of, with all that it has seen.
    pub bank: Arc<Bank>,
    /// The metadata key under which an event has its row, dots descend.
    pub field: Arc<str>,
    /// A name for each feature; `None`: its position as text.
    pub features: Option<Arc<[Arc<str>]>>,
    /// Kinds of events to take.
    pub kinds: Vec<Kind>,
    /// The model to take; `None`: any.
    pub model: Option<ModelFilter>,
    /// Whether each model has a bank of its own.
    pub per_model: bool,
    /// The most models that are kept apart, 1 to 1,000,000; `None`: what the hub says,
    /// 1000 without one.
    pub max_models: Option<usize>,
    /// Seconds of event time after an alert within which changes of the same feature are
    /// only counted; 0 or more.
    pub cooldown_s: f64,
    /// Values of a feature without another change after which its drift is over, 1 or
    /// more; `None`: it never is.
    pub resolve_after: Option<u64>,
    /// The name in reports and logs, and the `source` of derived events.
    pub name: Arc<str>,
}

impl StreamBankConfig {
    /// The defaults.
    pub fn new(bank: Bank, field: &str) -> Self {
        Self {
            bank: Arc::new(bank),
            field: field.into(),
            features: None,
            kinds: vec![Kind::Observation, Kind::DriftScore],
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
            features: None,
            min_severity: None,
        }
    }

    /// The name of a feature.
    pub fn name_of(&self, feature: usize) -> Arc<str> {
        let given = self.features.as_ref().and_then(|names| names.get(feature));
        given.map_or_else(|| feature.to_string().into(), Arc::clone)
    }

    /// The position of the feature of a name.
    ///
    /// # Errors
    /// `InvalidValue` for a name that no feature has.
    pub fn place_of(&self, name: &str) -> Result<usize> {
        let n = self.bank.n_features();
        let place = match &self.features {
            Some(names) => names.iter().position(|own| **own == *name),
            None => {
                let place = name.parse::<usize>().ok();
                place.filter(|&place| place < n && *self.name_of(place) == *name)
            }
        };
        place.ok_or_else(|| {
            let allowed = match &self.features {
                Some(names) => {
                    let shown: Vec<_> =
                        names.iter().take(8).map(|own| format!("{own:?}")).collect();
                    let more = match names.len() > shown.len() {
                        true => format!(", ... ({n} in all)"),
                        false => String::new(),
                    };
                    format!("a feature of the bank: {}{more}", shown.join(", "))
                }
                None => format!("a feature of the bank: \"0\" to \"{}\"", n - 1),
            };
            Error::invalid_value("feature", format!("{name:?}"), allowed)
        })
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
        check_texts(&[("name", Some(&self.name)), ("field", Some(&self.field))])?;
        let Some(names) = &self.features else {
            return Ok(());
        };
        let n = self.bank.n_features();
        if names.len() != n {
            let got = format!("{} names", names.len());
            let allowed = format!("a name for each of {n} features of the bank, or None");
            return Err(Error::invalid_value("features", got, allowed));
        }
        let mut seen = HashSet::new();
        for name in names.iter() {
            check_texts(&[("features", Some(name))])?;
            if !seen.insert(name) {
                let got = format!("{name:?} twice");
                let allowed = "names that differ";
                return Err(Error::invalid_value("features", got, allowed));
            }
        }
        Ok(())
    }
}
