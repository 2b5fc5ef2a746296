//! What a monitor is made with.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::observer::check_max_models;
use crate::sketch::DdSketch;

/// The longest latency that is believed, in ms (32 years). What is beyond is a
/// mistake of units, and one such value would take the place of all low buckets.
pub const MAX_LATENCY_MS: f64 = 1e12;

/// Powers of two below [`MAX_LATENCY_MS`] that the sketches span at least: down
/// to 28 ns.
const OCTAVES: u32 = 55;

/// The longest window in seconds, 31 years.
const MAX_WINDOW_S: f64 = 1e9;

/// The most pairs of windows.
const MAX_BURN_RATES: usize = 8;

/// Products such as `0.1 * 10` are off by a rounding: a share is above its limit
/// when it is so by more than this, relatively.
const ROUNDING: f64 = 1e-9;

/// A rule on how fast the error budget is used up, over two windows.
///
/// The budget is the accepted share of slow inferences, `1 - quantile`. A burn
/// rate of 1 uses up exactly that. The rule holds when the rate is above
/// `factor` over both windows: the long one says that it matters, the short one
/// that it is still going on. Source: Beyer et al., "The Site Reliability
/// Workbook", 2018, chapter 5, "Multiwindow, multi-burn-rate alerts".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnRate {
    /// Times the budget; above 0, and below `1 / (1 - quantile)`, which is
    /// reached when every inference is slow.
    pub factor: f64,
    /// Length of the long window in seconds.
    pub long_s: f64,
    /// Length of the short window in seconds.
    pub short_s: f64,
}

/// The options of a [`LatencyMonitor`](super::LatencyMonitor).
///
/// # Example
/// ```
/// use driftline::observer::{LatencyConfig, LatencyMonitor};
/// let config = LatencyConfig { slo_ms: Some(50.0), ..LatencyConfig::default() };
/// assert!(LatencyMonitor::new(config).is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct LatencyConfig {
    /// The weight of a new latency in the moving average, above 0 and at most 1.
    pub ema_alpha: f64,
    /// The latency in ms that `quantile` of the inferences must keep, 0 to
    /// [`MAX_LATENCY_MS`]; `None`: there is no objective.
    pub slo_ms: Option<f64>,
    /// The share of inferences that must keep it, between 0 and 1.
    pub quantile: f64,
    /// The window in seconds of event time, above 0 and at most 1e9.
    pub window_s: f64,
    /// The relative error of quantiles, 0.001 to 0.1.
    pub relative_error: f64,
    /// Inferences that the window (with burn rates: the long one) must hold
    /// before it is judged; `None`: `1 / (1 - quantile)`, which no single slow
    /// one can breach, and at least 20.
    pub min_samples: Option<u64>,
    /// Whether a failed inference counts as a slow one.
    pub failures_count: bool,
    /// A breach ends when the share of slow ones is at most this part of what
    /// began it, 0 to 1.
    pub recover_at: f64,
    /// Rules that take the place of the one window's; at most 8.
    pub burn_rates: Vec<BurnRate>,
    /// The most models kept apart, 1 to 1,000,000; `None`: as many as the hub
    /// says, 1000 without one.
    pub max_models: Option<usize>,
    /// The name in reports and logs.
    pub name: Arc<str>,
}

impl Default for LatencyConfig {
    fn default() -> Self {
        Self {
            ema_alpha: 0.1,
            slo_ms: None,
            quantile: 0.99,
            window_s: 300.0,
            relative_error: 0.01,
            min_samples: None,
            failures_count: true,
            recover_at: 0.5,
            burn_rates: Vec::new(),
            max_models: None,
            name: "latency_monitor".into(),
        }
    }
}

impl LatencyConfig {
    /// Inferences before the window is judged.
    pub fn min_samples(&self) -> u64 {
        let enough = (1.0 / (1.0 - self.quantile) * (1.0 - ROUNDING)).ceil();
        self.min_samples.unwrap_or((enough as u64).max(20))
    }

    /// An empty sketch of the accuracy asked for.
    pub(super) fn sketch(&self) -> Result<DdSketch> {
        DdSketch::spanning(self.relative_error, OCTAVES)
    }

    /// # Errors
    /// `InvalidValue` that names the first option out of range.
    pub(super) fn validate(&self) -> Result<()> {
        let check = |is_right: bool, argument: &'static str, got: String, allowed: &str| {
            if is_right {
                return Ok(());
            }
            Err(Error::invalid_value(argument, got, allowed.to_owned()))
        };
        check(
            self.ema_alpha > 0.0 && self.ema_alpha <= 1.0,
            "ema_alpha",
            self.ema_alpha.to_string(),
            "a number above 0 and at most 1",
        )?;
        check(
            self.slo_ms
                .is_none_or(|slo| (0.0..=MAX_LATENCY_MS).contains(&slo)),
            "slo_ms",
            self.slo_ms.unwrap_or(0.0).to_string(),
            "a number of milliseconds from 0 to 1e12, or None",
        )?;
        check(
            self.quantile > 0.0 && self.quantile < 1.0,
            "quantile",
            self.quantile.to_string(),
            "a number between 0 and 1, both excluded",
        )?;
        check(
            is_window(self.window_s),
            "window_s",
            self.window_s.to_string(),
            "a number of seconds above 0 and at most 1e9",
        )?;
        check(
            (0.001..=0.1).contains(&self.relative_error),
            "relative_error",
            self.relative_error.to_string(),
            "a number from 0.001 to 0.1",
        )?;
        check(
            self.min_samples != Some(0),
            "min_samples",
            "0".to_owned(),
            "a whole number of 1 or more, or None",
        )?;
        check(
            (0.0..=1.0).contains(&self.recover_at),
            "recover_at",
            self.recover_at.to_string(),
            "a number from 0 to 1",
        )?;
        check_max_models(self.max_models)?;
        check(
            !self.name.trim().is_empty(),
            "name",
            format!("{:?}", self.name),
            "text that is not empty",
        )?;
        self.validate_burn_rates()
    }

    fn validate_burn_rates(&self) -> Result<()> {
        let refused =
            |got: String, allowed: String| Err(Error::invalid_value("burn_rates", got, allowed));
        if !self.burn_rates.is_empty() && self.slo_ms.is_none() {
            return refused(
                "them without slo_ms".to_owned(),
                "burn rates together with slo_ms, which says what is slow".to_owned(),
            );
        }
        if self.burn_rates.len() > MAX_BURN_RATES {
            return refused(
                format!("{} of them", self.burn_rates.len()),
                format!("at most {MAX_BURN_RATES}"),
            );
        }
        let most = 1.0 / (1.0 - self.quantile);
        for &BurnRate {
            factor,
            long_s,
            short_s,
        } in &self.burn_rates
        {
            if !(factor > 0.0 && factor * (1.0 + ROUNDING) < most) {
                return refused(
                    format!("the factor {factor}"),
                    format!(
                        "a factor above 0 and below {most:.6}, the burn rate when every \
                         inference is slow (1 / (1 - quantile))"
                    ),
                );
            }
            if !(is_window(long_s) && is_window(short_s) && short_s < long_s) {
                return refused(
                    format!("the windows {long_s} s and {short_s} s"),
                    "a long window and a shorter one, in seconds above 0 and at most 1e9"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

fn is_window(seconds: f64) -> bool {
    seconds > 0.0 && seconds <= MAX_WINDOW_S
}

/// What the objective comes to, computed once.
#[derive(Debug, Clone)]
pub(super) struct Objective {
    /// From here on a latency is slow, exclusively; infinite without objective.
    pub(super) slo_ms: f64,
    /// The accepted share of slow ones.
    pub(super) budget: f64,
    /// 1 when a failed one counts as slow, else 0.
    pub(super) failed_weight: u64,
    pub(super) min_samples: u64,
    /// The share above which the one window is in breach.
    pub(super) enter: f64,
    /// The share down to which a breach lasts, as part of what began it.
    pub(super) recover_at: f64,
}

impl Objective {
    pub(super) fn new(config: &LatencyConfig) -> Self {
        let budget = 1.0 - config.quantile;
        Self {
            slo_ms: config.slo_ms.unwrap_or(f64::INFINITY),
            budget,
            failed_weight: u64::from(config.failures_count),
            min_samples: config.min_samples(),
            enter: budget * (1.0 + ROUNDING),
            recover_at: config.recover_at,
        }
    }

    /// The share above which a burn rate is.
    pub(super) fn enter_at(&self, factor: f64) -> f64 {
        self.enter * factor
    }
}
