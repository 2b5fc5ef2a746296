//! What an endpoint is made of, and what is refused.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{HeaderName, HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::delivery::Secret;
use crate::error::{Error, Result};

/// The longest time-out.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(3600);

/// Headers that a request has of its own.
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// How an endpoint is talked to.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// From the beginning to the answer, in all; above 0, at most an hour.
    pub timeout: Duration,
    /// Name, connection and TLS; above 0, at most an hour.
    pub connect_timeout: Duration,
    /// Certificates, as PEM, to trust in place of the built-in roots.
    pub ca_file: Option<PathBuf>,
    /// Further headers of every request. Their values are secrets.
    pub headers: Vec<(String, Secret)>,
}

impl HttpConfig {
    /// Refuses time-outs out of range.
    pub(super) fn check(&self) -> Result<()> {
        for (name, timeout) in [
            ("timeout_s", self.timeout),
            ("connect_timeout_s", self.connect_timeout),
        ] {
            if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
                let allowed = "a number of seconds above 0, at most 3600";
                return Err(Error::invalid_value(name, timeout.as_secs_f64(), allowed));
            }
        }
        Ok(())
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            ca_file: None,
            headers: Vec::new(),
        }
    }
}

pub(super) fn parse_url(url: &str) -> Result<Uri> {
    const ALLOWED: &str =
        "an http or https URL with a host, such as \"https://example.org/alerts\"";
    let refused = |got: &str| Error::invalid_value("url", got, ALLOWED);
    let uri: Uri = url
        .parse()
        .map_err(|_| refused("text that is not a URL (not shown: it may be a secret)"))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(_) => return Err(refused("a URL of another scheme")),
        None => return Err(refused("a URL without a scheme")),
    }
    let authority = uri
        .authority()
        .ok_or_else(|| refused("a URL without a host"))?;
    if authority.as_str().contains('@') {
        return Err(Error::invalid_value(
            "url",
            "a URL with a user name or password",
            "one without; credentials go into a header, such as {\"Authorization\": \"Bearer ...\"}",
        ));
    }
    let after_host = authority.as_str().rsplit(']').next().unwrap_or_default();
    let port = after_host.split_once(':').map(|(_, port)| port);
    if authority.host().is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(refused("a URL without a host, or with a port that is none"));
    }
    Ok(uri)
}

pub(super) fn parse_headers(
    headers: &[(String, Secret)],
) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let parse = |(name, value): &(String, Secret)| {
        let refused =
            |got: String, allowed: &'static str| Error::invalid_value("headers", got, allowed);
        let name: HeaderName = name.parse().map_err(|_| {
            refused(
                "a name that is none (not shown)".to_owned(),
                "names of HTTP headers",
            )
        })?;
        if RESERVED.contains(&name.as_str()) || name.as_str().starts_with("driftline-") {
            let allowed = "headers that driftline does not set itself";
            return Err(refused(format!("{:?}", name.as_str()), allowed));
        }
        let ascii = Some(value.expose()).filter(|value| value.is_ascii());
        let value = ascii.and_then(|value| HeaderValue::from_str(value).ok());
        let mut value = value.ok_or_else(|| {
            let got = format!("a value of {:?} that is not shown", name.as_str());
            refused(got, "values of visible ASCII characters and spaces")
        })?;
        value.set_sensitive(true);
        Ok((name, value))
    };
    headers.iter().map(parse).collect()
}

/// The certificates in a PEM file.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let refused = |why: &str| {
        let got = format!("{:?} ({why})", path.display().to_string());
        Error::invalid_value("ca_file", got, "a readable file of certificates as PEM")
    };
    let pem = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(refused("not PEM")),
        }
    }
    if certificates.is_empty() {
        return Err(refused("no certificate in it"));
    }
    Ok(certificates)
}
