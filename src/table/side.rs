//! One side of a comparison, read column by column.

use parking_lot::Mutex;

use super::column::Column;
use super::groups::Groups;
use super::profile::Profile;
use super::rows::RowHashes;
use super::sampling::{Coder, Lots};
use super::{ColumnData, Host};
use crate::error::{Error, Result};

/// One side as it was read.
pub(super) struct Side {
    pub(super) rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) columns: Vec<SideColumn>,
}

/// One column of it.
pub(super) struct SideColumn {
    pub(super) profile: Profile,
    pub(super) groups: Vec<Profile>,
    /// A coder of its own, for a baseline.
    pub(super) coder: Option<Coder>,
    pub(super) codes: Vec<u8>,
}

/// What a column is read for.
pub(super) enum Reading<'a> {
    /// To be kept, with at most so many numbers of each column.
    Baseline { max_exact: u64 },
    /// To be compared with a baseline that is coded so.
    Current(&'a Coder),
}

/// What columns of one table at hand have in common; several threads share it.
pub(super) struct SideReader<'a> {
    rows: usize,
    drawn: Vec<usize>,
    groups: Option<&'a Groups>,
    /// One for each thread that is at work.
    hashes: Mutex<Vec<RowHashes>>,
}

impl<'a> SideReader<'a> {
    /// # Errors
    /// `EmptySample` for a table without rows.
    pub(super) fn new(
        argument: &'static str,
        rows: usize,
        lots: Lots,
        groups: Option<&'a Groups>,
    ) -> Result<Self> {
        if rows == 0 {
            return Err(no_rows(argument, "a table"));
        }
        let mut lots = lots;
        let drawn = lots.draw(rows);
        Ok(Self {
            rows,
            drawn,
            groups,
            hashes: Mutex::default(),
        })
    }

    /// Takes a column; that of a baseline makes a coder.
    pub(super) fn take(&self, name: &str, data: ColumnData, reading: &Reading<'_>) -> SideColumn {
        let column = Column::read(data);
        let taken = self.hashes.lock().pop();
        let mut hashes = taken.unwrap_or_else(|| RowHashes::new(self.rows));
        column.mix_into(&mut hashes, name);
        self.hashes.lock().push(hashes);
        let groups = self
            .groups
            .map(|groups| groups.split(&column))
            .unwrap_or_default();
        let groups = groups.into_iter().map(Profile::of);
        let max_exact = match reading {
            Reading::Baseline { max_exact } => *max_exact,
            Reading::Current(coder) => {
                let codes = coder.codes(&column, &self.drawn);
                return SideColumn {
                    codes,
                    groups: groups.collect(),
                    coder: None,
                    profile: Profile::of(column),
                };
            }
        };
        let groups = groups.map(|group| group.at_most(max_exact)).collect();
        let sampled = column.take(&self.drawn);
        let all: Vec<usize> = (0..self.drawn.len()).collect();
        let profile = Profile::of(column).at_most(max_exact);
        let coder = Coder::of(&profile);
        let codes = coder.codes(&sampled, &all);
        SideColumn {
            profile,
            groups,
            coder: Some(coder),
            codes,
        }
    }

    /// Rows that equal an earlier one in all columns taken.
    pub(super) fn duplicate_rows(self, host: &dyn Host) -> u64 {
        let mut parts = self.hashes.into_inner();
        let mut duplicates = 0;
        host.aside(&mut || duplicates = whole(&mut parts).map_or(0, RowHashes::duplicates));
        duplicates
    }
}

/// The hashes of rows that were mixed in parts.
pub(super) fn whole(parts: &mut Vec<RowHashes>) -> Option<RowHashes> {
    parts.drain(..).reduce(|mut sum, other| {
        sum.merge(&other);
        sum
    })
}

pub(super) fn no_rows(argument: &'static str, what: &str) -> Error {
    Error::EmptySample {
        argument: argument.into(),
        got: format!("{what} without rows"),
        allowed: "at least one row".into(),
    }
}
