//! Losses, and metrics of them.

use serde::{Deserialize, Serialize};

use super::ends;
use super::spread::Mean;

/// What a row loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Loss {
    Absolute,
    Squared,
    /// In units of the target.
    Relative,
    /// Of the logarithms of 1 and the value.
    SquaredLogarithmic,
}

impl Loss {
    pub(super) const ALL: [Self; 4] = [
        Self::Absolute,
        Self::Squared,
        Self::Relative,
        Self::SquaredLogarithmic,
    ];

    /// Of prediction and target; not finite where it is not defined.
    pub(super) fn of(self, (prediction, target): (f64, f64)) -> f64 {
        let error = prediction - target;
        match self {
            Self::Absolute => error.abs(),
            Self::Squared => error * error,
            Self::Relative => (error / target).abs(),
            Self::SquaredLogarithmic => (prediction.ln_1p() - target.ln_1p()).powi(2),
        }
    }
}

/// A metric of a regressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegressionMetric {
    /// The mean absolute error.
    Mae,
    /// The mean squared error.
    Mse,
    /// Its root.
    Rmse,
    /// The mean absolute error in units of the target; not defined when one is 0.
    Mape,
    /// The mean squared error of ln(1 + x); not defined for values of -1 and less.
    Msle,
    /// Its root.
    Rmsle,
}

impl RegressionMetric {
    /// All, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Mae,
        Self::Mse,
        Self::Rmse,
        Self::Mape,
        Self::Msle,
        Self::Rmsle,
    ];

    /// As users write it: `"mae"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mae => "mae",
            Self::Mse => "mse",
            Self::Rmse => "rmse",
            Self::Mape => "mape",
            Self::Msle => "msle",
            Self::Rmsle => "rmsle",
        }
    }

    pub(super) fn loss(self) -> Loss {
        match self {
            Self::Mae => Loss::Absolute,
            Self::Mse | Self::Rmse => Loss::Squared,
            Self::Mape => Loss::Relative,
            Self::Msle | Self::Rmsle => Loss::SquaredLogarithmic,
        }
    }

    /// Of the mean loss.
    pub(super) fn of(self, mean: f64) -> f64 {
        match self {
            Self::Rmse | Self::Rmsle => mean.sqrt(),
            _ => mean,
        }
    }

    /// The value and the ends of its interval.
    pub(super) fn interval(self, mean: Mean, level: f64) -> (f64, f64, f64) {
        let (low, high) = ends(mean, level);
        (self.of(mean.value), self.of(low), self.of(high))
    }
}
