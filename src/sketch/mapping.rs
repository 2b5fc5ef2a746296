//! Which bucket a value belongs to: a logarithm that costs a few multiplications.

/// The polynomial that stands for `log2(1 + s)`, `s` from 0 to 1:
/// `((A s + B) s + C) s`. It is the cubic that joins smoothly from one power of
/// two to the next and needs the fewest buckets. Source: Masson, Rim, Lee 2019,
/// section 4 (the idea), and `CubicallyInterpolatedMapping` of DataDog's
/// sketches-java (the coefficients).
const A: f64 = 6.0 / 35.0;
const B: f64 = -3.0 / 5.0;
const C: f64 = 10.0 / 7.0;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const ONE: u64 = 1023 << MANTISSA_BITS;
const BIAS: i32 = 1023;

/// From here to its double, floats are the whole numbers: the low bits of a
/// number added to it are its value, rounded.
const WHOLE: f64 = 4_503_599_627_370_496.0; // 2^52

/// From positive values to bucket numbers such that the two ends of a bucket
/// differ by a factor of at most `(1 + e) / (1 - e)`, `e` being the relative
/// error.
///
/// With `x = 2^k (1 + s)` the bucket is the whole part of
/// `m (k + 1023 + P(s))` (where that is a whole number, it or the one below). Within a bucket `ln x` grows by at most
/// `1 / (m min (1 + s) P'(s))`, and that minimum is 10/7 (at `s` = 0 and 2/3):
/// `m = 0.7 / ln((1 + e) / (1 - e))`, 1 % more buckets than with a true
/// logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mapping {
    /// Buckets per power of two.
    per_octave: f64,
}

impl Mapping {
    pub(super) fn new(relative_error: f64) -> Self {
        let gamma = (1.0 + relative_error) / (1.0 - relative_error);
        Self {
            per_octave: 0.7 / gamma.ln(),
        }
    }

    /// Buckets that a factor of two takes.
    pub(super) fn per_octave(self) -> f64 {
        self.per_octave
    }

    /// The bucket of a value that is finite and not below [`f64::MIN_POSITIVE`].
    #[inline(always)]
    pub(super) fn index(self, value: f64) -> u32 {
        // No conversion between floats and integers, which the vector units of
        // every x86-64 lack.
        let bits = value.to_bits();
        let exponent = f64::from_bits((bits >> MANTISSA_BITS) | WHOLE.to_bits()) - WHOLE;
        let s = f64::from_bits((bits & MANTISSA) | ONE) - 1.0;
        let log = exponent + ((A * s + B) * s + C) * s;
        (log * self.per_octave + (WHOLE - 0.5)).to_bits() as u32
    }

    /// The value that stands for a bucket: as far, relatively, from its lowest
    /// as from its highest.
    pub(super) fn value(self, index: u32) -> f64 {
        let (low, high) = (self.lower(index), self.lower(index.saturating_add(1)));
        2.0 * low / (1.0 + low / high)
    }

    /// The lowest value of a bucket.
    fn lower(self, index: u32) -> f64 {
        let log = f64::from(index) / self.per_octave;
        let exponent = log.floor();
        let rest = log - exponent;
        let mut s = rest; // Newton: the cubic is smooth and close to its argument
        for _ in 0..6 {
            let slope = (3.0 * A * s + 2.0 * B) * s + C;
            s -= (((A * s + B) * s + C) * s - rest) / slope;
        }
        f64::powi(2.0, exponent as i32 - BIAS) * (1.0 + s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index is computed in floating point: a value that is so close to the
    /// end of a bucket may be counted into the next.
    const ROUNDING: f64 = 1e-9;

    #[test]
    fn every_value_is_near_the_one_that_stands_for_it() {
        for error in [0.001, 0.01, 0.1] {
            let mapping = Mapping::new(error);
            let mut value = f64::MIN_POSITIVE;
            let mut last = 0;
            while value < f64::MAX / 2.0 {
                let index = mapping.index(value);
                assert!(index >= last, "{value}");
                last = index;
                let found = mapping.value(index);
                let off = (found / value - 1.0).abs();
                assert!(off <= error * (1.0 + ROUNDING), "{value}: {found}");
                value *= 1.000_37 + error / 7.0;
            }
        }
    }
}
