//! The arguments that say more about an event than kind and value.

use std::sync::Arc;

use pyo3::prelude::*;

use super::{count, described, id, model, not_negative, number, severity, text};
use crate::bindings::event::metadata::metadata;
use crate::bindings::event::timestamp::timestamp;
use crate::error::Error;
use crate::event::{Event, Value};

/// The arguments that say more about an event, as Python passed them.
#[derive(Default)]
pub(crate) struct Details<'a, 'py> {
    pub(crate) p_value: Option<&'a Bound<'py, PyAny>>,
    pub(crate) model: Option<&'a Bound<'py, PyAny>>,
    pub(crate) feature: Option<&'a Bound<'py, PyAny>>,
    pub(crate) id: Option<&'a Bound<'py, PyAny>>,
    pub(crate) severity: Option<&'a Bound<'py, PyAny>>,
    pub(crate) timestamp: Option<&'a Bound<'py, PyAny>>,
    pub(crate) source: Option<&'a Bound<'py, PyAny>>,
    pub(crate) metadata: Option<&'a Bound<'py, PyAny>>,
}

impl Details<'_, '_> {
    /// Validates what is given and sets it in the event.
    pub(crate) fn apply(&self, event: &mut Event) -> PyResult<()> {
        if let Some(value) = self.p_value {
            let p_value = number("p_value", value)?;
            if !(p_value.is_nan() || (0.0..=1.0).contains(&p_value)) {
                let allowed = "a number from 0 to 1, NaN, or None";
                return Err(Error::invalid_value("p_value", described(value), allowed).into());
            }
            event.p_value = Some(p_value);
        }
        if let Some(value) = self.model {
            event.model = Some(model(value)?);
        }
        if let Some(value) = self.feature {
            event.feature = Some(text("feature", value)?);
        }
        if let Some(value) = self.id {
            event.id = Some(id(value)?);
        }
        if let Some(value) = self.severity {
            event.severity = severity("severity", value)?;
        }
        if let Some(value) = self.timestamp {
            event.timestamp = timestamp("timestamp", value)?;
        }
        if let Some(value) = self.source {
            event.source = Some(text("source", value)?);
        }
        if let Some(value) = self.metadata {
            event.metadata = Some(metadata(value)?)
                .filter(|m| !m.is_empty())
                .map(Arc::new);
        }
        Ok(())
    }
}

/// The standard payload fields, which go into the metadata under their names.
#[derive(Default)]
pub(crate) struct Payload<'a, 'py> {
    pub(crate) samples_seen: Option<&'a Bound<'py, PyAny>>,
    pub(crate) duration_ms: Option<&'a Bound<'py, PyAny>>,
    pub(crate) message: Option<&'a Bound<'py, PyAny>>,
    pub(crate) version: Option<&'a Bound<'py, PyAny>>,
}

impl Payload<'_, '_> {
    /// Validates what is given and adds it to the event's metadata.
    pub(crate) fn apply(&self, event: &mut Event) -> PyResult<()> {
        let mut fields = Vec::new();
        if let Some(value) = self.samples_seen {
            fields.push(("samples_seen", Value::from(count("samples_seen", value)?)));
        }
        if let Some(value) = self.duration_ms {
            fields.push((
                "duration_ms",
                Value::from(not_negative("duration_ms", value)?),
            ));
        }
        for (name, value) in [("message", self.message), ("version", self.version)] {
            if let Some(value) = value {
                fields.push((name, Value::from(&*text(name, value)?)));
            }
        }
        if !fields.is_empty() {
            let metadata = Arc::make_mut(event.metadata.get_or_insert_default());
            metadata.extend(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
        }
        Ok(())
    }
}
