//! A baseline, prepared once.

use super::column::Column;
use super::crew::each_column;
use super::groups::Groups;
use super::paired::Paired;
use super::performance::Performance;
use super::profile::Profile;
use super::rows::{RowCounts, RowHashes};
use super::sampling::{Coder, Lots};
use super::stream;
use super::tests::Tests;
use super::verdict;
use super::{Batches, ColumnData, Host, Table};
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
    /// On how many threads at most; `None` for as many as there are processors.
    pub threads: Option<usize>,
    /// What random choices start from.
    pub seed: u64,
}

/// A baseline that tables are compared with: of each column the values in ascending order
/// or how often each label occurs, and at most 1,000 rows in codes of 64 bins. Rows cannot
/// be rebuilt from it.
#[derive(Debug)]
pub struct Plan {
    pub(super) settings: Settings,
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) columns: Vec<Planned>,
    pub(super) segments: Option<PlannedSegments>,
    pub(super) performance: Option<(Paired, Performance)>,
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

/// The groups of a baseline.
#[derive(Debug)]
pub(super) struct PlannedSegments {
    pub(super) names: Vec<Option<Box<str>>>,
    pub(super) rows: Vec<u64>,
    pub(super) omitted: usize,
}

/// One side as it was read.
pub(super) struct Side {
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) columns: Vec<SideColumn>,
}

/// One column of it.
pub(super) struct SideColumn {
    pub(super) profile: Profile,
    pub(super) groups: Vec<Profile>,
    /// A coder of its own, for a baseline.
    pub(super) coder: Option<Coder>,
    pub(super) codes: Vec<u8>,
}

/// What is to be read of a table.
pub(super) struct Reading<'a> {
    pub(super) argument: &'static str,
    /// The columns of the table to read.
    pub(super) places: &'a [usize],
    /// Those of the baseline, for the current side.
    pub(super) coders: Option<Vec<&'a Coder>>,
    pub(super) groups: Option<&'a Groups>,
    pub(super) threads: Option<usize>,
    pub(super) seed: u64,
}

/// From so many cells on, several threads pay.
const SHARE_FROM: usize = 50_000;

impl Reading<'_> {
    /// Reads a table, a column at a time.
    ///
    /// # Errors
    /// `EmptySample` for a table without rows; those of the table.
    pub(super) fn read(&self, table: &mut dyn Table, host: &dyn Host) -> Result<Side> {
        let rows = table.n_rows();
        if rows == 0 {
            return Err(no_rows(self.argument));
        }
        let drawn = Lots::new(self.seed).draw(rows);
        let hashes = parking_lot::Mutex::new(Vec::<RowHashes>::new());
        let names: Vec<String> = self
            .places
            .iter()
            .map(|&place| table.names().get(place).cloned().unwrap_or_default())
            .collect();
        let work = |index: usize, data: ColumnData| {
            let column = Column::read(data);
            let taken = hashes.lock().pop();
            let mut own = taken.unwrap_or_else(|| RowHashes::new(rows));
            column.mix_into(&mut own, names.get(index).map_or("", String::as_str));
            hashes.lock().push(own);
            let groups = self
                .groups
                .map(|groups| groups.split(&column))
                .unwrap_or_default();
            let groups = groups.into_iter().map(Profile::of).collect();
            let known = self.coders.as_ref().and_then(|coders| coders.get(index));
            if let Some(coder) = known {
                let codes = coder.codes(&column, &drawn);
                return SideColumn {
                    codes,
                    groups,
                    coder: None,
                    profile: Profile::of(column),
                };
            }
            let sampled = column.take(&drawn);
            let all: Vec<usize> = (0..drawn.len()).collect();
            let profile = Profile::of(column);
            let coder = Coder::of(&profile);
            let codes = coder.codes(&sampled, &all);
            SideColumn {
                profile,
                groups,
                coder: Some(coder),
                codes,
            }
        };
        let threads = threads(self.threads, rows.saturating_mul(self.places.len()));
        let read = |index: usize| match self.places.get(index) {
            Some(&place) => table.column(place),
            None => Ok(ColumnData::Arrays(Vec::new())),
        };
        let columns = each_column(host, threads, self.places.len(), read, work)?;
        let mut hashes = hashes.into_inner();
        let mut duplicate_rows = 0;
        host.aside(&mut || {
            let all = hashes.drain(..).reduce(|mut sum, other| {
                sum.merge(&other);
                sum
            });
            let mut counts = RowCounts::with_capacity(rows);
            for &hash in all.iter().flat_map(|all| all.hashes()) {
                counts.add(hash);
            }
            duplicate_rows = counts.duplicates().rows;
        });
        Ok(Side {
            rows: rows as u64,
            duplicate_rows,
            columns,
        })
    }
}

/// How many threads for so many cells.
pub(super) fn threads(asked: Option<usize>, cells: usize) -> usize {
    if cells < SHARE_FROM {
        return 1;
    }
    asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

fn no_rows(argument: &'static str) -> Error {
    Error::EmptySample {
        argument: argument.into(),
        got: "a table without rows".to_owned(),
        allowed: "a table with at least one row".into(),
    }
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
        let place_of = |argument: &'static str, name: &str| place_of(argument, name, &names);
        let mut groups = None;
        let mut segments = None;
        if let Some(name) = &settings.segments {
            let column = Column::read(table.column(place_of("segments", name)?)?);
            let labels = Groups::labels("segments", name, &column)?;
            let (of_rows, names) = Groups::of_baseline(&labels);
            segments = Some(PlannedSegments {
                names,
                rows: of_rows.rows.clone(),
                omitted: of_rows.omitted,
            });
            groups = Some(of_rows);
        }
        let reading = Reading {
            argument: "baseline",
            places: &places,
            coders: None,
            groups: groups.as_ref(),
            threads: settings.threads,
            seed: settings.seed,
        };
        let side = reading.read(table, host)?;
        let mut plan = Self::of(settings, side, &names, &places);
        plan.segments = segments;
        if let (Some(pair), Some(paired)) = (plan.settings.pair(&names)?, plan.paired()) {
            let mut performance = Performance::default();
            let (target, prediction) = (table.column(pair.0)?, table.column(pair.1)?);
            paired.add(
                &mut performance,
                &Column::read(target),
                &Column::read(prediction),
            )?;
            plan.performance = Some((paired, performance));
        }
        Ok(plan)
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
        let names = batches.names().to_vec();
        let places = settings.places(&names)?;
        let asked = (settings.threads, settings.seed);
        let side = stream::read("baseline", batches, &places, None, asked, host)?;
        Ok(Self::of(settings, side, &names, &places))
    }

    fn of(settings: Settings, side: Side, names: &[String], places: &[usize]) -> Self {
        let columns = side.columns.into_iter().zip(places);
        let planned = columns.map(|(column, &place)| Planned {
            name: names.get(place).cloned().unwrap_or_default(),
            coder: column.coder.unwrap_or(Coder::Nothing),
            profile: column.profile,
            codes: column.codes,
            groups: column.groups,
        });
        Self {
            columns: planned.collect(),
            rows: side.rows,
            duplicate_rows: side.duplicate_rows,
            segments: None,
            performance: None,
            settings,
        }
    }

    /// What target and prediction are taken for.
    fn paired(&self) -> Option<Paired> {
        let profile = |name: &Option<String>| {
            let name = name.as_deref()?;
            self.columns
                .iter()
                .find(|column| column.name == name)
                .map(|column| &column.profile)
        };
        Paired::of(
            profile(&self.settings.target)?,
            profile(&self.settings.prediction)?,
        )
    }

    /// How many rows the baseline has.
    pub fn n_rows(&self) -> u64 {
        self.rows
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
    /// The places of the columns to compare, ascending.
    fn places(&self, names: &[String]) -> Result<Vec<usize>> {
        let mut places = match &self.columns {
            None => (0..names.len()).collect(),
            Some(wanted) => {
                let places = wanted.iter().map(|name| place_of("columns", name, names));
                places.collect::<Result<Vec<usize>>>()?
            }
        };
        for (argument, name) in [("target", &self.target), ("prediction", &self.prediction)] {
            if let Some(name) = name {
                let place = place_of(argument, name, names)?;
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        for name in self.tests.columns() {
            place_of("tests", name, names)?;
        }
        for (name, weight) in &self.weights {
            place_of("weights", name, names)?;
            if !(weight.is_finite() && *weight > 0.0) {
                let got = format!("{weight} for \"{name}\"");
                return Err(Error::invalid_value(
                    "weights",
                    got,
                    "positive finite numbers",
                ));
            }
        }
        if places.is_empty() {
            let allowed = "a table with at least one column to compare";
            return Err(Error::invalid_value("baseline", "no columns", allowed));
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Where a table has the target and the prediction, when both are asked for.
    pub(super) fn pair(&self, names: &[String]) -> Result<Option<(usize, usize)>> {
        let (Some(target), Some(prediction)) = (&self.target, &self.prediction) else {
            return Ok(None);
        };
        let target = place_of("target", target, names)?;
        Ok(Some((target, place_of("prediction", prediction, names)?)))
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
