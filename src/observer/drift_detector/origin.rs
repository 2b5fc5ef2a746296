//! Which series a value belongs to.

use std::sync::Arc;

use crate::event::{Event, ModelId};

/// Which series values belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) model: &'a Option<ModelId>,
    pub(super) feature: Option<&'a Arc<str>>,
}

impl<'a> From<&'a Event> for Origin<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            model: &event.model,
            feature: event.feature.as_ref(),
        }
    }
}
