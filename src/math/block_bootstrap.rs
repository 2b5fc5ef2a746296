//! Resampling a dependent series in blocks.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The block length that estimates the variance of a mean best, for blocks that
/// may start anywhere (moving or circular blocks). At least 1; at most
/// min(3 sqrt(n), n / 3), rounded up.
///
/// # Shapes
/// `series`: (n,), finite; n < 9 gives 1.
/// # Source
/// Politis & White, Automatic block-length selection for the dependent
/// bootstrap, Econometric Reviews 23, 2004, sections 3.2 and 3.3; with the
/// correction of Patton, Politis & White, Econometric Reviews 28, 2009.
/// Expected values: tests/data/block_length.json.
/// # Example
/// ```
/// use driftline::math::block_bootstrap::optimal_block_length;
/// assert_eq!(optimal_block_length(&[1.0; 100]), 1.0);
/// ```
pub fn optimal_block_length(series: &[f64]) -> f64 {
    let n = series.len();
    if n < 9 {
        return 1.0;
    }
    let size = n as f64;
    let mean = series.iter().sum::<f64>() / size;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let product = |lag: usize| -> f64 {
        let shifted = centred.iter().skip(lag);
        centred.iter().zip(shifted).map(|(a, b)| a * b).sum()
    };
    // The lag from which on `quiet` correlations in a row are insignificant.
    let quiet = (size.log10() as usize).max(5);
    let last = size.sqrt().ceil() as usize + quiet;
    let significant = 2.0 * (size.log10() / size).sqrt();
    let norm = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
    let mut in_a_row = 0;
    let mut lags = 2 * last;
    let mut covariances = Vec::with_capacity(last + 1);
    for lag in 0..=last.min(n - 2) {
        let cross = product(lag);
        covariances.push(cross / size);
        let (front, back) = (
            norm(centred.get(..n - lag - 1).unwrap_or_default()),
            norm(centred.get(lag + 1..).unwrap_or_default()),
        );
        in_a_row = if cross.abs() / (front * back).sqrt() < significant {
            in_a_row + 1
        } else {
            0
        };
        if in_a_row == quiet && lag < last {
            lags = 2 * (lag + 1 - quiet).max(1);
            break;
        }
    }
    let lags = lags.min(last);
    for lag in covariances.len()..=lags.min(n - 1) {
        covariances.push(product(lag) / size);
    }
    let (mut slope, mut variance) = (0.0, covariances.first().copied().unwrap_or(0.0));
    for (lag, covariance) in covariances.iter().enumerate().skip(1).take(lags) {
        let place = lag as f64 / lags as f64;
        let weight = if place <= 0.5 {
            1.0
        } else {
            2.0 * (1.0 - place)
        };
        slope += 2.0 * weight * lag as f64 * covariance;
        variance += 2.0 * weight * covariance;
    }
    let spread = 4.0 / 3.0 * variance * variance;
    let longest = (3.0 * size.sqrt()).min(size / 3.0).ceil();
    let length = (2.0 * slope * slope / spread * size).cbrt();
    if length.is_nan() {
        return 1.0; // a constant: nothing depends on anything
    }
    length.min(longest).max(1.0)
}

/// Draws series made of blocks of another: moving blocks, which start anywhere
/// and keep the order within themselves.
///
/// The same seed gives the same draws on every machine.
///
/// # Source
/// Künsch, The jackknife and the bootstrap for general stationary
/// observations, Annals of Statistics 17, 1989.
/// # Example
/// ```
/// use driftline::math::block_bootstrap::Resampler;
/// let mut drawn = Vec::new();
/// Resampler::new(0).draw(&[1.0, 2.0, 3.0, 4.0], 2, 6, &mut drawn);
/// assert_eq!(drawn.len(), 6);
/// assert_eq!(drawn[1], drawn[0] + 1.0);
/// ```
#[derive(Debug, Clone)]
pub struct Resampler {
    random: Xoshiro256PlusPlus,
}

impl Resampler {
    /// A source of draws.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// Replaces `drawn` by `n` values in blocks of `block` values of `series`
    /// (the last one is cut). An empty series gives nothing.
    pub fn draw(&mut self, series: &[f64], block: usize, n: usize, drawn: &mut Vec<f64>) {
        drawn.clear();
        let block = block.clamp(1, series.len().max(1));
        let starts = (series.len() + 1).saturating_sub(block);
        if series.is_empty() {
            return;
        }
        while drawn.len() < n {
            let start = self.below(starts);
            let len = block.min(n - drawn.len());
            drawn.extend_from_slice(series.get(start..start + len).unwrap_or_default());
        }
    }

    /// Puts items in an order of which each is as likely as any other.
    ///
    /// # Source
    /// Durstenfeld, Algorithm 235, Communications of the ACM 7, 1964.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for left in (2..=items.len()).rev() {
            let chosen = self.below(left);
            items.swap(left - 1, chosen);
        }
    }

    /// A whole number below `n`: the high half of a product, whose bias of
    /// n / 2^64 does not matter here.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.random.next_u64()) * n as u128) >> 64) as usize
    }
}
