//! Exact sums, written down.

use serde::{Deserialize, Serialize};

use super::exact_sum::{CHUNKS, ExactSum};

/// The chunks of a sum without carries, up to the last that is not 0.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedSum {
    chunks: Vec<i64>,
    special: f64,
}

impl From<ExactSum> for SavedSum {
    fn from(mut sum: ExactSum) -> Self {
        sum.carry();
        let mut chunks = sum.chunks.to_vec();
        while chunks.last() == Some(&0) {
            chunks.pop();
        }
        Self {
            chunks,
            special: sum.special,
        }
    }
}

impl TryFrom<SavedSum> for ExactSum {
    type Error = &'static str;

    fn try_from(saved: SavedSum) -> Result<Self, Self::Error> {
        let mut sum = Self::default();
        for (place, &chunk) in saved.chunks.iter().enumerate() {
            // The last takes what is carried beyond all others.
            let range = if place + 1 == CHUNKS {
                -(1 << 60)..1 << 60
            } else {
                0..1 << 32
            };
            let own = sum.chunks.get_mut(place).filter(|_| range.contains(&chunk));
            *own.ok_or("no exact sum")? = chunk;
        }
        sum.special = saved.special;
        Ok(sum)
    }
}
