//! Predictions and features of regressors.

use serde::{Deserialize, Serialize};

use super::{Current, Estimating, aside, chosen, kind};
use crate::error::{Error, Result};
use crate::estimate::{
    Feature, LossEstimator, LossModel, LossOptions, PerformanceReport, PredictedRows,
    RegressionMetric, UNKNOWN,
};
use crate::table::column::{Column, Labels};
use crate::table::plan::{Settings, unknown};
use crate::table::{ColumnData, Host, Table};

/// So many rows of a baseline are learnt from.
const MOST_ROWS: usize = 100_000;

/// A column that is a feature.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::table) struct Taken {
    name: String,
    is_label: bool,
}

/// A feature, read.
enum Values {
    Numbers(Vec<f64>),
    Labels(Labels),
}

impl Values {
    fn shown(&self) -> Feature<'_> {
        match self {
            Self::Numbers(values) => Feature::Numbers(values),
            Self::Labels(labels) => Feature::Labels(&labels.codes, &labels.labels),
        }
    }

    /// As it is; `None` where nothing can be said.
    fn of_baseline(column: Column) -> Option<Self> {
        match column {
            Column::Numbers(values) => Some(Self::Numbers(values)),
            Column::Times(times) => Some(Self::Numbers(times.seconds)),
            Column::Labels(labels) => Some(Self::Labels(labels)),
            Column::Missing(_) | Column::Unusable(_) => None,
        }
    }

    /// As in the baseline.
    fn of(taken: &Taken, column: Column) -> Result<Self> {
        let refused = |column: &Column| {
            let got = format!("\"{}\", a column of {}", taken.name, kind(column));
            let kind = if taken.is_label { "labels" } else { "numbers" };
            Err(Error::invalid_type(
                "current",
                got,
                format!("{kind}, as in the baseline"),
            ))
        };
        match (taken.is_label, column) {
            (true, Column::Labels(labels)) => Ok(Self::Labels(labels)),
            (true, Column::Numbers(values)) => Ok(Self::Labels(Labels::of_numbers(&values))),
            (true, Column::Missing(rows)) => Ok(Self::Labels(Labels {
                codes: vec![UNKNOWN; rows],
                labels: Vec::new(),
            })),
            (false, Column::Numbers(values)) => Ok(Self::Numbers(values)),
            (false, Column::Times(times)) => Ok(Self::Numbers(times.seconds)),
            (false, Column::Missing(rows)) => Ok(Self::Numbers(vec![f64::NAN; rows])),
            (_, other) => refused(&other),
        }
    }
}

fn numbers(argument: &'static str, column: Column) -> Result<Vec<f64>> {
    match column {
        Column::Numbers(values) => Ok(values),
        Column::Missing(rows) => Ok(vec![f64::NAN; rows]),
        other => {
            let got = format!("a column of {}", kind(&other));
            Err(Error::invalid_type(
                argument,
                got,
                "numbers, as in the baseline",
            ))
        }
    }
}

fn column(
    argument: &'static str,
    name: &str,
    names: &[String],
    table: &mut dyn Table,
) -> Result<ColumnData> {
    let place = names.iter().position(|own| own == name);
    table.column(place.ok_or_else(|| unknown(argument, name, names))?)
}

impl Settings {
    pub(super) fn regressor(
        &self,
        model: Option<&dyn LossModel>,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Estimating> {
        let names = table.names().to_vec();
        let (Some(target), Some(prediction)) = (&self.target, &self.prediction) else {
            let allowed = "the names of columns of numbers";
            return Err(Error::invalid_value(
                "target and prediction",
                "None",
                allowed,
            ));
        };
        let pair = [
            column("target", target, &names, table)?,
            column("prediction", prediction, &names, table)?,
        ];
        let (rows, targets, predictions) = aside(host, pair, |pair| {
            let [target, prediction] = pair.map(Column::read);
            let targets = numbers("target", target)?;
            let predictions = numbers("prediction", prediction)?;
            let pairs = targets.iter().zip(&predictions).enumerate();
            let known =
                pairs.filter(|(_, (target, prediction))| !target.is_nan() && !prediction.is_nan());
            let known: Vec<usize> = known.map(|(row, _)| row).collect();
            // At even distances, so that none is missed of what changes in between.
            let wanted = known.len().min(MOST_ROWS);
            let at = |place: usize| known.get(place * known.len() / wanted).copied();
            let rows: Vec<usize> = (0..wanted).filter_map(at).collect();
            let take = |values: &[f64]| -> Vec<f64> {
                rows.iter()
                    .filter_map(|&row| values.get(row).copied())
                    .collect()
            };
            let (targets, predictions) = (take(&targets), take(&predictions));
            Ok((rows, targets, predictions))
        })?;
        let (mut features, mut values) = (Vec::new(), Vec::new());
        for place in self.places(&names)? {
            let Some(name) = names
                .get(place)
                .filter(|name| ![target, prediction].contains(name))
            else {
                continue;
            };
            let data = table.column(place)?;
            let read = aside(host, data, |data| {
                Ok(Values::of_baseline(Column::read(data).take(&rows)))
            })?;
            if let Some(read) = read {
                let is_label = matches!(read, Values::Labels(_));
                features.push(Taken {
                    name: name.clone(),
                    is_label,
                });
                values.push(read);
            }
        }
        let options = LossOptions {
            model,
            seed: self.seed,
            threads: self.threads,
        };
        let fit = || {
            let shown: Vec<Feature<'_>> = values.iter().map(Values::shown).collect();
            let rows = PredictedRows {
                features: &shown,
                predictions: &predictions,
                targets: &targets,
            };
            LossEstimator::fit(rows, options)
        };
        // A model of the user's runs here, where its code may be called.
        let estimator = if model.is_some() {
            fit()?
        } else {
            aside(host, (), |()| fit())?
        };
        Ok(Estimating::Loss {
            estimator,
            features,
        })
    }
}

/// What is to be expected of a table.
pub(super) fn estimate(
    estimator: &LossEstimator,
    features: &[Taken],
    settings: &Settings,
    current: Current<'_>,
    host: &dyn Host,
) -> Result<PerformanceReport> {
    let metrics: Vec<RegressionMetric> = match current.metrics {
        None => estimator.metrics().collect(),
        Some(names) => {
            let all = RegressionMetric::ALL.map(|metric| (metric.name(), metric));
            chosen(names, &all)?
        }
    };
    let (target, argument) = current.target(settings);
    let names = current.table.names().to_vec();
    let rows = current.table.n_rows();
    let own = target
        .map(|name| column("target", name, &names, current.table))
        .transpose()?;
    let labels = current.labels.or(own);
    let prediction = settings.prediction.as_deref().unwrap_or_default();
    let prediction = column("prediction", prediction, &names, current.table)?;
    let data = features
        .iter()
        .map(|taken| column("current", &taken.name, &names, current.table));
    let data: Vec<ColumnData> = data.collect::<Result<_>>()?;
    let read = aside(
        host,
        (labels, prediction, data),
        |(labels, prediction, data)| {
            let targets = match labels.map(Column::read) {
                None => vec![f64::NAN; rows],
                Some(column) => numbers(argument, column)?,
            };
            let predictions = numbers("prediction", Column::read(prediction))?;
            let values = features.iter().zip(data.into_iter().map(Column::read));
            let values = values.map(|(taken, column)| Values::of(taken, column));
            Ok((targets, predictions, values.collect::<Result<Vec<_>>>()?))
        },
    )?;
    let (targets, predictions, values) = read;
    let estimate = || {
        let shown: Vec<Feature<'_>> = values.iter().map(Values::shown).collect();
        let rows = PredictedRows {
            features: &shown,
            predictions: &predictions,
            targets: &targets,
        };
        estimator.estimate(rows, &metrics, &current.chunks)
    };
    if estimator.has_own_models() {
        estimate()
    } else {
        aside(host, (), |()| estimate())
    }
}
