//! P-values and intervals of any statistic, by drawing rows anew.
//!
//! [`permutation`] asks how often a statistic as extreme comes about when the
//! rows are dealt to the two samples at random: exact for independent rows,
//! whatever their distribution. [`bootstrap`] asks how much the statistic would
//! vary: right for large samples and smooth statistics. A statistic is
//! anything that implements [`Relabelled`] or [`Resampled`], as
//! [`UnivariateStatistic`] does for each univariate test.
//!
//! Draw k is made from the seed and k alone: the answer is the same on any
//! number of threads, and for any order of the values.

mod batches;
mod binomial_interval;
mod bootstrap;
mod labels;
mod permutation;
mod random;
mod relabelling;
mod statistic;

pub use bootstrap::{Bootstrap, BootstrapMethod, BootstrapResult, Resampled, bootstrap};
pub use labels::LabelStatistic;
pub(crate) use permutation::within;
pub use permutation::{Permutation, PermutationResult, Relabelled, permutation};
pub(crate) use random::{Stream, mix};
pub use statistic::{MultivariateStatistic, UnivariateStatistic};
