//! Direct loss estimation: how far a regressor is off, by a model of its losses.
//!
//! | where | what |
//! |---|---|
//! | `features.rs`, `bins.rs` | features as numbers, and those in bins |
//! | `tree.rs`, `boosting.rs` | gradient-boosted regression trees |
//! | `model.rs` | the models of one loss, and models of the user's own |
//! | `spread.rs` | how far losses lie from what was predicted of them |
//! | `metrics.rs` | losses, and metrics of them |

mod bins;
mod boosting;
mod features;
mod metrics;
mod model;
mod spread;
mod tree;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use features::Feature;
pub use metrics::RegressionMetric;
pub use model::{FittedLossModel, LossModel};

use super::chunks::Chunks;
use super::report::{BaselineMetric, BaselineMetrics, ChunkMetric, Named, PerformanceReport};
use crate::error::{Error, Result};
use crate::math;
use features::Encoder;
use metrics::Loss;
use model::{Modelled, Rows};
use spread::Mean;

/// Rows that a regressor has predicted.
#[derive(Debug, Clone, Copy)]
pub struct PredictedRows<'a> {
    /// What is known of each row, the prediction not among it; the same features in the same
    /// order as the baseline's.
    pub features: &'a [Feature<'a>],
    /// The predictions, NaN where missing.
    pub predictions: &'a [f64],
    /// The truth, NaN where it is not known.
    pub targets: &'a [f64],
}

impl PredictedRows<'_> {
    fn check(&self) -> Result<()> {
        let rows = self.predictions.len();
        let features = self
            .features
            .iter()
            .map(|feature| ("features", feature.rows()));
        for (argument, length) in features.chain([("target", self.targets.len())]) {
            if length != rows {
                let allowed = format!("{rows}, one for each prediction");
                return Err(Error::invalid_value(
                    argument,
                    format!("{length} rows"),
                    allowed,
                ));
            }
        }
        for (argument, values) in [("prediction", self.predictions), ("target", self.targets)] {
            if let Some(value) = values.iter().find(|value| value.is_infinite()) {
                return Err(Error::invalid_value(
                    argument,
                    value,
                    "finite numbers, or NaN",
                ));
            }
        }
        Ok(())
    }
}

/// How losses are modelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct LossOptions<'a> {
    /// A model of the user's; the boosted trees built in by default.
    pub model: Option<&'a dyn LossModel>,
    /// What the parts of the baseline are drawn by.
    pub seed: u64,
    /// On how many threads at most; `None` for as many as there are processors.
    pub threads: Option<usize>,
}

/// How far a regressor is off where the truth is not known yet.
///
/// Models of each loss are fitted to a baseline with targets: to the features and the
/// prediction of a row. The mean of what they say of other rows estimates the metric. That
/// holds where the loss depends on these as it did in the baseline, not when the relation of
/// features and target has changed.
///
/// The baseline is cut into four parts; each model is fitted without one of them, which says
/// how far losses lie from what is predicted of them. An estimate is the
/// mean of the four. Intervals
/// are to hold the metric that the chunk's own targets give: they cover the residuals' spread,
/// and that models were learnt from a sample: by how the four differ (the delete-a-group
/// jackknife), or by the residuals where these say more. Where rows are many that
/// the baseline had few of, they are too narrow.
///
/// # Source
/// NannyML, How it works: performance estimation, direct loss estimation (DLE); Kott, The
/// delete-a-group jackknife, 2001.
/// # Example
/// ```
/// use driftline::estimate::{Chunks, Feature, LossEstimator, LossOptions, PredictedRows};
/// use driftline::estimate::RegressionMetric;
/// let x: Vec<f64> = (0..2000).map(|row| f64::from(row % 100) / 100.0).collect();
/// let zeros = vec![0.0; 2000];
/// // Off by x, to either side.
/// let targets: Vec<f64> = (0..2000).map(|row| x[row] * [1.0, -1.0][row / 100 % 2]).collect();
/// let features = [Feature::Numbers(&x)];
/// let rows = PredictedRows { features: &features, predictions: &zeros, targets: &targets };
/// let fitted = LossEstimator::fit(rows, LossOptions::default())?;
/// let high = vec![0.9; 100];
/// let features = [Feature::Numbers(&high)];
/// let unknown = [f64::NAN; 100];
/// let rows = PredictedRows { features: &features, predictions: &zeros[..100], targets: &unknown };
/// let report = fitted.estimate(rows, &[RegressionMetric::Mae], &Chunks::default())?;
/// let mae = report.metrics.get("mae").unwrap()[0].estimate.unwrap();
/// assert!((mae - 0.9).abs() < 0.03, "{mae}");
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LossEstimator {
    encoders: Vec<Encoder>,
    rows: u64,
    losses: Vec<Modelled>,
}

impl LossEstimator {
    /// Learns from a baseline; rows without target or prediction are left out.
    ///
    /// # Shapes
    /// Features, predictions and targets: (n,) each.
    /// # Errors
    /// `EmptySample` for fewer than two complete rows; `InvalidValue` for unequal lengths and
    /// infinite targets or predictions; what a model of the user's raised.
    /// # Cost
    /// O(n features) a tree, of which there are 100 in each of four models, for each
    /// of at most four losses.
    pub fn fit(rows: PredictedRows<'_>, options: LossOptions<'_>) -> Result<Self> {
        rows.check()?;
        let pairs = rows.predictions.iter().zip(rows.targets);
        let complete: Vec<usize> = pairs
            .enumerate()
            .filter(|(_, (prediction, target))| !prediction.is_nan() && !target.is_nan())
            .map(|(row, _)| row)
            .collect();
        if complete.len() < 2 {
            let got = format!("{} rows with target and prediction", complete.len());
            return Err(Error::empty_sample("baseline", got));
        }
        let of_row = |row: usize| (value(rows.predictions, row), value(rows.targets, row));
        let absolute: Vec<f64> = (0..rows.predictions.len())
            .map(|row| Loss::Absolute.of(of_row(row)))
            .collect();
        let encoders: Vec<Encoder> = rows
            .features
            .iter()
            .map(|feature| Encoder::fit(*feature, &absolute))
            .collect();
        let features = encoded(&encoders, rows, &complete)?;
        let pairs: Vec<(f64, f64)> = complete.iter().map(|&row| of_row(row)).collect();
        let own = Loss::ALL.into_iter().filter_map(|loss| {
            let losses: Vec<f64> = pairs.iter().map(|pair| loss.of(*pair)).collect();
            // Not defined for one: not for the baseline.
            losses
                .iter()
                .all(|loss| loss.is_finite())
                .then_some((loss, losses))
        });
        let losses = Modelled::fit_all(&Rows { features }, own.collect(), options)?;
        Ok(Self {
            rows: complete.len() as u64,
            encoders,
            losses,
        })
    }

    /// The metrics that can be estimated: those that are defined in the baseline.
    pub fn metrics(&self) -> impl Iterator<Item = RegressionMetric> {
        let all = RegressionMetric::ALL.into_iter();
        all.filter(|metric| self.modelled(*metric).is_some())
    }

    /// What is to be expected of rows, and what is realised where targets are known.
    ///
    /// # Shapes
    /// Features, predictions and targets: (n,) each.
    /// # Errors
    /// `EmptySample` for no rows; `InvalidValue` for other features than the baseline's,
    /// unequal lengths and metrics that were not defined in the baseline; those of
    /// [`Chunks::validate`] and of a model of the user's.
    /// # Cost
    /// O(n trees).
    pub fn estimate(
        &self,
        rows: PredictedRows<'_>,
        metrics: &[RegressionMetric],
        chunks: &Chunks,
    ) -> Result<PerformanceReport> {
        chunks.validate()?;
        rows.check()?;
        let n = rows.predictions.len();
        if n == 0 {
            return Err(Error::empty_sample("current", "no rows"));
        }
        if rows.features.len() != self.encoders.len() {
            let got = format!("{} features", rows.features.len());
            let allowed = format!("{}, as in the baseline", self.encoders.len());
            return Err(Error::invalid_value("features", got, allowed));
        }
        for metric in metrics {
            if self.modelled(*metric).is_none() {
                let got = format!("\"{}\", which the baseline does not define", metric.name());
                let names: Vec<&str> = self.metrics().map(RegressionMetric::name).collect();
                return Err(Error::invalid_value("metrics", got, names.join(", ")));
            }
        }
        let ranges = chunks.ranges(n);
        let one = |part: usize| {
            let range = ranges.get(part).cloned().unwrap_or_default();
            self.answer(rows, range, metrics, chunks.level)
        };
        let made: Vec<Result<Vec<ChunkMetric>>> = if self.has_own_models() {
            (0..ranges.len()).map(one).collect()
        } else {
            chunks.each(n, ranges.len(), one)?
        };
        let mut by_metric: Vec<Vec<ChunkMetric>> = metrics.iter().map(|_| Vec::new()).collect();
        for chunk in made {
            for (own, entry) in by_metric.iter_mut().zip(chunk?) {
                own.push(entry);
            }
        }
        let names = metrics.iter().map(|metric| metric.name());
        let of_baseline = |metric: &RegressionMetric| {
            Some((metric.name(), self.baseline(*metric, chunks.level)?))
        };
        Ok(PerformanceReport {
            task: "regression",
            method: "DLE",
            level: chunks.level,
            rows: n as u64,
            chunk_size: chunks.size.unwrap_or(n) as u64,
            classes: Vec::new(),
            positive: None,
            baseline: BaselineMetrics {
                rows: self.rows,
                metrics: Named(metrics.iter().filter_map(of_baseline).collect()),
            },
            metrics: Named(names.zip(by_metric).collect()),
        })
    }

    /// Whether models of the user's say it, which run on the calling thread.
    pub fn has_own_models(&self) -> bool {
        self.losses.iter().any(Modelled::is_own)
    }

    /// The models of the user's.
    pub fn own_models(&self) -> impl Iterator<Item = &Arc<dyn FittedLossModel>> {
        self.losses.iter().flat_map(Modelled::own)
    }

    /// Whether this can have been fitted.
    ///
    /// # Errors
    /// `InvalidValue` naming what is out of order.
    pub fn validate(&self) -> Result<()> {
        // The prediction is a feature, too.
        let features = self.encoders.len() + 1;
        self.losses
            .iter()
            .try_for_each(|loss| loss.validate(features))
    }

    fn modelled(&self, metric: RegressionMetric) -> Option<&Modelled> {
        self.losses.iter().find(|own| own.loss == metric.loss())
    }

    fn baseline(&self, metric: RegressionMetric, level: f64) -> Option<BaselineMetric> {
        let own = self.modelled(metric)?;
        let (value, low, high) = metric.interval(own.realised(), level);
        Some(BaselineMetric {
            value: Some(value),
            low: Some(low),
            high: Some(high),
            cells: None,
        })
    }

    fn answer(
        &self,
        rows: PredictedRows<'_>,
        range: Range<usize>,
        metrics: &[RegressionMetric],
        level: f64,
    ) -> Result<Vec<ChunkMetric>> {
        let is_known = |values: &[f64], row: &usize| !value(values, *row).is_nan();
        let complete: Vec<usize> = range
            .clone()
            .filter(|row| is_known(rows.predictions, row))
            .collect();
        let labelled = range
            .clone()
            .filter(|row| is_known(rows.targets, row))
            .count();
        let features = Rows {
            features: encoded(&self.encoders, rows, &complete)?,
        };
        let mut expected: Vec<(Loss, Option<Mean>)> = Vec::new();
        let mut made = Vec::new();
        for metric in metrics {
            let loss = metric.loss();
            let known = expected
                .iter()
                .find(|(own, _)| *own == loss)
                .map(|(_, mean)| *mean);
            let mean = match (known, self.modelled(*metric)) {
                (Some(mean), _) => mean,
                (None, Some(modelled)) => {
                    let mean = modelled.mean(&features, complete.len())?;
                    expected.push((loss, mean));
                    mean
                }
                (None, None) => None,
            };
            let pairs = complete
                .iter()
                .map(|&row| (value(rows.predictions, row), value(rows.targets, row)));
            let own: Vec<f64> = pairs
                .filter(|(_, target)| !target.is_nan())
                .map(|pair| loss.of(pair))
                .collect();
            let realised = (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64);
            let ends = mean.map(|mean| metric.interval(mean, level));
            let baseline = self.baseline(*metric, level);
            made.push(ChunkMetric {
                start: range.start as u64,
                end: range.end as u64,
                rows: range.len() as u64,
                labelled: labelled as u64,
                coverage: labelled as f64 / range.len() as f64,
                missing: (range.len() - complete.len()) as u64,
                estimate: ends.map(|(value, _, _)| value),
                low: ends.map(|(_, low, _)| low),
                high: ends.map(|(_, _, high)| high),
                realised: realised
                    .map(|mean| metric.of(mean))
                    .filter(|value| value.is_finite()),
                alert: ends.zip(baseline).and_then(|((_, low, high), baseline)| {
                    Some(low > baseline.high? || high < baseline.low?)
                }),
                cells: None,
            });
        }
        Ok(made)
    }
}

fn value(values: &[f64], row: usize) -> f64 {
    values.get(row).copied().unwrap_or(f64::NAN)
}

/// The features of these rows as numbers, the prediction last.
fn encoded(
    encoders: &[Encoder],
    rows: PredictedRows<'_>,
    taken: &[usize],
) -> Result<Vec<Vec<f64>>> {
    let mut features = Vec::with_capacity(encoders.len() + 1);
    let take = |values: &[f64]| {
        taken
            .iter()
            .map(|&row| value(values, row))
            .collect::<Vec<f64>>()
    };
    for (place, (encoder, feature)) in encoders.iter().zip(rows.features).enumerate() {
        let Some(values) = encoder.encode_rows(*feature, taken) else {
            let got = format!("feature {place} of another kind");
            return Err(Error::invalid_value(
                "features",
                got,
                "numbers or labels, as in the baseline",
            ));
        };
        features.push(values);
    }
    features.push(take(rows.predictions));
    Ok(features)
}

/// Both ends of a normal interval.
fn ends(mean: Mean, level: f64) -> (f64, f64) {
    let reach = math::normal_quantile(0.5 + level / 2.0) * mean.variance.sqrt();
    ((mean.value - reach).max(0.0), mean.value + reach)
}
