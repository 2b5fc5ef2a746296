//! Values with weights that are powers of two, compacted where there are many.

use super::counted::Counted;
use super::distinct::DistinctHashes;
use super::hash::hash_value;

/// What stands for more different values than are kept.
#[derive(Debug, Clone)]
pub(super) struct Compactors {
    /// A level with so many values is compacted.
    size: usize,
    levels: Vec<Level>,
    distinct: DistinctHashes,
    min: f64,
    max: f64,
}

/// Values that stand for `2^k` values each, `k` the number of the level.
#[derive(Debug, Clone, Default)]
struct Level {
    /// In ascending order.
    values: Vec<f64>,
    /// Compactions that raised ranks.
    n_raised: u64,
    /// Compactions that lowered ranks.
    n_lowered: u64,
}

impl Level {
    /// Every second value, for the next level; of an odd number the highest
    /// stays. The lower of each pair raises ranks by at most one value of this
    /// level, the higher lowers them as much; in turn, so that errors cancel.
    fn compact(&mut self) -> Vec<f64> {
        let odd = match self.values.len() % 2 {
            0 => None,
            _ => self.values.pop(),
        };
        let lowers = self.n_raised > self.n_lowered;
        self.n_lowered += u64::from(lowers);
        self.n_raised += u64::from(!lowers);
        let every_second = self.values.iter().skip(usize::from(lowers)).step_by(2);
        let passed_on = every_second.copied().collect();
        self.values.clear();
        self.values.extend(odd);
        passed_on
    }
}

impl Compactors {
    /// Takes over values with their counts, which lose nothing but what
    /// compacting loses.
    pub(super) fn of_counted(counted: &Counted, size: usize) -> Self {
        let mut compactors = Self {
            size,
            levels: Vec::new(),
            distinct: DistinctHashes::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        };
        compactors.add(counted);
        compactors
    }

    /// Adds values with counts: for each bit of a count, its value to one level.
    pub(super) fn add(&mut self, counted: &Counted) {
        self.saw(counted.values());
        let mut bits = counted.iter().fold(0, |bits, (_, count)| bits | count);
        let mut level = 0;
        while bits != 0 {
            if bits & 1 == 1 {
                let with_bit = counted.iter().filter(|(_, count)| count >> level & 1 == 1);
                self.insert(level, with_bit.map(|(value, _)| value).collect());
            }
            bits >>= 1;
            level += 1;
        }
    }

    /// Adds values in ascending order, each of which counts once.
    pub(super) fn add_sorted(&mut self, sorted: &[f64]) {
        self.saw(sorted);
        if let Some(first) = self.levels.first_mut() {
            let was_empty = first.values.is_empty();
            first.values.extend_from_slice(sorted); // into memory that is kept
            if !was_empty {
                first.values.sort_by(f64::total_cmp); // two runs: a merge
            }
            if first.values.len() >= self.size {
                let passed_on = first.compact();
                self.insert(1, passed_on);
            }
        } else {
            self.insert(0, sorted.to_vec());
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (k, level) in other.levels.iter().enumerate() {
            self.insert(k, level.values.clone());
        }
        for (mine, others) in self.levels.iter_mut().zip(&other.levels) {
            mine.n_raised += others.n_raised;
            mine.n_lowered += others.n_lowered;
        }
        self.distinct.merge(&other.distinct);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Notes the ends of values in ascending order, and which there are.
    fn saw(&mut self, sorted: &[f64]) {
        if let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) {
            self.min = self.min.min(first);
            self.max = self.max.max(last);
        }
        let different = sorted.chunk_by(|x, y| x == y).filter_map(<[f64]>::first);
        self.distinct
            .extend(different.map(|&value| hash_value(value)));
    }

    /// Adds values in ascending order to a level, and compacts.
    fn insert(&mut self, mut level: usize, mut sorted: Vec<f64>) {
        loop {
            if self.levels.len() <= level {
                self.levels.resize_with(level + 1, Level::default);
            }
            let here = &mut self.levels[level];
            if here.values.is_empty() {
                here.values = sorted;
            } else if !sorted.is_empty() {
                here.values.append(&mut sorted);
                here.values.sort_by(f64::total_cmp); // two runs: a merge
            }
            if here.values.len() < self.size {
                return;
            }
            sorted = here.compact();
            level += 1;
        }
    }

    /// All values with their weights, and `more` in ascending order, which count
    /// once. The lowest and the highest are exact.
    pub(super) fn counted(&self, more: Vec<f64>) -> Counted {
        let mut pairs: Vec<(f64, u64)> = Vec::new();
        for (k, level) in self.levels.iter().enumerate() {
            let weight = 1_u64.checked_shl(k as u32).unwrap_or(u64::MAX);
            pairs.extend(level.values.iter().map(|&value| (value, weight)));
        }
        let (min, max) = match (more.first(), more.last()) {
            (Some(&first), Some(&last)) => (self.min.min(first), self.max.max(last)),
            _ => (self.min, self.max),
        };
        pairs.extend(more.into_iter().map(|value| (value, 1)));
        pairs.sort_by(|x, y| x.0.total_cmp(&y.0));
        // One value of those that the ends stand for: no rank is further off.
        if let Some((value, weight)) = pairs.first_mut() {
            if *weight == 1 {
                *value = min;
            } else {
                *weight -= 1;
                pairs.insert(0, (min, 1));
            }
        }
        if let Some((value, weight)) = pairs.last_mut() {
            if *weight == 1 {
                *value = max;
            } else {
                *weight -= 1;
                pairs.push((max, 1));
            }
        }
        Counted::of_pairs(pairs)
    }

    /// The most by which the number of values up to any value can be off.
    pub(super) fn rank_error(&self) -> u64 {
        let sum_of = |n_of: fn(&Level) -> u64| {
            let weighted = self.levels.iter().enumerate().map(|(k, level)| {
                let weight = 1_u64.checked_shl(k as u32).unwrap_or(u64::MAX);
                n_of(level).saturating_mul(weight)
            });
            weighted.fold(0, u64::saturating_add)
        };
        sum_of(|level| level.n_raised).max(sum_of(|level| level.n_lowered))
    }

    /// How many different values, about; `more` in ascending order are new.
    pub(super) fn distinct(&self, more: &[f64]) -> u64 {
        let mut distinct = self.distinct.clone();
        distinct.extend(more.iter().map(|&value| hash_value(value)));
        distinct.count()
    }
}
