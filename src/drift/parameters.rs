//! From configuration to a validated test: one path for Python, files, code.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The parameters of a test: a serde struct with defaults for every field.
pub trait Parameters: Serialize + DeserializeOwned + Default {
    /// Checks what types alone do not.
    ///
    /// # Errors
    /// `InvalidValue` that names the parameter.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The parameters as a JSON object.
    fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// Builds and validates parameters from a JSON object; what is not there
    /// has its default.
    ///
    /// # Errors
    /// `InvalidValue` for an unknown name or a value out of range,
    /// `InvalidType` for a value of a wrong type; both name the parameter.
    fn from_map(owner: &str, map: &Map<String, Value>) -> Result<Self> {
        let defaults = Self::default().to_map();
        for (key, value) in map {
            if !defaults.contains_key(key) {
                let known: Vec<&str> = defaults.keys().map(String::as_str).collect();
                return Err(unknown(
                    owner.to_owned(),
                    &format!("parameter \"{key}\""),
                    key,
                    &known,
                ));
            }
            // Alone, so that serde's message is known to be about this one.
            let mut single = Map::new();
            single.insert(key.clone(), value.clone());
            serde_json::from_value::<Self>(Value::Object(single))
                .map_err(|error| invalid(key, value, &error.to_string()))?;
        }
        let parameters: Self = serde_json::from_value(Value::Object(map.clone()))
            .map_err(|error| Error::invalid_value(owner.to_owned(), error, "valid parameters"))?;
        parameters.validate()?;
        Ok(parameters)
    }
}

/// An error about a name that is not among `known`, with the nearest one.
pub(crate) fn unknown(argument: String, got: &str, name: &str, known: &[&str]) -> Error {
    let mut allowed = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    let name = name.to_lowercase();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, candidate), *candidate))
        .min()
        .filter(|&(distance, candidate)| distance <= 1 + candidate.len() / 3);
    if let Some((_, candidate)) = nearest {
        allowed.push_str(&format!(". Did you mean \"{candidate}\"?"));
    }
    Error::invalid_value(argument, got, allowed)
}

/// serde's "unknown variant `x`, expected `a` or `b`" in our words.
fn invalid(key: &str, value: &Value, message: &str) -> Error {
    let allowed = message
        .split_once("expected ")
        .map_or(message, |(_, allowed)| allowed);
    if message.starts_with("unknown variant") {
        let known: Vec<&str> = allowed.split('`').skip(1).step_by(2).collect();
        return unknown(
            key.to_owned(),
            &value.to_string(),
            value.as_str().unwrap_or(""),
            &known,
        );
    }
    let allowed = match allowed {
        "usize" => "a non-negative integer",
        "a string" | "string or map" => "a string",
        other => other,
    };
    if message.starts_with("invalid type") {
        Error::invalid_type(key.to_owned(), value, allowed.to_owned())
    } else {
        Error::invalid_value(key.to_owned(), value, allowed.to_owned())
    }
}
