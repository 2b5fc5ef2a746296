//! Sums that no order of the summands changes.

use serde::{Deserialize, Serialize};

use super::saved_sum::SavedSum;

/// Bits of a chunk that are its own; the others hold carries.
const BITS: u32 = 32;
/// The largest numbers end in chunk 64; one more takes carries.
pub(super) const CHUNKS: usize = 66;
/// A summand adds less than 2^53 to a chunk, which holds 2^63.
const MOST_UNCARRIED: u32 = 1000;
/// Exponent of the lowest bit of a chunk 0.
const LOWEST: i32 = -1074;

/// The exact sum of numbers, rounded only when it is read.
///
/// Infinities and NaN are summed apart, as floats are.
///
/// # Source
/// Neal, Fast exact summation using small and large superaccumulators, 2015,
/// section 3 (the small one).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "SavedSum", into = "SavedSum")]
pub(super) struct ExactSum {
    pub(super) chunks: [i64; CHUNKS],
    uncarried: u32,
    pub(super) special: f64,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            chunks: [0; CHUNKS],
            uncarried: 0,
            special: 0.0,
        }
    }
}

impl ExactSum {
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.special += value;
            return;
        }
        let bits = value.to_bits();
        let exponent = (bits >> 52) as u32 & 0x7ff;
        let hidden = u64::from(exponent > 0) << 52;
        let mantissa = bits & ((1 << 52) - 1) | hidden;
        // Numbers below 2^-1022 have the exponent of those above.
        let place = exponent.saturating_sub(u32::from(exponent > 0));
        let (chunk, shift) = ((place / BITS) as usize, place % BITS);
        let wide = u128::from(mantissa) << shift;
        let low = (wide & u128::from(u32::MAX)) as i64;
        let high = (wide >> BITS) as i64;
        let sign = if value.is_sign_negative() { -1 } else { 1 };
        if let Some([first, second]) = self.chunks.get_mut(chunk..chunk + 2) {
            *first += sign * low;
            *second += sign * high;
        }
        self.uncarried += 1;
        if self.uncarried >= MOST_UNCARRIED {
            self.carry();
        }
    }

    /// Adds the exact square of a number.
    pub(super) fn add_square(&mut self, value: f64) {
        let square = value * value;
        self.add(square);
        if square.is_finite() {
            self.add(value.mul_add(value, -square));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        for (own, chunk) in self.chunks.iter_mut().zip(other.chunks) {
            *own += chunk;
        }
        self.uncarried = 1;
        self.special += other.special;
    }

    /// Brings all chunks but the last between 0 and 2^32, which is unique.
    pub(super) fn carry(&mut self) {
        let mut carried = 0;
        for chunk in &mut self.chunks[..CHUNKS - 1] {
            let total = *chunk + carried;
            carried = total >> BITS;
            *chunk = total & i64::from(u32::MAX);
        }
        self.chunks[CHUNKS - 1] += carried;
        self.uncarried = 0;
    }

    /// The sum as a number and what rounding to it lost.
    pub(super) fn value(&self) -> (f64, f64) {
        if self.special != 0.0 {
            return (self.special, 0.0);
        }
        let mut sum = self.clone();
        sum.carry();
        let is_negative = sum.chunks[CHUNKS - 1] < 0;
        if is_negative {
            // Of a negative sum all chunks but the last are positive: what is
            // added from the top would cancel.
            sum.chunks = sum.chunks.map(|chunk| -chunk);
            sum.carry();
        }
        let (mut high, mut low) = (0.0, 0.0);
        for (place, &chunk) in sum.chunks.iter().enumerate().rev() {
            let part = chunk as f64 * power_of_two(place as i32 * BITS as i32 + LOWEST);
            let total: f64 = high + part;
            if total.is_infinite() {
                high = total;
                break;
            }
            low += part - (total - high);
            high = total;
        }
        if high.is_infinite() {
            return (if is_negative { -high } else { high }, 0.0);
        }
        let total = high + low;
        let lost = low - (total - high);
        if is_negative {
            (-total, -lost)
        } else {
            (total, lost)
        }
    }
}

/// 2^exponent, also where it takes two steps.
fn power_of_two(exponent: i32) -> f64 {
    let half = exponent / 2;
    2f64.powi(half) * 2f64.powi(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> (f64, f64) {
        let mut sum = ExactSum::default();
        for &value in values {
            sum.add(value);
        }
        sum.value()
    }

    #[test]
    fn single_numbers_come_back() {
        let numbers = [
            0.0,
            1.0,
            -0.1,
            5e-324,
            -2e-310,
            f64::MIN_POSITIVE,
            1e-300,
            1e300,
        ];
        for x in numbers
            .into_iter()
            .chain([f64::MAX, -f64::MAX, 123456.789e-20])
        {
            assert_eq!(sum(&[x]), (x, 0.0), "{x:e}");
            assert_eq!(sum(&[x, x, -x]), (x, 0.0), "{x:e}");
        }
        assert_eq!(sum(&[f64::INFINITY, 1.0]).0, f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).0.is_nan());
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(sum(&[1e300, 1.0, -1e300]), (1.0, 0.0));
        assert_eq!(sum(&[1.0, 1e-30]), (1.0, 1e-30));
        assert_eq!(sum(&[-1.0, -1e-30]), (-1.0, -1e-30));
        assert_eq!(sum(&[5e-324; 10_000]).0, 10_000.0 * 5e-324);
        assert_eq!(sum(&[0.1; 5000]).0, 0.1 * 5000.0);
    }

    #[test]
    fn squares_are_exact() {
        // (2^27 + 1)^2 = 2^54 + 2^28 + 1.
        let mut sum = ExactSum::default();
        sum.add_square(134_217_729.0);
        sum.add(-18_014_398_777_917_440.0);
        assert_eq!(sum.value(), (1.0, 0.0));
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let values: Vec<f64> = (0..3000)
            .map(|i| (f64::from(i) * 0.7).sin() * 1e3)
            .collect();
        for parts in [1, 3, 11] {
            let mut whole = ExactSum::default();
            for part in values.chunks(3000 / parts) {
                let mut own = ExactSum::default();
                part.iter().rev().for_each(|&x| own.add(x));
                whole.merge(&own);
            }
            assert_eq!(whole.value(), sum(&values));
        }
    }
}
