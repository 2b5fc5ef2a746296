//! Detectors as JSON: versioned, sealed with a checksum.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::definition::{Direction, Signal};
use super::options::Options;
use crate::error::{Error, Result};

/// The version that is written.
pub(super) const FORMAT: u64 = 1;

/// The key of the checksum.
const CHECKSUM: &str = "checksum";

/// The most values that a state can have seen: counts beyond it are no exact numbers.
pub(super) const MOST_VALUES: u64 = 1 << 53;

/// What a stored detector consists of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {
    pub(super) format: u64,
    pub(super) detector: String,
    pub(super) parameters: Map<String, Value>,
    pub(super) options: Options,
    pub(super) signal: Signal,
    pub(super) ended: bool,
    pub(super) direction: Option<Direction>,
    pub(super) n_samples: u64,
    pub(super) n_missing: u64,
    pub(super) n_detections: u64,
    pub(super) recent: Vec<f64>,
    /// What the method remembers.
    pub(super) memory: Value,
}

/// An error about a state that cannot be read.
pub(super) fn damaged(why: &str) -> Error {
    Error::invalid_value(
        "state",
        why.to_owned(),
        "the state of a detector, as it was written",
    )
}

fn checksum(state: &Value) -> String {
    let digest = Sha256::digest(state.to_string());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A snapshot with its checksum.
pub(super) fn sealed<T: Serialize>(snapshot: &T) -> Value {
    let mut value = serde_json::to_value(snapshot).unwrap_or_default();
    let checksum = checksum(&value);
    if let Some(map) = value.as_object_mut() {
        map.insert(CHECKSUM.to_owned(), checksum.into());
    }
    value
}

/// The snapshot, if nothing about it was changed.
///
/// # Errors
/// `InvalidValue` for anything but what [`sealed`] made, and for a later format.
pub(super) fn opened<T: DeserializeOwned>(mut value: Value) -> Result<T> {
    let Some(map) = value.as_object_mut() else {
        return Err(damaged("no JSON object"));
    };
    match map.get("format").and_then(Value::as_u64) {
        Some(FORMAT) => {}
        Some(format) => {
            return Err(Error::invalid_value(
                "state",
                format!("format {format}"),
                format!("format {FORMAT}: a later version of driftline wrote this"),
            ));
        }
        None => return Err(damaged("no format")),
    }
    let stored = map.remove(CHECKSUM);
    if stored.as_ref().and_then(Value::as_str) != Some(&checksum(&value)) {
        return Err(damaged("a wrong checksum: it is damaged"));
    }
    serde_json::from_value(value).map_err(|error| damaged(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::sealed;
    use crate::stream::{self, Input, Options};

    /// Every place in a value, as JSON pointers.
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    places(inner, &format!("{at}/{key}"), found);
                }
            }
            Value::Array(values) => {
                for (index, inner) in values.iter().enumerate().take(3) {
                    places(inner, &format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }

    fn values(input: Input) -> Vec<f64> {
        let normal = |i: u32| f64::from(i * i % 101) / 10.0 + if i > 200 { 30.0 } else { 0.0 };
        let rare = |i: u32| f64::from(i * i % 7 == if i > 200 { 4 } else { 9 });
        let value = |i: u32| match input {
            Input::Real => normal(i),
            Input::Count => normal(i).floor(),
            Input::Binary | Input::Unit => rare(i),
        };
        (0..400).map(value).collect()
    }

    #[test]
    fn a_forged_state_harms_nobody() {
        for name in stream::available() {
            let mut detector = stream::get(name, &Default::default(), Options::default()).unwrap();
            let values = values(detector.input());
            detector.update_many(&values[..250]).unwrap();
            let state = detector.state();
            let mut found = Vec::new();
            places(&state["memory"], "/memory", &mut found);
            let forgeries = [
                json!(null),
                json!(0),
                json!(1),
                json!(-1),
                json!(3),
                json!(1e300),
                json!(-1e300),
                json!(0.5),
                json!(1_u64 << 40),
                json!([]),
                json!(vec![1e300; 7]),
                json!(["x"]),
                json!({}),
            ];
            for place in found {
                for forgery in &forgeries {
                    let mut forged = state.clone();
                    forged.as_object_mut().unwrap().remove("checksum");
                    *forged.pointer_mut(&place).unwrap() = forgery.clone();
                    let Ok(snapshot) =
                        serde_json::from_value::<crate::stream::state::Snapshot>(forged)
                    else {
                        continue;
                    };
                    // What is not refused goes on without a panic.
                    if let Ok(mut detector) = stream::from_state(sealed(&snapshot)) {
                        detector.update_many(&values).unwrap();
                        let _ = (detector.statistic(), detector.limit(), detector.state());
                    }
                }
            }
        }
    }
}
