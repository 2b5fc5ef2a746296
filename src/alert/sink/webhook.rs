//! Alerts to a receiver of one's own, signed.

use std::fmt::Write;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Sink;
use super::document::{Document, json};
use crate::alert::Alert;
use crate::delivery::http::{Endpoint, HttpConfig};
use crate::delivery::{Outcome, Secret};
use crate::error::{Error, Result};
use crate::event::Timestamp;

/// How a [`WebhookSink`] is made.
#[derive(Debug, Clone, Default)]
pub struct WebhookConfig {
    /// What requests are signed with; `None`: they are not.
    pub secret: Option<Secret>,
    /// How the receiver is talked to.
    pub http: HttpConfig,
    /// The name in counters and logs; `None`: `webhook`.
    pub name: Option<Arc<str>>,
}

/// POSTs every alert as JSON.
///
/// Each request has the headers `Driftline-Delivery` (the same on every attempt: by
/// it a receiver knows what it has had), `Driftline-Timestamp` (Unix seconds of the
/// attempt) and, with a secret, `Driftline-Signature` (see [`signature`]).
///
/// # Errors
/// See [`Endpoint::new`] and, of an attempt, [`Endpoint::post`].
#[derive(Debug)]
pub struct WebhookSink {
    endpoint: Endpoint,
    secret: Option<Secret>,
    name: Arc<str>,
}

impl WebhookSink {
    /// Validates; connects to nothing.
    ///
    /// # Errors
    /// `InvalidValue` that names `url`, `secret` or another argument.
    pub fn new(url: &str, config: WebhookConfig) -> Result<Self> {
        let mut endpoint = Endpoint::new(url, config.http)?;
        if let Some(secret) = &config.secret {
            if secret.expose().is_empty() {
                let allowed = "text that is not empty, or none";
                return Err(Error::invalid_value("secret", "an empty text", allowed));
            }
            endpoint = endpoint.hiding(secret);
        }
        Ok(Self {
            endpoint,
            secret: config.secret,
            name: config.name.unwrap_or_else(|| "webhook".into()),
        })
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

impl Sink for WebhookSink {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn deliver(&self, alert: &Alert) -> Outcome {
        let body = json(&Document::from(alert));
        // The attempt's own time: receivers refuse old ones.
        let timestamp = Timestamp::now().parts().0.to_string();
        let signed = self
            .secret
            .as_ref()
            .map(|secret| signature(secret, &timestamp, &alert.delivery_id, &body));
        let mut headers = vec![
            ("Driftline-Delivery", &*alert.delivery_id),
            ("Driftline-Timestamp", &timestamp),
        ];
        if let Some(signed) = &signed {
            headers.push(("Driftline-Signature", signed));
        }
        self.endpoint.post(&headers, &body)
    }
}

/// The value of `Driftline-Signature`: `v1=` and, in hexadecimal, the HMAC-SHA256
/// (RFC 2104) of `timestamp.delivery_id.body` under the secret.
///
/// # Example
/// ```
/// use driftline::alert::sink::signature;
/// use driftline::delivery::Secret;
/// let signed = signature(&Secret::new("key"), "1372654800", "d-1", b"{}");
/// assert!(signed.starts_with("v1=") && signed.len() == 3 + 64);
/// ```
pub fn signature(secret: &Secret, timestamp: &str, delivery_id: &str, body: &[u8]) -> String {
    let mut signed = "v1=".to_owned();
    // A key of any length will do.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) {
        for part in [
            timestamp.as_bytes(),
            b".",
            delivery_id.as_bytes(),
            b".",
            body,
        ] {
            mac.update(part);
        }
        for byte in mac.finalize().into_bytes() {
            // A string takes everything.
            let _ = write!(signed, "{byte:02x}");
        }
    }
    signed
}
