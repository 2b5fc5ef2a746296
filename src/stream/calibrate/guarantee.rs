//! Methods that state a guarantee of their own.

use serde_json::{Map, Value};

use super::history::History;
use super::{Calibration, Source};
use crate::error::{Error, Result};
use crate::math::mean;
use crate::stream::{Detector, LARGEST, Options};

/// The parameter that takes a budget.
const BUDGET: &str = "false_alarm_every";

/// Standard errors of the mean by which it may be off: 2 % of histories are, on either side.
const OFF: f64 = 2.33;

/// The parameters with the budget, where the method takes one. A history tells the range, the
/// mean before the change and how far that may be off, where these are parameters.
///
/// # Errors
/// `InvalidValue` for methods that bound the probability of ever alarming.
pub(super) fn given(
    prototype: &dyn Detector,
    parameters: &Map<String, Value>,
    how: &Calibration<'_>,
    every: f64,
) -> Result<(Map<String, Value>, Options)> {
    if !prototype.parameters().contains_key(BUDGET) {
        let got = format!("{every} values for \"{}\"", prototype.name());
        let allowed = "a detector that controls the average run length: this one bounds the \
                       probability of ever alarming, by alpha";
        return Err(Error::invalid_value(BUDGET, got, allowed));
    }
    if how.standardise == Some(true) {
        let allowed = "False or None: the guarantee is about the values themselves";
        return Err(Error::invalid_value("standardise", "True", allowed));
    }
    let mut parameters = parameters.clone();
    if matches!(how.source, Source::Known(_)) && prototype.parameters().contains_key("high") {
        for name in ["low", "high"] {
            if !parameters.contains_key(name) {
                let got = format!("no {name} for \"{}\"", prototype.name());
                let allowed = "low and high, between which the values lie, or a history";
                return Err(Error::invalid_value(name.to_owned(), got, allowed));
            }
        }
    }
    if let Source::History(values) = how.source {
        prototype
            .check(values)
            .map_err(|error| error.named("history"))?;
        bounded(prototype, &mut parameters, values, how)?;
    }
    parameters.insert(BUDGET.to_owned(), every.into());
    Ok((parameters, *prototype.options()))
}

/// Adds range, target and tolerance for values like those of a history.
fn bounded(
    prototype: &dyn Detector,
    parameters: &mut Map<String, Value>,
    values: &[f64],
    how: &Calibration<'_>,
) -> Result<()> {
    let kept: Vec<f64> = values
        .iter()
        .copied()
        .filter(|x| x.abs() <= LARGEST)
        .collect();
    let history = History::new(kept, how.block_length, prototype.input())?;
    let (low, high) = history.range();
    let known = prototype.parameters();
    let mut tell = |name: &str, value: f64| {
        if known.contains_key(name) && !parameters.contains_key(name) {
            parameters.insert(name.to_owned(), value.into());
        }
        parameters
            .get(name)
            .and_then(Value::as_f64)
            .unwrap_or(value)
    };
    let unit = low >= 0.0 && high <= 1.0;
    let low = tell("low", if unit { 0.0 } else { low });
    let high = tell("high", if unit { 1.0 } else { high });
    // Beyond the range a value counts as its end.
    let clipped: Vec<f64> = history
        .values()
        .iter()
        .map(|x| x.max(low).min(high))
        .collect();
    let centre = mean(&clipped);
    let means: Vec<f64> = clipped
        .chunks_exact(history.block())
        .map(|block| (mean(block) - centre).powi(2))
        .collect();
    tell("target", centre);
    let error = (mean(&means) / means.len() as f64).sqrt();
    tell("tolerance", OFF * error);
    Ok(())
}
