//! The last values, and their sums in constant time.

use crate::drift::{FittedUnivariate, Moments};

/// A ring of the last `size` values.
///
/// Sums over the ring never subtract what leaves. The ring is filled lap by
/// lap; within a lap the window is the new values up to the current place (the
/// front) and the previous lap's values beyond it (the tail). The front's sum
/// grows by addition; the tail's sums are computed once per lap, from the end
/// backwards. So a look costs O(1) on average, and an outlier that has left, of
/// 1e18 or of 1e308, has left no rounding error behind.
///
/// Both sums depend on the values and their places alone, not on how the stream
/// was cut into calls: one by one and in bulk give the same bits.
#[derive(Debug, Clone)]
pub(super) struct Window {
    size: usize,
    /// In order of place, not of time; shorter than `size` in the first lap.
    ring: Vec<f64>,
    /// Where the next value goes; `size` when a lap has just been completed.
    place: usize,
    sums: Sums,
    /// How many values of this lap the front's sum holds.
    summed: usize,
    /// Whether the tails of this lap are computed.
    tails_ready: bool,
}

/// What is summed.
#[derive(Debug, Clone)]
enum Sums {
    /// Nothing: the test wants the values themselves.
    None,
    /// Distances from `centre`.
    Sum {
        centre: f64,
        front: f64,
        /// `tails[i]`: over the places from `i` on.
        tails: Vec<f64>,
    },
    /// Mean and squared deviations.
    Spread { front: Spread, tails: Vec<Spread> },
}

/// Count, mean and sum of squared deviations from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    /// With one more value. Source: Welford 1962.
    fn with(self, value: f64) -> Self {
        let n = self.n + 1.0;
        let delta = value - self.mean;
        let mean = self.mean + delta / n;
        let squares = self.squares + delta * (value - mean);
        Self { n, mean, squares }
    }

    /// Both together. Source: Chan, Golub & LeVeque 1983, eq. 2.1.
    fn and(self, other: Self) -> Self {
        let n = self.n + other.n;
        if other.n == 0.0 {
            return self;
        }
        let delta = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + delta * (other.n / n),
            squares: self.squares + other.squares + delta * delta * (self.n * other.n / n),
        }
    }
}

/// What the window's sums say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Summary {
    /// Nothing: ask the test.
    Unknown,
    /// Mean of the distances from the centre.
    Shift(f64),
    /// Mean and variance.
    Moments(Moments),
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    /// Values taken.
    pub(super) taken: usize,
    /// Whether the last one of them may be at or beyond the limit.
    pub(super) reached: bool,
}

impl Window {
    /// An empty window that sums what `fitted` can be asked with.
    pub(super) fn new(size: usize, fitted: &dyn FittedUnivariate) -> Self {
        let probe = Moments {
            n: size,
            mean: 0.0,
            variance: 1.0,
        };
        let sums = if let Some(centre) = fitted.location() {
            Sums::Sum {
                centre,
                front: 0.0,
                tails: Vec::new(),
            }
        } else if fitted.compare_moments(probe).is_some() {
            Sums::Spread {
                front: Spread::default(),
                tails: Vec::new(),
            }
        } else {
            Sums::None
        };
        Self {
            size,
            ring: Vec::new(),
            place: 0,
            sums,
            summed: 0,
            tails_ready: false,
        }
    }

    /// How many values are in it.
    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether the first lap is complete.
    pub(super) fn is_full(&self) -> bool {
        self.ring.len() == self.size
    }

    /// Whether it sums distances, so that [`Self::scan`] can be used.
    pub(super) fn sums_shifts(&self) -> bool {
        matches!(self.sums, Sums::Sum { .. })
    }

    /// The values, oldest first.
    pub(super) fn to_vec(&self) -> Vec<f64> {
        let (new, old) = self.ring.split_at(self.place.min(self.ring.len()));
        [old, new].concat()
    }

    /// Takes values up to the first that is `missing`; returns how many.
    pub(super) fn push_run(&mut self, values: &[f64], missing: impl Fn(f64) -> bool) -> usize {
        let mut taken = 0;
        while let Some(rest) = values.get(taken..).filter(|rest| !rest.is_empty()) {
            let room = self.room().min(rest.len());
            let run = rest.get(..room).unwrap_or(rest);
            let present = run.iter().position(|&value| missing(value));
            let run = run.get(..present.unwrap_or(run.len())).unwrap_or(run);
            if self.is_full() {
                if let Some(slots) = self.ring.get_mut(self.place..self.place + run.len()) {
                    slots.copy_from_slice(run);
                }
            } else {
                self.ring.extend_from_slice(run);
            }
            self.place += run.len();
            taken += run.len();
            if present.is_some() {
                break;
            }
        }
        taken
    }

    /// What the sums say of a full window.
    pub(super) fn summary(&mut self) -> Summary {
        self.sum_front();
        let place = self.place;
        if place < self.size {
            self.sum_tails();
        }
        let n = self.size as f64;
        match &self.sums {
            Sums::None => Summary::Unknown,
            Sums::Sum { front, tails, .. } => {
                let tail = tails.get(place).filter(|_| place < self.size);
                let total = front + tail.copied().unwrap_or(0.0);
                finite(total).map_or(Summary::Unknown, |total| Summary::Shift(total / n))
            }
            Sums::Spread { front, tails } => {
                let tail = tails.get(place).filter(|_| place < self.size);
                let all = front.and(tail.copied().unwrap_or_default());
                let variance = all.squares / (n - 1.0).max(1.0);
                match (finite(all.mean), finite(variance)) {
                    (Some(mean), Some(variance)) => Summary::Moments(Moments {
                        n: self.size,
                        mean,
                        variance,
                    }),
                    _ => Summary::Unknown,
                }
            }
        }
    }

    /// The hot path: for a full window that sums distances, takes values until
    /// the first that is not finite (not taken), or the first whose sum
    /// `reached` says yes to (taken). The sums are those of [`Self::summary`].
    #[inline]
    pub(super) fn scan(&mut self, values: &[f64], mut reached: impl FnMut(f64) -> bool) -> Scan {
        let mut taken = 0;
        // A lap ends with the value that begins the next: not with one that is missing.
        while values.get(taken).is_some_and(|value| value.is_finite()) {
            self.room();
            self.sum_front();
            self.sum_tails();
            let place = self.place;
            let Sums::Sum {
                centre,
                front,
                tails,
            } = &mut self.sums
            else {
                break;
            };
            let (centre, mut sum) = (*centre, *front);
            let slots = self.ring.get_mut(place..).unwrap_or_default();
            let tails = tails.get(place + 1..).unwrap_or_default();
            let run = values.get(taken..).unwrap_or_default();
            let room = run.len().min(slots.len());
            let mut count = 0;
            let (mut stop, mut missing) = (false, false);
            for ((&value, slot), &tail) in run.iter().zip(slots).zip(tails) {
                if !value.is_finite() {
                    missing = true;
                    break;
                }
                *slot = value;
                sum += value - centre;
                count += 1;
                stop = reached(sum + tail);
                if stop {
                    break;
                }
            }
            *front = sum;
            self.place += count;
            self.summed = self.place;
            taken += count;
            if stop || missing || room == 0 {
                return Scan {
                    taken,
                    reached: stop,
                };
            }
        }
        Scan {
            taken,
            reached: false,
        }
    }

    /// Starts the next lap when one is complete; the places left in this one.
    fn room(&mut self) -> usize {
        if self.place == self.size {
            self.place = 0;
            self.summed = 0;
            self.tails_ready = false;
            match &mut self.sums {
                Sums::None => {}
                Sums::Sum { front, .. } => *front = 0.0,
                Sums::Spread { front, .. } => *front = Spread::default(),
            }
        }
        self.size - self.place
    }

    /// Adds the values of this lap that the front's sum lacks.
    fn sum_front(&mut self) {
        let new = self.ring.get(self.summed..self.place).unwrap_or_default();
        match &mut self.sums {
            Sums::None => {}
            Sums::Sum { centre, front, .. } => {
                let sum = |sum: f64, value: &f64| sum + (value - *centre);
                *front = new.iter().fold(*front, sum);
            }
            Sums::Spread { front, .. } => {
                *front = new.iter().fold(*front, |all, &value| all.with(value));
            }
        }
        self.summed = self.place;
    }

    /// Sums the previous lap's values, from the end back to the current place.
    fn sum_tails(&mut self) {
        if self.tails_ready {
            return;
        }
        self.tails_ready = true;
        let old = self.ring.get(self.place..).unwrap_or_default();
        match &mut self.sums {
            Sums::None => {}
            Sums::Sum { centre, tails, .. } => {
                tails.resize(self.size + 1, 0.0);
                let tails = tails.get_mut(self.place..).unwrap_or_default();
                sum_backwards(old, *centre, tails);
            }
            Sums::Spread { tails, .. } => {
                tails.resize(self.size + 1, Spread::default());
                let tails = tails.get_mut(self.place..self.size).unwrap_or_default();
                let mut all = Spread::default();
                for (value, tail) in old.iter().zip(tails).rev() {
                    all = all.with(*value);
                    *tail = all;
                }
            }
        }
    }
}

/// `tails[i]` = sum of `values[i..] - centre`, in blocks of four from the end:
/// within a block the sums do not wait for the blocks behind it.
fn sum_backwards(values: &[f64], centre: f64, tails: &mut [f64]) {
    let mut carry = 0.0;
    let tails = tails.get_mut(..values.len()).unwrap_or_default();
    for (block, out) in values.rchunks(4).zip(tails.rchunks_mut(4)) {
        if let ([a, b, c, d], [ta, tb, tc, td]) = (block, &mut *out) {
            let d = d - centre;
            let c = (c - centre) + d;
            let b = (b - centre) + c;
            let a = (a - centre) + b;
            (*ta, *tb, *tc, *td) = (a + carry, b + carry, c + carry, d + carry);
            carry += a;
        } else {
            let mut sum = 0.0;
            for (value, tail) in block.iter().zip(out).rev() {
                sum += value - centre;
                *tail = sum + carry;
            }
        }
    }
}

/// The value, unless a sum overflowed.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
