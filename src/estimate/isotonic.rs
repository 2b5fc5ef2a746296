//! Isotonic regression: the non-decreasing steps nearest to the data.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A non-decreasing function fitted by least squares: constant within blocks, straight lines
/// between them, and the outermost values beyond.
///
/// # Source
/// Barlow, Bartholomew, Bremner, Brunk, Statistical Inference under Order Restrictions, 1972,
/// section 1.2 (pool adjacent violators). Values: scikit-learn's `IsotonicRegression`,
/// tests/data/estimate.json.
/// # Example
/// ```
/// use driftline::estimate::Isotonic;
/// let fitted = Isotonic::fit(&[1.0, 2.0, 3.0, 4.0], &[0.0, 1.0, 0.0, 1.0], None)?;
/// assert_eq!(fitted.predict(2.5), 0.5);
/// assert_eq!(fitted.predict(3.5), 0.75);
/// assert_eq!(fitted.predict(9.0), 1.0);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    blocks: Vec<Block>,
}

/// Neighbouring values of x that share one value of y.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The least x.
    pub first: f64,
    /// The greatest x.
    pub last: f64,
    /// The weighted mean of y.
    pub value: f64,
    /// The sum of weights.
    pub weight: f64,
}

/// Where an x lies: between two blocks, of which the second has this share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) share: f64,
}

impl Isotonic {
    /// Fits y to x, in any order; rows of equal x are one.
    ///
    /// # Shapes
    /// x, y and weights: (n,) each; weights are 1 by default.
    /// # Errors
    /// `InvalidValue` for unequal lengths, for x or y that are not finite and weights that
    /// are not positive; `EmptySample` for none.
    /// # Cost
    /// O(n log n).
    pub fn fit(x: &[f64], y: &[f64], weights: Option<&[f64]>) -> Result<Self> {
        if x.is_empty() {
            return Err(Error::empty_sample("x", "no values"));
        }
        let lengths = [
            ("y", y.len()),
            ("weights", weights.map_or(x.len(), <[f64]>::len)),
        ];
        for (argument, length) in lengths {
            if length != x.len() {
                let allowed = format!("{}, one for each x", x.len());
                return Err(Error::invalid_value(
                    argument,
                    format!("{length} values"),
                    allowed,
                ));
            }
        }
        for (argument, values) in [("x", x), ("y", y)] {
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::invalid_value(argument, value, "finite numbers"));
            }
        }
        let is_bad = |weight: &&f64| !(weight.is_finite() && **weight > 0.0);
        if let Some(weight) = weights.unwrap_or_default().iter().find(is_bad) {
            return Err(Error::invalid_value(
                "weights",
                weight,
                "positive finite numbers",
            ));
        }
        let ones = std::iter::repeat(&1.0);
        let weights = weights.unwrap_or_default().iter().chain(ones);
        let mut rows: Vec<[f64; 3]> = x
            .iter()
            .zip(y)
            .zip(weights)
            .map(|((&x, &y), &weight)| [x + 0.0, y, weight])
            .collect();
        rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
        Ok(Self::of_sorted(rows))
    }

    /// Of rows (x, y, weight) in ascending order of x.
    pub(super) fn of_sorted(rows: impl IntoIterator<Item = [f64; 3]>) -> Self {
        let mut sums: Vec<Sums> = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some([x, y, weight]) = rows.next() {
            let mut own = Sums {
                first: x,
                last: x,
                weight,
                weighted: weight * y,
            };
            while let Some([_, y, weight]) = rows.next_if(|row| row[0] == x) {
                own.weight += weight;
                own.weighted += weight * y;
            }
            while let Some(before) = sums.pop_if(|before| before.value() >= own.value()) {
                own.first = before.first;
                own.weight += before.weight;
                own.weighted += before.weighted;
            }
            sums.push(own);
        }
        let block = |sums: &Sums| Block {
            first: sums.first,
            last: sums.last,
            value: sums.value(),
            weight: sums.weight,
        };
        Self {
            blocks: sums.iter().map(block).collect(),
        }
    }

    /// The blocks, ascending.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The value at x; NaN for NaN.
    pub fn predict(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        let Place { low, high, share } = self.place(x);
        let value = |place: u32| {
            self.blocks
                .get(place as usize)
                .map_or(f64::NAN, |b| b.value)
        };
        if low == high {
            return value(low);
        }
        value(low) + share * (value(high) - value(low))
    }

    pub(super) fn place(&self, x: f64) -> Place {
        let at = |place: usize, share: f64| Place {
            low: place as u32,
            high: (place + usize::from(share > 0.0)) as u32,
            share,
        };
        // The first block that does not end before x.
        let next = self.blocks.partition_point(|block| block.last < x);
        let Some(block) = self.blocks.get(next) else {
            return at(self.blocks.len().saturating_sub(1), 0.0);
        };
        let before = next.checked_sub(1).and_then(|place| self.blocks.get(place));
        match before {
            Some(before) if x < block.first => {
                at(next - 1, (x - before.last) / (block.first - before.last))
            }
            _ => at(next, 0.0),
        }
    }

    /// Whether this can have been fitted to probabilities.
    ///
    /// # Errors
    /// `InvalidValue` for blocks that are out of order or values outside 0 to 1.
    pub fn validate(&self) -> Result<()> {
        let is_good = |block: &Block| {
            block.first <= block.last
                && (0.0..=1.0).contains(&block.value)
                && block.weight.is_finite()
                && block.weight > 0.0
        };
        let ascend = |pair: &[Block]| match pair {
            [a, b] => a.last < b.first && a.value < b.value,
            _ => true,
        };
        let good = !self.blocks.is_empty()
            && self.blocks.iter().all(is_good)
            && self.blocks.windows(2).all(ascend);
        if good {
            return Ok(());
        }
        let allowed = "ascending blocks with values between 0 and 1";
        Err(Error::invalid_value("blocks", "others", allowed))
    }
}

/// A block while it grows.
#[derive(Debug, Clone, Copy)]
struct Sums {
    first: f64,
    last: f64,
    weight: f64,
    weighted: f64,
}

impl Sums {
    fn value(&self) -> f64 {
        self.weighted / self.weight
    }
}
