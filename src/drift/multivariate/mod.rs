//! Tests of two samples of rows, such as embeddings or whole feature vectors.
//!
//! They see what no test of single columns does: changes in how columns depend
//! on each other. Each p-value is that of relabelling rows
//! ([`resampling`](super::resampling)) or of a limit law that is said at the
//! test. Nothing depends on the order of rows or samples; columns count as they
//! are, so bring them to comparable scales for [`MMD`] and
//! [`MultivariateEnergy`]. A row with NaN is missing as a whole; infinities are
//! refused.

mod blocks;
mod classifier_two_sample;
mod cross_validation;
mod energy;
mod kernel;
pub(super) mod list;
mod mmd;
mod pair_sums;
mod ranked_features;
mod rows;

pub use classifier_two_sample::{Classifier, ClassifierTwoSample};
pub use energy::MultivariateEnergy;
pub use kernel::Kernel;
pub use mmd::{MMD, MMDMethod};

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ndarray::ArrayView2;
use serde_json::{Map, Value};

use self::rows::{Pooled, Rows};
use super::for_each_multivariate_test;
use super::parameters::unknown;
use super::resampling::Relabelled;
use super::{NanPolicy, Outcome, Parameters, TestResult};
use crate::error::{Error, Result};

/// Asked now and then in long computations: whether to stop.
pub type Interrupted<'a> = &'a mut dyn FnMut() -> bool;

/// A configured test of two samples of rows: immutable, cheap to share.
pub trait Multivariate: fmt::Debug + Send + Sync {
    /// The configuration name: lower case, as in `"mmd"`.
    fn name(&self) -> Cow<'static, str>;

    /// The parameters, as [`get`] takes them.
    fn params(&self) -> Map<String, Value>;

    /// Copies and cleans a baseline of shape `(n, d)`.
    ///
    /// # Errors
    /// `EmptySample` when no row is left after missing values; `InvalidValue`
    /// for infinities, rows without columns, and fewer rows than the test needs.
    fn fit(&self, baseline: ArrayView2<'_, f64>) -> Result<Arc<dyn FittedMultivariate>>;

    /// Fits and compares in one go.
    ///
    /// # Errors
    /// Those of [`Multivariate::fit`] and [`FittedMultivariate::compare`].
    fn compare(
        &self,
        baseline: ArrayView2<'_, f64>,
        current: ArrayView2<'_, f64>,
    ) -> Result<TestResult> {
        self.fit(baseline)?.compare(current)
    }
}

/// A test of rows that has seen its baseline.
pub trait FittedMultivariate: fmt::Debug + Send + Sync {
    /// Rows of the baseline that are used, and their columns.
    fn shape(&self) -> (usize, usize);

    /// Compares a current sample of shape `(m, d)` with the baseline; stops
    /// with `Interrupted` when `interrupted` says so.
    ///
    /// # Errors
    /// Those of [`Multivariate::fit`], about the current sample; `InvalidValue`
    /// when the numbers of columns differ or there are too many rows.
    fn compare_unless(
        &self,
        current: ArrayView2<'_, f64>,
        interrupted: Interrupted<'_>,
    ) -> Result<TestResult>;

    /// Compares a current sample of shape `(m, d)` with the baseline.
    ///
    /// # Errors
    /// See [`FittedMultivariate::compare_unless`].
    fn compare(&self, current: ArrayView2<'_, f64>) -> Result<TestResult> {
        self.compare_unless(current, &mut || false)
    }

    /// The statistic alone, without the permutations.
    ///
    /// # Errors
    /// Those of [`FittedMultivariate::compare`].
    fn statistic(&self, current: ArrayView2<'_, f64>) -> Result<f64>;

    /// The statistic as a function of which pooled rows are the baseline's.
    ///
    /// # Errors
    /// Those of [`FittedMultivariate::compare`].
    fn relabelled(
        &self,
        current: ArrayView2<'_, f64>,
    ) -> Result<Box<dyn Relabelled<Error = Error>>>;
}

/// What makes a test of two samples of rows; the traits above follow from it.
trait Definition: Parameters + Clone + fmt::Debug + Send + Sync + 'static {
    const NAME: &'static str;
    /// The fewest rows of either sample that can be judged.
    const LEAST_ROWS: usize;

    fn nan_policy(&self) -> NanPolicy;

    fn judge(&self, pooled: Pooled, interrupted: Interrupted<'_>) -> Result<Outcome>;

    fn statistic(&self, pooled: Pooled) -> Result<f64>;

    fn relabelled(&self, pooled: Pooled) -> Result<Box<dyn Relabelled<Error = Error>>>;
}

impl<T: Definition> Multivariate for T {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn params(&self) -> Map<String, Value> {
        self.to_map()
    }

    fn fit(&self, baseline: ArrayView2<'_, f64>) -> Result<Arc<dyn FittedMultivariate>> {
        self.validate()?;
        let baseline = cleaned(self, "baseline", baseline)?;
        let test = self.clone();
        Ok(Arc::new(Fitted { test, baseline }))
    }
}

fn cleaned<T: Definition>(
    test: &T,
    argument: &'static str,
    view: ArrayView2<'_, f64>,
) -> Result<Rows> {
    let rows = Rows::new(argument, view, test.nan_policy())?;
    rows.at_least(argument, T::LEAST_ROWS)?;
    Ok(rows)
}

/// A test and the rows of its baseline.
#[derive(Debug)]
struct Fitted<T> {
    test: T,
    baseline: Rows,
}

impl<T: Definition> Fitted<T> {
    fn pooled(&self, current: ArrayView2<'_, f64>) -> Result<(Pooled, usize)> {
        let current = cleaned(&self.test, "current", current)?;
        Ok((Pooled::new(&self.baseline, &current)?, current.missing))
    }
}

impl<T: Definition> FittedMultivariate for Fitted<T> {
    fn shape(&self) -> (usize, usize) {
        self.baseline.values.dim()
    }

    fn compare_unless(
        &self,
        current: ArrayView2<'_, f64>,
        interrupted: Interrupted<'_>,
    ) -> Result<TestResult> {
        let (pooled, n_missing_current) = self.pooled(current)?;
        let (n_baseline, n_current) = pooled.sizes;
        let outcome = self.test.judge(pooled, interrupted)?;
        Ok(TestResult {
            test: Cow::Borrowed(T::NAME),
            statistic: outcome.statistic,
            distance: outcome.distance,
            p_value: outcome.p_value.map(|p| p.value()),
            log_p_value: outcome.p_value.map(|p| p.ln()),
            effect_size: outcome.effect_size,
            df: outcome.df,
            n_baseline,
            n_current,
            n_missing_baseline: self.baseline.missing,
            n_missing_current,
        })
    }

    fn statistic(&self, current: ArrayView2<'_, f64>) -> Result<f64> {
        self.test.statistic(self.pooled(current)?.0)
    }

    fn relabelled(
        &self,
        current: ArrayView2<'_, f64>,
    ) -> Result<Box<dyn Relabelled<Error = Error>>> {
        self.test.relabelled(self.pooled(current)?.0)
    }
}

macro_rules! factory {
    ($($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    } $([$given:ident])?)*) => {
        /// The names of all multivariate tests, in alphabetical order.
        ///
        /// # Example
        /// ```
        /// assert!(driftline::drift::multivariate::available().contains(&"mmd"));
        /// ```
        pub fn available() -> &'static [&'static str] {
            &[$($name),*]
        }

        /// Makes a test from its configuration name and parameters.
        ///
        /// # Errors
        /// `InvalidValue` for an unknown test or parameter (with the nearest
        /// name) or a value out of range; `InvalidType` for a wrong type.
        /// # Example
        /// ```
        /// use driftline::drift::multivariate;
        /// let params = serde_json::json!({"n_permutations": 200});
        /// let test = multivariate::get("mmd", params.as_object().unwrap())?;
        /// assert_eq!(test.name(), "mmd");
        /// # Ok::<(), driftline::error::Error>(())
        /// ```
        pub fn get(name: &str, params: &Map<String, Value>) -> Result<Arc<dyn Multivariate>> {
            match name {
                $($name => Ok(Arc::new(<$class as Parameters>::from_map($name, params)?)),)*
                _ => Err(unknown(
                    "test".to_owned(), &format!("\"{name}\""), name, available(),
                )),
            }
        }
    };
}
for_each_multivariate_test!(factory);
