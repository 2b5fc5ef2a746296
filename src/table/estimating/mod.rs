//! Columns of a table as what estimates of performance take.
//!
//! | where | what |
//! |---|---|
//! | `classifier.rs` | predictions and scores of classifiers |
//! | `regressor.rs` | predictions and features of regressors |

mod classifier;
mod regressor;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::paired::Paired;
use super::plan::{Plan, Settings};
use super::{ColumnData, Host, Table};
use crate::error::{Error, Result};
use crate::estimate::{Chunks, ClassifierEstimator, LossEstimator, LossModel, PerformanceReport};
use regressor::Taken;

/// Which columns hold the scores of a classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Probability {
    /// That of the positive label, of two.
    Positive(String),
    /// Labels, and the column of each.
    Classes(Vec<(String, String)>),
}

impl Probability {
    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        let (one, several) = match self {
            Self::Positive(name) => (Some(name), None),
            Self::Classes(classes) => (None, Some(classes)),
        };
        let several = several.into_iter().flatten().map(|(_, column)| column);
        one.into_iter().chain(several)
    }
}

/// What a baseline says of other rows' performance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Estimating {
    Classifier {
        estimator: ClassifierEstimator,
        /// The columns of scores, as the estimator takes them.
        scores: Vec<String>,
    },
    Loss {
        estimator: LossEstimator,
        features: Vec<Taken>,
    },
    /// Nothing can be said, and why.
    Nothing(String),
}

impl Estimating {
    /// Whether it can be what a baseline says.
    ///
    /// # Errors
    /// Those of the estimators.
    pub(super) fn validate(&self) -> Result<()> {
        match self {
            Self::Classifier { estimator, scores } => {
                estimator.validate()?;
                let classes = estimator.classes().len();
                if scores.len() == 1 && classes == 2 || scores.len() == classes {
                    return Ok(());
                }
                let got = format!("{} columns for {classes} classes", scores.len());
                Err(Error::invalid_value("probability", got, "one for each"))
            }
            Self::Loss { estimator, .. } => estimator.validate(),
            Self::Nothing(_) => Ok(()),
        }
    }
}

/// What models the losses of a regressor.
#[derive(Debug, Clone, Default)]
pub enum ErrorModel {
    /// The boosted trees built in.
    #[default]
    BuiltIn,
    /// A model of the user's.
    Own(Arc<dyn LossModel>),
    /// Nothing.
    Nothing,
}

/// A table, and what is asked of it.
struct Current<'a> {
    table: &'a mut dyn Table,
    labels: Option<ColumnData>,
    metrics: Option<&'a [String]>,
    chunks: Chunks,
}

impl Current<'_> {
    /// The column of the target, if the table has it and none is given, and what the labels
    /// are called.
    fn target<'s>(&self, settings: &'s Settings) -> (Option<&'s String>, &'static str) {
        if self.labels.is_some() {
            return (None, "labels");
        }
        let names = self.table.names();
        (
            settings.target.as_ref().filter(|name| names.contains(name)),
            "target",
        )
    }
}

impl Settings {
    /// Learns from a baseline what is needed to estimate performance, when it is asked for.
    pub(super) fn estimating(
        &self,
        paired: Option<Paired>,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Option<Estimating>> {
        if let Some(probability) = &self.probability {
            return self.classifier(probability, table, host).map(Some);
        }
        if let Some(label) = &self.positive {
            let got = format!("\"{label}\" without probability=");
            let allowed = "None, or a label beside the column of its probability";
            return Err(Error::invalid_value("positive", got, allowed));
        }
        match (paired, &self.error_model) {
            (Some(Paired::Numbers), ErrorModel::BuiltIn) => match self.regressor(None, table, host)
            {
                // Nobody has asked for more than a comparison.
                Err(error @ (Error::InvalidValue { .. } | Error::EmptySample { .. })) => {
                    Ok(Some(Estimating::Nothing(error.to_string())))
                }
                other => other.map(Some),
            },
            (Some(Paired::Numbers), ErrorModel::Own(model)) => {
                self.regressor(Some(&**model), table, host).map(Some)
            }
            (_, ErrorModel::Own(_)) => {
                let got = "a model without numbers to predict";
                let allowed = "None, or a model beside target= and prediction= of numbers";
                Err(Error::invalid_value("error_model", got, allowed))
            }
            _ => Ok(None),
        }
    }
}

impl Plan {
    /// Estimates how well the predictions of a table do, by what its baseline says; where
    /// labels are known, what they realise stands beside it. `labels` stand for the column
    /// of the target, which may be missing; `metrics` are all by default.
    ///
    /// # Errors
    /// `EmptySample` for a table without rows; `InvalidValue` for a plan that was not fitted
    /// for it, for columns that are missing, metrics that are unknown, labels that the
    /// baseline has not, scores outside 0 to 1; those of [`Chunks::validate`], of the table
    /// and of a model of the user's.
    pub fn estimate(
        &self,
        table: &mut dyn Table,
        labels: Option<ColumnData>,
        metrics: Option<&[String]>,
        chunks: &Chunks,
        host: &dyn Host,
    ) -> Result<PerformanceReport> {
        chunks.validate()?;
        let rows = table.n_rows();
        if let Some(data) = &labels
            && let Some(length) = data.len()
            && length != rows
        {
            let allowed = format!("{rows}, one for each row, None where it is not known");
            return Err(Error::invalid_value(
                "labels",
                format!("{length} labels"),
                allowed,
            ));
        }
        let chunks = Chunks {
            threads: chunks.threads.or(self.settings.threads),
            ..*chunks
        };
        let current = Current {
            table,
            labels,
            metrics,
            chunks,
        };
        let settings = &self.settings;
        match &self.estimating {
            Some(Estimating::Classifier { estimator, scores }) => {
                classifier::estimate(estimator, scores, settings, current, host)
            }
            Some(Estimating::Loss {
                estimator,
                features,
            }) => regressor::estimate(estimator, features, settings, current, host),
            nothing => {
                let reason = match nothing {
                    Some(Estimating::Nothing(reason)) => {
                        format!("nothing to estimate by ({reason})")
                    }
                    _ => "nothing to estimate by".to_owned(),
                };
                let allowed = "a plan of driftline.fit(..., target=, prediction=, probability=) \
                               for a classifier, or with target= and prediction= of numbers";
                Err(Error::invalid_value("plan", reason, allowed))
            }
        }
    }

    /// What estimates the losses of a regressor, if it does.
    pub fn loss_estimator(&self) -> Option<&LossEstimator> {
        match &self.estimating {
            Some(Estimating::Loss { estimator, .. }) => Some(estimator),
            _ => None,
        }
    }
}

/// The metrics of these names, each once.
fn chosen<T: Copy + PartialEq>(names: &[String], all: &[(&str, T)]) -> Result<Vec<T>> {
    let mut metrics: Vec<T> = Vec::new();
    for name in names {
        let Some((_, metric)) = all.iter().find(|(own, _)| own == name) else {
            let near = all
                .iter()
                .map(|(own, _)| (strsim::damerau_levenshtein(name, own), *own))
                .min();
            let hint = near.filter(|(distance, _)| *distance <= 3);
            let hint =
                hint.map_or_else(String::new, |(_, own)| format!("; did you mean \"{own}\"?"));
            let names: Vec<String> = all.iter().map(|(own, _)| (*own).to_owned()).collect();
            let allowed = format!("{}{hint}", listed(&names));
            return Err(Error::invalid_value(
                "metrics",
                format!("\"{name}\""),
                allowed,
            ));
        };
        if !metrics.contains(metric) {
            metrics.push(*metric);
        }
    }
    if metrics.is_empty() {
        return Err(Error::invalid_value(
            "metrics",
            "none",
            "one or more, or None for all",
        ));
    }
    Ok(metrics)
}

/// Work on what was read, where it keeps nobody from going on.
fn aside<D: Send, T: Send>(
    host: &dyn Host,
    data: D,
    work: impl Fn(D) -> Result<T> + Sync,
) -> Result<T> {
    let mut data = Some(data);
    let mut made = None;
    host.aside(&mut || made = data.take().map(&work));
    made.unwrap_or(Err(Error::Interrupted))
}

fn kind(column: &Column) -> &str {
    match column {
        Column::Numbers(_) => "numbers",
        Column::Labels(_) => "labels",
        Column::Times(_) => "times",
        Column::Missing(_) => "missing values",
        Column::Unusable(reason) => reason,
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = if names.len() > 20 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
