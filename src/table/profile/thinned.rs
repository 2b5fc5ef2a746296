//! Values that stand for others.

/// Different values in ascending order, and how many there are up to each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weighted {
    pub(super) values: Vec<f64>,
    pub(super) upto: Vec<u64>,
}

/// What is kept of more numbers than are kept.
pub(super) struct Thinned {
    pub(super) all: Weighted,
    /// At so many equal steps of rank there is a value for tests.
    pub(super) points: u64,
    pub(super) distinct: u64,
    pub(super) whole: bool,
    /// Mean and standard deviation, where those of `all` are not meant.
    pub(super) moments: Option<Option<(f64, f64)>>,
}

impl Weighted {
    pub(super) fn of_counts(values: Vec<f64>, counts: &[u64]) -> Self {
        let mut below = 0;
        let upto = counts.iter().map(|count| {
            below += count;
            below
        });
        Self {
            upto: upto.collect(),
            values,
        }
    }

    /// The value of a rank, from 0.
    pub(super) fn at(&self, rank: u64) -> f64 {
        let place = self.upto.partition_point(|&upto| upto <= rank);
        let place = place.min(self.values.len().saturating_sub(1));
        self.values.get(place).copied().unwrap_or(f64::NAN)
    }

    /// How many there are among the first `place` different ones.
    pub(super) fn before(&self, place: usize) -> u64 {
        let last = place.checked_sub(1).and_then(|last| self.upto.get(last));
        last.copied().unwrap_or(0)
    }
}
