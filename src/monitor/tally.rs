//! The codes of a window, counted.

use serde::{Deserialize, Serialize};

use crate::table::bins::CODES;

/// Weights beyond are scaled down.
const LARGEST: f64 = 1e100;

/// How often each code occurs in each column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Tally {
    /// Of each column 256 counts.
    Whole { counts: Vec<u32>, rows: u64 },
    /// The same with weights: each row's is larger than the last by the same factor.
    Fading {
        weights: Vec<f64>,
        next: f64,
        growth: f64,
        /// Of the weights, and of their squares.
        sums: [f64; 2],
    },
}

impl Tally {
    pub(super) fn whole(columns: usize) -> Self {
        Self::Whole {
            counts: vec![0; columns * CODES],
            rows: 0,
        }
    }

    pub(super) fn fading(columns: usize, half_life: f64) -> Self {
        Self::Fading {
            weights: vec![0.0; columns * CODES],
            next: 1.0,
            growth: half_life.recip().exp2(),
            sums: [0.0; 2],
        }
    }

    /// Takes the codes of a row, one for each column.
    #[inline]
    pub(super) fn add(&mut self, codes: &[u8]) {
        match self {
            Self::Whole { counts, rows } => {
                *rows += 1;
                for (counts, &code) in counts.chunks_exact_mut(CODES).zip(codes) {
                    let count = &mut counts[usize::from(code)];
                    *count = count.saturating_add(1);
                }
            }
            Self::Fading {
                weights,
                next,
                growth,
                sums,
            } => {
                for (weights, &code) in weights.chunks_exact_mut(CODES).zip(codes) {
                    weights[usize::from(code)] += *next;
                }
                sums[0] += *next;
                sums[1] += *next * *next;
                *next *= *growth;
                if *next > LARGEST {
                    let scale = next.recip();
                    weights.iter_mut().for_each(|weight| *weight *= scale);
                    *sums = [sums[0] * scale, sums[1] * scale * scale];
                    *next = 1.0;
                }
            }
        }
    }

    /// Lets go of a row.
    #[inline]
    pub(super) fn remove(&mut self, codes: &[u8]) {
        if let Self::Whole { counts, rows } = self {
            *rows = rows.saturating_sub(1);
            for (counts, &code) in counts.chunks_exact_mut(CODES).zip(codes) {
                let count = &mut counts[usize::from(code)];
                *count = count.saturating_sub(1);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Whole { counts, rows } => {
                counts.fill(0);
                *rows = 0;
            }
            Self::Fading {
                weights,
                next,
                sums,
                ..
            } => {
                weights.fill(0.0);
                *next = 1.0;
                *sums = [0.0; 2];
            }
        }
    }

    /// Rows that are counted; of fading ones as many equally weighty rows as tell as much
    /// (Kish, Survey sampling, 1965, section 8.2).
    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::Whole { rows, .. } => *rows,
            Self::Fading { sums, .. } if sums[1] > 0.0 => {
                (sums[0] * sums[0] / sums[1]).round() as u64
            }
            Self::Fading { .. } => 0,
        }
    }

    /// The counts of one column; of fading rows those of as many as [`Tally::rows`], which
    /// add up to it.
    pub(super) fn column(&self, column: usize) -> [u64; CODES] {
        let mut all = [0; CODES];
        let from = column * CODES;
        match self {
            Self::Whole { counts, .. } => {
                let counts = counts.get(from..from + CODES).unwrap_or_default();
                for (all, &count) in all.iter_mut().zip(counts) {
                    *all = u64::from(count);
                }
            }
            Self::Fading { weights, sums, .. } => {
                let weights = weights.get(from..from + CODES).unwrap_or_default();
                let scale = self.rows() as f64 / sums[0];
                let mut total = 0.0;
                let mut given = 0;
                // Rounded sums: their differences add up.
                for (all, &weight) in all.iter_mut().zip(weights) {
                    total += weight * scale;
                    let upto = (total.round() as u64).max(given);
                    *all = upto - given;
                    given = upto;
                }
            }
        }
        all
    }

    /// Adds the rows of another.
    pub(super) fn merge(&mut self, other: &Self) {
        match (self, other) {
            (
                Self::Whole { counts, rows },
                Self::Whole {
                    counts: others,
                    rows: more,
                },
            ) => {
                *rows += more;
                for (count, other) in counts.iter_mut().zip(others) {
                    *count = count.saturating_add(*other);
                }
            }
            (
                Self::Fading {
                    weights,
                    next,
                    sums,
                    ..
                },
                Self::Fading {
                    weights: others,
                    next: their_next,
                    sums: theirs,
                    ..
                },
            ) => {
                // The last row of each side is as weighty as the other's.
                let scale = *next / their_next;
                for (weight, other) in weights.iter_mut().zip(others) {
                    *weight += other * scale;
                }
                sums[0] += theirs[0] * scale;
                sums[1] += theirs[1] * scale * scale;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_fades_by_half_in_a_half_life() {
        let mut tally = Tally::fading(1, 10.0);
        tally.add(&[1]);
        for _ in 0..10 {
            tally.add(&[2]);
        }
        let Tally::Fading { weights, next, .. } = &tally else {
            return;
        };
        let last = next / (0.1f64).exp2();
        assert!((weights[1] / last - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_counts_of_fading_rows_add_up_after_scaling() {
        let mut tally = Tally::fading(2, 3.0);
        for k in 0..5000u32 {
            tally.add(&[(k % 7) as u8, 255]);
        }
        let rows = tally.rows();
        // (1 + r) / (1 - r) for r = 2^(-1/3).
        assert_eq!(rows, 9);
        assert_eq!(tally.column(0).iter().sum::<u64>(), rows);
        assert_eq!(tally.column(1)[255], rows);
    }
}
