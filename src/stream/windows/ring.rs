//! The last values of a stream.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stream::LARGEST;
use crate::stream::definition::Direction;
use crate::stream::state::damaged;

/// The most values that a window may hold.
const MOST: usize = 1_000_000;

/// The last values of a stream, as many as fit; it grows with them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct Ring {
    values: Vec<f64>,
    /// Where the oldest one is.
    start: usize,
}

impl Ring {
    pub(in crate::stream) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a value; the oldest one leaves when there are `size` already.
    #[inline]
    pub(in crate::stream) fn push(&mut self, x: f64, size: usize) -> Option<f64> {
        if self.values.len() < size {
            self.values.push(x);
            return None;
        }
        let place = self.values.get_mut(self.start)?;
        let gone = std::mem::replace(place, x);
        self.start += 1;
        if self.start == self.values.len() {
            self.start = 0;
        }
        Some(gone)
    }

    /// The value after `index` older ones.
    #[inline]
    pub(in crate::stream) fn at(&self, index: usize) -> Option<f64> {
        let place = self.start + index;
        let wrapped = if place >= self.values.len() {
            place - self.values.len()
        } else {
            place
        };
        self.values.get(wrapped).copied()
    }

    pub(in crate::stream) fn clear(&mut self) {
        self.values.clear();
        self.start = 0;
    }

    /// All of them, the oldest first.
    pub(in crate::stream) fn iter(&self) -> impl Iterator<Item = f64> + Clone {
        let (later, earlier) = self.values.split_at(self.start.min(self.values.len()));
        earlier.iter().chain(later).copied()
    }

    /// Whether those from `border` on have the larger mean, or the smaller one.
    pub(in crate::stream) fn direction(&self, border: usize) -> Direction {
        let after = self.len().saturating_sub(border) as f64;
        let before = self.len() as f64 - after;
        // Each is divided first, so that no sum overflows.
        let apart: f64 = self
            .iter()
            .enumerate()
            .map(|(i, x)| if i < border { -x / before } else { x / after })
            .sum();
        if apart < 0.0 {
            Direction::Down
        } else {
            Direction::Up
        }
    }

    /// Checks what was read from a stored state.
    ///
    /// # Errors
    /// `InvalidValue` when it is not the window of a stream.
    pub(in crate::stream) fn restored(&self, size: usize) -> Result<()> {
        let held = self.values.len();
        let sound = held <= size
            && (self.start == 0 || (held == size && self.start < held))
            && self.values.iter().all(|x| x.abs() <= LARGEST);
        if sound {
            Ok(())
        } else {
            Err(damaged("a window that no stream fills"))
        }
    }
}

/// Checks the size of a window.
///
/// # Errors
/// `InvalidValue` that names the parameter.
pub(in crate::stream) fn validate(name: &'static str, size: usize, least: usize) -> Result<()> {
    if (least..=MOST).contains(&size) {
        return Ok(());
    }
    let allowed = format!("a whole number from {least} to {MOST}");
    Err(Error::invalid_value(name, size, allowed))
}

/// Checks a sample that is given as a parameter.
///
/// # Errors
/// `InvalidValue` that names the parameter.
pub(in crate::stream) fn validate_values(name: &'static str, values: &[f64]) -> Result<()> {
    if values.len() > MOST {
        let got = format!("{} values", values.len());
        let allowed = format!("at most {MOST} values");
        return Err(Error::invalid_value(name, got, allowed));
    }
    let wrong = |x: &f64| x.is_nan() || x.abs() > LARGEST;
    match values.iter().position(wrong) {
        Some(at) => {
            let got = format!("{} at position {at}", values[at]);
            let allowed = "numbers of magnitude 1e150 at most";
            Err(Error::invalid_value(name, got, allowed))
        }
        None => Ok(()),
    }
}
