//! What was predicted, or true.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::config::Learned;
use crate::event::Value;

/// What was predicted, or true: a number or a text. `true` is 1, as in Python.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
}

impl Answer {
    /// Of a value of the metadata, and what it looks like: whole numbers, bools and texts
    /// like classes, floats like numbers. `None` for anything else, and what is not finite.
    pub(super) fn of(value: &Value) -> Option<(Self, Learned)> {
        match value {
            Value::Str(text) => Some((Self::Text(text.as_str().into()), Learned::Classes)),
            Value::Float(number) => Self::number(*number).map(|own| (own, Learned::Numbers)),
            other => {
                let own = Self::number(other.as_f64()?)?;
                Some((own, Learned::Classes))
            }
        }
    }

    /// `None` for what is not finite.
    pub fn number(value: f64) -> Option<Self> {
        // One zero.
        value.is_finite().then_some(Self::Number(value + 0.0))
    }
}

/// Numbers before texts.
impl Ord for Answer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Answer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Answer {}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}
