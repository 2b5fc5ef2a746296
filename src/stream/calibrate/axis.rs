//! The one parameter that is searched.

use crate::stream::Tuning;

/// The range of a tuning parameter, from 0 (alarms most often) to 1 (least often).
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) parameter: &'static str,
    first: f64,
    last: f64,
    logarithmic: bool,
}

impl Axis {
    pub(super) fn new(tuning: Tuning) -> Self {
        let (first, last) = tuning.range;
        Self {
            parameter: tuning.parameter,
            first,
            last,
            logarithmic: tuning.logarithmic && first > 0.0 && last > 0.0,
        }
    }

    /// The parameter at a place from 0 to 1.
    pub(super) fn value(&self, place: f64) -> f64 {
        let place = place.clamp(0.0, 1.0);
        if place == 0.0 {
            self.first
        } else if place == 1.0 {
            self.last
        } else if self.logarithmic {
            self.first * (place * (self.last / self.first).ln()).exp()
        } else {
            self.first + place * (self.last - self.first)
        }
    }

    /// What the logarithm of the run length is about linear in: a limit itself, but the
    /// logarithm of a probability.
    pub(super) fn magnitude(&self, value: f64) -> f64 {
        if self.first <= self.last {
            value
        } else {
            -(value / self.first.max(1.0)).ln()
        }
    }

    /// The value of a magnitude, which may lie beyond the range.
    pub(super) fn with_magnitude(&self, magnitude: f64) -> f64 {
        if self.first <= self.last {
            magnitude
        } else {
            self.first.max(1.0) * (-magnitude).exp()
        }
    }

    /// Whether a value lies within the range, but for rounding.
    pub(super) fn reaches(&self, value: f64) -> bool {
        let (low, high) = (self.first.min(self.last), self.first.max(self.last));
        value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9)
    }

    /// The range, for error messages: from most to fewest alarms.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.first, self.last)
    }
}
