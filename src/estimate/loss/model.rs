//! The models of one loss.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::LossOptions;
use super::bins::Binned;
use super::boosting::Boosted;
use super::metrics::Loss;
use super::spread::{Mean, Residuals};
use crate::error::{Error, Result};
use crate::estimate::chunks::Chunks;
use crate::estimate::folds::mixed;

/// How many parts of the baseline are left out in turn.
const FOLDS: usize = 4;

/// A model of the user's, for the mean of a loss.
pub trait LossModel: Debug + Send + Sync {
    /// Fits a new model; this one stays as it is.
    ///
    /// # Shapes
    /// Features: (n, features), NaN where missing; losses: (n,).
    /// # Errors
    /// What fitting raised.
    fn fit(
        &self,
        features: ArrayView2<'_, f64>,
        losses: &[f64],
    ) -> Result<Arc<dyn FittedLossModel>>;

    /// Itself, for whoever made it.
    fn as_any(&self) -> &dyn Any;
}

/// What [`LossModel::fit`] makes.
pub trait FittedLossModel: Debug + Send + Sync {
    /// The loss to be expected of each row.
    ///
    /// # Shapes
    /// Features: (m, features); the answer: (m,).
    /// # Errors
    /// What predicting raised, and an answer of another length.
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<f64>>;

    /// Itself, for whoever made it.
    fn as_any(&self) -> &dyn Any;
}

/// Features of rows: one column after the other.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) features: Vec<Vec<f64>>,
}

impl Rows {
    fn len(&self) -> usize {
        self.features.first().map_or(0, Vec::len)
    }

    /// As a matrix, of the rows that `is_taken`.
    fn matrix(&self, is_taken: impl Fn(usize) -> bool) -> Array2<f64> {
        let rows: Vec<usize> = (0..self.len()).filter(|&row| is_taken(row)).collect();
        Array2::from_shape_fn((rows.len(), self.features.len()), |(at, feature)| {
            let row = rows.get(at).copied().unwrap_or_default();
            let value = self
                .features
                .get(feature)
                .and_then(|values| values.get(row));
            value.copied().unwrap_or(f64::NAN)
        })
    }
}

/// One of the models.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Model {
    Boosted(Boosted),
    /// Code of the user's is not written down.
    #[serde(skip)]
    Own(Arc<dyn FittedLossModel>),
}

impl Model {
    fn predict(&self, rows: &Rows, is_taken: impl Fn(usize) -> bool) -> Result<Vec<f64>> {
        match self {
            Self::Boosted(model) => {
                let taken = (0..rows.len()).filter(|&row| is_taken(row));
                Ok(taken
                    .map(|row| model.predict(&rows.features, row))
                    .collect())
            }
            Self::Own(model) => {
                let matrix = rows.matrix(is_taken);
                let predicted = model.predict(matrix.view())?;
                if predicted.len() != matrix.nrows() {
                    let got = format!("{} predictions", predicted.len());
                    let allowed = format!("{}, one for each row", matrix.nrows());
                    return Err(Error::invalid_value("error_model", got, allowed));
                }
                if let Some(value) = predicted.iter().find(|value| !value.is_finite()) {
                    let got = format!("{value} predicted");
                    return Err(Error::invalid_value("error_model", got, "finite numbers"));
                }
                Ok(predicted)
            }
        }
    }
}

/// A loss and its models.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Modelled {
    pub(super) loss: Loss,
    models: Vec<Model>,
    residuals: Residuals,
    /// Of the baseline.
    mean: f64,
    /// Of that mean.
    variance: f64,
}

impl Modelled {
    /// Of each loss with its values.
    pub(super) fn fit_all(
        rows: &Rows,
        losses: Vec<(Loss, Vec<f64>)>,
        options: LossOptions<'_>,
    ) -> Result<Vec<Self>> {
        let n = rows.len();
        let folds = FOLDS.min(n);
        let fold = |row: usize| (mixed(options.seed, row as u64) % folds as u64) as usize;
        let mut of_row: Vec<usize> = (0..n).map(fold).collect();
        // Few rows may leave a part empty.
        if (0..folds).any(|fold| !of_row.contains(&fold)) {
            of_row = (0..n).map(|row| row % folds).collect();
        }
        let is_in = |row: usize, fold: usize| of_row.get(row) == Some(&fold);
        let models: Vec<Model> = match options.model {
            None => {
                let chunks = Chunks {
                    threads: options.threads,
                    ..Chunks::default()
                };
                let columns = rows.features.len();
                let binned = chunks.each(n, columns, |column| {
                    Binned::new(rows.features.get(column).map_or(&[], Vec::as_slice))
                })?;
                chunks.each(n, losses.len() * folds, |job| {
                    let losses = losses
                        .get(job / folds)
                        .map_or(&[][..], |(_, losses)| losses);
                    let is_own = |row: usize| !is_in(row, job % folds);
                    Model::Boosted(Boosted::fit(&binned, losses, is_own))
                })?
            }
            Some(model) => {
                let mut models = Vec::new();
                for (_, losses) in &losses {
                    for fold in 0..folds {
                        let features = rows.matrix(|row| !is_in(row, fold));
                        let own = losses
                            .iter()
                            .enumerate()
                            .filter(|(row, _)| !is_in(*row, fold));
                        let own: Vec<f64> = own.map(|(_, loss)| *loss).collect();
                        models.push(Model::Own(model.fit(features.view(), &own)?));
                    }
                }
                models
            }
        };
        let mut models = models.into_iter();
        let mut made = Vec::new();
        for (loss, losses) in losses {
            let models: Vec<Model> = models.by_ref().take(folds).collect();
            let mut pairs = Vec::with_capacity(n);
            for (fold, model) in models.iter().enumerate() {
                let predicted = model.predict(rows, |row| is_in(row, fold))?;
                let own = losses
                    .iter()
                    .enumerate()
                    .filter(|(row, _)| is_in(*row, fold));
                pairs.extend(predicted.into_iter().zip(own.map(|(_, loss)| *loss)));
            }
            let mean = losses.iter().sum::<f64>() / n as f64;
            let deviations: f64 = losses.iter().map(|loss| (loss - mean).powi(2)).sum();
            made.push(Self {
                loss,
                models,
                residuals: Residuals::new(pairs),
                mean,
                variance: deviations / (n as f64 - 1.0).max(1.0) / n as f64,
            });
        }
        Ok(made)
    }

    /// The loss to be expected of rows; `None` of none.
    pub(super) fn mean(&self, rows: &Rows, n: usize) -> Result<Option<Mean>> {
        if n == 0 {
            return Ok(None);
        }
        let mut predicted = vec![0.0; n];
        let mut means = Vec::with_capacity(self.models.len());
        for model in &self.models {
            let own = model.predict(rows, |_| true)?;
            means.push(own.iter().sum::<f64>() / n as f64);
            predicted
                .iter_mut()
                .zip(own)
                .for_each(|(sum, own)| *sum += own);
        }
        let models = self.models.len() as f64;
        // The delete-a-group jackknife: each model was fitted without a part of the rows.
        let mean = means.iter().sum::<f64>() / models;
        let deviations: f64 = means.iter().map(|own| (own - mean).powi(2)).sum();
        let learnt = deviations * (models - 1.0) / models;
        let predicted = predicted.into_iter().map(|sum| sum / models);
        Ok(self.residuals.mean(predicted, learnt))
    }

    /// Of the baseline.
    pub(super) fn realised(&self) -> Mean {
        Mean {
            value: self.mean,
            variance: self.variance,
        }
    }

    pub(super) fn is_own(&self) -> bool {
        self.own().next().is_some()
    }

    pub(super) fn own(&self) -> impl Iterator<Item = &Arc<dyn FittedLossModel>> {
        self.models.iter().filter_map(|model| match model {
            Model::Own(model) => Some(model),
            Model::Boosted(_) => None,
        })
    }

    pub(super) fn validate(&self, features: usize) -> Result<()> {
        if self.models.is_empty() || !self.mean.is_finite() || !self.variance.is_finite() {
            let allowed = "models and a finite mean";
            return Err(Error::invalid_value("losses", "others", allowed));
        }
        self.residuals.validate()?;
        self.models.iter().try_for_each(|model| match model {
            Model::Boosted(model) => model.validate(features),
            Model::Own(_) => Ok(()),
        })
    }
}
