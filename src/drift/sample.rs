//! Cleaning a sample: missing values out and counted, infinities judged.

use std::borrow::Cow;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::math::sort_values;

/// What to do about missing values (NaN).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NanPolicy {
    /// Leave them out and count them in the result.
    #[default]
    Omit,
    /// Refuse a sample that has any.
    Raise,
}

/// Whether infinite values have a place in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infinite {
    Accepted,
    Refused,
}

/// What a test accepts that has no place for infinities.
pub(super) const FINITE: &str =
    "finite values (NaN is missing); \"ks\" and \"psi\" take infinities";

/// Values that are looked at in one go.
const STRETCH: usize = 1024;

/// The values of a sample without the missing ones; borrowed where possible.
pub(super) struct Sample<'a> {
    pub(super) values: Cow<'a, [f64]>,
    pub(super) missing: usize,
}

impl<'a> Sample<'a> {
    /// Checks a sample of shape `(n,)`; `argument` names it in errors.
    pub(super) fn new(
        argument: &'static str,
        view: &'a ArrayView1<'_, f64>,
        nan_policy: NanPolicy,
        infinite: Infinite,
    ) -> Result<Self> {
        let n = view.len();
        let missing = view.iter().filter(|x| x.is_nan()).count();
        check_missing(argument, n, missing, nan_policy)?;
        if infinite == Infinite::Refused
            && let Some(position) = view.iter().position(|x| x.is_infinite())
        {
            let got = format!("{} at position {position}", view[position]);
            return Err(Error::invalid_value(argument, got, FINITE));
        }
        let values = match view.as_slice() {
            // A sort puts the missing values last.
            Some(slice) if slice[n - missing..].iter().all(|x| x.is_nan()) => {
                Cow::Borrowed(&slice[..n - missing])
            }
            _ => Cow::Owned(view.iter().copied().filter(|x| !x.is_nan()).collect()),
        };
        Ok(Self { values, missing })
    }
}

/// Checks how many of `n` values are missing.
///
/// # Errors
/// `InvalidValue` for any with `nan_policy="raise"`, `EmptySample` when nothing
/// is left.
pub(super) fn check_missing(
    argument: &'static str,
    n: usize,
    missing: usize,
    nan_policy: NanPolicy,
) -> Result<()> {
    if missing > 0 && nan_policy == NanPolicy::Raise {
        let got = format!("{missing} NaN in {n} values");
        let allowed = "no NaN with nan_policy=\"raise\"";
        return Err(Error::invalid_value(argument, got, allowed));
    }
    if missing < n {
        return Ok(());
    }
    let got = if n == 0 {
        "no values".to_owned()
    } else {
        format!("{n} values, all NaN")
    };
    Err(Error::empty_sample(argument, got))
}

/// The values in ascending order; no copy when they already are.
pub(super) fn sort(values: Cow<'_, [f64]>) -> Cow<'_, [f64]> {
    // A stretch at a time and the value after it, without a branch for each pair.
    let mut starts = (0..values.len()).step_by(STRETCH);
    if starts.all(|from| {
        let stretch = &values[from..values.len().min(from + STRETCH + 1)];
        let pairs = stretch.iter().zip(stretch.iter().skip(1));
        pairs.fold(0, |wrong, (x, y)| wrong | u64::from(x > y)) == 0
    }) {
        return values;
    }
    let mut owned = values.into_owned();
    sort_values(&mut owned);
    Cow::Owned(owned)
}
