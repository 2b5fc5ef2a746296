//! Rows in groups: by a column's values, or by periods of time.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::column::{Column, Labels, Times};
use super::periods::Every;
use crate::error::{Error, Result};

/// A row of no group.
pub(super) const NONE: u32 = u32::MAX;

/// So many groups are compared.
pub(super) const MOST: usize = 50;

/// Which group each row belongs to.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) of_row: Vec<u32>,
    pub(super) rows: Vec<u64>,
    /// How many groups are left out.
    pub(super) omitted: usize,
}

impl Groups {
    /// The labels of a column that makes groups; `None` stands for missing.
    ///
    /// # Errors
    /// `InvalidValue` for a column that has no labels.
    pub(super) fn labels(argument: &'static str, name: &str, column: &Column) -> Result<Labels> {
        let refused = |what: &str| {
            let got = format!("\"{name}\", {what}");
            let allowed = "the name of a column of labels or of whole numbers that name groups";
            Err(Error::invalid_value(argument, got, allowed))
        };
        match column {
            Column::Labels(labels) => Ok(Labels {
                codes: labels.codes.clone(),
                labels: labels.labels.clone(),
            }),
            Column::Numbers(values) if values.iter().all(|x| x.is_nan() || x.fract() == 0.0) => {
                Ok(Labels::of_numbers(values))
            }
            Column::Numbers(_) => refused("a column of fractions"),
            Column::Times(_) => refused("a column of times (see compare_periods)"),
            Column::Missing(_) => refused("a column of missing values"),
            Column::Unusable(reason) => refused(reason),
        }
    }

    /// The largest groups of a baseline, and their names.
    pub(super) fn of_baseline(labels: &Labels) -> (Self, Vec<Option<Box<str>>>) {
        let mut counts: HashMap<u32, u64, FixedState> = HashMap::default();
        for &code in &labels.codes {
            *counts.entry(code).or_default() += 1;
        }
        let name = |code: u32| labels.labels.get(code as usize).cloned();
        let mut order: Vec<_> = counts
            .into_iter()
            .map(|(code, rows)| (rows, name(code)))
            .collect();
        order.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let names: Vec<_> = order.into_iter().take(MOST).map(|(_, name)| name).collect();
        (Self::by_names(labels, &names), names)
    }

    /// The names of the largest groups that are none of `names`: at most so many that there
    /// are [`MOST`] together.
    pub(super) fn added(labels: &Labels, names: &[Option<Box<str>>]) -> Vec<Option<Box<str>>> {
        let (_, all) = Self::of_baseline(labels);
        let new = all.into_iter().filter(|name| !names.contains(name));
        new.take(MOST.saturating_sub(names.len())).collect()
    }

    /// The same groups in other rows.
    pub(super) fn by_names(labels: &Labels, names: &[Option<Box<str>>]) -> Self {
        let places: HashMap<Option<&str>, u32, FixedState> = names
            .iter()
            .zip(0..)
            .map(|(name, place)| (name.as_deref(), place))
            .collect();
        let place = |label: Option<&str>| places.get(&label).copied().unwrap_or(NONE);
        let by_code: Vec<u32> = labels
            .labels
            .iter()
            .map(|label| place(Some(label)))
            .collect();
        let missing = place(None);
        let of_row = labels
            .codes
            .iter()
            .map(|&code| by_code.get(code as usize).copied().unwrap_or(missing));
        let of_row: Vec<u32> = of_row.collect();
        // Labels that no row has are no groups.
        let mut left: Vec<Option<u32>> = labels
            .codes
            .iter()
            .zip(&of_row)
            .filter(|(_, place)| **place == NONE)
            .map(|(&code, _)| labels.labels.get(code as usize).map(|_| code))
            .collect();
        left.sort_unstable();
        left.dedup();
        Self::new(of_row, names.len(), left.len())
    }

    /// By the periods that times fall in, which come in the order of time.
    pub(super) fn by_periods(times: &Times, every: Every) -> (Self, Vec<String>) {
        let periods: Vec<Option<i64>> = times.seconds.iter().map(|&s| every.period(s)).collect();
        let mut occurring: Vec<i64> = periods.iter().copied().flatten().collect();
        occurring.sort_unstable();
        occurring.dedup();
        let of_row = periods.iter().map(|period| {
            let place = period.and_then(|period| occurring.binary_search(&period).ok());
            place.map_or(NONE, |place| place as u32)
        });
        let groups = Self::new(of_row.collect(), occurring.len(), 0);
        (
            groups,
            occurring
                .into_iter()
                .map(|period| every.name(period))
                .collect(),
        )
    }

    fn new(of_row: Vec<u32>, len: usize, omitted: usize) -> Self {
        let mut rows = vec![0; len];
        for &group in &of_row {
            if let Some(rows) = rows.get_mut(group as usize) {
                *rows += 1;
            }
        }
        Self {
            of_row,
            rows,
            omitted,
        }
    }

    /// The rows of a column, group by group.
    pub(super) fn split(&self, column: &Column) -> Vec<Column> {
        let split = |values: &[f64]| {
            let mut parts: Vec<Vec<f64>> = self
                .rows
                .iter()
                .map(|&rows| Vec::with_capacity(rows as usize))
                .collect();
            for (&group, &value) in self.of_row.iter().zip(values) {
                if let Some(part) = parts.get_mut(group as usize) {
                    part.push(value);
                }
            }
            parts
        };
        match column {
            Column::Numbers(values) => split(values).into_iter().map(Column::Numbers).collect(),
            Column::Labels(labels) => {
                let mut parts = vec![Vec::new(); self.rows.len()];
                for (&group, &code) in self.of_row.iter().zip(&labels.codes) {
                    if let Some(part) = parts.get_mut(group as usize) {
                        part.push(code);
                    }
                }
                parts
                    .into_iter()
                    .map(|codes| Column::Labels(labels.compact(codes)))
                    .collect()
            }
            Column::Times(times) => {
                let mut parts: Vec<Times> = self.rows.iter().map(|_| Times::default()).collect();
                let rows = times
                    .seconds
                    .iter()
                    .zip(times.hours.iter().zip(&times.weekdays));
                for (&group, (&seconds, (&hour, &weekday))) in self.of_row.iter().zip(rows) {
                    if let Some(part) = parts.get_mut(group as usize) {
                        part.seconds.push(seconds);
                        part.hours.push(hour);
                        part.weekdays.push(weekday);
                    }
                }
                parts.into_iter().map(Column::Times).collect()
            }
            Column::Missing(_) => self
                .rows
                .iter()
                .map(|&rows| Column::Missing(rows as usize))
                .collect(),
            Column::Unusable(reason) => self
                .rows
                .iter()
                .map(|_| Column::Unusable(reason.clone()))
                .collect(),
        }
    }
}
