//! Rows in chunks, on several threads.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Foreign, Result};

/// From so many rows on, several threads pay.
const SHARE_FROM: usize = 20_000;

/// How rows are estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chunks {
    /// How many rows make a chunk; `None` for all. The last chunk has what is left.
    pub size: Option<usize>,
    /// How often the intervals are to hold the realised value.
    pub level: f64,
    /// On how many threads at most; `None` for as many as there are processors.
    pub threads: Option<usize>,
}

impl Default for Chunks {
    fn default() -> Self {
        Self {
            size: None,
            level: 0.95,
            threads: None,
        }
    }
}

impl Chunks {
    /// # Errors
    /// `InvalidValue` for a level outside 0 to 1 and for chunks of no rows.
    pub fn validate(&self) -> Result<()> {
        if !(self.level > 0.0 && self.level < 1.0) {
            let allowed = "a number between 0 and 1, both excluded";
            return Err(Error::invalid_value("level", self.level, allowed));
        }
        if self.size == Some(0) {
            return Err(Error::invalid_value(
                "chunk_size",
                0,
                "1 or more rows, or None",
            ));
        }
        Ok(())
    }

    pub(super) fn ranges(&self, rows: usize) -> Vec<Range<usize>> {
        let size = self.size.unwrap_or(rows).max(1);
        let range = |start: usize| start..rows.min(start.saturating_add(size));
        (0..rows).step_by(size).map(range).collect()
    }

    /// What `work` makes of each of so many parts, in their order.
    pub(super) fn each<T: Send>(
        &self,
        rows: usize,
        parts: usize,
        work: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>> {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if rows < SHARE_FROM {
            1
        } else {
            self.threads.unwrap_or_else(all).min(parts)
        };
        let next = AtomicUsize::new(0);
        let made = Mutex::new(Vec::with_capacity(parts));
        let labour = || {
            loop {
                let part = next.fetch_add(1, Ordering::Relaxed);
                if part >= parts {
                    break;
                }
                // What fails is missing at the end.
                let one = catch_unwind(AssertUnwindSafe(|| work(part)));
                if let (Ok(one), Ok(mut made)) = (one, made.lock()) {
                    made.push((part, one));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // No thread to be had: fewer, then.
                let _ = std::thread::Builder::new().spawn_scoped(scope, labour);
            }
            labour();
        });
        let mut made = made.into_inner().unwrap_or_default();
        if made.len() < parts {
            let error = std::io::Error::other("a thread failed: please report this");
            return Err(Error::Foreign(Foreign::new(error)));
        }
        made.sort_by_key(|(part, _)| *part);
        Ok(made.into_iter().map(|(_, one)| one).collect())
    }
}
