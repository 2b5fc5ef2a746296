//! How often each level is crossed.

/// Bits of a level that are not told apart: 512 levels between a number and its
/// double, 0.2 % from one to the next.
const DROPPED: u32 = 43;

/// The heaviest tail that is extrapolated: the estimate of its index scatters,
/// and what is averaged over a window has lighter tails than its values.
const MAX_INDEX: f64 = 0.25;

/// How often distances crossed each level upwards, level by level.
///
/// Levels are the upper edges of bins: what is counted at a level is not above
/// it, so that a threshold at a level is not reached by what was counted there.
pub(super) struct Crossings {
    /// By bin: steps that ended in it, less those that began in it.
    changes: Vec<i32>,
}

impl Crossings {
    pub(super) fn new() -> Self {
        Self {
            changes: vec![0; bin(f64::INFINITY) + 1],
        }
    }

    /// Adds the looks of a stream, which starts without drift.
    pub(super) fn add(&mut self, distances: &[f64]) {
        let mut before = None;
        for &distance in distances {
            let place = bin(distance);
            if before.is_none_or(|before| place > before) {
                self.change(place, 1);
                if let Some(before) = before {
                    self.change(before, -1);
                }
            }
            before = Some(place);
        }
    }

    fn change(&mut self, place: usize, by: i32) {
        if let Some(change) = self.changes.get_mut(place) {
            *change += by;
        }
    }

    /// The level crossed `wanted` times, extrapolated when that is less than
    /// `reliable`.
    pub(super) fn level(&self, wanted: f64, reliable: f64) -> f64 {
        if wanted >= reliable {
            return self.highest(wanted);
        }
        let fewest = reliable.min(self.most() as f64 / 8.0).max(1.0);
        let top = self.highest(fewest);
        let middle = self.highest(2.0 * fewest);
        let (upper, lower) = (top - middle, middle - self.highest(4.0 * fewest));
        let times = (fewest / wanted).max(1.0);
        // Pickands 1975, eq. 4: the index is log2(upper / lower); 0 is exponential.
        let index = (upper / lower).log2().clamp(0.0, MAX_INDEX);
        if index > 1e-6 {
            // Each halving of the rate goes up by 2^index times the one before.
            let growth = index.exp2();
            top + upper * growth * (times.powf(index) - 1.0) / (growth - 1.0)
        } else {
            top + upper * times.log2() // also when nothing varies
        }
    }

    /// How often each bin was crossed, from the highest down.
    fn counts(&self) -> impl Iterator<Item = (usize, i32)> {
        let changes = self.changes.iter().enumerate().rev();
        changes.scan(0, |crossed, (place, change)| {
            *crossed += change;
            Some((place, *crossed))
        })
    }

    /// The most crossings that a level has.
    fn most(&self) -> i32 {
        self.counts().map(|(_, crossed)| crossed).max().unwrap_or(0)
    }

    /// The highest level that was crossed `wanted` times or more.
    fn highest(&self, wanted: f64) -> f64 {
        let mut counts = self.counts();
        let found = counts.find(|&(_, crossed)| f64::from(crossed) >= wanted);
        found.map_or(0.0, |(place, _)| {
            f64::from_bits((place as u64 + 1) << DROPPED)
        })
    }
}

/// The bin of a distance; the lowest for 0 and less.
fn bin(distance: f64) -> usize {
    (distance.max(0.0).to_bits() >> DROPPED) as usize
}
