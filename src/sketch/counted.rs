//! Different values and how often each occurs.

/// Different values in ascending order, each with its count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counted {
    values: Vec<f64>,
    counts: Vec<u64>,
}

impl Counted {
    /// Of values in ascending order.
    pub(super) fn of_sorted(sorted: &[f64]) -> Self {
        let mut counted = Self::default();
        for same in sorted.chunk_by(|x, y| x == y) {
            if let Some(&value) = same.first() {
                counted.values.push(value);
                counted.counts.push(same.len() as u64);
            }
        }
        counted
    }

    /// Of values with counts, in any order.
    pub(super) fn of_pairs(mut pairs: Vec<(f64, u64)>) -> Self {
        // Stable: runs that are in order cost a merge only.
        pairs.sort_by(|x, y| x.0.total_cmp(&y.0));
        let mut counted = Self::default();
        for same in pairs.chunk_by(|x, y| x.0 == y.0) {
            if let Some(&(value, _)) = same.first() {
                let count = same.iter().fold(0_u64, |sum, x| sum.saturating_add(x.1));
                counted.values.push(value);
                counted.counts.push(count);
            }
        }
        counted
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn get(&self, k: usize) -> Option<(f64, u64)> {
        Some((*self.values.get(k)?, *self.counts.get(k)?))
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, u64)> {
        self.values.iter().copied().zip(self.counts.iter().copied())
    }

    pub(super) fn into_parts(self) -> (Vec<f64>, Vec<u64>) {
        (self.values, self.counts)
    }

    /// Merges the other into this, from the highest down and in place.
    pub(super) fn add(&mut self, other: Self) {
        if self.values.is_empty() {
            *self = other;
            return;
        }
        let (mut left, mut right) = (self.len(), other.len());
        let mut to = left + right - self.n_shared(&other);
        self.values.resize(to, 0.0);
        self.counts.resize(to, 0);
        // What is left of this once the other is used up is in its place. Which of
        // two values is higher cannot be foreseen: no branch depends on it.
        while left > 0 && right > 0 {
            let (x, y) = (self.values[left - 1], other.values[right - 1]);
            let (from_left, from_right) = (x >= y, x <= y);
            let count = u64::from(from_left) * self.counts[left - 1];
            let more = u64::from(from_right) * other.counts[right - 1];
            to -= 1;
            self.values[to] = if from_left { x } else { y };
            self.counts[to] = count.saturating_add(more);
            left -= usize::from(from_left);
            right -= usize::from(from_right);
        }
        self.values[..right].copy_from_slice(&other.values[..right]);
        self.counts[..right].copy_from_slice(&other.counts[..right]);
    }

    /// How many values both have.
    fn n_shared(&self, other: &Self) -> usize {
        let (mut i, mut j, mut shared) = (0, 0, 0);
        while let (Some(x), Some(y)) = (self.values.get(i), other.values.get(j)) {
            shared += usize::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(x >= y);
        }
        shared
    }
}
