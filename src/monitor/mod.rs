//! A plan at work: rows in, rolling verdicts out.
//!
//! A [`Monitor`] takes the rows that a service sees, one by one or in batches, counts them on
//! the bins of the plan's baseline and looks at the window now and then: a verdict on each
//! column and on the table, corrected as that of a report, and alarms when drift begins and
//! ends. [`Monitor::report`] compares the window wholly, at any time.
//!
//! | where | what |
//! |---|---|
//! | `config.rs` | windows, schedules, what a look may spend |
//! | `watch.rs` | the window, row by row |
//! | `rows.rs`, `tally.rs` | its rows, where they are kept; its counts |
//! | `look.rs` | a window judged |
//! | `dependence.rs` | rows that depend on those before them |
//! | `performance.rs` | predictions that wait for the truth |
//! | `saved.rs` | monitors as bytes and as files |
//! | `alarms.rs` | drift that begins, lasts and ends |
//!
//! # Looking again and again
//! Looks at a fixed level alarm in the end, drift or not. With [`Rule::Anytime`] look k may
//! spend alpha / (k (k + 1)): together they spend alpha, so of all streams without drift a
//! share of at most alpha ever alarms, however often one looks and however the looks depend
//! on each other and on the baseline that they share (Bonferroni's inequality). A
//! [`Rule::Budget`] promises the expected number of rows, or the time, between false alarms.
//! Both hold for rows that are independent of each other; a history in the order of time
//! ([`Monitor::with_history`]) says how much they are not, and rows then count for as much as
//! they tell.

mod alarms;
mod config;
mod dependence;
mod look;
mod performance;
mod rows;
mod saved;
mod tally;
mod watch;

pub use alarms::{Alarm, Turn};
pub use config::{Config, Every, MAX_ROWS, Rule, Window};
pub use dependence::Dependence;
pub use look::{ColumnLook, Look};
pub use watch::Cell;

use std::sync::Arc;

use parking_lot::Mutex;

use self::alarms::Tracks;
use self::look::{Due, is_absent, look};
use self::performance::Predictions;
use self::rows::WindowTable;
use self::tally::Tally;
use self::watch::{Batch, Watch};
use crate::error::{Error, Result};
use crate::event::Timestamp;
use crate::table::bins::ColumnBins;
use crate::table::{Alone, Host, Plan, Report, Table};

/// Watches rows against the baseline of a plan; any number of threads may give it some.
///
/// # Cost
/// A row: a search among the edges of each column, 10 to 20 ns; a look: microseconds a
/// column. Memory: nine bytes a cell of a window by rows, 2 kB a column of another.
/// # Example
/// ```
/// # use std::sync::Arc;
/// # use driftline::table::{self, Alone, ColumnData, Plan, Settings};
/// # struct One(Vec<String>, ColumnData, usize);
/// # impl table::Table for One {
/// #     fn names(&self) -> &[String] { &self.0 }
/// #     fn n_rows(&self) -> usize { self.2 }
/// #     fn column(&mut self, _: usize) -> driftline::error::Result<ColumnData> { Ok(self.1.clone()) }
/// # }
/// # let ages = Arc::new(arrow_array::Float64Array::from_iter_values((0..1000).map(|k| f64::from(k % 83))));
/// # let mut table = One(vec!["age".into()], ColumnData::Arrays(vec![ages]), 1000);
/// use driftline::monitor::{Config, Monitor, Rule, Window};
/// let plan = Arc::new(Plan::fit(Settings::default(), &mut table, &Alone)?);
/// let monitor = Monitor::new(plan, Config::new(Window::Last(500), Rule::Anytime(0.05)))?;
/// for row in 0..500 {
///     let alarms = monitor.observe_numbers(&[f64::from(row % 83) + 40.0], None)?;
///     if let Some(alarm) = alarms.first() {
///         println!("{}", alarm.message());
///     }
/// }
/// assert!(monitor.is_drifting());
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Monitor {
    plan: Arc<Plan>,
    config: Config,
    columns: Arc<[ColumnBins]>,
    dependence: Option<Vec<Dependence>>,
    watch: Mutex<Watch>,
    tracks: Mutex<Tracks>,
    predictions: Mutex<Predictions>,
    target: Option<ColumnBins>,
    last: Mutex<Option<Arc<Look>>>,
}

/// A look that is due, at the window as it was when it became so.
#[derive(Debug)]
pub struct DueLook((Due, Tally));

impl Monitor {
    /// A monitor that has seen nothing yet.
    ///
    /// # Errors
    /// `InvalidValue` for a configuration out of range and for names of columns that the plan
    /// has not.
    pub fn new(plan: Arc<Plan>, config: Config) -> Result<Self> {
        config.validate()?;
        let mut columns = plan.bins();
        if let Some(wanted) = &config.columns {
            for name in wanted {
                if !columns.iter().any(|column| **column.name() == **name) {
                    let own: Vec<String> = columns
                        .iter()
                        .take(20)
                        .map(|column| format!("\"{}\"", column.name()))
                        .collect();
                    let allowed = format!("names of columns of the plan: {}", own.join(", "));
                    return Err(Error::invalid_value(
                        "columns",
                        format!("\"{name}\""),
                        allowed,
                    ));
                }
            }
            columns.retain(|column| wanted.iter().any(|name| **name == **column.name()));
        }
        if columns.is_empty() {
            let allowed = "a plan with at least one column beside the target";
            return Err(Error::invalid_value("columns", "no columns", allowed));
        }
        Ok(Self {
            watch: Mutex::new(Watch::new(&config, &columns)),
            tracks: Mutex::new(Tracks::new(columns.len())),
            predictions: Mutex::new(Predictions::new(&config, columns.len())?),
            target: plan.target_bins(),
            last: Mutex::new(None),
            columns: columns.into(),
            dependence: None,
            config,
            plan,
        })
    }

    /// The same, which knows from rows in the order of time, as normal as the baseline, how
    /// much they depend on those before them.
    ///
    /// # Errors
    /// Those of [`Monitor::observe_table`]; `InvalidValue` for a history of fewer than 400
    /// rows.
    pub fn with_history(mut self, history: &mut dyn Table, host: &dyn Host) -> Result<Self> {
        let batch = Batch::read("history", &self.columns, history, host)?;
        let window = match self.config.window {
            Window::Last(rows) | Window::TumblingRows(rows) => rows,
            Window::Fading(half_life) => (half_life * 2.0 / std::f64::consts::LN_2) as usize,
            // Nobody knows how many rows come: the longest stretches say most.
            Window::TumblingTime(_) => usize::MAX,
        };
        let mut learnt = Ok(Vec::new());
        host.aside(&mut || {
            let columns = batch.codes.iter().zip(self.columns.iter());
            learnt = columns
                .map(|(codes, column)| dependence::learn(codes, window, column.is_ordered()))
                .collect();
        });
        self.dependence = Some(learnt?);
        Ok(self)
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// What it was asked to do.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The columns, in the order of a row's cells.
    pub fn columns(&self) -> &[ColumnBins] {
        &self.columns
    }

    /// For how many rows of each column one counts, where a history told.
    pub fn dependence(&self) -> Option<&[Dependence]> {
        self.dependence.as_deref()
    }

    /// Takes a row of numbers, NaN for missing ones; what it brings about.
    ///
    /// # Shapes
    /// `row`: (columns,).
    /// # Errors
    /// `InvalidValue` for another number of cells, and where a column is not one of numbers;
    /// the row is then not taken.
    pub fn observe_numbers(&self, row: &[f64], at: Option<Timestamp>) -> Result<Vec<Alarm>> {
        self.judge(self.take_numbers(row, None, at)?)
    }

    /// Takes a row of numbers; the look that is due then, for [`Monitor::judge`]. With an id
    /// it waits for its label.
    ///
    /// # Errors
    /// Those of [`Monitor::observe_numbers`].
    #[inline]
    pub fn take_numbers(
        &self,
        row: &[f64],
        id: Option<&str>,
        at: Option<Timestamp>,
    ) -> Result<Option<DueLook>> {
        let seen = self
            .watch
            .lock()
            .numbers(row, &self.columns, &self.config, at)?;
        if let Some(id) = id {
            let mut predictions = self.predictions.lock();
            predictions.push_numbers(row, &self.columns, id, at);
        }
        Ok(seen.map(DueLook))
    }

    /// Takes a row; what it brings about.
    ///
    /// # Shapes
    /// `row`: (columns,).
    /// # Errors
    /// `InvalidValue` for another number of cells, and for cells of another kind than the
    /// baseline's; the row is then not taken.
    pub fn observe(&self, row: &[Cell<'_>], at: Option<Timestamp>) -> Result<Vec<Alarm>> {
        self.judge(self.take_cells(row, None, at)?)
    }

    /// Takes a row; the look that is due then, for [`Monitor::judge`]. With an id it waits for
    /// its label.
    ///
    /// # Errors
    /// Those of [`Monitor::observe`].
    pub fn take_cells(
        &self,
        row: &[Cell<'_>],
        id: Option<&str>,
        at: Option<Timestamp>,
    ) -> Result<Option<DueLook>> {
        let cells = row.iter().enumerate();
        let row: Vec<Cell<'_>> = cells
            .map(|(place, cell)| match self.columns.get(place) {
                Some(column) => cell.fitted(column),
                None => *cell,
            })
            .collect();
        let seen = self
            .watch
            .lock()
            .cells(&row, &self.columns, &self.config, at)?;
        if let Some(id) = id {
            let mut predictions = self.predictions.lock();
            predictions.push_cells(&row, &self.columns, id, at)?;
        }
        Ok(seen.map(DueLook))
    }

    /// Takes the rows of a table, in their order; what they bring about. Columns that it
    /// lacks are missing in all its rows, others are left alone.
    ///
    /// # Shapes
    /// `times`, `ids`: one for each row, if any.
    /// # Errors
    /// `InvalidValue` for a table that has none of the columns, columns of another kind than
    /// the baseline's, and another number of times than rows; then no row is taken. Those of
    /// the table.
    pub fn observe_table(
        &self,
        table: &mut dyn Table,
        times: Option<&[Timestamp]>,
        ids: Option<&[Arc<str>]>,
        host: &dyn Host,
    ) -> Result<Vec<Alarm>> {
        let rows = table.n_rows();
        if let Some(times) = times.filter(|times| times.len() != rows) {
            let got = format!("{} timestamps", times.len());
            let allowed = format!("one for each of {rows} rows");
            return Err(Error::invalid_value("timestamps", got, allowed));
        }
        if let Some(ids) = ids.filter(|ids| ids.len() != rows) {
            let got = format!("{} ids", ids.len());
            let allowed = format!("one for each of {rows} rows");
            return Err(Error::invalid_value("ids", got, allowed));
        }
        let mut batch = Some(Batch::read("table", &self.columns, table, host)?);
        let mut outcome = Ok(Vec::new());
        host.aside(&mut || {
            if let Some(batch) = batch.take() {
                outcome = self.take(batch, rows, times, ids);
            }
        });
        outcome
    }

    fn take(
        &self,
        batch: Batch,
        rows: usize,
        times: Option<&[Timestamp]>,
        ids: Option<&[Arc<str>]>,
    ) -> Result<Vec<Alarm>> {
        self.watch
            .lock()
            .accepts(&batch.cells, &self.columns, "table")?;
        if let Some(ids) = ids {
            let mut predictions = self.predictions.lock();
            for (row, id) in ids.iter().enumerate() {
                let at = times.and_then(|times| times.get(row).copied());
                predictions.push_of(&batch, &self.columns, row, id, at);
            }
        }
        let mut alarms = Vec::new();
        let mut row = 0;
        while row < rows {
            // The lock is let go of between looks.
            let seen = self
                .watch
                .lock()
                .rows((&mut row, rows), &batch, &self.config, times);
            alarms.extend(self.judge(seen.map(DueLook))?);
        }
        Ok(alarms)
    }

    /// Ends a window of time that is over, and looks where a schedule by time asks for it;
    /// without it, the next row does.
    ///
    /// # Errors
    /// Those of a look.
    pub fn tick(&self, now: Timestamp) -> Result<Vec<Alarm>> {
        let seen = self.watch.lock().tick(now, &self.config);
        self.judge(seen.map(DueLook))
    }

    /// Looks, if a look is due; what it brings about. Rows may come meanwhile.
    ///
    /// # Cost
    /// Some microseconds a column.
    /// # Errors
    /// `InvalidValue` for counts beyond 2^53.
    pub fn judge(&self, due: Option<DueLook>) -> Result<Vec<Alarm>> {
        let Some(DueLook((due, tally))) = due else {
            return Ok(Vec::new());
        };
        let verdict = self.plan.verdict();
        let dependence = self.dependence.as_deref();
        let look = Arc::new(look(due, &tally, &self.columns, dependence, &verdict)?);
        let turns = {
            let mut tracks = self.tracks.lock();
            let is_newest = look.number > tracks.last;
            let turns = tracks.take(&look, look.at.as_nanos(), self.config.cooldown_s);
            if is_newest {
                *self.last.lock() = Some(look.clone());
            }
            turns
        };
        let alarm = |(turn, column)| Alarm {
            turn,
            column,
            look: look.clone(),
            n_baseline: self.plan.n_rows(),
            min_effect: verdict.min_effect,
        };
        Ok(turns.into_iter().map(alarm).collect())
    }

    /// The last look.
    pub fn last_look(&self) -> Option<Arc<Look>> {
        self.last.lock().clone()
    }

    /// Whether the table has drifted, as of the last look.
    pub fn is_drifting(&self) -> bool {
        self.tracks.lock().table.is_drifting()
    }

    /// The columns that have drifted, as of the last look.
    pub fn drifting(&self) -> Vec<Arc<str>> {
        let tracks = self.tracks.lock();
        let columns = self.columns.iter().zip(&tracks.columns);
        columns
            .filter(|(_, track)| track.is_drifting())
            .map(|(column, _)| column.name().clone())
            .collect()
    }

    /// Alerts told so far, reminders included, and looks in drift that were not told because
    /// of the cooldown; of the table.
    pub fn n_detections(&self) -> (u64, u64) {
        let tracks = self.tracks.lock();
        (tracks.table.n_detections, tracks.table.n_suppressed)
    }

    /// Rows taken since the monitor began, rows of the window, and looks.
    pub fn n(&self) -> (u64, u64, u64) {
        let watch = self.watch.lock();
        (watch.n_rows, watch.in_window(), watch.looks)
    }

    /// Compares the window with the baseline wholly: of rows that are kept, the report is
    /// that of [`Plan::compare`] on them (without the target, and without predictions and
    /// probabilities that never came), to the last bit; of others one of counts, in which
    /// every column is flagged `"approximate"`. With `complete`, of the last tumbling window
    /// that has ended.
    ///
    /// # Cost
    /// That of [`Plan::compare`]; the window is copied first, and nobody has to wait.
    /// # Errors
    /// `EmptySample` for a window without rows; those of [`Plan::compare`].
    pub fn report(&self, complete: bool, host: &dyn Host) -> Result<Report> {
        if complete && !self.config.window.is_tumbling() {
            let got = "True with a window that does not tumble";
            return Err(Error::invalid_value("complete", got, "False"));
        }
        let (window, tally) = {
            let watch = self.watch.lock();
            (watch.window(complete), watch.counts(complete).cloned())
        };
        let empty = || Error::EmptySample {
            argument: "window".into(),
            got: if complete {
                "no window that has ended".into()
            } else {
                "no rows in the window".into()
            },
            allowed: if self.config.window.is_tumbling() && !complete {
                "at least one row (complete=True tells of the window that has ended)".into()
            } else {
                "at least one row".into()
            },
        };
        let (Some(window), Some(tally)) = (window, tally) else {
            return Err(empty());
        };
        let there = self.columns.iter().enumerate();
        let there = there.filter(|(place, column)| !is_absent(column, &tally.column(*place)));
        match window {
            watch::Held::Rows(rows) => {
                let (places, names) = there
                    .map(|(place, column)| (place, column.name().to_string()))
                    .unzip();
                let mut table = WindowTable {
                    names,
                    places,
                    rows,
                };
                self.plan.compare(&mut table, host)
            }
            watch::Held::Counts => {
                let counts = there.map(|(place, column)| (column, tally.column(place)));
                let counts: Vec<_> = counts.collect();
                self.plan.compare_counts(&counts, tally.rows(), host)
            }
        }
    }

    /// A monitor whose window holds the rows of both, this one's first, and which has made
    /// the looks of both; both go on as they were.
    ///
    /// # Errors
    /// `InvalidValue` for one of another plan or another window.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        let refused = |got: &'static str, allowed: &'static str| {
            Err(Error::invalid_value("other", got, allowed))
        };
        if self.columns != other.columns {
            return refused(
                "a monitor of another plan",
                "one with the same columns and the same baseline",
            );
        }
        let alike = match (self.config.window, other.config.window) {
            (Window::Last(_), Window::Last(_))
            | (Window::TumblingRows(_), Window::TumblingRows(_)) => true,
            (ours, theirs) => ours == theirs,
        };
        if !alike {
            return refused("a monitor with another window", "one with the same window");
        }
        // In turn, never both at once: two threads may merge crosswise.
        let ours = self.watch.lock().clone();
        let theirs = other.watch.lock().clone();
        let mut config = self.config.clone();
        let watch = ours.merge(theirs, &mut config);
        let mut tracks = self.tracks.lock().clone();
        tracks.last = watch.looks;
        Ok(Self {
            plan: self.plan.clone(),
            columns: self.columns.clone(),
            dependence: self.dependence.clone(),
            watch: Mutex::new(watch),
            tracks: Mutex::new(tracks),
            predictions: Mutex::new(Predictions::new(&config, self.columns.len())?),
            target: self.plan.target_bins(),
            last: Mutex::new(self.last.lock().clone()),
            config,
        })
    }

    /// Forgets the rows of the window and all alarms; looks are counted on.
    pub fn reset(&self) {
        self.watch.lock().clear();
        let columns = self.columns.len();
        let mut tracks = self.tracks.lock();
        let last = tracks.last;
        *tracks = Tracks::new(columns);
        tracks.last = last;
        *self.last.lock() = None;
    }

    /// The same report without a host that has to be told of progress.
    ///
    /// # Errors
    /// Those of [`Monitor::report`].
    pub fn report_alone(&self) -> Result<Report> {
        self.report(false, &Alone)
    }
}
