//! How well predictions meet their targets, and whether that has changed.
//!
//! [`Performance`] takes the pairs of one side, batch by batch, and keeps sums
//! and counts, never rows; [`compare`] sets two sides beside each other. Sums
//! are exact until they are read, so that neither the order of the rows nor how
//! they are batched and merged changes a result.
//!
//! | where | what |
//! |---|---|
//! | `regression.rs` | numbers: errors and R^2 |
//! | `labels.rs` | labels: accuracy, precision, recall |
//! | `scores.rs` | two labels and scores: area under the curve, losses |
//! | `difference.rs` | intervals of differences |
//! | `exact_sum.rs` | sums that no order changes |
//! | `saved_sum.rs`, `in_order.rs` | how they are written down |

mod difference;
mod exact_sum;
mod in_order;
mod labels;
mod regression;
mod saved_sum;
mod scores;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use labels::Labels;
use regression::Regression;
use scores::Scores;

/// Targets and predictions of the same rows.
#[derive(Debug, Clone, Copy)]
pub enum Pairs<'a> {
    /// Numbers and the numbers predicted; NaN is missing.
    Numbers(&'a [f64], &'a [f64]),
    /// Labels and the labels predicted; `None` is missing.
    Labels(&'a [Option<&'a str>], &'a [Option<&'a str>]),
    /// Labels, of which there are two, and the probability predicted for the
    /// positive one, 0 to 1. The positive label is the larger one: as numbers if
    /// both are, as text otherwise ("0" < "1", "false" < "true", "no" < "yes").
    Scores(&'a [Option<&'a str>], &'a [f64]),
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A number.
    Regression,
    /// A label.
    Classification,
}

/// One measure of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// `"mae"`, `"accuracy"` and so on.
    pub name: &'static str,
    /// Of the baseline; `None` where it is not defined.
    pub baseline: Option<f64>,
    /// Of the current side; `None` where it is not defined.
    pub current: Option<f64>,
    /// The current value less that of the baseline.
    pub difference: Option<f64>,
    /// Lower end of the interval of the difference; `None` where none is known.
    pub low: Option<f64>,
    /// Upper end of the interval of the difference.
    pub high: Option<f64>,
}

/// The pairs of one side, summed up.
///
/// # Cost
/// Some ten sums for a pair of numbers; for labels a look into a hash table. Of
/// scores up to 65,536 different ones are kept with their counts; beyond, they
/// are put into bins of a relative width of 2^-10 from both ends, so that an
/// area under the curve is no longer exact: pairs in one bin are ties.
/// # Example
/// ```
/// use driftline::table::performance::{Pairs, Performance, compare};
/// let mut baseline = Performance::default();
/// baseline.add(Pairs::Numbers(&[1.0, 2.0, 3.0], &[1.5, 2.0, f64::NAN]))?;
/// assert_eq!((baseline.rows(), baseline.missing()), (3, 1));
/// let mut current = Performance::default();
/// current.add(Pairs::Numbers(&[1.0, 2.0], &[3.0, 3.0]))?;
/// let metrics = compare(&baseline, &current, 0.95)?;
/// let mae = metrics.iter().find(|metric| metric.name == "mae").unwrap();
/// assert_eq!((mae.baseline, mae.current), (Some(0.25), Some(1.5)));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Performance {
    rows: u64,
    missing: u64,
    sums: Sums,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
enum Sums {
    #[default]
    Nothing,
    Numbers(Box<Regression>),
    Labels(Labels),
    Scores(Scores),
}

impl Sums {
    fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Numbers(_) => "numbers",
            Self::Labels(_) => "labels",
            Self::Scores(_) => "labels with scores",
        }
    }
}

impl Performance {
    /// Adds the pairs of some rows; those of which either is missing are counted.
    ///
    /// # Shapes
    /// Targets and predictions: (n,) each.
    /// # Errors
    /// `InvalidValue` for unequal lengths and for scores outside 0 to 1 (nothing
    /// is added then); `InvalidType` for pairs of another kind than before.
    pub fn add(&mut self, pairs: Pairs<'_>) -> Result<()> {
        let (targets, predictions) = match pairs {
            Pairs::Numbers(targets, predictions) => (targets.len(), predictions.len()),
            Pairs::Labels(targets, predictions) => (targets.len(), predictions.len()),
            Pairs::Scores(targets, scores) => (targets.len(), scores.len()),
        };
        if targets != predictions {
            let got = format!("{predictions} predictions");
            let allowed = format!("{targets}, one for each target");
            return Err(Error::invalid_value("prediction", got, allowed));
        }
        if let Sums::Nothing = self.sums {
            self.sums = match pairs {
                Pairs::Numbers(..) => Sums::Numbers(Box::default()),
                Pairs::Labels(..) => Sums::Labels(Labels::default()),
                Pairs::Scores(..) => Sums::Scores(Scores::default()),
            };
        }
        let added = match (&mut self.sums, pairs) {
            (Sums::Numbers(sums), Pairs::Numbers(targets, predictions)) => {
                sums.add(targets, predictions)
            }
            (Sums::Labels(sums), Pairs::Labels(targets, predictions)) => {
                sums.add(targets, predictions)
            }
            (Sums::Scores(sums), Pairs::Scores(targets, scores)) => sums.add(targets, scores)?,
            (sums, _) => return Err(other_kind("pairs of another kind", sums)),
        };
        self.rows += targets as u64;
        self.missing += targets as u64 - added;
        Ok(())
    }

    /// Adds the pairs of another part of the same side.
    ///
    /// # Errors
    /// `InvalidType` when they are of another kind; `InvalidValue` when scores are of
    /// more than two labels.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        match (&mut self.sums, &other.sums) {
            (_, Sums::Nothing) => {}
            (own @ Sums::Nothing, sums) => *own = sums.clone(),
            (Sums::Numbers(own), Sums::Numbers(sums)) => own.merge(sums),
            (Sums::Labels(own), Sums::Labels(sums)) => own.merge(sums),
            (Sums::Scores(own), Sums::Scores(sums)) => own.merge(sums)?,
            (own, sums) => return Err(other_kind(sums.name(), own)),
        }
        self.rows += other.rows;
        self.missing += other.missing;
        Ok(())
    }

    /// Whether what was read again can have been written.
    pub(super) fn is_possible(&self) -> bool {
        let pairs = match &self.sums {
            Sums::Nothing => Some(0),
            Sums::Numbers(sums) => sums.checked(),
            Sums::Labels(sums) => sums.checked(),
            Sums::Scores(sums) => sums.checked(),
        };
        pairs.is_some_and(|pairs| self.rows.checked_sub(self.missing) == Some(pairs))
    }

    /// How many pairs were added, with those that have a missing part.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many pairs have a missing part.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// What is predicted; `None` before the first pairs.
    pub fn task(&self) -> Option<Task> {
        match self.sums {
            Sums::Nothing => None,
            Sums::Numbers(_) => Some(Task::Regression),
            Sums::Labels(_) | Sums::Scores(_) => Some(Task::Classification),
        }
    }
}

fn other_kind(got: &str, own: &Sums) -> Error {
    let allowed = format!("{}, as before", own.name());
    Error::invalid_type("prediction", got, allowed)
}

/// The metrics of two sides and their differences, with intervals of confidence
/// `level` where a sound closed form is known.
///
/// Numbers: `mae`, `rmse`, `bias` (the mean of prediction less target), `r2`,
/// `mape` (a share, not a percentage; not defined when a target is 0). Labels:
/// `accuracy`, `balanced_accuracy`, and means over the labels of `precision_macro`,
/// `recall_macro`, `f1_macro` (0 where there is nothing to divide by); the last
/// four are not known beyond 4,096 labels. Scores: `roc_auc`, `log_loss`
/// (natural logarithm, scores kept 2^-52 away from 0 and 1), `brier_score`.
///
/// Intervals: Welch's for means (`mae`, `bias`, `mape`, `log_loss`,
/// `brier_score`), the delta method for `rmse`, Newcombe's for `accuracy`, that
/// of DeLong for `roc_auc`. Rows are taken as independent. Where a side has a
/// single pair, or both have no spread at all, there is none, but for
/// `accuracy`.
///
/// # Errors
/// `InvalidValue` for a `level` outside 0 to 1 and for scores of other than two
/// labels; `InvalidType` for sides of different kinds. Sides without pairs
/// have metrics that are not defined, or none when both are.
/// # Source
/// Welch, The generalization of Student's problem when several different
/// population variances are involved, 1947; Newcombe, Interval estimation for
/// the difference between independent proportions, 1998, method 10; DeLong,
/// DeLong, Clarke-Pearson, 1988. Values: scikit-learn, tests/data/performance.json.
/// # Example
/// ```
/// use driftline::table::performance::{Pairs, Performance, compare};
/// let side = |predictions: &[Option<&str>]| {
///     let mut side = Performance::default();
///     let targets = [Some("a"), Some("b"), Some("a"), Some("b")];
///     side.add(Pairs::Labels(&targets, predictions)).map(|()| side)
/// };
/// let baseline = side(&[Some("a"), Some("b"), Some("a"), Some("b")])?;
/// let current = side(&[Some("a"), Some("b"), Some("b"), None])?;
/// let accuracy = &compare(&baseline, &current, 0.95)?[0];
/// assert_eq!((accuracy.name, accuracy.baseline), ("accuracy", Some(1.0)));
/// assert_eq!(accuracy.current, Some(2.0 / 3.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn compare(baseline: &Performance, current: &Performance, level: f64) -> Result<Vec<Metric>> {
    if !(level > 0.0 && level < 1.0) {
        let allowed = "a number between 0 and 1, both excluded";
        return Err(Error::invalid_value("level", level, allowed));
    }
    match (&baseline.sums, &current.sums) {
        (Sums::Nothing, Sums::Nothing) => Ok(Vec::new()),
        (Sums::Numbers(b), Sums::Numbers(c)) => Ok(regression::compare(b, c, level)),
        (Sums::Numbers(b), Sums::Nothing) => Ok(regression::compare(b, &Box::default(), level)),
        (Sums::Nothing, Sums::Numbers(c)) => Ok(regression::compare(&Box::default(), c, level)),
        (Sums::Labels(b), Sums::Labels(c)) => Ok(labels::compare(b, c, level)),
        (Sums::Labels(b), Sums::Nothing) => Ok(labels::compare(b, &Labels::default(), level)),
        (Sums::Nothing, Sums::Labels(c)) => Ok(labels::compare(&Labels::default(), c, level)),
        (Sums::Scores(b), Sums::Scores(c)) => scores::compare(b, c, level),
        (Sums::Scores(b), Sums::Nothing) => scores::compare(b, &Scores::default(), level),
        (Sums::Nothing, Sums::Scores(c)) => scores::compare(&Scores::default(), c, level),
        (own, sums) => {
            let allowed = format!("{}, as in the baseline", own.name());
            Err(Error::invalid_type("prediction", sums.name(), allowed))
        }
    }
}
