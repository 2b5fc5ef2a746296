//! Events into the log.

use std::fmt::Write;
use std::sync::Arc;

use super::{Derived, Observer, ObserverError};
use crate::error::one_line;
use crate::event::{self, Event};

/// The log target; `driftline.events` in Python.
const TARGET: &str = "driftline::events";

/// Writes every event that it hears to the log, at the level of its severity
/// (`CRITICAL` as an error: the `log` facade has no higher level).
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind};
/// use driftline::observer::ConsoleLogger;
/// let event = Event::new(Kind::Accuracy, Some(0.91));
/// assert_eq!(ConsoleLogger::line(&event), "accuracy 0.91");
/// ```
#[derive(Debug, Default)]
pub struct ConsoleLogger;

impl ConsoleLogger {
    /// The line for an event: kind, value, and what else is known.
    pub fn line(event: &Event) -> String {
        let mut line = one_line(event.kind.as_str());
        let mut add = |name: &str, value: Option<&dyn std::fmt::Display>| {
            if let Some(value) = value {
                // A string takes everything.
                let _ = write!(line, "{name}{}", one_line(&value.to_string()));
            }
        };
        add(" ", event.value.as_ref().map(|value| value as _));
        add(" p_value=", event.p_value.as_ref().map(|value| value as _));
        add(" model=", event.model.as_ref().map(|model| model as _));
        add(
            " feature=",
            event.feature.as_ref().map(|feature| feature as _),
        );
        add(" id=", event.id.as_ref().map(|id| id as _));
        add(" source=", event.source.as_ref().map(|source| source as _));
        if let Some(metadata) = &event.metadata {
            let _ = write!(line, " {}", event::metadata_json(metadata));
        }
        line
    }
}

impl Observer for ConsoleLogger {
    fn name(&self) -> Arc<str> {
        "console_logger".into()
    }

    fn on_event(&self, event: &Event, _: &mut Derived) -> Result<(), ObserverError> {
        let level = event.severity.log_level();
        if log::log_enabled!(target: TARGET, level) {
            log::log!(target: TARGET, level, "{}", Self::line(event));
        }
        Ok(())
    }
}
