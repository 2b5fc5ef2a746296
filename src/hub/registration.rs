//! What is said when a hub is made and an observer registered, and what is known of
//! the observer then.

use std::sync::Arc;
use std::time::Duration;

use super::{Handle, Overflow};
use crate::error::{Error, Result};
use crate::observer::{DropReason, Filter, MAX_MODELS, check_max_models};

/// What a hub is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest chain of derived events, 1 to 1000.
    pub max_cascade_depth: u32,
    /// The most models that an observer of the hub keeps apart, unless it was
    /// told otherwise itself; likewise features and custom kinds. 1 to 1,000,000.
    pub max_models: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_cascade_depth: 16,
            max_models: MAX_MODELS,
        }
    }
}

impl Settings {
    pub(super) fn validate(&self) -> Result<()> {
        if !(1..=1000).contains(&self.max_cascade_depth) {
            return Err(Error::invalid_value(
                "max_cascade_depth",
                self.max_cascade_depth,
                "a whole number from 1 to 1000",
            ));
        }
        check_max_models(Some(self.max_models))
    }
}

/// In whose thread an observer is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// In the emitter's.
    #[default]
    Inline,
    /// In a worker's of its own, one event after the other; emitters only put
    /// events into its queue.
    Queued,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Inline, Self::Queued];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Queued => "queued",
        }
    }
}

/// How an observer is registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The name in reports and logs; the observer's own by default.
    pub name: Option<Arc<str>>,
    /// What it listens to, within what the observer itself listens to.
    pub filter: Filter,
    /// Higher is called earlier.
    pub priority: i32,
    /// Whether it is unregistered before its first call.
    pub once: bool,
    /// After so many failures in a row it is called no more.
    pub max_consecutive_failures: Option<u32>,
    /// In whose thread it is called.
    pub mode: Mode,
    /// The most events that are accepted for it and not delivered yet, 1 or more.
    pub queue_size: usize,
    /// What happens to an event beyond that.
    pub overflow: Overflow,
    /// With [`Overflow::Block`], how long an emitter waits before it drops.
    pub block_timeout: Duration,
    /// How often it is told that time has passed.
    pub tick_every: Option<Duration>,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            name: None,
            filter: Filter::default(),
            priority: 0,
            once: false,
            max_consecutive_failures: None,
            mode: Mode::Inline,
            queue_size: 1024,
            overflow: Overflow::DropOldest,
            block_timeout: Duration::from_secs(30),
            tick_every: None,
        }
    }
}

impl Registration {
    pub(super) fn validate(&self) -> Result<()> {
        if self.max_consecutive_failures == Some(0) {
            return Err(Error::invalid_value(
                "max_consecutive_failures",
                0,
                "a whole number from 1, or none",
            ));
        }
        if self.queue_size == 0 {
            return Err(Error::invalid_value(
                "queue_size",
                0,
                "a whole number from 1",
            ));
        }
        if self.tick_every.is_some_and(|every| every < MIN_TICK) {
            return Err(Error::invalid_value(
                "tick_s",
                self.tick_every.unwrap_or_default().as_secs_f64(),
                "a number of seconds from 0.001, or none",
            ));
        }
        Ok(())
    }
}

/// The shortest time between two ticks.
const MIN_TICK: Duration = Duration::from_millis(1);

/// What is known of a registered observer.
#[derive(Debug, Clone)]
pub struct ObserverInfo {
    /// Its handle.
    pub handle: Handle,
    /// Its name.
    pub name: Arc<str>,
    /// What it listens to.
    pub filter: Filter,
    /// What was asked for when it was registered: before the observer's own filter
    /// narrowed it, and without the observer's own name.
    pub asked: Arc<Registration>,
    /// Higher is called earlier.
    pub priority: i32,
    /// Whether it is unregistered before its first call.
    pub once: bool,
    /// Whether it was suspended for failing too often.
    pub suspended: bool,
    /// Calls begun, failed ones included.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Mean time of a call in seconds; of an inline observer measured on one
    /// emission in 64.
    pub time_per_call_s: Option<f64>,
    /// In whose thread it is called.
    pub mode: Mode,
    /// Events that its queue dropped, by reason; in the order of
    /// [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
    /// Events accepted and not delivered yet.
    pub queue_depth: u64,
}
