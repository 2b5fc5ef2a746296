//! Tests of shares: labels, and numbers in bins of the baseline.
//!
//! A test implements [`CategoricalDefinition`]: it judges two rows of counts.
//! [`Bins`] makes such a table of numbers, [`Categories`] of labels.

mod bhattacharyya;
mod binning;
mod categories;
mod chi_square;
mod counts;
mod cramers_v;
mod definition;
mod fisher_exact;
mod g_test;
mod hellinger;
mod jensen_shannon;
mod kl_divergence;
mod l_infinity;
pub(super) mod list;
mod null;
mod psi;
mod total_variation;
mod two_proportion_z;

pub use bhattacharyya::Bhattacharyya;
pub use binning::{Binning, Bins};
pub use categories::Categories;
pub use chi_square::{ChiSquare, CountMethod};
pub use counts::{CountTable, Counts};
pub use cramers_v::CramersV;
pub use definition::{BinningParameters, CategoricalDefinition, Unseen};
pub use fisher_exact::FisherExact;
pub use g_test::GTest;
pub use hellinger::Hellinger;
pub use jensen_shannon::{Form, JensenShannon};
pub use kl_divergence::KLDivergence;
pub use l_infinity::LInfinity;
pub use psi::PSI;
pub use total_variation::TotalVariation;
pub use two_proportion_z::TwoProportionZ;

use std::fmt;
use std::sync::Arc;

use definition::univariate;

use super::{Outcome, TestResult, Univariate};
use crate::error::Result;

/// A configured test or distance of two samples of labels; numbers it takes as
/// [`Univariate`].
pub trait Categorical: Univariate {
    /// Judges two rows of counts over the same categories.
    ///
    /// # Errors
    /// `InvalidValue` for tables that the test cannot judge.
    fn judge_counts(&self, counts: &Counts<'_>) -> Result<Outcome>;

    /// Compares two rows of counts.
    ///
    /// # Errors
    /// Those of [`Categorical::judge_counts`].
    fn compare_counts(&self, counts: &Counts<'_>) -> Result<TestResult>;

    /// The counts that the test looks at: those of the categories that occur, or
    /// of what the test makes of them.
    fn judged_counts(&self, counts: &Counts<'_>) -> CountTable;

    /// Copies a baseline of labels.
    ///
    /// # Errors
    /// `EmptySample` when nothing is left after missing values.
    fn fit_labels(&self, baseline: &Categories) -> Result<Arc<dyn FittedCategorical>>;
}

/// A test that has seen its baseline of labels.
pub trait FittedCategorical: fmt::Debug + Send + Sync {
    /// Compares a current sample of labels with the baseline.
    ///
    /// # Errors
    /// `EmptySample` when nothing is left after missing values.
    fn compare_labels(&self, current: &Categories) -> Result<TestResult> {
        Ok(self.compare_labels_counted(current)?.0)
    }

    /// The same, with the counts that were judged.
    ///
    /// # Errors
    /// Those of [`FittedCategorical::compare_labels`].
    fn compare_labels_counted(&self, current: &Categories) -> Result<(TestResult, CountTable)>;

    /// [`TestResult::distance`] alone: no p-value is computed.
    ///
    /// # Errors
    /// Those of [`Self::compare_labels`].
    fn distance_labels(&self, current: &Categories) -> Result<f64>;
}

univariate!(
    Bhattacharyya,
    ChiSquare,
    CramersV,
    FisherExact,
    GTest,
    Hellinger,
    JensenShannon,
    KLDivergence,
    LInfinity,
    PSI,
    TotalVariation,
    TwoProportionZ
);
