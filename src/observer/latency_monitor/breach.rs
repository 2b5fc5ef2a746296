//! What a monitor has to tell, and how it says it.

use std::sync::Arc;

use super::config::{BurnRate, LatencyConfig};
use crate::event::{Event, Kind, Metadata, Timestamp, Value};

/// What the window says of the objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// The quantile of the latencies.
    pub(super) quantile_ms: Option<f64>,
    /// Inferences that are judged.
    pub(super) n: u64,
    /// Those above the objective.
    pub(super) n_slow: u64,
    /// Those that failed.
    pub(super) n_failed: u64,
    /// Share of bad ones.
    pub(super) share: f64,
}

/// A pair of windows over which the budget burns too fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Burning {
    pub(super) rate: BurnRate,
    /// The burn rate over the long window.
    pub(super) long: f64,
    /// The burn rate over the short window.
    pub(super) short: f64,
}

/// A breach that began or ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// The position, among the inferences given, of the one that caused it.
    pub(super) index: usize,
    /// Whether it began.
    pub(super) began: bool,
    pub(super) judged: Judged,
    /// With burn rates, the first pair that burns.
    pub(super) burning: Option<Burning>,
}

impl Change {
    /// The event that tells of it, without a model.
    pub(super) fn event(&self, config: &LatencyConfig, at: Timestamp) -> Event {
        let judged = &self.judged;
        let mut metadata = Metadata::new();
        let mut put = |key: &str, value: Value| metadata.insert(key.to_owned(), value);
        put("message", Value::Str(self.message(config)));
        put("slo_ms", config.slo_ms.unwrap_or(f64::INFINITY).into());
        put("quantile", config.quantile.into());
        put("window_s", config.window_s.into());
        put("n", judged.n.into());
        put("n_slow", judged.n_slow.into());
        put("n_failed", judged.n_failed.into());
        put("share_above", judged.share.into());
        if let Some(burning) = &self.burning {
            put("factor", burning.rate.factor.into());
            put("long_s", burning.rate.long_s.into());
            put("short_s", burning.rate.short_s.into());
            put("burn_rate_long", burning.long.into());
            put("burn_rate_short", burning.short.into());
        }
        let kind = if self.began {
            Kind::SloBreached
        } else {
            Kind::SloRecovered
        };
        let mut event = Event::at(kind, judged.quantile_ms, at);
        event.metadata = Some(Arc::new(metadata));
        event
    }

    /// One sentence for a person.
    fn message(&self, config: &LatencyConfig) -> String {
        let judged = &self.judged;
        let start = if self.began { "" } else { "back to normal: " };
        if judged.n == 0 {
            let window = config.window_s;
            return format!("{start}no inference in the last {window} s");
        }
        let failed = match (config.failures_count, judged.n_failed) {
            (true, n) if n > 0 => format!(" ({n} of them failed)"),
            _ => String::new(),
        };
        let bad = judged.n_slow + u64::from(config.failures_count) * judged.n_failed;
        let mut text = format!(
            "{start}{bad} of {} inferences in the last {} s took longer than {} ms{failed}: {:.3} %, \
             accepted: {:.3} %",
            judged.n,
            config.window_s,
            config.slo_ms.unwrap_or(f64::INFINITY),
            100.0 * judged.share,
            100.0 * (1.0 - config.quantile),
        );
        if let Some(quantile) = judged.quantile_ms {
            let name = super::text::percentile(config.quantile);
            text += &format!("; {name} is {} ms", super::text::short(quantile));
        }
        if let Some(burning) = &self.burning {
            let BurnRate {
                factor,
                long_s,
                short_s,
            } = burning.rate;
            text += &format!(
                "; the error budget burns {:.1} times as fast as it may over {long_s} s and {:.1} \
                 times over {short_s} s (limit: {factor})",
                burning.long, burning.short
            );
        }
        text
    }
}
