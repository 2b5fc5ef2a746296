//! Logarithms of factorials.

/// ln(n!), relative error below 1e-15.
///
/// # Source
/// NIST Digital Library of Mathematical Functions, 5.11.1 (Stirling's series).
pub(in super::super) fn ln_factorial(n: u64) -> f64 {
    const LN_SQRT_TWO_PI: f64 = 0.918_938_533_204_672_7;
    if n < 20 {
        // Exact as a number up to 22!.
        return (2..=n).map(|k| k as f64).product::<f64>().ln();
    }
    let n = n as f64;
    let w = 1.0 / (n * n);
    let series =
        (1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1260.0 - w * (1.0 / 1680.0 - w / 1188.0)))) / n;
    (n + 0.5) * n.ln() - n + LN_SQRT_TWO_PI + series
}

/// The logarithms up to a limit, for those who need them again and again.
pub(super) struct Factorials(Vec<f64>);

impl Factorials {
    /// Larger ones are computed each time.
    const MOST: u64 = 1 << 14;

    pub(super) fn new(largest: u64) -> Self {
        Self((0..=largest.min(Self::MOST)).map(ln_factorial).collect())
    }

    pub(super) fn ln(&self, n: u64) -> f64 {
        match self.0.get(n as usize) {
            Some(&ln) => ln,
            None => ln_factorial(n),
        }
    }
}
