//! Limits that were found beforehand.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::frame::Frame;
use super::levels::Levels;
use super::null::Null;
use crate::stream::{OnDrift, Options};

/// What was found for a detector with its defaults on one stream, by
/// `benches/calibrate_streams.py --tables`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    detector: String,
    stream: String,
    /// The stream's `p` or `log_sigma`; 0 for none.
    shape: f64,
    /// All parameters but those that are searched: the row holds for no others.
    parameters: Map<String, Value>,
    standardise: Option<(f64, f64)>,
    /// Pairs of run length and value of the tuning parameter, in ascending order.
    values: Vec<(f64, f64)>,
}

static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| serde_json::from_str(include_str!("tables.json")).unwrap_or_default());

/// The value of the tuning parameter, where the tables know it.
pub(super) fn found(
    frame: &Frame,
    null: Null,
    told: &(Map<String, Value>, Options),
    every: f64,
) -> Option<f64> {
    let shape = match null {
        Null::Normal => 0.0,
        Null::Bernoulli { p } => p,
        Null::LogNormal { sigma } => sigma,
    };
    let (_, options) = told;
    let axis = frame.axis;
    let mut searched = Map::new();
    frame.set(&mut searched, axis.value(0.5));
    let prototype = frame.detector(told, axis.value(0.5)).ok()?;
    let mut parameters = prototype.parameters();
    parameters.retain(|name, _| !searched.contains_key(name));
    let standardise = options.standardise.filter(|pair| *pair != (0.0, 1.0));
    let row = ROWS.iter().find(|row| {
        row.detector == frame.name
            && (row.stream.as_str(), row.shape) == (null.name(), shape)
            && options.on_drift == OnDrift::Reset
            && row.standardise == standardise
            && row.parameters == parameters
    })?;
    let pairs = row.values.iter();
    let levels = Levels::new(pairs.map(|&(every, value)| (every, axis.magnitude(value))));
    let magnitude = levels.at(every)?;
    Some(axis.with_magnitude(magnitude))
}
