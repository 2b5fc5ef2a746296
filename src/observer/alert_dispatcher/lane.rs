//! One sink as its worker sees it.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Core;
use crate::alert::{Alert, Sink};
use crate::delivery::{Handler, Outcome};
use crate::fork;
use crate::observer::Tick;

/// How often a worker looks whether time alone has brought something about, while there
/// are incidents.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// A sink, and the incidents whose time its worker keeps.
pub(super) struct Lane {
    sink: Arc<dyn Sink>,
    core: Weak<Core>,
    /// When the sink wants to tell again what lasts.
    due: Mutex<Option<Instant>>,
}

impl Lane {
    pub(super) fn new(sink: Arc<dyn Sink>, core: Weak<Core>) -> Self {
        Self {
            sink,
            core,
            due: Mutex::new(None),
        }
    }
}

impl Handler<Alert> for Lane {
    fn name(&self) -> Arc<str> {
        self.sink.name()
    }

    fn handle(&self, alert: &Alert) -> Outcome {
        let outcome = self.sink.deliver(alert);
        if let Some(every) = self.sink.refresh_every() {
            // Whatever else is delivered, what lasts is told again in time.
            self.due.lock().get_or_insert(Instant::now() + every);
        }
        outcome
    }

    fn foreign(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.sink.foreign()
    }

    fn describe(&self, alert: &Alert) -> String {
        let action = alert.action.as_str();
        format!(
            "alert {} ({action}: {})",
            alert.delivery_id,
            alert.summary()
        )
    }

    fn refresh_in(&self) -> Option<Duration> {
        let waits = {
            let _section = fork::section();
            self.core.upgrade().is_some_and(|core| core.waits())
        };
        let due = *self.due.lock();
        let own = due.map(|due| due.saturating_duration_since(Instant::now()));
        let look = waits.then_some(LOOK);
        own.into_iter().chain(look).min()
    }

    fn refresh(&self) -> Option<Outcome> {
        if let Some(core) = self.core.upgrade() {
            let _section = fork::section();
            core.tick(&Tick::now());
        }
        if (*self.due.lock())? > Instant::now() {
            return None;
        }
        let every = self.sink.refresh_every()?;
        let outcome = self.sink.refresh();
        *self.due.lock() = Some(Instant::now() + every);
        Some(outcome)
    }
}
