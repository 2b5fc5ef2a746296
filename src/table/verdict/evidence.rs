//! What is known of a column before it is judged, and what is said of it after.

use serde::Serialize;

/// What was looked at in a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// The values themselves.
    Values,
    /// The hours of the day, of times.
    Hour,
    /// The days of the week, of times.
    Weekday,
}

/// How far rows moved, and how well that is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Moved {
    /// Numbers, by their Kolmogorov-Smirnov distance.
    Numbers {
        /// The distance, 0 to 1.
        distance: f64,
        /// Values of the baseline.
        n: u64,
        /// Values of the current side.
        m: u64,
    },
    /// Labels, by the counts of the same categories in the same order.
    Counts {
        /// Those of the baseline, shape (k,).
        baseline: Vec<u64>,
        /// Those of the current side, shape (k,).
        current: Vec<u64>,
    },
    /// One side has no values: nothing can be said of them.
    Nothing,
}

/// Rows in categories that the baseline has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// So many rows of the current side.
    pub rows: u64,
    /// Of so many that have a label.
    pub n_current: u64,
    /// Categories that occur once in the baseline.
    pub singletons: u64,
    /// Categories that occur twice in the baseline.
    pub doubletons: u64,
    /// Rows of the baseline that have a label.
    pub n_baseline: u64,
}

/// What is known of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// How far its values moved; several looks for times. Each can make it drifted.
    pub moved: Vec<(What, Moved)>,
    /// Missing values of the baseline, of so many rows; the same of the current side.
    pub missing: (u64, u64, u64, u64),
    /// Of labels: what the baseline has not.
    pub unseen: Option<Unseen>,
    /// ln of the p-value of the column's test, where it has one.
    pub log_p_value: Option<f64>,
    /// How much the column matters, not negative, in any unit.
    pub weight: f64,
}

/// What is said of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// More than `min_effect` of the rows moved, as sure as was asked.
    Drifted,
    /// Less than `min_effect` of the rows moved, as sure as was asked.
    Stable,
    /// Too few rows to tell.
    Inconclusive,
}

impl Verdict {
    /// Of several as one: drifted when any is, stable when all are.
    ///
    /// # Example
    /// ```
    /// use driftline::table::verdict::Verdict;
    /// let all = [Verdict::Stable, Verdict::Inconclusive, Verdict::Drifted];
    /// assert_eq!(Verdict::of_all(all.into_iter()), Verdict::Drifted);
    /// ```
    pub fn of_all(all: impl Iterator<Item = Self>) -> Self {
        let mut together = Self::Stable;
        for verdict in all {
            match verdict {
                Self::Drifted => return verdict,
                Self::Inconclusive => together = verdict,
                Self::Stable => {}
            }
        }
        together
    }
}

/// What made a column drifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Its values moved.
    Values,
    /// Its times moved to other hours.
    Hour,
    /// Its times moved to other days of the week.
    Weekday,
    /// More, or fewer, of its values are missing.
    Missing,
    /// More of its rows than chance explains are in categories that the baseline has not.
    Unseen,
    /// Its test says so (`min_effect` 0).
    PValue,
}

impl Reason {
    /// As a report has it: `"values"`, `"p_value"` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Missing => "missing",
            Self::Unseen => "unseen",
            Self::PValue => "p_value",
        }
    }
}

impl From<What> for Reason {
    fn from(what: What) -> Self {
        match what {
            What::Values => Self::Values,
            What::Hour => Self::Hour,
            What::Weekday => Self::Weekday,
        }
    }
}

/// An estimate with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How often such an interval, looked at alone, holds the truth, 0 to 1.
    pub level: f64,
}

/// What is said of one column, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Drifted, stable or inconclusive.
    pub verdict: Verdict,
    /// What made it drifted; empty otherwise.
    pub reasons: Vec<Reason>,
    /// The p-value of the column's test, corrected for the number of columns; with
    /// `min_effect` 0 that of no change of values or missing values, which decides. `None`
    /// where there is none.
    pub p_adjusted: Option<f64>,
    /// The share of rows moved: the largest of `parts`.
    pub effect: Interval,
    /// The share of rows moved, for each look of [`Evidence::moved`].
    pub parts: Vec<Interval>,
    /// The difference of the missing rates, current minus baseline.
    pub missing: Interval,
    /// Of the test that both rates are one; `None` where a side has no rows.
    pub missing_p_value: Option<f64>,
    /// The share of rows in unseen categories, beyond what chance explains.
    pub unseen: Option<Interval>,
    /// The share of rows, of both sides together, in categories too rare to be told apart,
    /// which were judged as one; 0 for numbers.
    pub pooled: f64,
    /// Inconclusive: so many rows on each side would tell, if the estimates are right;
    /// `None` where they are `min_effect`, give or take a hundredth of it.
    pub rows_needed: Option<u64>,
}

/// What is said of all columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Of each column, in their order.
    pub judgements: Vec<Judgement>,
    /// The share of columns drifted, by weight: as judged, and between which bounds the
    /// share lies that truly moved by more than `min_effect`.
    pub share_drifted: Interval,
}
