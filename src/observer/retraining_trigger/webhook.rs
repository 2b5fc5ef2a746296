//! A training that is started by a request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::scheduler::Scheduler;
use crate::alert::sink::signature;
use crate::delivery::http::{Endpoint, HttpConfig};
use crate::delivery::{Loss, Outcome, Secret};
use crate::error::{Error, Result};
use crate::event::{Event, ModelId, Timestamp};

/// POSTs every run that is to be started as JSON, signed like a
/// [`WebhookSink`](crate::alert::sink::WebhookSink)'s alerts: the headers are the same,
/// and `Driftline-Delivery` is the run's id.
///
/// The body has `version` (1), `delivery_id`, `action` (`"retrain"`), `model` (`name`,
/// `version`) and `event`, as [`Event::to_json`] writes it.
#[derive(Debug)]
pub struct WebhookScheduler {
    endpoint: Endpoint,
    secret: Option<Secret>,
}

impl WebhookScheduler {
    /// Validates; connects to nothing.
    ///
    /// # Errors
    /// `InvalidValue` that names `url`, `secret` or another argument.
    ///
    /// # Example
    /// ```
    /// use driftline::delivery::http::HttpConfig;
    /// use driftline::observer::WebhookScheduler;
    /// assert!(WebhookScheduler::new("https://ci.example.org/t/1", None, HttpConfig::default()).is_ok());
    /// assert!(WebhookScheduler::new("ci.example.org", None, HttpConfig::default()).is_err());
    /// ```
    pub fn new(url: &str, secret: Option<Secret>, http: HttpConfig) -> Result<Self> {
        let mut endpoint = Endpoint::new(url, http)?;
        if let Some(secret) = &secret {
            if secret.expose().is_empty() {
                let allowed = "text that is not empty, or none";
                return Err(Error::invalid_value("secret", "an empty text", allowed));
            }
            endpoint = endpoint.hiding(secret);
        }
        Ok(Self { endpoint, secret })
    }

    /// Where it sends to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether requests are signed.
    pub fn is_signed(&self) -> bool {
        self.secret.is_some()
    }
}

impl Scheduler for WebhookScheduler {
    fn name(&self) -> Arc<str> {
        "webhook".into()
    }

    fn schedule(&self, model: &ModelId, event: &Event, run_id: &str) -> Outcome {
        let event: Value = match serde_json::from_str(&event.to_json()) {
            Ok(event) => event,
            Err(error) => {
                return Outcome::Lost {
                    reason: Loss::Failed,
                    error: error.to_string(),
                };
            }
        };
        let body = json!({
            "version": 1,
            "delivery_id": run_id,
            "action": "retrain",
            "model": {"name": model.name(), "version": model.version()},
            "event": event,
        });
        let body = body.to_string().into_bytes();
        // The attempt's own time: receivers refuse old ones.
        let timestamp = Timestamp::now().parts().0.to_string();
        let signed = self
            .secret
            .as_ref()
            .map(|secret| signature(secret, &timestamp, run_id, &body));
        let mut headers = vec![
            ("Driftline-Delivery", run_id),
            ("Driftline-Timestamp", &timestamp),
        ];
        if let Some(signed) = &signed {
            headers.push(("Driftline-Signature", signed));
        }
        self.endpoint.post(&headers, &body)
    }
}
