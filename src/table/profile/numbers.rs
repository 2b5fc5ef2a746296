//! Numbers in ascending order.

use std::sync::{Arc, OnceLock};

use super::thinned::{Thinned, Weighted};

use crate::drift::Sorted;
use crate::math;
use crate::sketch::RankSummary;

/// So many values of a stream are kept at most.
const KEPT: usize = 1 << 20;

/// At least one number; infinities are numbers.
#[derive(Debug)]
pub(crate) struct Numbers {
    sorted: Arc<Sorted>,
    /// How many are there, which are more than are kept when they stand for others.
    len: u64,
    distinct: u64,
    whole: bool,
    /// Found when first asked for: those of a baseline are asked for again and again.
    moments: OnceLock<Option<(f64, f64)>>,
    /// Where fewer are kept than there are: all of them, with their counts.
    all: Option<Weighted>,
}

impl Numbers {
    /// Of values of which NaN are missing; `None` when all are.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        math::sort_values(&mut values);
        Self::of_sorted(values)
    }

    /// Of what came in batches; beyond 1,048,576 values, as many at equal steps of rank
    /// stand for all in tests, and figures are those of all.
    pub(crate) fn of_summary(summary: RankSummary) -> Option<Self> {
        let (n, exact, distinct) = (summary.n(), summary.is_exact(), summary.distinct());
        let (values, counts) = summary.into_counts();
        let whole = values.iter().all(|value| value.fract() == 0.0);
        let mut kept = Vec::with_capacity(usize::try_from(n).unwrap_or(KEPT).min(KEPT));
        if exact && n <= KEPT as u64 {
            for (&value, &count) in values.iter().zip(&counts) {
                kept.extend(std::iter::repeat_n(value, count as usize));
            }
            return Self::of_sorted(kept);
        }
        let points = n.min(KEPT as u64);
        Self::thinned(Thinned {
            all: Weighted::of_counts(values, &counts),
            points,
            distinct,
            whole,
            moments: None,
        })
    }

    /// At most so many values: where more of them are different, as many at equal steps of
    /// rank stand for all. Ranks are within 1 / `most` of all then; the ends, how many are
    /// infinite or different, mean and spread stay as they are.
    pub(crate) fn at_most(self, most: u64) -> Self {
        let points = most.min(self.len);
        let all = match &self.all {
            None if self.distinct <= most => return self,
            Some(all) if all.values.len() as u64 <= most => {
                if self.values().len() as u64 <= most {
                    return self;
                }
                all.clone()
            }
            _ => self.at_steps(points),
        };
        let thinned = Self::thinned(Thinned {
            all,
            points,
            distinct: self.distinct,
            whole: self.whole,
            moments: Some(self.moments()),
        });
        thinned.unwrap_or(self)
    }

    /// The values at so many equal steps of rank, each with how many there are up to it.
    fn at_steps(&self, points: u64) -> Weighted {
        let mut ranks: Vec<u64> = (0..points).map(|k| rank_of(k, points, self.len)).collect();
        let (low, high) = (self.below(f64::MIN), self.above(f64::MAX));
        if low + high > 0 && low + high < self.len {
            // Infinities are told from the rest.
            ranks.extend([low, self.len - high - 1]);
            ranks.sort_unstable();
        }
        let mut all = Weighted::default();
        for rank in ranks {
            let value = self.at(rank);
            if all.values.last() != Some(&value) {
                all.values.push(value);
                all.upto.push(self.len - self.above(value));
            }
        }
        all
    }

    /// Of values in ascending order and how often each occurs; `None` for none.
    pub(crate) fn of_counts(counts: impl IntoIterator<Item = (f64, u64)>) -> Option<Self> {
        let mut all = Weighted::default();
        for (value, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let upto = all.upto.last().copied().unwrap_or(0) + count;
            match all.upto.last_mut() {
                Some(last) if all.values.last() == Some(&value) => *last = upto,
                _ => {
                    all.values.push(value);
                    all.upto.push(upto);
                }
            }
        }
        let len = all.upto.last().copied()?;
        let distinct = all.values.len() as u64;
        if len <= KEPT as u64 {
            let ranks = 0..len;
            return Self::of_sorted(ranks.map(|rank| all.at(rank)).collect());
        }
        Self::thinned(Thinned {
            whole: all.values.iter().all(|value| value.fract() == 0.0),
            all,
            points: KEPT as u64,
            distinct,
            moments: None,
        })
    }

    /// Of values that stand for others.
    pub(super) fn thinned(thinned: Thinned) -> Option<Self> {
        let all = thinned.all;
        let len = all.upto.last().copied()?;
        let ranks = (0..thinned.points).map(|k| rank_of(k, thinned.points, len));
        let kept = Self::of_sorted(ranks.map(|rank| all.at(rank)).collect())?;
        let moments = thinned.moments.map_or_else(OnceLock::new, OnceLock::from);
        Some(Self {
            len,
            distinct: thinned.distinct,
            whole: thinned.whole,
            moments,
            all: Some(all),
            ..kept
        })
    }

    pub(super) fn of_sorted(values: Vec<f64>) -> Option<Self> {
        let first = values.first()?;
        let steps = values
            .iter()
            .zip(values.iter().skip(1))
            .map(|(a, b)| u64::from(a != b));
        let distinct = 1 + steps.sum::<u64>();
        let whole = first.is_finite() && values.iter().all(|value| value.fract() == 0.0);
        Some(Self {
            len: values.len() as u64,
            distinct,
            whole,
            all: None,
            moments: OnceLock::new(),
            sorted: Arc::new(Sorted::new(values)),
        })
    }

    /// In ascending order.
    pub(crate) fn sorted(&self) -> &Arc<Sorted> {
        &self.sorted
    }

    pub(crate) fn values(&self) -> &[f64] {
        self.sorted.values()
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Whether all of them are whole (and finite) numbers.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The values that stand for others, where some do.
    pub(super) fn standing(&self) -> Option<&Weighted> {
        self.all.as_ref()
    }

    /// Whether fewer are kept than there are.
    pub(crate) fn is_approximate(&self) -> bool {
        self.all.is_some()
    }

    pub(crate) fn infinite(&self) -> u64 {
        self.below(f64::MIN) + self.above(f64::MAX)
    }

    pub(crate) fn min(&self) -> f64 {
        self.at(0) + 0.0
    }

    pub(crate) fn max(&self) -> f64 {
        self.at(self.len.saturating_sub(1)) + 0.0
    }

    /// Mean and standard deviation (n - 1) of those that are finite.
    pub(crate) fn moments(&self) -> Option<(f64, f64)> {
        *self.moments.get_or_init(|| match &self.all {
            Some(_) => self.weighted_moments(),
            None => {
                let values = self.values();
                let low = values.partition_point(|&value| value == f64::NEG_INFINITY);
                let high = values.partition_point(|&value| value < f64::INFINITY);
                let finite = values.get(low..high).filter(|finite| !finite.is_empty())?;
                let moments = math::moments(finite);
                Some((moments.mean, moments.variance.sqrt()))
            }
        })
    }

    fn weighted_moments(&self) -> Option<(f64, f64)> {
        let runs = || self.runs().filter(|(value, _)| value.is_finite());
        let n: u64 = runs().map(|(_, count)| count).sum();
        if n == 0 {
            return None;
        }
        let share = |(value, count): (f64, u64)| value * (count as f64 / n as f64);
        let mean = math::sum(&runs().map(share).collect::<Vec<_>>());
        let square = |(value, count): (f64, u64)| (value - mean) * (value - mean) * count as f64;
        let squares = math::sum(&runs().map(square).collect::<Vec<_>>());
        Some((mean, (squares / n.saturating_sub(1).max(1) as f64).sqrt()))
    }

    /// The value of a rank, from 0.
    pub(crate) fn at(&self, rank: u64) -> f64 {
        match &self.all {
            Some(all) => all.at(rank),
            None => self
                .values()
                .get(rank as usize)
                .copied()
                .unwrap_or(f64::NAN),
        }
    }

    /// By linear interpolation between the neighbours in rank (NumPy's default).
    pub(crate) fn quantile(&self, probability: f64) -> f64 {
        let place = probability * self.len.saturating_sub(1) as f64;
        let (low, high) = (self.at(place.floor() as u64), self.at(place.ceil() as u64));
        if low == high {
            low + 0.0
        } else {
            low + (high - low) * place.fract()
        }
    }

    /// The finite value nearest to a quantile of those that are; `None` where none is.
    pub(crate) fn finite_quantile(&self, probability: f64) -> Option<f64> {
        let (low, high) = (self.below(f64::MIN), self.above(f64::MAX));
        let last = self.len.checked_sub(low + high)?.checked_sub(1)?;
        Some(self.at(low + (probability * last as f64).round() as u64))
    }

    /// How many are below `value`.
    pub(crate) fn below(&self, value: f64) -> u64 {
        match &self.all {
            Some(all) => all.before(all.values.partition_point(|&other| other < value)),
            None => self.values().partition_point(|&other| other < value) as u64,
        }
    }

    /// How many are above `value`.
    pub(crate) fn above(&self, value: f64) -> u64 {
        let upto = match &self.all {
            Some(all) => all.before(all.values.partition_point(|&other| other <= value)),
            None => self.values().partition_point(|&other| other <= value) as u64,
        };
        self.len - upto
    }

    /// The different ones, ascending, and how often each occurs.
    pub(crate) fn runs(&self) -> Box<dyn Iterator<Item = (f64, u64)> + '_> {
        let Some(all) = &self.all else {
            let runs = self.values().chunk_by(|a, b| a == b);
            return Box::new(runs.filter_map(|run| Some((*run.first()?, run.len() as u64))));
        };
        let count =
            |(place, &value): (usize, &f64)| (value, all.before(place + 1) - all.before(place));
        Box::new(all.values.iter().enumerate().map(count))
    }
}

/// The rank, from 0, that stands for step `k` of `points` equal ones: its middle, at the
/// ends the end.
fn rank_of(k: u64, points: u64, len: u64) -> u64 {
    if k == 0 {
        return 0;
    }
    if k + 1 == points {
        return len.saturating_sub(1);
    }
    let rank = (2 * u128::from(k) + 1) * u128::from(len) / (2 * u128::from(points.max(1)));
    u64::try_from(rank).unwrap_or(u64::MAX)
}
