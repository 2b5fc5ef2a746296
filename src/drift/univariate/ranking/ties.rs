//! The groups of equal values in two sorted samples.

/// Values that are equal, in both samples together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TieGroup {
    /// The value; the sign of a zero means nothing.
    pub value: f64,
    /// How often the baseline has it.
    pub baseline: usize,
    /// How often the current sample has it.
    pub current: usize,
}

/// The groups in ascending order; see
/// [`Ranking::tie_groups`](super::Ranking::tie_groups).
#[derive(Debug, Clone)]
pub struct TieGroups<'a> {
    pub(super) baseline: &'a [f64],
    pub(super) current: &'a [f64],
}

impl Iterator for TieGroups<'_> {
    type Item = TieGroup;

    fn next(&mut self) -> Option<TieGroup> {
        let value = match (self.baseline.first(), self.current.first()) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (None, None) => return None,
        };
        Some(TieGroup {
            value,
            baseline: take(&mut self.baseline, value),
            current: take(&mut self.current, value),
        })
    }
}

fn take(sorted: &mut &[f64], value: f64) -> usize {
    let count = sorted.iter().take_while(|&&x| x == value).count();
    *sorted = &sorted[count..];
    count
}

/// The sum of t^3 - t over the groups of t equal values.
pub(super) fn tie_correction(sorted: &[f64]) -> u128 {
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    // Most samples have none, and this is done several at a time.
    if pairs.map(|(x, y)| usize::from(x < y)).sum::<usize>() + 1 >= sorted.len() {
        return 0;
    }
    let groups = sorted.chunk_by(|a, b| a == b);
    groups.map(|group| cubed(group.len())).sum()
}

/// t^3 - t.
pub(super) fn cubed(t: usize) -> u128 {
    let t = t as u128;
    t * t * t - t
}
