//! Alerts into the log.

use std::sync::Arc;

use super::Sink;
use crate::alert::wording::listed;
use crate::alert::{Action, Alert};
use crate::delivery::Outcome;
use crate::error::one_line;

/// The log target; `driftline.alerts` in Python.
const TARGET: &str = "driftline::alerts";

/// Writes every alert to the log as one line, at the level of its severity; that
/// something is over at level info
/// (`CRITICAL` as an error: the `log` facade has no higher level).
#[derive(Debug)]
pub struct LogSink {
    name: Arc<str>,
}

impl LogSink {
    /// Named in counters and logs; `None`: `log`.
    pub fn new(name: Option<Arc<str>>) -> Self {
        Self {
            name: name.unwrap_or_else(|| "log".into()),
        }
    }

    /// The line for an alert: what it is for and what it says of each incident, of
    /// 20 at most.
    pub fn line(alert: &Alert) -> String {
        let summaries = alert.incidents.iter().map(|incident| &*incident.summary);
        match alert.only() {
            Some(incident) => one_line(&alert.told(&incident.summary)),
            None => one_line(&format!(
                "{}: {} of {}, {} incidents: {}",
                alert.action.word(),
                alert.kind,
                alert.model_name(),
                alert.incidents.len(),
                listed("; ", summaries, alert.incidents.len()),
            )),
        }
    }
}

impl Sink for LogSink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        let level = match alert.action {
            Action::Resolve => log::Level::Info,
            Action::Open | Action::Remind => alert.severity().log_level(),
        };
        if log::log_enabled!(target: TARGET, level) {
            log::log!(target: TARGET, level, "{}", Self::line(alert));
        }
        Outcome::Delivered
    }
}
