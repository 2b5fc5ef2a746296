//! A chunk, estimated.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::calibration::Calibrator;
use super::metrics::{counts, measure};
use super::sample::{Sample, Shares, Spread, UNKNOWN};
use super::{ClassifierEstimator, ClassifierMetric};
use crate::estimate::chunks::Chunks;
use crate::estimate::report::{
    BaselineMetric, BaselineMetrics, Cell, ChunkMetric, Named, PerformanceReport,
};
use crate::math;

/// A metric of the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Realised {
    metric: ClassifierMetric,
    value: Option<f64>,
    variance: f64,
    step: f64,
    /// Rows by prediction and label, of a confusion matrix.
    counts: Vec<f64>,
}

/// All metrics of a baseline.
pub(super) fn of_baseline(sample: &Sample, calibrators: &[Calibrator]) -> Vec<Realised> {
    let (realised, expected) = (sample.realised(), sample.expected(calibrators));
    let possible = |metric: &ClassifierMetric| metric.check(sample.predictions.is_some()).is_ok();
    let all = ClassifierMetric::ALL.into_iter().filter(possible);
    all.map(|metric| {
        let value = measure(metric, sample, &realised).map(|measure| measure.value);
        // The labels themselves are what is random here.
        let spread = measure(metric, sample, &expected)
            .map(|measure| measure.spread(sample, &expected, &[]))
            .unwrap_or_default();
        let is_matrix = metric == ClassifierMetric::ConfusionMatrix;
        Realised {
            metric,
            value,
            variance: spread.variance,
            step: spread.step,
            counts: if is_matrix {
                counts(sample, &realised)
            } else {
                Vec::new()
            },
        }
    })
    .collect()
}

/// The interval about a value: normal, with half a step for values that come in steps.
fn interval(value: f64, spread: Spread, level: f64, most: f64) -> (f64, f64) {
    let reach =
        math::normal_quantile(0.5 + level / 2.0) * spread.variance.sqrt() + spread.step / 2.0;
    ((value - reach).max(0.0), (value + reach).min(most))
}

impl ClassifierEstimator {
    /// One entry for each metric.
    pub(super) fn answer(
        &self,
        mut sample: Sample,
        range: Range<usize>,
        labels: &[u32],
        metrics: &[ClassifierMetric],
        level: f64,
    ) -> Vec<ChunkMetric> {
        if metrics.iter().any(|metric| metric.is_area()) {
            sample.sort();
        }
        let expected = sample.expected(&self.calibrators);
        let known = (sample.labelled() > 0).then(|| sample.known());
        let known = known.map(|known| {
            let shares = known.realised();
            (known, shares)
        });
        let rows = range.len();
        let own_labels = labels.get(range.clone()).unwrap_or_default();
        let labelled = own_labels.iter().filter(|&&label| label != UNKNOWN).count();
        let common = ChunkMetric {
            start: range.start as u64,
            end: range.end as u64,
            rows: rows as u64,
            labelled: labelled as u64,
            coverage: labelled as f64 / rows as f64,
            missing: (rows - sample.rows()) as u64,
            estimate: None,
            low: None,
            high: None,
            realised: None,
            alert: None,
            cells: None,
        };
        let one = |&metric: &ClassifierMetric| {
            if sample.rows() == 0 {
                return common.clone();
            }
            if metric == ClassifierMetric::ConfusionMatrix {
                let cells = self.cells(&sample, &expected, known.as_ref(), level);
                return ChunkMetric {
                    cells: Some(cells),
                    ..common.clone()
                };
            }
            let realised = known
                .as_ref()
                .and_then(|(known, shares)| measure(metric, known, shares));
            let Some(measured) = measure(metric, &sample, &expected) else {
                return ChunkMetric {
                    realised: realised.map(|measure| measure.value),
                    ..common.clone()
                };
            };
            let spread = measured.spread(&sample, &expected, &self.calibrators);
            let (low, high) = interval(measured.value, spread, level, 1.0);
            let apart = self
                .baseline(metric, level)
                .and_then(|baseline| Some(low > baseline.high? || high < baseline.low?));
            ChunkMetric {
                estimate: Some(measured.value),
                low: Some(low),
                high: Some(high),
                realised: realised.map(|measure| measure.value),
                alert: apart,
                ..common.clone()
            }
        };
        metrics.iter().map(one).collect()
    }

    fn cells(
        &self,
        sample: &Sample,
        expected: &Shares,
        known: Option<&(Sample, Shares)>,
        level: f64,
    ) -> Vec<Cell> {
        let classes = self.classes.len();
        let total = sample.rows() as f64;
        let means = counts(sample, expected);
        let realised = known.map(|(known, shares)| (counts(known, shares), known.rows() as f64));
        let predictions = sample.predictions.as_deref().unwrap_or_default();
        let mut cells = Vec::with_capacity(classes * classes);
        for (class, target) in self.classes.iter().enumerate() {
            for (predicted, prediction) in self.classes.iter().enumerate() {
                let place = predicted * classes + class;
                let mean = means.get(place).copied().unwrap_or_default();
                let is_predicted = |row: usize| {
                    predictions
                        .get(row)
                        .is_some_and(|&code| code as usize == predicted)
                };
                let spread = expected.spread(&self.calibrators, |row, own| {
                    f64::from(u8::from(own == class && is_predicted(row)))
                });
                let rows = predictions
                    .iter()
                    .filter(|&&code| code as usize == predicted)
                    .count();
                let (low, high) = interval(mean, spread, level, rows as f64);
                let count = realised.as_ref().and_then(|(counts, rows)| {
                    counts.get(place).map(|count| (*count, count / rows))
                });
                cells.push(Cell {
                    target: target.clone(),
                    prediction: prediction.clone(),
                    estimate: Some(mean),
                    low: Some(low),
                    high: Some(high),
                    share: Some(mean / total),
                    share_low: Some(low / total),
                    share_high: Some(high / total),
                    realised: count.map(|(count, _)| count.round() as u64),
                    realised_share: count.map(|(_, share)| share),
                });
            }
        }
        cells
    }

    fn baseline(&self, metric: ClassifierMetric, level: f64) -> Option<BaselineMetric> {
        let own = self.realised.iter().find(|own| own.metric == metric)?;
        let spread = Spread {
            variance: own.variance,
            step: own.step,
        };
        let ends = own.value.map(|value| interval(value, spread, level, 1.0));
        let classes = self.classes.len();
        let cells = || {
            let total: f64 = own.counts.iter().sum();
            let place = |place: usize| (place / classes, place % classes);
            let cell = |at: usize| {
                let (class, predicted) = place(at);
                let count = own.counts.get(predicted * classes + class).copied()?;
                Some(Cell {
                    target: self.classes.get(class)?.clone(),
                    prediction: self.classes.get(predicted)?.clone(),
                    estimate: None,
                    low: None,
                    high: None,
                    share: None,
                    share_low: None,
                    share_high: None,
                    realised: Some(count.round() as u64),
                    realised_share: Some(count / total),
                })
            };
            (0..classes * classes).filter_map(cell).collect()
        };
        Some(BaselineMetric {
            value: own.value,
            low: ends.map(|(low, _)| low),
            high: ends.map(|(_, high)| high),
            cells: (metric == ClassifierMetric::ConfusionMatrix).then(cells),
        })
    }

    pub(super) fn report(
        &self,
        rows: usize,
        metrics: &[ClassifierMetric],
        chunks: &Chunks,
        made: Vec<Vec<ChunkMetric>>,
    ) -> PerformanceReport {
        let mut by_metric: Vec<Vec<ChunkMetric>> = metrics.iter().map(|_| Vec::new()).collect();
        for chunk in made {
            for (own, entry) in by_metric.iter_mut().zip(chunk) {
                own.push(entry);
            }
        }
        let names = metrics.iter().map(|metric| metric.name());
        let of_baseline = |metric: &ClassifierMetric| {
            Some((metric.name(), self.baseline(*metric, chunks.level)?))
        };
        let is_binary = self.classes.len() == 2;
        PerformanceReport {
            task: if is_binary { "binary" } else { "multiclass" },
            method: "CBPE",
            level: chunks.level,
            rows: rows as u64,
            chunk_size: chunks.size.unwrap_or(rows) as u64,
            classes: self.classes.clone(),
            positive: self.classes.last().filter(|_| is_binary).cloned(),
            baseline: BaselineMetrics {
                rows: self.rows,
                metrics: Named(metrics.iter().filter_map(of_baseline).collect()),
            },
            metrics: Named(names.zip(by_metric).collect()),
        }
    }
}
