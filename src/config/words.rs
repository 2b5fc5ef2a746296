//! The words of mistakes: what is accepted, and what was probably meant.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use super::node::{Node, Value};
use super::number::decimal;
use super::schema::{ROOT, SEVERITIES, Section, Sort};

/// What a document is.
pub(super) const ROOT_ALLOWED: &str = "a mapping with keys such as hub, monitors, alerts";

/// What a secret is given as.
pub(super) const SECRET: &str = "{env: NAME}, the name of an environment variable that holds it \
                      (secrets do not belong into set-ups)";

impl Sort {
    /// Whether a value of this sort is what the node could have been meant as.
    pub(super) fn fits(&self, node: &Node) -> bool {
        matches!(
            (self, &node.value),
            (Self::Text | Self::Word(_) | Self::Url, Value::Text(_))
                | (Self::Flag, Value::Bool(_))
                | (Self::Whole(..), Value::Integer(..))
                | (Self::Number(..), Value::Integer(..) | Value::Float(..))
                | (Self::List(..) | Self::Tuple(_), Value::List(_))
                | (
                    Self::Map(_) | Self::Section(_) | Self::Choice(..) | Self::Secret | Self::Url,
                    Value::Mapping(_)
                )
        )
    }

    /// Whether text in its place may be shown.
    pub(super) fn shows(&self) -> bool {
        match self {
            Self::Text | Self::Flag | Self::Whole(..) | Self::Number(..) => true,
            Self::Word(_) | Self::Severity => true,
            Self::Either(sorts) => sorts.iter().all(Self::shows),
            _ => false,
        }
    }

    /// So many of a sort.
    pub(super) fn counted(sort: &Sort, least: usize, most: usize) -> String {
        let of = match sort {
            Self::Text => "texts",
            Self::Number(..) => "numbers",
            Self::Section(_) | Self::Choice(..) | Self::Secret => "mappings",
            _ => "items",
        };
        match (least, most) {
            (0, _) => format!("a list of {of}"),
            (_, usize::MAX) => format!("a list of {least} {of} or more"),
            _ => format!("a list of {least} to {most} {of}"),
        }
    }

    /// Whether it is the names of these sections.
    fn is_of(&self, sections: &[&Section]) -> bool {
        let names = sections.iter().map(|section| section.name);
        matches!(self, Self::Word(words) if words.iter().copied().eq(names))
    }

    /// What is accepted, in words.
    pub(super) fn allowed(&self) -> String {
        match self {
            Self::Text => "text that is not empty".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Whole(least, most) if least == most => least.to_string(),
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Number(least, most) => between(least, most),
            Self::Word(words) => listed(words),
            Self::Severity => "trace, debug, info, warning, error or critical".to_owned(),
            Self::List(sort, least, most) => Self::counted(sort, *least, *most),
            Self::Tuple(parts) => {
                let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
                format!("a list [{}]", names.join(", "))
            }
            Self::Map(_) => "a mapping that is not empty".to_owned(),
            Self::Section(section) if std::ptr::eq(*section, &ROOT) => ROOT_ALLOWED.to_owned(),
            Self::Section(section) => {
                let names: Vec<&str> = section.fields.iter().map(|field| field.name).collect();
                format!("a mapping with the keys {}", listed(&names))
            }
            Self::Choice(tag, sections) => {
                let names: Vec<&str> = sections.iter().map(|section| section.name).collect();
                format!("a mapping with {tag}: {}", listed(&names))
            }
            Self::Secret => SECRET.to_owned(),
            Self::Url => {
                "a URL that begins with https:// or http://, or {env: NAME}, the name of an \
                 environment variable that holds it"
                    .to_owned()
            }
            Self::Either(sorts) => {
                let all = sorts.iter().map(|sort| match sort {
                    // So many names are not told twice.
                    Self::Choice(tag, sections)
                        if sorts.iter().any(|sort| sort.is_of(sections)) =>
                    {
                        format!("a mapping whose {tag} is one of them")
                    }
                    sort => sort.allowed(),
                });
                all.collect::<Vec<_>>().join(", or ")
            }
        }
    }
}

fn between(least: &Bound<f64>, most: &Bound<f64>) -> String {
    match (least, most) {
        (Unbounded, Unbounded) => "a number".to_owned(),
        (Excluded(least), _) if least.is_infinite() => "a finite number".to_owned(),
        (Excluded(least), Excluded(most)) => {
            format!("a number between {least} and {most}, both excluded")
        }
        _ => {
            let from = match least {
                Included(least) => format!(" from {least}"),
                Excluded(least) => format!(" above {least}"),
                Unbounded => String::new(),
            };
            let to = match (least, most) {
                (Excluded(_), Included(most)) => format!(" and at most {most}"),
                (_, Included(most)) => format!(" to {most}"),
                (_, Excluded(most)) => format!(" below {most}"),
                (_, Unbounded) => String::new(),
            };
            format!("a number{from}{to}")
        }
    }
}

/// What was probably meant.
pub(super) fn hint(node: &Node, sort: &Sort) -> String {
    let takes_text = |sort: &Sort| matches!(sort, Sort::Text | Sort::Word(_));
    let takes_numbers = |sort: &Sort| matches!(sort, Sort::Whole(..) | Sort::Number(..));
    let (text, numbers) = match sort {
        Sort::Either(sorts) => (
            sorts.iter().any(takes_text),
            sorts.iter().any(takes_numbers),
        ),
        sort => (takes_text(sort), takes_numbers(sort)),
    };
    match &node.value {
        Value::Integer(..) | Value::Float(..) | Value::Bool(_) if text => {
            format!("; quote it: \"{}\"", node.shown())
        }
        Value::Text(given) if numbers && !text && decimal(given.trim()).is_some() => {
            format!("; write it without quotes: {}", given.trim())
        }
        Value::Text(given) if matches!(sort, Sort::Flag) => {
            match given.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => "; did you mean true?".to_owned(),
                "no" | "off" | "n" | "false" => "; did you mean false?".to_owned(),
                _ => String::new(),
            }
        }
        Value::Text(given) => match sort {
            Sort::Word(words) => did_you_mean(given, words),
            Sort::Severity => did_you_mean(given, &SEVERITIES),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

pub(super) fn did_you_mean(given: &str, known: &[&str]) -> String {
    nearest(given, known).map_or_else(String::new, |meant| format!("; did you mean '{meant}'?"))
}

/// The word that was probably meant.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 100; // the distance costs as much as the product of both lengths
    if given.len() > LONGEST {
        return None;
    }
    let given = given.to_lowercase();
    let distances = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&given, known), *known));
    let (_, meant) = distances
        .min()
        .filter(|&(distance, known)| distance <= 1 + known.len() / 3)?;
    Some(meant)
}

/// `a, b or c`.
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}
