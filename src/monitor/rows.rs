//! The rows of a window, kept: a table again when a report is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, NullArray, StringArray, TimestampMicrosecondArray};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::table::bins::Cells;
use crate::table::{ColumnData, Table};

/// More labels than this beyond twice the rows are sorted out.
const SPARE_LABELS: usize = 1024;

/// What the cells of a column have been so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) enum Held {
    #[default]
    Nothing,
    Numbers,
    /// A cell is a place among them.
    Labels(Labels),
    /// A cell is seconds since 1970.
    Times(Option<Arc<str>>),
}

/// Labels by number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Arc<str>>", into = "Vec<Arc<str>>")]
pub(super) struct Labels {
    pub(super) all: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32, FixedState>,
}

impl From<Vec<Arc<str>>> for Labels {
    fn from(all: Vec<Arc<str>>) -> Self {
        let mut labels = Self::default();
        for label in &all {
            labels.place(label);
        }
        labels
    }
}

impl From<Labels> for Vec<Arc<str>> {
    fn from(labels: Labels) -> Self {
        labels.all
    }
}

impl Labels {
    pub(super) fn place(&mut self, label: &str) -> f64 {
        if let Some(place) = self.places.get(label) {
            return f64::from(*place);
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let label: Arc<str> = label.into();
        self.all.push(label.clone());
        self.places.insert(label, place);
        f64::from(place)
    }
}

/// A ring of rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rows {
    pub(super) capacity: usize,
    pub(super) columns: Vec<Held>,
    /// Row by row; NaN is missing.
    cells: Vec<f64>,
    codes: Vec<u8>,
    /// The oldest row, when full.
    oldest: usize,
    len: usize,
    /// Columns that nothing is known of yet, at least so many as there are.
    undecided: usize,
}

impl Rows {
    pub(super) fn new(capacity: usize, columns: usize) -> Self {
        Self {
            capacity,
            columns: vec![Held::Nothing; columns],
            cells: Vec::new(),
            codes: Vec::new(),
            oldest: 0,
            len: 0,
            undecided: columns,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What is there of a row of numbers is numbers.
    #[inline]
    pub(super) fn are_numbers(&mut self, row: &[f64]) {
        if self.undecided == 0 {
            return;
        }
        for (held, value) in self.columns.iter_mut().zip(row) {
            if matches!(held, Held::Nothing) && !value.is_nan() {
                *held = Held::Numbers;
            }
        }
        let undecided = self
            .columns
            .iter()
            .filter(|held| matches!(held, Held::Nothing));
        self.undecided = undecided.count();
    }

    /// The codes of the row that the next one takes the place of.
    pub(super) fn leaving(&self) -> Option<&[u8]> {
        if self.len < self.capacity {
            return None;
        }
        let width = self.columns.len();
        self.codes
            .get(self.oldest * width..(self.oldest + 1) * width)
    }

    pub(super) fn push(&mut self, cells: &[f64], codes: &[u8]) {
        let width = self.columns.len();
        if self.len < self.capacity {
            self.cells.extend_from_slice(cells);
            self.codes.extend_from_slice(codes);
            self.len += 1;
            return;
        }
        let place = self.oldest * width..(self.oldest + 1) * width;
        if let Some(old) = self.cells.get_mut(place.clone()) {
            old.copy_from_slice(cells);
        }
        if let Some(old) = self.codes.get_mut(place) {
            old.copy_from_slice(codes);
        }
        self.oldest += 1;
        if self.oldest == self.capacity {
            self.oldest = 0;
            self.forget_labels();
        }
    }

    /// Whether a window of so many columns and rows can be like this.
    pub(super) fn is_possible(&self, columns: usize, rows: u64) -> bool {
        let cells = self.len.checked_mul(columns);
        let oldest = if self.len < self.capacity {
            self.oldest == 0
        } else {
            self.oldest < self.capacity
        };
        self.columns.len() == columns
            && self.len as u64 == rows
            && self.len <= self.capacity
            && oldest
            && cells == Some(self.cells.len())
            && cells == Some(self.codes.len())
            && self.undecided <= columns
    }

    /// Labels that have left the window are let go of.
    fn forget_labels(&mut self) {
        let (width, most) = (self.columns.len(), 2 * self.capacity + SPARE_LABELS);
        for (column, held) in self.columns.iter_mut().enumerate() {
            let Held::Labels(labels) = held else { continue };
            if labels.all.len() <= most {
                continue;
            }
            let mut kept = Labels::default();
            for cell in self.cells.iter_mut().skip(column).step_by(width) {
                if let Some(label) = label(labels, *cell) {
                    *cell = kept.place(&label.clone());
                }
            }
            *labels = kept;
        }
    }

    /// Whether the oldest row is where it is after so many rows.
    pub(super) fn is_at(&self, rows: u64) -> bool {
        self.len < self.capacity || self.oldest as u64 == rows % self.capacity as u64
    }

    /// Writes one cell of the row at a place of the ring.
    pub(super) fn set(&mut self, place: usize, column: usize, cell: f64) {
        if let Some(to) = self.cells.get_mut(place * self.columns.len() + column) {
            *to = cell;
        }
    }

    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.codes.clear();
        (self.oldest, self.len) = (0, 0);
        for held in &mut self.columns {
            if let Held::Labels(labels) = held {
                *labels = Labels::default();
            }
        }
    }

    /// Cells and codes of all rows, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[f64], &[u8])> {
        let width = self.columns.len();
        let order = (self.oldest..self.len).chain(0..self.oldest);
        order.filter_map(move |row| {
            let place = row * width..(row + 1) * width;
            Some((self.cells.get(place.clone())?, self.codes.get(place)?))
        })
    }

    /// Adds the rows of another, after its own; the window becomes as large as both.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let mut both = Self::new(self.capacity + other.capacity, self.columns.len());
        for part in [self, other] {
            let mut row = vec![f64::NAN; part.columns.len()];
            for (cells, codes) in part.iter() {
                for ((to, &from), (all, own)) in row
                    .iter_mut()
                    .zip(cells)
                    .zip(both.columns.iter_mut().zip(&part.columns))
                {
                    *to = all.take(own, from);
                }
                both.push(&row, codes);
            }
        }
        both
    }
}

fn label(labels: &Labels, cell: f64) -> Option<&Arc<str>> {
    (!cell.is_nan()).then(|| labels.all.get(cell as usize))?
}

impl Held {
    /// A cell of another column of the same kind, as one of this.
    fn take(&mut self, other: &Self, cell: f64) -> f64 {
        if cell.is_nan() {
            return cell;
        }
        match (&mut *self, other) {
            (Self::Labels(own), Self::Labels(theirs)) => {
                label(theirs, cell).map_or(f64::NAN, |label| own.place(&label.clone()))
            }
            (Self::Nothing, Self::Labels(theirs)) => {
                let mut own = Labels::default();
                let cell = label(theirs, cell).map_or(f64::NAN, |label| own.place(&label.clone()));
                *self = Self::Labels(own);
                cell
            }
            (Self::Nothing, other) => {
                *self = other.clone();
                cell
            }
            _ => cell,
        }
    }

    /// What cells of this kind are called.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Numbers => "numbers",
            Self::Labels(_) => "labels",
            Self::Times(_) => "times",
        }
    }

    /// Whether cells of a table can join those so far.
    ///
    /// # Errors
    /// Their kind, where it is another.
    pub(super) fn accepts(&self, cells: &Cells) -> std::result::Result<(), &'static str> {
        let mut own = match self {
            Self::Nothing => return Ok(()),
            Self::Numbers => Self::Numbers,
            Self::Labels(_) => Self::Labels(Labels::default()),
            Self::Times(_) => Self::Times(None),
        };
        match cells {
            Cells::Missing(_) => Ok(()),
            Cells::Numbers(values) if values.iter().all(|value| value.is_nan()) => Ok(()),
            Cells::Numbers(_) => own.becomes(Self::Numbers),
            Cells::Labels { .. } => own.becomes(Self::Labels(Labels::default())),
            Cells::Times { .. } => own.becomes(Self::Times(None)),
        }
    }

    /// One cell of a column of a table.
    pub(super) fn cell(&mut self, cells: &Cells, row: usize) -> f64 {
        match cells {
            Cells::Missing(_) => f64::NAN,
            Cells::Numbers(values) => {
                let value = values.get(row).copied().unwrap_or(f64::NAN);
                if matches!(self, Self::Nothing) && !value.is_nan() {
                    *self = Self::Numbers;
                }
                value
            }
            Cells::Times { seconds, zone } => {
                let value = seconds.get(row).copied().unwrap_or(f64::NAN);
                if matches!(self, Self::Nothing) && !value.is_nan() {
                    *self = Self::Times(zone.clone());
                }
                value
            }
            Cells::Labels { codes, labels } => {
                let code = codes.get(row).and_then(|&code| labels.get(code as usize));
                let Some(label) = code else { return f64::NAN };
                if matches!(self, Self::Nothing) {
                    *self = Self::Labels(Labels::default());
                }
                match self {
                    Self::Labels(own) => own.place(label),
                    _ => f64::NAN,
                }
            }
        }
    }

    /// The first cells say what a column holds; the zone is that of the first, too.
    pub(super) fn becomes(&mut self, new: Self) -> std::result::Result<(), &'static str> {
        match (&*self, &new) {
            (Self::Nothing, _) => *self = new,
            (Self::Numbers, Self::Numbers)
            | (Self::Labels(_), Self::Labels(_))
            | (Self::Times(_), Self::Times(_)) => {}
            _ => return Err(new.name()),
        }
        Ok(())
    }
}

/// The rows of a window as a table.
pub(super) struct WindowTable {
    pub(super) names: Vec<String>,
    /// Their columns among those of the rows.
    pub(super) places: Vec<usize>,
    pub(super) rows: Rows,
}

impl Table for WindowTable {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn n_rows(&self) -> usize {
        self.rows.len()
    }

    fn column(&mut self, index: usize) -> Result<ColumnData> {
        let index = self.places.get(index).copied().unwrap_or(usize::MAX);
        let cells = self
            .rows
            .iter()
            .map(|(cells, _)| cells.get(index).copied().unwrap_or(f64::NAN));
        let array: ArrayRef = match self.rows.columns.get(index) {
            None | Some(Held::Nothing) => Arc::new(NullArray::new(self.rows.len())),
            Some(Held::Numbers) => Arc::new(Float64Array::from_iter_values(cells)),
            Some(Held::Labels(labels)) => {
                let texts = cells.map(|cell| label(labels, cell));
                Arc::new(StringArray::from_iter(texts))
            }
            Some(Held::Times(zone)) => {
                let micros =
                    cells.map(|cell| (!cell.is_nan()).then(|| (cell * 1e6).round() as i64));
                let array = TimestampMicrosecondArray::from_iter(micros);
                Arc::new(array.with_timezone_opt(zone.clone()))
            }
        };
        Ok(ColumnData::Arrays(vec![array]))
    }
}
