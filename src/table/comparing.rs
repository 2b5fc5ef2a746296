//! Tables compared: with a plan, or both at once.

use std::collections::{HashMap, HashSet};

use super::column::Column;
use super::compare::compare;
use super::crew::{Crew, each_column};
use super::groups::Groups;
use super::judge::{Base, Current, Outcome, quoted, report};
use super::paired::Paired;
use super::periods::Periods;
use super::plan::{Plan, Planned, Settings, unknown};
use super::report::{Report, SchemaReport};
use super::side::{Reading, SideColumn, SideReader};
use super::stream;
use super::{Batches, ColumnData, Host, Table};
use crate::error::{Error, Result};

/// So many periods are compared at most.
const MOST_PERIODS: usize = 2_000;

/// Compares two tables: the same report as that of [`Plan::fit`] and [`Plan::compare`], with
/// no more than one column of both in memory for each thread.
///
/// # Errors
/// Those of [`Plan::fit`] and [`Plan::compare_periods`].
/// # Cost
/// O(n log n + m log m) a column.
pub fn compare_tables(
    settings: Settings,
    baseline: &mut dyn Table,
    current: &mut dyn Table,
    periods: Option<&Periods>,
    host: &dyn Host,
) -> Result<Report> {
    let names = baseline.names().to_vec();
    let places = settings.places(&names)?;
    let wanted = places
        .iter()
        .filter_map(|&place| names.get(place).map(String::as_str));
    let matching = Matching::new(wanted.collect(), current.names(), &settings)?;
    let of_baseline = settings.groups(baseline, host)?;
    let (segments, baseline_groups) = match of_baseline {
        Some((segments, groups)) => (Some(segments), Some(groups)),
        None => (None, None),
    };
    let named = segments.as_ref().map(|segments| segments.names.as_slice());
    let mut beside = Current::cut(&settings, named, current, periods, host)?;
    let (rows, current_rows) = (baseline.n_rows(), current.n_rows());
    let ours = SideReader::new(
        "baseline",
        rows,
        settings.lots(places.len()),
        baseline_groups.as_ref(),
    )?;
    let theirs = SideReader::new(
        "current",
        current_rows,
        settings.lots(places.len()),
        beside.groups.as_ref(),
    )?;
    let at = |index: usize| {
        let shared = matching.shared.get(index)?;
        places.get(*shared).copied()
    };
    let at = |index: usize| at(index).unwrap_or_default();
    let name = |index: usize| names.get(at(index)).cloned().unwrap_or_default();
    let kept = settings.reading();
    let cells = rows
        .saturating_add(current_rows)
        .saturating_mul(matching.shared.len());
    let outcomes = each_column(
        host,
        Crew::new(&settings, cells),
        matching.shared.len(),
        |index| {
            let theirs = matching.of_table.get(index).copied().unwrap_or_default();
            Ok((baseline.column(at(index))?, current.column(theirs)?))
        },
        |index, (data, current_data): (ColumnData, ColumnData)| {
            let name = name(index);
            let column = ours.take(&name, data, &kept);
            let mut planned = Planned::new(name, column);
            let reading = Reading::Current(&planned.coder);
            let side = theirs.take(&planned.name, current_data, &reading);
            let codes = std::mem::take(&mut planned.codes);
            planned.outcome(side, codes, &settings, periods)
        },
    )?;
    let outcomes = outcomes.into_iter().collect::<Result<Vec<Outcome>>>()?;
    // A plan is told of all rows of the baseline, also of columns that are not shared.
    for (index, &place) in places.iter().enumerate() {
        if !matching.shared.contains(&index) {
            ours.take(
                names.get(place).map_or("", String::as_str),
                baseline.column(place)?,
                &kept,
            );
        }
    }
    let duplicate_rows = ours.duplicate_rows(host);
    beside.rows = current_rows as u64;
    beside.duplicate_rows = theirs.duplicate_rows(host);
    let performance = match settings.performance(baseline, host)? {
        None => None,
        Some(Ok(performance)) => Some(performance),
        Some(Err(reason)) => {
            beside.no_performance = Some(reason);
            None
        }
    };
    let paired = performance.as_ref().map(|(paired, _)| *paired);
    beside.take_performance(&settings, paired, current, host)?;
    let base = Base {
        settings: &settings,
        rows: rows as u64,
        duplicate_rows,
        segments: segments.as_ref(),
        performance: performance.as_ref(),
    };
    judged(outcomes, matching.schema, &base, &beside, host)
}

impl Plan {
    /// Compares a table with the baseline.
    ///
    /// # Errors
    /// `EmptySample` for a table without rows; `InvalidValue` when it shares no column with
    /// the baseline or lacks the one that makes segments; those of the tests and of the
    /// table, and `Interrupted`.
    /// # Cost
    /// O(m log m + n + m) a column; no more than one column for each thread in memory.
    pub fn compare(&self, table: &mut dyn Table, host: &dyn Host) -> Result<Report> {
        self.compare_by(table, None, host)
    }

    /// The same, and period by period.
    ///
    /// # Errors
    /// Those of [`Plan::compare`]; `InvalidValue` for a column of `periods` that is none of
    /// times.
    pub fn compare_periods(
        &self,
        table: &mut dyn Table,
        periods: &Periods,
        host: &dyn Host,
    ) -> Result<Report> {
        self.compare_by(table, Some(periods), host)
    }

    /// Compares a table that comes in batches with the baseline: the same report as that
    /// of the whole table, as long as no column has more than 262,144 different numbers;
    /// beyond, ranks are within 0.1 % and the column is flagged `"approximate"`.
    ///
    /// # Errors
    /// Those of [`Plan::compare`]; `InvalidType` for a plan with segments, or with both
    /// target and prediction.
    pub fn compare_batches(&self, batches: &mut dyn Batches, host: &dyn Host) -> Result<Report> {
        let refused = |allowed: &'static str| {
            let got = "a stream of batches larger than memory";
            Err(Error::invalid_type("current", got, allowed))
        };
        if self.segments.is_some() {
            return refused("a table at hand, to compare segments");
        }
        if self.performance.is_some() {
            return refused("a table at hand, to compare predictions with targets");
        }
        let matching = Matching::new(self.columns().collect(), batches.names(), &self.settings)?;
        let planned = || {
            matching
                .shared
                .iter()
                .filter_map(|&place| self.columns.get(place))
        };
        let readings: Vec<_> = planned()
            .map(|column| Reading::Current(&column.coder))
            .collect();
        let asked = (
            self.settings.threads,
            self.settings.lots(self.columns.len()),
        );
        let side = stream::read(
            "current",
            batches,
            &matching.of_table,
            &readings,
            asked,
            host,
        )?;
        let beside = Current {
            rows: side.rows,
            duplicate_rows: side.duplicate_rows,
            ..Current::default()
        };
        let columns: Vec<_> = planned().zip(side.columns).collect();
        let outcomes = columns.into_iter().map(|(planned, column)| {
            planned.outcome(column, planned.codes.clone(), &self.settings, None)
        });
        let outcomes = outcomes.collect::<Result<Vec<Outcome>>>()?;
        judged(outcomes, matching.schema, &self.base(), &beside, host)
    }

    fn compare_by(
        &self,
        table: &mut dyn Table,
        periods: Option<&Periods>,
        host: &dyn Host,
    ) -> Result<Report> {
        let matching = Matching::new(self.columns().collect(), table.names(), &self.settings)?;
        let named = self
            .segments
            .as_ref()
            .map(|segments| segments.names.as_slice());
        let mut beside = Current::cut(&self.settings, named, table, periods, host)?;
        let rows = table.n_rows();
        let reader = SideReader::new(
            "current",
            rows,
            self.settings.lots(self.columns.len()),
            beside.groups.as_ref(),
        )?;
        let planned: Vec<&Planned> = matching
            .shared
            .iter()
            .filter_map(|&place| self.columns.get(place))
            .collect();
        let outcomes = each_column(
            host,
            Crew::new(&self.settings, rows.saturating_mul(planned.len())),
            planned.len(),
            |index| table.column(matching.of_table.get(index).copied().unwrap_or_default()),
            |index, data| {
                let planned = planned.get(index)?;
                let reading = Reading::Current(&planned.coder);
                let side = reader.take(&planned.name, data, &reading);
                let codes = planned.codes.clone();
                Some(planned.outcome(side, codes, &self.settings, periods))
            },
        )?;
        let outcomes = outcomes
            .into_iter()
            .flatten()
            .collect::<Result<Vec<Outcome>>>()?;
        beside.rows = rows as u64;
        beside.duplicate_rows = reader.duplicate_rows(host);
        let paired = self.performance.as_ref().map(|(paired, _)| *paired);
        beside.no_performance = self.no_performance.clone();
        beside.take_performance(&self.settings, paired, table, host)?;
        judged(outcomes, matching.schema, &self.base(), &beside, host)
    }

    pub(super) fn base(&self) -> Base<'_> {
        Base {
            settings: &self.settings,
            rows: self.rows,
            duplicate_rows: self.duplicate_rows,
            segments: self.segments.as_ref(),
            performance: self.performance.as_ref(),
        }
    }
}

impl Planned {
    /// Compares the current side of the column with it.
    pub(super) fn outcome(
        &self,
        current: SideColumn,
        codes: Vec<u8>,
        settings: &Settings,
        periods: Option<&Periods>,
    ) -> Result<Outcome> {
        let tests = &settings.tests;
        // The column that the groups are made by has one value, or one period, in each.
        let cut_by = match periods {
            Some(periods) => Some(periods.by.as_str()),
            None => settings.segments.as_deref(),
        };
        let is_cut_by = cut_by == Some(self.name.as_str());
        let kind = Some(self.profile.kind());
        let groups = current.groups.iter().enumerate().map(|(group, profile)| {
            let own = match periods {
                Some(_) => Some(&self.profile),
                None => self.groups.get(group),
            };
            let own = own.filter(|_| !is_cut_by);
            own.map(|own| compare(&self.name, own, profile, tests, kind))
                .transpose()
        });
        Ok(Outcome {
            name: self.name.clone(),
            groups: groups.collect::<Result<_>>()?,
            comparison: compare(&self.name, &self.profile, &current.profile, tests, None)?,
            codes: [codes, current.codes],
            ordered: self.coder.is_ordered(),
        })
    }
}

impl<'a> Current<'a> {
    /// What a table is cut by.
    fn cut(
        settings: &Settings,
        segments: Option<&[Option<Box<str>>]>,
        table: &mut dyn Table,
        periods: Option<&'a Periods>,
        host: &dyn Host,
    ) -> Result<Self> {
        let (argument, name) = match (periods, &settings.segments, segments) {
            (Some(periods), ..) => ("by", &periods.by),
            (None, Some(name), Some(_)) => ("segments", name),
            _ => return Ok(Self::default()),
        };
        let names = table.names();
        let place = names.iter().position(|other| other == name);
        let place = place.ok_or_else(|| unknown(argument, name, names))?;
        let mut data = Some(table.column(place)?);
        let mut cut = Ok(Self::default());
        host.aside(&mut || {
            if let Some(column) = data.take().map(Column::read) {
                cut = match (periods, segments) {
                    (Some(periods), _) => Self::by_periods(periods, &column),
                    (None, segments) => {
                        Self::by_segments(name, segments.unwrap_or_default(), &column)
                    }
                };
            }
        });
        cut
    }

    fn by_periods(periods: &'a Periods, column: &Column) -> Result<Self> {
        let Column::Times(times) = column else {
            let got = format!("\"{}\", which is no column of times", periods.by);
            let allowed = "the name of a column of dates or timestamps";
            return Err(Error::invalid_value("by", got, allowed));
        };
        let (groups, names) = Groups::by_periods(times, periods.every);
        if names.len() > MOST_PERIODS {
            let got = format!(
                "\"{}\", which makes {} periods",
                periods.every.as_name(),
                names.len()
            );
            let allowed = format!("longer periods, of which there are at most {MOST_PERIODS}");
            return Err(Error::invalid_value("every", got, allowed));
        }
        Ok(Self {
            groups: Some(groups),
            periods: Some((periods, names)),
            ..Self::default()
        })
    }

    fn by_segments(name: &str, groups: &[Option<Box<str>>], column: &Column) -> Result<Self> {
        let labels = Groups::labels("segments", name, column)?;
        let added = Groups::added(&labels, groups);
        let all: Vec<_> = groups.iter().chain(&added).cloned().collect();
        Ok(Self {
            groups: Some(Groups::by_names(&labels, &all)),
            added,
            ..Self::default()
        })
    }

    /// What the predictions make of the targets, or why that cannot be said.
    fn take_performance(
        &mut self,
        settings: &Settings,
        paired: Option<Paired>,
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<()> {
        match settings.performance_as(paired, table, host)? {
            Some(Ok(performance)) => self.performance = Some(performance),
            Some(Err(reason)) => self.no_performance = Some(reason),
            None => {}
        }
        Ok(())
    }
}

/// The columns of a baseline that a table has.
struct Matching {
    /// Their places among those of the baseline, ascending.
    shared: Vec<usize>,
    /// Their places in the table.
    of_table: Vec<usize>,
    schema: SchemaReport,
}

impl Matching {
    fn new(baseline: Vec<&str>, table: &[String], settings: &Settings) -> Result<Self> {
        let places: HashMap<&str, usize> = table.iter().map(String::as_str).zip(0..).collect();
        let (mut shared, mut of_table) = (Vec::new(), Vec::new());
        let mut schema = SchemaReport::default();
        for (place, name) in baseline.iter().enumerate() {
            match places.get(name) {
                Some(&at) => {
                    shared.push(place);
                    of_table.push(at);
                }
                None => schema.missing.push((*name).to_owned()),
            }
        }
        if shared.is_empty() {
            let own: Vec<String> = baseline.iter().map(|name| (*name).to_owned()).collect();
            let got = format!("a table with columns {}", quoted(table));
            let allowed = format!("at least one column of the baseline: {}", quoted(&own));
            return Err(Error::invalid_value("current", got, allowed));
        }
        if settings.columns.is_none() {
            let known: HashSet<&str> = baseline.into_iter().collect();
            let new = table.iter().filter(|name| !known.contains(name.as_str()));
            schema.new = new.cloned().collect();
        }
        Ok(Self {
            shared,
            of_table,
            schema,
        })
    }
}

/// The report; tests of the host's have run before.
pub(super) fn judged(
    outcomes: Vec<Outcome>,
    schema: SchemaReport,
    base: &Base<'_>,
    current: &Current<'_>,
    host: &dyn Host,
) -> Result<Report> {
    let mut parts = Some((outcomes, schema));
    let mut made = None;
    host.aside(&mut || {
        made = parts
            .take()
            .map(|(outcomes, schema)| report(outcomes, schema, base, current));
    });
    made.unwrap_or(Err(Error::Interrupted))
}
