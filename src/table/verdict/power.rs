//! The chance of finding a drift of known size, and the rows that a chance needs.

use super::options::{Correction, Options};
use crate::drift::harmonic;
use crate::error::{Error, Result};
use crate::math::{normal_quantile, normal_sf};

/// The chance that a column of numbers whose distribution moved by `share_moved` is called
/// drifted, among `columns` of equal weight of which no other drifts.
///
/// The distance of the samples is at least that of their distribution functions at the
/// value where the truth is largest: normal, with the variance of two shares, (1 -
/// `share_moved`^2) / 4 each where the functions lie evenly about one half, over n and m.
/// The column is drifted when it exceeds `min_effect` by the reach of the interval at
/// alpha / columns (and over 1 + 1/2 + ... for `By`; alpha for `None`). When several
/// columns drift, all corrections but Bonferroni's find each more easily. A column with
/// missing values is looked at twice, as if there were twice as many columns.
///
/// # Shapes
/// `n`, `m` >= 1: rows of the baseline and of the current side; `share_moved`: the
/// Kolmogorov-Smirnov distance of the distributions, 0 to 1; `columns` >= 1.
/// # Cost
/// O(1).
/// # Errors
/// `InvalidValue` for arguments out of range.
/// # Source
/// Raghavachari, Limiting distributions of Kolmogorov-Smirnov type statistics under the
/// alternative, 1973, theorem 2: the limit is the largest of such normal variables over all
/// values where the truth is largest. By simulation: tests/core/table_verdict.rs.
/// # Example
/// ```
/// use driftline::table::verdict::{Options, power};
/// // Ten thousand rows a side nearly always show that a tenth of them moved.
/// assert!(power(10_000, 10_000, 0.1, &Options::default(), 60)? > 0.99);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn power(n: u64, m: u64, share_moved: f64, options: &Options, columns: usize) -> Result<f64> {
    options.validate()?;
    for (argument, rows) in [("n", n), ("m", m)] {
        if rows == 0 {
            return Err(Error::invalid_value(argument, rows, "1 or more"));
        }
    }
    if columns == 0 {
        return Err(Error::invalid_value("columns", columns, "1 or more"));
    }
    if !(0.0..=1.0).contains(&share_moved) {
        return Err(Error::invalid_value(
            "share_moved",
            share_moved,
            "a number from 0 to 1",
        ));
    }
    let alpha = match options.correction {
        Correction::None => options.alpha,
        Correction::By => options.alpha / columns as f64 / harmonic(columns),
        _ => options.alpha / columns as f64,
    };
    let rate = 1.0 / n as f64 + 1.0 / m as f64;
    let reach = ((2.0 / alpha).ln() / 2.0 * rate).sqrt();
    let beyond = share_moved - options.min_effect - reach;
    let deviation = ((1.0 - share_moved * share_moved) / 4.0 * rate).sqrt();
    if deviation > 0.0 {
        return Ok(normal_sf(-beyond / deviation));
    }
    Ok(if beyond > 0.0 { 1.0 } else { 0.0 })
}

/// So many rows on each side find a move of `share_moved` with the chance `chance`: the
/// inverse of [`power`]. `None` when no number of rows does, since it is not above
/// `min_effect`.
///
/// # Shapes
/// `chance`: 0.5 to 1, excluded; the others as in [`power`].
/// # Cost
/// O(1).
/// # Errors
/// Those of [`power`]; `InvalidValue` for a `chance` out of range.
/// # Example
/// ```
/// use driftline::table::verdict::{Options, power, rows_for_power};
/// let options = Options::default();
/// let rows = rows_for_power(0.9, 0.1, &options, 60)?.unwrap();
/// assert!(power(rows, rows, 0.1, &options, 60)? >= 0.9);
/// assert!(power(rows - 1, rows - 1, 0.1, &options, 60)? < 0.9);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn rows_for_power(
    chance: f64,
    share_moved: f64,
    options: &Options,
    columns: usize,
) -> Result<Option<u64>> {
    if !(0.5..1.0).contains(&chance) {
        let allowed = "a number from 0.5 to 1 (excluded)";
        return Err(Error::invalid_value("chance", chance, allowed));
    }
    let of = |rows: u64| power(rows, rows, share_moved, options, columns);
    of(1)?;
    let above = share_moved - options.min_effect;
    if above <= 0.0 {
        return Ok(None);
    }
    // In closed form up to rounding: every term is a multiple of sqrt(2 / rows).
    let alpha = match options.correction {
        Correction::None => options.alpha,
        Correction::By => options.alpha / columns as f64 / harmonic(columns),
        _ => options.alpha / columns as f64,
    };
    let reach = ((2.0 / alpha).ln() / 2.0).sqrt();
    let deviation = ((1.0 - share_moved * share_moved) / 4.0).sqrt();
    let root = (reach + deviation * normal_quantile(chance)) / above;
    let mut rows = (2.0 * root * root).floor().clamp(1.0, 1e18) as u64;
    while rows > 1 && of(rows - 1)? >= chance {
        rows -= 1;
    }
    while of(rows)? < chance && rows < u64::MAX {
        rows += 1;
    }
    Ok(Some(rows))
}
