//! What a stream detector watches, and what both sorts have in common.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::bindings::arguments;
use crate::error::Error;
use crate::event::ModelId;
use crate::observer::{Observer, StreamBank, StreamDetector, StreamStatus};

/// A series: its model and its feature.
pub(super) type Which = (Option<ModelId>, Option<Arc<str>>);

/// Values that come one by one, or rows of them.
pub(crate) enum Watched {
    Values(Arc<StreamDetector>),
    Rows(Arc<StreamBank>),
}

impl Watched {
    pub(super) fn observer(&self) -> Arc<dyn Observer> {
        match self {
            Self::Values(core) => Arc::clone(core) as Arc<_>,
            Self::Rows(core) => Arc::clone(core) as Arc<_>,
        }
    }

    /// Which series is meant; a feature of rows may be its position, too.
    pub(super) fn which(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Which> {
        let model = model.map(arguments::model).transpose()?;
        let feature = feature.map(|feature| match self {
            Self::Rows(core) if is_whole(feature) => at(core, feature),
            _ => arguments::text("feature", feature),
        });
        Ok((model, feature.transpose()?))
    }

    pub(super) fn status(&self) -> StreamStatus {
        match self {
            Self::Values(core) => core.status(),
            Self::Rows(core) => core.status(),
        }
    }

    /// What was seen and found of one series. Neither model nor feature: the only series,
    /// or that of events that name none.
    pub(super) fn status_of(&self, (model, feature): Which) -> PyResult<StreamStatus> {
        let is_any = model.is_none() && feature.is_none();
        Ok(match self {
            Self::Values(core) if is_any && core.series().len() == 1 => core.status(),
            Self::Values(core) => core.status_of(model.as_ref(), feature.as_ref())?,
            Self::Rows(core) if is_any && core.models().len() == 1 => core.status(),
            Self::Rows(core) => core.status_of(model.as_ref(), feature.as_deref())?,
        })
    }

    pub(super) fn series(&self) -> Vec<Which> {
        let core = match self {
            Self::Values(core) => return core.series(),
            Self::Rows(core) => core,
        };
        let names: Vec<_> = (0..core.config().bank.n_features())
            .map(|feature| core.config().name_of(feature))
            .collect();
        let of_model = |model: Option<ModelId>| {
            let names = names.iter().cloned();
            names.map(move |name| (model.clone(), Some(name)))
        };
        core.models().into_iter().flat_map(of_model).collect()
    }

    pub(crate) fn per_model(&self) -> bool {
        match self {
            Self::Values(core) => core.config().per_model,
            Self::Rows(core) => core.config().per_model,
        }
    }

    pub(super) fn max_models(&self) -> Option<usize> {
        match self {
            Self::Values(core) => core.max_models(),
            Self::Rows(core) => core.max_models(),
        }
    }

    pub(crate) fn cooldown_s(&self) -> f64 {
        match self {
            Self::Values(core) => core.config().cooldown_s,
            Self::Rows(core) => core.config().cooldown_s,
        }
    }

    pub(crate) fn resolve_after(&self) -> Option<u64> {
        match self {
            Self::Values(core) => core.config().resolve_after,
            Self::Rows(core) => core.config().resolve_after,
        }
    }

    pub(super) fn n_overflow(&self) -> u64 {
        match self {
            Self::Values(core) => core.n_overflow(),
            Self::Rows(core) => core.n_overflow(),
        }
    }

    /// What detects, as a call of the class would say it.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Values(core) => format!("detector='{}'", core.config().detector.name()),
            Self::Rows(core) => {
                let bank = &core.config().bank;
                format!(
                    "detector='{}', n_features={}",
                    bank.name(),
                    bank.n_features()
                )
            }
        }
    }
}

fn is_whole(feature: &Bound<'_, PyAny>) -> bool {
    feature.is_instance_of::<PyInt>() && !feature.is_instance_of::<PyBool>()
}

/// The name of the feature at a position.
fn at(core: &StreamBank, feature: &Bound<'_, PyAny>) -> PyResult<Arc<str>> {
    let n = core.config().bank.n_features();
    match feature.extract::<usize>() {
        Ok(place) if place < n => Ok(core.config().name_of(place)),
        _ => {
            let allowed = format!("the name of a feature, or its position from 0 to {}", n - 1);
            Err(Error::invalid_value("feature", arguments::described(feature), allowed).into())
        }
    }
}

/// The model of rows, of which all features are meant.
pub(super) fn of_rows(
    model: Option<&Bound<'_, PyAny>>,
    feature: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<ModelId>> {
    if let Some(feature) = feature {
        let allowed = "None with a bank: a row has all of them";
        return Err(Error::invalid_value("feature", arguments::described(feature), allowed).into());
    }
    model.map(arguments::model).transpose()
}
