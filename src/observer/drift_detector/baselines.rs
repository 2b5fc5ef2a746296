//! What each model is compared with.

use std::collections::HashMap;

use super::silence::Silence;
use super::state::Baseline;
use crate::error::{Error, Result};
use crate::event::ModelId;

/// One baseline for all, one for each of some models, or both: then those that
/// are named have their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Baselines {
    shared: Option<Baseline>,
    named: Vec<Named>,
    /// Places in `named` of models with a version.
    exact: HashMap<ModelId, usize>,
    /// Places in `named` of names that stand for all their versions.
    any_version: HashMap<Box<str>, usize>,
}

/// A model, or all versions of one, with a baseline of its own.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) model: ModelId,
    pub(super) baseline: Baseline,
    /// Whether any event of it ever came: then its series are watched instead.
    pub(super) heard: bool,
    pub(super) silence: Silence,
}

impl Baselines {
    pub(super) fn shared(baseline: Baseline) -> Self {
        Self {
            shared: Some(baseline),
            ..Self::default()
        }
    }

    /// # Errors
    /// `InvalidValue` for no model, and for one that is named twice.
    pub(super) fn named(baselines: Vec<(ModelId, Baseline)>) -> Result<Self> {
        let mut all = Self::default();
        for (model, baseline) in baselines {
            if all.place(&model).is_some() {
                return Err(Error::invalid_value(
                    "baseline",
                    format!("two samples for the model \"{model}\""),
                    "one sample for each model",
                ));
            }
            all.set(&model, baseline);
        }
        if all.named.is_empty() {
            let got = "a mapping without models";
            return Err(Error::invalid_value("baseline", got, "at least one model"));
        }
        Ok(all)
    }

    /// What events of a model are compared with, and its place among the named:
    /// its own version before all versions of its name before everyone's.
    /// `None` for a model that is not known, or events without one, where
    /// nothing is shared.
    pub(super) fn of(&self, model: Option<&ModelId>) -> Option<(Option<usize>, &Baseline)> {
        let own = |model: &ModelId| {
            let exact = self.exact.get(model);
            exact
                .or_else(|| self.any_version.get(model.name()))
                .copied()
        };
        let place = model.and_then(own);
        let named = place.and_then(|place| self.named.get(place));
        let baseline = named.map(|named| &named.baseline);
        Some((place, baseline.or(self.shared.as_ref())?))
    }

    /// Gives a model, or all versions of a name, a baseline; answers its place.
    pub(super) fn set(&mut self, model: &ModelId, baseline: Baseline) -> usize {
        if let Some(place) = self.place(model)
            && let Some(named) = self.named.get_mut(place)
        {
            named.baseline = baseline;
            return place;
        }
        let place = self.named.len();
        match model.version() {
            Some(_) => self.exact.insert(model.clone(), place),
            None => self.any_version.insert(model.name().into(), place),
        };
        self.named.push(Named {
            model: model.clone(),
            baseline,
            heard: false,
            silence: Silence::default(),
        });
        place
    }

    /// Gives everyone this baseline.
    pub(super) fn set_all(&mut self, baseline: Baseline) {
        if self.shared.is_some() {
            *self = Self::shared(baseline);
            return;
        }
        for named in &mut self.named {
            named.baseline = baseline.clone();
        }
    }

    /// Forgets who was heard of.
    pub(super) fn reset(&mut self) {
        for named in &mut self.named {
            named.heard = false;
            named.silence = Silence::default();
        }
    }

    /// The place of a model that is named in just this way.
    pub(super) fn place(&self, model: &ModelId) -> Option<usize> {
        let place = match model.version() {
            Some(_) => self.exact.get(model),
            None => self.any_version.get(model.name()),
        };
        place.copied()
    }

    /// The models with a baseline of their own, in the order given.
    pub(super) fn all_named(&self) -> &[Named] {
        &self.named
    }

    pub(super) fn all_named_mut(&mut self) -> &mut [Named] {
        &mut self.named
    }

    /// Every baseline.
    pub(super) fn all(&self) -> impl Iterator<Item = &Baseline> {
        let named = self.named.iter().map(|named| &named.baseline);
        self.shared.iter().chain(named)
    }

    /// The baseline of everyone who has none of their own.
    pub(super) fn shared_one(&self) -> Option<&Baseline> {
        self.shared.as_ref()
    }
}
