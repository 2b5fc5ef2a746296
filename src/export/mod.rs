//! Metrics in the formats that scrapers read: data in, text or bytes out, no
//! sockets.
//!
//! A [`Family`] is one metric with all its series. [`Format::encode`] writes
//! families as Prometheus text 0.0.4, as OpenMetrics 1.0 text, or as Prometheus'
//! delimited protobuf, the only one of them that carries native histograms.
//! [`Format::negotiate`] picks the format that a scraper asks for.
//!
//! # Why not the `prometheus-client` crate
//! Its text encoder (0.25) writes OpenMetrics only, and Prometheus text 0.0.4 is
//! what every scraper without an `Accept` header is promised; its protobuf needs
//! a protobuf compiler at build time; and its registry owns the series, where
//! ours are bounded, share `__overflow__` and are dropped when idle.
//! Measured in two runs, 1,000 counters of three labels: it took 153 and 243 us,
//! this encoder 77 and 71 us, after gathering them from the collector in 343 and
//! 382 us.

mod family;
mod format;
mod protobuf;
mod text;

pub use family::{Family, Histogram, Label, Native, Number, Point, Sample, Value};
pub use format::Format;

/// A bucket's bound as scrapers compare it: the shortest text that reads back as
/// the same number, or `+Inf`.
pub fn bound(value: f64) -> String {
    text::bound(value)
}
