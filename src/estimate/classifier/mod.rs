//! Confidence-based performance estimation: how well a classifier does, by its scores.
//!
//! | where | what |
//! |---|---|
//! | `calibration.rs` | scores as probabilities |
//! | `sample.rs` | rows with the shares of the classes in each |
//! | `metrics.rs`, `areas.rs` | metrics of shares, and how they change with each |
//! | `answer.rs` | a chunk, estimated |

mod answer;
mod areas;
mod calibration;
mod metrics;
mod sample;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use metrics::ClassifierMetric;
pub use sample::UNKNOWN;

use super::chunks::Chunks;
use super::report::PerformanceReport;
use crate::error::{Error, Result};
use answer::Realised;
use calibration::Calibrator;
use sample::Sample;

/// Rows that a classifier has scored.
#[derive(Debug, Clone, Copy)]
pub struct ScoredRows<'a> {
    /// The scores, between 0 and 1, NaN where they are missing: of two classes one column,
    /// that of the second; otherwise a column for each class.
    pub scores: &'a [&'a [f64]],
    /// The predicted class of each row, by its place, or [`UNKNOWN`].
    pub predictions: Option<&'a [u32]>,
    /// The class of each row, or [`UNKNOWN`].
    pub labels: &'a [u32],
}

impl ScoredRows<'_> {
    fn rows(&self) -> usize {
        self.labels.len()
    }

    /// Of these rows, those that are complete but for their label.
    fn sample(&self, classes: usize, range: Range<usize>) -> Sample {
        let is_complete = |row: &usize| {
            let mut scores = self.scores.iter();
            scores.all(|scores| scores.get(*row).is_some_and(|score| !score.is_nan()))
                && self.predictions.is_none_or(|predictions| {
                    predictions.get(*row).is_some_and(|&code| code != UNKNOWN)
                })
        };
        let rows: Vec<usize> = range.filter(is_complete).collect();
        fn taken<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter()
                .filter_map(|&row| values.get(row).copied())
                .collect()
        }
        Sample::new(
            classes,
            self.scores
                .iter()
                .map(|scores| taken(scores, &rows))
                .collect(),
            self.predictions
                .map(|predictions| taken(predictions, &rows)),
            taken(self.labels, &rows),
        )
    }

    fn check(&self, classes: usize) -> Result<()> {
        let expected = if classes == 2 { 1 } else { classes };
        if self.scores.len() != expected {
            let got = format!("{} columns of scores", self.scores.len());
            let allowed = format!("{expected}, for {classes} classes");
            return Err(Error::invalid_value("probability", got, allowed));
        }
        let rows = self.rows();
        let lengths = self
            .scores
            .iter()
            .map(|scores| ("probability", scores.len()));
        let predictions = self.predictions.map(|codes| ("prediction", codes.len()));
        for (argument, length) in lengths.chain(predictions) {
            if length != rows {
                let allowed = format!("{rows}, one for each label");
                return Err(Error::invalid_value(
                    argument,
                    format!("{length} rows"),
                    allowed,
                ));
            }
        }
        for scores in self.scores {
            let is_bad = |score: &&f64| !score.is_nan() && !(0.0..=1.0).contains(*score);
            if let Some(score) = scores.iter().find(is_bad) {
                let allowed = "probabilities between 0 and 1";
                return Err(Error::invalid_value("probability", score, allowed));
            }
        }
        let codes = [
            ("prediction", self.predictions),
            ("labels", Some(self.labels)),
        ];
        for (argument, codes) in codes {
            let is_bad = |code: &&u32| **code != UNKNOWN && **code as usize >= classes;
            if let Some(code) = codes.unwrap_or_default().iter().find(is_bad) {
                let allowed = format!("places of {classes} classes");
                return Err(Error::invalid_value(argument, code, allowed));
            }
        }
        Ok(())
    }
}

/// The metric that is to be expected of rows whose classes have these probabilities: what
/// [`ClassifierEstimator`] estimates, with probabilities of the caller's own. `None` where it
/// is not defined, and for a confusion matrix, which is not one number.
///
/// # Shapes
/// Scores and predictions: (n,) each; probabilities: (n,) for each class that has scores, of
/// more than two classes with a sum of 1 in each row. Labels are not looked at.
/// # Errors
/// `InvalidValue` for probabilities outside 0 to 1 and unequal lengths.
/// # Example
/// ```
/// use driftline::estimate::{ClassifierMetric, ScoredRows, expected};
/// let probabilities = [0.9, 0.2];
/// let rows = ScoredRows {
///     scores: &[&probabilities],
///     predictions: Some(&[1, 0]),
///     labels: &[0, 0],
/// };
/// let accuracy = expected(ClassifierMetric::Accuracy, 2, rows, &[&probabilities])?;
/// assert_eq!(accuracy, Some((0.9 + 0.8) / 2.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn expected(
    metric: ClassifierMetric,
    classes: usize,
    rows: ScoredRows<'_>,
    probabilities: &[&[f64]],
) -> Result<Option<f64>> {
    rows.check(classes)?;
    let own = ScoredRows {
        scores: probabilities,
        ..rows
    };
    own.check(classes)?;
    metric.check(rows.predictions.is_some())?;
    let mut sample = rows.sample(classes, 0..rows.rows());
    if sample.rows() != rows.rows() {
        let got = format!("{} rows that miss something", rows.rows() - sample.rows());
        return Err(Error::invalid_value("probability", got, "complete rows"));
    }
    sample.sort();
    let shares = sample.given(probabilities);
    Ok(metrics::measure(metric, &sample, &shares).map(|measure| measure.value))
}

/// How well a classifier does where labels are not known yet.
///
/// A baseline with labels says how likely each class is, given a score; the metrics that are
/// to be expected of other rows follow from their scores and predictions. That holds where
/// the scores mean what they meant in the baseline, whichever rows there are: not when the
/// relation of features and labels has changed.
///
/// Of two classes the second is positive, and the metrics are of that; of more, precision,
/// recall, F1, specificity and areas are means over the classes, each against the others.
/// A ratio of nothing to nothing is 0. Expected ratios (recall, F1, areas) are ratios of
/// expectations, which differ from expectations of ratios by a share of about one in the
/// number of rows.
///
/// Intervals are to hold the metric that the chunk's own labels give. They cover what is
/// random in the labels, given their probabilities, and that probabilities were learnt from
/// a sample; the latter class by class, as if classes were learnt from rows of their own.
///
/// # Source
/// Garg, Balakrishnan, Lipton, Neyshabur, Sedghi, Leveraging unlabeled data to predict
/// out-of-distribution performance, 2022, section 3; Kivimäki, Białek, Nurminen, Kuberski,
/// Confidence-based estimators for predictive performance in model monitoring, 2025,
/// section 3. Values: brute force over all labels, and NannyML, tests/data/estimate.json.
/// # Example
/// ```
/// use driftline::estimate::{Chunks, ClassifierEstimator, ClassifierMetric, ScoredRows, UNKNOWN};
/// let scores: Vec<f64> = (0..1000).map(|row| f64::from(row % 10) / 10.0).collect();
/// let predictions: Vec<u32> = scores.iter().map(|&score| u32::from(score > 0.45)).collect();
/// let labels: Vec<u32> = (0..1000).map(|row| u32::from(row / 10 % 10 < row % 10)).collect();
/// let columns = [scores.as_slice()];
/// let baseline =
///     ScoredRows { scores: &columns, predictions: Some(&predictions), labels: &labels };
/// let fitted = ClassifierEstimator::fit(vec!["no".to_owned(), "yes".to_owned()], baseline)?;
/// let current = ScoredRows { labels: &[UNKNOWN; 1000], ..baseline };
/// let report = fitted.estimate(current, &[ClassifierMetric::Accuracy], &Chunks::default())?;
/// let accuracy = &report.metrics.get("accuracy").unwrap()[0];
/// assert!((accuracy.estimate.unwrap() - 0.75).abs() < 0.01);
/// assert_eq!(accuracy.realised, None);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifierEstimator {
    classes: Vec<String>,
    has_predictions: bool,
    calibrators: Vec<Calibrator>,
    rows: u64,
    /// Of the baseline, for all metrics.
    realised: Vec<Realised>,
}

impl ClassifierEstimator {
    /// Learns from a baseline; rows that miss anything are left out.
    ///
    /// # Shapes
    /// Scores, predictions and labels: (n,) each.
    /// # Errors
    /// `InvalidValue` for fewer than two classes, for a class without rows, for scores
    /// outside 0 to 1 and unequal lengths.
    /// # Cost
    /// O(n log n) a class.
    pub fn fit(classes: Vec<String>, rows: ScoredRows<'_>) -> Result<Self> {
        if classes.len() < 2 {
            let got = format!("{classes:?}");
            return Err(Error::invalid_value(
                "target",
                got,
                "labels of two classes or more",
            ));
        }
        rows.check(classes.len())?;
        let mut sample = rows.sample(classes.len(), 0..rows.rows()).known();
        sample.sort();
        for (class, name) in classes.iter().enumerate() {
            if !sample.labels.iter().any(|&label| label as usize == class) {
                let got = format!("no complete row of \"{name}\"");
                let allowed = "a baseline with rows of every class";
                return Err(Error::invalid_value("target", got, allowed));
            }
        }
        let calibrator = |(class, scores, _): (usize, &[f64], &[u32])| {
            let rows = scores.iter().zip(&sample.labels);
            Calibrator::fit(rows.map(|(&score, &label)| (score, label as usize == class)))
        };
        let calibrators: Vec<Calibrator> = sample.scored().map(calibrator).collect();
        Ok(Self {
            realised: answer::of_baseline(&sample, &calibrators),
            has_predictions: rows.predictions.is_some(),
            rows: sample.rows() as u64,
            calibrators,
            classes,
        })
    }

    /// The classes, in their order.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Whether metrics of predictions can be estimated, too.
    pub fn has_predictions(&self) -> bool {
        self.has_predictions
    }

    /// What is to be expected of rows, and what is realised where labels are known.
    ///
    /// # Shapes
    /// Scores, predictions and labels: (n,) each.
    /// # Errors
    /// `EmptySample` for no rows; `InvalidValue` for scores outside 0 to 1, unequal lengths
    /// and for metrics of predictions where the baseline had none; those of
    /// [`Chunks::validate`].
    /// # Cost
    /// O(n classes) a metric, areas O(n log n) a class, a confusion matrix O(n classes^2).
    pub fn estimate(
        &self,
        rows: ScoredRows<'_>,
        metrics: &[ClassifierMetric],
        chunks: &Chunks,
    ) -> Result<PerformanceReport> {
        chunks.validate()?;
        if rows.rows() == 0 {
            return Err(Error::empty_sample("current", "no rows"));
        }
        rows.check(self.classes.len())?;
        for metric in metrics {
            metric.check(self.has_predictions)?;
        }
        let ranges = chunks.ranges(rows.rows());
        let made = chunks.each(rows.rows(), ranges.len(), |part| {
            let range = ranges.get(part).cloned().unwrap_or_default();
            let sample = rows.sample(self.classes.len(), range.clone());
            self.answer(sample, range, rows.labels, metrics, chunks.level)
        })?;
        Ok(self.report(rows.rows(), metrics, chunks, made))
    }

    /// Whether this can have been fitted.
    ///
    /// # Errors
    /// `InvalidValue` naming what is out of order.
    pub fn validate(&self) -> Result<()> {
        let calibrators = if self.classes.len() == 2 {
            1
        } else {
            self.classes.len()
        };
        if self.classes.len() < 2 || self.calibrators.len() != calibrators {
            let got = format!(
                "{}, for {} classes",
                self.calibrators.len(),
                self.classes.len()
            );
            return Err(Error::invalid_value(
                "calibrators",
                got,
                "one for each class",
            ));
        }
        self.calibrators.iter().try_for_each(Calibrator::validate)
    }
}
