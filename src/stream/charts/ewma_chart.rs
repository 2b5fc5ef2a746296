//! The control chart of an exponentially weighted moving average.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::charts::phase_one::{self, InControl, PhaseOne};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};

/// Below it, what the start takes off the variance is lost in rounding.
pub(in crate::stream) const NEGLIGIBLE: f64 = f64::EPSILON / 4.0;

/// Parameters of [`EWMAChart`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EWMAChartParameters {
    /// Values from which what is not given is estimated, 2 to 1,000,000.
    pub min_instances: usize,
    /// The weight of the last value, above 0, at most 1.
    pub lambda_val: f64,
    /// The limit, in standard deviations of the average.
    pub limit_width: f64,
    /// The limit of the warning zone, likewise.
    pub warning_width: f64,
    /// The known mean.
    pub target: Option<f64>,
    /// The known standard deviation of a value.
    pub sigma: Option<f64>,
    /// Which changes count.
    pub mode: Mode,
}

impl Default for EWMAChartParameters {
    fn default() -> Self {
        Self {
            min_instances: 30,
            lambda_val: 0.2,
            limit_width: 3.0,
            warning_width: 2.0,
            target: None,
            sigma: None,
            mode: Mode::Both,
        }
    }
}

impl Parameters for EWMAChartParameters {
    fn validate(&self) -> Result<()> {
        if !(self.lambda_val > 0.0 && self.lambda_val <= 1.0) {
            let allowed = "a number above 0, at most 1";
            return Err(Error::invalid_value("lambda_val", self.lambda_val, allowed));
        }
        phase_one::validate(
            self.min_instances,
            self.target,
            self.sigma,
            [
                ("limit_width", self.limit_width),
                ("warning_width", self.warning_width),
            ],
        )
    }
}

/// EWMA control chart: an exponentially weighted moving average against limits that are
/// multiples of its exact standard deviation.
///
/// z_t = lambda x_t + (1 - lambda) z_(t-1) from z_0 = target; drift when z_t is further from
/// the target than
/// limit_width sigma sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2 t))).
///
/// # Cost
/// O(1); 104 bytes.
/// # Source
/// Roberts, Control chart tests based on geometric moving averages, Technometrics 1, 1959;
/// Montgomery, Introduction to Statistical Quality Control, 7th edition, equations 9.22, 9.25
/// and 9.26.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EWMAChart {
    pub(in crate::stream) phase_one: PhaseOne,
    /// `None` in phase I.
    pub(in crate::stream) in_control: Option<InControl>,
    /// Values since then.
    pub(in crate::stream) n: u64,
    pub(in crate::stream) average: f64,
    /// (1 - lambda)^(2 n), until it is negligible.
    pub(in crate::stream) start: f64,
    /// Standard deviation of the average when the start is long ago, and now.
    pub(in crate::stream) steady: f64,
    pub(in crate::stream) spread: f64,
    /// The last value at which the average was on the other side of the target.
    pub(in crate::stream) since: u64,
}

impl EWMAChart {
    fn begin(&mut self, parameters: &EWMAChartParameters, known: InControl) {
        let lambda = parameters.lambda_val;
        self.in_control = Some(known);
        self.average = known.target;
        self.steady = known.sigma * (lambda / (2.0 - lambda)).sqrt();
    }

    /// How far the average is from the target, in the direction that counts.
    fn deviation(&self, mode: Mode) -> Option<f64> {
        let deviation = self.average - self.in_control?.target;
        Some(mode.distance(deviation))
    }
}

impl Definition for EWMAChart {
    const NAME: &'static str = "ewma_chart";
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "limit_width",
        range: (0.1, 100.0),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation", "center_line", "standard_deviation"];
    type Parameters = EWMAChartParameters;

    fn new(parameters: &EWMAChartParameters) -> Self {
        let mut chart = Self {
            phase_one: PhaseOne::default(),
            in_control: None,
            n: 0,
            average: 0.0,
            start: 1.0,
            steady: 0.0,
            spread: 0.0,
            since: 0,
        };
        if let Some(known) = PhaseOne::given(parameters.target, parameters.sigma) {
            chart.begin(parameters, known);
        }
        chart
    }

    #[inline]
    fn step(&mut self, parameters: &EWMAChartParameters, x: f64) -> Signal {
        let Some(InControl { target, .. }) = self.in_control else {
            let (target, sigma) = (parameters.target, parameters.sigma);
            let known = self
                .phase_one
                .take(x, parameters.min_instances, target, sigma);
            if let Some(known) = known {
                self.begin(parameters, known);
            }
            return Signal::Quiet;
        };
        let before = self.n;
        self.n = before.saturating_add(1);
        let rising = self.average > target;
        // In this form a constant stays what it is.
        self.average += parameters.lambda_val * (x - self.average);
        let turned = rising != (self.average > target);
        self.since = if turned { before } else { self.since };
        if self.start > NEGLIGIBLE {
            let kept = 1.0 - parameters.lambda_val;
            self.start *= kept * kept;
            self.spread = self.steady * (1.0 - self.start).sqrt();
        }
        let distance = parameters.mode.distance(self.average - target);
        if distance > parameters.limit_width * self.spread {
            Signal::Drift
        } else if distance > parameters.warning_width * self.spread {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn recent(&self, _: &EWMAChartParameters) -> usize {
        self.n.saturating_sub(self.since) as usize
    }

    fn direction(&self, _: &EWMAChartParameters) -> Option<Direction> {
        let target = self.in_control?.target;
        Some(if self.average > target {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    fn statistic(&self, parameters: &EWMAChartParameters) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        self.deviation(parameters.mode)
    }

    fn limit(&self, parameters: &EWMAChartParameters) -> Option<f64> {
        (self.n > 0).then_some(parameters.limit_width * self.spread)
    }

    fn warning_limit(&self, parameters: &EWMAChartParameters) -> Option<f64> {
        (self.n > 0).then_some(parameters.warning_width * self.spread)
    }

    fn reading(&self, _: &EWMAChartParameters, name: &str) -> Option<f64> {
        let known = self.in_control?;
        match name {
            "estimation" => Some(self.average),
            "center_line" => Some(known.target),
            "standard_deviation" => Some(known.sigma),
            _ => None,
        }
    }
}
