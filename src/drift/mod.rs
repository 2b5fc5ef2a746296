//! Two-sample comparison: has something changed, how much, how sure.
//!
//! A test is configured once ([`Univariate`]), fitted to a baseline
//! ([`FittedUnivariate`]) and then compared with any number of current samples.
//! [`available`] names the tests, [`get`] makes one from its name and
//! parameters; both follow from the list in `list.rs`.

mod alternative;
mod ks;
mod list;
mod mean_shift;
mod parameters;
mod psi;
mod result;
mod sample;
mod welch;

pub use alternative::Alternative;
pub use ks::{KS, Method};
pub(crate) use list::for_each_drift_test;
pub use mean_shift::MeanShift;
pub use parameters::Parameters;
pub use psi::{Binning, PSI};
pub use result::TestResult;
pub use sample::NanPolicy;
pub use welch::Welch;

use std::fmt;
use std::sync::Arc;

use ndarray::ArrayView1;
use serde_json::{Map, Value};

use crate::error::Result;

/// A configured univariate test or distance: immutable, cheap to share.
pub trait Univariate: fmt::Debug + Send + Sync {
    /// The configuration name: lower case, as in `"ks"`.
    fn name(&self) -> &'static str;

    /// Whether [`TestResult::p_value`] is ever present.
    fn has_p_value(&self) -> bool;

    /// Whether infinite values are values (rank tests, bins) or an error.
    fn accepts_infinite(&self) -> bool;

    /// The parameters, as [`get`] takes them; empty where there are none.
    fn params(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Copies, cleans and prepares a baseline of shape `(n,)`.
    ///
    /// # Errors
    /// `EmptySample` when nothing is left after missing values; `InvalidValue`
    /// for infinities where the mathematics has none.
    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>>;

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

    /// How far out a statistic is, in the direction that counts as drift: this
    /// is what a `threshold` is compared with. The statistic itself for
    /// distances, its absolute value for a two-sided signed statistic, its
    /// negative for `alternative="less"`.
    fn distance(&self, statistic: f64) -> f64 {
        statistic
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

    /// Whether `compare` sorts the current sample first. It answers the same
    /// for any order; a caller with a faster sort may use it beforehand.
    fn sorts(&self) -> bool {
        false
    }
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

macro_rules! factory {
    ($($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        /// The names of all univariate tests, in alphabetical order.
        ///
        /// # Example
        /// ```
        /// assert!(driftline::drift::available().contains(&"ks"));
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
        /// let params = serde_json::json!({"alternative": "less"});
        /// let test = driftline::drift::get("ks", params.as_object().unwrap())?;
        /// assert_eq!(test.name(), "ks");
        /// # Ok::<(), driftline::error::Error>(())
        /// ```
        pub fn get(name: &str, params: &Map<String, Value>) -> Result<Arc<dyn Univariate>> {
            match name {
                $($name => Ok(Arc::new(<$class as Parameters>::from_map($name, params)?)),)*
                _ => Err(parameters::unknown(
                    "test".to_owned(), &format!("\"{name}\""), name, available(),
                )),
            }
        }
    };
}
for_each_drift_test!(factory);
