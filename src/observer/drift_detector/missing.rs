//! How many of the last arrivals were missing.

use std::collections::VecDeque;

/// The missing ones among the last `size` arrivals.
///
/// Only missing arrivals are remembered, so that those with a value cost
/// nothing: the share can only fall between two missing arrivals, and what it
/// fell to is found out at the second.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    size: usize,
    max_rate: f64,
    /// Arrivals so far, missing or not.
    arrivals: u64,
    /// Missing arrivals so far.
    total: u64,
    /// Numbers of the missing arrivals that may still count.
    recent: VecDeque<u64>,
    /// Whether the share has been too high since it was last acceptable.
    exceeded: bool,
}

impl Missing {
    pub(super) fn new(size: usize, max_rate: f64) -> Self {
        Self {
            size,
            max_rate,
            arrivals: 0,
            total: 0,
            recent: VecDeque::new(),
            exceeded: false,
        }
    }

    /// Missing arrivals so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Arrivals with a value so far.
    pub(super) fn present(&self) -> u64 {
        self.arrivals - self.total
    }

    /// Counts arrivals with a value.
    pub(super) fn count_present(&mut self, n: usize) {
        self.arrivals += n as u64;
    }

    /// Counts a missing arrival. Answers how many of the last `size` arrivals
    /// are missing when this one brings their share above the accepted rate.
    pub(super) fn count_missing(&mut self) -> Option<usize> {
        self.forget();
        self.exceeded &= self.is_too_many();
        self.arrivals += 1;
        self.total += 1;
        self.recent.push_back(self.arrivals);
        self.forget();
        let entered = self.is_too_many() && !self.exceeded;
        self.exceeded |= entered;
        entered.then_some(self.recent.len())
    }

    /// Missing ones among the last `size` arrivals.
    pub(super) fn recent(&mut self) -> usize {
        self.forget();
        self.recent.len()
    }

    /// While too many are missing: how many arrivals with a value bring the share
    /// back to the accepted rate.
    #[inline]
    pub(super) fn until_recovery(&self) -> Option<usize> {
        if !self.exceeded {
            return None;
        }
        self.leaves()
    }

    #[cold]
    fn leaves(&self) -> Option<usize> {
        let accepted = (self.max_rate * self.size as f64) as usize;
        let last = self.recent.len().checked_sub(accepted + 1)?;
        let leaves = self.recent.get(last)? + self.size as u64;
        Some(leaves.saturating_sub(self.arrivals) as usize)
    }

    /// Whether the share among the last `size` arrivals is above the rate now.
    pub(super) fn is_exceeded(&mut self) -> bool {
        self.forget();
        self.exceeded &= self.is_too_many();
        self.exceeded
    }

    fn is_too_many(&self) -> bool {
        self.recent.len() as f64 > self.max_rate * self.size as f64
    }

    /// Drops what is no longer among the last `size` arrivals.
    fn forget(&mut self) {
        let oldest = self.arrivals.saturating_sub(self.size as u64);
        while self.recent.front().is_some_and(|&number| number <= oldest) {
            self.recent.pop_front();
        }
    }
}
