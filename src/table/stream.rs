//! Tables that come in batches: one pass, bounded memory.

use parking_lot::Mutex;

use super::column::{Column, Labels};
use super::crew::{Crew, each_column};
use super::profile::{LabelCounts, Numbers, Profile, TimeCounts, Values, count};
use super::rows::{RowCounts, RowHashes};
use super::sampling::{Coder, Lots};
use super::side::{Reading, Side, SideColumn, no_rows, whole};
use super::{Batches, ColumnData, Host};
use crate::error::Result;
use crate::sketch::RankSummary;

/// So many different numbers of a column are kept exactly.
const DISTINCT: usize = 1 << 18;

/// One column of a stream, so far.
#[derive(Debug, Default)]
struct Gathered {
    rows: u64,
    values: Option<Batch>,
    /// Cells of rows that are, or were, in the sample, and which rows.
    sampled: Vec<(u64, Cell)>,
}

#[derive(Debug)]
enum Batch {
    Numbers(RankSummary),
    Labels(LabelCounts),
    Times(RankSummary, Vec<u64>, Vec<u64>),
    Unusable(String),
}

#[derive(Debug, Clone)]
enum Cell {
    Number(f64),
    Label(Box<str>),
    Missing,
}

impl Gathered {
    /// Takes the next batch; `sample` are the rows of it that are in the sample so far.
    fn take(&mut self, column: &Column, sample: &[usize]) {
        let start = self.rows;
        self.rows += column.len() as u64;
        let cells = column.take(sample).cells();
        self.sampled
            .extend(sample.iter().map(|&row| start + row as u64).zip(cells));
        let known = match (self.values.take(), column) {
            (Some(Batch::Unusable(reason)), _) => Batch::Unusable(reason),
            (_, Column::Unusable(reason)) => Batch::Unusable(reason.clone()),
            (known, Column::Missing(_)) => {
                self.values = known;
                return;
            }
            (None, Column::Numbers(values)) => numbers(None, values),
            (Some(Batch::Numbers(summary)), Column::Numbers(values)) => {
                numbers(Some(summary), values)
            }
            (None, Column::Labels(labels)) => self::labels(LabelCounts::default(), labels),
            (Some(Batch::Labels(counts)), Column::Labels(labels)) => self::labels(counts, labels),
            (None, Column::Times(times)) => {
                let (mut hours, mut weekdays) = (vec![0; 24], vec![0; 7]);
                count(&times.hours, &mut hours);
                count(&times.weekdays, &mut weekdays);
                Batch::Times(extended(None, &times.seconds), hours, weekdays)
            }
            (Some(Batch::Times(summary, mut hours, mut weekdays)), Column::Times(times)) => {
                count(&times.hours, &mut hours);
                count(&times.weekdays, &mut weekdays);
                Batch::Times(extended(Some(summary), &times.seconds), hours, weekdays)
            }
            (Some(known), column) => Batch::Unusable(format!(
                "batches of {} and of {}",
                known.name(),
                column.name()
            )),
        };
        self.values = Some(known);
    }

    /// What the whole stream had; `rows` are those in the sample, ascending.
    fn finish(self, rows: &[u64], reading: &Reading<'_>) -> SideColumn {
        let mut at = self.sampled.iter().peekable();
        let cells = rows.iter().map(|row| {
            while at.peek().is_some_and(|(other, _)| other < row) {
                at.next();
            }
            let found = at.peek().filter(|(other, _)| other == row);
            found.map_or(Cell::Missing, |(_, cell)| cell.clone())
        });
        let sampled = column_of(cells.collect());
        let values = match self.values {
            None => Values::Nothing,
            Some(Batch::Numbers(summary)) => {
                Numbers::of_summary(summary).map_or(Values::Nothing, Values::Numbers)
            }
            Some(Batch::Labels(counts)) if counts.len() == 0 => Values::Nothing,
            Some(Batch::Labels(counts)) => Values::Labels(counts),
            Some(Batch::Times(summary, hours, weekdays)) => match Numbers::of_summary(summary) {
                Some(seconds) => Values::Times(TimeCounts {
                    seconds,
                    hours,
                    weekdays,
                }),
                None => Values::Nothing,
            },
            Some(Batch::Unusable(reason)) => Values::Unusable(reason),
        };
        let profile = Profile::new(self.rows, values);
        let all: Vec<usize> = (0..rows.len()).collect();
        let (profile, codes, own) = match reading {
            Reading::Current(coder) => (profile, coder.codes(&sampled, &all), None),
            Reading::Baseline { max_exact } => {
                let profile = profile.at_most(*max_exact);
                let own = Coder::of(&profile);
                (profile, own.codes(&sampled, &all), Some(own))
            }
        };
        SideColumn {
            profile,
            groups: Vec::new(),
            coder: own,
            codes,
        }
    }
}

impl Batch {
    fn name(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "numbers",
            Self::Labels(_) => "labels",
            Self::Times(..) => "times",
            Self::Unusable(_) => "something else",
        }
    }
}

impl Column {
    fn name(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "numbers",
            Self::Labels(_) => "labels",
            Self::Times(_) => "times",
            Self::Missing(_) => "nothing",
            Self::Unusable(_) => "something else",
        }
    }

    fn cells(self) -> Vec<Cell> {
        let number = |value: f64| {
            if value.is_nan() {
                Cell::Missing
            } else {
                Cell::Number(value)
            }
        };
        match self {
            Self::Numbers(values) => values.into_iter().map(number).collect(),
            Self::Times(times) => times.seconds.into_iter().map(number).collect(),
            Self::Labels(labels) => {
                let cell = |code: &u32| {
                    let label = labels.labels.get(*code as usize);
                    label.map_or(Cell::Missing, |label| Cell::Label(label.clone()))
                };
                labels.codes.iter().map(cell).collect()
            }
            Self::Missing(rows) => vec![Cell::Missing; rows],
            Self::Unusable(_) => Vec::new(),
        }
    }
}

fn extended(summary: Option<RankSummary>, values: &[f64]) -> RankSummary {
    // The budget is within its range.
    let mut summary =
        summary.unwrap_or_else(|| RankSummary::with_budget(DISTINCT).unwrap_or_default());
    summary.extend(values);
    summary
}

fn numbers(summary: Option<RankSummary>, values: &[f64]) -> Batch {
    Batch::Numbers(extended(summary, values))
}

fn labels(mut counts: LabelCounts, labels: &Labels) -> Batch {
    counts.extend(labels);
    Batch::Labels(counts)
}

fn column_of(cells: Vec<Cell>) -> Column {
    if cells.iter().any(|cell| matches!(cell, Cell::Label(_))) {
        let mut labels = Labels::default();
        for cell in cells {
            match cell {
                Cell::Label(label) => {
                    labels.codes.push(labels.labels.len() as u32);
                    labels.labels.push(label);
                }
                Cell::Number(_) | Cell::Missing => labels.codes.push(u32::MAX),
            }
        }
        return Column::Labels(labels);
    }
    let number = |cell: Cell| match cell {
        Cell::Number(value) => value,
        Cell::Label(_) | Cell::Missing => f64::NAN,
    };
    Column::Numbers(cells.into_iter().map(number).collect())
}

/// Reads a stream to its end: of the columns at `places`, each for what its reading says.
///
/// # Errors
/// `EmptySample` for a stream without rows, those of the stream, and `Interrupted`.
pub(super) fn read(
    argument: &'static str,
    batches: &mut dyn Batches,
    places: &[usize],
    readings: &[Reading<'_>],
    (asked, mut lots): (Option<usize>, Lots),
    host: &dyn Host,
) -> Result<Side> {
    let mut columns: Vec<Mutex<Gathered>> = Vec::new();
    columns.resize_with(places.len(), Mutex::default);
    let names: Vec<String> = places
        .iter()
        .map(|&place| batches.names().get(place).cloned().unwrap_or_default())
        .collect();
    let mut copies = RowCounts::default();
    let mut rows = 0_u64;
    let mut done = 0;
    while let Some(batch) = batches.next()? {
        let mut batch: Vec<Option<ColumnData>> = batch.into_iter().map(Some).collect();
        let length = batch
            .iter()
            .flatten()
            .find_map(ColumnData::len)
            .unwrap_or(0);
        let sample = lots.draw(length);
        let hashes = Mutex::new(Vec::<RowHashes>::new());
        let take = |index: usize, data: ColumnData| {
            let column = Column::read(data);
            let taken = hashes.lock().pop();
            let mut own = taken.unwrap_or_else(|| RowHashes::new(length));
            column.mix_into(&mut own, names.get(index).map_or("", String::as_str));
            hashes.lock().push(own);
            if let Some(gathered) = columns.get(index) {
                gathered.lock().take(&column, &sample);
            }
        };
        let next = |index: usize| {
            let place = places.get(index).and_then(|&place| batch.get_mut(place));
            let data = place.and_then(Option::take);
            Ok(data.unwrap_or_else(|| ColumnData::Unusable("no cells in one batch".to_owned())))
        };
        let crew = Crew::of_threads(asked, length.saturating_mul(places.len()));
        each_column(&Quiet(host), crew, places.len(), next, take)?;
        host.aside(&mut || {
            let whole = whole(&mut hashes.lock());
            for &hash in whole.iter().flat_map(RowHashes::hashes) {
                copies.add(hash);
            }
        });
        rows += length as u64;
        done += 1;
        host.progress(done, done)?;
    }
    if rows == 0 {
        return Err(no_rows(argument, "a stream"));
    }
    let sample = lots.rows();
    let mut finished = Vec::new();
    host.aside(&mut || {
        for (gathered, reading) in columns.drain(..).zip(readings) {
            finished.push(gathered.into_inner().finish(&sample, reading));
        }
    });
    Ok(Side {
        rows,
        duplicate_rows: copies.duplicates().rows,
        columns: finished,
    })
}

/// A host that is not told of every column.
struct Quiet<'a>(&'a dyn Host);

impl Host for Quiet<'_> {
    fn aside(&self, work: &mut (dyn FnMut() + Send)) {
        self.0.aside(work);
    }

    fn progress(&self, _done: usize, _total: usize) -> Result<()> {
        Ok(())
    }
}
