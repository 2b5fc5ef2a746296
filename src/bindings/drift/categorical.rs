//! Tests of categories: what their samples may be besides numbers.

use std::sync::OnceLock;
use std::time::Duration;

use numpy::PyUntypedArrayMethods;
use pyo3::prelude::*;

use crate::bindings::arguments::array::{borrowed, describe, vector};
use crate::bindings::arguments::labels::{Sample, sample};
use crate::bindings::drift::UnivariateTest;
use crate::bindings::drift::effect::Evidence;
use crate::bindings::drift::result::TestResult;
use crate::bindings::gate::outside;
use crate::drift::{self as core, Counts, FittedUnivariate, Scanned};
use crate::error::Error;

/// Samples that take longer are copied, so that other threads can run meanwhile.
const BORROWED_UP_TO: Duration = Duration::from_millis(2);

/// A configured test or distance of the shares of categories; immutable.
///
/// Its samples are labels (strings, in lists, arrays, columns of pandas, polars
/// or Arrow; None and NaN are missing) or numbers, which are binned by the
/// baseline. Labels are the same however they are stored.
#[pyclass(frozen, subclass, extends = UnivariateTest, module = "driftline.drift")]
pub(crate) struct CategoricalTest;

#[pymethods]
impl CategoricalTest {
    /// Compares two rows of counts over the same categories.
    ///
    /// >>> from driftline import drift
    /// >>> drift.TotalVariation().compare_counts([10, 10], [5, 15]).statistic
    /// 0.25
    fn compare_counts(
        slf: &Bound<'_, Self>,
        baseline: &Bound<'_, PyAny>,
        current: &Bound<'_, PyAny>,
    ) -> PyResult<TestResult> {
        let inner = &slf.as_super().get().inner;
        let rows = (counts("baseline", baseline)?, counts("current", current)?);
        let Some(test) = inner.as_categorical() else {
            let allowed = "a test of categories";
            return Err(Error::invalid_type("test", inner.name(), allowed).into());
        };
        let (result, table) = outside(slf.py(), || -> crate::error::Result<_> {
            let counts = Counts::new(&rows.0, &rows.1)?;
            Ok((test.compare_counts(&counts)?, test.judged_counts(&counts)))
        })?;
        Ok(TestResult::new(result, inner, Evidence::Counts(table)))
    }
}

/// A row of counts: whole numbers, none of them negative.
fn counts(argument: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    let whole = |x: &f64| *x >= 0.0 && x.fract() == 0.0 && *x <= 2f64.powi(53);
    let values = vector(argument, obj)?;
    if let Some(wrong) = values.iter().find(|x| !whole(x)) {
        return Err(Error::invalid_value(argument, wrong, "whole numbers from 0 to 2^53").into());
    }
    Ok(values.iter().map(|&x| x as u64).collect())
}

/// Whether no other thread of Python runs while this one does: not where Python was
/// built without its lock.
fn holds_others_up() -> bool {
    static HOLDS: OnceLock<bool> = OnceLock::new();
    // The name of the build: the lock of a free-threaded one can be on for a while.
    *HOLDS.get_or_init(|| !Python::version_str().contains("free-threading build"))
}

/// A sample that is counted into bins: in place where it lies, where no other thread
/// of Python runs meanwhile and it takes little time. The p-value may take much, and
/// needs the sample no more.
pub(super) fn in_bins(
    fitted: &dyn FittedUnivariate,
    current: &Bound<'_, PyAny>,
) -> PyResult<(core::TestResult, core::CountTable)> {
    let refused = || Error::invalid_type("test", "one without counts", "a test of categories");
    let (result, table) = if holds_others_up()
        && let Some(array) = borrowed(current)
        && fitted
            .scan_time(array.len())
            .is_some_and(|time| time <= BORROWED_UP_TO)
    {
        match fitted.scan(array.as_array())? {
            Scanned::Judged(judged) => judged,
            Scanned::Counted(rest) => outside(current.py(), rest)?,
        }
    } else {
        match sample("current", current)? {
            Sample::Numbers(values) => {
                outside(current.py(), || fitted.compare_counted(values.view()))?
            }
            Sample::Labels(_) => return Err(mixed(current, "numbers, as the baseline is")),
        }
    };
    Ok((result, table.ok_or_else(refused)?))
}

pub(super) fn mixed(current: &Bound<'_, PyAny>, allowed: &'static str) -> PyErr {
    Error::invalid_type("current", describe(current), allowed).into()
}
