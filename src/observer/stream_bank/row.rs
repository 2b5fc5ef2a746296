//! The row that an event has in its metadata.

use std::sync::Arc;

use super::config::StreamBankConfig;
use crate::drift::NanPolicy;
use crate::event::{Event, Metadata, Value};

/// What an event has where its row is looked for.
#[derive(Debug)]
pub(super) enum Row {
    /// Nothing.
    Missing,
    /// A value for each feature; NaN where it is missing.
    Values(Vec<f64>),
    /// What is no row of the bank: what is wrong with it.
    Wrong(String),
}

impl StreamBankConfig {
    /// The row of an event.
    pub(super) fn row_of(&self, event: &Event) -> Row {
        let row = match (event.field(&self.field), &self.features) {
            (None | Some(Value::Null), _) => Row::Missing,
            (Some(Value::Array(values)), _) => self.listed(values),
            (Some(Value::Object(map)), Some(names)) => self.named(map, names),
            (Some(other), _) => Row::Wrong(self.under(described(other))),
        };
        let raises = self.bank.options().nan_policy == NanPolicy::Raise;
        match row {
            Row::Missing if raises => Row::Wrong(self.under("nothing".to_owned())),
            row => row,
        }
    }

    fn listed(&self, values: &[Value]) -> Row {
        if values.len() != self.bank.n_features() {
            return Row::Wrong(self.under(format!("{} values", values.len())));
        }
        let numbers = values.iter().enumerate();
        let numbers = numbers.map(|(feature, value)| self.number(value, feature));
        collected(numbers)
    }

    /// Names that are not there are missing, others are left alone; but a mapping with none
    /// of the names is of something else.
    fn named(&self, map: &Metadata, names: &[Arc<str>]) -> Row {
        if map.is_empty() {
            return Row::Missing;
        }
        if !names.iter().any(|name| map.contains_key(&**name)) {
            return Row::Wrong(self.under("a mapping with none of the features".to_owned()));
        }
        let names = names.iter().enumerate();
        let numbers = names.map(|(feature, name)| match map.get(&**name) {
            Some(value) => self.number(value, feature),
            None => Ok(f64::NAN),
        });
        collected(numbers)
    }

    fn number(&self, value: &Value, feature: usize) -> Result<f64, String> {
        match value {
            Value::Null => Ok(f64::NAN),
            value => value.as_f64().ok_or_else(|| {
                let name = self.name_of(feature);
                self.under(format!("{} as feature {name:?}", described(value)))
            }),
        }
    }

    fn under(&self, what: String) -> String {
        format!("{what} under {:?}", self.field)
    }

    /// What is accepted as a row.
    pub(super) fn allowed(&self) -> String {
        let n = self.bank.n_features();
        let mapping = match self.features {
            Some(_) => ", or a mapping from feature to number",
            None => "",
        };
        let missing = match self.bank.options().nan_policy {
            NanPolicy::Omit => ", None where it is missing",
            NanPolicy::Raise => "",
        };
        format!("a list with a number for each of {n} features{missing}{mapping}")
    }
}

fn collected(numbers: impl Iterator<Item = Result<f64, String>>) -> Row {
    numbers
        .collect::<Result<Vec<_>, _>>()
        .map_or_else(Row::Wrong, Row::Values)
}

fn described(value: &Value) -> String {
    const LONGEST: usize = 40;
    match value {
        Value::Str(text) => match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("the text {:?}...", text.get(..end).unwrap_or_default()),
            None => format!("the text {text:?}"),
        },
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number".to_owned(),
    }
}
