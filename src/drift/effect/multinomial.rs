//! Rows that are drawn anew, as the counts of their categories.

use crate::drift::resampling::Stream;
use crate::math::{ln_gamma, normal_quantile};

/// Beyond this variance a binomial law is normal as far as 1 in 1,000 of its
/// standard deviation, and is drawn so.
const LARGE_VARIANCE: f64 = 1e6;

/// Up to this mean a count is looked for from 0 on.
const FEW: f64 = 10.0;

/// Draws as many rows as `counts` has, with its shares, into `drawn`: each count
/// is binomial given those before it (Devroye, Non-uniform random variate
/// generation, 1986, section XI.1.4).
pub(super) fn multinomial(counts: &[u64], stream: &mut Stream, drawn: &mut Vec<u64>) {
    drawn.clear();
    let mut rows: u64 = counts.iter().sum();
    let mut rest = rows;
    for &count in counts {
        let taken = match count {
            0 => 0,
            _ if count == rest => rows,
            _ => binomial(rows, count as f64 / rest as f64, stream),
        };
        drawn.push(taken);
        rows -= taken;
        rest -= count;
    }
}

fn binomial(n: u64, p: f64, stream: &mut Stream) -> u64 {
    if p > 0.5 {
        return n - binomial(n, 1.0 - p, stream);
    }
    if n == 0 || p <= 0.0 {
        return 0;
    }
    let size = n as f64;
    let mean = size * p;
    let variance = mean * (1.0 - p);
    if variance > LARGE_VARIANCE {
        let score = normal_quantile(uniform(stream));
        return (mean + score * variance.sqrt()).round().clamp(0.0, size) as u64;
    }
    // Inversion, from the most probable count to both sides of it, or from 0.
    let (mode, top) = if mean < FEW {
        (0, (size * (-p).ln_1p()).exp())
    } else {
        let mode = (((size + 1.0) * p) as u64).min(n);
        let at = mode as f64;
        let choices = ln_gamma(size + 1.0) - ln_gamma(at + 1.0) - ln_gamma(size - at + 1.0);
        let ln = choices + at * p.ln() + (size - at) * (-p).ln_1p();
        (mode, ln.exp())
    };
    let odds = p / (1.0 - p);
    let mut left = uniform(stream) - top;
    let (mut low, mut high) = ((mode, top), (mode, top));
    while left > 0.0 && (low.0 > 0 || high.0 < n) {
        if high.0 < n {
            high.1 *= (n - high.0) as f64 / (high.0 + 1) as f64 * odds;
            high.0 += 1;
            left -= high.1;
            if left <= 0.0 {
                return high.0;
            }
        }
        if low.0 > 0 {
            low.1 *= low.0 as f64 / ((n - low.0 + 1) as f64 * odds);
            low.0 -= 1;
            left -= low.1;
            if left <= 0.0 {
                return low.0;
            }
        } else {
            low.1 = 0.0;
        }
        if high.1 + low.1 < 1e-18 && high.0 as f64 > mean {
            // What rounding leaves.
            break;
        }
    }
    mode
}

/// Between 0 and 1, both excluded.
fn uniform(stream: &mut Stream) -> f64 {
    const STEPS: usize = 1 << 52;
    (stream.below(STEPS) as f64 + 0.5) / STEPS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 20,000 draws, within 5 standard errors.
    #[test]
    fn counts_have_the_moments_of_their_law() {
        for counts in [
            &[3, 0, 7][..],
            &[1, 400, 599],
            &[60_000, 40_000],
            &[9_000_000, 6_000_000, 5],
        ] {
            let n: u64 = counts.iter().sum();
            let draws = 20_000;
            let mut sums = vec![(0.0, 0.0); counts.len()];
            let mut drawn = Vec::new();
            for number in 0..draws {
                multinomial(counts, &mut Stream::new(1, number), &mut drawn);
                assert_eq!(drawn.iter().sum::<u64>(), n);
                for ((sum, &count), &taken) in sums.iter_mut().zip(counts).zip(&drawn) {
                    let off = taken as f64 - count as f64;
                    sum.0 += off;
                    sum.1 += off * off;
                }
            }
            for ((off, squares), &count) in sums.into_iter().zip(counts) {
                let p = count as f64 / n as f64;
                let variance = count as f64 * (1.0 - p);
                let draws = draws as f64;
                assert!(off.abs() <= 5.0 * (variance * draws).sqrt(), "{counts:?}");
                let kurtosis = 3.0 + 1.0 / variance.max(1e-9);
                let error = variance * ((kurtosis - 1.0) * draws).sqrt();
                assert!(
                    (squares - variance * draws).abs() <= 5.0 * error,
                    "{counts:?} {squares} {variance}"
                );
            }
        }
    }
}
