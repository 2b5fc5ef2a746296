//! A seeded sample of the tables that chance makes.

use super::super::counts::{Cell, Counts};
use super::draw::Source;
use super::{Draws, MOST_WORK, Measure, extremity};
use crate::drift::PValue;
use crate::math;

/// Fewer draws say too little.
const FEWEST_DRAWS: f64 = 999.0;
/// The fewest draws of shares, which are those that may be asked for.
const FEWEST_SHARES: f64 = 99.0;
/// About how long a share takes to be drawn, and a count by it.
const NANOSECONDS_PER_SHARE: f64 = 250.0;
/// When so many draws were as extreme the p-value is known to 5 % of itself.
const ENOUGH: usize = 500;

/// Draws tables with the totals of the observed one; `None` when that is too
/// much work. The cells are in ascending order of their totals.
///
/// # Source
/// Patefield, Algorithm AS 159, 1981: one count after the other, each from the
/// hypergeometric law of what is left.
pub(super) fn permutations(cells: &[Cell], measure: Measure, draws: Draws) -> Option<PValue> {
    let (ours, theirs): (Vec<u64>, Vec<u64>) = cells.iter().copied().unzip();
    let counts = Counts::new(&ours, &theirs).ok()?;
    let (n, all) = (
        counts.n_baseline(),
        counts.n_baseline() + counts.n_current(),
    );
    let share = n as f64 / all as f64;
    let totals: Vec<u64> = cells.iter().map(|(b, c)| b + c).collect();
    let effort: f64 = totals
        .iter()
        .map(|&total| 30.0 + (total as f64 * share * (1.0 - share)).sqrt())
        .sum();
    let affordable = (MOST_WORK / effort).floor();
    if affordable < FEWEST_DRAWS.min(draws.number as f64) {
        return None;
    }
    let number = draws.number.min(affordable as usize);
    let mut source = Source::new(draws.seed, all);
    let mut drawn = cells.to_vec();
    let mut sample = Sample::new(measure.least(extremity(measure, &counts, cells)));
    for _ in 0..number {
        let (mut left, mut behind) = (n, all);
        for (cell, &total) in drawn.iter_mut().zip(&totals) {
            behind -= total;
            let h = source.hypergeometric(total, behind, left);
            left -= h;
            *cell = (h, total - h);
        }
        if sample.add(extremity(measure, &counts, &drawn)) {
            break;
        }
    }
    Some(sample.p_value())
}

/// Draws current samples as they fall between borders at the quantiles of a
/// baseline of a continuous quantity: the shares between order statistics
/// follow a Dirichlet law whatever the distribution. Where that is too much work
/// there are fewer draws.
///
/// # Source
/// Wilks, Mathematical Statistics, 1962, section 8.7 (coverages); the outer
/// bins have half a gap each beyond their values.
pub(super) fn random_borders(
    counts: &Counts<'_>,
    cells: &[Cell],
    measure: Measure,
    draws: Draws,
) -> PValue {
    let last = cells.len() - 1;
    let mut source = Source::new(draws.seed, counts.n_baseline() + counts.n_current());
    let mut shares = vec![0.0; cells.len()];
    let mut fallen = vec![0; cells.len()];
    let mut drawn = cells.to_vec();
    let mut sample = Sample::new(measure.least(extremity(measure, counts, cells)));
    let affordable = MOST_WORK / (NANOSECONDS_PER_SHARE * cells.len() as f64);
    // There is no other law to fall back on.
    let number = draws.number.min(affordable.max(FEWEST_SHARES) as usize);
    for _ in 0..number {
        for (place, (share, (b, _))) in shares.iter_mut().zip(cells).enumerate() {
            let ends = u8::from(place == 0) + u8::from(place == last);
            *share = source.gamma((*b as f64 + 0.5 * f64::from(ends)).max(0.5));
        }
        source.multinomial(counts.n_current(), &shares, &mut fallen);
        for ((_, c), &count) in drawn.iter_mut().zip(&fallen) {
            *c = count;
        }
        if sample.add(extremity(measure, counts, &drawn)) {
            break;
        }
    }
    sample.p_value()
}

/// What was drawn, beside what was observed.
struct Sample {
    least: f64,
    reached: usize,
    drawn: Vec<f64>,
}

impl Sample {
    fn new(least: f64) -> Self {
        Self {
            least,
            reached: 0,
            drawn: Vec::new(),
        }
    }

    /// Whether that is enough.
    fn add(&mut self, extremity: f64) -> bool {
        self.reached += usize::from(extremity >= self.least);
        self.drawn.push(extremity);
        self.reached >= ENOUGH
    }

    /// The share of the draws, the observed table being one of them, that are
    /// as extreme; without it when they came to an end because that was enough,
    /// which keeps the level too. When none but itself is, counting tells no
    /// more: the tail of a gamma law with the mean, variance and skewness of the
    /// draws goes on from there, an extrapolation that keeps no level for sure.
    ///
    /// # Source
    /// Davison & Hinkley, Bootstrap Methods and their Application, 1997,
    /// section 4.2; Besag & Clifford, Sequential Monte Carlo p-values, 1991,
    /// section 2; Mielke & Berry, Permutation Methods, 2007, section 2.3.
    fn p_value(&self) -> PValue {
        let all = self.drawn.len() as f64 + 1.0;
        if self.reached >= ENOUGH {
            return PValue::new(self.reached as f64 / (all - 1.0));
        }
        let counted = PValue::new((self.reached + 1) as f64 / all);
        if self.reached > 0 {
            return counted;
        }
        let tail = self.beyond();
        if tail < counted.ln() {
            PValue::from_ln(tail)
        } else {
            counted
        }
    }

    /// The logarithm of the gamma law's tail.
    fn beyond(&self) -> f64 {
        let moments = math::moments(&self.drawn);
        if moments.variance.is_nan() || moments.variance <= 0.0 {
            return 0.0;
        }
        let deviation = moments.variance.sqrt();
        let cubes: Vec<f64> = self
            .drawn
            .iter()
            .map(|x| ((x - moments.mean) / deviation).powi(3))
            .collect();
        let skewness = math::mean(&cubes).max(1e-3);
        gamma_tail((self.least - moments.mean) / deviation, skewness)
    }
}

/// ln P(Z >= z) for a shifted gamma law with mean 0, variance 1 and this
/// skewness (Pearson's type III).
pub(super) fn gamma_tail(z: f64, skewness: f64) -> f64 {
    let shape = 4.0 / (skewness * skewness);
    // Twice a gamma variable is chi-square with twice the shape.
    let x = 2.0 * (shape + z * shape.sqrt());
    if x <= 0.0 {
        return 0.0;
    }
    math::chi_square_log_sf(x, 2.0 * shape)
}
