//! The words of a message.

use super::{Action, Alert, Incident};

/// The most features that a line names.
const NAMED: usize = 20;

impl Alert {
    /// What is said of an incident: its line, which says itself that it is resolved,
    /// and not that it is nothing new.
    pub(crate) fn told(&self, line: &str) -> String {
        match self.action {
            Action::Remind => format!("still open: {line}"),
            Action::Open | Action::Resolve => line.to_owned(),
        }
    }

    /// The model as it is written, or that there is none.
    pub(crate) fn model_name(&self) -> String {
        let name = self.model.as_ref().map(ToString::to_string);
        name.unwrap_or_else(|| "no model".to_owned())
    }
}

impl Incident {
    /// The feature, or that there is none.
    pub(crate) fn feature_name(&self) -> &str {
        self.feature.as_deref().unwrap_or("no feature")
    }
}

impl Action {
    /// The word that a message begins with.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Remind => "Still open",
            Self::Resolve => "Resolved",
        }
    }
}

/// The first names of `count`, and how many more there are.
pub(crate) fn listed<'a>(
    between: &str,
    names: impl Iterator<Item = &'a str>,
    count: usize,
) -> String {
    let first: Vec<&str> = names.take(NAMED).collect();
    let list = first.join(between);
    match count.saturating_sub(NAMED) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// At most so many characters of a text, with dots where some are missing.
pub(crate) fn at_most(characters: usize, text: &str) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(characters.saturating_sub(3));
            format!("{}...", &text[..end.map_or(0, |(end, _)| end)])
        }
    }
}
