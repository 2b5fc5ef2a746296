//! Which format a scraper gets.

use super::{Family, protobuf, text};
use crate::error::{Error, Result};

/// A format that scrapers read.
///
/// # Example
/// ```
/// use driftline::export::Format;
/// assert_eq!(Format::negotiate(""), Format::Text);
/// let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2";
/// assert_eq!(Format::negotiate(accept), Format::OpenMetrics);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text, version 0.0.4.
    Text,
    /// OpenMetrics text, version 1.0.0.
    OpenMetrics,
    /// Prometheus protobuf: length-delimited `io.prometheus.client.MetricFamily`
    /// messages, with native histograms.
    Protobuf,
}

impl Format {
    /// From `"text"` or `"openmetrics"`, the formats that are text.
    ///
    /// # Errors
    /// `InvalidValue` for anything else.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "text" => Ok(Self::Text),
            "openmetrics" => Ok(Self::OpenMetrics),
            other => Err(Error::invalid_value(
                "format",
                format!("{other:?}"),
                "\"text\" (Prometheus text 0.0.4) or \"openmetrics\" (OpenMetrics 1.0)",
            )),
        }
    }

    /// The value of the `Content-Type` header that goes with it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
                 encoding=delimited"
            }
        }
    }

    /// The format that an `Accept` header prefers; Prometheus text when it names
    /// none of them. Of formats that it prefers equally, the first one.
    pub fn negotiate(accept: &str) -> Self {
        let mut best = (0.0, Self::Text);
        for clause in accept.split(',') {
            let mut parts = clause.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let parameters: Vec<(String, &str)> = parts
                .filter_map(|part| part.split_once('='))
                .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim()))
                .map(|(key, value)| (key, value.trim_matches('"')))
                .collect();
            let parameter = |name: &str| {
                let mut all = parameters.iter();
                all.find(|(key, _)| key == name).map(|&(_, value)| value)
            };
            let Some(format) = Self::named(media_type, parameter) else {
                continue;
            };
            let quality = parameter("q").map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            if quality > best.0 {
                best = (quality, format);
            }
        }
        best.1
    }

    /// The format of a media type and its parameters.
    fn named<'a>(media_type: &str, parameter: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let is = |name: &str, accepted: &[&str]| {
            parameter(name).is_none_or(|value| accepted.contains(&value))
        };
        match media_type.to_ascii_lowercase().as_str() {
            "application/openmetrics-text" if is("version", &["1.0.0", "0.0.1"]) => {
                Some(Self::OpenMetrics)
            }
            // Both must be said: there are other protobuf messages and encodings.
            "application/vnd.google.protobuf"
                if parameter("proto") == Some("io.prometheus.client.MetricFamily")
                    && parameter("encoding") == Some("delimited") =>
            {
                Some(Self::Protobuf)
            }
            "text/plain" if is("version", &["0.0.4"]) => Some(Self::Text),
            "text/*" | "*/*" => Some(Self::Text),
            _ => None,
        }
    }

    /// Families in this format; those without series are left out.
    pub fn encode(self, families: &[Family]) -> Vec<u8> {
        match self {
            Self::Text => text::encode(families, false).into_bytes(),
            Self::OpenMetrics => text::encode(families, true).into_bytes(),
            Self::Protobuf => protobuf::encode(families),
        }
    }

    /// Families as text; `None` when the format is not text.
    pub fn encode_text(self, families: &[Family]) -> Option<String> {
        match self {
            Self::Text => Some(text::encode(families, false)),
            Self::OpenMetrics => Some(text::encode(families, true)),
            Self::Protobuf => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapers_get_what_they_ask_for() {
        let protobuf = "application/vnd.google.protobuf;\
                        proto=io.prometheus.client.MetricFamily;encoding=delimited";
        // What Prometheus 3 sends, with native histograms and without.
        let text = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                    application/openmetrics-text;version=0.0.1;q=0.4,\
                    text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
                    text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        let native = format!("{protobuf};q=0.6,{text}");
        for (accept, format) in [
            (native.as_str(), Format::Protobuf),
            (text, Format::OpenMetrics),
            ("text/plain", Format::Text),
            ("*/*", Format::Text),
            ("text/html, */*;q=0.1", Format::Text),
            (
                "application/openmetrics-text; q=0, text/plain",
                Format::Text,
            ),
            (
                "application/openmetrics-text; version=\"1.0.0\"",
                Format::OpenMetrics,
            ),
            ("application/openmetrics-text; version=9", Format::Text),
            ("application/vnd.google.protobuf", Format::Text),
            ("application/openmetrics-text;q=nonsense", Format::Text),
            (";;=,=;q", Format::Text),
            ("", Format::Text),
        ] {
            assert_eq!(Format::negotiate(accept), format, "{accept}");
        }
    }
}
