//! Predictions and scores of classifiers.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::{Current, Estimating, Probability, aside, chosen, kind, listed};
use crate::error::{Error, Result};
use crate::estimate::{
    ClassifierEstimator, ClassifierMetric, PerformanceReport, ScoredRows, UNKNOWN,
};
use crate::table::column::{Column, Labels};
use crate::table::plan::{Settings, unknown};
use crate::table::{ColumnData, Host, Table};

/// Columns that are read together.
struct Columns {
    target: Option<Column>,
    prediction: Option<Column>,
    scores: Vec<Column>,
}

impl Settings {
    pub(super) fn classifier(
        &self,
        probability: &Probability,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Estimating> {
        let Some(target) = &self.target else {
            let allowed = "the name of the column of labels, beside probability=";
            return Err(Error::invalid_value("target", "None", allowed));
        };
        let names: Vec<String> = probability.columns().cloned().collect();
        let columns = read(table, Some(target), self.prediction.as_ref(), &names)?;
        aside(host, columns, |columns| {
            self.fit_classifier(probability, &columns.read())
        })
    }

    fn fit_classifier(&self, probability: &Probability, columns: &Columns) -> Result<Estimating> {
        let target = columns
            .target
            .as_ref()
            .map(|column| labels_of("target", column));
        let target = target.transpose()?.unwrap_or_default();
        let (mut classes, mut names) = match probability {
            Probability::Positive(name) => {
                let classes: Vec<String> = target.labels.iter().map(|l| l.to_string()).collect();
                let names = vec![name.clone(); classes.len()];
                (classes, names)
            }
            Probability::Classes(classes) => classes.iter().cloned().unzip(),
        };
        let mut order: Vec<(String, String)> = classes.into_iter().zip(names).collect();
        order.sort_by(|a, b| by_value(&a.0, &b.0));
        if let [negative, positive] = &mut order[..]
            && let Some(label) = &self.positive
        {
            if *label == negative.0 {
                std::mem::swap(negative, positive);
            } else if *label != positive.0 {
                let allowed = format!(
                    "\"{}\" or \"{}\", labels of the target",
                    negative.0, positive.0
                );
                return Err(Error::invalid_value(
                    "positive",
                    format!("\"{label}\""),
                    allowed,
                ));
            }
        } else if let Some(label) = &self.positive {
            let got = format!("\"{label}\" for {} labels", order.len());
            return Err(Error::invalid_value(
                "positive",
                got,
                "None, but for two labels",
            ));
        }
        (classes, names) = order.into_iter().unzip();
        if matches!(probability, Probability::Positive(_)) && classes.len() != 2 {
            let got = format!("{} labels: {}", classes.len(), listed(&classes));
            let allowed = "two labels, where probability= names one column (a mapping from \
                           labels to columns otherwise)";
            return Err(Error::invalid_value("target", got, allowed));
        }
        if classes.len() < 2 {
            let got = format!("a mapping of {}", listed(&classes));
            let allowed = "a mapping from two labels or more to columns";
            return Err(Error::invalid_value("probability", got, allowed));
        }
        if classes.len() == 2 {
            names.remove(0);
        }
        let mut own = columns.scores.iter().zip(probability.columns());
        let mut by_name: HashMap<&String, &Column> = HashMap::new();
        own.by_ref().for_each(|(column, name)| {
            by_name.insert(name, column);
        });
        let scores: Vec<&Column> = names
            .iter()
            .filter_map(|name| by_name.get(name).copied())
            .collect();
        let rows = Rows::of(&classes, columns, &scores, &names, "target")?;
        let estimator = ClassifierEstimator::fit(classes, rows.scored(&rows.scores()))?;
        Ok(Estimating::Classifier {
            estimator,
            scores: names,
        })
    }
}

/// What is to be expected of a table.
pub(super) fn estimate(
    estimator: &ClassifierEstimator,
    scores: &[String],
    settings: &Settings,
    current: Current<'_>,
    host: &dyn Host,
) -> Result<PerformanceReport> {
    let metrics = classifier_metrics(current.metrics, estimator.has_predictions())?;
    let (target, argument) = current.target(settings);
    let rows = current.table.n_rows();
    let mut columns = read(current.table, target, settings.prediction.as_ref(), scores)?;
    columns.target = current.labels.or(columns.target);
    aside(host, columns, |columns| {
        let mut columns = columns.read();
        columns.target.get_or_insert(Column::Missing(rows));
        let own: Vec<&Column> = columns.scores.iter().collect();
        let rows = Rows::of(estimator.classes(), &columns, &own, scores, argument)?;
        estimator.estimate(rows.scored(&rows.scores()), &metrics, &current.chunks)
    })
}

fn classifier_metrics(
    names: Option<&[String]>,
    has_predictions: bool,
) -> Result<Vec<ClassifierMetric>> {
    let all = ClassifierMetric::ALL.into_iter();
    let Some(names) = names else {
        return Ok(all
            .filter(|metric| has_predictions || metric.is_area())
            .collect());
    };
    chosen(
        names,
        &all.map(|metric| (metric.name(), metric))
            .collect::<Vec<_>>(),
    )
}

/// Columns as they came.
struct Data {
    target: Option<ColumnData>,
    prediction: Option<ColumnData>,
    scores: Vec<ColumnData>,
}

impl Data {
    fn read(self) -> Columns {
        Columns {
            target: self.target.map(Column::read),
            prediction: self.prediction.map(Column::read),
            scores: self.scores.into_iter().map(Column::read).collect(),
        }
    }
}

fn read(
    table: &mut dyn Table,
    target: Option<&String>,
    prediction: Option<&String>,
    scores: &[String],
) -> Result<Data> {
    let names = table.names().to_vec();
    let mut column = |argument: &'static str, name: &String| {
        let place = names.iter().position(|own| own == name);
        table.column(place.ok_or_else(|| unknown(argument, name, &names))?)
    };
    Ok(Data {
        target: target.map(|name| column("target", name)).transpose()?,
        prediction: prediction
            .map(|name| column("prediction", name))
            .transpose()?,
        scores: scores
            .iter()
            .map(|name| column("probability", name))
            .collect::<Result<_>>()?,
    })
}

/// Rows as an estimator of classifiers takes them.
struct Rows<'a> {
    scores: Vec<Shown<'a>>,
    predictions: Option<Vec<u32>>,
    labels: Vec<u32>,
}

enum Shown<'a> {
    Numbers(&'a [f64]),
    Missing(Vec<f64>),
}

impl<'a> Rows<'a> {
    fn of(
        classes: &[String],
        columns: &Columns,
        scores: &[&'a Column],
        names: &[String],
        argument: &'static str,
    ) -> Result<Self> {
        let shown = |(column, name): (&&'a Column, &String)| {
            let numbers = match column {
                Column::Numbers(values) => Shown::Numbers(values),
                Column::Missing(rows) => Shown::Missing(vec![f64::NAN; *rows]),
                other => {
                    let got = format!("\"{name}\", a column of {}", kind(other));
                    let allowed = "columns of numbers between 0 and 1";
                    return Err(Error::invalid_type("probability", got, allowed));
                }
            };
            let is_bad = |value: &&f64| !value.is_nan() && !(0.0..=1.0).contains(*value);
            if let Some(value) = numbers.values().iter().find(is_bad) {
                let got = format!("{value} in \"{name}\"");
                let allowed = "probabilities between 0 and 1";
                return Err(Error::invalid_value("probability", got, allowed));
            }
            Ok(numbers)
        };
        let codes = |argument: &'static str, column: &Column| codes(argument, column, classes);
        let predictions = columns.prediction.as_ref();
        let labels = columns
            .target
            .as_ref()
            .map(|column| codes(argument, column));
        Ok(Self {
            scores: scores.iter().zip(names).map(shown).collect::<Result<_>>()?,
            predictions: predictions
                .map(|column| codes("prediction", column))
                .transpose()?,
            labels: labels.transpose()?.unwrap_or_default(),
        })
    }

    fn scores(&self) -> Vec<&[f64]> {
        self.scores.iter().map(Shown::values).collect()
    }

    fn scored<'b>(&'b self, scores: &'b [&'b [f64]]) -> ScoredRows<'b> {
        ScoredRows {
            scores,
            predictions: self.predictions.as_deref(),
            labels: &self.labels,
        }
    }
}

impl Shown<'_> {
    fn values(&self) -> &[f64] {
        match self {
            Self::Numbers(values) => values,
            Self::Missing(values) => values,
        }
    }
}

fn labels_of(argument: &'static str, column: &Column) -> Result<Labels> {
    match column {
        Column::Labels(labels) => Ok(Labels {
            codes: labels.codes.clone(),
            labels: labels.labels.clone(),
        }),
        Column::Numbers(values) => Ok(Labels::of_numbers(values)),
        Column::Missing(rows) => Ok(Labels {
            codes: vec![UNKNOWN; *rows],
            labels: Vec::new(),
        }),
        other => {
            let got = format!("a column of {}", kind(other));
            Err(Error::invalid_type(
                argument,
                got,
                "a column of labels or numbers",
            ))
        }
    }
}

/// The place of each row's label among the classes. Flags beside 0 and 1 are these.
fn codes(argument: &'static str, column: &Column, classes: &[String]) -> Result<Vec<u32>> {
    let labels = labels_of(argument, column)?;
    let place = |label: &str| {
        let same = match label {
            "0" => "false",
            "1" => "true",
            "false" => "0",
            "true" => "1",
            other => other,
        };
        let find = |label: &str| classes.iter().position(|class| class == label);
        find(label).or_else(|| find(same)).map(|place| place as u32)
    };
    let mut places = Vec::with_capacity(labels.labels.len());
    for label in &labels.labels {
        let Some(place) = place(label) else {
            let allowed = format!("labels of the baseline: {}", listed(classes));
            return Err(Error::invalid_value(
                argument,
                format!("\"{label}\""),
                allowed,
            ));
        };
        places.push(place);
    }
    let code = |code: &u32| places.get(*code as usize).copied().unwrap_or(UNKNOWN);
    Ok(labels.codes.iter().map(code).collect())
}

/// As numbers where both are, as text otherwise.
fn by_value(a: &str, b: &str) -> Ordering {
    let numbers = || a.parse::<f64>().ok()?.partial_cmp(&b.parse().ok()?);
    numbers().unwrap_or(Ordering::Equal).then_with(|| a.cmp(b))
}
