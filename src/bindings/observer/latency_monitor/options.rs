//! The arguments that make a monitor.

use pyo3::prelude::*;

use crate::bindings::arguments::{self, argument, number, wrong_type};
use crate::observer::BurnRate;

argument!(ema_alpha: f64 = number);
argument!(quantile: f64 = number);
argument!(window_s: f64 = number);
argument!(relative_error: f64 = number);
argument!(failures_count: bool = arguments::flag);
argument!(recover_at: f64 = number);
argument!(latency_ms: f64 = number);
argument!(q: f64 = number);

/// Rules, each of a factor, a long window and a short one.
pub(crate) fn burn_rates(value: &Bound<'_, PyAny>) -> PyResult<Vec<BurnRate>> {
    const ALLOWED: &str = "several triples of factor, long_s and short_s, such as \
                           ((14.4, 3600, 300), (6, 21600, 1800)), or None";
    let refused = |item: &Bound<'_, PyAny>| wrong_type("burn_rates", item, ALLOWED);
    let items = value.try_iter().map_err(|_| refused(value))?;
    let mut rates = Vec::new();
    for item in items {
        let item = item?;
        let parts: Vec<Bound<'_, PyAny>> = item.extract().map_err(|_| refused(&item))?;
        let [factor, long_s, short_s] = parts.as_slice() else {
            return Err(refused(&item));
        };
        rates.push(BurnRate {
            factor: number("burn_rates", factor)?,
            long_s: number("burn_rates", long_s)?,
            short_s: number("burn_rates", short_s)?,
        });
    }
    Ok(rates)
}
