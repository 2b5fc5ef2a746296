//! What an [`AlertDispatcher`](super::AlertDispatcher) is made with.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Kind, ModelFilter, Severity};

/// The longest time, in seconds: about a hundred years.
const LONGEST_S: f64 = 3.2e9;

/// What is told, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertConfig {
    /// The lowest severity that opens an incident.
    pub min_severity: Severity,
    /// The kinds that open incidents; `None`: all.
    pub kinds: Option<Vec<Kind>>,
    /// The models whose incidents are told; `None`: all, and what names none.
    pub models: Option<Vec<ModelFilter>>,
    /// The features whose incidents are told; `None`: all, and what names none.
    pub features: Option<Vec<Arc<str>>>,
    /// The most alerts that wait for one sink, 1 to 1,000,000; each incident of a
    /// message counts.
    pub queue_size: usize,
    /// Seconds of event time before an incident is told of again, and for which one
    /// that opens again is the same; 0 or more.
    pub cooldown_s: f64,
    /// Seconds that a message waits for others that it is sent with, 0 to 1.
    pub group_wait_s: f64,
    /// Attempts after the first, 0 to 100.
    pub retries: u32,
    /// Seconds of event time without an event after which an incident is resolved whose
    /// kind has no counterpart that would; 0 or more.
    pub resolve_after_s: f64,
    /// The most incidents kept apart, 1 to 1,000,000.
    pub max_incidents: usize,
    /// The name in reports and logs.
    pub name: Arc<str>,
}

impl Default for AlertConfig {
    fn default() -> Self {
        Self {
            min_severity: Severity::Error,
            kinds: None,
            models: None,
            features: None,
            queue_size: 1024,
            cooldown_s: 300.0,
            group_wait_s: 1.0,
            retries: 5,
            resolve_after_s: 3600.0,
            max_incidents: 1000,
            name: "alert_dispatcher".into(),
        }
    }
}

impl AlertConfig {
    pub(super) fn validate(&self) -> Result<()> {
        let most = 1..=1_000_000;
        for (argument, value) in [
            ("queue_size", self.queue_size),
            ("max_incidents", self.max_incidents),
        ] {
            if !most.contains(&value) {
                let allowed = "a whole number from 1 to 1,000,000";
                return Err(Error::invalid_value(argument, value, allowed));
            }
        }
        for (argument, value) in [
            ("cooldown_s", self.cooldown_s),
            ("resolve_after_s", self.resolve_after_s),
        ] {
            if !(0.0..=LONGEST_S).contains(&value) {
                let allowed = "a finite number of seconds, 0 or more";
                return Err(Error::invalid_value(argument, value, allowed));
            }
        }
        if !(0.0..=1.0).contains(&self.group_wait_s) {
            let allowed = "a number of seconds from 0 to 1";
            return Err(Error::invalid_value(
                "group_wait_s",
                self.group_wait_s,
                allowed,
            ));
        }
        if self.retries > 100 {
            let allowed = "a whole number from 0 to 100";
            return Err(Error::invalid_value("retries", self.retries, allowed));
        }
        if self.name.trim().is_empty() {
            let allowed = "text that is not empty";
            return Err(Error::invalid_value(
                "name",
                format!("{:?}", self.name),
                allowed,
            ));
        }
        Ok(())
    }
}
