//! Events as JSON, strict and without loss.
//!
//! JSON has no NaN and no infinities. As `value` or `p_value` they are written
//! as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`; within `metadata`,
//! where a string is a string, as `{"$float": "NaN"}`. So that no mapping of
//! the user's can be mistaken for that, a metadata key that begins with `$` is
//! written with one more `$`. Timestamps are RFC 3339 in UTC with nine
//! decimals. Unset fields are `null`, unknown ones are refused.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};

use super::{Event, Kind, MAX_DEPTH, Metadata, ModelId, Severity, Timestamp, Value};
use crate::error::{Error, Result};

const FLOAT_KEY: &str = "$float";

impl Event {
    /// The event as one line of JSON.
    ///
    /// NaN and infinite values are written as the strings `"NaN"`,
    /// `"Infinity"`, `"-Infinity"` (in metadata as `{"$float": "NaN"}`; there
    /// a key that begins with `$` gets one more `$`).
    pub fn to_json(&self) -> String {
        // A string as the target cannot fail, and neither do our types.
        serde_json::to_string(&Document::from(self)).unwrap_or_default()
    }

    /// Reads what [`Event::to_json`] writes.
    ///
    /// # Errors
    /// `InvalidValue` that names the place for text that is not JSON, unknown
    /// or duplicated fields, and values that are not accepted.
    pub fn from_json(text: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            Error::invalid_value("json", error, "an event as Event.to_json() writes it")
        })?;
        document.try_into()
    }
}

/// Metadata as JSON, encoded like the events'.
pub(crate) fn metadata_json(map: &Metadata) -> String {
    serde_json::to_string(&Written(&Value::Object(map.clone()))).unwrap_or_default()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    kind: String,
    #[serde(default)]
    value: Option<Number>,
    #[serde(default)]
    p_value: Option<Number>,
    #[serde(default)]
    model: Option<Model>,
    #[serde(default)]
    feature: Option<Arc<str>>,
    #[serde(default)]
    id: Option<Arc<str>>,
    #[serde(default)]
    severity: Option<String>,
    timestamp: String,
    #[serde(default)]
    source: Option<Arc<str>>,
    #[serde(default)]
    metadata: Option<Object>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    name: String,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    deployed_at: Option<String>,
}

impl From<&Event> for Document {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.kind.as_str().to_owned(),
            value: event.value.map(Number),
            p_value: event.p_value.map(Number),
            model: event.model.as_ref().map(|model| Model {
                name: model.name().to_owned(),
                version: model.version().map(str::to_owned),
                deployed_at: model.deployed_at().map(|time| time.to_string()),
            }),
            feature: event.feature.clone(),
            id: event.id.clone(),
            severity: Some(event.severity.as_str().to_owned()),
            timestamp: event.timestamp.to_string(),
            source: event.source.clone(),
            metadata: Some(Object(
                event.metadata.as_deref().cloned().unwrap_or_default(),
            )),
        }
    }
}

impl TryFrom<Document> for Event {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let kind = Kind::parse(&document.kind)?;
        let timestamp: Timestamp = document.timestamp.parse()?;
        let mut event = Event::at(kind, document.value.map(|n| n.0), timestamp);
        event.p_value = document.p_value.map(|n| n.0);
        if let Some(model) = document.model {
            let deployed_at = model.deployed_at.map(|text| text.parse()).transpose()?;
            event.model = Some(ModelId::new(
                &model.name,
                model.version.as_deref(),
                deployed_at,
            )?);
        }
        event.feature = document.feature;
        event.id = document.id;
        if let Some(severity) = document.severity {
            event.severity = Severity::parse(&severity)?;
        }
        event.source = document.source;
        event.metadata = document
            .metadata
            .map(|object| object.0)
            .filter(|m| !m.is_empty())
            .map(Arc::new);
        Ok(event)
    }
}

/// The names of the floats that JSON lacks.
fn name_of(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

fn named(name: &str) -> Option<f64> {
    match name {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float at the top level of an event.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match name_of(self.0) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> std::result::Result<Number, E> {
                Ok(Number(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> std::result::Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> std::result::Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Number, E> {
                named(text)
                    .map(Number)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// Metadata on its way to or from JSON.
struct Object(Metadata);

struct Written<'a>(&'a Value);

fn write_object<S: Serializer>(
    map: &Metadata,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_map(Some(map.len()))?;
    for (key, value) in map {
        if key.starts_with('$') {
            out.serialize_entry(&format!("${key}"), &Written(value))?;
        } else {
            out.serialize_entry(key, &Written(value))?;
        }
    }
    out.end()
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        write_object(&self.0, serializer)
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::UInt(value) => serializer.serialize_u64(*value),
            Value::Float(value) => match name_of(*value) {
                Some(name) => {
                    let mut out = serializer.serialize_map(Some(1))?;
                    out.serialize_entry(FLOAT_KEY, name)?;
                    out.end()
                }
                None => serializer.serialize_f64(*value),
            },
            Value::Str(value) => serializer.serialize_str(value),
            Value::Array(values) => {
                let mut out = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    out.serialize_element(&Written(value))?;
                }
                out.end()
            }
            Value::Object(map) => write_object(map, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match deserializer.deserialize_any(ValueVisitor { depth: 0 })? {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(de::Error::custom("metadata must be a mapping")),
        }
    }
}

#[derive(Clone, Copy)]
struct ValueVisitor {
    depth: usize,
}

impl ValueVisitor {
    fn inner<E: de::Error>(self) -> std::result::Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("metadata nests deeper than {MAX_DEPTH}")));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> de::DeserializeSeed<'de> for ValueVisitor {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: de::Error>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::Int(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Value::Float(value))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::Str(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut map = Metadata::new();
        let mut float = None;
        while let Some(key) = access.next_key::<String>()? {
            if key == FLOAT_KEY {
                let name: String = access.next_value()?;
                float = Some(named(&name).ok_or_else(|| {
                    de::Error::invalid_value(de::Unexpected::Str(&name), &"the name of a float")
                })?);
                continue;
            }
            let plain = match key.strip_prefix('$') {
                None => key,
                Some(rest) if rest.starts_with('$') => rest.to_owned(),
                Some(_) => return Err(de::Error::custom(format!("unknown marker {key:?}"))),
            };
            let value = access.next_value_seed(inner)?;
            if map.insert(plain.clone(), value).is_some() {
                return Err(de::Error::custom(format!("duplicate key {plain:?}")));
            }
        }
        match float {
            Some(value) if map.is_empty() && self.depth > 0 => Ok(Value::Float(value)),
            Some(_) => Err(de::Error::custom("\"$float\" beside other keys")),
            None => Ok(Value::Object(map)),
        }
    }
}
