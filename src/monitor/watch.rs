//! The window, row by row.

use super::config::{Config, Every, MOST_ALPHA, Rule, Window};
use super::look::Due;
use super::rows::{Held as Kind, Labels, Rows};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::event::Timestamp;
use crate::table::bins::{CellKind, Cells, ColumnBins, MISSING};
use crate::table::{Host, Table};

/// How far ahead of the system clock a timestamp is believed, in seconds.
const AHEAD: f64 = 3600.0;

/// So many rows are taken in one go.
const STRETCH: usize = 1024;

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Missing,
    /// A number; NaN is missing.
    Number(f64),
    /// Text, or `"true"` and `"false"`.
    Label(&'a str),
    /// Seconds since 1970, and the zone of the clock on the wall.
    Time(f64, Option<&'a str>),
}

impl<'a> Cell<'a> {
    /// The same as the column would have it: times in text (ISO 8601), flags as 0 and 1.
    pub(super) fn fitted(self, column: &ColumnBins) -> Self {
        match (self, column.kind()) {
            (Self::Label(text), CellKind::Time) => time_of(text).unwrap_or(self),
            (Self::Number(value), CellKind::Label) if column.are_flags() => match value {
                0.0 => Self::Label("false"),
                1.0 => Self::Label("true"),
                _ => self,
            },
            _ => self,
        }
    }

    fn fits(self, kind: CellKind) -> bool {
        match self {
            Self::Missing => true,
            _ if kind == CellKind::Any => true,
            Self::Number(_) => kind == CellKind::Number,
            Self::Label(_) => kind == CellKind::Label,
            Self::Time(..) => kind == CellKind::Time,
        }
    }

    pub(super) fn shown(self) -> String {
        match self {
            Self::Missing => "a missing cell".to_owned(),
            Self::Number(value) => format!("the number {value}"),
            Self::Label(label) => format!("the label \"{label}\""),
            Self::Time(..) => "a time".to_owned(),
        }
    }
}

/// A look that is due: at which counts.
pub(super) type Seen = Option<(Due, Tally)>;

/// What a window holds.
pub(super) enum Held {
    Rows(Rows),
    /// Nothing but counts.
    Counts,
}

/// All that changes.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) tally: Tally,
    pub(super) rows: Option<Rows>,
    /// The last tumbling window that has ended.
    pub(super) ended: Option<(Tally, Option<Rows>)>,
    /// Since the beginning.
    pub(super) n_rows: u64,
    /// Rows since the last look.
    pub(super) since: u64,
    pub(super) looks: u64,
    /// The time of the rows, which never goes back.
    pub(super) clock: Option<Timestamp>,
    pub(super) looked_at: Option<Timestamp>,
    /// Of a window of time: the how manyth since 1970.
    pub(super) period: Option<i64>,
    /// Whether all columns hold numbers.
    plain: bool,
    /// Of the row at hand.
    codes: Vec<u8>,
    cells: Vec<f64>,
}

/// The columns of a table as codes and cells.
pub(super) struct Batch {
    pub(super) codes: Vec<Vec<u8>>,
    pub(super) cells: Vec<Cells>,
}

impl Batch {
    pub(super) fn read(
        argument: &'static str,
        columns: &[ColumnBins],
        table: &mut dyn Table,
        host: &dyn Host,
    ) -> Result<Self> {
        let names = table.names().to_vec();
        let place = |column: &ColumnBins| names.iter().position(|name| **name == **column.name());
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        if places.iter().all(Option::is_none) {
            let own: Vec<String> = columns
                .iter()
                .take(20)
                .map(|column| format!("\"{}\"", column.name()))
                .collect();
            let got = format!("a table without any of {}", own.join(", "));
            let allowed = "at least one column of the plan";
            return Err(Error::invalid_value(argument, got, allowed));
        }
        let rows = table.n_rows();
        let mut all = Self {
            codes: Vec::new(),
            cells: Vec::new(),
        };
        for (column, place) in columns.iter().zip(places) {
            let Some(place) = place else {
                all.codes.push(vec![MISSING; rows]);
                all.cells.push(Cells::Missing(rows));
                continue;
            };
            let mut data = Some(table.column(place)?);
            let mut encoded = None;
            host.aside(&mut || {
                encoded = data.take().map(|data| column.encode(argument, data));
            });
            if let Some(encoded) = encoded.transpose()? {
                all.codes.push(encoded.codes);
                all.cells.push(encoded.cells);
            }
        }
        Ok(all)
    }
}

impl Watch {
    pub(super) fn new(config: &Config, all: &[ColumnBins]) -> Self {
        let columns = all.len();
        let tally = match config.window {
            Window::Fading(half_life) => Tally::fading(columns, half_life),
            _ => Tally::whole(columns),
        };
        Self {
            tally,
            rows: config.window.kept().map(|rows| Rows::new(rows, columns)),
            ended: None,
            n_rows: 0,
            since: 0,
            looks: 0,
            clock: None,
            looked_at: None,
            period: None,
            plain: all.iter().all(|column| column.kind() == CellKind::Number),
            codes: vec![MISSING; columns],
            cells: vec![f64::NAN; columns],
        }
    }

    pub(super) fn numbers(
        &mut self,
        row: &[f64],
        columns: &[ColumnBins],
        config: &Config,
        at: Option<Timestamp>,
    ) -> Result<Seen> {
        check_length(row.len(), columns)?;
        let fits = |kind| matches!(kind, CellKind::Number | CellKind::Any);
        if !self.plain {
            for (place, column) in columns.iter().enumerate() {
                if fits(column.kind()) {
                    continue;
                }
                let got = format!(
                    "numbers alone, and column \"{}\" (place {place}) holds {}",
                    column.name(),
                    column.kind().name()
                );
                let allowed = "a mapping by name, or a sequence with a cell for each column";
                return Err(Error::invalid_value("row", got, allowed));
            }
        }
        for ((code, column), &value) in self.codes.iter_mut().zip(columns).zip(row) {
            *code = column.number(value);
        }
        if let Some(rows) = &mut self.rows {
            rows.are_numbers(row);
            self.cells.copy_from_slice(row);
        }
        Ok(self.step(config, at))
    }

    pub(super) fn cells(
        &mut self,
        row: &[Cell<'_>],
        columns: &[ColumnBins],
        config: &Config,
        at: Option<Timestamp>,
    ) -> Result<Seen> {
        check_length(row.len(), columns)?;
        for (cell, column) in row.iter().zip(columns) {
            if !cell.fits(column.kind()) {
                let got = format!("{} in column \"{}\"", cell.shown(), column.name());
                let allowed = format!("{}, as in the baseline, or None", column.kind().name());
                return Err(Error::invalid_value("row", got, allowed));
            }
        }
        for ((code, column), cell) in self.codes.iter_mut().zip(columns).zip(row) {
            *code = match *cell {
                Cell::Missing => MISSING,
                _ if !column.is_usable() => MISSING,
                Cell::Number(value) | Cell::Time(value, _) => column.number(value),
                Cell::Label(label) => column.label(label),
            };
        }
        if let Some(rows) = &mut self.rows {
            for ((held, to), (cell, column)) in rows
                .columns
                .iter_mut()
                .zip(&mut self.cells)
                .zip(row.iter().zip(columns))
            {
                *to = held_cell(held, *cell, column)?;
            }
        }
        Ok(self.step(config, at))
    }

    /// Whether the cells of a batch can join those of the window.
    pub(super) fn accepts(
        &self,
        cells: &[Cells],
        columns: &[ColumnBins],
        argument: &'static str,
    ) -> Result<()> {
        let Some(rows) = &self.rows else {
            return Ok(());
        };
        for ((held, cells), column) in rows.columns.iter().zip(cells).zip(columns) {
            let accepted = held.accepts(cells);
            accepted.map_err(|kind| other_kind(argument, kind, held, column))?;
        }
        Ok(())
    }

    /// Takes rows until a look is due.
    pub(super) fn rows(
        &mut self,
        (row, end): (&mut usize, usize),
        batch: &Batch,
        config: &Config,
        times: Option<&[Timestamp]>,
    ) -> Seen {
        let stop = end.min(*row + STRETCH);
        while *row < stop {
            for (code, column) in self.codes.iter_mut().zip(&batch.codes) {
                *code = column.get(*row).copied().unwrap_or(MISSING);
            }
            if let Some(rows) = &mut self.rows {
                let columns = rows.columns.iter_mut().zip(&batch.cells);
                for (cell, (held, cells)) in self.cells.iter_mut().zip(columns) {
                    *cell = held.cell(cells, *row);
                }
            }
            let at = times.and_then(|times| times.get(*row).copied());
            *row += 1;
            let seen = self.step(config, at);
            if seen.is_some() {
                return seen;
            }
        }
        None
    }

    /// Takes the row at hand.
    #[inline]
    fn step(&mut self, config: &Config, at: Option<Timestamp>) -> Seen {
        let by_time = matches!(config.window, Window::TumblingTime(_))
            || matches!(config.every, Some(Every::Seconds(_)))
            || matches!(config.rule, Rule::Budget(Every::Seconds(_)));
        let mut seen = None;
        if by_time || at.is_some() {
            let now = self.advance(at);
            if let Window::TumblingTime(seconds) = config.window {
                seen = self.turn_over(now, seconds, config);
            }
        }
        if let Some(rows) = &mut self.rows {
            if let (Window::Last(_), Some(codes)) = (config.window, rows.leaving()) {
                self.tally.remove(codes);
            }
            rows.push(&self.cells, &self.codes);
        }
        self.tally.add(&self.codes);
        self.n_rows += 1;
        self.since += 1;
        match config.window {
            Window::TumblingTime(_) => return seen,
            Window::TumblingRows(rows) => {
                if self.since >= rows as u64 {
                    seen = Some(self.due(config));
                    self.end();
                }
                return seen;
            }
            Window::Last(_) | Window::Fading(_) => {}
        }
        let (first, every) = (config.first_look(), config.every());
        let is_due = self.n_rows >= first
            && match every {
                Every::Rows(rows) => self.looks == 0 || self.since >= rows,
                Every::Seconds(seconds) => self.is_time(seconds),
            };
        is_due.then(|| self.due(config))
    }

    pub(super) fn tick(&mut self, now: Timestamp, config: &Config) -> Seen {
        self.clock = Some(self.clock.map_or(now, |clock| clock.max(now)));
        match (config.window, config.every()) {
            (Window::TumblingTime(seconds), _) => self.turn_over(now, seconds, config),
            (Window::Last(_) | Window::Fading(_), Every::Seconds(seconds))
                if self.n_rows >= config.first_look()
                    && self.since > 0
                    && self.is_time(seconds) =>
            {
                Some(self.due(config))
            }
            _ => None,
        }
    }

    /// The time of a row: what it says, but never back and never far ahead.
    fn advance(&mut self, at: Option<Timestamp>) -> Timestamp {
        let now = match at {
            None => Timestamp::now(),
            Some(at) if self.clock.is_some_and(|clock| at <= clock) => at,
            Some(at) => {
                let now = Timestamp::now();
                if at.seconds_since(now) > AHEAD {
                    now
                } else {
                    at
                }
            }
        };
        let now = self.clock.map_or(now, |clock| clock.max(now));
        self.clock = Some(now);
        // A budget of time begins with the first row.
        self.looked_at.get_or_insert(now);
        now
    }

    fn is_time(&self, seconds: f64) -> bool {
        match (self.clock, self.looked_at) {
            (Some(now), Some(last)) => now.seconds_since(last) >= seconds,
            _ => true,
        }
    }

    /// Begins the window of time that it is time for; the one before is judged.
    fn turn_over(&mut self, now: Timestamp, seconds: f64, config: &Config) -> Seen {
        let period = (now.as_nanos() as f64 / 1e9 / seconds).floor() as i64;
        if self.period.is_some_and(|current| period <= current) {
            return None;
        }
        self.period = Some(period);
        if self.tally.rows() == 0 {
            return None;
        }
        let seen = self.due(config);
        self.end();
        Some(seen)
    }

    fn due(&mut self, config: &Config) -> (Due, Tally) {
        let at = self.clock.unwrap_or_else(Timestamp::now);
        self.looks += 1;
        let alpha = match config.rule {
            Rule::EachLook(alpha) => alpha,
            Rule::Anytime(alpha) => {
                let k = self.looks as f64;
                alpha / (k * (k + 1.0))
            }
            Rule::Budget(Every::Rows(budget)) => {
                (self.since as f64 / budget as f64).min(MOST_ALPHA)
            }
            Rule::Budget(Every::Seconds(budget)) => {
                let passed = self.looked_at.map_or(0.0, |last| at.seconds_since(last));
                (passed / budget).min(MOST_ALPHA)
            }
        };
        let due = Due {
            number: self.looks,
            n_rows: self.n_rows,
            at,
            // What nothing may be spent on is not looked at: no p-value is below.
            alpha: alpha.max(f64::MIN_POSITIVE),
        };
        self.since = 0;
        self.looked_at = Some(at);
        (due, self.tally.clone())
    }

    /// The window has ended.
    fn end(&mut self) {
        let columns = self.codes.len();
        let (tally, rows) = match self.ended.take() {
            Some((mut tally, mut rows)) => {
                tally.clear();
                if let Some(rows) = &mut rows {
                    rows.clear();
                }
                (tally, rows)
            }
            None => {
                let rows = self.rows.as_ref();
                let rows = rows.map(|rows| Rows::new(rows.capacity, columns));
                (Tally::whole(columns), rows)
            }
        };
        let tally = std::mem::replace(&mut self.tally, tally);
        self.ended = Some((tally, std::mem::replace(&mut self.rows, rows)));
    }

    pub(super) fn in_window(&self) -> u64 {
        self.tally.rows()
    }

    /// The counts of the window.
    pub(super) fn counts(&self, complete: bool) -> Option<&Tally> {
        match complete {
            true => self.ended.as_ref().map(|(tally, _)| tally),
            false => Some(&self.tally),
        }
    }

    /// What is in the window; `None` for no rows.
    pub(super) fn window(&self, complete: bool) -> Option<Held> {
        let (tally, rows) = if complete {
            let (tally, rows) = self.ended.as_ref()?;
            (tally, rows)
        } else {
            (&self.tally, &self.rows)
        };
        if tally.rows() == 0 {
            return None;
        }
        Some(match rows {
            Some(rows) => Held::Rows(rows.clone()),
            None => Held::Counts,
        })
    }

    pub(super) fn merge(mut self, other: Self, config: &mut Config) -> Self {
        self.tally.merge(&other.tally);
        if let (Some(ours), Some(theirs)) = (&self.rows, &other.rows) {
            let both = ours.merge(theirs);
            config.window = match config.window {
                Window::TumblingRows(_) => Window::TumblingRows(both.capacity),
                _ => Window::Last(both.capacity),
            };
            self.rows = Some(both);
        }
        self.ended = None;
        self.n_rows += other.n_rows;
        self.since += other.since;
        self.looks += other.looks;
        self.clock = self.clock.max(other.clock);
        self.looked_at = self.looked_at.max(other.looked_at);
        self.period = self.period.max(other.period);
        self
    }

    pub(super) fn clear(&mut self) {
        self.tally.clear();
        if let Some(rows) = &mut self.rows {
            rows.clear();
        }
        self.ended = None;
        self.since = 0;
        self.n_rows = 0;
        self.period = None;
    }
}

/// With an offset in UTC, else of the clock on the wall.
fn time_of<'a>(text: &str) -> Option<Cell<'a>> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Cell::Time(time.as_nanos() as f64 / 1e9, Some("UTC")));
    }
    let wall: jiff::civil::DateTime = text.parse().ok()?;
    let time = jiff::tz::Offset::UTC.to_timestamp(wall).ok()?;
    Some(Cell::Time(time.as_microsecond() as f64 / 1e6, None))
}

/// A cell as a window holds it.
pub(super) fn held_cell(held: &mut Kind, cell: Cell<'_>, column: &ColumnBins) -> Result<f64> {
    let new = match cell {
        Cell::Missing => return Ok(f64::NAN),
        Cell::Number(value) if value.is_nan() => return Ok(f64::NAN),
        Cell::Number(_) => Kind::Numbers,
        Cell::Label(_) if matches!(held, Kind::Labels(_)) => Kind::Labels(Labels::default()),
        Cell::Label(_) => Kind::Labels(Labels::default()),
        Cell::Time(_, zone) => Kind::Times(zone.map(Into::into)),
    };
    if std::mem::discriminant(held) != std::mem::discriminant(&new) {
        let becomes = held.becomes(new);
        becomes.map_err(|kind| other_kind("row", kind, held, column))?;
    }
    Ok(match (cell, held) {
        (Cell::Label(label), Kind::Labels(labels)) => labels.place(label),
        (Cell::Number(value) | Cell::Time(value, _), _) => value,
        _ => f64::NAN,
    })
}

fn other_kind(argument: &'static str, kind: &str, held: &Kind, column: &ColumnBins) -> Error {
    let got = format!("{kind} in column \"{}\"", column.name());
    let allowed = format!("{}, as in rows before", held.name());
    Error::invalid_value(argument, got, allowed)
}

fn check_length(cells: usize, columns: &[ColumnBins]) -> Result<()> {
    if cells == columns.len() {
        return Ok(());
    }
    let names: Vec<String> = columns
        .iter()
        .take(20)
        .map(|column| format!("\"{}\"", column.name()))
        .collect();
    let got = format!("{cells} cells");
    let allowed = format!("{}, one for each of {}", columns.len(), names.join(", "));
    Err(Error::invalid_value("row", got, allowed))
}
