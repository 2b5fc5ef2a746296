//! Effects of the joint ranking: any monotone change of unit leaves them alone.

use super::{EffectSize, Level};
use crate::drift::Ranking;
use crate::math;

/// Weight, in values, of the cautious guess that rows differ as much as rows can.
const PRIOR: f64 = 0.5;

/// `share_moved` of two samples: their Kolmogorov-Smirnov distance.
pub(super) fn distance(ranking: &Ranking<'_>, level: Level) -> EffectSize {
    let (n, m) = (ranking.n(), ranking.m());
    let deviation = ranking.above.max(-ranking.below).unsigned_abs();
    // In lowest terms, to have one rounding only.
    let g = math::gcd(n as u64, m as u64).max(1);
    let h = deviation / u128::from(g);
    let distance = h as f64 / (n as u64 / g * m as u64) as f64;
    share_moved(distance, n, m, level)
}

/// sup |(F_n - G_m) - (F - G)| is asymptotically no larger than for F = G: both
/// limits are Gaussian, the covariance for F = G (of the mixture) exceeds the
/// other by a positive semidefinite part, and Anderson's inequality of 1955
/// compares them. For F = G it is at most that of Massart's bound.
pub(super) fn share_moved(distance: f64, n: usize, m: usize, level: Level) -> EffectSize {
    let rate = 1.0 / n as f64 + 1.0 / m as f64;
    let band = ((2.0 / level.alpha()).ln() / 2.0 * rate).sqrt();
    let (low, high) = ((distance - band).max(0.0), (distance + band).min(1.0));
    level.effect("share_moved", distance, low, high)
}

/// `cliffs_delta` and `probability_of_superiority`.
pub(super) fn dominance(ranking: &Ranking<'_>, level: Level) -> [EffectSize; 2] {
    let (n, m) = (ranking.n() as f64, ranking.m() as f64);
    // Twice the placements, in whole numbers: how many of the other sample are
    // below, plus how many up to the value.
    let mut of_current = Placements::default();
    let mut of_baseline = Placements::default();
    let (mut i, mut j) = (0, 0);
    for group in ranking.tie_groups() {
        of_current.add(group.current, 2 * i + group.baseline);
        of_baseline.add(group.baseline, 2 * j + group.current);
        i += group.baseline;
        j += group.current;
    }
    let pairs = ranking.n() as i128 * ranking.m() as i128;
    let delta = (of_current.sum as i128 - pairs) as f64 / pairs as f64;
    let theta = of_current.sum as f64 / (2.0 * n * m);
    let doubt = (2 * pairs - of_current.sum as i128) as f64 / (2.0 * n * m) * theta;
    // The share of theta (1 - theta), the variance of one pair, that values of
    // a sample bring: at most all of it, which Birnbaum and Klose, 1957, show
    // to bound the variance of theta by theta (1 - theta) / min(n, m). The
    // guess weighs in where there is little to estimate a share from.
    let share = |placements: &Placements, size: f64, others: f64| {
        let squares = placements.squares(size) / (4.0 * others * others);
        ((squares + PRIOR) / (size * doubt + PRIOR)).min(1.0)
    };
    let (v_current, v_baseline) = (share(&of_current, m, n) / m, share(&of_baseline, n, m) / n);
    let total = v_current + v_baseline;
    // Brunner, Munzel, 2000, section 4: degrees of freedom of Satterthwaite.
    let df = total * total
        / (v_current * v_current / (m - 1.0).max(1.0)
            + v_baseline * v_baseline / (n - 1.0).max(1.0));
    let trials = 1.0 / total.min(1.0 / n.min(m));
    let t = level.quantile(df);
    // Wilson, 1927, in terms of delta = 2 theta - 1.
    let square = t * t / trials;
    let centre = delta / (1.0 + square);
    let half = 2.0 * (square * (doubt + square / 4.0)).sqrt() / (1.0 + square);
    let (low, high) = ((centre - half).max(-1.0), (centre + half).min(1.0));
    let half_of = |x: f64| 0.5 + x / 2.0;
    [
        level.effect("cliffs_delta", delta, low, high),
        level.effect(
            "probability_of_superiority",
            theta,
            half_of(low),
            half_of(high),
        ),
    ]
}

/// Exact sums over whole numbers.
#[derive(Default)]
struct Placements {
    sum: u128,
    squares: u128,
}

impl Placements {
    fn add(&mut self, count: usize, place: usize) {
        let (count, place) = (count as u128, place as u128);
        self.sum += count * place;
        self.squares += count * place * place;
    }

    /// Sum of the squared deviations from the mean of `size` placements.
    fn squares(&self, size: f64) -> f64 {
        // Sizes up to 1e9 leave room: size * squares < 4e36 < 2^127.
        let scaled = (size as u128)
            .saturating_mul(self.squares)
            .saturating_sub(self.sum.saturating_mul(self.sum));
        scaled as f64 / size
    }
}
