//! Positive numbers with a wide exponent, for probabilities below 1e-308.

/// What the lattice recursions compute with.
pub(super) trait Share: Copy {
    const ZERO: Self;
    const ONE: Self;
    /// self * a + other * b, for positive a and b.
    fn mix(self, a: f64, other: Self, b: f64) -> Self;
    fn times(self, other: Self) -> Self;
    /// self / other, for a positive `other`.
    fn over(self, other: Self) -> Self;
    fn ln(self) -> f64;
}

impl Share for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline]
    fn mix(self, a: f64, other: Self, b: f64) -> Self {
        self * a + other * b
    }

    fn times(self, other: Self) -> Self {
        self * other
    }

    fn over(self, other: Self) -> Self {
        self / other
    }

    fn ln(self) -> f64 {
        self.ln()
    }
}

/// mantissa * 2^(512 exponent), the mantissa 0 or between 2^-256 and 2^256.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    mantissa: f64,
    exponent: i32,
}

const TINY: f64 = f64::from_bits((1023 - 256) << 52);
const HUGE: f64 = f64::from_bits((1023 + 256) << 52);
const UP: f64 = f64::from_bits((1023 + 512) << 52);
const DOWN: f64 = f64::from_bits((1023 - 512) << 52);

impl Wide {
    #[inline]
    fn normal(mut self) -> Self {
        if self.mantissa < TINY && self.mantissa > 0.0 {
            self.mantissa *= UP;
            self.exponent -= 1;
        } else if self.mantissa > HUGE {
            self.mantissa *= DOWN;
            self.exponent += 1;
        }
        self
    }
}

impl Share for Wide {
    const ZERO: Self = Self {
        mantissa: 0.0,
        // Half the range, so that differences do not overflow.
        exponent: i32::MIN / 2,
    };
    const ONE: Self = Self {
        mantissa: 1.0,
        exponent: 0,
    };

    #[inline]
    fn mix(self, a: f64, other: Self, b: f64) -> Self {
        let (x, y) = (self.mantissa * a, other.mantissa * b);
        // A share of no weight has no say in the exponent.
        let (mantissa, exponent) = match self.exponent - other.exponent {
            _ if x == 0.0 => (y, other.exponent),
            _ if y == 0.0 => (x, self.exponent),
            0 => (x + y, self.exponent),
            1 => (x + y * DOWN, self.exponent),
            -1 => (x * DOWN + y, other.exponent),
            2.. => (x, self.exponent),
            _ => (y, other.exponent),
        };
        Self { mantissa, exponent }.normal()
    }

    fn times(self, other: Self) -> Self {
        if self.mantissa == 0.0 || other.mantissa == 0.0 {
            return Self::ZERO;
        }
        Self {
            mantissa: self.mantissa * other.mantissa,
            exponent: self.exponent + other.exponent,
        }
        .normal()
    }

    fn over(self, other: Self) -> Self {
        Self {
            mantissa: self.mantissa / other.mantissa,
            exponent: self.exponent - other.exponent,
        }
        .normal()
    }

    fn ln(self) -> f64 {
        self.mantissa.ln() + f64::from(self.exponent) * 512.0 * std::f64::consts::LN_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_far_below_the_range_of_f64() {
        let mut p = Wide::ONE;
        for _ in 0..3000 {
            p = p.mix(0.25, p, 0.25);
        }
        assert!((p.ln() + 3000.0 * std::f64::consts::LN_2).abs() < 1e-9);
        assert!((p.times(p).ln() - 2.0 * p.ln()).abs() < 1e-9);
        assert_eq!(Wide::ZERO.mix(1.0, p, 1.0).ln(), p.ln());
        assert_eq!(p.mix(1.0, Wide::ONE, 1.0).ln(), 0.0);
        assert_eq!(Wide::ZERO.times(Wide::ONE).ln(), f64::NEG_INFINITY);
    }
}
