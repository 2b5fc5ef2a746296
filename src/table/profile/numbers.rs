//! Numbers in ascending order.

use std::sync::{Arc, OnceLock};

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
    approximate: bool,
    /// Found when first asked for: those of a baseline are asked for again and again.
    moments: OnceLock<Option<(f64, f64)>>,
}

impl Numbers {
    /// Of values of which NaN are missing; `None` when all are.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        math::sort_values(&mut values);
        Self::of_sorted(values)
    }

    /// Of what came in batches; beyond the summary's budget values at equal steps of rank
    /// stand for all.
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
        let (mut below, mut pairs) = (0_u128, values.iter().zip(&counts).peekable());
        for k in 0..KEPT as u128 {
            let rank = (2 * k + 1) * u128::from(n) / (2 * KEPT as u128);
            while let Some((&value, &count)) = pairs.peek().copied() {
                if rank < below + u128::from(count) {
                    kept.push(value);
                    break;
                }
                below += u128::from(count);
                pairs.next();
            }
        }
        let kept = Self::of_sorted(kept)?;
        Some(Self {
            len: n,
            distinct,
            whole,
            approximate: true,
            ..kept
        })
    }

    fn of_sorted(values: Vec<f64>) -> Option<Self> {
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
            approximate: false,
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

    /// Whether fewer are kept than there are.
    pub(crate) fn is_approximate(&self) -> bool {
        self.approximate
    }

    pub(crate) fn infinite(&self) -> u64 {
        (self.values().len() - self.finite().len()) as u64
    }

    /// Those that are finite.
    pub(crate) fn finite(&self) -> &[f64] {
        let values = self.values();
        let low = values.partition_point(|&value| value == f64::NEG_INFINITY);
        let high = values.partition_point(|&value| value < f64::INFINITY);
        values.get(low..high).unwrap_or_default()
    }

    pub(crate) fn min(&self) -> f64 {
        self.values().first().copied().unwrap_or(f64::NAN) + 0.0
    }

    pub(crate) fn max(&self) -> f64 {
        self.values().last().copied().unwrap_or(f64::NAN) + 0.0
    }

    /// Mean and standard deviation (n - 1) of those that are finite.
    pub(crate) fn moments(&self) -> Option<(f64, f64)> {
        *self.moments.get_or_init(|| {
            let finite = self.finite();
            if finite.is_empty() {
                return None;
            }
            let moments = math::moments(finite);
            Some((moments.mean, moments.variance.sqrt()))
        })
    }

    /// By linear interpolation between the neighbours in rank (NumPy's default).
    pub(crate) fn quantile(&self, probability: f64) -> f64 {
        let values = self.values();
        let place = probability * (values.len() - 1) as f64;
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let (low, high) = (at(place.floor() as usize), at(place.ceil() as usize));
        if low == high {
            low + 0.0
        } else {
            low + (high - low) * place.fract()
        }
    }

    /// How many are below `value`.
    pub(crate) fn below(&self, value: f64) -> u64 {
        self.values().partition_point(|&other| other < value) as u64
    }

    /// How many are above `value`.
    pub(crate) fn above(&self, value: f64) -> u64 {
        (self.values().len() - self.values().partition_point(|&other| other <= value)) as u64
    }

    /// The different ones, ascending, and how often each occurs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (f64, u64)> {
        self.values()
            .chunk_by(|a, b| a == b)
            .filter_map(|run| Some((*run.first()?, run.len() as u64)))
    }
}
