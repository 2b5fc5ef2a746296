//! Any two-sample test over a sliding window.

use std::f64::consts::LN_10;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::drift::{self, FittedUnivariate, Parameters, TestResult, Univariate};
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::state::damaged;
use crate::stream::windows::ring::{self, Ring};

/// Significance of a look when neither it nor a threshold is given.
const DEFAULT_ALPHA: f64 = 1e-4;
/// Sizes up to which it is tried out whether the test can judge them.
const SMALL: usize = 1_000;

/// Parameters of [`WindowedTest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowedTestParameters {
    /// Configuration name of a univariate or categorical test.
    pub test: String,
    /// Values in the window, 1 to 1,000,000.
    pub window_size: usize,
    /// Values from look to look.
    pub stride: usize,
    /// What the window is compared with; `None` for the first `window_size` values.
    pub baseline: Option<Vec<f64>>,
    /// Significance of each look; 0.0001 when no threshold is given either.
    pub alpha: Option<f64>,
    /// What the test's distance is compared with.
    pub threshold: Option<f64>,
}

impl Default for WindowedTestParameters {
    fn default() -> Self {
        Self {
            test: "ks".to_owned(),
            window_size: 100,
            stride: 10,
            baseline: None,
            alpha: None,
            threshold: None,
        }
    }
}

impl WindowedTestParameters {
    fn test(&self) -> Result<Arc<dyn Univariate>> {
        drift::get(&self.test, &Map::new())
    }

    /// The significance of a look, unless a threshold decides.
    fn alpha(&self) -> Option<f64> {
        match self.threshold {
            Some(_) => None,
            None => Some(self.alpha.unwrap_or(DEFAULT_ALPHA)),
        }
    }

    fn fit(&self, baseline: &[f64]) -> Option<Arc<dyn FittedUnivariate>> {
        self.test().and_then(|test| test.fit(baseline.into())).ok()
    }
}

impl Parameters for WindowedTestParameters {
    fn validate(&self) -> Result<()> {
        let test = self.test()?;
        ring::validate("window_size", self.window_size, 1)?;
        if self.stride == 0 {
            let allowed = "a whole number of 1 or more";
            return Err(Error::invalid_value("stride", self.stride, allowed));
        }
        match (self.alpha, self.threshold) {
            (Some(_), Some(threshold)) => {
                let allowed = "None with alpha: one of the two decides";
                return Err(Error::invalid_value("threshold", threshold, allowed));
            }
            (Some(alpha), None) if !(alpha > 0.0 && alpha < 1.0) => {
                let allowed = "None or a number above 0 and below 1";
                return Err(Error::invalid_value("alpha", alpha, allowed));
            }
            (None, Some(threshold)) if !threshold.is_finite() => {
                let allowed = "None or a finite number";
                return Err(Error::invalid_value("threshold", threshold, allowed));
            }
            (alpha, None) if !test.has_p_value() => {
                let got = match alpha {
                    Some(alpha) => format!("no threshold, alpha {alpha}"),
                    None => "None".to_owned(),
                };
                let allowed = format!("a number: \"{}\" has no p-value", self.test);
                return Err(Error::invalid_value("threshold", got, allowed));
            }
            _ => {}
        }
        let ramp = |n: usize| (0..n).map(|i| i as f64).collect::<Vec<_>>();
        let fitted = match &self.baseline {
            Some(baseline) => {
                ring::validate_values("baseline", baseline)?;
                test.fit(baseline.as_slice().into())?
            }
            None if self.window_size > SMALL => return Ok(()),
            None => test.fit(ramp(self.window_size).as_slice().into())?,
        };
        if self.window_size <= SMALL {
            fitted.compare(ramp(self.window_size).as_slice().into())?;
        }
        Ok(())
    }
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    distance: f64,
    /// Natural logarithm of the p-value.
    log_p: Option<f64>,
}

impl Look {
    fn of(result: &TestResult) -> Option<Self> {
        // Infinities have no place in a stored state.
        let finite = |x: f64| x.clamp(f64::MIN, f64::MAX);
        (!result.distance.is_nan()).then(|| Self {
            distance: finite(result.distance),
            log_p: result.log_p_value.map(finite),
        })
    }
}

/// A two-sample test of a sliding window against a baseline, every so many values.
///
/// Without a baseline the first `window_size` values become it, and the window begins after
/// them; after a change, the next ones. A fixed baseline is fitted once, and a slow change
/// adds up against it, where two halves of one window would both follow it.
/// (`IncrementalKS` compares halves.) The decision is [`TestResult::drifted`]'s: a p-value
/// below `alpha`, or a distance of `threshold` or more.
///
/// A look that the test refuses to judge (see [`Univariate`]) is no drift, and counted.
///
/// # Cost
/// One comparison by the test every `stride` values; 24 bytes a value of the window.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowedTest {
    /// The first values, without a given baseline.
    baseline: Vec<f64>,
    window: Ring,
    /// Values before the next look of a full window.
    wait: usize,
    look: Option<Look>,
    unjudged: u64,
    #[serde(skip)]
    fitted: Option<Arc<dyn FittedUnivariate>>,
    /// The window in the order of time.
    #[serde(skip)]
    ordered: Vec<f64>,
}

impl WindowedTest {
    /// The value goes into the baseline while that grows.
    fn grows_baseline(&mut self, parameters: &WindowedTestParameters, x: f64) -> bool {
        if parameters.baseline.is_some() || self.baseline.len() >= parameters.window_size {
            return false;
        }
        self.baseline.push(x);
        if self.baseline.len() == parameters.window_size {
            self.fitted = parameters.fit(&self.baseline);
        }
        true
    }
}

impl Definition for WindowedTest {
    const NAME: &'static str = "windowed_test";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "alpha",
        range: (0.5, 1e-12),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["p_value", "distance", "n_unjudged"];
    type Parameters = WindowedTestParameters;

    fn new(parameters: &WindowedTestParameters) -> Self {
        let given = parameters.baseline.as_deref();
        Self {
            baseline: Vec::new(),
            window: Ring::default(),
            wait: 0,
            look: None,
            unjudged: 0,
            fitted: given.and_then(|baseline| parameters.fit(baseline)),
            ordered: Vec::new(),
        }
    }

    fn step(&mut self, parameters: &WindowedTestParameters, x: f64) -> Signal {
        if self.grows_baseline(parameters, x) {
            return Signal::Quiet;
        }
        self.window.push(x, parameters.window_size);
        if self.window.len() < parameters.window_size {
            return Signal::Quiet;
        }
        if self.wait > 0 {
            self.wait -= 1;
            return Signal::Quiet;
        }
        self.wait = parameters.stride - 1;
        self.ordered.clear();
        self.ordered.extend(self.window.iter());
        let judged = self.fitted.as_ref().and_then(|fitted| {
            let result = fitted.compare(self.ordered.as_slice().into()).ok()?;
            let drifted = result.drifted(parameters.alpha(), parameters.threshold, None);
            Some((Look::of(&result)?, drifted.ok()?))
        });
        self.look = judged.map(|(look, _)| look);
        match judged {
            Some((_, true)) => Signal::Drift,
            Some((_, false)) => Signal::Quiet,
            None => {
                self.unjudged = self.unjudged.saturating_add(1);
                Signal::Quiet
            }
        }
    }

    fn restart(&mut self, parameters: &WindowedTestParameters) {
        self.window.clear();
        self.wait = 0;
        self.look = None;
        self.unjudged = 0;
        if parameters.baseline.is_none() {
            self.baseline.clear();
            self.fitted = None;
        }
    }

    fn recent(&self, parameters: &WindowedTestParameters) -> usize {
        match parameters.baseline {
            Some(_) => 0,
            None => parameters.window_size,
        }
    }

    fn direction(&self, parameters: &WindowedTestParameters) -> Option<Direction> {
        self.look?;
        let baseline = parameters.baseline.as_ref().unwrap_or(&self.baseline);
        // Divided first, so that no sum overflows.
        let (n, m) = (baseline.len() as f64, self.window.len() as f64);
        let before: f64 = baseline.iter().map(|x| x / n).sum();
        let now: f64 = self.window.iter().map(|x| x / m).sum();
        Some(if now < before {
            Direction::Down
        } else {
            Direction::Up
        })
    }

    fn cost(parameters: &WindowedTestParameters) -> f64 {
        3.0 * parameters.window_size as f64 / parameters.stride as f64 + 1.0
    }

    fn statistic(&self, parameters: &WindowedTestParameters) -> Option<f64> {
        let look = self.look?;
        match parameters.threshold {
            Some(_) => Some(look.distance),
            None => look.log_p.map(|ln| (-ln / LN_10).max(0.0)),
        }
    }

    fn limit(&self, parameters: &WindowedTestParameters) -> Option<f64> {
        parameters
            .threshold
            .or_else(|| parameters.alpha().map(|alpha| -alpha.log10()))
    }

    fn reading(&self, _: &WindowedTestParameters, name: &str) -> Option<f64> {
        match name {
            "p_value" => self.look?.log_p.map(f64::exp),
            "distance" => Some(self.look?.distance),
            "n_unjudged" => Some(self.unjudged as f64),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &WindowedTestParameters) -> Result<()> {
        self.window.restored(parameters.window_size)?;
        let most = match parameters.baseline {
            Some(_) => 0,
            None => parameters.window_size,
        };
        let full = self.baseline.len() == most;
        let sound = self.baseline.len() <= most
            && (full || self.window.len() == 0)
            && self.wait < parameters.stride
            && ring::validate_values("baseline", &self.baseline).is_ok();
        if !sound {
            return Err(damaged("a window that no stream fills"));
        }
        self.fitted = match &parameters.baseline {
            Some(given) => parameters.fit(given),
            None if full => parameters.fit(&self.baseline),
            None => None,
        };
        Ok(())
    }
}
