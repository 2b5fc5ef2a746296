//! What a collector is made with.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::observer::check_max_models;

/// What a [`MetricsCollector`](super::MetricsCollector) is made with.
///
/// # Example
/// ```
/// use driftline::observer::MetricsConfig;
/// let config = MetricsConfig { buckets_ms: vec![100.0, 50.0], ..MetricsConfig::default() };
/// assert!(config.validate().unwrap_err().to_string().starts_with("buckets_ms: got "));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsConfig {
    /// Upper bounds of the latency histogram in milliseconds: positive, rising,
    /// 1 to [`MetricsConfig::MAX_BUCKETS`]; a bucket for all above is added.
    pub buckets_ms: Vec<f64>,
    /// The most models kept apart, likewise features and custom kinds: from 1 to
    /// 1,000,000. `None` is the hub's `max_models`, and 1,000 without a hub.
    pub max_models: Option<usize>,
    /// Whether latencies are gathered in native buckets too.
    pub native_histogram: bool,
    /// In reports and logs.
    pub name: Arc<str>,
}

impl MetricsConfig {
    /// The most buckets.
    pub const MAX_BUCKETS: usize = 200;

    /// Whether every option is in range.
    ///
    /// # Errors
    /// `InvalidValue` for the first one that is not.
    pub fn validate(&self) -> Result<()> {
        let buckets = &self.buckets_ms;
        let rising = buckets.iter().zip(buckets.iter().skip(1));
        let valid = !buckets.is_empty()
            && buckets.len() <= Self::MAX_BUCKETS
            && buckets.iter().all(|bound| bound.is_finite() && *bound > 0.0)
            // In seconds as well, where the smallest of them may fall together.
            && rising.into_iter().all(|(a, b)| a / 1000.0 < b / 1000.0);
        if !valid {
            let shown: Vec<_> = buckets.iter().take(20).map(f64::to_string).collect();
            let more = if buckets.len() > 20 { ", ..." } else { "" };
            return Err(Error::invalid_value(
                "buckets_ms",
                format!("[{}{more}] ({} bounds)", shown.join(", "), buckets.len()),
                "1 to 200 finite numbers above 0, rising, in milliseconds; \
                 a bucket for all above is added",
            ));
        }
        check_max_models(self.max_models)?;
        if self.name.is_empty() {
            let allowed = "a name that is not empty";
            return Err(Error::invalid_value("name", "\"\"", allowed));
        }
        Ok(())
    }
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self {
            buckets_ms: vec![10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0],
            max_models: None,
            native_histogram: true,
            name: "metrics_collector".into(),
        }
    }
}
