//! `drift.choose`.

use pyo3::prelude::*;

use crate::bindings::arguments::labels::{Sample, sample};
use crate::bindings::drift::categorical::mixed;
use crate::bindings::drift::{UnivariateTest, instance};
use crate::drift::{self as core, Kind};

/// The test for two samples, by what they are made of.
///
/// =========================================  =================  ============
/// samples                                    test               effect
/// =========================================  =================  ============
/// numbers, however many, however few values  AndersonDarling()  share_moved
/// labels, however many                       ChiSquare()        cramers_v
/// =========================================  =================  ============
///
/// Nothing but the kind decides, so that there is no size and no number of
/// distinct values at which another test takes over: the p-value of
/// Anderson-Darling is that of the permutation test given the ties, exact for
/// few values and by its limit law beyond, which differ by some percent where
/// they meet; that of chi-square is drawn where the counts are too small for its
/// limit law. Bools and numbers in categories are numbers: for them choose
/// ``ChiSquare(binning="distinct")`` yourself. With very many rows both find any difference significant: judge
/// by the effect too, as ``result.drifted(alpha=0.01, min_effect=0.1)`` does.
///
/// >>> from driftline import drift
/// >>> drift.choose([1.5, 2.5, 2.5], [1.0, 3.5])
/// AndersonDarling(nan_policy='omit')
/// >>> drift.choose(["a", "b"], ["b", "c"]).name
/// 'chi_square'
#[pyfunction]
#[pyo3(signature = (baseline: "typing.Any", current: "typing.Any"))]
pub(crate) fn choose<'py>(
    baseline: &Bound<'py, PyAny>,
    current: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, UnivariateTest>> {
    let kinds = (sample("baseline", baseline)?, sample("current", current)?);
    let missing = |values: &ndarray::Array1<f64>| values.iter().all(|x| x.is_nan());
    let kind = match &kinds {
        (Sample::Numbers(_), Sample::Numbers(_)) => Kind::Numbers,
        (Sample::Labels(_), Sample::Labels(_)) => Kind::Labels,
        // Nothing but missing values is of no kind.
        (Sample::Numbers(values), Sample::Labels(_))
        | (Sample::Labels(_), Sample::Numbers(values))
            if missing(values) =>
        {
            Kind::Labels
        }
        (Sample::Numbers(_), _) => return Err(mixed(current, "numbers, as the baseline is")),
        (Sample::Labels(_), _) => return Err(mixed(current, "strings, as the baseline is")),
    };
    instance(baseline.py(), core::choose(kind))
}
