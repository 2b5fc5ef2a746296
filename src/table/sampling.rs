//! A sample of rows for the multivariate verdict, and what is kept of it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::column::Column;
use super::profile::{LabelCounts, Profile, Values};
use super::rows::scramble;

/// How many rows of a side are looked at, at most, in a table of so many columns: 4,000, with
/// which a table that has not drifted is called so nearly always, fewer where there are
/// many columns.
pub(super) fn sample_size(columns: usize) -> usize {
    (240_000 / columns.max(1)).clamp(1_000, 4_000)
}

/// The code of what is missing; the others are below.
pub(super) const MISSING: u8 = 63;

/// A number for a row that says nothing of the row: SplitMix64's sequence from `seed`.
fn lot(seed: u64, row: u64) -> u64 {
    scramble(seed.wrapping_add(row.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// The rows of the smallest lots, as they come by.
#[derive(Debug)]
pub(super) struct Lots {
    seed: u64,
    size: usize,
    /// Of the sampled rows: lot and place.
    drawn: Vec<(u64, u64)>,
    seen: u64,
}

impl Lots {
    pub(super) fn new(seed: u64, size: usize) -> Self {
        Self {
            seed,
            size,
            drawn: Vec::new(),
            seen: 0,
        }
    }

    /// The rows of the next `rows` that are drawn so far (from 0 within them), ascending.
    pub(super) fn draw(&mut self, rows: usize) -> Vec<usize> {
        let start = self.seen;
        self.seen += rows as u64;
        if self.size == 0 {
            return Vec::new();
        }
        let mut limit = u64::MAX;
        for row in start..self.seen {
            let lot = lot(self.seed, row);
            if lot > limit {
                continue;
            }
            self.drawn.push((lot, row));
            if self.drawn.len() >= 4 * self.size {
                self.keep_smallest();
                limit = self
                    .drawn
                    .iter()
                    .map(|&(lot, _)| lot)
                    .max()
                    .unwrap_or(limit);
            }
        }
        self.keep_smallest();
        let mut of_these: Vec<usize> = self
            .drawn
            .iter()
            .filter_map(|&(_, row)| usize::try_from(row.checked_sub(start)?).ok())
            .collect();
        of_these.sort_unstable();
        of_these
    }

    fn keep_smallest(&mut self) {
        if self.drawn.len() > self.size {
            self.drawn.select_nth_unstable(self.size);
            self.drawn.truncate(self.size);
        }
    }
}

impl Lots {
    /// The rows drawn, ascending.
    pub(super) fn rows(&self) -> Vec<u64> {
        let mut rows: Vec<u64> = self.drawn.iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    }
}

/// How a column's values are coded: by the quantiles of the baseline, or by its most
/// frequent labels.
#[derive(Debug)]
pub(super) enum Coder {
    Numbers(Vec<f64>),
    Labels(HashMap<Box<str>, u8, FixedState>),
    Nothing,
}

impl Coder {
    pub(super) fn of(profile: &Profile) -> Self {
        match &profile.values {
            Values::Numbers(numbers) => Self::of_numbers(numbers.values()),
            Values::Times(times) => Self::of_numbers(times.seconds.values()),
            Values::Labels(labels) => Self::of_labels(labels),
            Values::Nothing | Values::Unusable(_) => Self::Nothing,
        }
    }

    /// Edges between 63 bins.
    fn of_numbers(values: &[f64]) -> Self {
        let bins = usize::from(MISSING);
        let edge = |k: usize| values.get(k * values.len() / bins).copied();
        let mut edges: Vec<f64> = (1..bins).filter_map(edge).collect();
        edges.dedup();
        Self::Numbers(edges)
    }

    /// The 62 most frequent ones; the others, and those not seen yet, are the last.
    fn of_labels(labels: &LabelCounts) -> Self {
        let mut order: Vec<_> = labels.iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let codes = order.into_iter().zip(0..MISSING - 1);
        Self::Labels(
            codes
                .map(|((label, _), code)| (label.into(), code))
                .collect(),
        )
    }

    pub(super) fn is_ordered(&self) -> bool {
        matches!(self, Self::Numbers(_))
    }

    /// The codes of these rows of a column.
    pub(super) fn codes(&self, column: &Column, rows: &[usize]) -> Vec<u8> {
        let number = |edges: &[f64], value: f64| {
            if value.is_nan() {
                MISSING
            } else {
                edges.partition_point(|edge| *edge <= value) as u8
            }
        };
        let code = |row: &usize| match (self, column) {
            (Self::Numbers(edges), Column::Numbers(values)) => {
                values.get(*row).map(|&value| number(edges, value))
            }
            (Self::Numbers(edges), Column::Times(times)) => {
                times.seconds.get(*row).map(|&value| number(edges, value))
            }
            (Self::Labels(codes), Column::Labels(labels)) => {
                let label = labels
                    .codes
                    .get(*row)
                    .and_then(|&code| labels.labels.get(code as usize));
                label.map(|label| codes.get(label).copied().unwrap_or(MISSING - 1))
            }
            _ => None,
        };
        rows.iter()
            .map(|row| code(row).unwrap_or(MISSING))
            .collect()
    }
}
