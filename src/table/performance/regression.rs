//! Numbers and the numbers predicted.

use serde::{Deserialize, Serialize};

use super::Metric;
use super::difference::{Estimate, deviations, plain, welch};
use super::exact_sum::ExactSum;

/// Sums over pairs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Regression {
    rows: u64,
    zeros: u64,
    targets: ExactSum,
    squared_targets: ExactSum,
    /// Of prediction less target.
    errors: ExactSum,
    absolute: ExactSum,
    squared: ExactSum,
    fourth_powers: ExactSum,
    /// Absolute errors in units of the target.
    relative: ExactSum,
    squared_relative: ExactSum,
}

impl Regression {
    /// Pairs, where they can be what was summed up.
    pub(super) fn checked(&self) -> Option<u64> {
        Some(self.rows).filter(|rows| self.zeros <= *rows)
    }

    /// Adds pairs; says how many are complete.
    pub(super) fn add(&mut self, targets: &[f64], predictions: &[f64]) -> u64 {
        let before = self.rows;
        for (&target, &prediction) in targets.iter().zip(predictions) {
            if target.is_nan() || prediction.is_nan() {
                continue;
            }
            let error = prediction - target;
            self.rows += 1;
            self.targets.add(target);
            self.squared_targets.add_square(target);
            self.errors.add(error);
            self.absolute.add(error.abs());
            self.squared.add_square(error);
            self.fourth_powers.add_square(error * error);
            if target == 0.0 {
                self.zeros += 1;
            } else {
                let relative = (error / target).abs();
                self.relative.add(relative);
                self.squared_relative.add_square(relative);
            }
        }
        self.rows - before
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.zeros += other.zeros;
        self.targets.merge(&other.targets);
        self.squared_targets.merge(&other.squared_targets);
        self.errors.merge(&other.errors);
        self.absolute.merge(&other.absolute);
        self.squared.merge(&other.squared);
        self.fourth_powers.merge(&other.fourth_powers);
        self.relative.merge(&other.relative);
        self.squared_relative.merge(&other.squared_relative);
    }

    /// The root of the mean squared error; the delta method gives its variance.
    fn root(&self) -> Option<Estimate> {
        let mean = Estimate::mean(self.rows, &self.squared, &self.fourth_powers)?;
        let value = mean.value.sqrt();
        let variance = if mean.value > 0.0 {
            mean.variance / (4.0 * mean.value)
        } else {
            0.0
        };
        Some(Estimate {
            value,
            variance,
            ..mean
        })
    }

    /// 1 less the share of the targets' variance that the errors are; for equal
    /// targets not defined.
    fn determination(&self) -> Option<f64> {
        let (targets, squares) = (self.targets.value(), self.squared_targets.value());
        let spread = deviations(self.rows as f64, targets, squares);
        (spread > 0.0).then(|| 1.0 - self.squared.value().0 / spread)
    }

    fn relative(&self) -> Option<Estimate> {
        let mean = Estimate::mean(self.rows, &self.relative, &self.squared_relative);
        mean.filter(|_| self.zeros == 0)
    }
}

pub(super) fn compare(baseline: &Regression, current: &Regression, level: f64) -> Vec<Metric> {
    let absolute = |side: &Regression| Estimate::mean(side.rows, &side.absolute, &side.squared);
    let bias = |side: &Regression| Estimate::mean(side.rows, &side.errors, &side.squared);
    let (b, c) = (baseline, current);
    vec![
        welch("mae", absolute(b), absolute(c), level),
        welch("rmse", b.root(), c.root(), level),
        welch("bias", bias(b), bias(c), level),
        plain("r2", b.determination(), c.determination()),
        welch("mape", b.relative(), c.relative(), level),
    ]
}
