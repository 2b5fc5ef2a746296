//! A baseline, prepared once.

use std::sync::OnceLock;

use super::column::Column;
use super::column_tests::Tests;
use super::crew::{Crew, each_column};
use super::estimating::{ErrorModel, Estimating, Probability};
use super::groups::Groups;
use super::paired::Paired;
use super::performance::Performance;
use super::profile::Profile;
use super::sampling::{Coder, Lots, sample_size};
use super::side::{Reading, Side, SideColumn, SideReader};
use super::stream;
use super::verdict;
use super::{Batches, Host, Table};
use crate::error::{Error, Result};

/// What a comparison is to answer.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The columns to compare; `None` for all.
    pub columns: Option<Vec<String>>,
    /// Which test each column gets.
    pub tests: Tests,
    /// What counts as drift.
    pub verdict: verdict::Options,
    /// How much columns matter, beside 1 for the others.
    pub weights: Vec<(String, f64)>,
    /// The column whose values make groups to be compared one by one.
    pub segments: Option<String>,
    /// The column of true values.
    pub target: Option<String>,
    /// The column of predicted values.
    pub prediction: Option<String>,
    /// The columns of a classifier's scores.
    pub probability: Option<Probability>,
    /// Which of two labels is positive; `None` for the greater.
    pub positive: Option<String>,
    /// What models the losses of a regressor, beside target and prediction of numbers.
    pub error_model: ErrorModel,
    /// On how many threads at most; `None` for as many as there are processors.
    pub threads: Option<usize>,
    /// What random choices start from.
    pub seed: u64,
    /// So many different numbers of a column of the baseline are kept as they are, 1,000 to
    /// 1,000,000,000; where there are more, as many at equal steps of rank stand for all.
    /// Ranks are within 1 / `max_exact` of the rows then, and the column is flagged
    /// `"approximate"`.
    pub max_exact: u64,
    /// Whether a sample of rows is kept, coded, for the multivariate verdict.
    pub multivariate: bool,
}

impl Default for Settings {
    /// All columns by the tests that are chosen for them.
    fn default() -> Self {
        Self {
            columns: None,
            tests: Tests::default(),
            verdict: verdict::Options::default(),
            weights: Vec::new(),
            segments: None,
            target: None,
            prediction: None,
            threads: None,
            seed: 0,
            max_exact: 1_000_000,
            multivariate: true,
            probability: None,
            positive: None,
            error_model: ErrorModel::default(),
        }
    }
}

/// What [`Settings::max_exact`] may be.
pub(super) const MAX_EXACT: std::ops::RangeInclusive<u64> = 1_000..=1_000_000_000;

/// A baseline that tables are compared with: of each column the values in ascending order
/// or how often each label occurs, without their rows, and of at most 4,000 rows a code
/// from 0 to 63 for each cell: the quantile bin of a number, the number of a label. With
/// [`Settings::multivariate`] off it holds nothing of any row.
///
/// [`Plan::to_bytes`] and [`Plan::save`] write it down.
#[derive(Debug)]
pub struct Plan {
    pub(super) settings: Settings,
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) columns: Vec<Planned>,
    pub(super) segments: Option<PlannedSegments>,
    pub(super) performance: Option<(Paired, Performance)>,
    /// Why there is none, though it was asked for.
    pub(super) no_performance: Option<String>,
    /// The bytes that each column takes when it is saved.
    pub(super) sizes: OnceLock<Vec<u64>>,
    pub(super) estimating: Option<Estimating>,
}

/// One column of a baseline.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) coder: Coder,
    pub(super) codes: Vec<u8>,
    /// Of the groups, in their order.
    pub(super) groups: Vec<Profile>,
}

impl Planned {
    pub(super) fn new(name: String, column: SideColumn) -> Self {
        Self {
            name,
            coder: column.coder.unwrap_or(Coder::Nothing),
            profile: column.profile,
            codes: column.codes,
            groups: column.groups,
        }
    }
}

/// The groups of a baseline.
#[derive(Debug)]
pub(super) struct PlannedSegments {
    pub(super) names: Vec<Option<Box<str>>>,
    pub(super) rows: Vec<u64>,
    pub(super) omitted: usize,
}

impl Plan {
    /// Prepares a baseline.
    ///
    /// # Errors
    /// `EmptySample` for a table without rows; `InvalidValue` for names that it has not,
    /// weights that are no positive numbers, and when there is no column to compare; those
    /// of the table and `Interrupted`.
    /// # Cost
    /// O(n log n) a column; at most a copy of one column for each thread beside what is
    /// kept.
    pub fn fit(settings: Settings, table: &mut dyn Table, host: &dyn Host) -> Result<Self> {
        let names = table.names().to_vec();
        let places = settings.places(&names)?;
        let (segments, groups) = match settings.groups(table, host)? {
            Some((segments, groups)) => (Some(segments), Some(groups)),
            None => (None, None),
        };
        let rows = table.n_rows();
        let reader = SideReader::new(
            "baseline",
            rows,
            settings.lots(places.len()),
            groups.as_ref(),
        )?;
        let at = |index: usize| places.get(index).copied().unwrap_or_default();
        let name = |index: usize| names.get(at(index)).map_or("", String::as_str);
        let columns = each_column(
            host,
            Crew::new(&settings, rows.saturating_mul(places.len())),
            places.len(),
            |index| table.column(at(index)),
            |index, data| reader.take(name(index), data, &settings.reading()),
        )?;
        let duplicate_rows = reader.duplicate_rows(host);
        let side = Side {
            rows: rows as u64,
            duplicate_rows,
            columns,
        };
        let (performance, no_performance) = match settings.performance(table, host)? {
            None => (None, None),
            Some(Ok(performance)) => (Some(performance), None),
            Some(Err(reason)) => (None, Some(reason)),
        };
        let paired = performance.as_ref().map(|(paired, _)| *paired);
        Ok(Self {
            estimating: settings.estimating(paired, table, host)?,
            no_performance,
            segments,
            performance,
            ..Self::of(settings, side, &names, &places)
        })
    }

    /// Prepares a baseline that comes in batches, in one pass. What is kept is what
    /// [`Plan::fit`] keeps, as long as no column has more than 262,144 different numbers;
    /// beyond, 1,048,576 values at equal steps of rank (within 0.1 %) stand for all. Of
    /// labels, 65,536 different ones are kept by name and the others counted together.
    ///
    /// # Errors
    /// Those of [`Plan::fit`]; `InvalidType` with segments, or with both target and
    /// prediction, which take a table at hand.
    pub fn fit_batches(
        settings: Settings,
        batches: &mut dyn Batches,
        host: &dyn Host,
    ) -> Result<Self> {
        let got = "a stream of batches larger than memory";
        if settings.segments.is_some() {
            let allowed = "a table at hand, to compare segments";
            return Err(Error::invalid_type("baseline", got, allowed));
        }
        if settings.target.is_some() && settings.prediction.is_some() {
            let allowed = "a table at hand, to compare predictions with targets";
            return Err(Error::invalid_type("baseline", got, allowed));
        }
        if settings.probability.is_some() {
            let allowed = "a table at hand, to estimate performance";
            return Err(Error::invalid_type("baseline", got, allowed));
        }
        let names = batches.names().to_vec();
        let places = settings.places(&names)?;
        let asked = (settings.threads, settings.lots(places.len()));
        let readings: Vec<_> = places.iter().map(|_| settings.reading()).collect();
        let side = stream::read("baseline", batches, &places, &readings, asked, host)?;
        Ok(Self::of(settings, side, &names, &places))
    }

    fn of(settings: Settings, side: Side, names: &[String], places: &[usize]) -> Self {
        let columns = side.columns.into_iter().zip(places);
        let planned = columns.map(|(column, &place)| {
            Planned::new(names.get(place).cloned().unwrap_or_default(), column)
        });
        Self {
            columns: planned.collect(),
            rows: side.rows,
            duplicate_rows: side.duplicate_rows,
            segments: None,
            performance: None,
            no_performance: None,
            sizes: OnceLock::new(),
            estimating: None,
            settings,
        }
    }

    /// What its comparisons are to answer.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many rows the baseline has.
    pub fn n_rows(&self) -> u64 {
        self.rows
    }

    /// What is drift.
    pub fn verdict(&self) -> verdict::Options {
        self.settings.verdict
    }

    /// The columns that are compared.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }
}

fn place_of(argument: &'static str, name: &str, names: &[String]) -> Result<usize> {
    let place = names.iter().position(|other| other == name);
    place.ok_or_else(|| unknown(argument, name, names))
}

impl Settings {
    /// Which rows of a side are looked at together; of so many columns of the baseline.
    pub(super) fn lots(&self, columns: usize) -> Lots {
        Lots::new(self.seed, self.sampled(columns))
    }

    /// How many rows are sampled at most.
    pub(super) fn sampled(&self, columns: usize) -> usize {
        if self.multivariate {
            sample_size(columns)
        } else {
            0
        }
    }

    /// How a baseline is read.
    pub(super) fn reading(&self) -> Reading<'static> {
        Reading::Baseline {
            max_exact: self.max_exact,
        }
    }

    /// # Errors
    /// `InvalidValue` for what a baseline is not needed to refuse.
    pub(super) fn validate(&self) -> Result<()> {
        self.verdict.validate()?;
        if !MAX_EXACT.contains(&self.max_exact) {
            let allowed = "a whole number from 1000 to 1000000000";
            return Err(Error::invalid_value("max_exact", self.max_exact, allowed));
        }
        for (name, weight) in &self.weights {
            if !(weight.is_finite() && *weight > 0.0) {
                let got = format!("{weight} for \"{name}\"");
                let allowed = "positive finite numbers";
                return Err(Error::invalid_value("weights", got, allowed));
            }
        }
        Ok(())
    }

    /// The places of the columns to compare, ascending.
    pub(super) fn places(&self, names: &[String]) -> Result<Vec<usize>> {
        let mut places = match &self.columns {
            None => (0..names.len()).collect(),
            Some(wanted) => {
                let places = wanted.iter().map(|name| place_of("columns", name, names));
                places.collect::<Result<Vec<usize>>>()?
            }
        };
        let roles = [("target", &self.target), ("prediction", &self.prediction)];
        let roles = roles
            .into_iter()
            .filter_map(|(role, name)| Some((role, name.as_ref()?)));
        let scores = self.probability.iter().flat_map(Probability::columns);
        for (argument, name) in roles.chain(scores.map(|name| ("probability", name))) {
            let place = place_of(argument, name, names)?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        for name in self.tests.columns() {
            place_of("tests", name, names)?;
        }
        for (name, _) in &self.weights {
            place_of("weights", name, names)?;
        }
        self.validate()?;
        if places.is_empty() {
            let allowed = "a table with at least one column to compare";
            return Err(Error::invalid_value("baseline", "no columns", allowed));
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// The segments of a baseline.
    pub(super) fn groups(
        &self,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Option<(PlannedSegments, Groups)>> {
        let Some(name) = &self.segments else {
            return Ok(None);
        };
        let place = place_of("segments", name, table.names())?;
        let mut data = Some(table.column(place)?);
        let mut made = None;
        host.aside(&mut || {
            let column = data.take().map(Column::read);
            let labels = column.map(|column| Groups::labels("segments", name, &column));
            made = labels.map(|labels| labels.map(|labels| Groups::of_baseline(&labels)));
        });
        let Some((groups, names)) = made.transpose()? else {
            return Ok(None);
        };
        let (rows, omitted) = (groups.rows.clone(), groups.omitted);
        let segments = PlannedSegments {
            names,
            rows,
            omitted,
        };
        Ok(Some((segments, groups)))
    }

    /// What the predictions of a baseline make of its targets, when both are asked for, or
    /// why nothing can be said.
    pub(super) fn performance(
        &self,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Option<Result<(Paired, Performance), String>>> {
        let Some((target, prediction)) = self.pair(table.names())? else {
            return Ok(None);
        };
        let mut columns = Some([table.column(target)?, table.column(prediction)?]);
        let mut paired = None;
        host.aside(&mut || {
            let profiles = columns
                .take()
                .map(|columns| columns.map(Column::read).map(Profile::of));
            paired = profiles.and_then(|[target, prediction]| Paired::of(&target, &prediction));
        });
        let Some(paired) = paired else {
            let reason = "targets and predictions of the baseline are not of one kind, nor two \
                          labels and their probabilities";
            return Ok(Some(Err(reason.to_owned())));
        };
        let performance = self.performance_as(Some(paired), table, host)?;
        Ok(performance.map(|performance| performance.map(|performance| (paired, performance))))
    }

    /// The same of a table whose baseline was taken for `paired`.
    pub(super) fn performance_as(
        &self,
        paired: Option<Paired>,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Option<Result<Performance, String>>> {
        let (Some(paired), Some((target, prediction))) = (paired, self.pair(table.names())?) else {
            return Ok(None);
        };
        let mut columns = Some([table.column(target)?, table.column(prediction)?]);
        let mut made = None;
        host.aside(&mut || {
            let Some([target, prediction]) = columns.take().map(|all| all.map(Column::read)) else {
                return;
            };
            let mut performance = Performance::default();
            let added = paired.add(&mut performance, &target, &prediction);
            made = Some(
                added
                    .map(|()| performance)
                    .map_err(|error| error.to_string()),
            );
        });
        Ok(made)
    }

    /// Where a table has the target and the prediction, when both are asked for; a table
    /// may lack the target, which often comes later.
    fn pair(&self, names: &[String]) -> Result<Option<(usize, usize)>> {
        let (Some(target), Some(prediction)) = (&self.target, &self.prediction) else {
            return Ok(None);
        };
        let place = |name: &String| names.iter().position(|other| other == name);
        Ok(place(target).zip(place(prediction)))
    }
}

/// A name that is none of `names`.
pub(super) fn unknown(argument: &'static str, name: &str, names: &[String]) -> Error {
    let near = names
        .iter()
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    let hint = near.map_or_else(String::new, |(_, other)| {
        format!("; did you mean \"{other}\"?")
    });
    let shown: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = if names.len() > 20 { ", ..." } else { "" };
    let allowed = format!("names of columns: {}{more}{hint}", shown.join(", "));
    Error::invalid_value(argument, format!("\"{name}\""), allowed)
}
