//! One POST: sent, answered, judged.
//!
//! A request is one connection: nothing is pooled, so no connection can have gone
//! stale, and a forked child shares none with its parent. Redirects are not
//! followed: the body, its signature and the secrets in the headers are for the
//! receiver that was configured and no other. A server is trusted when its
//! certificate leads to one of Mozilla's roots, which are built in, so that a
//! container without certificates will do; `ca_file` puts others in their place.
//! Proxies are taken from the environment (`ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`,
//! `NO_PROXY`) as it was when the endpoint was made.
//!
//! The path of a URL may be a secret (Slack's is), and so may headers: neither is
//! ever shown. The HTTP client beneath, `ureq`, logs paths at level trace under its
//! own name; the Python bindings let nothing of it through.

mod config;
mod retry_after;

pub use config::{HttpConfig, LONGEST_TIMEOUT};
pub use retry_after::LONGEST_RETRY_AFTER;

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::{HeaderName, HeaderValue, Response};
use ureq::tls::{RootCerts, TlsConfig};

use config::{certificates, parse_headers, parse_url};
use retry_after::retry_after;

use super::secret::HIDDEN;
use super::{Loss, Outcome, Secret};
use crate::error::{Result, one_line};

/// How much of a refusal is read.
const READ: usize = 2048;

/// How much of a refusal is shown, in characters.
const SHOWN: usize = 200;

/// The most bytes in the head of an answer.
const MOST_HEAD: usize = 64 * 1024;

/// A URL that takes POST requests, and how it is talked to.
///
/// # Example
/// ```
/// use driftline::delivery::http::{Endpoint, HttpConfig};
/// let endpoint = Endpoint::new("https://hooks.example.org/T0/B0", HttpConfig::default()).unwrap();
/// assert_eq!(endpoint.shown(), "https://hooks.example.org/***");
/// assert!(Endpoint::new("ftp://example.org", HttpConfig::default()).is_err());
/// ```
pub struct Endpoint {
    url: Secret,
    shown: String,
    host: String,
    config: HttpConfig,
    client: Config,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What to mask in texts of others.
    secrets: Vec<Secret>,
}

impl Endpoint {
    /// Validates the URL and the rest; connects to nothing.
    ///
    /// # Errors
    /// `InvalidValue` that names `url`, `timeout_s`, `connect_timeout_s`, `ca_file`
    /// or `headers`, and shows neither the URL's path nor header values.
    pub fn new(url: &str, config: HttpConfig) -> Result<Self> {
        let uri = parse_url(url)?;
        config.check()?;
        let roots = match &config.ca_file {
            Some(path) => RootCerts::Specific(Arc::new(certificates(path)?)),
            None => RootCerts::WebPki,
        };
        let headers = parse_headers(&config.headers)?;
        let client = Agent::config_builder()
            .user_agent(concat!("driftline/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_global(Some(config.timeout))
            .timeout_connect(Some(config.connect_timeout))
            .timeout_resolve(Some(config.connect_timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(MOST_HEAD)
            .input_buffer_size(16 * 1024)
            .output_buffer_size(16 * 1024)
            .max_idle_connections(0)
            .build();
        let host = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |authority| authority.as_str())
        );
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let shown = match path {
            "/" => format!("{host}/"),
            _ => format!("{host}/{HIDDEN}"),
        };
        let mut secrets: Vec<Secret> = parts_to_hide(path).map(Secret::new).collect();
        for (_, value) in &config.headers {
            let token = value.expose().rsplit(' ').next().unwrap_or_default();
            secrets.extend([value.clone(), Secret::new(token)]);
        }
        Ok(Self {
            url: Secret::new(url),
            shown,
            host,
            config,
            client,
            headers,
            secrets: sorted(secrets),
        })
    }

    /// The same with one more secret to mask in texts of others.
    #[must_use]
    pub fn hiding(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self.secrets = sorted(self.secrets);
        self
    }

    /// The URL without what may be a secret: scheme, host and port.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Scheme, host and port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How it is talked to.
    pub fn config(&self) -> &HttpConfig {
        &self.config
    }

    /// Sends the body, which is JSON, and judges the answer. `headers` are those of
    /// this request.
    ///
    /// Any status from 200 to 299 is a delivery, as soon as the head of the answer has
    /// been read. From 300 to 399 it is lost, redirected; 429 and all from 500 are
    /// worth another attempt, after what `Retry-After` says (at most an hour);
    /// anything else is refused. No connection, one that breaks before the answer,
    /// and an answer that is not HTTP are worth another attempt, and so is a time-out;
    /// a certificate that is not trusted is not: it needs somebody to act.
    pub fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Outcome {
        // Beneath, a thread that cannot be started for the look-up of a name is a
        // panic.
        let sent = catch_unwind(AssertUnwindSafe(|| self.send(headers, body)));
        match sent {
            Ok(Ok(answer)) => self.judge(answer),
            Ok(Err(error)) => self.failed(&error),
            Err(_) => self.retry(Loss::Connection, None, "the HTTP client failed"),
        }
    }

    fn send(
        &self,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::result::Result<Response<ureq::Body>, ureq::Error> {
        let agent = Agent::new_with_config(self.client.clone());
        let mut request = agent
            .post(self.url.expose())
            .header("Content-Type", "application/json")
            .header("Connection", "close");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body)
    }

    fn judge(&self, mut answer: Response<ureq::Body>) -> Outcome {
        let status = answer.status().as_u16();
        let reason = match status {
            200..=299 => return Outcome::Delivered,
            300..=399 => {
                let error = format!(
                    "{} answered {status}: redirects are not followed; \
                     accepted: the URL that answers itself",
                    self.host
                );
                return Outcome::Lost {
                    reason: Loss::Redirected,
                    error,
                };
            }
            429 => Loss::TooManyRequests,
            500.. => Loss::ServerError,
            _ => Loss::Refused,
        };
        let after = answer
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| retry_after(text, jiff::Timestamp::now()));
        let said = self.excerpt(answer.body_mut());
        let text = match said.is_empty() {
            true => format!("answered {status}"),
            false => format!("answered {status}: {said}"),
        };
        match reason {
            Loss::Refused => Outcome::Lost {
                reason,
                error: format!("{} {text}", self.host),
            },
            _ => self.retry(reason, after, &text),
        }
    }

    /// The beginning of what an answer says, on one line and without secrets.
    fn excerpt(&self, body: &mut ureq::Body) -> String {
        let mut read = Vec::new();
        // What has come counts, whatever happens then.
        let _ = body.as_reader().take(READ as u64).read_to_end(&mut read);
        let cut = read.len() >= READ;
        let mut text = String::from_utf8_lossy(&read).into_owned();
        for secret in &self.secrets {
            text = secret.mask(&text);
        }
        if cut {
            // A character that was cut in two.
            text.truncate(text.trim_end_matches('\u{fffd}').len());
            for secret in &self.secrets {
                text = secret.mask_cut(&text);
            }
        }
        let text = one_line(text.trim());
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        }
    }

    fn failed(&self, error: &ureq::Error) -> Outcome {
        use std::error::Error as _;
        use std::io::ErrorKind;
        use ureq::{Error as E, Timeout};
        let tls = match error {
            E::Rustls(error) => Some(error),
            E::Io(error) => error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>()),
            _ => None,
        };
        if let Some(rustls::Error::InvalidCertificate(why)) = tls {
            let error = format!(
                "{}: the certificate is not trusted ({why}); a private authority's \
                 certificate goes into ca_file",
                self.host
            );
            return Outcome::Lost {
                reason: Loss::Connection,
                error: one_line(&error),
            };
        }
        let connect = self.config.connect_timeout.as_secs_f64();
        match error {
            E::Timeout(Timeout::Connect | Timeout::Resolve) => {
                let text = format!("no connection within {connect} s");
                self.retry(Loss::Timeout, None, &text)
            }
            E::Timeout(_) => self.too_slow(),
            E::Io(error) if error.kind() == ErrorKind::TimedOut => self.too_slow(),
            E::Io(error) => {
                let text = match (tls, error.source()) {
                    (Some(tls), _) => format!("no connection by TLS: {tls}"),
                    (None, _) => format!("no connection, or it broke: {error}"),
                };
                self.retry(Loss::Connection, None, &text)
            }
            E::HostNotFound => self.retry(Loss::Connection, None, "the name has no address"),
            E::ConnectProxyFailed(_) | E::InvalidProxyUrl => {
                self.retry(Loss::Connection, None, "the proxy does not connect")
            }
            E::Rustls(error) => {
                let text = format!("no connection by TLS: {error}");
                self.retry(Loss::Connection, None, &text)
            }
            E::Protocol(_) | E::LargeResponseHeader(..) => {
                self.retry(Loss::Connection, None, "what came is no answer of HTTP")
            }
            _ => self.retry(Loss::Connection, None, "the request failed"),
        }
    }

    fn too_slow(&self) -> Outcome {
        let text = format!("no answer within {} s", self.config.timeout.as_secs_f64());
        self.retry(Loss::Timeout, None, &text)
    }

    fn retry(&self, reason: Loss, after: Option<Duration>, text: &str) -> Outcome {
        Outcome::Retry {
            reason,
            after,
            error: one_line(&format!("{} {text}", self.host)),
        }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.shown)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// What of a path may be a secret: the whole, and each part that is not a short word.
fn parts_to_hide(path: &str) -> impl Iterator<Item = &str> {
    const SHORTEST: usize = 8;
    let parts = path.split(['/', '?', '&', '=']);
    let whole = std::iter::once(path).filter(|path| *path != "/");
    whole.chain(parts.filter(|part| part.len() >= SHORTEST))
}

/// The longest first, so that none hides a part of another.
fn sorted(mut secrets: Vec<Secret>) -> Vec<Secret> {
    secrets.retain(|secret| !secret.expose().is_empty());
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    secrets
}
