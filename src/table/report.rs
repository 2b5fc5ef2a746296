//! What a comparison of tables answers: plain data, the same for the same data.
//!
//! Serialised, it is the document that `python/driftline/report/schema.json` describes;
//! numbers that are not finite become null.

use serde::Serialize;

use super::profile::Kind;
use super::verdict::{Interval, Verdict};

/// The outcome of comparing a current table with a baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this form: 1.
    pub format: u32,
    /// Drifted when any column is; stable when all are.
    pub verdict: Verdict,
    /// The table that stands for normal.
    pub baseline: SideReport,
    /// The table that was compared with it.
    pub current: SideReport,
    /// What was asked.
    pub options: OptionsReport,
    /// All columns together.
    pub table: TableReport,
    /// Which columns the tables do not share.
    pub schema: SchemaReport,
    /// Each column that was judged, in the order of the baseline.
    pub columns: Vec<ColumnReport>,
    /// All columns at once, as one classifier sees them.
    pub multivariate: Option<MultivariateReport>,
    /// How well the predictions meet the targets.
    pub performance: Option<PerformanceReport>,
    /// Group by group.
    pub segments: Option<SegmentsReport>,
    /// Period by period.
    pub periods: Option<PeriodsReport>,
}

/// One of both tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideReport {
    /// How many rows it has.
    pub rows: u64,
    /// Rows that equal an earlier one in every column compared.
    pub duplicate_rows: Option<u64>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OptionsReport {
    /// The rate of false alarms accepted, for the whole table.
    pub alpha: f64,
    /// The share of rows that may move without being called drift.
    pub min_effect: f64,
    /// How `alpha` is shared among the columns.
    pub correction: String,
    /// What random choices start from.
    pub seed: u64,
}

/// All columns together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableReport {
    /// How many were judged.
    pub columns: usize,
    /// How many are drifted.
    pub drifted: usize,
    /// How many are stable.
    pub stable: usize,
    /// How many have too few rows to tell.
    pub inconclusive: usize,
    /// The share drifted, by weight.
    pub share_drifted: f64,
    /// The least that it can be: proven at confidence 1 - alpha for all columns at once.
    pub share_drifted_low: f64,
    /// The most that it can be, likewise.
    pub share_drifted_high: f64,
}

/// Which columns the tables do not share.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SchemaReport {
    /// In the baseline alone.
    pub missing: Vec<String>,
    /// In the current table alone.
    pub new: Vec<String>,
    /// Of a kind in one table that cannot be compared with that in the other.
    pub changed: Vec<ChangedColumn>,
    /// In both, but nothing can be said of them.
    pub skipped: Vec<SkippedColumn>,
}

/// A column of two kinds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedColumn {
    /// Its name.
    pub name: String,
    /// What it was.
    pub baseline: Kind,
    /// What it is.
    pub current: Kind,
}

/// A column of which nothing can be said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkippedColumn {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// `"feature"`, `"target"` or `"prediction"`.
    pub role: &'static str,
    /// Whether it has drifted.
    pub verdict: Verdict,
    /// What made it drifted.
    pub reasons: Vec<&'static str>,
    /// The same in one sentence.
    pub explanation: String,
    /// What is peculiar about it.
    pub flags: Vec<&'static str>,
    /// The test of its values.
    pub test: Option<String>,
    /// The test's statistic.
    pub statistic: Option<f64>,
    /// The test's p-value.
    pub p_value: Option<f64>,
    /// Its natural logarithm.
    pub log_p_value: Option<f64>,
    /// Corrected for the number of columns.
    pub p_adjusted: Option<f64>,
    /// The share of rows moved.
    pub effect_size: Option<f64>,
    /// The same with its corrected interval.
    pub effect: Option<EffectReport>,
    /// How many rows on each side would tell, if the estimate is right.
    pub rows_needed: Option<u64>,
    /// Missing values.
    pub missing: MissingReport,
    /// Categories that the baseline has not.
    pub unseen: Option<UnseenReport>,
    /// Categories that the current table has no more.
    pub vanished: Option<VanishedReport>,
    /// Values beyond those of the baseline.
    pub range: Option<RangeReport>,
    /// The baseline in figures.
    pub baseline: Summary,
    /// The current side in figures.
    pub current: Summary,
    /// Of numbers and times.
    pub histogram: Option<Histogram>,
    /// Of numbers and times.
    pub quantiles: Option<Quantiles>,
    /// The most frequent ones.
    pub categories: Option<Vec<CategoryCount>>,
    /// Of times.
    pub profiles: Option<Profiles>,
}

/// The share of rows moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectReport {
    /// `"share_moved"`.
    pub name: &'static str,
    /// The estimate and its corrected interval.
    #[serde(flatten)]
    pub interval: Interval,
}

/// Missing values of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissingReport {
    /// The rate in the baseline, 0 to 1.
    pub baseline: f64,
    /// The rate in the current table, 0 to 1.
    pub current: f64,
    /// Current minus baseline.
    pub difference: f64,
    /// Lower end of its corrected interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Of the test that both rates are one.
    pub p_value: Option<f64>,
}

/// Categories that the baseline has not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnseenReport {
    /// Rows in them.
    pub rows: u64,
    /// Their share of the rows that have a value.
    pub share: f64,
    /// Lower end of the corrected interval of what is beyond chance.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many such categories.
    pub n_categories: u64,
    /// The most frequent ones, at most 10.
    pub categories: Vec<Category>,
}

/// Categories that the current table has no more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VanishedReport {
    /// How many.
    pub n_categories: u64,
    /// Those most frequent in the baseline, at most 10.
    pub categories: Vec<Category>,
}

/// A category and how often it occurs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Category {
    /// Its label.
    pub category: String,
    /// How often it occurs.
    pub count: u64,
}

/// Values beyond those of the baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeReport {
    /// The least of the baseline.
    pub low: f64,
    /// The greatest of the baseline.
    pub high: f64,
    /// Current rows below.
    pub below: u64,
    /// Current rows above.
    pub above: u64,
    /// The share of both.
    pub share: f64,
}

/// One side of a column in figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Summary {
    /// Rows that have a value.
    pub rows: u64,
    /// Rows that have none.
    pub missing: u64,
    /// Infinite values, which the moments leave out.
    pub infinite: u64,
    /// Different values.
    pub distinct: u64,
    /// The least; of times in ISO 8601.
    pub min: Option<Figure>,
    /// The greatest.
    pub max: Option<Figure>,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation (n - 1).
    pub std: Option<f64>,
    /// The middle one.
    pub median: Option<Figure>,
    /// The category that occurs most often.
    pub most_frequent: Option<Category>,
}

/// A number, or a time as text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// A time in ISO 8601.
    Time(String),
}

/// Both sides in the same bins of equal width; what lies beyond is counted in the bins at
/// the ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// One more than there are bins.
    pub edges: Vec<f64>,
    /// Rows of the baseline.
    pub baseline: Vec<u64>,
    /// Rows of the current table.
    pub current: Vec<u64>,
}

/// Quantiles of both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantiles {
    /// Which, 0 to 1.
    pub probabilities: Vec<f64>,
    /// Of the baseline.
    pub baseline: Vec<f64>,
    /// Of the current table.
    pub current: Vec<f64>,
}

/// How often a category occurs on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryCount {
    /// Its label; `None` for all others together.
    pub category: Option<String>,
    /// Rows of the baseline.
    pub baseline: u64,
    /// Rows of the current table.
    pub current: u64,
}

/// Hours and weekdays of times.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profiles {
    /// By the hour of the day.
    pub hour: TimeProfile,
    /// By the day of the week.
    pub weekday: TimeProfile,
}

/// How often each hour or weekday occurs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeProfile {
    /// Their names.
    pub labels: Vec<String>,
    /// Rows of the baseline.
    pub baseline: Vec<u64>,
    /// Rows of the current table.
    pub current: Vec<u64>,
    /// The share of rows moved.
    pub effect: EffectReport,
}

/// All columns at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MultivariateReport {
    /// `"classifier_two_sample"`.
    pub test: &'static str,
    /// Whether rows of both sides can be told apart by more than `min_effect`.
    pub verdict: Verdict,
    /// Area under the ROC curve: 0.5 when nothing tells them apart.
    pub statistic: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Of the test that nothing tells them apart.
    pub p_value: f64,
    /// Rows of the baseline that were looked at.
    pub n_baseline: usize,
    /// Rows of the current table that were looked at.
    pub n_current: usize,
    /// What tells them apart, the most important first.
    pub columns: Vec<Importance>,
}

/// How much a column has to do with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// Its name.
    pub name: String,
    /// From 0 to 1; together 1.
    pub importance: f64,
}

/// How well predictions meet the targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerformanceReport {
    /// `"regression"` or `"classification"`.
    pub task: &'static str,
    /// Each metric of both sides.
    pub metrics: Vec<MetricReport>,
}

/// A metric of both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricReport {
    /// Such as `"mae"`.
    pub name: String,
    /// Of the baseline, where it is defined.
    pub baseline: Option<f64>,
    /// Of the current table, where it is defined.
    pub current: Option<f64>,
    /// Current minus baseline.
    pub difference: Option<f64>,
    /// Lower end of its interval, where one is known.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Group by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentsReport {
    /// The column whose values make the groups.
    pub column: String,
    /// Those that contribute most first.
    pub groups: Vec<GroupReport>,
    /// Groups with too few rows to be among them.
    pub n_omitted: usize,
}

/// One group of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupReport {
    /// The value that they share; `None` where it is missing.
    pub name: Option<String>,
    /// Rows of the baseline.
    pub rows_baseline: u64,
    /// Rows of the current table.
    pub rows_current: u64,
    /// Their share of the baseline.
    pub share_baseline: f64,
    /// Their share of the current table.
    pub share_current: f64,
    /// Drifted when any of its columns is.
    pub verdict: Verdict,
    /// The share of its columns drifted.
    pub share_drifted: f64,
    /// Its part in the change of the whole table; together 1.
    pub contribution: f64,
    /// Its columns.
    pub columns: Vec<GroupColumn>,
}

/// A column within a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupColumn {
    /// Its name.
    pub name: String,
    /// Whether it has drifted within the group.
    pub verdict: Verdict,
    /// The share of rows moved.
    pub effect_size: Option<f64>,
    /// Lower end of the corrected interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Corrected for the number of columns.
    pub p_adjusted: Option<f64>,
}

/// Period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodsReport {
    /// The column of times.
    pub column: String,
    /// How long a period is.
    pub every: String,
    /// The periods, in the order of time.
    pub names: Vec<String>,
    /// Rows of each.
    pub rows: Vec<u64>,
    /// Drifted when any column is.
    pub verdicts: Vec<Verdict>,
    /// Each column over time.
    pub columns: Vec<PeriodColumn>,
}

/// A column over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodColumn {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// The share of rows moved, for each period.
    pub effect: Vec<Option<f64>>,
    /// Lower ends of the corrected intervals.
    pub low: Vec<Option<f64>>,
    /// Upper ends.
    pub high: Vec<Option<f64>>,
    /// Whether it has drifted.
    pub verdicts: Vec<Verdict>,
}
