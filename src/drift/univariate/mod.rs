//! Tests of two samples of numbers.
//!
//! A test implements [`Definition`], or [`RankTest`] when the joint ranking of
//! both samples is all that it looks at; [`Univariate`] follows from either.

mod anderson_darling;
mod ansari_bradley;
mod baumgartner_weiss_schindler;
mod brunner_munzel;
mod cramer_von_mises;
mod energy;
mod epps_singleton;
mod ks;
mod kuiper;
mod levene;
mod linear_rank;
pub(super) mod list;
mod mann_whitney;
mod mean_shift;
mod mood;
mod quadratic_form;
mod ranking;
mod rearrangement;
mod student;
mod suite;
mod wasserstein;
mod welch;

pub use anderson_darling::AndersonDarling;
pub use ansari_bradley::AnsariBradley;
pub use baumgartner_weiss_schindler::BaumgartnerWeissSchindler;
pub use brunner_munzel::{BrunnerMunzel, Law, PermutationMethod};
pub use cramer_von_mises::CramerVonMises;
pub use energy::Energy;
pub use epps_singleton::EppsSingleton;
pub use ks::{KS, Method};
pub use kuiper::Kuiper;
pub use levene::{Center, Levene};
pub use mann_whitney::{MannWhitney, RankMethod};
pub use mean_shift::MeanShift;
pub use mood::Mood;
pub use ranking::{Needs, Ranking, Sorted, TieGroup, TieGroups};
pub use student::Student;
pub use suite::{FittedSuite, Suite};
pub use wasserstein::Wasserstein;
pub use welch::Welch;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ndarray::ArrayView1;
use serde_json::{Map, Value};

use super::sample::{FINITE, Infinite, Sample, check_missing, sort};
use super::{Categorical, CountTable, NanPolicy, Outcome, Parameters, TestResult};
use crate::error::{Error, Result};

/// A configured test or distance of two samples of numbers: immutable, cheap to
/// share.
pub trait Univariate: Any + fmt::Debug + Send + Sync {
    /// The configuration name: lower case, as in `"ks"`.
    fn name(&self) -> Cow<'static, str>;

    /// Whether [`TestResult::p_value`] is ever present.
    fn has_p_value(&self) -> bool;

    /// Whether infinite values are values (rank tests, bins) or an error.
    fn accepts_infinite(&self) -> bool;

    /// Whether comparing runs code of the host's, such as a method of a Python
    /// object: it may fail in any way, take its time, take locks, and come back to
    /// whoever asked. So hold no lock while it runs, nor when the last hold on the
    /// test or on what it fitted is lost.
    fn is_foreign(&self) -> bool {
        false
    }

    /// Which effect [`TestResult::effect_size`] is; the test's own name when it
    /// is none of the common ones.
    fn effect(&self) -> Cow<'static, str>;

    /// The parameters, as [`get`](super::get) takes them; empty where there are
    /// none.
    fn params(&self) -> Map<String, Value> {
        Map::new()
    }

    /// The same test of labels, where it is one of shares.
    fn as_categorical(&self) -> Option<&dyn Categorical> {
        None
    }

    /// Copies, cleans and prepares a baseline of shape `(n,)`.
    ///
    /// # Errors
    /// `EmptySample` when nothing is left after missing values; `InvalidValue`
    /// for infinities where the mathematics has none.
    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>>;

    /// Whether it is a test of the joint ranking, which `fit_sorted` takes.
    fn ranks(&self) -> bool {
        false
    }

    /// The same with a sorted baseline that other tests have a part in, for tests
    /// of the joint ranking; `None` for the others.
    ///
    /// # Errors
    /// Those of [`Univariate::fit`].
    fn fit_sorted(
        &self,
        _baseline: &Arc<Sorted>,
        _n_missing: usize,
    ) -> Option<Result<Arc<dyn FittedUnivariate>>> {
        None
    }

    /// Fits and compares in one go.
    ///
    /// # Errors
    /// Those of [`Univariate::fit`] and [`FittedUnivariate::compare`].
    fn compare(
        &self,
        baseline: ArrayView1<'_, f64>,
        current: ArrayView1<'_, f64>,
    ) -> Result<TestResult> {
        self.fit(baseline)?.compare(current)
    }
}

/// A test that has seen its baseline.
pub trait FittedUnivariate: fmt::Debug + Send + Sync {
    /// Compares a current sample of shape `(m,)` with the baseline.
    ///
    /// # Errors
    /// `EmptySample` when nothing is left after missing values; `InvalidValue`
    /// for infinities where the mathematics has none.
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult>;

    /// The same with the counts that were judged, for tests of shares.
    ///
    /// # Errors
    /// Those of [`FittedUnivariate::compare`].
    fn compare_counted(&self, current: ArrayView1<'_, f64>) -> Result<CountedResult> {
        Ok((self.compare(current)?, None))
    }

    /// The [`distance`](TestResult::distance) alone, for callers that have no use
    /// for a p-value, which may cost far more.
    ///
    /// # Errors
    /// Those of [`FittedUnivariate::compare`].
    fn distance(&self, current: ArrayView1<'_, f64>) -> Result<f64> {
        Ok(self.compare(current)?.distance)
    }

    /// The same answer as [`FittedUnivariate::compare`], from the current
    /// sample's moments alone, for tests that need no more; `None` for the
    /// others. It lets a rolling window be judged in constant time.
    fn compare_moments(&self, _current: Moments) -> Option<TestResult> {
        None
    }

    /// For tests whose statistic is |mean(current) - location|: the location.
    /// It lets a rolling window be judged without any call.
    fn location(&self) -> Option<f64> {
        None
    }

    /// What a test of the joint ranking reads of it; `None` for the others.
    fn needs(&self) -> Option<Needs> {
        None
    }

    /// The same answer as [`FittedUnivariate::compare`], from a ranking of the
    /// baseline that was fitted and the current sample; `None` for tests that
    /// look at more.
    ///
    /// # Errors
    /// Those of [`FittedUnivariate::compare`].
    fn compare_ranking(
        &self,
        _ranking: &Ranking<'_>,
        _n_missing: usize,
    ) -> Option<Result<TestResult>> {
        None
    }

    /// Whether `compare` sorts the current sample first. It answers the same
    /// for any order; a caller with a faster sort may use it beforehand.
    fn sorts(&self) -> bool {
        false
    }

    /// About how long [`FittedUnivariate::scan`] takes for a current sample of
    /// `len` values, for tests that only count them; `None` for the others.
    fn scan_time(&self, _len: usize) -> Option<Duration> {
        None
    }

    /// [`FittedUnivariate::compare_counted`] as far as it needs the current sample: for
    /// callers that do not copy it, and must be done with it soon.
    ///
    /// # Errors
    /// Those of [`FittedUnivariate::compare`].
    fn scan(&self, current: ArrayView1<'_, f64>) -> Result<Scanned<'_>> {
        self.compare_counted(current).map(Scanned::Judged)
    }
}

/// A result, and for tests of shares the counts that were judged.
pub type CountedResult = (TestResult, Option<CountTable>);

/// How far [`FittedUnivariate::scan`] has come.
pub enum Scanned<'a> {
    /// To the end.
    Judged(CountedResult),
    /// The values are counted; the rest, which may take long, is still to do.
    Counted(Box<dyn FnOnce() -> Result<CountedResult> + Send + 'a>),
}

/// The first two moments of a sample without missing values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Number of values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample variance (denominator `n - 1`; 0 when `n` is 1).
    pub variance: f64,
}

/// What makes a test of two samples of numbers: one implementation for each;
/// [`Univariate`] follows from it.
pub trait Definition: Parameters + Clone + fmt::Debug + Send + Sync + 'static {
    /// The configuration name.
    const NAME: &'static str;
    /// Whether [`Outcome::p_value`] is ever present.
    const HAS_P_VALUE: bool;
    /// Whether infinite values are values or an error.
    const ACCEPTS_INFINITE: bool;
    /// Which effect [`Outcome::effect_size`] is: `"share_moved"`, `"hedges_g"`,
    /// `"cliffs_delta"`, `"log_spread_ratio"`, or [`Self::NAME`] when it is the
    /// test's own.
    const EFFECT: &'static str;
    /// Whether `judge` sorts the current sample.
    const SORTS: bool = false;
    /// What it reads of the joint ranking, when that is all it looks at.
    const NEEDS: Option<Needs> = None;

    /// What is kept of a baseline.
    type Baseline: fmt::Debug + Send + Sync + 'static;

    /// What is done about missing values.
    fn nan_policy(&self) -> NanPolicy;

    /// Prepares a baseline: at least one value, none of them NaN.
    ///
    /// # Errors
    /// `InvalidValue` for samples that the test cannot judge.
    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Self::Baseline>;

    /// Judges a current sample: at least one value, none of them NaN.
    ///
    /// # Errors
    /// `InvalidValue` for samples that the test cannot judge.
    fn judge(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<Outcome>;

    /// The distance alone, where that is cheaper.
    ///
    /// # Errors
    /// Those of [`Self::judge`].
    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        Ok(self.judge(baseline, current)?.distance)
    }

    /// What is kept of a baseline that is sorted already, for tests of the joint
    /// ranking.
    fn share(_baseline: &Arc<Sorted>) -> Option<Self::Baseline> {
        None
    }

    /// See [`FittedUnivariate::compare_ranking`].
    fn judge_ranking(&self, _ranking: &Ranking<'_>) -> Option<Result<Outcome>> {
        None
    }

    /// See [`FittedUnivariate::compare_moments`].
    fn judge_moments(&self, _baseline: &Self::Baseline, _current: Moments) -> Option<Outcome> {
        None
    }

    /// See [`FittedUnivariate::location`].
    fn location(&self, _baseline: &Self::Baseline) -> Option<f64> {
        None
    }
}

/// A test of the joint ranking of both samples: the baseline is sorted once,
/// the current sample for each call.
pub trait RankTest: Parameters + Clone + fmt::Debug + Send + Sync + 'static {
    /// The configuration name.
    const NAME: &'static str;
    /// Whether [`Outcome::p_value`] is ever present.
    const HAS_P_VALUE: bool;
    /// Whether infinite values are values or an error.
    const ACCEPTS_INFINITE: bool = true;
    /// See [`Definition::EFFECT`].
    const EFFECT: &'static str;
    /// The sums of the ranking that `judge` and `distance` read.
    const NEEDS: Needs;

    /// What is done about missing values.
    fn nan_policy(&self) -> NanPolicy;

    /// Judges two samples by their joint ranking.
    ///
    /// # Errors
    /// `InvalidValue` for samples that the test cannot judge.
    fn judge(&self, ranking: &Ranking<'_>) -> Result<Outcome>;

    /// The distance alone, where that is cheaper.
    ///
    /// # Errors
    /// Those of [`Self::judge`].
    fn distance(&self, ranking: &Ranking<'_>) -> Result<f64> {
        Ok(self.judge(ranking)?.distance)
    }
}

impl<T: RankTest> Definition for T {
    const NAME: &'static str = T::NAME;
    const HAS_P_VALUE: bool = T::HAS_P_VALUE;
    const ACCEPTS_INFINITE: bool = T::ACCEPTS_INFINITE;
    const EFFECT: &'static str = T::EFFECT;
    const SORTS: bool = true;

    const NEEDS: Option<Needs> = Some(T::NEEDS);

    type Baseline = Arc<Sorted>;

    fn nan_policy(&self) -> NanPolicy {
        RankTest::nan_policy(self)
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Self::Baseline> {
        Ok(Arc::new(Sorted::new(sort(baseline))))
    }

    fn judge(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<Outcome> {
        RankTest::judge(self, &Ranking::against(baseline, &sort(current), T::NEEDS))
    }

    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        RankTest::distance(self, &Ranking::against(baseline, &sort(current), T::NEEDS))
    }

    fn share(baseline: &Arc<Sorted>) -> Option<Self::Baseline> {
        Some(Arc::clone(baseline))
    }

    fn judge_ranking(&self, ranking: &Ranking<'_>) -> Option<Result<Outcome>> {
        Some(RankTest::judge(self, ranking))
    }
}

impl<T: Definition> Univariate for T {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn has_p_value(&self) -> bool {
        T::HAS_P_VALUE
    }

    fn accepts_infinite(&self) -> bool {
        T::ACCEPTS_INFINITE
    }

    fn effect(&self) -> Cow<'static, str> {
        Cow::Borrowed(T::EFFECT)
    }

    fn params(&self) -> Map<String, Value> {
        self.to_map()
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        self.validate()?;
        let sample = clean(self, "baseline", &baseline)?;
        let (n, missing) = (sample.values.len(), sample.missing);
        Ok(Arc::new(Fitted {
            test: self.clone(),
            baseline: self.prepare(sample.values)?,
            n,
            missing,
        }))
    }

    fn ranks(&self) -> bool {
        T::NEEDS.is_some()
    }

    fn fit_sorted(
        &self,
        baseline: &Arc<Sorted>,
        n_missing: usize,
    ) -> Option<Result<Arc<dyn FittedUnivariate>>> {
        let kept = T::share(baseline)?;
        let n = baseline.values().len();
        let check = || {
            self.validate()?;
            check_sorted(self, "baseline", baseline.values(), n_missing)
        };
        Some(check().map(|()| -> Arc<dyn FittedUnivariate> {
            Arc::new(Fitted {
                test: self.clone(),
                baseline: kept,
                n,
                missing: n_missing,
            })
        }))
    }
}

/// What [`clean`] refuses, in a sorted sample whose missing values are out.
fn check_sorted<T: Definition>(
    test: &T,
    argument: &'static str,
    values: &[f64],
    missing: usize,
) -> Result<()> {
    let n = values.len() + missing;
    check_missing(argument, n, missing, Definition::nan_policy(test))?;
    let ends = [values.first(), values.last()];
    match ends.into_iter().flatten().find(|x| x.is_infinite()) {
        Some(infinite) if !T::ACCEPTS_INFINITE => {
            Err(Error::invalid_value(argument, infinite, FINITE))
        }
        _ => Ok(()),
    }
}

fn clean<'a, T: Definition>(
    test: &T,
    argument: &'static str,
    view: &'a ArrayView1<'_, f64>,
) -> Result<Sample<'a>> {
    let infinite = if T::ACCEPTS_INFINITE {
        Infinite::Accepted
    } else {
        Infinite::Refused
    };
    Sample::new(argument, view, Definition::nan_policy(test), infinite)
}

/// A test and what it keeps of its baseline.
#[derive(Debug)]
struct Fitted<T: Definition> {
    test: T,
    baseline: T::Baseline,
    n: usize,
    missing: usize,
}

impl<T: Definition> Fitted<T> {
    fn result(&self, outcome: Outcome, n_current: usize, n_missing_current: usize) -> TestResult {
        TestResult {
            test: Cow::Borrowed(T::NAME),
            statistic: outcome.statistic,
            distance: outcome.distance,
            p_value: outcome.p_value.map(|p| p.value()),
            log_p_value: outcome.p_value.map(|p| p.ln()),
            effect_size: outcome.effect_size,
            df: outcome.df,
            n_baseline: self.n,
            n_current,
            n_missing_baseline: self.missing,
            n_missing_current,
        }
    }
}

impl<T: Definition> FittedUnivariate for Fitted<T> {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let sample = clean(&self.test, "current", &current)?;
        let (m, missing) = (sample.values.len(), sample.missing);
        let outcome = Definition::judge(&self.test, &self.baseline, sample.values)?;
        Ok(self.result(outcome, m, missing))
    }

    fn distance(&self, current: ArrayView1<'_, f64>) -> Result<f64> {
        let sample = clean(&self.test, "current", &current)?;
        Definition::distance(&self.test, &self.baseline, sample.values)
    }

    fn compare_moments(&self, current: Moments) -> Option<TestResult> {
        let outcome = self.test.judge_moments(&self.baseline, current)?;
        Some(self.result(outcome, current.n, 0))
    }

    fn location(&self) -> Option<f64> {
        self.test.location(&self.baseline)
    }

    fn needs(&self) -> Option<Needs> {
        T::NEEDS
    }

    fn compare_ranking(
        &self,
        ranking: &Ranking<'_>,
        n_missing: usize,
    ) -> Option<Result<TestResult>> {
        let current = ranking.current();
        if let Err(error) = check_sorted(&self.test, "current", current, n_missing) {
            return Some(Err(error));
        }
        let outcome = self.test.judge_ranking(ranking)?;
        Some(outcome.map(|outcome| self.result(outcome, current.len(), n_missing)))
    }

    fn sorts(&self) -> bool {
        T::SORTS
    }
}
