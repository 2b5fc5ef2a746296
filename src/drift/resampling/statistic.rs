//! The tests of this library as statistics of rows that are drawn anew.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::{Relabelled, Resampled};
use crate::drift::Univariate;
use crate::drift::multivariate::Multivariate;
use crate::error::{Error, Result};

/// A univariate test of two samples.
///
/// What is looked at is the test's [`distance`](crate::drift::TestResult::distance):
/// the statistic itself for distances and for tests with an alternative of one
/// side, its absolute value for a two-sided signed statistic. Values are kept in
/// ascending order, so that no relabelling or resampling has to be sorted again.
#[derive(Debug)]
pub struct UnivariateStatistic<'a> {
    test: &'a dyn Univariate,
    /// Pooled, ascending.
    values: Vec<f64>,
    in_baseline: Vec<bool>,
    positions: Vec<usize>,
    sizes: (usize, usize),
    distance: f64,
}

impl<'a> UnivariateStatistic<'a> {
    /// Samples of shape `(n,)` and `(m,)`; NaN is left out.
    ///
    /// # Errors
    /// Those of the test about these samples.
    pub fn new(
        test: &'a dyn Univariate,
        baseline: ArrayView1<'_, f64>,
        current: ArrayView1<'_, f64>,
    ) -> Result<Self> {
        let distance = test.fit(baseline)?.distance(current)?;
        let kept = |view: ArrayView1<'_, f64>, own: bool| {
            let values = view.to_vec().into_iter().filter(|x| !x.is_nan());
            values.map(|x| (x, own)).collect::<Vec<_>>()
        };
        let mut all = kept(baseline, true);
        let n = all.len();
        all.extend(kept(current, false));
        let mut positions: Vec<usize> = (0..all.len()).collect();
        positions.sort_by(|&a, &b| all[a].0.total_cmp(&all[b].0));
        Ok(Self {
            test,
            values: positions.iter().map(|&i| all[i].0).collect(),
            in_baseline: positions.iter().map(|&i| all[i].1).collect(),
            sizes: (n, all.len() - n),
            positions,
            distance,
        })
    }

    fn of(&self, baseline: &[f64], current: &[f64]) -> Result<f64> {
        self.test.fit(baseline.into())?.distance(current.into())
    }
}

impl Relabelled for UnivariateStatistic<'_> {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn positions(&self) -> &[usize] {
        &self.positions
    }

    fn statistic(&self) -> f64 {
        self.distance
    }

    fn observed(&self) -> f64 {
        self.distance
    }

    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> Result<()> {
        let marks_baseline = self.marks_baseline();
        let (n, m) = self.sizes;
        let (mut baseline, mut current) = (Vec::with_capacity(n), Vec::with_capacity(m));
        for (statistic, marks) in statistics.iter_mut().zip(marks.chunks_exact(n + m)) {
            baseline.clear();
            current.clear();
            for (&value, &mark) in self.values.iter().zip(marks) {
                if mark == marks_baseline {
                    baseline.push(value);
                } else {
                    current.push(value);
                }
            }
            *statistic = self.of(&baseline, &current)?;
        }
        Ok(())
    }
}

impl Resampled for UnivariateStatistic<'_> {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn statistic(&self) -> f64 {
        self.distance
    }

    fn resampled(&self, baseline: &[u32], current: &[u32]) -> Result<f64> {
        let (mut own, mut other) = (baseline.iter(), current.iter());
        let (mut drawn, mut others) = (Vec::new(), Vec::new());
        for (&value, &in_baseline) in self.values.iter().zip(&self.in_baseline) {
            let (counts, drawn) = if in_baseline {
                (&mut own, &mut drawn)
            } else {
                (&mut other, &mut others)
            };
            for _ in 0..counts.next().copied().unwrap_or(0) {
                drawn.push(value);
            }
        }
        self.of(&drawn, &others)
    }
}

/// A multivariate test of two samples, for [`bootstrap`](super::bootstrap).
#[derive(Debug)]
pub struct MultivariateStatistic<'a> {
    test: &'a dyn Multivariate,
    baseline: Array2<f64>,
    current: Array2<f64>,
    statistic: f64,
}

impl<'a> MultivariateStatistic<'a> {
    /// Samples of shape `(n, d)` and `(m, d)`; rows with NaN are left out.
    ///
    /// # Errors
    /// Those of the test about these samples.
    pub fn new(
        test: &'a dyn Multivariate,
        baseline: ArrayView2<'_, f64>,
        current: ArrayView2<'_, f64>,
    ) -> Result<Self> {
        let kept = |view: ArrayView2<'_, f64>| {
            let rows = view.outer_iter().enumerate();
            let complete = rows.filter(|(_, row)| !row.iter().any(|x| x.is_nan()));
            let complete: Vec<usize> = complete.map(|(i, _)| i).collect();
            view.select(Axis(0), &complete)
        };
        let statistic = test.fit(baseline)?.statistic(current)?;
        Ok(Self {
            test,
            baseline: kept(baseline),
            current: kept(current),
            statistic,
        })
    }
}

impl Resampled for MultivariateStatistic<'_> {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        (self.baseline.nrows(), self.current.nrows())
    }

    fn statistic(&self) -> f64 {
        self.statistic
    }

    fn resampled(&self, baseline: &[u32], current: &[u32]) -> Result<f64> {
        let drawn = |rows: &Array2<f64>, counts: &[u32]| {
            let counts = counts.iter().enumerate();
            let rows_drawn = counts.flat_map(|(i, &k)| std::iter::repeat_n(i, k as usize));
            rows.select(Axis(0), &rows_drawn.collect::<Vec<_>>())
        };
        let fitted = self.test.fit(drawn(&self.baseline, baseline).view())?;
        fitted.statistic(drawn(&self.current, current).view())
    }
}
