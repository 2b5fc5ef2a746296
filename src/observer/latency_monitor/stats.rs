//! The figures of one model, and the line that a log shows of them.

use super::breach::Judged;
use super::config::{LatencyConfig, Objective};
use super::state::Latencies;
use super::text::{percentile, short};
use crate::error::one_line;
use crate::event::{ModelId, Timestamp};

/// The figures of one model. Latencies are in milliseconds; quantiles are
/// estimates within the monitor's relative error; `None` where nothing has been
/// seen to make a figure of.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyStats {
    /// The model; `None` for inferences that named none.
    pub model: Option<ModelId>,
    /// Inferences answered, whose latency was taken.
    pub n: u64,
    /// Inferences that failed.
    pub n_failed: u64,
    /// Inferences whose latency was no finite number from 0 to 1e12.
    pub n_refused: u64,
    /// `n_failed / (n + n_failed)`.
    pub failure_rate: Option<f64>,
    /// Exponential moving average: the first latency, then
    /// `ema + ema_alpha * (latency - ema)`.
    pub ema_ms: Option<f64>,
    /// Mean of all latencies.
    pub mean_ms: Option<f64>,
    /// The lowest latency.
    pub min_ms: Option<f64>,
    /// The highest latency.
    pub max_ms: Option<f64>,
    /// Median of all latencies.
    pub p50_ms: Option<f64>,
    /// 90th percentile of all latencies.
    pub p90_ms: Option<f64>,
    /// 95th percentile of all latencies.
    pub p95_ms: Option<f64>,
    /// 99th percentile of all latencies.
    pub p99_ms: Option<f64>,
    /// Inferences in the window that are judged: answered ones, and failed ones
    /// where these count as slow.
    pub window_n: u64,
    /// Inferences in the window that failed.
    pub window_n_failed: u64,
    /// Share of the judged ones that were too slow or, where that counts,
    /// failed; `None` without objective or inferences.
    pub window_share_above: Option<f64>,
    /// The quantile asked for, over the window.
    pub window_quantile_ms: Option<f64>,
    /// Whether the objective is breached.
    pub breached: bool,
    /// Breaches that began.
    pub n_breaches: u64,
    /// Event time of the last inference, or of what passed for it.
    pub last_seen: Option<Timestamp>,
}

impl LatencyStats {
    pub(super) fn new(
        model: Option<ModelId>,
        latencies: &Latencies,
        config: &LatencyConfig,
        objective: &Objective,
    ) -> Self {
        let life = latencies.panes.life();
        let Judged {
            quantile_ms,
            n: window_n,
            n_failed: window_n_failed,
            share,
            ..
        } = latencies.judged(config, objective);
        let (n, n_failed) = (life.n(), latencies.n_failed);
        let all = n + n_failed;
        Self {
            model,
            n,
            n_failed,
            n_refused: latencies.n_refused,
            failure_rate: (all > 0).then(|| n_failed as f64 / all as f64),
            ema_ms: Some(latencies.ema).filter(|ema| !ema.is_nan()),
            mean_ms: life.mean(),
            min_ms: life.min(),
            max_ms: life.max(),
            p50_ms: life.quantile(0.5),
            p90_ms: life.quantile(0.9),
            p95_ms: life.quantile(0.95),
            p99_ms: life.quantile(0.99),
            window_n,
            window_n_failed,
            window_share_above: (config.slo_ms.is_some() && window_n > 0).then_some(share),
            window_quantile_ms: quantile_ms,
            breached: latencies.breached,
            n_breaches: latencies.n_breaches,
            last_seen: latencies.last_seen,
        }
    }

    /// One line for a log.
    pub(super) fn line(&self, config: &LatencyConfig) -> String {
        let name = self.model.as_ref().map_or("(no model)".to_owned(), |m| {
            one_line(&m.to_string()) // a line break in a name must not forge a line
        });
        let ms = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{} ms", short(v)));
        let mut line = format!(
            "{name}: {} inferences, {} failed, ema {}, p50 {}, p99 {}; last {} s: {} inferences, {} {}",
            self.n,
            self.n_failed,
            ms(self.ema_ms),
            ms(self.p50_ms),
            ms(self.p99_ms),
            config.window_s,
            self.window_n,
            percentile(config.quantile),
            ms(self.window_quantile_ms),
        );
        if let Some(slo) = config.slo_ms {
            let state = if self.breached { "breached" } else { "met" };
            line += &format!(
                "; slo {} <= {slo} ms is {state}",
                percentile(config.quantile)
            );
        }
        if self.n_refused > 0 {
            line += &format!("; {} refused", self.n_refused);
        }
        line
    }
}
