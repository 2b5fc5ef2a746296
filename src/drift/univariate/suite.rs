//! Several tests of the same two samples, at the cost of one sort.

use std::borrow::Cow;
use std::sync::Arc;

use ndarray::ArrayView1;

use super::{FittedUnivariate, Needs, Ranking, Sorted, Univariate};
use crate::drift::sample::{Infinite, Sample, sort};
use crate::drift::{NanPolicy, TestResult};
use crate::error::{Error, Result};

/// From this many values in both samples on, several threads pay.
const SHARE_FROM: usize = 1 << 18;

/// Tests that are asked together.
///
/// The baseline is sorted once and kept once, the current sample is sorted once,
/// and one pass over both gives the sums of all tests of the joint ranking
/// ([`RankTest`](super::RankTest)); other tests get the same samples. Each test
/// answers as it would alone.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// As each test has it; one that refuses NaN or infinities refuses for all.
/// # Cost
/// O(n log n) in `fit`; O(m log m + n + m) per call for all rank tests together
/// (O(m log m + m log n) where they need no more and m is below n/24), without
/// allocation beyond the sorted current sample and the results.
/// # Example
/// ```
/// use driftline::drift::{Suite, get};
/// use serde_json::Map;
/// let tests = ["ks", "wasserstein"].map(|name| get(name, &Map::new()));
/// let suite = Suite::new(tests.into_iter().collect::<Result<_, _>>()?)?;
/// let fitted = suite.fit([1., 2., 3.].as_slice().into())?;
/// let results = fitted.compare([3., 4., 5.].as_slice().into())?;
/// assert_eq!((results[1].test.as_ref(), results[1].statistic), ("wasserstein", 2.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Suite {
    tests: Vec<Arc<dyn Univariate>>,
    threads: usize,
}

impl Suite {
    /// Takes at least one test; no two with the same name.
    ///
    /// # Errors
    /// `InvalidValue` for no tests or two of a name.
    pub fn new(tests: Vec<Arc<dyn Univariate>>) -> Result<Self> {
        if tests.is_empty() {
            return Err(Error::invalid_value("tests", "none", "at least one test"));
        }
        for (k, test) in tests.iter().enumerate() {
            let name = test.name();
            if tests.iter().take(k).any(|other| other.name() == name) {
                let got = format!("\"{name}\" twice");
                return Err(Error::invalid_value("tests", got, "each test once"));
            }
        }
        Ok(Self { tests, threads: 1 })
    }

    /// The same on up to so many threads, which changes no result.
    ///
    /// # Errors
    /// `InvalidValue` for 0.
    pub fn with_threads(mut self, threads: usize) -> Result<Self> {
        if threads == 0 {
            return Err(Error::invalid_value("threads", 0, "at least 1"));
        }
        self.threads = threads;
        Ok(self)
    }

    /// The tests, in the order given.
    pub fn tests(&self) -> &[Arc<dyn Univariate>] {
        &self.tests
    }

    /// On how many threads at most.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Copies, cleans and sorts a baseline of shape `(n,)`, and prepares it for
    /// each test.
    ///
    /// # Errors
    /// Those of the tests.
    pub fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<FittedSuite> {
        let sample = clean("baseline", &baseline)?;
        let (n, missing) = (sample.values.len(), sample.missing);
        let mut shared = None;
        let mut needs = Needs::NONE;
        let mut fitted = Vec::with_capacity(self.tests.len());
        for test in &self.tests {
            let share = || Arc::new(Sorted::new(sort(Cow::Borrowed(&sample.values))));
            let member = if test.ranks() {
                test.fit_sorted(shared.get_or_insert_with(share), missing)
            } else {
                None
            };
            let member = match member {
                Some(member) => member?,
                None => test.fit(baseline)?,
            };
            needs = needs | member.needs().unwrap_or(Needs::NONE);
            fitted.push(member);
        }
        Ok(FittedSuite {
            suite: self.clone(),
            shared,
            needs,
            fitted,
            n,
        })
    }
}

/// A [`Suite`] that has seen its baseline.
#[derive(Debug, Clone)]
pub struct FittedSuite {
    suite: Suite,
    /// The baseline of the tests of the joint ranking, if there are any.
    shared: Option<Arc<Sorted>>,
    /// What those read of it.
    needs: Needs,
    fitted: Vec<Arc<dyn FittedUnivariate>>,
    n: usize,
}

impl FittedSuite {
    /// The suite that was fitted.
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    /// The tests that have seen the baseline, in the order given.
    pub fn fitted(&self) -> &[Arc<dyn FittedUnivariate>] {
        &self.fitted
    }

    /// Values of the baseline that are used (missing ones left out).
    pub fn n_baseline(&self) -> usize {
        self.n
    }

    /// Whether any test sorts the current sample; see
    /// [`FittedUnivariate::sorts`].
    pub fn sorts(&self) -> bool {
        self.fitted.iter().any(|fitted| fitted.sorts())
    }

    /// Whether any test gets the current sample as it came.
    pub fn keeps_order(&self) -> bool {
        let mut tests = self.suite.tests.iter().zip(&self.fitted);
        tests.any(|(test, fitted)| !fitted.sorts() || test.is_foreign())
    }

    /// Compares a current sample of shape `(m,)` with the baseline: a result for
    /// each test, in their order.
    ///
    /// # Errors
    /// Those of the tests.
    pub fn compare(&self, current: ArrayView1<'_, f64>) -> Result<Vec<TestResult>> {
        self.compare_sorted(current, current)
    }

    /// The same with the current sample as it came and in ascending order
    /// (missing values last), for callers that have a faster sort. Tests that do
    /// not sort get the former.
    ///
    /// # Errors
    /// Those of the tests.
    pub fn compare_sorted(
        &self,
        current: ArrayView1<'_, f64>,
        sorted: ArrayView1<'_, f64>,
    ) -> Result<Vec<TestResult>> {
        let sample = clean("current", &sorted)?;
        let missing = sample.missing;
        let values = match &self.shared {
            Some(_) => sort(sample.values),
            None => sample.values,
        };
        let ranking = self.shared.as_ref().map(|baseline| {
            let shares = (baseline.values().len() + values.len()) / SHARE_FROM;
            let threads = self.suite.threads.min(1 + shares);
            Ranking::with_threads(baseline, &values, self.needs, threads)
        });
        let tests = self.suite.tests.iter().zip(&self.fitted);
        tests
            .map(|(test, fitted)| {
                let ranked = ranking.as_ref();
                let ranked = ranked.and_then(|ranking| fitted.compare_ranking(ranking, missing));
                ranked.unwrap_or_else(|| {
                    let any_order = fitted.sorts() && !test.is_foreign();
                    fitted.compare(if any_order { sorted } else { current })
                })
            })
            .collect()
    }
}

/// Whatever is there; each test says what it refuses.
fn clean<'a>(argument: &'static str, view: &'a ArrayView1<'_, f64>) -> Result<Sample<'a>> {
    Sample::new(argument, view, NanPolicy::Omit, Infinite::Accepted)
}
