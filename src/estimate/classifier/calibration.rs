//! Scores as probabilities.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::estimate::folds::mixed;
use crate::estimate::isotonic::{Isotonic, Place};

/// How many parts of the baseline are left out in turn.
const FOLDS: usize = 10;

/// What a score says of the probability of a class, learnt from a baseline.
///
/// Isotonic regression follows the noise of its sample: its values are more spread than the
/// probabilities, and all that is estimated from them looks too good. So they are drawn
/// towards the rate of the class: by the root of the slope that labels have on the values
/// that were fitted without them. See docs/performance_estimation.md for what that gains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Calibrator {
    isotonic: Isotonic,
    /// The share of rows that are of the class.
    rate: f64,
    /// How much of the distance from `rate` is kept, 0 to 1.
    spread: f64,
}

impl Calibrator {
    /// Of rows with their score and whether they are of the class; neither is empty.
    pub(super) fn fit(rows: impl Iterator<Item = (f64, bool)>) -> Self {
        let label = |is_class: bool| f64::from(u8::from(is_class));
        let mut rows: Vec<[f64; 3]> = rows
            .map(|(score, is_class)| [score + 0.0, label(is_class), 1.0])
            .collect();
        rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let rate = rows.iter().map(|row| row[1]).sum::<f64>() / rows.len() as f64;
        Self {
            spread: spread(&rows),
            isotonic: Isotonic::of_sorted(rows),
            rate,
        }
    }

    pub(super) fn place(&self, score: f64) -> Place {
        self.isotonic.place(score)
    }

    pub(super) fn blocks(&self) -> usize {
        self.isotonic.blocks().len()
    }

    /// The probability where a score lies.
    pub(super) fn probability(&self, place: Place) -> f64 {
        let value = |place: u32| {
            let block = self.isotonic.blocks().get(place as usize);
            block.map_or(self.rate, |block| block.value)
        };
        let low = value(place.low);
        let value = low + place.share * (value(place.high) - low);
        self.rate + self.spread * (value - self.rate)
    }

    /// The variance of a sum of probabilities, of which each block has so much.
    pub(super) fn variance(&self, sums: &[f64]) -> f64 {
        let blocks = self.isotonic.blocks().iter().zip(sums);
        let variances = blocks.map(|(block, sum)| {
            // A block of nothing but one label has a variance, too: half a row of each.
            let value = (block.value * block.weight + 0.5) / (block.weight + 1.0);
            sum * sum * value * (1.0 - value) / block.weight
        });
        self.spread * self.spread * variances.sum::<f64>()
    }

    pub(super) fn validate(&self) -> Result<()> {
        self.isotonic.validate()?;
        for (argument, value) in [("rate", self.rate), ("spread", self.spread)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::invalid_value(
                    argument,
                    value,
                    "a number from 0 to 1",
                ));
            }
        }
        Ok(())
    }
}

/// The root of the slope of labels on values fitted to the other rows; ascending rows.
fn spread(rows: &[[f64; 3]]) -> f64 {
    let n = rows.len() as f64;
    let (mut values, mut labels, mut squares, mut products) = (0.0, 0.0, 0.0, 0.0);
    // Drawn, as equal scores keep the order of their rows, which may repeat itself.
    let folds: Vec<usize> = (0..rows.len())
        .map(|row| (mixed(0, row as u64) % FOLDS as u64) as usize)
        .collect();
    for fold in 0..FOLDS {
        let of = |is_own: bool| {
            let pairs = rows.iter().zip(&folds);
            pairs
                .filter(move |(_, own)| (**own == fold) == is_own)
                .map(|(row, _)| row)
        };
        let own = of(true);
        let fitted = Isotonic::of_sorted(of(false).copied());
        if fitted.blocks().is_empty() {
            return 1.0;
        }
        for [score, label, _] in own {
            let value = fitted.predict(*score);
            values += value;
            labels += label;
            squares += value * value;
            products += value * label;
        }
    }
    let variance = squares - values * values / n;
    let covariance = products - values * labels / n;
    // No spread at all is none to draw in.
    if variance <= n * 1e-12 {
        return 1.0;
    }
    (covariance / variance).clamp(0.0, 1.0).sqrt()
}
