//! The control chart of single values.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::Result;
use crate::stream::charts::page_hinkley::Mode;
use crate::stream::charts::phase_one::{self, InControl, PhaseOne};
use crate::stream::definition::{Definition, Direction, Signal, Tuning};

/// Parameters of [`Shewhart`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShewhartParameters {
    /// Values from which what is not given is estimated, 2 to 1,000,000.
    pub min_instances: usize,
    /// The limit, in standard deviations.
    pub limit_width: f64,
    /// The limit of the warning zone, likewise.
    pub warning_width: f64,
    /// The known mean.
    pub target: Option<f64>,
    /// The known standard deviation.
    pub sigma: Option<f64>,
    /// Which changes count.
    pub mode: Mode,
}

impl Default for ShewhartParameters {
    fn default() -> Self {
        Self {
            min_instances: 30,
            limit_width: 3.0,
            warning_width: 2.0,
            target: None,
            sigma: None,
            mode: Mode::Both,
        }
    }
}

impl Parameters for ShewhartParameters {
    fn validate(&self) -> Result<()> {
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

/// Shewhart's control chart of single values: drift when |x_t - target| > limit_width sigma.
///
/// # Cost
/// O(1); 72 bytes.
/// # Source
/// Shewhart, Economic control of quality of manufactured product, 1931; Montgomery,
/// Introduction to Statistical Quality Control, 7th edition, sections 5.3 and 6.4. What is
/// estimated is the sample standard deviation, not the moving range of section 6.4, which
/// takes dependence between neighbours for a small spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shewhart {
    pub(in crate::stream) phase_one: PhaseOne,
    /// `None` in phase I.
    pub(in crate::stream) in_control: Option<InControl>,
    /// The last deviation from the target.
    pub(in crate::stream) deviation: Option<f64>,
}

impl Definition for Shewhart {
    const NAME: &'static str = "shewhart";
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "limit_width",
        range: (0.1, 100.0),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["center_line", "standard_deviation"];
    type Parameters = ShewhartParameters;

    fn new(parameters: &ShewhartParameters) -> Self {
        Self {
            phase_one: PhaseOne::default(),
            in_control: PhaseOne::given(parameters.target, parameters.sigma),
            deviation: None,
        }
    }

    #[inline]
    fn step(&mut self, parameters: &ShewhartParameters, x: f64) -> Signal {
        let Some(InControl { target, sigma }) = self.in_control else {
            let (target, sigma) = (parameters.target, parameters.sigma);
            self.in_control = self
                .phase_one
                .take(x, parameters.min_instances, target, sigma);
            return Signal::Quiet;
        };
        let deviation = x - target;
        self.deviation = Some(deviation);
        let distance = parameters.mode.distance(deviation);
        if distance > parameters.limit_width * sigma {
            Signal::Drift
        } else if distance > parameters.warning_width * sigma {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn recent(&self, _: &ShewhartParameters) -> usize {
        1
    }

    fn direction(&self, _: &ShewhartParameters) -> Option<Direction> {
        self.deviation.map(|deviation| {
            if deviation > 0.0 {
                Direction::Up
            } else {
                Direction::Down
            }
        })
    }

    fn statistic(&self, parameters: &ShewhartParameters) -> Option<f64> {
        self.deviation
            .map(|deviation| parameters.mode.distance(deviation))
    }

    fn limit(&self, parameters: &ShewhartParameters) -> Option<f64> {
        self.in_control
            .map(|known| parameters.limit_width * known.sigma)
    }

    fn warning_limit(&self, parameters: &ShewhartParameters) -> Option<f64> {
        self.in_control
            .map(|known| parameters.warning_width * known.sigma)
    }

    fn reading(&self, _: &ShewhartParameters, name: &str) -> Option<f64> {
        let known = self.in_control?;
        match name {
            "center_line" => Some(known.target),
            "standard_deviation" => Some(known.sigma),
            _ => None,
        }
    }
}
