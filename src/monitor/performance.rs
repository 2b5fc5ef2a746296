//! Predictions that wait for the truth, and how well they did so far.

use serde::{Deserialize, Serialize};

use super::rows::{Held, Rows, WindowTable};
use super::watch::{Batch, Cell, held_cell};
use super::{Config, Monitor};
use crate::error::{Error, Result};
use crate::estimate::{Chunks, PerformanceReport};
use crate::event::Timestamp;
use crate::labels::{LabelCounts, LabelState, LabelStore, Labelled};
use crate::table::Host;
use crate::table::bins::{CellKind, ColumnBins, MISSING};

/// A label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Truth {
    Number(f64),
    Label(String),
}

/// The last predictions with an id, and what is known of the truth.
#[derive(Debug, Clone)]
pub(super) struct Predictions {
    store: LabelStore<u64, Truth>,
    /// The columns of the monitor, and the truth.
    rows: Rows,
    /// Rows so far.
    n: u64,
    /// Of the times that rows came with.
    latest: Option<Timestamp>,
}

/// The same as plain data.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedPredictions {
    store: LabelState<u64, Truth>,
    rows: Rows,
    n: u64,
    latest: Option<i64>,
}

impl Predictions {
    pub(super) fn new(config: &Config, columns: usize) -> Result<Self> {
        Ok(Self {
            store: LabelStore::new(config.max_pending, config.ttl_s)?,
            rows: Rows::new(config.max_pending, columns + 1),
            n: 0,
            latest: None,
        })
    }

    pub(super) fn saved(&self) -> SavedPredictions {
        SavedPredictions {
            store: self.store.state(),
            rows: self.rows.clone(),
            n: self.n,
            latest: self.latest.map(Timestamp::as_nanos),
        }
    }

    /// `None` for what cannot be.
    pub(super) fn read(saved: SavedPredictions, config: &Config, columns: usize) -> Option<Self> {
        let SavedPredictions {
            store,
            rows,
            n,
            latest,
        } = saved;
        let latest = latest.map(Timestamp::from_nanos);
        let fits = rows.capacity == config.max_pending
            && rows.is_possible(columns + 1, n.min(config.max_pending as u64))
            && rows.is_at(n);
        let store = LabelStore::from_state(store, config.max_pending, config.ttl_s).ok()?;
        fits.then_some(Self {
            store,
            rows,
            n,
            latest,
        })
    }

    /// The time of a row or a label; without one now, or, where rows came with times of their
    /// own, the latest of these.
    fn time(&mut self, at: Option<Timestamp>) -> Timestamp {
        at.unwrap_or_else(|| self.latest.unwrap_or_else(Timestamp::now))
    }

    fn push(&mut self, mut cells: Vec<f64>, id: &str, at: Option<Timestamp>) {
        if at.is_some() {
            self.latest = self.latest.max(at);
        }
        cells.push(f64::NAN);
        let codes = vec![0; cells.len()];
        self.rows.push(&cells, &codes);
        let number = self.n;
        self.n += 1;
        let at = self.time(at);
        if let Some((number, truth)) = self.store.predict(id, at, number) {
            self.settle(number, &truth);
        }
    }

    /// Takes a row of numbers. What no estimate can go by is missing.
    pub(super) fn push_numbers(
        &mut self,
        row: &[f64],
        columns: &[ColumnBins],
        id: &str,
        at: Option<Timestamp>,
    ) {
        self.rows.are_numbers(row);
        let cells = row.iter().zip(columns);
        let cells = cells.map(|(&cell, column)| sound(column, cell, column.number(cell)));
        self.push(cells.collect(), id, at);
    }

    /// Takes a row that the window has taken.
    pub(super) fn push_cells(
        &mut self,
        row: &[Cell<'_>],
        columns: &[ColumnBins],
        id: &str,
        at: Option<Timestamp>,
    ) -> Result<()> {
        let held = self.rows.columns.iter_mut().zip(row).zip(columns);
        let cells = held.map(|((held, cell), column)| {
            let code = match *cell {
                Cell::Label(label) => column.label(label),
                Cell::Number(value) => column.number(value),
                _ => 0,
            };
            Ok(sound(column, held_cell(held, *cell, column)?, code))
        });
        let cells = cells.collect::<Result<Vec<f64>>>()?;
        self.push(cells, id, at);
        Ok(())
    }

    /// Takes one row of a batch.
    pub(super) fn push_of(
        &mut self,
        batch: &Batch,
        columns: &[ColumnBins],
        row: usize,
        id: &str,
        at: Option<Timestamp>,
    ) {
        let held = self.rows.columns.iter_mut().zip(&batch.cells);
        let codes = batch
            .codes
            .iter()
            .map(|codes| codes.get(row).copied().unwrap_or(MISSING));
        let cells = held.zip(codes).zip(columns);
        let cells =
            cells.map(|(((held, cells), code), column)| sound(column, held.cell(cells, row), code));
        let cells = cells.collect();
        self.push(cells, id, at);
    }

    /// Writes the label of a row, if that is still there.
    fn settle(&mut self, number: u64, truth: &Truth) {
        if self.n - number > self.rows.len() as u64 {
            return;
        }
        let place = (number % self.rows.capacity as u64) as usize;
        let column = self.rows.columns.len() - 1;
        let Some(held) = self.rows.columns.last_mut() else {
            return;
        };
        let cell = match truth {
            Truth::Number(value) => {
                let _ = held.becomes(Held::Numbers);
                *value
            }
            Truth::Label(label) => {
                let _ = held.becomes(Held::Labels(Default::default()));
                match held {
                    Held::Labels(labels) => labels.place(label),
                    _ => f64::NAN,
                }
            }
        };
        self.rows.set(place, column, cell);
    }

    fn label(&mut self, id: &str, at: Option<Timestamp>, truth: Truth) -> Labelled<u64, Truth> {
        let at = self.time(at);
        let labelled = self.store.label(id, at, truth);
        if let Labelled::Joined(number, truth) = &labelled {
            self.settle(*number, truth);
        }
        labelled
    }
}

/// A cell that estimates can go by, else a missing one.
fn sound(column: &ColumnBins, cell: f64, code: u8) -> f64 {
    if column.is_sound(cell, code) {
        cell
    } else {
        f64::NAN
    }
}

impl Monitor {
    /// Takes the label of a row that was given with this id; what became of it, as
    /// [`LabelStore::label`] says.
    ///
    /// # Errors
    /// `InvalidValue` for a plan without a target, and for a label that its baseline has not
    /// (of a target of numbers: that is no finite number).
    pub fn ground_truth(
        &self,
        id: &str,
        label: Cell<'_>,
        at: Option<Timestamp>,
    ) -> Result<&'static str> {
        let truth = self.truth(label)?;
        let labelled = self.predictions.lock().label(id, at, truth);
        Ok(match labelled {
            Labelled::Joined(..) => "matched",
            Labelled::Late => "late",
            Labelled::Unmatched => "unmatched",
            Labelled::Duplicate => "duplicate",
        })
    }

    fn truth(&self, label: Cell<'_>) -> Result<Truth> {
        let Some(target) = &self.target else {
            let got = "a plan without a target";
            let allowed = "a plan of driftline.fit(..., target=...)";
            return Err(Error::invalid_value("plan", got, allowed));
        };
        let refused = |got: String| {
            let allowed = match target.kind() {
                CellKind::Label => "a label of the target in the baseline",
                _ => "a number, as in the baseline's target",
            };
            Err(Error::invalid_value("y", got, allowed))
        };
        match (label, target.kind()) {
            (Cell::Number(value), CellKind::Number) if value.is_finite() => {
                if target.is_unseen(target.number(value)) {
                    return refused(format!("{value}, which the baseline's target has not"));
                }
                Ok(Truth::Number(value))
            }
            (Cell::Label(flag @ ("true" | "false")), CellKind::Number) => {
                self.truth(Cell::Number(f64::from(u8::from(flag == "true"))))
            }
            (Cell::Number(value), CellKind::Label) if value == 0.0 || value == 1.0 => {
                self.truth(Cell::Label(if value == 1.0 { "true" } else { "false" }))
            }
            (Cell::Label(label), CellKind::Label) => {
                if target.is_unseen(target.label(label)) {
                    return refused(format!("\"{label}\", which the baseline's target has not"));
                }
                Ok(Truth::Label(label.to_owned()))
            }
            (other, _) => refused(other.shown()),
        }
    }

    /// Whether labels can come.
    pub fn has_target(&self) -> bool {
        self.target.is_some()
    }

    /// What became of predictions and labels so far.
    pub fn label_counts(&self) -> LabelCounts {
        self.predictions.lock().store.counts()
    }

    /// How well the last rows with an id did: estimated, and realised where labels have come.
    ///
    /// # Errors
    /// `EmptySample` before the first row with an id; those of
    /// [`Plan::estimate`](crate::table::Plan::estimate).
    pub fn performance(
        &self,
        metrics: Option<&[String]>,
        chunks: &Chunks,
        host: &dyn Host,
    ) -> Result<PerformanceReport> {
        let rows = self.predictions.lock().rows.clone();
        if rows.len() == 0 {
            return Err(Error::EmptySample {
                argument: "window".into(),
                got: "no row with an id so far".into(),
                allowed: "at least one".into(),
            });
        }
        let names = self.columns.iter().map(|column| column.name().to_string());
        let target = self.target.as_ref().map(|target| target.name().to_string());
        let names: Vec<String> = names.chain(target).collect();
        let mut table = WindowTable {
            places: (0..names.len()).collect(),
            names,
            rows,
        };
        self.plan.estimate(&mut table, None, metrics, chunks, host)
    }
}
