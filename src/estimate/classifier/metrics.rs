//! Metrics of shares, and how they change with each.

use serde::{Deserialize, Serialize};

use super::areas::{Area, average_precision, roc};
use super::calibration::Calibrator;
use super::sample::{Sample, Shares, Spread};
use crate::error::{Error, Result};

/// A metric of a classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClassifierMetric {
    /// The share of rows predicted right.
    Accuracy,
    /// Of the rows predicted positive, the share that are.
    Precision,
    /// Of the positive rows, the share predicted so.
    Recall,
    /// The harmonic mean of precision and recall.
    F1,
    /// Of the negative rows, the share predicted so.
    Specificity,
    /// The area under the receiver operating characteristic.
    RocAuc,
    /// The mean precision over the positive rows.
    AveragePrecision,
    /// Rows by label and prediction.
    ConfusionMatrix,
}

impl ClassifierMetric {
    /// All, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Accuracy,
        Self::Precision,
        Self::Recall,
        Self::F1,
        Self::Specificity,
        Self::RocAuc,
        Self::AveragePrecision,
        Self::ConfusionMatrix,
    ];

    /// As users write it: `"roc_auc"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "f1",
            Self::Specificity => "specificity",
            Self::RocAuc => "roc_auc",
            Self::AveragePrecision => "average_precision",
            Self::ConfusionMatrix => "confusion_matrix",
        }
    }

    /// Whether it is of scores, not of predictions.
    pub fn is_area(self) -> bool {
        matches!(self, Self::RocAuc | Self::AveragePrecision)
    }

    pub(super) fn check(self, has_predictions: bool) -> Result<()> {
        if self.is_area() || has_predictions {
            return Ok(());
        }
        let allowed = "\"roc_auc\" and \"average_precision\", as the baseline was fitted without \
                       prediction=";
        let got = format!("\"{}\"", self.name());
        Err(Error::invalid_value("metrics", got, allowed))
    }
}

/// A value and what each row adds to it.
pub(super) struct Measure {
    pub(super) value: f64,
    slopes: Slopes,
}

enum Slopes {
    /// (predicted class, class)
    ByPrediction(Vec<f64>),
    /// (row, class)
    ByRow(Vec<f64>),
}

impl Measure {
    pub(super) fn spread(
        &self,
        sample: &Sample,
        shares: &Shares,
        calibrators: &[Calibrator],
    ) -> Spread {
        let classes = sample.classes;
        let at = |slopes: &[f64], row: usize, class: usize| {
            slopes
                .get(row * classes + class)
                .copied()
                .unwrap_or_default()
        };
        match &self.slopes {
            Slopes::ByRow(slopes) => {
                shares.spread(calibrators, |row, class| at(slopes, row, class))
            }
            Slopes::ByPrediction(slopes) => shares.spread(calibrators, |row, class| {
                at(slopes, predicted(sample, row), class)
            }),
        }
    }
}

fn predicted(sample: &Sample, row: usize) -> usize {
    let predictions = sample.predictions.as_deref().unwrap_or_default();
    predictions
        .get(row)
        .map_or(usize::MAX >> 32, |&code| code as usize)
}

/// A metric that is one number; `None` where it is not defined.
pub(super) fn measure(
    metric: ClassifierMetric,
    sample: &Sample,
    shares: &Shares,
) -> Option<Measure> {
    match metric {
        ClassifierMetric::Accuracy => Some(accuracy(sample, shares)),
        ClassifierMetric::Precision => Some(ratios(
            sample,
            shares,
            [1.0, 0.0, 0.0, 0.0],
            [1.0, 1.0, 0.0, 0.0],
        )),
        ClassifierMetric::Recall => Some(ratios(
            sample,
            shares,
            [1.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 1.0, 0.0],
        )),
        ClassifierMetric::F1 => Some(ratios(
            sample,
            shares,
            [2.0, 0.0, 0.0, 0.0],
            [2.0, 1.0, 1.0, 0.0],
        )),
        ClassifierMetric::Specificity => Some(ratios(
            sample,
            shares,
            [0.0, 0.0, 0.0, 1.0],
            [0.0, 1.0, 0.0, 1.0],
        )),
        ClassifierMetric::RocAuc => areas(sample, shares, roc),
        ClassifierMetric::AveragePrecision => areas(sample, shares, average_precision),
        ClassifierMetric::ConfusionMatrix => None,
    }
}

/// The rows by predicted class and class.
pub(super) fn counts(sample: &Sample, shares: &Shares) -> Vec<f64> {
    let classes = sample.classes;
    let mut counts = vec![0.0; classes * classes];
    let predictions = sample.predictions.as_deref().unwrap_or_default();
    for (shares, &predicted) in shares.rows().zip(predictions) {
        let own = counts.chunks_exact_mut(classes).nth(predicted as usize);
        for (count, share) in own.into_iter().flatten().zip(shares) {
            *count += share;
        }
    }
    counts
}

fn accuracy(sample: &Sample, shares: &Shares) -> Measure {
    let classes = sample.classes;
    let rows = sample.rows() as f64;
    let is_right = |place: usize| place.is_multiple_of(classes + 1);
    let counts = counts(sample, shares).into_iter().enumerate();
    let right: f64 = counts
        .filter(|(place, _)| is_right(*place))
        .map(|(_, count)| count)
        .sum();
    let slope = |place: usize| if is_right(place) { 1.0 / rows } else { 0.0 };
    Measure {
        value: right / rows,
        slopes: Slopes::ByPrediction((0..classes * classes).map(slope).collect()),
    }
}

/// The mean over classes of ratios of counts, which are weighted in this order: true
/// positives, false positives, false negatives, true negatives. Nothing in nothing is 0.
fn ratios(sample: &Sample, shares: &Shares, above: [f64; 4], below: [f64; 4]) -> Measure {
    let classes = sample.classes;
    let counts = counts(sample, shares);
    let of_cell =
        |class: usize, place: usize| match (place / classes == class, place % classes == class) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
    let mut value = 0.0;
    let mut slopes = vec![0.0; counts.len()];
    let mut number = 0.0;
    for (class, _, _) in sample.scored() {
        let mut cells = [0.0; 4];
        for (place, count) in counts.iter().enumerate() {
            if let Some(cell) = cells.get_mut(of_cell(class, place)) {
                *cell += count;
            }
        }
        let weighted = |weights: [f64; 4]| -> f64 {
            cells
                .iter()
                .zip(weights)
                .map(|(cell, weight)| cell * weight)
                .sum()
        };
        number += 1.0;
        let denominator = weighted(below);
        if denominator <= 0.0 {
            continue;
        }
        let ratio = weighted(above) / denominator;
        value += ratio;
        for (place, slope) in slopes.iter_mut().enumerate() {
            let weight =
                |weights: [f64; 4]| weights.get(of_cell(class, place)).copied().unwrap_or(0.0);
            *slope += (weight(above) - ratio * weight(below)) / denominator;
        }
    }
    slopes.iter_mut().for_each(|slope| *slope /= number);
    Measure {
        value: value / number,
        slopes: Slopes::ByPrediction(slopes),
    }
}

/// The mean over classes of areas; not defined where that of a class is not.
fn areas(
    sample: &Sample,
    shares: &Shares,
    area: impl Fn(&[f64], &[f64], &[u32]) -> Option<Area>,
) -> Option<Measure> {
    let classes = sample.classes;
    let mut value = 0.0;
    let mut slopes = vec![0.0; sample.rows() * classes];
    let mut number = 0.0;
    for (class, scores, order) in sample.scored() {
        let own = area(scores, &shares.of_class(class), order)?;
        value += own.value;
        number += 1.0;
        let rows = slopes.chunks_exact_mut(classes).zip(own.slopes);
        rows.for_each(|(row, slope)| {
            if let Some(place) = row.get_mut(class) {
                *place = slope;
            }
        });
    }
    slopes.iter_mut().for_each(|slope| *slope /= number);
    Some(Measure {
        value: value / number,
        slopes: Slopes::ByRow(slopes),
    })
}
