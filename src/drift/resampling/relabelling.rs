//! Which pooled rows belong to which sample: all ways, random ways, whole blocks.

use super::random::Stream;

/// A way to draw relabellings of n + m pooled rows, by number.
#[derive(Debug, Clone)]
pub(super) enum Relabelling<'a> {
    /// Every choice of the marked rows, in lexicographic order; `total` ways.
    All { marked: usize, total: usize },
    /// Random choices of the marked rows.
    Random { marked: usize, seed: u64 },
    /// Blocks of neighbouring rows of the baseline and of the current sample,
    /// in random order; `positions` says where each pooled row was.
    Blocks {
        blocks: Vec<(usize, usize)>,
        n: usize,
        marks_baseline: bool,
        positions: &'a [usize],
        seed: u64,
    },
}

impl<'a> Relabelling<'a> {
    /// Blocks of `length` rows, the last of each sample shorter.
    pub(super) fn blocks(
        (n, m): (usize, usize),
        length: usize,
        marks_baseline: bool,
        positions: &'a [usize],
        seed: u64,
    ) -> Self {
        let cut = |from: usize, to: usize| {
            let starts = (from..to).step_by(length.max(1));
            starts.map(move |start| (start, start.saturating_add(length).min(to)))
        };
        Self::Blocks {
            blocks: cut(0, n).chain(cut(n, n + m)).collect(),
            n,
            marks_baseline,
            positions,
            seed,
        }
    }

    /// Writes relabelling `number` over `marks`.
    pub(super) fn draw(&self, number: usize, marks: &mut [bool]) {
        marks.fill(false);
        match self {
            Self::All { marked, total } => nth_choice(number, *marked, *total, marks),
            Self::Random { marked, seed } => Stream::new(*seed, number).mark(*marked, marks),
            Self::Blocks {
                blocks,
                n,
                marks_baseline,
                positions,
                seed,
            } => {
                let mut blocks = blocks.clone();
                Stream::new(*seed, number).shuffle(&mut blocks);
                let rows = blocks.into_iter().flat_map(|(start, end)| start..end);
                let mut in_baseline = vec![false; marks.len()];
                for row in rows.take(*n) {
                    if let Some(mark) = in_baseline.get_mut(row) {
                        *mark = true;
                    }
                }
                for (mark, &position) in marks.iter_mut().zip(*positions) {
                    let baseline = in_baseline.get(position).copied().unwrap_or(false);
                    *mark = baseline == *marks_baseline;
                }
            }
        }
    }
}

/// The number of ways to choose k of n, or `None` when that is above `limit`.
pub(super) fn choices(n: usize, k: usize, limit: usize) -> Option<usize> {
    let k = k.min(n - k.min(n));
    let mut total: u128 = 1;
    for i in 0..k {
        // Exact: the product of i + 1 numbers in a row is divisible by (i + 1)!.
        total = total * (n - i) as u128 / (i as u128 + 1);
        if total > limit as u128 {
            return None;
        }
    }
    usize::try_from(total).ok()
}

/// Marks the k rows of choice `number` of `total`.
fn nth_choice(number: usize, k: usize, total: usize, marks: &mut [bool]) {
    let (mut number, mut k, mut total) = (number as u128, k as u128, total as u128);
    let n = marks.len();
    for (i, mark) in marks.iter_mut().enumerate() {
        let left = (n - i) as u128;
        // C(left - 1, k - 1) of the C(left, k) choices have this row.
        let with = total * k / left;
        if number < with {
            *mark = true;
            (k, total) = (k - 1, with);
        } else {
            number -= with;
            total -= with;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_comes_once() {
        let total = choices(7, 3, 100).unwrap_or(0);
        assert_eq!(total, 35);
        let all = Relabelling::All { marked: 3, total };
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..total {
            let mut marks = [true; 7];
            all.draw(number, &mut marks);
            assert_eq!(marks.iter().filter(|mark| **mark).count(), 3);
            seen.insert(marks);
        }
        assert_eq!(seen.len(), total);
        assert_eq!(choices(7, 3, 34), None);
        assert_eq!(choices(2000, 1000, usize::MAX), None);
        assert_eq!(choices(5, 5, 1), Some(1));
    }

    #[test]
    fn blocks_stay_together() {
        let positions: Vec<usize> = (0..12).collect();
        let blocks = Relabelling::blocks((6, 6), 3, true, &positions, 0);
        for number in 0..20 {
            let mut marks = [false; 12];
            blocks.draw(number, &mut marks);
            assert_eq!(marks.iter().filter(|mark| **mark).count(), 6);
            for block in marks.chunks(3) {
                assert!(block.iter().all(|mark| *mark == block[0]), "{marks:?}");
            }
        }
    }
}
