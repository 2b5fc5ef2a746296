//! Cells on the bins of a baseline: a byte for each, so that a window of rows can be counted
//! as it goes by instead of being kept and sorted.
//!
//! | where | what |
//! |---|---|
//! | `numbers.rs` | numbers: at most 253 edges, the values of the baseline at equal steps of rank |
//! | `labels.rs` | labels and whole numbers that name something: a code for each |
//! | `cells.rs` | a column of a table as codes, and as the cells themselves |
//!
//! The Kolmogorov-Smirnov distance between a baseline and counts is that at the edges: exact
//! where the baseline has at most 126 different values, else at most 1/125 too small. Of
//! labels, the 253 most frequent are counted by name, the others of the baseline together,
//! and those that it has not together.

mod cells;
mod labels;
mod numbers;

pub use cells::{Cells, Encoded};

use std::sync::Arc;

use self::labels::LabelBins;
use self::numbers::NumberBins;
use super::estimating::Probability;
use super::plan::{Plan, Planned};
use super::profile::{Kind, LabelCounts, Numbers, Profile, Values};
use super::verdict::{Evidence, Moved, Unseen, What};
use crate::error::Result;

/// The code of a missing cell.
pub const MISSING: u8 = u8::MAX;

/// So many codes there are.
pub const CODES: usize = 256;

/// What the cells of a column have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Numbers.
    Number,
    /// Text or flags.
    Label,
    /// Dates and timestamps.
    Time,
    /// Anything: the baseline has nothing but missing values, or values of which nothing can
    /// be said.
    Any,
}

impl CellKind {
    /// As errors call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Label => "labels",
            Self::Time => "dates or times",
            Self::Any => "anything",
        }
    }
}

/// What a column is to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// What it predicts from, or anything else.
    Feature,
    /// What it predicts.
    Prediction,
    /// How sure it is: of the positive label, or of this one.
    Probability(Option<String>),
}

/// One column of a baseline, as bins.
#[derive(Debug, PartialEq)]
pub struct ColumnBins {
    name: Arc<str>,
    weight: f64,
    rows: u64,
    missing: u64,
    role: Role,
    form: Form,
}

#[derive(Debug, PartialEq)]
enum Form {
    Numbers(NumberBins),
    Labels(LabelBins),
    /// Times go on: they are judged by their missing values.
    Times,
    Nothing,
    /// Nothing can be said.
    Unusable,
}

impl Plan {
    /// The columns of the baseline as bins, but for the target, which comes later.
    ///
    /// # Cost
    /// O(n) a column.
    /// # Example
    /// ```
    /// # use driftline::table::{self, Alone, ColumnData};
    /// # struct One(Vec<String>, ColumnData);
    /// # impl table::Table for One {
    /// #     fn names(&self) -> &[String] { &self.0 }
    /// #     fn n_rows(&self) -> usize { 4 }
    /// #     fn column(&mut self, _: usize) -> driftline::error::Result<ColumnData> { Ok(self.1.clone()) }
    /// # }
    /// # let ages = std::sync::Arc::new(arrow_array::Float64Array::from(vec![1.5, 2.5, 3.5, 4.5]));
    /// # let mut table = One(vec!["age".into()], ColumnData::Arrays(vec![ages]));
    /// let plan = table::Plan::fit(table::Settings::default(), &mut table, &Alone)?;
    /// let bins = plan.bins();
    /// assert!(bins[0].number(2.0) < bins[0].number(3.0));
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn bins(&self) -> Vec<ColumnBins> {
        let is_target = |column: &Planned| self.settings.target.as_deref() == Some(&*column.name);
        let columns = self.columns.iter().filter(|column| !is_target(column));
        let weight = |name: &str| {
            let weights = self.settings.weights.iter();
            weights
                .filter(|(other, _)| other == name)
                .map(|(_, weight)| *weight)
                .next_back()
                .unwrap_or(1.0)
        };
        columns
            .map(|column| ColumnBins::of(column, weight(&column.name), self.role(&column.name)))
            .collect()
    }
}

impl Plan {
    fn role(&self, name: &str) -> Role {
        if self.settings.prediction.as_deref() == Some(name) {
            return Role::Prediction;
        }
        match &self.settings.probability {
            Some(Probability::Positive(own)) if own == name => Role::Probability(None),
            Some(Probability::Classes(classes)) => {
                let class = classes.iter().find(|(_, own)| own == name);
                class.map_or(Role::Feature, |(class, _)| {
                    Role::Probability(Some(class.clone()))
                })
            }
            _ => Role::Feature,
        }
    }

    /// The target as bins, if there is one.
    pub fn target_bins(&self) -> Option<ColumnBins> {
        let target = self.settings.target.as_deref()?;
        let column = self.columns.iter().find(|column| column.name == target)?;
        Some(ColumnBins::of(column, 1.0, Role::Feature))
    }
}

impl ColumnBins {
    fn of(column: &Planned, weight: f64, role: Role) -> Self {
        let profile = &column.profile;
        let form = match (&profile.values, profile.kind()) {
            (Values::Numbers(numbers), Kind::Categorical) => {
                Form::Labels(LabelBins::of_codes(numbers))
            }
            (Values::Numbers(numbers), _) => Form::Numbers(NumberBins::of(numbers)),
            (Values::Labels(labels), _) => Form::Labels(LabelBins::of(labels)),
            (Values::Times(_), _) => Form::Times,
            (Values::Nothing, _) => Form::Nothing,
            (Values::Unusable(_), _) => Form::Unusable,
        };
        Self {
            name: column.name.as_str().into(),
            weight,
            rows: profile.rows,
            missing: profile.missing,
            role,
            form,
        }
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Rows of the baseline, missing ones included.
    pub fn n_rows(&self) -> u64 {
        self.rows
    }

    /// What it is to the model.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Whether an estimate can go by a cell with this code: not by a probability outside 0
    /// to 1, nor by a prediction that the baseline has not.
    pub fn is_sound(&self, cell: f64, code: u8) -> bool {
        match (&self.role, &self.form) {
            (Role::Feature, _) => true,
            (Role::Probability(_), _) => (0.0..=1.0).contains(&cell),
            (Role::Prediction, Form::Numbers(_)) => cell.is_finite(),
            (Role::Prediction, _) => !self.is_unseen(code),
        }
    }

    /// Whether its labels are flags.
    pub fn are_flags(&self) -> bool {
        matches!(&self.form, Form::Labels(labels) if labels.are_flags())
    }

    /// What its cells have to be.
    pub fn kind(&self) -> CellKind {
        match &self.form {
            Form::Numbers(_) => CellKind::Number,
            Form::Labels(labels) if labels.are_numbers() => CellKind::Number,
            Form::Labels(_) => CellKind::Label,
            Form::Times => CellKind::Time,
            Form::Nothing | Form::Unusable => CellKind::Any,
        }
    }

    /// Whether larger codes are larger values.
    pub fn is_ordered(&self) -> bool {
        matches!(self.form, Form::Numbers(_))
    }

    /// Whether anything can be said of it.
    pub fn is_usable(&self) -> bool {
        !matches!(self.form, Form::Unusable)
    }

    /// The code of a number, or of seconds since 1970; NaN is missing.
    #[inline]
    pub fn number(&self, value: f64) -> u8 {
        if value.is_nan() {
            return MISSING;
        }
        match &self.form {
            Form::Numbers(bins) => bins.code(value),
            Form::Labels(bins) => bins.number(value),
            Form::Times | Form::Nothing | Form::Unusable => 0,
        }
    }

    /// The code of a label.
    pub fn label(&self, label: &str) -> u8 {
        match &self.form {
            Form::Labels(bins) => bins.label(label),
            _ => 0,
        }
    }

    /// Whether a code stands for labels that the baseline has not.
    pub fn is_unseen(&self, code: u8) -> bool {
        matches!(self.form, Form::Labels(_)) && code == labels::UNSEEN
    }

    /// What the counts of a window's codes have to say beside the baseline.
    ///
    /// # Shapes
    /// `counts`: (256,), by code.
    /// # Errors
    /// Those of the tests that give the p-value, for counts beyond 2^53.
    pub fn evidence(&self, counts: &[u64; CODES], p_values: bool) -> Result<Evidence> {
        let total: u64 = counts.iter().sum();
        let [.., missing] = counts;
        let mut evidence = Evidence {
            moved: vec![(What::Values, Moved::Nothing)],
            missing: (self.missing, self.rows, *missing, total),
            unseen: None::<Unseen>,
            log_p_value: None,
            weight: self.weight,
        };
        if total == *missing {
            return Ok(evidence);
        }
        let (moved, log_p_value) = match &self.form {
            Form::Numbers(bins) => bins.moved(counts, p_values),
            Form::Labels(bins) => {
                evidence.unseen = Some(bins.unseen(counts));
                bins.moved(counts, p_values)?
            }
            Form::Times | Form::Nothing | Form::Unusable => return Ok(evidence),
        };
        evidence.moved = vec![(What::Values, moved)];
        evidence.log_p_value = log_p_value;
        Ok(evidence)
    }

    /// The counts as values, which within a bin lie as the baseline's do; or why there are
    /// none.
    pub(super) fn values(
        &self,
        baseline: &Profile,
        counts: &[u64; CODES],
    ) -> std::result::Result<Values, String> {
        let [there @ .., _] = counts;
        if there.iter().sum::<u64>() == 0 {
            return Ok(Values::Nothing);
        }
        let values = match (&self.form, &baseline.values) {
            (Form::Numbers(bins), Values::Numbers(numbers)) => {
                Numbers::of_counts(bins.values(numbers, counts)).map(Values::Numbers)
            }
            (Form::Labels(bins), Values::Numbers(_)) => {
                Numbers::of_counts(bins.numbers(counts)).map(Values::Numbers)
            }
            (Form::Labels(bins), Values::Labels(labels)) => {
                Some(Values::Labels(bins.labels(labels, counts)))
            }
            (Form::Nothing, _) => {
                let all = ("(any)".to_owned(), there.iter().sum());
                Some(Values::Labels(LabelCounts::from_counts([all])))
            }
            _ => return Err("values that this window only counts as there or missing".to_owned()),
        };
        Ok(values.unwrap_or(Values::Nothing))
    }
}
