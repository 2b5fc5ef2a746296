//! Monitors as bytes and as files: the plan, what was asked, the window, the alarms.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::Monitor;
use super::alarms::Tracks;
use super::config::{Config, Every, Rule, Window};
use super::dependence::Dependence;
use super::performance::{Predictions, SavedPredictions};
use super::rows::Rows;
use super::tally::Tally;
use super::watch::Watch;
use crate::error::Result;
use crate::event::{Kind, ModelId, Timestamp};
use crate::saved::{self, Form};
use crate::table::Plan;
use crate::table::bins::CODES;

const FORM: Form = Form {
    name: "monitor",
    letters: *b"moni",
};

/// All but the plan.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    window: Window,
    every: Option<Every>,
    rule: Rule,
    cooldown_s: f64,
    columns: Option<Vec<String>>,
    /// Name, version, and nanoseconds since 1970.
    model: Option<(String, Option<String>, Option<i64>)>,
    kinds: Vec<String>,
    field: String,
    name: String,
    dependence: Option<Vec<Dependence>>,
    tally: Tally,
    rows: Option<Rows>,
    ended: Option<(Tally, Option<Rows>)>,
    n_rows: u64,
    since: u64,
    looks: u64,
    clock: Option<i64>,
    looked_at: Option<i64>,
    period: Option<i64>,
    tracks: Tracks,
    max_pending: usize,
    ttl_s: f64,
    predictions: SavedPredictions,
}

impl Monitor {
    /// The monitor as bytes, its plan included; looks and alarms go on where they were.
    ///
    /// # Errors
    /// Those of [`Plan::to_bytes`].
    /// # Cost
    /// O(rows of the window), and that of the plan.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let plan = self.plan.to_bytes()?;
        let watch = self.watch.lock().clone();
        let config = &self.config;
        let model = config.model.as_ref().map(|model| {
            (
                model.name().to_owned(),
                model.version().map(str::to_owned),
                model.deployed_at().map(Timestamp::as_nanos),
            )
        });
        let saved = Saved {
            window: config.window,
            every: config.every,
            rule: config.rule,
            cooldown_s: config.cooldown_s,
            columns: config.columns.clone(),
            model,
            kinds: config
                .kinds
                .iter()
                .map(|kind| kind.as_str().to_owned())
                .collect(),
            field: config.field.clone(),
            name: config.name.clone(),
            dependence: self.dependence.clone(),
            tally: watch.tally,
            rows: watch.rows,
            ended: watch.ended,
            n_rows: watch.n_rows,
            since: watch.since,
            looks: watch.looks,
            clock: watch.clock.map(Timestamp::as_nanos),
            looked_at: watch.looked_at.map(Timestamp::as_nanos),
            period: watch.period,
            tracks: self.tracks.lock().clone(),
            max_pending: config.max_pending,
            ttl_s: config.ttl_s,
            predictions: self.predictions.lock().saved(),
        };
        let bytes = FORM.begin(&saved)?;
        Ok(FORM.seal(FORM.add(bytes, &plan)?))
    }

    /// The monitor of bytes that [`Monitor::to_bytes`] made. `max_values`: as for
    /// [`Plan::from_bytes`].
    ///
    /// # Errors
    /// `InvalidValue` for bytes that are no monitor, that are damaged or written by a later
    /// version, and for anything in them that no monitor has.
    pub fn from_bytes(bytes: &[u8], max_values: u64) -> Result<Self> {
        let (saved, rest) = FORM.take::<Saved>(FORM.open(bytes)?)?;
        let (plan, rest) = FORM.take::<Vec<u8>>(rest)?;
        if !rest.is_empty() {
            return Err(FORM.damaged("a monitor with more behind it"));
        }
        let plan = Arc::new(Plan::from_bytes(&plan, max_values)?);
        saved.read(plan)
    }

    /// Writes the monitor to a file, which is there wholly or not at all.
    ///
    /// # Errors
    /// Those of [`Monitor::to_bytes`]; `File` where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        saved::write(path, &self.to_bytes()?)
    }

    /// Reads the monitor of a file that [`Monitor::save`] wrote.
    ///
    /// # Errors
    /// Those of [`Monitor::from_bytes`]; `File` where it cannot be read.
    pub fn load(path: &Path, max_values: u64) -> Result<Self> {
        Self::from_bytes(&saved::read(path)?, max_values)
    }
}

impl Saved {
    fn read(self, plan: Arc<Plan>) -> Result<Monitor> {
        let impossible = |why: &str| Err(FORM.damaged(why));
        let mut config = Config::new(self.window, self.rule);
        config.every = self.every;
        config.cooldown_s = self.cooldown_s;
        config.columns = self.columns;
        let kinds = self.kinds.iter().map(|kind| Kind::parse(kind));
        config.kinds = kinds.collect::<Result<_>>()?;
        config.field = self.field;
        config.max_pending = self.max_pending;
        config.ttl_s = self.ttl_s;
        config.name = self.name;
        if let Some((name, version, deployed_at)) = self.model {
            let deployed_at = deployed_at.map(Timestamp::from_nanos);
            config.model = Some(ModelId::new(&name, version.as_deref(), deployed_at)?);
        }
        let mut monitor = Monitor::new(plan, config)?;
        let width = monitor.columns.len();
        if self.tracks.columns.len() != width {
            return impossible("alarms of another number of columns");
        }
        let possible = |own: &Dependence| own.window >= 1.0 && own.baseline >= 1.0;
        if let Some(own) = &self.dependence
            && !(own.len() == width && own.iter().all(possible))
        {
            return impossible("an impossible dependence");
        }
        let window = self.window;
        let parts = std::iter::once((&self.tally, &self.rows));
        let parts = parts.chain(self.ended.iter().map(|(tally, rows)| (tally, rows)));
        for (tally, rows) in parts {
            if !tally.is_possible(width, window) {
                return impossible("impossible counts");
            }
            let kept = rows.as_ref();
            if kept.map(|rows| rows.capacity) != window.kept()
                || kept.is_some_and(|rows| !rows.is_possible(width, tally.rows()))
            {
                return impossible("impossible rows");
            }
        }
        if self.looks < self.tracks.last || self.n_rows < self.since {
            return impossible("more alarms than looks");
        }
        let predictions = Predictions::read(self.predictions, &monitor.config, width);
        let Some(predictions) = predictions else {
            return impossible("impossible predictions");
        };
        monitor.predictions = Mutex::new(predictions);
        let mut watch = Watch::new(&monitor.config, &monitor.columns);
        watch.tally = self.tally;
        watch.rows = self.rows;
        watch.ended = self.ended;
        watch.n_rows = self.n_rows;
        watch.since = self.since;
        watch.looks = self.looks;
        watch.clock = self.clock.map(Timestamp::from_nanos);
        watch.looked_at = self.looked_at.map(Timestamp::from_nanos);
        watch.period = self.period;
        monitor.watch = Mutex::new(watch);
        monitor.tracks = Mutex::new(self.tracks);
        monitor.dependence = self.dependence;
        Ok(monitor)
    }
}

impl Tally {
    /// Whether a window of so many columns can have these counts.
    fn is_possible(&self, columns: usize, window: Window) -> bool {
        let finite = |values: &[f64]| {
            values
                .iter()
                .all(|value| *value >= 0.0 && value.is_finite())
        };
        match (self, window) {
            (
                Self::Whole { counts, rows },
                Window::Last(_) | Window::TumblingRows(_) | Window::TumblingTime(_),
            ) => {
                let of = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>();
                counts.len() == columns * CODES
                    && counts.chunks_exact(CODES).all(|counts| of(counts) == *rows)
            }
            (
                Self::Fading {
                    weights,
                    next,
                    growth,
                    sums,
                },
                Window::Fading(half_life),
            ) => {
                weights.len() == columns * CODES
                    && finite(weights)
                    && finite(sums)
                    && self.rows() as f64 <= 3.0 * half_life + 2.0
                    && weights.chunks_exact(CODES).all(|weights| {
                        let sum: f64 = weights.iter().sum();
                        (sum - sums[0]).abs() <= 1e-6 * sums[0]
                    })
                    && (1.0..1e300).contains(next)
                    && *growth == half_life.recip().exp2()
            }
            _ => false,
        }
    }
}
