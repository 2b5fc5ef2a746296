//! Where a probability lies, from how often something happened.

use crate::math;

/// How the number of draws came about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Draws {
    /// So many were made, whatever they gave.
    Fixed(usize),
    /// Drawing ended at this one, the last of those that are counted.
    Until(usize),
}

/// The exact interval of a probability that `count` of the draws met, of
/// confidence at least `level`.
///
/// # Source
/// Clopper & Pearson, The use of confidence or fiducial limits illustrated in
/// the case of the binomial, Biometrika 26, 1934, by quantiles of the beta
/// distribution; for draws until the count is reached, the same for the
/// negative binomial distribution (Lui, Confidence limits for the population
/// prevalence rate based on the negative binomial distribution, 1995).
pub(super) fn clopper_pearson(count: usize, draws: Draws, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let (n, above) = match draws {
        Draws::Fixed(n) => (n, count + 1),
        Draws::Until(n) => (n, count),
    };
    let missed = n.saturating_sub(count) as f64;
    let low = if count == 0 {
        0.0
    } else {
        beta_quantile(tail, count as f64, missed + 1.0)
    };
    let high = if missed == 0.0 {
        1.0
    } else {
        beta_quantile(1.0 - tail, above as f64, missed)
    };
    (low, high)
}

/// By bisection, to a relative 1e-12.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if math::beta_cdf(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_intervals() {
        // scipy.stats.binomtest(3, 20).proportion_ci(0.95, "exact").
        let (low, high) = clopper_pearson(3, Draws::Fixed(20), 0.95);
        assert!((low - 0.032_070_937_185).abs() < 1e-11, "{low}");
        assert!((high - 0.378_926_826_546).abs() < 1e-11, "{high}");
        // Nothing in n: 1 - 0.025^(1 / n); everything is its mirror image.
        let (low, high) = clopper_pearson(0, Draws::Fixed(50), 0.95);
        assert_eq!(low, 0.0);
        assert!((high - (1.0 - 0.025f64.powf(0.02))).abs() < 1e-11);
        assert_eq!(clopper_pearson(50, Draws::Fixed(50), 0.95).1, 1.0);
        // The first at draw k: P(first at k or later) = (1 - p)^(k - 1).
        let (low, high) = clopper_pearson(1, Draws::Until(10), 0.95);
        assert!((low - (1.0 - 0.975f64.powf(0.1))).abs() < 1e-11);
        assert!((high - (1.0 - 0.025f64.powf(1.0 / 9.0))).abs() < 1e-11);
    }
}
