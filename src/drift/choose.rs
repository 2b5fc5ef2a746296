//! The automatic choice of a test.

use std::sync::Arc;

use super::{AndersonDarling, ChiSquare, Univariate};

/// What samples are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers, which have an order.
    Numbers,
    /// Labels, which have none.
    Labels,
}

/// The test for samples of this kind.
///
/// | samples | test | effect |
/// |---|---|---|
/// | numbers, however many, however few of them distinct | [`AndersonDarling`] | share of rows moved (Kolmogorov-Smirnov distance) |
/// | labels, however many | [`ChiSquare`] | Cramér's V |
///
/// Nothing but the kind decides, so that no size and no number of distinct
/// values makes another test of it. That is possible since neither test needs
/// another beside it: the p-value of Anderson-Darling is that of the permutation
/// test given the ties, exact for small samples and for separated ones, otherwise
/// an approximation that ends there (see its documentation); that of chi-square
/// is drawn where the counts are too small for its
/// limit law. With very many rows both find any difference significant: judge
/// by the effect too, `drifted(alpha=0.01, min_effect=0.1)`.
///
/// # Example
/// ```
/// use driftline::drift::{Kind, choose};
/// assert_eq!(choose(Kind::Numbers).name(), "anderson_darling");
/// assert_eq!(choose(Kind::Labels).name(), "chi_square");
/// ```
pub fn choose(kind: Kind) -> Arc<dyn Univariate> {
    match kind {
        Kind::Numbers => Arc::new(AndersonDarling::default()),
        Kind::Labels => Arc::new(ChiSquare::default()),
    }
}
