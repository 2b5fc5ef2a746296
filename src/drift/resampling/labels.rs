//! The tests of categories as statistics of labels that are drawn anew.

use super::{Relabelled, Resampled};
use crate::drift::{Categorical, Categories};
use crate::error::{Error, Result};

/// A categorical test of two samples of labels.
///
/// What is looked at is the test's [`distance`](crate::drift::TestResult::distance).
/// Samples are counts: they have no order, and thus no blocks of rows.
///
/// # Example
/// ```
/// use driftline::drift::resampling::{LabelStatistic, Permutation, permutation};
/// use driftline::drift::{Categories, TotalVariation};
/// let rows = |labels: &[&'static str]| Categories::from_rows(labels.iter().map(|x| Some(*x)));
/// let (baseline, current) = (rows(&["a", "a", "a"]), rows(&["b", "b", "b"]));
/// let test = TotalVariation::default();
/// let statistic = LabelStatistic::new(&test, &baseline, &current)?;
/// let result = permutation(&statistic, &Permutation::default(), &mut || false)?;
/// assert_eq!(result.p_value, 0.1); // 2 of 20 ways keep the labels apart
/// # Ok::<_, driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct LabelStatistic<'a> {
    test: &'a dyn Categorical,
    /// The labels of both samples, in ascending order.
    labels: Vec<&'a str>,
    /// The place in `labels` of each row: those of the baseline, then the current ones.
    rows: Vec<usize>,
    sizes: (usize, usize),
    distance: f64,
}

impl<'a> LabelStatistic<'a> {
    /// Samples of n and m labels; what is missing is left out.
    ///
    /// # Errors
    /// Those of the test about these samples.
    pub fn new(
        test: &'a dyn Categorical,
        baseline: &'a Categories,
        current: &'a Categories,
    ) -> Result<Self> {
        let distance = test.fit_labels(baseline)?.distance_labels(current)?;
        let (ours, theirs) = baseline.aligned(current);
        let mut labels: Vec<&str> = baseline.iter().chain(current.iter()).map(first).collect();
        labels.sort_unstable();
        labels.dedup();
        let rows_of = |counts: Vec<u64>| {
            let counts = counts.into_iter().enumerate();
            counts.flat_map(|(place, count)| std::iter::repeat_n(place, count as usize))
        };
        Ok(Self {
            test,
            labels,
            rows: rows_of(ours).chain(rows_of(theirs)).collect(),
            sizes: (baseline.len() as usize, current.len() as usize),
            distance,
        })
    }

    /// The distance of samples with so many of each label.
    fn of(&self, baseline: &[u64], current: &[u64]) -> Result<f64> {
        let sample = |counts: &[u64]| {
            let counts = self.labels.iter().zip(counts).filter(|(_, n)| **n > 0);
            Categories::from_counts(counts.map(|(label, n)| ((*label).into(), *n)), 0)
        };
        self.test
            .fit_labels(&sample(baseline))?
            .distance_labels(&sample(current))
    }

    /// No row of any label, in both samples.
    fn no_rows(&self) -> [Vec<u64>; 2] {
        [vec![0; self.labels.len()], vec![0; self.labels.len()]]
    }
}

fn first((label, _): (&str, u64)) -> &str {
    label
}

fn add(counts: &mut [u64], place: usize, n: u64) {
    if let Some(count) = counts.get_mut(place) {
        *count += n;
    }
}

impl Relabelled for LabelStatistic<'_> {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn positions(&self) -> &[usize] {
        &[]
    }

    fn statistic(&self) -> f64 {
        self.distance
    }

    fn observed(&self) -> f64 {
        self.distance
    }

    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> Result<()> {
        let marks_baseline = self.marks_baseline();
        let [mut baseline, mut current] = self.no_rows();
        let all = marks.chunks_exact(self.rows.len().max(1));
        for (statistic, marks) in statistics.iter_mut().zip(all) {
            baseline.fill(0);
            current.fill(0);
            for (&place, &mark) in self.rows.iter().zip(marks) {
                if mark == marks_baseline {
                    add(&mut baseline, place, 1);
                } else {
                    add(&mut current, place, 1);
                }
            }
            *statistic = self.of(&baseline, &current)?;
        }
        Ok(())
    }
}

impl Resampled for LabelStatistic<'_> {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn statistic(&self) -> f64 {
        self.distance
    }

    fn resampled(&self, baseline: &[u32], current: &[u32]) -> Result<f64> {
        let [mut ours, mut theirs] = self.no_rows();
        let mut rows = self.rows.iter();
        for (&times, &place) in baseline.iter().zip(rows.by_ref()) {
            add(&mut ours, place, times.into());
        }
        for (&times, &place) in current.iter().zip(rows) {
            add(&mut theirs, place, times.into());
        }
        self.of(&ours, &theirs)
    }
}
