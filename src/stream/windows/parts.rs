//! The two parts of a window, in sums that values enter and leave.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::stream::LARGEST;
use crate::stream::state::damaged;
use crate::stream::windows::ring::Ring;

/// When a square this many times larger than what remains leaves a sum, the sum has lost too
/// many digits.
const OUTWEIGHS: f64 = 1e6;
/// A spread that is less of the sum of squares is that of rounding.
const ROUNDING: f64 = 1e-12;

/// What is known of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::stream) struct Summary {
    /// How many values.
    pub(in crate::stream) n: f64,
    /// Near the mean, and what the mean is beyond it.
    anchor: f64,
    beyond: f64,
    /// The sum of the squared deviations from the mean.
    pub(in crate::stream) spread: f64,
}

impl Summary {
    pub(in crate::stream) fn mean(&self) -> f64 {
        self.anchor + self.beyond
    }

    /// By how much the mean is above that of the other, to the last digits of both.
    #[inline]
    pub(in crate::stream) fn above(&self, other: &Self) -> f64 {
        (self.anchor - other.anchor) + (self.beyond - other.beyond)
    }
}

/// The values of a part, each less an anchor near their mean.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sums {
    n: usize,
    anchor: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    /// About the value that is nearest to the mean: whole numbers stay whole, and their sums
    /// exact.
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count() as f64;
        // Each is divided first, so that no sum overflows.
        let mean: f64 = values.clone().map(|x| x / n).sum();
        let apart = |x: &f64| (x - mean).abs();
        let nearest = values
            .clone()
            .min_by(|one, other| apart(one).total_cmp(&apart(other)));
        let mut sums = Self {
            anchor: nearest.unwrap_or_default(),
            ..Self::default()
        };
        for x in values {
            sums.count(x);
        }
        sums
    }

    #[inline]
    fn count(&mut self, x: f64) {
        let y = x - self.anchor;
        self.n += 1;
        self.sum += y;
        self.squares += y * y;
    }

    #[inline]
    fn add(&mut self, x: f64) {
        if self.n == 0 {
            (self.anchor, self.sum, self.squares) = (x, 0.0, 0.0);
        }
        self.count(x);
    }

    /// Whether too many digits are lost.
    #[inline]
    fn remove(&mut self, x: f64) -> bool {
        let y = x - self.anchor;
        self.n -= 1;
        self.sum -= y;
        self.squares -= y * y;
        y * y > OUTWEIGHS * self.squares
    }

    #[inline]
    fn summary(&self) -> Summary {
        let n = self.n as f64;
        let beyond = self.sum / n;
        let spread = self.squares - self.sum * beyond;
        Summary {
            n,
            anchor: self.anchor,
            beyond,
            spread: if spread > ROUNDING * self.squares {
                spread
            } else {
                0.0
            },
        }
    }

    fn sound(&self) -> bool {
        self.anchor.abs() <= LARGEST && self.sum.is_finite() && self.squares.is_finite()
    }
}

/// The last values of a stream in two parts, with the mean and the spread of each in O(1).
///
/// What leaves a sum leaves rounding errors behind: the sums are made anew from the values as
/// often as the window has gone by, and when a value leaves that was far larger than what
/// remains.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct Parts {
    values: Ring,
    older: Sums,
    newer: Sums,
    /// Values since the sums were made anew.
    age: usize,
    /// Whether they have lost digits since.
    worn: bool,
}

impl Parts {
    pub(in crate::stream) fn len(&self) -> usize {
        self.values.len()
    }

    /// How many values are from the cut on.
    pub(in crate::stream) fn newer_len(&self) -> usize {
        self.newer.n
    }

    /// The values from the cut on.
    #[inline]
    pub(in crate::stream) fn newer(&self) -> Summary {
        self.newer.summary()
    }

    /// The values before the cut.
    #[inline]
    pub(in crate::stream) fn older(&self) -> Summary {
        self.older.summary()
    }

    /// Takes a value; the oldest one leaves when there are `size` already.
    #[inline]
    pub(in crate::stream) fn insert(&mut self, x: f64, size: usize) {
        self.newer.add(x);
        self.age += 1;
        let Some(gone) = self.values.push(x, size) else {
            return;
        };
        let left = if self.older.n > 0 {
            &mut self.older
        } else {
            &mut self.newer
        };
        self.worn |= left.remove(gone);
    }

    /// Cuts after the oldest `place` values.
    #[inline]
    pub(in crate::stream) fn cut(&mut self, place: usize) {
        while self.older.n < place && self.newer.n > 0 {
            let x = self.values.at(self.older.n).unwrap_or_default();
            self.worn |= self.newer.remove(x);
            self.older.add(x);
        }
        while self.older.n > place {
            let x = self.values.at(self.older.n - 1).unwrap_or_default();
            self.worn |= self.older.remove(x);
            self.newer.add(x);
        }
        if self.worn || self.age >= self.len() {
            self.refresh();
        }
    }

    #[cold]
    fn refresh(&mut self) {
        let place = self.older.n;
        self.older = Sums::of(self.values.iter().take(place));
        self.newer = Sums::of(self.values.iter().skip(place));
        (self.age, self.worn) = (0, false);
    }

    pub(in crate::stream) fn clear(&mut self) {
        self.values.clear();
        *self = Self {
            values: std::mem::take(&mut self.values),
            ..Self::default()
        };
    }

    /// Checks what was read from a stored state.
    ///
    /// # Errors
    /// `InvalidValue` when no stream leads to it.
    pub(in crate::stream) fn restored(&self, size: usize) -> Result<()> {
        self.values.restored(size)?;
        let whole = self.older.n.checked_add(self.newer.n) == Some(self.len());
        if whole && self.older.sound() && self.newer.sound() && self.age <= size {
            Ok(())
        } else {
            Err(damaged("parts that do not fit the window"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: f64 = 1e-9;

    /// Mean and spread in two passes.
    fn summary(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().map(|x| x / n).sum::<f64>();
        (mean, values.iter().map(|x| (x - mean) * (x - mean)).sum())
    }

    #[test]
    fn sums_are_those_of_the_values() {
        // Multiples of the golden ratio, modulo 1.
        let noise: Vec<f64> = (0..3_000_u32)
            .map(|i| f64::from(i) * 0.618_033_988_749_894_9 % 1.0)
            .collect();
        let offset = noise.iter().map(|x| 1e9 + x).collect();
        let wild = noise.iter().enumerate();
        let wild = wild.map(|(i, x)| if i % 400 == 57 { 1e60 * x } else { *x });
        let moving = noise.iter().enumerate().map(|(i, x)| 1e4 * i as f64 + x);
        let scaled = noise.iter().map(|x| 1e150 * (x - 0.5)).collect();
        let streams = [
            noise.clone(),
            offset,
            wild.collect(),
            moving.collect(),
            scaled,
        ];
        for (number, values) in streams.into_iter().enumerate() {
            for (size, share) in [(50, 0.5), (300, 0.9), (300, 0.01)] {
                let mut parts = Parts::default();
                for end in 1..=values.len() {
                    parts.insert(values[end - 1], size);
                    let window = &values[end.saturating_sub(size)..end];
                    // The cut goes to and fro while the window is full.
                    let swing = if end % 100 < 50 { share } else { 0.5 };
                    let place = (window.len() as f64 * swing) as usize;
                    parts.cut(place);
                    for (part, slice) in [
                        (parts.older(), &window[..place]),
                        (parts.newer(), &window[place..]),
                    ] {
                        if slice.len() < 2 {
                            continue;
                        }
                        let (mean, spread) = summary(slice);
                        let deviation = (spread / part.n).sqrt();
                        assert_eq!(part.n as usize, slice.len());
                        assert!(
                            (part.mean() - mean).abs() <= TOLERANCE * (deviation + mean.abs()),
                            "{number}: {end}: {} is not {mean}",
                            part.mean()
                        );
                        assert!(
                            (part.spread - spread).abs() <= 1e-6 * spread,
                            "{number}: {end}: {} is not {spread}",
                            part.spread
                        );
                    }
                }
                assert!(parts.restored(size).is_ok());
            }
        }
    }

    #[test]
    fn constants_have_no_spread() {
        for constant in [0.0, 0.1, 1.0 / 3.0, 1e15 / 3.0, -1e150] {
            let mut parts = Parts::default();
            for i in 0..500 {
                parts.insert(constant, 100);
                parts.cut(i.min(100) / 2);
                let (older, newer) = (parts.older(), parts.newer());
                assert!(newer.spread == 0.0 && newer.mean() == constant);
                assert!(older.n == 0.0 || (older.spread == 0.0 && older.mean() == constant));
            }
        }
    }
}
