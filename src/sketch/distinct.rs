//! How many different hashes there were.

/// Hashes that are kept; the estimate's standard error is its root's inverse.
const KEPT: usize = 1 << 14;

/// Counts different things by the lowest of their hashes.
///
/// The answer depends on the set of the hashes alone. Up to 16,384 it is exact;
/// beyond, an estimate with a standard error of 0.8 %. At most 256 kB.
///
/// # Source
/// Bar-Yossef, Jayram, Kumar, Sivakumar, Trevisan, "Counting distinct elements in
/// a data stream", RANDOM 2002; the unbiased estimate: Beyer, Haas,
/// Reinwald, Sismanis, Gemulla, "On synopses for distinct-value estimation under
/// multiset operations", SIGMOD 2007.
#[derive(Debug, Clone, Default)]
pub(super) struct DistinctHashes {
    /// In ascending order, each once.
    lowest: Vec<u64>,
    /// Below the highest of `lowest`, or there is room; in any order.
    fresh: Vec<u64>,
}

impl DistinctHashes {
    pub(super) fn extend(&mut self, hashes: impl IntoIterator<Item = u64>) {
        for hash in hashes {
            let is_full = self.lowest.len() >= KEPT;
            if is_full && self.lowest.last().is_some_and(|&most| hash >= most) {
                continue;
            }
            self.fresh.push(hash);
            if self.fresh.len() >= KEPT {
                self.settle();
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.extend(other.lowest.iter().chain(&other.fresh).copied());
    }

    fn settle(&mut self) {
        self.lowest.append(&mut self.fresh);
        self.lowest.sort_unstable();
        self.lowest.dedup();
        self.lowest.truncate(KEPT);
    }

    /// How many different ones.
    pub(super) fn count(&self) -> u64 {
        let mut all = self.clone();
        all.settle();
        match all.lowest.last() {
            Some(&most) if all.lowest.len() == KEPT => {
                let share = (most as f64 + 1.0) / 2_f64.powi(64);
                ((KEPT - 1) as f64 / share).round() as u64
            }
            _ => all.lowest.len() as u64,
        }
    }
}
