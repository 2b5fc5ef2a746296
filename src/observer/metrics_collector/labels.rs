//! What an event is about, as the values of labels.

use std::sync::Arc;

use crate::event::{Kind, ModelId};
use crate::export::Label;

/// Of what an event does not name.
pub(super) const NONE: Label = Label::Static("");

pub(super) fn of_kind(kind: &Kind) -> Label {
    match kind {
        Kind::Custom(name) => Label::Shared(Arc::clone(name)),
        standard => {
            let kind = standard.index().and_then(|index| Kind::STANDARD.get(index));
            kind.map_or(NONE, |kind| Label::Static(kind.as_str()))
        }
    }
}

/// A model as text: `name:version`.
pub(super) fn of_model(model: &Option<ModelId>) -> Label {
    let text = model.as_ref().map(ModelId::to_string);
    text.map_or(NONE, |text| Label::Shared(text.into()))
}

pub(super) fn of_feature(feature: &Option<Arc<str>>) -> Label {
    feature
        .as_ref()
        .map_or(NONE, |text| Label::Shared(Arc::clone(text)))
}
