//! From one run length to others.

/// The heaviest tail that is extrapolated.
const MOST_INDEX: f64 = 0.5;

/// Magnitudes of a parameter at run lengths of which each is four times the one before;
/// the last three serve for what lies beyond.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    /// (logarithm of the run length, magnitude).
    points: Vec<(f64, f64)>,
}

impl Levels {
    /// From pairs of run length and magnitude, in ascending order.
    pub(super) fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let points = pairs
            .into_iter()
            .map(|(every, magnitude)| (every.ln(), magnitude));
        Self {
            points: points.collect(),
        }
    }

    /// The magnitude at a run length; `None` below the first one.
    ///
    /// In between it is linear in the logarithm. Beyond, each step up of the magnitude is
    /// 4^index times the one before; the index is that of the last three, 0 (a line) at
    /// least: a limit that is too high rather than too low.
    ///
    /// # Source
    /// Pickands, Statistical inference using extreme order statistics, Annals of Statistics
    /// 3, 1975, equation 4.
    pub(super) fn at(&self, every: f64) -> Option<f64> {
        let wanted = every.ln();
        let beyond = self.points.iter().position(|&(length, _)| length >= wanted);
        match (beyond, self.points.as_slice()) {
            (Some(0), [(length, magnitude), ..]) => (wanted > length - 1e-9).then_some(*magnitude),
            (Some(after), points) => {
                let (l0, m0) = *points.get(after - 1)?;
                let (l1, m1) = *points.get(after)?;
                Some(m0 + (m1 - m0) * (wanted - l0) / (l1 - l0))
            }
            (None, [.., (_, low), (_, middle), (last, top)]) => {
                let (lower, upper) = (middle - low, (top - middle).max(0.0));
                let index = (upper / lower).log(4.0).clamp(0.0, MOST_INDEX);
                let steps = (wanted - last) / 4f64.ln();
                Some(if index > 1e-6 {
                    let growth = 4f64.powf(index);
                    top + upper * growth * (growth.powf(steps) - 1.0) / (growth - 1.0)
                } else {
                    // Also when nothing varies.
                    top + upper.max(lower) * steps
                })
            }
            (None, _) => None,
        }
    }
}
