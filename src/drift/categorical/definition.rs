//! From a judgement about counts to a test of numbers and of labels.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ndarray::ArrayView1;

use super::binning::{self, Binning, Bins};
use super::counts::{CountTable, Counts, Cut};
use super::{Categorical, Categories, FittedCategorical};
use crate::drift::sample::check_missing;
use crate::drift::{
    Alternative, CountedResult, FittedUnivariate, NanPolicy, Outcome, Parameters, Scanned,
    TestResult, Univariate,
};
use crate::error::{Error, Result};

/// About how long a bin takes to be judged, where no p-value is asked for.
const NANOSECONDS_PER_BIN: f64 = 30.0;

/// What is done with categories that the baseline does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// They are one category: for measures that would count half a value for
    /// each of them in the baseline, and so grow without limit.
    Together,
    /// Each is a category of its own: putting them together would be to look
    /// for what is rare in one sample only, and to find it.
    Apart,
}

/// The parameters that all categorical tests have.
#[derive(Debug, Clone, Copy)]
pub struct BinningParameters<'a> {
    /// How many bins.
    pub bins: usize,
    /// Where they lie.
    pub binning: Binning,
    /// Inner borders instead of both.
    pub edges: Option<&'a [f64]>,
    /// What is done about missing values.
    pub nan_policy: NanPolicy,
}

/// What makes a categorical test: one implementation for each; [`Categorical`]
/// and [`Univariate`] follow from it.
pub trait CategoricalDefinition: Parameters + Clone + fmt::Debug + Send + Sync + 'static {
    /// The configuration name.
    const NAME: &'static str;
    /// Whether [`Outcome::p_value`] is ever present.
    const HAS_P_VALUE: bool;
    /// Which effect [`Outcome::effect_size`] is: `"cramers_v"`,
    /// `"share_moved"`, or [`Self::NAME`] when it is the test's own.
    const EFFECT: &'static str;
    /// What is done with categories that the baseline does not have.
    const UNSEEN: Unseen;

    /// How numbers become categories.
    fn binning(&self) -> BinningParameters<'_>;

    /// Judges two rows of counts.
    ///
    /// # Errors
    /// `InvalidValue` for tables that the test cannot judge.
    fn judge(&self, counts: &Counts<'_>) -> Result<Outcome>;

    /// The distance alone, where that is cheaper.
    ///
    /// # Errors
    /// Those of [`Self::judge`].
    fn distance(&self, counts: &Counts<'_>) -> Result<f64> {
        Ok(self.judge(counts)?.distance)
    }

    /// See [`Categorical::judged_counts`].
    fn judged_counts(&self, counts: &Counts<'_>) -> CountTable {
        counts.cells().collect()
    }
}

impl<T: CategoricalDefinition + Univariate> Categorical for T {
    fn judge_counts(&self, counts: &Counts<'_>) -> Result<Outcome> {
        self.validate()?;
        self.judge(counts)
    }

    fn compare_counts(&self, counts: &Counts<'_>) -> Result<TestResult> {
        let n = [counts.n_baseline() as usize, counts.n_current() as usize];
        Ok(result::<T>(self.judge_counts(counts)?, n, [0, 0]))
    }

    fn judged_counts(&self, counts: &Counts<'_>) -> CountTable {
        CategoricalDefinition::judged_counts(self, counts)
    }

    fn fit_labels(&self, baseline: &Categories) -> Result<Arc<dyn FittedCategorical>> {
        self.validate()?;
        check_labels(self, "baseline", baseline)?;
        Ok(Arc::new(Labelled {
            test: self.clone(),
            baseline: baseline.clone(),
        }))
    }
}

/// [`Univariate`] for categorical tests: a blanket implementation would meet
/// that of [`Definition`](crate::drift::Definition).
macro_rules! univariate {
    ($($test:ident),*) => {$(
        impl $crate::drift::Univariate for $test {
            fn name(&self) -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(<Self as CategoricalDefinition>::NAME)
            }

            fn has_p_value(&self) -> bool {
                <Self as CategoricalDefinition>::HAS_P_VALUE
            }

            fn accepts_infinite(&self) -> bool {
                true
            }

            fn effect(&self) -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(<Self as CategoricalDefinition>::EFFECT)
            }

            fn params(&self) -> serde_json::Map<String, serde_json::Value> {
                $crate::drift::Parameters::to_map(self)
            }

            fn fit(
                &self,
                baseline: ndarray::ArrayView1<'_, f64>,
            ) -> $crate::error::Result<std::sync::Arc<dyn $crate::drift::FittedUnivariate>> {
                $crate::drift::categorical::definition::fit(self, baseline)
            }

            fn as_categorical(&self) -> Option<&dyn $crate::drift::Categorical> {
                Some(self)
            }
        }
    )*};
}
pub(super) use univariate;

/// Bins and counts a baseline.
pub(super) fn fit<T: CategoricalDefinition>(
    test: &T,
    baseline: ArrayView1<'_, f64>,
) -> Result<Arc<dyn FittedUnivariate>> {
    test.validate()?;
    let BinningParameters {
        bins,
        binning,
        edges,
        nan_policy,
    } = test.binning();
    let mut sorted: Vec<f64> = baseline.iter().copied().filter(|x| !x.is_nan()).collect();
    let missing = baseline.len() - sorted.len();
    check_missing("baseline", baseline.len(), missing, nan_policy)?;
    if !sorted.is_sorted() {
        sorted.sort_unstable_by(f64::total_cmp);
    }
    let (bins, cut) = match edges {
        Some(edges) => (Bins::between(edges.to_vec()), Cut::Given),
        None => {
            let bins = Bins::of_baseline(&sorted, binning, bins);
            let at_quantiles = binning == Binning::Quantile && !bins.are_levels();
            let cut = if at_quantiles {
                Cut::AtQuantiles
            } else {
                Cut::Given
            };
            (bins, cut)
        }
    };
    let mut counts = vec![0; bins.len()];
    bins.count(sorted.as_slice().into(), &mut counts);
    Ok(Arc::new(Binned {
        test: test.clone(),
        bins,
        cut,
        counts,
        n: sorted.len(),
        missing,
    }))
}

/// A test and its baseline in bins.
#[derive(Debug)]
struct Binned<T> {
    test: T,
    bins: Bins,
    cut: Cut,
    counts: Vec<u64>,
    n: usize,
    missing: usize,
}

impl<T: CategoricalDefinition> Binned<T> {
    /// The table that a current sample makes.
    fn table(&self, current: ArrayView1<'_, f64>) -> Result<Table<'_>> {
        let mut counts = vec![0; self.counts.len()];
        let missing = self.bins.count(current, &mut counts) as usize;
        let nan_policy = self.test.binning().nan_policy;
        check_missing("current", current.len(), missing, nan_policy)?;
        let mut baseline = Cow::Borrowed(self.counts.as_slice());
        if self.takes_unseen() {
            let unseen = self.take_unseen(current, &mut counts);
            if !unseen.is_empty() {
                let all = baseline.len() + unseen.len();
                baseline.to_mut().resize(all, 0);
                counts.extend(unseen);
            }
        }
        Ok(Table {
            baseline,
            current: counts,
            cut: self.cut,
            n: [self.n, current.len() - missing],
            missing: [self.missing, missing],
        })
    }

    fn takes_unseen(&self) -> bool {
        T::UNSEEN == Unseen::Apart && self.bins.are_levels()
    }

    /// Takes the values that the baseline does not have out of their bins; how
    /// often each of them occurs.
    fn take_unseen(&self, current: ArrayView1<'_, f64>, counts: &mut [u64]) -> Vec<u64> {
        let mut any = false;
        for (count, &seen) in counts.iter_mut().zip(&self.counts) {
            if seen == 0 && *count > 0 {
                *count = 0;
                any = true;
            }
        }
        if !any {
            return Vec::new();
        }
        let unseen = |x: f64| !x.is_nan() && self.counts.get(self.bins.bin(x)) == Some(&0);
        let mut values: Vec<f64> = current.iter().copied().filter(|&x| unseen(x)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
            .chunk_by(|a, b| a == b)
            .map(|group| group.len() as u64)
            .collect()
    }
}

/// Two rows of counts, and of how many values.
struct Table<'a> {
    baseline: Cow<'a, [u64]>,
    current: Vec<u64>,
    cut: Cut,
    n: [usize; 2],
    missing: [usize; 2],
}

impl Table<'_> {
    fn counts(&self) -> Result<Counts<'_>> {
        Ok(Counts::new(&self.baseline, &self.current)?.cut(self.cut))
    }

    fn judged<T: CategoricalDefinition>(&self, test: &T) -> Result<TestResult> {
        let outcome = test.judge(&self.counts()?)?;
        Ok(result::<T>(outcome, self.n, self.missing))
    }

    fn judged_counted<T: CategoricalDefinition>(&self, test: &T) -> Result<CountedResult> {
        let table = test.judged_counts(&self.counts()?);
        Ok((self.judged(test)?, Some(table)))
    }
}

impl<T: CategoricalDefinition> FittedUnivariate for Binned<T> {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        self.table(current)?.judged(&self.test)
    }

    fn compare_counted(&self, current: ArrayView1<'_, f64>) -> Result<CountedResult> {
        self.table(current)?.judged_counted(&self.test)
    }

    fn distance(&self, current: ArrayView1<'_, f64>) -> Result<f64> {
        self.test.distance(&self.table(current)?.counts()?)
    }

    fn scan_time(&self, len: usize) -> Option<Duration> {
        // Those that the baseline does not have are sorted.
        let unseen = if self.takes_unseen() { 90.0 } else { 0.0 };
        let table = NANOSECONDS_PER_BIN * self.counts.len() as f64;
        let all = table + (self.bins.nanoseconds_per_value() + unseen) * len as f64;
        Some(Duration::from_nanos(all as u64))
    }

    fn scan(&self, current: ArrayView1<'_, f64>) -> Result<Scanned<'_>> {
        let table = self.table(current)?;
        if T::HAS_P_VALUE {
            let rest = move || table.judged_counted(&self.test);
            return Ok(Scanned::Counted(Box::new(rest)));
        }
        table.judged_counted(&self.test).map(Scanned::Judged)
    }
}

/// A test and its baseline of labels.
#[derive(Debug)]
struct Labelled<T> {
    test: T,
    baseline: Categories,
}

impl<T: CategoricalDefinition> Labelled<T> {
    /// Judges the table that a current sample makes.
    fn judged<R>(
        &self,
        current: &Categories,
        judge: impl FnOnce(&Counts<'_>) -> Result<R>,
    ) -> Result<R> {
        check_labels(&self.test, "current", current)?;
        let (mut ours, mut theirs) = self.baseline.aligned(current);
        if T::UNSEEN == Unseen::Together {
            let mut unseen = 0;
            for (&seen, count) in ours.iter().zip(&mut theirs) {
                if seen == 0 {
                    unseen += std::mem::take(count);
                }
            }
            ours.push(0);
            theirs.push(unseen);
        }
        judge(&Counts::new(&ours, &theirs)?)
    }
}

impl<T: CategoricalDefinition> FittedCategorical for Labelled<T> {
    fn compare_labels_counted(&self, current: &Categories) -> Result<(TestResult, CountTable)> {
        let judge = |counts: &Counts<'_>| {
            let outcome = self.test.judge(counts)?;
            Ok((outcome, self.test.judged_counts(counts)))
        };
        let (outcome, table) = self.judged(current, judge)?;
        let n = [self.baseline.len() as usize, current.len() as usize];
        let missing = [self.baseline.missing() as usize, current.missing() as usize];
        Ok((result::<T>(outcome, n, missing), table))
    }

    fn distance_labels(&self, current: &Categories) -> Result<f64> {
        self.judged(current, |counts| self.test.distance(counts))
    }
}

fn check_labels<T: CategoricalDefinition>(
    test: &T,
    argument: &'static str,
    sample: &Categories,
) -> Result<()> {
    let (len, missing) = (sample.len() as usize, sample.missing() as usize);
    check_missing(argument, len + missing, missing, test.binning().nan_policy)
}

fn result<T: CategoricalDefinition>(
    outcome: Outcome,
    [n_baseline, n_current]: [usize; 2],
    [n_missing_baseline, n_missing_current]: [usize; 2],
) -> TestResult {
    TestResult {
        test: Cow::Borrowed(T::NAME),
        statistic: outcome.statistic,
        distance: outcome.distance,
        p_value: outcome.p_value.map(|p| p.value()),
        log_p_value: outcome.p_value.map(|p| p.ln()),
        effect_size: outcome.effect_size,
        df: outcome.df,
        n_baseline,
        n_current,
        n_missing_baseline,
        n_missing_current,
    }
}

/// The struct of a categorical test: its own parameters, then those of binning,
/// with defaults for all.
macro_rules! parameters {
    (
        $(#[$doc:meta])*
        pub struct $test:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)*
        }
        bins = $bins:literal;
        check($self:ident) $check:block
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $test {
            $($(#[$field_doc])* pub $field: $type,)*
            /// How many bins for numbers, 2 to 100,000.
            pub bins: usize,
            /// Where they lie.
            pub binning: $crate::drift::Binning,
            /// Inner borders, finite and increasing, instead of both.
            pub edges: Option<Vec<f64>>,
            /// What to do about missing values.
            pub nan_policy: $crate::drift::NanPolicy,
        }

        impl Default for $test {
            fn default() -> Self {
                Self {
                    $($field: $default,)*
                    bins: $bins,
                    binning: $crate::drift::Binning::Quantile,
                    edges: None,
                    nan_policy: $crate::drift::NanPolicy::Omit,
                }
            }
        }

        impl $crate::drift::Parameters for $test {
            fn validate(&$self) -> $crate::error::Result<()> {
                $crate::drift::categorical::definition::check_binning(
                    $self.bins,
                    $self.edges.as_deref(),
                )?;
                $check
            }
        }

        impl $test {
            fn binning_parameters(&self) -> $crate::drift::categorical::BinningParameters<'_> {
                $crate::drift::categorical::BinningParameters {
                    bins: self.bins,
                    binning: self.binning,
                    edges: self.edges.as_deref(),
                    nan_policy: self.nan_policy,
                }
            }
        }
    };
}
pub(super) use parameters;

pub(super) fn check_binning(bins: usize, edges: Option<&[f64]>) -> Result<()> {
    binning::check(bins, edges)
}

/// Checks the number of draws of a null law.
pub(super) fn check_draws(number: usize) -> Result<()> {
    if (99..=10_000_000).contains(&number) {
        return Ok(());
    }
    let allowed = "an integer from 99 to 10000000";
    Err(Error::invalid_value("n_permutations", number, allowed))
}

/// The factor that turns natural logarithms into those of a base.
pub(super) fn per_unit(base: Option<f64>) -> f64 {
    base.map_or(1.0, |base| 1.0 / base.ln())
}

/// Checks the base of a logarithm.
pub(super) fn check_base(base: Option<f64>) -> Result<()> {
    match base {
        Some(base) if !(base > 1.0 && base.is_finite()) => {
            let allowed = "a number greater than 1, or none for natural logarithms";
            Err(Error::invalid_value("base", base, allowed))
        }
        _ => Ok(()),
    }
}

/// What a distance without p-value answers.
pub(super) fn distance(distance: f64) -> Outcome {
    Outcome {
        statistic: distance,
        distance,
        p_value: None,
        effect_size: distance,
        df: None,
    }
}

/// How far out a signed statistic is in the direction of the alternative.
pub(super) fn in_direction(alternative: Alternative, signed: f64) -> f64 {
    match alternative {
        Alternative::TwoSided => signed.abs(),
        Alternative::Less => -signed,
        Alternative::Greater => signed,
    }
}
