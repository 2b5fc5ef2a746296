//! Two-sample comparison: has something changed, how much, how sure.
//!
//! A test is configured once ([`Univariate`]), fitted to a baseline
//! ([`FittedUnivariate`]) and then compared with any number of current samples.
//! [`available`] names the tests, [`get`] makes one from its name and
//! parameters; both follow from the lists in `univariate/list.rs` and its
//! siblings.
//!
//! | where | what |
//! |---|---|
//! | `univariate/` | tests of two samples of numbers |
//! | `categorical/` | tests of the shares of bins or categories |
//! | `effect/` | effect sizes with intervals |
//! | [`multivariate`] | tests of two samples of rows |
//! | [`resampling`] | p-values and intervals of any statistic |
//! | `choose.rs` | the automatic choice |
//! | `ordered/` | samples whose values depend on those before them |

mod adjust;
mod alternative;
mod categorical;
mod choose;
mod effect;
pub mod multivariate;
pub mod ordered;
mod p_value;
mod parameters;
pub mod resampling;
mod result;
mod sample;
mod univariate;

pub(crate) use adjust::harmonic;
pub use adjust::{Adjustment, adjust, adjust_weighted};
pub use alternative::Alternative;
pub(crate) use categorical::list::for_each_categorical_test;
pub use categorical::{
    Bhattacharyya, Binning, BinningParameters, Bins, Categorical, CategoricalDefinition,
    Categories, ChiSquare, CountMethod, CountTable, Counts, CramersV, FisherExact,
    FittedCategorical, Form, GTest, Hellinger, JensenShannon, KLDivergence, LInfinity, PSI,
    TotalVariation, TwoProportionZ, Unseen,
};
pub use choose::{Kind, choose};
pub use effect::{
    EffectSize, Effects, LEVEL, effects, effects_of_counts, own_effect, own_effect_of_counts,
    share_moved,
};
pub(crate) use multivariate::list::for_each_multivariate_test;
pub use p_value::PValue;
pub use parameters::Parameters;
pub(crate) use parameters::unknown;
pub use result::{Outcome, TestResult};
pub use sample::NanPolicy;
pub(crate) use univariate::list::for_each_drift_test;
pub use univariate::{
    AndersonDarling, AnsariBradley, BaumgartnerWeissSchindler, BrunnerMunzel, Center,
    CountedResult, CramerVonMises, Definition, Energy, EppsSingleton, FittedSuite,
    FittedUnivariate, KS, Kuiper, Law, Levene, MannWhitney, MeanShift, Method, Moments, Mood,
    Needs, PermutationMethod, RankMethod, RankTest, Ranking, Scanned, Sorted, Student, Suite,
    TieGroup, TieGroups, Univariate, Wasserstein, Welch,
};

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use crate::error::Result;

macro_rules! factory {
    ($($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        /// The names of all univariate and categorical tests, in alphabetical order.
        ///
        /// # Example
        /// ```
        /// assert!(driftline::drift::available().contains(&"ks"));
        /// ```
        pub fn available() -> &'static [&'static str] {
            static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
                let mut names = vec![$($name),*];
                names.sort_unstable();
                names
            });
            &NAMES
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
macro_rules! with_categorical {
    ($($tests:tt)*) => {
        for_each_categorical_test!(factory $($tests)*);
    };
}
for_each_drift_test!(with_categorical);
