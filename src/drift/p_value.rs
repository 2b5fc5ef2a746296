//! Probabilities that stay accurate where a `f64` ends.

/// A p-value together with its natural logarithm, which stays finite below
/// 1e-308.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PValue {
    value: f64,
    ln: f64,
}

impl PValue {
    /// Certainty.
    pub const ONE: Self = Self {
        value: 1.0,
        ln: 0.0,
    };

    /// From the probability itself; what rounding leaves above 1 is 1.
    pub fn new(value: f64) -> Self {
        let value = value.clamp(0.0, 1.0);
        Self {
            value,
            ln: value.ln(),
        }
    }

    /// From its natural logarithm; what rounding leaves above 0 is 0.
    ///
    /// # Example
    /// ```
    /// use driftline::drift::PValue;
    /// let p = PValue::from_ln(-1000.0);
    /// assert_eq!((p.value(), p.ln()), (0.0, -1000.0));
    /// ```
    pub fn from_ln(ln: f64) -> Self {
        let ln = ln.min(0.0);
        Self {
            value: ln.exp(),
            ln,
        }
    }

    /// The probability, 0 to 1.
    pub fn value(self) -> f64 {
        self.value
    }

    /// Its natural logarithm, at most 0.
    pub fn ln(self) -> f64 {
        self.ln
    }
}
