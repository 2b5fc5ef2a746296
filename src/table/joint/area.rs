//! Areas under the curve of blocks that are uncorrelated given those before.

use crate::drift::PValue;
use crate::math;

/// Weight, in values, of the cautious guess that rows differ as much as rows can.
const PRIOR: f64 = 0.5;

/// The areas of the blocks added, summed up.
#[derive(Debug, Default)]
pub(super) struct Areas {
    blocks: f64,
    /// Sum of the areas.
    areas: f64,
    /// Sum of their variances without drift.
    variances: f64,
    /// Sum of their variances as shares of that of one pair.
    shares: f64,
}

impl Areas {
    /// Adds a block of scores, those of its `n` rows of the baseline first.
    pub(super) fn add(&mut self, scores: &[f64], n: usize) {
        let mut marked: Vec<_> = scores
            .iter()
            .enumerate()
            .map(|(i, s)| (*s, i >= n))
            .collect();
        marked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let total = scores.len() as f64;
        let (n, m) = (n as f64, total - n as f64);
        let mut of_baseline = Placements::default();
        let mut of_current = Placements::default();
        let (mut below_b, mut below_c, mut ties) = (0.0, 0.0, 0.0);
        for group in marked.chunk_by(|a, b| a.0 == b.0) {
            let size = group.len() as f64;
            let current = group.iter().filter(|(_, mark)| *mark).count() as f64;
            let baseline = size - current;
            of_current.add(current, (below_b + baseline / 2.0) / n);
            of_baseline.add(baseline, (below_c + current / 2.0) / m);
            below_b += baseline;
            below_c += current;
            ties += size * (size * size - 1.0);
        }
        let area = of_current.sum / m;
        self.blocks += 1.0;
        self.areas += area;
        self.variances += (total + 1.0 - ties / (total * (total - 1.0))) / (12.0 * n * m);
        // As for the probability of superiority among the effect sizes.
        let doubt = area * (1.0 - area);
        let share = |placements: &Placements, size: f64| {
            let share = (placements.squares(size) + PRIOR) / (size * doubt + PRIOR);
            share.min(1.0) / size
        };
        let both = share(&of_baseline, n) + share(&of_current, m);
        self.shares += both.min(1.0 / n.min(m));
    }

    /// The mean area; 1/2 of nothing.
    pub(super) fn mean(&self) -> f64 {
        if self.blocks > 0.0 {
            self.areas / self.blocks
        } else {
            0.5
        }
    }

    /// That the mean is as large without drift. Given all blocks before, an area
    /// has mean 1/2 and the variance of Mann and Whitney with ties, whatever
    /// the classifier: their sum is that of a martingale.
    pub(super) fn p_value(&self) -> PValue {
        if self.variances <= 0.0 {
            return PValue::new(1.0);
        }
        let z = (self.areas - 0.5 * self.blocks) / self.variances.sqrt();
        PValue::from_ln(math::normal_log_sf(z))
    }

    /// The interval of the mean area: Wilson's, 1927, with as many trials as the
    /// variances of the placements (DeLong, DeLong, Clarke-Pearson, 1988) amount
    /// to, so that complete separation does not look certain.
    pub(super) fn interval(&self, level: f64) -> (f64, f64) {
        if self.blocks == 0.0 {
            return (0.0, 1.0);
        }
        let z = math::normal_quantile(0.5 + level / 2.0);
        let area = self.mean();
        let square = z * z * self.shares / (self.blocks * self.blocks);
        let centre = (area + square / 2.0) / (1.0 + square);
        let doubt = area * (1.0 - area) + square / 4.0;
        let half = (square * doubt.max(0.0)).sqrt() / (1.0 + square);
        (
            (centre - half).max(0.0).min(area),
            (centre + half).min(1.0).max(area),
        )
    }
}

/// Sums over the share of the other side that is below each value.
#[derive(Debug, Default)]
struct Placements {
    sum: f64,
    squares: f64,
}

impl Placements {
    fn add(&mut self, count: f64, place: f64) {
        self.sum += count * place;
        self.squares += count * place * place;
    }

    /// Sum of the squared deviations from the mean of `size` placements.
    fn squares(&self, size: f64) -> f64 {
        (self.squares - self.sum * self.sum / size).max(0.0)
    }
}
