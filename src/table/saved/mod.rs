//! Plans as bytes and as files.
//!
//! A header says that it is a plan, in which format, written by which version, how long,
//! and a checksum (SHA-256) over all of it tells whether anything was damaged. A checksum
//! is no signature: whoever can write the file can make another one. So all that is read is
//! checked again before it is used, and nothing in it makes a reader crash, hang or take
//! more memory than it was told to.
//!
//! Numbers are written as they are, little end first, on any machine: different values and
//! how often each occurs, whole ones as steps. Behind the header: one [`Head`], then each
//! column; all encoded by postcard.
//!
//! | where | what |
//! |---|---|
//! | `settings.rs` | what a comparison is to answer |
//! | `profile/saved.rs`, `performance/saved_sum.rs` | what is kept of values |

mod settings;

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::estimating::Estimating;
use super::groups::MOST;
use super::paired::Paired;
use super::performance::Performance;
use super::plan::{Plan, Planned, PlannedSegments};
use super::profile::{Checked, Room, SavedProfile};
use super::sampling::{Coder, MISSING};
use crate::error::{Error, Result};
use crate::saved::{self, Form};
use settings::SavedSettings;

const FORM: Form = Form {
    name: "plan",
    letters: *b"plan",
};

/// Counts of more rows are not told apart by all figures.
const MOST_ROWS: u64 = 1 << 40;

/// All of a plan but its columns.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    settings: SavedSettings,
    rows: u64,
    duplicate_rows: u64,
    segments: Option<SavedSegments>,
    performance: Option<(Paired, Performance)>,
    no_performance: Option<String>,
    estimating: Option<Estimating>,
    columns: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedSegments {
    names: Vec<Option<Box<str>>>,
    rows: Vec<u64>,
    omitted: u64,
}

/// One column; how its cells are coded follows from its values.
#[derive(Debug, Serialize, Deserialize)]
struct SavedColumn {
    name: String,
    profile: SavedProfile,
    codes: Vec<u8>,
    groups: Vec<SavedProfile>,
}

impl Plan {
    /// How many numbers a plan may have by default once it is read: 8 bytes each.
    pub const MAX_VALUES: u64 = 1 << 28;

    /// The plan as bytes, the same on every machine.
    ///
    /// # Errors
    /// `InvalidType` for a plan with a test of the user's own, which cannot be written.
    /// # Cost
    /// O(n) for n different numbers and labels; about 8 bytes for each number (fewer for
    /// whole ones), and those of the labels.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = FORM.begin(&self.head()?)?;
        for column in &self.columns {
            bytes = FORM.add(bytes, &SavedColumn::of(column))?;
        }
        Ok(FORM.seal(bytes))
    }

    /// The plan of bytes that [`Plan::to_bytes`] made: its reports are the same to the last
    /// bit.
    ///
    /// Values that occur often take little room in bytes and 8 bytes each in memory:
    /// bytes of a plan with more than `max_values` ([`Plan::MAX_VALUES`]) numbers are refused.
    ///
    /// # Errors
    /// `InvalidValue` for bytes that are no plan, that are damaged or written by a later
    /// version, and for anything in them that no plan has.
    pub fn from_bytes(bytes: &[u8], max_values: u64) -> Result<Self> {
        let payload = FORM.open(bytes)?;
        let (head, mut rest) = FORM.take::<Head>(payload)?;
        let mut room = Room(max_values);
        let mut columns = Vec::new();
        for _ in 0..head.columns {
            let (column, after) = FORM.take::<SavedColumn>(rest)?;
            rest = after;
            columns.push(column.read(&head, &mut room).map_err(damaged)?);
        }
        if !rest.is_empty() {
            return Err(damaged("a plan with more behind its columns"));
        }
        head.read(columns)
    }

    /// Writes the plan to a file, which is there wholly or not at all: what was there before
    /// stays until the new one is safe on disk, whatever fails.
    ///
    /// # Errors
    /// Those of [`Plan::to_bytes`]; `File` where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = self.to_bytes()?;
        saved::write(path, &bytes)
    }

    /// Reads the plan of a file that [`Plan::save`] wrote.
    ///
    /// # Errors
    /// Those of [`Plan::from_bytes`]; `File` where it cannot be read.
    pub fn load(path: &Path, max_values: u64) -> Result<Self> {
        let bytes = saved::read(path)?;
        Self::from_bytes(&bytes, max_values)
    }

    /// How many bytes [`Plan::to_bytes`] makes; without the settings where it refuses them.
    ///
    /// # Cost
    /// O(n), without making them, the first time.
    pub fn n_bytes(&self) -> u64 {
        let head = self
            .head()
            .ok()
            .and_then(|head| saved::size(&head))
            .unwrap_or(0);
        let columns: u64 = self.column_bytes().map(|(_, bytes)| bytes).sum();
        FORM.header_bytes() + head + columns
    }

    /// How many of them each column takes, in the order of [`Plan::columns`].
    pub fn column_bytes(&self) -> impl Iterator<Item = (&str, u64)> {
        let sizes = self.sizes.get_or_init(|| {
            let sizes = self
                .columns
                .iter()
                .map(|column| saved::size(&SavedColumn::of(column)));
            sizes.map(Option::unwrap_or_default).collect()
        });
        self.columns().zip(sizes.iter().copied())
    }

    fn head(&self) -> Result<Head> {
        let segments = self.segments.as_ref().map(|segments| SavedSegments {
            names: segments.names.clone(),
            rows: segments.rows.clone(),
            omitted: segments.omitted as u64,
        });
        Ok(Head {
            settings: SavedSettings::of(&self.settings)?,
            rows: self.rows,
            duplicate_rows: self.duplicate_rows,
            segments,
            performance: self.performance.clone(),
            no_performance: self.no_performance.clone(),
            estimating: self.estimating.clone(),
            columns: self.columns.len() as u64,
        })
    }
}

impl Head {
    fn read(self, columns: Vec<Planned>) -> Result<Plan> {
        self.check(&columns).map_err(damaged)?;
        let settings = self
            .settings
            .read()
            .map_err(|error| damaged(&error.to_string()))?;
        let sampled = settings.sampled(columns.len()) as u64;
        let codes = columns.iter().map(|column| column.codes.len() as u64);
        if codes.clone().any(|codes| codes != sampled.min(self.rows)) {
            return Err(damaged("another number of rows sampled"));
        }
        let segments = self.segments.map(|segments| PlannedSegments {
            names: segments.names,
            rows: segments.rows,
            omitted: usize::try_from(segments.omitted).unwrap_or(usize::MAX),
        });
        if settings.segments.is_some() != segments.is_some() {
            return Err(damaged("segments that nobody asked for"));
        }
        let pair = settings.target.is_some() && settings.prediction.is_some();
        if !pair && (self.performance.is_some() || self.no_performance.is_some()) {
            return Err(damaged("a performance that nobody asked for"));
        }
        Ok(Plan {
            rows: self.rows,
            duplicate_rows: self.duplicate_rows,
            columns,
            segments,
            performance: self.performance,
            no_performance: self.no_performance,
            estimating: self.estimating,
            settings,
            sizes: Default::default(),
        })
    }

    fn check(&self, columns: &[Planned]) -> Checked<()> {
        if !(1..=MOST_ROWS).contains(&self.rows) || self.duplicate_rows > self.rows {
            return Err("an impossible number of rows");
        }
        let mut names = HashSet::new();
        if columns.is_empty() || !columns.iter().all(|column| names.insert(&column.name)) {
            return Err("no columns, or two of one name");
        }
        if let Some(segments) = &self.segments {
            let mut names = HashSet::new();
            let sum = |sum: u64, &rows: &u64| sum.checked_add(rows);
            let rows = segments.rows.iter().try_fold(segments.omitted, sum);
            if segments.names.len() > MOST
                || segments.names.len() != segments.rows.len()
                || !segments.names.iter().all(|name| names.insert(name))
                || rows.is_none_or(|rows| rows > self.rows)
            {
                return Err("impossible segments");
            }
        }
        if let Some(estimating) = &self.estimating
            && estimating.validate().is_err()
        {
            return Err("impossible estimates");
        }
        match &self.performance {
            Some((_, performance))
                if !performance.is_possible() || performance.rows() > self.rows =>
            {
                Err("an impossible performance")
            }
            _ => Ok(()),
        }
    }
}

impl SavedColumn {
    fn of(column: &Planned) -> Self {
        Self {
            name: column.name.clone(),
            profile: SavedProfile::of(&column.profile),
            codes: column.codes.clone(),
            groups: column.groups.iter().map(SavedProfile::of).collect(),
        }
    }

    fn read(self, head: &Head, room: &mut Room) -> std::result::Result<Planned, &'static str> {
        if self.codes.iter().any(|&code| code > MISSING) {
            return Err("codes above 63");
        }
        let rows = head
            .segments
            .as_ref()
            .map_or(&[][..], |segments| &segments.rows);
        if self.groups.len() != rows.len() {
            return Err("another number of groups");
        }
        let profile = self.profile.read(head.rows, room)?;
        let groups = self.groups.into_iter().zip(rows);
        let groups = groups.map(|(group, &rows)| group.read(rows, room));
        Ok(Planned {
            name: self.name,
            coder: Coder::of(&profile),
            groups: groups.collect::<Checked<_>>()?,
            profile,
            codes: self.codes,
        })
    }
}

fn damaged(why: &str) -> Error {
    FORM.damaged(why)
}
