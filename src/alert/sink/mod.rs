//! Where alerts go: one file for each kind of receiver.

mod alertmanager;
mod document;
mod log;
mod pager_duty;
mod slack;
mod webhook;

pub use alertmanager::{AlertmanagerConfig, AlertmanagerSink};
pub use log::LogSink;
pub use pager_duty::{PAGER_DUTY, PagerDutyConfig, PagerDutySink};
pub use slack::{SlackConfig, SlackSink};
pub use webhook::{WebhookConfig, WebhookSink, signature};

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::Alert;
use crate::delivery::Outcome;

/// A receiver of alerts. It is called by one thread at a time, which is not the
/// emitter's, and may take long.
pub trait Sink: Send + Sync {
    /// The name in counters and logs; no secret.
    fn name(&self) -> Arc<str>;

    /// Delivers an alert. What it returns decides whether there is another attempt,
    /// with the same alert.
    fn deliver(&self, alert: &Alert) -> Outcome;

    /// What the embedding language calls in place of [`Sink::deliver`].
    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }

    /// How often [`Sink::refresh`] wants to be called when there is nothing else to
    /// do; `None`: never.
    fn refresh_every(&self) -> Option<Duration> {
        None
    }

    /// Tells a receiver that forgets what it is not told again.
    fn refresh(&self) -> Outcome {
        Outcome::Delivered
    }
}
