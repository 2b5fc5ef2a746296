//! Targets and predictions of the same rows, as the columns have them.

use super::column::{Column, Labels};
use super::performance::{Pairs, Performance};
use super::profile::{Kind, Profile, Values};
use crate::error::{Error, Result};

/// What targets and predictions are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Paired {
    Numbers,
    Labels,
    /// Two labels, and the probability of one.
    Scores,
}

impl Paired {
    /// As a baseline has them; `None` where nothing can be said.
    pub(super) fn of(target: &Profile, prediction: &Profile) -> Option<Self> {
        let is_share = |profile: &Profile| match &profile.values {
            Values::Numbers(numbers) => numbers.min() >= 0.0 && numbers.max() <= 1.0,
            _ => false,
        };
        let categories = match &target.values {
            Values::Numbers(numbers) => numbers.distinct(),
            Values::Labels(labels) => labels.distinct(),
            _ => return None,
        };
        // Names beside 0 and 1 are other labels: the numbers are scores. Flags are not,
        // beside nothing but 0 and 1.
        let are_named = match &target.values {
            Values::Labels(labels) => {
                prediction.kind() == Kind::Numeric
                    || !labels.iter().all(|(label, _)| is_flag(label))
            }
            _ => false,
        };
        Some(
            match (target.kind(), prediction.kind(), &prediction.values) {
                (Kind::Categorical, _, _)
                    if are_named && categories == 2 && is_share(prediction) =>
                {
                    Self::Scores
                }
                (Kind::Categorical, Kind::Numeric, _)
                    if categories == 2 && is_share(prediction) =>
                {
                    Self::Scores
                }
                (Kind::Categorical, Kind::Categorical, _) => Self::Labels,
                (_, _, Values::Numbers(_)) if matches!(target.values, Values::Numbers(_)) => {
                    Self::Numbers
                }
                _ => return None,
            },
        )
    }

    /// Adds the rows of two columns; those that have nothing to say of themselves are left
    /// out.
    ///
    /// # Errors
    /// `InvalidValue` for columns of another kind than in the baseline, and for scores
    /// outside 0 to 1.
    pub(super) fn add(
        self,
        performance: &mut Performance,
        target: &Column,
        prediction: &Column,
    ) -> Result<()> {
        if matches!(target, Column::Missing(_)) || matches!(prediction, Column::Missing(_)) {
            return Ok(());
        }
        match self {
            Self::Numbers => performance.add(Pairs::Numbers(
                numbers("target", target)?,
                numbers("prediction", prediction)?,
            )),
            Self::Labels => {
                let beside_numbers = matches!(
                    (target, prediction),
                    (Column::Labels(_), Column::Numbers(_))
                        | (Column::Numbers(_), Column::Labels(_))
                );
                let (mut target, mut prediction) =
                    (labels("target", target)?, labels("prediction", prediction)?);
                if beside_numbers {
                    number_flags(&mut target);
                    number_flags(&mut prediction);
                }
                performance.add(Pairs::Labels(&texts(&target), &texts(&prediction)))
            }
            Self::Scores => {
                let target = labels("target", target)?;
                let scores = numbers("prediction", prediction)?;
                performance.add(Pairs::Scores(&texts(&target), scores))
            }
        }
    }
}

fn numbers<'a>(argument: &'static str, column: &'a Column) -> Result<&'a [f64]> {
    match column {
        Column::Numbers(values) => Ok(values),
        _ => Err(Error::invalid_value(
            argument,
            "labels",
            "numbers, as in the baseline",
        )),
    }
}

fn labels(argument: &'static str, column: &Column) -> Result<Labels> {
    match column {
        Column::Labels(labels) => Ok(Labels {
            codes: labels.codes.clone(),
            labels: labels.labels.clone(),
        }),
        Column::Numbers(values) => Ok(Labels::of_numbers(values)),
        _ => Err(Error::invalid_value(
            argument,
            "times",
            "labels, as in the baseline",
        )),
    }
}

fn is_flag(label: &str) -> bool {
    matches!(label, "false" | "true")
}

/// Flags as 0 and 1, where all labels are.
fn number_flags(labels: &mut Labels) {
    if labels.labels.iter().all(|label| is_flag(label)) {
        for label in &mut labels.labels {
            *label = if &**label == "true" { "1" } else { "0" }.into();
        }
    }
}

fn texts(labels: &Labels) -> Vec<Option<&str>> {
    let text = |code: &u32| labels.labels.get(*code as usize).map(|label| &**label);
    labels.codes.iter().map(text).collect()
}
